"""A SQLite file that many threads and processes write at once, each row on the disk before it counts.

One thread per process writes, and puts all that waits into one commit: the more is written at once, the fewer times the
disk is waited for. Readers never wait for it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

from halueval.errors import RunError, located
from halueval.runs.database import ERRORS, Connection, Form, StoreDamaged, connect, patiently, translated
from halueval.runs.salvage import open_whole, salvage
from halueval.runs.streams import Rows
from halueval.runs.writer import Params, Writer

__all__ = ["Store", "StoreDamaged", "salvage"]


class Store:
    """A file of tables, for any number of threads and processes.

    A row is on the disk once the future of its :meth:`write` is done. A process that forks takes no connection along:
    they are closed before, and opened again on either side when needed. At the end of the process what waits is
    written.

    A file is looked over when it is opened. Of a damaged one what can be read is saved into a new one, the old one is
    kept beside it as ``NAME.damaged``, and ``note`` says so. Not on a network drive: SQLite's locks don't hold there.

    Parameters
    ----------
    path : path
        Made where there is none; its folder must be there.
    schema : str
        ``CREATE`` statements, separated by semicolons, with none inside them.
    kind : str
        What the file holds, for messages ("a journal"); a file of another kind is refused.
    version : int
        Of the schema; a file of another version is refused.
    read_only : bool
        Nothing is made, mended or written; the file must be there.

    Raises
    ------
    StoreDamaged
        Damaged, and to be mended only by a process that may write it and has it for itself.
    RunError
        No such folder, no room, no right to write, another version, no file of ours; the message says what to do.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Store(f"{folder.name}/a.sqlite", "CREATE TABLE t(n)", kind="numbers", version=1) as store:
    ...     store.write("INSERT INTO t VALUES (?)", (7,)).result()
    ...     store.read("SELECT n FROM t")
    [(7,)]
    >>> folder.cleanup()
    """

    def __init__(
        self, path: str | os.PathLike[str], schema: str, *, kind: str, version: int, read_only: bool = False
    ) -> None:
        self.path = Path(os.path.abspath(path))
        self.read_only = read_only
        self.closed = False
        self._reading = threading.Lock()
        self._streams: WeakSet[Rows] = WeakSet()
        self._writer = Writer(self.path)
        self._reader: Connection | None
        with _registry:
            self._reader, self.note = open_whole(self.path, Form(schema, kind, version), read_only=read_only)
            _stores.add(self)

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, as they are committed now.

        Raises
        ------
        StoreDamaged
            The query met damage.
        RunError
            The file can't be read, or the store is closed.
        """
        try:
            with self._reading:
                connection = self._reader = self._reader or self._connect()
                return patiently(lambda: connection.execute(sql, params).fetchall())
        except ERRORS as error:
            raise translated(self.path, error) from error

    def stream(self, sql: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query one by one, all as they were committed at the first, few in memory at a time.

        Raises
        ------
        StoreDamaged, RunError
            As :meth:`read`.
        """
        try:
            rows = Rows(self._connect(), sql, params)
            self._streams.add(rows)
            try:
                while page := rows.page():
                    yield from page
            finally:
                rows.close()
        except ERRORS as error:
            raise translated(self.path, error) from error

    def write(self, sql: str, params: Params = ()) -> Future[None]:
        """Have one statement carried out; the future is done when what it did is on the disk.

        Statements of one process are carried out in the order of the calls. One that fails (its future raises
        ``RunError``) leaves the others alone; a commit that fails, all that were in it. It can't be cancelled.

        ``params`` may be a function that makes them: it is called by the thread that writes, so that who has to answer
        the network doesn't wait for it. What it raises, the future raises.

        Raises
        ------
        RunError
            The store is closed, or only read.
        """
        if self.read_only:
            raise RunError(located("the store was opened for reading only", path=str(self.path)))
        return self._writer.put(sql, params)

    def flush(self) -> None:
        """Wait until everything is on the disk that was to be written until now.

        Raises
        ------
        RunError
            The first statement that failed since the last flush, whoever has its future; where that was one whose
            values could not be made, what was raised then.
        """
        if not (self.closed or self.read_only):
            self.write("SELECT 1").result()
        failed, self._writer.failed = self._writer.failed, None
        if failed is not None:
            raise failed

    def give_back_room(self) -> None:
        """Make the file smaller by what was deleted; else its room is used again, and the file stays as large.

        Raises
        ------
        RunError
            As :meth:`flush`.
        """
        self.flush()
        try:
            with self._writer.connection() as connection:
                # a script, since a statement of the module stops after the first page
                patiently(lambda: connection.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint"))
        except ERRORS as error:
            raise translated(self.path, error) from error

    def close(self) -> None:
        """Write what waits, and let go of the file. Once is enough."""
        self.closed = True
        self._writer.close()
        with self._reading:
            for rows in list(self._streams):
                rows.close()
            self._let_go()
        with _registry:
            _stores.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _connect(self) -> Connection:
        if self.closed:
            raise RunError(located("the store is closed", path=str(self.path)))
        return connect(self.path, read_only=self.read_only)

    def _let_go(self) -> None:
        if self._reader is not None:
            with contextlib.suppress(sqlite3.Error):
                self._reader.close()
            self._reader = None


_stores: WeakSet[Store] = WeakSet()
# Also: one file is opened at a time, and no process forks meanwhile. Taken twice by a thread whose garbage collector
# finds a reader that was left half way, and closes it, while another file is opened.
_registry = threading.RLock()
_held: list[Store] = []


def _before_fork() -> None:
    """SQLite's locks belong to a process, and what it remembers of them would be wrong in a child."""
    _registry.acquire()
    _held.extend(_stores)
    for store in _held:
        store._writer.before_fork()
        store._reading.acquire()
        for rows in list(store._streams):
            rows.keep_rest()
        store._let_go()


def _after_fork(*, child: bool) -> None:
    for store in _held:
        store._reading.release()
        store._writer.after_fork(child=child)
    _held.clear()
    _registry.release()


def _at_exit() -> None:
    for store in list(_stores):
        store.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=lambda: _after_fork(child=False),
        after_in_child=lambda: _after_fork(child=True),
    )
atexit.register(_at_exit)
