"""The endpoint without a model answers as a real one does, and goes wrong in every way that one can."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from typing import Any

import aiohttp
import pytest

from halueval.chat.mock_endpoint import MockEndpoint, MockReply, completion, error_body

ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Is aspirin a drug?"}]}


async def post(
    url: str, body: Any = ASKED, *, timeout: float = 5.0, path: str = "/chat/completions", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    limits = aiohttp.ClientTimeout(total=timeout)
    async with (
        aiohttp.ClientSession(timeout=limits) as client,
        client.post(url + path, json=body, headers=headers) as r,
    ):
        return r.status, dict(r.headers), await r.read()


def test_a_text_becomes_a_whole_reply_and_the_call_is_kept() -> None:
    with MockEndpoint(lambda body: "Yes, it is.", count=len) as endpoint:
        status, headers, raw = asyncio.run(post(endpoint.url, Authorization="Bearer k"))
    reply = json.loads(raw)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert reply["choices"][0]["message"] == {"role": "assistant", "content": "Yes, it is."}
    assert (reply["usage"]["prompt_tokens"], reply["usage"]["completion_tokens"]) == (18, 11)
    assert endpoint.requests == [ASKED] and endpoint.headers[0]["authorization"] == "Bearer k"
    assert (endpoint.calls, endpoint.most_in_flight) == (1, 1)


def test_log_probabilities_come_when_they_are_asked_for_and_join_to_the_text() -> None:
    with MockEndpoint(lambda body: "Yes, it is.") as endpoint:
        reply = json.loads(asyncio.run(post(endpoint.url, {**ASKED, "logprobs": True}))[2])
    tokens = reply["choices"][0]["logprobs"]["content"]
    assert "".join(t["token"] for t in tokens) == "Yes, it is."


@pytest.mark.parametrize(
    ("reply", "status", "held"),
    [
        (MockReply(error_body("slow down"), 429, headers={"Retry-After": "2"}), 429, b"slow down"),
        (MockReply("<html>Bad gateway</html>", headers={"Content-Type": "text/html"}), 200, b"<html>"),
        (MockReply(b"\xff\xfe", 500, reason="Oh no"), 500, b"\xff\xfe"),
        ({"choices": []}, 200, b'"choices": []'),
        (completion(None, finish_reason="content_filter"), 200, b"content_filter"),
        (MockReply(completion("Yes."), drip=0.0001), 200, b"Yes."),
    ],
)
def test_any_reply_can_be_sent(reply: Any, status: int, held: bytes) -> None:
    with MockEndpoint(lambda body: reply) as endpoint:
        answered = asyncio.run(post(endpoint.url))
    assert answered[0] == status and held in answered[2]
    if isinstance(reply, MockReply):
        assert reply.headers.items() <= answered[1].items()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (MockReply("x", hang=True), TimeoutError),
        (MockReply("x" * 100, stall_after=10), TimeoutError),
        (MockReply("x" * 100, drip=1.0), TimeoutError),
        (MockReply("x", delay=9.0), TimeoutError),
        (MockReply("x", drop=True), aiohttp.ServerDisconnectedError),
        (MockReply("x" * 100, drop_after=10), aiohttp.ClientPayloadError),
    ],
)
def test_a_reply_may_never_come_and_the_endpoint_still_ends(reply: MockReply, error: type[Exception]) -> None:
    started = time.perf_counter()
    with MockEndpoint(lambda body: reply) as endpoint, pytest.raises(error):
        asyncio.run(post(endpoint.url, timeout=0.3))
    assert time.perf_counter() - started < 8


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [
        (ASKED, "/embeddings", 404),
        ({"model": "m"}, "/chat/completions", 400),
        (["not", "an", "object"], "/chat/completions", 400),
        (ASKED, "/models", 200),
    ],
)
def test_what_is_not_a_call_is_said(body: Any, path: str, status: int) -> None:
    with MockEndpoint(lambda body: "Yes.", models=["a", "b"]) as endpoint:
        assert asyncio.run(post(endpoint.url, body, path=path))[0] == status


def test_a_wrong_key_and_a_script_that_raises_are_errors_of_the_endpoint() -> None:
    def fails(body: dict[str, Any]) -> str:
        raise KeyError("gold")

    with MockEndpoint(fails, api_key="right") as endpoint:
        assert asyncio.run(post(endpoint.url))[0] == 401
        assert asyncio.run(post(endpoint.url, Authorization="Bearer right"))[0] == 500


def test_calls_are_answered_together() -> None:
    async def many(url: str) -> None:
        await asyncio.gather(*(post(url) for _ in range(20)))

    with MockEndpoint(lambda body: "Yes.", latency=0.3, keep=False) as endpoint:
        started = time.perf_counter()
        asyncio.run(many(endpoint.url))
    assert time.perf_counter() - started < 4  # one after the other: 6
    assert (endpoint.calls, endpoint.requests) == (20, [])
    assert endpoint.most_in_flight > 10


def test_it_runs_as_a_process_of_its_own(tmp_path: Any) -> None:
    replies = tmp_path / "replies.jsonl"
    replies.write_text('"One."\n\n{"choices": []}\n')
    command = [sys.executable, "-m", "halueval.chat.mock_endpoint", "--replies", str(replies)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        bodies = [json.loads(asyncio.run(post(url))[2]) for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        last = process.stdout.read()
    assert [len(b["choices"]) for b in bodies] == [1, 0, 1]
    assert last == "3 calls, 1 in flight at most\n"
