"""What chat models said and retrievers found, kept by everything that went into the question.

A key is a digest of all that the answer can depend on, so an entry is never out of date: what is asked differently is
asked anew. An entry that isn't what was written is put aside and missed, never used.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

from halueval.errors import InputError
from halueval.records import ChatReply, ChatRequest, Evidence
from halueval.runs.damage import warn
from halueval.runs.entries import COLUMNS, SCHEMA, BadEntry, Entry, WrongEntry, entry, value_of
from halueval.runs.keys import call_key, passages_key
from halueval.runs.store import Store, StoreDamaged

__all__ = ["BadEntry", "CacheStats", "CallCache", "call_key", "passages_key"]

_KIND, _VERSION = "a cache of calls", 2

_FRESH = 3_600  # seconds within which another use of an entry isn't put down
_USES = 500  # that are put down at once
_OVERHEAD = 250  # bytes of an entry beside its body
_LEFT = 0.9  # of the bound, after pruning
_LOOKS = 64  # at the size of the file while as much as the bound allows is added

_LOOK_UP = f"""
SELECT {COLUMNS}, (SELECT used FROM uses WHERE uses.id = entries.id) FROM entries WHERE key = ?
"""
_WHEN = """
SELECT min(made), max(made) FROM entries WHERE typeof(made) = 'integer' AND made BETWEEN 0 AND 253402300799
"""
_DELETE_OLD = """
DELETE FROM entries WHERE id IN (SELECT id FROM entries LEFT JOIN uses USING (id) WHERE coalesce(used, made) < ?)
"""
_DELETE_UNUSED = f"""
DELETE FROM entries WHERE id IN (
    SELECT id FROM (
        SELECT id, sum(length(body) + {_OVERHEAD}) OVER (ORDER BY coalesce(used, made) DESC, id DESC) AS total
        FROM entries LEFT JOIN uses USING (id)
    ) WHERE total > ?
)
"""


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What a cache holds.

    ``bytes`` are those in use in the file; ``sources`` counts entries by model or retriever; ``oldest`` and ``newest``
    say when entries were made, in seconds since 1970, and are None in an empty cache; ``set_aside`` counts damaged
    entries that were put aside.
    """

    replies: int
    passages: int
    bytes: int
    sources: Mapping[str, int] = field(default_factory=dict)
    oldest: int | None = None
    newest: int | None = None
    set_aside: int = 0


