"""Two models, or several, on the prompts that both (all) answered, put into records that can be printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from halueval.statistics.arguments import Counts, Vector, checked_counts
from halueval.statistics.comparison import (
    AnyEvent,
    any_event_comparison,
    log_rate_ratio,
    paired_difference,
    paired_influence,
    swap_permutation_exact,
)
from halueval.statistics.estimate import shown
from halueval.statistics.multiplicity import holm, max_t_bands, rank_sets
from halueval.statistics.rates import Share, Terms, VerdictTable

__all__ = ["Comparison", "SeveralModels", "compare_several", "compare_two", "compared"]

_ENOUGH_EVENTS = 50
_FEW_EVENTS = (
    f"fewer than {_ENOUGH_EVENTS} bad claims of one model: the margin's test errs up to twice as often as said"
)
_BAD = ("refuted", "unsupported", "refuted_decided")  # rates of whole bad claims, of which an answer can have any
_REASONS = {
    "no_shared_prompts": "no prompt for which both have claims with a verdict",
    "fewer_than_two_prompts": "only one prompt for which both have claims with a verdict",
    "no_variation": "the difference is the same on every prompt",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the prompts that both answered: the difference of their rates with its interval, and a p value.

    ``p`` is that of the swap permutation test; ``ratio`` is the rate of ``a`` over the rate of ``b``, None where either
    is 0. ``non_inferiority_p`` is one-sided: small where ``a`` is not worse by the ``margin`` or more. ``any_event``
    holds McNemar's test of "any bad claim", beside the claims per answer without which it means little. ``holm_p``,
    ``band_low`` and ``band_high`` are there where the pair is one of several. ``reason`` says why a difference or an
    interval is missing.

    Examples
    --------
    >>> print(Comparison("a", "b", "refuted", 0.12, 0.06, 0.06, -0.01, 0.13, 0.08, 2.0, 0.9, 4.4, 50))
    refuted: a 12.0 %, b 6.0 %; difference +6.0 points [-1.0, +13.0] at 95 %, p = 0.08 (swap permutation), \
50 prompts answered by both
    """

    a: str
    b: str
    rate: str
    rate_a: float | None
    rate_b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    prompts: int
    level: float = 0.95
    method: str = ""
    reason: str = ""
    margin: float | None = None
    non_inferiority_p: float | None = None
    any_event: AnyEvent | None = None
    holm_p: float | None = None
    band_low: float | None = None
    band_high: float | None = None
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is printed: both rates, the difference in percentage points, the p value."""
        if self.difference is None or self.rate_a is None or self.rate_b is None:
            return f"{self.rate}: {self.a} and {self.b} cannot be compared ({self.reason})"
        interval = (
            f"(no interval: {self.reason})"
            if self.low is None or self.high is None
            else f"[{100 * self.low:+.1f}, {100 * self.high:+.1f}] at {100 * self.level:g} %"
        )
        holm_p = "" if self.holm_p is None else f", {self.holm_p:.2g} after Holm"
        p = "" if self.p is None else f", p = {self.p:.2g} (swap permutation{holm_p})"
        margin = (
            ""
            if self.margin is None or self.non_inferiority_p is None
            else f"; worse by {100 * self.margin:g} points or more: p = {self.non_inferiority_p:.2g}"
        )
        basis = f"{self.prompts:,} prompts answered by both" + "".join(
            f"\n  warning: {warning}" for warning in self.warnings
        )
        return (
            f"{self.rate}: {self.a} {shown(self.rate_a)}, {self.b} {shown(self.rate_b)}; difference "
            f"{100 * self.difference:+.1f} points {interval}{p}{margin}, {basis}"
        )


@dataclass(frozen=True, slots=True)
class SeveralModels:
    """Every pair of several models, with what allows for their number: Holm's p, bands that hold together, rank sets.

    ``ranks`` gives each model's best and worst rank that the bands allow, 1 for the lowest rate; the bands are those of
    the ``prompts`` that all answered, each pair's own interval and p those of the prompts that both answered.
    """

    models: tuple[str, ...]
    rates: tuple[float | None, ...]
    pairs: tuple[Comparison, ...]
    ranks: tuple[tuple[int, int], ...]
    prompts: int
    level: float = 0.95
    method: str = ""
    reason: str = ""

    def __str__(self) -> str:
        """As it is printed: ranks first, then the pairs."""
        lines = [
            f"{model}: {'undefined' if rate is None else shown(rate)}, rank {best}"
            + ("" if best == worst else f" to {worst}")
            for model, rate, (best, worst) in zip(self.models, self.rates, self.ranks, strict=True)
        ]
        missing = (f"no simultaneous bands: {self.reason}",) if self.reason else ()
        return "\n".join([*lines, *missing, *(str(pair) for pair in self.pairs)])


def compare_two(
    models: tuple[str, str],
    bad_a: Counts,
    claims_a: Counts,
    bad_b: Counts,
    claims_b: Counts,
    *,
    rate: str = "refuted",
    level: float = 0.95,
    margin: float | None = None,
    seed: int = 0,
    note: str = "",
) -> Comparison:
    """Two models from their counts per prompt, in one record.

    Parameters
    ----------
    models : tuple of str
        Their names.
    bad_a, claims_a, bad_b, claims_b, level, margin
        As in :func:`halueval.statistics.paired_difference`.
    seed : int
        Of the swaps; the same seed gives the same p.
    rate, note : str
        What is counted, for printing.

    Examples
    --------
    >>> found = compare_two(("a", "b"), [2, 0, 1, 4], [10, 7, 12, 9], [1, 0, 0, 2], [12, 8, 9, 11], margin=0.2)
    >>> print(found)
    refuted: a 18.4 %, b 7.5 %; difference +10.9 points [-3.9, +25.7] at 95 %, p = 0.12 (swap permutation); worse by \
