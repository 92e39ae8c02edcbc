"""Overlapping spans become segments that print each character once."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from halueval.records import Span
from halueval.report.segments import excerpts, segments

SPANS = st.lists(
    st.tuples(st.integers(0, 5), st.builds(Span, st.integers(-3, 40), st.integers(-3, 40))),
    max_size=12,
)


@given(st.integers(0, 30), SPANS)
def test_segments_cover_the_text_once_and_know_who_covers_them(length: int, spans: list[tuple[int, Span]]) -> None:
    cut = list(segments(length, spans))
    assert [p for s in cut for p in range(s.start, s.end)] == list(range(length))
    for segment in cut:
        for place in range(segment.start, segment.end):
            assert set(segment.owners) == {owner for owner, s in spans if s.start <= place < s.end}
    assert all(a.owners != b.owners for a, b in zip(cut, cut[1:], strict=False))


@example("0000 000000", [Span(0, 5)])  # the cut at a space is not made within the quote
@given(st.text(max_size=60), st.lists(st.builds(Span, st.integers(-3, 70), st.integers(-3, 70)), max_size=4))
def test_excerpts_say_what_the_text_says_and_hold_every_quote(text: str, quotes: list[Span]) -> None:
    for limit in (10, 1000):
        cut = excerpts(text, quotes, limit=limit, around=5)
        marked: set[int] = set()
        for excerpt in cut:
            assert "".join(piece for piece, _ in excerpt.pieces) == text[excerpt.start : excerpt.end]
            at = excerpt.start
            for piece, quoted in excerpt.pieces:
                marked |= set(range(at, at + len(piece))) if quoted else set()
                at += len(piece)
        assert marked == {p for q in quotes for p in range(max(0, q.start), min(len(text), q.end))}
