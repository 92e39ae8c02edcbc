"""A number with its interval and everything that a reader needs to doubt it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Estimate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate with its interval.

    ``value`` is None where the rate is undefined, ``low`` and ``high`` where no interval can be given; ``reason`` then
    says why. ``claims`` is the denominator of the rate (claims, or whatever ``per`` names), ``events`` its numerator.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    method: str = ""
    events: float = 0
    claims: int = 0
    groups: int = 0
    per: str = "claims"
    reason: str = ""
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is printed: value, interval, denominators, warnings.

        Examples
        --------
        >>> print(Estimate(0.12, 0.08, 0.17, method="guarded Korn-Graubard", events=12, claims=100, groups=20))
        12.0 % [8.0 %, 17.0 %] (95 %, 12 of 100 claims, 20 groups)
        >>> print(Estimate(None, reason="no checkworthy claims"))
        undefined (no checkworthy claims)
        """
        if self.value is None:
            return f"undefined ({self.reason or 'no data'})"
        if self.low is None or self.high is None:
            interval, level = f"no interval: {self.reason}", ""
        else:
            interval, level = f"[{100 * self.low:.1f} %, {100 * self.high:.1f} %]", f"{100 * self.level:g} %, "
        counts = f"({level}{self.events:g} of {self.claims} {self.per}, {self.groups} groups)"
        return "\n".join([f"{100 * self.value:.1f} % {interval} {counts}", *(f"  warning: {w}" for w in self.warnings)])
