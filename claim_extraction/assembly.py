"""From responses to extractions: what every extractor here does around the splitting itself.

Batches are parsed together, whatever responses the sentences are from; one response that cannot be done is a failure
in its place, never an exception.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Any

from halueval.claim_extraction.cases import is_case, is_record
from halueval.claim_extraction.checkworthiness import not_checkworthy
from halueval.claim_extraction.parses import Parse
from halueval.claim_extraction.passages import Passage, passages
from halueval.claim_extraction.qualifiers import Qualifiers, qualifiers
from halueval.records import (
    Claim,
    Entity,
    Extraction,
    ExtractorInfo,
    Failure,
    Quantity,
    Response,
    Span,
    derived_id,
)
from halueval.text.entities import find_entities
from halueval.text.language import language_note
from halueval.text.negation import assess, hedge_cues, negation_cues
from halueval.text.pipeline import load_pipeline, pipeline_info
from halueval.text.quantities import find_quantities
from halueval.text.reasoning import answer_spans

__all__ = [
    "ParsedPassage",
    "ReadAnswer",
    "Splitter",
    "Statement",
    "annotated",
    "extract_batch",
    "labelled",
    "read_answer",
    "said_reason",
    "unplaced_note",
    "whole",
]

_EMPHASIS = re.compile(r"\*{2,3}|(?<!\d)\*(?=\S)|(?<=\S)\*(?!\d)|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|`+")
LONGEST_PARSED = 1_500  # characters: a longer "sentence" is no sentence, and a parse of it costs more than it tells
PARSED_AT_ONCE = 512  # sentences: bounds memory, whatever the length of an answer
# Words: a sentence, or a list item, in which the tagger found no verb is more likely misread than without one.
_LONG_SENTENCE, _LONG_ITEM = 5, 8


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim before it is annotated; ``tokens`` says which of the passage's tokens it holds.

    ``spans`` is empty for one that could not be placed.
    """

    text: str
    spans: tuple[Span, ...] = ()
    tokens: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedPassage:
    """A passage with its parse (None for one that was not parsed) and what was found in it."""

    passage: Passage
    parse: Parse | None
    quantities: tuple[Quantity, ...] = ()
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """An answer as the offline tools read it: what of it is the answer, and its sentences, parsed.

    ``note`` says that it is not English; its passages are then not parsed, and nothing is looked for in them.
    """

    response: Response
    parts: tuple[Span, ...]
    passages: tuple[ParsedPassage, ...]
    note: str | None = None


Splitter = Callable[[Response, Sequence[ParsedPassage]], Iterable[tuple[ParsedPassage, Sequence[Statement]]]]


@cache
def _info(name: str, pipeline: str | None) -> ExtractorInfo:
    from halueval import __version__

    return ExtractorInfo(name, __version__, str(pipeline_info(pipeline)))


def extract_batch(
    responses: Sequence[Response],
    *,
    name: str,
    split: Splitter,
    pipeline: str | None = None,
    include_reasoning: bool = False,
) -> list[Extraction]:
    """One extraction per response, in order.

    Parameters
    ----------
    responses : sequence of Response
        Any texts; an empty one has no claims.
    name : str
        The extractor's, for the report.
    split : callable
        Gets a response and its parsed passages, and gives the statements of each passage.
    pipeline : str, optional
        A spaCy pipeline by its import name; the best installed one by default.
    include_reasoning : bool
        Whether what stands in a reasoning trace is part of the answer.

    Raises
    ------
    halueval.errors.PluginError
        When a pipeline of this name is not installed.
    """
    info = _info(name, pipeline)
    nlp = load_pipeline(pipeline)
    out = []
    for response in responses:
        try:
            claims, warnings = _extracted(response, nlp, split, include_reasoning)
            failure = None
        except Exception as error:
            claims, warnings = (), ()
            failure = Failure("extraction", "plugin_error", f"{type(error).__name__}: {error}", response.id)
        out.append(Extraction(response.id, claims, failure, info, warnings))
    return out


