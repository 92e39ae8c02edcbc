"""What tokens cost, as a provider states it: dollars per million."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from halueval.errors import InputError

__all__ = ["Prices", "prices_of"]


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars per million tokens: of the prompt, of the prompt where the endpoint had kept it, of the reply.

    Examples
    --------
    >>> Prices(2.0, 0.5, 8.0).dollars(1_000_000, 100_000, cached_tokens=400_000)
    2.2
    """

    prompt: float
    cached: float
    completion: float

    def __post_init__(self) -> None:
        if not all(0 <= price < float("inf") for price in (self.prompt, self.cached, self.completion)):
            raise InputError(
                f"prices {self.prompt}, {self.cached}, {self.completion}",
                wanted="dollars per million tokens of prompt, cached prompt and reply, none of them negative",
            )

    def dollars(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0) -> float:
        """What a call cost; ``cached_tokens`` are among those of the prompt."""
        fresh = max(prompt_tokens - cached_tokens, 0)
        kept = prompt_tokens - fresh
        return (self.prompt * fresh + self.cached * kept + self.completion * completion_tokens) / 1_000_000


def prices_of(prices: Prices | Sequence[float] | None) -> Prices | None:
    """Prices from three numbers, or from two: prompt and reply, with no discount for what was kept.

    Raises
    ------
    InputError
        Some other number of them.

    Examples
    --------
    >>> prices_of((2.0, 8.0))
    Prices(prompt=2.0, cached=2.0, completion=8.0)
    """
    if prices is None or isinstance(prices, Prices):
        return prices
    if len(prices) not in (2, 3):
        raise InputError(f"{len(prices)} prices", wanted="two (prompt, reply) or three (prompt, cached prompt, reply)")
    return Prices(float(prices[0]), float(prices[-2]), float(prices[-1]))
