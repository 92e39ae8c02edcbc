"""What is gained by answering only where one is sure: risk over coverage, its area, and the risk at one coverage.

Claims are kept from the most confident down. *Coverage* is the share kept, *risk* the share of errors among the kept.
A threshold chosen here by looking at the risk promises nothing for new answers: that is what
:mod:`halueval.statistics.conformal` is for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, stdtrit

from halueval.statistics.arguments import Counts, Vector, checked_level
from halueval.statistics.estimate import Estimate
from halueval.statistics.guarded import guarded_korn_graubard
from halueval.statistics.scored import (
    Groups,
    checked_flags,
    checked_same_length,
    degrees_of_freedom,
    group_numbers,
    summed,
)

__all__ = ["RiskAtCoverage", "RiskCoverage", "area_under_risk_coverage", "risk_at_coverage", "risk_coverage"]

_BLOCKS = 50  # groups are left out in at most so many blocks when the variance of the area is taken


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The risk with the 1, 2, …, n most confident claims kept, and the mean of these risks.

    ``excess`` is the area over that of the best order with the same errors: 0 where confidence ranks perfectly.
    """

    risk: tuple[float, ...]
    coverage: tuple[float, ...]
    aurc: float | None
    excess: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RiskAtCoverage:
    """The risk with all claims kept whose confidence is at least ``threshold``; ``coverage`` is the share that are."""

    threshold: float | None
    coverage: float | None
    risk: Estimate


def risk_coverage(confidence_score: Counts, error: Counts) -> RiskCoverage:
    """The risk–coverage curve and the area under it.

    Parameters
    ----------
    confidence_score : sequence of float
        One per claim, finite; only its order counts.
    error : sequence of 0 or 1
        Whether the claim's verdict was wrong.

    Returns
    -------
    RiskCoverage
        Where confidences are equal, the expectation over their random order. ``aurc`` None without claims
        ("no_claims").

    Notes
    -----
    AURC is the mean of the n risks; ``excess`` is E-AURC. Geifman, Uziel and El-Yaniv, arXiv 1805.08206.

    Examples
    --------
    >>> found = risk_coverage([0.9, 0.9, 0.5, 0.1], [0, 1, 0, 1])
    >>> [round(r, 3) for r in found.risk], round(found.aurc, 3)
    ([0.5, 0.5, 0.333, 0.5], 0.458)
    """
    score, wrong = _checked(confidence_score, error)
    if not len(score):
        return RiskCoverage((), (), None, None, "no_claims")
    risk = _risks(*_sorted(score, wrong))
    kept = np.arange(1, len(risk) + 1)
    errors = int(wrong.sum())
    best = np.maximum(0, kept - (len(risk) - errors)) / kept
    aurc = float(risk.mean())
    return RiskCoverage(
        tuple(risk.tolist()), tuple((kept / len(risk)).tolist()), aurc, max(0.0, aurc - float(best.mean()))
    )


def area_under_risk_coverage(
    confidence_score: Counts, error: Counts, groups: Groups, *, level: float = 0.95, seed: int = 0
) -> Estimate:
    """The area under the risk–coverage curve with an interval over groups of claims.

    Parameters
    ----------
    confidence_score, error
        As for :func:`risk_coverage`.
    groups : sequence
        Per claim what it was sampled with.
    level : float
        Two-sided.
    seed : int
        Of the order in which more than 50 groups are dealt to 50 blocks.

    Returns
    -------
    Estimate
        None without claims ("no claims"); no limits with one group ("fewer than two answers") or where leaving groups
        out changes nothing ("no variation"), as without any error.

    Notes
    -----
    Delete-a-group jackknife (Kott, J Off Stat 17:521, 2001) on the logit scale, t with Satterthwaite's degrees of
    freedom.

    Examples
    --------
    >>> found = area_under_risk_coverage([0.9, 0.8, 0.6, 0.7, 0.5, 0.2], [0, 0, 1, 0, 0, 1], [1, 1, 2, 2, 3, 3])
    >>> print(f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]")
    0.131 [0.000, 0.993]
    """
    checked_level(level)
    score, wrong = _checked(confidence_score, error)
    number = group_numbers(groups, len(score))
    count = int(number.max()) + 1 if len(score) else 0

    def estimate(value: float | None, low: float | None, high: float | None, reason: str) -> Estimate:
        return Estimate(
            value,
            low,
            high,
            level,
            "delete-a-group jackknife",
            int(wrong.sum()),
            len(score),
            count,
            reason=reason.replace("_", " "),
            unit="area under risk-coverage",
        )

    if not len(score):
        return estimate(None, None, None, "no_claims")
    order = np.argsort(-score, kind="stable")
    score, wrong, number = score[order], wrong[order], number[order]
    value = float(_risks(score, wrong).mean())
    if count < 2:
        return estimate(value, None, None, "fewer_than_two_answers")
    blocks = min(_BLOCKS, count)
    block = (np.random.default_rng(seed).permutation(count) % blocks)[number]
    without = np.array([_risks(score[block != b], wrong[block != b]).mean() for b in range(blocks)])
    parts = without - without.mean()
    variance = (blocks - 1) / blocks * float((parts**2).sum())
    if variance <= 1e-30 or not 0 < value < 1:
        return estimate(value, None, None, "no_variation")
    half = float(stdtrit(degrees_of_freedom(parts), (1 + level) / 2)) * math.sqrt(variance) / (value * (1 - value))
    centre = float(logit(value))
    return estimate(value, float(expit(centre - half)), float(expit(centre + half)), "")


