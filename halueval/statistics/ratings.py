"""What raters wrote, as numbers: labels of any kind, missing ones, groups of any name."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.statistics.arguments import Vector

__all__ = ["Codes", "Label", "coded", "kept_groups", "offered_labels"]

Label: TypeAlias = Hashable


@dataclass(frozen=True, slots=True)
class Codes:
    """Labels as numbers in the order of their first use, -1 for none: one row per rater."""

    codes: NDArray[np.int64]
    labels: tuple[Label, ...]

    @property
    def categories(self) -> int:
        """How many labels were used."""
        return len(self.labels)

    def table(self) -> Vector:
        """How many raters gave each item each label."""
        return (
            np.stack([(self.codes == k).sum(axis=0) for k in range(self.categories)], axis=1, dtype=np.float64)
            if self.categories
            else np.zeros((self.codes.shape[1], 0))
        )


def coded(ratings: Sequence[Sequence[Label | None]]) -> Codes:
    """One row of labels per rater, None or NaN where there is none."""
    lengths = {len(row) for row in ratings}
    if len(lengths) > 1:
        raise ValueError(f"raters have {', '.join(map(str, sorted(lengths)))} labels; wanted: one entry per item each")
    known: dict[Label, int] = {}
    # NaN, which is not equal to itself, is how data frames write a missing label
    rows = [[-1 if v is None or v != v else known.setdefault(v, len(known)) for v in row] for row in ratings]
    return Codes(np.array(rows, dtype=np.int64).reshape(len(rows), lengths.pop() if lengths else 0), tuple(known))


def offered_labels(categories: int | Iterable[Label], counts: Codes) -> int:
    """How many labels there were to choose from, among them all that were used."""
    if isinstance(categories, int):
        if categories < counts.categories:
            raise ValueError(f"categories is {categories}, but {counts.categories} labels were used")
        return categories
    offered = set(categories)
    for label in counts.labels:
        if label not in offered:
            raise ValueError(f"label {label!r} is not among the categories {sorted(map(repr, offered))}")
    return len(offered)


def kept_groups(groups: Sequence[Label] | None, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The groups of the items that are kept, numbered without gaps."""
    if groups is None:
        return np.arange(int(kept.sum()))
    if len(groups) != len(kept):
        raise ValueError(f"groups has {len(groups)} entries for {len(kept)} items; wanted: one per item")
    known: dict[Label, int] = {}
    return np.array([known.setdefault(groups[i], len(known)) for i in np.flatnonzero(kept)], dtype=np.int64)
