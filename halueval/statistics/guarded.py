"""The default interval: Korn and Graubard's, guarded against what few bad claims cannot show.

With few bad claims the data say little about how alike the claims of one answer are, and intervals that trust the
estimate come out too short. The guard mixes the estimated intraclass correlation with a prior one (0.20, worth five
bad claims) and never lets the design effect fall below what that mixture implies. Measured: see
``docs/decisions/0050-default-interval.md``.

Three forms share it: claims pooled, answers weighted equally, and events per exposure (per answer, per word).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri, stdtrit

from halueval.statistics.arguments import (
    Counts,
    Vector,
    above_zero,
    checked_counts,
    checked_level,
    checked_prior,
    checked_vector,
)
from halueval.statistics.intervals import beta_limits
from halueval.statistics.ratios import icc_anova, linearised_variance

__all__ = [
    "PRIOR_ICC",
    "PRIOR_WEIGHT",
    "GroupMean",
    "GroupValues",
    "Guarded",
    "GuardedRate",
    "group_mean",
    "group_values",
    "guarded",
    "guarded_events_per_exposure",
    "guarded_korn_graubard",
    "guarded_mean_of_answers",
]

PRIOR_ICC = 0.20  # claims of real answers labelled by people: median .34, 10th to 90th percentile .15 to .57
PRIOR_WEIGHT = 5.0  # in bad claims


@dataclass(frozen=True, slots=True)
class Guarded:
    """A share with its guarded interval and everything that went into it.

    ``icc`` and ``deff`` are as estimated (None where undefined), ``rho_tilde`` and ``design_effect`` as used.
    ``n_star`` is the number of independent claims that the data are worth, ``x_star`` of them bad. ``spread`` is the
    variance of a claim's value over that of a yes/no claim with the same mean: 1 unless claims count in part.
    """

    rate: float | None
    low: float | None = None
    high: float | None = None
    icc: float | None = None
    deff: float | None = None
    m_a: float | None = None
    rho_tilde: float | None = None
    design_effect: float | None = None
    n_star: float | None = None
    x_star: float | None = None
    spread: float = 1.0
    answers: int = 0
    claims: float = 0.0
    bad: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GuardedRate:
    """Events per unit of exposure with their guarded interval; ``exposure_star`` is what the exposure is worth."""

    rate: float | None
    low: float | None = None
    high: float | None = None
    design_effect: float | None = None
    exposure_star: float | None = None
    answers: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupMean:
    """A weighted mean over claims in groups: its linearised variance, the claims it is worth by Kish, and m_a."""

    groups: int
    rate: float | None
    variance: float = 0.0
    worth: float = 0.0
    m_a: float = 0.0


@dataclass(frozen=True, slots=True)
class GroupValues:
    """The claims' values themselves: their sum, number, correlation within groups, and sum of squares."""

    events: float
    number: float
    icc: float | None
    squares: float | None


def guarded_korn_graubard(
    bad: Counts,
    claims: Counts,
    *,
    level: float = 0.95,
    prior_icc: float = PRIOR_ICC,
    prior_weight: float = PRIOR_WEIGHT,
    squares: Counts | None = None,
) -> Guarded:
    """Share of bad claims over groups of claims, with the default interval.

    Parameters
    ----------
    bad, claims : sequence of float
        One entry per group of claims that was sampled independently (an answer, or all answers to one prompt). Groups
        without claims are left out.
    level : float
        Two-sided; half of the error on each side also at 0 or all events.
    prior_icc, prior_weight : float
        The guard; both belong in any report.
    squares : sequence of float, optional
        For claims that count in part (a value between 0 and 1, as not-enough-info in Baichuan-M3's rate): per group the
        sum of the squared values, with ``bad`` the sum of the values. The binomial variance is then scaled by the
        ``spread`` of the values, itself mixed with its upper bound of 1 (Bhatia and Davis) by ``prior_weight``.

    Returns
    -------
    Guarded
        ``rate`` None without claims ("no_claims"); no limits with one group ("fewer_than_two_answers"). Exactly 0 below
        without events, exactly 1 above with nothing else.

    Raises
    ------
    ValueError
        For counts that are negative, not finite, of unequal length, or more bad claims than claims; for a level or
        prior outside its range.

    Notes
    -----
    Korn and Graubard, Survey Methodology 24:193 (1998).

    Examples
    --------
    >>> found = guarded_korn_graubard([1, 0, 3, 0, 2, 0, 0, 5], [12, 8, 15, 4, 11, 20, 6, 14])
    >>> print(f"{found.rate:.4f} [{found.low:.4f}, {found.high:.4f}]")
    0.1222 [0.0254, 0.3198]
    >>> print("[{0.low:g}, {0.high:.3f}]".format(guarded_korn_graubard([0] * 20, [10] * 20)))
    [0, 0.057]
    """
    checked_counts(bad, claims)
    y, m = checked_vector("bad", bad), checked_vector("claims", claims)
    q = None if squares is None else checked_vector("squares", squares)
    if q is not None and len(q) != len(m):
        raise ValueError(f"squares has {len(q)} entries and claims {len(m)}; wanted: one of each per answer")
    return guarded(group_mean(y, m, m), group_values(y, m, q), level, prior_icc, prior_weight)


