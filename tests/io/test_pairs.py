"""Claims with evidence, and queries: what the steps read when they are run alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from halueval.errors import InputError
from halueval.io import Pair, Query, claims_line, read_pairs, read_queries, verdict_line
from halueval.records import Claim, Extraction, Failure, Quote, Span, Verdict


def pair(evidence: object, **more: Any) -> Pair:
    [found] = read_pairs([{"id": 1, "claim": "Aspirin is a drug.", "evidence": evidence, **more}])
    assert isinstance(found, Pair)
    return found


@pytest.mark.parametrize(
    ("evidence", "documents"),
    [
        ("It is a drug.", ["1"]),
        (["It is a drug.", "Sold everywhere."], ["1", "1"]),
        ([{"text": "It is a drug."}, {"text": "Sold everywhere."}], ["1/0", "1/1"]),
        ([{"text": "It is a drug.", "doc_id": 5}, {"text": "Sold.", "doc_id": 5}], ["5", "5"]),
        ("", []),
        ([], []),
        ([" ", "\n"], []),
    ],
)
def test_evidence_is_a_text_the_sentences_of_one_document_or_passages(evidence: object, documents: list[str]) -> None:
    assert [e.doc_id for e in pair(evidence).item.evidence] == documents


def test_a_gold_label_is_not_looked_at() -> None:
    assert pair("It is.", label="no such label", rationale=[7]) == pair("It is.")


def test_quotes_name_the_place_in_the_list_that_was_given() -> None:
    read = pair(["", "Aspirin is a drug.", "Sold."])
    verdict = Verdict("1", "supported", evidence=read.item.evidence, quotes=(Quote(0, Span(0, 7)),))
    assert verdict_line(read.id, verdict, read.places)["quotes"] == [{"evidence": 1, "span": [0, 7], "text": "Aspirin"}]


def test_quotes_of_a_verifier_that_kept_some_of_the_passages_name_the_place_too() -> None:
    read = pair(["Sold.", "", "Aspirin is a drug."])
    own = replace(read.item.evidence[0], text="Found elsewhere.")
    verdict = Verdict(
        "1",
        "supported",
        evidence=(own, read.item.evidence[1]),
        quotes=(Quote(0, Span(0, 5)), Quote(1, Span(0, 7))),
    )
    quotes = verdict_line(read.id, verdict, read.places_of(verdict))["quotes"]
    assert quotes == [{"evidence": 2, "span": [0, 7], "text": "Aspirin"}]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"claim": None}, "field 'claim': found null; wanted: text"),
        ({"claim": 5}, "field 'claim': found a number (5); wanted: text"),
        ({"claim": " "}, "field 'claim': found an empty text; wanted: a claim"),
        ({"evidence": None}, "field 'evidence': found null; wanted: a text or a list"),
        ({"evidence": {"text": "x"}}, "field 'evidence': found an object; wanted: a text or a list"),
        ({"evidence": ["x", 5]}, "field 'evidence[1]': found a number (5); wanted: a text or an object with text"),
        ({"evidence": [{"doc_id": "x"}]}, "field 'evidence[0].text': found null; wanted: text"),
        ({"id": "a"}, "field 'id': the id 'a' occurs a second time (first in row 1)"),
        ({"id": {}}, "field 'id': found an object; wanted: text or a whole number"),
    ],
)
def test_one_bad_pair_is_one_failure_that_says_where(row: dict[str, Any], message: str) -> None:
    good = {"id": "a", "claim": "Aspirin is a drug.", "evidence": "It is."}
    first, failure = read_pairs([good, {**good, "id": "b", **row}])
    assert isinstance(first, Pair) and isinstance(failure, Failure)
    assert f"row 2, {message}" in failure.message


def test_pairs_without_the_fields_are_refused_with_those_found() -> None:
    with pytest.raises(InputError, match="no field 'evidence' in its records; fields found: 'id', 'claim', 'context'"):
        read_pairs([{"id": 1, "claim": "x", "context": "y"}])


def test_each_checkworthy_claim_of_a_response_is_a_query() -> None:
    claims = (Claim("c1", "r", "Aspirin is a drug."), Claim("c2", "r", "Hello!", checkworthy=False, reason="greeting"))
    bad = Failure("input", "invalid_record", "not JSON", "line 2")
    lines = [claims_line(Extraction("r", claims)), claims_line(Extraction("line 2", failure=bad))]
    query, failure = read_queries(lines)
    assert query == Query("c1", "Aspirin is a drug.")
    assert isinstance(failure, Failure) and failure.item_id == "line 2"
