"""What a plug-in's answer must be before the line believes it: a text that says which rule is broken, or nothing.

Only what would spoil numbers or break a later step is looked at, since it is looked at for every item;
:mod:`halueval.testing` checks the rest of the contract.
"""

from __future__ import annotations

from collections.abc import Sequence

from halueval.records import (
    LABELS,
    Claim,
    ClaimWithEvidence,
    Evidence,
    Extraction,
    Failure,
    Response,
    Span,
    Verdict,
)

__all__ = ["broken_extraction", "broken_hits", "broken_outcome"]


def broken_extraction(response: Response, extraction: object) -> str:
    """What is wrong with what an extractor made of a response.

    Examples
    --------
    >>> broken_extraction(Response("r", "Yes."), ["Yes."])
    'a result is an Extraction: found a list'
    """
    if not isinstance(extraction, Extraction):
        return f"a result is an Extraction: found {_kind(extraction)}"
    if extraction.response_id != response.id:
        return f"extractions come in the order of the responses: {extraction.response_id!r} for {response.id!r}"
    seen: set[str] = set()
    for claim in extraction.claims:
        if not isinstance(claim, Claim):
            return f"claims are Claim: found {_kind(claim)}"
        if claim.response_id != response.id:
            return f"a claim names its response: {claim.response_id!r} in {response.id!r}"
        if claim.id in seen:
            return f"claim ids are unique within a response: {claim.id!r} comes twice"
        seen.add(claim.id)
        if not isinstance(claim.text, str) or not claim.text.strip():
            return f"a claim has text: found {claim.text!r}"
        if not all(_within(span, len(response.text)) for span in claim.spans):
            return f"spans lie within the response's text: {claim.spans!r} in {len(response.text)} characters"
    return ""


def broken_hits(query: str, hits: object, k: int) -> str:
    """What is wrong with what a retriever found for a query.

    Examples
    --------
    >>> broken_hits("aspirin", None, 5)
    'hits are a list of Evidence: found None'
    """
    if not isinstance(hits, Sequence) or isinstance(hits, str):
        return f"hits are a list of Evidence: found {_kind(hits)}"
    if wrong := [hit for hit in hits if not isinstance(hit, Evidence)]:
        return f"hits are a list of Evidence: found {_kind(wrong[0])} in it"
    return f"at most k hits: {len(hits)} where k is {k}" if len(hits) > k else ""


def broken_outcome(item: ClaimWithEvidence, outcome: object) -> str:
    """What is wrong with what a verifier says about a claim.

    Examples
    --------
    >>> item = ClaimWithEvidence(Claim("c", "r", "Aspirin is a drug."), ())
    >>> broken_outcome(item, Verdict("c", "SUPPORTS"))  # type: ignore[arg-type]
    "a label is one of supported, refuted, not_enough_info: found 'SUPPORTS'"
    """
    if isinstance(outcome, Failure):
        return ""
    if not isinstance(outcome, Verdict):
        return f"a result is a Verdict or a Failure: found {_kind(outcome)}"
    if outcome.claim_id != item.claim.id:
        return f"verdicts come in the order of the items: {outcome.claim_id!r} for {item.claim.id!r}"
    if outcome.label not in LABELS:
        return f"a label is one of {', '.join(LABELS)}: found {outcome.label!r}"
    if outcome.probabilities is not None:
        if set(outcome.probabilities) != set(LABELS):
            return f"probabilities are given for all three labels: found {', '.join(map(repr, outcome.probabilities))}"
        if not all(0 <= p <= 1 for p in outcome.probabilities.values()):  # NaN is in no interval
            return f"probabilities lie in [0, 1]: found {dict(outcome.probabilities)!r}"
    if wrong := [passage for passage in outcome.evidence if not isinstance(passage, Evidence)]:
        return f"a verdict's evidence is Evidence: found {_kind(wrong[0])} in it"
    for quote in outcome.quotes:
        if not 0 <= quote.evidence < len(outcome.evidence):
            return f"a quote points at evidence considered: {quote.evidence} of {len(outcome.evidence)}"
        if not _within(quote.span, len(outcome.evidence[quote.evidence].text)):
            return f"a quote lies within its evidence: {quote.span!r}"
    return ""


def _within(span: object, length: int) -> bool:
    return isinstance(span, Span) and 0 <= span.start < span.end <= length


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
