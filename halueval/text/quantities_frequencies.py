"""How often: "twice daily", "q8h", "b.i.d.", "every 4 to 6 hours", "once weekly", "on alternate days" …"""

from __future__ import annotations

import re
from dataclasses import dataclass

from halueval.text.quantities_numbers import NUMBER_WORD, match_number
from halueval.text.units import PERIODS

__all__ = ["LONE_ADVERBS", "Frequency", "match_frequency", "match_times"]


@dataclass(frozen=True, slots=True)
class Frequency:
    """Times per period, read at a place: ``unit`` is "/d", "/wk", "/mo", "/a" or "/h"."""

    start: int
    end: int
    low: float
    high: float
    unit: str


_LY = {"hourly": ("/d", 24.0), "daily": ("/d", 1.0), "nightly": ("/d", 1.0), "weekly": ("/wk", 1.0),
       "fortnightly": ("/wk", 0.5),
       "monthly": ("/mo", 1.0), "quarterly": ("/a", 4.0), "yearly": ("/a", 1.0), "annually": ("/a", 1.0),
       "semiannually": ("/a", 2.0), "biannually": ("/a", 2.0), "biennially": ("/a", 0.5)}  # fmt: skip
_TIMES_A_DAY = {"qd": 1.0, "od": 1.0, "bid": 2.0, "bd": 2.0, "tid": 3.0, "tds": 3.0, "td": 3.0, "qid": 4.0, "qds": 4.0,
                "qod": 0.5, "qhs": 1.0, "qam": 1.0, "qpm": 1.0, "qday": 1.0, "eod": 0.5}  # fmt: skip
