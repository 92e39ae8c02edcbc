"""What is worth checking and what is not, with the reason."""

from __future__ import annotations

import pytest

from halueval.claim_extraction.checkworthiness import not_checkworthy


@pytest.mark.parametrize(
    "sentence",
    [
        "Take it with food.",
        "Seek care if the fever lasts three days.",
        "Call your doctor if you notice blood in your urine.",
        "Do not take more than 4 g a day.",
        "It is normal for a baby to lose weight in the first days.",
        "You should see a doctor within 24 hours of a tick bite.",
        "Contact your doctor before stopping prednisone.",
        "This medicine is not a cure for asthma.",
    ],
)
def test_statements_and_concrete_advice_are_checkworthy(sentence: str) -> None:

    assert not_checkworthy(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Hello and welcome!", "greeting"),
        ("Thank you for your question.", "greeting"),
        ("Best wishes, the team", "greeting"),
        ("How long have you had the cough?", "question"),
        ("I'm sorry to hear that you are in pain.", "empathy"),
        ("They understand how frustrating this is.", "empathy"),
        ("This is not a substitute for professional medical advice.", "disclaimer"),
        ("I am not a doctor.", "disclaimer"),
        ("Please consult your healthcare provider for personalized advice.", "referral"),
        ("It is always best to talk to your doctor or pharmacist.", "referral"),
        ("If you have any questions, ask your doctor.", "referral"),
        ("I'm sorry, but I can't help with that.", "refusal"),
        ("I cannot provide medical advice about this.", "refusal"),
        ("Here are some points to consider:", "meta"),
        ("Let me know if you need anything else.", "meta"),
        ("In my opinion the blue pills look nicer.", "opinion"),
    ],
)
def test_the_rest_is_named(sentence: str, reason: str) -> None:
    assert not_checkworthy(sentence) == reason


def test_what_says_nothing_is_a_fragment() -> None:
    assert not_checkworthy("Plenty of water", has_predicate=False) == "fragment"


@pytest.mark.parametrize("text", ["a" * 100_000, "I " * 50_000, "please consult " * 7_000, "it's so very " * 8_000])
def test_long_input_takes_no_time(text: str) -> None:
    from time import perf_counter

    started = perf_counter()
    not_checkworthy(text)
    assert perf_counter() - started < 2
