"""The pieces of the rules, one by one."""

from __future__ import annotations

import pytest

from halueval.claim_extraction.doses import whole_doses
from halueval.claim_extraction.frames import frame
from halueval.claim_extraction.passages import passages
from halueval.claim_extraction.verb_forms import base_form, finite
from halueval.text.quantities import find_quantities


@pytest.mark.parametrize(
    ("participle", "base"),
    [
        ("reducing", "reduce"),
        ("causing", "cause"),
        ("increasing", "increase"),
        ("stopping", "stop"),
        ("slowing", "slow"),
        ("treating", "treat"),
        ("preventing", "prevent"),
        ("lowering", "lower"),
        ("relieving", "relieve"),
        ("lying", "lie"),
        ("being", "be"),
        ("filling", "fill"),
        ("making", "make"),
        ("carrying", "carry"),
        ("affecting", "affect"),
        ("stimulating", "stimulate"),
        ("producing", "produce"),
        ("killing", "kill"),
        ("helping", "help"),
        ("blocking", "block"),
        ("allowing", "allow"),
        ("leading", "lead"),
    ],
)
def test_participles_have_their_base_form(participle: str, base: str) -> None:
    assert base_form(participle) == base


def test_verbs_agree_with_their_subject() -> None:
    assert [finite("carrying", plural) for plural in (False, True)] == ["carries", "carry"]
    assert finite("being", True) == "are" and finite("having", False) == "has"
    assert finite("reaching", False, "can") == "can reach"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("However, rest helps most people.", "rest helps most people."),
        ("Yes, it's important to remember that rest helps.", "rest helps."),
        ("I spoke to your doctor and they said that rest helps.", "rest helps."),
        ("According to your doctor, rest helps with colds.", "rest helps with colds."),
        ("Also known as the flu, influenza is a virus.", "Also known as the flu, influenza is a virus."),
        ("Your doctor recommends that you rest.", "Your doctor recommends that you rest."),
        ("So.", "So."),
    ],
)
def test_frames_come_off(text: str, rest: str) -> None:
    assert text[frame(text).end :] == rest


@pytest.mark.parametrize(
    ("text", "wholes"),
    [
        ("Take 500 mg of amoxicillin every 8 hours for 7 days.", ["500 mg of amoxicillin every 8 hours for 7 days"]),
        ("It comes as 25 mg, 50 mg, and 100 mg.", ["25 mg, 50 mg, and 100 mg"]),
        ("Adults take 5 mg and children take 2 mg.", ["5 mg", "2 mg"]),
        ("Use up to 10 mL, or no more than 3 tablets.", ["up to 10 mL", "no more than 3 tablets"]),
    ],
)
def test_doses_stay_with_what_they_lean_on(text: str, wholes: list[str]) -> None:
    assert [text[s.start : s.end] for s in whole_doses(text, find_quantities(text))] == wholes


@pytest.mark.parametrize(
    "text",
    [
        "Take **5 mg** (one tablet) [1] daily.\n- Rest\n1. _Drink_ water\n# Dose\n| a | b |",
        "A\x00B is \ud800 odd \U0001f600. Next\r\nline.",
        "Seek care if:\r\n* fever (over 39 °C)\r\n* a rash",
        "See [the page](https://example.org/a_b) now.",
    ],
)
def test_every_character_of_a_passage_leads_back_to_the_text(text: str) -> None:
    for passage in passages(text):
        assert len(passage.offsets) == len(passage.text) + 1
        for at, char in enumerate(passage.text):
            if at in passage.joint or at == passage.lead:
                continue
            said = text[passage.offsets[at]]
            assert said == char or char in " \ufffd"
        for bracket in passage.attached.values():
            assert text[bracket.start] == "(" and text[bracket.end - 1] == ")"
