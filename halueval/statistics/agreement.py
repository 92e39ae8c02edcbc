"""How far people who label the same claims agree with each other, and a verifier with them, beyond chance.

Four coefficients of one form, (observed - expected) / (1 - expected), which differ in what they take for chance. Where
bad claims are rare Cohen's kappa can be below 0 at 95 % agreement while Gwet's AC1 stays high: report both, and the
observed agreement beside them (:func:`agreement_summary`).

Claims of one answer resemble each other, so the intervals are over groups. Each is the outer one of two: the
coefficient linearised in the groups' sums (its derivative is taken by a complex step, exact to rounding) with t limits
on the scale of log(1 - coefficient), which no limit above 1 can leave; and the default interval of the rate of
disagreement, over chance. The first alone is too short for kappa where few claims are bad and undefined where nobody
disagrees; a cluster bootstrap gives [1, 1] there. Measured in benchmarks/statistics/agreement.py, decided in
docs/decisions/0092.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from halueval.statistics.arguments import Vector, checked_level
from halueval.statistics.guarded import guarded_korn_graubard
from halueval.statistics.ratings import Label, coded, kept_groups, offered_labels

__all__ = [
    "Agreement",
    "AgreementSummary",
    "agreement_summary",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "krippendorff_alpha_nominal",
]

# Sums over items, one row per group (or one for all) → observed and expected agreement; real or complex.
_Form: TypeAlias = Callable[[NDArray[Any]], tuple[Any, Any]]

_FEW_GROUPS = 20
_STEP = 1e-20


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient of agreement with its interval over groups.

    ``value`` is None with ``reason`` where chance alone would agree on everything ("one_category"); ``observed`` is
    given all the same. ``low`` and ``high`` are None where no interval can be given, and ``reason`` says why.
    """

    value: float | None
    observed: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    items: int = 0
    groups: int = 0
    name: str = ""
    reason: str = ""
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is printed.

        Examples
        --------
        >>> print(Agreement(0.61, 0.9, 0.74, 0.4, 0.75, items=120, groups=40, name="Cohen's kappa"))
        Cohen's kappa 0.61 [0.40, 0.75] at 95 %; observed agreement 90.0 % of 120 items, 40 groups
        """
        seen = "" if self.observed is None else f"; observed agreement {100 * self.observed:.1f} %"
        basis = f"{seen} of {self.items:,} items, {self.groups:,} groups"
        if self.value is None:
            return f"{self.name} undefined ({self.reason}){basis}"
        limits = (
            f", no interval: {self.reason}"
            if self.low is None or self.high is None
            else f" [{self.low:.2f}, {self.high:.2f}] at {100 * self.level:g} %"
        )
        return "\n".join([f"{self.name} {self.value:.2f}{limits}{basis}", *(f"  warning: {w}" for w in self.warnings)])


@dataclass(frozen=True, slots=True)
class AgreementSummary:
    """Two raters: the share of items on which they agree, Cohen's kappa and Gwet's AC1, each with its interval.

    ``observed`` has the default interval of a rate (guarded Korn-Graubard over groups), which is one also where nobody
    disagrees; ``missing`` items were labelled by one rater only and are left out.
    """

    observed: float | None
    observed_low: float | None
    observed_high: float | None
    cohen_kappa: Agreement
    ac1: Agreement
    missing: int = 0
    reason: str = ""

    def __str__(self) -> str:
        """As it is printed, one coefficient a line."""
        if self.observed is None:
            return f"agreement undefined ({self.reason})"
        limits = (
            f", no interval: {self.reason}"
            if self.observed_low is None or self.observed_high is None
            else f" [{100 * self.observed_low:.1f} %, {100 * self.observed_high:.1f} %]"
        )
        return f"observed agreement {100 * self.observed:.1f} %{limits}\n{self.cohen_kappa}\n{self.ac1}"


def cohen_kappa(
    rater_1: Sequence[Label | None],
    rater_2: Sequence[Label | None],
    *,
    groups: Sequence[Label] | None = None,
    level: float = 0.95,
) -> Agreement:
    """Agreement of two raters, unweighted; chance is the product of how often each uses a label.

    Parameters
    ----------
    rater_1, rater_2 : sequence
        One label per item; None (or NaN) where a rater gave none: such items are left out.
    groups : sequence, optional
        The group (answer, prompt) of each item; left out, every item counts for its own.
    level : float
        Two-sided.

    Returns
    -------
    Agreement
        None without items ("no_items") and where both use one label only ("one_category").

    Raises
    ------
    ValueError
        For inputs of unequal length.

    Notes
    -----
    Cohen, Educ Psychol Meas 20:37 (1960).

    Examples
    --------
    >>> found = cohen_kappa([1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0], [1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 1])
    >>> print(f"{found.value:.3f} [{found.low:.2f}, {found.high:.2f}], {found.observed:.2f} observed")
    0.471 [-0.62, 0.92], 0.75 observed
    >>> cohen_kappa([0, 0], [0, 0]).reason
    'one_category'
    """
    counts = coded([rater_1, rater_2])
    both = (counts.codes >= 0).all(axis=0)
    first, second = (np.eye(counts.categories)[row[both]] for row in counts.codes)
    agree = (first * second).sum(axis=1)
    items = np.column_stack([np.ones(len(agree)), agree, first, second])
    return _coefficient("Cohen's kappa", items, _cohen, kept_groups(groups, both), level)


def fleiss_kappa(
    counts: Sequence[Sequence[float]] | NDArray[Any],
    *,
    groups: Sequence[Label] | None = None,
    level: float = 0.95,
) -> Agreement:
    """Agreement of any number of raters; chance is the square of how often a label is used.

    Parameters
    ----------
    counts : sequence of sequence
        One row per item, one column per label: how many raters gave it. Every item needs the same number of raters.
    groups, level
        As in :func:`cohen_kappa`.

    Returns
    -------
    Agreement
        None without items ("no_items"), with one rater ("fewer_than_two_raters"), where items have different numbers
        of raters ("unequal_raters": take :func:`krippendorff_alpha_nominal`), for one label only ("one_category").

    Notes
    -----
    Fleiss, Psychol Bull 76:378 (1971).

    Examples
    --------
    >>> round(fleiss_kappa([[4, 0, 0], [2, 2, 0], [0, 3, 1], [1, 1, 2], [0, 4, 0], [3, 1, 0]]).value, 4)
    0.3064
    """
    name = "Fleiss' kappa"
    checked_level(level)
    table = np.asarray(counts, dtype=np.float64)
    if not table.size:
        return Agreement(None, level=level, name=name, reason="no_items")
    if table.ndim != 2:
        raise ValueError(f"counts has {table.ndim} dimensions; wanted: items in rows, labels in columns")
    if not (np.isfinite(table) & (table >= 0)).all():
        raise ValueError("counts has an entry that is negative or not finite; wanted: numbers of raters")
    raters = table.sum(axis=1)
    if raters.min() != raters.max():
        return Agreement(None, level=level, items=len(table), name=name, reason="unequal_raters")
    if raters[0] < 2:
        return Agreement(None, level=level, items=len(table), name=name, reason="fewer_than_two_raters")
    items = np.column_stack([np.ones(len(table)), _pairs(table, raters), table / raters[0]])
    return _coefficient(name, items, _fleiss, kept_groups(groups, np.ones(len(table), dtype=bool)), level)


def krippendorff_alpha_nominal(
    ratings: Sequence[Sequence[Label | None]],
    *,
    groups: Sequence[Label] | None = None,
    level: float = 0.95,
) -> Agreement:
    """Agreement of any number of raters who need not have labelled every item.

    Parameters
    ----------
    ratings : sequence of sequence
        One row per rater, one entry per item, None (or NaN) where there is no label. Items with fewer than two labels
        are left out.
    groups, level
        As in :func:`cohen_kappa`.

    Returns
    -------
    Agreement
        None where no item has two labels ("no_items") and for one label only ("one_category").

    Notes
    -----
    Krippendorff, Content Analysis (2004), chapter 11: chance is drawing two labels without putting back.

    Examples
    --------
    >>> round(krippendorff_alpha_nominal([[1, 2, 3, None], [1, 2, 2, 3], [None, 2, 3, 3]]).value, 4)
    0.7188
    """
    table = coded(ratings).table()
    labels = table.sum(axis=1)
    paired = labels >= 2
    table, labels = table[paired], labels[paired]
    items = np.column_stack([labels, labels * _pairs(table, labels), table])
    return _coefficient("Krippendorff's alpha", items, _krippendorff, kept_groups(groups, paired), level)


def gwet_ac1(
    ratings: Sequence[Sequence[Label | None]],
    *,
    categories: int | Iterable[Label] | None = None,
    groups: Sequence[Label] | None = None,
    level: float = 0.95,
) -> Agreement:
    """Agreement of two or more raters by a chance term that stays small where one label is rare.

    Parameters
    ----------
    ratings : sequence of sequence
        As in :func:`krippendorff_alpha_nominal`; items with one label count for how often labels are used.
    categories : int or iterable, optional
        The labels on offer, or how many there were; left out, those that were used.
    groups, level
        As in :func:`cohen_kappa`.

    Returns
    -------
    Agreement
        None where no item has two labels ("no_items") and where one label only was on offer ("one_category").

    Raises
    ------
    ValueError
        For a label that is not among ``categories``.

    Notes
    -----
    Chance is sum pi(1 - pi) / (q - 1) over the q labels on offer. Gwet, Br J Math Stat Psychol 61:29 (2008).

    Examples
    --------
    >>> round(gwet_ac1([[1, 0, 0, 1, 1, 0], [1, 0, 1, 1, 0, 0]]).value, 4)
    0.3333
    >>> gwet_ac1([[0, 0], [0, 0]]).reason, gwet_ac1([[0, 0], [0, 0]], categories=(0, 1)).value
    ('one_category', 1.0)
    """
    counts = coded(ratings)
    offered = counts.categories if categories is None else offered_labels(categories, counts)
    table = counts.table()
    labels = table.sum(axis=1)
    used = labels >= 1
    table, labels = table[used], labels[used]
    paired = labels >= 2
    items = np.column_stack([paired, np.where(paired, _pairs(table, labels), 0.0), used[used], table / labels[:, None]])

    def form(sums: NDArray[Any]) -> tuple[Any, Any]:
        shares = sums[..., 3:] / sums[..., 2:3]
        return sums[..., 1] / sums[..., 0], (shares * (1 - shares)).sum(axis=-1) / (offered - 1)

    if offered < 2:
        form = _one_category
    return _coefficient("Gwet's AC1", items, form, kept_groups(groups, used), level)


def agreement_summary(
    rater_1: Sequence[Label | None],
    rater_2: Sequence[Label | None],
    *,
    categories: int | Iterable[Label] | None = None,
    groups: Sequence[Label] | None = None,
    level: float = 0.95,
) -> AgreementSummary:
    """Observed agreement, Cohen's kappa and Gwet's AC1 of two raters, or of a verifier with a rater, side by side.

    Parameters
    ----------
    rater_1, rater_2, categories, groups, level
        As in :func:`cohen_kappa` and :func:`gwet_ac1`; items that either left out are left out and counted.

    Returns
    -------
    AgreementSummary
        All None without an item that both labelled ("no_items").

    Examples
    --------
    >>> print(agreement_summary([0] * 97 + [1, 1, 0], [0] * 96 + [1, 0, 0, 1]))
    observed agreement 96.0 % [89.9 %, 98.9 %]
    Cohen's kappa -0.02 [-1.00, 0.73] at 95 %; observed agreement 96.0 % of 100 items, 100 groups
    Gwet's AC1 0.96 [0.89, 0.99] at 95 %; observed agreement 96.0 % of 100 items, 100 groups
    """
    counts = coded([rater_1, rater_2])
    both = (counts.codes >= 0).all(axis=0)
    first, second = ([row[i] for i in np.flatnonzero(both)] for row in (rater_1, rater_2))
    kept = kept_groups(groups, both)
    differ = np.bincount(kept, weights=counts.codes[0][both] != counts.codes[1][both])
    found = guarded_korn_graubard(differ, np.bincount(kept).astype(np.float64), level=level)
    place: list[Label] = kept.tolist()
    return AgreementSummary(
        None if found.rate is None else 1 - found.rate,
        None if found.high is None else 1 - found.high,
        None if found.low is None else 1 - found.low,
        cohen_kappa(first, second, groups=place, level=level),
        gwet_ac1([first, second], categories=categories, groups=place, level=level),
        int((~both).sum()),
        _REASONS.get(found.reason, found.reason),
    )


_REASONS = {"no_claims": "no_items", "fewer_than_two_answers": "fewer_than_two_groups"}


def _pairs(table: Vector, labels: Vector) -> Vector:
    """Per item, the share of pairs of raters that agree; needs two labels an item."""
    many = np.maximum(labels, 2)
    shares: Vector = (table * (table - 1)).sum(axis=1) / (many * (many - 1))
    return shares


def _cohen(sums: NDArray[Any]) -> tuple[Any, Any]:
    n, half = sums[..., 0], (sums.shape[-1] - 2) // 2
    return sums[..., 1] / n, (sums[..., 2 : 2 + half] * sums[..., 2 + half :]).sum(axis=-1) / n**2


def _fleiss(sums: NDArray[Any]) -> tuple[Any, Any]:
    n = sums[..., 0]
    return sums[..., 1] / n, ((sums[..., 2:] / n[..., None]) ** 2).sum(axis=-1)


def _krippendorff(sums: NDArray[Any]) -> tuple[Any, Any]:
    n = sums[..., 0]
    return sums[..., 1] / n, (sums[..., 2:] * (sums[..., 2:] - 1)).sum(axis=-1) / (n * (n - 1))


def _one_category(sums: NDArray[Any]) -> tuple[Any, Any]:
    return sums[..., 1] / sums[..., 0], np.ones_like(sums[..., 0])


def _coefficient(name: str, items: Vector, form: _Form, groups: NDArray[np.int64], level: float) -> Agreement:
    """The coefficient of the summed items, with limits from its derivative in the sums of each group."""
    checked_level(level)
    total = items.sum(axis=0)
    size = len(items)
    if not size or not total[0]:
        return Agreement(None, level=level, name=name, reason="no_items")
    sums = np.zeros((int(groups.max()) + 1, items.shape[1]))
    np.add.at(sums, groups, items)
    number = int((sums[:, 0] > 0).sum())
    observed, expected = (float(v) for v in form(total))
    if 1 - expected <= 1e-12:
        return Agreement(None, observed, expected, None, None, level, size, number, name, "one_category")
    value = (observed - expected) / (1 - expected)
    if number < 2:
        return Agreement(value, observed, expected, None, None, level, size, number, name, "fewer_than_two_groups")
    seen, chance = form(total + 1j * _STEP * sums)
    influence = np.imag((seen - chance) / (1 - chance)) / _STEP
    influence -= influence.mean()
    error = math.sqrt(float(influence @ influence) * number / (number - 1))
    weights = sums[:, 0] * (np.count_nonzero(items[:, 0]) / total[0])
    # chance as seen: what is uncertain is how often raters differ; rounding must not make a difference negative
    differ = np.clip(weights - sums[:, 1] * (np.count_nonzero(items[:, 0]) / total[0]), 0, weights)
    guard = guarded_korn_graubard(differ, weights, level=level)
    low, high = (1 - (limit or 0.0) / (1 - expected) for limit in (guard.high, guard.low))
    if error > 1e-12 and value < 1:
        # d log(1 - k) = -dk / (1 - k)
        factor = math.exp(min(50.0, float(stdtrit(number - 1, (1 + level) / 2)) * error / (1 - value)))
        low, high = min(low, 1 - (1 - value) * factor), max(high, 1 - (1 - value) / factor)
    few = (f"only {number} groups: the interval may be too short",) if number < _FEW_GROUPS else ()
    return Agreement(value, observed, expected, max(-1.0, low), min(1.0, high), level, size, number, name, warnings=few)
