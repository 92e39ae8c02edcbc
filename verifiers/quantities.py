"""The verifier that sees arithmetic: numbers, units, ranges, comparators, frequencies, negation, opposite words.

It decides only where one sentence of the evidence says nearly the same as the claim, and abstains otherwise: a claim is
refuted by a contradicting quantity, one opposite word or one negation, supported when the sentence says all of it with
equal quantities, and open for everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from halueval.records import ClaimWithEvidence, Evidence, Label, Outcome, Quote, Span, Verdict
from halueval.text.sentences import sentence_spans
from halueval.verifiers.quantities_alignment import Judgement, content_keys, judge, read
from halueval.verifiers.quantities_topic import contradicted, has_facets, leaves_open

__all__ = ["QuantitiesVerifier"]

# Measured on shared development sets, rounded down, the same for every decision; not calibrated.
_SURE = 0.9
_PROBABILITIES: Mapping[Label, Mapping[Label, float]] = {
    "supported": {"supported": _SURE, "refuted": 0.05, "not_enough_info": 0.05},
    "refuted": {"supported": 0.05, "refuted": _SURE, "not_enough_info": 0.05},
}
_SHARED = 0.7  # of the claim's words must be in a passage before it is read at all
_LEAST = 2  # words of content without which a claim could be about anything
_TELLING = 8  # words of content that are hardly all said of another thing
_CLAIM_LIMIT = 1_000  # characters; what is longer is not one claim


class QuantitiesVerifier:
    """Refutes and supports what arithmetic and plain opposites can show, abstains otherwise.

    Examples
    --------
    >>> from halueval.records import Claim, ClaimWithEvidence, Evidence, Span
    >>> text = "The maximum dose of paracetamol for adults is 4 g per day."
    >>> evidence = (Evidence("label", text, Span(0, len(text))),)
    >>> def label(claim):
    ...     return QuantitiesVerifier().verify([ClaimWithEvidence(Claim("c", "r", claim), evidence)])[0].label
    >>> label("The maximum dose of Tylenol for adults is 4000 mg per day.")
    'supported'
    >>> label("The maximum dose of Tylenol for adults is 4000 mcg per day.")
    'refuted'
    """

    @property
    def name(self) -> str:
        """What the verifier is asked for by."""
        return "quantities"

    def verify(self, items: Sequence[ClaimWithEvidence]) -> Sequence[Outcome]:
        """One verdict per item, in order.

        Parameters
        ----------
        items : sequence of ClaimWithEvidence
            Evidence with one ``doc_id`` is read as one document.

        Returns
        -------
        sequence of Verdict
            ``not_enough_info`` with a reason that starts with "abstains" where nothing could be decided, with "no
            evidence" where there is none, and "evidence conflicts" where one passage supports and another refutes.
            Probabilities are None then, and the same fixed, uncalibrated numbers for every decision.
        """
        return [self._verdict(item) for item in items]

    def _verdict(self, item: ClaimWithEvidence) -> Verdict:
        claim, evidence = item.claim, item.evidence
        if not any(e.text.strip() for e in evidence):
            return self._open(item, "no evidence")
        found = list(_judgements(claim.text, evidence))
        if evidence[0].rank is not None:  # what a search found may speak of another thing
            found = [
                (j, q) for j, q in found if j.label != "refuted" or _surely_named(claim.text, evidence[q.evidence])
            ]
        labels = {j.label for j, _ in found}
        if not labels:
            return self._by_topic(item)
        if len(labels) == 2:
            return self._open(item, "evidence conflicts", tuple(quote for _, quote in found[:4]))
        judgement = found[0][0]
        return Verdict(
            claim.id,
            judgement.label,
            _PROBABILITIES[judgement.label],
            calibrated=False,
            evidence=evidence,
            quotes=tuple(quote for _, quote in found),
            reason=judgement.reason,
            verifier=self.name,
        )

    def _by_topic(self, item: ClaimWithEvidence) -> Verdict:
        """Refuted where a document gives another dose, frequency, duration, age or limit for what the claim is on."""
        claim, evidence = item.claim, item.evidence
        readable = len(claim.text) <= _CLAIM_LIMIT and has_facets(claim.text)
        found = contradicted(claim.text, evidence) if readable else None
        if found is None:
            return self._open(item, "abstains: no passage says the claim or its opposite")
        quotes = (Quote(found.evidence, found.span),)
        if found.disputed:
            return self._open(item, f"evidence conflicts: {found.reason}", quotes)
        return Verdict(
            claim.id,
            "refuted",
            _PROBABILITIES["refuted"],
            calibrated=False,
            evidence=evidence,
            quotes=quotes,
            reason=found.reason,
            verifier=self.name,
        )

    def _open(self, item: ClaimWithEvidence, reason: str, quotes: tuple[Quote, ...] = ()) -> Verdict:
        return Verdict(
            item.claim.id, "not_enough_info", evidence=item.evidence, quotes=quotes, reason=reason, verifier=self.name
        )


def _judgements(claim: str, evidence: Sequence[Evidence]) -> Iterator[tuple[Judgement, Quote]]:
    """What the sentences of the passages say of the claim, those that say something, with their place."""
    if len(claim) > _CLAIM_LIMIT:
        return
    wanted = content_keys(claim)
    if len(wanted) < _LEAST:
        return
    need = _SHARED * len(wanted)
    for index, piece in enumerate(evidence):
        if len(wanted & content_keys(piece.text)) < need:
            continue
        for start, end in _sentences(piece.text):
            sentence = piece.text[start:end]
            if len(wanted & content_keys(sentence)) < need:
                continue
            judgement = judge(read(claim), read(sentence, brackets="(" in claim or "[" in claim))
            if judgement is None and ("(" in sentence or "[" in sentence):
                judgement = judge(read(claim), read(sentence, brackets=not ("(" in claim or "[" in claim)))
            if judgement is not None:
                yield judgement, Quote(index, Span(start, end))


def _surely_named(claim: str, piece: Evidence) -> bool:
    """Whether the claim says what it speaks of, or much of it, and all of its words are in the passage or its title."""
    words = content_keys(claim)
    named = len(words) >= _TELLING or not leaves_open(claim)
    return named and words <= content_keys(piece.text) | content_keys(piece.title)


@lru_cache(maxsize=4096)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((s.start, s.end) for s in sentence_spans(text))
