"""The formats are a contract: what is written is what the reference says, and comes back as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from halueval.io import (
    answer_line,
    claims_line,
    failure_line,
    hits_line,
    pair_line,
    read_pairs,
    result_from_dict,
    result_to_dict,
    schemas,
    verdict_line,
)
from halueval.io.formats import reference
from halueval.io.records import FieldError
from halueval.io.values import mend
from halueval.io.writing import json_line
from halueval.records import (
    LABELS,
    Claim,
    Cost,
    Entity,
    Evidence,
    Extraction,
    ExtractorInfo,
    Failure,
    Quantity,
    Quote,
    Response,
    Result,
    Search,
    Span,
    Verdict,
)

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "formats.md"

text = st.text(st.characters(codec=None), max_size=8).map(mend)
name = st.none() | text
number = st.floats(allow_nan=False)
span = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda p: Span(min(p), max(p)))
json_value = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)


def few(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=2).map(tuple)


comparator: Any = st.sampled_from(["=", "<", "<=", ">", ">=", "~"])
cost = st.builds(Cost, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), number, st.none() | number)
failure = st.builds(
    Failure, st.sampled_from(["input", "verification"]), st.just("injected"), text, text, st.integers(1, 5), text, cost
)
claim = st.builds(
    Claim, text, text, text, few(span), st.booleans(), name, st.booleans(), st.booleans(), name, name,
    st.just("recent"), st.just("family"), few(st.builds(Entity, text, text, span, st.booleans())),
    few(st.builds(Quantity, span, number, number, text, comparator, number)),
)  # fmt: skip
evidence = st.builds(
    Evidence, text, text, span, text, text, text, text, text, text, st.none() | number, st.none() | st.integers(1, 9)
)
verdict = st.builds(
    Verdict, text, st.sampled_from(LABELS), st.none() | st.fixed_dictionaries(dict.fromkeys(LABELS, number)),
    st.booleans(), few(evidence), few(st.builds(Quote, st.integers(0, 3), span)), text, text, cost,
    few(st.builds(Search, text, few(st.integers(0, 3)), st.integers(1, 4))), st.dictionaries(text, text, max_size=2),
)  # fmt: skip
message = st.fixed_dictionaries({"role": text, "content": text})
response = st.builds(
    Response, text, text, name, few(message), few(text), name, name, st.dictionaries(text, json_value, max_size=2)
)
extraction = st.builds(
    Extraction, text, few(claim), st.none() | failure, st.builds(ExtractorInfo, text, text, text), few(text), cost
)
result = st.builds(Result, response, extraction, few(verdict | failure))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(result)
def test_a_result_comes_back_from_its_line_exactly(made: Result) -> None:
    line = json_line(result_to_dict(made))
    assert line.encode().count(b"\n") == 1
    assert result_from_dict(json.loads(line)) == made
    Draft202012Validator(schemas()["results"]).validate(json.loads(line))


FULL = Claim("c", "r", "Take 4 g.", (Span(0, 9),), quantities=(Quantity(Span(5, 8), 4, 4, "g"),))
PASSAGE = Evidence("d", "At most 4 g a day.", Span(10, 28), score=1.5, rank=1)
JUDGED = Verdict(
    "c", "refuted", dict(zip(LABELS, (0.1, 0.8, 0.1), strict=True)), True, (PASSAGE,), (Quote(0, Span(8, 11)),)
)
FOUND = replace(JUDGED, searches=(Search("dose", (0,)),), votes={"a": "refuted", "b": "failure: timeout"})
BAD = Failure("input", "invalid_record", "line 2: not JSON", "line 2")
LINES: list[tuple[str, dict[str, Any]]] = [
    ("claims", claims_line(Extraction("r", (FULL,)))),
    ("claims", claims_line(Extraction("r", failure=BAD))),
    ("verdicts", verdict_line("p", JUDGED)),
    ("verdicts", verdict_line("p", Verdict("c", "not_enough_info"))),
    ("verdicts", verdict_line("p", FOUND)),
    ("verdicts", failure_line(BAD)),
    ("answers", answer_line(Response("r", "Yes.", prompt="Safe?", metadata={"usage": {"dollars": None}}))),
    ("answers", answer_line(Response("r", "Yes.", messages=({"role": "user", "content": "Safe?"},), context=("a",)))),
    ("answers", answer_line(BAD)),
    ("hits", hits_line("q", [PASSAGE])),
    ("hits", failure_line(BAD)),
    ("pairs", pair_line("c", "Take 4 g.", [PASSAGE])),
]


@pytest.mark.parametrize(("format", "line"), LINES, ids=range(len(LINES)))
def test_every_line_keeps_to_its_schema(format: str, line: dict[str, Any]) -> None:
    Draft202012Validator(schemas()[format]).validate(json.loads(json.dumps(line)))


def test_lines_hold_what_the_contract_names() -> None:
    [claim_written] = claims_line(Extraction("r", (FULL,)))["claims"]
    assert claim_written["spans"] == [[0, 9]] and claim_written["quantities"][0]["span"] == [5, 8]
    assert verdict_line("p", JUDGED, places=[3])["quotes"] == [{"evidence": 3, "span": [8, 11], "text": "4 g"}]
    searched = verdict_line("p", FOUND, places=[None])
    assert searched["searches"] == [{"query": "dose", "hits": [0], "round": 1}]
    assert searched["evidence"][0]["doc_id"] == "d" and searched["quotes"][0]["evidence"] == 0
    assert hits_line("q", [PASSAGE])["hits"] == [{"doc_id": "d", "score": 1.5, "start": 10, "end": 28}]


def test_pairs_that_were_written_are_read_as_they_were() -> None:
    [pair] = read_pairs([pair_line("c", "Take 4 g.", [PASSAGE])])
    assert not isinstance(pair, Failure)
    [passage] = pair.item.evidence
    assert (pair.id, pair.item.claim.text) == ("c", "Take 4 g.")
    assert (passage.doc_id, passage.text, passage.span) == (PASSAGE.doc_id, PASSAGE.text, PASSAGE.span)


def test_the_reference_prints_the_schemas() -> None:
    [printed] = re.findall(r"```json\n(\{\n \"\$schema.*?)\n```", REFERENCE.read_text(encoding="utf-8"), re.DOTALL)
    assert printed == reference(), "put what halueval.io.formats.reference() gives in its place"


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    row = json.loads(json.dumps(result_to_dict(Result(Response("r", "a"), Extraction("r", (FULL,)), (JUDGED,)))))
    change(row)
    return row  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        (changed(lambda r: r.pop("response")), "response", "missing"),
        (changed(lambda r: r["response"].update(text=5)), "response.text", "found a number (5)"),
        (changed(lambda r: r["outcomes"][0].update(label="true")), "outcomes[0].label", "found the text 'true'"),
        (
            changed(lambda r: r["extraction"]["claims"][0].update(spans=[[5, 2]])),
            "extraction.claims[0].spans[0]",
            "found [5, 2]",
        ),
    ],
)
def test_a_damaged_result_says_where(row: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(FieldError) as error:
        result_from_dict(row)
    assert (error.value.field, str(error.value)) == (field, message)
