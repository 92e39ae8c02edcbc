"""The lexical verifier: what it says of plain cases, what it rests on, and what it never does."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.records import LABELS, Claim, ClaimWithEvidence, Evidence, Failure, Label, Span, Verdict
from halueval.verifiers.lexical import LexicalVerifier
from halueval.verifiers.reading import READ_LIMIT

TRIAL = (
    "BACKGROUND: Migraine is common. METHODS: We randomly assigned 200 adults to magnesium or placebo. "
    "RESULTS: Magnesium significantly reduced the number of migraine days compared with placebo (p < 0.001). "
    "There was no significant difference in nausea between the groups (p = 0.61). "
    "CONCLUSIONS: Magnesium reduces migraine days and is well tolerated."
)


def item(claim: str, *evidence: str | tuple[str, str]) -> ClaimWithEvidence:
    """A claim with passages; a pair is (doc_id, text), a text alone is a document of its own."""
    pairs = [e if isinstance(e, tuple) else (f"doc{i}", e) for i, e in enumerate(evidence)]
    return ClaimWithEvidence(Claim("c", "r", claim), tuple(Evidence(d, t, Span(0, len(t))) for d, t in pairs))


def judge(claim: str, *evidence: str | tuple[str, str]) -> Verdict:
    (outcome,) = LexicalVerifier().verify([item(claim, *evidence)])
    assert isinstance(outcome, Verdict)
    return outcome


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        ("Magnesium reduced the number of migraine days compared with placebo.", "supported"),
        ("Compared with placebo, magnesium made no significant difference to nausea.", "supported"),
        ("Compared with placebo, magnesium significantly increased nausea.", "refuted"),
        ("Compared with placebo, magnesium made no significant difference to migraine days.", "refuted"),
        ("The kidneys filter about 180 litres of blood a day.", "not_enough_info"),
    ],
)
def test_plain_cases(claim: str, label: Label) -> None:
    assert judge(claim, TRIAL).label == label


def test_the_quote_is_the_sentence_that_decided_with_exact_offsets() -> None:
    verdict = judge(
        "Magnesium significantly increased nausea compared with placebo.", ("d", "Unrelated."), ("t", TRIAL)
    )
    quoted = [verdict.evidence[q.evidence].text[q.span.start : q.span.end] for q in verdict.quotes]
    assert "There was no significant difference in nausea between the groups (p = 0.61)." in quoted
    assert {q.evidence for q in verdict.quotes} == {1}


def test_the_reason_is_one_short_clause() -> None:
    assert (
        judge("Magnesium significantly increased nausea.", "Magnesium made no difference to nausea.").reason
        == "passage says no difference, claim says more"
    )


@pytest.mark.parametrize("evidence", [(), ("",), ("   \n", "---"), ("🙂",)])
def test_no_evidence_is_not_enough_info_without_probabilities(evidence: tuple[str, ...]) -> None:
    verdict = judge("Aspirin thins the blood.", *evidence)
    assert (verdict.label, verdict.reason, verdict.probabilities) == ("not_enough_info", "no evidence", None)


@pytest.mark.parametrize("claim", ["", "   ", "?!", "🙂"])
def test_a_claim_without_words_is_not_enough_info(claim: str) -> None:
    verdict = judge(claim, TRIAL)
    assert (verdict.label, verdict.reason) == ("not_enough_info", "the claim has no words")


def test_pieces_with_one_doc_id_are_read_as_one_document() -> None:
    claim = "Magnesium reduced migraine days compared with placebo."
    sentences = [
        s.strip() + "." for s in TRIAL.replace("(p < 0.001)", "").replace("(p = 0.61)", "").split(".") if s.strip()
    ]
    whole = judge(claim, " ".join(sentences))
    pieces = judge(claim, *(("same", s) for s in sentences))
    assert pieces.probabilities == whole.probabilities
    assert pieces.quotes[0].evidence == next(i for i, s in enumerate(sentences) if "reduced" in s)


def test_documents_that_disagree_are_named() -> None:
    for_, against = "Zinc shortened the duration of colds.", "Zinc did not shorten the duration of colds."
    verdict = judge("Zinc shortened the duration of colds.", ("trial A", for_), ("trial B", against))
    alone = judge("Zinc shortened the duration of colds.", ("trial B", against))
    assert alone.label == "refuted"
    assert verdict.label != "supported" or "trial B refutes" in verdict.reason
    assert "trial B" in verdict.reason


def test_passages_about_something_else_do_not_turn_the_verdict() -> None:
    claim = "Magnesium reduced the number of migraine days compared with placebo."
    others = (
        "Wash your hands often with soap and water.",
        "The thyroid is a gland in the neck.",
        "Gout is caused by crystals of uric acid in a joint.",
        "A cataract is a clouding of the lens of the eye.",
    )
    assert judge(claim, TRIAL, *others).label == judge(claim, TRIAL).label == "supported"
    assert judge(claim, *others).label == "not_enough_info"


def test_what_is_not_text_fails_alone() -> None:
    broken = ClaimWithEvidence(Claim("b", "r", None), ())  # type: ignore[arg-type]
    failed, fine = LexicalVerifier().verify([broken, item("Magnesium reduced migraine days.", TRIAL)])
    assert isinstance(failed, Failure)
    assert (failed.kind, failed.item_id) == ("invalid_record", "b")
    assert isinstance(fine, Verdict)


def test_the_batch_does_not_change_the_answers() -> None:
    items = [item(f"Magnesium reduced {what}.", TRIAL) for what in ("migraine days", "nausea", "gout", "")]
    verifier = LexicalVerifier()
    assert verifier.verify(items) == [verifier.verify([one])[0] for one in items]
    assert verifier.verify([]) == []


@pytest.mark.parametrize(
    "text", ["word " * 200_000, "a" * 1_000_000, "1." * 500_000, "p = 0 " * 160_000, "(" * 1_000_000]
)
def test_a_megabyte_of_evidence_is_bounded_work_and_says_what_was_read(text: str) -> None:
    started = time.thread_time()
    verdict = judge("Aspirin thins the blood.", ("big", text))
    assert time.thread_time() - started < 15
    assert (
        verdict.reason == "no evidence"
        or f"only the first {READ_LIMIT:,} characters of big were read" in verdict.reason
    )


def test_verifying_imports_no_scikit_learn() -> None:
    code = (
        "import sys; from halueval.records import *; from halueval.verifiers.lexical import LexicalVerifier;"
        "e = Evidence('d', 'Zinc helps.', Span(0, 11));"
        "LexicalVerifier().verify([ClaimWithEvidence(Claim('c', 'r', 'Zinc helps.'), (e,))]);"
        "print([m for m in ('sklearn', 'scipy', 'spacy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=120), max_size=3))
def test_any_text_gives_a_verdict_with_probabilities_that_sum_to_one_and_quotes_inside(
    claim: str, evidence: list[str]
) -> None:
    verdict = judge(claim, *evidence)
    if verdict.probabilities is None:
        assert verdict.label == "not_enough_info"
        return
    assert sum(verdict.probabilities.values()) == pytest.approx(1)
    assert verdict.label == max(LABELS, key=lambda label: verdict.probabilities[label])  # type: ignore[index]
    for quote in verdict.quotes:
        assert 0 <= quote.span.start < quote.span.end <= len(verdict.evidence[quote.evidence].text)
