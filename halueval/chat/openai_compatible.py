"""Any endpoint that speaks OpenAI's chat completions, called directly: vLLM, SGLang, llama.cpp, Ollama, providers.

Straight on aiohttp: at 128 calls in flight that takes a tenth of the processor time that a provider library takes (see
``benchmarks/llm``), which is what bounds a bulk run against a machine of one's own.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import ssl
from base64 import b64encode
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from halueval.chat.address import key_for, read_address
from halueval.chat.dialect import Dialect
from halueval.chat.faults import Origin, http_fault, one_line, said_by
from halueval.chat.prices import Prices, prices_of
from halueval.chat.reply import read_reply, reply_or_raise
from halueval.chat.secrets import Secret
from halueval.errors import ChatError, InputError
from halueval.records import ChatReply, ChatRequest

if TYPE_CHECKING:
    import aiohttp

    _Life: TypeAlias = AsyncGenerator[aiohttp.ClientSession, None]

__all__ = ["OpenAICompatibleChat"]

LARGEST_REPLY = 64 * 2**20  # bytes; the longest honest reply, with twenty log-probabilities per token, is below that
LARGEST_ERROR = 2**20
CONNECT = 15.0  # seconds
KEEP_ALIVE = 4.0  # seconds: less than the five after which vLLM closes, so that no call meets a closing connection


class OpenAICompatibleChat:
    """A model behind an OpenAI-compatible endpoint. One call is one attempt.

    A schema is asked for as a strict JSON schema, log-probabilities as they are; an endpoint that refuses either, or a
    field under its older name, is asked again at once without it, and from then on (logged once, see
    :mod:`halueval.chat.dialect`). Where an endpoint tells no usage, tokens are estimated.

    Proxies of the environment are not used, redirects not followed, cookies not kept. There is no deadline here except
    for connecting, and no limit of connections: both are :class:`halueval.chat.ChatSession`'s.

    Parameters
    ----------
    model : str
        As the endpoint names it.
    base_url : str
        ``http://localhost:8000/v1``; see :func:`halueval.chat.address.read_address` for what may be left out.
    api_key : str, optional
        By default ``HALUEVAL_API_KEY``, else the provider's own variable if the address is the provider's
        (``OPENAI_API_KEY`` is sent to api.openai.com and nowhere else), else none is sent. Never shown,
        logged or pickled.
    options : mapping
        Go into every request as they are: ``{"chat_template_kwargs": {"thinking_mode": "off"}}`` for Baichuan's models,
        ``{"chat_template_kwargs": {"enable_thinking": False}}`` for others. A request's own go over them.
    prices : Prices or two or three numbers, optional
        Dollars per million tokens of prompt, (kept prompt,) reply. Without them what a call costs is not known.

    Raises
    ------
    InputError
        The address is none, the key can't be one, or the options ask for a stream.

    Examples
    --------
    >>> from halueval.chat.loop import run
    >>> from halueval.chat.mock_endpoint import MockEndpoint
    >>> with MockEndpoint(lambda body: "Yes.") as endpoint:
    ...     model = OpenAICompatibleChat("m", endpoint.url, prices=(1.0, 2.0))
    ...     reply = run(model.chat(ChatRequest(({"role": "user", "content": "Is aspirin a drug?"},))))
    >>> reply.text, reply.dollars
    ('Yes.', 7e-06)
    """

    def __init__(
        self,
        model: str,
        base_url: str,
        *,
        api_key: str | None = None,
        options: Mapping[str, Any] = MappingProxyType({}),
        prices: Prices | Sequence[float] | None = None,
    ) -> None:
        if options.get("stream"):
            raise InputError("options with stream", todo="leave it out: replies are read whole", field="options")
        self._base_url, self._address = Secret(base_url), read_address(base_url)
        self._explicit = api_key is not None
        self._key = key_for(self._address.host, api_key)
        self._model, self._options = model, dict(options)
        self.prices = prices_of(prices)
        secrets = (self._key, *self._address.secrets) if self._key else self._address.secrets
        self._origin = Origin(model, self._address.shown, secrets)
        self._dialect = Dialect(f"{model} at {self._address.shown}")
        # A session belongs to an event loop. It lives in an asynchronous generator, which the loop ends when it ends.
        self._living: dict[asyncio.AbstractEventLoop, tuple[aiohttp.ClientSession, _Life]] = {}

    @property
    def name(self) -> str:
        """The model, as the endpoint names it."""
        return self._model

    @property
    def endpoint(self) -> str:
        """The base URL, without anything secret."""
        return self._address.shown

    @property
    def options(self) -> Mapping[str, Any]:
        """What goes into every request as it is."""
        return MappingProxyType(self._options)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._model!r}, {self.endpoint!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process makes its own connections and finds the key in its own environment."""
        if self._explicit or self._address.secrets:
            raise TypeError(f"{self!r} has a key, which is never pickled: set HALUEVAL_API_KEY instead")
        return _again, (type(self), self._model, self._base_url.reveal(), self._options, self.prices)

    async def chat(self, request: ChatRequest) -> ChatReply:
        """The reply to one request, tried once.

        Raises
        ------
        ChatError
            What went wrong, and whether asking again may help.
        """
        return await reply_or_raise(self._ask(request))

    async def aclose(self) -> None:
        """Close the connections of the running loop; others close with their loops, all at the end of the process."""
        living = self._living.pop(asyncio.get_running_loop(), None)
        if living is not None:
            await living[1].aclose()

    async def _ask(self, request: ChatRequest) -> ChatReply | ChatError:
        session = await self._session()
        while True:
            fields = self._dialect.fields(request)
            body = {"model": self._model, "messages": list(map(dict, request.messages)), **fields}
            body |= {**self._options, **request.options}
            try:
                # halves of characters, which JSON can hold and UTF-8 can't, break tokenizers: they go as "?"
                sent = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
            except (TypeError, ValueError) as error:
                return self._origin.error("provider_error", f"a request that JSON can't hold: {error}")
            answer = await self._post(session, sent)
            if isinstance(answer, ChatError):
                return answer
            status, raw, headers = answer
            if 200 <= status < 300:
                return self._read(raw, request)
            fault = http_fault(self._origin, status, raw, headers)
            refused = status in (400, 422, 501) and fault.kind == "provider_error"
            if not (refused and self._dialect.learn(request, fields, one_line(said_by(raw))[:1000])):
                return fault

    async def _post(
        self, session: aiohttp.ClientSession, body: bytes
    ) -> tuple[int, str, Mapping[str, str]] | ChatError:
        """Status, body and the headers that say when to ask again, or why there is no response."""
        try:
            async with session.post(self._address.call.reveal(), data=body, allow_redirects=False) as response:
                largest = LARGEST_REPLY if response.status < 300 else LARGEST_ERROR
                raw = await _bounded(response, largest)
                if raw is None:
                    found = f"a reply of more than {largest // 2**20} MiB"
                    return self._origin.error("provider_error", found, "set max_tokens")
                headers = {name: value for name, value in response.headers.items() if name.lower().startswith("retry-")}
                moved = response.headers.get("Location", "") if 300 <= response.status < 400 else ""
                return response.status, moved or raw.decode("utf-8", "replace"), headers
        except Exception as error:
            return _network_fault(error, self._origin)

    def _read(self, raw: str, request: ChatRequest) -> ChatReply | ChatError:
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError):
            said = self._origin.clean(one_line(said_by(raw)))[:200]
            todo = "" if said else "check the base URL"
            return self._origin.error(
                "provider_error", f"a reply that is not JSON: {said!r}", todo, retry=True, reply=raw
            )
        return read_reply(data, self._origin, request, prices=self.prices)

    async def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session, _ = self._living.get(loop, (None, None))
        if session is None or session.closed:
            for other in [other for other in self._living if other.is_closed()]:
                del self._living[other]
            life = _life(self._headers())
            session = await anext(life)
            self._living[loop] = session, life
        return session

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "halueval"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key.reveal()}"
            if self._address.host.endswith(".azure.com"):
                headers["api-key"] = self._key.reveal()
        elif self._address.user or self._address.password:
            both = f"{self._address.user.reveal()}:{self._address.password.reveal()}"
            headers["Authorization"] = f"Basic {b64encode(both.encode()).decode()}"
        return headers


