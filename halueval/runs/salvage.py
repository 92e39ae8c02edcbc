"""A damaged file of ours: what can be read is saved into a new one, and the old one is kept.

The new file is made beside the old one, whole, before anything is moved; a process that is stopped in between leaves
both, and the next one goes on where it was.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

from halueval.errors import RunError, located
from halueval.runs.database import (
    ERRORS,
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
from halueval.runs.leaves import leaf_rows
from halueval.runs.wal import log_is_whole

__all__ = ["open_whole", "salvage"]

_TABLES = "SELECT name FROM sqlite_schema WHERE type='table'"
_HELD: dict[str, type] = {"TEXT": str, "BLOB": bytes, "INTEGER": int, "REAL": float}  # what is in a column
# What SQLite writes there for every file of ours: page size and WAL, formats of tables and texts, incremental vacuum.
_HEADER = {
    0: b"SQLite format 3\0\x10\0\2\2\0\x40\x20\x20",
    44: b"\0\0\0\4",
    56: b"\0\0\0\1",
    64: b"\0\0\0\1",
    72: bytes(20),
}
_SHARED = (510, 0x40000002)  # the bytes that SQLite locks for reading: how many, and where


def open_whole(path: Path, form: Form, *, read_only: bool = False) -> tuple[Connection, str]:
    """A connection to a file that is whole, made or mended where it has to be, and what was mended, in words.

    Raises
    ------
    StoreDamaged, RunError
        As :class:`halueval.runs.store.Store`.
    """
    try:
        if path.is_dir():
            raise RunError(located("a folder", wanted=f"the file of {form.kind}", path=str(path), todo="name another"))
        if read_only:
            if not path.exists() or (connection := _opened(path, form, read_only=True)) is None:
                raise RunError(located("no such file, or an empty one", wanted=form.kind, path=str(path)))
            return connection, ""
        with opening(path.parent, alone=False), contextlib.suppress(StoreDamaged):
            if _filled(path) and not _from_outside(path, form) and (connection := _opened(path, form)) is not None:
                return connection, ""
        with opening(path.parent, alone=True):
            note = ""
            try:
                if why := _from_outside(path, form):
                    raise StoreDamaged(path, why)
                connection = _opened(path, form, create=True)
            except StoreDamaged as error:
                note = salvage(path, form, error.why)
                connection = _opened(path, form, create=True)
            assert connection is not None  # it was made
            return connection, note
    except (*ERRORS, OSError) as error:
        raise translated(path, error) from error


def salvage(path: Path, form: Form, why: str) -> str:
    """Put a new file with what can be read in a damaged one's place; gives one line that says so.

    Whether a row is as it was written is for its checksum to tell, when it is read. The caller sees to it that no other
    process opens the file meanwhile.

    Raises
    ------
    StoreDamaged
        Somebody has the file open.
    RunError
        There is no room for another file, or the folder can't be written; the old file is as it was.
    """
    if _in_use(path):
        raise StoreDamaged(path, why, "end whatever uses it and start again: what can be read is then saved")
    new, draft = _named(path, ".salvaged"), _named(path, ".salvaging")
    if not new.exists():
        for end in ("", "-journal"):
            _named(draft, end).unlink(missing_ok=True)
        _copy(path, draft, form)
        os.replace(draft, new)
    kept = _count(new)
    names = (_named(path, ".damaged" + (f"-{n}" if n > 1 else "")) for n in range(1, 1_000_000))
    aside = next(name for name in names if not name.exists())
    # the log first: it must never stand beside the new file, into which it would be played
    for end in ("-wal", ""):
        if (old := _named(path, end)).exists():
            os.replace(old, _named(aside, end))
    _named(path, "-shm").unlink(missing_ok=True)
    os.replace(new, path)
    return f"{path}: was damaged ({why}); {kept:,} rows were saved, and the old file is {aside.name}"


def _from_outside(path: Path, form: Form) -> str:
    """Why a file isn't whole, where that is seen without SQLite, which would act on it; "" if nothing is."""
    log = _named(path, "-wal")
    if _named(path, ".salvaged").exists():
        return "it was, and mending it was cut off"
    if path.exists() and not _filled(path) and _filled(log):
        return "it is empty, and its log isn't"
    if not _filled(path) or _in_use(path):  # while somebody has it open, its log is his to write
        return ""
    if not log_is_whole(log):
        return "its log holds commits that can't be read"
    return "its header was changed" if _ours(path, form) and not _header_is_ours(path) else ""


