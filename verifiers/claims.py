"""A claim read for comparison: what its words weigh, what it is about, and what it says of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from halueval.verifiers.cues import COMPARED, CUE, NEGATIONS
from halueval.verifiers.reading import Sentence, read_sentence

__all__ = ["Idf", "Reading", "read_claim"]

_RARE = 0.55  # of the weight that a stem has which no training document held
_TURNS = frozenset(("made", "caus", "led", "result"))  # "X made no difference to Y": what follows is the outcome


class Idf:
    """How rare a stem is: 0 in every document, 1 never seen.

    Examples
    --------
    >>> idf = Idf(9, {"the": 9})
    >>> idf("the"), idf("zinc")
    (0.0, 1.0)
    """

    def __init__(self, documents: int, counts: Mapping[str, int]) -> None:
        top = math.log(1 + documents)
        self._known = {stem: _exact(math.log((1 + documents) / (1 + n)) / top) for stem, n in counts.items()}

    def __call__(self, stem: str) -> float:
        return self._known.get(stem, 1.0)


def _exact(weight: float) -> float:
    """The nearest multiple of 2**-20: sums of those (and of their squares) are exact, so a set's order can't show."""
    return round(weight * 2**20) / 2**20


@dataclass(frozen=True, slots=True)
class Reading:
    """A claim read: the sentence itself, its weights and its parts."""

    sentence: Sentence
    weights: Mapping[str, float]
    total: float
    norm: float
    rare: frozenset[str]
    heads: frozenset[str]  # stems that are no cue: what the claim is about
    heads_total: float
    subject: frozenset[str]  # said before the claim turns to what happened
    reference: frozenset[str]  # what it is measured against
    outcome: frozenset[str]  # said after that turn; everything it is about where it has no such turn
    comparative: bool

    def weight(self, some: frozenset[str]) -> float:
        """The weight of some of the claim's stems."""
        weights = self.weights
        return sum([weights[s] for s in some])


def read_claim(text: str, idf: Idf) -> Reading:
    """Read a claim; several sentences are read as one.

    Examples
    --------
    >>> claim = read_claim("Compared with placebo, zinc shortened colds.", Idf(9, {}))
    >>> "placebo" in claim.reference, sorted(claim.subject), sorted(claim.outcome)
    (True, ['zinc'], ['cold'])
    """
    sentence = read_sentence(text)
    weights = {s: idf(s) for s in sentence.stems}
    heads = frozenset(
        s for s in weights if s not in CUE and s not in NEGATIONS and s not in COMPARED and s != "signific"
    )
    subject: set[str] = set()
    outcome: set[str] = set()
    part = subject
    for s in sentence.order:
        if part is subject and (s in CUE or s in _TURNS):
            part = outcome
        elif s in heads and s not in sentence.pointed:
            part.add(s)
    return Reading(
        sentence,
        weights,
        sum(weights.values()) or 1.0,
        math.sqrt(sum(w * w for w in weights.values())) or 1.0,
        frozenset(s for s, w in weights.items() if w > _RARE),
        heads,
        sum(weights[s] for s in heads) or 1.0,
        frozenset(subject),
        heads & sentence.pointed,
        frozenset(outcome) or heads,
        bool(sentence.pointed) or "superior" in sentence.stems,
    )
