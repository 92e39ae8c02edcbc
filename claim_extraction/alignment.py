"""Where in a text a quote stands: to the letter, but for white space and signs, or word by word; else nowhere.

A chat model copies most quotes well, some with other dashes or without the Markdown, and some from memory. A quote that
is half invented must not be laid over whatever sounds like it: what isn't found says so.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from halueval.records import Span
from halueval.text.tokens import stems
from halueval.text.word_sets import word_set

__all__ = ["How", "Placement", "content_words", "place", "share_in"]

How: TypeAlias = Literal["exact", "tolerant", "tokens"]


@dataclass(frozen=True, slots=True)
class Placement:
    """The characters that a quote stands for, in the order of the quote, and how they were found."""

    spans: tuple[Span, ...]
    how: How


_HOW: tuple[How, ...] = ("exact", "tolerant", "tokens")
# Writing that puts no space between words: there every character is one.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"\d+(?:[.,]\d+)*|[{_UNSPACED}]|[^\W\d_{_UNSPACED}][^\W_{_UNSPACED}]*")
_POINT = re.compile(
    r"(?<=\d)(?:\.(?=\d)|,(?=\d{1,2}(?!\d)))"
)  # of a decimal number; a comma before three digits is none
_INNER = re.compile(rf"[^\W_{_UNSPACED}]")
_LEFT_OUT = re.compile(r"\s*(?:\[\s*(?:\.{3,}|…)\s*\]|\(\s*(?:\.{3,}|…)\s*\)|\.{3,}|…)\s*")
_QUOTED = " \t\r\n\"'“”‘’«»„`*_"
_SMALL = word_set(
    """a an the this that these those it its they their them he she his her you your we our i my me is are was were be
    been being am do does did has have had will would shall should can could may might must of in on at by to for from
    with into as and or but if than so such also too very there here who which what when where while because since due
    then any all each some other more most not no s t"""
)
_SMALL_WEIGHT, _NUMBER_WEIGHT = 0.2, 1.3
# Share of a quote's weight that has to stand together, and the least number of words that aren't small.
_ENOUGH, _LEAST = 0.6, 2
_SLACK = 6  # words that may stand between those of the quote, besides half as many as it has
_NEAR = 0.15  # what standing where it is expected is worth, as a share of the quote's weight
_GAP = 0.12  # what a word that isn't the quote's costs a match at the edge
_STEM = 5  # letters that two words have in common at least, to be taken for forms or spellings of one


def place(quote: str, text: str, near: Span | None = None) -> Placement | None:
    """Where a quote stands in a text.

    Parameters
    ----------
    quote : str
        As a chat model gave it; an ellipsis in it stands for what it left out.
    text : str
        What was quoted; offsets are exact in it.
    near : Span, optional
        Where the quote is expected. Of several places the one nearest to it is taken, without it the first.

    Returns
    -------
    Placement or None
        "exact": character for character. "tolerant": but for case, white space, punctuation, quotation marks, dashes
        and emphasis. "tokens": most of its words, by their weight, close together in any order. None where that much
        isn't there, and for a quote without a word.

    Examples
    --------
    >>> text = "Take **5–10 mg** with food. It may cause nausea."
    >>> place("may cause nausea", text)
    Placement(spans=(Span(start=31, end=47),), how='exact')
    >>> place("Take 5-10 mg with food", text)
    Placement(spans=(Span(start=0, end=26),), how='tolerant')
    >>> place("nausea may be caused by it", text).how
    'tokens'
    >>> place("It heals fractures", text) is None
    True
    """
    quote = quote.strip(_QUOTED)
    if not _WORD.search(quote):
        return None
    found = _literal(quote, text, near)
    if found is not None:
        return found
    parts = [part for part in _LEFT_OUT.split(quote) if _WORD.search(part)]
    if len(parts) > 1 and len(parts) <= 8:
        placed = []
        for part in parts:
            at = _literal(part, text, near) or _by_words(part, text, near)
            if at is None:
                break
            placed.append(at)
            near = at.spans[-1]
        else:
            spans = tuple(dict.fromkeys(span for p in placed for span in p.spans))
            return Placement(spans, max((p.how for p in placed), key=_HOW.index))
    return _by_words(quote, text, near)


def _literal(quote: str, text: str, near: Span | None) -> Placement | None:
    """The quote character for character, else letter for letter."""
    exact = []
    at = text.find(quote)
    while at >= 0:
        if _is_edge(text, at) and _is_edge(text, at + len(quote)):
            exact.append(Span(at, at + len(quote)))
            at = text.find(quote, at + len(quote))
        else:
            at = text.find(quote, at + 1)
    if exact:
        return Placement((_nearest(exact, near),), "exact")
    squeezed, offsets = _squeezed(text)
    wanted, _ = _squeezed(quote)
    tolerant = []
    at = squeezed.find(wanted) if wanted else -1
    while at >= 0:
        start, end = offsets[at], offsets[at + len(wanted) - 1] + 1
        if _is_edge(text, start) and _is_edge(text, end):
            tolerant.append(Span(start, end))
        at = squeezed.find(wanted, at + len(wanted))
    return Placement((_nearest(tolerant, near),), "tolerant") if tolerant else None


@lru_cache(64)  # an answer is looked through for every claim of it
def _squeezed(text: str) -> tuple[str, list[int]]:
    """The letters and digits of a text, case folded, and for each of them where it stands.

    The point of a decimal number is kept: 2.5 isn't 25.
    """
    out: list[str] = []
    offsets: list[int] = []
    for i, c in enumerate(text):
        if c.isalnum():
            plain = c.lower() if c.isascii() else unicodedata.normalize("NFKC", c).casefold()
            for letter in plain:
                if letter.isalnum():
                    out.append(letter)
                    offsets.append(i)
        elif c in ".," and _POINT.match(text, i):
            out.append(".")
            offsets.append(i)
    return "".join(out), offsets


def _is_edge(text: str, at: int) -> bool:
    """Whether no word goes on across this place."""
    return not (0 < at < len(text) and _INNER.match(text[at - 1]) and _INNER.match(text[at]))


def _nearest(spans: Sequence[Span], near: Span | None) -> Span:
    return spans[0] if near is None else min(spans, key=lambda span: (_distance(span, near), span.start))


def _distance(span: Span, near: Span) -> int:
    """Characters of the span that lie outside of where it's expected, or between the two."""
    if span.end <= near.start or span.start >= near.end:
        return max(near.start - span.start, span.end - near.end)
    return max(0, near.start - span.start) + max(0, span.end - near.end)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A word of the text that the quote has: which one of the text's, and its stem."""

    word: int
    stem: str