def risk_at_coverage(
    confidence_score: Counts, error: Counts, groups: Groups, coverage: float, *, level: float = 0.95
) -> RiskAtCoverage:
    """The risk among the most confident share of the claims, with the default interval over groups.

    Parameters
    ----------
    confidence_score, error, groups
        As for :func:`area_under_risk_coverage`.
    coverage : float
        The share to keep at least. Claims as confident as the last one kept are kept too: the rule is one that can be
        used, and ``coverage`` in the result says what it keeps.
    level : float
        Two-sided.

    Returns
    -------
    RiskAtCoverage
        Undefined without claims ("no claims"); no limits where the kept claims are all of one group
        ("fewer than two answers").

    Notes
    -----
    The interval is that of the kept claims' risk at this threshold, :func:`halueval.statistics.guarded_korn_graubard`.
    It holds for a coverage chosen beforehand, not for the coverage at which the risk looked best.

    Examples
    --------
    >>> found = risk_at_coverage([0.9, 0.8, 0.7, 0.6], [0, 0, 1, 0], ["a", "b", "a", "b"], 0.5)
    >>> found.threshold, found.coverage, found.risk.value
    (0.8, 0.5, 0.0)
    """
    checked_level(level)
    if not 0 < coverage <= 1:
        raise ValueError(f"coverage is {coverage}; wanted: a share above 0, at most 1")
    score, wrong = _checked(confidence_score, error)
    number = group_numbers(groups, len(score))
    if not len(score):
        return RiskAtCoverage(None, None, Estimate(None, level=level, reason="no claims"))
    least = math.ceil(coverage * len(score) - 1e-9)
    threshold = float(np.partition(score, len(score) - least)[len(score) - least])
    kept = score >= threshold
    _, group = np.unique(number[kept], return_inverse=True)
    few = wrong[kept]
    found = guarded_korn_graubard(summed(group, few), summed(group, np.ones_like(few)), level=level)
    risk = Estimate(
        found.rate,
        found.low,
        found.high,
        level,
        "guarded Korn-Graubard",
        int(few.sum()),
        len(few),
        found.answers,
        reason=found.reason.replace("_", " "),
    )
    return RiskAtCoverage(threshold, float(kept.mean()), risk)


def _checked(confidence_score: Counts, error: Counts) -> tuple[Vector, Vector]:
    score: Vector = np.asarray(confidence_score, dtype=np.float64)
    if score.ndim != 1:
        raise ValueError(f"confidence_score has {score.ndim} dimensions; wanted: one number per claim")
    if not np.isfinite(score).all():
        place = int(np.argmax(~np.isfinite(score)))
        raise ValueError(f"confidence_score[{place}] is {score[place]:g}; wanted: a finite number")
    wrong = checked_flags("error", error)
    checked_same_length(confidence_score=score, error=wrong)
    return score, wrong


def _sorted(score: Vector, wrong: Vector) -> tuple[Vector, Vector]:
    order = np.argsort(-score, kind="stable")
    return score[order], wrong[order]


def _risks(score: Vector, wrong: Vector) -> Vector:
    """The risks with 1, 2, …, n claims kept; scores fall, and claims of one score have its share of errors each."""
    change: NDArray[np.bool_] = np.concatenate([[True], score[1:] != score[:-1]])
    block = np.cumsum(change) - 1
    shared = (np.bincount(block, weights=wrong) / np.bincount(block))[block]
    risks: Vector = np.cumsum(shared) / np.arange(1, len(score) + 1)
    return np.minimum(risks, 1.0)
