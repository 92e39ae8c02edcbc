"""The quantities verifier decides what arithmetic and plain opposites can show, and nothing else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.records import LABELS, Claim, ClaimWithEvidence, Evidence, Span, Verdict
from halueval.verifiers.quantities import QuantitiesVerifier


def item(claim: str, *passages: str, doc_ids: tuple[str, ...] = ()) -> ClaimWithEvidence:
    ids = doc_ids or tuple(f"d{i}" for i in range(len(passages)))
    return ClaimWithEvidence(
        Claim("c", "r", claim), tuple(Evidence(d, p, Span(0, len(p))) for d, p in zip(ids, passages, strict=True))
    )


def verdict(claim: str, *passages: str) -> Verdict:
    (outcome,) = QuantitiesVerifier().verify([item(claim, *passages)])
    assert isinstance(outcome, Verdict)
    return outcome


DOSE = "Adults with gout were given 300 mg of allopurinol once daily for at least 4 weeks."
SODIUM = "The normal range of serum sodium is 135–145 mmol/L."
JUICE = "Grapefruit juice raises levels of simvastatin."
TRIAL = "The relapse rate was higher in the placebo group than in the lithium group (P = 0.01)."


@pytest.mark.parametrize(
    ("claim", "evidence", "label"),
    [
        # doses, in other words and other units
        ("Adults with gout received 0.3 g of allopurinol every 24 hours for no less than 28 days.", DOSE, "supported"),
        ("Adults with gout received 300 mg of Zyloprim once daily for at least 4 weeks.", DOSE, "supported"),
        ("Adults with gout were given 300 mcg of allopurinol once daily for at least 4 weeks.", DOSE, "refuted"),
        ("Adults with gout were given 600 mg of allopurinol once daily for at least 4 weeks.", DOSE, "refuted"),
        ("Adults with gout were given 300 mg of allopurinol twice daily for at least 4 weeks.", DOSE, "refuted"),
        ("Adults with gout were given 300 mg of allopurinol once daily for at most 4 weeks.", DOSE, "refuted"),
        ("Adults with gout were given 300 mg of febuxostat once daily for at least 4 weeks.", DOSE, "refuted"),
        ("Adults with gout were not given 300 mg of allopurinol once daily for at least 4 weeks.", DOSE, "refuted"),
        ("Adults with gout were given 300 mL of allopurinol once daily for at least 4 weeks.", DOSE, "not_enough_info"),
        ("Children with gout were given 600 mg of allopurinol once daily.", DOSE, "not_enough_info"),
        # ranges
        ("The normal range of serum sodium is 135 to 145 mmol/L.", SODIUM, "supported"),
        ("The normal range of serum sodium is 125 to 145 mmol/L.", SODIUM, "refuted"),
        # counts
        ("More than 40 enzymes need zinc in people.", "More than 300 enzymes need zinc in people.", "not_enough_info"),
        ("The adult human heart has three chambers.", "The adult human heart has four chambers.", "refuted"),
        # direction, sides of a comparison, negation
        ("The relapse rate was lower in the placebo group than in the lithium group.", TRIAL, "refuted"),
        ("The relapse rate was higher in the lithium group than in the placebo group.", TRIAL, "refuted"),
        ("The relapse rate was lower in the lithium group than in the placebo group.", TRIAL, "supported"),
        ("Grapefruit juice does not raise levels of simvastatin.", JUICE, "refuted"),
        ("Antibiotics shorten the common cold.", "Antibiotics do not shorten the common cold.", "refuted"),
        ("Zinc failed to shorten the common cold.", "Zinc did not shorten the common cold.", "supported"),
        # what the sentence leaves open, says of something else, or asks
        ("Zinc shortens the common cold.", "It is unclear whether zinc shortens the common cold.", "not_enough_info"),
        ("Zinc shortens the common cold.", "Does zinc shorten the common cold?", "not_enough_info"),
        ("Zinc shortens a cold.", "Aspirin does not help, but zinc shortens a cold.", "not_enough_info"),
        ("Metformin lowers glucose.", "Aspirin was given at 300 mg.", "not_enough_info"),
    ],
)  # fmt: skip
def test_decides_what_arithmetic_sees(claim: str, evidence: str, label: str) -> None:
    assert verdict(claim, evidence).label == label


def test_a_decision_quotes_the_sentence_and_names_what_differs() -> None:
    passage = f"Gout is common. {DOSE} It was well tolerated."
    found = verdict(
        "Adults with gout were given 600 mg of allopurinol once daily for at least 4 weeks.", "Nothing here.", passage
    )
    (quote,) = found.quotes
    assert found.evidence[quote.evidence].text[quote.span.start : quote.span.end] == DOSE
    assert found.reason == "600 mg / 300 mg"
    assert found.probabilities is not None and not found.calibrated
    assert set(found.probabilities) == set(LABELS) and sum(found.probabilities.values()) == pytest.approx(1)


def test_an_abstention_has_no_probabilities_and_says_so() -> None:
    found = verdict("Adults with gout need rest.", DOSE)
    assert (found.label, found.probabilities, found.quotes) == ("not_enough_info", None, ())
    assert found.reason.startswith("abstains")


@pytest.mark.parametrize("passages", [(), ("",), (" \n",)])
def test_no_evidence_is_not_an_abstention(passages: tuple[str, ...]) -> None:
    found = verdict("Adults need 5 mg of zinc.", *passages)
    assert (found.label, found.reason) == ("not_enough_info", "no evidence")


def test_a_supporting_and_a_refuting_passage_are_a_conflict_in_either_order() -> None:
    claim = "Adults with gout were given 300 mg of allopurinol once daily for at least 4 weeks."
    for passages in ((DOSE, DOSE.replace("300", "900")), (DOSE.replace("300", "900"), DOSE)):
        found = verdict(claim, *passages)
        assert found.label == "not_enough_info"
        assert found.reason.startswith("evidence conflicts")


def test_sentences_given_one_by_one_are_read_like_the_document() -> None:
    claim = "Adults with gout were given 600 mg of allopurinol once daily for at least 4 weeks."
    parts = ("Gout is common.", DOSE)
    one_by_one = QuantitiesVerifier().verify([item(claim, *parts, doc_ids=("d", "d"))])[0]
    whole = QuantitiesVerifier().verify([item(claim, " ".join(parts))])[0]
    assert isinstance(one_by_one, Verdict) and isinstance(whole, Verdict)
    assert one_by_one.label == whole.label == "refuted"


@given(st.lists(st.tuples(st.text(max_size=60), st.lists(st.text(max_size=120), max_size=3)), max_size=4))
def test_any_text_gives_one_verdict_per_item_in_order(pairs: list[tuple[str, list[str]]]) -> None:
    items = [item(claim, *passages) for claim, passages in pairs]
    outcomes = QuantitiesVerifier().verify(items)
    assert len(outcomes) == len(items)
    for one, outcome in zip(items, outcomes, strict=True):
        assert isinstance(outcome, Verdict) and outcome.evidence == one.evidence
        assert outcome == QuantitiesVerifier().verify([one])[0]


@given(st.integers(1, 5_000), st.integers(1, 5_000))
def test_one_dose_supports_itself_and_refutes_every_other(a: int, b: int) -> None:
    sentence = "The children in the study were treated with {} mg of ivermectin."
    assert verdict(sentence.format(a), sentence.format(b)).label == ("supported" if a == b else "refuted")


def test_passages_about_other_things_cost_little() -> None:
    claim = "Metformin is taken with food by most people with diabetes."
    passages = tuple(f"Passage {i} tells of knees, hips and ankles that ache in winter. " * 5 for i in range(400))
    work = [item(claim, *passages)]
    QuantitiesVerifier().verify(work)
    start = time.process_time()
    QuantitiesVerifier().verify(work)
    assert (time.process_time() - start) / len(passages) < 5e-4
