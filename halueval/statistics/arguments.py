"""What the functions of this package accept, checked in one place: counts per answer and a level.

A wrong argument is a mistake in a program and raises ``ValueError``; data for which a number is undefined never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Counts", "Vector", "above_zero", "checked_counts", "checked_level", "checked_prior", "checked_vector"]

Vector: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = Sequence[float] | NDArray[np.float64] | NDArray[np.int64]


def checked_level(level: float) -> float:
    """The level as given, if it is a share strictly between 0 and 1.

    Examples
    --------
    >>> checked_level(95)
    Traceback (most recent call last):
    ValueError: level is 95; wanted: a share strictly between 0 and 1, such as 0.95
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; wanted: a share strictly between 0 and 1, such as 0.95")
    return float(level)


def checked_prior(icc: float, weight: float) -> None:
    """Refuse a prior that is none: a correlation outside 0 to 1, a weight below 0 or without end."""
    if not 0 <= icc <= 1:
        raise ValueError(f"prior_icc is {icc}; wanted: a share from 0 to 1")
    if not 0 <= weight < np.inf:
        raise ValueError(f"prior_weight is {weight}; wanted: a finite number of at least 0")


def checked_vector(name: str, values: Counts) -> Vector:
    """The values as one dimension of finite numbers that are not negative."""
    vector: Vector = np.asarray(values, dtype=np.float64)
    if vector.ndim != 1:
        raise ValueError(f"{name} has {vector.ndim} dimensions; wanted: one number per answer")
    wrong = ~np.isfinite(vector) | (vector < 0)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(f"{name}[{place}] is {vector[place]:g}; wanted: a finite number of at least 0")
    return vector


def above_zero(vector: Vector) -> NDArray[np.bool_] | slice:
    """What picks the places above zero of this and other vectors, without a copy where that is all of them.

    Examples
    --------
    >>> whole, some = np.array([2.0, 3.0]), np.array([2.0, 0.0])
    >>> whole[above_zero(some)], whole[above_zero(whole)].base is whole
    (array([2.]), True)
    """
    above = vector > 0
    return slice(None) if above.all() else above


def checked_counts(part: Counts, whole: Counts, names: tuple[str, str] = ("bad", "claims")) -> tuple[Vector, Vector]:
    """Two vectors of one length, the first never larger than the second, without the answers that have no claims.

    Examples
    --------
    >>> [v.tolist() for v in checked_counts([1, 0, 2], [3, 0, 2])]
    [[1.0, 2.0], [3.0, 2.0]]
    >>> checked_counts([4], [3])
    Traceback (most recent call last):
    ValueError: bad[0] is 4 of claims[0] = 3; wanted: at most as many
    """
    few, many = checked_vector(names[0], part), checked_vector(names[1], whole)
    if len(few) != len(many):
        raise ValueError(
            f"{names[0]} has {len(few)} entries and {names[1]} {len(many)}; wanted: one of each per answer"
        )
    wrong = few > many * (1 + 1e-12)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ValueError(f"{names[0]}[{at}] is {few[at]:g} of {names[1]}[{at}] = {many[at]:g}; wanted: at most as many")
    kept = above_zero(many)
    return few[kept], many[kept]
