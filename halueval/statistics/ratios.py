"""The rate of bad claims as a ratio of sums over answers, its linearised variance and what clustering does to it.

Claims of one answer resemble each other, so answers, not claims, are what was sampled: every variance here is over
answers (or over groups of answers: sum their counts first).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtrit

from halueval.statistics.arguments import Counts, Vector, above_zero, checked_counts, checked_level, checked_vector
from halueval.statistics.intervals import Interval, wilson

__all__ = [
    "LinearisedT",
    "Number",
    "Ratio",
    "design_effect",
    "icc_anova",
    "linearised_t_interval",
    "linearised_variance",
    "ratio_estimate",
    "wilson_on_effective_claims",
]


@dataclass(frozen=True, slots=True)
class Number:
    """A number, or None with the reason why there is none."""

    value: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of sums; ``rate`` is None with ``reason`` "no_claims" where nothing was claimed."""

    rate: float | None
    unweighted_mean_of_answers: float | None
    answers: int
    answers_without_claims: int
    claims: float
    bad: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LinearisedT:
    """A ratio with its linearised standard error and t interval."""

    rate: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    answers: int
    claims: float
    bad: float
    reason: str = ""


def ratio_estimate(bad: Counts, claims: Counts) -> Ratio:
    """Bad claims over all claims, and beside it the mean of the answers' own rates.

    Parameters
    ----------
    bad, claims : sequence of float
        One entry per answer. Answers without claims are left out and counted apart.

    Raises
    ------
    ValueError
        For counts that are negative, not finite, of unequal length, or more bad claims than claims.

    Notes
    -----
    R = Σy / Σm over answers with y bad of m claims, not the mean of the answers' rates. Cochran, Sampling Techniques,
    3rd ed. (1977), chapter 6.

    Examples
    --------
    >>> ratio_estimate([1, 0, 2, 0], [7, 4, 8, 0]).answers_without_claims
    1
    >>> ratio_estimate([0], [0])
    Ratio(rate=None, unweighted_mean_of_answers=None, answers=0, answers_without_claims=1, claims=0.0, bad=0.0, \
reason='no_claims')
    """
    y, m = checked_counts(bad, claims)
    empty = len(claims) - len(m)
    if not len(m):
        return Ratio(None, None, 0, empty, 0.0, 0.0, "no_claims")
    total, events = float(m.sum()), float(y.sum())
    return Ratio(events / total, float((y / m).mean()), len(m), empty, total, events)


def linearised_variance(sums: Vector, weights: Vector) -> float:
    """Variance of ``sums.sum() / weights.sum()`` over independent groups, G/(G-1) Σ(y - R w)²/(Σw)²; needs G ≥ 2."""
    groups, total = len(weights), weights.sum()
    residuals = sums - (sums.sum() / total) * weights
    return float(groups / (groups - 1) * (residuals @ residuals) / total**2)


def linearised_t_interval(bad: Counts, claims: Counts, *, level: float = 0.95) -> LinearisedT:
    """The textbook interval of a ratio: linearised standard error, t with G-1 degrees of freedom, clipped to [0, 1].

    It covers too rarely when few claims are bad (down to .41 of a nominal .95): see
    :func:`halueval.statistics.guarded_korn_graubard` for the default.

    Parameters
    ----------
    bad, claims : sequence of float
        One entry per answer; answers without claims are left out.
    level : float
        Two-sided.

    Returns
    -------
    LinearisedT
        Without limits for fewer than two answers ("fewer_than_two_answers") and where all answers have the same rate
        ("no_variation"), never [0, 0].

    Notes
    -----
    With e_g = y_g - R m_g, V = G/(G-1) Σ e_g² / N², limits R ∓ t √V. Woodruff, J Am Stat Assoc 66:411 (1971); the same
    as an intercept fitted by least squares with a cluster-robust covariance.

    Examples
    --------
    >>> found = linearised_t_interval([1, 0, 3, 0, 2, 0, 0, 5], [12, 8, 15, 4, 11, 20, 6, 14])
    >>> print(f"{found.rate:.4f} [{found.low:.4f}, {found.high:.4f}]")
    0.1222 [0.0000, 0.2495]
    >>> linearised_t_interval([0, 0], [5, 6]).reason
    'no_variation'
    """
    checked_level(level)
    y, m = checked_counts(bad, claims)
    groups, total, events = len(m), float(m.sum()), float(y.sum())
    if not groups:
        return LinearisedT(None, None, None, None, 0, 0.0, 0.0, "no_claims")
    rate = events / total
    if groups < 2:
        return LinearisedT(rate, None, None, None, groups, total, events, "fewer_than_two_answers")
    error = math.sqrt(linearised_variance(y, m))
    if error <= 1e-15:
        return LinearisedT(rate, None, None, None, groups, total, events, "no_variation")
    half = float(stdtrit(groups - 1, (1 + level) / 2)) * error
    return LinearisedT(rate, error, max(0.0, rate - half), min(1.0, rate + half), groups, total, events)


