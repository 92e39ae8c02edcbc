"""One attempt at a call: whatever a model does, what comes out is a reply with a text or an error that says why."""

from __future__ import annotations

import asyncio
import errno
import math
import socket
from dataclasses import replace

from halueval.chat.secrets import redact
from halueval.errors import ChatError, RunStopped
from halueval.protocols import ChatModel
from halueval.records import ChatReply, ChatRequest

__all__ = ["asked_to_wait", "attempt", "shown", "unreachable"]

SHOWN = 500  # characters of what somebody else's exception says
DEEPEST = 16  # causes of causes
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"  # not white space to Python, and nothing to read either
EMPTY_AGAIN = ("length", "content_filter")  # of all reasons to end, those for which a reply would be empty again
NO_CONNECTION = frozenset(
    (errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.ETIMEDOUT)
)


async def attempt(model: ChatModel, request: ChatRequest, deadline: float) -> ChatReply | ChatError:
    """Ask a model once, for ``deadline`` seconds at most, the last byte of the reply included.

    Only a cancellation from outside is raised. A model that raises anything else, cancels itself, or returns something
    that isn't a reply with a text gets an error in its place; a reply whose counts aren't counts loses them.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> request = ChatRequest(({"role": "user", "content": "Say nothing."},))
    >>> asyncio.run(attempt(ScriptedChat([" "]), request, 1.0))
    ChatError('scripted: an empty reply (stop)')
    """
    name = model.name
    try:
        async with asyncio.timeout(deadline) as timer:
            reply: object = await model.chat(request)
    except RunStopped as error:
        return ChatError("provider_error", str(error), fatal=True)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return ChatError("provider_error", f"{name}: the call cancelled itself")
    except Exception as error:  # a plug-in may raise anything; it is counted, never hidden
        if timer.expired():
            return ChatError("timeout", f"{name}: no whole reply within {deadline:g} s", retry=True)
        if isinstance(error, ChatError):
            return error
        odd = ChatError("provider_error", f"{name}: {type(error).__name__}: {_line(str(error))}")
        odd.__cause__ = error
        return odd
    return _read(name, reply)


def unreachable(error: ChatError) -> bool:
    """Whether no connection came about: the error says so, or was raised because of one that does.

    Examples
    --------
    >>> try:
    ...     try:
    ...         raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
    ...     except OSError:
    ...         raise ChatError("provider_error", "m: down", retry=True) from None
    ... except ChatError as error:
    ...     unreachable(error)
    True
    """
    if error.unreachable:
        return True
    cause: BaseException | None = error
    for _ in range(DEEPEST):
        if isinstance(cause, socket.gaierror) or (isinstance(cause, OSError) and cause.errno in NO_CONNECTION):
            return True
        cause = cause and (cause.__cause__ or cause.__context__)
    return False


def asked_to_wait(error: ChatError) -> float | None:
    """Seconds that the endpoint asked to wait, if it did and they can be waited."""
    seconds = error.retry_after
    return seconds if isinstance(seconds, int | float) and 0 <= seconds < math.inf else None


def shown(value: object) -> str:
    """A value that isn't what was wanted; of texts and objects only the type, for they may hold a key."""
    return repr(value) if isinstance(value, int | float | None) else f"something of type {type(value).__name__}"


def _read(name: str, reply: object) -> ChatReply | ChatError:
    if not isinstance(reply, ChatReply) or not isinstance(reply.text, str):
        return ChatError("empty_reply", f"{name}: {shown(reply)} came back, and no reply with a text")
    counts = reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens
    if not all(isinstance(count, int) and count >= 0 for count in counts) or not (
        reply.dollars is None or (isinstance(reply.dollars, int | float) and 0 <= reply.dollars < math.inf)
    ):
        reply = replace(reply, prompt_tokens=0, completion_tokens=0, cached_tokens=0, dollars=None)
    if any(not c.isspace() and c not in INVISIBLE for c in reply.text):
        return reply
    return ChatError(
        "empty_reply",
        f"{name}: an empty reply" + (f" ({_line(str(reply.finish_reason))})" if reply.finish_reason else ""),
        retry=reply.finish_reason not in EMPTY_AGAIN,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        dollars=reply.dollars,
    )


def _line(text: str) -> str:
    return " ".join(redact(text).split())[:SHOWN]
