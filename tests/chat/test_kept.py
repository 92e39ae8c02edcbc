"""Replies that a store keeps: what is asked for, what is not, and what is told of either."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from halueval.chat import ChatSession, ScriptedChat, ask, open_chat, read_json
from halueval.chat.loop import run, run_all
from halueval.errors import ChatError, InputError, RunError, RunStopped
from halueval.protocols import ReplyStore
from halueval.records import ChatReply, ChatRequest, Cost, Failure
from halueval.repeats import counted
from halueval.runs.cache import CallCache

BROKEN = ChatError("provider_error", "m: 500", retry=True)
REPLY = ChatReply("Yes.", prompt_tokens=20, completion_tokens=5, dollars=0.25)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[CallCache]:
    with CallCache(tmp_path / "calls.sqlite") as opened:
        yield opened


def asking(text: str = "Say yes.", **settings: Any) -> ChatRequest:
    return ChatRequest(({"role": "user", "content": text},), **settings)


def scripted(*replies: Any, cache: ReplyStore, **settings: Any) -> tuple[ChatSession, ScriptedChat]:
    model = ScriptedChat(replies)
    return ChatSession(model, cache=cache, **{"backoff": 0.001, **settings}), model


def said(session: ChatSession, request: ChatRequest = asking(), item_id: str = "a") -> tuple[Any, Cost]:  # noqa: B008
    outcome, cost = run(session.chat(request, stage="verification", item_id=item_id))
    return outcome.text if isinstance(outcome, ChatReply) else outcome, cost


def test_a_kept_reply_is_the_same_with_what_it_cost_and_nothing_is_spent(cache: CallCache) -> None:
    first, model = scripted(BROKEN, REPLY, cache=cache)
    again, other = scripted(cache=cache)
    (reply, cost), (kept, told) = (run(s.chat(asking(), stage="verification")) for s in (first, again))
    assert kept == reply == REPLY
    assert told == replace(cost, seconds=0.0) == Cost(1, 20, 5, 0.0, 0.25)
    assert (first.spent()["verification"].calls, first.saved()) == (2, {})
    assert (again.spent(), again.saved()) == ({}, {"verification": told})
    assert (len(model.requests), other.requests) == (2, [])


@pytest.mark.parametrize(
    "other",
    [
        {"request": asking("Say no.")},
        {"request": ChatRequest(({"role": "system", "content": "Say yes."},))},
        {"request": asking(schema={"type": "object"})},
        {"request": asking(max_tokens=7)},
        {"request": asking(temperature=0.0)},
        {"request": asking(top_logprobs=1)},
        {"request": asking(options={"seed": 1})},
        {"name": "other"},
        {"endpoint": "http://b/v1"},
        {"options": {"seed": 1}},
    ],
    ids=lambda other: " ".join(map(str, other)),
)
def test_what_is_asked_otherwise_or_of_another_is_asked_for(other: dict[str, Any], cache: CallCache) -> None:
    def asked(request: ChatRequest = asking(), name: str = "m", **about: Any) -> int:  # noqa: B008
        model = ScriptedChat(["Yes."], name)
        for field, value in about.items():
            setattr(model, field, value)
        run(ChatSession(model, cache=cache).chat(request, stage="verification"))
        return len(model.requests)

    assert (asked(), asked(), asked(**other), asked(**other)) == (1, 0, 1, 0)


def test_the_step_and_the_item_are_not_part_of_what_is_asked(cache: CallCache) -> None:
    session, model = scripted("Yes.", cache=cache)
    for stage, item in (("extraction", "a"), ("verification", "a"), ("verification", "b")):
        run(session.chat(asking(), stage=stage, item_id=item))  # type: ignore[arg-type]
    assert len(model.requests) == 1


# again


def test_what_is_asked_again_in_one_piece_of_work_is_another_reply_and_the_same_ones_when_it_is_done_again(
    cache: CallCache,
) -> None:
    session, model = scripted("one", "two", "three", cache=cache)
    again, _ = scripted(cache=cache)
    for one in (session, session, again):
        with counted():
            assert [said(one)[0] for _ in range(3)] == ["one", "two", "three"]
    with counted():  # of another item it is the first
        assert said(again, item_id="b")[0] == "one"
    assert len(model.requests) == 3


def test_members_that_ask_the_same_get_replies_of_their_own_whoever_asks_first(cache: CallCache) -> None:
    session, _ = scripted("a0", "b0", "a1", "b1", cache=cache)

    def member(which: int) -> str:
        with counted(which, of=2):
            return " ".join([said(session)[0], said(session)[0]])

    def turns(order: tuple[int, ...]) -> dict[int, str]:
        with counted():
            return {which: member(which) for which in order}

    asked = turns((0, 1))
    assert asked == turns((1, 0))
    assert len({*asked[0].split(), *asked[1].split()}) == 4


def test_a_reply_that_cannot_be_read_is_kept_and_what_was_asked_after_it_too(cache: CallCache) -> None:
    for replies in (("Sure!", '{"label": 1}'), ()):
        session, model = scripted(*replies, cache=cache)
        value, cost = run(ask(session, asking(), read_json, stage="verification", item_id="a"))
        assert (value, cost.calls, len(model.requests)) == ({"label": 1}, 2, len(replies))


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_a_reply_that_was_cut_is_kept(reason: str, cache: CallCache) -> None:
    session, model = scripted(ChatReply("Ye", finish_reason=reason), "Yes.", cache=cache)
    assert [said(session)[0] for _ in range(2)] == ["Ye", "Ye"]
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    "first",
    [
        ChatError("refused", "m: no"),
        ChatError("context_window", "m: too long"),
        ChatReply(" ", finish_reason="length"),
        ChatReply(" ", finish_reason="content_filter"),
    ],
)
def test_a_failure_is_never_kept(first: Any, cache: CallCache) -> None:
    session, _ = scripted(first, "Yes.", cache=cache)
    assert isinstance(said(session)[0], Failure)
    assert cache.stats().replies == 0
    assert said(session)[0] == "Yes."


# at once


class Slow:
    """Answers when it is told to."""

    name = "slow"

    def __init__(self, *outcomes: str | ChatError) -> None:
        self.outcomes, self.calls = iter(outcomes), 0
        self.go = asyncio.Event()

    async def chat(self, request: ChatRequest) -> ChatReply:
        self.calls += 1
        await self.go.wait()
        outcome = next(self.outcomes)
        if isinstance(outcome, ChatError):
            raise outcome
        return ChatReply(outcome, prompt_tokens=3, dollars=0.5)


async def started(*calls: Any) -> list[asyncio.Task[Any]]:
    tasks = [asyncio.ensure_future(call) for call in calls]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


def test_the_same_thing_asked_twice_at_once_is_one_call_also_by_two_sessions(cache: CallCache) -> None:
    async def together() -> None:
        model = Slow("Yes.")
        sessions = [ChatSession(model, cache=cache) for _ in range(2)]
        tasks = await started(*(s.chat(asking(), stage="grading", item_id=i) for s in sessions for i in "abc"))
        model.go.set()
        told = [await task for task in tasks]
        assert model.calls == 1
        assert {reply.text for reply, _ in told} == {"Yes."}
        assert [cost.dollars for _, cost in told] == [0.5] * 6
        assert sum(s.spent().get("grading", Cost()).calls for s in sessions) == 1
        assert sum(s.saved()["grading"].calls for s in sessions) == 5

    run(together())


def test_who_waits_for_another_gets_its_failure_and_pays_nothing(cache: CallCache) -> None:
    async def together() -> None:
        model = Slow(ChatError("refused", "m: no", dollars=0.5), "Yes.")
        session = ChatSession(model, cache=cache)
        tasks = await started(
            session.chat(asking(), stage="grading", item_id="a"),
            session.chat(asking(), stage="extraction", item_id="b"),
        )
        model.go.set()
        (first, paid), (second, nothing) = [await task for task in tasks]
        assert (first.kind, first.stage, first.item_id, paid.dollars) == ("refused", "grading", "a", 0.5)
        assert (second.kind, second.stage, second.item_id, nothing) == ("refused", "extraction", "b", Cost())
        assert second.cost == nothing
        assert (await session.chat(asking(), stage="grading"))[0].text == "Yes."

    run(together())


def test_when_who_asks_gives_up_the_next_asks(cache: CallCache) -> None:
    async def together() -> None:
        model = Slow("Yes.", "Yes.")
        session = ChatSession(model, cache=cache)
        first, *others = await started(*(session.chat(asking(), stage="grading", item_id=i) for i in "abc"))
        first.cancel()
        await started()
        model.go.set()
        assert [(await task)[0].text for task in others] == ["Yes.", "Yes."]
        assert model.calls == 2

    run(together())


# durable


class Watched:
    """A store that says when it was asked to keep, and keeps when it is told to."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.kept: dict[str, ChatReply] = {}
        self.writing: Future[None] = Future()
        self.problem = problem

    def key(self, request: ChatRequest, **about: Any) -> str:
        return f"{request} {sorted(about.items())}"

    def reply(self, key: str) -> ChatReply | None:
        if self.problem is not None and self.writing.done():
            raise self.problem
        return self.kept.get(key)

    def keep(self, key: str, reply: ChatReply, *, model: str, stage: str) -> Future[None]:
        self.kept[key] = reply
        return self.writing


