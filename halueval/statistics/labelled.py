"""Claims as columns of numbers: verdict, group, stratum, and a label where a person gave one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.statistics.arguments import Vector

__all__ = ["Column", "LabelledClaims", "coded", "labelled_claims"]

Column: TypeAlias = Sequence[Any] | NDArray[Any]


@dataclass(frozen=True, slots=True)
class LabelledClaims:
    """The claims of a run as numbers: stratum and group counted from 0, label NaN where there is none."""

    flagged: NDArray[np.bool_]
    group: NDArray[np.intp]
    label: Vector
    stratum: NDArray[np.intp]
    strata: tuple[str, ...]

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Which claims have a label."""
        return ~np.isnan(self.label)

    def rows(self, kept: NDArray[np.bool_]) -> LabelledClaims:
        """These claims alone; groups and strata keep their numbers."""
        return replace(
            self,
            flagged=self.flagged[kept],
            group=self.group[kept],
            label=self.label[kept],
            stratum=self.stratum[kept],
        )

    def per_group(self, kept: NDArray[np.bool_]) -> Vector:
        """How many of these claims each group has."""
        size = int(self.group.max()) + 1 if len(self.group) else 0
        return np.bincount(self.group[kept], minlength=size).astype(np.float64)


def labelled_claims(verdict_bad: Column, group: Column, label: Column, stratum: Column | None) -> LabelledClaims:
    """The columns checked, all of one length; without ``stratum`` the strata are flagged and unflagged."""
    flagged = np.asarray(verdict_bad, dtype=np.float64)
    if flagged.ndim != 1:
        raise ValueError(f"verdict_bad has {flagged.ndim} dimensions; wanted: one verdict per claim")
    labels: Vector = np.asarray(label, dtype=np.float64)
    if labels.shape != flagged.shape:
        raise ValueError(
            f"label has {labels.size} entries and verdict_bad {flagged.size}; wanted: one of each per claim"
        )
    for name, wrong, values in (
        ("verdict_bad", (flagged != 0) & (flagged != 1), flagged),
        ("label", ~np.isnan(labels) & (labels != 0) & (labels != 1), labels),
    ):
        if wrong.any():
            place = int(np.argmax(wrong))
            raise ValueError(f"{name}[{place}] is {values[place]:g}; wanted: 0 or 1" + (", or NaN" * (name == "label")))
    codes: NDArray[np.intp] = (1 - flagged).astype(np.intp)
    names: tuple[str, ...] = ("flagged", "unflagged")
    if stratum is not None:
        codes = coded("stratum", stratum, len(flagged))
        firsts = [int(np.argmax(codes == code)) for code in range(int(codes.max(initial=-1)) + 1)]
        names = tuple(str(stratum[first]) for first in firsts) or names
    return LabelledClaims(flagged == 1, coded("group", group, len(flagged)), labels, codes, names)


def coded(name: str, values: Column, claims: int) -> NDArray[np.intp]:
    """Each claim's number of its distinct value, in the order of first appearance."""
    if len(values) != claims:
        raise ValueError(f"{name} has {len(values)} entries and verdict_bad {claims}; wanted: one of each per claim")
    known: dict[Hashable, int] = {}
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    return np.array([known.setdefault(value, len(known)) for value in listed], dtype=np.intp)
