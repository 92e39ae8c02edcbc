"""What a claim says otherwise than the text that it rests on: numbers, units, negations, opposites, drugs, hedges.

A chat model that rewrites a sentence may round a dose, drop a "not" or take one drug for another, and the sentence
reads as well as before. Whether such a thing was changed can be seen without a model. Words may change, and what a
claim leaves out is left to the other claims of the sentence; what it has must be there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias

from halueval.claim_extraction.polarity import Said, added_negation, lost_hedge, lost_negation, read, turned
from halueval.records import Quantity
from halueval.text.drugs import find_drugs, same_generic
from halueval.text.quantities import find_quantities
from halueval.text.quantities_relation import relation
from halueval.text.units_scale import dimension

__all__ = ["Change", "ChangeKind", "changes", "measures_in", "number_changes", "numbers_in"]

ChangeKind: TypeAlias = Literal["number", "negation", "opposite", "name", "hedge"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a claim changed: what it says, and what was said instead, "" where nothing like it was."""

    kind: ChangeKind
    claimed: str
    said: str = ""


# A sentence and its answer are read again for each claim.
_quantities, _drugs_in = lru_cache(2_048)(find_quantities), lru_cache(2_048)(find_drugs)
_UNITS_AND_TEENS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBER_WORDS = {word: str(i) for i, word in enumerate(_UNITS_AND_TEENS.split())} | {
    word: str(10 * i) for i, word in enumerate(_TENS.split(), 2)
}
_NUMBER = re.compile(
    r"(?<![A-Za-z\d])(?<![A-Za-z][-‐‑–])(?:\d+(?:,\d{3})+|\d+)(?:\.\d+)?(?![A-Za-z\d])|[½¼¾⅓⅔]"
    rf"|\b(?:{'|'.join(_NUMBER_WORDS)})\b"
)
_ONE = rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?|{'|'.join(_NUMBER_WORDS)})"
_RANGE = re.compile(
    rf"(?<![\w.,-])(?:between\s+(?P<low>{_ONE})\s+and|(?P<from>{_ONE})\s*(?:[-‐‑–—]|to|through|until))\s*(?P<high>{_ONE})(?![\w-])"
)
_COMPARING = re.compile(
    r"(?:(?:more|less|fewer|greater|longer|at|up|no|over|under|about|above|below)\s+)?(?:than\s+|least\s+|most\s+|to\s+)?$",
    re.IGNORECASE,
)
_CITED = re.compile(r"\([^()]{2,80}\b(?:19|20)\d\d[a-z]?\)")
_FREELY = frozenset(["0", "1"])  # "one of the", "zero" as a word: as digits they are still compared
_SAME_AS = {"2": re.compile(r"\b(?:both|pair|couple|twice|either|double)\b"), "3": re.compile(r"\b(?:triple|thrice)\b")}
# A name with a number in it: HSV-1, T4, COVID-19, B12.
_CODE = re.compile(r"(?<![^\W_])(?P<name>[A-Za-z]{1,8})[-‐‑–]?(?P<number>\d{1,3})(?P<more>[A-Za-z]?)(?![^\W_])")
_NAMED = re.compile(r"\b(?P<name>type|stage|grade|phase|class|group|category)\s+(?P<number>\d+|[IViv]+|[A-Da-d])\b")
_NOT_CODES = frozenset(["mg", "mcg", "ml", "kg", "cm", "mm", "q", "x"])
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|this|these|that|those|such|both|drugs?|medications?|medicines?)\b", re.I
)


