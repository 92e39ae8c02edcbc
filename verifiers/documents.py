"""A document read for comparison: its sentences, and what can be said of it whatever the claim is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from halueval.verifiers.claims import Idf
from halueval.verifiers.cues import BACKGROUND, CONCLUSION, HEDGES, RESULT
from halueval.verifiers.reading import Sentence
from halueval.verifiers.synonyms import SAME_THING

__all__ = ["PROFILE", "Document", "read_document", "words_of_kind"]

_KINDS = {
    kind: frozenset(SAME_THING.get(stem, stem) for stem in stems)
    for kind, stems in {"background": BACKGROUND, "result": RESULT, "conclusion": CONCLUSION, "hedge": HEDGES}.items()
}
_CONCLUDING = frozenset(("conclus", "interpret", "conclud"))
_OPENINGS = frozenset(
    (first, SAME_THING.get(second, second))
    for first, second in (
        ("in", "conclus"), ("in", "summari"), ("we", "conclud"), ("these", "result"), ("our", "result"),
        ("these", "find"), ("our", "find"), ("these", "data"),
    )
)  # fmt: skip

PROFILE: tuple[str, ...] = (
    "end_same", "end_better", "end_more", "end_significant", "conclusion_same", "conclusion_better",
    "conclusion_significant", "primary_same", "primary_significant", "p_mean", "any_p_value", "hedge_end",
    "results_all", "background_all",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """Sentences with what they have together; ``profile`` is in the order of :data:`PROFILE`."""

    sentences: tuple[Sentence, ...]
    stems: frozenset[str]
    bigrams: frozenset[tuple[str, str]]
    numbers: frozenset[float]
    totals: tuple[float, ...]  # weight of each sentence's stems
    norms: tuple[float, ...]  # and their length as a vector
    profile: tuple[float, ...]


def read_document(sentences: Sequence[Sentence], idf: Idf) -> Document:
    """Put sentences together; there must be at least one."""
    weights = [[idf(stem) for stem in s.stems] for s in sentences]
    return Document(
        tuple(sentences),
        frozenset().union(*(s.stems for s in sentences)),
        frozenset().union(*(s.bigrams for s in sentences)),
        frozenset(n for s in sentences for n in s.numbers),
        tuple(sum(w) or 1.0 for w in weights),
        tuple(math.sqrt(sum(v * v for v in w)) or 1.0 for w in weights),
        _profile(sentences),
    )


def words_of_kind(kind: str, sentence: Sentence) -> int:
    """How many of a sentence's stems are typical of "background", "result", "conclusion" or "hedge"."""
    return len(sentence.stems & _KINDS[kind])


def _profile(sentences: Sequence[Sentence]) -> tuple[float, ...]:
    end = sentences[-3:]
    opening = next((i for i, s in enumerate(sentences) if s.order[0] in _CONCLUDING or s.order[:2] in _OPENINGS), -2)
    concluding = sentences[opening:]
    primary = [s for s in sentences if "primari" in s.stems]
    tested = [1.0 if s.p_value <= 0.05 else -1.0 for s in sentences if s.p_value is not None]
    length = 1 + sum(len(s.order) for s in sentences) / 20
    return (
        _mean([s.points[2] for s in end]),
        _mean([s.points[1] for s in end]),
        _mean([s.points[0] for s in end]),
        _mean(["significant" in s.cues for s in end]),
        _mean([s.points[2] for s in concluding]),
        _mean([s.points[1] for s in concluding]),
        _mean(["significant" in s.cues for s in concluding]),
        _mean([s.points[2] for s in primary]),
        _mean(["significant" in s.cues for s in primary]),
        _mean(tested),
        float(bool(tested)),
        _mean([words_of_kind("hedge", s) > 0 for s in end]),
        sum(words_of_kind("result", s) for s in sentences) / length,
        sum(words_of_kind("background", s) for s in sentences) / length,
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