def test_a_reply_is_handed_on_when_it_is_durable_and_not_before() -> None:
    async def together() -> None:
        store = Watched()
        session, _ = scripted("Yes.", cache=store)
        (task,) = await started(session.chat(asking(), stage="grading"))
        await asyncio.sleep(0.05)
        assert store.kept and not task.done()
        assert session.in_flight == 0  # the next may be asked meanwhile
        store.writing.set_result(None)
        assert (await task)[0].text == "Yes."

    run(together())


def test_who_gives_up_while_it_is_written_does_not_stop_the_writing() -> None:
    async def together() -> None:
        store = Watched()
        session, _ = scripted("Yes.", cache=store)
        (task,) = await started(session.chat(asking(), stage="grading"))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not store.writing.cancelled()

    run(together())


def test_a_store_that_fails_stops_the_run_and_nothing_is_handed_on() -> None:
    full = RunError("calls.sqlite: the disk is full")
    for written in (True, False):
        store = Watched(full)
        if not written:
            store.writing.set_exception(full)
        session, model = scripted("Yes.", "Yes.", cache=store)
        if written:
            store.writing.set_result(None)
        with pytest.raises(RunStopped, match="the disk is full"):
            said(session)
        with pytest.raises(RunStopped, match="the disk is full"):
            said(session)
        assert len(model.requests) <= 1


