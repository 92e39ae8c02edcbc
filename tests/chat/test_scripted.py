"""A chat model without a model."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from halueval.chat.loop import run, run_all
from halueval.chat.scripted import ScriptedChat
from halueval.errors import ChatError
from halueval.protocols import ChatModel
from halueval.records import ChatReply, ChatRequest


def asking(text: str) -> ChatRequest:
    return ChatRequest(({"role": "user", "content": text},))


def test_it_is_a_chat_model() -> None:
    assert isinstance(ScriptedChat([]), ChatModel)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (["first", "second"], ["first", "second"]),
        ({"0": "zero", "": "another"}, ["zero", "another"]),
        (lambda request: request.messages[-1]["content"].upper(), ["N0", "N1"]),
        ([ChatReply("whole", reasoning="why"), "text"], ["whole", "text"]),
    ],
)
def test_it_answers_as_its_script_says(script: object, said: list[str]) -> None:
    model = ScriptedChat(script)  # type: ignore[arg-type]
    assert [run(model.chat(asking(f"n{i}"))).text for i in range(2)] == said
    assert model.requests == [asking("n0"), asking("n1")]


@pytest.mark.parametrize("script", [[], {"a": "b"}, [ChatError("provider_error", "scripted: broken")]])
def test_what_has_no_reply_is_an_error_of_the_call(script: object) -> None:
    with pytest.raises(ChatError, match="scripted"):
        run(ScriptedChat(script).chat(asking("x")))  # type: ignore[arg-type]


def test_tokens_follow_from_lengths_and_money_from_prices() -> None:
    model = ScriptedChat(lambda _: "word " * 100, prices=(10.0, 20.0))
    short, long = (run(model.chat(asking("word " * count))) for count in (10, 1_000))
    assert 0 < short.prompt_tokens < long.prompt_tokens
    assert short.completion_tokens == long.completion_tokens > 50
    assert short.dollars == pytest.approx((10 * short.prompt_tokens + 20 * short.completion_tokens) / 1e6)
    assert run(ScriptedChat(["x"]).chat(asking("x"))).dollars is None


def test_a_reply_given_whole_is_left_as_it_is() -> None:
    reply = ChatReply("x", prompt_tokens=7)
    assert run(ScriptedChat([reply], prices=(1.0, 1.0)).chat(asking("x"))) is reply


def test_calls_take_their_latency_together() -> None:
    model = ScriptedChat(lambda _: "yes", latency=0.1)
    began = time.monotonic()
    run_all(model.chat, [asking(str(i)) for i in range(50)])
    assert 0.1 <= time.monotonic() - began < 3  # one after the other: 5


def test_each_reply_of_a_sequence_is_given_once_to_whatever_threads_ask() -> None:
    model = ScriptedChat([str(i) for i in range(200)])
    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda i: run(model.chat(asking(str(i)))).text, range(200)))
    assert sorted(said, key=int) == [str(i) for i in range(200)]
