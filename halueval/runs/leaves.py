"""Rows of a SQLite file read page by page, without the tree that leads to them: what is left where the tree is broken.

See "Database File Format" in SQLite's documentation, sections 1.6 and 2.1. Whatever is found is only what may have been
a row: any byte of it may be wrong.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from halueval.runs.wal import newest_pages

__all__ = ["leaf_rows"]

_PAGE = 4_096  # bytes: SQLite's own choice
_LEAF = 0x0D  # of a table
_WHOLE = _PAGE - 35  # bytes of a row that stay on its page
_FEWEST = (_PAGE - 12) * 32 // 255 - 23  # that stay there of a longer one
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # bytes by type
_CONSTANTS = {0: None, 8: 0, 9: 1}


def leaf_rows(path: Path, log: Path) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rowid and the values of every row on every page of a table, in the order of the pages."""
    newest = newest_pages(log)
    with open(path, "rb") as file, open(log, "rb") if newest else open(path, "rb") as written:
        size = file.seek(0, 2) // _PAGE

        def read(number: int) -> bytes:
            source, at = (written, newest[number]) if number in newest else (file, (number - 1) * _PAGE)
            source.seek(at)
            return source.read(_PAGE)

        for number in range(2, max(size, *newest, 0) + 1):  # the first page is the list of tables
            page = read(number)
            if len(page) < _PAGE or page[0] != _LEAF:
                continue
            (cells,) = struct.unpack_from(">H", page, 3)
            for cell in range(min(cells, _PAGE // 4)):
                try:
                    (at,) = struct.unpack_from(">H", page, 8 + 2 * cell)
                    yield _row(read, page, at)
                except (ValueError, IndexError, struct.error):
                    continue


def _row(read: Callable[[int], bytes], page: bytes, at: int) -> tuple[int, tuple[Any, ...]]:
    size, at = _varint(page, at)
    rowid, at = _varint(page, at)
    if size <= _WHOLE:
        return _signed(rowid), _values(page[at : at + size], size)
    local = _FEWEST + (size - _FEWEST) % (_PAGE - 4)
    local = local if local <= _WHOLE else _FEWEST
    parts, got = [page[at : at + local]], local
    (following,) = struct.unpack_from(">I", page, at + local)
    while got < size and following:
        more = read(following)
        (following,) = struct.unpack_from(">I", more)
        parts.append(more[4 : 4 + size - got])
        got += _PAGE - 4
    return _signed(rowid), _values(b"".join(parts), size)


def _values(raw: bytes, size: int) -> tuple[Any, ...]:
    if len(raw) != size:
        raise ValueError("a row that is cut off")
    end, at = _varint(raw, 0)
    types = []
    while at < end:
        kind, at = _varint(raw, at)
        types.append(kind)
    values: list[Any] = []
    for kind in types:
        length = _INTEGERS.get(kind, 8 if kind == 7 else max(0, kind - 12) // 2)
        part, at = raw[at : at + length], at + length
        if len(part) < length:
            raise ValueError("a value that is cut off")
        if kind in _CONSTANTS:
            values.append(_CONSTANTS[kind])
        elif kind in _INTEGERS:
            values.append(int.from_bytes(part, "big", signed=True))
        elif kind == 7:
            values.append(struct.unpack(">d", part)[0])
        else:
            values.append(part.decode("utf-8", "replace") if kind % 2 else part)
    return tuple(values)


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for number in range(9):
        byte = raw[at + number]
        if number == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + number + 1
    raise AssertionError("the ninth byte returns")


def _signed(rowid: int) -> int:
    return rowid - (1 << 64) if rowid >> 63 else rowid