def test_a_request_that_json_cannot_hold_is_the_models_affair(cache: CallCache) -> None:
    session, model = scripted("Yes.", "Yes.", cache=cache)
    for _ in range(2):
        assert said(session, asking(options={"odd": object()}))[0] == "Yes."
    assert (len(model.requests), cache.stats().replies) == (2, 0)


_OTHER_PROCESS = """
import sys
from halueval.chat import ChatSession, ScriptedChat
from halueval.chat.loop import run
from halueval.records import ChatRequest
from halueval.runs.cache import CallCache
request, model = ChatRequest(({"role": "user", "content": "Say yes."},)), ScriptedChat(["No."])
with CallCache(sys.argv[1]) as cache:
    reply, _ = run(ChatSession(model, cache=cache).chat(request, stage="verification", item_id="a"))
print(reply.text, len(model.requests))
"""


def test_another_process_is_given_what_was_kept(cache: CallCache) -> None:
    session, _ = scripted("Yes.", cache=cache)
    assert said(session)[0] == "Yes."
    command = [sys.executable, "-c", _OTHER_PROCESS, str(cache.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "Yes. 0\n", done.stderr


# limits


def test_what_is_kept_needs_no_money_no_place_and_no_endpoint(cache: CallCache) -> None:
    session, _ = scripted(*[ChatReply(f"{n}", prompt_tokens=9, dollars=1.0) for n in range(20)], cache=cache)
    requests = [asking(str(n)) for n in range(20)]
    run_all(lambda request: session.chat(request, stage="grading"), requests)
    poor = ChatSession(
        ScriptedChat([BROKEN], prices=(1.0, 1.0)), cache=cache, max_dollars=1e-9, max_in_flight=1, prices=(1.0, 1.0)
    )
    outcomes = run_all(lambda request: poor.chat(request, stage="grading"), requests)
    assert sorted(reply.text for reply, _ in outcomes) == sorted(str(n) for n in range(20))  # type: ignore[union-attr]
    with pytest.raises(RunStopped, match="the cap"):
        said(poor)


def test_a_cache_may_be_set_later_and_is_refused_beside_an_open_session(cache: CallCache) -> None:
    session, model = scripted("Yes.", cache=cache)
    session.cache = None
    assert said(session)[0] == "Yes."
    assert cache.stats().replies == 0
    assert isinstance(cache, ReplyStore)
    assert open_chat(model, cache=cache).cache is cache
    with pytest.raises(InputError, match="cache.*already open"):
        open_chat(session, cache=cache)


def test_writing_that_fails_when_nobody_waits_any_more_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    store = Watched()
    session, _ = scripted(REPLY, cache=store)

    async def stopped() -> None:
        asked = asyncio.create_task(session.chat(asking(), stage="verification", item_id="a"))
        await asyncio.sleep(0.05)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        store.writing.set_exception(RunError("the disk is full"))
        await asyncio.sleep(0.05)

    run(stopped())
    gc.collect()
    assert caplog.records == []
