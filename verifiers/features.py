"""What one claim and one document look like side by side: the numbers that the lexical verifier weighs.

Each name in :data:`FEATURES` says what it measures. "best" is the sentence that holds most of the claim's weight (idf),
"pair" that sentence and the neighbour that adds most, "all" the whole document, "end" its last three sentences. How
many sentences a document has is left out on purpose: in one training set it gives the label away, in use it says
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halueval.verifiers.claims import Reading
from halueval.verifiers.cues import ANTONYMS, CUE, NEGATIONS
from halueval.verifiers.documents import PROFILE, Document, words_of_kind
from halueval.verifiers.reading import Points, Sentence

__all__ = ["FEATURES", "Compared", "compare", "matrix"]

_OVERLAP = (
    "share_best", "share_second", "share_pair", "share_all", "share_all_minus_best", "share_heads_best",
    "share_heads_all", "plain_share_best", "bigrams_best", "bigrams_all", "run_best", "cosine_best", "extra_best",
)  # fmt: skip
_RARITY = (
    "rare_best", "rare_all", "rare_missing_weight", "rarest_missing", "has_rare", "numbers_best", "numbers_all",
    "numbers_missing", "number_clash", "has_number", "numbers_near",
)  # fmt: skip
_PARTS = (
    "subject_best", "subject_all", "reference_best", "reference_all", "outcome_best", "outcome_all", "comparative",
    "orientation",
)  # fmt: skip
_NEGATION = (
    "negation_claim", "negation_best", "negation_differs", "negated_only_claim", "negated_only_best", "antonyms_best",
    "antonyms_all", "only_claim_sign", "only_best_sign", "signs_differ",
)  # fmt: skip
_DIRECTION = (
    "claim_more", "claim_better", "claim_same", "claim_significant", "claim_many", "best_more", "best_better",
    "best_same", "best_significant", "best_p", "best_many", "agrees_best", "agrees_turned", "agrees_many",
    "agrees_clause", "clause_share", "turned_more", "more_by_more", "same_by_same", "same_by_points", "points_by_same",
    "points_by_significant", "same_by_significant",
)  # fmt: skip
_AROUND = (
    "weighted_more", "weighted_better", "weighted_same", "weighted_significant", "agrees_weighted", "agrees_end",
    "outcome_same", "outcome_significant", "outcome_p", "agrees_outcome", "outcome_share_there",
)  # fmt: skip
_KIND = (
    "hedge_claim", "hedge_best", "background_best", "result_best", "conclusion_best", "best_is_late", "claim_length",
    "best_length",
)  # fmt: skip
FEATURES: tuple[str, ...] = _OVERLAP + _RARITY + _PARTS + _NEGATION + _DIRECTION + _AROUND + _KIND + PROFILE

_SIGN = {"up": 1, "down": -1, "good": 1, "bad": -1, "many": 1, "few": -1, "same": -1}
_CLOSEST = 4  # sentences that the weighted means run over


@dataclass(frozen=True, slots=True)
class Compared:
    """The features of one claim and one document, and where the claim was found in it."""

    values: tuple[float, ...]  # in the order of FEATURES
    best: int  # index of the best sentence
    second: int | None  # the neighbour that adds most, if it adds something
    share: float  # of the claim's weight in the best sentence


def compare(claim: Reading, document: Document) -> Compared:
    """The features of a claim and a document.

    Examples
    --------
    >>> from halueval.verifiers.claims import Idf, read_claim
    >>> from halueval.verifiers.documents import read_document
    >>> from halueval.verifiers.reading import read_passage
    >>> idf = Idf(9, {})
    >>> found = compare(read_claim("Zinc helps.", idf), read_document(read_passage("It rains. Zinc never helps."), idf))
    >>> found.best, found.share, dict(zip(FEATURES, found.values))["negation_differs"]
    (1, 1.0, 1.0)
    """
    sentences, total, stems = document.sentences, claim.total, claim.sentence.stems
    shared = [stems & s.stems for s in sentences]
    shares = [claim.weight(common) / total for common in shared]
    closeness = shares
    if claim.comparative:  # a trial compares the same arms in many sentences: the outcome tells them apart
        outcome = claim.weight(claim.outcome) or 1.0
        closeness = [
            share + claim.weight(claim.outcome & common) / outcome / 2
            for share, common in zip(shares, shared, strict=True)
        ]
    ranked = sorted(range(len(sentences)), key=lambda i: (-closeness[i], len(sentences[i].order), i))[:_CLOSEST]
    best = ranked[0]
    pair, second = shares[best], None
    for other in (best - 1, best + 1):
        if 0 <= other < len(sentences) and not shared[other] <= shared[best]:
            both = claim.weight(shared[best] | shared[other]) / total
            if both > pair + 1e-9:
                pair, second = both, other
    values = (
        _overlap(claim, document, ranked, shares, pair)
        + _rarity(claim, document, best)
        + _parts(claim, document, best)
        + _negation(claim, document, best)
        + _direction(claim, document, best, second, shares)
        + _around(claim, document, ranked, shares)
        + _kind(claim, document, best)
        + document.profile
    )
    return Compared(values, best, second, shares[best])


def matrix(compared: Sequence[Compared]) -> NDArray[np.float64]:
    """Features of many comparisons, one row each."""
    return np.array([c.values for c in compared], dtype=np.float64).reshape(len(compared), len(FEATURES))


def _overlap(
    claim: Reading, document: Document, ranked: Sequence[int], shares: Sequence[float], pair: float
) -> tuple[float, ...]:
    best = ranked[0]
    s, c = document.sentences[best], claim.sentence
    common, everywhere = c.stems & s.stems, c.stems & document.stems
    share_all = claim.weight(everywhere) / claim.total
    common_weight = claim.weight(common)
    bigrams = len(c.bigrams) or 1
    return (
        shares[best],
        shares[ranked[1]] if len(ranked) > 1 else 0.0,
        pair,
        share_all,
        share_all - shares[best],
        claim.weight(common & claim.heads) / claim.heads_total,
        claim.weight(everywhere & claim.heads) / claim.heads_total,
        len(common) / (len(c.stems) or 1),
        len(c.bigrams & s.bigrams) / bigrams,
        len(c.bigrams & document.bigrams) / bigrams,
        _run(c.order, s.bigrams) / (len(c.order) or 1),
        sum([claim.weights[x] ** 2 for x in common]) / (claim.norm * document.norms[best]),
        1 - common_weight / document.totals[best],
    )


def _run(order: tuple[str, ...], bigrams: frozenset[tuple[str, str]]) -> int:
    """Length in words of the longest stretch of the claim whose neighbours are neighbours in the evidence too."""
    longest = current = 0
    for pair in zip(order, order[1:], strict=False):
        current = current + 1 if pair in bigrams else 0
        longest = max(longest, current)
    return longest + 1 if longest else 0


def _rarity(claim: Reading, document: Document, best: int) -> tuple[float, ...]:
    s = document.sentences[best]
    rare, missing = claim.rare, claim.rare - document.stems
    numbers = set(claim.sentence.numbers)
    found = numbers & document.numbers
    n_rare, n_numbers = len(rare) or 1, len(numbers) or 1
    return (
        len(rare & s.stems) / n_rare,
        len(rare & document.stems) / n_rare,
        claim.weight(missing) / claim.total,
        max((claim.weights[x] for x in missing), default=0.0),
        min(len(rare), 6),
        len(numbers.intersection(s.numbers)) / n_numbers,
        len(found) / n_numbers,
        len(numbers) - len(found),
        float(len(numbers) > len(found) and bool(s.numbers)),
        float(bool(numbers)),
        sum(any(abs(n - m) <= 0.1 * abs(n) for m in s.numbers) for n in numbers) / n_numbers,
    )


def _parts(claim: Reading, document: Document, best: int) -> tuple[float, ...]:
    here, everywhere = document.sentences[best].stems, document.stems
    return (
        _part(claim, claim.subject, here),
        _part(claim, claim.subject, everywhere),
        _part(claim, claim.reference, here),
        _part(claim, claim.reference, everywhere),
        _part(claim, claim.outcome, here),
        _part(claim, claim.outcome, everywhere),
        float(claim.comparative),
        _orientation(claim, document.sentences[best]),
    )


def _part(claim: Reading, wanted: frozenset[str], where: frozenset[str]) -> float:
    weight = claim.weight(wanted)
    return claim.weight(wanted & where) / weight if weight else 0.5


def _orientation(claim: Reading, sentence: Sentence) -> float:
    """1 when the sentence measures against the same arm as the claim, -1 when the arms are exchanged, 0 unknown."""
    reference, subject = claim.reference - claim.subject, claim.subject - claim.reference
    if not reference or not subject or not sentence.pointed:
        return 0.0
    before = sentence.stems - sentence.pointed
    straight = claim.weight(reference & sentence.pointed) + claim.weight(subject & before)
    crossed = claim.weight(subject & sentence.pointed) + claim.weight(reference & before)
    return (straight - crossed) / (straight + crossed) if straight + crossed else 0.0


def _negation(claim: Reading, document: Document, best: int) -> tuple[float, ...]:
    c, s = claim.sentence, document.sentences[best]
    here, there = not c.stems.isdisjoint(NEGATIONS), not s.stems.isdisjoint(NEGATIONS)
    both = (c.stems & s.stems) - NEGATIONS
    sign_c, sign_s = _sign(c, s), _sign(s, c)
    return (
        float(here),
        float(there),
        float(here != there),
        claim.weight((c.negated & both) - s.negated) / claim.total,
        claim.weight((s.negated & both) - c.negated) / claim.total,
        min(_opposites(c.stems, s.stems), 3),
        min(_opposites(c.stems, document.stems), 3),
        sign_c,
        sign_s,
        float((sign_c < 0) != (sign_s < 0)),
    )


def _opposites(claim: frozenset[str], evidence: frozenset[str]) -> int:
    """Words of the claim that the evidence lacks, while it has their opposite and the claim hasn't."""
    return sum(1 for x in claim - evidence if x in ANTONYMS and (ANTONYMS[x] & evidence) - claim)