def _extracted(
    response: Response, nlp: Any, split: Splitter, include_reasoning: bool
) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    answer = read_answer(response, nlp, include_reasoning=include_reasoning)
    if not answer.passages:
        return (), ()
    if answer.note is not None:
        statements: Iterable[tuple[ParsedPassage, Sequence[Statement]]] = (
            (p, (whole(p.passage, response.text),)) for p in answer.passages
        )
    else:
        statements = split(response, answer.passages)
    claims = annotated(answer, statements)
    return claims, tuple(note for note in (answer.note, unplaced_note(claims)) if note)


def read_answer(response: Response, nlp: Any, *, include_reasoning: bool = False) -> ReadAnswer:
    """The sentences of a response, parsed, and what is named and measured in them.

    Parameters
    ----------
    response : Response
        Any text; an empty one has no passages.
    nlp : spacy.language.Language
        See :func:`halueval.text.pipeline.load_pipeline`.
    include_reasoning : bool
        Whether what stands in a reasoning trace is part of the answer.
    """
    text = response.text
    parts = (Span(0, len(text)),) if include_reasoning else answer_spans(text)
    found = [p for part in parts for p in passages(text, part) if p.kind != "rule" and not p.text.isspace() and p.text]
    note = language_note("\n".join(text[p.start : p.end] for p in parts)[:8_000]) if found else None
    parsed = _parsed(text, found, nlp) if note is None else [ParsedPassage(p, None) for p in found]
    return ReadAnswer(response, parts, tuple(parsed), note)


def annotated(answer: ReadAnswer, statements: Iterable[tuple[ParsedPassage, Sequence[Statement]]]) -> tuple[Claim, ...]:
    """Claims from the statements of each passage: with ids, and with what the text says of them."""
    response = answer.response
    said = [response.text[p.passage.span.start : p.passage.span.end] for p in answer.passages]
    return tuple(_claims(response, statements, not response.context and is_record(said)))


def unplaced_note(claims: Sequence[Claim]) -> str | None:
    """What the report says of claims that stand nowhere in the text; None where there are none."""
    unplaced = sum(not c.spans for c in claims)
    return f"{unplaced} of {len(claims)} claims could not be placed in the text" if unplaced else None


def whole(passage: Passage, text: str) -> Statement:
    """The sentence as it was said."""
    said = _EMPHASIS.sub("", " ".join(text[passage.span.start : passage.span.end].split()))
    return Statement(said.strip(), (passage.span,))


def _parsed(text: str, found: Sequence[Passage], nlp: Any) -> list[ParsedPassage]:
    quantities = find_quantities(text)
    starts = [q.span.start for q in quantities]
    out: list[ParsedPassage] = []
    able = nlp.has_pipe("parser")
    waiting = iter(found)
    while batch := list(islice(waiting, PARSED_AT_ONCE)):
        short = [p for p in batch if able and len(p.text) <= LONGEST_PARSED and p.kind != "row"]
        docs = dict(zip(map(id, short), nlp.pipe([p.text for p in short]), strict=True))
        for p in batch:
            doc = docs.get(id(p))
            mine = tuple(_within(quantities, starts, p.span))
            if p.lead:
                mine = tuple(_within(quantities, starts, Span(p.offsets[0], p.offsets[p.lead]))) + mine
            entities = _entities(p, doc, text) if doc is not None else ()
            out.append(ParsedPassage(p, Parse(doc) if doc is not None and len(doc) else None, mine, entities))
    return out


def _within(quantities: Sequence[Quantity], starts: Sequence[int], span: Span) -> Iterator[Quantity]:
    for k in range(bisect_left(starts, span.start), len(quantities)):
        if starts[k] >= span.end:
            return
        if quantities[k].span.end <= span.end:
            yield quantities[k]


