"""What is worth checking and what is not, with the reason."""

from __future__ import annotations

import pytest

from halueval.claim_extraction.cases import is_case, is_record
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
        "Herbs are not a substitute for insulin.",
        "They recommend that you take ibuprofen.",
        "They wanted to reassure you that most colds pass within 10 days.",
        "They understand your worry, but most people with influenza recover without treatment.",
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
        ("You're very welcome!", "greeting"),
        ("Great question!", "greeting"),
        ("Hello!", "greeting"),
        ("Take care, and don't hesitate to come back.", "greeting"),
        ("This is general information and does not replace advice from your doctor.", "disclaimer"),
        ("You mentioned that you take aspirin.", "meta"),
        ("They wanted to address your concerns about asthma.", "meta"),
        ("They wanted to help clarify what your report says.", "meta"),
        ("They are considering a few possibilities.", "meta"),
        ("They strongly encourage you to seek help.", "meta"),
        ("In my opinion the blue pills look nicer.", "opinion"),
    ],
)
def test_the_rest_is_named(sentence: str, reason: str) -> None:
    assert not_checkworthy(sentence) == reason


def test_what_says_nothing_is_a_fragment() -> None:
    assert not_checkworthy("Plenty of water", has_predicate=False) == "fragment"


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "I " * 50_000,
        "please consult " * 7_000,
        "it's so very " * 8_000,
        "they also " * 9_000,
        "this is not " * 8_000,
    ],
)
def test_long_input_takes_no_time(text: str) -> None:
    from time import thread_time

    started = thread_time()
    not_checkworthy(text)
    is_record([text])
    is_case(text)
    assert thread_time() - started < 10


@pytest.mark.parametrize(
    "answer",
    [
        ["The patient denies fever, cough, or rash."],
        ["A 62-year-old woman comes to the clinic with knee pain.", "Her pulse is 80/min.", "A biopsy is recommended."],
        ["On exam, the knee is swollen.", "She reports no injury.", "Labs show a raised white count."],
    ],
)
def test_notes_about_one_patient_are_cases(answer: list[str]) -> None:
    assert is_record(answer) and all(map(is_case, answer))


@pytest.mark.parametrize(
    "answer",
    [
        ["Your blood pressure is normal.", "You can stop measuring it."],
        ["Patients with diabetes have a higher risk.", "Women over 50 should be screened."],
        ["If the patient reports chest pain, stop the infusion.", "The infusion takes an hour."],
        ["Your mother had a stroke.", "She was seen late, as you say.", "You did all you could."],
    ],
)
def test_general_statements_and_answers_to_the_reader_are_not(answer: list[str]) -> None:
    assert not is_record(answer)


def test_a_general_statement_within_a_note_is_not_about_the_patient() -> None:
    assert not is_case("Iron deficiency is usually caused by bleeding.")
