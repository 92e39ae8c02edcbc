"""Numbers as they are written: digits, fractions, words, powers of ten. A number here knows nothing of its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["NUMBER_WORD", "Number", "match_number"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number read at a place. ``power`` is the 9 of "x 10^9" when it was written so, not yet multiplied in.

    ``fraction`` is True for "half", "a third" and the like; ``plus`` for "65+"; ``words`` for a number in words.
    """

    end: int
    value: float
    power: int = 0
    fraction: bool = False
    plus: bool = False
    words: bool = False


_VULGAR = {"½": 1 / 2, "⅓": 1 / 3, "⅔": 2 / 3, "¼": 1 / 4, "¾": 3 / 4, "⅕": 0.2, "⅖": 0.4, "⅗": 0.6, "⅘": 0.8,
           "⅙": 1 / 6, "⅚": 5 / 6, "⅛": 0.125, "⅜": 0.375, "⅝": 0.625, "⅞": 0.875}  # fmt: skip
_THIN = "\u00a0\u2009\u202f"
_DIGITS = re.compile(
    rf"""(?P<int>\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:[.·]\d+)?
      |\d{{1,3}}(?:[{_THIN}]\d{{3}})+(?![\d.,]\d)
      |[1-9]\d{{1,2}}(?:\ \d{{3}}(?![\d.,]\d|\d))+
      |[1-9]\ 000(?![\d.,]\d|\d)
      |\d+(?:[.·]\d+)?
      |[.·]\d+)
      (?:(?:[ -]|\ and\ )?(?P<vulgar>[{"".join(_VULGAR)}])|(?:[ -]|\ and\ )(?P<num>[1-9])/(?P<den>[2-9])(?![\d/]))?
      (?P<plus>\s?\+(?!\s?\d|/))?""",
    re.X,
)
_SIMPLE_FRACTION = re.compile(r"([1-9])\s?[/⁄]\s?([2-9]|1[0-6])(?![\d/.,]*\d)(?!/)")
_VULGAR_ALONE = re.compile(f"[{''.join(_VULGAR)}]")
_SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_POWER = re.compile(
    r"\s?[×x*·]\s?10(?:\s?(?:\^|\*\*?|e|E)\s?\(?(?P<a>[-−]?\d{1,2})\)?|\((?P<b>\d{1,2})\)|(?P<c>[⁻−]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))"
)
_TEN_POWER = re.compile(r"10(?:\^(?P<a>[-−]?\d{1,2})|(?P<c>[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))(?!\d)")
_MULTIPLIER = re.compile(r"\s(hundred|thousand|million|billion)(?:\s(thousand|million))?(?![A-Za-z])", re.I)
_ONES = {w: float(i) for i, w in enumerate(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
     "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"])}  # fmt: skip
_TENS = {"twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "seventy": 70.0, "eighty": 80.0,
         "ninety": 90.0}  # fmt: skip
_BIG = {"hundred": 1e2, "dozen": 12.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4,
          "fifth": 5, "fifths": 5,
          "sixth": 6, "sixths": 6, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10}  # fmt: skip
_ANY = "|".join(sorted([*_ONES, *_TENS, *_BIG], key=len, reverse=True))
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
NUMBER_WORD = rf"(?:{_ANY}|half|quarter|third|thirds)"
_ONE = "|".join(sorted(_ONES, key=len, reverse=True))
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(list(_ONES)[1:10])})(?![A-Za-z]))?|{_ONE})"
_HUNDREDS = rf"(?:{_SMALL}(?:\shundred(?:\s(?:and\s)?{_SMALL}(?![A-Za-z]))?|\sdozen)?|(?:an?\s)?(?:hundred|dozen))"
_WORDS = re.compile(
    rf"(?P<words>{_HUNDREDS}(?:\s(?:thousand|million|billion)(?:\s(?:and\s)?{_HUNDREDS}(?![A-Za-z]))?)?|a\s(?:thousand|million))"
    rf"(?![A-Za-z])(?:\sand\s(?:an?|one)[\s-]half(?![A-Za-z]))?",
    re.I,
)
_PART_WORDS = re.compile(
    rf"(?:(?P<n>an?|one|two|three|four|five|seven)[\s-])?(?P<part>{_PART})(?![A-Za-z])(?:\s(?:of\s)?an?(?![A-Za-z]))?",
    re.I,
)
_AND_HALF = re.compile(r"\sand\s(?:an?|one)[\s-]half$", re.I)
_SEPARATORS = re.compile(rf"[, {_THIN}]")