def guarded_mean_of_answers(
    bad: Counts,
    claims: Counts,
    groups: Sequence[Hashable] | NDArray[np.int64] | None = None,
    *,
    level: float = 0.95,
    prior_icc: float = PRIOR_ICC,
    prior_weight: float = PRIOR_WEIGHT,
    squares: Counts | None = None,
) -> Guarded:
    """Mean over answers of each answer's share of bad claims, so that long answers count no more than short ones.

    The mean is one over claims weighted by the inverse of their answer's number of claims; the guard is that of
    :func:`guarded_korn_graubard` with the number of claims replaced by Kish's effective one.

    Parameters
    ----------
    bad, claims : sequence of float
        One entry per answer; answers without claims are left out.
    groups : sequence, optional
        What each answer was sampled with (its prompt); each answer by itself where not given.
    level, prior_icc, prior_weight, squares
        As for :func:`guarded_korn_graubard`.

    Returns
    -------
    Guarded
        ``answers`` counts groups with claims. Undefined cases as for :func:`guarded_korn_graubard`.

    Notes
    -----
    Kish, Survey Sampling (1965), for the variance of a weighted mean of clustered claims.

    Examples
    --------
    >>> found = guarded_mean_of_answers([1, 0, 3, 0], [2, 10, 10, 5], ["a", "a", "b", "c"])
    >>> found.rate, found.answers
    (0.2, 3)
    """
    checked_counts(bad, claims)
    m = checked_vector("claims", claims)
    kept = above_zero(m)
    names = np.arange(len(m)) if groups is None else np.asarray(groups)
    if len(names) != len(m):
        raise ValueError(f"groups has {len(names)} entries and claims {len(m)}; wanted: one of each per answer")
    m, y, names = m[kept], checked_vector("bad", bad)[kept], names[kept]
    q = None if squares is None else checked_vector("squares", squares)[kept]
    number = np.unique(names, return_inverse=True)[1]

    def summed(values: Vector) -> Vector:
        return np.bincount(number, weights=values).astype(np.float64, copy=False)

    # one after the other: of very many answers, few such sums are in memory at once
    mean = group_mean(summed(y / m), summed(np.ones_like(m)), summed(1 / m))
    values = group_values(summed(y), summed(m), None if q is None else summed(q))
    return guarded(mean, values, level, prior_icc, prior_weight)