def changes(claim_text: str, said: str, context: str = "") -> tuple[Change, ...]:
    """What a claim changed of the text that it rests on; empty for a faithful one.

    Parameters
    ----------
    claim_text : str
        The claim, made self-contained.
    said : str
        The sentences that it was made in, whole: a quote may leave out the "not" before it.
    context : str
        What its subject may have been carried from: the question and the rest of the answer. Names may come from it,
        and quantities of a kind that ``said`` has none of.

    Returns
    -------
    tuple of Change
        "number": a number, unit, range, comparator or frequency that wasn't said (units are converted, "two" is 2).
        "negation": one put in, or one left out that acted on the claim's own words. "opposite": "increase" for
        "decrease". "name": a drug (brand and generic names are one) or a name with a number (HSV-1) that wasn't said.
        "hedge": a "may" or "possibly" left out.

    Examples
    --------
    >>> said = "It may cause nausea, and you should not take more than 2.5 mg twice a day."
    >>> changes("Drug X may cause nausea.", said)
    ()
    >>> changes("Do not take more than 25 mg of drug X two times a day.", said)
    (Change(kind='number', claimed='more than 25 mg', said='more than 2.5 mg'),)
    >>> [change.kind for change in changes("Drug X causes nausea.", said)]
    ['hedge']
    >>> [change.kind for change in changes("Drug X may not cause nausea.", said)]
    ['negation']
    """
    mine, theirs = read(claim_text), read(said)
    found = list(number_changes(claim_text, said, context))
    found.extend(_negations(mine, theirs))
    pair = turned(mine, theirs)
    if pair is not None:
        found.append(Change("opposite", *pair))
    found.extend(_drugs(claim_text, said, context))
    hedge = lost_hedge(mine, theirs)
    if hedge is not None:
        found.append(Change("hedge", "", hedge))
    return tuple(found)


def _negations(mine: Said, theirs: Said) -> Iterator[Change]:
    added = added_negation(mine, theirs)
    if added is not None:
        yield Change("negation", added)
        return
    lost = lost_negation(mine, theirs)
    if lost is not None:
        yield Change("negation", "", lost)


def number_changes(claim_text: str, said: str, context: str = "") -> Iterator[Change]:
    """The numbers of a claim that weren't said, in any language that writes digits.

    Examples
    --------
    >>> list(number_changes("Es dauert 4 Tage.", "Das dauert 3 Tage."))
    [Change(kind='number', claimed='4', said='3')]
    """
    mine, theirs = _quantities(claim_text), _quantities(said)
    elsewhere = _quantities(context) if context else ()
    numbers = numbers_in(said)
    reported = []
    for q in mine:
        if any(_agrees(q, other) for other in theirs) or _bounds(q, theirs, mine):
            continue
        rivals = [other for other in theirs if dimension(other.unit) == dimension(q.unit)]
        if not rivals and any(_agrees(q, other) for other in elsewhere):
            continue
        if not rivals and _digits(claim_text[q.span.start : q.span.end]) <= numbers and q.unit in ("1", "a", "/d"):
            continue  # the same digits, read as a quantity in one place and not in the other
        reported.append(q)
        best = min(rivals, key=lambda other: abs(other.low - q.low), default=None)
        yield Change("number", _written(claim_text, q), _written(said, best) if best else "")
    spans = [q.span for q in mine]
    bare = _bare(claim_text, lambda at: any(s.start <= at < s.end for s in spans))
    missing = [n for n in bare if n not in numbers and not (n in _SAME_AS and _SAME_AS[n].search(said.lower()))]
    if missing and not reported:
        free = sorted(_bare(said, lambda at: False) - bare)
        if free or not set(missing) <= numbers_in(context):
            yield Change("number", missing[0], free[0] if free else "")
    if not reported and not missing:
        wrong = sorted(_ranges(claim_text) - _ranges(said) - _ranges(context))
        if wrong:
            theirs_there = sorted(_ranges(said))
            yield Change("number", " to ".join(wrong[0]), " to ".join(theirs_there[0]) if theirs_there else "")
    yield from _codes(claim_text, said, context)


def _ranges(text: str) -> set[tuple[str, str]]:
    """Numbers that are the two ends of something, with or without a unit: "between 100 and 125", "1904-1905"."""
    return {(_plain(m["low"] or m["from"]), _plain(m["high"])) for m in _RANGE.finditer(text.lower())}


def _agrees(claimed: Quantity, said: Quantity) -> bool:
    """Whether both are the same values; a claim may say "about" where the text doesn't, and not the other way round."""
    if claimed.comparator == "~" and said.comparator == "=":
        claimed = replace(claimed, comparator="=")
    return relation(claimed, said) == "equal"


def _bounds(q: Quantity, theirs: tuple[Quantity, ...], mine: tuple[Quantity, ...]) -> bool:
    """ "At least 4 and up to 72 hours" of what was said to last 4 to 72 hours."""
    if q.comparator not in (">=", "<="):
        return False
    opposite = "<=" if q.comparator == ">=" else ">="
    for other in theirs:
        if other.low < other.high and other.unit == q.unit and other.comparator == "=":
            end, far = (other.low, other.high) if q.comparator == ">=" else (other.high, other.low)
            if q.low == end and any(o.comparator == opposite and o.low == far for o in mine):
                return True
    return False


