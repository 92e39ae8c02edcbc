"""Two extractions of the same responses side by side: what one has of the other's claims, and what each has alone.

This is Table 3 of the Baichuan-M3 report (arXiv 2602.06570) as a tool: recall of the reference's claims, claims that
only the other has, claims that only the reference has, claims per response. The report doesn't say when two claims were
taken for the same; :data:`RULE` says when they are here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.claim_extraction.polarity import Said, added_negation, read, turned
from halueval.records import Quantity
from halueval.statistics import (
    PRIOR_ICC,
    PRIOR_WEIGHT,
    Estimate,
    guarded_events_per_exposure,
    guarded_korn_graubard,
)
from halueval.text.quantities import find_quantities, relation
from halueval.text.tokens import words

__all__ = ["LEAST_OVERLAP", "RULE", "Comparison", "ComparedResponse", "compare_extractions", "match_claims"]

LEAST_OVERLAP = 0.6
RULE = (
    f"two claims match if their words overlap by at least {LEAST_OVERLAP:g} (twice the shared words over the words of "
    "both; small words left out, the others stemmed and weighing less, the more claims of the response have them), all "
    "numbers and units are equal, both deny the same, and no word meets its opposite (more, less). "
    "A claim matches one other at most; pairs are chosen so that as many as possible match"
)

Claims: TypeAlias = Sequence[str]
Weights: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ComparedResponse:
    """One response in both extractions: which claims are pairs (by their places), and how many there are."""

    id: str
    pairs: tuple[tuple[int, int], ...]
    reference: Claims
    own: Claims

    @property
    def reference_exclusive(self) -> tuple[str, ...]:
        """The reference's claims that no claim of the other matches."""
        matched = {i for i, _ in self.pairs}
        return tuple(text for i, text in enumerate(self.reference) if i not in matched)

    @property
    def own_exclusive(self) -> tuple[str, ...]:
        """The other's claims that match none of the reference's."""
        matched = {j for _, j in self.pairs}
        return tuple(text for j, text in enumerate(self.own) if j not in matched)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out, and what it was counted over.

    ``left_out`` says, in words, how many responses could not be compared, and why.
    """

    responses: tuple[ComparedResponse, ...]
    figures: Mapping[str, Estimate]
    left_out: Mapping[str, int]
    rule: str = RULE

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON: also which claims only one of the two has."""
        return {
            "rule": self.rule,
            "responses": len(self.responses),
            "left_out": dict(self.left_out),
            "figures": {k: {**asdict(e), "warnings": list(e.warnings)} for k, e in self.figures.items()},
            "by_response": [
                {
                    "id": r.id,
                    "pairs": [list(pair) for pair in r.pairs],
                    "own_exclusive": list(r.own_exclusive),
                    "reference_exclusive": list(r.reference_exclusive),
                }
                for r in self.responses
            ],
        }


def compare_extractions(
    reference: Mapping[str, Claims | None], own: Mapping[str, Claims | None], *, level: float = 0.95
) -> Comparison:
    """Compare two extractions over the responses that both have.

    Parameters
    ----------
    reference, own : mapping of str to sequence of str, or None
        For each response its claims; None where the extraction failed. A response that failed on either side, or that
        only one side has, is left out and counted.
    level : float
        Of the intervals, two-sided.

    Returns
    -------
    Comparison
        Its figures: ``recall``, the share of the reference's claims that the other has; ``own_exclusive`` and
        ``reference_exclusive``, the shares of each one's claims that the other lacks; the same three counted
        per response; ``own_claims`` and ``reference_claims`` per response. All are pooled over responses; the
        intervals are over responses, which are taken to be independent. A share of no claims is undefined.

    Examples
    --------
    >>> reference = {"a": ["Zoloft may cause nausea.", "Take 50 mg daily."], "b": ["Rest helps."], "c": ["X."]}
    >>> own = {"a": ["Nausea may be caused by Zoloft.", "Take 500 mg daily."], "b": ["Rest helps."], "c": None}
    >>> found = compare_extractions(reference, own)
    >>> found.figures["recall"].value, found.left_out
    (0.6666666666666666, {'failed in own': 1})
    """
    shared = [key for key in reference if key in own]
    left_out = {
        "only in reference": sum(key not in own for key in reference),
        "only in own": sum(key not in reference for key in own),
        "failed in reference": sum(reference[key] is None for key in shared),
        "failed in own": sum(own[key] is None for key in shared),
    }
    compared = []
    for key in shared:
        a, b = reference[key], own[key]
        if a is not None and b is not None:
            compared.append(ComparedResponse(key, match_claims(a, b), tuple(a), tuple(b)))
    return Comparison(tuple(compared), _figures(compared, level), {k: n for k, n in left_out.items() if n})


def _figures(compared: Sequence[ComparedResponse], level: float) -> dict[str, Estimate]:
    of_a = np.array([len(r.reference) for r in compared], dtype=np.float64)
    of_b = np.array([len(r.own) for r in compared], dtype=np.float64)
    both = np.array([len(r.pairs) for r in compared], dtype=np.float64)
    return {
        "recall": _share(both, of_a, "claims of the reference", level),
        "own_exclusive": _share(of_b - both, of_b, "claims of its own", level),
        "reference_exclusive": _share(of_a - both, of_a, "claims of the reference", level),
        "recalled_per_response": _per_response(both, "claims per response", level),
        "own_exclusive_per_response": _per_response(of_b - both, "claims per response", level),
        "reference_exclusive_per_response": _per_response(of_a - both, "claims per response", level),
        "own_claims": _per_response(of_b, "claims per response", level),
        "reference_claims": _per_response(of_a, "claims per response", level),
    }


