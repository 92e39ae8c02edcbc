"""Abbreviations that a text defines itself: "myocardial infarction (MI)" and "MI (myocardial infarction)".

What stands in brackets is laid beside the words before it, letter by letter, and the alignment worth most says where
the long form begins. Letters at the beginning of words are worth most; words passed over cost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from halueval.records import Span
from halueval.text.word_sets import word_set

__all__ = ["Abbreviation", "find_abbreviations"]


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and the long form that the text gives for it; each is the text between its span's offsets."""

    short: str
    long: str
    short_span: Span
    long_span: Span


_BRACKETS = {"(": ")", "[": "]", "（": "）"}
_OPEN = re.compile(r"[(\[（]")
_MAX_INSIDE = 200
_MAX_SHORT = 14
_MAX_WINDOW = 160
_PART_END = re.compile(r"[;:=<>≥≤]|,\s|\s[-–—]\s|\s(?:or|and|in|is|was|are)\s")
_PREFIX = re.compile(
    r"(?:(?:also\s+)?(?:known|referred\s+to|abbreviated|called|termed)(?:\s+(?:as|to\s+as))?|abbr(?:ev)?\.?|hereafter"
    r"|hereinafter|henceforth|or|i\.e\.,?|a\.k\.a\.|aka|the|designated|denoted|here)\s+",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<![^\w][A-Z])[.?!;:]\s|[\n\r]|\s[(\[]|[)\]][\s,]|[\"“”]")
_SHORT_BEFORE = re.compile(r"[^\s()\[\],;:\"“”*]{2,12}$")
_DOTTED = re.compile(r"(?:[A-Za-z]\.\s?){2,}$")
_QUANTITY = re.compile(
    r"[<>=≥≤±~]|\d[\d.,+\s/-]*(?:(?:[mnµμk]?[gmlLsM]|mc?g|mcg|cm|dL|h|hr|hrs|min|d|days?|wk|weeks?|mo|months?|y|yr|yrs"
    r"|years?|mmol|IU|U|units?|k?Hz|°?[CF])(?:/\w+)*)?$"
)
_LEFT_EDGE, _RIGHT_EDGE = " \t\n\r\u00a0'\"“”‘’*_", " \t\n\r\u00a0'\"“”‘’*_,.;"
_NOT_SHORT = word_set(
    """
    see fig figs figure table tables ref refs e.g eg i.e ie n p r t and or the both all each not no yes left right a b c
    d i ii iii iv v vi one two three four five most some mean sd se ci max min men women male female control controls
    data total none vs
    """
)

_WORD = re.compile(r"[^\W_]+")
_SMALL = word_set("of the a an and or for in on to with by from at as de la et von van non per via into than")
_NEVER_FIRST = word_set("of the and or for to with by from on a an as than at that which is are was were")
_GENERAL_LAST = word_set(
    "acid acids ion ions gene genes protein proteins cell cells disease diseases syndrome nucleus test group"
)
# What may stand before the rest of a long form inside its first word: "2,4,6-", "(-)-[125I]-", "N-", "alpha-1-"
_LOCANT = re.compile(
    r"(?:[\W\d]|(?<![^\W\d_])[A-Za-z](?![^\W\d_])|alpha|beta|gamma|delta|omega)+(?<=[-,)\]])$",
    re.IGNORECASE,
)
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", "abgdezhtiklmnxoprstufcpo", strict=True)) | {"µ": "m"}
_NUMERALS = {
    "1": ("one", "first", "single", "mono"),
    "2": ("two", "second", "di", "bi"),
    "3": ("three", "third", "tri"),
    "4": ("four", "tetra"),
    "5": ("five", "fifth", "penta"),
    "6": ("six", "hexa"),
    "7": ("seven", "hepta"),
    "8": ("eight", "octa"),
}

# What a letter is worth by its place, what passing over a word costs, and which share of the best worth is enough. Set
# by hand; docs/decisions/0013 says how little each of them matters.
_AT_WORD, _AT_PART, _NEXT_LETTER, _INSIDE = 3.0, 2.7, 1.4, 0.9
_SKIPPED_WORD, _SKIPPED_PART, _SKIPPED_SMALL = 1.4, 0.75, 0.15
_TRAILING, _TRAILING_GENERAL = 1.6, 0.6
_UNMATCHED_DIGIT = 1.0
_ENOUGH, _ENOUGH_IN_LAST_WORD, _ENOUGH_REVERSED, _ENOUGH_LOWER = 0.48, 0.32, 0.6, 0.6


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
    out: dict[tuple[str, str], Abbreviation] = {}
    for match in _OPEN.finditer(text):
        end = _closing(text, match.start())
        if end is None:
            continue
        found = _defined(text, match.start(), end)
        if found is not None:
            short, long = (text[span.start : span.end] for span in found)
            out.setdefault((short.casefold(), long.casefold()), Abbreviation(short, long, *found))
    return tuple(out.values())


