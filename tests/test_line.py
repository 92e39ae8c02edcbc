"""The line with parts that wait for a network: the same results in the same order, a stop that loses nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from halueval.chat import ChatSession, ScriptedChat
from halueval.errors import RunError, RunStopped
from halueval.evaluation import evaluate
from halueval.line import evaluate_as_ready, evaluate_results, extract_each, verify_each
from halueval.records import (
    ChatReply,
    ChatRequest,
    ClaimWithEvidence,
    Extraction,
    Failure,
    FailureKind,
    Outcome,
    Response,
    Result,
    Verdict,
    total_cost,
)
from halueval.report import Report
from halueval.runs import open_run, reproduce
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
        self._until = stop_at  # not a setting: a run that is stopped is gone on with by one that isn't
        self.batches: list[set[str]] = []

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> Sequence[Outcome]:
        self.batches.append({item.claim.response_id for item in items})
        await asyncio.sleep(0.001)
        if self._until in {item.claim.response_id for item in items}:
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


def test_an_unreadable_record_stays_in_its_place() -> None:
    bad = Failure("input", "invalid_record", "not JSON", "x")
    mixed: list[Response | Failure] = [ANSWERS[0], bad, ANSWERS[1]]
    extractor = SlowLines()
    results = list(evaluate_results(mixed, retriever=PASSAGES, extractor=extractor, verifier=Waiting()))
    assert [r.response.id for r in results] == ["r0", "x", "r1"]
    assert sorted(extractor.asked) == ["r0", "r1"]


@pytest.mark.parametrize("extractor", [LineExtractor, SlowLines])
def test_as_they_are_ready_the_results_are_the_same_with_the_numbers_of_their_responses(
    extractor: Callable[[], LineExtractor | SlowLines],
) -> None:
    numbered = [(2 * i, answer) for i, answer in enumerate(ANSWERS)]
    found = list(evaluate_as_ready(numbered, retriever=PASSAGES, extractor=extractor(), verifier=JUDGE))
    assert [result.response for _, result in sorted(found, key=lambda pair: pair[0])] == ANSWERS
    assert sorted(number for number, _ in found) == [number for number, _ in numbered]
    assert labels([result for _, result in sorted(found, key=lambda pair: pair[0])]) == labels(PLAIN)


def test_a_response_that_takes_long_holds_up_no_other() -> None:
    class Stalls(SlowLines):
        finished = 0

        async def aextract(self, response: Response) -> Extraction:
            async with asyncio.timeout(30):
                while response.id == "r0" and self.finished < len(ANSWERS) - 1:
                    await asyncio.sleep(0.01)
            extraction = await super().aextract(response)
            self.finished += 1
            return extraction

    numbered = enumerate(ANSWERS)
    found = [n for n, _ in evaluate_as_ready(numbered, retriever=PASSAGES, extractor=Stalls(), verifier=JUDGE)]
    assert found[-1] == 0 and len(found) == len(ANSWERS)


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


def measured(run: Path, extractor: SlowLines | None = None, *, stop_at: str = "", answers: object = None) -> Report:
    given = ANSWERS[:50] if answers is None else answers
    return evaluate(given, evidence=PASSAGES, extractor=extractor or SlowLines(), verifier=Waiting(stop_at), run=run)


def stopped_run(folder: Path) -> None:
    with pytest.raises(RunStopped, match=r"key is wrong; what was finished is kept in .*the same command goes on"):
        measured(folder, stop_at="r20")


def files_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("manifest.json", "report.json", "report.md", "report.html")}


def test_a_stopped_run_goes_on_where_it_was_and_is_the_run_that_was_never_stopped(tmp_path: Path) -> None:
    stopped_run(tmp_path / "a")
    assert open_run(tmp_path / "a").counts.responses == 49
    assert "not finished" in open_run(tmp_path / "a").warnings[0]
    extractor = SlowLines()
    report = measured(tmp_path / "a", extractor)
    assert extractor.asked == ["r20"]
    assert [r.response for r in report.results] == ANSWERS[:50]
    measured(tmp_path / "b")
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")


def test_a_finished_run_asks_nobody_and_gives_its_report_again(tmp_path: Path) -> None:
    first = measured(tmp_path / "a")
    before, extractor = files_of(tmp_path / "a"), SlowLines()
    again = measured(tmp_path / "a", extractor, stop_at="r20")
    assert not extractor.asked and again.to_json() == first.to_json()
    assert files_of(tmp_path / "a") == before


def test_the_first_responses_alone_leave_a_run_that_is_gone_on_with(tmp_path: Path) -> None:
    for _ in range(2):
        first = evaluate(
            ANSWERS[:50], evidence=PASSAGES, extractor=SlowLines(), verifier=Waiting(), run=tmp_path / "a", first=7
        )
        assert first.counts.responses == 7 and "not finished" in first.warnings[0]
    extractor = SlowLines()
    assert measured(tmp_path / "a", extractor).counts.responses == 50
    assert len(extractor.asked) == 43


OTHER_INPUT = [
    ([Response("r0", "Rest helps."), *ANSWERS[1:50]], r"answer 1 \('r0'\) has another text now"),
    ([ANSWERS[0], replace(ANSWERS[1], model="m"), *ANSWERS[2:50]], r"answer 2 \('r1'\) has another model now"),
    ([*ANSWERS[1:50], ANSWERS[0]], "answer 1 was 'r0' then, and is 'r1' now"),
    ([Failure("input", "invalid_record", "not JSON", "x"), *ANSWERS[1:50]], "answer 1 cannot be read now"),
    (ANSWERS[:30], "a result for answer 50, and now there are 30 answers"),
    (ANSWERS[:51], "finished with 50 answers, and now there are more"),
]


@pytest.mark.parametrize(("answers", "said"), OTHER_INPUT, ids=range(len(OTHER_INPUT)))
def test_other_input_is_refused_and_the_run_stays_as_it_is(answers: list[Response], said: str, tmp_path: Path) -> None:
    measured(tmp_path / "a")
    before, extractor = files_of(tmp_path / "a"), SlowLines()
    with pytest.raises(RunError, match=said):
        list(measured(tmp_path / "a", extractor, answers=answers).results)
    assert files_of(tmp_path / "a") == before and not extractor.asked


def test_another_file_is_refused_before_anyone_is_asked(tmp_path: Path) -> None:
    def written(name: str, texts: list[str]) -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps({"id": str(i), "answer": text}) + "\n" for i, text in enumerate(texts)))
        return path

    texts = [f"Aspirin thins blood {i}." for i in range(40)]
    with pytest.raises(RunStopped):
        measured(tmp_path / "a", stop_at="3", answers=written("a.jsonl", texts))
    extractor = SlowLines()
    with pytest.raises(RunError, match=r"answer 31 \('30'\) has another text"):
        measured(tmp_path / "a", extractor, answers=written("b.jsonl", [*texts[:30], "Water.", *texts[31:]]))
    assert not extractor.asked
    assert measured(tmp_path / "a", extractor, answers=written("c.jsonl", texts)).counts.responses == 40
    assert extractor.asked == ["3"]


def test_a_record_that_was_mended_is_evaluated_when_the_run_goes_on(tmp_path: Path) -> None:
    bad = Failure("input", "invalid_record", "not JSON", "x")
    with pytest.raises(RunStopped):
        measured(tmp_path / "a", stop_at="r20", answers=[*ANSWERS[:10], bad, *ANSWERS[11:50]])
    extractor = SlowLines()
    assert measured(tmp_path / "a", extractor).counts.failures == {}
    assert sorted(extractor.asked) == ["r10", "r20"]


def test_an_answer_that_failed_for_a_reason_that_may_have_passed_is_tried_again_in_an_unfinished_run(
    tmp_path: Path,
) -> None:
    class Fails(SlowLines):
        def __init__(self, kinds: dict[str, FailureKind]) -> None:
            super().__init__()
            self.told = kinds

        async def aextract(self, response: Response) -> Extraction:
            extraction = await super().aextract(response)
            kind = self.told.get(response.id)
            return extraction if kind is None else Extraction(response.id, failure=Failure("extraction", kind, "no"))

    kinds: dict[str, FailureKind] = {
        "r1": "timeout", "r2": "provider_error", "r3": "rate_limited", "r4": "empty_reply", "r5": "refused",
    }  # fmt: skip
    with pytest.raises(RunStopped):
        measured(tmp_path / "a", Fails(kinds), stop_at="r20")
    mended = Fails({})
    report = measured(tmp_path / "a", mended)
    assert sorted(mended.asked) == ["r1", "r2", "r20", "r3"]
    assert report.counts.failures == {"extraction": {"empty_reply": 1, "refused": 1}}
    measured(tmp_path / "a", mended)
    assert len(mended.asked) == 4


def test_a_run_is_gone_on_with_only_as_it_was_begun_and_every_difference_is_named(tmp_path: Path) -> None:
    stopped_run(tmp_path / "a")
    with pytest.raises(RunError) as error:
        evaluate(ANSWERS, evidence=PASSAGES, extractor=LineExtractor(), verifier=Waiting(), k=3, run=tmp_path / "a")
    assert 'extractor: "slow" then, "lines" now; passages_per_claim: 5 then, 3 now' in str(error.value)


def test_the_level_may_change_and_makes_another_report_without_asking(tmp_path: Path) -> None:
    measured(tmp_path / "a")
    extractor = SlowLines()
    report = evaluate(
        ANSWERS[:50], evidence=PASSAGES, extractor=extractor, verifier=Waiting(), run=tmp_path / "a", level=0.9
    )
    assert report.rates["refuted"].level == 0.9 and not extractor.asked
    assert json.loads((tmp_path / "a" / "report.json").read_text())["settings"]["level"] == 0.9
    assert reproduce(tmp_path / "a").to_json() == report.to_json()


def test_a_run_whose_first_call_fails_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RunStopped, match="key"):
        measured(tmp_path / "a", stop_at="r0", answers=ANSWERS[:1])
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
