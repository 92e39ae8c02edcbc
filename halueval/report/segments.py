"""Cuts a text at the ends of overlapping spans, so that every character is printed once and knows what covers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from halueval.records import Quote, Span

__all__ = ["Excerpt", "Segment", "excerpts", "segments"]


@dataclass(frozen=True, slots=True)
class Segment:
    """``text[start:end]`` and the owners (indices, ascending) of the spans that cover all of it."""

    start: int
    end: int
    owners: tuple[int, ...]


def segments(length: int, spans: Iterable[tuple[int, Span]], start: int = 0) -> Iterator[Segment]:
    """The text from ``start`` to ``length`` in segments, in order, without gap or overlap.

    Parameters
    ----------
    length : int
        Where the text ends.
    spans : iterable of (int, Span)
        Spans with their owner. What lies outside of the text is cut off; what is empty or backwards covers nothing.
    start : int
        Where to begin.

    Yields
    ------
    Segment
        Never empty; two neighbours never have the same owners.

    Examples
    --------
    >>> [(s.start, s.end, s.owners) for s in segments(9, [(0, Span(1, 5)), (1, Span(3, 7))])]
    [(0, 1, ()), (1, 3, (0,)), (3, 5, (0, 1)), (5, 7, (1,)), (7, 9, ())]
    """
    changes: dict[int, list[tuple[int, int]]] = {}
    for owner, span in spans:
        first, last = max(span.start, start), min(span.end, length)
        if first < last:
            changes.setdefault(first, []).append((owner, 1))
            changes.setdefault(last, []).append((owner, -1))
    depth: dict[int, int] = {}
    begun = start
    owners: tuple[int, ...] = ()
    for place in sorted(changes):
        for owner, step in changes[place]:
            depth[owner] = depth.get(owner, 0) + step
            if not depth[owner]:
                del depth[owner]
        now = tuple(sorted(depth))
        if now != owners:
            if begun < place:
                yield Segment(begun, place, owners)
            begun, owners = place, now
    if begun < length:
        yield Segment(begun, length, owners)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a passage, in pieces that are quoted or not."""

    start: int
    end: int
    pieces: tuple[tuple[str, bool], ...]


def excerpts(text: str, quotes: Iterable[Quote | Span], limit: int = 1200, around: int = 240) -> tuple[Excerpt, ...]:
    """What to show of a passage: all of it where it is short, else the quotes with what stands around them.

    Examples
    --------
    >>> excerpts("Take it with food.", [Span(8, 17)])[0].pieces
    (('Take it ', False), ('with food', True), ('.', False))
    """
    spans = [q.span if isinstance(q, Quote) else q for q in quotes]
    spans = [Span(max(0, s.start), min(len(text), s.end)) for s in spans]
    spans = [s for s in spans if s.start < s.end]
    if len(text) <= limit:
        windows = [Span(0, len(text))] if text else []
    elif not spans:
        windows = [Span(0, _word_edge(text, limit, -1))]
    else:
        near = [(0, _surroundings(text, s, around)) for s in spans]
        windows = [Span(s.start, s.end) for s in segments(len(text), near) if s.owners]
    marks = [(0, s) for s in spans]
    return tuple(
        Excerpt(w.start, w.end, tuple((text[s.start : s.end], bool(s.owners)) for s in segments(w.end, marks, w.start)))
        for w in windows
    )


def _surroundings(text: str, quote: Span, around: int) -> Span:
    """The quote and what stands around it, cut at spaces, never into the quote."""
    start, end = _word_edge(text, quote.start - around, 1), _word_edge(text, quote.end + around, -1)
    return Span(min(start, quote.start), max(end, quote.end))


def _word_edge(text: str, place: int, step: int) -> int:
    """The nearest space within 40 characters in the direction of ``step``, else the place; the text's ends hold."""
    if place <= 0 or place >= len(text):
        return max(0, min(place, len(text)))
    for at in range(place, max(0, min(place + 40 * step, len(text))), step):
        if text[at].isspace():
            return at
    return place
