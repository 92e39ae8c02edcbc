"""Structured replies: asked for with a schema, read strictly, sent back twice at most, else a failure with the text.

A reply is one JSON value and nothing else. What could be guessed (the JSON somewhere in the prose, the last of two keys
with the same name, a label in other words) is not guessed: the model is told what is wrong and asked again.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any, NoReturn, TypeVar

from halueval.chat.secrets import environment_secrets, redact
from halueval.chat.session import ChatSession
from halueval.chat.untrusted import fence
from halueval.records import ChatReply, ChatRequest, Cost, Failure, FailureKind, Stage, total_cost

__all__ = ["Unreadable", "ask", "by_id", "check", "read_as", "read_json"]

T = TypeVar("T")

TRIES = 3  # where one reply in twenty can't be read, two leave one item in 400 without a value, three one in 8,000
KEPT = 2_000  # characters of an unreadable reply that are kept, and quoted back
LONGEST = 250_000  # characters of a reply: some 60,000 tokens, many times what any of our prompts asks for
DEEPEST = 32  # arrays and objects inside each other
WIDEST_NUMBER = 2**53  # whole numbers beyond it are not the same everywhere (RFC 8259, section 6)
PROBLEMS = 3  # are named at once

_BLANK = " \t\r\n"  # what JSON calls white space
_FENCED = re.compile(r"```(?:json)?[ \t]*\r?\n(.*)\n[ \t]*```", re.DOTALL | re.IGNORECASE)
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_NO_PROSE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Unreadable(ValueError):
    """A reply that isn't what was asked for; its text says what is wrong, in words that the model can act on."""


