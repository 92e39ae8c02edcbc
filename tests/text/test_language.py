"""Whether a text is English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.text.language import is_english, language_note


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5 mg",
        "Metformin",
        "OK.",
        "Take it with food.",
        "The α-blocker (β) helps. Δ9-THC.",
        "Take 布洛芬 (ibuprofen) twice a day with food.",
        "COPD, CHF, HTN. Plan: continue metformin, lisinopril.",
        "Staphylococcus aureus, Clostridium difficile, in vitro",
        "Sjögren syndrome",
        "The drug Doliprane (le paracétamol) is safe.",
        "😊👍",
    ],
)
def test_english_and_what_says_nothing_else_is_english(text: str) -> None:
    assert is_english(text)
    assert language_note(text) is None


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("请每日服用两次。不要停药。", "Han"),
        ("请服用 ibuprofen 400 mg 每日两次。", "Han"),
        ("1日2回服用してください。", "Kana"),
        ("하루 두 번 복용하세요.", "Hangul"),
        ("خذ الدواء مرتين يوميا.", "Arabic"),
        ("קח את התרופה פעמיים ביום.", "Hebrew"),
        ("दवा दिन में दो बार लें।", "Devanagari"),
        ("Принимайте два раза в день.", "Cyrillic"),
        ("Tome dos tabletas al día con la comida.", "Latin"),
        ("Nehmen Sie zwei Tabletten mit dem Essen.", "Latin"),
        ("Prenez deux comprimés par jour avec de l'eau.", "Latin"),
        ("Tome dois comprimidos por dia com água; não pare.", "Latin"),
        ("Uống hai viên mỗi ngày và không được dừng.", "Latin"),
    ],
)
def test_other_languages_are_named_by_their_script(text: str, script: str) -> None:
    assert not is_english(text)
    assert language_note(text) == f"not English (mostly {script}): its sentences are the claims"


@given(st.text(max_size=200))
def test_any_text_is_told(text: str) -> None:
    assert (language_note(text) is None) == is_english(text)
