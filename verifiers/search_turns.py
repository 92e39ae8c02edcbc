"""The turns of a conversation with a model that searches: what it is told, what it may say, how that is read.

Each message is made once and never changed, so that every request begins with all bytes of the one before it and
endpoints that keep prefixes read only what is new.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from halueval.chat.structured import Unreadable, check, read_json
from halueval.records import LABELS, Evidence, Search
from halueval.text.tokens import words
from halueval.verifiers.judge_prompt import Fence, likely_ruling
from halueval.verifiers.rulings import RULING_FIELDS, Ruling, ruling_of
from halueval.verifiers.search_trail import clean_query

__all__ = [
    "May",
    "Queries",
    "asked_for",
    "first_turn",
    "found_turn",
    "likely_turn",
    "read_turn",
    "said_turn",
    "turn_schema",
]

May: TypeAlias = Literal["search", "decide", "either"]
Queries: TypeAlias = tuple[str, ...]

# Strict modes know neither two shapes at the top nor keys that may be missing; so "either" has all keys, some null.
_OPEN: dict[str, Any] = {
    **RULING_FIELDS,
    "label": {"type": ["string", "null"], "enum": [*LABELS, None]},
    "probability": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
}
# What could mean something to a chat template or a fence; in JSON it can be spelled otherwise.
_SPELLED = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>|[]{}`#"})


def _object(fields: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(fields), "required": list(required), "additionalProperties": False}


def _queries(most: int, least: int) -> dict[str, Any]:
    return {"search": {"type": "array", "items": {"type": "string"}, "minItems": least, "maxItems": most}}


def turn_schema(may: May, most: int) -> dict[str, Any]:
    """The JSON schema of a turn in which at most ``most`` queries may be asked.

    Examples
    --------
    >>> list(turn_schema("either", 3)["properties"])
    ['search', 'quote', 'reason', 'label', 'probability']
    """
    fields = {
        "search": _queries(most, 1),
        "decide": RULING_FIELDS,
        "either": _queries(most, 0) | _OPEN,
    }[may]
    return _object(fields, list(fields))


def read_turn(text: str, may: May, most: int) -> Queries | Ruling:
    """What a turn says: queries to ask, or the ruling.

    A turn that says both, or that does what it may not, is not read as either.

    Raises
    ------
    Unreadable
        It is not what was asked for; the text says what is wrong.

    Examples
    --------
    >>> read_turn('{"search": ["warfarin spinach"]}', "either", 3)
    ('warfarin spinach',)
    >>> read_turn('{"search": ["warfarin spinach"]}', "decide", 3)
    Traceback (most recent call last):
    ...
    halueval.chat.structured.Unreadable: no round of searching is left; decide, with quote, reason, label, probability
    """
    value = read_json(text)
    if not isinstance(value, dict):
        raise Unreadable("$ must be object")
    if not value.get("search"):
        if may == "search":
            raise Unreadable("there are no passages to decide by; search, with at least one query")
        return _ruling({key: part for key, part in value.items() if key != "search" or part != []})
    if may == "decide":
        raise Unreadable("no round of searching is left; decide, with quote, reason, label, probability")
    # the schema's own keys may stand there blank, or with a word on why it searches; a decision may not
    check(value, _object({"search": _queries(most, 1)["search"], **_OPEN}, ["search"]))
    if value.get("label") is not None or value.get("probability") is not None or value.get("quote"):
        raise Unreadable("it both searches and decides; do one of them")
    queries = tuple(dict.fromkeys(query for query in map(clean_query, value["search"]) if words(query)))
    if not queries:
        raise Unreadable("$.search has no query with a word in it")
    return queries


def _ruling(value: Mapping[str, Any]) -> Ruling:
    check(value, _object(RULING_FIELDS, list(RULING_FIELDS)))
    return ruling_of(value)


def first_turn(claim: str, passages: Sequence[str], fence: Fence) -> str:
    """The first message: the passages that came with the claim, then the claim."""
    return "\n".join([_numbered("Passages", passages, 1, fence), "Claim:", fence("claim", claim)])


def found_turn(searches: Sequence[Search], numbers: Mapping[int, int], fresh: Sequence[str], fence: Fence) -> str:
    """The message after a search: which passages each query found, and those that were not shown before.

    ``numbers`` gives, for a place in the evidence, the number that the passage is shown under; ``fresh`` are shown
    under the last ones.
    """
    found = [
        f"Query {i} found: {', '.join(f'P{numbers[hit]}' for hit in search.hits if hit in numbers) or 'nothing'}."
        for i, search in enumerate(searches, 1)
    ]
    return "\n".join([*found, _numbered("New passages", fresh, len(numbers) - len(fresh) + 1, fence)])


def _numbered(heading: str, passages: Sequence[str], first: int, fence: Fence) -> str:
    blocks = [fence(f"P{number}", passage) for number, passage in enumerate(passages, first)]
    return "\n".join([f"{heading}:", *blocks]) if blocks else f"{heading}: none."


def asked_for(may: May, left: int, most: int) -> str:
    """The last line of a message: what is left, and what is wanted now.

    Examples
    --------
    >>> asked_for("either", 1, 3)
    '1 round of searching left, up to 3 queries in it. Search or decide. JSON only.'
    >>> asked_for("decide", 0, 3)
    'No search left. Decide. JSON only.'
    """
    queries = "1 query" if most == 1 else f"{most} queries"
    rounds = f"{left} round{'s' * (left > 1)} of searching left, up to {queries} in {'each' if left > 1 else 'it'}."
    wanted = {"search": "Search.", "decide": "Decide.", "either": "Search or decide."}[may]
    return f"{rounds if left else 'No search left.'} {wanted} JSON only."


def said_turn(queries: Queries) -> str:
    """What stands in the conversation for a turn in which the model searched: its queries, and nothing else of it.

    They may repeat what a passage said; so every sign that could be more than data is spelled as its number.

    Examples
    --------
    >>> said_turn(("eGFR <30",))
    '{"search": ["eGFR \\\\u003c30"]}'
    """
    return '{"search": [' + ", ".join(json.dumps(query).translate(_SPELLED) for query in queries) + "]}"


def likely_turn(claim: str, passages: Sequence[Evidence], may: May) -> str:
    """A turn of the usual length, made without asking: two queries where there is nothing to decide by, else a ruling.

    How often a model searches again can't be known without asking; so an estimate made from this is a low one.
    """
    if may == "search":
        said = words(claim)
        return said_turn((" ".join(said[:5]) or "claim", " ".join(said[-4:]) or "claim"))
    decision = likely_ruling([passage.text for passage in passages])
    return json.dumps(decision if may == "decide" else {"search": [], **decision}, ensure_ascii=False)
