"""Where quotes stand: exactly, but for signs, word by word, or nowhere."""

from __future__ import annotations

import re
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.claim_extraction.alignment import Placement, content_words, place, share_in
from halueval.records import Span

TEXT = (
    "Metformin lowers blood sugar. Take **2.5–5 mg** twice a day with food.\n\n"
    "- It doesn't cause “low sugar” by itself.\n- Nausea, and diarrhoea, are common in the first 2 weeks.\n"
    "Metformin lowers blood sugar slowly; ask your pharmacist about 1,000 mg tablets."
)


def said(found: Placement | None, text: str = TEXT) -> list[str]:
    return [] if found is None else [text[s.start : s.end] for s in found.spans]


@pytest.mark.parametrize(
    ("quote", "how", "place_of_it"),
    [
        ("Metformin lowers blood sugar", "exact", "Metformin lowers blood sugar"),
        ("**2.5–5 mg**", "exact", "2.5–5 mg"),
        ("take 2.5-5 MG twice  a day", "tolerant", "Take **2.5–5 mg** twice a day"),
        ('It doesn’t cause "low sugar"', "tolerant", "It doesn't cause “low sugar"),
        ("“Nausea and diarrhoea are common”", "tolerant", "Nausea, and diarrhoea, are common"),
        ("about 1000 mg tablets", "tolerant", "about 1,000 mg tablets"),
        (
            "diarrhea and nausea common in first weeks",
            "tokens",
            "Nausea, and diarrhoea, are common in the first 2 weeks",
        ),
        ("low sugar, by itself, is not caused", "tokens", "cause “low sugar” by itself"),
    ],
)
def test_a_quote_is_found_as_it_stands_or_nearly_so(quote: str, how: str, place_of_it: str) -> None:
    found = place(quote, TEXT)
    assert found is not None and found.how == how
    assert said(found) == [place_of_it]


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "   ",
        "…",
        "***",
        "insulin raises potassium levels",
        "sugars cane",
        "of the and",
        "sugar cane is grown in Brazil",
    ],
)
def test_what_is_not_there_is_nowhere(quote: str) -> None:
    assert place(quote, TEXT) is None


def test_a_decimal_number_is_not_the_same_digits_without_the_point() -> None:
    found = place("doses of 25 mg", "Single doses of 2.5 mg are low.")
    assert found is None or found.how == "tokens"


def test_of_several_places_the_one_nearest_to_where_it_is_expected() -> None:
    second = TEXT.rindex("Metformin")
    (first_span,) = place("metformin lowers blood sugar", TEXT).spans  # type: ignore[union-attr]
    (near_span,) = place("metformin lowers blood sugar", TEXT, Span(second, len(TEXT))).spans  # type: ignore[union-attr]
    assert (first_span.start, near_span.start) == (0, second)
    text = "Nausea is common with iron. Sleep is poor. Nausea is common with zinc."
    near = Span(text.index("Nausea is common with zinc"), len(text))
    assert said(place("common with it is the nausea", text, near), text) == ["Nausea is common with"]
    assert place("common with it is the nausea", text, near).spans[0].start == near.start  # type: ignore[union-attr]


def test_an_ellipsis_stands_for_what_was_left_out() -> None:
    assert said(place("Metformin lowers … slowly", TEXT)) == ["Metformin lowers", "slowly"]
    assert said(place("Take 2.5-5 mg [...] with food", TEXT)) == ["Take **2.5–5 mg", "with food"]
    assert place("Take 2.5-5 mg ... with warm milk and honey", TEXT) is None


def test_writing_without_spaces_is_read_by_its_characters() -> None:
    text = "二甲双胍可降低血糖。每天服用两次,每次500毫克。"
    assert said(place("每天服用两次", text), text) == ["每天服用两次"]
    assert said(place("每天两次服用,500毫克", text), text) == ["每天服用两次,每次500毫克"]


@given(st.text(alphabet="ab 1.,*-\n“’éß中\u0301", max_size=60), st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_cut_out_at_the_edges_of_words_is_found_exactly(text: str, data: st.DataObject) -> None:
    starts = [m.start() for m in re.finditer(r"(?<![^\W_])[^\W_]", text)]
    ends = [m.end() for m in re.finditer(r"[^\W_](?![^\W_])", text)]
    if not starts:
        return
    start = data.draw(st.sampled_from(starts))
    end = data.draw(st.sampled_from([e for e in ends if e > start]))
    found = place(text[start:end], text, Span(start, end))
    assert found is not None
    assert all(0 <= s.start < s.end <= len(text) for s in found.spans)
    if found.how == "exact":
        assert said(found, text)[0] in text[start:end].strip(" \t\r\n\"'“”‘’«»„`*_") or len(found.spans) > 1


@given(st.text(max_size=40), st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_places_are_always_inside_the_text(quote: str, text: str) -> None:
    found = place(quote, text)
    assert found is None or all(0 <= s.start < s.end <= len(text) for s in found.spans)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("aaa " * 5_000, "a" * 100_000),
        ("Take 5 mg of it, or not, with lemon", "Take it with food and 5 mg of water. " * 2_700),
        ("*" * 1_000 + "b c", "*" * 100_000),
        ("… a … b … c", "… a " * 25_000),
    ],
)
def test_long_texts_take_no_long_time(quote: str, text: str) -> None:
    started = thread_time()
    place(quote, text)
    assert thread_time() - started < 15


def test_words_that_tell_something_weigh_what_they_tell() -> None:
    words = content_words("The drug is taken with 5 mg of iron")
    assert words == ("drug", "taken", "5", "mg", "iron")
    assert share_in(words, {"drug", "taken"}) < 0.5 < share_in(words, {"5", "mg", "iron"})
    assert share_in((), set()) == 1.0
