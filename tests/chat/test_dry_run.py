"""A dry run counts what a run will take without asking; a pilot corrects it by what some answers really take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

from halueval.chat import ChatSession, ScriptedChat
from halueval.chat.dry_run import UNKNOWN_REPLY, DryRunChat, Forecast, Pace, forecast, pilot
from halueval.chat.loop import run
from halueval.chat.structured import ask, read_json
from halueval.chat.tokens import count_request, count_tokens
from halueval.errors import ChatError, InputError
from halueval.records import ChatReply, ChatRequest, Cost, Failure

ANSWERS = tuple(f"Aspirin thins the blood{' and may upset the stomach' * (i % 5)}." for i in range(60))


def _request(text: str, likely: str | None = "It is supported.") -> ChatRequest:
    messages = ({"role": "system", "content": "Judge what is said."}, {"role": "user", "content": text})
    return ChatRequest(messages, likely=None if likely is None else lambda: likely)


def _splits_and_judges(sessions: Sequence[ChatSession], answers: Sequence[str]) -> None:
    """A line such as ours: an answer is split by the first model, and each of its parts judged by the last."""

    async def one(answer: str) -> None:
        likely = json.dumps(answer.split(" and "))
        parts, _ = await ask(sessions[0], _request(answer, likely), read_json, stage="extraction")
        if not isinstance(parts, Failure):
            each = [sessions[-1].chat(_request(part), stage="verification") for part in parts]
            await asyncio.gather(*each)

    async def every() -> None:
        await asyncio.gather(*map(one, answers))

    run(every())


def _parts(answer: str) -> int:
    return answer.count(" and ") + 1


class Slow(ScriptedChat):
    """A scripted model that takes its time."""

    seconds = 0.02

    async def chat(self, request: ChatRequest) -> ChatReply:
        await asyncio.sleep(self.seconds)
        return await super().chat(request)


def _split_finely(request: ChatRequest) -> str:
    """Replies that are longer than the likely ones: every answer has two parts more, and verdicts have reasons."""
    said = request.messages[-1]["content"]
    if request.likely is not None and request.likely().startswith("["):
        return json.dumps([*said.split(" and "), "It is a drug.", "It is taken by mouth."])
    return "It is supported, because the passage says the same of the same people."


def test_every_call_of_the_line_is_counted_and_nobody_is_asked() -> None:
    model = ScriptedChat([])
    expected = forecast(_splits_and_judges, ANSWERS, [ChatSession(model, prices=(1.0, 0.5, 2.0))])
    judged = sum(map(_parts, ANSWERS))
    assert model.requests == []
    assert (expected.answers, expected.calls) == (60, 60 + judged)
    assert {stage: cost.calls for stage, cost in expected.steps.items()} == {"extraction": 60, "verification": judged}
    likely = [json.dumps(a.split(" and ")) for a in ANSWERS] + ["It is supported."] * judged
    assert expected.completion_tokens == sum(map(count_tokens, likely))
    prompts = [_request(text) for answer in ANSWERS for text in (answer, *answer.split(" and "))]
    assert expected.prompt_tokens == sum(map(count_request, prompts))
    assert expected.dollars == pytest.approx((expected.prompt_tokens + 2 * expected.completion_tokens) / 1e6)


def test_a_reply_is_no_longer_than_its_limit() -> None:
    request = ChatRequest(_request("Hm?").messages, max_tokens=3, likely=lambda: "a very long reply " * 100)
    assert run(DryRunChat("m").chat(request)).completion_tokens == 3


def test_without_prices_money_is_not_known_and_is_not_zero() -> None:
    expected = forecast(_splits_and_judges, ANSWERS, [ChatSession(ScriptedChat([]))])
    assert expected.dollars is None
    assert "price not known" in str(expected)


def test_two_models_have_prices_of_their_own() -> None:
    free, dear = ChatSession(ScriptedChat([]), prices=(0, 0)), ChatSession(ScriptedChat([]), prices=(1_000, 1_000))
    expected = forecast(_splits_and_judges, ANSWERS, [free, dear])
    verification = expected.steps["verification"]
    assert expected.steps["extraction"].dollars == 0
    assert expected.dollars == verification.dollars
    assert verification.dollars == pytest.approx((verification.prompt_tokens + verification.completion_tokens) / 1e3)


def test_time_is_the_calls_over_the_places_and_one_call_of_each_step() -> None:
    pace = Pace(first_token=10.0, tokens_per_second=1e9)
    by_places = {
        places: forecast(_splits_and_judges, ANSWERS, [ChatSession(ScriptedChat([]), max_in_flight=places)], pace=pace)
        for places in (1, 10)
    }
    for places, expected in by_places.items():
        assert expected.seconds == pytest.approx(10 * expected.calls / places + 20)
        assert expected.in_flight == places
        assert "10 s to the first token" in str(expected)


def test_a_line_that_computes_for_longer_than_it_waits_takes_what_it_computes() -> None:
    def line(sessions: Sequence[ChatSession], answers: Sequence[str]) -> None:
        run(asyncio.sleep(0.3))
        run(sessions[0].chat(_request("Hm?"), stage="verification"))

    expected = forecast(line, ["a"], [ChatSession(ScriptedChat([]))], pace=Pace(0.001, 1e9))
    assert 0.3 <= expected.seconds < 0.6


def test_requests_that_say_nothing_of_their_reply_are_counted_and_named() -> None:
    def line(sessions: Sequence[ChatSession], answers: Sequence[str]) -> None:
        for answer in answers:
            value, _ = run(ask(sessions[0], _request(answer, None), read_json, stage="verification"))
            assert isinstance(value, Failure)

    expected = forecast(line, ANSWERS, [ChatSession(ScriptedChat([]))])
    assert (expected.calls, expected.completion_tokens) == (60, 60 * UNKNOWN_REPLY)
    assert "60 requests say nothing of their likely reply" in str(expected)


def test_a_pilot_corrects_calls_tokens_and_money_by_what_the_first_answers_took() -> None:
    def session() -> ChatSession:
        return ChatSession(ScriptedChat(_split_finely), prices=(1.0, 2.0))

    guessed = forecast(_splits_and_judges, ANSWERS, [session()])
    asked = session()
    expected = pilot(_splits_and_judges, ANSWERS, [asked], 10)
    assert asked.spent()["extraction"].calls == 10
    real = session()
    _splits_and_judges([real], ANSWERS)
    took = real.spent()
    for figure in ("calls", "prompt_tokens", "completion_tokens", "dollars"):
        true = sum(getattr(cost, figure) for cost in took.values())
        assert getattr(expected, figure) == pytest.approx(true, rel=0.05)
        assert abs(getattr(expected, figure) - true) < abs(getattr(guessed, figure) - true)
    assert "first 10 answers" in str(expected)


def test_a_pilot_knows_how_long_calls_take() -> None:
    def session() -> ChatSession:
        return ChatSession(Slow(_split_finely), max_in_flight=4)

    expected = pilot(_splits_and_judges, ANSWERS, [session()], 10)
    real = session()
    began = asyncio.run(_now())
    _splits_and_judges([real], ANSWERS)
    assert expected.seconds == pytest.approx(asyncio.run(_now()) - began, rel=0.4)


async def _now() -> float:
    return asyncio.get_running_loop().time()


def test_a_pilot_counts_what_had_to_be_asked_again() -> None:
    def script(request: ChatRequest) -> str:
        wants_json = request.likely is not None and request.likely().startswith("[")
        if wants_json and len(request.messages) == 2:
            return "Here you are."
        return '["one"]' if wants_json else "It is supported."

    expected = pilot(_splits_and_judges, ANSWERS, [ChatSession(ScriptedChat(script))], 5)
    assert expected.steps["extraction"].calls == 120


def test_a_step_that_the_first_answers_did_not_reach_is_as_the_dry_run_says() -> None:
    broken = ScriptedChat(lambda request: ChatError("refused", "no"))
    guessed = forecast(_splits_and_judges, ANSWERS, [ChatSession(broken)])
    expected = pilot(_splits_and_judges, ANSWERS, [ChatSession(broken)], 5)
    assert expected.steps["verification"].calls == guessed.steps["verification"].calls


def test_what_a_session_took_before_is_not_the_pilots() -> None:
    used = ChatSession(ScriptedChat(lambda request: request.likely() if request.likely else ""))
    _splits_and_judges([used], ANSWERS[:7])
    expected = pilot(_splits_and_judges, ANSWERS, [used], 10)
    assert expected.calls == forecast(_splits_and_judges, ANSWERS, [used]).calls


@pytest.mark.parametrize(
    ("answers", "sessions", "n", "field"), [([], 1, 5, "answers"), (ANSWERS, 1, 0, "n"), (ANSWERS, 0, 5, "sessions")]
)
def test_nothing_to_ask_about_or_nobody_to_ask_is_said(
    answers: Sequence[str], sessions: int, n: int, field: str
) -> None:
    with pytest.raises(InputError, match=field):
        pilot(_splits_and_judges, answers, [ChatSession(ScriptedChat([]))] * sessions, n)


def test_no_answers_take_nothing() -> None:
    expected = forecast(_splits_and_judges, [], [ChatSession(ScriptedChat([]), prices=(1, 1))])
    assert (expected.calls, expected.prompt_tokens, expected.dollars) == (0, 0, 0.0)


@pytest.mark.parametrize(
    ("seconds", "dollars", "said"),
    [
        (0.2, 0.0, "$0.00, about 1 s"),
        (100.0, 0.00123, "$0.0012, about 2 min"),
        (9_000.0, 1234.5, "$1,234.50, about 2.5 h"),
    ],
)
def test_a_forecast_is_printed_for_people(seconds: float, dollars: float, said: str) -> None:
    printed = str(
        Forecast(1_000, 12_000, 3_400_000, 90_000, dollars, seconds, 64, ("a basis",), {"extraction": Cost()})
    )
    assert said in printed
    assert "12,000 calls, 3.4 M prompt tokens, 90,000 completion tokens" in printed
    assert "a basis" in printed
