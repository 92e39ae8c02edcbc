"""Structured replies: asked for with a schema, read strictly, mended once, else a failure with the text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from halueval.chat.session import ChatSession
from halueval.records import ChatRequest, Cost, Failure, Stage, total_cost

__all__ = ["Unreadable", "ask", "read_json"]

T = TypeVar("T")
KEPT = 2_000  # characters of an unreadable reply


class Unreadable(ValueError):
    """A reply that isn't what was asked for; its text says what is wrong, in words that the model can act on."""


def read_json(text: str) -> Any:
    """The one JSON value that a reply is.

    Raises
    ------
    Unreadable
        It is anything else.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not JSON: {error}") from None


async def ask(
    session: ChatSession, request: ChatRequest, read: Callable[[str], T], *, stage: Stage, item_id: str = ""
) -> tuple[T | Failure, Cost]:
    """Ask, read the reply, and where it can't be read say why and ask once more.

    ``read`` gets the text of the reply and gives the value, or raises :class:`Unreadable`.
    """
    costs = []
    reply, cost = await session.chat(request, stage=stage, item_id=item_id)
    costs.append(cost)
    if isinstance(reply, Failure):
        return replace(reply, cost=cost), cost
    try:
        return read(reply.text), cost
    except Unreadable as error:
        problem = str(error)
    again = replace(
        request,
        messages=(
            *request.messages,
            {"role": "assistant", "content": reply.text[:KEPT]},
            {
                "role": "user",
                "content": f"That reply could not be read: {problem}. Send the whole reply again, only JSON.",
            },
        ),
    )
    second, cost = await session.chat(again, stage=stage, item_id=item_id)
    costs.append(cost)
    total = total_cost(costs)
    if isinstance(second, Failure):
        return replace(second, cost=total), total
    try:
        return read(second.text), total
    except Unreadable as error:
        message = f"{session.name}: a reply could not be read, twice: {error}"
        return Failure(stage, "unreadable_reply", message, item_id, 2, second.text[:KEPT], total), total
