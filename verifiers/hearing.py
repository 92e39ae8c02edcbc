"""Asking a chat model that reads untrusted text: the value, the reply as it was heard, and the alarm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from halueval.chat.session import ChatSession
from halueval.chat.structured import KEPT, ask
from halueval.errors import PluginError
from halueval.records import ChatReply, ChatRequest, Cost, Failure, Stage
from halueval.verifiers.judge_prompt import gives_away

__all__ = ["Heard", "hear", "require_whole_numbers"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Heard(Generic[T]):
    """What a reply was read as, or the failure; the reply itself, for its tokens; what all attempts took."""

    value: T | Failure
    reply: ChatReply | None
    cost: Cost


async def hear(
    session: ChatSession, request: ChatRequest, read: Callable[[str], T], *, canary: str, item_id: str
) -> Heard[T]:
    """:func:`halueval.chat.structured.ask` about a claim; a reply with the canary in it is a failure, "injected".

    Parameters
    ----------
    canary : str
        The word that the instructions forbid; empty looks for none.

    Raises
    ------
    RunStopped
        Every other call would fail as well.
    """
    listening = _Listening(session)

    def guarded(text: str) -> T | None:
        return None if canary and gives_away(text, canary) else read(text)

    value, cost = await ask(cast(ChatSession, listening), request, guarded, stage="verification", item_id=item_id)
    reply = listening.reply
    if value is None:
        message = f"{session.name}: the reply repeats a word that only the instructions have, and forbid"
        said = reply.text[:KEPT] if reply else ""
        value = Failure("verification", "injected", message, item_id, cost.calls, said, cost)
    return Heard(value, reply, cost)


def require_whole_numbers(verifier: str, *settings: tuple[str, object, int]) -> None:
    """Refuse settings that aren't whole numbers, or less than they may be: name, value, least.

    Raises
    ------
    PluginError
        Names the verifier, the setting, what it is and what it may be.
    """
    for setting, value, least in settings:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise PluginError(f"{verifier}: {setting} is {value!r}; wanted: a whole number, at least {least}")


class _Listening:
    """The session, and the last reply that came through it: what a reader of texts doesn't get to see."""

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self.reply: ChatReply | None = None

    @property
    def name(self) -> str:
        return self._session.name

    async def chat(self, request: ChatRequest, *, stage: Stage, item_id: str = "") -> tuple[ChatReply | Failure, Cost]:
        reply, cost = await self._session.chat(request, stage=stage, item_id=item_id)
        self.reply = reply if isinstance(reply, ChatReply) else None
        return reply, cost
