"""A long answer in windows of whole sentences: each sentence is asked about in exactly one of them.

A window may open with sentences of the one before it, marked as such: they are there to be read (for what "it" means),
and nothing in them is asked about twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from halueval.records import Span
from halueval.text.sentences import sentence_spans

__all__ = ["Window", "stretches", "windows"]


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences that are asked about together, and those before them, to be read only; offsets into the whole text.

    ``own`` is never empty. Neighbours in it lie side by side in the text, but for what is no part of the answer.
    """

    own: tuple[Span, ...]
    before: tuple[Span, ...] = ()


def windows(text: str, parts: Sequence[Span], *, size: int = 6_000, overlap: int = 600) -> tuple[Window, ...]:
    """The sentences of an answer in windows.

    Parameters
    ----------
    text : str
        The text as it came.
    parts : sequence of Span
        What of it is the answer, in order, without overlap; see :func:`halueval.text.reasoning.answer_spans`.
    size : int
        Characters of the sentences that are asked about in one window, at most. A sentence that is longer has a window
        to itself: none is ever cut.
    overlap : int
        Characters of the sentences before them that are shown again, at most; 0 shows none.

    Returns
    -------
    tuple of Window
        In order; empty where there is no sentence. Every sentence of every part is in the ``own`` of one window. The
        windows of a text that needs several are about equally long.

    Raises
    ------
    ValueError
        ``size`` is not at least 1, or ``overlap`` is less than 0.

    Examples
    --------
    >>> text = "It thins blood. It eases pain. Take it with food."
    >>> for window in windows(text, [Span(0, len(text))], size=30, overlap=15):
    ...     print([text[s.start : s.end] for s in window.before], [text[s.start : s.end] for s in window.own])
    [] ['It thins blood.', 'It eases pain.']
    ['It eases pain.'] ['Take it with food.']
    """
    if size < 1 or overlap < 0:
        raise ValueError(f"size is {size} and overlap {overlap}; wanted: at least 1 and at least 0")
    sentences = [
        Span(part.start + s.start, part.start + s.end)
        for part in parts
        for s in sentence_spans(text[part.start : part.end])
    ]
    whole = sum(s.end - s.start for s in sentences)
    goal = whole / max(1, math.ceil(whole / size))
    groups: list[list[Span]] = []
    filled = 0
    for sentence in sentences:
        length = sentence.end - sentence.start
        if not groups or filled >= goal or filled + length > size:
            groups.append([])
            filled = 0
        groups[-1].append(sentence)
        filled += length
    out, done = [], 0
    for group in groups:
        out.append(Window(tuple(group), _last(sentences, done, overlap)))
        done += len(group)
    return tuple(out)


def _last(sentences: Sequence[Span], end: int, room: int) -> tuple[Span, ...]:
    """The sentences before number ``end`` that fit into so many characters."""
    start = end
    while start and (room := room - (sentences[start - 1].end - sentences[start - 1].start)) >= 0:
        start -= 1
    return tuple(sentences[start:end])


def stretches(text: str, sentences: Sequence[Span]) -> tuple[Span, ...]:
    """Neighbouring sentences as the stretches of text that they make up, with the white space between them; what else
    is between them (a reasoning trace) parts two stretches.

    Examples
    --------
    >>> stretches("One.  Two.<think>No.</think>Three.", [Span(0, 4), Span(6, 10), Span(28, 34)])
    (Span(start=0, end=10), Span(start=28, end=34))
    """
    out: list[Span] = []
    for sentence in sentences:
        gap = text[out[-1].end : sentence.start] if out else "-"
        if gap and not gap.isspace():
            out.append(sentence)
        else:
            out[-1] = Span(out[-1].start, sentence.end)
    return tuple(out)
