"""Comparators around a number: "at least", "≥", "no more than", "or older", "as late as" …"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["Comparator", "after", "before"]

Comparator = Literal["=", "<", "<=", ">", ">=", "~"]

_UP = "more|greater|higher|larger|bigger|longer|older|later|heavier|taller|thicker|wider|farther|stronger"
_DOWN = "less|fewer|lower|smaller|shorter|younger|earlier|lighter|thinner|slower|weaker"
_NOT = r"(?:not|no|never|n['’]t|neither|cannot)"
_FILL = (
    r"(?:(?:an?|the|of|to|at|about|approximately|around|roughly|only|just|total|totals?|every|another|some|is|was|be|dose|doses|"
    r"dosage|levels?|values?|amount|ages?|aged|or|equal)\s+|[:=$]\s*)"
)
_BOUND_WORDS = (
    r"(?:\s+(?:recommended|daily|total|single|adult|pediatric|dose|doses|dosage|amount|allowed|permitted|suggested|weekly|"
    r"duration|length|period|age|weight|level|value|of|is|was|are|to|at|being|per|day|in|adults|about)\b|\s*[:=]){0,7}\s*"
)
# Tried in order at the end of the text before the number; the first that matches wins.
_BEFORE: tuple[tuple[re.Pattern[str], Comparator], ...] = tuple(
    (re.compile(pattern + r"$", re.I), comparator)  # type: ignore[misc]
    for pattern, comparator in (
        (r"(?:>\s?(?:or)?\s?=|=\s?>|[≥⩾≧])\s*", ">="),
        (r"(?:<\s?(?:or)?\s?=|=\s?<|[≤⩽≦])\s*", "<="),
        (r"[>＞]\s*", ">"),
        (r"[<＜]\s*", "<"),
        (r"(?<![\w])[~∼≈≅˜]\s*", "~"),
        (rf"\b(?:{_UP})\s+than\s+or\s+(?:the\s+)?equal\s+to\s+{_FILL}{{0,2}}", ">="),
        (rf"\bequal\s+to\s+or\s+(?:{_UP})\s+than\s+{_FILL}{{0,2}}", ">="),
        (rf"\b(?:{_DOWN})\s+than\s+or\s+(?:the\s+)?equal\s+to\s+{_FILL}{{0,2}}", "<="),
        (rf"\bequal\s+to\s+or\s+(?:{_DOWN})\s+than\s+{_FILL}{{0,2}}", "<="),
        (rf"\b{_NOT}\s+(?:\w+\s+)?(?:{_UP})\s+than\s+{_FILL}{{0,3}}", "<="),
        (rf"\b{_NOT}\s+(?:\w+\s+)?(?:{_DOWN})\s+than\s+{_FILL}{{0,3}}", ">="),
        (rf"\b{_NOT}\s+(?:go\s+|be\s+|rise\s+)?(?:over|above|beyond)\s+{_FILL}{{0,3}}", "<="),
        (rf"\b{_NOT}\s+(?:go\s+|be\s+|fall\s+|drop\s+)?(?:under|below)\s+{_FILL}{{0,3}}", ">="),
        (rf"(?:\b{_NOT}|n['’]t)\s+(?:to\s+)?(?:be\s+)?(?:exceed|surpass)(?:ed|ing)?\s+{_FILL}{{0,4}}", "<="),
        (rf"\bwithout\s+exceeding\s+{_FILL}{{0,4}}", "<="),
        (rf"\b(?:exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|in\s+excess\s+of)\s+{_FILL}{{0,4}}", ">"),
        (
            rf"\b(?:at\s+(?:the\s+)?(?:very\s+)?least|at\s+minimum|at\s+a\s+minimum(?:\s+of)?)\s*,?\s+{_FILL}{{0,3}}",
            ">=",
        ),
        (rf"\b(?:at\s+(?:the\s+)?(?:very\s+)?most|at\s+maximum)\s*,?\s+{_FILL}{{0,3}}", "<="),
        (rf"\b(?:min(?:imum|imal)|min\.){_BOUND_WORDS}", ">="),
        (rf"\b(?:max(?:imum|imal|\.)?|upper\s+limit|ceiling|limit(?:ed)?|cap|capped){_BOUND_WORDS}", "<="),
        (rf"\bas\s+(?:many|much|high|late|long|large|old|great|far)\s+as\s+{_FILL}{{0,2}}", "<="),
        (rf"\bas\s+(?:few|little|low|early|short|small|young|soon)\s+as\s+{_FILL}{{0,2}}", ">="),
        (rf"\b(?:up\s+to|upto|anywhere\s+up\s+to)\s+{_FILL}{{0,3}}", "<="),
        (rf"\bupwards?\s+of\s+{_FILL}{{0,2}}", ">"),
        (rf"\b(?:{_UP})\s+(?:than|then)\s+{_FILL}{{0,4}}", ">"),
        (rf"\b(?:{_DOWN})\s+(?:than|then)\s+{_FILL}{{0,4}}", "<"),
        (rf"\b(?:above|beyond|topping)\s+{_FILL}{{0,4}}", ">"),
        (rf"\b(?:below|under|beneath)\s+{_FILL}{{0,4}}", "<"),
        (rf"\bover\s+{_FILL}{{0,4}}", ">"),
        (
            r"(?:\b|(?<=[a-z])(?=almost|nearly|approximately))(?:about|approximately|approx\.?|around|roughly|circa|c\.|ca\.|nearly|almost|close\s+to|an?\s+estimated|"
            r"in\s+the\s+region\s+of|or\s+so|more\s+or\s+less|somewhere\s+around|near|an?\s+approximate)\s+"
            r"(?:(?:an?|the|some|of|only|every|another|once|to)\s+){0,2}",
            "~",
        ),
    )
)
_TRIGGER = re.compile(
    r"[<>≥⩾≧≤⩽≦＜＞~∼≈≅˜]|than|then|least|most|min|max|limit|ceil|cap|\bas\s|up\s?to|upward|exceed|surpass|excess|above|beyond|topping|"
    r"below|under|beneath|over|about|approx|around|rough|circa|\bca?\.|near|almost|close|estimat|region|or so|equal",
    re.I,
)
# "over" before a length of time is usually its duration, and a bound only after words like these.
_OVER_IS_BOUND = re.compile(
    r"(?:^|[,;:.(]|\b(?:is|was|were|are|be|been|being|for|to|at|of|just|well|lasts?|lasting|lasted|takes?|took|taking|suggests?|by|"
    r"after|aged?|people|patients|adults|men|women|children|anyone|those|persons|individuals|requires?|needs?|and|or|"
    r"if|slightly|spent|females|males|subjects|participants|far|still|stays?|remains?|reached|reaches|reads?|recommends?|averag\w+))\s*over\s+$",
    re.I,
)
_OF_AGE = r"(?:\s+(?:of\s+age|old|in\s+age|in\s+length|in\s+duration|long))?"
_PERIOD = r"(?:\s+(?:(?:a|per|each|every)\s+(?:day|week|month|year|night)|daily|weekly))?"
_AFTER: tuple[tuple[re.Pattern[str], Comparator], ...] = tuple(
    (re.compile(_OF_AGE + _PERIOD + r"\s*,?\s*\(?" + pattern, re.I), comparator)  # type: ignore[misc]
    for pattern, comparator in (
        (
            r"(?:or|and|\&)\s+(?:more|greater|above|higher|older|over|longer|later|up|upwards?|beyond|larger|heavier)\b(?!\s+than)",
            ">=",
        ),
        (
            r"(?:or|and|\&)\s+(?:less|fewer|below|under|younger|lower|shorter|earlier|smaller|lighter)\b(?!\s+than)",
            "<=",
        ),
        (r"(?:at\s+(?:the\s+)?(?:most|maximum)|maximum|max\.?|tops)(?![\w.]|\s+(?:of|dose|daily|\d))", "<="),
        (r"(?:at\s+(?:the\s+)?(?:least|minimum)|minimum|min\.)(?![\w.]|\s+(?:of|dose|daily|\d))", ">="),
        (r"or\s+so\b", "~"),
    )
)
_AFTER_TRIGGER = re.compile(
    r"[\s,(]*(?:or|and|&|at|max|min|tops|of age|old|in |long|a |per |each|every|daily|weekly)", re.I
)
_WINDOW = 72


def before(text: str, start: int, *, time: bool) -> tuple[Comparator, int] | None:
    """The comparator whose words end where a number starts, and where those words begin.

    Parameters
    ----------
    text : str
        The prose.
    start : int
        Where the number begins.
    time : bool
        Whether the number counts time: "over 8 hours" is then a duration unless the words before say otherwise.

    Examples
    --------
    >>> before("no more than 5 mg", 13, time=False)
    ('<=', 0)
    >>> before("infuse over 8 h", 12, time=True) is None
    True
    """
    low = max(0, start - _WINDOW)
    window = text[low:start]
    cut = max(window.rfind(". "), window.rfind("; "), window.rfind("\n\n"))
    if cut >= 0 and not re.search(r"\b(?:min|max|approx|ca|c)\.\s+$", window[: cut + 2], re.I):
        low, window = low + cut + 1, window[cut + 1 :]
    if _TRIGGER.search(window) is None:
        return None
    for pattern, comparator in _BEFORE:
        m = pattern.search(window)
        if m is None:
            continue
        if time and comparator == ">" and m.group().lower().startswith("over") and not _over_is_bound(window, m):
            return None
        return comparator, low + m.start()
    return None


def _over_is_bound(window: str, m: re.Match[str]) -> bool:
    return _OVER_IS_BOUND.search(window[: m.start()] + "over ") is not None


def after(text: str, end: int) -> Comparator | None:
    """The comparator that follows a quantity: "or more", "or younger", "at most".

    Examples
    --------
    >>> after("65 years or older", 8), after("7.5 mg a day or less", 6), after("5 mg or 10 mg", 4)
    ('>=', '<=', None)
    """
    if _AFTER_TRIGGER.match(text, end) is None:
        return None
    for pattern, comparator in _AFTER:
        if pattern.match(text, end):
            return comparator
    return None