LONE_ADVERBS = frozenset(_LY)
_ONCE = {"once": 1.0, "twice": 2.0, "thrice": 3.0, "one": 1.0}
_PERIOD = r"(?P<period>24\s?h(?:ours?|rs?)?|minute|min|hour|hr|h|day|d|night|week|wk|fortnight|month|mo|year|yr)"
_TIMES_OF = re.compile(
    rf"(?:\s*-?\s*(?:times?|x|×)(?![A-Za-z])\s?|-doses?(?=-)|(?<=ce)[\s-]+|(?<=ce)(?=/))(?:(?:(?:in|within)\s+)?(?:(?:a|an|per|each|every|one)(?![A-Za-z])|/)[\s-]*{_PERIOD}"
    rf"|/\s?(?P<slash>d|day|wk|week|mo|month|yr|year|h|hr|hour)|(?:-|\s)*(?P<ly>{'|'.join(_LY)}))(?![A-Za-z])",
    re.I,
)
_DIRECT = re.compile(r"\s*[x×]?\s*/\s?(?P<slash>day|week|month|year|wk|yr)(?![A-Za-z])", re.I)
_EVERY_OTHER = {
    "other": 2.0,
    "second": 2.0,
    "alternate": 2.0,
    "2nd": 2.0,
    "third": 3.0,
    "3rd": 3.0,
    "fourth": 4.0,
    "4th": 4.0,
}
_N_HOURLY = re.compile(r"(?:[-‐‑–]|\s(?=hour))(?P<unit>hour|day|week|month)ly(?![A-Za-z])", re.I)
_EVERY = re.compile(
    r"(?:(?P<once>once|twice|one\s+time|two\s+times|one\s+dose)\s+)?(?:every|each)\s+(?:(?P<other>other|second|alternate|2nd)\s+|(?P<ord>third|3rd|fourth|4th)\s+)?"
    r"(?:(?P<unit>minute|hour|day|week|month|year|night|morning|evening|afternoon|bedtime)s?(?![A-Za-z]))",
    re.I,
)
_EVERY_N = re.compile(
    r"(?:(?P<once>once|twice|one\s+dose)\s+)?(?:every|each|per|q)\s*[-]?\s*(?=[\d½]|" + NUMBER_WORD + r"|few)", re.I
)
_EVERY_UNIT = re.compile(
    r"[\s-]*(?P<unit>minutes?|mins?|hours?|hourly|hrs?|h|days?|d|nights?|weeks?|wks?|wk|w|months?|mos?|years?|yrs?)(?![A-Za-z])",
    re.I,
)
_TO = re.compile(r"\s*-?\s*(?:[-–—−‐‑]|to|or)\s*", re.I)
_Q = re.compile(
    r"q\.?\s?(?P<low>\d{1,3}(?:\.\d)?)(?:\s?(?:[-–—]|to)\s?(?P<high>\d{1,3}))?\s?[-]?(?P<unit>hours?|hrs?|h|°|days?|d|weeks?|wks?|wk|w|months?|mo|min)(?![A-Za-z])",
    re.I,
)
_Q_PERIOD = re.compile(r"q\.?\s?(?P<unit>h|hr|wk|week|w|month|mo|m|day|d|year|yr|hour)(?![A-Za-z.]|\w)", re.I)
_LATIN = re.compile(
    r"(?:q\.\s?o\.\s?d|q\.\s?h\.\s?s|q\.\s?a\.\s?m|q\.\s?p\.\s?m|b\.\s?i\.\s?d|t\.\s?i\.\s?d|q\.\s?i\.\s?d|q\.\s?d\.\s?s|t\.\s?d\.\s?s"
    r"|q\.\s?d|b\.\s?d|o\.\s?d)\.?(?![A-Za-z])|(?:qod|qhs|qam|qpm|qday|bid|tid|qid|qds|tds|qd|eod)(?![A-Za-z])|(?:bd|od|BD|OD)(?![A-Za-z])",
    re.I,
)
_OD_DOSE = re.compile(r"(?:\d\s?(?:mg|mcg|g|ml|µg|ug|units?)?|tablets?|caps?(?:ules?)?)\s*\)?\s*$", re.I)
_ADVERB = re.compile(
    rf"(?:(?P<once>once|twice|thrice|one[ -]time)[\s-]+)?(?:(?:a|on\s+a|per)\s+)?(?P<ly>{'|'.join(_LY)})(?![A-Za-z])",
    re.I,
)
_ALTERNATE = re.compile(r"(?:on\s+)?alternat(?:e|ing)\s+(?P<unit>day|week|night)s?(?![A-Za-z])", re.I)
_NOT_DAILY = re.compile(
    r"\s+(?:living|life|lives|activit|routine|task|function|news|value|chores|habits|basis\s+of|lifestyle|stress|hassles)",
    re.I,
)
_NEVER = re.compile(r"\b(?:never|not|than|of)\s+$", re.I)
_PER_PERIOD = re.compile(rf"(?P<how>per|each|every|/|an?)\s?{_PERIOD}(?![A-Za-z'’-])", re.I)
_BEFORE_DURATION = re.compile(
    r"\b(?:in|within|for|after|before|over|during|than|least|nearly|almost|about|around|approximately|of|once|until|since|only|"
    r"under|above|below|most|just|up\s+to|half|quarter|is|was|takes?|lasts?|every|one|and)\s+$",
    re.I,
)
_AFTER_DURATION = re.compile(
    r"\s+(?:before|after|ago|later|or|and|to|earlier|of|prior|apart|following|old|long|at\s+a\s+time)\b", re.I
)
_COUNTED_BEFORE = re.compile(rf"(?:\d|\b{NUMBER_WORD}\b)[^.;:!?()]{{0,60}}$", re.I)
_HOURS = {"h": 24.0, "hour": 24.0, "hr": 24.0, "°": 24.0}


def _period(word: str) -> tuple[str, float]:
    """A period's name to the unit of its frequency and how many of the period that unit holds."""
    w = word.lower().rstrip("s") if len(word) > 1 else word.lower()
    if w.startswith("24"):
        return "/d", 1.0
    if w in ("h", "hour", "hr", "°", "hourly"):
        return "/d", 24.0
    if w in ("minute", "min"):
        return "/h", 60.0
    if w in ("fortnight",):
        return "/wk", 0.5
    names = {"d": "d", "w": "wk", "wk": "wk", "mo": "mo", "m": "mo", "yr": "a", "morning": "d", "evening": "d",
             "afternoon": "d", "bedtime": "d"}  # fmt: skip
    return "/" + (names.get(w) or PERIODS.get(w, "d")), 1.0


