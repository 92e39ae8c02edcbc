"""What a rate can be when some claims were left open: the ends, and an interval that covers the rate between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from halueval.statistics.arguments import Counts, checked_counts, checked_level, checked_vector
from halueval.statistics.guarded import PRIOR_ICC, PRIOR_WEIGHT, Guarded, guarded_korn_graubard
from halueval.statistics.ratios import linearised_variance

__all__ = [
    "IdentificationBounds",
    "ImbensManski",
    "WorstAndBestCase",
    "imbens_manski",
    "partial_identification_bounds",
    "worst_and_best_case",
]


@dataclass(frozen=True, slots=True)
class IdentificationBounds:
    """The rate with every open claim good and with every open claim bad, and the standard errors of both."""

    lower: float | None
    upper: float | None
    se_lower: float | None
    se_upper: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImbensManski:
    """An interval for the rate itself, not for the whole range it may lie in; ``c`` is its critical value."""

    low: float
    high: float
    c: float | None


@dataclass(frozen=True, slots=True)
class WorstAndBestCase:
    """The rate with all open claims good and all bad, each with its default interval.

    ``low`` and ``high`` are Imbens and Manski's interval for the rate itself, between the two or at either.
    """

    lower: Guarded
    upper: Guarded
    low: float | None
    high: float | None
    c: float | None
    reason: str = ""


def partial_identification_bounds(bad: Counts, open_claims: Counts, claims: Counts) -> IdentificationBounds:
    """The two ends of a rate when open claims (undecided, failed) stay in the denominator.

    Parameters
    ----------
    bad, open_claims, claims : sequence of float
        One entry per answer; ``claims`` holds all of them, bad, good and open.

    Returns
    -------
    IdentificationBounds
        None without claims ("no_claims"); no standard errors for fewer than two answers ("fewer_than_two_answers").

    Notes
    -----
    Σ bad / Σ claims and Σ (bad + open) / Σ claims, linearised standard errors. Manski, Am Econ Rev 80:319 (1990).

    Examples
    --------
    >>> found = partial_identification_bounds([1, 0, 3, 0, 2], [1, 2, 0, 0, 1], [12, 8, 15, 4, 11])
    >>> found.lower, found.upper
    (0.12, 0.2)
    """
    checked_counts(bad, claims)
    some, rest = checked_vector("bad", bad), checked_vector("open_claims", open_claims)
    if len(some) != len(rest):
        raise ValueError(f"open_claims has {len(rest)} entries and bad {len(some)}; wanted: one of each per answer")
    most, m = checked_counts(some + rest, claims, ("bad + open_claims", "claims"))
    y = some[checked_vector("claims", claims) > 0]
    if not len(m):
        return IdentificationBounds(None, None, None, None, "no_claims")
    total = float(m.sum())
    lower, upper = float(y.sum()) / total, float(most.sum()) / total
    if len(m) < 2:
        return IdentificationBounds(lower, upper, None, None, "fewer_than_two_answers")
    return IdentificationBounds(
        lower, upper, math.sqrt(linearised_variance(y, m)), math.sqrt(linearised_variance(most, m))
    )


def imbens_manski(lower: float, upper: float, se_lower: float, se_upper: float, *, level: float = 0.95) -> ImbensManski:
    """An interval that covers the rate, wherever between its ends it lies, with the level asked for.

    With both standard errors 0 it is [lower, upper] and ``c`` is None. Standard errors of 0 that come from no events at
    all say nothing: take the limits of the default interval at both ends then.

    Notes
    -----
    c solves Φ(c + width / max(se)) - Φ(-c) = level. Imbens and Manski, Econometrica 72:1845 (2004).

    Examples
    --------
    >>> found = imbens_manski(0.08, 0.15, 0.012, 0.016)
    >>> print(f"[{found.low:.4f}, {found.high:.4f}]")
    [0.0603, 0.1763]
    """
    checked_level(level)
    if not 0 <= lower <= upper <= 1:
        raise ValueError(f"lower is {lower} and upper {upper}; wanted: 0 <= lower <= upper <= 1")
    if not (0 <= se_lower < math.inf and 0 <= se_upper < math.inf):
        raise ValueError(f"se_lower is {se_lower} and se_upper {se_upper}; wanted: finite numbers of at least 0")
    widest = max(se_lower, se_upper)
    if widest == 0:
        return ImbensManski(lower, upper, None)
    width = (upper - lower) / widest
    # the left side grows with c, from below the level at the one-sided quantile to above it at the two-sided one
    below, above = float(ndtri(level)), float(ndtri((1 + level) / 2))
    for _ in range(80):
        c = (below + above) / 2
        if ndtr(c + width) - ndtr(-c) < level:
            below = c
        else:
            above = c
    c = (below + above) / 2
    return ImbensManski(max(0.0, lower - c * se_lower), min(1.0, upper + c * se_upper), c)


def worst_and_best_case(
    bad: Counts,
    open_claims: Counts,
    claims: Counts,
    *,
    level: float = 0.95,
    prior_icc: float = PRIOR_ICC,
    prior_weight: float = PRIOR_WEIGHT,
) -> WorstAndBestCase:
    """The rate if every open claim were good and if every one were bad, with intervals that hold at no events too.

    Parameters
    ----------
    bad, open_claims, claims : sequence of float
        One entry per answer; ``claims`` holds all of them, bad, good and open (undecided, failed).
    level, prior_icc, prior_weight
        As for :func:`halueval.statistics.guarded_korn_graubard`.

    Returns
    -------
    WorstAndBestCase
        Without claims ("no_claims") nothing is defined; with one answer ("fewer_than_two_answers") no limits are.
        Without open claims ``low`` and ``high`` are the default interval; they never reach beyond the default limits of
        the two ends.

    Notes
    -----
    Imbens and Manski's interval with the default interval's half widths, below the lower end and above the upper, over
    z in place of the standard errors, which are 0 without events.

    Examples
    --------
    >>> found = worst_and_best_case([1, 0, 3, 0, 2], [1, 2, 0, 0, 1], [12, 8, 15, 4, 11])
    >>> print(f"{found.lower.rate:.2f} to {found.upper.rate:.2f}, [{found.low:.3f}, {found.high:.3f}]")
    0.12 to 0.20, [0.021, 0.455]
    """
    partial_identification_bounds(bad, open_claims, claims)
    y, rest = checked_vector("bad", bad), checked_vector("open_claims", open_claims)
    lower, upper = (
        guarded_korn_graubard(values, claims, level=level, prior_icc=prior_icc, prior_weight=prior_weight)
        for values in (y, y + rest)
    )
    first, last, low, high = lower.rate, upper.rate, lower.low, upper.high
    if first is None or last is None or low is None or high is None:
        return WorstAndBestCase(lower, upper, None, None, None, lower.reason)
    z = float(ndtri((1 + level) / 2))
    last = max(first, last)
    found = imbens_manski(first, last, max(0.0, first - low) / z, max(0.0, high - last) / z, level=level)
    return WorstAndBestCase(lower, upper, found.low, found.high, found.c)