_REASONS = {
    "no_claims": "there are no claims",
    "no_exposure": "there are no responses to compare",
    "fewer_than_two_answers": "an interval needs two responses with claims",
}


def _share(part: Weights, whole: Weights, per: str, level: float) -> Estimate:
    found = guarded_korn_graubard(part, whole, level=level)
    return Estimate(
        found.rate,
        found.low,
        found.high,
        level,
        f"guarded Korn-Graubard, prior ICC {PRIOR_ICC:g}, weight {PRIOR_WEIGHT:g}",
        events=float(part.sum()),
        claims=int(whole.sum()),
        groups=found.answers,
        per=per,
        reason=_REASONS.get(found.reason, found.reason),
    )


def _per_response(counts: Weights, unit: str, level: float) -> Estimate:
    found = guarded_events_per_exposure(counts, np.ones_like(counts), level=level)
    return Estimate(
        found.rate,
        found.low,
        found.high,
        level,
        "guarded Garwood",
        events=float(counts.sum()),
        claims=len(counts),
        groups=found.answers,
        per="responses",
        reason=_REASONS.get(found.reason, found.reason),
        unit=unit,
    )


def match_claims(reference: Claims, own: Claims) -> tuple[tuple[int, int], ...]:
    """Which claims of one response, extracted twice, are the same by :data:`RULE`.

    Returns
    -------
    tuple of (int, int)
        Places in ``reference`` and in ``own``, each at most once, in the order of the first. As many as possible, and
        among those the pairs that overlap most.

    Examples
    --------
    >>> match_claims(["Aspirin thins the blood.", "Take 5 mg."], ["Take 50 mg.", "Blood is thinned by aspirin."])
    ((0, 1),)
    """
    if not reference or not own:
        return ()
    from scipy.optimize import linear_sum_assignment

    a, b = [_read(text) for text in reference], [_read(text) for text in own]
    overlap = _overlaps(a, b)
    for i, j in zip(*np.nonzero(overlap), strict=True):
        if overlap[i, j] < LEAST_OVERLAP - 1e-9 or not _agree(a[i], b[j]):
            overlap[i, j] = 0
    # one more match outweighs any overlap
    worth = np.where(overlap > 0, min(overlap.shape) + overlap, 0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return tuple((int(i), int(j)) for i, j in zip(rows, columns, strict=True) if overlap[i, j] > 0)


@dataclass(frozen=True, slots=True)
class _Read:
    """A claim as it is matched: its words without the small ones and the quantities; loose numbers; quantities; what it
    says yes and no to."""

    words: frozenset[str]
    numbers: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    said: Said


@lru_cache(maxsize=10_000)
def _read(text: str) -> _Read:
    quantities = find_quantities(text)
    rest, at = [], 0
    for quantity in quantities:
        if quantity.span.start >= at:
            rest.append(text[at : quantity.span.start])
            at = quantity.span.end
    plain = " ".join([*rest, text[at:]])
    content = read(plain).content
    numbers = tuple(sorted(word for word in content if any(c.isdigit() for c in word)))
    # a claim of nothing but small words is matched by all of them, one of signs alone by itself
    words_left = content or frozenset(words(plain)) or frozenset((plain.strip(),))
    return _Read(words_left, numbers, quantities, read(text))


def _overlaps(a: Sequence[_Read], b: Sequence[_Read]) -> Weights:
    """For each pair the weight of the shared words over the mean weight of the two claims' words."""
    counts = Counter(word for claim in (*a, *b) for word in claim.words)
    places = {word: k for k, word in enumerate(sorted(counts))}
    total = len(a) + len(b)
    weights = np.array([np.log1p(total / counts[word]) for word in places])

    def table(claims: Sequence[_Read]) -> Weights:
        out = np.zeros((len(claims), len(places)))
        for row, claim in enumerate(claims):
            out[row, [places[word] for word in claim.words]] = 1
        return out

    left, right = table(a), table(b)
    shared: Weights = (left * weights) @ right.T
    both: Weights = (left @ weights)[:, None] + (right @ weights)[None, :]
    return 2 * shared / both


def _agree(a: _Read, b: _Read) -> bool:
    """Whether numbers, units and negation are the same, and no word stands against its opposite."""
    return a.numbers == b.numbers and _same(a.quantities, b.quantities) and not _opposed(a.said, b.said)


def _opposed(a: Said, b: Said) -> bool:
    """Whether one denies what the other doesn't, or turns a word of it."""
    if len(a.negations) != len(b.negations):
        return True
    return any(says(*pair) is not None for says in (added_negation, turned) for pair in ((a, b), (b, a)))


def _same(a: Sequence[Quantity], b: Sequence[Quantity]) -> bool:
    """Whether two claims hold the same quantities, in any order."""
    left = list(b)
    for quantity in a:
        equal = next((other for other in left if relation(quantity, other) == "equal"), None)
        if equal is None:
            return False
        left.remove(equal)
    return not left
