"""Whether a quote stands in a passage, and where: the check that keeps a judge from deciding by what nobody wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from halueval.records import Quote, Span
from halueval.verifiers.substance import has_substance

__all__ = ["find_quotes"]

_PARTS = 4  # of a quote that leaves something out
_LONGEST = 4_000
_LEFT_OUT = re.compile(r"\s*(?:\[\s*(?:\.\.\.|…)\s*\]|\(\s*(?:\.\.\.|…)\s*\)|\s\.\.\.\s|…)\s*")
_AROUND = " \t\r\n\"'`*_“”‘’«»„‚…"
_END = _AROUND + ".,;:"
_SAME = str.maketrans(
    {
        **dict.fromkeys("“”„«»‘’‚‛`´′″", '"'),
        "'": '"',
        **dict.fromkeys("‐‑‒–—―−﹣", "-"),
        **dict.fromkeys("*_\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),  # emphasis, and what nobody sees
    }
)


def find_quotes(said: str, texts: Sequence[str]) -> tuple[Quote, ...]:
    """Where a quote stands in one of the texts: all its parts, in order, in the first text that has them.

    Tried to the letter first, then with any white space for any other, any quotation mark or dash for any other, and
    without regard to case, emphasis and invisible characters. Never less: a changed word or number is no quote. A quote
    begins and ends where words and numbers do ("5 mg" is not in "0.5 mg"), has at least two words (four letters where
    no spaces part words), and isn't empty talk ("The answer is").

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
    split = [part.strip(_AROUND) for part in _LEFT_OUT.split(said)]
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
    spans, at = [], 0
    for part in parts:
        start = next((i for i in _occurrences(part, text, at) if _is_whole(text, i, i + len(part))), -1)
        if start < 0:
            return []
        at = start + len(part)
        spans.append(Span(start, at))
    return spans


def _tolerant(parts: Sequence[str], text: str) -> list[Span]:
    folded, places = _folded(text)
    wanted = [_folded(part)[0].strip(" ").strip(_END) for part in parts]
    if not all(wanted):
        return []
    return [Span(places[span.start], places[span.end - 1] + 1) for span in _exact(wanted, folded)]


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and for each character of that where it stands in the text."""
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = character.translate(_SAME)
        if not plain.isascii():
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


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word and no number is cut through at either end."""
    return not (_is_inside(text, start) or _is_inside(text, end))


def _is_inside(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isalnum() and after.isalnum():
        return before.isascii() or after.isascii() or before.isdigit() or after.isdigit()
    if after.isdigit() and before in ".,":
        return at < 2 or not text[at - 2].isalpha()
    return before.isdigit() and after in ".," and text[at + 1 : at + 2].isdigit()
