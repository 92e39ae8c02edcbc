"""A key never reaches a message, a reply, a log, a traceback, a pickle or a screen: twelve formats, every path."""

from __future__ import annotations

import base64
import copy
import io
import logging
import pickle
import socket
import time
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.chat.faults import Origin, http_fault
from halueval.chat.litellm import LiteLLMChat
from halueval.chat.loop import run
from halueval.chat.mock_endpoint import MockEndpoint, MockReply, completion, error_body
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.chat.secrets import REMOVED, Secret, SecretFilter, environment_secrets, redact
from halueval.chat.session import ChatSession
from halueval.errors import ChatError, RunStopped
from halueval.protocols import ChatModel
from halueval.records import ChatRequest

# Made up, in the forms of the providers; assembled here so that no scanner takes them for real.
LETTERS = "Zq7Kx2Vw9Rt4Mn8Bc1Df6Gh3Jk5Lp0Sy"
KEYS = {
    "OpenAI": "sk-" + LETTERS[:24],
    "OpenAI, project": "sk-proj-" + LETTERS + "_T3Blbk-" + LETTERS[:12],
    "Anthropic": "sk-ant-api03-" + LETTERS + "-AA",
    "OpenRouter": "sk-or-v1-" + LETTERS.lower(),
    "Hugging Face": "hf_" + LETTERS,
    "Google": "AIza" + LETTERS + "-_a",
    "Groq": "gsk_" + LETTERS,
    "xAI": "xai-" + LETTERS,
    "Replicate": "r8_" + LETTERS,
    "NVIDIA": "nvapi-" + LETTERS,
    "AWS, id": "AKIA" + LETTERS[:16].upper(),
    "AWS, secret": "wJa" + LETTERS + "/b+9Q",
    "Azure": "0f3a9c" + "4d1e7b2c8a" * 2 + "5f6e0d",
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiJtZSJ9" + "." + LETTERS[:22],
    "no known form": "correct:horse&battery staple".replace(" ", "="),
}
ASKED = ChatRequest(({"role": "user", "content": "Is aspirin a drug?"},), max_tokens=50)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_known_key_goes_in_every_form(key: str) -> None:
    forms = [
        key,
        quote(key, safe=""),
        base64.b64encode(key.encode()).decode(),
        base64.b64encode(f"me:{key}".encode()).decode(),
        base64.urlsafe_b64encode(f"user:{key}:x".encode()).decode(),
        key.encode().hex(),
    ]
    for form in forms:
        assert "Zq7Kx" not in redact(f"<{form}>", [key]) and form not in redact(f"sent {form}.", [Secret(key)])


@pytest.mark.parametrize("name", [name for name in KEYS if name != "no known form"])
def test_what_looks_like_a_key_goes_though_nobody_knew_it(name: str) -> None:
    key = KEYS[name]
    for text in ("{}", "wrong key {}.", "'{}'", '{{"key":"{}"}}', "https://host/v1?a=1&key={}&b=2", "x,{};y", "({})"):
        assert key not in redact(text.format(key)), text
        assert redact(text.format(key)).count(REMOVED) == 1


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("https://me:pass@host/v1", f"https://{REMOVED}@host/v1"),
        ("GET /v1?api-version=2&api_key=abc&x=1", f"GET /v1?api-version=2&api_key={REMOVED}&x=1"),
        ("Authorization: Bearer abcdefgh-ijkl", f"Authorization: Bearer {REMOVED}"),
        ("api-key: 0123", f"api-key: {REMOVED}"),
        ('{"x-api-key": "abcd"}', f'{{"x-api-key": "{REMOVED}"}}'),
        ("{'password': 'hunter2'}", f"{{'password': '{REMOVED}'}}"),
        ("Incorrect API key provided: abcd-efgh.", f"Incorrect API key provided: {REMOVED}"),
        ("Incorrect API key provided: sk-proj-****************wxyz.", f"Incorrect API key provided: {REMOVED}"),
        ("aws_secret_access_key = abcd", f"aws_secret_access_key = {REMOVED}"),
    ],
)
def test_what_a_name_says_to_be_a_key_goes(text: str, left: str) -> None:
    assert redact(text) == left
    assert redact(left) == left


