"""A chat model without a model: replies from a list, a mapping or a function. For tests, demos and dry runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from halueval.chat.prices import Prices, prices_of
from halueval.chat.tokens import count_request, count_tokens
from halueval.errors import ChatError
from halueval.records import ChatReply, ChatRequest

__all__ = ["ScriptedChat"]

Script: TypeAlias = (
    Callable[[ChatRequest], str | ChatReply | ChatError] | Mapping[str, str] | Sequence[str | ChatReply | ChatError]
)


class ScriptedChat:
    """Answers as its script says, and keeps what it was asked.

    Parameters
    ----------
    script : callable, mapping or sequence
        A function from the request to the reply; a mapping from a text that occurs in the last message to the reply,
        the first that occurs; or the replies in order. A reply is a text, a ``ChatReply``, or a ``ChatError`` to raise.
        A function or mapping gives the same replies however many calls are under way; with a sequence it depends on
        which call comes first.
    name : str
        What the model is called in reports.
    latency : float
        Seconds that each call takes.
    prices : Prices or sequence of float, optional
        Dollars per million tokens, as for a real model; by default the price is not known.

    Examples
    --------
    >>> from halueval.chat.loop import run
    >>> model = ScriptedChat({"aspirin": "Yes."}, prices=(1.0, 2.0))
    >>> reply = run(model.chat(ChatRequest(({"role": "user", "content": "Is aspirin a drug?"},))))
    >>> reply.text, reply.prompt_tokens, reply.completion_tokens
    ('Yes.', 12, 2)
    """

    def __init__(
        self,
        script: Script,
        name: str = "scripted",
        *,
        latency: float = 0.0,
        prices: Prices | Sequence[float] | None = None,
    ) -> None:
        self._script = script
        self._name = name
        self._latency = latency
        self._lock = threading.Lock()
        self.prices = prices_of(prices)
        self.requests: list[ChatRequest] = []

    @property
    def name(self) -> str:
        return self._name

    async def chat(self, request: ChatRequest) -> ChatReply:
        """The scripted reply; a text gets the token counts that its length suggests.

        Raises
        ------
        ChatError
            The script has none for this request, or says so.
        """
        with self._lock:
            place = len(self.requests)
            self.requests.append(request)
        if self._latency:
            await asyncio.sleep(self._latency)
        reply = self._reply(request, place)
        if isinstance(reply, ChatError):
            raise reply
        if not isinstance(reply, str):
            return reply
        prompt, completion = count_request(request), count_tokens(reply)
        dollars = None if self.prices is None else self.prices.dollars(prompt, completion)
        return ChatReply(reply, model=self._name, prompt_tokens=prompt, completion_tokens=completion, dollars=dollars)

    def _reply(self, request: ChatRequest, place: int) -> str | ChatReply | ChatError:
        if callable(self._script):
            return self._script(request)
        if isinstance(self._script, Mapping):
            said = request.messages[-1]["content"] if request.messages else ""
            return next(
                (reply for part, reply in self._script.items() if part in said),
                ChatError("provider_error", f"{self._name}: the script has no reply to {said[:80]!r}"),
            )
        if place < len(self._script):
            return self._script[place]
        return ChatError("provider_error", f"{self._name}: the script has {len(self._script)} replies, all given")
