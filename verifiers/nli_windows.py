"""A document cut into what a cross-encoder reads at once: sentences, the claim's nearest ones, windows of neighbours.

Whole sentences wherever one fits; a sentence that is longer than the encoder reads is cut into pieces that overlap.
Together the windows hold every character that isn't white space, so nothing is cut off unseen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from halueval.text.sentences import sentence_spans
from halueval.verifiers.claims import Reading
from halueval.verifiers.reading import passage_stems

__all__ = [
    "SLACK",
    "Unit",
    "closeness",
    "last_units",
    "nearest_units",
    "neighbouring_units",
    "read_units",
    "window_text",
]


SLACK = 2  # a text read alone has some tokens more than in its passage: byte-level tokenizers see no space before it


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or a piece of one that is too long: where it stands, and what it takes to read it."""

    piece: int  # index of the text that it is in
    start: int
    end: int
    text: str  # as it is read: one space for any white space
    words: int
    tokens: int
    stems: frozenset[str]


def read_units(texts: Sequence[str], tokens: Callable[[str], Sequence[tuple[int, int]]], most: int) -> tuple[Unit, ...]:
    """The sentences of some texts, in order; those without a letter or digit are left out.

    Parameters
    ----------
    texts : sequence of str
    tokens : callable
        Where the tokens of a text begin and end.
    most : int
        Tokens of a unit. A longer sentence is cut into pieces of that length, each of which begins in the last quarter
        of the one before.

    Examples
    --------
    >>> import re
    >>> def by_word(text):
    ...     return [(m.start(), m.end()) for m in re.finditer(r"\\w+", text)]
    >>> [(u.start, u.end, u.tokens) for u in read_units(["It helps. It is cheap and safe to use."], by_word, 4)]
    [(0, 9, 2), (10, 25, 4), (22, 38, 4)]
    """
    units: list[Unit] = []
    for piece, text in enumerate(texts):
        found = tokens(text)
        starts = [start for start, _ in found]
        for span in sentence_spans(text):
            first, last = bisect_left(starts, span.start), bisect_left(starts, span.end)
            if last - first <= most:
                ranges = [(span.start, span.end, last - first)]
            else:
                step = max(1, most - most // 4)
                ranges = []
                for at in range(first, last, step):
                    stop = min(at + most, last)
                    ends = span.end if stop == last else found[stop - 1][1]
                    ranges.append((span.start if at == first else found[at][0], ends, stop - at))
                    if stop == last:
                        break
            for start, end, count in ranges:
                body = " ".join(text[start:end].split())
                if stems := passage_stems(body):
                    units.append(Unit(piece, start, end, body, body.count(" ") + 1, count, stems))
    return tuple(units)


def closeness(claim: Reading, stems: frozenset[str]) -> float:
    """How much of a claim some stems hold: the share of its weight (idf).

    Examples
    --------
    >>> from halueval.verifiers.claims import Idf, read_claim
    >>> closeness(read_claim("Zinc shortens colds.", Idf(9, {})), frozenset({"zinc", "cold"})) > 0.6
    True
    """
    return claim.weight(claim.sentence.stems & stems) / claim.total


def nearest_units(close: Sequence[float], units: Sequence[Unit], most_words: int, most_tokens: int) -> tuple[int, ...]:
    """Places of the nearest units that fit together, in the order in which they stand.

    The nearest is always among them; one that no longer fits is passed over. Of equally near ones the earlier is taken.

    Examples
    --------
    >>> units = [Unit(0, 0, 1, "x", n, n, frozenset()) for n in (5, 5, 2, 4)]
    >>> nearest_units([0.1, 0.9, 0.5, 0.2], units, 11, 100), nearest_units([0, 0, 0, 0], units, 3, 100)
    ((1, 2, 3), (0,))
    """
    chosen: list[int] = []
    said, taken = 0, 0
    for i in sorted(range(len(units)), key=lambda i: (-close[i], i)):
        unit = units[i]
        if not chosen or (said + unit.words <= most_words and taken + _cost(unit) <= most_tokens):
            chosen.append(i)
            said, taken = said + unit.words, taken + _cost(unit)
        if said >= most_words:
            break
    return tuple(sorted(chosen))


def last_units(units: Sequence[Unit], most_words: int, most_tokens: int) -> tuple[int, ...]:
    """Places of a document's last units that fit together, where abstracts say what they conclude.

    Examples
    --------
    >>> units = [Unit(0, 0, 1, "x", n, n, frozenset()) for n in (5, 5, 2, 4)]
    >>> last_units(units, 6, 100)
    (2, 3)
    """
    return nearest_units(range(len(units)), units, most_words, most_tokens)


def neighbouring_units(units: Sequence[Unit], most_words: int, most_tokens: int) -> tuple[tuple[int, ...], ...]:
    """Windows of neighbouring units that hold all of them; each begins with the last unit of the one before.

    Where the unit to come doesn't fit beside that last one, it begins a window of its own.

    Examples
    --------
    >>> units = [Unit(0, 0, 1, "x", n, n, frozenset()) for n in (3, 3, 3, 9, 3)]
    >>> neighbouring_units(units, 7, 100)
    ((0, 1), (1, 2), (3,), (4,))
    """
    windows: list[tuple[int, ...]] = []
    start = 0
    while start < len(units):
        end, said, taken = start, 0, 0
        while end < len(units) and (
            end == start or (said + units[end].words <= most_words and taken + _cost(units[end]) <= most_tokens)
        ):
            said, taken = said + units[end].words, taken + _cost(units[end])
            end += 1
        if not windows or end > windows[-1][-1] + 1:
            windows.append(tuple(range(start, end)))
            start = end - 1 if end - 1 > start and end < len(units) else end
        else:
            start = end  # the last unit alone was in the window before
    return tuple(windows)


def window_text(units: Sequence[Unit], places: Sequence[int]) -> str:
    """What is read: the units, with a space between."""
    return " ".join(units[i].text for i in places)


def _cost(unit: Unit) -> int:
    return unit.tokens + SLACK
