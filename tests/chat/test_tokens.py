"""The estimate of tokens, against counts that cl100k_base gives for texts of our own."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.chat.tokens import PER_MESSAGE, count_request, count_tokens
from halueval.records import ChatRequest

ENGLISH = (
    (
        100,
        "Warfarin is a vitamin K antagonist that is taken by mouth to prevent clots. Its effect is followed "
        "with the INR, "
        "which should lie between 2.0 and 3.0 for most people with atrial fibrillation. Leafy vegetables that "
        "are rich in "
        "vitamin K make it weaker, while many antibiotics make it stronger, so the dose is checked again "
        "whenever a new "
        "medicine is started. Bleeding gums, black stools or a severe headache are reasons to seek help at once.",
    ),
    (
        89,
        "A urinary tract infection usually begins with burning, urgency and frequent small voids. In women who are "
        "otherwise healthy, a short course of nitrofurantoin or trimethoprim is enough, and a culture is only "
        "needed when "
        "symptoms do not settle within two days. Fever, flank pain or vomiting suggest that the kidneys are involved; "
        "that is treated for longer and sometimes in hospital. Pregnant women are always treated, even without "
        "symptoms.",
    ),
)
OTHERS = {
    "JSON": (
        91,
        '{"verdicts": [{"id": 1, "label": "supported", "probability": 0.93, "quote": "metformin is the first medicine '
        'for type 2 diabetes", "reason": "The passage says so."}, {"id": 2, "label": "not_enough_info", "probability": '
        '0.5, "quote": "", "reason": "No passage names the dose."}]}',
    ),
    "numbers": (
        101,
        "120/80 mmHg, 72 bpm, 36.8 °C, 16/min, 98%, 1.73 m2, 0.9 mg/dL, 4.5 mmol/L, 13.2 g/dL, 250 x 10^9/L, "
        "2021-04-17, 12:30, 1,250 mL, 0.05, 95% CI 1.12-2.48",
    ),
    "code": (
        80,
        'def half_life(rate: float) -> float:\n    """Hours until half of a drug is gone."""\n    if rate <= 0:\n'
        '        raise ValueError(f"a rate of {rate} never ends")\n    return math.log(2) / rate\n\n\n'
        'for drug, rate in RATES.items():\n    print(f"{drug:20} {half_life(rate):6.1f} h")\n',
    ),
    "Chinese": (
        96,
        "对乙酰氨基酚可以退烧和止痛，但几乎没有抗炎作用。成人每天的用量不应超过四克，肝病患者应当更少。"
        "如果发烧超过三天，或者出现皮疹，请尽快去看医生。",
    ),
    "Russian": (
        88,
        "Парацетамол снижает температуру и уменьшает боль, но не лечит воспаление. Взрослым можно принимать не более "
        "четырёх граммов в сутки, а при болезнях печени доза должна быть меньше.",
    ),
}


@pytest.mark.parametrize(("tokens", "text"), ENGLISH)
def test_a_paragraph_of_english_is_within_five_per_cent(tokens: int, text: str) -> None:
    assert count_tokens(text) == pytest.approx(tokens, rel=0.05)


@pytest.mark.parametrize(("tokens", "text"), OTHERS.values(), ids=OTHERS)
def test_other_texts_are_within_fifteen_per_cent(tokens: int, text: str) -> None:
    assert count_tokens(text) == pytest.approx(tokens, rel=0.15)


@given(st.text(st.characters(codec=None), max_size=200), st.text(max_size=200))
def test_anything_has_a_count_that_grows_with_it(text: str, more: str) -> None:
    assert (count_tokens(text) == 0) == (text == "")
    assert count_tokens(f"{text}\n{more}\n{text}") + 2 >= count_tokens(text)


def test_a_megabyte_takes_no_time() -> None:
    text = ENGLISH[0][1] * 2_500
    started = time.thread_time()
    assert count_tokens(text) == pytest.approx(2_500 * count_tokens(ENGLISH[0][1]), rel=0.02)
    assert time.thread_time() - started < 5


@pytest.mark.parametrize(
    "text", ["a" * 100_000, " " * 100_000, "9" * 100_000, "." * 100_000, "\n" * 100_000, "é" * 99_999]
)
def test_monotonous_texts_are_counted(text: str) -> None:
    assert 0 < count_tokens(text) < 2 * len(text)


def test_a_request_is_its_messages_what_stands_around_them_and_its_schema() -> None:
    said = {"role": "user", "content": ENGLISH[0][1]}
    one, two = count_request(ChatRequest((said,))), count_request(ChatRequest((said, said)))
    assert two - one == PER_MESSAGE + count_tokens(ENGLISH[0][1])
    assert count_request(ChatRequest((said,), {"type": "object"})) > one
