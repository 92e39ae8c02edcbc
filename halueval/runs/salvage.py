"""A damaged file of ours: what can be read is saved into a new one, and the old one is kept.

The new file is made beside the old one, whole, before anything is moved; a process that is stopped in between leaves
both, and the next one goes on where it was.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from halueval.errors import RunError, located
from halueval.runs.database import (
    Connection,
    Form,
    StoreDamaged,
    connect,
    inspect,
    make,
    opening,
    patiently,
    translated,
)

__all__ = ["open_whole", "salvage"]

_BESIDE = ("-wal", "-shm")  # SQLite's own files beside one
_FAILS = 20_000  # queries that met damage, after which no other part of a table is tried
_SHARED = (510, 0x40000002)  # the bytes that SQLite locks for reading: how many, and where


def open_whole(path: Path, form: Form, *, read_only: bool = False) -> tuple[Connection, str]:
    """A connection to a file that is whole, made or mended where it has to be, and what was mended, in words.

    Raises
    ------
    StoreDamaged, RunError
        As :class:`halueval.runs.store.Store`.
    """
    try:
        if read_only:
            return _open(path, form, alone=False, read_only=True), ""
        with opening(path.parent, alone=False):
            if _filled(path) and not _new(path).exists():
                with contextlib.suppress(StoreDamaged):
                    return _open(path, form, alone=False), ""
        with opening(path.parent, alone=True):
            try:
                if not _new(path).exists():
                    return _open(path, form, alone=True), ""
                why = "its mending was cut off"
            except StoreDamaged as error:
                why = str(error)
            note = salvage(path, form, why)
            return _open(path, form, alone=True), note
    except (sqlite3.Error, OSError) as error:
        raise translated(path, error) from error


def _open(path: Path, form: Form, *, alone: bool, read_only: bool = False) -> Connection:
    connection: Connection | None = None
    try:
        if read_only and not path.exists():
            raise RunError(located("no such file", wanted=form.kind, path=str(path)))
        opened = connection = connect(path, read_only=read_only)
        if patiently(lambda: inspect(opened, form)):
            return opened
        if not alone:
            raise RunError(located("empty", wanted=form.kind, path=str(path)))
        patiently(lambda: make(opened, form))
        return opened
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise translated(path, error) from error
        raise


def salvage(path: Path, form: Form, why: str) -> str:
    """Put a new file with what can be read in a damaged one's place; gives one line that says so.

    Of each table all rows are kept that SQLite can read, in the order of their rowids. Whether a row is as it was
    written is for its checksum to tell, when it is read. The caller sees to it that no other process opens the file
    meanwhile.

    Raises
    ------
    StoreDamaged
        Somebody has the file open.
    """
    if _in_use(path):
        todo = "end what uses it and start again: what can be read is then saved"
        raise StoreDamaged(located(f"damaged ({why}), and in use", path=str(path), todo=todo))
    new = _new(path)
    kept = _whole(new, form)
    if kept is None:
        for name in (new, *(_beside(new, end) for end in _BESIDE)):
            name.unlink(missing_ok=True)
        kept = _copy(path, new, form)
    aside = next(
        p for n in range(1, 1_000_000) if not (p := _named(path, f".damaged{'' if n == 1 else f'-{n}'}")).exists()
    )
    # the log first: it must never stand beside the new file, into which it would be played
    for end in ("-wal", ""):
        if (old := _beside(path, end)).exists():
            os.replace(old, _beside(aside, end))
    _beside(path, "-shm").unlink(missing_ok=True)
    os.replace(new, path)
    return f"{path}: was damaged ({why}); {kept:,} rows were saved, and the old file is {aside.name}"


def _copy(path: Path, new: Path, form: Form) -> int:
    kept = 0
    target = connect(new)
    source: Connection | None = None
    try:
        make(target, form)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, to be moved in one step
        tables = [name for (name,) in target.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        with contextlib.suppress(sqlite3.Error):
            source = connect(path)
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        target.execute("BEGIN")
        for table in tables:
            columns = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
            marks = ", ".join("?" * (len(columns) + 1))
            insert = f"INSERT OR IGNORE INTO {table}(rowid, {', '.join(columns)}) VALUES ({marks})"
            for row in _rows(source, table, columns) if source is not None else ():
                with contextlib.suppress(sqlite3.IntegrityError):  # a damaged row that its own table refuses
                    kept += target.execute(insert, row).rowcount
        target.execute("COMMIT")
        target.execute("PRAGMA journal_mode=WAL")
    finally:
        for connection in (source, target):
            if connection is not None:
                connection.close()
    return kept


def _rows(source: Connection, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """All rows that can be read: where a range of rowids meets damage, its halves are tried, the widest first."""
    sql = f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
    ranges, fails = deque([(-(2**63), 2**63 - 1)]), 0
    while ranges and fails < _FAILS:
        low, high = ranges.popleft()
        try:
            for row in source.execute(sql, (low, high)):
                yield row
                low = row[0] + 1
        except sqlite3.DatabaseError:
            fails += 1
            if low < high:
                middle = (low + high) // 2
                ranges += [(low, middle), (middle + 1, high)]


def _whole(new: Path, form: Form) -> int | None:
    """How many rows a new file has that was finished before; None if there is no such file."""
    if not _filled(new):
        return None
    connection = connect(new)
    try:
        if not inspect(connection, form):
            return None
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
        return sum(int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in tables)
    except (sqlite3.Error, RunError):
        return None
    finally:
        connection.close()


def _in_use(path: Path) -> bool:
    """Whether anybody has the file open: this process, or another, whose lock for reading stands as long."""
    if Connection.to(path):
        return True
    try:
        import fcntl

        with open(path, "r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, *_SHARED)
    except ImportError:
        return False
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _filled(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _new(path: Path) -> Path:
    return _named(path, ".salvaged")


def _beside(path: Path, end: str) -> Path:
    return _named(path, end)


def _named(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