def guarded_events_per_exposure(
    events: Counts,
    exposure: Counts,
    *,
    weight_squares: Counts | None = None,
    design: float = 1.0,
    level: float = 0.95,
) -> GuardedRate:
    """Events per unit of exposure (bad claims per answer, per word), which may exceed 1.

    Parameters
    ----------
    events, exposure : sequence of float
        One entry per independent group; groups without exposure are left out.
    weight_squares : sequence of float, optional
        Per group the sum of squared weights times exposure, where events of different answers weigh differently.
    design : float
        The least design effect: that of the same claims' share, ``Guarded.design_effect``. It is the guard.
    level : float
        Two-sided.

    Returns
    -------
    GuardedRate
        ``rate`` None without exposure ("no_exposure"); no limits with one group ("fewer_than_two_answers").

    Notes
    -----
    Garwood's exact Poisson limits (Biometrika 28:437, 1936) on the effective number of events, as Korn and Graubard do
    with the binomial.

    Examples
    --------
    >>> found = guarded_events_per_exposure([2, 0, 1, 0, 3], [1, 1, 1, 1, 1], design=1.5)
    >>> print(f"{found.rate:.2f} [{found.low:.2f}, {found.high:.2f}]")
    1.20 [0.14, 4.34]
    """
    checked_level(level)
    y, e = checked_vector("events", events), checked_vector("exposure", exposure)
    h = e if weight_squares is None else checked_vector("weight_squares", weight_squares)
    if not len(y) == len(e) == len(h):
        raise ValueError(f"events has {len(y)} entries and exposure {len(e)}; wanted: one of each per group")
    if design < 0:
        raise ValueError(f"design is {design}; wanted: at least 0")
    kept = above_zero(e)
    y, e, h = y[kept], e[kept], h[kept]
    groups, total = len(e), float(e.sum())
    if not groups:
        return GuardedRate(None, reason="no_exposure")
    rate = float(y.sum()) / total
    if groups < 2:
        return GuardedRate(rate, answers=groups, reason="fewer_than_two_answers")
    worth = total**2 / float(h.sum())
    seen = linearised_variance(y, e) / (rate / worth) if rate > 0 else 1.0
    effect = max(1.0, seen, design)
    star = worth / effect * _small_sample(groups, level)
    tail = (1 - level) / 2
    low = float(gammaincinv(rate * star, tail)) / star if rate > 0 else 0.0
    high = float(gammaincinv(rate * star + 1, 1 - tail)) / star
    return GuardedRate(rate, low, high, effect, star, groups)


def _small_sample(groups: int, level: float) -> float:
    """(z/t)² with G-1 degrees of freedom: what too few groups take from the effective number."""
    tail = (1 + level) / 2
    return float((ndtri(tail) / stdtrit(groups - 1, tail)) ** 2)


def group_mean(sums: Vector, weights: Vector, weight_squares: Vector) -> GroupMean:
    """From Σwv, Σw and Σw² of each group over its claims of value v; all weights 1 is the default as published."""
    kept = above_zero(weights)
    sums, weights, weight_squares = sums[kept], weights[kept], weight_squares[kept]
    groups, total, squares = len(weights), float(weights.sum()), float(weight_squares.sum())
    if not groups:
        return GroupMean(0, None)
    # a sum of thirds over a sum of ones can exceed 1 by the last digit
    rate = min(1.0, float(sums.sum()) / total)
    if groups < 2:
        return GroupMean(groups, rate)
    m_a = float(weights @ weights) / squares
    return GroupMean(groups, rate, linearised_variance(sums, weights), total**2 / squares, m_a)


def group_values(bad: Vector, claims: Vector, squares: Vector | None) -> GroupValues:
    """From Σv, number and Σv² of each group over its claims of value v, unweighted."""
    kept = above_zero(claims)
    bad, claims, squares = bad[kept], claims[kept], None if squares is None else squares[kept]
    icc = icc_anova(bad, claims, squares=squares).value
    return GroupValues(float(bad.sum()), float(claims.sum()), icc, None if squares is None else float(squares.sum()))


def guarded(mean: GroupMean, values: GroupValues, level: float, prior_icc: float, prior_weight: float) -> Guarded:
    """The guard for a weighted mean of claims."""
    checked_level(level)
    checked_prior(prior_icc, prior_weight)
    groups, rate, worth, events, number = mean.groups, mean.rate, mean.worth, values.events, values.number
    if rate is None:
        return Guarded(None, reason="no_claims")
    if groups < 2:
        return Guarded(rate, answers=groups, claims=number, bad=events, reason="fewer_than_two_answers")
    rarer = min(events, number - events)
    strength = rarer + prior_weight

    def mixed(estimate: float, prior: float) -> float:
        return (rarer * estimate + prior_weight * prior) / strength if strength > 0 else prior

    rho = mixed(max(0.0, values.icc or 0.0), prior_icc)
    binomial = rate * (1 - rate) / worth
    # a rate of exactly 0 or 1 has no variance to compare with
    deff = mean.variance / binomial if 1e-15 < rate < 1 - 1e-15 else None
    spread = 1.0
    if values.squares is not None and deff is not None:
        average = events / number
        variance = max(0.0, values.squares / number - average**2)
        spread = mixed(min(1.0, variance / (average * (1 - average))), 1.0)
    effect = max(spread, deff or 0.0, spread * (1 + (mean.m_a - 1) * rho))
    star = worth / effect * _small_sample(groups, level)
    low, high = beta_limits(rate * star, star, level)
    return Guarded(
        rate, low, high, values.icc, deff, mean.m_a, rho, effect, star, rate * star, spread, groups, number, events
    )