def read_json(text: str) -> Any:
    """The one JSON value that a reply is.

    White space around it is allowed, and one Markdown fence with nothing outside. Everything else is refused: text
    around the value, a second value, a value that is cut off, a key that occurs twice, numbers that are not finite or
    not exact, text that is not Unicode, nesting deeper than 32, more than 250,000 characters.

    Raises
    ------
    Unreadable
        It is anything else.

    Examples
    --------
    >>> read_json('{"label": "supported"}')
    {'label': 'supported'}
    >>> read_json('Sure! {"label": "supported"}')
    Traceback (most recent call last):
    ...
    halueval.chat.structured.Unreadable: it has other text before the JSON
    >>> read_json('{"label": "supported", "label": "refuted"}')
    Traceback (most recent call last):
    ...
    halueval.chat.structured.Unreadable: the key "label" occurs twice in one object
    """
    if len(text) > LONGEST:
        raise Unreadable(f"it has {len(text):,} characters; be shorter, {LONGEST:,} is the most")
    body = text.strip(_BLANK)
    if fenced := _FENCED.fullmatch(body):
        body = fenced[1].strip(_BLANK)
    if not body:
        raise Unreadable("it is empty")
    _require_shallow(body)
    try:
        value = _DECODER.decode(body)
    except json.JSONDecodeError as error:
        raise Unreadable(_what_is_wrong(body, error)) from None
    if any(_NO_PROSE.search(said) for said in _texts(value)):
        raise Unreadable("a text in it holds a control character, or half of a character (a lone surrogate)")
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        yield from value if isinstance(value, dict) else ()
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _require_shallow(body: str) -> None:
    """Count brackets before parsing: the parser itself would run out of stack."""
    depth = 0
    for token in _BRACKETS.finditer(body):
        first = body[token.start()]
        depth += (first in "[{") - (first in "]}")
        if depth > DEEPEST:
            raise Unreadable(f"arrays and objects stand inside each other more than {DEEPEST} deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Unreadable(f"the key {_named(twice)} occurs twice in one object")
    return value


def _number(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Unreadable("it holds a number that is too large")
    return value


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > WIDEST_NUMBER:
        raise Unreadable("it holds a whole number that is too large")
    return int(digits)


def _constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is not JSON; give a number, or null where the format allows it")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_int=_integer, parse_constant=_constant, strict=True
)

_ENDED_EARLY = "it ends before the JSON does; send all of it, and be shorter if it was cut off"
# What is at the place where the parser stopped (before it, at it) → what the model is told; the first that fits.
_AT_THE_FAULT: tuple[tuple[str, str, str], ...] = (
    (r"^", "\ufeff", "it begins with a byte order mark"),
    (r"^", r"[^\[{\"\d\-tfn'TFN]", "it has other text before the JSON"),
    (r",\s*", r"[}\]]", "it has a comma before a closing bracket"),
    ("", "'", "texts and keys stand in double quotes"),
    ("", "(?:True|False|None)", "true, false and null are written in lower case"),
    ("", "(?://|/\\*|#)", "comments are not JSON"),
)


def _what_is_wrong(body: str, error: json.JSONDecodeError) -> str:
    if error.msg == "Extra data":
        rest = body[error.pos :].lstrip(_BLANK + ",")
        return "it holds more than one JSON value" if rest[:1] in tuple('[{"') else "it has other text after the JSON"
    if error.pos >= len(body) or error.msg.startswith("Unterminated string"):
        return _ENDED_EARLY
    if error.msg.startswith("Invalid control character"):
        return 'a text in it holds a bare line break or control character; write "\\n"'
    for before, at, problem in _AT_THE_FAULT:
        if re.match(at, body[error.pos : error.pos + 8]) and re.search(
            f"(?:{before})\\Z", body[max(0, error.pos - 80) : error.pos]
        ):
            return problem
    if error.pos == 0:
        return "it has other text before the JSON"
    return f"it is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"


def _named(key: str) -> str:
    """A key that the model made up, if it is a plain word: what goes into a prompt is never free text from outside."""
    return f'"{key}"' if re.fullmatch(r"[A-Za-z_][\w.-]{0,39}", key) else "of some name"


def check(value: Any, schema: Mapping[str, Any]) -> None:
    """Require that a value has the shape that a JSON schema describes.

    Draft 2020-12, with two differences on the strict side: ``integer`` means written as a whole number (1.0 is none),
    and ``true`` is no number.

    Raises
    ------
    Unreadable
        It hasn't; the text names up to three places and what is wanted there, and repeats nothing of the value.

    Examples
    --------
    >>> check({"p": 1.5}, {"type": "object", "properties": {"p": {"type": "number", "maximum": 1}}})
    Traceback (most recent call last):
    ...
    halueval.chat.structured.Unreadable: $.p must be at most 1
    """
    problems = dict.fromkeys(_problem(error) for error in islice(_validator(schema).iter_errors(value), 4 * PROBLEMS))
    if problems:
        raise Unreadable("; ".join(islice(problems, PROBLEMS)))


def read_as(schema: Mapping[str, Any]) -> Callable[[str], Any]:
    """A reader for :func:`ask`: the JSON value of a reply, of the shape that the schema describes.

    Examples
    --------
    >>> read = read_as({"type": "array", "items": {"enum": ["yes", "no"]}})
    >>> read('["yes"]')
    ['yes']
    >>> read('["Yes"]')
    Traceback (most recent call last):
    ...
    halueval.chat.structured.Unreadable: $[0] must be one of "yes", "no"
    """

    def read(text: str) -> Any:
        value = read_json(text)
        check(value, schema)
        return value

    return read


@cache
def _validator_class() -> Any:
    from jsonschema import Draft202012Validator, validators  # type: ignore[import-untyped]

    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    return validators.extend(Draft202012Validator, type_checker=types)


def _validator(schema: Mapping[str, Any]) -> Any:
    return _validator_class()(schema)


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(json.dumps(value, ensure_ascii=False) for value in values)


# The keyword of the schema that is not satisfied → what is wanted, from the schema alone.
_WANTED: dict[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "type": lambda wanted, _: f"must be {' or '.join([wanted] if isinstance(wanted, str) else wanted)}",
    "enum": lambda wanted, _: f"must be one of {_listed(wanted)}",
    "const": lambda wanted, _: f"must be {_listed([wanted])}",
    "required": lambda wanted, _: f"must have the keys {_listed(wanted)}",
    "additionalProperties": lambda _, schema: f"must have no keys but {_listed(schema.get('properties', ()))}",
    "minimum": lambda wanted, _: f"must be at least {wanted}",
    "maximum": lambda wanted, _: f"must be at most {wanted}",
    "minItems": lambda wanted, _: f"must have at least {wanted} items",
    "maxItems": lambda wanted, _: f"must have at most {wanted} items",
    "minLength": lambda wanted, _: f"must have at least {wanted} characters",
    "maxLength": lambda wanted, _: f"must have at most {wanted} characters",
}


def _problem(error: Any) -> str:
    keyword, value = error.validator, error.validator_value
    wanted = _WANTED[keyword](value, error.schema) if keyword in _WANTED else f"breaks {keyword!r} of the schema"
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    return f"${path[:120]} {wanted}"


def by_id(rows: Sequence[Mapping[str, Any]], ids: Sequence[T], *, key: str = "id") -> list[Mapping[str, Any]]:
    """The rows of a reply in the order of the ids that were asked about; each stands there exactly once.

    Raises
    ------
    Unreadable
        An id is missing, occurs twice, or was not asked about.

    Examples
    --------
    >>> by_id([{"id": 2}, {"id": 1}], [1, 2])
    [{'id': 1}, {'id': 2}]
    >>> by_id([{"id": 1}, {"id": 1}], [1, 2])
    Traceback (most recent call last):
    ...
    halueval.chat.structured.Unreadable: wanted each "id" of 1, 2 exactly once: missing: 2; more than once: 1
    """
    given = Counter(row[key] for row in rows)
    faults = {
        "missing": [str(wanted) for wanted in ids if wanted not in given],
        "more than once": [str(wanted) for wanted in ids if given[wanted] > 1],
        "not asked for": [str(len(others))] if (others := given.keys() - set(ids)) else [],
    }
    if any(faults.values()):
        said = "; ".join(f"{fault}: {', '.join(which)}" for fault, which in faults.items() if which)
        raise Unreadable(f'wanted each "{key}" of {", ".join(map(str, ids))} exactly once: {said}')
    rows_of = {row[key]: row for row in rows}
    return [rows_of[wanted] for wanted in ids]


# A reply that declines and says nothing else. Only ever tried on a text that could not be read.
_REFUSAL = re.compile(
    r"\W*(?:(?:i['’]?\s*a?m|we['’]?\s*a?re)\s+(?:very\s+|so\s+)?sorry\b|sorry\b|i\s+apologi[sz]e\b|unfortunately\b"
    r"|as\s+an\s+ai\b|as\s+a\s+(?:large\s+)?language\s+model\b)?[^.!?\n{]{0,80}?"
    r"\b(?:i|we)(?:['’]?\s*a?m|['’]?\s*a?re)?\s+(?:can\s*not|can['’]?t|won['’]?t|will\s+not|must\s+decline|decline"
    r"|(?:not\s+able|unable)\s+to)\s+(?:\w+\s+){0,2}?"
    r"(?:help|assist|comply|answer|provide|fulfil+|do|discuss|continue|respond|give|judge|offer|engage|process|to)\b"
    r"|\W*(?:抱歉|对不起|很抱歉|非常抱歉|不好意思)?[，,。\s]*我(?:无法|不能|不可以)",
    re.IGNORECASE,
)
_LONGEST_REFUSAL = 600
_LONGEST_MESSAGE = 600


def _is_refusal(text: str) -> bool:
    return len(text) <= _LONGEST_REFUSAL and "{" not in text and _REFUSAL.match(text) is not None


async def ask(
    session: ChatSession,
    request: ChatRequest,
    read: Callable[[str], T],
    *,
    stage: Stage,
    item_id: str = "",
    tries: int = TRIES,
) -> tuple[T | Failure, Cost]:
    """Ask, read the reply, and where it can't be read say why and ask again: ``tries`` replies at most, each paid for.

    How often depends on nothing else, so the same version asks the same again of the same replies.

    Parameters
    ----------
    session : ChatSession
        Who is asked.
    request : ChatRequest
        What. When it is asked again it has the same messages and two more, with what was wrong with the last reply, so
        that what endpoints keep of a prompt serves.
    read : callable
        Gets the text of the reply and gives the value, or raises :class:`Unreadable`; such as :func:`read_as` gives.
    stage, item_id : str
        What the failure and the cost are of.
    tries : int
        3 by default. Attempts in which no reply came are the session's (``max_attempts``) and not counted here.

    Returns
    -------
    tuple of (T or Failure), Cost
        So many replies that could not be read are a failure of the kind ``unreadable_reply`` (``refused`` where the
        last one clearly declines, ``empty_reply`` where it is blank) with the start of the last; the cost is of all.

    Raises
    ------
    RunStopped
        Every other call would fail as well.

    Examples
    --------
    >>> from halueval.chat.loop import run
    >>> from halueval.chat.scripted import ScriptedChat
    >>> replies = ["It is supported.", '{"label": "supported"}']
    >>> request = ChatRequest(({"role": "user", "content": "Judge."},))
    >>> value, cost = run(ask(ChatSession(ScriptedChat(replies)), request, read_json, stage="verification"))
    >>> value, cost.calls
    ({'label': 'supported'}, 2)
    """
    asked, costs, last = request, [], ""
    while True:
        reply, cost = await session.chat(asked, stage=stage, item_id=item_id)
        costs.append(cost)
        total = total_cost(costs)
        if isinstance(reply, Failure):
            attempts = reply.attempts + sum(cost.calls for cost in costs[:-1])
            return replace(reply, attempts=attempts, reply=reply.reply or last, cost=total), total
        try:
            return read(reply.text), total
        except Unreadable as error:
            problem = str(error)[:_LONGEST_MESSAGE]
        last = _kept(reply.text)
        if len(costs) >= tries:
            kind, said = _what_it_was(reply)
            message = f"{session.name}: {said} ({tries} tries): {problem}"[:_LONGEST_MESSAGE]
            return Failure(stage, kind, message, item_id, total.calls, last, total), total
        asked = _once_more(request, reply, problem)


def _once_more(request: ChatRequest, reply: ChatReply, problem: str) -> ChatRequest:
    """The same request, the broken reply quoted as data, and what is wrong with it."""
    cut = " It was cut off at the limit of its length: be shorter." if reply.finish_reason == "length" else ""
    messages = (
        *request.messages,
        # the roles alternate: some chat templates refuse two turns of one side
        {"role": "assistant", "content": "(a reply that could not be read)"},
        {
            "role": "user",
            "content": f"Your last reply could not be read: {problem}.{cut} Here is its start, as data:\n"
            f"{fence('reply', reply.text[:KEPT])}\n"
            "Send the whole reply again: one JSON value in the format asked for, and nothing else.",
        },
    )
    return replace(request, messages=messages)


def _what_it_was(reply: ChatReply) -> tuple[FailureKind, str]:
    """How a reply that could not be read is counted."""
    if not reply.text.strip():
        return "empty_reply", "the reply was empty"
    if reply.finish_reason == "content_filter" or _is_refusal(reply.text):
        return "refused", "the model declined"
    if reply.finish_reason == "length":
        return "unreadable_reply", "the reply was cut off at the limit of its length"
    return "unreadable_reply", "the reply could not be read"


def _kept(text: str) -> str:
    """The start of a reply, without keys: a proxy's error page may repeat what it was sent."""
    return redact(text[: 2 * KEPT], environment_secrets())[:KEPT]  # first the keys: half a key is still one
