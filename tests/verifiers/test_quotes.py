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
        ("100 mg) - once daily. aspirin may cause", ["100 mg) – once  daily.\nAspirin **may** cause"]),
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
    started = time.perf_counter()
    find_quotes("ab " * 1_000 + "c", ["ab " * 33_000])
    find_quotes("ab ... " * 500, ["ab " * 33_000])
    assert time.perf_counter() - started < 2
