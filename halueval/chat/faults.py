"""What went wrong with a call, as every endpoint says it in its own way, in the words of :class:`ChatError`."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from halueval.chat.secrets import Secret, redact
from halueval.errors import ChatError
from halueval.records import FailureKind

__all__ = ["Origin", "http_fault", "retry_after", "said_by"]

SHOWN = 240  # characters of what the endpoint says, in a message
DECIDES = 500  # characters of it that decide what went wrong
READ = 65_536  # characters of the body of an error that are looked at
KEPT = 2_000  # characters of a reply that is no answer, kept beside the failure


@dataclass(frozen=True, slots=True)
class Origin:
    """Who was asked, for messages: the model, the endpoint without its secrets, and the secrets to keep out of them."""

    model: str
    endpoint: str
    secrets: tuple[Secret, ...] = ()

    def clean(self, text: str) -> str:
        """A text without keys."""
        return redact(text, self.secrets)

    def error(self, kind: FailureKind, found: str, todo: str = "", *, reply: str = "", **more: Any) -> ChatError:
        """One line that names the model, the endpoint, what happened and what to do."""
        line = one_line(f"{self.model} at {self.endpoint}: {found}") + (f". To mend it: {todo}" if todo else "")
        return ChatError(kind, self.clean(line), reply=self.clean(reply[:KEPT]), **more)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A fault is known by its status, by what is said, or by both."""

    statuses: range | tuple[int, ...]
    said: re.Pattern[str] | None
    kind: FailureKind
    found: str
    todo: str = ""
    retry: bool = False
    fatal: bool = False


