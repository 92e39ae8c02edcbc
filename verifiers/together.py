"""Many claims asked about at once, and those of several responses one response at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from halueval.chat.loop import run_all
from halueval.records import ClaimWithEvidence, Outcome

__all__ = ["by_response", "together"]

T = TypeVar("T")


async def together(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order; where one raises, the others are stopped and waited for, so that nothing more is paid for.

    Examples
    --------
    >>> async def double(n):
    ...     return 2 * n
    >>> asyncio.run(together(double(n) for n in (1, 2, 3)))
    [2, 4, 6]
    """
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def by_response(
    averify: Callable[[Sequence[ClaimWithEvidence]], Coroutine[Any, Any, list[Outcome]]],
    items: Sequence[ClaimWithEvidence],
) -> list[Outcome]:
    """What a coroutine verifier says of items of any responses, in order: it is given those of one response at a time.

    Waits; not for an event loop.
    """
    places: dict[str, list[int]] = {}
    for i, item in enumerate(items):
        places.setdefault(item.claim.response_id, []).append(i)
    given = run_all(averify, [[items[i] for i in several] for several in places.values()])
    outcomes: dict[int, Outcome] = {}
    for several, said in zip(places.values(), given, strict=True):
        outcomes.update(zip(several, said, strict=True))
    return [outcomes[i] for i in range(len(items))]