20 points or more: p = 0.073, 4 prompts answered by both
      warning: fewer than 50 bad claims of one model: the margin's test errs up to twice as often as said
    """
    found = paired_difference(bad_a, claims_a, bad_b, claims_b, level=level, margin=margin)
    test = swap_permutation_exact(bad_a, claims_a, bad_b, claims_b, seed=seed)
    ratio = log_rate_ratio(bad_a, claims_a, bad_b, claims_b, level=level)
    both = (np.asarray(claims_a) > 0) & (np.asarray(claims_b) > 0)
    rate_a, rate_b = (
        float(np.asarray(bad)[both].sum() / np.asarray(claims)[both].sum()) if both.any() else None
        for bad, claims in ((bad_a, claims_a), (bad_b, claims_b))
    )
    # the rate that is lower decides: its error is the worse known one
    events = min(float(np.asarray(bad)[both].sum()) for bad in (bad_a, bad_b))
    return Comparison(
        *models,
        rate,
        rate_a,
        rate_b,
        found.difference,
        found.low,
        found.high,
        test.p,
        ratio.ratio,
        ratio.low,
        ratio.high,
        found.prompts,
        level,
        f"paired linearised t; {'; '.join(p for p in (note, f'{test.permutations:,} swaps') if p)}",
        _REASONS.get(found.reason, found.reason),
        margin,
        found.non_inferiority_p,
        any_event_comparison(bad_a, claims_a, bad_b, claims_b),
        warnings=(_FEW_EVENTS,) if found.non_inferiority_p is not None and events < _ENOUGH_EVENTS else (),
    )


def compare_several(
    models: Sequence[str],
    bad: Sequence[Counts],
    claims: Sequence[Counts],
    *,
    rate: str = "refuted",
    level: float = 0.95,
    margin: float | None = None,
    seed: int = 0,
    note: str = "",
) -> SeveralModels:
    """All pairs of several models on the same prompts, with what allows for their number.

    Parameters
    ----------
    models : sequence of str
        At least two names.
    bad, claims : sequence of sequences
        One per model, each with one entry per prompt, in the same order; 0 claims where a model has no answer.
    rate, level, margin, seed, note
        As in :func:`compare_two`.

    Returns
    -------
    SeveralModels
        Without bands where fewer than two prompts were answered by all ("fewer_than_two_prompts") or no pair differs
        anywhere ("no_variation"), or with so few that no band is finite ("too_few_prompts"); every rank is then open.

    Raises
    ------
    ValueError
        For fewer than two models, or inputs of unequal length.

    Examples
    --------
    >>> bad = [[2, 1, 3, 2, 4, 2], [0, 0, 1, 0, 0, 0], [0, 1, 0, 0, 1, 0]]
    >>> found = compare_several(["a", "b", "c"], bad, [[10] * 6] * 3)
    >>> found.ranks
    ((3, 3), (1, 2), (1, 2))
    """
    if len(models) < 2 or not len(models) == len(bad) == len(claims):
        raise ValueError(
            f"{len(models)} models, {len(bad)} of bad, {len(claims)} of claims; wanted: the same number, at least 2"
        )
    for some, whole in zip(bad, claims, strict=True):
        checked_counts(some, whole)
    if len({len(whole) for whole in claims}) > 1:
        raise ValueError(
            f"claims have {sorted({len(c) for c in claims})} entries; wanted: one per prompt for each model"
        )
    y, m = np.array(bad, dtype=np.float64), np.array(claims, dtype=np.float64)
    terms: Any = {"rate": rate, "level": level, "margin": margin, "seed": seed, "note": note}
    pairs = [
        compare_two((models[i], models[j]), y[i], m[i], y[j], m[j], **terms)
        for i, j in combinations(range(len(models)), 2)
    ]
    shared = (m > 0).all(axis=0)
    few = int(shared.sum()) < 2
    y_all, m_all = y[:, shared], m[:, shared]
    low: Sequence[float | None] = [None] * len(pairs)
    high: Sequence[float | None] = [None] * len(pairs)
    reason, method = "fewer_than_two_prompts", ""
    if not few:
        own = y_all.sum(axis=1) / m_all.sum(axis=1)
        ends = list(combinations(range(len(models)), 2))
        residuals = np.column_stack([paired_influence(y_all[i], m_all[i], y_all[j], m_all[j]) for i, j in ends])
        bands = max_t_bands([own[i] - own[j] for i, j in ends], residuals, level=level, seed=seed, studentised=True)
        low, high, reason = bands.low, bands.high, bands.reason
        method = (
            f"studentised max-T over {bands.flips:,} sign flips, critical value {bands.critical_value or math.nan:.2f}"
        )
    told = zip(pairs, holm([pair.p for pair in pairs]), low, high, strict=True)
    return SeveralModels(
        tuple(models),
        tuple(float(b.sum() / c.sum()) if c.any() else None for b, c in zip(y, m, strict=True)),
        tuple(replace(pair, holm_p=p, band_low=below, band_high=above) for pair, p, below, above in told),
        rank_sets(low, high, len(models)),
        int(shared.sum()),
        level,
        method,
        reason,
    )


def compared(
    a: tuple[str, VerdictTable],
    b: tuple[str, VerdictTable],
    rate: str,
    share: Share,
    terms: Terms,
    margin: float | None = None,
) -> Comparison:
    """The comparison of two tables whose groups are numbered alike: equal numbers are the same prompt."""
    groups = 1 + max((int(table.group.max()) for _, table in (a, b) if len(table.group)), default=-1)

    def sums(table: VerdictTable, weights: tuple[float, ...]) -> Vector:
        values = table.by_group(table.claims(weights))
        return np.pad(values, (0, groups - len(values)))

    found = compare_two(
        (a[0], b[0]),
        sums(a[1], share.numerator),
        sums(a[1], share.denominator),
        sums(b[1], share.numerator),
        sums(b[1], share.denominator),
        rate=rate,
        level=terms.level,
        margin=margin,
        note=share.note,
    )
    return found if rate in _BAD else replace(found, any_event=None)
