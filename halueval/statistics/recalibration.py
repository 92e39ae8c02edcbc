"""Making probabilities mean what they say: temperature scaling, isotonic regression, and both cross-fitted.

A calibrator flatters itself on the claims it was fitted to: score what :func:`cross_calibrated` gives, which uses for
each claim a fit on other groups, and then fit on everything for use.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, isotonic_regression
from scipy.special import expit, logit, logsumexp, softmax, stdtrit

from halueval.statistics.arguments import Counts, Vector, checked_level, checked_vector
from halueval.statistics.scored import (
    Groups,
    checked_flags,
    checked_same_length,
    checked_shares,
    degrees_of_freedom,
    group_numbers,
    summed,
)

__all__ = ["Isotonic", "Temperature", "cross_calibrated", "isotonic_calibration", "scaled", "temperature_scaling"]

_CLOSEST = 1e-9  # to 0 and 1 that a probability is taken for when its logit is needed


@dataclass(frozen=True, slots=True)
class Temperature:
    """The temperature with the mean negative log-likelihood after and before (at 1); limits where groups are given."""

    temperature: float | None
    nll: float | None
    nll_before: float | None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    groups: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising function from probability to probability, by its corners; straight between them, flat outside."""

    probability: tuple[float, ...]
    calibrated: tuple[float, ...]
    reason: str = ""

    def apply(self, probability: Counts) -> Vector:
        """The calibrated probabilities.

        Raises
        ------
        ValueError
            The fit is undefined (``reason`` says why), or a probability lies outside 0 to 1.

        Examples
        --------
        >>> isotonic_calibration([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1]).apply([0.1, 0.5, 0.9]).tolist()
        [0.0, 0.5, 1.0]
        """
        if not self.probability:
            raise ValueError(f"the fit is undefined ({self.reason}); wanted: a fit on some claims")
        applied: Vector = np.interp(checked_shares("probability", probability), self.probability, self.calibrated)
        return applied


def temperature_scaling(
    logits: Sequence[float] | Sequence[Sequence[float]] | NDArray[np.float64],
    outcome: Counts,
    groups: Groups | None = None,
    *,
    level: float = 0.95,
) -> Temperature:
    """The one number to divide logits by so that their probabilities fit what happened best.

    Parameters
    ----------
    logits : sequence of float, or of one row per claim
        Of the event, p = sigmoid(logit / T); or a row of logits over classes, p = softmax(row / T). Logarithms of
        probabilities are such a row.
    outcome : sequence of int
        0 or 1; with rows, the place of the true class.
    groups : sequence, optional
        Per claim what it was sampled with; with it come limits.
    level : float
        Two-sided.

    Returns
    -------
    Temperature
        ``temperature`` and ``nll`` None without claims ("no_claims"), where the logits separate the outcomes perfectly
        and the best temperature is 0 ("separable"), and where they say nothing, or the opposite, and the best is
        infinite ("uninformative"). No limits without groups or with one.

    Raises
    ------
    ValueError
        For a logit that is not finite, an outcome that is no class, or unequal lengths.

    Notes
    -----
    Minimises the mean negative log-likelihood, which is convex in 1/T, by the root of its derivative: Guo et al., arXiv
    1706.04599. Limits: sandwich variance over groups of log(1/T), t with Satterthwaite's degrees of freedom.

    Examples
    --------
    >>> logits = [2.2, -1.4, 3.1, 0.4, -2.6, 1.1, -0.3, 2.9, -3.3, 0.9]
    >>> found = temperature_scaling(logits, [1, 0, 1, 0, 0, 1, 1, 0, 0, 1])
    >>> print(f"{found.temperature:.4f}: {found.nll_before:.4f} to {found.nll:.4f}")
    1.6634: 0.5827 to 0.5445
    >>> temperature_scaling([-1.0, 2.0], [0, 1]).reason
    'separable'
    """
    checked_level(level)
    rows, true = _rows(logits, outcome)
    if not len(rows):
        return Temperature(None, None, None, level=level, reason="no_claims")
    number = None if groups is None else group_numbers(groups, len(rows))
    count = 0 if number is None else int(number.max()) + 1
    # measured from the true class, and in units of the largest difference, nothing below overflows
    away = rows - rows[np.arange(len(rows)), true][:, None]
    before = float(logsumexp(away, axis=1).mean())
    size = float(np.abs(away).max())
    if size > 0:
        away = away / size

    def slope(inverse: float) -> float:
        return float((softmax(inverse * away, axis=1) * away).sum(axis=1).mean())

    if size == 0 or slope(0.0) >= -1e-15:
        return Temperature(None, None, before, level=level, groups=count, reason="uninformative")
    if away.max() <= 1e-15:  # of the largest difference: a wrong sign by less is rounding
        return Temperature(None, None, before, level=level, groups=count, reason="separable")
    above = 1.0
    while slope(above) <= 0:
        above *= 2
    inverse = float(brentq(slope, 0.0, above, xtol=1e-15, rtol=1e-14))
    low, high = (None, None) if number is None or count < 2 else _limits(inverse, away, number, level)
    return Temperature(
        size / inverse,
        float(logsumexp(inverse * away, axis=1).mean()),
        before,
        None if low is None else low * size,
        None if high is None else high * size,
        level,
        count,
    )


def scaled(probability: Counts, temperature: float) -> Vector:
    """Probabilities of an event after temperature scaling, sigmoid(logit(p) / T).

    Examples
    --------
    >>> [round(float(p), 3) for p in scaled([0.1, 0.5, 0.99], 2.0)]
    [0.25, 0.5, 0.909]
    """
    if not 0 < temperature < math.inf:
        raise ValueError(f"temperature is {temperature}; wanted: a finite number above 0")
    p = np.clip(checked_shares("probability", probability), _CLOSEST, 1 - _CLOSEST)
    result: Vector = expit(logit(p) / temperature)
    return result


