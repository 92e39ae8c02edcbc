"""The line: order, what brings its own context, what fails, and that one bad item costs only itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.errors import IndexCorruptError, InputError, RunError, RunStopped
from halueval.evaluation import evaluate, evaluate_results
from halueval.records import (
    Claim,
    ClaimWithEvidence,
    Evidence,
    Extraction,
    Failure,
    Label,
    Outcome,
    Response,
    Result,
    Span,
    Verdict,
)
from halueval.report import Report
from halueval.testing import FixedRetriever, FixedVerifier, LineExtractor

LABELS: dict[str, Label] = {"Aspirin thins blood.": "supported", "Aspirin cures colds.": "refuted"}
PASSAGES = FixedRetriever({"monograph": "aspirin thins blood"})
GOOD = Response("good", "Aspirin thins blood.\nAspirin cures colds.\n? Do you agree")


def line(responses: Sequence[Response | Failure], **parts: object) -> list[Result]:
    chosen = {"extractor": LineExtractor(), "retriever": PASSAGES, "verifier": FixedVerifier(LABELS), **parts}
    return list(evaluate_results(responses, **chosen))  # type: ignore[arg-type]


def labels(result: Result) -> list[str]:
    return [o.label if isinstance(o, Verdict) else f"failure: {o.kind}" for o in result.outcomes]


def test_checkworthy_claims_have_one_outcome_each_in_the_order_they_were_said() -> None:
    (result,) = line([GOOD])
    assert labels(result) == ["supported", "refuted"]
    assert [o.claim_id for o in result.outcomes if isinstance(o, Verdict)] == [
        c.id for c in result.extraction.claims if c.checkworthy
    ]


def test_a_claim_without_evidence_is_not_enough_info_and_no_verifier_is_asked() -> None:
    (result,) = line([Response("r", "Rest helps.")])
    (verdict,) = result.outcomes
    assert isinstance(verdict, Verdict)
    assert (verdict.label, verdict.evidence) == ("not_enough_info", ())


def test_a_response_is_checked_against_its_own_context_where_it_brings_one() -> None:
    (result,) = line([Response("r", "Aspirin thins blood.", context=("Some say that aspirin thins blood.",))])
    (verdict,) = result.outcomes
    assert isinstance(verdict, Verdict)
    assert [e.doc_id for e in verdict.evidence] == ["r#context-0"]


def test_a_record_that_could_not_be_read_fails_in_its_place() -> None:
    bad = Failure("input", "invalid_record", "answers.jsonl, line 2: not JSON", "line 2")
    first, second, third = line([GOOD, bad, GOOD])
    assert (first.state, second.state, third.state) == ("claims", "failed", "claims")
    assert second.extraction.failure == bad


class RaisingVerifier(FixedVerifier):
    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        if any("colds" in i.claim.text for i in items):
            raise RuntimeError("no colds, please")
        return super().verify(items)


class RaisingExtractor(LineExtractor):
    def extract(self, responses: Sequence[Response]) -> list[Extraction]:
        if any(r.id == "bad" for r in responses):
            raise ValueError("bad response")
        return super().extract(responses)


class RaisingRetriever(FixedRetriever):
    def search(self, queries: Sequence[str], k: int) -> list[list[Evidence]]:
        if any("colds" in q for q in queries):
            raise OSError("index gone")
        return super().search(queries, k)


class MiscountingVerifier(FixedVerifier):
    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        return super().verify(items)[:1] if len(items) > 1 else super().verify(items)


def test_a_verifier_that_raises_on_one_claim_costs_that_claim_alone() -> None:
    (result,) = line([GOOD], verifier=RaisingVerifier(LABELS))
    assert labels(result) == ["supported", "failure: plugin_error"]
    failure = result.outcomes[1]
    assert isinstance(failure, Failure) and "no colds, please" in failure.message and failure.stage == "verification"


def test_an_extractor_that_raises_on_one_response_costs_that_response_alone() -> None:
    good, bad = line([GOOD, Response("bad", "Aspirin thins blood.")], extractor=RaisingExtractor())
    assert labels(good) == ["supported", "refuted"]
    assert bad.state == "failed" and bad.outcomes == ()


def test_a_retriever_that_raises_on_one_claim_is_a_failure_not_an_absence_of_evidence() -> None:
    (result,) = line([GOOD], retriever=RaisingRetriever({"monograph": "aspirin thins blood"}))
    assert labels(result) == ["supported", "failure: plugin_error"]
    assert isinstance(result.outcomes[1], Failure) and result.outcomes[1].stage == "retrieval"


def test_a_verifier_that_miscounts_a_batch_is_asked_item_by_item() -> None:
    (result,) = line([GOOD], verifier=MiscountingVerifier(LABELS))
    assert labels(result) == ["supported", "refuted"]


def test_nothing_to_check_against_is_refused_before_any_work() -> None:
    with pytest.raises(InputError, match="nothing to check the answers against"):
        line([GOOD], retriever=None)


@given(st.lists(st.sampled_from(["Aspirin thins blood.", "Aspirin cures colds.", "", "?"]), max_size=70))
def test_results_come_in_the_order_of_the_responses_whatever_the_batches(texts: list[str]) -> None:
    responses = [Response(str(i), text) for i, text in enumerate(texts)]
    together = line(responses)
    assert [r.response for r in together] == responses
    assert together == [line([r])[0] for r in responses]


def test_evaluate_reads_a_file_and_writes_a_run_that_can_be_opened_again(tmp_path: Path) -> None:
    from halueval.runs import open_run

    answers = tmp_path / "answers.jsonl"
    answers.write_text(json.dumps({"id": "a", "question": "q", "answer": GOOD.text}) + "\nnot json\n", encoding="utf-8")
    report = evaluate(
        answers,
        evidence=PASSAGES,
        extractor=LineExtractor(),
        verifier=FixedVerifier(LABELS),
        run=tmp_path / "run",
    )
    assert report.rates["refuted"].value == 0.5
    again = open_run(tmp_path / "run")
    assert again.to_json() == report.to_json()
    assert (tmp_path / "run" / "report.html").stat().st_size > 1000
    with pytest.raises(RunError, match="verifier_settings.labels"):
        evaluate(
            answers, evidence=PASSAGES, extractor=LineExtractor(), verifier=FixedVerifier({}), run=tmp_path / "run"
        )


def test_evidence_that_could_not_be_used_is_said_in_the_report() -> None:
    corpus = [{"doc_id": "a", "text": "Aspirin thins blood."}, {"doc_id": "b", "text": ""}]
    report = evaluate([GOOD.text], evidence=corpus, extractor=LineExtractor(), verifier=FixedVerifier(LABELS))
    assert "1 record of the evidence could not be used" in report.warnings[0]
    assert "could not be used" in report.to_markdown()


def test_a_run_over_nothing_readable_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        evaluate(tmp_path / "missing.jsonl", evidence=PASSAGES, verifier=FixedVerifier({}), run=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"k": 0}, "'k': found 0; wanted: a whole number, 1 or more"),
        ({"k": "5"}, "'k': found '5'"),
        ({"level": 95}, "'level': found 95; wanted: a number between 0 and 1"),
        ({"level": "0.9"}, "'level'"),
        ({"columns": ["answer"]}, "'columns': found a list"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_any_work(parts: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as error:
        evaluate([GOOD], evidence=PASSAGES, **parts)  # type: ignore[arg-type]
    assert said in str(error.value)


class Says:
    """A plug-in of every kind that answers each item with what it was told to say."""

    name = "says"

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def extract(self, responses: Sequence[Response]) -> list[object]:
        return [self.answer for _ in responses]

    def search(self, queries: Sequence[str], k: int) -> list[object]:
        return [self.answer for _ in queries]

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[object]:
        return [self.answer for _ in items]


_PASSAGE = Evidence("d", "Yes.", Span(0, 4))


@pytest.mark.parametrize(
    ("part", "answer", "rule"),
    [
        ("extractor", None, "found None"),
        ("extractor", ["Aspirin thins blood."], "a result is an Extraction: found a list"),
        ("extractor", Extraction("other"), "order of the responses: 'other' for 'good'"),
        ("extractor", Extraction("good", ("Aspirin thins blood.",)), "claims are Claim: found a str"),
        ("extractor", Extraction("good", (Claim("c", "other", "A."),)), "names its response"),
        ("extractor", Extraction("good", (Claim("c", "good", "A."),) * 2), "'c' comes twice"),
        ("extractor", Extraction("good", (Claim("c", "good", " "),)), "a claim has text"),
        ("extractor", Extraction("good", (Claim("c", "good", "A.", (Span(0, 9999),)),)), "within the response's text"),
        ("retriever", None, "found None"),
        ("retriever", "aspirin", "found a str"),
        ("retriever", ["aspirin"], "hits are a list of Evidence: found a str in it"),
        ("retriever", [_PASSAGE] * 6, "at most k hits: 6 where k is 5"),
        ("verifier", "refuted", "found a str"),
        ("verifier", Verdict("other", "refuted"), "order of the items: 'other' for "),
        ("verifier", Verdict("", "false"), "order of the items"),
    ],
)
def test_a_plug_in_that_breaks_its_contract_is_a_failure_that_names_the_rule(
    part: str, answer: object, rule: str
) -> None:
    (result,) = line([GOOD], **{part: Says(answer)})
    failures = [f for f in (result.extraction.failure, *result.outcomes) if isinstance(f, Failure)]
    assert failures and all(f.kind == "plugin_error" and "contract broken" in f.message for f in failures)
    assert rule in failures[0].message


def test_a_damaged_index_stops_the_line() -> None:
    class Damaged(Says):
        def search(self, queries: Sequence[str], k: int) -> list[object]:
            raise IndexCorruptError("not text", path="index/text.bin")

    with pytest.raises(IndexCorruptError, match="index/text.bin"):
        line([GOOD], retriever=Damaged(None))


class Library(FixedRetriever):
    """Somebody else's search, which remembers what it was asked and may go away."""

    name = "library"

    def __init__(self, passages: dict[str, str], snapshot: str) -> None:
        super().__init__(passages)
        self.snapshot = snapshot
        self.asked: list[str] = []
        self.gone_after = 1_000

    def search(self, queries: Sequence[str], k: int) -> list[list[Evidence]]:
        if len(self.asked) >= self.gone_after:
            raise RunStopped("the library is closed")
        self.asked += queries
        return super().search(queries, k)


