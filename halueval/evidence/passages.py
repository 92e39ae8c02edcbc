"""Documents cut into passages: whole sentences, about as many words each, exact offsets."""

from __future__ import annotations

import re

from halueval.records import Span
from halueval.text.sentences import sentence_spans

__all__ = ["PASSAGE_WORDS", "passage_spans"]

PASSAGE_WORDS = 80
"""Words that a passage aims at; see ``docs/decisions/0030-retrieval.md`` for the measurement."""

_WORD = re.compile(r"\S+")
_CHARACTERS_PER_WORD = 12  # text without spaces (Chinese, base64) is measured by its length; English words take 6 or 7


def passage_spans(text: str, words: int = PASSAGE_WORDS) -> tuple[Span, ...]:
    """Where the passages of a text lie.

    The text is shared out evenly: 200 words at a target of 80 are two passages of about 100, not two of 80 and a
    scrap. A sentence is broken only where it alone is twice the target, and then between words where there are any.

    Parameters
    ----------
    text : str
        Any text; white space alone has no passages.
    words : int
        Words per passage to aim at, at least 1.

    Returns
    -------
    tuple of Span
        In order, not overlapping; everything between them is white space.

    Examples
    --------
    >>> text = "Take it with food. Drink some water. Do not lie down after it."
    >>> [text[s.start : s.end] for s in passage_spans(text, words=7)]
    ['Take it with food. Drink some water.', 'Do not lie down after it.']
    """
    if words < 1:
        raise ValueError(f"words per passage: found {words}; wanted: 1 or more")
    pieces = [piece for sentence in sentence_spans(text) for piece in _pieces(text, sentence, words)]
    sizes = [_size(text, piece) for piece in pieces]
    count = max(1, round(sum(sizes) / words))
    share = sum(sizes) / count
    spans: list[Span] = []
    done, current = 0.0, -1
    for piece, size in zip(pieces, sizes, strict=True):
        # A piece belongs to the passage that its middle falls into.
        number = min(count - 1, int((done + size / 2) / share))
        done += size
        if number == current:
            spans[-1] = Span(spans[-1].start, piece.end)
        else:
            spans.append(piece)
        current = number
    return tuple(spans)


def _size(text: str, span: Span) -> int:
    return max(len(text[span.start : span.end].split()), (span.end - span.start) // _CHARACTERS_PER_WORD, 1)


def _pieces(text: str, sentence: Span, words: int) -> list[Span]:
    if _size(text, sentence) <= 2 * words:
        return [sentence]
    longest = words * _CHARACTERS_PER_WORD
    runs = [
        Span(start, min(start + longest, match.end()))
        for match in _WORD.finditer(text, sentence.start, sentence.end)
        for start in range(match.start(), match.end(), longest)
    ]
    pieces: list[Span] = []
    start, size = runs[0].start, 0
    for run, following in zip(runs, [*runs[1:], None], strict=True):
        size += _size(text, run)
        if size >= words or following is None:
            pieces.append(Span(start, run.end))
            start, size = (following.start if following else run.end), 0
    return pieces
