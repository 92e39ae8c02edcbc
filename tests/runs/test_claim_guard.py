"""The guard between claims: what one verdict serves, and what keeps two claims apart."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from halueval.runs.claim_guard import difference, meaning
from halueval.runs.claim_phrases import _PHRASES
from halueval.runs.claim_wording import _ROWS, plain_word

SAME = [
    ("Take 500 mg of paracetamol twice a day.", "take 500mg acetaminophen two times daily"),
    ("The maximum dose is 1,200 mg per day", "The maximum dose is 1.2 g/day."),
    ("Amoxicillin 500 mg q8h for 7 days", "Amoxicillin 500 mg every 8 hours for seven days"),
    ("In adults, the dose shouldn't exceed 4,000 mg/day.", "The dose should be at most 4 g daily in adults"),
    ("It can't be used with alcohol.", "It cannot be used with alcohol"),
    ("Metformin may cause diarrhoea in 10% of patients.", "metformin might cause diarrhea in 10 per cent of patients"),
    ("Note that warfarin leads to bleeding.", "Warfarin causes haemorrhage!"),
    ("Adults aged 65 years or older", "Adults 65 years of age or older"),
    ("Patients older than 65 years", "Patients over 65 years of age"),
    ("At least 5 mg is needed.", "≥5 mg is required"),
    ("Ibuprofen is used for the treatment of pain in children.", "Ibuprofen is used to treat pain in kids."),
    ("Warfarin is metabolised by CYP2C9.", "CYP2C9 metabolizes warfarin."),
    ("Absorption isn't reduced by food.", "Food does not reduce absorption."),
    ("Aspirin is given for pain in adults.", "Aspirin is given in adults for pain."),
    ("**Yes, low-dose aspirin is safe.**", "Low dose aspirin is safe"),
    ("A heart attack was followed by a stroke.", "A stroke followed a myocardial infarction."),
]
APART = [
    ("Take 500 mg daily.", "Take 500 mcg daily.", "numbers"),
    ("Take 5 mg daily.", "Take 50 mg daily.", "numbers"),
    ("Take 5 mg once daily.", "Take 5 mg twice daily.", "numbers"),
    ("Take 5 mg daily.", "Take 5 mg nightly.", ""),
    ("Take 5 mg every morning.", "Take 5 mg every evening.", ""),
    ("Take at least 5 mg.", "Take at most 5 mg.", "numbers"),
    ("Take ≤5 mg.", "Take <5 mg.", "numbers"),
    ("Take about 5 mg.", "Take 5 mg.", "numbers"),
    ("Take less than about 5 mg.", "Take less than 5 mg.", ""),
    ("The risk falls from 10% to 5%.", "The risk falls from 5% to 10%.", ""),
    ("The risk rose by 5 percent.", "The risk rose by 5 percentage points.", ""),
    ("It rises by 5 mg.", "It rises to 5 mg.", ""),
    ("The level is 5 ± 2 mg.", "The level is 5 ± 3 mg.", ""),
    ("5 × 10⁹/L is low.", "5 × 10⁶/L is low.", "numbers"),
    ("1,000,000 units", "1,000,001 units", "numbers"),
    ("Store it at -5 °C.", "Store it at 5 °C.", ""),
    ("Potassium 5 mM", "Potassium 5 mm", "numbers"),
    ("Give 5 mg/kg.", "Give 5 mg.", "numbers"),
    ("Give 3 oral doses.", "Give 3 nasal doses.", ""),
    ("Infuse 5 mg over 5 days.", "Infuse 5 mg for more than 5 days.", ""),
    ("Children under 5 years", "Children of 5 years", ""),
    ("It works for 5 years.", "It works for 5 years of age.", ""),
    ("Aspirin is safe.", "Aspirin is not safe.", "negation"),
    ("No, aspirin is safe.", "No aspirin is safe.", ""),
    ("Patients with pain", "Patients without pain", "negation"),
    ("Aspirin may help.", "Aspirin helps.", "hedge"),
    ("Aspirin reduced pain.", "Aspirin reduces pain.", ""),
    ("Aspirin is cheaper than ibuprofen.", "Ibuprofen is cheaper than aspirin.", "the order of the same words"),
    ("Warfarin raises ibuprofen.", "Ibuprofen raises warfarin.", "the order of the same words"),
    ("Warfarin is increased by aspirin.", "Warfarin increases aspirin.", ""),
    ("Used in patients with asthma in men without fever", "Used in patients without fever in men with asthma", ""),
    ("The effect of warfarin on the effect of aspirin", "The effect of aspirin on the effect of warfarin", ""),
    ("Hydralazine lowers blood pressure.", "Hydroxyzine lowers blood pressure.", "drugs"),
    ("Zanubrutinib helps.", "Acalabrutinib helps.", ""),
    ("Ozempic is approved for weight loss.", "Wegovy is approved for weight loss.", ""),
    ("Ozempic is approved for weight loss.", "Semaglutide is approved for weight loss.", ""),
    ("Lantus is injected once a day.", "Toujeo is injected once a day.", ""),
    ("Hepatitis A is common.", "Hepatitis is common.", ""),
    ("Hepatitis a vaccine", "Hepatitis vaccine", ""),
    ("HER2+ tumours respond.", "HER2- tumours respond.", ""),
    ("A few patients improve.", "Few patients improve.", ""),
    ("Not all drugs are safe.", "All drugs are not safe.", ""),
    ("5 mg for adults and 10 mg for children", "10 mg for adults and 5 mg for children", ""),
    ("Type 1 diabetes", "Type 2 diabetes", ""),
    ("Overall mortality fell.", "Mortality fell.", ""),
    ("Studies suggest that it helps.", "It helps.", ""),
    ("Take it before surgery.", "Take it after surgery.", ""),
    ("Is aspirin safe?", "Aspirin is safe.", ""),
    ("Aspirin and ibuprofen are safe.", "Aspirin or ibuprofen are safe.", ""),
    ("He took it at 8 a.m.", "He took it at 8 p.m.", ""),
    ("…", "!", ""),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "other"), SAME)
def test_one_verdict_serves_what_says_the_same(claim: str, other: str) -> None:
    assert difference(claim, other) == difference(other, claim) == ""


@pytest.mark.parametrize(("claim", "other", "kind"), APART)
def test_whatever_could_matter_keeps_claims_apart_and_is_named(claim: str, other: str, kind: str) -> None:
    found = difference(claim, other)
    assert found and found.startswith(kind)
    assert difference(other, claim)


@pytest.mark.parametrize("row", _PHRASES.strip().splitlines())
def test_every_phrase_of_the_table_is_read_as_what_stands_for_it(row: str) -> None:
    said, meant = row.split(" = ")
    assert not difference(f"They say xx {said} yy.", f"They say xx {meant} yy.")


@pytest.mark.parametrize("row", _ROWS.strip().splitlines())
def test_words_of_a_row_are_one_word(row: str) -> None:
    assert len({plain_word(word) for word in row.split()}) == 1


_NUMBERS = st.decimals(min_value="0.001", max_value="999999", places=3, allow_nan=False)
_UNITS = st.sampled_from(["mg", "mcg", "g", "mL", "mg/kg", "%", "mmol/L", "IU", "tablets", "days", "hours", "mmHg"])
_FRAMES = st.sampled_from(
    ["The dose is {} a day.", "It is given for {}", "At least {} is lethal.", "{} was found in blood"]
)


@given(_NUMBERS, _NUMBERS, _UNITS, _FRAMES)
def test_two_numbers_are_never_one(a: object, b: object, unit: str, frame: str) -> None:
    assume(a != b)
    assert difference(frame.format(f"{a} {unit}"), frame.format(f"{b} {unit}"))


@given(_NUMBERS, _UNITS, _UNITS, _FRAMES)
def test_two_units_are_never_one(a: object, unit: str, other: str, frame: str) -> None:
    assume(unit != other)
    assert difference(frame.format(f"{a} {unit}"), frame.format(f"{a} {other}"))


_WORDS = st.text(string.ascii_lowercase, min_size=2, max_size=12)


@given(st.lists(_WORDS, min_size=2, max_size=9), st.data())
def test_a_word_that_is_in_no_table_is_never_another(words: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(_WORDS)
    apart = plain_word(other) != plain_word(words[place])
    assume(apart and not {other, words[place]} & {"the", "an", "do", "does", "also"})
    changed = [*words[:place], other, *words[place + 1 :]]
    assume(other not in words)
    assert difference(" ".join(words), " ".join(changed))


@settings(max_examples=200)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_are_compared_and_in_either_order(a: str, b: str) -> None:
    assert bool(difference(a, b)) == bool(difference(b, a))
    assert not difference(a, a)


def test_what_is_longer_than_any_claim_is_compared_to_the_letter() -> None:
    long = "Aspirin is safe. " * 200
    assert not difference(long, long) and difference(long, long.lower())
    assert meaning(long) == (long.strip().rstrip("."),)