def match_times(text: str, start: int, end: int, low: float, high: float) -> Frequency | None:
    """A frequency that a number begins: the number ends at ``end`` and "times a day" or "x/week" follows.

    Examples
    --------
    >>> match_times("3 times a day", 0, 1, 3.0, 3.0)
    Frequency(start=0, end=13, low=3.0, high=3.0, unit='/d')
    """
    m = _TIMES_OF.match(text, end)
    if m is not None:
        return _times(m, start, low, high)
    m = _N_HOURLY.match(text, end)
    if m is not None and low and high:
        unit, per = _period(m.group("unit"))
        return Frequency(start, m.end(), per / high, per / low, unit)
    return None


def _times(m: re.Match[str], start: int, low: float, high: float) -> Frequency:
    if m.group("ly"):
        unit, per = _LY[m.group("ly").lower()]
        per = 1.0 if unit == "/d" and m.group("ly").lower() != "hourly" else per
    else:
        word = (m.group("period") or m.group("slash")).lower()
        unit, per = _period(word)
        if word in ("hour", "hr", "h"):
            unit, per = "/h", 1.0
        elif word in ("minute", "min"):
            unit, per = "/min", 1.0
    return Frequency(start, m.end(), low * per, high * per, unit)


def match_frequency(text: str, start: int) -> Frequency | None:
    """A frequency in words that begins at ``start``, or None.

    Examples
    --------
    >>> match_frequency("q8h for a week", 0)
    Frequency(start=0, end=3, low=3.0, high=3.0, unit='/d')
    >>> match_frequency("every 4 to 6 hours", 0).low, match_frequency("every other day", 0).low
    (4.0, 0.5)
    """
    c = text[start].lower()
    reader = _READERS.get(c)
    if reader is None:
        return None
    for read in reader:
        found = read(text, start)
        if found is not None:
            return found
    return None


def _once(text: str, start: int) -> Frequency | None:
    m = re.compile(r"(once|twice|thrice)(?![A-Za-z])", re.I).match(text, start)
    if m is None:
        return None
    n = _ONCE[m.group(1).lower()]
    times = _TIMES_OF.match(text, m.end())
    return _times(times, start, n, n) if times else None


def _every(text: str, start: int) -> Frequency | None:
    m = _EVERY.match(text, start)
    if m:
        unit, per = _period(m.group("unit"))
        every = _EVERY_OTHER.get((m.group("other") or m.group("ord") or "").lower(), 1.0)
        n = 2.0 if (m.group("once") or "").lower().startswith("tw") else 1.0
        if m.group("unit").lower() == "minute":
            unit, per = "/h", 60.0
        return Frequency(start, m.end(), n * per / every, n * per / every, unit)
    m = _EVERY_N.match(text, start)
    if m is None or text[start].lower() == "p":
        return None
    low = match_number(text, m.end())
    if low is None:
        return None
    end, high_value = low.end, low.value
    first = _EVERY_UNIT.match(text, low.end)
    to = _TO.match(text, first.end() if first else low.end)
    high = match_number(text, to.end()) if to else None
    last = _EVERY_UNIT.match(text, high.end) if high is not None else None
    if high is not None and last is not None:
        end, high_value = last.end(), high.value
    elif first is not None:
        last, end = first, first.end()
    if last is None or not low.value or not high_value:
        return None
    name, per = _period(last.group("unit"))
    low_name, low_per = _period(first.group("unit")) if first is not None else (name, per)
    if low_name != name:
        return None
    n = 2.0 if (m.group("once") or "").lower() == "twice" else 1.0
    rates = sorted((n * low_per / low.value, n * per / high_value))
    return Frequency(start, end, rates[0], rates[1], name)


