"""The demo's model plays the same replies every time, in the form that each prompt asks for, slips included."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from halueval.chat.loop import run
from halueval.claim_extraction.hybrid import HybridExtractor
from halueval.claim_extraction.llm import LLMExtractor
from halueval.demo import demo_answers, demo_documents
from halueval.demo.scripted_model import demo_model
from halueval.errors import ChatError
from halueval.evidence import Index, index_documents
from halueval.records import ChatRequest, Claim, ClaimWithEvidence, Evidence, Failure, Response, Span, Verdict
from halueval.verifiers.judge import JudgeVerifier
from halueval.verifiers.search_agent import SearchAgentVerifier

READINGS = [json.loads(line) for line in (files("halueval.demo") / "readings.jsonl").open(encoding="utf-8")]
ANSWERS = {row["id"]: row for row in demo_answers()}


def response(answer: str) -> Response:
    return Response(answer, ANSWERS[answer]["response"], ANSWERS[answer]["prompt"])


@pytest.fixture(scope="module")
def index() -> Index:
    return index_documents(demo_documents())


@pytest.mark.parametrize("reading", READINGS, ids=range(len(READINGS)))
def test_what_is_quoted_stands_where_it_is_said_to(reading: dict[str, str]) -> None:
    assert reading["quote"] in ANSWERS[reading["answer"]]["response"]
    if reading.get("label") in ("supported", "refuted") and reading["claim"] != "Lisinopril is an ACE inhibitor.":
        assert any(reading["evidence"] in document["text"] for document in demo_documents())


@pytest.mark.parametrize("extractor", [HybridExtractor, LLMExtractor])
@pytest.mark.parametrize("answer", ["thyroid-b", "chlamydia-b", "flu-b"])
def test_extractors_are_told_the_claims_of_the_readings(extractor: type, answer: str) -> None:
    (extraction,) = extractor(demo_model()).extract([response(answer)])
    assert [(c.text, c.reason) for c in extraction.claims] == [
        (r["claim"], r.get("reason")) for r in READINGS if r["answer"] == answer
    ]
    assert all(claim.spans for claim in extraction.claims)


def test_a_changed_number_is_mended_when_it_is_sent_back() -> None:
    model = demo_model()
    (extraction,) = HybridExtractor(model).extract([response("thyroid-b")])
    assert len(model.requests) == 2
    assert "2 weeks" in extraction.claims[-1].text and "6 weeks" not in extraction.claims[-1].text


def claim_of(text: str, index: Index) -> ClaimWithEvidence:
    return ClaimWithEvidence(Claim("c", "r", text), tuple(index.search([text], 5)[0]))


def test_the_judge_is_told_the_label_its_quote_and_the_slips(index: Index) -> None:
    told = {
        text: JudgeVerifier(demo_model()).verify([claim_of(text, index)])[0]
        for text in (
            "Lisinopril lowers blood potassium.",
            "Lisinopril is an ACE inhibitor.",
            "Reinfection with chlamydia is common.",
            "Nobody has read this claim about lisinopril.",
        )
    }
    refuted, invented, cut, unknown = told.values()
    assert isinstance(refuted, Verdict) and (refuted.label, len(refuted.quotes)) == ("refuted", 1)
    assert isinstance(invented, Verdict) and invented.reason.startswith("no valid quote")
    assert isinstance(cut, Failure) and cut.kind == "unreadable_reply"
    assert isinstance(unknown, Verdict) and unknown.label == "not_enough_info"


def test_the_search_agent_is_told_to_search_until_the_quote_is_there(index: Index) -> None:
    item = ClaimWithEvidence(Claim("c", "r", "Ibuprofen is safe together with warfarin."), ())
    (verdict,) = SearchAgentVerifier(demo_model(), index).verify([item])
    assert isinstance(verdict, Verdict) and verdict.label == "refuted"
    assert [search.round for search in verdict.searches] == [1, 2]


def test_it_gives_up_when_the_queries_are_used_up(index: Index) -> None:
    passage = Evidence("d", "Something else.", Span(0, 15))
    item = ClaimWithEvidence(
        Claim("c", "r", "The partner of someone with chlamydia should also be tested."), (passage,)
    )
    (verdict,) = SearchAgentVerifier(demo_model(), index).verify([item])
    assert isinstance(verdict, Verdict) and (verdict.label, len(verdict.searches)) == ("not_enough_info", 2)


def test_the_same_request_gets_the_same_reply_with_its_tokens_counted() -> None:
    model = demo_model(prices=(1.0, 1.0))
    item = ClaimWithEvidence(Claim("c", "r", "A claim."), (Evidence("d", "A passage.", Span(0, 10)),))
    first, second = (JudgeVerifier(model).verify([item])[0] for _ in range(2))
    assert isinstance(first, Verdict) and isinstance(second, Verdict)
    assert first.reason == second.reason and first.cost.prompt_tokens == second.cost.prompt_tokens > 0
    assert first.cost.dollars


def test_a_prompt_that_is_not_the_lines_is_an_error_and_no_reply() -> None:
    with pytest.raises(ChatError, match="the script knows"):
        run(demo_model().chat(ChatRequest(({"role": "user", "content": "Hello"},))))
