"""Engines: answers divided among workers give the journal of one process, whatever workers do or suffer."""

from __future__ import annotations

import os
import pickle
import signal
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval import evaluate
from halueval.chat import ChatSession, ScriptedChat, open_chat
from halueval.chat.mock_endpoint import MockEndpoint, MockReply
from halueval.errors import InputError, PluginError, RunError, RunStopped
from halueval.evidence import Index, index_documents
from halueval.line import checked_batches, evaluate_as_ready
from halueval.plugins import load_verifier
from halueval.records import Cost, Extraction, Failure, Response, Result, Stage
from halueval.runs import Journal
from halueval.runs.asked import made_of
from halueval.runs.cache import CallCache
from halueval.runs.engines import Recipe, ShardWorker, merged, recipe_for, require_engine, shard_of
from halueval.runs.engines.shards import columns_of, records_in, row_for
from halueval.runs.resuming import keep
from halueval.testing import FixedRetriever, FixedVerifier, LineExtractor

RAY = find_spec("ray") is not None
LINES = "halueval.testing:LineExtractor"
BAD = Failure("input", "invalid_record", "not JSON", "line 3")
ANSWERS: list[Response | Failure] = [
    Response(f"r{n}", f"Aspirin thins blood.\nTake {n} mg of aspirin.\n? Anything else") for n in range(70)
]
ANSWERS[40] = BAD
LONG = Response("long", "Aspirin thins blood. " * 10_000, context=("Aspirin thins blood.",))


@pytest.fixture(scope="module")
def index() -> Index:
    return index_documents([{"doc_id": "m", "text": "Aspirin thins blood. Take 5 mg of aspirin."}])


def recipe(workers: int = 2, *, retriever: Any = None, **other: Any) -> Recipe:
    parts: dict[str, Any] = {"extractor": LINES, "verifier": "lexical", "chat": None, "judges": (), "k": 3}
    if "settings" not in other and not other:
        other["settings"] = made_of(LineExtractor(), load_verifier("lexical"), retriever)
    return recipe_for(workers, evaluate_as_ready, **{"settings": {}, **parts, "retriever": retriever, **other})


def journal_of(results: Iterator[tuple[int, Result]]) -> str:
    with tempfile.TemporaryDirectory() as folder, Journal(folder) as journal:
        for _ in keep(journal, results):
            pass
        return journal.digest()


def shards(retriever: Any) -> list[dict[str, list[Any]]]:
    return [shard_of(batch) for batch in checked_batches(enumerate([*ANSWERS, LONG]), retriever)]


TEXTS = st.text() | st.sampled_from(["", "nul \x00, a lone surrogate \ud800", "{}", '"', "\u2028"])
RECORDS = st.builds(Response, TEXTS, TEXTS, st.none() | TEXTS, metadata=st.dictionaries(st.text(), st.integers()))
FAILURES = st.builds(Failure, st.just("input"), st.just("invalid_record"), st.text(), st.text())


@given(st.lists(st.tuples(st.integers(0, 2**40), RECORDS | FAILURES), max_size=4))
def test_records_reach_a_worker_as_they_are(numbered: list[tuple[int, Response | Failure]]) -> None:
    assert list(records_in(shard_of(numbered))) == numbered


@given(st.data())
@settings(max_examples=5, deadline=None)
def test_however_shards_are_dealt_out_and_come_back_the_journal_is_that_of_one_process(
    index: Index, data: st.DataObject
) -> None:
    alone = evaluate_as_ready(
        enumerate([*ANSWERS, LONG]), retriever=index, extractor=LineExtractor(), verifier=load_verifier("lexical"), k=3
    )
    workers = [ShardWorker(recipe(retriever=index), here=True) for _ in range(2)]
    dealt = data.draw(st.permutations(shards(index)))
    whose = data.draw(st.lists(st.sampled_from(workers), min_size=len(dealt), max_size=len(dealt)))
    outputs = (worker(shard) for worker, shard in zip(whose, dealt, strict=True))
    assert journal_of(merged(outputs, len(ANSWERS) + 1)) == journal_of(alone)


def test_a_shard_in_which_no_answer_brings_a_context_is_judged_as_in_one_process() -> None:
    answers = [Response(f"r{n}", "Aspirin thins blood.", context=("Aspirin.",) if n < 1 else ()) for n in range(40)]
    parts: dict[str, Any] = {"retriever": None, "extractor": LineExtractor(), "verifier": load_verifier("lexical")}
    worker = ShardWorker(recipe(), here=True)
    outputs = (worker(shard_of(batch)) for batch in checked_batches(enumerate(answers), None))
    assert dict(merged(outputs, 40)) == dict(evaluate_as_ready(enumerate(answers), **parts, k=3))