def isotonic_calibration(probability: Counts, outcome: Counts) -> Isotonic:
    """The rising step function that fits the outcomes best, straight lines between its steps.

    Parameters
    ----------
    probability : sequence of float
        From 0 to 1, one per claim. Any score in that range will do: only its order counts.
    outcome : sequence of 0 or 1
        Whether the event was so.

    Returns
    -------
    Isotonic
        Without corners where there is no claim ("no_claims") or all outcomes are the same ("one_class": it would call
        everything certain). It does call the ends certain (0 or 1) where the extreme claims agree: it needs hundreds
        of labels where a temperature needs tens.

    Notes
    -----
    Pool adjacent violators (scipy.optimize.isotonic_regression); claims of one probability are pooled first, as
    scikit-learn's IsotonicRegression does. Zadrozny and Elkan, KDD 2002.

    Examples
    --------
    >>> isotonic_calibration([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1])
    Isotonic(probability=(0.2, 0.4, 0.6, 0.8), calibrated=(0.0, 0.5, 0.5, 1.0), reason='')
    """
    p, y = checked_shares("probability", probability), checked_flags("outcome", outcome)
    checked_same_length(probability=p, outcome=y)
    if not len(p):
        return Isotonic((), (), "no_claims")
    if y.min() == y.max():
        return Isotonic((), (), "one_class")
    x, place, count = np.unique(p, return_inverse=True, return_counts=True)
    fitted = isotonic_regression(np.bincount(place, weights=y) / count, weights=count.astype(np.float64)).x
    corner = np.ones(len(x), dtype=bool)
    corner[1:-1] = (np.abs(fitted[1:-1] - fitted[:-2]) > 1e-12) | (np.abs(fitted[1:-1] - fitted[2:]) > 1e-12)
    return Isotonic(tuple(x[corner].tolist()), tuple(np.clip(fitted[corner], 0, 1).tolist()))


def cross_calibrated(
    probability: Counts,
    outcome: Counts,
    groups: Groups,
    *,
    isotonic: bool = False,
    folds: int = 5,
    seed: int = 0,
) -> Vector:
    """Each claim's calibrated probability from a fit on other groups: what to score a calibrator by.

    Parameters
    ----------
    probability, outcome : sequence
        Of the event, and whether it was so.
    groups : sequence
        Per claim what it was sampled with; no group is split between fitting and scoring.
    isotonic : bool
        Isotonic regression instead of a temperature.
    folds : int
        At most; no more than there are groups.
    seed : int
        Of the order in which groups are dealt to folds.

    Returns
    -------
    array of float
        Unchanged where the fit on the other folds is undefined, and with a single group.

    Examples
    --------
    >>> p = cross_calibrated([0.9, 0.9, 0.9, 0.9, 0.1, 0.1], [1, 0, 1, 0, 0, 0], [1, 2, 3, 4, 5, 6], folds=6)
    >>> bool(p[0] < 0.9)
    True
    """
    p, y = checked_shares("probability", probability), checked_flags("outcome", outcome)
    checked_same_length(probability=p, outcome=y)
    if folds < 2:
        raise ValueError(f"folds is {folds}; wanted: at least 2")
    number = group_numbers(groups, len(p))
    result = p.copy()
    count = int(number.max()) + 1 if len(p) else 0
    if count < 2:
        return result
    fold = (np.random.default_rng(seed).permutation(count) % min(folds, count))[number]
    for k in range(min(folds, count)):
        out = fold == k
        if isotonic:
            steps = isotonic_calibration(p[~out], y[~out])
            result[out] = steps.apply(p[out]) if steps.probability else p[out]
        else:
            found = temperature_scaling(logit(np.clip(p[~out], _CLOSEST, 1 - _CLOSEST)), y[~out]).temperature
            result[out] = p[out] if found is None else scaled(p[out], found)
    return result


def _rows(
    logits: Sequence[float] | Sequence[Sequence[float]] | NDArray[np.float64], outcome: Counts
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A row of logits per claim and the place of the true class in it; of one logit, the other class has 0."""
    given = np.asarray(logits, dtype=np.float64)
    if given.ndim not in (1, 2):
        raise ValueError(f"logits has {given.ndim} dimensions; wanted: one number or one row per claim")
    if not np.isfinite(given).all():
        place = int(np.argmax(~np.isfinite(given).reshape(len(given), -1).all(axis=1)))
        raise ValueError(f"logits[{place}] is {given[place]}; wanted: finite numbers")
    true = checked_vector("outcome", outcome)
    checked_same_length(logits=given, outcome=true)
    rows = np.stack([np.zeros_like(given), given], axis=1) if given.ndim == 1 else given
    wrong = (true != np.floor(true)) | (true >= rows.shape[1])
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(f"outcome[{place}] is {true[place]:g}; wanted: a whole number below {rows.shape[1]}")
    return rows, true.astype(np.int64)


def _limits(
    inverse: float, away: NDArray[np.float64], number: NDArray[np.int64], level: float
) -> tuple[float | None, float | None]:
    weights = softmax(inverse * away, axis=1)
    mean = (weights * away).sum(axis=1)
    information = float(((weights * away**2).sum(axis=1) - mean**2).sum())
    groups = int(number.max()) + 1
    if information <= 0:
        return None, None
    parts = summed(number, mean)
    error = math.sqrt(groups / (groups - 1) * float((parts**2).sum())) / information
    if error == 0:
        return None, None
    half = float(stdtrit(degrees_of_freedom(parts), (1 + level) / 2)) * error / inverse
    return math.exp(-half) / inverse, math.exp(min(half, 700.0)) / inverse