def _written(text: str, q: Quantity) -> str:
    """A quantity as it stands, with the word before it that may hold its comparator."""
    before = _COMPARING.search(text[max(0, q.span.start - 24) : q.span.start])
    start = q.span.start - (len(before.group()) if before else 0)
    return text[start : q.span.end]


def _plain(token: str) -> str:
    token = _NUMBER_WORDS.get(token, token).replace(",", "")
    if "." in token:
        token = token.rstrip("0").rstrip(".")
    return token.lstrip("0") or "0" if token.isdigit() else token


def _digits(text: str) -> set[str]:
    return {_plain(m.group()) for m in _NUMBER.finditer(text.lower())}


def numbers_in(text: str) -> set[str]:
    """All numbers of a text, as digits without commas and closing zeros; those within names and quantities too.

    Examples
    --------
    >>> sorted(numbers_in("Take 2.50 mg two times a day for HSV-1, at most 1,000 mg."))
    ['1', '1000', '2', '2.5']
    """
    return _digits(text) | {_plain(m.group()) for m in re.finditer(r"\d+(?:\.\d+)?", text.replace(",", ""))}


def measures_in(text: str) -> set[str]:
    """The numbers of a text that measure or count something and must not get lost: those of its quantities, and digits.

    Examples
    --------
    >>> sorted(measures_in("One of the two types, HSV-1, lasts two weeks in 80 patients."))
    ['2', '80']
    >>> measures_in("One of the two types is HSV-1 (Smith, 1990).")
    set()
    """
    text = _CITED.sub(" ", text)
    found = _quantities(text)
    digits = {number for q in found for number in _digits(text[q.span.start : q.span.end])}
    return digits | {_plain(m.group()) for m in _NUMBER.finditer(text.lower()) if m.group()[0].isdigit()}


def _bare(text: str, inside: Callable[[int], bool]) -> set[str]:
    """Numbers that aren't in a quantity; "one" and "zero" are words like others unless they are digits."""
    out = set()
    for m in _NUMBER.finditer(text.lower()):
        number = _plain(m.group())
        if not inside(m.start()) and not (number in _FREELY and not m.group().isdigit()):
            out.add(number)
    return out


def _codes(claim_text: str, said: str, context: str) -> Iterator[Change]:
    theirs, elsewhere = _named(said), _named(context)
    for name, values in _named(claim_text).items():
        known = theirs.get(name) or elsewhere.get(name)
        wrong = sorted(values - known) if known else []
        if wrong and known and not (name not in theirs and set(wrong) <= elsewhere.get(name, set())):
            yield Change("name", f"{name} {wrong[0]}", f"{name} {min(known)}")
            return


def _named(text: str) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for pattern in (_CODE, _NAMED):
        for m in pattern.finditer(text):
            name = m["name"].lower()
            if name not in _NOT_CODES and not (pattern is _CODE and m["name"].islower() and len(name) > 2):
                out.setdefault(name, set()).add(m["number"].lower())
    return out


def _drugs(claim_text: str, said: str, context: str) -> Iterator[Change]:
    """A drug that wasn't said, or one that was said elsewhere in place of the one said here."""
    mine, theirs = _generics(claim_text), _generics(said)
    elsewhere = _generics(context)
    for drug, name in mine.items():
        if _is_among(drug, theirs):
            continue
        left_out = [other for other in theirs if not _is_among(other, mine)]
        if not _is_among(drug, elsewhere):
            if elsewhere or theirs:
                yield Change("name", name, theirs[left_out[0]] if left_out else "")
                return
        elif left_out and not _PRONOUN.search(said):
            yield Change("name", name, theirs[left_out[0]])
            return


def _generics(text: str) -> dict[str, str]:
    """Drugs by their generic names, with the name that stands there; parts of a combination each."""
    return {part: text[s.start : s.end] for s, generic in _drugs_in(text) for part in generic.split("/")}


def _is_among(drug: str, others: dict[str, str]) -> bool:
    return any(same_generic(drug, other) for other in others)
