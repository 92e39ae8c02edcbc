"""Long answers in windows: every sentence is asked about in exactly one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.claim_extraction.windows import stretches, windows
from halueval.records import Span
from halueval.text.reasoning import answer_spans
from halueval.text.sentences import sentence_spans

PIECES = st.sampled_from(
    [
        "Take 5 mg.",
        "It helps!",
        "- nausea\n",
        "\n\n",
        "<think>No.</think>",
        "Yes. ",
        "one long sentence " * 4,
        "。",
        "# Dose\n",
    ]
)
TEXTS = st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=80)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(1, 120), st.integers(0, 80))
def test_every_sentence_of_the_answer_is_asked_about_in_exactly_one_window(text: str, size: int, overlap: int) -> None:
    parts = answer_spans(text)
    wanted = [Span(p.start + s.start, p.start + s.end) for p in parts for s in sentence_spans(text[p.start : p.end])]
    cut = windows(text, parts, size=size, overlap=overlap)
    assert [s for w in cut for s in w.own] == wanted
    for window in cut:
        assert window.own
        assert len(window.own) == 1 or sum(s.end - s.start for s in window.own) <= size
        assert sum(s.end - s.start for s in window.before) <= overlap
        at = wanted.index(window.own[0])
        assert list(window.before) == wanted[at - len(window.before) : at]


def test_one_window_is_enough_for_what_fits() -> None:
    text = "It helps. " * 50
    (window,) = windows(text, answer_spans(text))
    assert len(window.own) == 50 and window.before == ()


def test_windows_are_about_equally_long() -> None:
    text = "Drug A lowers B. " * 13
    sizes = [len(w.own) for w in windows(text, answer_spans(text), size=200, overlap=0)]
    assert sizes == [7, 6]


def test_a_sentence_longer_than_a_window_stays_whole() -> None:
    text = "Rest. " + "word " * 100 + "end. Sleep."
    assert [len(w.own) for w in windows(text, answer_spans(text), size=50)] == [1, 1, 1]


def test_nothing_has_no_windows() -> None:
    assert windows("", ()) == () and windows(" \n", answer_spans(" \n")) == ()


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (-5, 0), (10, -1)])
def test_sizes_that_make_no_sense_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="wanted: at least 1"):
        windows("A.", [Span(0, 2)], size=size, overlap=overlap)


def test_stretches_hold_the_text_between_sentences_but_no_reasoning_trace() -> None:
    text = "One.  Two.<think>No.</think>Three.\n\nFour."
    sentences = [s for w in windows(text, answer_spans(text)) for s in w.own]
    assert [text[s.start : s.end] for s in stretches(text, sentences)] == ["One.  Two.", "Three.\n\nFour."]
    assert stretches(text, ()) == ()
