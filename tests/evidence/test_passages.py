"""Passages: exact offsets, nothing lost, about as long as asked for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.evidence import passage_spans

SENTENCES = "Take 2.5 mg twice a day with food. Do not stop it suddenly, e.g. before surgery. It may cause drowsiness. "


def cut(text: str, words: int = 80) -> list[str]:
    return [text[span.start : span.end] for span in passage_spans(text, words)]


@given(st.text(alphabet=st.sampled_from("ab. \n\t。🙂\ud800\x00é-*1"), max_size=400), st.integers(1, 30))
@settings(max_examples=150, deadline=None)
def test_passages_are_in_order_and_only_white_space_is_left_out(text: str, words: int) -> None:
    spans = passage_spans(text, words)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    assert all(span.start < span.end for span in spans)
    kept = "".join(text[span.start : span.end] for span in spans)
    assert "".join(kept.split()) == "".join(text.split())


def test_sentences_stay_whole() -> None:
    passages = cut(SENTENCES * 12)
    assert len(passages) > 1
    assert all(passage.endswith((".", "food.")) and passage[0].isupper() for passage in passages)


def test_a_text_is_shared_out_evenly_without_a_scrap_at_the_end() -> None:
    sizes = [len(passage.split()) for passage in cut(SENTENCES * 13)]
    assert max(sizes) - min(sizes) <= 25
    assert 60 <= min(sizes) <= max(sizes) <= 120


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("word " * 20_000, 161 * 5),
        ("x" * 100_000, 2 * 80 * 12),
        ("药物治疗" * 5_000, 2 * 80 * 12),
    ],
    ids=["no full stop", "no space", "Chinese without full stops"],
)
def test_text_without_sentences_is_cut_all_the_same(text: str, longest: int) -> None:
    passages = cut(text)
    assert max(map(len, passages)) <= longest
    assert "".join("".join(passages).split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_nothing_has_no_passages(text: str) -> None:
    assert passage_spans(text) == ()


def test_a_size_below_one_word_is_refused() -> None:
    with pytest.raises(ValueError, match="found 0; wanted: 1 or more"):
        passage_spans("Take it.", 0)