def _by_words(quote: str, text: str, near: Span | None) -> Placement | None:
    """The stretch of the text that holds most of the quote's words."""
    asked = _words(quote)
    said = list(_WORD.finditer(text))
    own = _stemmed([m.group() for m in said])
    need = Counter(_as_said(asked, own))
    counts = Counter(stem for stem in own if stem in need)
    weights = {stem: _weight(stem, counts[stem]) for stem in need}
    full = sum(weights[stem] * n for stem, n in need.items())
    hits = [_Hit(i, stem) for i, stem in enumerate(own) if stem in need]
    starts = [m.start() for m in said]
    expected = None
    if near is not None:
        expected = range(bisect_left(starts, near.start), bisect_left(starts, near.end))
    width = len(asked) + len(asked) // 2 + _SLACK
    best = _best_window(hits, need, weights, width, expected, _NEAR * full)
    if best is None:
        return None
    kept = _trimmed(_tightest(hits, best, need, width, expected), weights)
    held = Counter(hit.stem for hit in kept)
    worth = sum(weights[stem] * min(n, need[stem]) for stem, n in held.items())
    content = sum(stem not in _SMALL for stem in held)
    if worth < _ENOUGH * full or content < min(_LEAST, sum(stem not in _SMALL for stem in need)) or not content:
        return None
    return Placement((Span(said[kept[0].word].start(), said[kept[-1].word].end()),), "tokens")


@lru_cache(4_096)
def content_words(text: str) -> tuple[str, ...]:
    """The words of a text that tell something, stemmed, in order: small ones left out; a character each where writing
    has no spaces.

    Examples
    --------
    >>> content_words("It is taken twice, with 2.5 mg of iron.")
    ('taken', 'twice', '2.5', 'mg', 'iron')
    """
    return tuple(word for word in _words(text) if word not in _SMALL)


def share_in(words: Collection[str], others: Collection[str]) -> float:
    """How many of these words, by their weight, are among the others; 1 where there are none.

    Examples
    --------
    >>> share_in(content_words("Nausea is common."), set(content_words("Nausea and vomiting")))
    0.5
    """
    if not words:
        return 1.0
    known = set(others)
    found = sum(_weight(word, 1) for word in _as_said(words, known) if word in known)
    return found / sum(_weight(word, 1) for word in words)


def _words(text: str) -> list[str]:
    return _stemmed(_WORD.findall(text))


