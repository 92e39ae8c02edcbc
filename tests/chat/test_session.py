"""What stands between the line and a chat model: every way in which a call can go, and what it is counted as."""

from __future__ import annotations

import asyncio
import errno
import math
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.chat import ChatSession, ScriptedChat, open_chat
from halueval.chat.ledger import Cap
from halueval.chat.loop import run, run_all
from halueval.errors import ChatError, InputError, RunStopped
from halueval.records import ChatReply, ChatRequest, Cost, Failure

sys.path.insert(0, str(Path(__file__).parent))
from simulated import simulated

KEY = "sk-proj-0123456789abcdefghij"
SLOW_DOWN = ChatError("rate_limited", "m: slow down", retry=True)
BROKEN = ChatError("provider_error", "m: 500", retry=True)
WRONG_KEY = ChatError("provider_error", "m: the key is wrong", fatal=True)


@dataclass
class Model:
    """A chat model as somebody may write it: a coroutine function, and a count of who is inside."""

    answer: Callable[[ChatRequest], Awaitable[Any]]
    name: str = "m"
    calls: int = 0
    inside: int = 0
    most_inside: int = 0
    begun: list[float] = field(default_factory=list)

    async def chat(self, request: ChatRequest) -> Any:
        self.calls, self.inside = self.calls + 1, self.inside + 1
        self.most_inside = max(self.most_inside, self.inside)
        self.begun.append(time.monotonic())
        try:
            return await self.answer(request)
        finally:
            self.inside -= 1


def asking(text: str = "Say yes.", **settings: Any) -> ChatRequest:
    return ChatRequest(({"role": "user", "content": text},), **settings)


def ask(session: ChatSession, text: str = "Say yes.", item_id: str = "") -> tuple[ChatReply | Failure, Cost]:
    return run(session.chat(asking(text), stage="verification", item_id=item_id))


def failed(session: ChatSession, text: str = "Say yes.") -> Failure:
    outcome, cost = ask(session, text, "item")
    assert isinstance(outcome, Failure)
    assert (outcome.stage, outcome.item_id, outcome.cost) == ("verification", "item", cost)
    assert cost.calls == outcome.attempts
    return outcome


async def or_stopped(session: ChatSession, request: ChatRequest) -> ChatReply | Failure | RunStopped:
    try:
        return (await session.chat(request, stage="verification"))[0]
    except RunStopped as stopped:
        return stopped


def scripted(*replies: str | ChatReply | ChatError, **settings: Any) -> tuple[ChatSession, ScriptedChat]:
    model = ScriptedChat(replies)
    return ChatSession(model, **{"backoff": 0.001, **settings}), model


# time


async def drips(_: ChatRequest) -> str:
    for _byte in range(1_000):
        await asyncio.sleep(0.01)
    return "never"


async def outlasts(_: ChatRequest) -> str:
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        raise ChatError("provider_error", "m: the connection broke", retry=True) from None
    return "never"


@pytest.mark.parametrize("answer", [drips, outlasts])
def test_a_reply_that_drips_or_never_comes_is_ended_at_the_deadline_and_asked_for_twice_again(
    answer: Callable[[ChatRequest], Awaitable[Any]],
) -> None:
    model = Model(answer)
    began = time.monotonic()
    failure = failed(ChatSession(model, deadline=0.1, backoff=0.001))
    assert 0.3 <= time.monotonic() - began < 5
    assert (failure.kind, failure.attempts, model.calls) == ("timeout", 3, 3)
    assert "m: no whole reply within 0.1 s" in failure.message


def test_a_reply_that_stalls_by_chance_is_there_when_it_is_asked_for_again() -> None:
    async def stalls_once(request: ChatRequest) -> ChatReply:
        await asyncio.sleep(60 if model.calls == 1 else 0)
        return ChatReply("yes")

    model = Model(stalls_once)
    reply, _ = ask(ChatSession(model, deadline=0.1, backoff=0.001))
    assert isinstance(reply, ChatReply) and model.calls == 2


