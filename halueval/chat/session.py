"""What stands between the line and a chat model."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from halueval.chat.loop import on_loop
from halueval.errors import ChatError, RunStopped
from halueval.protocols import ChatModel
from halueval.records import ChatReply, ChatRequest, Cost, Failure, Stage, total_cost

__all__ = ["ChatSession", "open_chat"]


class ChatSession:
    """Calls one chat model for all steps of a run."""

    def __init__(
        self,
        model: ChatModel,
        *,
        deadline: float = 120.0,
        max_attempts: int = 6,
        max_in_flight: int = 128,
        max_dollars: float | None = None,
    ) -> None:
        self.model = model
        self.deadline, self.max_attempts, self.max_in_flight = deadline, max_attempts, max_in_flight
        self.max_dollars = max_dollars
        self._spent: dict[Stage, Cost] = {}

    @property
    def name(self) -> str:
        return self.model.name

    def spent(self) -> dict[Stage, Cost]:
        """What was used until now, by step."""
        return dict(self._spent)

    async def chat(self, request: ChatRequest, *, stage: Stage, item_id: str = "") -> tuple[ChatReply | Failure, Cost]:
        """The reply or the failure, and what it took with all attempts.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        """
        return await on_loop(self._chat(request, stage, item_id))

    async def _chat(self, request: ChatRequest, stage: Stage, item_id: str) -> tuple[ChatReply | Failure, Cost]:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self.deadline):
                reply = await self.model.chat(request)
        except ChatError as error:
            if error.fatal:
                raise RunStopped(str(error)) from None
            cost = Cost(1, error.prompt_tokens, error.completion_tokens, time.perf_counter() - started, error.dollars)
            return Failure(stage, error.kind, str(error), item_id, 1, error.reply, cost), cost
        except TimeoutError:
            cost = Cost(1, seconds=time.perf_counter() - started, dollars=None)
            return Failure(
                stage, "timeout", f"{self.name}: no reply in {self.deadline:g} s", item_id, 1, "", cost
            ), cost
        cost = Cost(1, reply.prompt_tokens, reply.completion_tokens, time.perf_counter() - started, reply.dollars)
        self._spent[stage] = total_cost([self._spent.get(stage, Cost()), cost])
        return reply, cost


def open_chat(model: str | ChatModel | ChatSession, **settings: Any) -> ChatSession:
    """A session for a model by name or object."""
    if isinstance(model, ChatSession):
        return model
    if isinstance(model, str):
        raise NotImplementedError
    return ChatSession(model, **settings)
