"""What a judge's reply says: for each claim a label, a quote, a reason, and how sure it is; read strictly."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from halueval.chat.structured import by_id, check, read_json
from halueval.chat.untrusted import unmark
from halueval.records import LABELS, Label, TokenLogprob

__all__ = [
    "RULING_FIELDS",
    "Ruling",
    "label_probabilities",
    "read_rulings",
    "ruling_of",
    "rulings_schema",
    "stated_probabilities",
]

# In this order: a model that has written the words that decide is more likely to give the label that they lead to.
RULING_FIELDS: Mapping[str, Any] = {
    "quote": {"type": "string"},
    "reason": {"type": "string"},
    "label": {"type": "string", "enum": list(LABELS)},
    "probability": {"type": "number", "minimum": 0, "maximum": 1},
}

_LABEL_VALUE = re.compile(r'(?<!\\)"label"\s*:\s*"')
_LEAST_MASS = 0.5  # of the alternatives that are labels; below it the tokens were not about the label
_LONGEST_REASON = 600
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the judge says of one claim; ``quote`` and ``reason`` are free text of a model, not checked."""

    label: Label
    quote: str
    reason: str
    probability: float


def rulings_schema(ids: Sequence[str]) -> dict[str, Any]:
    """The JSON schema of a reply about the claims with these ids.

    Examples
    --------
    >>> rulings_schema(["c1"])["properties"]["verdicts"]["items"]["properties"]["id"]
    {'type': 'string', 'enum': ['c1']}
    """
    fields: dict[str, Any] = {"id": {"type": "string", "enum": list(ids)}, **RULING_FIELDS}
    row = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {
        "type": "object",
        "properties": {"verdicts": {"type": "array", "items": row, "minItems": len(ids), "maxItems": len(ids)}},
        "required": ["verdicts"],
        "additionalProperties": False,
    }


def read_rulings(text: str, ids: Sequence[str]) -> tuple[dict[str, Ruling], tuple[str, ...]]:
    """What a reply says of each claim, and the ids in the order that the reply has them.

    Raises
    ------
    Unreadable
        It isn't one JSON object of the asked-for shape with each id exactly once.

    Examples
    --------
    >>> row = '{"id": "c1", "quote": "", "reason": "silent", "label": "not_enough_info", "probability": 0.8}'
    >>> read_rulings('{"verdicts": [' + row + ']}', ["c1"])[0]["c1"].label
    'not_enough_info'
    """
    value = read_json(text)
    check(value, rulings_schema(ids))
    rows = value["verdicts"]
    rulings = {row["id"]: ruling_of(row) for row in by_id(rows, ids)}
    return rulings, tuple(row["id"] for row in rows)


def ruling_of(row: Mapping[str, Any]) -> Ruling:
    """The ruling in an object that has :data:`RULING_FIELDS`."""
    # a model that copies well copies the marks and escapes of the fence too, and escapes may stand for anything
    reason = " ".join(_UNWRITABLE.sub(" ", unmark(row["reason"])).split())[:_LONGEST_REASON]
    return Ruling(row["label"], unmark(row["quote"]), reason, float(row["probability"]))


def stated_probabilities(label: Label, probability: float) -> dict[Label, float]:
    """The label's probability as the model states it, the rest shared by the other two.

    Examples
    --------
    >>> stated_probabilities("refuted", 0.5)
    {'supported': 0.25, 'refuted': 0.5, 'not_enough_info': 0.25}
    """
    other = (1 - probability) / (len(LABELS) - 1)
    return {each: probability if each == label else other for each in LABELS}


def label_probabilities(text: str, logprobs: Sequence[TokenLogprob], count: int) -> list[dict[Label, float] | None]:
    """The labels' probabilities at the token where each label of a reply begins, in the order of the reply.

    The alternatives to that token are mapped to the labels that they begin (the three begin differently, so any part
    will do), and the probabilities renormalised over the three. A label that none of the listed alternatives begins
    gets an equal share of what the list leaves over: at most what it can have had.

    Parameters
    ----------
    text : str
        The reply.
    logprobs : sequence of TokenLogprob
        Of its tokens; joined, they are the text. Anything else, or none, gives None.
    count : int
        How many labels the reply has.

    Returns
    -------
    list
        ``count`` entries; None where the tokens don't tell, such as when labels hold less than half of the probability.

    Examples
    --------
    >>> top = (("supported", math.log(0.6)), ("ref", math.log(0.2)), ("not", math.log(0.2)))
    >>> parts = ('{"label": "', ()), ("supported", top), ('"}', ())
    >>> tokens = [TokenLogprob(token, math.log(0.6), top) for token, top in parts]
    >>> {label: round(p, 2) for label, p in label_probabilities('{"label": "supported"}', tokens, 1)[0].items()}
    {'supported': 0.6, 'refuted': 0.2, 'not_enough_info': 0.2}
    """
    begins = [match.end() for match in _LABEL_VALUE.finditer(text)]
    if not logprobs or len(begins) != count or "".join(token.token for token in logprobs) != text:
        return [None] * count
    ends = list(accumulate(len(token.token) for token in logprobs))
    at = 0
    found: list[dict[Label, float] | None] = []
    for begin in begins:
        while ends[at] <= begin:
            at += 1
        found.append(_at_token(logprobs[at]))
    return found


def _at_token(token: TokenLogprob) -> dict[Label, float] | None:
    listed = dict(token.top) or {token.token: token.logprob}
    listed.setdefault(token.token, token.logprob)
    if not all(value <= 0 for value in listed.values()):  # also NaN
        listed = {text: min(value, 0.0) for text, value in listed.items() if value == value}
    mass = dict.fromkeys(LABELS, 0.0)
    for text, value in listed.items():
        label = _begun(text)
        if label is not None:
            mass[label] += math.exp(value)
    if sum(mass.values()) < _LEAST_MASS:
        return None
    unseen = [label for label in LABELS if mass[label] == 0]
    left = max(0.0, 1 - sum(math.exp(value) for value in listed.values()))
    for label in unseen:
        mass[label] = left / len(unseen)
    total = sum(mass.values())
    return {label: value / total for label, value in mass.items()}


def _begun(token: str) -> Label | None:
    """The label that a token begins or holds."""
    part = re.sub(r'^.*"', "", token.rstrip('"}, \n'), flags=re.DOTALL).strip().casefold()
    return next((label for label in LABELS if part and (label.startswith(part) or part.startswith(label))), None)
