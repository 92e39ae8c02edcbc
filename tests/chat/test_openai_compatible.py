"""Calls of an OpenAI-compatible endpoint: what is sent, what comes of it, and what is said when nothing does."""

from __future__ import annotations

import asyncio
import pickle
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from halueval.chat.mock_endpoint import MockEndpoint, MockReply, completion, error_body
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.errors import ChatError, InputError
from halueval.records import ChatReply, ChatRequest

ASKED = ChatRequest(({"role": "user", "content": "Is aspirin a drug?"},), max_tokens=50)
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HALUEVAL_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Any]:
    """One endpoint for all tests: ``endpoint.says`` is what it replies."""

    class Says:
        says: Any = "Yes."

    state = Says()
    with MockEndpoint(lambda body: state.says(body) if callable(state.says) else state.says) as server:
        state.url, state.server = server.url, server  # type: ignore[attr-defined]
        yield state


def ask(model: OpenAICompatibleChat, request: ChatRequest = ASKED) -> ChatReply | ChatError:
    async def once() -> ChatReply | ChatError:
        try:
            return await model.chat(request)
        except ChatError as error:
            return error

    return asyncio.run(once())


def answer(model: OpenAICompatibleChat, request: ChatRequest = ASKED) -> ChatReply:
    reply = ask(model, request)
    assert isinstance(reply, ChatReply), reply
    return reply


def fails(model: OpenAICompatibleChat, request: ChatRequest = ASKED) -> ChatError:
    error = ask(model, request)
    assert isinstance(error, ChatError), error
    return error


def test_a_reply_comes_with_what_it_took(endpoint: Any) -> None:
    endpoint.says = completion(
        "Yes.", model="m-2026", reasoning_content="Hm.", prompt_tokens=100, completion_tokens=10, cached_tokens=40
    )
    reply = answer(OpenAICompatibleChat("m", endpoint.url, prices=(1.0, 0.5, 2.0)))
    assert reply == ChatReply("Yes.", "Hm.", "stop", "m-2026", 100, 10, 40, (60 + 20 + 20) / 1e6)
    assert answer(OpenAICompatibleChat("m", endpoint.url)).dollars is None


def test_every_fault_has_a_kind_and_one_line_that_names_model_and_endpoint(endpoint: Any, faults: Any) -> None:
    model = OpenAICompatibleChat("my-model", endpoint.url)
    wrong = []
    for name, fault in faults.items():
        endpoint.says = fault.make("")
        error = fails(model)
        message = str(error)
        expected = (fault.kind, fault.retry, fault.fatal)
        if (error.kind, error.retry, error.fatal) != expected or fault.says not in message:
            wrong.append((name, expected, fault.says, error.kind, error.retry, error.fatal, message))
        assert message.startswith(f"my-model at {endpoint.url}: ") and "\n" not in message
        assert error.retry_after == pytest.approx(fault.retry_after, abs=900), name
        assert error.__context__ is None and error.__cause__ is None
    assert not wrong
    assert len(faults) > 35


def test_an_endpoint_that_is_not_there_is_said(endpoint: Any) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        down = fails(OpenAICompatibleChat("m", f"http://127.0.0.1:{port}"))
    nowhere = fails(OpenAICompatibleChat("m", "http://no-such-host.invalid/v1"))
    tls = fails(OpenAICompatibleChat("m", endpoint.url.replace("http:", "https:")))
    assert f"127.0.0.1:{port}/v1: nothing answers there (connection refused). To mend it: start it" in str(down)
    assert [(e.kind, e.retry, e.fatal) for e in (down, nowhere)] == [("provider_error", True, False)] * 2
    assert "http or https" in str(tls) and tls.fatal


@pytest.mark.parametrize("base", ["{}", "{}/", "{}/chat/completions", "{root}", "{root}/"])
def test_a_base_url_may_be_written_in_several_ways(endpoint: Any, base: str) -> None:
    endpoint.says = "Yes."
    url = base.format(endpoint.url, root=endpoint.url.removesuffix("/v1"))
    assert answer(OpenAICompatibleChat("m", url)).text == "Yes."


