"""Several models at once: p values for many comparisons, bands that hold together, ranks that can be defended.

With ten models there are 45 pairs, and at 5 % each one expects two "differences" among equal models. Holm's step-down
takes the p values of any tests; the max-T bands use that the pairs share prompts and models and are shorter for it;
the ranks that the bands leave open are reported, not the order of the point estimates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from halueval.statistics.arguments import Vector, checked_level
from halueval.statistics.comparison import swaps

__all__ = ["Bands", "holm", "max_t_bands", "rank_sets"]

_TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Bands:
    """Simultaneous limits of several estimates: with the level's probability all of them hold.

    An estimate whose residuals are all 0 has None for its limits and its p; ``reason`` is "no_variation" where no
    estimate has any, "fewer_than_two_prompts" for one row of residuals.
    """

    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    adjusted_p: tuple[float | None, ...]
    critical_value: float | None
    standard_error: tuple[float, ...] = ()
    flips: int = 0
    prompts: int = 0
    level: float = 0.95
    reason: str = ""


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down p values, in the order of the input, capped at 1 and monotone.

    Parameters
    ----------
    p : sequence of float
        None where a pair could not be compared: it stays None and does not count as a comparison.

    Returns
    -------
    list of float or None

    Raises
    ------
    ValueError
        For a p outside 0 to 1.

    Notes
    -----
    Holds for p values of any dependence. Holm, Scand J Stat 6:65 (1979).

    Examples
    --------
    >>> [round(q, 3) for q in holm([0.012, 0.2, 0.003, 0.04, 0.041])]
    [0.048, 0.2, 0.015, 0.12, 0.12]
    """
    for place, value in enumerate(p):
        if value is not None and not 0 <= value <= 1:
            raise ValueError(f"p[{place}] is {value}; wanted: from 0 to 1, or None")
    known = sorted((value, place) for place, value in enumerate(p) if value is not None)
    adjusted: list[float | None] = [None] * len(p)
    largest = 0.0
    for rank, (value, place) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * value))
        adjusted[place] = largest
    return adjusted


