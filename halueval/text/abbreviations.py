"""Abbreviations that a text defines itself: "myocardial infarction (MI)" and "MI (myocardial infarction)".

What stands in brackets is laid beside the words before it, letter by letter, and the alignment that costs least says
where the long form begins. Letters at the beginning of words are worth most; words passed over cost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from halueval.records import Span

__all__ = ["Abbreviation", "find_abbreviations"]


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and the long form that the text gives for it: ``text[short_span.start:short_span.end] == short``."""

    short: str
    long: str
    short_span: Span
    long_span: Span


_OPEN = re.compile(r"[(\[（]")
_PAIRS = {"(": ")", "[": "]", "（": "）"}
_MAX_INSIDE = 200
_MAX_SHORT = 14
_PART_END = re.compile(r"[;:=]|,\s|\s[-–—]\s|\s(?:or|and|in|is|was|are)\s|[<>≥≤]")
_PREFIX = re.compile(
    r"(?:(?:also\s+)?(?:known|referred\s+to|abbreviated|called|termed)(?:\s+(?:as|to\s+as))?|abbreviated|abbr(?:ev)?\.?|hereafter|hereinafter|henceforth"
    r"|termed|or|i\.e\.,?|a\.k\.a\.|aka|the|designated|denoted|here)\s+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_BREAK = re.compile(r"[.?!;:]\s|[\n\r]|\s[(\[]|[)\]][\s,]|[\"“”]")
_SHORT_BEFORE = re.compile(r"[^\s()\[\],;:\"“”]{2,12}$")
_NUMBER_UNIT = re.compile(r"[\d.,%±+\s/-]*(?:mg|g|kg|ml|l|mm|cm|m|h|min|s|d|wk|mo|y|yr|yrs|years|days|hz|n|%|°c|c|v|mv|mmol|nm|um|μm|µm|mumol)?$", re.IGNORECASE)
_NOT_SHORT = frozenset(
    """see fig figs figure table tables ref refs e.g eg i.e ie n p r t and or the both all each not no yes left right
    right-hand a b c d i ii iii iv v vi one two three four five most some mean sd se sem ci max min men women male female
    control controls usa uk us data total none ie. vs""".split()
)
_SMALL = frozenset("of the a an and or for in on to with by from at as de la et von van non per via into than".split())
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", "abgdezhtiklmnxoprstufcpo", strict=True)) | {"µ": "m"}

# Worth of a letter's place and cost of what is passed over.
_AT_WORD, _AT_PART, _NEXT_LETTER, _INSIDE = 3.0, 2.6, 1.4, 0.6
_SKIPPED_WORD, _SKIPPED_PART, _SKIPPED_SMALL = 1.6, 0.9, 0.15
_TRAILING_WORD = 1.6
_UNMATCHED_DIGIT = 1.0
_ENOUGH = 0.5
_ENOUGH_REVERSED = 0.6


def find_abbreviations(text: str) -> tuple[Abbreviation, ...]:
    """The abbreviations that a text defines, in the order of their definitions, each pair once.

    Parameters
    ----------
    text : str
        Any text. One without brackets defines nothing, and costs nothing.

    Examples
    --------
    >>> [(a.short, a.long) for a in find_abbreviations("Deep vein thrombosis (DVT) is not PE (pulmonary embolism).")]
    [('DVT', 'Deep vein thrombosis'), ('PE', 'pulmonary embolism')]
    """
    if "(" not in text and "[" not in text and "（" not in text:
        return ()
    out: list[Abbreviation] = []
    seen: set[tuple[str, str]] = set()
    for match in _OPEN.finditer(text):
        start = match.end()
        end = _closing(text, match.start())
        if end is None or end == start:
            continue
        found = _defined(text, match.start(), start, end)
        if found is None:
            continue
        key = (found.short.casefold(), found.long.casefold())
        if key not in seen:
            seen.add(key)
            out.append(found)
    return tuple(out)


def _closing(text: str, at: int) -> int | None:
    opened = text[at]
    closer = _PAIRS[opened]
    depth = 0
    for i in range(at, min(len(text), at + _MAX_INSIDE)):
        c = text[i]
        if c == opened:
            depth += 1
        elif c == closer:
            depth -= 1
            if depth == 0:
                return i
    return None


def _defined(text: str, bracket: int, start: int, end: int) -> Abbreviation | None:
    inside = text[start:end]
    prefix = _PREFIX.match(inside)
    begin = start + (prefix.end() if prefix else 0)
    cut = _PART_END.search(text, begin, end)
    first = Span(begin, cut.start() if cut else end)
    first = _trimmed(text, first)
    said = text[first.start : first.end]
    before = _window(text, bracket)
    if _looks_short(said):
        long = _aligned(text, before, said, free=True)
        if long is not None:
            return _made(text, first, long)
    # "blood-brain barrier, BBB" inside the brackets
    if "," in inside or ";" in inside:
        head, _, tail = inside.rpartition("," if "," in inside else ";")
        short = _trimmed(text, Span(start + len(head) + 1, end))
        if tail and _looks_short(text[short.start : short.end]) and text[short.start : short.end].upper() == text[short.start : short.end]:
            long = _aligned(text, _trimmed(text, Span(start, start + len(head))), text[short.start : short.end], free=False)
            if long is not None:
                return _made(text, short, long)
    if bracket and len(said) > 3:
        found = _SHORT_BEFORE.search(text, max(0, bracket - 16), len(text[:bracket].rstrip()) if bracket < 40 else _rstrip(text, bracket))
        if found and _looks_short(found.group()) and sum(c.isupper() or c.isdigit() for c in found.group()) >= 2:
            short = Span(found.start(), found.end())
            if first.end - first.start > len(found.group()) + 2:
                long = _aligned(text, first, found.group(), free=False)
                if long is not None:
                    return _made(text, short, long)
    return None


def _rstrip(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end


def _made(text: str, short: Span, long: Span) -> Abbreviation | None:
    return Abbreviation(text[short.start : short.end], text[long.start : long.end], short, long)


def _trimmed(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    while start < end and text[start] in " \t\n\r'\"“”‘’":
        start += 1
    while end > start and text[end - 1] in " \t\n\r'\"“”‘’,.;":
        end -= 1
    return Span(start, end)


def _looks_short(said: str) -> bool:
    if not 1 <= len(said) <= _MAX_SHORT or said.count(" ") > 1:
        return False
    letters = sum(c.isalpha() for c in said)
    if not letters or said.casefold() in _NOT_SHORT and not said.isupper():
        return False
    if _NUMBER_UNIT.match(said) and said[0].isdigit():
        return False
    if said[0] in "<>=≥≤±~" or "%" in said:
        return False
    if " " in said and not any(c.isupper() or c.isdigit() for c in said):
        return False
    return not (len(said) > 5 and said.islower() and said.isalpha())


def _window(text: str, bracket: int) -> Span:
    """What may hold the long form: the words before the bracket, back to the last break."""
    end = _rstrip(text, bracket)
    low = max(0, end - 160)
    start = low
    for match in _SENTENCE_BREAK.finditer(text, low, end):
        start = match.end()
    if start == low and low:
        while start < end and not text[start].isspace():
            start += 1
    return Span(start, end)


def _aligned(text: str, window: Span, short: str, *, free: bool) -> Span | None:
    """Where in the window the long form of ``short`` stands; it ends with the window.

    ``free`` lets it begin at any word, else it must begin where the window does.
    """
    if window.end - window.start <= len(short):
        return None
    said = text[window.start : window.end]
    begin = _best_start(said, short, free)
    return None if begin is None else Span(window.start + begin, window.end)


def _best_start(said: str, short: str, free: bool) -> int | None:
    keys = [_GREEK.get(c, c) for c in short.lower() if c.isalnum()]
    if len(keys) > 2 and keys[-1] == "s" and short[-1] == "s" and short[-2].isupper():
        plural = keys.pop()
    else:
        plural = ""
    if not keys:
        return None
    low = said.lower()
    if len(low) != len(said):
        return None
    low = "".join(_GREEK.get(c, c) for c in low) if not low.isascii() else low
    words = [(m.start(), m.end()) for m in _WORD.finditer(low)]
    if plural and not low.endswith("s") and "s" not in low[words[-1][0] if words else 0 :]:
        return None
    limit = min(len(keys) + 5, 2 * len(keys) + 2)
    # Cost of passing over each word, summed from the left
    after_space = [start == 0 or said[start - 1] in " \t\n,/(\u00a0" for start, _ in words]
    cost = [0.0]
    for (start, end), spaced in zip(words, after_space, strict=True):
        small = low[start:end] in _SMALL
        part = not spaced
        cost.append(cost[-1] + (_SKIPPED_SMALL if small else _SKIPPED_PART if part else _SKIPPED_WORD))
    places: dict[str, list[tuple[int, int, float]]] = {c: [] for c in keys}
    first_word = max(0, len(words) - 2 * limit)
    for w in range(first_word, len(words)):
        start, end = words[w]
        for p in range(start, end):
            c = low[p]
            if c in places:
                if p == start:
                    worth = _AT_WORD if after_space[w] else _AT_PART
                elif said[p].isupper() and said[p - 1].islower() or said[p].isdigit() != said[p - 1].isdigit():
                    worth = _AT_PART
                else:
                    worth = _INSIDE
                places[c].append((p, w, worth))
    best: list[tuple[int, int, float]] = []  # of the key after: place, word, score from there on
    for i in range(len(keys) - 1, -1, -1):
        here: list[tuple[int, int, float]] = []
        for p, w, worth in places[keys[i]]:
            if i == 0 and (worth < _AT_PART or (not free and p > words[0][0])):
                continue
            if i == len(keys) - 1:
                trailing = (len(words) - 1 - w) * _TRAILING_WORD
                here.append((p, w, worth - trailing))
                continue
            top = -1e9
            for q, v, score in best:
                if q <= p:
                    continue
                gained = score - (cost[v] - cost[w + 1] if v > w else 0.0)
                if q == p + 1 and v == w:
                    gained += _NEXT_LETTER - _INSIDE
                if gained > top:
                    top = gained
            if top > -1e8:
                here.append((p, w, worth + top))
        if not here and keys[i].isdigit() and i > 0:
            if best:
                best = [(p, w, s - _UNMATCHED_DIGIT) for p, w, s in best]
                continue
            here = []
        best = here
        if not best:
            return None
    place, word, score = max(best, key=lambda b: (b[2], b[0]))
    enough = _ENOUGH if free else _ENOUGH_REVERSED
    if score < enough * _AT_WORD * len(keys):
        return None
    if len(words) - word > limit:
        return None
    return place