def _sign(one: Sentence, other: Sentence) -> float:
    """1 or -1: how the cues that only this one of two sentences has would turn a statement; 0 with none."""
    sign, seen = 1.0, False
    for stem in one.stems - other.stems:
        if stem in CUE:
            sign, seen = sign * _SIGN[CUE[stem]], True
        elif stem in NEGATIONS:
            sign, seen = -sign, True
    return sign if seen else 0.0


def _direction(
    claim: Reading, document: Document, best: int, second: int | None, shares: Sequence[float]
) -> tuple[float, ...]:
    c, s = claim.sentence, document.sentences[best]
    mine, theirs = c.points, s.points
    way = -1.0 if _orientation(claim, s) < 0 else 1.0
    turned = (way * theirs[0], way * theirs[1], theirs[2])
    clause_share, clause = 0.0, (0.0, 0.0, 0.0)
    for i in (best,) if second is None else (best, second):
        for part in document.sentences[i].clauses:
            if part.cues:
                share = shares[i] * claim.weight(claim.outcome & part.stems)
                if share > clause_share:
                    clause_share, clause = share, part.points
    many_c, many_s = _many(c.cues), _many(s.cues)
    significant = float("significant" in s.cues)
    moves = float(bool(mine[0] or mine[1]) and not mine[2])
    return (
        *mine,
        float("significant" in c.cues),
        many_c,
        *theirs,
        significant,
        _tested(s),
        many_s,
        _agreement(mine, theirs),
        _agreement(mine, turned),
        many_c * many_s,
        _agreement(mine, clause),
        clause_share / claim.total,
        turned[0],
        mine[0] * clause[0],
        mine[2] * clause[2],
        mine[2] * float(bool(clause[0] or clause[1])),
        moves * clause[2],
        moves * significant,
        mine[2] * significant,
    )


