"""The one thread of a process that writes a file: all that waits goes into one commit.

Every statement lets other threads run and then waits for its turn again, which takes longer than to insert a row: so
rows for the same table are inserted by one statement, and what is one statement needs none to begin and to commit.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import lru_cache
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from halueval.errors import RunError, located
from halueval.runs.database import Connection, connect, harmless, patiently, translated

__all__ = ["Params", "Writer"]

_ROWS = 1_000  # in one commit, at most
_TOGETHER = 8  # rows in one statement, at most: each number is another statement, which holds its last rows in memory
Params: TypeAlias = Sequence[Any] | Callable[[], Sequence[Any]]
_Statement = tuple[str, Sequence[Any]]
_Write = tuple[str, Params, "Future[None]"]
_ROW = re.compile(r"\sVALUES\s*(\([?,\s]*\))\s*$")


class Writer:
    """Carries statements out in the order in which they came; the thread is started by the first.

    Attributes
    ----------
    failed : Exception or None
        The first statement that failed since somebody set this to None.
    """

    def __init__(self, path: Path) -> None:
        self.failed: Exception | None = None
        self._path = path
        self._guard, self._writing = threading.Lock(), threading.Lock()
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._closed = False

    def put(self, sql: str, params: Params = ()) -> Future[None]:
        """Have a statement carried out; the future, which can't be cancelled, is done when it is on the disk.

        Raises
        ------
        RunError
            It was closed.
        """
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()
        with self._guard:
            if self._closed:
                raise RunError(located("the store is closed", path=str(self._path)))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"halueval-{self._path.name}", daemon=True)
                self._thread.start()
            self._queue.put((sql, params, future))
        return future

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection]:
        """The connection on which it writes, while it doesn't; after an error it is closed, and its work undone."""
        with self._writing:
            try:
                self._connection = self._connection or connect(self._path)
                yield self._connection
            except BaseException:
                self._let_go()
                raise

    def close(self) -> None:
        """Write what waits, and end."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()
        with self._writing:
            self._let_go()

    def before_fork(self) -> None:
        """Let nothing begin, and close the connection."""
        self._guard.acquire()
        self._writing.acquire()
        self._let_go()

    def after_fork(self, *, child: bool) -> None:
        """Go on; in the child anew, since the thread stayed with the parent, which writes what waits."""
        if child:
            self._thread, self._queue = None, SimpleQueue()
        self._writing.release()
        self._guard.release()

    def _work(self) -> None:
        queue = self._queue
        while True:
            items = [queue.get()]
            with contextlib.suppress(Empty):
                while len(items) < _ROWS:
                    items.append(queue.get_nowait())
            if writes := [item for item in items if item is not None]:
                self._commit(writes)
            if len(writes) < len(items):  # nothing comes after what close() put in
                return

    def _commit(self, writes: list[_Write]) -> None:
        errors: dict[int, Exception] = {}
        ready: dict[int, _Statement] = {}
        for place, (sql, params, _) in enumerate(writes):
            try:
                ready[place] = sql, params() if callable(params) else params
            except Exception as error:  # the caller's own, to whom it is given
                errors[place] = error
        try:
            errors |= self._carry_out(ready)
        except Exception as error:  # of whatever kind: a thread that died would leave the futures waiting for ever
            errors |= dict.fromkeys(ready, translated(self._path, error))
        if errors and self.failed is None:
            self.failed = errors[min(errors)]
        for place, (_, _, future) in enumerate(writes):
            if place in errors:
                future.set_exception(errors[place])
            else:
                future.set_result(None)

    def _carry_out(self, statements: Mapping[int, _Statement]) -> dict[int, Exception]:
        """All at once; where that can't be, all but those that can't: their errors, by their places."""
        try:
            self._at_once(_together(statements.values()))
        except Exception as error:
            if not harmless(error):
                raise
            return self._one_by_one(statements)
        return {}

    def _at_once(self, statements: Sequence[_Statement]) -> None:
        if len(statements) == 1:
            with self.connection() as connection:
                patiently(lambda: connection.execute(*statements[0]))
        elif statements:
            with self._transaction() as connection:
                for statement in statements:
                    connection.execute(*statement)

    def _one_by_one(self, statements: Mapping[int, _Statement]) -> dict[int, Exception]:
        errors: dict[int, Exception] = {}
        with self._transaction() as connection:
            for place, statement in statements.items():
                try:
                    connection.execute(*statement)
                except Exception as error:  # a value that SQLite can't hold is no sqlite3.Error
                    if not (harmless(error) and connection.in_transaction):
                        raise
                    errors[place] = translated(self._path, error)
        return errors

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self.connection() as connection:
            patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
            yield connection
            patiently(lambda: connection.execute("COMMIT"))

    def _let_go(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _together(statements: Iterable[_Statement]) -> list[_Statement]:
    """The statements, with neighbours that insert rows in the same way made one."""
    found: list[_Statement] = []
    for sql, group in groupby(statements, key=itemgetter(0)):
        rows = [params for _, params in group]
        row = _row_in(sql)
        size = 1 if row is None else _TOGETHER
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            found.append((sql + f", {row}" * (len(some) - 1), list(chain.from_iterable(some))))
    return found


@lru_cache(maxsize=64)
def _row_in(sql: str) -> str | None:
    """The one row of an ``INSERT`` that ends with it, as ``(?, ?)``."""
    found = _ROW.search(sql)
    return None if found is None else found[1]
