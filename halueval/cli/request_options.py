"""What goes to an endpoint with each request: ``--option KEY=JSON`` and ``--thinking``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from halueval.errors import InputError

__all__ = ["Thinking", "request_options"]

_KEY_LIKE = re.compile(r"(?i)api[-_]?key|authorization|secret|password|^token$")


class Thinking(StrEnum):
    """Whether a reasoning model is to think before it answers."""

    on = "on"
    off = "off"
    auto = "auto"


def request_options(option: Sequence[str], thinking: Thinking | None, base_url: str | None) -> dict[str, Any]:
    """What ``--option`` and ``--thinking`` send with each request.

    Raises
    ------
    InputError
        Not KEY=JSON, a key among them, or ``--thinking`` without an endpoint of one's own.
    """
    sent: dict[str, Any] = {}
    for text in option:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputError("an --option without '='", wanted="KEY=JSON, such as seed=7")
        if _KEY_LIKE.search(name) or _KEY_LIKE.search(value):
            raise InputError(
                "a key given with --option", wanted="the name of the variable that holds it: --api-key-env"
            )
        try:
            sent[name] = json.loads(value)
        except ValueError:
            sent[name] = value  # a text needs no quotes
    if thinking is None:
        return sent
    if base_url is None:
        raise InputError(
            "--thinking without --base-url: providers have their own ways", wanted="--option reasoning_effort=low, say"
        )
    template = sent.get("chat_template_kwargs")
    sent["chat_template_kwargs"] = {**_thinking(thinking), **(template if isinstance(template, dict) else {})}
    return sent


def _thinking(mode: Thinking) -> dict[str, Any]:
    """What chat templates take: Baichuan's a mode, most others a flag by one of two names; none minds the others'."""
    if mode is Thinking.auto:
        return {"thinking_mode": "auto"}
    return {"thinking_mode": mode.value, "enable_thinking": mode is Thinking.on, "thinking": mode is Thinking.on}