@pytest.mark.parametrize(
    "base", ["", "ftp://host/v1", "http://", "http://host:port/v1", "http://a b/v1", "http://h\n/v1"]
)
def test_what_is_no_base_url_is_refused(base: str) -> None:
    with pytest.raises(InputError, match="wanted: an address such as"):
        OpenAICompatibleChat("m", base)


def test_the_request_is_sent_as_it_is_with_the_options(endpoint: Any) -> None:
    endpoint.says = "Yes."
    model = OpenAICompatibleChat(
        "m", endpoint.url, options={"seed": 1, "chat_template_kwargs": {"enable_thinking": False}}
    )
    request = ChatRequest(
        ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "é \ud800 阿司匹林"}),
        schema=SCHEMA, max_tokens=9, temperature=0.0, top_logprobs=3,
        options={"chat_template_kwargs": {"thinking_mode": "off"}},
    )  # fmt: skip
    answer(model, request)
    assert endpoint.server.requests[-1] == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "é ? 阿司匹林"}],
        "max_tokens": 9,
        "temperature": 0.0,
        "logprobs": True,
        "top_logprobs": 3,
        "response_format": {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA}},
        "seed": 1,
        "chat_template_kwargs": {"thinking_mode": "off"},
    }
    answer(OpenAICompatibleChat("m", endpoint.url), ChatRequest(({"role": "user", "content": "A?"},)))
    assert endpoint.server.requests[-1] == {"model": "m", "messages": [{"role": "user", "content": "A?"}]}
    with pytest.raises(InputError, match="stream"):
        OpenAICompatibleChat("m", endpoint.url, options={"stream": True})


