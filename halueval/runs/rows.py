"""The rows of a journal: how results are written and read, and how a damaged one is known."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from halueval.errors import RunError
from halueval.io.codec import decode
from halueval.io.values import parse_json
from halueval.records import Result
from halueval.runs.hashing import check_sum
from halueval.runs.store import Store

__all__ = ["JournalResults", "is_sound", "open_journal", "result_in", "row_sum", "rows_of"]

_VERSION = 1
_CHUNK = 256  # rows in memory at once
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, sum BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE results (
  position INTEGER PRIMARY KEY,
  response BLOB NOT NULL,
  again INTEGER NOT NULL,
  seconds REAL NOT NULL,
  sum BLOB NOT NULL,
  body BLOB NOT NULL
);
CREATE TABLE spending (
  session INTEGER NOT NULL,
  stage TEXT NOT NULL,
  sum BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (session, stage)
);
CREATE TABLE set_aside (position INTEGER, reason TEXT NOT NULL, body BLOB);
"""


def open_journal(path: Path, *, read_only: bool) -> Store:
    """The file of a journal, made where there is none."""
    return Store(path, _SCHEMA, kind="a journal", version=_VERSION, read_only=read_only)


class JournalResults:
    """The results of a journal in the order of the input, one in memory at a time; damaged ones are left out.

    Every iteration opens the file for reading and closes it again.

    Raises
    ------
    RunError
        When iterated over: the journal cannot be read, or a result in it is of another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[Result]:
        with open_journal(self.path, read_only=True) as store:
            yield from (result_in(self.path, row) for row in rows_of(store) if is_sound(row))

    def __len__(self) -> int:
        with open_journal(self.path, read_only=True) as store:
            [(count,)] = store.read("SELECT count(*) FROM results", ())
            return int(count)

    def __repr__(self) -> str:
        return f"JournalResults({str(self.path)!r})"


def rows_of(store: Store) -> Iterator[tuple[Any, ...]]:
    """The rows of results in order, a few at a time: a reader that stays would keep the log from being emptied."""
    after = -(2**63)
    while rows := store.read(
        "SELECT position, response, again, sum, body FROM results WHERE position > ? ORDER BY position LIMIT ?",
        (after, _CHUNK),
    ):
        yield from rows
        after = rows[-1][0]


def is_sound(row: tuple[Any, ...]) -> bool:
    position, response, again, checked, body = row
    typed = isinstance(response, bytes) and isinstance(body, bytes) and again in (0, 1) and position >= 0
    return typed and checked == row_sum(position, response, bool(again), body)


def row_sum(position: int, response: bytes, again: bool, body: bytes) -> bytes:
    return check_sum(struct.pack(">q?", position, again), response, body)


def result_in(path: Path, row: tuple[Any, ...]) -> Result:
    try:
        return decode(Result, parse_json(row[-1].decode()))
    except ValueError as error:  # FieldError is one
        raise RunError(
            f"{path}, answer {row[0] + 1:,}: a result that this version of halueval cannot read ({error})"
        ) from None