@given(st.lists(st.floats(0.0, 1.2), max_size=12), st.integers(0, 9))
def test_a_call_takes_four_deadlines_at_most_however_its_attempts_go(shares: list[float], seed: int) -> None:
    deadline = 120.0

    async def fails_after(_: ChatRequest) -> str:
        await asyncio.sleep(deadline * (shares[model.calls - 1] if model.calls <= len(shares) else 0.0))
        raise BROKEN

    async def seconds() -> float:
        await session._chat(asking(), "verification", "")  # on this loop, whose time is simulated
        return asyncio.get_running_loop().time()

    model = Model(fails_after)
    session = ChatSession(model, deadline=deadline, max_attempts=100, seed=seed)
    assert simulated(seconds()) <= 4 * deadline
    assert sum(share >= 1 for share in shares[: model.calls]) <= 3


def test_an_endpoint_that_gave_up_at_once_did_not_stall() -> None:
    session, model = scripted(*[ChatError("timeout", "m: 504", retry=True)] * 10)
    assert (failed(session).attempts, len(model.requests)) == (8, 8)


def test_waiting_for_a_place_does_not_count() -> None:
    session = ChatSession(ScriptedChat(lambda _: "yes", latency=0.06), deadline=0.2, max_in_flight=1)
    outcomes = run_all(lambda _: session.chat(asking(), stage="generation"), range(6))
    assert [type(outcome) for outcome, _ in outcomes] == [ChatReply] * 6
    assert all(0.05 < cost.seconds < 0.2 for _, cost in outcomes)


def test_no_attempt_begins_after_the_deadline() -> None:
    async def slowly_broken(_: ChatRequest) -> str:
        await asyncio.sleep(0.2)
        raise BROKEN

    model = Model(slowly_broken)
    failure = failed(ChatSession(model, deadline=0.5, max_attempts=100, backoff=0.001))
    assert model.calls == 3
    assert "no time for another" in failure.message


def test_an_attempt_that_times_out_is_put_down_at_its_likely_price() -> None:
    failure = failed(ChatSession(Model(drips), deadline=0.02, prices=(1.0, 2.0), backoff=0.001))
    assert failure.cost.dollars is not None and failure.cost.dollars > 0
    assert failed(ChatSession(Model(drips), deadline=0.02, backoff=0.001)).cost.dollars is None


def test_who_stops_waiting_ends_the_call_and_its_place_is_free() -> None:
    model = Model(drips)
    session = ChatSession(model, max_in_flight=1)

    async def gives_up() -> None:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(session.chat(asking(), stage="generation"), 0.03)

    asyncio.run(gives_up())
    run(asyncio.sleep(0.01))  # the last one's end is on the session's loop
    assert (model.calls, model.inside) == (3, 0)
    assert session.spent()["generation"].calls == 3


