"""A chat model without a model: replies from a list, a mapping or a function. For tests, demos and dry runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

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
    name : str
        What the model is called in reports.

    Examples
    --------
    >>> from halueval.chat.loop import run
    >>> model = ScriptedChat({"aspirin": "Yes."})
    >>> run(model.chat(ChatRequest(({"role": "user", "content": "Is aspirin a drug?"},)))).text
    'Yes.'
    """

    def __init__(self, script: Script, name: str = "scripted") -> None:
        self._script = script
        self._name = name
        self.requests: list[ChatRequest] = []

    @property
    def name(self) -> str:
        return self._name

    async def chat(self, request: ChatRequest) -> ChatReply:
        """The scripted reply.

        Raises
        ------
        ChatError
            The script has none for this request, or says so.
        """
        self.requests.append(request)
        reply = self._reply(request)
        if isinstance(reply, ChatError):
            raise reply
        return reply if isinstance(reply, ChatReply) else ChatReply(reply, model=self._name)

    def _reply(self, request: ChatRequest) -> str | ChatReply | ChatError:
        if callable(self._script):
            return self._script(request)
        if isinstance(self._script, Mapping):
            said = request.messages[-1]["content"] if request.messages else ""
            return next(
                (reply for part, reply in self._script.items() if part in said),
                ChatError("provider_error", f"{self._name}: the script has no reply to {said[:80]!r}"),
            )
        place = len(self.requests) - 1
        if place < len(self._script):
            return self._script[place]
        return ChatError("provider_error", f"{self._name}: the script has {len(self._script)} replies, all given")