def _closing(text: str, at: int) -> int | None:
    """Where the bracket at ``at`` is closed, None where it is not, or not soon."""
    opener, closer = text[at], _BRACKETS[text[at]]
    inside = text[at : at + _MAX_INSIDE]
    first = inside.find(closer)
    if first < 0:
        return None
    if inside.find(opener, 1, first) < 0:
        return at + first
    depth = 0
    for i, c in enumerate(inside):
        depth += (c == opener) - (c == closer)
        if depth == 0:
            return at + i
    return None


def _defined(text: str, bracket: int, end: int) -> tuple[Span, Span] | None:
    """The short and the long form, where the bracket that ends at ``end`` defines one by the other."""
    prefix = _PREFIX.match(text, bracket + 1, end)
    begin = prefix.end() if prefix else bracket + 1
    cut = _PART_END.search(text, begin, end)
    part = _trimmed(text, begin, cut.start() if cut else end)
    before = _right_edge(text, bracket)
    if _may_be_short(text, part, bracket, cut):
        long = _aligned(text, _window(text, before), text[part.start : part.end], _ENOUGH)
        if long is not None:
            return part, long
    return _comma_separated(text, bracket + 1, end) or _reversed(text, before, part)


def _comma_separated(text: str, start: int, end: int) -> tuple[Span, Span] | None:
    """Both forms inside the brackets: "(blood-brain barrier, BBB)"."""
    comma = max(text.rfind(",", start, end), text.rfind(";", start, end))
    if comma < 0:
        return None
    short = _trimmed(text, comma + 1, end)
    said = text[short.start : short.end]
    if not said.isupper() or not said.isalnum() or not _looks_short(said):
        return None
    long = _aligned(text, _trimmed(text, start, comma), said, _ENOUGH_REVERSED, whole=True)
    return None if long is None else (short, long)


def _reversed(text: str, before: int, part: Span) -> tuple[Span, Span] | None:
    """The short form before the brackets and the long one in them: "BBB (blood-brain barrier)"."""
    match = _SHORT_BEFORE.search(text, max(0, before - 16), before)
    if match is None or part.end - part.start <= len(match.group()) + 2:
        return None
    said = match.group()
    if not _looks_short(said) or sum(c.isupper() or c.isdigit() for c in said) < 2:
        return None
    long = _aligned(text, part, said, _ENOUGH_REVERSED, whole=True)
    return None if long is None else (Span(match.start(), match.end()), long)


def _may_be_short(text: str, part: Span, bracket: int, cut: re.Match[str] | None) -> bool:
    said = text[part.start : part.end]
    if not _looks_short(said):
        return False
    if len(said) == 1:  # "masseter (M)", but not "(p < 0.05)"
        return said.isupper() and (cut is None or cut.group().startswith(","))
    attached = bracket > 0 and not text[bracket - 1].isspace()
    return said.isupper() or not attached  # "mechanism(s)", "J(eff)" define nothing


def _looks_short(said: str) -> bool:
    if not 1 <= len(said) <= _MAX_SHORT or said.count(" ") > 1 or "%" in said or _QUANTITY.match(said):
        return False
    if not any(c.isalpha() for c in said) or (said.casefold() in _NOT_SHORT and not said.isupper()):
        return False
    words = said.split()
    if len(words) > 1 and words[0].casefold().rstrip(".") in _NOT_SHORT:  # "Fig. 2"; but "Ang II" is one
        return False
    if len(words) > 1 and not any(c.isupper() or c.isdigit() for c in said):
        return False
    return not (len(said) > 5 and said.islower() and said.isalpha())


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _LEFT_EDGE:
        start += 1
    while end > start and text[end - 1] in _RIGHT_EDGE:
        if text[end - 1] == "." and _DOTTED.search(text, max(start, end - 12), end):
            break  # "C.A.H."
        end -= 1
    return Span(start, end)


def _right_edge(text: str, end: int) -> int:
    """Where the word before a bracket ends, without what marks it up."""
    low = max(0, end - 8)
    while end > low and text[end - 1] in ' \t\n\r\u00a0*_"”':
        end -= 1
    return end


def _window(text: str, end: int) -> Span:
    """What may hold the long form that ends at ``end``: the words before it, back to the last break."""
    start = low = max(0, end - _MAX_WINDOW)
    for match in _BREAK.finditer(text, low, end):
        start = match.end()
    if start == low and low:
        while start < end and not text[start].isspace():
            start += 1
    return Span(start, end)


