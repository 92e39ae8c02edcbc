"""Whether a quote stands in a passage, and where: the check that keeps a judge from deciding by what nobody wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from halueval.records import Quote, Span
from halueval.verifiers.substance import has_substance

__all__ = ["find_quotes"]

_PARTS = 4  # of a quote that leaves something out
_LONGEST = 4_000
_LEFT_OUT = re.compile(r" ?(?:\[ ?(?:\.\.\.|…) ?\]|\( ?(?:\.\.\.|…) ?\)| \.\.\. |…) ?")
_AROUND = " \t\r\n\"'`*_“”‘’«»„‚…"
_END = _AROUND + ".,;:"
_START = re.compile(r'\A(?:[;:"\s]|[.,](?!\d))+')  # but the point of ".5"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_HIDDEN = frozenset(f"{_UNSEEN}*_")
_HYPHENS, _DASHES = "-‐‑‒–−﹣", "—―"
_SAME = str.maketrans(
    {
        **dict.fromkeys("“”„«»‘’‚‛`´′″", '"'),
        "'": '"',
        **dict.fromkeys(_HYPHENS + _DASHES, "-"),
        **dict.fromkeys(_UNSEEN, ""),
    }
)
_EMPHASIS = re.compile(r"(?<!\d)[*_]+|[*_]+(?!\d)")  # between digits it multiplies
# Normalised they are plain digits, which behind a digit makes another number: 10⁵, 1½, 5①.
_NUMBERS_APART = ("<super>", "<sub>", "<fraction>", "<circle>")
_WITHIN_NUMBERS = frozenset(f".,/⁄^:'’\"{_HYPHENS}")
_LONGEST_NEGATION = 24
_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|nor|neither|without|cannot)|n[’'\"]t)[\s*_]+\Z|\bnon[\s*_]*[-‐‑–−\s][\s*_]*\Z", re.IGNORECASE
)


def find_quotes(said: str, texts: Sequence[str]) -> tuple[Quote, ...]:
    """Where a quote stands in one of the texts: all its parts, in order, in the first text that has them.

    Tried to the letter first, then with any white space for any other, any quotation mark or dash for any other, and
    without regard to case, emphasis and invisible characters. Never less: a changed word or number is no quote. A quote
    begins and ends where words and numbers do ("5 mg" is not in "0.5 mg" or "-5 mg"), doesn't begin right behind an
    English "not" (or "no", "never", "without" …, whose meaning it would turn round), has at least two words (four
    letters where no spaces part words), and isn't empty talk ("The answer is").

    Parameters
    ----------
    said : str
        The quote; " ... " in it stands for what it leaves out.
    texts : sequence of str
        The passages, best first.

    Returns
    -------
    tuple of Quote
        Empty when no text has it. Offsets are exact in the text as given.

    Examples
    --------
    >>> texts = ["Take it with food.", "Adults take 2.5 mg – at  night – for a week."]
    >>> find_quotes("2.5 mg - at night", texts)
    (Quote(evidence=1, span=Span(start=12, end=30)),)
    >>> find_quotes("5 mg - at night", texts), find_quotes("Adults take 2 mg", texts)
    ((), ())
    """
    said = said[:_LONGEST]
    if not has_substance(said):
        return ()
    whole = said.strip(_AROUND)
    split = [part.strip(_AROUND) for part in _LEFT_OUT.split(" ".join(said.split()))]
    for parts in ([whole], [part for part in split if part]):
        if not parts or len(parts) > _PARTS or not all(_says_something(part) for part in parts):
            continue
        for index, text in enumerate(texts):
            for spans in (_exact(parts, text), _tolerant(parts, text)):
                if spans:
                    return tuple(Quote(index, span) for span in spans)
    return ()


def _says_something(part: str) -> bool:
    return len(re.findall(r"\w+", part)) >= 2 or sum(not c.isascii() and c.isalpha() for c in part) >= 4


def _exact(parts: Sequence[str], text: str) -> list[Span]:
    return _in_order(parts, text, lambda at: _is_inside(text, at))


def _tolerant(parts: Sequence[str], text: str) -> list[Span]:
    folded, places = _folded(text)
    wanted = [_START.sub("", _folded(part)[0].strip(" ")).rstrip(_END) for part in parts]
    if not all(wanted):
        return []

    def is_inside(at: int) -> bool:
        return _is_inside(folded, at) or 0 < at < len(places) and places[at - 1] == places[at]

    return [Span(places[s.start], places[s.end - 1] + 1) for s in _in_order(wanted, folded, is_inside)]


def _in_order(parts: Sequence[str], text: str, is_inside: Callable[[int], bool]) -> list[Span]:
    """Where the parts stand in the text, one after the other; empty where one doesn't."""
    spans, at = [], 0
    for part in parts:
        ends = ((i, i + len(part)) for i in _occurrences(part, text, at))
        whole = (Span(i, j) for i, j in ends if not (is_inside(i) or is_inside(j) or _is_negated(text, i)))
        span = next(whole, None)
        if span is None:
            return []
        at = span.end
        spans.append(span)
    return spans


@lru_cache(1_024)  # a passage is looked through for every claim it was found for
def _folded(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and for each character of that where it stands in the text."""
    out: list[str] = []
    places: list[int] = []
    apart = False
    emphasis = {i for match in _EMPHASIS.finditer(text) for i in range(*match.span())}
    for place, character in enumerate(text):
        if place in emphasis:
            continue
        plain = character.translate(_SAME)
        behind_number = apart or out[-1:] and out[-1].isdigit()
        apart = bool(behind_number) and unicodedata.decomposition(character).startswith(_NUMBERS_APART)
        if not (apart or plain.isascii()):
            plain = unicodedata.normalize("NFKC", plain)
        for letter in plain.casefold():
            if letter.isspace():
                if not out or out[-1] == " ":
                    continue
                letter = " "
            out.append(letter)
            places.append(place)
    return "".join(out), places


def _occurrences(part: str, text: str, start: int) -> Iterator[int]:
    at = text.find(part, start)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _is_inside(text: str, at: int) -> bool:
    """Whether a word or a number would be cut through here."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before in _HIDDEN or after in _HIDDEN:  # what stands behind it is seen once the text is folded
        return True
    if before.isalnum() and after.isalnum():
        return before.isascii() or after.isascii() or before.isdigit() or after.isdigit()
    if unicodedata.combining(after):
        return True
    if after.isdigit() and before in _HYPHENS:  # a minus, a range, a name with a number
        return True
    if after.isdigit() and before in ".,":
        return at < 2 or not text[at - 2].isalpha()
    if after.isdigit():
        return before in _WITHIN_NUMBERS and text[at - 2 : at - 1].isdigit()
    return before.isdigit() and after in _WITHIN_NUMBERS and text[at + 1 : at + 2].isdigit()


def _is_negated(text: str, start: int) -> bool:
    """Whether a "not" stands right in front, and would be cut off."""
    return _NEGATION.search(text, max(0, start - _LONGEST_NEGATION), start) is not None