# what models do


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"the header was Bearer {KEY}\nand more"),
        TimeoutError("mine, not yours"),
        KeyError("choices"),
        RecursionError(),
        asyncio.CancelledError(),
        asyncio.InvalidStateError(),
        MemoryError(),
        FileNotFoundError("a.json"),
        StopAsyncIteration(),
        ExceptionGroup("several", [ValueError(KEY)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_model_raises_is_a_counted_failure_without_keys(error: BaseException) -> None:
    async def raises(_: ChatRequest) -> str:
        raise error

    model = Model(raises)
    failure = failed(ChatSession(model))
    assert (failure.kind, failure.attempts, model.calls) == ("provider_error", 1, 1)
    assert failure.message.startswith("m: ")
    assert KEY not in failure.message and "\n" not in failure.message


@pytest.mark.parametrize(
    "reply",
    [None, "text", 3, ChatReply(""), ChatReply(" \n\t"), ChatReply("\u200b \ufeff"), ChatReply(None), {"text": "yes"}],  # type: ignore[arg-type]
    ids=repr,
)
def test_whatever_a_model_returns_that_is_no_text_is_an_empty_reply(reply: object) -> None:
    async def returns(_: ChatRequest) -> object:
        return reply

    assert failed(ChatSession(Model(returns), backoff=0.001)).kind == "empty_reply"


def test_a_chat_method_that_is_no_coroutine_is_a_failure() -> None:
    model = Model(drips)
    model.chat = lambda request: ChatReply("yes")  # type: ignore[assignment, method-assign, return-value]
    assert failed(ChatSession(model)).kind == "provider_error"


@pytest.mark.parametrize(
    "counts",
    [{"prompt_tokens": None}, {"completion_tokens": -1}, {"dollars": math.nan}, {"dollars": -1.0}, {"dollars": "free"}],
)
def test_counts_that_are_no_counts_are_left_out(counts: dict[str, Any]) -> None:
    session, _ = scripted(ChatReply("yes", **counts))
    reply, cost = ask(session)
    assert isinstance(reply, ChatReply)
    assert (cost.prompt_tokens, cost.completion_tokens, cost.dollars) == (0, 0, None)


@pytest.mark.parametrize(
    ("first", "attempts"),
    [
        (ChatReply(" "), 3),
        (ChatReply(" ", finish_reason="length"), 1),
        (ChatReply(" ", finish_reason="content_filter"), 1),
        (ChatError("empty_reply", "m: null", retry=True), 3),
        (ChatError("empty_reply", "m: null"), 1),
    ],
)
def test_an_empty_reply_is_asked_for_twice_more_unless_it_would_be_empty_again(
    first: ChatReply | ChatError, attempts: int
) -> None:
    session, model = scripted(first, first, first, "text")
    assert failed(session).attempts == attempts
    if attempts == 3:
        session, model = scripted(first, first, "text")
        reply, cost = ask(session)
        assert isinstance(reply, ChatReply) and session.spent()["verification"].calls == 3


# attempts


def test_what_may_help_is_tried_again_and_all_attempts_are_paid_for_beside_the_price_of_the_reply() -> None:
    charged = ChatError("provider_error", "m: 502", retry=True, prompt_tokens=10, completion_tokens=3, dollars=0.5)
    session, _ = scripted(BROKEN, charged, ChatReply("yes", prompt_tokens=20, completion_tokens=5, dollars=0.25))
    reply, cost = ask(session)
    assert isinstance(reply, ChatReply)
    assert (cost.calls, cost.prompt_tokens, cost.completion_tokens, cost.dollars) == (1, 20, 5, 0.25)
    spent = session.spent()["verification"]
    assert (spent.calls, spent.prompt_tokens, spent.completion_tokens, spent.dollars) == (3, 30, 8, 0.75)


def test_attempts_end_and_are_counted() -> None:
    session, _ = scripted(*[BROKEN] * 7, "yes")
    assert isinstance(ask(session)[0], ChatReply)
    session, _ = scripted(*[BROKEN] * 8, "yes")
    assert failed(session).attempts == 8
    session, model = scripted(*[BROKEN] * 10, max_attempts=4)
    failure = failed(session)
    assert (failure.attempts, len(model.requests)) == (4, 4)
    assert failure.message == "m: 500 (4 attempts)"
    assert session.spent()["verification"].calls == 4


@pytest.mark.parametrize("kind", ["refused", "context_window", "unreadable_reply", "provider_error"])
def test_what_would_not_help_is_not_tried_again(kind: Any) -> None:
    session, _ = scripted(ChatError(kind, f"m: no {KEY}", reply=f"I can't, {KEY}"), "yes")
    failure = failed(session)
    assert (failure.kind, failure.attempts) == (kind, 1)
    assert failure.reply.startswith("I can't")
    assert KEY not in failure.message + failure.reply


def test_waits_grow_are_random_and_follow_from_the_seed() -> None:
    def begun(seed: int) -> list[float]:
        async def broken(_: ChatRequest) -> str:
            raise BROKEN

        model = Model(broken)
        failed(ChatSession(model, max_attempts=4, backoff=0.2, seed=seed))
        return [b - a for a, b in zip(model.begun, model.begun[1:], strict=False)]

    one, same, other = begun(1), begun(1), begun(2)
    assert one == pytest.approx(same, abs=0.06)
    assert one != pytest.approx(other, abs=0.06)
    assert all(wait <= 0.2 * 2**i + 0.06 for i, wait in enumerate(one))


def test_retry_after_has_every_call_wait() -> None:
    said = iter([ChatError("rate_limited", "m: slow down", retry=True, retry_after=0.3)])

    async def once(_: ChatRequest) -> ChatReply:
        await asyncio.sleep(0.01)
        for error in said:
            raise error
        return ChatReply("yes")

    model = Model(once)
    session = ChatSession(model, backoff=0.001, max_in_flight=2)
    outcomes = run_all(lambda _: session.chat(asking(), stage="grading"), range(6))
    assert all(isinstance(outcome, ChatReply) for outcome, _ in outcomes)
    waited = sorted(model.begun)
    assert all(begun - waited[0] >= 0.29 for begun in waited[2:])  # two were in flight already


def test_a_wait_beyond_the_deadline_fails_and_says_what_was_asked() -> None:
    session, model = scripted(
        ChatError("rate_limited", "m: quota", retry=True, retry_after=3_600.0), "yes", deadline=30.0
    )
    began = time.monotonic()
    failure = failed(session)
    assert (failure.kind, failure.attempts) == ("rate_limited", 1)
    assert "asks to wait 3600 s" in failure.message
    assert isinstance(ask(session)[0], ChatReply)  # it may have been about that one call
    assert time.monotonic() - began < 5


def test_when_two_calls_in_a_row_are_told_to_wait_beyond_the_deadline_the_run_stops() -> None:
    wall = ChatError("rate_limited", "m: quota", retry=True, retry_after=3_600.0)
    session, model = scripted(wall, wall, "yes", deadline=30.0)
    failed(session)
    with pytest.raises(RunStopped, match="3600 s.*go on later"):
        ask(session)


@pytest.mark.parametrize("asked", [math.nan, -5.0, math.inf])
def test_a_wait_that_cannot_be_waited_is_not_listened_to(asked: float) -> None:
    session, _ = scripted(ChatError("provider_error", "m: 503", retry=True, retry_after=asked), "yes")
    assert isinstance(ask(session)[0], ChatReply)


def test_a_limit_is_kept_and_found_out() -> None:
    async def takes_ten(_: ChatRequest) -> ChatReply:
        if model.inside > 10:
            raise SLOW_DOWN
        await asyncio.sleep(0.01)
        return ChatReply("yes")

    model = Model(takes_ten)
    session = ChatSession(model, max_in_flight=50, backoff=0.01)
    outcomes = run_all(lambda _: session.chat(asking(), stage="grading"), range(400))
    assert all(isinstance(outcome, ChatReply) for outcome, _ in outcomes)
    assert model.most_inside <= 50
    assert model.calls <= 1.1 * 400


# where all calls would fail


def test_a_wrong_key_stops_this_call_and_all_others_at_once() -> None:
    session, model = scripted(WRONG_KEY, "yes")
    for _ in range(3):
        with pytest.raises(RunStopped, match="m: the key is wrong"):
            ask(session)
    assert len(model.requests) == 1


def test_calls_in_flight_may_end_when_the_run_stops_and_are_counted_and_those_that_wait_are_not_made() -> None:
    async def answer(request: ChatRequest) -> ChatReply:
        if request.messages[0]["content"] == "0":
            await asyncio.sleep(0.03)
            raise WRONG_KEY
        await asyncio.sleep(0.1)
        return ChatReply("yes", prompt_tokens=1, completion_tokens=1, dollars=0.5)

    model = Model(answer)
    session = ChatSession(model, max_in_flight=4)

    began = time.monotonic()
    outcomes = run_all(lambda n: or_stopped(session, asking(str(n))), range(50))
    assert [type(outcome) for outcome in outcomes] == [RunStopped, *[ChatReply] * 3, *[RunStopped] * 46]
    assert model.calls == 4
    assert session.spent()["verification"].dollars == 1.5
    assert time.monotonic() - began < 5


def test_calls_that_wait_between_attempts_or_for_a_pause_to_end_stop_at_once() -> None:
    async def answer(request: ChatRequest) -> ChatReply:
        number = int(request.messages[0]["content"])
        if number == 0:
            await asyncio.sleep(0.1)
            raise WRONG_KEY
        if number == 1:
            raise ChatError("rate_limited", "m: slow down", retry=True, retry_after=60.0)
        raise BROKEN

    session = ChatSession(Model(answer), backoff=60.0)
    began = time.monotonic()
    outcomes = run_all(lambda n: or_stopped(session, asking(str(n))), range(30))
    assert {type(outcome) for outcome in outcomes} == {RunStopped}
    assert time.monotonic() - began < 20


def refused_connection() -> ChatError:
    try:
        try:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
        except OSError as error:
            raise ChatError("provider_error", "m at http://127.0.0.1:9: nobody answers", retry=True) from error
    except ChatError as error:
        return error


def unknown_host() -> ChatError:
    try:
        try:
            raise socket.gaierror(-2, "Name or service not known")
        except OSError:
            raise ChatError("provider_error", "m at http://nowhere: no such host", retry=True) from None
    except ChatError as error:
        return error


@pytest.mark.parametrize("error", [refused_connection, unknown_host])
def test_an_endpoint_that_cannot_be_reached_stops_the_run(error: Callable[[], ChatError]) -> None:
    session, model = scripted(*[error()] * 10, max_attempts=3)
    with pytest.raises(RunStopped, match=r"m at http.* \(3 attempts\)"):
        ask(session)
    with pytest.raises(RunStopped):
        ask(session)
    assert len(model.requests) == 3


def test_an_endpoint_that_was_reached_by_any_attempt_does_not_stop_the_run() -> None:
    session, _ = scripted(refused_connection(), BROKEN, refused_connection(), "yes", max_attempts=3)
    assert failed(session).kind == "provider_error"
    assert isinstance(ask(session)[0], ChatReply)


def test_an_endpoint_that_answers_others_in_the_meantime_does_not_stop_the_run() -> None:
    async def answer(request: ChatRequest) -> ChatReply:
        await asyncio.sleep(0.01)
        if request.messages[0]["content"] == "bad":
            raise refused_connection()
        return ChatReply("yes")

    session = ChatSession(Model(answer), max_attempts=3, backoff=0.05)
    outcomes = run_all(lambda text: session.chat(asking(text), stage="extraction"), ["good", "bad", *["good"] * 20])
    assert [type(outcome) for outcome, _ in outcomes].count(Failure) == 1


TOO_LATE = ChatError("timeout", "m: 504", retry=True)


@pytest.mark.parametrize("error", [BROKEN, SLOW_DOWN, TOO_LATE])
def test_an_endpoint_that_fails_eight_calls_in_a_row_in_every_attempt_stops_the_run(error: ChatError) -> None:
    session, model = scripted(*[error] * 100, max_attempts=1)
    for _ in range(7):
        failed(session)
    with pytest.raises(RunStopped, match=f"8 calls in a row.*{error}"):
        ask(session)
    assert len(model.requests) == 8


@pytest.mark.parametrize("between", ["yes", ChatError("refused", "m: no"), ChatError("context_window", "m: long")])
def test_eight_calls_with_an_answer_between_do_not_stop_the_run(between: Any) -> None:
    session, _ = scripted(*([BROKEN] * 7 + [between]) * 3, max_attempts=1)
    for _ in range(24):
        ask(session)


def test_calls_that_nobody_answers_and_that_are_left_over_at_the_end_do_not_stop_the_run() -> None:
    async def answer(request: ChatRequest) -> ChatReply:
        if int(request.messages[0]["content"]) % 2:
            await asyncio.sleep(60)
        await asyncio.sleep(0.05)
        return ChatReply("yes")

    session = ChatSession(Model(answer), deadline=0.3, max_in_flight=64, backoff=0.01)
    outcomes = run_all(lambda number: session.chat(asking(str(number)), stage="grading"), range(40))
    assert [isinstance(outcome, Failure) for outcome, _ in outcomes] == [False, True] * 20


@pytest.mark.parametrize("error", [BROKEN, SLOW_DOWN, TOO_LATE])
def test_one_bad_item_never_stops_the_run(error: ChatError) -> None:
    session, _ = scripted(*[error] * 6, "yes", max_attempts=3)
    failed(session)
    failed(session)
    assert isinstance(ask(session)[0], ChatReply)


def test_a_model_that_stops_the_run_itself_may() -> None:
    async def stops(_: ChatRequest) -> str:
        raise RunStopped(f"m: no more, {KEY}")

    session = ChatSession(Model(stops))
    with pytest.raises(RunStopped, match="m: no more") as stopped:
        ask(session)
    assert KEY not in str(stopped.value)


# money


def test_a_cap_holds_with_many_calls_in_flight_and_those_in_flight_are_counted() -> None:
    model = ScriptedChat(
        lambda request: "word " * (len(request.messages[0]["content"]) % 90 + 5), latency=0.002, prices=(1.0, 4.0)
    )
    session = ChatSession(model, max_in_flight=128, max_dollars=0.05)

    requests = [asking("Is it so? " + "x" * (number % 400), max_tokens=120) for number in range(1_500)]
    outcomes = run_all(lambda request: or_stopped(session, request), requests)
    replies = [outcome for outcome in outcomes if isinstance(outcome, ChatReply)]
    spent = session.spent()["verification"]
    assert spent.dollars == pytest.approx(sum(reply.dollars or 0 for reply in replies))
    assert spent.dollars is not None
    assert 0.048 < spent.dollars <= 0.05 + 120 * 4e-6
    assert spent.calls == len(replies) == len(model.requests)
    assert any(isinstance(outcome, RunStopped) and "--max-dollars" in str(outcome) for outcome in outcomes)
    with pytest.raises(RunStopped, match="--max-dollars"):
        ask(session)


def test_an_endpoint_that_counts_no_tokens_does_not_slip_under_the_cap() -> None:
    session = ChatSession(ScriptedChat(lambda _: ChatReply("yes")), max_dollars=0.05, prices=(1.0, 4.0))
    with pytest.raises(RunStopped, match="the cap"):
        for _ in range(1_000):
            ask(session)


def test_a_cap_for_a_model_whose_price_is_not_known_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="max_dollars.*scripted is not known.*--price IN OUT"):
        ChatSession(ScriptedChat([]), max_dollars=1.0)


def test_sessions_may_share_a_cap() -> None:
    cap = Cap(0.02)
    first, second = (
        ChatSession(ScriptedChat(lambda _: "word " * 50, name, prices=(1.0, 4.0)), max_dollars=cap) for name in "ab"
    )
    with pytest.raises(RunStopped):
        for _ in range(1_000):
            ask(first)
    with pytest.raises(RunStopped, match="b: the cap"):
        ask(second)
    assert cap.spent == pytest.approx(first.spent()["verification"].dollars)


def test_prices_given_to_the_session_go_before_the_models_own() -> None:
    reply = ChatReply("yes", prompt_tokens=1_000, completion_tokens=100, cached_tokens=500, dollars=9.0)
    for prices, dollars in (((2.0, 10.0), 0.003), ((2.0, 1.0, 10.0), 0.0025), (None, 9.0)):
        assert ask(ChatSession(ScriptedChat([reply]), prices=prices))[1].dollars == pytest.approx(dollars)


def test_steps_are_accounted_for_apart() -> None:
    session, _ = scripted("a", "b", BROKEN, "c")
    for stage in ("extraction", "extraction", "verification"):
        run(session.chat(asking(), stage=stage))
    assert {stage: cost.calls for stage, cost in session.spent().items()} == {"extraction": 2, "verification": 2}


# who calls


def test_loops_and_threads_share_one_sessions_places() -> None:
    from concurrent.futures import ThreadPoolExecutor

    async def answer(_: ChatRequest) -> ChatReply:
        await asyncio.sleep(0.005)
        return ChatReply("yes")

    model = Model(answer)
    session = ChatSession(model, max_in_flight=3)

    def plain(_: int) -> object:
        return ask(session)[0]

    def own_loop(_: int) -> object:
        return asyncio.run(session.chat(asking(), stage="grading"))[0]

    with ThreadPoolExecutor(12) as threads:
        replies = [*threads.map(plain, range(30)), *threads.map(own_loop, range(30))]
    assert all(isinstance(reply, ChatReply) for reply in replies)
    assert model.most_inside == 3


def test_a_session_works_in_a_forked_child_while_the_parents_calls_are_in_flight() -> None:
    code = """
        import os
        from halueval.chat import ChatSession, ScriptedChat
        from halueval.chat.loop import run, submit
        from halueval.records import ChatRequest
        request = ChatRequest(({"role": "user", "content": "Say yes."},), max_tokens=10)
        model = ScriptedChat(lambda _: "yes", latency=0.3, prices=(1.0, 1.0))
        session = ChatSession(model, max_in_flight=1, max_dollars=4e-5)  # for one call at a time
        first = submit(session.chat(request, stage="grading"))
        while not model.requests:
            pass
        child = os.fork()
        if not child:
            os._exit(0 if run(session.chat(request, stage="grading"))[0].text == "yes" else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert first.result()[0].text == "yes"
        print("well")
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=15
    )
    assert done.stdout == "well\n", done.stderr


# settings


@pytest.mark.parametrize(
    ("field_name", "values"),
    [
        ("deadline", [0, -1, math.nan, math.inf, "10", True]),
        ("max_attempts", [0, -1, 2.5, "3", True]),
        ("max_in_flight", [0, -1, 2.5, "3"]),
        ("max_dollars", [0, -1, math.nan, "10"]),
        ("prices", [(1.0,), (1.0, -2.0), "free", (1.0, "x"), 3]),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(field_name: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(InputError) as refused:
            open_chat(ScriptedChat([], prices=(1.0, 1.0)), **{field_name: value})
        assert field_name in str(refused.value)


@pytest.mark.parametrize("model", [3, None, object(), ScriptedChat, ["a"]])
def test_what_is_no_chat_model_is_refused(model: Any) -> None:
    with pytest.raises(InputError, match=r"model.*`name`.*`chat`"):
        open_chat(model)


def test_an_open_session_is_taken_as_it_is_and_has_its_own_settings() -> None:
    session, model = scripted("yes")
    assert open_chat(session) is session
    for setting, value in {"deadline": 3.0, "max_dollars": 1.0, "base_url": "http://x", "prices": (1.0, 1.0)}.items():
        with pytest.raises(InputError, match=f"{setting}.*a session that is already open"):
            open_chat(session, **{setting: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("setting", ["base_url", "api_key", "options"])
def test_an_object_is_not_given_what_belongs_to_a_name(setting: str) -> None:
    with pytest.raises(InputError, match=f"{setting}.*given as an object") as refused:
        open_chat(ScriptedChat([]), **{setting: {"a": KEY} if setting == "options" else KEY})  # type: ignore[arg-type]
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"model": " "}, "model"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": f"me:{KEY}@host/v1"}, "base_url"),
        ({"base_url": " "}, "base_url"),
        ({"api_key": ""}, "api_key"),
        ({"api_key": 3}, "api_key"),
        ({"options": [1]}, "options"),
    ],
)
def test_what_belongs_to_a_name_is_checked(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named) as refused:
        open_chat(**{"model": "acme/large", **settings})
    assert KEY not in str(refused.value)
