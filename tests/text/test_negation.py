"""Negation, hedging, time and experiencer: what acts on which concept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.records import Span
from halueval.text.negation import Assertion, assess, hedge_cues, negation_cues


def marked(sentence: str) -> tuple[str, list[Span]]:
    """The sentence without its square brackets, and the spans that they marked."""
    text, spans = "", []
    for k, piece in enumerate(sentence.replace("]", "[").split("[")):
        if k % 2:
            spans.append(Span(len(text), len(text) + len(piece)))
        text += piece
    return text, spans


def assertions(sentence: str) -> list[Assertion]:
    return assess(*marked(sentence))


NEGATED = [
    "No [fever].",
    "NO [FEVER].",
    "He denies [chest pain], [cough], or [nausea].",
    "There is no evidence of [pneumonia].",
    "She was not [anaemic].",
    "He did not have any [pain].",
    "The scan doesn't show [bleeding].",
    "The scan doesn’t show [bleeding].",
    "[Pneumonia] was ruled out.",
    "Tests for [the virus] were negative.",
    "The swab was negative for [influenza].",
    "[Haemorrhage] is not seen.",
    "[Allergies]: none.",
    "The [infection] has resolved.",
    "Neither [fever] nor [rash] occurred.",
    "The patient is free of [pain].",
    "There was no [change in vision].",
    "It is unlikely to be [cancer].",
]
AFFIRMED = [
    "[Fever] is present.",
    "No fever, but [cough].",
    "No fever; [cough] for two days.",
    "No oedema, there is a [rash].",
    "Chest film: no fever. [Cough] remains.",
    "No cough except for [wheeze] at night.",
    "Gram negative [sepsis].",
    "It causes not only [nausea] but [vomiting].",
    "Take no more than 4 g of [paracetamol].",
    "There was no change in [weight].",
    "We cannot exclude [cancer].",
    "The drain comes out once the [infection] has resolved.",
    "It showed [chest film: no acute disease].",
    "No, [ibuprofen] is safe.",
    "There is an [infarct] with negative deflections.",
    "He has [pain] and no fever.",
    "This is non-small cell [lung cancer].",
    "The vaccine protects against [measles].",
]


@pytest.mark.parametrize("sentence", NEGATED)
def test_a_concept_in_the_scope_of_a_negation_is_negated(sentence: str) -> None:
    found = assertions(sentence)
    assert found and all(a.negated for a in found)


@pytest.mark.parametrize("sentence", AFFIRMED)
def test_a_concept_out_of_scope_is_not(sentence: str) -> None:
    found = assertions(sentence)
    assert found and not any(a.negated for a in found)


@pytest.mark.parametrize(
    ("sentence", "cues"),
    [
        ("It does not cure.", ["not"]),
        ("It is not only safe but cheap.", []),
        ("Take no more than 4 g.", []),
        ("It can't and won't help.", ["can't", "won't"]),
        ("There was no difference in mortality.", ["no difference"]),
        ("Not all patients respond.", ["Not all"]),
        ("It works.", []),
        ("", []),
        ("İt does not cure.", ["not"]),
    ],
)
def test_negation_cues_are_the_words_that_say_no(sentence: str, cues: list[str]) -> None:
    assert [sentence[s.start : s.end] for s in negation_cues(sentence)] == cues


@pytest.mark.parametrize(
    ("sentence", "cues"),
    [
        ("It may help.", ["may"]),
        ("It was sold in May 2020.", []),
        ("Studies suggest that it is possibly safe.", ["suggest", "possibly"]),
        ("Rest as soon as possible.", []),
        ("Smokers are more likely to get it.", []),
        ("A rash appears on the arm.", []),
        ("It appears to be safe.", ["appears to"]),
        ("It could not be found.", []),
        ("It helps.", []),
    ],
)
def test_hedge_cues_are_the_words_that_hold_back(sentence: str, cues: list[str]) -> None:
    assert [sentence[s.start : s.end] for s in hedge_cues(sentence)] == cues


@pytest.mark.parametrize(
    ("sentence", "hedged"),
    [
        ("It may be [cancer].", True),
        ("[Pneumonia] is suspected.", True),
        ("We cannot exclude [cancer].", True),
        ("It is [cancer], but the stage is unclear.", False),
        ("It is [cancer].", False),
    ],
)
def test_a_hedge_acts_within_its_clause(sentence: str, hedged: bool) -> None:
    assert [a.hedged for a in assertions(sentence)] == [hedged]


@pytest.mark.parametrize(
    ("sentence", "temporality"),
    [
        ("He has a history of [asthma].", "historical"),
        ("Past medical history: asthma. [Gout].", "historical"),
        ("He is status post [appendectomy].", "historical"),
        ("He had [malaria] in the past.", "historical"),
        ("He has a two-day history of [fever].", "recent"),
        ("Prior to [surgery] he fasted.", "recent"),
        ("He has a history of asthma and presents with [fever].", "recent"),
        ("Return if you have [fever] or [pain].", "not particular"),
        ("Call us should you develop [fever].", "not particular"),
        ("He has [fever].", "recent"),
    ],
)
def test_time_is_told_by_its_cues(sentence: str, temporality: str) -> None:
    assert {a.temporality for a in assertions(sentence)} == {temporality}


@pytest.mark.parametrize(
    ("sentence", "experiencer"),
    [
        ("His mother had [breast cancer].", "family"),
        ("Family history of [diabetes].", "family"),
        ("The donor had [hepatitis].", "other"),
        ("Nursing mothers may get [mastitis].", "patient"),
        ("His father is well, but he has [gout].", "patient"),
        ("He has [gout].", "patient"),
    ],
)
def test_the_experiencer_is_told_by_its_cues(sentence: str, experiencer: str) -> None:
    assert {a.experiencer for a in assertions(sentence)} == {experiencer}


@given(st.text(max_size=120))
def test_cues_are_in_order_and_inside(sentence: str) -> None:
    for cues in (negation_cues(sentence), hedge_cues(sentence)):
        at = 0
        for span in cues:
            assert at <= span.start < span.end <= len(sentence)
            at = span.end


@given(st.sampled_from(NEGATED + AFFIRMED))
def test_case_is_not_looked_at(sentence: str) -> None:
    assert assertions(sentence.upper()) == assertions(sentence.lower()) == assertions(sentence)


@given(st.sampled_from(NEGATED + AFFIRMED), st.text(max_size=10))
def test_one_assertion_for_each_span_wherever_it_is(sentence: str, rest: str) -> None:
    spans = [Span(0, 0), Span(0, 10_000), Span(5_000, 5_001)]
    assert len(assess(sentence + rest, spans)) == 3
    assert assess(sentence, []) == []
