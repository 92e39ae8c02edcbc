"""LiteLLM held to one attempt, no dropped parameter, no success without an answer, and the same words for faults."""

from __future__ import annotations

import asyncio
import os
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from halueval.chat.litellm import LiteLLMChat
from halueval.chat.loop import run
from halueval.chat.mock_endpoint import MockEndpoint, MockReply, completion, error_body
from halueval.errors import ChatError, InputError
from halueval.records import ChatReply, ChatRequest

ASKED = ChatRequest(({"role": "user", "content": "Is aspirin a drug?"},), max_tokens=50)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Any]:
    """One endpoint for all tests: ``endpoint.says`` is what it replies."""

    class Says:
        says: Any = "Yes."

    state = Says()
    with MockEndpoint(lambda body: state.says(body) if callable(state.says) else state.says) as server:
        state.url, state.server = server.url, server  # type: ignore[attr-defined]
        yield state


def ask(model: LiteLLMChat, request: ChatRequest = ASKED) -> ChatReply | ChatError:
    async def once() -> ChatReply | ChatError:
        try:
            return await model.chat(request)
        except ChatError as error:
            return error

    return run(once())


def at(endpoint: Any, name: str = "openai/my-model", **settings: Any) -> LiteLLMChat:
    return LiteLLMChat(name, api_key="none", base_url=endpoint.url, **settings)


def test_a_reply_comes_with_what_it_took(endpoint: Any) -> None:
    endpoint.says = completion(
        "Yes.", reasoning_content="Hm.", prompt_tokens=100, completion_tokens=10, cached_tokens=40
    )
    reply = ask(at(endpoint, prices=(1.0, 0.5, 2.0)))
    assert isinstance(reply, ChatReply)
    assert (reply.text, reply.reasoning, reply.finish_reason) == ("Yes.", "Hm.", "stop")
    assert (reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens) == (100, 10, 40)
    assert reply.dollars == pytest.approx((60 + 20 + 20) / 1e6)


def test_log_probabilities_come_through(endpoint: Any) -> None:
    endpoint.says = "Yes, it is."
    reply = ask(at(endpoint), ChatRequest(ASKED.messages, top_logprobs=2))
    assert isinstance(reply, ChatReply) and "".join(token.token for token in reply.logprobs) == "Yes, it is."


def test_faults_have_the_same_kinds_and_are_tried_once(endpoint: Any, faults: Any) -> None:
    model, wrong = at(endpoint), []
    for name, fault in faults.items():
        endpoint.says, before = fault.make(""), endpoint.server.calls
        error = ask(model)
        assert isinstance(error, ChatError), (name, error)
        expected = (fault.kind, fault.retry, fault.fatal)
        if fault.litellm_kind == "retried":  # LiteLLM says the same of all of these: the connection failed
            expected = ("provider_error", True, False)
        if (error.kind, error.retry, error.fatal) != expected:
            wrong.append((name, expected, error.kind, error.retry, error.fatal, str(error)))
        assert endpoint.server.calls == before + 1, name
        assert str(error).startswith(f"openai/my-model at {endpoint.url}: ") and "\n" not in str(error)
        if fault.retry_after is not None:
            assert error.retry_after == pytest.approx(fault.retry_after, abs=900), name
        assert error.__context__ is None and error.__cause__ is None
    assert not wrong


def test_an_endpoint_that_is_not_there_may_be_there_later() -> None:
    error = ask(LiteLLMChat("openai/m", api_key="none", base_url="http://127.0.0.1:9/v1"))
    assert isinstance(error, ChatError) and (error.kind, error.retry) == ("provider_error", True)


@pytest.mark.parametrize("name", ["openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"])
def test_a_key_that_is_nowhere_stops_a_run_before_any_call(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [variable for variable in os.environ if "KEY" in variable or "TOKEN" in variable]:
        monkeypatch.delenv(variable)
    error = ask(LiteLLMChat(name))
    assert isinstance(error, ChatError) and error.fatal
    assert "the key is wrong, missing" in str(error) and "Traceback" not in str(error)


@pytest.mark.parametrize("name", ["no-such-model-anywhere", "nobody/model", ""])
def test_a_provider_that_nobody_knows_is_said_before_any_call(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="of no provider that LiteLLM knows; wanted: PROVIDER/MODEL") as caught:
        LiteLLMChat(name)
    assert caught.value.__context__ is None
    assert capfd.readouterr() == ("", "")


def test_prices_are_those_of_the_list_that_is_installed() -> None:
    listed = LiteLLMChat("openai/gpt-4o-mini").prices
    assert listed is not None and 0 < listed.cached < listed.prompt < listed.completion < 100
    assert LiteLLMChat("openai/gpt-4o-mini", base_url="http://localhost").prices is None
    assert LiteLLMChat("hosted_vllm/something").prices is None
    own = LiteLLMChat("openai/gpt-4o-mini", prices=(1.0, 2.0)).prices
    assert own is not None and own.prompt == 1.0


def test_what_a_provider_does_not_take_is_not_dropped_in_silence(
    endpoint: Any, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.says = lambda body: MockReply(error_body("no json_schema"), 400) if "json_schema" in str(body) else "{}"
    model = at(endpoint, "openai/o1")  # LiteLLM itself knows that it gives no log-probabilities
    request = ChatRequest(ASKED.messages, schema={"type": "object"}, temperature=0.0, top_logprobs=2)
    reply = ask(model, request)
    assert isinstance(reply, ChatReply) and reply.text == "{}"
    assert [record.message.split(";")[0] for record in caplog.records if record.name == "halueval.chat"] == [
        f"openai/o1 at {endpoint.url} does not take {what}"
        for what in ("log-probabilities", "a temperature", "a JSON schema")
    ]
    assert "5 log" not in str(endpoint.server.requests[-1])


def test_options_go_through_and_a_stream_is_refused(endpoint: Any) -> None:
    endpoint.says = "Yes."
    ask(at(endpoint, options={"chat_template_kwargs": {"thinking_mode": "off"}}))
    assert endpoint.server.requests[-1]["chat_template_kwargs"] == {"thinking_mode": "off"}
    with pytest.raises(InputError, match="stream"):
        at(endpoint, options={"stream": True})


def test_a_body_that_drips_ends_when_the_call_is_cancelled(endpoint: Any) -> None:
    endpoint.says = MockReply(completion("Yes."), drip=0.5)
    model = at(endpoint)

    async def waits() -> bool:
        try:
            async with asyncio.timeout(0.5):
                await model.chat(ASKED)
        except TimeoutError as error:
            return isinstance(error.__cause__, asyncio.CancelledError) and error.__cause__.__context__ is None
        return False

    assert run(waits())


def test_a_client_goes_to_another_process_only_without_a_key(endpoint: Any) -> None:
    model = pickle.loads(pickle.dumps(LiteLLMChat("openai/gpt-4o-mini", options={"seed": 1})))  # noqa: S301  our own
    assert (model.name, repr(model)) == (
        "openai/gpt-4o-mini",
        "LiteLLMChat('openai/gpt-4o-mini' at openai (by LiteLLM))",
    )
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(at(endpoint))
