"""Numbers beside the plain rate: bad claims weighted by how grave they are, and how much one long answer decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from halueval.statistics.arguments import Counts, checked_counts, checked_vector
from halueval.statistics.guarded import PRIOR_ICC, PRIOR_WEIGHT, guarded_korn_graubard

__all__ = ["LargestAnswer", "SeverityWeighted", "largest_answer", "severity_weighted"]


@dataclass(frozen=True, slots=True)
class SeverityWeighted:
    """Weight of bad claims per claim, with the default interval; between 0 and ``most``, the largest weight."""

    rate: float | None
    low: float | None = None
    high: float | None = None
    most: float = 1.0
    answers: int = 0
    claims: float = 0.0
    bad: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LargestAnswer:
    """What the largest answer does to the rate, and the numbers it does less to.

    ``any_bad`` is the share of answers with a bad claim, ``mean_of_answers`` the mean of their own rates; one answer,
    however long, is one of ``answers`` in both.
    """

    rate: float | None
    place: int | None = None
    share_of_claims: float | None = None
    share_of_bad: float | None = None
    rate_without: float | None = None
    any_bad: float | None = None
    mean_of_answers: float | None = None
    answers: int = 0
    reason: str = ""


def severity_weighted(
    bad: Sequence[Sequence[float]] | NDArray[np.float64],
    claims: Counts,
    weights: Counts,
    *,
    level: float = 0.95,
    prior_icc: float = PRIOR_ICC,
    prior_weight: float = PRIOR_WEIGHT,
) -> SeverityWeighted:
    """Σ weight x bad claims of that severity / claims, so that a grave error counts for more than a slip.

    Parameters
    ----------
    bad : array of shape (answers, severities)
        Bad claims of each answer by severity.
    claims : sequence of float
        All claims of each answer; answers without any are left out.
    weights : sequence of float
        One per severity, at least 0 and not all 0. They are a choice, not an estimate: report them.
    level, prior_icc, prior_weight
        As for :func:`halueval.statistics.guarded_korn_graubard`, which gives the interval of the weights divided by the
        largest.

    Returns
    -------
    SeverityWeighted
        None without claims ("no_claims"); no limits with one answer ("fewer_than_two_answers").

    Raises
    ------
    ValueError
        For weights or counts that are negative or of unequal length, or more bad claims than claims.

    Examples
    --------
    Slips count 1, dangerous errors 4:

    >>> found = severity_weighted([[1, 0], [0, 0], [2, 1], [0, 1]], [12, 8, 15, 9], [1, 4])
    >>> print(f"{found.rate:.2f} [{found.low:.2f}, {found.high:.2f}] of {found.most:g}")
    0.25 [0.00, 1.87] of 4
    """
    counts = np.asarray(bad, dtype=np.float64)
    grave = checked_vector("weights", weights)
    if not len(counts):
        counts = np.zeros((0, len(grave)))
    if counts.ndim != 2 or counts.shape[1] != len(grave):
        raise ValueError(
            f"bad has shape {counts.shape}; wanted: a row per answer, a column for each of {len(grave)} weights"
        )
    if not grave.any():
        raise ValueError("weights are all 0; wanted: at least one above 0")
    for column in range(len(grave)):
        checked_vector(f"bad[:, {column}]", counts[:, column])
    checked_counts(counts.sum(axis=1), claims)
    most = float(grave.max())
    share = grave / most
    found = guarded_korn_graubard(
        counts @ share,
        claims,
        level=level,
        prior_icc=prior_icc,
        prior_weight=prior_weight,
        squares=counts @ share**2,
    )
    rate, low, high = (None if v is None else v * most for v in (found.rate, found.low, found.high))
    return SeverityWeighted(rate, low, high, most, found.answers, found.claims, float(counts.sum()), found.reason)


def largest_answer(bad: Counts, claims: Counts, *, by: Literal["bad", "claims"] = "bad") -> LargestAnswer:
    """How much of the rate is one answer's: its share of the claims and of the bad ones, and the rate without it.

    Where a few very long answers hold much of the bad claims no interval of the pooled rate can be trusted, since most
    samples do not contain them (.39 to .93 of a nominal .95 on such real pools); ``any_bad`` and ``mean_of_answers``
    can be.

    Parameters
    ----------
    bad, claims : sequence of float
        One entry per answer.
    by : {"bad", "claims"}
        Which answer is the largest: the one with the most bad claims (of several the longest), or the longest.

    Returns
    -------
    LargestAnswer
        None without claims ("no_claims"). ``place`` is the index in the input. ``share_of_bad`` is None without bad
        claims ("no_bad_claims"), ``rate_without`` with a single answer ("fewer_than_two_answers").

    Examples
    --------
    >>> found = largest_answer([0, 1, 0, 60], [10, 9, 11, 60])
    >>> print(f"{found.share_of_bad:.2f} {found.rate:.2f} {found.rate_without:.2f} {found.mean_of_answers:.2f}")
    0.98 0.68 0.03 0.28
    """
    few, many = checked_counts(bad, claims)
    y, m = checked_vector("bad", bad), checked_vector("claims", claims)
    answers, total, events = len(many), float(m.sum()), float(y.sum())
    if not answers:
        return LargestAnswer(None, reason="no_claims")
    place = int(np.lexsort((m, y) if by == "bad" else (y, m))[-1])
    left = total - float(m[place])
    return LargestAnswer(
        min(1.0, events / total),
        place,
        float(m[place]) / total,
        float(y[place]) / events if events > 0 else None,
        min(1.0, max(0.0, (events - float(y[place])) / left)) if answers > 1 else None,
        float((few > 0).mean()),
        float((few / many).mean()),
        answers,
        "fewer_than_two_answers" if answers < 2 else "no_bad_claims" if events == 0 else "",
    )