def _aligned(text: str, window: Span, short: str, enough: float, *, whole: bool = False) -> Span | None:
    """Where in the window the long form of ``short`` stands; it ends with the window.

    With ``whole`` it must begin where the window does, else it may begin at any word.
    """
    said = text[window.start : window.end]
    if len(said) <= len(short):
        return None
    low = said.lower()
    if len(low) != len(said):  # a few letters grow when lowered, which would shift every offset after them
        return None
    if not low.isascii():
        low = "".join(_GREEK.get(c, c) for c in low)
    words = [(m.start(), m.end()) for m in _WORD.finditer(low)]
    keys, dropped = _keys(short, low, words)
    if not keys or not words:
        return None
    found = _best_alignment(said, low, words, keys, whole)
    if found is None:
        return None
    begin, word, worth = found
    if short.islower():
        enough = max(enough, _ENOUGH_LOWER)
    elif word == len(words) - 1 and not whole:
        enough = _ENOUGH_IN_LAST_WORD
    if worth - dropped * _UNMATCHED_DIGIT < enough * _AT_WORD * (len(keys) + dropped):
        return None
    if len(words) - word > min(len(keys) + 5, 2 * len(keys) + 2):
        return None
    begin = _with_locant(said, begin)
    rest = said[begin + len(short) :]
    if not rest or (not rest[0].isalnum() and said[begin:].casefold().startswith(short.casefold())):
        return None  # "GM1 ganglioside (GM1)" explains nothing
    return Span(window.start + begin, window.end)


def _keys(short: str, low: str, words: Sequence[tuple[int, int]]) -> tuple[list[str], int]:
    """The letters and digits to be found, without a plural s, and how many last digits the window lacks."""
    keys = [_GREEK.get(c, c) for c in short.lower() if c.isalnum()]
    if len(keys) > 2 and keys[-1] == "s" and short[-1] == "s" and short[-2].isupper():
        if words and "s" not in low[words[-1][0] :]:
            return [], 0
        keys.pop()
    dropped = 0
    while len(keys) > 1 and keys[-1].isdigit() and keys[-1] not in low:
        keys.pop()
        dropped += 1
    return keys, dropped


def _best_alignment(
    said: str, low: str, words: Sequence[tuple[int, int]], keys: Sequence[str], whole: bool
) -> tuple[int, int, float] | None:
    """Where the best alignment of the keys begins, in which word, and what it is worth.

    Works from the last key to the first; for each place of a key it keeps the best worth of all keys from there on.
    """
    spaced = [start == 0 or said[start - 1] in " \t\n,/(\u00a0" for start, _ in words]
    cost = [0.0]  # of passing over the words before each word
    for (start, end), after_space in zip(words, spaced, strict=True):
        small = low[start:end] in _SMALL
        cost.append(cost[-1] + (_SKIPPED_SMALL if small else _SKIPPED_WORD if after_space else _SKIPPED_PART))
    places = _places(said, low, words, spaced, keys)
    after: list[tuple[int, int, float]] = []
    for i in range(len(keys) - 1, -1, -1):
        here: list[tuple[int, int, float]] = []
        for p, w, worth in places[keys[i]]:
            if i == 0 and (worth == _INSIDE or (whole and p > words[0][0]) or low[slice(*words[w])] in _NEVER_FIRST):
                continue
            if i == len(keys) - 1:
                trailing = len(words) - 1 - w
                general = trailing == 1 and low[slice(*words[-1])] in _GENERAL_LAST
                here.append((p, w, worth - (_TRAILING_GENERAL if general else trailing * _TRAILING)))
                continue
            best = max(
                (
                    rest
                    - (cost[v] - cost[w + 1] if v > w else 0.0)
                    + (_NEXT_LETTER - _INSIDE if v == w and q == p + 1 else 0.0)
                    for q, v, rest in after
                    if q > p
                ),
                default=None,
            )
            if best is not None:
                here.append((p, w, worth + best))
        if here:
            after = here
        elif keys[i].isdigit() and i > 0 and after:
            after = [(p, w, rest - _UNMATCHED_DIGIT) for p, w, rest in after]
        else:
            return None
    return max(after, key=lambda found: (found[2], found[0]))


def _places(
    said: str, low: str, words: Sequence[tuple[int, int]], spaced: Sequence[bool], keys: Sequence[str]
) -> dict[str, list[tuple[int, int, float]]]:
    """For each key the places where it stands: offset, word, worth."""
    places: dict[str, list[tuple[int, int, float]]] = {key: [] for key in keys}
    numerals = [(places[digit], names) for digit, names in _NUMERALS.items() if digit in places]
    for w in range(max(0, len(words) - 4 * len(keys) - 4), len(words)):
        start, end = words[w]
        at_start = _AT_WORD if spaced[w] else _AT_PART
        for of_digit, names in numerals:
            if low.startswith(names, start):
                of_digit.append((start, w, at_start))
        for p in range(start, end):
            if low[p] not in places:
                continue
            if p == start:
                worth = at_start
            elif (said[p].isupper() and said[p - 1].islower()) or said[p].isdigit() != said[p - 1].isdigit():
                worth = _AT_PART
            else:
                worth = _INSIDE
            places[low[p]].append((p, w, worth))
    return places


def _with_locant(said: str, begin: int) -> int:
    """The beginning moved left over what belongs to the same word: "C57" of "C57BL/6", "1,2-" of "1,2-diol"."""
    while begin and said[begin - 1].isalnum():
        begin -= 1
    token = begin
    while token and not said[token - 1].isspace():
        token -= 1
    prefix = said[token:begin]
    if not prefix or not _LOCANT.match(prefix) or any(prefix.count(a) < prefix.count(b) for a, b in ("()", "[]")):
        return begin
    return token