def _again(kind: type[OpenAICompatibleChat], model: str, base_url: str, options: Any, prices: Any) -> Any:
    return kind(model, base_url, options=options, prices=prices)


async def _life(headers: Mapping[str, str]) -> _Life:
    """A session, closed when the generator is: by its event loop, or because nothing holds it any more."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE)
    async with aiohttp.ClientSession(
        connector=connector,
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT, sock_connect=CONNECT),
        trust_env=False,
    ) as session:
        _open[session] = asyncio.get_running_loop(), os.getpid()
        try:
            yield session
        finally:
            del _open[session]


# Held here, a session is not torn down together with a client that is garbage: its generator closes it.
_open: dict[aiohttp.ClientSession, tuple[asyncio.AbstractEventLoop, int]] = {}


@atexit.register
def _close_all() -> None:
    """Our own event loop runs in a thread that just stops with the process: its sessions are closed before."""
    for session, (loop, process) in list(_open.items()):
        if process == os.getpid() and loop.is_running() and not session.closed:
            with suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(session.close(), loop).result(1.0)


def _network_fault(error: Exception, origin: Origin) -> ChatError:
    """What a failed connection means. Nothing of the exception's own text is shown: it may hold what was sent."""
    import aiohttp

    down = "start it, or check the base URL"
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        found, todo = "no secure connection", "check the certificate, and whether the address is http or https"
        return origin.error("provider_error", found, todo, fatal=True)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return origin.error("provider_error", "no such host", down, retry=True, unreachable=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = os.strerror(error.os_error.errno).lower() if error.os_error.errno else "no connection"
        return origin.error("provider_error", f"nothing answers there ({reason})", down, retry=True, unreachable=True)
    if isinstance(error, TimeoutError):
        return origin.error("timeout", f"no connection within {CONNECT:g} s", down, retry=True, unreachable=True)
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError | OSError):
        return origin.error("provider_error", "the connection broke before the reply was whole", retry=True)
    if isinstance(error, aiohttp.ClientError):
        return origin.error("provider_error", f"a response that is not HTTP ({type(error).__name__})", down, retry=True)
    return origin.error("provider_error", f"the call could not be made ({type(error).__name__})")


async def _bounded(response: aiohttp.ClientResponse, largest: int) -> bytes | None:
    """The body, or None where it is larger than can be read: memory must not depend on what an endpoint sends."""
    if (response.content_length or 0) > largest:
        return None
    parts = bytearray()
    async for part in response.content.iter_any():
        parts += part
        if len(parts) > largest:
            return None
    return bytes(parts)
