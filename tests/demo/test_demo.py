"""The demo's data hold together, and its score counts what it says."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from halueval.demo import demo_answers, demo_documents, score_demo
from halueval.records import LABELS, Claim, Extraction, Failure, Outcome, Response, Result, Span, Verdict

LABELLED = {r["id"]: r["labels"] for r in map(json.loads, (files("halueval.demo") / "labels.jsonl").open())}
ANSWERS = {a["id"]: a for a in demo_answers()}


def test_there_are_enough_answers_and_passages_and_every_answer_is_labelled() -> None:
    assert len(ANSWERS) >= 12
    assert len(demo_documents()) >= 40
    assert set(LABELLED) == set(ANSWERS)


def test_every_passage_says_where_it_can_be_looked_up() -> None:
    for document in demo_documents():
        assert document["source"] and document["date"][:4].isdigit() and document["licence"]


@pytest.mark.parametrize("answer_id", sorted(LABELLED))
def test_labels_stand_in_the_answer_where_they_say(answer_id: str) -> None:
    text = ANSWERS[answer_id]["response"]
    for statement in LABELLED[answer_id]:
        assert text[statement["start"] : statement["end"]] == statement["quote"]
        assert statement["label"] in LABELS


def result(spans: list[tuple[int, int]], outcomes: list[Outcome]) -> Result:
    response = Response("thyroid-b", ANSWERS["thyroid-b"]["response"])
    claims = tuple(Claim(f"c{i}", response.id, "A claim.", (Span(*s),)) for i, s in enumerate(spans))
    return Result(response, Extraction(response.id, claims), tuple(outcomes))


def test_a_claim_is_scored_by_the_worst_statement_it_rests_on() -> None:
    whole = (0, len(ANSWERS["metformin-b"]["response"]))
    claim = Claim("c", "metformin-b", "All of it.", (Span(*whole),))
    response = Response("metformin-b", ANSWERS["metformin-b"]["response"])
    scored = score_demo([Result(response, Extraction(response.id, (claim,)), (Verdict("c", "refuted"),))])
    assert (scored.right, scored.scored, scored.missed) == (1, 1, 0)


def test_failures_and_claims_without_a_label_are_counted_apart() -> None:
    first = LABELLED["thyroid-b"][0]
    failure = Failure("verification", "timeout", "too slow", "c0")
    scored = score_demo([result([(first["start"], first["end"]), (0, 3)], [failure, Verdict("c1", "supported")])])
    assert scored.table["refuted"]["failure"] == 1
    assert scored.unlabelled == 1
    assert scored.missed == len(LABELLED["thyroid-b"]) - 1
    assert "0 of 1 verdicts are right" in str(scored)
