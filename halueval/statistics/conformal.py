"""Thresholds that keep a promise on answers to come: conformal risk control and learn-then-test.

Each claim has a score (the probability that it is supported, say); a claim is kept where its score exceeds the
threshold, and the loss of an answer is what bad claims are left in it. From answers whose claims are all labelled,
:func:`conformal_risk_control` finds a threshold under which the *expected* loss of the next answer is at most alpha,
and :func:`learn_then_test` one under which, except in a share delta of such calibrations, the loss of answers to come
is at most alpha on average.

Both promises are about answers, because answers (or prompts) are what was sampled. There is no form for claims: claims
of one answer resemble each other and are not exchangeable, so that thousands of claims from twenty answers are worth
twenty, and a threshold calibrated on claims breaks its promise (``benchmarks/statistics/guarantees.py`` shows by how
much). Both fail when the answers to come are of another kind than the labelled ones: another model, other prompts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, xlogy

from halueval.statistics.arguments import Counts, Vector
from halueval.statistics.scored import Groups, checked_flags, checked_shares, group_numbers, summed

__all__ = ["Loss", "Threshold", "conformal_risk_control", "learn_then_test"]

Loss: TypeAlias = Literal["bad_share", "any_bad", "bad_share_of_kept"]
_LOSSES: tuple[Loss, ...] = get_args(Loss)
_SAME = 1e-12  # sums of thirds that should be whole are, to this


@dataclass(frozen=True, slots=True)
class Threshold:
    """Keep a claim where its score is above ``threshold``.

    ``mean_loss`` and ``kept`` (the share of claims) are those of the calibration answers under it, None where there is
    no threshold; ``units`` is the number of answers, or groups of them, that were taken as independent.
    """

    threshold: float | None
    alpha: float
    mean_loss: float | None = None
    kept: float | None = None
    units: int = 0
    answers_without_claims: int = 0
    loss: Loss = "bad_share"
    delta: float | None = None
    reason: str = ""


def conformal_risk_control(
    scores: Sequence[Counts],
    bad: Sequence[Counts],
    *,
    alpha: float,
    loss: Loss = "bad_share",
    groups: Groups | None = None,
) -> Threshold:
    """The lowest threshold under which the next answer's expected loss is at most ``alpha``.

    Parameters
    ----------
    scores : sequence of sequences of float
        Per answer one score from 0 to 1 per claim, higher for claims more likely good.
    bad : sequence of sequences of 0 or 1
        Which claims are bad, in the same shape. All claims of an answer must be labelled.
    alpha : float
        The loss promised.
    loss : {"bad_share", "any_bad"}
        Bad claims kept over all claims of the answer, or 1 where any is kept. Both only fall as the threshold rises,
        which the promise needs; the bad share of the *kept* claims does not: see :func:`learn_then_test`.
    groups : sequence, optional
        Per answer what it was sampled with, where one prompt has several answers: the promise is then about the mean
        loss of a prompt's answers.

    Returns
    -------
    Threshold
        ``threshold`` None where even losing nothing could not show it: 1/(n+1) > alpha
        ("too_few_calibration_answers"). Answers without claims are left out and counted apart.

    Raises
    ------
    ValueError
        For scores outside 0 to 1, labels other than 0 or 1, shapes that differ, claims that are not sorted into
        answers, alpha outside (0, 1), or a loss that is not one of the two.

    Notes
    -----
    The smallest t among 0 and the scores with n/(n+1) · mean loss + 1/(n+1) ≤ alpha. Angelopoulos et al., arXiv
    2208.02814. The promise is marginal: over calibration sets and the next answer together, for exchangeable answers.
    One calibration may do worse; :func:`learn_then_test` bounds how often.

    Examples
    --------
    >>> answers = [[0.9, 0.2], [0.8, 0.4, 0.7], [0.95], [0.6, 0.3]]
    >>> wrong = [[0, 1], [0, 1, 0], [0], [0, 1]]
    >>> conformal_risk_control(answers, wrong, alpha=0.3).threshold
    0.3
    >>> conformal_risk_control(answers, wrong, alpha=0.1).reason
    'too_few_calibration_answers'
    """
    _check_share("alpha", alpha)
    if loss not in ("bad_share", "any_bad"):
        raise ValueError(f"loss is {loss!r}; wanted: bad_share or any_bad, which fall as the threshold rises")
    table = _Table(scores, bad, groups)
    if table.units == 0 or 1 / (table.units + 1) > alpha + _SAME:
        return table.undefined(alpha, loss, None)
    grid = np.unique(np.concatenate([[0.0], table.score]))

    def holds(threshold: float) -> bool:
        return bool(float(table.losses(threshold, loss).sum()) + 1 <= alpha * (table.units + 1) + _SAME)

    low, high = 0, len(grid) - 1  # the highest score keeps nothing and loses nothing; losses fall along the grid
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(float(grid[middle])) else (middle + 1, high)
    return table.found(float(grid[low]), alpha, loss, None)


def learn_then_test(
    scores: Sequence[Counts],
    bad: Sequence[Counts],
    *,
    alpha: float,
    delta: float = 0.1,
    loss: Loss = "bad_share",
    groups: Groups | None = None,
    grid: Counts | None = None,
) -> Threshold:
    """A threshold under which the loss of answers to come is at most ``alpha``, with confidence 1 - ``delta``.

    Parameters
    ----------
    scores, bad, alpha, groups
        As for :func:`conformal_risk_control`.
    delta : float
        The share of calibrations in which the promise may be broken.
    loss : {"bad_share", "any_bad", "bad_share_of_kept"}
        As for :func:`conformal_risk_control`, or bad claims kept over claims kept (0 where none is).
    grid : sequence of float, optional
        The thresholds to try, chosen without looking at these answers; 0, 0.01, …, 1 by default.

    Returns
    -------
    Threshold
        ``threshold`` None where no loss at all in n answers would not show it, (1 - alpha)^n > delta
        ("too_few_calibration_answers"), or the strictest threshold of the grid loses too much ("no_threshold_passed").

    Raises
    ------
    ValueError
        As :func:`conformal_risk_control`, and for a grid that is empty or leaves 0 to 1.

    Notes
    -----
    Thresholds are tested from the strictest down and the last before the first failure is taken: fixed sequence
    testing, so no correction for their number is due. Each p-value is Hoeffding and Bentkus's for losses between 0 and
    1, the exact binomial one for losses that are 0 or 1. Angelopoulos et al., arXiv 2110.01052. Answers (or groups of
    them) must be independent draws from what is to come.

    Examples
    --------
    >>> answers, wrong = [[0.9, 0.8, 0.15]] * 60, [[0, 0, 1]] * 60
    >>> learn_then_test(answers, wrong, alpha=0.1).threshold
    0.15
    >>> learn_then_test(answers[:9], wrong[:9], alpha=0.1).reason
    'too_few_calibration_answers'
    """
    _check_share("alpha", alpha)
    _check_share("delta", delta)
    if loss not in _LOSSES:
        raise ValueError(f"loss is {loss!r}; wanted: one of {', '.join(_LOSSES)}")
    steps = np.arange(101) / 100 if grid is None else np.unique(checked_shares("grid", grid))
    if not len(steps):
        raise ValueError("grid is empty; wanted: at least one threshold")
    table = _Table(scores, bad, groups)
    if table.units == 0 or _p_value(np.zeros(table.units), alpha, binary=False) > delta:
        return table.undefined(alpha, loss, delta)
    binary = loss == "any_bad" and table.units == len(table.size)
    taken: float | None = None
    for threshold in steps[::-1].tolist():
        if _p_value(table.losses(threshold, loss), alpha, binary) > delta:
            break
        taken = threshold
    if taken is None:
        return table.undefined(alpha, loss, delta, "no_threshold_passed")
    return table.found(taken, alpha, loss, delta)


class _Table:
    """Claims of all answers in one vector each, with the unit that each answer belongs to."""

    def __init__(self, scores: Sequence[Counts], bad: Sequence[Counts], groups: Groups | None) -> None:
        if len(scores) != len(bad):
            raise ValueError(f"scores has {len(scores)} answers and bad {len(bad)}; wanted: the same answers in both")
        for name, rows in (("scores", scores), ("bad", bad)):
            if any(np.ndim(row) != 1 for row in rows):
                raise ValueError(
                    f"{name} is not one sequence per answer; wanted: claims sorted into answers, because claims of one "
                    "answer are not exchangeable"
                )
        sizes = np.array([len(row) for row in scores], dtype=np.int64)
        others = np.array([len(row) for row in bad], dtype=np.int64)
        if (sizes != others).any():
            at = int(np.argmax(sizes != others))
            raise ValueError(f"scores[{at}] has {sizes[at]} claims and bad[{at}] {others[at]}; wanted: one label each")
        self.score = checked_shares("scores", list(chain.from_iterable(scores)))
        self.bad = checked_flags("bad", list(chain.from_iterable(bad)))
        kept = np.flatnonzero(sizes)
        self.without = len(sizes) - len(kept)
        self.size = sizes[kept]
        self.answer: NDArray[np.int64] = np.repeat(np.arange(len(kept)), self.size)
        names: Groups = np.arange(len(sizes)) if groups is None else groups
        if len(names) != len(sizes):
            raise ValueError(f"groups has {len(names)} entries for {len(sizes)} answers; wanted: one per answer")
        self.unit = group_numbers([names[i] for i in kept], len(kept))
        self.units = int(self.unit.max()) + 1 if len(kept) else 0
        self.answers_per_unit = np.bincount(self.unit, minlength=self.units)

    def losses(self, threshold: float, loss: Loss) -> Vector:
        """Per unit, the mean loss of its answers."""
        shown = self.score > threshold
        wrong = np.bincount(self.answer, weights=self.bad * shown, minlength=len(self.size))
        if loss == "any_bad":
            each = (wrong > 0).astype(np.float64)
        elif loss == "bad_share":
            each = wrong / self.size
        else:
            each = wrong / np.maximum(1, np.bincount(self.answer, weights=shown, minlength=len(self.size)))
        return summed(self.unit, each) / self.answers_per_unit

    def found(self, threshold: float, alpha: float, loss: Loss, delta: float | None) -> Threshold:
        mean, kept = float(self.losses(threshold, loss).mean()), float((self.score > threshold).mean())
        return Threshold(threshold, alpha, mean, kept, self.units, self.without, loss, delta)

    def undefined(
        self, alpha: float, loss: Loss, delta: float | None, reason: str = "too_few_calibration_answers"
    ) -> Threshold:
        return Threshold(None, alpha, None, None, self.units, self.without, loss, delta, reason)


def _p_value(losses: Vector, alpha: float, binary: bool) -> float:
    """How likely losses as small as these are if the expected loss exceeds alpha; losses between 0 and 1."""
    n, mean = len(losses), float(losses.mean())
    whole = math.ceil(n * mean - 1e-9)
    below = float(bdtr(whole, n, alpha))
    if binary:
        return below
    a = min(mean, alpha)
    hoeffding = math.exp(-n * float(xlogy(a, a / alpha) + xlogy(1 - a, (1 - a) / (1 - alpha))))
    return min(1.0, hoeffding, math.e * below)


def _check_share(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} is {value}; wanted: a share strictly between 0 and 1")
