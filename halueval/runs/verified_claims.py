"""A store of verified claims that people keep: what was claimed, what the verdict was, by whom, on what, and when.

Each entry can be listed, exported, expired by age and pinned by hand (``halueval cache claims``). An entry answers for
the very same claim with the very same passages (:meth:`VerifiedClaims.same`), and, where that is asked for, for one
that differs in nothing that could matter (:meth:`VerifiedClaims.near`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from os import PathLike
from pathlib import Path
from typing import Any, Self

from halueval.errors import InputError
from halueval.io.codec import decode, encode
from halueval.io.values import parse_json
from halueval.io.writing import json_line
from halueval.records import Verdict
from halueval.runs.claim_guard import difference
from halueval.runs.claim_scope import Scope
from halueval.runs.hashing import check_sum
from halueval.runs.likeness import Embed, Neighbours
from halueval.runs.store import Store

__all__ = ["VerifiedClaim", "VerifiedClaims", "written"]

VERSION = 1
_SCHEMA = """
CREATE TABLE claims (
  id TEXT PRIMARY KEY,
  wide TEXT NOT NULL,
  date TEXT NOT NULL,
  pinned INTEGER NOT NULL,
  sum BLOB NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX claims_by_scope ON claims (wide);
CREATE TABLE set_aside (id TEXT, reason TEXT NOT NULL, body BLOB)
"""
_COLUMNS = "id, wide, date, pinned, sum, body"
_CHUNK = 500  # rows in memory at once
_NEAREST = 16  # neighbours that are laid beside a claim
_LIKE = 0.3  # the least cosine: below it two claims share next to nothing


@dataclass(frozen=True, slots=True)
class VerifiedClaim:
    """An entry of the store; ``verdict`` has no claim id, for it serves whatever claim says the same."""

    id: str
    claim: str
    verdict: Verdict
    scope: Scope
    date: str
    pinned: bool = False

    def row(self) -> dict[str, Any]:
        """The entry as JSON values, a field each; the verdict's evidence is in it.

        Examples
        --------
        >>> entry = VerifiedClaim("1", "A.", Verdict("", "supported"), Scope("judge", "s", "", "e"), "2026-01-02")
        >>> list(entry.row())
        ['id', 'claim', 'label', 'verifier', 'snapshot', 'date', 'pinned', 'scope', 'verdict']
        """
        return {
            "id": self.id,
            "claim": self.claim,
            "label": self.verdict.label,
            "verifier": self.scope.verifier,
            "snapshot": self.scope.snapshot,
            "date": self.date,
            "pinned": self.pinned,
            "scope": encode(self.scope),
            "verdict": encode(self.verdict),
        }


class VerifiedClaims:
    """A file of verified claims, for any number of threads and processes.

    Parameters
    ----------
    path : path
        Made where there is none.
    embed : callable, optional
        For :meth:`near`; see :class:`halueval.runs.likeness.Neighbours`.
    read_only : bool
        Nothing is made, mended or written.

    Raises
    ------
    RunError
        It cannot be opened: no such folder, a newer version, another file.

    Examples
    --------
    >>> import os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> scope = Scope("judge", "settings", "corpus", "passages")
    >>> with VerifiedClaims(os.path.join(folder.name, "claims.sqlite")) as store:
    ...     store.keep("Aspirin thins the blood.", Verdict("c", "supported"), scope).result()
    ...     same = store.same("Aspirin thins the blood.", scope)
    ...     other = store.same("Aspirin thins blood.", scope)
    ...     near = store.near("Aspirin thins blood", scope)
    >>> same.verdict.label, other, near.claim
    ('supported', None, 'Aspirin thins the blood.')
    >>> folder.cleanup()
    """

    def __init__(self, path: str | PathLike[str], *, embed: Embed | None = None, read_only: bool = False) -> None:
        self.path = Path(path)
        self.read_only, self._embed = read_only, embed
        self._store = Store(path, _SCHEMA, kind="verified claims", version=VERSION, read_only=read_only)
        self._lock = threading.Lock()
        self._near: dict[str, tuple[Neighbours, int]] = {}
        self._set_aside: list[str] = [self._store.note] if self._store.note else []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process opens the file for itself."""
        return _reopened, (self.path, self._embed, self.read_only)

    def __len__(self) -> int:
        [(count,)] = self._store.read("SELECT count(*) FROM claims")
        return int(count)

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._store.close()

    def set_aside(self) -> tuple[str, ...]:
        """What was found damaged until now, a line each: such an entry answers for nothing."""
        return tuple(self._set_aside)

    def keep(self, claim: str, verdict: Verdict, scope: Scope, *, date: datetime | None = None) -> Future[None]:
        """Keep a verdict on a claim; one that is pinned stays as it is. Done when it is durable."""
        cost = replace(verdict.cost, seconds=0.0)  # the time is that of one call, and not kept
        when = date or datetime.now(UTC)
        entry = VerifiedClaim(scope.key(claim), claim, replace(verdict, claim_id="", cost=cost), scope, written(when))
        return self._write(entry, "WHERE pinned = 0")

    def same(self, claim: str, scope: Scope, *, before: datetime | None = None) -> VerifiedClaim | None:
        """The entry for the very same claim, verifier, settings and passages, if it was kept before a time."""
        entry = next(self._entries("id = ?", scope.key(claim)), None)
        return entry if entry is not None and _is_before(entry, before) else None

    def near(self, claim: str, scope: Scope, *, before: datetime | None = None) -> VerifiedClaim | None:
        """A decided entry of the same verifier and corpus on a claim that differs in nothing that could matter.

        The nearest claims are looked at, and every one is held against the guard
        (:func:`halueval.runs.claim_guard.difference`). None where two such entries say different things.
        """
        found = [
            entry
            for name, likeness in self._neighbours(scope.wide).nearest(claim, _NEAREST)
            if likeness >= _LIKE
            for entry in self._entries("id = ?", name)
            if _is_before(entry, before) and entry.scope.wide == scope.wide and not difference(claim, entry.claim)
        ]
        decided = [entry for entry in found if entry.verdict.label != "not_enough_info"]
        alike = len({entry.verdict.label for entry in decided}) == 1
        return decided[0] if alike else None

    def entries(self) -> Iterator[VerifiedClaim]:
        """All entries, the oldest kept first, few in memory at a time."""
        after = -1
        while rows := self._store.read(
            f"SELECT rowid, {_COLUMNS} FROM claims WHERE rowid > ? ORDER BY rowid LIMIT {_CHUNK}", (after,)
        ):
            yield from (entry for _, *row in rows if (entry := self._entry(tuple(row))) is not None)
            after = rows[-1][0]

    def expire(self, days: float) -> int:
        """Drop the entries that are older than so many days; pinned ones stay. Gives how many were dropped.

        Raises
        ------
        InputError
            ``days`` is negative.
        """
        if not days >= 0:
            raise InputError(f"found {days!r}", wanted="a number of days, 0 or more", field="days")
        before = written(datetime.now(UTC) - timedelta(days=min(days, 36_500)))
        old = [entry.id for entry in self.entries() if entry.date <= before and not entry.pinned]
        for name in old:
            self._store.write("DELETE FROM claims WHERE id = ? AND date <= ? AND pinned = 0", (name, before))
        self._store.flush()
        with self._lock:
            self._near.clear()
        return len(old)

    def pin(self, ids: Iterable[str], *, pinned: bool = True) -> int:
        """Pin entries, or let go of them; gives how many there are.

        Raises
        ------
        InputError
            There is no entry with such an id; nothing was changed.
        """
        self._store.flush()  # what was kept a moment ago is there too
        entries = []
        for name in dict.fromkeys(ids):
            entry = next(self._entries("id = ?", name), None)
            if entry is None:
                raise InputError(
                    f"no entry has the id {name!r}", todo="see `halueval cache claims list`", path=str(self.path)
                )
            entries.append(replace(entry, pinned=pinned))
        for entry in entries:
            self._write(entry)
        self._store.flush()
        return len(entries)

    def _write(self, entry: VerifiedClaim, unless: str = "") -> Future[None]:
        body = json_line({name: encode(getattr(entry, name)) for name in ("claim", "scope", "verdict")}).encode()
        about = (entry.id, entry.scope.wide, entry.date, int(entry.pinned))
        return self._store.write(
            "INSERT INTO claims VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET wide = excluded.wide, "
            f"date = excluded.date, pinned = excluded.pinned, sum = excluded.sum, body = excluded.body {unless}",
            (*about, _sum(*about, body), body),
        )

    def _entries(self, where: str, *params: str) -> Iterator[VerifiedClaim]:
        for row in self._store.read(f"SELECT {_COLUMNS} FROM claims WHERE {where}", params):
            if (entry := self._entry(row)) is not None:
                yield entry

    def _entry(self, row: tuple[Any, ...]) -> VerifiedClaim | None:
        """The entry of a row; a damaged row is set aside and none."""
        name, wide, date, pinned, checked, body = row
        try:
            if checked != _sum(name, wide, date, pinned, body):
                raise ValueError("the checksum is not that of what is written there")
            read = parse_json(body.decode())
            scope, verdict = decode(Scope, read["scope"]), decode(Verdict, read["verdict"])
            entry = VerifiedClaim(name, str(read["claim"]), verdict, scope, date, bool(pinned))
            if (scope.key(entry.claim), scope.wide) != (name, wide):
                raise ValueError("it does not stand where it belongs")
            return entry
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._damaged(name, str(error))
            return None

    def _damaged(self, name: object, why: str) -> None:
        line = f"{self.path}: the entry {name!r} is damaged ({why})"
        if line in self._set_aside:
            return
        self._set_aside.append(line)
        if not self.read_only:
            self._store.write("INSERT INTO set_aside SELECT id, ?, body FROM claims WHERE id IS ?", (why, name))
            self._store.write("DELETE FROM claims WHERE id IS ?", (name,))

    def _neighbours(self, wide: str) -> Neighbours:
        """The claims of a scope by their vectors, with those that were kept since the last look, by whomever."""
        with self._lock:
            near, after = self._near.get(wide) or (Neighbours(self._embed), -1)
            while rows := self._store.read(
                f"SELECT rowid, {_COLUMNS} FROM claims WHERE wide = ? AND rowid > ? ORDER BY rowid LIMIT {_CHUNK}",
                (wide, after),
            ):
                entries = [entry for _, *row in rows if (entry := self._entry(tuple(row))) is not None]
                near.add([entry.id for entry in entries], [entry.claim for entry in entries])
                after = rows[-1][0]
            self._near[wide] = near, after
            return near


def written(date: datetime) -> str:
    """A time as the store has it: of two the earlier is the smaller text.

    Examples
    --------
    >>> written(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    '2026-01-02T03:04:00.000000+00:00'
    """
    return date.astimezone(UTC).isoformat(timespec="microseconds")


def _is_before(entry: VerifiedClaim, before: datetime | None) -> bool:
    return before is None or entry.date < written(before)


def _reopened(path: Path, embed: Embed | None, read_only: bool) -> VerifiedClaims:
    return VerifiedClaims(path, embed=embed, read_only=read_only)


def _sum(name: object, wide: object, date: object, pinned: object, body: object) -> bytes:
    if not isinstance(body, bytes):
        raise ValueError("its body is no text")
    return check_sum(*(str(part).encode() for part in (name, wide, date, pinned)), body)