def measured(library: Library, **more: object) -> Report:
    parts: dict[str, Any] = {"extractor": LineExtractor(), "verifier": FixedVerifier(dict.fromkeys(SAID, "supported"))}
    return evaluate(SAID, evidence=library, **parts, **more)  # type: ignore[arg-type]


SAID = [f"Aspirin is drug {n}." for n in range(80)]  # more than a batch
SHELF = {"d": "aspirin is a drug"}


def test_a_resumed_run_asks_a_retriever_nothing_twice_and_a_second_run_nothing_at_all(tmp_path: Path) -> None:
    library = Library(SHELF, "May 2026")
    library.gone_after = 40
    with pytest.raises(RunStopped, match="the library is closed.*the same command goes on"):
        measured(library, run=tmp_path / "run")
    (tmp_path / "run" / "journal.sqlite").unlink()  # killed before any result was there
    library.gone_after = 1_000
    report = measured(library, run=tmp_path / "run")
    assert sorted(library.asked) == sorted(SAID)
    measured(library, run=tmp_path / "run")
    assert len(library.asked) == len(SAID)
    measured(library, run=tmp_path / "one", cache=tmp_path / "calls.sqlite")
    again = measured(library, run=tmp_path / "two", cache=tmp_path / "calls.sqlite")
    assert len(library.asked) == 2 * len(SAID)
    assert again.to_json() == report.to_json()
    measured(library, cache=tmp_path / "calls.sqlite")
    assert len(library.asked) == 2 * len(SAID)


def test_a_retriever_that_does_not_say_what_it_searched_is_asked_every_time(tmp_path: Path) -> None:
    library = Library(SHELF, "")
    for run in ("one", "two"):
        measured(library, run=tmp_path / run, cache=tmp_path / "calls.sqlite")
    assert len(library.asked) == 2 * len(SAID) and not (tmp_path / "calls.sqlite").exists()


def test_a_run_is_not_gone_on_with_over_another_state_of_the_library(tmp_path: Path) -> None:
    measured(Library(SHELF, "May 2026"), run=tmp_path / "run")
    with pytest.raises(RunError, match='snapshot: "May 2026" then, "June 2026" now'):
        measured(Library(SHELF, "June 2026"), run=tmp_path / "run")
    with pytest.raises(RunError, match="retriever_settings.passages"):
        measured(Library({**SHELF, "e": "aspirin"}, "May 2026"), run=tmp_path / "run")