OBJECTS: dict[str, tuple[dict[str, Any], str]] = {
    "extractor": ({"extractor": LineExtractor()}, "LineExtractor.*name"),
    "verifier": ({"verifier": FixedVerifier({})}, "FixedVerifier.*name"),
    "evidence": ({"retriever": FixedRetriever({})}, "FixedRetriever.*index"),
    "key": ({"judges": [open_chat("m", base_url="http://127.0.0.1:9", api_key="sk-123")]}, "HALUEVAL_API_KEY"),
    "chat": ({"chat": ChatSession(ScriptedChat(lambda request: "Yes."))}, "scripted: cannot be sent"),
}


@pytest.mark.parametrize(("given", "said"), OBJECTS.values(), ids=OBJECTS)
def test_what_a_worker_cannot_build_is_refused_with_what_to_give(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        recipe(**given)
    assert "sk-123" not in str(caught.value)


def test_a_key_of_the_environment_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALUEVAL_API_KEY", "sk-environment-1234")
    chat = open_chat("m", base_url="http://127.0.0.1:9")
    made = recipe(judges=[chat], chat=chat)
    assert b"sk-environment" not in pickle.dumps(made)
    again = pickle.loads(pickle.dumps(made)).sessions[0].model  # noqa: S301 (made a line above)
    assert again.name == "m"


def test_a_worker_that_is_not_like_the_driver_does_no_work(index: Index) -> None:
    mine = made_of(LineExtractor(), load_verifier("lexical"), index)
    for name, other in {"version_spacy": "0.1", "snapshot": "abc", "extractor": "rules"}.items():
        worker = ShardWorker(recipe(retriever=index, settings={**mine, name: other}), here=True)
        with pytest.raises(RunError, match=f"{name}: '{other}' asked for"):
            list(merged([worker(shards(index)[0])], 32))


def test_evidence_that_is_not_on_a_workers_machine_is_said(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    made = recipe(retriever=index)
    gone = Recipe(**{name: getattr(made, name) for name in made.__slots__} | {"index": str(folder)})
    with pytest.raises(RunError, match="cannot open the evidence.*every machine"):
        list(merged([ShardWorker(gone, here=True)(shards(index)[0])], 32))


def judged(body: Any) -> str:
    return "not what a judge says"  # a failure, after all that is asked for one


def asking(endpoint: MockEndpoint, workers: int = 2, **limits: Any) -> tuple[ChatSession, Recipe]:
    limits = {"prices": (1000.0, 1000.0), **limits}
    chat = open_chat("m", base_url=endpoint.url, **limits)
    return chat, recipe(workers, verifier="judge", judges=[chat])


CONTEXT = [Response(f"r{n}", f"Aspirin thins blood {n} times.", context=("Aspirin thins blood.",)) for n in range(6)]


def test_places_in_flight_and_money_are_divided() -> None:
    with MockEndpoint(judged) as endpoint:
        chat, made = asking(endpoint, 4, max_in_flight=10, max_dollars=8.0)
        assert chat.cap is not None
        chat.cap.spent = 4.0
        divided = recipe(4, verifier="judge", judges=[chat], chat=chat)
        alone = recipe(64, judges=[chat])
    assert (made.sessions[0].max_in_flight, made.caps) == (2, ((2.0, 0.0),))
    assert (divided.caps, len(divided.sessions), alone.sessions[0].max_in_flight) == (((2.0, 1.0),), 1, 1)


def test_what_workers_spend_is_told_by_step_and_once() -> None:
    told: list[tuple[Stage, Cost]] = []
    with MockEndpoint(judged) as endpoint:
        worker = ShardWorker(asking(endpoint)[1], here=True)
        outputs = [worker(shard_of([(n, one)])) for n, one in enumerate(CONTEXT)]
        list(merged(outputs, 6, spend=lambda stage, cost: told.append((stage, cost))))
        calls = len(endpoint.requests)
    assert calls >= 6
    assert sum(cost.calls for stage, cost in told if stage == "verification") == calls


def test_a_worker_whose_model_refuses_begins_nothing_more_and_what_others_did_is_kept() -> None:
    came: list[int] = []
    with MockEndpoint(judged) as endpoint, MockEndpoint(lambda body: MockReply(status=401)) as refusing:
        good, bad = (ShardWorker(asking(e)[1], here=True) for e in (endpoint, refusing))
        given = [shard_of([(n, one)]) for n, one in enumerate(CONTEXT)]
        outputs = [bad(given[0]), bad(given[1]), good(given[2]), bad(given[3]), good(given[4])]
        asked = len(refusing.requests)
        with pytest.raises(RunStopped, match="401"):
            came.extend(position for position, _ in merged(outputs, 5))
    assert (asked, came) == (1, [2, 4])


def test_a_worker_in_the_place_of_a_lost_one_spends_no_money_that_may_be_spent() -> None:
    with MockEndpoint(judged) as endpoint:
        free, capped = asking(endpoint)[1], asking(endpoint, max_dollars=5.0)[1]
        with pytest.raises(RunStopped, match="max_dollars"):
            list(merged([ShardWorker(capped, here=True, again=True)(shard_of([(0, CONTEXT[0])]))], 1))
        assert not endpoint.requests
        assert len(dict(merged([ShardWorker(free, here=True, again=True)(shard_of([(0, CONTEXT[0])]))], 1))) == 1


@pytest.mark.parametrize("here", [True, False])
def test_the_cache_of_calls_is_used_on_the_drivers_machine_alone(here: bool, tmp_path: Path) -> None:
    with MockEndpoint(judged) as endpoint, CallCache(tmp_path / "calls.sqlite") as cache:
        chat, _ = asking(endpoint)
        chat.cache = cache
        made, calls = recipe(verifier="judge", judges=[chat]), []
        for _ in range(2):
            ShardWorker(made, here=here)(shard_of([(0, CONTEXT[0])]))
            calls.append(len(endpoint.requests))
        assert (cache.stats().replies > 0, calls[1] == calls[0]) == (here, here)


def test_a_shard_that_does_not_come_back_is_no_end() -> None:
    done = columns_of([row_for((0, Result(Response("a", "Yes."), Extraction("a"))))])
    with pytest.raises(RunError, match="2 answers .* 1 came back"):
        list(merged([done], 2))


@pytest.mark.parametrize("engine", ["dask", "ray:", "ray:0", "ray:x", "ray:-1", "ray:²", "Ray", "", 3, None])
def test_an_engine_that_there_is_not_is_refused(engine: Any) -> None:
    with pytest.raises(InputError, match="'ray'"):
        require_engine(engine, "runs/a")


def test_an_engine_needs_a_run() -> None:
    with pytest.raises(InputError, match="run=FOLDER"):
        evaluate(["Yes."], evidence=FixedRetriever({}), engine="ray")


@pytest.mark.skipif(RAY, reason="Ray is installed")
def test_without_ray_it_is_said_how_to_get_it_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"halueval\[ray\]"):
        evaluate(["Yes."], evidence=[{"text": "Yes, it is."}], engine="ray", run=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(not RAY, reason="Ray is not installed")
def test_two_workers_of_ray_one_of_them_killed_give_the_journal_of_one_process(index: Index, tmp_path: Path) -> None:
    """And what is there already is not sent again: one Ray for both, since it takes long to start."""
    answers = [a for a in ANSWERS if isinstance(a, Response)] * 3
    parts: dict[str, Any] = {"evidence": index, "extractor": LINES, "verifier": "lexical"}
    evaluate(answers, **parts, run=tmp_path / "alone")
    evaluate(answers, **parts, run=tmp_path / "divided", first=40)
    killed: list[int] = []
    seen: list[str] = []

    def kill(result: Result) -> None:
        seen.append(result.response.id)
        if not killed:
            killed.extend(workers_of_ray()[:1])
            os.kill(killed[0], signal.SIGKILL)

    evaluate(answers, **parts, run=tmp_path / "divided", engine="ray:2", progress=kill)
    assert (len(killed), len(seen)) == (1, len(answers) - 40)
    with Journal(tmp_path / "alone", read_only=True) as one, Journal(tmp_path / "divided", read_only=True) as other:
        assert one.digest() == other.digest()
    for name in ("report.json", "report.md", "report.html"):
        assert (tmp_path / "alone" / name).read_bytes() == (tmp_path / "divided" / name).read_bytes()


def workers_of_ray() -> list[int]:
    """The processes of the pool that are children of this one's, at whatever remove."""
    parents, names = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                names[int(entry.name)] = (entry / "cmdline").read_text()
            except OSError:
                continue  # it has ended meanwhile

    def ours(process: int) -> bool:
        return process == os.getpid() or (process in parents and ours(parents[process]))

    return sorted(process for process, name in names.items() if name.startswith("ray::MapWorker") and ours(process))
