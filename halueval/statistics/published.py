"""Scores of other papers that are no plain rate, as they define them; for reading their tables beside ours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from halueval.statistics.arguments import Counts, Vector, checked_counts, checked_vector

__all__ = ["F1AtK", "FActScore", "f1_at_k", "factscore", "length_penalties"]


@dataclass(frozen=True, slots=True)
class FActScore:
    """FActScore with and without its length penalty, and the share of answers that claimed anything."""

    factscore: float | None
    without_penalty: float | None
    respond_ratio: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class F1AtK:
    """F1@K per answer and its mean over all answers, those without claims included as 0."""

    per_answer: tuple[float, ...]
    mean: float | None
    reason: str = ""


def length_penalties(claims: Vector, gamma: float) -> Vector:
    """FActScore's factor for short answers: exp(1 - gamma/n) for n < gamma claims, else 1; ``claims`` above 0."""
    if not 0 <= gamma < np.inf:
        raise ValueError(f"gamma is {gamma}; wanted: a finite number of at least 0")
    penalties: Vector = np.exp(np.minimum(0.0, 1 - gamma / claims))
    return penalties


def factscore(supported: Counts, claims: Counts, *, gamma: float = 10) -> FActScore:
    """Mean over answers with claims of the supported share, times a penalty for few claims; gamma 0 for none.

    Returns
    -------
    FActScore
        None for no answers ("no_answers") or none with claims ("no_claims").

    Notes
    -----
    Min et al., arXiv 2305.14251.

    Examples
    --------
    >>> factscore([9, 4, 0], [10, 5, 0], gamma=0).without_penalty
    0.8500000000000001
    """
    s, n = checked_counts(supported, claims, ("supported", "claims"))
    if not len(claims):
        return FActScore(None, None, None, "no_answers")
    penalties = length_penalties(n, gamma)
    if not len(n):
        return FActScore(None, None, 0.0, "no_claims")
    return FActScore(float((s / n * penalties).mean()), float((s / n).mean()), len(n) / len(claims))


def f1_at_k(supported: Counts, not_supported: Counts, *, k: float) -> F1AtK:
    """F1 of precision S/(S+NS) and recall min(S/K, 1); 0 where nothing is supported.

    Returns
    -------
    F1AtK
        ``mean`` is None for no answers ("no_answers").

    Notes
    -----
    K is the number of claims an answer is expected to support: SAFE sets it (64, 178), VeriScore takes the median
    number of claims. Wei et al., arXiv 2403.18802.

    Examples
    --------
    >>> f1_at_k([5, 0], [0, 3], k=10)
    F1AtK(per_answer=(0.6666666666666666, 0.0), mean=0.3333333333333333, reason='')
    """
    if not 0 < k < np.inf:
        raise ValueError(f"k is {k}; wanted: a finite number above 0")
    s, wrong = checked_vector("supported", supported), checked_vector("not_supported", not_supported)
    if len(s) != len(wrong):
        raise ValueError(
            f"supported has {len(s)} entries and not_supported {len(wrong)}; wanted: one of each per answer"
        )
    if not len(s):
        return F1AtK((), None, "no_answers")
    precision = s / np.maximum(s + wrong, 1e-300)
    recall = np.minimum(s / k, 1.0)
    scores = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    return F1AtK(tuple(scores.tolist()), float(scores.mean()))
