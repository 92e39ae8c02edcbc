"""Evidence that a search found is held to more than evidence that was given with the claim."""

from __future__ import annotations

from dataclasses import replace

import pytest

from halueval.records import Claim, ClaimWithEvidence, Evidence, Span, Verdict
from halueval.verifiers.lexical import LexicalVerifier


def judged(claim: str, passage: str, *, retrieved: bool) -> Verdict:
    evidence = Evidence("d", passage, Span(0, len(passage)))
    if retrieved:
        evidence = replace(evidence, rank=1, score=9.0)
    (verdict,) = LexicalVerifier().verify([ClaimWithEvidence(Claim("c", "r", claim), (evidence,))])
    assert isinstance(verdict, Verdict)
    return verdict


SAME = "Metformin often causes nausea and diarrhea in the first weeks of treatment."


def test_a_found_passage_that_says_the_claim_still_supports_it() -> None:
    verdict = judged("Metformin often causes nausea and diarrhea.", SAME, retrieved=True)
    assert verdict.label == "supported"
    assert not verdict.calibrated


def test_probabilities_are_calibrated_only_where_the_evidence_was_given() -> None:
    assert judged("Metformin often causes nausea and diarrhea.", SAME, retrieved=False).calibrated


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Nausea is treated with ginger tea after meals.", SAME),
        ("Insulin lowers the risk of blindness.", "Smoking does not lower the risk of blindness in older adults."),
    ],
)
def test_a_found_passage_that_shares_a_few_words_decides_nothing(claim: str, passage: str) -> None:
    verdict = judged(claim, passage, retrieved=True)
    assert verdict.label == "not_enough_info"


def test_why_nothing_was_decided_is_said_without_probabilities() -> None:
    verdict = judged("Nausea and diarrhea are treated with ginger tea, rest and salty broth.", SAME, retrieved=True)
    assert verdict.label == "not_enough_info"
    if verdict.probabilities is None:
        assert "closest" in verdict.reason


@pytest.mark.parametrize(("amount", "label"), [("10 mg", "supported"), ("40 mg", "not_enough_info")])
def test_a_found_passage_supports_an_amount_only_if_it_gives_it(amount: str, label: str) -> None:
    passage = "The recommended starting dose of lisinopril for high blood pressure is 10 mg once daily."
    claim = f"The recommended starting dose of lisinopril for high blood pressure is {amount} once daily."
    assert judged(claim, passage, retrieved=True).label == label


def test_what_the_claim_is_about_may_be_named_by_the_title_alone() -> None:
    passage = "It does not lower the risk of blindness in older adults."
    evidence = Evidence("d", passage, Span(0, len(passage)), title="Bevacizumab", rank=1, score=9.0)
    claim = Claim("c", "r", "Bevacizumab does not lower the risk of blindness in older adults.")
    titled, bare = LexicalVerifier().verify(
        [ClaimWithEvidence(claim, (evidence,)), ClaimWithEvidence(claim, (replace(evidence, title=""),))]
    )
    assert isinstance(titled, Verdict) and isinstance(bare, Verdict)
    assert titled.label == "supported"
    assert bare.label == "not_enough_info" and "bevacizumab" in bare.reason