def _tested(sentence: Sentence) -> float:
    return 0.0 if sentence.p_value is None else 1.0 if sentence.p_value <= 0.05 else -1.0


def _many(cues: frozenset[str]) -> float:
    return float("many" in cues or "not_few" in cues) - float("few" in cues or "not_many" in cues)


def _agreement(claim: Points, evidence: Points) -> float:
    """How the evidence's direction sits with the claim's: 1 the same, -1 the opposite, 0 nothing to compare."""
    if claim[2]:
        return 1.0 if evidence[2] else -1.0 if evidence[0] or evidence[1] else 0.0
    if evidence[2] and (claim[0] or claim[1]):
        return -1.0
    way = claim[0] * evidence[0] + claim[1] * evidence[1]
    return 1.0 if way > 0 else -1.0 if way < 0 else 0.0


def _around(claim: Reading, document: Document, ranked: Sequence[int], shares: Sequence[float]) -> tuple[float, ...]:
    """What the closest sentences say together, each weighing its squared share, and the one that has the outcome."""
    mine = claim.sentence.points
    mass = sum([shares[i] ** 2 for i in ranked]) or 1.0
    more = better = same = significant = agrees = 0.0
    for i in ranked:
        s, weight = document.sentences[i], shares[i] ** 2 / mass
        more += weight * s.points[0]
        better += weight * s.points[1]
        same += weight * s.points[2]
        significant += weight * ("significant" in s.cues)
        agrees += weight * _agreement(mine, s.points)
    end = document.sentences[-3:]
    outcome = max(document.sentences, key=lambda s: claim.weight(claim.outcome & s.stems))
    return (
        more,
        better,
        same,
        significant,
        agrees,
        sum([_agreement(mine, s.points) for s in end]) / len(end),
        outcome.points[2],
        float("significant" in outcome.cues),
        _tested(outcome),
        _agreement(mine, outcome.points),
        _part(claim, claim.outcome, outcome.stems),
    )


def _kind(claim: Reading, document: Document, best: int) -> tuple[float, ...]:
    s = document.sentences[best]
    return (
        float(words_of_kind("hedge", claim.sentence) > 0),
        float(words_of_kind("hedge", s) > 0),
        words_of_kind("background", s),
        words_of_kind("result", s),
        words_of_kind("conclusion", s),
        (best + 1) / len(document.sentences),
        math.log1p(len(claim.sentence.order)),
        math.log1p(len(s.order)),
    )
