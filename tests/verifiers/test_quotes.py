"""A quote stands in a passage to the letter, or but for what copying changes; otherwise it is none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.verifiers.quotes import find_quotes

PASSAGES = (
    "Store it below 25 °C.",
    "The “loading dose” is 1,000 mg (not 100 mg) – once  daily.\n"
    "Aspirin **may** cause bleed\u00ading in 0.5% of adults.",
    "Adults take 100 mg once daily. Children don't.",
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("loading dose” is 1,000 mg", ["loading dose” is 1,000 mg"]),
        ('"loading dose" is 1,000 mg', ["loading dose” is 1,000 mg"]),
        ("NOT 100 MG", ["not 100 mg"]),
        ("not 100 mg) - once daily. aspirin may cause", ["not 100 mg) – once  daily.\nAspirin **may** cause"]),
        ("may cause bleeding in 0.5% of adults", ["may** cause bleed\u00ading in 0.5% of adults"]),
        ("The “loading dose” … in 0.5% of adults", ["The “loading dose", "in 0.5% of adults"]),
        ("Adults take ... once daily", ["Adults take", "once daily"]),
        ("'Adults take 100 mg once daily.'", ["Adults take 100 mg once daily."]),
        ("Children don’t", ["Children don't"]),
        ("below 25 °C", ["below 25 °C"]),
    ],
)
def test_what_stands_there_is_found_where_it_stands(quote: str, found: list[str]) -> None:
    quotes = find_quotes(quote, PASSAGES)
    assert [PASSAGES[q.evidence][q.span.start : q.span.end] for q in quotes] == found


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "...",
        "Adults",  # one word, and hardly any
        "000 mg (not",  # half a number
        "5% of adults",  # 0.5
        "ults take 100 mg",  # half a word
        "Adults take 10 mg once daily",
        "Adults take 100 mcg once daily",
        "Adults may take 100 mg once daily",
        "Children do",
        "once daily ... Adults take",  # the other way round
        "Store it ... Adults take",  # of two passages
        "The answer is",
        "a" * 100_000,
    ],
)
def test_what_does_not_is_not(quote: str) -> None:
    assert find_quotes(quote, PASSAGES) == ()


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("2 tablets daily", "Take ½ tablets daily."),
        ("2 tablets daily", "Take 1/2 tablets daily."),
        ("2 tablets daily", "Take 1–2 tablets daily."),
        ("Take 1", "Take 1-2 tablets daily."),
        ("5 degrees or less", "Store it at -5 degrees or less."),
        ("19 patients", "It was tried in COVID-19 patients."),
        ("105 cells per litre", "There are 10⁵ cells per litre."),
        ("5 cells per litre", "There are 10⁻⁵ cells per litre."),
        ("10 cells per litre", "There are 1⁰ cells per litre."),
        ("5 cells per litre", "There are 10^5 cells per litre."),
        ("51 adults had it", "Of 5① adults had it."),
        ("2500 mg daily", "Take 2*500 mg daily."),
        ("0 mg daily", "Take 5\u200b0 mg daily."),
        ("0 mg daily", "Take **5**0 mg daily."),
        (".5 mg daily", "Take 5 mg daily."),
        ("90 mmHg or more", "It is 140/90 mmHg or more."),
        ("1000 solution of it", "Use a 1:1000 solution of it."),
        ("in the cafe", "It happened in the cafe\u0301 here."),
    ],
)
def test_half_a_number_and_another_number_are_no_quote(quote: str, text: str) -> None:
    assert find_quotes(quote, [text]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "It is not recommended in pregnancy.",
        "It is NOT  **recommended in pregnancy**.",
        "It isn't recommended in pregnancy.",
        "It isn’t recommended in pregnancy.",
        "It was never recommended in pregnancy.",
        "It is non-recommended in pregnancy.",
    ],
)
def test_a_quote_does_not_leave_the_not_in_front_of_it_out(text: str) -> None:
    assert find_quotes("recommended in pregnancy", [text]) == ()
    assert find_quotes("Recommended in  pregnancy.", [text]) == ()
    assert find_quotes(text, [text])
    assert find_quotes("recommended in pregnancy", [text, "Is it? No. Recommended in pregnancy it is."])


def test_a_not_is_not_left_out_between_two_parts_either() -> None:
    assert find_quotes("Aspirin may ... be given daily", ["Aspirin may not be given daily."]) == ()
    assert len(find_quotes("Aspirin may ... be given daily", ["Aspirin may, if at all, be given daily."])) == 2


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("keep CO2 below 5%", "Keep CO₂ below 5%.", "Keep CO₂ below 5%"),
        ("10 kg/m2 or more", "At 10 kg/m² or more.", "10 kg/m² or more"),
        ("½ tablet daily", "Take ½ tablet daily.", "½ tablet daily"),
        ("take 5 mg daily", "Take **5 mg** daily.", "Take **5 mg** daily"),
        ("0.5 mg daily", "Take 0.5 mg daily.", "0.5 mg daily"),
        (".5 mg daily", "Take .5 mg daily.", ".5 mg daily"),
        ("... take 5 mg", "Then take 5 mg.", "take 5 mg"),
        ("-5 degrees or less", "Store it at −5 degrees or less.", "−5 degrees or less"),
        ("1 to 2 tablets", "Take 1 to 2 tablets—5 days long.", "1 to 2 tablets"),
        ("5 days long", "Take 1 to 2 tablets—5 days long.", "5 days long"),
    ],
)
def test_the_same_number_in_other_dress_is_a_quote(quote: str, text: str, found: str) -> None:
    (only,) = find_quotes(quote, [text])
    assert text[only.span.start : only.span.end] == found


def test_an_empty_phrase_is_no_quote_where_it_stands() -> None:
    assert find_quotes("The answer is", ["The answer is"]) == ()


def test_the_best_passage_that_has_it_is_taken() -> None:
    texts = ["Nothing of it.", "It may cause nausea.", "It may cause nausea."]
    assert [q.evidence for q in find_quotes("may cause nausea", texts)] == [1]


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=300, deadline=None)
def test_offsets_lie_within_the_text_and_whole_sentences_of_it_are_found(text: str, start: int, end: int) -> None:
    for quote in find_quotes(text[start:end], [text]):
        assert 0 <= quote.span.start < quote.span.end <= len(text)
    whole = f"{text}\nIt may cause nausea.\n{text}"
    (quote, *_) = find_quotes("It may cause nausea.", [whole])
    assert whole[quote.span.start : quote.span.end].casefold().startswith("it may cause nausea")


def test_long_texts_take_no_long() -> None:
    started = time.thread_time()
    find_quotes("ab " * 1_000 + "c", ["ab " * 33_000])
    find_quotes("ab ... " * 500, ["ab " * 33_000])
    assert time.thread_time() - started < 10