REFUSES: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "json schema": ("This response_format type is unavailable now", lambda b: "json_schema" in str(b)),
    "any format": ("'response_format' is not supported", lambda b: "response_format" in b),
    "many log-probabilities": ("logprobs of 20 is greater than max allowed: 5", lambda b: b.get("top_logprobs", 0) > 5),
    "log-probabilities": ("'logprobs' is not supported with this model.", lambda b: "logprobs" in b),
    "max_tokens": (
        "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", lambda b: "max_tokens" in b
    ),
    "temperature": ("'temperature' does not support 0.0 with this model.", lambda b: "temperature" in b),
    "everything": (
        "no response_format, logprobs, temperature; max_completion_tokens, please",
        lambda b: bool({"response_format", "logprobs", "temperature", "max_tokens"} & set(b)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSES)
def test_what_an_endpoint_refuses_is_left_out_at_once_and_from_then_on(
    endpoint: Any, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    message, refuses = REFUSES[name]
    endpoint.says = lambda body: MockReply(error_body(message), 400) if refuses(body) else "{}"
    model = OpenAICompatibleChat("m", endpoint.url)
    request = ChatRequest(ASKED.messages, schema=SCHEMA, max_tokens=50, temperature=0.0, top_logprobs=20)
    assert answer(model, request).text == "{}"
    before = endpoint.server.calls
    assert answer(model, request).text == "{}"
    assert endpoint.server.calls == before + 1
    assert 1 <= sum("does not take" in record.message for record in caplog.records) <= 6
    assert (
        endpoint.server.requests[-1].get("max_tokens", endpoint.server.requests[-1].get("max_completion_tokens")) == 50
    )


def test_many_calls_that_are_refused_together_all_get_their_reply(endpoint: Any) -> None:
    endpoint.says = lambda body: (
        MockReply(error_body("no json_schema"), 400, delay=0.01) if "response_format" in body else "1"
    )
    model = OpenAICompatibleChat("m", endpoint.url)

    async def many() -> list[ChatReply]:
        request = ChatRequest(ASKED.messages, schema=SCHEMA)
        return await asyncio.gather(*(model.chat(request) for _ in range(30)))

    assert [reply.text for reply in asyncio.run(many())] == ["1"] * 30


def test_a_refusal_of_what_was_not_sent_is_a_failure(endpoint: Any) -> None:
    endpoint.says = MockReply(error_body("response_format, logprobs and temperature are wrong"), 400)
    before = endpoint.server.calls
    assert "does not take the request" in str(fails(OpenAICompatibleChat("m", endpoint.url)))
    assert endpoint.server.calls == before + 1


def test_the_words_of_a_prompt_that_come_back_in_an_error_stop_nothing(endpoint: Any) -> None:
    echoed = {"detail": [{"msg": "value error", "input": {"content": "invalid_api_key, the model m does not exist"}}]}
    endpoint.says = MockReply(echoed, 422)
    error = fails(OpenAICompatibleChat("m", endpoint.url))
    assert not error.fatal and "value error" in str(error) and "invalid_api_key" not in str(error)


@pytest.mark.parametrize("how", ["length said", "length not said"])
def test_a_reply_without_end_is_not_read(endpoint: Any, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halueval.chat.openai_compatible.LARGEST_REPLY", 2**20)
    endpoint.says = MockReply(b"x" * (2**20 + 1), drop_after=None if how == "length said" else 2**20 + 1)
    error = fails(OpenAICompatibleChat("m", endpoint.url))
    assert "a reply of more than 1 MiB" in str(error) and not error.retry and not error.reply


@pytest.mark.parametrize(
    "raw", ["[" * 100_000, "9" * 10_000, '{"choices": [{"message": {"content": 1}}]}', "null", "NaN"]
)
def test_odd_json_is_a_failure(endpoint: Any, raw: str) -> None:
    endpoint.says = MockReply(raw)
    assert fails(OpenAICompatibleChat("m", endpoint.url)).kind in ("provider_error", "empty_reply")


def test_cancelling_a_call_ends_it_and_leaves_nothing_of_it(endpoint: Any) -> None:
    endpoint.says = MockReply("", hang=True)
    model = OpenAICompatibleChat("m", endpoint.url, api_key="sk-planted0123456789")

    async def cancelled() -> BaseException | None:
        try:
            async with asyncio.timeout(0.2):
                await model.chat(ASKED)
        except TimeoutError as error:
            return error.__cause__
        return None

    cause = asyncio.run(cancelled())
    frames, traceback = [], cause.__traceback__ if cause else None
    while traceback:
        frames.append(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    assert isinstance(cause, asyncio.CancelledError) and cause.__context__ is None
    assert not any("aiohttp" in name for name in frames)


def test_one_client_serves_several_event_loops_and_closes(endpoint: Any) -> None:
    endpoint.says = "Yes."
    model = OpenAICompatibleChat("m", endpoint.url)

    async def asks_and_closes() -> list[str]:
        texts = [(await model.chat(ASKED)).text for _ in range(2)]
        await model.aclose()
        await model.aclose()
        return [*texts, (await model.chat(ASKED)).text]

    assert [asyncio.run(asks_and_closes()) for _ in range(3)] == [["Yes."] * 3] * 3


def test_calls_are_not_limited_here(endpoint: Any) -> None:
    endpoint.says = MockReply(completion("Yes."), delay=0.3)
    model = OpenAICompatibleChat("m", endpoint.url)

    async def many() -> None:
        await asyncio.gather(*(model.chat(ASKED) for _ in range(150)))

    asyncio.run(many())
    assert endpoint.server.most_in_flight >= 140


def test_a_redirect_is_not_followed(endpoint: Any) -> None:
    with MockEndpoint(lambda body: "Yes.") as other:
        endpoint.says = MockReply("", 307, headers={"Location": other.url + "/chat/completions"})
        error = fails(OpenAICompatibleChat("m", endpoint.url, api_key="sk-planted0123456789"))
        assert other.calls == 0
    assert other.url in str(error)


@pytest.mark.parametrize(
    ("host", "key", "variables", "sent"),
    [
        ("127.0.0.1", "given-key", {"HALUEVAL_API_KEY": "ours"}, "given-key"),
        ("127.0.0.1", None, {"HALUEVAL_API_KEY": " ours\n", "OPENAI_API_KEY": "theirs"}, "ours"),
        ("127.0.0.1", None, {"OPENAI_API_KEY": "theirs"}, ""),
        ("127.0.0.1", "", {"HALUEVAL_API_KEY": ""}, ""),
        ("api.openai.com", None, {"OPENAI_API_KEY": "theirs"}, "theirs"),
        ("eu.api.openai.com", None, {"OPENAI_API_KEY": "theirs"}, "theirs"),
        ("api.openai.com.example.org", None, {"OPENAI_API_KEY": "theirs"}, ""),
        ("notapi.openai.com", None, {"OPENAI_API_KEY": "theirs"}, ""),
        ("api.deepseek.com", None, {"OPENAI_API_KEY": "theirs"}, ""),
        ("openrouter.ai", None, {"OPENROUTER_API_KEY": "its own"}, "its own"),
    ],
)
def test_a_key_goes_to_whom_it_is_for(
    host: str, key: str | None, variables: dict[str, str], sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from halueval.chat.address import key_for

    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert key_for(host, key).reveal() == sent


@pytest.mark.parametrize("key", ["sk-a\nInjected: yes", "sk-é"])
def test_a_key_that_cannot_stand_in_a_header_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(InputError) as caught:
        OpenAICompatibleChat("m", "http://localhost", api_key=key)
    assert "sk-" not in str(caught.value)


def test_the_key_is_sent_and_so_are_user_and_password_of_the_address(endpoint: Any) -> None:
    endpoint.says = "Yes."
    answer(OpenAICompatibleChat("m", endpoint.url, api_key="sk-planted0123456789"))
    assert endpoint.server.headers[-1]["authorization"] == "Bearer sk-planted0123456789"
    model = OpenAICompatibleChat("m", endpoint.url.replace("//", "//me:p%40ss@"))
    answer(model)
    assert endpoint.server.headers[-1]["authorization"] == "Basic bWU6cEBzcw=="
    assert repr(model) == f"OpenAICompatibleChat('m', '{endpoint.url}')" and model.endpoint == endpoint.url
    answer(OpenAICompatibleChat("m", endpoint.url))
    assert "authorization" not in endpoint.server.headers[-1]


def test_a_client_without_a_key_of_its_own_can_go_to_another_process(
    endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.says = "Yes."
    monkeypatch.setenv("HALUEVAL_API_KEY", "sk-planted0123456789")
    sent = pickle.dumps(OpenAICompatibleChat("m", endpoint.url, options={"seed": 1}, prices=(1.0, 2.0)))
    assert b"planted" not in sent
    model = pickle.loads(sent)  # noqa: S301  our own bytes
    assert answer(model).dollars is not None
    assert endpoint.server.requests[-1]["seed"] == 1
    assert endpoint.server.headers[-1]["authorization"] == "Bearer sk-planted0123456789"
    for given in ({"api_key": "sk-planted0123456789"}, {"base_url": "http://me:password@host/v1"}):
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(OpenAICompatibleChat(**{"model": "m", "base_url": endpoint.url, **given}))


def test_a_script_that_just_ends_says_nothing(endpoint: Any) -> None:
    import subprocess

    endpoint.says = "Yes."
    script = (
        "import sys; from halueval.chat.loop import run; from halueval.chat.openai_compatible import *;"
        "from halueval.records import ChatRequest; model = OpenAICompatibleChat('m', sys.argv[1]);"
        "print(run(model.chat(ChatRequest(({'role': 'user', 'content': 'A?'},)))).text)"
    )
    command = [sys.executable, "-W", "default", "-c", script, endpoint.url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("Yes.\n", "")


def test_the_body_is_json_whatever_the_options(endpoint: Any) -> None:
    error = fails(OpenAICompatibleChat("m", endpoint.url, options={"bad": object()}))
    assert "a request that JSON can't hold" in str(error)
