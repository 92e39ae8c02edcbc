"""``journal.sqlite`` in a run folder: every result by its position in the input, and what was spent.

A row of ``results`` has the digest of its response, whether the result is to be tried again, the seconds that were
waited for it, a checksum, and the result as a line of JSON without the seconds: the same replies give the same rows.
"""

from __future__ import annotations

import hashlib
import json
import struct
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, get_args

from halueval.chat.session import ENDPOINT
from halueval.errors import RunError
from halueval.io.codec import decode, encode
from halueval.io.writing import json_line
from halueval.records import Cost, Failure, Response, Result, Stage, total_cost
from halueval.runs.hashing import check_sum
from halueval.runs.rows import JournalResults, is_sound, open_journal, result_in, row_sum, rows_of

__all__ = ["JOURNAL", "UNREADABLE", "Journal", "response_digest"]

JOURNAL = "journal.sqlite"
UNREADABLE = b""  # the digest of a record that could not be read: it is no response
_APPEND = "INSERT OR REPLACE INTO results (position, response, again, seconds, sum, body) VALUES (?, ?, ?, ?, ?, ?)"
_DAMAGED = "its checksum is not that of what is written there"


class Journal:
    """The results of a run, durable one by one.

    Every row is checked when the journal is opened; a damaged one is set aside and named, and its response is
    evaluated again. Safe for threads; one process writes (:func:`halueval.runs.lock.run_lock`), others may read.

    Parameters
    ----------
    folder : path
        Of the run.
    read_only : bool
        Nothing is made, moved or mended.

    Raises
    ------
    RunError
        It cannot be opened: from a newer version, no journal, a folder that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from halueval.records import Extraction
    >>> with Journal(tempfile.mkdtemp()) as journal:
    ...     response = Response("r", "Yes.")
    ...     journal.append(0, Result(response, Extraction("r"))).result()
    ...     found, other = journal.done(0, response), journal.done(0, Response("r", "No."))
    ...     len(journal), [result.response.text for result in journal.results()]
    (1, ['Yes.'])
    >>> found.response.text, other
    ('Yes.', None)
    """

    def __init__(self, folder: str | PathLike[str], *, read_only: bool = False) -> None:
        self.path = Path(folder) / JOURNAL
        if read_only and not self.path.exists():
            raise RunError(f"{folder}: {JOURNAL} is missing; make the run again")
        self._store = open_journal(self.path, read_only=read_only)
        self._lock, self._spent = threading.Lock(), dict[Stage, Cost]()
        self._set_aside: tuple[str, ...] | None = None
        try:
            if not read_only:
                self._set_aside = self._checked()
            [(latest,)] = self._store.read("SELECT coalesce(max(session), 0) FROM spending", ())
        except BaseException:
            self.close()
            raise
        self._session = int(latest) + 1

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is under way, and close the file."""
        self._store.close()

    def flush(self) -> None:
        """Wait until all that was appended is durable.

        Raises
        ------
        RunError
            It cannot be written: the disk is full, or gone.
        """
        self._store.flush()

    def __len__(self) -> int:
        [(count,)] = self._store.read("SELECT count(*) FROM results", ())
        return int(count) - (len(self.set_aside()) if self._store.read_only else 0)

    def append(self, position: int, result: Result) -> Future[None]:
        """Put down the result of the response at a position of the input, counted from 0; in place of an earlier one.

        Returns
        -------
        Future
            Done when the result is durable; raises ``RunError`` where it cannot be written.
        """
        return self._store.write(_APPEND, partial(_row_of, position, result))

    def at(self, position: int) -> Result | None:
        """The result at a position; None where there is none, or it is damaged."""
        rows = self._store.read(
            "SELECT position, response, again, sum, body FROM results WHERE position = ?", (position,)
        )
        return result_in(self.path, rows[0]) if rows and is_sound(rows[0]) else None

    def done(self, position: int, response: Response) -> Result | None:
        """The result at a position, if it is that of the same response."""
        found = self.at(position)
        return found if found is not None and response_digest(found.response) == response_digest(response) else None

    def window(self, start: int, count: int) -> dict[int, tuple[bytes, bool]]:
        """Position → the digest of its response and whether it is to be tried again, for ``count`` positions.

        An answer is to be tried again when a call for it ran out of time, was refused or failed at the provider.
        A record that could not be read has an empty digest.
        """
        rows = self._store.read(
            "SELECT position, response, again FROM results WHERE position >= ? AND position < ?", (start, start + count)
        )
        return {position: (response, bool(again)) for position, response, again in rows}

    def end(self) -> int:
        """The position after the last result."""
        [(last,)] = self._store.read("SELECT coalesce(max(position), -1) FROM results", ())
        return int(last) + 1

    def results(self) -> JournalResults:
        """The results in the order of the input, read one by one; to be iterated over as often as wanted."""
        return JournalResults(self.path)

    def digest(self) -> str:
        """What the results are, in 64 hexadecimal digits: the same for the same results in whatever order they came."""
        whole = hashlib.sha256()
        for position, checked in self._store.stream("SELECT position, sum FROM results ORDER BY position", ()):
            whole.update(struct.pack(">q", position) + checked)
        return whole.hexdigest()

    def note(self, name: str, text: str) -> Future[None]:
        """Keep a text about the run under a name."""
        body = text.encode()
        return self._store.write(
            "INSERT OR REPLACE INTO about (name, sum, body) VALUES (?, ?, ?)",
            (name, check_sum(name.encode(), body), body),
        )

    def noted(self, name: str) -> str | None:
        """The text under a name; None where there is none, or it is damaged."""
        rows = self._store.read("SELECT sum, body FROM about WHERE name = ?", (name,))
        for checked, body in rows:
            if isinstance(body, bytes) and checked == check_sum(name.encode(), body):
                return body.decode()
        return None

    def spend(self, stage: Stage, cost: Cost) -> Future[None]:
        """Add to what was really spent: every attempt, whatever came of it."""
        with self._lock:
            total = self._spent[stage] = total_cost((self._spent.get(stage, Cost()), cost))
            body = json_line(encode(total)).encode()
            return self._store.write(
                "INSERT OR REPLACE INTO spending (session, stage, sum, body) VALUES (?, ?, ?, ?)",
                (self._session, stage, _spending_sum(self._session, stage, body), body),
            )

    def spending(self) -> dict[Stage, Cost]:
        """What was really spent until now, by step, before and after the run was resumed."""
        self._store.flush()
        spent: dict[Stage, Cost] = {}
        for session, stage, checked, body in self._store.read("SELECT session, stage, sum, body FROM spending", ()):
            if stage in get_args(Stage) and isinstance(body, bytes) and checked == _spending_sum(session, stage, body):
                spent[stage] = total_cost((spent.get(stage, Cost()), decode(Cost, json.loads(body))))
        return dict(sorted(spent.items()))

    def set_aside(self) -> tuple[str, ...]:
        """What is damaged, a line each: found when the journal was opened, or now where it is only read."""
        if self._set_aside is None:
            self._set_aside = self._checked()
        return self._set_aside

    def _checked(self) -> tuple[str, ...]:
        bad = [row[0] for row in rows_of(self._store) if not is_sound(row)]
        for position in () if self._store.read_only else bad:
            self._store.write(
                "INSERT INTO set_aside (position, reason, body) SELECT position, ?, body FROM results "
                "WHERE position = ?",
                (_DAMAGED, position),
            )
            self._store.write("DELETE FROM results WHERE position = ?", (position,))
        if bad:
            self._store.flush()
        note = (self._store.note,) if self._store.note else ()
        return (*note, *(f"{self.path}: the result of answer {n + 1:,} is damaged ({_DAMAGED})" for n in bad))


def _row_of(position: int, result: Result) -> tuple[Any, ...]:
    failures = [f for f in (result.extraction.failure, *result.outcomes) if isinstance(f, Failure)]
    again = any(failure.kind in ENDPOINT for failure in failures)
    unreadable = any(failure.stage == "input" for failure in failures)
    row = encode(result)
    response = UNREADABLE if unreadable else _digest_of(row["response"])
    seconds = _take_seconds(row)
    body = json_line(row).encode()
    return position, response, int(again), seconds, row_sum(position, response, again, body), body


def response_digest(response: Response) -> bytes:
    """What tells one response from another, whatever field they differ in."""
    return _digest_of(encode(response))


def _digest_of(encoded: Mapping[str, Any]) -> bytes:
    return hashlib.blake2b(json_line(encoded).encode(), digest_size=16).digest()


def _spending_sum(session: int, stage: str, body: bytes) -> bytes:
    return check_sum(struct.pack(">q", session), stage.encode(), body)


def _take_seconds(row: dict[str, Any]) -> float:
    """The seconds that calls took, taken out of a result: they are never the same twice."""
    extraction = row["extraction"]
    parts = [extraction, extraction["failure"], *(outcome.get("failure", outcome) for outcome in row["outcomes"])]
    costs = [part["cost"] for part in parts if part is not None]
    seconds = sum(float(cost["seconds"]) for cost in costs)
    for cost in costs:
        cost["seconds"] = 0.0
    return seconds
