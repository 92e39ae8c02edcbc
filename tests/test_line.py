"""The line with parts that wait for a network: the same results in the same order, a stop that loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from halueval.chat import ChatSession, ScriptedChat
from halueval.errors import RunError, RunStopped
from halueval.evaluation import evaluate
from halueval.line import evaluate_results, extract_each, verify_each
from halueval.records import (
    ChatReply,
    ChatRequest,
    ClaimWithEvidence,
    Extraction,
    Failure,
    Outcome,
    Response,
    Result,
    Verdict,
    total_cost,
)
from halueval.runs import open_run
from halueval.testing import FixedRetriever, FixedVerifier, LineExtractor

PASSAGES = FixedRetriever({"monograph": "aspirin thins blood"})
JUDGE = FixedVerifier({"Aspirin thins blood.": "supported", "Aspirin cures colds.": "refuted"})
ANSWERS = [Response(f"r{i}", f"Aspirin thins blood.\nAspirin cures colds.\nRest helps {i}.") for i in range(300)]


class SlowLines:
    """Lines as claims; the later a response, the sooner it is done."""

    name = "slow"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.together = self.most = 0

    async def aextract(self, response: Response) -> Extraction:
        self.asked.append(response.id)
        self.together += 1
        self.most = max(self.most, self.together)
        await asyncio.sleep(0.02 / (1 + len(self.asked) % 7))
        self.together -= 1
        return LineExtractor().extract([response])[0]


class Waiting:
    """A verifier that waits, and then says what another says."""

    name = "waiting"

    def __init__(self, stop_at: str = "") -> None:
        self.stop_at = stop_at
        self.batches: list[set[str]] = []

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> Sequence[Outcome]:
        self.batches.append({item.claim.response_id for item in items})
        await asyncio.sleep(0.001)
        if self.stop_at in {item.claim.response_id for item in items}:
            raise RunStopped("m at http://127.0.0.1: the key is wrong")
        return JUDGE.verify(items)


def labels(results: Sequence[Result]) -> list[list[str]]:
    return [[o.label if isinstance(o, Verdict) else o.kind for o in r.outcomes] for r in results]


PLAIN = list(evaluate_results(ANSWERS, retriever=PASSAGES, extractor=LineExtractor(), verifier=JUDGE))


@pytest.mark.parametrize("extractor", [LineExtractor, SlowLines])
@pytest.mark.parametrize("verifier", [lambda: JUDGE, Waiting])
def test_parts_that_wait_give_what_parts_that_compute_give_in_the_same_order(
    extractor: Callable[[], LineExtractor | SlowLines], verifier: Callable[[], FixedVerifier | Waiting]
) -> None:
    results = list(evaluate_results(ANSWERS, retriever=PASSAGES, extractor=extractor(), verifier=verifier()))
    assert [r.response for r in results] == ANSWERS
    assert labels(results) == labels(PLAIN)


def test_many_responses_are_under_way_together_but_a_bounded_number_is_read_ahead() -> None:
    extractor = SlowLines()
    read = 0

    def answers() -> Iterator[Response]:
        nonlocal read
        for i in range(2_000):
            read += 1
            yield Response(f"r{i}", "Aspirin thins blood.")

    results = evaluate_results(answers(), retriever=PASSAGES, extractor=extractor, verifier=Waiting())
    next(results)
    assert 32 <= extractor.most <= 256
    assert read <= 400
    results.close()  # type: ignore[attr-defined]


def test_a_verifier_is_given_the_claims_of_one_response() -> None:
    verifier = Waiting()
    list(evaluate_results(ANSWERS[:40], retriever=PASSAGES, extractor=LineExtractor(), verifier=verifier))
    assert all(len(ids) == 1 for ids in verifier.batches)


def test_an_unreadable_record_and_an_earlier_result_stay_in_their_place() -> None:
    bad, done = Failure("input", "invalid_record", "not JSON", "x"), PLAIN[5]
    mixed: list[Response | Failure | Result] = [ANSWERS[0], bad, done, ANSWERS[1]]
    extractor = SlowLines()
    results = list(evaluate_results(mixed, retriever=PASSAGES, extractor=extractor, verifier=Waiting()))
    assert [r.response.id for r in results] == ["r0", "x", "r5", "r1"]
    assert results[2] is done
    assert sorted(extractor.asked) == ["r0", "r1"]


class Broken:
    """Raises for one claim, is a result short for another."""

    name = "broken"

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> Sequence[Outcome]:
        if any("colds" in item.claim.text for item in items):
            raise ValueError("no colds")
        return JUDGE.verify(items)


def test_one_claim_that_spoils_its_response_fails_alone() -> None:
    (result,) = evaluate_results(ANSWERS[:1], retriever=PASSAGES, extractor=SlowLines(), verifier=Broken())
    assert labels([result]) == [["supported", "plugin_error", "not_enough_info"]]


class Searcher(Waiting):
    searches = True


def test_a_verifier_that_searches_is_asked_about_claims_that_found_nothing() -> None:
    verifier = Searcher()
    items = [ClaimWithEvidence(claim, ()) for claim in PLAIN[0].extraction.claims]
    assert len(list(verify_each(items, verifier))) == 3
    assert verifier.batches == [{"r0"}]
    assert [o.reason for o in verify_each(items, Waiting()) if isinstance(o, Verdict)] == ["no evidence found"] * 3


def test_a_claim_that_its_own_context_says_nothing_of_is_not_searched_for_elsewhere() -> None:
    answer = Response("r", "Rest helps.", context=("Aspirin thins blood.",))
    verifier = Searcher()
    (result,) = evaluate_results([answer], retriever=PASSAGES, extractor=LineExtractor(), verifier=verifier)
    assert labels([result]) == [["not_enough_info"]]
    assert verifier.batches == []


@pytest.mark.parametrize("extractor", [LineExtractor, SlowLines])
def test_extractions_alone_come_in_order_with_failures_in_their_place(
    extractor: Callable[[], LineExtractor | SlowLines],
) -> None:
    bad = Failure("input", "invalid_record", "not JSON", "x")
    found = list(extract_each([ANSWERS[0], bad, *ANSWERS[1:40]], extractor()))
    assert found[1] is bad
    assert [e.response_id for e in found if isinstance(e, Extraction)] == [r.id for r in ANSWERS[:40]]


def test_when_every_other_call_would_fail_what_was_finished_is_given_before_the_stop() -> None:
    results = evaluate_results(ANSWERS[:60], retriever=PASSAGES, extractor=SlowLines(), verifier=Waiting("r20"))
    seen = []
    with pytest.raises(RunStopped):
        for result in results:
            seen.append(result.response.id)
    assert "r20" not in seen
    assert set(seen) == {r.id for r in ANSWERS[:60]} - {"r20"}


def stopped_run(folder: Path, answers: Sequence[Response] = ANSWERS[:50]) -> None:
    with pytest.raises(RunStopped, match=r"key is wrong; the results until then are in .*--resume"):
        evaluate(answers, evidence=PASSAGES, extractor=SlowLines(), verifier=Waiting("r20"), run=folder)


def test_a_stopped_run_goes_on_where_it_was_and_is_the_run_that_was_never_stopped(tmp_path: Path) -> None:
    stopped_run(tmp_path / "a")
    assert open_run(tmp_path / "a.partial").counts.responses == 49
    extractor = SlowLines()
    report = evaluate(
        ANSWERS[:50], evidence=PASSAGES, extractor=extractor, verifier=Waiting(), run=tmp_path / "a", resume=True
    )
    assert extractor.asked == ["r20"]
    whole = evaluate(ANSWERS[:50], evidence=PASSAGES, extractor=SlowLines(), verifier=Waiting(), run=tmp_path / "b")
    assert report.counts == whole.counts
    assert (tmp_path / "a" / "results.jsonl").read_bytes() == (tmp_path / "b" / "results.jsonl").read_bytes()
    assert not (tmp_path / "a.partial").exists()


def test_a_response_that_changed_since_is_evaluated_again(tmp_path: Path) -> None:
    stopped_run(tmp_path / "a")
    changed = [Response("r0", "Rest helps."), *ANSWERS[1:50]]
    extractor = SlowLines()
    report = evaluate(
        changed, evidence=PASSAGES, extractor=extractor, verifier=Waiting(), run=tmp_path / "a", resume=True
    )
    assert sorted(extractor.asked) == ["r0", "r20"]
    assert [r.response for r in report.results] == changed


def test_a_line_that_was_cut_off_is_done_again(tmp_path: Path) -> None:
    stopped_run(tmp_path / "a")
    file = tmp_path / "a.partial" / "results.jsonl"
    file.write_bytes(file.read_bytes()[:-40])
    extractor = SlowLines()
    report = evaluate(
        ANSWERS[:50], evidence=PASSAGES, extractor=extractor, verifier=Waiting(), run=tmp_path / "a", resume=True
    )
    assert len(extractor.asked) == 2
    assert [r.response for r in report.results] == ANSWERS[:50]


def test_a_run_is_gone_on_with_only_as_it_was_begun(tmp_path: Path) -> None:
    stopped_run(tmp_path / "a")
    with pytest.raises(RunError, match="begun with passages_per_claim 5, now it is 3"):
        evaluate(
            ANSWERS, evidence=PASSAGES, extractor=SlowLines(), verifier=Waiting(), k=3, run=tmp_path / "a", resume=True
        )


def test_a_whole_run_is_not_gone_on_with_and_one_that_never_began_begins(tmp_path: Path) -> None:
    def go_on() -> None:
        evaluate(ANSWERS[:3], evidence=PASSAGES, extractor=SlowLines(), verifier=JUDGE, run=tmp_path / "a", resume=True)

    go_on()
    with pytest.raises(RunError, match="whole"):
        go_on()


def test_a_run_whose_first_call_fails_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RunStopped, match="key"):
        evaluate(ANSWERS[:1], evidence=PASSAGES, extractor=SlowLines(), verifier=Waiting("r0"), run=tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


class Asking:
    """Asks a model twice about each response, one question after the other."""

    name = "asking"

    def __init__(self, chat: ChatSession) -> None:
        self.chat = chat

    async def aextract(self, response: Response) -> Extraction:
        costs = []
        for _ in range(2):
            request = ChatRequest(({"role": "user", "content": response.text},), max_tokens=10)
            _, cost = await self.chat.chat(request, stage="extraction", item_id=response.id)
            costs.append(cost)
        return replace(LineExtractor().extract([response])[0], cost=total_cost(costs))


def dollar_session(cap: float, asked: list[str]) -> ChatSession:
    """A dollar a call, one in flight."""

    def reply(request: ChatRequest) -> ChatReply:
        asked.append(request.messages[0]["content"])
        return ChatReply("Yes.", prompt_tokens=1, completion_tokens=1, dollars=1.0)

    return ChatSession(ScriptedChat(reply), max_in_flight=1, max_dollars=cap, prices=(0.001, 0.001))


def test_what_was_begun_is_finished_before_more_is_begun() -> None:
    asked: list[str] = []
    extractor = Asking(dollar_session(1_000, asked))
    list(evaluate_results(ANSWERS[:50], retriever=PASSAGES, extractor=extractor, verifier=JUDGE))
    begun_early = [i for i, text in enumerate(asked) if text in asked[:i]]  # places of second questions
    assert max(later - asked.index(asked[later]) for later in begun_early) <= 3
