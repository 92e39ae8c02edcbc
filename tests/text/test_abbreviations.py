"""Abbreviations by their definition: which pairs, and where."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.text.abbreviations import find_abbreviations


def pairs(text: str) -> list[tuple[str, str]]:
    return [(a.short, a.long) for a in find_abbreviations(text)]


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("A myocardial infarction (MI) was seen.", ("MI", "myocardial infarction")),
        ("Take nonsteroidal anti-inflammatory drugs (NSAIDs).", ("NSAIDs", "nonsteroidal anti-inflammatory drugs")),
        ("It is an ACE (angiotensin-converting enzyme) inhibitor.", ("ACE", "angiotensin-converting enzyme")),
        ("He has tuberculosis (TB).", ("TB", "tuberculosis")),
        ("He has hypertension(HTN).", ("HTN", "hypertension")),
        ("A **myocardial infarction** (**MI**) was seen.", ("MI", "myocardial infarction")),
        ("It is *Helicobacter pylori* (H. pylori).", ("H. pylori", "Helicobacter pylori")),
        ("The tumor necrosis factor alpha (TNF-α) rose.", ("TNF-α", "tumor necrosis factor alpha")),
        ("The body-mass index [BMI] is high.", ("BMI", "body-mass index")),
        ("Some serotonin reuptake inhibitors (SRIs; e.g. one) help.", ("SRIs", "serotonin reuptake inhibitors")),
        ("An electrocardiogram (ECG or EKG) was made.", ("ECG", "electrocardiogram")),
        ("The human papillomavirus (also called HPV) spreads.", ("HPV", "human papillomavirus")),
        ("It crosses the vessels (blood-brain barrier, BBB).", ("BBB", "blood-brain barrier")),
        (
            "Centers for Disease Control and Prevention (CDC) say so.",
            ("CDC", "Centers for Disease Control and Prevention"),
        ),
        ("It is the U.S. Food and Drug Administration (FDA).", ("FDA", "Food and Drug Administration")),
        ("Give 2,4-dinitrophenol (DNP).", ("DNP", "2,4-dinitrophenol")),
        ("It was chronic active hepatitis (C.A.H.).", ("C.A.H.", "chronic active hepatitis")),
        ("The six-minute walk (6MW) is long.", ("6MW", "six-minute walk")),
        ("慢性病 coronary artery disease（CAD）。", ("CAD", "coronary artery disease")),
    ],
)
def test_a_definition_is_found(text: str, pair: tuple[str, str]) -> None:
    assert pairs(text) == [pair]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No brackets here.",
        "It rose slightly (p < 0.05).",
        "Take five milligrams (5 mg).",
        "See the figure (Fig. 2).",
        "Take some pills (see below).",
        "The mechanism(s) vary.",
        "A drug (aspirin) was given.",
        "He left (and came back).",
        "Broken (bracket",
        "()",
        "[]",
        "The heart beats. (THB)",
    ],
)
def test_other_brackets_define_nothing(text: str) -> None:
    assert pairs(text) == []


def test_each_pair_is_given_once_at_its_first_definition() -> None:
    text = "Deep vein thrombosis (DVT) is bad. Deep vein thrombosis (DVT) hurts. Pulmonary embolism (PE) too."
    found = find_abbreviations(text)
    assert [(a.short, a.long_span.start) for a in found] == [("DVT", 0), ("PE", text.index("Pulmonary"))]


def test_the_long_form_does_not_reach_over_a_sentence_or_a_bracket() -> None:
    assert pairs("He has deep pain. Vein thrombosis (DVT) came.") == []
    assert pairs("Deep vein thrombosis (DVT) or pulmonary embolism (PE).") == [
        ("DVT", "Deep vein thrombosis"),
        ("PE", "pulmonary embolism"),
    ]


WORDS = st.lists(
    st.sampled_from(["deep", "vein", "of", "(DVT)", "(", ")", "[PE]", "(deep vein thing)", "DVT", ",", "α", "İ"]),
    max_size=25,
)


@given(st.one_of(WORDS.map(" ".join), st.text(max_size=80)))
def test_spans_are_exact(text: str) -> None:
    for a in find_abbreviations(text):
        assert text[a.short_span.start : a.short_span.end] == a.short != ""
        assert text[a.long_span.start : a.long_span.end] == a.long
        assert len(a.long) > len(a.short)


@given(st.lists(st.sampled_from(["deep", "vein", "heart", "blood", "cell", "lung", "nerve"]), min_size=2, max_size=5))
def test_first_letters_always_lead_to_the_words_they_come_from(words: list[str]) -> None:
    short = "".join(w[0] for w in words).upper()
    assert pairs(f"They saw, {' '.join(words)} ({short}).") in ([(short, " ".join(words))],)


@pytest.mark.parametrize(
    "piece", ["(", "(ab) ", "word (WWWWWWWW) ", "125I-", "e" * 150 + " (eeeeeeeeeeee) ", "[(", "(a, "]
)
def test_time_grows_with_length_only(piece: str) -> None:
    def took(size: int) -> float:
        text = piece * (size // len(piece))
        gc.disable()  # how long a collection takes depends on the tests that ran before
        began = time.thread_time()
        find_abbreviations(text)
        gc.enable()
        return time.thread_time() - began

    took(12_500)
    assert took(100_000) < 40 * max(took(12_500), 0.005)  # eight times the text; a quadratic rule would take 64 times
