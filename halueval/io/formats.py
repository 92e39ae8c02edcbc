"""The formats: what a line of each file holds, written, read and described in one place.

``docs/reference/formats.md`` ends with what :func:`reference` gives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from halueval.io.codec import decode, encode
from halueval.io.json_schema import definition, schema
from halueval.records import (
    Claim,
    Cost,
    Entity,
    Evidence,
    Extraction,
    ExtractorInfo,
    Failure,
    Outcome,
    Quantity,
    Quote,
    Response,
    Result,
    Search,
    Span,
    Verdict,
)

__all__ = [
    "answer_line",
    "claims_line",
    "failure_line",
    "hits_line",
    "pair_line",
    "reference",
    "result_from_dict",
    "result_to_dict",
    "schemas",
    "verdict_line",
]


def result_to_dict(result: Result) -> dict[str, Any]:
    """All of a result as JSON values: ``response``, ``extraction``, ``outcomes``.

    Examples
    --------
    >>> result_to_dict(Result(Response("r", "Yes."), Extraction("r")))["response"]["text"]
    'Yes.'
    """
    encoded: dict[str, Any] = encode(result)
    return encoded


def result_from_dict(row: Mapping[str, Any]) -> Result:
    """The result that :func:`result_to_dict` wrote, equal to it; metadata comes back as JSON has it (lists, no tuples).

    Raises
    ------
    halueval.io.records.FieldError
        A ``ValueError`` that names the field, what was found and what was wanted.

    Examples
    --------
    >>> result = Result(Response("r", "Yes."), Extraction("r"))
    >>> result_from_dict(result_to_dict(result)) == result
    True
    """
    return decode(Result, row)


def answer_line(answer: Response | Failure) -> dict[str, Any]:
    """A line of ``halueval generate``: an answer with what was asked, or the failure to get one.

    Examples
    --------
    >>> answer_line(Response("r", "Yes.", prompt="Is it safe?", model="m"))
    {'id': 'r', 'prompt': 'Is it safe?', 'response': 'Yes.', 'model': 'm', 'group': None, 'metadata': {}}
    """
    if isinstance(answer, Failure):
        return {**failure_line(answer), "response": None}
    row = encode(answer)
    asked = {"messages": row["messages"]} if answer.messages else {"prompt": answer.prompt}
    context = {"context": row["context"]} if answer.context else {}
    # "response" is the first name that a reader looks for, so that no column in the metadata is taken for it
    return {
        "id": answer.id,
        **asked,
        "response": answer.text,
        "model": answer.model,
        "group": answer.group,
        **context,
        "metadata": row["metadata"],
    }


def claims_line(extraction: Extraction) -> dict[str, Any]:
    """A line of ``halueval extract``: the claims of a response, or the failure to find them.

    Examples
    --------
    >>> claims_line(Extraction("r"))["claims"]
    []
    """
    if extraction.failure is not None:
        return failure_line(extraction.failure, extraction.response_id)
    return {
        "id": extraction.response_id,
        "claims": [{k: v for k, v in encode(c).items() if k != "response_id"} for c in extraction.claims],
        "extractor": encode(extraction.extractor),
        "warnings": list(extraction.warnings),
    }


def verdict_line(id: str, outcome: Outcome, places: Sequence[int | None] = ()) -> dict[str, Any]:
    """A line of ``halueval verify``: the verdict on a claim, or the failure to reach one.

    ``places[i]`` is the place of the verdict's evidence ``i`` in the list that was given. Where there was a search, the
    line has the ``evidence`` that was considered, and quotes count in that. Where no places are given, the verdict's
    evidence is the list.

    Examples
    --------
    >>> verdict_line("a", Verdict("c", "not_enough_info"))["label"]
    'not_enough_info'
    """
    if isinstance(outcome, Failure):
        return failure_line(outcome, id)
    row = encode(outcome)
    considered = {"evidence": row["evidence"]} if outcome.searches else {}
    placed = range(len(outcome.evidence)) if considered or not places else places
    quotes = [
        {
            "evidence": placed[q.evidence],
            "span": encode(q.span),
            "text": outcome.evidence[q.evidence].text[q.span.start : q.span.end],
        }
        for q in outcome.quotes
        if placed[q.evidence] is not None
    ]
    return {"id": id, **{name: row[name] for name in _VERDICT_FIELDS}, "quotes": quotes, **considered}


def failure_line(failure: Failure, id: str = "") -> dict[str, Any]:
    """A line for what could not be read or done: ``{"id", "failure"}``.

    Examples
    --------
    >>> failure_line(Failure("input", "invalid_record", "not JSON", "line 2"))["id"]
    'line 2'
    """
    return {"id": id or failure.item_id, "failure": encode(failure)}


def hits_line(id: str, hits: Sequence[Evidence]) -> dict[str, Any]:
    """A line of ``halueval index search``: the passages found for a query, best first.

    Examples
    --------
    >>> hits_line("q", [])
    {'id': 'q', 'hits': []}
    """
    found = [{"doc_id": h.doc_id, "score": h.score, "start": h.span.start, "end": h.span.end} for h in hits]
    return {"id": id, "hits": found}


def pair_line(id: str, claim: str, evidence: Sequence[Evidence]) -> dict[str, Any]:
    """A line for ``halueval verify`` to read: a claim and the passages found for it.

    Examples
    --------
    >>> pair_line("c", "Aspirin is a drug.", [])
    {'id': 'c', 'claim': 'Aspirin is a drug.', 'evidence': []}
    """
    about = ("text", "doc_id", "title", "source", "date", "licence", "url", "snapshot")
    passages = [{**{name: getattr(e, name) for name in about}, "start": e.span.start} for e in evidence]
    return {"id": id, "claim": claim, "evidence": passages}


_VERDICT_FIELDS = ("label", "probabilities", "calibrated", "reason", "verifier", "cost", "searches", "votes")
_RECORDS = (
    Span, Response, Claim, Entity, Quantity, Extraction, ExtractorInfo, Evidence, Verdict, Quote, Search, Failure, Cost,
    Result,
)  # fmt: skip
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Format → JSON Schema (draft 2020-12) of one line of it.

    Examples
    --------
    >>> list(schemas())
    ['results', 'answers', 'claims', 'hits', 'pairs', 'verdicts']
    """
    definitions = _definitions()
    names = [name for name in definitions if name.islower()]
    return {n: {"$schema": _DIALECT, "$ref": f"#/$defs/{n}", "$defs": definitions} for n in names}