def _entities(passage: Passage, doc: Any, text: str) -> tuple[Entity, ...]:
    """What the passage names, with what it says of each, and offsets into the response."""
    found = find_entities(doc)
    said = assess(passage.text, [e.span for e in found])
    return tuple(
        _placed(passage, replace(e, negated=a.negated, temporality=a.temporality, experiencer=a.experiencer), text)
        for e, a in zip(found, said, strict=True)
    )


def _placed(passage: Passage, entity: Entity, text: str) -> Entity:
    """The entity with offsets into the response."""
    span = Span(passage.offsets[entity.span.start], passage.offsets[entity.span.end - 1] + 1)
    return replace(entity, span=span, text=text[span.start : span.end])


def _claims(
    response: Response, statements: Iterable[tuple[ParsedPassage, Sequence[Statement]]], record: bool
) -> Iterator[Claim]:
    used: dict[str, int] = {}
    for parsed, several in statements:
        whole = parsed.passage.span
        told = record and is_case(response.text[whole.start : whole.end])
        for said in several:
            statement = replace(said, reason="case") if told and said.reason is None else said
            spans = statement.spans
            claim_id = derived_id(response.id, statement.text, *(f"{s.start}-{s.end}" for s in spans))
            again = used[claim_id] = used.get(claim_id, 0) + 1
            if again > 1:
                claim_id = derived_id(claim_id, str(again))
            yield _annotated(Claim(claim_id, response.id, statement.text, spans), parsed, statement)


def _annotated(claim: Claim, parsed: ParsedPassage, statement: Statement) -> Claim:
    text = claim.text
    reason = statement.reason
    if parsed.parse is not None and statement.tokens:
        q = qualifiers(parsed.parse, parsed.passage, statement.tokens)
    else:
        q = Qualifiers()
    (assertion,) = assess(text, [Span(max(0, len(text) - 1), len(text))])
    entities = tuple(e for e in parsed.entities if _holds(claim.spans, e.span))
    return replace(
        claim,
        checkworthy=reason is None,
        reason=reason,
        negated=bool(negation_cues(text)),
        hedged=parsed.passage.hedged or bool(hedge_cues(text)),
        condition=q.condition,
        population=q.population,
        temporality=assertion.temporality,
        experiencer=assertion.experiencer,
        entities=entities,
        quantities=tuple(x for x in parsed.quantities if _holds(claim.spans, x.span)),
    )


def _holds(spans: Sequence[Span], inner: Span) -> bool:
    return any(s.start <= inner.start and inner.end <= s.end for s in spans)


def said_reason(passage: Passage, text: str, *, has_predicate: bool) -> str | None:
    """Why a whole sentence is not checkworthy, from what kind of line it is and what it says."""
    if passage.kind == "heading" or passage.introduces:
        return "heading"
    if passage.kind == "row":
        return "fragment"
    words = text.split()
    least = _LONG_SENTENCE if passage.kind == "prose" else _LONG_ITEM
    names = sum(not w[:1].islower() for w in words[1:])  # mostly capitals and digits: a title, an address, a reference
    looks_said = len(words) >= least and text.endswith(".") and ":" not in text and 2 * names < len(words)
    return not_checkworthy(text, has_predicate=has_predicate or looks_said or labelled(text) is not None)


_LABELLED = re.compile(r"(?P<label>[^\W\d_][\w ,/-]{1,40}?):\s+(?P<value>(?=[^\d\n]{0,40}\d)\S.*)", re.DOTALL)


def labelled(text: str) -> tuple[str, str] | None:
    """The two sides of "Starting dose: 500 mg twice a day", which says something without a verb; else None.

    Examples
    --------
    >>> labelled("Starting dose: 500 mg twice a day.")
    ('Starting dose', '500 mg twice a day.')
    >>> labelled("Starting dose: low") is None
    True
    """
    match = _LABELLED.fullmatch(text)
    return (match["label"], match["value"]) if match and find_quantities(match["value"]) else None
