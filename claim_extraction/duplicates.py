"""Claims that say the same: kept once, where they were said first, and counted.

Two claims are the same when they are the same words in the same order, but for case, punctuation, articles, forms of
"be", plurals, and the way a quantity is written ("4 g", "4000 mg"). Nothing looser: "metformin causes nausea" and
"nausea causes metformin" hold the same words, and a claim that is merged by mistake is a claim that is never checked.
Being the same is then a matter of one key, so it is symmetrical, and it does not matter in which order pairs are seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from halueval.claim_extraction.assembly import Statement
from halueval.records import Quantity
from halueval.text.quantities import find_quantities
from halueval.text.quantities_relation import interval_of
from halueval.text.word_sets import word_set

__all__ = ["merge_duplicates", "same_claim"]

Key: TypeAlias = tuple[object, ...]

_EMPTY = word_set("a an the is are be been being also however therefore moreover furthermore additionally please")
# Numbers with their sign and point, words, and the signs that change what is said.
_TOKEN = re.compile(r"(?<![^\W_])[-−+]?\d+(?:[.,]\d+)*|\d+(?:[.,]\d+)*|[^\W\d_]+|[<>≤≥=≠±~≈%/]")
_NOT = re.compile(r"\b(\w{2,6})n['’]t\b|\bcannot\b")
_BEFORE_NOT = {"ca": "can", "wo": "will", "sha": "shall", None: "can"}
_ANNOTATION = re.compile(r"\{[^{}]*\}")


def merge_duplicates(statements: Sequence[Statement]) -> tuple[list[Statement], int]:
    """Statements without those that say what an earlier one says, and how many were merged.

    The first stays, in its words and in its place, and takes over where the others were said. It is checkworthy if one
    of them is.

    Parameters
    ----------
    statements : sequence of Statement
        Before they are annotated, so that what is annotated is what is said in all of the places.

    Examples
    --------
    >>> from halueval.records import Span
    >>> said = ["Aspirin is a drug.", "Take 5 mg.", "aspirin is the drug", "Take 50 mg.", "Take 5mg."]
    >>> kept, merged = merge_duplicates([Statement(s, (Span(i, i + 1),)) for i, s in enumerate(said)])
    >>> [s.text for s in kept], merged
    (['Aspirin is a drug.', 'Take 5 mg.', 'Take 50 mg.'], 2)
    >>> kept[0].spans
    (Span(start=0, end=1), Span(start=2, end=3))
    """
    kept: dict[Key, Statement] = {}
    for statement in statements:
        key = _key(statement.text)
        first = kept.get(key)
        kept[key] = statement if first is None else _united(first, statement)
    return list(kept.values()), len(statements) - len(kept)


def same_claim(a: str, b: str) -> bool:
    """Whether two claims say the same, as far as their words tell.

    Examples
    --------
    >>> same_claim("Side effects include nausea.", "The side effect includes nausea")
    True
    >>> same_claim("Aspirin increases the risk.", "Aspirin decreases the risk.")
    False
    >>> same_claim("Take 4 g a day.", "Take 4000 mg a day."), same_claim("Take 5 mg.", "Take 50 mg.")
    (True, False)
    """
    return _key(a) == _key(b)


def _united(first: Statement, second: Statement) -> Statement:
    added = [s for s in second.spans if not any(f.start <= s.start and s.end <= f.end for f in first.spans)]
    reason = None if second.reason is None else first.reason
    return replace(first, spans=(*first.spans, *added), reason=reason)


def _key(text: str) -> Key:
    """What a claim says; equal keys mean the same claim."""
    parts: list[object] = []
    at = 0
    for quantity in find_quantities(text):
        if quantity.span.start < at:
            continue
        parts.extend(_words(text[at : quantity.span.start]))
        parts.append(_amount(quantity))
        at = quantity.span.end
    parts.extend(_words(text[at:]))
    return tuple(parts) or (text.strip(),)  # nothing but signs: only itself


def _amount(quantity: Quantity) -> tuple[object, ...]:
    """A quantity in base units, so that 4 g is 4000 mg; tablets stay tablets."""
    interval = interval_of(quantity)
    counted = tuple(sorted(_ANNOTATION.findall(quantity.unit)))
    low, high = (float(f"{end:.9g}") for end in (interval.low, interval.high))
    return (interval.dimension, low, high, quantity.comparator, quantity.count, counted)


def _words(text: str) -> Iterator[str]:
    text = _NOT.sub(lambda m: f"{_BEFORE_NOT.get(m[1], m[1])} not", text.lower())
    for token in _TOKEN.findall(text.replace("−", "-")):
        if token not in _EMPTY:
            yield _singular(token)


def _singular(word: str) -> str:
    """A word without the s of a plural or of a verb; anything else is left as it is: "causes" is not "caused"."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]