def match_number(text: str, start: int) -> Number | None:
    """Read the number that begins at ``start``.

    Examples
    --------
    >>> match_number("1,500 mg", 0).value, match_number("one and a half tablets", 0).value
    (1500.0, 1.5)
    >>> match_number("half a tablet", 0), match_number("tablet", 0)
    (Number(end=6, value=0.5, power=0, fraction=True, plus=False, words=True), None)
    """
    if start >= len(text):
        return None
    c = text[start]
    if c.isdigit() or c in ".·":
        return _digits(text, start)
    if c in _VULGAR:
        return Number(start + 1, _VULGAR[c], fraction=True)
    if c.isalpha():
        return _words(text, start)
    return None


def _digits(text: str, start: int) -> Number | None:
    m = _TEN_POWER.match(text, start)
    if m:
        return Number(m.end(), 1.0, _exponent(m.group("a") or m.group("c")))
    m = _SIMPLE_FRACTION.match(text, start)
    if m and int(m.group(1)) < int(m.group(2)):
        return Number(m.end(), int(m.group(1)) / int(m.group(2)), fraction=True)
    m = _DIGITS.match(text, start)
    if m is None or not m.group("int").isascii() and not re.search(rf"[·{_THIN}]", m.group("int")):
        return None
    try:
        value = float(_SEPARATORS.sub("", m.group("int")).replace("·", "."))
    except ValueError:
        return None
    if value == float("inf"):
        return None
    if m.group("vulgar"):
        value += _VULGAR[m.group("vulgar")]
    elif m.group("den") and int(m.group("num")) < int(m.group("den")):
        value += int(m.group("num")) / int(m.group("den"))
    elif m.group("den"):
        return Number(m.end("int"), value)
    end, plus = m.end(), bool(m.group("plus"))
    power = _POWER.match(text, end)
    if power:
        return Number(
            power.end(), value, _exponent(power.group("a") or power.group("b") or power.group("c")), plus=plus
        )
    big = _MULTIPLIER.match(text, end)
    if big:
        value *= _BIG[big.group(1).lower()] * (_BIG[big.group(2).lower()] if big.group(2) else 1)
        end = big.end()
    return Number(end, value, plus=plus)


def _exponent(text: str) -> int:
    return int(text.translate(_SUPER))


def _words(text: str, start: int) -> Number | None:
    m = _WORDS.match(text, start)
    if m is None:
        m = _PART_WORDS.match(text, start)
        if m is None:
            return None
        return _part(m)
    part = _PART_WORDS.match(text, start)
    if part is not None and part.end() > m.end():  # "one third", "two-thirds"
        return _part(part)
    total, current = 0.0, 0.0
    for word in re.split(r"[ -]+", m.group("words").lower()):
        if word in _ONES:
            current += _ONES[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word == "hundred" or word == "dozen":
            current = (current or 1) * _BIG[word]
        elif word in _BIG:
            total, current = total + (current or 1) * _BIG[word], 0.0
    value = total + current + (0.5 if _AND_HALF.search(m.group()) else 0)
    return Number(m.end(), value, words=True)


_COUNT_OF_PARTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7}


def _part(m: re.Match[str]) -> Number | None:
    n, part = (m.group("n") or "").lower(), m.group("part").lower()
    if not n and part not in ("half", "quarter"):
        return None  # "third" alone is an ordinal
    return Number(m.end(), _COUNT_OF_PARTS.get(n, 1) / _PARTS[part], fraction=True, words=True)
