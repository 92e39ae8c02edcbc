"""Sums over resampled groups: how often each group was drawn, times what it brings, for every statistic at once.

A resample of whole groups changes a ratio of sums only through how often each group came, so a resample is a row of
weights and all resamples of all models and statistics are one matrix product. The claims themselves are never copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Matrix", "checked_columns", "resampled_sums"]

Matrix: TypeAlias = NDArray[np.float64]

# Group numbers drawn with one seed. The block must not depend on the workers, or the numbers would; this one keeps
# weights and draws in the second-level cache.
_DRAWS_IN_A_BLOCK = 1 << 16
_GROUPS_IN_16_BITS = 1 << 14  # above, too many 16-bit numbers would have to be thrown away


def resampled_sums(
    columns: Sequence[Sequence[float]] | Matrix, *, resamples: int = 10_000, seed: int = 0, workers: int = 1
) -> Matrix:
    """Column sums of ``resamples`` samples of whole groups, each as many groups as there are, with replacement.

    Parameters
    ----------
    columns : array of shape (groups, k)
        A row per group that was sampled independently; one column per sum that any statistic of any model needs.
    resamples : int
        At least 1.
    seed : int
        Each block of resamples has a seed of its own, spawned from this one.
    workers : int
        Threads. The result is the same, to the last bit, for any number of them.

    Returns
    -------
    array of shape (resamples, k)
        Row i uses the same drawn groups in every column, and is the same whether more resamples follow or not. The
        order of the groups does not matter: rows are sorted first.

    Raises
    ------
    ValueError
        For no groups, numbers that are not finite, or fewer than one resample or worker.

    Examples
    --------
    >>> resampled_sums([[1, 5], [0, 5], [2, 5]], resamples=4, seed=1)[:, 1].tolist()
    [15.0, 15.0, 15.0, 15.0]
    """
    table = checked_columns(columns)
    if not len(table):
        raise ValueError("columns has no rows; wanted: at least one group")
    for name, number in (("resamples", resamples), ("workers", workers)):
        if number < 1:
            raise ValueError(f"{name} is {number}; wanted: at least 1")
    table = np.ascontiguousarray(table[np.lexsort(table.T)]) if table.shape[1] else table
    rows = max(1, _DRAWS_IN_A_BLOCK // len(table))
    starts = range(0, resamples, rows)
    sums = np.empty((resamples, table.shape[1]))

    def fill(start: int, seeds: np.random.SeedSequence) -> None:
        part = sums[start : start + rows]
        np.matmul(_weights(len(part), len(table), seeds), table, out=part)

    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(fill, starts, np.random.SeedSequence(seed).spawn(len(starts))):
            pass
    return sums


def checked_columns(columns: Sequence[Sequence[float]] | Matrix) -> Matrix:
    """The columns as a matrix of finite numbers, a row per group."""
    table: Matrix = np.asarray(columns, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"columns has {table.ndim} dimensions; wanted: a row per group and a column per sum")
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise ValueError(f"columns[{row}][{column}] is {table[row, column]:g}; wanted: a finite number")
    return table


def _weights(rows: int, groups: int, seeds: np.random.SeedSequence) -> Matrix:
    """How often each group was drawn, a row per resample; every row adds up to the number of groups."""
    drawn = _drawn(rows * groups, groups, np.random.SFC64(seeds)).reshape(rows, groups)
    weights = np.empty((rows, groups))
    for row, groups_drawn in enumerate(drawn):
        weights[row] = np.bincount(groups_drawn, minlength=groups)
    return weights


def _drawn(number: int, groups: int, bits: np.random.SFC64) -> NDArray[np.uint16] | NDArray[np.uint32]:
    """Numbers from 0 to groups - 1, exactly uniform: raw bits, without those above the last full multiple.

    Twice as fast as ``Generator.integers``, which does the same one number at a time.
    """
    if groups == 1:
        return np.zeros(number, dtype=np.uint16)
    kind: type[np.uint16] | type[np.uint32] = np.uint16 if groups <= _GROUPS_IN_16_BITS else np.uint32
    size = np.iinfo(kind).max + 1
    each = size // groups
    last = kind(each * groups - 1)
    words = np.dtype(np.uint64).itemsize // np.dtype(kind).itemsize
    parts, missing = [], number
    while missing > 0:
        wanted = missing * size // (each * groups) + 3 * int(missing**0.5) + 1
        raw = bits.random_raw(wanted // words + 1).view(kind)
        parts.append(raw[raw <= last])
        missing -= len(parts[-1])
    drawn: NDArray[np.uint16] | NDArray[np.uint32] = np.concatenate(parts)[:number] // kind(each)
    return drawn
