"""What limits a claim: the condition under which it holds, and whom it holds for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from halueval.claim_extraction.parses import SUBJECTS, Parse, first, last
from halueval.claim_extraction.passages import Passage
from halueval.text.word_sets import word_set

__all__ = ["Qualifiers", "qualifiers"]

_CONDITIONS = frozenset(["if", "unless", "when", "whenever", "once", "until", "while", "provided", "before", "after"])
_CASES = frozenset(["case", "cases", "event"])
_PERSONS = word_set(
    """patient patients people person persons individual individuals adult adults child children infant infants newborn
    newborns baby babies toddlers teenagers adolescents women woman men man girls boys females males mothers smokers
    seniors elderly pregnancy athletes users those anyone everyone"""
)
_AGE = re.compile(
    r"\s+(?:under|over|aged?|below|above|(?:older|younger) than|between)\s+(?:the age of\s+)?\d[\w\s–-]{0,20}?"
    r"(?:years|months|weeks)(?: of age| old)?",
    re.IGNORECASE,
)
_TO_PERSONS = frozenset(["in", "for", "among", "by", "to", "with"])


@dataclass(frozen=True, slots=True)
class Qualifiers:
    """In the answer's words, or None."""

    condition: str | None = None
    population: str | None = None


def qualifiers(parse: Parse, passage: Passage, tokens: int) -> Qualifiers:
    """The condition and the population among these tokens."""
    condition = population = None
    for i, label in enumerate(parse.deps):
        if not tokens >> i & 1:
            continue
        if condition is None and label in ("advcl", "ccomp", "pcomp") and _is_condition(parse, i):
            condition = _said(parse, passage, parse.below[i] & tokens)
        elif condition is None and label in ("pobj", "nmod") and parse.lower[i] in _CASES and parse.tags[i][0] == "N":
            condition = _said(parse, passage, parse.below[parse.heads[i]] & tokens)
        elif population is None and parse.lower[i] in _PERSONS and parse.tags[i] != "PRP":
            head = parse.heads[i]
            plain = not any(parse.deps[c] not in ("det", "punct") for c in parse.children[i])
            if (
                label == "pobj"
                and parse.lower[head] in _TO_PERSONS
                or label in SUBJECTS
                and not (plain and parse.lower[i] in ("people", "those", "individuals"))
            ):
                population = _with_age(_said(parse, passage, parse.own(i) & tokens), passage)
    return Qualifiers(condition, population)


def _with_age(said: str | None, passage: Passage) -> str | None:
    """ "Children under 16 years", where the parser gave the years to the verb."""
    if said is None:
        return None
    match = _AGE.match(passage.text, passage.text.find(said) + len(said))
    return said + match.group() if match else said


def _is_condition(parse: Parse, i: int) -> bool:
    return any(
        parse.lower[c] in _CONDITIONS and parse.deps[c] in ("mark", "advmod") and c < i for c in parse.children[i]
    )


def _said(parse: Parse, passage: Passage, tokens: int) -> str | None:
    if not tokens:
        return None
    return passage.text[parse.starts[first(tokens)] : parse.ends[last(tokens)]].strip(" ,") or None
