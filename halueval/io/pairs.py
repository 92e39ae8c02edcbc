"""Claims with their evidence, and queries: what the steps of the line read when they are run alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from halueval.compact import Numbering, Numbers
from halueval.errors import InputError
from halueval.io.codec import decode
from halueval.io.records import FieldError, Records, id_in, look_ahead, text_in
from halueval.io.sources import Row, Source, open_source
from halueval.io.values import describe, mend, plain
from halueval.records import Claim, ClaimWithEvidence, Evidence, Failure, Outcome, Span, derived_id

__all__ = ["Pair", "Query", "read_pairs", "read_queries"]

T = TypeVar("T")

_SOURCE_FIELDS = ("title", "source", "date", "licence", "url", "snapshot")


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim with evidence under the user's id; ``places[i]`` says which of the given passages ``evidence[i]`` is."""

    id: str
    item: ClaimWithEvidence
    places: tuple[int, ...]

    def places_of(self, outcome: Outcome) -> tuple[int | None, ...]:
        """Which of the given passages each one that a verdict considered is; None for one that was not given."""
        given = self.item.evidence
        considered = () if isinstance(outcome, Failure) else outcome.evidence
        if considered == given:
            return self.places
        return tuple(self.places[given.index(passage)] if passage in given else None for passage in considered)


@dataclass(frozen=True, slots=True)
class Query:
    """A text to search for, under the user's id."""

    id: str
    text: str


def read_pairs(source: object) -> Records[Pair]:
    """Claims with the evidence to judge them by, from records with ``id``, ``claim`` and ``evidence``.

    ``evidence`` is a text; a list of texts, the sentences of one document; or a list of objects with ``text`` and,
    where known, ``doc_id``, ``title``, ``source``, ``date``, ``licence``, ``url``: passages of their own. Blank texts
    are no evidence. Any other field, a gold ``label`` too, is not looked at.

    Raises
    ------
    InputError
        No such file, nothing in it, no field ``claim`` or ``evidence``, no good record at all.

    Examples
    --------
    >>> row = {"id": 1, "claim": "Aspirin is a drug.", "evidence": ["Aspirin is sold.", "It is a drug."]}
    >>> pair = next(read_pairs([row]))
    >>> pair.id, [e.doc_id for e in pair.item.evidence]
    ('1', ['1', '1'])
    """
    found, opened = look_ahead(open_source(source))
    return read_named(opened, found, ("claim", "evidence"), pair_in)


def read_queries(source: object) -> Records[Query]:
    """Texts to search for, from records with ``id`` and ``text``.

    Records with ``claims``, as ``halueval extract`` writes them, give a query for each checkworthy claim; those with a
    ``failure`` in place of claims stay failures.

    Raises
    ------
    InputError
        No such file, nothing in it, no field ``text``, no good record at all.

    Examples
    --------
    >>> next(read_queries([{"id": "q", "text": "aspirin"}]))
    Query(id='q', text='aspirin')
    """
    found, opened = look_ahead(open_source(source))
    if "claims" in found and "text" not in found:
        opened = replace(opened, rows=_claim_rows(opened.rows))
        found = ["id", "text"]
    return read_named(opened, found, ("text",), _query)


def read_named(source: Source, found: Sequence[str], needed: Sequence[str], parse: Callable[..., T]) -> Records[T]:
    """Records with these fields, each made by ``parse`` from its id and itself; an id comes once."""
    if found and (lacking := [name for name in needed if name not in found]):
        listed = ", ".join(map(repr, found[:30]))
        raise InputError(
            f"no field {lacking[0]!r} in its records; fields found: {listed}",
            wanted="id, " + ", ".join(needed),
            path=source.name,
        )
    seen, rows = Numbering(), Numbers()

    def read(row: Row) -> T | Failure:
        if not isinstance(row.value, Mapping):
            raise FieldError(f"found {describe(row.value)}", "an object")
        if "failure" in row.value:  # of an earlier step: it stays what it was
            return decode(Failure, row.value["failure"])
        given = id_in(row.value, "id")
        first = seen.find(given)
        if first is not None:
            raise FieldError(
                f"the id {given!r} occurs a second time (first in {source.place(rows[first])})",
                "an id that no other record has",
                "id",
                "duplicate_id",
            )
        parsed = parse(given, row.value)
        if given:
            seen.number(given)
            rows.append(row.number)
        return parsed

    return Records(source, read, _known_id)


def _known_id(row: Row) -> str:
    try:
        return id_in(row.value, "id") if isinstance(row.value, Mapping) else ""
    except FieldError:
        return ""


def _query(given: str, record: Mapping[str, Any]) -> Query:
    text = text_in(record, "text")
    return Query(given or derived_id(text), text)


def _claim_rows(rows: Iterator[Row]) -> Iterator[Row]:
    """A row for each checkworthy claim of each row of claims; what isn't one passes as it is, to be found out."""
    for row in rows:
        claims = row.value.get("claims") if isinstance(row.value, Mapping) else None
        if not isinstance(claims, list):
            yield row
            continue
        for claim in claims:
            if not isinstance(claim, Mapping) or claim.get("checkworthy") is not False:
                yield Row(row.number, claim)


def pair_in(given: str, record: Mapping[str, Any]) -> Pair:
    """The claim and the evidence of a record, under the id given or one made from them."""
    claim = text_in(record, "claim")
    if not claim.strip():
        raise FieldError("found an empty text", "a claim", "claim")
    if "evidence" not in record:
        raise FieldError("missing", "a text or a list", "evidence")
    value = plain(record["evidence"])
    if not isinstance(value, str | list):
        raise FieldError(f"found {describe(value)}", "a text or a list of texts or of objects with text", "evidence")
    passages = value if isinstance(value, list) else [value]
    pair_id = given or derived_id(claim, repr(value))
    evidence = [_evidence(p, i, pair_id) for i, p in enumerate(passages)]
    kept = [(i, e) for i, e in enumerate(evidence) if e.text.strip()]
    item = ClaimWithEvidence(Claim(pair_id, pair_id, claim), tuple(e for _, e in kept))
    return Pair(pair_id, item, tuple(i for i, _ in kept))


def _evidence(passage: Any, number: int, pair_id: str) -> Evidence:
    """One passage; texts are sentences of one document, objects without a ``doc_id`` documents of their own."""
    field = f"evidence[{number}]"
    if isinstance(passage, str):
        return Evidence(pair_id, passage, Span(0, len(passage)))
    if not isinstance(passage, Mapping):
        raise FieldError(f"found {describe(passage)}", "a text or an object with text", field)
    if not isinstance(passage.get("text"), str):
        raise FieldError(f"found {describe(passage.get('text'))}", "text", f"{field}.text")
    text = mend(passage["text"])
    start = passage.get("start")
    at = start if isinstance(start, int) and not isinstance(start, bool) and start >= 0 else 0
    about: dict[str, Any] = {name: str(passage[name]) for name in _SOURCE_FIELDS if isinstance(passage.get(name), str)}
    doc_id = id_in(passage, "doc_id") or f"{pair_id}/{number}"
    return Evidence(doc_id, text, Span(at, at + len(text)), **about)
