"""An OpenAI-compatible endpoint without a model, on this machine: for tests, benchmarks and demos of the real path.

It answers ``/v1/chat/completions`` and ``/v1/models`` over HTTP, so that everything between a request and a reply is
the real thing, and it can go wrong in every way that an endpoint can. ``python -m halueval.chat.mock_endpoint`` runs it
as a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["MockEndpoint", "MockReply", "completion", "error_body"]

PATHS = ("/v1/chat/completions", "/chat/completions")
MODELS = ("/v1/models", "/models")
LARGEST_REQUEST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class MockReply:
    """A reply with everything that can be wrong about one; all that is left out is right.

    Parameters
    ----------
    body : mapping, str or bytes
        Sent as JSON if it is a mapping, else as it is.
    status, reason : int, str, optional
        The status line.
    headers : mapping
        ``{"Retry-After": "2"}``; "Content-Type" is "application/json" unless said.
    delay : float
        Seconds before the status line, on top of the endpoint's latency.
    drip : float
        Seconds between one byte of the body and the next; 0 sends it at once.
    stall_after, drop_after : int, optional
        After that many bytes of the body nothing more comes, or the connection is closed.
    hang : bool
        Not even a status line comes.
    drop : bool
        The connection is closed without one.
    """

    body: Mapping[str, Any] | str | bytes = ""
    status: int = 200
    reason: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    stall_after: int | None = None
    drop_after: int | None = None
    hang: bool = False
    drop: bool = False

    def payload(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode("utf-8", "replace") if isinstance(self.body, str) else json.dumps(self.body).encode()


Respond: TypeAlias = Callable[[dict[str, Any]], "str | Mapping[str, Any] | MockReply"]


def completion(
    text: str | None,
    *,
    model: str = "mock",
    finish_reason: str = "stop",
    logprobs: Sequence[tuple[str, float, Mapping[str, float]]] | None = None,
    prompt_tokens: int = 0,
    completion_tokens: int = 0,
    cached_tokens: int = 0,
    **message: Any,
) -> dict[str, Any]:
    """The body of a good reply; further arguments are further fields of the message (``reasoning``, ``refusal``).

    ``logprobs`` has for each token its text, its log-probability and the likeliest tokens with theirs.

    Examples
    --------
    >>> completion("Yes.", reasoning_content="Hm.")["choices"][0]["message"]["reasoning_content"]
    'Hm.'
    """
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": text, **message},
        "finish_reason": finish_reason,
    }
    if logprobs is not None:
        choice["logprobs"] = {
            "content": [
                {
                    "token": token,
                    "logprob": logprob,
                    "top_logprobs": [{"token": other, "logprob": its} for other, its in top.items()],
                }
                for token, logprob, top in logprobs
            ]
        }
    return {
        "id": "chatcmpl-mock",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [choice],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": cached_tokens},
        },
    }


def error_body(message: str, *, code: str | None = None, type: str = "invalid_request_error") -> dict[str, Any]:
    """The body of an error as OpenAI's endpoint and those that follow it write one.

    Examples
    --------
    >>> error_body("no such model", code="model_not_found")["error"]["code"]
    'model_not_found'
    """
    return {"error": {"message": message, "type": type, "param": None, "code": code}}


class MockEndpoint:
    """An endpoint on 127.0.0.1, in a thread of this process, while its ``with`` block lasts.

    Parameters
    ----------
    respond : callable
        From the body of a request to the reply: a text, the mapping that is the whole body, or a :class:`MockReply`.
        It runs in the endpoint's thread. What it raises is sent as a 500.
    latency : float
        Seconds between a request and its reply.
    models : sequence of str
        What ``/v1/models`` lists.
    api_key : str, optional
        A request without it in ``Authorization`` gets a 401.
    count : callable, optional
        Counts the tokens of a text for the usage that is sent; by default a quarter of its bytes.
    keep : bool
        Whether requests are kept; a long run may not want that.
    port : int
        0 takes one that is free.

    Attributes
    ----------
    url : str
        ``http://127.0.0.1:PORT/v1``, inside the ``with`` block.
    requests : list of dict
        The bodies of all calls until now, in the order they came.
    headers : list of dict
        Their headers, names in lower case.
    calls, most_in_flight : int
        How many calls came, and how many were under way together at most.

    Examples
    --------
    >>> import json, urllib.request
    >>> with MockEndpoint(lambda body: "Yes.") as endpoint:
    ...     body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Is it?"}]}).encode()
    ...     reply = json.load(urllib.request.urlopen(endpoint.url + "/chat/completions", body))
    >>> reply["choices"][0]["message"]["content"], endpoint.requests[0]["model"]
    ('Yes.', 'm')
    """

    def __init__(
        self,
        respond: Respond,
        *,
        latency: float = 0.0,
        models: Sequence[str] = ("mock",),
        api_key: str | None = None,
        count: Callable[[str], int] | None = None,
        keep: bool = True,
        port: int = 0,
    ) -> None:
        self._respond, self._latency, self._models = respond, latency, tuple(models)
        self._api_key, self._count, self._keep, self._port = api_key, count or _quarter, keep, port
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.calls = self.most_in_flight = 0
        self._in_flight = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> MockEndpoint:
        ready, problem = threading.Event(), []
        loop = self._loop = asyncio.new_event_loop()

        def serve() -> None:
            asyncio.set_event_loop(loop)
            try:
                runner = loop.run_until_complete(self._start())
            except BaseException as error:
                problem.append(error)
                ready.set()
                loop.close()
                return
            ready.set()
            loop.run_forever()
            loop.run_until_complete(self._end(runner))
            loop.close()

        self._thread = threading.Thread(target=serve, name="mock-endpoint", daemon=True)
        self._thread.start()
        ready.wait()
        if problem:
            raise problem[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    async def _start(self) -> web.ServerRunner:
        from aiohttp import web

        server = web.Server(self._handle, access_log=None)
        # a server that is asked to end does not wait for replies that hang on purpose
        runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.05)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port, backlog=1024)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        return runner

    async def _end(self, runner: web.ServerRunner) -> None:
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            return await self._answer(request)
        finally:
            self._in_flight -= 1

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        from aiohttp import web

        reply = self._reply(request, await _read(request))
        wait = self._latency + reply.delay
        if wait:
            await asyncio.sleep(wait)
        if reply.hang:
            await asyncio.Event().wait()
        if reply.drop:
            _hang_up(request)
            return web.Response()
        payload, headers = reply.payload(), {"Content-Type": "application/json", **reply.headers}
        if not reply.drip and reply.stall_after is None and reply.drop_after is None:
            return web.Response(body=payload, status=reply.status, reason=reply.reason, headers=headers)
        return await _slow(request, reply, payload, headers)

    def _reply(self, request: web.BaseRequest, raw: bytes) -> MockReply:
        if request.path in MODELS:
            listed = [{"id": name, "object": "model", "owned_by": "halueval"} for name in self._models]
            return MockReply({"object": "list", "data": listed})
        if request.path not in PATHS:
            return MockReply(error_body(f"no such path: {request.path}"), 404)
        self.calls += 1
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
            return MockReply(error_body("the request is not a JSON object with messages"), 400)
        if self._keep:
            self.requests.append(body)
            self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if self._api_key is not None and request.headers.get("Authorization") != f"Bearer {self._api_key}":
            return MockReply(error_body("Incorrect API key provided.", code="invalid_api_key"), 401)
        try:
            reply = self._respond(body)
        except Exception as error:
            return MockReply(error_body(f"{type(error).__name__}: {error}", type="server_error"), 500)
        if isinstance(reply, str):
            return MockReply(self._completion(body, reply))
        return reply if isinstance(reply, MockReply) else MockReply(reply)

    def _completion(self, body: dict[str, Any], text: str) -> dict[str, Any]:
        said = "\n".join(m["content"] for m in body["messages"] if isinstance(m.get("content"), str))
        tokens = [(part, -0.05, {part: -0.05}) for part in _parts(text)] if body.get("logprobs") else None
        return completion(
            text,
            model=str(body.get("model", "mock")),
            logprobs=tokens,
            prompt_tokens=self._count(said),
            completion_tokens=self._count(text),
        )


async def _read(request: web.BaseRequest) -> bytes:
    parts = bytearray()
    async for part in request.content.iter_any():
        parts += part
        if len(parts) > LARGEST_REQUEST:
            raise ValueError("the request is too large")
    return bytes(parts)


async def _slow(
    request: web.BaseRequest, reply: MockReply, payload: bytes, headers: dict[str, str]
) -> web.StreamResponse:
    from aiohttp import web

    response = web.StreamResponse(status=reply.status, reason=reply.reason, headers=headers)
    response.content_length = len(payload)
    await response.prepare(request)
    ends = [n for n in (reply.stall_after, reply.drop_after) if n is not None]
    sent = payload[: min(ends)] if ends else payload
    if reply.drip:
        for i in range(len(sent)):
            await response.write(sent[i : i + 1])
            await asyncio.sleep(reply.drip)
    elif sent:
        await response.write(sent)
    if reply.stall_after is not None:
        await asyncio.Event().wait()
    if reply.drop_after is not None:
        _hang_up(request)
    else:
        await response.write_eof()
    return response


def _hang_up(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.close()


def _quarter(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // 4)


def _parts(text: str) -> list[str]:
    """Four characters at a time: tokens that joined are the text."""
    return [text[i : i + 4] for i in range(0, len(text), 4)]


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until interrupted, and print the address first."""
    import argparse
    import itertools
    import signal
    from pathlib import Path

    parser = argparse.ArgumentParser(
        prog="python -m halueval.chat.mock_endpoint",
        description="An OpenAI-compatible endpoint without a model, on 127.0.0.1: prints its address, serves until "
        "it is interrupted, then prints how many calls came.",
    )
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes one that is free")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds between a request and its reply")
    parser.add_argument("--reply", default="Yes.", help="what it says to everything")
    parser.add_argument(
        "--replies", type=Path, help="a JSONL file of replies (texts, or whole bodies), said in turn, over and over"
    )
    arguments = parser.parse_args(argv)
    lines = arguments.replies.read_text(encoding="utf-8").splitlines() if arguments.replies else []
    replies = [json.loads(line) for line in lines if line.strip()] or [arguments.reply]
    turns = itertools.cycle(replies)
    with MockEndpoint(lambda body: next(turns), latency=arguments.latency, port=arguments.port, keep=False) as endpoint:
        print(endpoint.url, flush=True)
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        stop.wait()
        print(f"{endpoint.calls} calls, {endpoint.most_in_flight} in flight at most", flush=True)


if __name__ == "__main__":
    main()
