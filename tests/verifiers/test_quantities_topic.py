"""A dose, frequency, duration, age or limit is refuted by what a document says of the same thing in other words."""

from __future__ import annotations

import time

import pytest

from halueval.records import Claim, ClaimWithEvidence, Evidence, Span, Verdict
from halueval.verifiers.quantities import QuantitiesVerifier
from halueval.verifiers.quantities_facets import facets
from halueval.verifiers.quantities_topic import leaves_open


def judged(claim: str, *passages: str, title: str = "") -> Verdict:
    evidence = tuple(
        Evidence(f"d{i}", text, Span(0, len(text)), title=title, score=9.0, rank=i + 1)
        for i, text in enumerate(passages)
    )
    (verdict,) = QuantitiesVerifier().verify([ClaimWithEvidence(Claim("c", "r", claim), evidence)])
    assert isinstance(verdict, Verdict)
    return verdict


COURSE = "Ringworm of the nails is treated with terbinafine 250 mg by mouth once a day for 12 weeks. Nails grow slowly."
AMOUNT = "Naproxen is usually given as 250 mg twice a day with food."
LIMIT = "Adults should take no more than 4 g of paracetamol in any 24 hours."
SCREENING = "Screening for lung cancer is advised in smokers aged 50 to 80. It is done by a scan every 12 months."

CHICKENPOX = "Chickenpox vaccine is given at 12 to 15 months of age."


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        # duration, frequency, both
        ("Ringworm of the nails needs terbinafine 250 mg once daily for 3 days.", COURSE),
        ("Ringworm of the nails needs Lamisil 250 mg once daily for 3 days.", COURSE),
        ("Terbinafine 250 mg four times daily for 12 weeks.", COURSE),
        # amount at one time, in another unit
        ("The usual dose of naproxen is 25 mg twice daily.", AMOUNT),
        ("The usual dose of Aleve is 250 g twice daily.", AMOUNT),
        # a limit on the day
        ("At most 9 g of Tylenol may be taken per day.", LIMIT),
        ("The maximum daily dose of acetaminophen is 9000 mg.", LIMIT),
        # ages and intervals
        ("Screening for lung cancer in smokers starts at 65.", SCREENING),
        ("Lung cancer screening of smokers by a scan should be repeated every 5 years.", SCREENING),
        ("The chickenpox vaccine should be given at 5 months of age.", CHICKENPOX),
    ],
)  # fmt: skip
def test_another_number_in_the_same_role_refutes(claim: str, passage: str) -> None:
    verdict = judged(claim, passage)
    assert verdict.label == "refuted"
    (quote,) = verdict.quotes
    assert facets(passage[quote.span.start : quote.span.end])
    assert " / " in verdict.reason


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        # the same by arithmetic, or within what the passage allows
        ("The usual dose of naproxen is 500 mg a day.", AMOUNT),
        ("The usual dose of naproxen is 0.25 g every 12 hours.", AMOUNT),
        ("At most 4000 mg of Tylenol may be taken per day.", LIMIT),
        ("Screening for lung cancer in smokers starts at 50.", SCREENING),
        ("Lung cancer screening of smokers by a scan should be repeated every year.", SCREENING),
        # another role
        ("The maximum dose of naproxen is 1500 mg.", AMOUNT),
        ("The starting dose of naproxen is 500 mg twice daily.", AMOUNT),
        ("The starting dose of naproxen is 125 mg once daily.", "The maximum dose of naproxen is 1250 mg a day."),
        # other people, drugs, ways, subjects, cases
        ("The usual dose of naproxen in children is 25 mg twice daily.", AMOUNT),
        ("The usual dose of ibuprofen is 400 mg three times daily.", AMOUNT),
        ("The usual intravenous dose of naproxen is 25 mg once.", AMOUNT + " Tablets are swallowed."),
        ("Ringworm of the scalp of a cat is treated with a shampoo for 3 days.", COURSE),
        ("The usual dose of naproxen is 25 mg twice daily.", "If kidneys fail, naproxen is given at 250 mg once."),
        # the passage has room for it elsewhere, or lists it
        ("The usual dose of naproxen is 500 mg twice daily.", AMOUNT + " Some tablets hold 500 mg."),
        ("The usual dose of naproxen is 125 mg twice daily.", "Naproxen 125, 250 or 375 mg is given twice daily."),
        # it doesn't say what of
        ("This drug is given at 25 mg twice a day.", AMOUNT),
        ("Symptoms of the flu last for 3 weeks.", "It is tiring. Coughs after the flu last for 6 weeks."),
    ],
)  # fmt: skip
def test_anything_else_is_left_open(claim: str, passage: str) -> None:
    assert judged(claim, passage).label != "refuted"


def test_the_title_may_name_what_a_passage_is_about() -> None:
    claim, passage = "The usual dose of naproxen is 25 mg once daily.", "The usual dose is 250 mg twice a day."
    assert judged(claim, passage, title="Naproxen").label == "refuted"
    assert judged(claim, passage, title="Ibuprofen").label == "not_enough_info"
    assert judged(claim, passage).label == "not_enough_info"


def test_another_document_that_gives_the_number_is_a_conflict_in_either_order() -> None:
    claim = "The usual dose of naproxen is 500 mg twice daily."
    other = "For gout, the dose of naproxen that is usual in hospitals was 500 mg."
    for passages in ((AMOUNT, other), (other, AMOUNT)):
        verdict = judged(claim, *passages)
        assert verdict.label == "not_enough_info"
        assert verdict.reason.startswith("evidence conflicts")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Take 250 mg of naproxen twice a day for 7 days.", ["amount", "frequency", "duration"]),
        ("The daily dose is 40 mg.", ["amount"]),
        ("Adults aged 50 to 75 are screened every 10 years.", ["age", "frequency"]),
        ("Screening starts at 45.", ["age"]),
        ("A 5-day course is enough.", ["duration"]),
        ("It works within 30 minutes, and pain is gone 2 hours after that.", ["delay", "delay"]),
        ("Keep systolic pressure below 130 mmHg.", ["value"]),
        ("About 30% of 400 people had it 3 times.", []),
    ],
)
def test_quantities_are_sorted_by_what_they_are_said_of(text: str, kinds: list[str]) -> None:
    assert [f.kind for f in facets(text)] == kinds


def test_what_a_claim_speaks_of_may_be_left_open() -> None:
    for claim in ("This disorder begins at age 5.", "Symptoms appear within 3 days.", "It lasts 2 weeks."):
        assert leaves_open(claim)
    for claim in (
        "Measles begins within 14 days.",
        "The dose of aspirin is 75 mg.",
        "Symptoms of measles last 7 days.",
    ):
        assert not leaves_open(claim)


def test_long_texts_are_read_in_time_that_grows_with_them() -> None:
    start = time.process_time()
    for piece in ("the maximum daily dose ", "for at least ", "24 24 24 ", "mg of the usual ", "(a day ", "starts at "):
        judged("The maximum dose of naproxen is 25 mg twice a day for 7 days.", "Naproxen 5 mg. " + piece * 4_000)
    assert time.process_time() - start < 20
