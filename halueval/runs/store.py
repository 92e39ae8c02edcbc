"""A SQLite file that many threads and processes write at once, each row on the disk before it counts.

One thread per process writes, and puts all that waits into one commit: the more is written at once, the fewer times the
disk is waited for. Readers never wait for it.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self
from weakref import WeakSet

from halueval.errors import RunError, located
from halueval.runs.database import Connection, Form, StoreDamaged, connect, harmless, patiently, translated
from halueval.runs.salvage import open_whole, salvage
from halueval.runs.streams import Rows

__all__ = ["Store", "StoreDamaged", "check_sum", "salvage"]

_ROWS = 1_000  # in one commit, at most
_Write = tuple[str, Sequence[Any], "Future[None]"]


def check_sum(*parts: bytes) -> bytes:
    """Sixteen bytes that change with any byte of any part, and with where one part ends.

    Examples
    --------
    >>> check_sum(b"key", b"body").hex()
    '454dbb49d82bd21e5111ccf6b6b45078'
    >>> check_sum(b"ke", b"ybody") == check_sum(b"key", b"body")
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


class Store:
    """A file of tables, for any number of threads and processes.

    A row is on the disk once the future of its :meth:`write` is done. A process that forks takes no connection along:
    they are closed before, and opened again on either side when needed. At the end of the process what waits is
    written.

    A file is looked over when it is opened. Of a damaged one what can be read is saved into a new one, the old one is
    kept beside it as ``NAME.damaged``, and :attr:`note` says so. Not on a network drive: SQLite's locks don't hold there.

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
        self.note = ""
        self._guard, self._reading, self._writing = threading.Lock(), threading.Lock(), threading.Lock()
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._writer: Connection | None = None
        self._streams: WeakSet[Rows] = WeakSet()
        self._failed: RunError | None = None
        self.closed = False
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
        except sqlite3.Error as error:
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
        except sqlite3.Error as error:
            raise translated(self.path, error) from error

    def write(self, sql: str, params: Sequence[Any] = ()) -> Future[None]:
        """Have one statement carried out; the future is done when what it did is on the disk.

        Statements of one process are carried out in the order of the calls. One that fails (its future raises
        ``RunError``) leaves the others alone; a commit that fails, all that were in it. It can't be cancelled.

        Raises
        ------
        RunError
            The store is closed, or only read.
        """
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()
        with self._guard:
            if self.closed or self.read_only:
                state = "is closed" if self.closed else "was opened for reading only"
                raise RunError(located(f"the store {state}", path=str(self.path)))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"halueval-{self.path.name}", daemon=True)
                self._thread.start()
            self._queue.put((sql, params, future))
        return future

    def flush(self) -> None:
        """Wait until everything is on the disk that was to be written until now.

        Raises
        ------
        RunError
            The first statement that failed since the last flush, whoever has its future.
        """
        if self._thread is not None and not self.closed:
            self.write("SELECT 1").result()
        failed, self._failed = self._failed, None
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
            with self._writing:
                connection = self._writer = self._writer or self._connect()
                # a script, since a statement of the module stops after the first page
                patiently(lambda: connection.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint"))
        except sqlite3.Error as error:
            raise translated(self.path, error) from error

    def close(self) -> None:
        """Write what waits, and let go of the file. Once is enough."""
        with self._guard:
            if self.closed:
                return
            self.closed = True
            thread = self._thread
            self._queue.put(None)
        if thread is not None:
            thread.join()
        with self._reading, self._writing:
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

    def _work(self) -> None:
        """The writer's thread: all that waits goes into one commit, and what comes meanwhile into the next."""
        queue = self._queue
        while True:
            items = [queue.get()]
            with contextlib.suppress(Empty):
                while len(items) < _ROWS:
                    items.append(queue.get_nowait())
            if writes := [item for item in items if item is not None]:
                self._commit(writes)
            if len(writes) < len(items):  # close() was the last to put something in
                return

    def _commit(self, writes: list[_Write]) -> None:
        errors: dict[int, RunError] = {}
        try:
            with self._writing:
                self._carry_out(writes, errors)
        except Exception as error:  # of whatever kind: a thread that died would leave the futures waiting for ever
            whole = translated(self.path, error)
            errors = dict.fromkeys(range(len(writes)), whole)
        if errors and self._failed is None:
            self._failed = errors[min(errors)]
        for place, (_, _, future) in enumerate(writes):
            if place in errors:
                future.set_exception(errors[place])
            else:
                future.set_result(None)

    def _carry_out(self, writes: list[_Write], errors: dict[int, RunError]) -> None:
        try:
            connection = self._writer = self._writer or connect(self.path)
            patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
            for place, (sql, params, _) in enumerate(writes):
                try:
                    connection.execute(sql, params)
                except Exception as error:  # a value that SQLite can't hold is no sqlite3.Error
                    if not (harmless(error) and connection.in_transaction):
                        raise
                    errors[place] = translated(self.path, error)
            patiently(lambda: connection.execute("COMMIT"))
        except BaseException:
            if self._writer is not None:  # closing it takes the transaction back
                with contextlib.suppress(sqlite3.Error):
                    self._writer.close()
                self._writer = None
            raise

    def _let_go(self) -> None:
        """Close both connections; they are opened again when they are needed."""
        for connection in (self._reader, self._writer):
            if connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    connection.close()
        self._reader = self._writer = None


_stores: WeakSet[Store] = WeakSet()
_registry = threading.Lock()  # also: one file is opened at a time, and no process forks meanwhile
_held: list[Store] = []


def _before_fork() -> None:
    """SQLite's locks belong to a process, and what it remembers of them would be wrong in a child."""
    _registry.acquire()
    _held.extend(_stores)
    for store in _held:
        for lock in (store._guard, store._reading, store._writing):
            lock.acquire()
        for rows in list(store._streams):
            rows.keep_rest()
        store._let_go()


def _after_fork() -> None:
    for store in _held:
        for lock in (store._writing, store._reading, store._guard):
            lock.release()
    _held.clear()
    _registry.release()


def _after_fork_in_child() -> None:
    for store in _held:  # the thread stayed with the parent, which writes what waits
        store._thread, store._queue = None, SimpleQueue()
    _after_fork()


def _at_exit() -> None:
    for store in list(_stores):
        store.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork_in_child)
atexit.register(_at_exit)