def _header_is_ours(path: Path) -> bool:
    with open(path, "rb") as file:
        header = file.read(100)
    # zeros, but for the first part, as long as all else is in the log
    return all(header[at : at + len(said)] in (said, bytes(len(said)) if at else said) for at, said in _HEADER.items())


def _opened(path: Path, form: Form, *, read_only: bool = False, create: bool = False) -> Connection | None:
    """A connection to a file that is whole and ours; None where it is empty, unless it is to be made."""
    connection: Connection | None = None
    try:
        opened = connection = connect(path, read_only=read_only, create=create)
        ours = patiently(lambda: inspect(opened, form))
        if not ours and create:
            patiently(lambda: make(opened, form))
        if ours or create:
            return opened
    except BaseException as error:
        if connection is not None:
            connection.close()
        said = translated(path, error) if isinstance(error, ERRORS) else error
        if isinstance(said, StoreDamaged) and not _ours(path, form):
            found = f"no file of halueval's of this kind ({said.why})"
            raise RunError(located(found, wanted=form.kind, path=str(path), todo="name another file")) from None
        raise said from None
    connection.close()
    return None


def _copy(path: Path, new: Path, form: Form) -> None:
    """Make a new file of the rows that can be read: those that SQLite reads and, where it stumbles, all others."""
    target = connect(new, create=True)
    try:
        make(target, form)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, to be moved in one step
        tables = [_Table(target, name) for (name,) in target.execute(_TABLES)]
        target.execute("BEGIN")
        # SQLite would read anything by a wrong header, and delete a log that it can't read, or one beside an empty file
        whole = readable = _filled(path) and _header_is_ours(path) and log_is_whole(_named(path, "-wal"))
        for table in tables if readable else ():
            try:
                source = connect(path, read_only=True)  # which leaves it as it is
                try:
                    for row in source.execute(table.select):
                        table.insert(row[0], row[1:])
                finally:
                    source.close()
            except ERRORS:
                whole = False
        if not whole and path.exists():
            for rowid, values in leaf_rows(path, _named(path, "-wal")):
                any(table.insert(rowid, values) for table in tables if table.fits(values))
        target.execute("COMMIT")
        target.execute("PRAGMA journal_mode=WAL")
    finally:
        target.close()


class _Table:
    """A table of the new file, which takes rows that may have been its own."""

    def __init__(self, target: Connection, name: str) -> None:
        columns = target.execute(f"PRAGMA table_info({name})").fetchall()
        self._types = [_HELD.get(column[2].upper(), object) for column in columns]
        keys = [n for n, column in enumerate(columns) if column[5]]
        self._key = keys[0] if len(keys) == 1 and self._types[keys[0]] is int else None
        names = ", ".join(["rowid", *(column[1] for column in columns)])
        self._target = target
        self._insert = f"INSERT OR IGNORE INTO {name}({names}) VALUES (?{', ?' * len(columns)})"
        self.select = f"SELECT {names} FROM {name} NOT INDEXED"

    def fits(self, values: tuple[Any, ...]) -> bool:
        """Whether there are as many columns, and each of its type."""
        return len(values) == len(self._types) and all(
            value is None or isinstance(value, held) for value, held in zip(values, self._types, strict=True)
        )

    def insert(self, rowid: int, values: tuple[Any, ...]) -> bool:
        """Put a row in where there is none yet; False if the table refuses it."""
        row = [rowid, *values]
        if self._key is not None:  # a name of the rowid, which isn't written twice
            row[1 + self._key] = rowid
        try:
            self._target.execute(self._insert, row)
        except (sqlite3.IntegrityError, UnicodeEncodeError):
            return False
        return True


def _count(new: Path) -> int:
    connection = connect(new)
    try:
        tables = [name for (name,) in connection.execute(_TABLES)]
        return sum(int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in tables)
    finally:
        connection.close()


def _ours(path: Path, form: Form) -> bool:
    """Whether the bytes of a file say that it is ours, so that it may be moved, though SQLite may not read it."""
    if Connection.to(path):  # we have had it open; and to close it once more would undo our locks on it
        return True
    with open(path, "rb") as file:
        page = file.read(4_096)
    if page[68:72] == form.identity.to_bytes(4, "big"):
        return True
    made = [statement.encode() in page for statement in form.statements]
    new = len(page) == 4_096 and not any(page[100:])  # of which everything is still in the log
    return sum(made) * 2 > len(made) or new or b"SQLite format 3\0".startswith(page[:16]) and len(page) < 72


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


def _named(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