def max_t_bands(
    estimates: Sequence[float],
    residuals: ArrayLike,
    *,
    level: float = 0.95,
    draws: int = 9999,
    seed: int = 0,
    studentised: bool = False,
) -> Bands:
    """Limits of several estimates that hold together, from the largest \\|t\\| over sign flips of the prompts.

    Parameters
    ----------
    estimates : sequence of float
        Such as the differences of all pairs of models.
    residuals : array of shape (prompts, estimates)
        What each prompt contributes to each estimate, of which the estimate's error is the mean; taken from their mean.
    level : float
        Of all limits together.
    draws, seed : int
        Up to 15 prompts all flips are listed; beyond, ``draws`` of them are drawn.
    studentised : bool
        Give every flip its own standard error. The published form takes that of the estimates for known, which makes
        bands of few prompts too short: at 20 prompts it calls one of five equal models different in up to one of five
        runs.

    Returns
    -------
    Bands
        ``adjusted_p`` is (1 + flips at least as extreme) / (1 + flips), never 0. No limits where the studentised flips
        have no finite quantile ("too_few_prompts").

    Raises
    ------
    ValueError
        For residuals that are not one column per estimate.

    Notes
    -----
    Standard errors are those of the paired difference, sqrt(sum w^2 / (G (G - 1))), the same for every flip;
    studentised, a flip's t becomes t / sqrt(1 - t^2 / (G - 1)), since flips leave the sum of squares as it is. The
    critical value is the smallest value with at least the level's share of flips at or below it. Westfall and Young,
    Resampling-Based Multiple Testing (1993).

    Examples
    --------
    >>> prompts = [[0.3, -0.1], [-0.2, 0.4], [0.5, 0.2], [-0.4, -0.1], [0.1, 0.3], [-0.3, -0.7]]
    >>> found = max_t_bands([0.31, 0.12], prompts)
    >>> [f"[{low:.2f}, {high:.2f}]" for low, high in zip(found.low, found.high)]
    ['[0.04, 0.58]', '[-0.18, 0.42]']
    """
    checked_level(level)
    centre = np.asarray(estimates, dtype=np.float64)
    table = np.asarray(residuals, dtype=np.float64)
    if table.ndim != 2 or centre.ndim != 1 or table.shape[1] != len(centre):
        raise ValueError(f"residuals are of shape {table.shape}; wanted: a row per prompt, {len(centre)} columns")
    if not np.isfinite(table).all() or not np.isfinite(centre).all():
        raise ValueError("estimates or residuals are not all finite numbers")
    if draws < 1:
        raise ValueError(f"draws is {draws}; wanted: at least 1")
    prompts, none = len(table), (None,) * len(centre)
    if prompts < 2:
        return Bands(none, none, none, None, prompts=prompts, level=level, reason="fewer_than_two_prompts")
    table = table - table.mean(axis=0)
    error: Vector = np.sqrt((table**2).sum(axis=0) / (prompts * (prompts - 1)))
    varies = error > 1e-15
    if not varies.any():
        return Bands(none, none, none, None, tuple(error.tolist()), 0, prompts, level, "no_variation")
    scaled = table[:, varies] / (prompts * error[varies])
    largest = np.sort(np.concatenate([np.abs(signs @ scaled).max(axis=1) for signs in _signs(prompts, draws, seed)]))
    if studentised:
        with np.errstate(divide="ignore"):
            largest = largest / np.sqrt(np.maximum(0.0, 1 - largest**2 / (prompts - 1)))
    critical = float(largest[max(0, math.ceil(level * len(largest) - 1e-9) - 1)])
    t = np.abs(centre[varies]) / error[varies]
    extreme = len(largest) - np.searchsorted(largest, t - _TIE, side="left")
    half, p = np.full(len(centre), np.nan), np.full(len(centre), np.nan)
    half[varies], p[varies] = critical * error[varies], (1 + extreme) / (1 + len(largest))
    if not math.isfinite(critical):
        errors = tuple(error.tolist())
        return Bands(none, none, _numbers(p), None, errors, len(largest), prompts, level, "too_few_prompts")
    return Bands(
        _numbers(centre - half),
        _numbers(centre + half),
        _numbers(p),
        critical,
        tuple(error.tolist()),
        len(largest),
        prompts,
        level,
    )


def rank_sets(low: Sequence[float | None], high: Sequence[float | None], models: int) -> tuple[tuple[int, int], ...]:
    """The best and the worst rank of each model that simultaneous bands of all differences allow; 1 is the lowest rate.

    Parameters
    ----------
    low, high : sequence of float or None
        Limits of first minus second for the pairs (0, 1), (0, 2), ..., (1, 2), ...; None leaves a pair open.
    models : int

    Returns
    -------
    tuple of (best, worst)
        With the bands' probability every model's rank lies in its set.

    Notes
    -----
    Mogstad, Romano, Shaikh and Wilhelm, Rev Econ Stud 91:476 (2024).

    Examples
    --------
    >>> rank_sets([-0.2, -0.3, -0.15], [-0.1, -0.2, 0.05], models=3)
    ((1, 1), (2, 3), (2, 3))
    """
    pairs = list(combinations(range(models), 2))
    if not len(low) == len(high) == len(pairs):
        raise ValueError(f"low has {len(low)} and high {len(high)} entries; wanted: {len(pairs)}, one per pair")
    better, worse = [0] * models, [0] * models
    for (first, second), lower, upper in zip(pairs, low, high, strict=True):
        if lower is not None and lower > 0:
            first, second = second, first
        elif upper is None or upper >= 0:
            continue
        better[second] += 1
        worse[first] += 1
    return tuple((1 + better[m], models - worse[m]) for m in range(models))


def _signs(prompts: int, draws: int, seed: int) -> Iterator[Vector]:
    for block in swaps(prompts, draws, seed):
        yield 1 - 2 * block


def _numbers(values: Vector) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(value) else value for value in values.tolist())