def reference() -> str:
    """The definitions that all of :func:`schemas` share as JSON, a field a line: the end of the reference page.

    Examples
    --------
    >>> "results" in json.loads(reference())["$defs"]
    True
    """
    pieces = [f"  {json.dumps(name)}: {_by_line(definition)}" for name, definition in _definitions().items()]
    return f'{{\n "$schema": "{_DIALECT}",\n "$defs": {{\n' + ",\n".join(pieces) + "\n }\n}"


def _by_line(definition: dict[str, Any]) -> str:
    if "properties" not in definition:
        return json.dumps(definition)
    fields = ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in definition["properties"].items())
    rest = {k: v for k, v in definition.items() if k not in ("type", "properties")}
    return f'{{"type": "object", "properties": {{\n{fields}}},\n   {json.dumps(rest)[1:]}'


def _definitions() -> dict[str, dict[str, Any]]:
    """The lines of the formats, in lower case, then the records in them."""
    records = {record.__name__: definition(record) for record in _RECORDS}
    whole, text = {"type": "integer", "minimum": 0}, {"type": "string"}
    claim = _object({k: v for k, v in records["Claim"]["properties"].items() if k != "response_id"})
    extraction, verdict = records["Extraction"]["properties"], records["Verdict"]["properties"]
    failed = _object({"id": text, "failure": schema(Failure)})
    claims = {
        "id": text,
        "claims": _list(claim),
        "extractor": extraction["extractor"],
        "warnings": extraction["warnings"],
    }
    hit = _object({"doc_id": text, "score": {"type": ["number", "null"]}, "start": whole, "end": whole})
    passage = {"type": "object", "properties": {"text": text, "doc_id": text}, "required": ["text"]}
    evidence = {"anyOf": [text, _list(text), _list(passage)]}
    quote = _object({"evidence": whole, "span": schema(Span), "text": text})
    verdicts = {"id": text, **{name: verdict[name] for name in _VERDICT_FIELDS}, "quotes": _list(quote)}
    response = records["Response"]["properties"]
    answers = {name: response[name] for name in ("id", "model", "group", "metadata")} | {"response": text}
    return {
        "results": {"$ref": "#/$defs/Result"},
        "answers": {"anyOf": [_object(answers), failed]},
        "claims": {"anyOf": [_object(claims), failed]},
        "hits": {"anyOf": [_object({"id": text, "hits": _list(hit)}), failed]},
        "pairs": {"anyOf": [_object({"id": text, "claim": text, "evidence": evidence}), failed]},
        "verdicts": {"anyOf": [_object(verdicts), failed]},
        **records,
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}