def _q(text: str, start: int) -> Frequency | None:
    m = _Q.match(text, start)
    if m:
        unit, per = _period(m.group("unit"))
        low = float(m.group("low"))
        high = float(m.group("high") or low)
        if low and high:
            rates = sorted((per / low, per / high))
            return Frequency(start, m.end(), rates[0], rates[1], unit)
    return None


def _q_period(text: str, start: int) -> Frequency | None:
    m = _Q_PERIOD.match(text, start)
    if m is None or m.group("unit").lower() == "d":
        return None
    unit, per = _period(m.group("unit"))
    return Frequency(start, m.end(), per, per, unit)


def _latin(text: str, start: int) -> Frequency | None:
    m = _LATIN.match(text, start)
    if m is None:
        return None
    written = m.group()
    name = re.sub(r"[.\s]", "", written).lower()
    # "od", "bd", "td" and "BID" inside a word's company are also other things; doses come right before them
    if name in ("od", "bd", "eod") and not _OD_DOSE.search(text[max(0, start - 16) : start]):
        return None
    if written == "Bid" or (name == "bid" and re.search(r"\b(?:a|the|to|in)\s+$", text[max(0, start - 5) : start])):
        return None
    return Frequency(start, m.end(), _TIMES_A_DAY[name], _TIMES_A_DAY[name], "/d")


def _adverb(text: str, start: int) -> Frequency | None:
    m = _ADVERB.match(text, start)
    if m is None:
        return None
    ly = m.group("ly").lower()
    if m.start("ly") != start and not m.group("once"):
        return None
    if ly in ("daily", "weekly", "monthly", "nightly"):
        if _NOT_DAILY.match(text, m.end()):
            return None
        if _NEVER.search(text[max(0, start - 8) : start]) and not m.group("once"):
            return None
    unit, n = _LY[ly]
    if m.group("once"):
        n *= _ONCE[m.group("once").lower().split()[0].split("-")[0]]
    return Frequency(start, m.end(), n, n, unit)


def _alternate(text: str, start: int) -> Frequency | None:
    m = _ALTERNATE.match(text, start)
    if m is None:
        return None
    unit, _ = _period(m.group("unit"))
    begin = m.start() + (m.group().lower().index("alternat"))
    return Frequency(begin, m.end(), 0.5, 0.5, unit)


def _per_period(text: str, start: int) -> Frequency | None:
    m = _PER_PERIOD.match(text, start)
    if m is None:
        return None
    how = m.group("how").lower()
    if how in ("a", "an"):
        if text[start + len(how)] != " " or len(m.group("period")) < 3:
            return None
        window = text[max(0, start - 80) : start]
        if _BEFORE_DURATION.search(window) or _AFTER_DURATION.match(text, m.end()) and not _or_bound(text, m.end()):
            return None
        if not _COUNTED_BEFORE.search(window):
            return None
    unit, per = _period(m.group("period"))
    if m.group("period").lower() in ("hour", "hr", "h"):
        unit, per = "/h", 1.0
    elif m.group("period").lower() in ("minute", "min"):
        unit, per = "/min", 1.0
    return Frequency(start, m.end(), per, per, unit)


def _or_bound(text: str, end: int) -> bool:
    return (
        re.compile(r"\s+(?:or|and)\s+(?:less|more|fewer|\d|as|for|in|with|to|by|then|is|at|on|\w+ing)", re.I).match(
            text, end
        )
        is not None
    )


_READERS = {
    "o": (_once, _every, _adverb, _latin, _alternate),
    "t": (_once, _every, _adverb, _latin),
    "e": (_every, _per_period, _latin),
    "q": (_q, _latin, _q_period, _adverb, _every),
    "b": (_latin, _adverb),
    "h": (_adverb,), "d": (_adverb,), "n": (_adverb,), "w": (_adverb,), "f": (_adverb,), "m": (_adverb,),
    "y": (_adverb,), "s": (_adverb,),
    "a": (_adverb, _alternate, _per_period),
    "p": (_per_period,),
}  # fmt: skip