def _said(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


ERRORS = range(400, 600)
KEY = "check the key: api_key=, else in the environment HALUEVAL_API_KEY for a base URL, the provider's own without one"

# The first that fits. What is said is looked at before what the status means: providers agree on neither, but less on
# the second (a spent account is a 402, a 429 or a 400, and a filtered prompt a 400 or a 403).
_RULES: tuple[_Rule, ...] = (
    _Rule(
        ERRORS,
        _said(
            r"insufficient[_ ](?:quota|balance|credit|funds)|credit balance is too low|out of credits",
            r"billing_(?:hard_limit|not_active)|exceeded_current_quota|arrearage",
            r"account.{0,20}(?:overdue|deactivated|suspended)",
        ),
        "budget",
        "the account has nothing left to pay with",
        "top it up or raise its limit, then go on with the run",
        fatal=True,
    ),
    _Rule((402,), None, "budget", "the account has nothing left to pay with", "top it up, then go on", fatal=True),
    _Rule(
        (400, 413, 422, 500),
        _said(
            r"context[_ ](?:length|window|size)|maximum context|reduce the length|too many (?:input |prompt )?tokens",
            r"(?:prompt|input|request|messages?) (?:is |are )?too (?:long|large)|(?:input|prompt) token count",
            r"exceeds? the (?:model'?s? )?(?:maximum|max|available)\b.{0,40}\b(?:tokens|context|length)",
        ),
        "context_window",
        "the request does not fit the model's context window",
        "shorten it (fewer passages, smaller windows, a lower max_tokens) or take a model with a longer one",
    ),
    _Rule((413,), None, "context_window", "the request is too large for the endpoint", "shorten it"),
    _Rule(
        (400, 403, 422, 451),
        _said(
            r"content[_ ]?(?:filter|policy|management|moderation)|responsible_?ai|data_?inspection",
            r"safety (?:system|filter)|flagged|moderation|prohibited_content",
            r"(?:sensitive|inappropriate) (?:content|words)",
        ),
        "refused",
        "the provider's filter declined the request",
    ),
    _Rule(
        (401, 403, 407), None, "provider_error", "the key is wrong, missing, or not allowed this model", KEY, fatal=True
    ),
    _Rule(
        (400, 422),
        _said(
            r"api[ _-]?key.{0,30}(?:not valid|invalid|incorrect|missing|expired)|invalid[_ ]?api[_ ]?key",
        ),
        "provider_error",
        "the key is wrong or missing",
        KEY,
        fatal=True,
    ),
    _Rule(
        (400, 404, 410, 422),
        _said(
            r"model[_ ]?not[_ ]?(?:found|exist)|(?:not a|in|un)(?: ?valid|known) model|unknown[_ ]model|no such model",
            r"\bmodels?\b\W{0,3}\S{0,120}\W{0,3}"
            r"(?:does not exist|(?:is |was )?not (?:found|available|supported|served|loaded))",
            r"model.{0,80}(?:deprecated|decommissioned)|no endpoints found|deployment.{0,40}not ?(?:exist|found)",
        ),
        "provider_error",
        "it knows no such model",
        "check the name; GET /models lists those that it serves",
        fatal=True,
    ),
    _Rule(
        (404, 405, 410, 501),
        None,
        "provider_error",
        "nothing answers chat completions there",
        "check the base URL (it usually ends in /v1) and the name of the model",
        fatal=True,
    ),
    _Rule(
        range(300, 400),
        None,
        "provider_error",
        "it sends the call elsewhere, and a key is not sent after it",
        "give the address that it names as the base URL",
        fatal=True,
    ),
    _Rule((429, 529), None, "rate_limited", "too many requests", retry=True),
    _Rule((408, 504, 524), None, "timeout", "the endpoint gave up waiting", retry=True),
    _Rule((409, 423, 425), None, "provider_error", "the endpoint is not ready", retry=True),
    _Rule(range(500, 600), None, "provider_error", "the endpoint failed", retry=True),
    _Rule(range(400, 500), None, "provider_error", "the endpoint does not take the request"),
)
_ODD = _Rule((), None, "provider_error", "the endpoint answered with something that is no reply", retry=True)


def http_fault(origin: Origin, status: int, body: str, headers: Mapping[str, str] | None = None) -> ChatError:
    """The error that a status and a body mean.

    Only the endpoint's own words decide, their first five hundred characters: the rest of a body may be the request
    come back, and an answer that speaks of wrong keys must not stop a run.

    Parameters
    ----------
    origin : Origin
        Who was asked.
    status : int
        Of the response; where a body of status 200 holds an error, the one that the error names.
    body : str
        JSON, text or HTML; what it says goes into the message, without keys and on one line.
    headers : mapping, optional
        ``retry-after-ms`` or ``retry-after`` says how long to wait. Names in any case.

    Examples
    --------
    >>> body, headers = '{"error": {"message": "slow down"}}', {"Retry-After": "2"}
    >>> error = http_fault(Origin("m", "http://127.0.0.1/v1"), 429, body, headers)
    >>> str(error), error.retry_after
    ("m at http://127.0.0.1/v1: too many requests (429: 'slow down')", 2.0)
    """
    said = origin.clean(one_line(said_by(body)))
    rule = next((r for r in _RULES if status in r.statuses and (r.said is None or r.said.search(said[:DECIDES]))), _ODD)
    detail = f"{status}: {said[:SHOWN]!r}" if said else str(status)
    return origin.error(
        rule.kind,
        f"{rule.found} ({detail})",
        rule.todo,
        retry=rule.retry,
        fatal=rule.fatal,
        retry_after=retry_after(headers or {}) if rule.retry else None,
    )


def said_by(body: str) -> str:
    """The endpoint's own words in the body of an error: codes and message where it is JSON, else the text.

    Examples
    --------
    >>> said_by('{"error": {"message": "no", "code": "x"}}'), said_by("<h1>Bad</h1>")
    ('x: no', ' Bad ')
    """
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        # a body that was cut may end in half a key, that no pattern knows
        text = body if len(body) <= READ else body[: READ - 500]
        return re.sub(r"<[^<>]*>", " ", text) if text.lstrip().startswith("<") else text
    codes, messages = _words(data)
    return ": ".join(part for part in (" ".join(dict.fromkeys(codes)), "; ".join(dict.fromkeys(messages))) if part)


def _words(data: Any, depth: int = 4) -> tuple[list[str], list[str]]:
    """Codes and messages, wherever the ways in which endpoints write errors have them."""
    if isinstance(data, str):
        return [], [data]
    if isinstance(data, list) and depth:
        parts = [_words(item, depth - 1) for item in data[:3]]
        return [c for codes, _ in parts for c in codes], [m for _, messages in parts for m in messages]
    if not isinstance(data, dict) or not depth:
        return [], []
    codes = [data[name] for name in ("code", "type", "status") if isinstance(data.get(name), str)]
    messages: list[str] = []
    for name in ("message", "msg", "error", "errors", "detail", "innererror", "metadata", "raw"):
        inner = _words(data.get(name), depth - 1)
        codes, messages = codes + inner[0], messages + inner[1]
    return codes, messages


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the endpoint asks to wait; None where it doesn't say, or not in a way that can be read.

    Examples
    --------
    >>> [retry_after({"Retry-After": said}) for said in ("1.5", "-1", "soon")]
    [1.5, 0.0, None]
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(lowered.get(name, "")) * scale
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(seconds, 0.0)
    try:
        return max(parsedate_to_datetime(lowered["retry-after"]).timestamp() - time.time(), 0.0)
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):
        return None


def one_line(text: str) -> str:
    """A text that can be printed on one line: white space to single spaces, nothing that moves a cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