def _stemmed(found: Iterable[str]) -> list[str]:
    """Stems, one for each word; numbers as they are, without the commas between thousands."""
    out = []
    known: dict[str, str] = {}
    for word in found:
        stem = known.get(word)
        if stem is None:
            plain = unicodedata.normalize("NFKC", word).casefold()
            if plain[:1].isdigit():
                stem = re.sub(r",(?=\d{3})", "", plain)
            else:
                stem = plain if plain in _SMALL else " ".join(stems(plain)) or plain
            known[word] = stem
        out.append(stem)
    return out


def _as_said(asked: Iterable[str], own: Iterable[str]) -> list[str]:
    """The quote's words, one that the text doesn't have as the word that it spells nearly alike."""
    vocabulary = set(own)
    by_start: dict[str, str] = {}
    for word in sorted(vocabulary):
        if len(word) >= _STEM and word.isalpha():
            by_start.setdefault(word[:_STEM], word)
    out = []
    for word in asked:
        like = by_start.get(word[:_STEM]) if word not in vocabulary and word.isalpha() else None
        out.append(like if like is not None and abs(len(like) - len(word)) <= 3 else word)
    return out


def _weight(stem: str, count: int) -> float:
    """What a word of the quote tells about its place: small words little, others less the more often they occur."""
    if stem in _SMALL:
        return _SMALL_WEIGHT
    base = _NUMBER_WEIGHT if stem[:1].isdigit() else 1.0
    return base / (1.0 + 0.15 * max(0, count.bit_length() - 1))


def _best_window(
    hits: Sequence[_Hit],
    need: Counter[str],
    weights: dict[str, float],
    width: int,
    expected: range | None,
    bonus: float,
) -> tuple[int, int] | None:
    """The run of hits within ``width`` words that is worth most; each word counts as often as the quote has it."""
    have: Counter[str] = Counter()
    worth, left = 0.0, 0
    best: tuple[float, int, int, int] | None = None
    for right, hit in enumerate(hits):
        have[hit.stem] += 1
        if have[hit.stem] <= need[hit.stem]:
            worth += weights[hit.stem]
        while hit.word - hits[left].word >= width:
            gone = hits[left].stem
            if have[gone] <= need[gone]:
                worth -= weights[gone]
            have[gone] -= 1
            left += 1
        away = 0
        if expected is not None:
            away = max(0, expected.start - hit.word, hits[left].word - expected.stop + 1)
        total = worth + (bonus if expected is not None and not away else 0.0)
        if best is None or total > best[0] + 1e-9 or (total > best[0] - 1e-9 and away < best[3]):
            best = (total, left, right + 1, away)
    return None if best is None else best[1:3]


def _tightest(
    hits: Sequence[_Hit], best: tuple[int, int], need: Counter[str], width: int, expected: range | None
) -> Sequence[_Hit]:
    """The shortest stretch that begins in a window and holds as many of the quote's words, with those right before it.

    What is said twice, one time close together, stands where it is close together.
    """
    first, last = best
    end = last
    while end < len(hits) and hits[end].word - hits[last - 1].word < width:
        end += 1
    wanted = Counter(hit.stem for hit in hits[first:last]) & need
    missing = sum(wanted.values())
    have: Counter[str] = Counter()
    left, found = first, (first, last)
    shortest: tuple[int, int] | None = None
    for right in range(first, end):
        have[hits[right].stem] += 1
        missing -= have[hits[right].stem] <= wanted[hits[right].stem]
        while not missing:
            away = 0
            if expected is not None:
                away = max(0, expected.start - hits[right].word, hits[left].word - expected.stop + 1)
            size = (hits[right].word - hits[left].word, away)
            if shortest is None or size < shortest:
                shortest, found = size, (left, right + 1)
            have[hits[left].stem] -= 1
            missing += have[hits[left].stem] < wanted[hits[left].stem]
            left += 1
    start, stop = found
    while start > first and hits[start - 1].word == hits[start].word - 1:
        start -= 1
    return hits[start:stop]


def _trimmed(hits: Sequence[_Hit], weights: dict[str, float]) -> Sequence[_Hit]:
    """The hits without those at either edge that stand too far off for what they are worth."""
    first, last = 0, len(hits)
    while last - first > 1:
        ahead = hits[first + 1].word - hits[first].word - 1
        behind = hits[last - 1].word - hits[last - 2].word - 1
        if weights[hits[first].stem] < _GAP * ahead or hits[first].stem in _SMALL and ahead:
            first += 1
        elif weights[hits[last - 1].stem] < _GAP * behind or hits[last - 1].stem in _SMALL and behind:
            last -= 1
        else:
            break
    return hits[first:last]
