"""Numbers that need no unit because of the words before them: INR, pH, hazard ratios, body-mass index, ages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from halueval.text.quantities_numbers import Number, match_number

__all__ = ["BareNumber", "match_bare"]


@dataclass(frozen=True, slots=True)
class BareNumber:
    """A number or a range without a unit of its own, and the unit that it is read in."""

    start: int
    end: int
    low: float
    high: float
    unit: str


_FILL = (
    r"(?:\s*(?:of|is|was|were|are|be|been|being|at|to|in|on|the|an?|range|ranges|ranging|target|goal|value|level|score|between|from|should|"
    r"kept|keep|maintain(?:ed)?|remains?|stays?|above|below|over|under|less|more|greater|higher|lower|than|about|around|roughly|"
    r"approximately|usually|normally|typically|least|most|equal|not|exceeds?|reaches|falls|rises|rose|fell|drops|no|up|"
    r"=|:|<|>|≥|≤|~|,|\(|\[)(?![A-Za-z])){0,8}\s*$"
)
# Named values that have no unit of their own, the unit they are read in, and whether they must have a decimal point.
_NAMED = tuple(
    (re.compile(pattern + _FILL, flags), unit, decimal)
    for pattern, unit, decimal, flags in (
        (r"(?<![A-Za-z])INRs?(?:\s+(?:target|goal|range|value))?", "1", False, 0),
        (r"(?<![A-Za-z])pH", "[pH]", False, 0),
        (r"\b(?:hazard|odds|risk|rate|likelihood|prevalence|incidence)\s+ratios?(?:\s*\(\w+\))?", "1", False, re.I),
        (r"\brelative\s+risks?(?:\s*\(\w+\))?", "1", False, re.I),
        (r"(?<![A-Za-z])(?:a?HR|a?OR|RR|IRR|SMD|[TZ][-\s]scores?)", "1", True, 0),
        (r"(?<![A-Za-z])95\s?%\s(?:CI|confidence\s+interval)", "1", True, 0),
        (r"\b(?:BMI|body[\s-]mass[\s-]index)(?:\s*\(BMI\))?", "kg/m2", False, re.I),
    )
)
_NAMED_TRIGGER = re.compile(r"INR|pH|ratio|risk|HR|OR|RR|SMD|score|CI\b|interval|BMI|mass", re.I)
_PEOPLE = (
    r"(?:people|adults?|children|kids|men|women|males?|females?|patients?|persons?|individuals|those|anyone|everyone|boys|girls|infants|"
    r"smokers|teens|teenagers|babies|americans|seniors|mothers|someone|you(?:['’]re|\s+are)|participants|subjects)"
)
_AGE_BEFORE = re.compile(
    rf"\b(?:(?:ages?|aged)(?:\s+(?:of|is|was|group|groups|between|from|about|around|or|range|limit|over|under|above|below|than|at|least|older|younger))*"
    rf"|{_PEOPLE}\s+(?:who\s+are\s+|aged\s+|are\s+)?(?:over|under|above|below|older\s+than|younger\s+than|between|at\s+least)|{_PEOPLE}\s+(?:who\s+are\s+)?(?=$)"
    rf"|(?:older|younger)\s+than|over\s+the\s+age\s+of)\s*[<>≥≤=]*\s*$",
    re.I,
)
_PEOPLE_ONLY = re.compile(rf"\b{_PEOPLE}\s+(?:who\s+are\s+)?$", re.I)
_OLDER = re.compile(r"\s+(?:and|or|to)\s+(?:older|younger|over|up|under|above|below)\b(?!\s+than)", re.I)
_AFTER_AGE = re.compile(
    r"\s*(?:$|[,;:)\]]|\.(?!\d)|\s(?:and|or|who|with|should|are|is|have|has|were|was|may|can|grew|at|than|to|for|from|in|on|as|when|the|you|"
    r"must|need|needs|will|do|does|often|but|a|it|we|they|get|without|had|whose|if|taking|using|living|because|since|after|before)\b)",
    re.I,
)
_MONEY = re.compile(r"[$£€#]\s?$")
_RANGE = re.compile(r"\s*(?P<by>[-–—−‐‑]|to|or|and)\s*(?=[\d.·½⅓⅔¼¾]|[A-Za-z])", re.I)
_BETWEEN = re.compile(r"\bbetween\s+(?:(?:the\s+)?ages?\s+(?:of\s+)?)?$", re.I)
_SIGN = re.compile(r"(?:^|[\s(])([-−–])$")


def match_bare(text: str, start: int, n: Number) -> BareNumber | None:
    """Read the number ``n`` at ``start`` by the words before it; None where they name no such value.

    Examples
    --------
    >>> text = "Target an INR of 2.0 to 3.0."
    >>> match_bare(text, 17, match_number(text, 17))
    BareNumber(start=17, end=27, low=2.0, high=3.0, unit='1')
    """
    window = text[max(0, start - 90) : start]
    if n.power or n.fraction or _MONEY.search(window):
        return None
    end, high = n.end, n.value
    m = _RANGE.match(text, n.end)
    if m and m.group("by").lower() != "or" and (m.group("by").lower() != "and" or _BETWEEN.search(window)):
        other = match_number(text, m.end())
        if other is not None:
            end, high = other.end, other.value
    named = _named(text, start, n, window)
    if named is not None:
        unit, minus = named
        if re.match(r"[A-Za-z%/]|\.\d", text[end : end + 2]):
            return None
        if minus:
            return BareNumber(start - 1, end, -n.value, -n.value, unit)
        return BareNumber(start, end, min(n.value, high), max(n.value, high), unit)
    if not _is_age(text, end, window, n.plus) or not 1 <= n.value <= high <= 120:
        return None
    return BareNumber(start, end, n.value, high, "a")


def _named(text: str, start: int, n: Number, window: str) -> tuple[str, bool] | None:
    if not _NAMED_TRIGGER.search(window):
        return None
    minus = _SIGN.search(window) is not None
    for pattern, unit, decimal in _NAMED:
        if pattern.search(window[:-1] if minus else window) and (not decimal or "." in text[start : n.end]):
            return unit, minus
    return None


def _is_age(text: str, end: int, window: str, plus: bool) -> bool:
    older = plus or _OLDER.match(text, end)
    if isinstance(older, re.Match) and re.search("older|younger", older.group(), re.I):
        return True
    if not _AGE_BEFORE.search(window) or (_PEOPLE_ONLY.search(window) and not older):
        return False
    return bool(older or _AFTER_AGE.match(text, end))
