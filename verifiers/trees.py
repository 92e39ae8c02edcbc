"""Boosted trees read from plain lists and walked with NumPy, all rows and all trees at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Trees"]

_ROWS_AT_ONCE = 512  # keeps the work arrays in a few MB


class Trees:
    """An additive ensemble: each class has a start value and trees whose leaves are added to it.

    Parameters
    ----------
    start : sequence of float
        One number per class.
    trees : sequence of mapping
        ``class`` (index), and per node ``feature`` (-1 for a leaf), ``at``, ``left``, ``right``, ``value``. A row goes
        left where its feature is at most ``at``.

    Examples
    --------
    >>> stump = {"class": 1, "feature": [0, -1, -1], "at": [0.5, 0, 0], "left": [1, 0, 0], "right": [2, 0, 0],
    ...          "value": [0, -1.0, 2.0]}
    >>> Trees([0.0, 0.5], [stump]).scores(np.array([[0.4], [0.6]])).tolist()
    [[0.0, -0.5], [0.0, 2.5]]
    """

    def __init__(self, start: Sequence[float], trees: Sequence[Mapping[str, Any]]) -> None:
        size = max((len(t["feature"]) for t in trees), default=1)
        shape = (len(trees), size)
        self._start = np.array(start, dtype=np.float64)
        self._feature = np.zeros(shape, dtype=np.intp)
        self._at = np.full(shape, np.inf)
        self._left = np.tile(np.arange(size), (len(trees), 1))  # a leaf leads to itself
        self._right = self._left.copy()
        self._value = np.zeros(shape)
        depth = 0
        for i, tree in enumerate(trees):
            depths = [0] * len(tree["feature"])
            for j, feature in enumerate(tree["feature"]):
                self._value[i, j] = tree["value"][j]
                if feature < 0:
                    continue
                left, right = tree["left"][j], tree["right"][j]
                self._feature[i, j], self._at[i, j] = feature, tree["at"][j]
                self._left[i, j], self._right[i, j] = left, right
                depths[left] = depths[right] = depths[j] + 1  # children come after their parent
            depth = max(depth, *depths)
        self._depth = depth
        offsets = (np.arange(len(trees)) * size)[:, None]
        self._left, self._right = (self._left + offsets).ravel(), (self._right + offsets).ravel()
        self._feature, self._at, self._value = self._feature.ravel(), self._at.ravel(), self._value.ravel()
        self._roots = offsets.ravel()
        classes = np.array([tree["class"] for tree in trees], dtype=np.intp)
        self._of_class = [np.flatnonzero(classes == k) for k in range(len(self._start))]

    def scores(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of leaves for each row (first axis) and class (second)."""
        parts = [self._scores(rows[i : i + _ROWS_AT_ONCE]) for i in range(0, len(rows), _ROWS_AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self._start)))

    def _scores(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        node = np.broadcast_to(self._roots, (len(rows), len(self._roots)))
        flat = rows.ravel()
        first = (np.arange(len(rows)) * rows.shape[1])[:, None]
        for _ in range(self._depth):
            left = flat[self._feature[node] + first] <= self._at[node]
            node = np.where(left, self._left[node], self._right[node])
        values = self._value[node]
        # Summed row by row, not with a matrix product, whose last digits would depend on how many rows there are.
        scores = [np.ascontiguousarray(values[:, trees]).sum(axis=1) for trees in self._of_class]
        summed: NDArray[np.float64] = np.stack(scores, axis=1) + self._start
        return summed
