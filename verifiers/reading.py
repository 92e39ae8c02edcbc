"""One reading of a claim or a passage: sentences, stems, clauses, numbers and the cues in them.

Reading takes time in proportion to the text, and of one passage no more than :data:`READ_LIMIT` characters are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from halueval.text.sentences import sentence_spans
from halueval.text.tokens import stems
from halueval.verifiers.cues import COMPARED, CUE, NEGATIONS, SAME
from halueval.verifiers.synonyms import SAME_THING

__all__ = ["READ_LIMIT", "Clause", "Points", "Sentence", "passage_stems", "points", "read_passage", "read_sentence"]

READ_LIMIT = 200_000  # characters of one passage that are read; a page of a textbook has about 3,000
_CLAUSES = re.compile(r"[;:,()]|\b(?:but|while|whereas|although|though|however)\b", re.I)
_NUMBER = re.compile(r"\d+(?:[.·,]\d+)*")
_P_VALUE = re.compile(
    r"\bp(?:[- ]?values?)?\s{0,3}(?:for\s{1,3}\w{1,20}\s{0,3})?([=<>≤≥]|of)\s{0,3}(0?[.·]\d{1,8})", re.I
)
Points: TypeAlias = tuple[float, float, float]  # more or less (-1..1), better or worse (-1..1), no difference (0, 1)
# Words whose stems would be those of others ("compared", "effect", "use"), and a word that means the same.
_APART = {"comparable": "similar", "comparably": "similar", "effective": "efficacious", "effectively": "efficacious",
          "effectiveness": "efficacy", "useful": "beneficial"}  # fmt: skip
_TO_PART = re.compile(rf"\b(?:{'|'.join(_APART)})\b", re.I)
_SCOPE = 6  # how many words after a negation it still reaches


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a sentence between separators, and which way it points (see :data:`halueval.verifiers.cues.CUE`)."""

    stems: frozenset[str]
    cues: frozenset[str]
    points: Points


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence read: offsets in its passage, stems in order, clauses, numbers, cues."""

    start: int
    end: int
    order: tuple[str, ...]
    stems: frozenset[str]
    bigrams: frozenset[tuple[str, str]]
    clauses: tuple[Clause, ...]
    cues: frozenset[str]
    negated: frozenset[str]  # stems within reach of a negation
    numbers: tuple[float, ...]
    pointed: frozenset[str]  # stems after "than", "compared with", "versus": what it is measured against
    p_value: float | None  # the smallest p value; 1.0 where one is said to be above .05
    points: Points


def read_sentence(text: str, start: int = 0, end: int | None = None) -> Sentence:
    """Read one sentence.

    Examples
    --------
    >>> s = read_sentence("Pain was not reduced by aspirin, compared with placebo (p = 0.34).")
    >>> sorted(s.cues), s.p_value, "placebo" in s.pointed
    (['negation', 'same'], 1.0, True)
    """
    end = len(text) if end is None else end
    body = text[start:end]
    order: list[str] = []
    clauses: list[Clause] = []
    negated: set[str] = set()
    pointed: set[str] = set()
    p_value = _p_value(body)
    for part in _CLAUSES.split(body):
        tokens = stems(_TO_PART.sub(lambda found: _APART[found[0].lower()], part))
        if not tokens:
            continue
        found = _clause_cues(tokens, negated, pointed)
        said = [SAME_THING.get(t, t) for t in tokens]
        clauses.append(Clause(frozenset(said), found, points(found)))
        order.extend(said)
    cues = frozenset[str]().union(*(c.cues for c in clauses))
    if p_value is not None:
        cues |= {"significant"} if p_value <= 0.05 else {"same"}
    numbers = tuple(_value(n) for n in _NUMBER.findall(body))
    return Sentence(
        start,
        end,
        tuple(order),
        frozenset(order),
        frozenset(zip(order, order[1:], strict=False)),
        tuple(clauses),
        cues,
        frozenset(negated),
        numbers,
        frozenset(pointed),
        p_value,
        points(cues),
    )


def _clause_cues(tokens: list[str], negated: set[str], pointed: set[str]) -> frozenset[str]:
    cues: set[str] = set()
    reach, after = 0, False
    for token in tokens:
        if token in NEGATIONS:
            reach = _SCOPE
            cues.add("negation")
        elif reach:
            reach -= 1
            negated.add(SAME_THING.get(token, token))
            if token in SAME:
                cues.add("same")
        if after:
            pointed.add(SAME_THING.get(token, token))
        elif token in COMPARED:
            after = True
        cue = CUE.get(token)
        if cue is not None:
            cues.add(cue if not reach or cue == "same" else "same" if token in SAME else f"not_{cue}")
        if token == "signific" and not reach:
            cues.add("significant")
    if "same" in cues:  # "no greater" is not "greater"
        cues -= {"significant"}
    return frozenset(cues)


def points(cues: frozenset[str]) -> Points:
    """Which way cues point, those that a negation turns among them.

    Examples
    --------
    >>> points(frozenset({"up", "not_good"}))
    (1.0, -1.0, 0.0)
    """
    up, down = "up" in cues or "not_down" in cues, "down" in cues or "not_up" in cues
    good, bad = "good" in cues or "not_bad" in cues, "bad" in cues or "not_good" in cues
    return (float(up) - float(down), float(good) - float(bad), float("same" in cues))


def _value(number: str) -> float:
    """The value of digits with a decimal point (also the raised one of the Lancet) or thousands separators.

    Examples
    --------
    >>> _value("10,917"), _value("0·05"), _value("1.2.3")
    (10917.0, 0.05, 1.2)
    """
    whole, _, rest = number.replace("·", ".").replace(",", "").partition(".")
    return float(f"{whole[:15]}.{rest.partition('.')[0][:15]}") if rest else float(whole[:15])


def _p_value(body: str) -> float | None:
    found = None
    for match in _P_VALUE.finditer(body) if "0" in body or "." in body or "·" in body else ():
        value = float(match[2].replace("·", "."))
        value = 1.0 if match[1] in ">≥" or value > 0.05 else value
        found = value if found is None else min(found, value)
    return found


def passage_stems(text: str) -> frozenset[str]:
    """The stems that the sentences of a passage can hold, for a tenth of the time it takes to read them.

    Examples
    --------
    >>> passage_stems("It helps. It is safe.") >= {"help", "safe"}
    True
    """
    tokens = stems(_TO_PART.sub(lambda found: _APART[found[0].lower()], text[:READ_LIMIT]))
    return frozenset(SAME_THING.get(token, token) for token in tokens)


def read_passage(text: str) -> tuple[Sentence, ...]:
    """Read a passage sentence by sentence; only the first :data:`READ_LIMIT` characters of it.

    Examples
    --------
    >>> [(s.start, s.end) for s in read_passage("It helps. It is safe.")]
    [(0, 9), (10, 21)]
    """
    text = text[:READ_LIMIT]
    read = (read_sentence(text, span.start, span.end) for span in sentence_spans(text))
    return tuple(s for s in read if s.order)
