"""What one claim and one document look like side by side: the numbers that the lexical verifier weighs.

Each name in :data:`FEATURES` says what it measures. "best" is the sentence that holds most of the claim's weight (idf),
"pair" the best two sentences in a row, "end" the last three sentences. How many sentences a document has is left out
on purpose: in one of the training sets it gives the label away, in use it says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from halueval.verifiers.cues import ANTONYMS, BACKGROUND, COMPARED, CONCLUSION, CUE, HEDGES, NEGATIONS, RESULT
from halueval.verifiers.reading import Clause, Sentence, read_sentence

__all__ = ["FEATURES", "Idf", "Reading", "compare", "read_claim", "Compared"]


class Idf:
    """How rare a stem is, 0 (in every document) to 1 (never seen)."""

    def __init__(self, documents: int, counts: Mapping[str, int]) -> None:
        self._top = math.log(1 + documents)
        self._known = {stem: math.log((1 + documents) / (1 + n)) / self._top for stem, n in counts.items()}

    def __call__(self, stem: str) -> float:
        return self._known.get(stem, 1.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """A claim read: the sentence itself, its weights and its parts."""

    sentence: Sentence
    weights: dict[str, float]
    total: float
    rare: frozenset[str]
    heads: dict[str, float]  # stems that are no cue: what the claim is about
    heads_total: float
    subject: frozenset[str]  # said before the comparison turns to the other arm
    reference: frozenset[str]  # what it is measured against
    outcome: frozenset[str]  # after the direction word
    points: frozenset[str]  # cues, as in Clause.cues
    comparative: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """The features of one claim and one document, and where the claim was found in it."""

    values: tuple[float, ...]
    best: int  # index of the best sentence
    second: int | None  # the neighbour that adds most, if it adds something
    share: float  # of the claim's weight in the best sentence


def read_claim(text: str, idf: Idf) -> Reading:
    """Read a claim; several sentences are read as one."""
    sentence = read_sentence(text)
    weights = {s: idf(s) for s in sentence.stems}
    heads = {
        s: w
        for s, w in weights.items()
        if s not in CUE and s not in NEGATIONS and s not in COMPARED and s != "signific"
    }
    order = sentence.order
    reference = sentence.pointed
    outcome: list[str] = []
    subject: list[str] = []
    turned = False
    for s in order:
        if not turned and (s in CUE or s in ("made", "caus", "led", "result")):
            turned = True
        elif s not in reference:
            (outcome if turned else subject).append(s)
    inside = frozenset(s for s in heads if s in reference)
    first = frozenset(s for s in subject if s in heads) - inside
    return Reading(
        sentence,
        weights,
        sum(weights.values()) or 1.0,
        frozenset(s for s, w in weights.items() if w > 0.55),
        heads,
        sum(heads.values()) or 1.0,
        first,
        inside - frozenset(subject),
        frozenset(s for s in outcome if s in heads) - inside,
        sentence.cues,
        bool(reference) or "superior" in sentence.stems,
    )


def _points(cues: frozenset[str]) -> tuple[float, float, float]:
    """More or less (-1..1), better or worse (-1..1), no difference (0/1)."""
    up = ("up" in cues) + ("not_down" in cues)
    down = ("down" in cues) + ("not_up" in cues)
    good = ("good" in cues) + ("not_bad" in cues)
    bad = ("bad" in cues) + ("not_good" in cues)
    return (float(up > 0) - float(down > 0), float(good > 0) - float(bad > 0), float("same" in cues))


def _agreement(claim: tuple[float, float, float], evidence: tuple[float, float, float]) -> float:
    """How the evidence's direction sits with the claim's: 1 the same, -1 the opposite, 0 nothing to compare."""
    if claim[2]:
        return 1.0 if evidence[2] else -1.0 if evidence[0] or evidence[1] else 0.0
    if evidence[2] and (claim[0] or claim[1]):
        return -1.0
    way = claim[0] * evidence[0] + claim[1] * evidence[1]
    return float(np.sign(way)) if way else 0.0


_CONCLUDING = frozenset(("conclus", "interpret", "conclud"))
_IN_CONCLUSION = frozenset(
    (
        ("in", "conclus"),
        ("in", "summari"),
        ("we", "conclud"),
        ("these", "result"),
        ("our", "find"),
        ("these", "find"),
        ("our", "result"),
        ("these", "data"),
    )
)


def share_of(sentences: Sequence[Sentence], cue: str) -> float:
    return sum(cue in d.cues for d in sentences) / (len(sentences) or 1)


def _many(cues: frozenset[str]) -> float:
    return float("many" in cues or "not_few" in cues) - float("few" in cues or "not_many" in cues)


_SIGN = {"up": 1, "down": -1, "good": 1, "bad": -1, "many": 1, "few": -1, "same": -1}


def _sign(one: Sentence, other: Sentence) -> float:
    """1 or -1: how the cues that only this one of two sentences has would turn a statement; 0 with none."""
    sign, seen = 1.0, False
    for stem in one.stems - other.stems:
        cue = CUE.get(stem)
        if cue is not None:
            sign, seen = sign * _SIGN[cue], True
        elif stem in NEGATIONS:
            sign, seen = -sign, True
    return sign if seen else 0.0


def _clause_share(claim: Reading, clause: Clause, wanted: frozenset[str]) -> float:
    return sum(claim.weights[s] for s in wanted & clause.stems)


def _orientation(claim: Reading, sentence: Sentence) -> float:
    """1 when the sentence measures against the same arm as the claim, -1 when the arms are exchanged, 0 unknown."""
    if not claim.reference or not claim.subject or not sentence.pointed:
        return 0.0
    before = sentence.stems - sentence.pointed
    straight = _weight(claim, claim.reference & sentence.pointed) + _weight(claim, claim.subject & before)
    crossed = _weight(claim, claim.subject & sentence.pointed) + _weight(claim, claim.reference & before)
    return (straight - crossed) / (straight + crossed) if straight + crossed else 0.0


def _weight(claim: Reading, some: frozenset[str]) -> float:
    return sum(claim.weights[s] for s in some)


def _run(order: tuple[str, ...], bigrams: frozenset[tuple[str, str]]) -> int:
    """Length in words of the longest stretch of the claim whose neighbours are neighbours in the evidence too."""
    longest = current = 0
    for pair in zip(order, order[1:], strict=False):
        current = current + 1 if pair in bigrams else 0
        longest = max(longest, current)
    return longest + 1 if longest else 0


FEATURES: tuple[str, ...] = (
    # how much of the claim is there
    "share_best", "share_second", "share_pair", "share_all", "share_all_minus_best", "share_heads_best", "share_heads_all",
    "plain_share_best", "bigrams_best", "bigrams_all", "run_best", "cosine_best", "extra_best",
    # rare words, numbers
    "rare_best", "rare_all", "rare_missing_weight", "rarest_missing", "has_rare", "numbers_best", "numbers_all",
    "numbers_missing", "number_clash", "has_number", "numbers_near",
    # parts of a comparison
    "subject_best", "subject_all", "reference_best", "reference_all", "outcome_best", "outcome_all", "comparative",
    # negation
    "negation_claim", "negation_best", "negation_differs", "negated_only_claim", "negated_only_best", "antonyms_best",
    "antonyms_all",
    # direction
    "claim_more", "claim_better", "claim_same", "claim_significant", "best_more", "best_better", "best_same",
    "best_significant", "best_p", "agrees_best", "agrees_clause", "agrees_weighted", "agrees_end", "agrees_turned",
    "clause_share", "orientation", "turned_more", "more_by_more", "same_by_same", "same_by_points", "points_by_same",
    "points_by_significant", "same_by_significant", "claim_many", "best_many", "agrees_many", "only_claim_sign", "only_best_sign", "signs_differ", "weighted_same", "weighted_significant", "weighted_more", "weighted_better",
    "end_same", "end_better", "end_more", "end_significant", "outcome_same", "outcome_significant", "outcome_p", "conclusion_same", "conclusion_better", "conclusion_significant", "primary_same", "primary_significant", "p_mean",
    # kind of text
    "hedge_claim", "hedge_best", "hedge_end", "background_best", "result_best", "conclusion_best", "results_all",
    "background_all", "any_p_value", "best_is_late", "claim_length", "best_length",
)  # fmt: skip


def compare(claim: Reading, document: Sequence[Sentence], idf: Idf) -> Compared:
    """The features of a claim and a document that has at least one sentence.

    Parameters
    ----------
    claim : Reading
        What :func:`read_claim` gave.
    document : sequence of Sentence
        The document's sentences in order; not empty.
    idf : Idf
        The weights of stems that the claim was read with.

    Returns
    -------
    Compared
        ``values`` in the order of :data:`FEATURES`.
    """
    weights, total = claim.weights, claim.total
    c = claim.sentence
    shared = [c.stems & s.stems for s in document]
    shares = [sum(weights[x] for x in common) / total for common in shared]
    best = max(range(len(document)), key=lambda i: (shares[i], -len(document[i].order), -i))
    s, common = document[best], shared[best]
    pair, second = shares[best], None
    for other in (best - 1, best + 1):
        if 0 <= other < len(document):
            both = sum(weights[x] for x in common | shared[other]) / total
            if both > pair + 1e-9:
                pair, second = both, other
    everywhere = frozenset().union(*shared)
    all_bigrams = frozenset().union(*(d.bigrams & c.bigrams for d in document))
    n_bigrams = len(c.bigrams) or 1
    heads = claim.heads
    heads_total = claim.heads_total
    norm_c = math.sqrt(sum(w * w for w in weights.values())) or 1.0
    s_weights = {x: idf(x) for x in s.stems}
    norm_s = math.sqrt(sum(w * w for w in s_weights.values())) or 1.0
    # rare words and numbers
    rare = claim.rare
    missing = rare - everywhere
    rare_n = len(rare) or 1
    numbers = set(c.numbers)
    in_best = numbers & set(s.numbers)
    in_all = numbers & {n for d in document for n in d.numbers}
    n_numbers = len(numbers) or 1

    def part(wanted: frozenset[str], where: frozenset[str]) -> float:
        weight = _weight(claim, wanted)
        return _weight(claim, wanted & where) / weight if weight else 0.5

    # negation
    neg_c, neg_s = bool(c.stems & NEGATIONS), bool(s.stems & NEGATIONS)
    both_in = common - NEGATIONS
    only_c = _weight(claim, (c.negated & both_in) - s.negated) / total
    only_s = _weight(claim, (s.negated & both_in) - c.negated) / total
    missing_here = c.stems - s.stems
    opposites = sum(1 for x in missing_here if x in ANTONYMS and (ANTONYMS[x] & s.stems) - c.stems)
    all_stems = frozenset().union(*(d.stems for d in document))
    opposites_all = sum(1 for x in c.stems - all_stems if x in ANTONYMS and ANTONYMS[x] & all_stems)
    # direction
    cp, sp = _points(claim.points), _points(s.cues)
    wanted = (claim.outcome or frozenset(heads)) - NEGATIONS
    candidates = [(shares[best], best)] + ([(shares[second], second)] if second is not None else [])
    clause_share, clause_points = 0.0, (0.0, 0.0, 0.0)
    for weight, i in candidates:
        for clause in document[i].clauses:
            if clause.cues:
                share = weight * _clause_share(claim, clause, wanted)
                if share > clause_share:
                    clause_share, clause_points = share, _points(clause.cues)
    ranked = sorted(range(len(document)), key=lambda i: -shares[i])[:4]
    weighted = [0.0] * 4
    agrees_weighted = 0.0
    mass = sum(shares[i] ** 2 for i in ranked) or 1.0
    for i in ranked:
        p, w = _points(document[i].cues), shares[i] ** 2 / mass
        weighted[0] += w * p[0]
        weighted[1] += w * p[1]
        weighted[2] += w * p[2]
        weighted[3] += w * ("significant" in document[i].cues)
        agrees_weighted += w * _agreement(cp, p)
    orientation = _orientation(claim, s)
    turned = (sp[0] * (1 if orientation >= 0 else -1), sp[1] * (1 if orientation >= 0 else -1), sp[2])
    end = document[-3:]
    end_points = [_points(d.cues) for d in end]
    e_more, e_better, e_same = (sum(p[k] for p in end_points) / len(end) for k in range(3))
    by_outcome = max(document, key=lambda d: _weight(claim, wanted & d.stems))
    points = abs(cp[0]) or abs(cp[1])
    n_all = sum(len(d.order) for d in document)
    many_c, many_s = _many(c.cues), _many(s.cues)
    sign_c, sign_s = _sign(c, s), _sign(s, c)
    concluding = [d for d in document if d.order[0] in _CONCLUDING or d.order[:2] in _IN_CONCLUSION]
    concluding = document[document.index(concluding[0]) :] if concluding else document[-2:]
    primary = [d for d in document if "primari" in d.stems]
    tested = [d for d in document if d.p_value is not None]
    significant = float("significant" in s.cues)
    values = (
        shares[best],
        max((shares[i] for i in ranked if i != best), default=0.0),
        pair,
        _weight(claim, everywhere) / total,
        (_weight(claim, everywhere) / total) - shares[best],
        sum(heads[x] for x in common if x in heads) / heads_total,
        sum(heads[x] for x in everywhere if x in heads) / heads_total,
        len(common) / (len(c.stems) or 1),
        len(c.bigrams & s.bigrams) / n_bigrams,
        len(all_bigrams) / n_bigrams,
        _run(c.order, s.bigrams) / (len(c.order) or 1),
        sum(weights[x] * weights[x] for x in common) / (norm_c * norm_s),
        1 - sum(s_weights[x] for x in common) / (sum(s_weights.values()) or 1.0),
        len(rare & s.stems) / rare_n,
        len(rare & everywhere) / rare_n,
        _weight(claim, missing) / total,
        max((weights[x] for x in missing), default=0.0),
        min(len(rare), 6),
        len(in_best) / n_numbers,
        len(in_all) / n_numbers,
        len(numbers - in_all),
        float(bool(numbers - in_all) and bool(s.numbers)),
        float(bool(numbers)),
        sum(any(abs(n - m) <= 0.1 * abs(n) for m in s.numbers) for n in numbers) / n_numbers,
        part(claim.subject, s.stems),
        part(claim.subject, everywhere),
        part(claim.reference, s.stems),
        part(claim.reference, everywhere),
        part(claim.outcome, s.stems),
        part(claim.outcome, everywhere),
        float(claim.comparative),
        float(neg_c),
        float(neg_s),
        float(neg_c != neg_s),
        only_c,
        only_s,
        min(opposites, 3),
        min(opposites_all, 3),
        cp[0],
        cp[1],
        cp[2],
        float("significant" in claim.points),
        sp[0],
        sp[1],
        sp[2],
        significant,
        0.0 if s.p_value is None else 1.0 if s.p_value <= 0.05 else -1.0,
        _agreement(cp, sp),
        _agreement(cp, clause_points),
        agrees_weighted,
        sum(_agreement(cp, p) for p in end_points) / len(end),
        _agreement(cp, turned),
        clause_share / total,
        orientation,
        turned[0],
        cp[0] * clause_points[0],
        cp[2] * clause_points[2],
        cp[2] * float(bool(clause_points[0] or clause_points[1])),
        float(points and not cp[2]) * clause_points[2],
        float(points and not cp[2]) * significant,
        cp[2] * significant,
        many_c,
        many_s,
        many_c * many_s,
        sign_c,
        sign_s,
        float(sign_c * sign_s < 0 or (sign_c < 0) != (sign_s < 0)),
        weighted[2],
        weighted[3],
        weighted[0],
        weighted[1],
        e_same,
        e_better,
        e_more,
        sum("significant" in d.cues for d in end) / len(end),
        float("same" in by_outcome.cues),
        float("significant" in by_outcome.cues),
        0.0 if by_outcome.p_value is None else 1.0 if by_outcome.p_value <= 0.05 else -1.0,
        share_of(concluding, "same"),
        sum(_points(d.cues)[1] for d in concluding) / (len(concluding) or 1),
        share_of(concluding, "significant"),
        share_of(primary, "same"),
        share_of(primary, "significant"),
        sum(1.0 if d.p_value <= 0.05 else -1.0 for d in tested if d.p_value is not None) / (len(tested) or 1),
        float(bool(c.stems & HEDGES)),
        float(bool(s.stems & HEDGES)),
        sum(bool(d.stems & HEDGES) for d in end) / len(end),
        float(len(s.stems & BACKGROUND)),
        float(len(s.stems & RESULT)),
        float(len(s.stems & CONCLUSION)),
        sum(len(d.stems & RESULT) for d in document) / (1 + n_all / 20),
        sum(len(d.stems & BACKGROUND) for d in document) / (1 + n_all / 20),
        float(any(d.p_value is not None for d in document)),
        (best + 1) / len(document),
        math.log1p(len(c.order)),
        math.log1p(len(s.order)),
    )
    return Compared(values, best, second, shares[best])


def matrix(compared: Sequence[Compared]) -> NDArray[np.float64]:
    """Features of many comparisons, one row each."""
    return np.array([c.values for c in compared], dtype=np.float64).reshape(len(compared), len(FEATURES))