class CallCache:
    """Replies and passages in one SQLite file, for any number of threads and processes at once.

    It is a :class:`~halueval.protocols.ReplyStore`. An entry is only ever the first that was kept under its key. One
    whose checksum, key or content is wrong is missed, put aside in a table of its own, and named by
    :meth:`set_aside`.

    Parameters
    ----------
    path : path
        The file, made where there is none.
    max_bytes : int, optional
        How large the file may become; what was used least recently goes first, a tenth of the bound at a time. Several
        processes that write at once may pass it by a quarter for a moment.
    read_only : bool
        The file must be there, and stays as it is.

    Raises
    ------
    RunError
        As :class:`~halueval.runs.store.Store`; InputError for a bound that is none.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with CallCache(f"{folder.name}/calls.sqlite") as cache:
    ...     cache.keep("some key", ChatReply("Yes."), model="m", stage="verification").result()
    ...     cache.reply("some key").text, cache.reply("another"), cache.stats().replies
    ('Yes.', None, 1)
    >>> folder.cleanup()
    """

    def __init__(self, path: str | os.PathLike[str], *, max_bytes: int | None = None, read_only: bool = False) -> None:
        if max_bytes is not None and max_bytes < 1:
            raise InputError(f"a size of {max_bytes} bytes", wanted="1 or more", field="max_bytes")
        self.path = Path(path)
        self._max_bytes = max_bytes
        self._store = Store(path, SCHEMA, kind=_KIND, version=_VERSION, read_only=read_only)
        # no lock, which a fork might find taken: each of these is changed in one step
        self._used: dict[int, int] = {}
        self._added = 0
        self._aside: dict[str, str] = {}

    def key(self, request: ChatRequest, *, model: str, endpoint: str, options: Mapping[str, Any], repeat: int) -> str:
        """As :func:`call_key`."""
        return call_key(request, model=model, endpoint=endpoint, options=options, repeat=repeat)

    def reply(self, key: str) -> ChatReply | None:
        """The reply kept under a key; None if there is none that is whole."""
        value: ChatReply | None = self._get(key, "reply")
        return value

    def passages(self, key: str) -> tuple[Evidence, ...] | None:
        """The passages kept under a key, which may be none; None if there is no entry that is whole."""
        value: tuple[Evidence, ...] | None = self._get(key, "passages")
        return value

    def keep(self, key: str, reply: ChatReply, *, model: str, stage: str) -> Future[None]:
        """Keep a reply; the future is done when it is on the disk, and raises ``RunError`` if it can't be."""
        return self._put(partial(entry, key, "reply", reply, source=model, stage=stage, made=_now()))

    def keep_passages(self, key: str, passages: Sequence[Evidence], *, retriever: str) -> Future[None]:
        """Keep what was found, in its order; as :meth:`keep`."""
        return self._put(partial(entry, key, "passages", passages, source=retriever, stage="retrieval", made=_now()))

    def set_aside(self) -> tuple[str, ...]:
        """A line for each thing that was damaged and put aside since the cache was opened."""
        note = (self._store.note,) if self._store.note else ()
        return (*note, *(f"{self._store.path}: the entry {key[:16]}… {why}" for key, why in list(self._aside.items())))

    def stats(self) -> CacheStats:
        """What the cache holds."""
        counts: Counter[str] = Counter()
        sources: Counter[str] = Counter()
        for kind, source, number in self._store.read(
            "SELECT kind, source, count(*) FROM entries GROUP BY kind, source"
        ):
            counts[str(kind)] += number
            sources[str(source)] += number
        ((oldest, newest),) = self._store.read(_WHEN)
        return CacheStats(
            counts["reply"],
            counts["passages"],
            self._size(),
            dict(sorted(sources.items())),
            oldest,
            newest,
            self._store.read("SELECT count(*) FROM set_aside")[0][0],
        )

    def verify(self) -> list[BadEntry]:
        """Read every entry, and put aside those that aren't what was written; they are given back."""
        bad = []
        for row in self._store.stream(f"SELECT {COLUMNS} FROM entries NOT INDEXED ORDER BY id"):
            found = Entry(*row)
            try:
                value_of(found)
            except WrongEntry as error:
                self._delete(found, str(error))
                bad.append(BadEntry(str(found.key), str(error)))
        self._store.flush()
        return bad

    def prune(self, *, max_bytes: int | None = None, older_than_days: float | None = None) -> CacheStats:
        """Delete what was not used for so many days, and then what was used least recently until the rest fits.

        The file gets smaller. Returns what is left.

        Raises
        ------
        RunError
            The file can't be written.
        """
        self._put_uses()
        if older_than_days is not None:
            self._store.write(_DELETE_OLD, (_now() - older_than_days * 86_400,))
            self._clean()
        self._store.flush()
        target = max_bytes or 0
        while max_bytes is not None and self._shrink(max_bytes, target):  # entries are larger than their bytes
            self._store.flush()
            target = int(target * _LEFT)
        self._store.give_back_room()
        return self.stats()

    def close(self) -> None:
        """Write what waits, let go of the file, and warn of what was put aside. Once is enough."""
        if not (self._store.closed or self._store.read_only):
            self._put_uses()
            warn(self.set_aside())
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _get(self, key: str, kind: str) -> Any:
        try:
            rows = self._store.read(_LOOK_UP, (key,))
        except StoreDamaged as error:
            self._aside[key] = f"can't be read: {error}"
            return None
        if not rows:
            return None
        found, used = Entry(*rows[0][:-1]), rows[0][-1]
        try:
            value = value_of(found)
        except WrongEntry as error:
            self._put_aside(found, str(error))
            return None
        if (found.key, found.kind) != (key, kind):  # a damaged index leads to another entry, which is well
            return None
        self._use(found.id, max(found.made, used if isinstance(used, int) else 0))
        return value

    def _put(self, make: Callable[[], Entry]) -> Future[None]:
        def made() -> Entry:
            row = make()
            self._added += len(row.body) + _OVERHEAD
            return row

        done = self._store.write(f"INSERT OR IGNORE INTO entries({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", made)
        if self._max_bytes is not None and self._added * _LOOKS > self._max_bytes:
            self._added = 0
            self._shrink(self._max_bytes, int(self._max_bytes * _LEFT))
        return done

    def _put_aside(self, row: Entry, why: str) -> None:
        self._aside[str(row.key)] = why
        self._delete(row, why)

    def _delete(self, row: Entry, why: str) -> None:
        """Move a row out of the way, where what is right can then stand."""
        if not self._store.read_only:
            columns = COLUMNS.removeprefix("id, ")
            self._store.write(
                f"INSERT INTO set_aside({columns}, why) SELECT {columns}, ? FROM entries WHERE id = ?", (why, row.id)
            )
            self._store.write("DELETE FROM entries WHERE id = ?", (row.id,))

    def _use(self, place: int, last: int) -> None:
        """Remember that an entry was used; many such are put down in one go, and none that was just before."""
        now = _now()
        if self._store.read_only or now - last < _FRESH:
            return
        self._used[place] = now
        if len(self._used) >= _USES:
            self._put_uses()

    def _put_uses(self) -> None:
        used, self._used = self._used, {}
        if used:
            places = json.dumps(list(used))
            self._store.write("INSERT OR REPLACE INTO uses SELECT value, ? FROM json_each(?)", (_now(), places))

    def _size(self) -> int:
        (pages,), (free,), (each,) = (
            self._store.read(f"PRAGMA {name}")[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * each)

    def _shrink(self, bound: int, target: int) -> bool:
        """Delete what was used least recently if the file is larger than the bound; whether there was anything."""
        size = self._size()
        if size <= bound:
            return False
        ((bodies,),) = self._store.read(f"SELECT coalesce(sum(length(body) + {_OVERHEAD}), 0) FROM entries")
        self._store.write(_DELETE_UNUSED, (bodies * target // size,))
        self._clean()
        return bool(bodies)

    def _clean(self) -> None:
        """Forget the uses of what is gone."""
        self._store.write("DELETE FROM uses WHERE id NOT IN (SELECT id FROM entries)")


def _now() -> int:
    return int(time.time())
