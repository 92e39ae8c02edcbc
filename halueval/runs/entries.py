"""One entry of the cache as it stands in its row: JSON under a checksum, read as if anybody might have written it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from halueval.io.codec import decode, encode
from halueval.io.records import FieldError
from halueval.io.values import parse_json
from halueval.records import ChatReply, Evidence
from halueval.runs.hashing import check_sum

__all__ = ["COLUMNS", "SCHEMA", "BadEntry", "Entry", "WrongEntry", "entry", "value_of"]

SCHEMA = """
CREATE TABLE entries(
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, source TEXT NOT NULL, stage TEXT NOT NULL,
    made INTEGER NOT NULL, sum BLOB NOT NULL, body BLOB NOT NULL
);
CREATE TABLE uses(id INTEGER PRIMARY KEY, used INTEGER NOT NULL);
CREATE TABLE set_aside(id INTEGER PRIMARY KEY, key, kind, source, stage, made, sum, body, why TEXT)
"""
_JSON = json.JSONEncoder(separators=(",", ":"))  # one for all entries: json.dumps would make one for each
COLUMNS = "id, key, kind, source, stage, made, sum, body"


class WrongEntry(ValueError):
    """An entry that isn't what was written; the text says why."""


@dataclass(frozen=True, slots=True)
class BadEntry:
    """An entry that isn't what was written, and why that is known."""

    key: str
    why: str


class Entry(NamedTuple):
    """A row of the table, as it is read: of a damaged one any field may be anything."""

    id: Any
    key: Any
    kind: Any
    source: Any
    stage: Any
    made: Any
    sum: Any
    body: Any


def entry(key: str, kind: str, value: ChatReply | Sequence[Evidence], *, source: str, stage: str, made: int) -> Entry:
    """The row for a value.

    Examples
    --------
    >>> row = entry("some key", "reply", ChatReply("Yes."), source="m", stage="verification", made=0)
    >>> value_of(row).text
    'Yes.'
    >>> value_of(row._replace(body=row.body.replace(b"Yes", b"No")))
    Traceback (most recent call last):
    halueval.runs.entries.WrongEntry: has a wrong checksum
    """
    plain = encode(value) if isinstance(value, ChatReply) else [encode(passage) for passage in value]
    body = _JSON.encode(plain).encode("ascii")
    row = Entry(None, key, kind, source, stage, made, b"", body)
    return row._replace(sum=_sum(row))


def value_of(row: Entry) -> Any:
    """The reply or the passages of a row.

    Raises
    ------
    WrongEntry
        A wrong checksum, or a value that is no reply and no passages.
    """
    texts = (row.key, row.kind, row.source, row.stage)
    if not (all(isinstance(text, str) for text in texts) and isinstance(row.made, int) and isinstance(row.body, bytes)):
        raise WrongEntry("isn't a row of the cache")
    if row.sum != _sum(row):
        raise WrongEntry("has a wrong checksum")
    if row.kind not in _READ:
        raise WrongEntry(f"is of no known kind ({row.kind!r:.40})")
    try:
        return _READ[row.kind](parse_json(row.body.decode("utf-8")))
    except FieldError as error:
        raise WrongEntry(f"is no {row.kind}: {error}") from None
    except ValueError as error:
        raise WrongEntry(f"can't be read: {error}") from None


def _sum(row: Entry) -> bytes:
    texts = (row.key, row.kind, row.source, row.stage, str(row.made))
    return check_sum(*(text.encode("utf-8", "surrogatepass") for text in texts), row.body)


def _reply(value: Any) -> ChatReply:
    reply = decode(ChatReply, value)
    counts = (reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens)
    if not reply.text.strip() or min(counts) < 0 or not (reply.dollars is None or 0 <= reply.dollars < math.inf):
        raise WrongEntry("is no reply: it has no text, or counts that can't be")
    return reply


def _passages(value: Any) -> tuple[Evidence, ...]:
    if not isinstance(value, list):
        raise WrongEntry("is no list of passages")
    return tuple(decode(Evidence, passage) for passage in value)


_READ: dict[str, Callable[[Any], Any]] = {"reply": _reply, "passages": _passages}
