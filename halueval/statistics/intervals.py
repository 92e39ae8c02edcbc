"""Intervals for independent units: answers with any bad claim, labelled claims. Not for clustered claims."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import betaincinv, ndtri

from halueval.statistics.arguments import checked_level

__all__ = [
    "Interval",
    "ZeroEventBound",
    "beta_limits",
    "clopper_pearson",
    "units_for_zero_event_bound",
    "wilson",
    "zero_event_upper_bound",
]


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its limits, or None with the reason."""

    estimate: float | None
    low: float | None
    high: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ZeroEventBound:
    """How large a share may still be after none was seen in n units."""

    rule_of_three: float | None
    exact_one_sided: float | None
    exact_two_sided: float | None
    reason: str = ""


def wilson(x: float, n: float, *, level: float = 0.95) -> Interval:
    """Wilson's score interval without continuity correction; ``x`` and ``n`` need not be whole.

    Returns
    -------
    Interval
        Exactly 0 below at ``x == 0`` and exactly 1 above at ``x == n``; None for ``n == 0`` ("no_observations").

    Notes
    -----
    Wilson, J Am Stat Assoc 22:209 (1927).

    Examples
    --------
    >>> found = wilson(0, 20)
    >>> found.low, round(found.high, 4)
    (0.0, 0.1611)
    """
    _check(x, n)
    z = float(ndtri((1 + checked_level(level)) / 2))
    if n == 0:
        return Interval(None, None, None, "no_observations")
    share = x / n
    centre = (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(max(0.0, x * (1 - share) + z * z / 4))
    low = 0.0 if x == 0 else max(0.0, centre - half)
    return Interval(share, low, 1.0 if x == n else min(1.0, centre + half))


def clopper_pearson(x: float, n: float, *, level: float = 0.95) -> Interval:
    """The exact binomial interval, half of the error on each side also at 0 and n.

    Returns
    -------
    Interval
        None for ``n == 0`` ("no_observations").

    Notes
    -----
    Clopper and Pearson, Biometrika 26:404 (1934).

    Examples
    --------
    >>> print("[{0.low:.4f}, {0.high:.4f}]".format(clopper_pearson(3, 50)))
    [0.0125, 0.1655]
    """
    _check(x, n)
    checked_level(level)
    if n == 0:
        return Interval(None, None, None, "no_observations")
    return Interval(x / n, *beta_limits(x, n, level))


def beta_limits(x: float, n: float, level: float) -> tuple[float, float]:
    """Clopper-Pearson limits from Beta quantiles for any 0 ≤ x ≤ n, n > 0, whole or not."""
    tail = (1 - level) / 2
    low = 0.0 if x <= 0 else float(betaincinv(x, n - x + 1, tail))
    high = 1.0 if x >= n else float(betaincinv(x + 1, n - x, 1 - tail))
    return low, high


def zero_event_upper_bound(n: int, *, level: float = 0.95) -> ZeroEventBound:
    """How large the share may still be when none of ``n`` independent units had the event.

    Units are answers (or groups) for "any bad claim", never claims, which are not independent.

    Returns
    -------
    ZeroEventBound
        Rule of three 3/n (at 95 %), exact one-sided and exact two-sided; None for ``n == 0`` ("no_observations").

    Notes
    -----
    Hanley and Lippman-Hand, JAMA 249:1743 (1983).

    Examples
    --------
    >>> zero_event_upper_bound(60).rule_of_three
    0.05
    """
    checked_level(level)
    if n < 0:
        raise ValueError(f"n is {n}; wanted: at least 0")
    if n == 0:
        return ZeroEventBound(None, None, None, "no_observations")
    alpha = 1 - level
    return ZeroEventBound(3 / n, 1 - alpha ** (1 / n), 1 - (alpha / 2) ** (1 / n))


def units_for_zero_event_bound(bound: float, *, level: float = 0.95) -> int:
    """The smallest number of units without an event whose exact one-sided bound is at most ``bound``.

    Notes
    -----
    The smallest n with 1 - (1 - level)^(1/n) ≤ bound. Hanley and Lippman-Hand, JAMA 249:1743 (1983).

    Examples
    --------
    >>> units_for_zero_event_bound(0.01)
    299
    """
    checked_level(level)
    if not 0 < bound < 1:
        raise ValueError(f"bound is {bound}; wanted: a share strictly between 0 and 1")
    return math.ceil(math.log(1 - level) / math.log1p(-bound) - 1e-12)


def _check(x: float, n: float) -> None:
    if not 0 <= n < math.inf:
        raise ValueError(f"n is {n}; wanted: a finite number of at least 0")
    if not 0 <= x <= n:
        raise ValueError(f"x is {x}; wanted: from 0 to n = {n}")
