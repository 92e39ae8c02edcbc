"""Which parts of a model's output are its answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.text.reasoning import answer_spans


def answers(text: str) -> list[str]:
    return [text[s.start : s.end] for s in answer_spans(text)]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It is safe.", ["It is safe."]),
        ("<think>Is it?</think>It is safe.", ["It is safe."]),
        ("<think>\nIs it?\n</think>\n\nIt is safe.\n", ["It is safe."]),
        ("<THINKING>Is it?</THINKING> It is.", ["It is."]),
        ("< reasoning >Is it?</ reasoning >It is.", ["It is."]),
        ("Well. <think>Is it?</think> It is.", ["Well.", "It is."]),
        ("<think>a</think>One.<think>b</think>Two.", ["One.", "Two."]),
        ("Is it? I guess.</think>It is safe.", ["It is safe."]),
        ("One.<think>a</think>b</think>Two.", ["Two."]),
        ("<think>Is it", []),
        ("It is.<think>Is it", ["It is."]),
        ("<think>a<think>b</think>c</think>It is.", ["It is."]),
        ("<think>a</reasoning>b</think>It is.", ["It is."]),
        ('<think duration="3">a</think>It is.', ["It is."]),
        ("◁think▷a◁/think▷It is.", ["It is."]),
        ("[THINK]a[/THINK]It is.", ["It is."]),
        ("<|channel|>analysis<|message|>a<|end|><|channel|>final<|message|>It is.<|return|>", ["It is."]),
        ("<think>a</think><answer>It is.</answer>", ["It is."]),
        ("I think <i>so</i>, 5 < 6.", ["I think <i>so</i>, 5 < 6."]),
        ("", []),
        ("  \n ", []),
        ("<think></think>", []),
    ],
)
def test_the_answer_is_what_stands_outside_the_trace(text: str, answer: list[str]) -> None:
    assert answers(text) == answer


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<reasoning>", "</reasoning>", "a ", " ", "<", "b"]), max_size=20)
)
def test_spans_are_in_order_without_tags(pieces: list[str]) -> None:
    text = "".join(pieces)
    at = 0
    for span in answer_spans(text):
        assert at <= span.start < span.end <= len(text)
        said = text[span.start : span.end]
        assert said == said.strip() and "think>" not in said and "reasoning>" not in said
        at = span.end