@pytest.mark.parametrize(
    "text",
    [
        "This model's maximum context length is 8192 tokens; max_tokens: 4096",
        "The model `Qwen/Qwen3-235B-A22B-Instruct-2507-FP8` does not exist.",
        "request id 550e8400-e29b-41d4-a716-446655440000",
        "Find your API key at https://platform.openai.com/account/api-keys.",
        "Basic information on task-oriented risk-adjusted estimates; bearer of bad news",
        "m at http://127.0.0.1:8000/v1: nothing answers there",
        "password-protected; the key is wrong: check it",
    ],
)
def test_what_is_no_key_stays(text: str) -> None:
    assert redact(text) == text
    assert redact(text, ["EMPTY", "x", ""]) == text


@given(st.text(max_size=200), st.text(alphabet=st.characters(codec="ascii", min_codepoint=33), min_size=6), st.text())
def test_no_known_key_is_left_in_any_text(before: str, key: str, after: str) -> None:
    # what is put in its place may itself spell a key that is made of the same letters
    if key not in REMOVED:
        assert key not in redact(before + key + after, [key]).replace(REMOVED, "\n")


@pytest.mark.parametrize(
    "unit",
    ["a", "a1", "sk-", "://a", "://", "eyJ", "eyJaaaaaaaa.", "bearer ", "api key ", "?key=", "+/", " ", "x-", "@"],
)
def test_a_long_text_is_read_once(unit: str) -> None:
    started = time.thread_time()
    redact(unit * (1_000_000 // len(unit)), ["supersecret"])
    assert time.thread_time() - started < 10


def test_a_secret_shows_nothing() -> None:
    secret = Secret(KEYS["OpenAI"])
    assert {repr(secret), str(secret), f"{secret}", f"{[secret]}"} == {"Secret()", "[Secret()]"}
    assert not any(KEYS["OpenAI"] in repr(getattr(secret, name)) for name in dir(secret))
    assert copy.copy(secret) is copy.deepcopy(secret) is secret
    assert secret.reveal() == KEYS["OpenAI"] and secret and not Secret("")
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps({"key": secret})


def test_keys_of_the_environment_are_known_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "0123456789abcdef0")
    monkeypatch.setenv("SORT_KEY", "patient")
    monkeypatch.setenv("HELP_TOKEN", "a text with spaces in it")
    monkeypatch.setenv("KEYBOARD", "0123456789abcdef1")
    assert {"0123456789abcdef0"} == {s.reveal() for s in environment_secrets()} & {
        "0123456789abcdef0", "patient", "a text with spaces in it", "0123456789abcdef1"
    }  # fmt: skip


def test_a_message_that_cannot_be_formatted_is_no_crash() -> None:
    record = logging.LogRecord("a", logging.ERROR, "", 0, "%d", ("x",), None)
    assert SecretFilter().filter(record) and record.getMessage() == "a message that cannot be shown"


def test_half_a_key_at_the_end_of_a_body_that_was_cut_is_not_shown() -> None:
    key = KEYS["no known form"]
    for length in range(65_400, 65_560, 3):
        message = str(http_fault(Origin("m", "e", (Secret(key),)), 500, " " * length + key * 20))
        assert "correct" not in message


class Everything(logging.Handler):
    """Keeps every record as it would be printed, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[Everything]:
    """All that is logged by anyone, at the level that logs most."""
    handler, root = Everything(), logging.getLogger()
    names = [name for name in root.manager.loggerDict if isinstance(root.manager.loggerDict[name], logging.Logger)]
    levels = {name: logging.getLogger(name).level for name in ("", *names)}
    for name in levels:
        logging.getLogger(name or None).setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name or None).setLevel(level)


def caught(model: ChatModel) -> BaseException | Any:
    """What one call brings: no key is in a variable of this frame, nor of any below it that is ours."""
    try:
        return run(model.chat(ASKED))
    except ChatError as error:
        return error


def in_session(model: ChatModel) -> Any:
    try:
        return run(ChatSession(model, max_attempts=1).chat(ASKED, stage="verification", item_id="c1"))
    except RunStopped as error:
        return error


def shown(thing: Any) -> str:
    """Everything that a person, a log, a cache or a debugger may see of a result."""
    text = io.StringIO()
    print(repr(thing), str(thing), file=text)
    if isinstance(thing, BaseException):
        print(vars(thing), thing.args, file=text)
        for locals_too in (False, True):
            print(*traceback.TracebackException.from_exception(thing, capture_locals=locals_too).format(), file=text)
        print(pickle.dumps(thing), thing.__cause__, thing.__context__, file=text)
    else:
        print(pickle.dumps(thing), file=text)
    return text.getvalue()


def clients(url: str, key: str) -> Iterator[tuple[str, ChatModel]]:
    yield "OpenAICompatibleChat", OpenAICompatibleChat("m", url, api_key=key)
    yield "LiteLLMChat", LiteLLMChat("openai/m", api_key=key, base_url=url)


def test_twelve_key_formats_on_every_failure_path_leave_nothing_behind(
    faults: Any, logged: Everything, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    says: Any = None
    echoes = {
        "echoed in a good reply": lambda echo: completion(f"Yes {echo}", model=echo, reasoning_content=echo),
        "echoed as the reason to end": lambda echo: completion("Yes", finish_reason=echo),
        "echoed as Retry-After": lambda echo: MockReply(
            error_body(echo, code=echo, type=echo), 429, reason=echo, headers={"Retry-After": echo, "Set-Cookie": echo}
        ),
        "a status line of keys": lambda echo: MockReply(echo, 599, reason=echo),
    }
    paths = {**{name: fault.make for name, fault in faults.items()}, **echoes}
    tried, leaks = 0, list[tuple[str, str]]()

    def look(place: str, key: str, *things: Any) -> None:
        nonlocal tried
        tried += 1
        everything = "\n".join([*map(shown, things), *logged.lines, *capfd.readouterr()])
        logged.lines.clear()
        forms = [key, quote(key, safe=""), base64.b64encode(f"me:{key}".encode()).decode()]
        leaks.extend((place, form) for form in forms if form in everything)

    with MockEndpoint(lambda body: says, keep=False) as endpoint:
        for form, key in KEYS.items():
            for who, model in clients(endpoint.url, key):
                for path, make in paths.items():
                    says = make(f"Bearer {key}")
                    # a session adds the same to whatever a client raises, and LiteLLM is slow
                    also = who == "OpenAICompatibleChat" or form == "OpenAI"
                    look(f"{form}, {who}, {path}", key, caught(model), in_session(model) if also else None)
                look(f"{form}, {who}, shown", key, repr(model), repr(vars(model)), repr(ChatSession(model)))
                with pytest.raises(TypeError) as refused:
                    pickle.dumps(model)
                look(f"{form}, {who}, pickled", key, str(refused.value))
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        for form, key in KEYS.items():
            quoted = quote(key, safe="")
            for address in (f"http://me:{quoted}@127.0.0.1:{port}/v1", f"http://127.0.0.1:{port}/v1?key={quoted}"):
                for who, model in clients(address, key):
                    look(f"{form}, {who}, down, in the address", key, caught(model), in_session(model), repr(model))
            monkeypatch.setenv("HALUEVAL_API_KEY", key)
            monkeypatch.setenv("OPENAI_API_KEY", key)
            alone = OpenAICompatibleChat("m", f"http://127.0.0.1:{port}/v1")
            look(f"{form}, down, key of the environment", key, caught(alone), repr(alone), alone)
    assert not leaks
    assert len(KEYS) >= 12 and tried >= 12 * 2 * 40
    print(f"{len(KEYS)} formats of keys, {tried} paths, {len(leaks)} leaks")
