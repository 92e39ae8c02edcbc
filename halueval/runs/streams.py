"""A query whose rows are taken a few at a time, on a connection of its own that can be taken from it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from halueval.errors import RunError, located
from halueval.runs.database import ERRORS, Connection, patiently

__all__ = ["Rows"]

_PAGE = 200  # rows read ahead


class Rows:
    """The rows of a query, all as they were committed when it began."""

    def __init__(self, connection: Connection, sql: str, params: Sequence[Any]) -> None:
        self._lock = threading.Lock()
        self._path = connection.path
        self._connection: Connection | None = connection
        self._rest: list[tuple[Any, ...]] | None = None
        self._error: Exception | None = None
        try:
            self._cursor = patiently(lambda: connection.execute(sql, params))
        except BaseException:
            self.close()
            raise

    def page(self) -> list[tuple[Any, ...]]:
        """The next rows; none at the end.

        Raises
        ------
        ERRORS
            As SQLite says.
        RunError
            Closed before the end: rows that are missing never look like an end.
        """
        with self._lock:
            if self._connection is not None:
                return self._cursor.fetchmany(_PAGE)
            if self._error is not None:
                raise self._error
            if self._rest is None:
                raise RunError(located("the store was closed while it was read", path=str(self._path)))
            rest, self._rest = self._rest, []
            return rest

    def keep_rest(self) -> None:
        """Read the rest into memory, and let go of the connection."""
        with self._lock:
            if self._connection is not None:
                try:
                    self._rest = self._cursor.fetchall()
                except ERRORS as error:
                    self._error = error
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