def icc_anova(bad: Counts, claims: Counts, *, squares: Counts | None = None) -> Number:
    """How much alike the claims of one answer are: the intraclass correlation by analysis of variance.

    Parameters
    ----------
    bad, claims : sequence of float
        One entry per answer; answers without claims are left out.
    squares : sequence of float, optional
        Per answer the sum of the squared values of its claims, where a claim's value is not just 0 or 1.

    Returns
    -------
    Number
        Below 0 where claims of one answer differ more than claims of different answers. None where every claim has the
        same value or there are fewer than two answers ("no_variation"), and where every answer has one claim
        ("no_within_answer_df").

    Notes
    -----
    Ridout, Demétrio and Firth, Biometrics 55:137 (1999).

    Examples
    --------
    >>> round(icc_anova([1, 0, 3, 0, 2, 0, 0, 5], [12, 8, 15, 4, 11, 20, 6, 14]).value, 4)
    0.0939
    >>> icc_anova([0, 1], [1, 1])
    Number(value=None, reason='no_within_answer_df')
    """
    y, m = checked_counts(bad, claims)
    q = y if squares is None else checked_vector("squares", squares)[above_zero(checked_vector("claims", claims))]
    groups, total = len(m), float(m.sum())
    if groups < 2:
        return Number(None, "no_variation")
    rate = float(y.sum()) / total
    if float(q.sum()) / total - rate**2 <= 1e-15:
        return Number(None, "no_variation")
    if total <= groups:
        return Number(None, "no_within_answer_df")
    between = float((m * (y / m - rate) ** 2).sum()) / (groups - 1)
    within = max(0.0, float((q - y**2 / m).sum())) / (total - groups)
    size = (total - float(m @ m) / total) / (groups - 1)
    return Number((between - within) / (between + (size - 1) * within))


def design_effect(bad: Counts, claims: Counts) -> Number:
    """The variance of the rate over what it would be if claims were independent.

    Returns
    -------
    Number
        None for no or only bad claims ("no_variation") and fewer than two answers ("fewer_than_two_answers").

    Notes
    -----
    V / (R (1 - R) / N) with the variance V of :func:`linearised_t_interval`. Kish, Survey Sampling (1965).

    Examples
    --------
    >>> round(design_effect([1, 0, 3, 0, 2, 0, 0, 5], [12, 8, 15, 4, 11, 20, 6, 14]).value, 4)
    2.4304
    """
    y, m = checked_counts(bad, claims)
    if len(m) < 2:
        return Number(None, "fewer_than_two_answers")
    total, events = float(m.sum()), float(y.sum())
    if events <= 0 or events >= total:
        return Number(None, "no_variation")
    rate = events / total
    return Number(linearised_variance(y, m) / (rate * (1 - rate) / total))


def wilson_on_effective_claims(bad: Counts, claims: Counts, *, level: float = 0.95) -> Interval:
    """Wilson's interval with the claims divided by their estimated design effect, which is never taken below 1.

    Shorter than the default and never without limits at no events, but the design effect is only estimated: with few
    bad claims it covers down to .84 of a nominal .95.

    Returns
    -------
    Interval
        None without claims ("no_claims"); no limits for fewer than two answers ("fewer_than_two_answers"). Where the
        design effect is undefined (no or only bad claims) it counts as 1.

    Notes
    -----
    Wilson's limits at n* = N / deff and x* = R n*. Compared with others by Franco et al., J Surv Stat Methodol
    7:334 (2019).

    Examples
    --------
    >>> found = wilson_on_effective_claims([1, 0, 3, 0, 2, 0, 0, 5], [12, 8, 15, 4, 11, 20, 6, 14])
    >>> print(f"{found.estimate:.4f} [{found.low:.4f}, {found.high:.4f}]")
    0.1222 [0.0512, 0.2642]
    """
    checked_level(level)
    y, m = checked_counts(bad, claims)
    if not len(m):
        return Interval(None, None, None, "no_claims")
    if len(m) < 2:
        return Interval(float(y.sum() / m.sum()), None, None, "fewer_than_two_answers")
    effect = max(1.0, design_effect(y, m).value or 1.0)
    return wilson(float(y.sum()) / effect, float(m.sum()) / effect, level=level)
