"""Replies that a store keeps: looked up first, asked for once, durable before anybody uses them.

A key holds all that was asked: the model, its endpoint, the options that go with every request, the messages, the
schema, ``max_tokens``, temperature, log-probabilities, the request's own options, and which of several times it is
(:mod:`halueval.repeats`). What is asked again about the same item, in the same piece of work, is another call; the same
thing asked twice at once is one. Failures are never kept.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import NoReturn, TypeAlias

from halueval.protocols import ChatModel, ReplyStore
from halueval.records import ChatReply, ChatRequest, Cost, Failure, Stage
from halueval.repeats import times_before

__all__ = ["cost_of", "kept_or_asked"]

Answer: TypeAlias = tuple[ChatReply | Failure, Cost]

# What is being asked for the first time, by process and store; all of a process's calls are on one event loop.
_UNDER_WAY: dict[tuple[int, int, str], asyncio.Future[ChatReply | Failure | None]] = {}


async def kept_or_asked(
    store: ReplyStore,
    model: ChatModel,
    request: ChatRequest,
    stage: Stage,
    item_id: str,
    ask: Callable[[], Awaitable[Answer]],
    stop: Callable[[str], NoReturn],
) -> tuple[ChatReply | Failure, Cost, bool]:
    """The outcome, its cost, and whether it was there already (kept, or asked for by somebody else at this moment).

    Whatever comes back as a reply is kept, also one that is cut off or can't be read, for what is asked next rests on
    it; a failure never is. Who asks for what is under way waits for that: gets its reply, or its failure, for which he
    pays nothing. Should that one be cancelled, the next asks.

    Parameters
    ----------
    store : ReplyStore
    model : ChatModel
        What its ``endpoint`` and its ``options`` say, if it has such, is part of what is asked.
    request, stage, item_id
        What is asked, and what about; see :func:`halueval.repeats.times_before`.
    ask : callable
        Really asks.
    stop : callable
        Called with the reason where the store fails; raises.
    """
    key = _key(store, model, request, stage, item_id)
    if key is None:
        return *(await ask()), False
    mine = os.getpid(), id(store), key
    while (under_way := _UNDER_WAY.get(mine)) is not None:
        outcome = await asyncio.shield(under_way)
        if isinstance(outcome, ChatReply):
            return outcome, cost_of(outcome), True
        if outcome is not None:
            return replace(outcome, stage=stage, item_id=item_id, cost=Cost()), Cost(), True
    try:
        kept = store.reply(key)
    except Exception as error:
        stop(str(error))
    if kept is not None:
        return kept, cost_of(kept), True
    waiting = _UNDER_WAY[mine] = asyncio.get_running_loop().create_future()
    outcome = None
    try:
        answer, cost = await ask()
        if isinstance(answer, ChatReply):
            answer = replace(answer, dollars=cost.dollars)  # what it cost is kept with it
            try:
                await _done(store.keep(key, answer, model=model.name, stage=stage))
            except Exception as error:
                stop(str(error))
        outcome = answer
        return answer, cost, False
    finally:
        del _UNDER_WAY[mine]
        waiting.set_result(outcome)


async def _done(written: Future[None]) -> None:
    """Wait until it is written; who stops waiting doesn't stop the writing, and needn't hear that it failed.

    Raises
    ------
    Exception
        It could not be written.
    """
    loop, known = asyncio.get_running_loop(), asyncio.Event()
    written.add_done_callback(lambda _: None if loop.is_closed() else loop.call_soon_threadsafe(known.set))
    await known.wait()
    written.result()


def cost_of(reply: ChatReply) -> Cost:
    """What a kept reply cost when it was asked for; the time isn't kept.

    Examples
    --------
    >>> cost_of(ChatReply("Yes.", prompt_tokens=12, completion_tokens=2, dollars=0.25))
    Cost(calls=1, prompt_tokens=12, completion_tokens=2, seconds=0.0, dollars=0.25)
    """
    return Cost(1, reply.prompt_tokens, reply.completion_tokens, 0.0, reply.dollars)


def _key(store: ReplyStore, model: ChatModel, request: ChatRequest, stage: Stage, item_id: str) -> str | None:
    """What the reply is found by; None for a request that JSON can't hold, of which the model says that it can't."""

    def key(repeat: int) -> str:
        return store.key(
            request,
            model=model.name,
            endpoint=str(getattr(model, "endpoint", "")),
            options=getattr(model, "options", {}),
            repeat=repeat,
        )

    try:
        first = key(0)
        repeat = times_before((stage, item_id, first))
        return first if repeat == 0 else key(repeat)
    except (TypeError, ValueError):
        return None
