"""Two short phrases, "1 g every 8 hours" and "3 g per day", "Tylenol" and "paracetamol": equal, exclusive or not."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from halueval.records import Quantity, Span
from halueval.text.drugs import find_drugs, generic_name, same_generic
from halueval.text.quantities_comparators import before
from halueval.text.quantities_find import find_quantities
from halueval.text.quantities_numbers import match_number
from halueval.text.quantities_relation import Interval, Relation, interval_of, interval_relation
from halueval.text.units import TIME_UNITS, match_unit
from halueval.text.units_analytes import Analyte, analyte_base, find_analyte
from halueval.text.units_scale import DIMENSIONLESS, scale

__all__ = ["known_phrase_relation", "phrase_relation"]

_FOLDS = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "thrice": 3.0, "triple": 3.0, "tripled": 3.0, "quadruple": 4.0,
          "half": 0.5, "halved": 0.5}  # fmt: skip
_FOLD = re.compile(rf"^(?:a\s+)?({'|'.join(_FOLDS)})(?:\s+(?:as|the|that|what|of)\b|$|\s+\w+$)", re.I)
_JOINED = re.compile(r"^\s*,?\s*(?:and|&)?\s*$", re.I)
_OVER = re.compile(
    r"^[^.;,]{0,40}?\b(?:over|in|during|within|per|each|every|throughout)\s+(?:a\s+|an\s+|the\s+)?$", re.I
)
_EACH = re.compile(r"^\s*(?:tablets?\s+)?(?:of|[x×@]|at)\s*$", re.I)
_BRACKET = re.compile(r"^\s*[(\[=,]\s*(?:or|i\.e\.,?|that is,?)?\s*$|^\s+or\s+$", re.I)
_DIGIT = re.compile(r"\d")
# Words that make two values different things even when the numbers agree.
_ROLES = tuple(
    frozenset(group.split())
    for group in (
        "systolic diastolic", "fasting postprandial random", "men women", "boys girls", "male female",
        "adults children infants",
        "loading maintenance", "trough peak", "height weight", "sensitivity specificity",
        "free total", "left right", "morning evening",
        "ldl hdl", "ionized total", "type stage grade", "width length",
    )
)  # fmt: skip
_WORD = re.compile(r"[a-z]+")
_PHRASE_LIMIT = 500  # characters; what is longer is prose, not a phrase
_SUMMED = {"[length]^1", "[mass]^1", "[time]^1"}
_DRUGLIKE = re.compile(r"^[A-Za-z][\w'’./+ -]{2,60}$")


@dataclass(frozen=True, slots=True)
class _Reading:
    intervals: tuple[Interval, ...]
    drugs: frozenset[str]
    analyte: Analyte | None
    words: frozenset[str]
    leftover: bool  # digits that no quantity accounts for


def phrase_relation(a: str, b: str) -> Relation:
    """How two short phrases of quantities or drug names stand to each other.

    Parameters
    ----------
    a, b : str
        Such as "no more than 4 g", "2 × 500 mg", "glucose 126 mg/dL", "every 12 hours", "one in four", "Tylenol 1 g".

    Returns
    -------
    {"equal", "not", "contradicts"}
        "equal" for the same set of values (within 1.5 % after a conversion) or the same drug; "contradicts" where no
        value fits both; "not" for anything else, phrases that cannot be read included.

    See Also
    --------
    known_phrase_relation : the same, None where a phrase cannot be read.

    Examples
    --------
    >>> phrase_relation("1 g every 8 hours", "3 g per day"), phrase_relation("glucose 126 mg/dL", "glucose 7.0 mmol/L")
    ('equal', 'equal')
    >>> phrase_relation("half", "25 %"), phrase_relation("Celebrex", "Celexa"), phrase_relation("Advil", "ibuprofen")
    ('contradicts', 'not', 'equal')
    """
    return known_phrase_relation(a, b) or "not"


def known_phrase_relation(a: str, b: str) -> Relation | None:
    """:func:`phrase_relation`, or None where a phrase cannot be read or a drug is not known.

    Examples
    --------
    >>> known_phrase_relation("wibblatide", "wobblatide") is None
    True
    """
    if max(len(a), len(b)) > _PHRASE_LIMIT:
        return None
    if " ".join(a.lower().split()) == " ".join(b.lower().split()):
        return "equal"
    x, y = _read(a), _read(b)
    if _bare_name(a, x) and _bare_name(b, y):
        p, q = generic_name(a), generic_name(b)
        if p is None or q is None:
            return None
        return "equal" if same_generic(p, q) else "not"
    if x.leftover or y.leftover or not x.intervals or not y.intervals:
        return None
    if x.drugs and y.drugs and not any(same_generic(p, q) for p in x.drugs for q in y.drugs):
        return "not"
    if any(x.words & r and y.words & r and not x.words & y.words & r for r in _ROLES):
        return "not"
    analyte = x.analyte or y.analyte
    if (
        x.analyte
        and y.analyte
        and x.analyte.name != y.analyte.name
        and {x.analyte.name, y.analyte.name} != {"bun", "urea"}
    ):
        if not (x.drugs & y.drugs):
            return "not"
        analyte = None
    return _compare(x, y, analyte)


def _compare(x: _Reading, y: _Reading, analyte: Analyte | None) -> Relation:
    left, right = list(x.intervals), list(y.intervals)
    relations: list[Relation] = []
    unmatched = 0
    for p in left:
        for q in right:
            r = _comparable(p, q, x.analyte or analyte, y.analyte or analyte)
            if r is not None:
                relations.append(interval_relation(*r))
                right.remove(q)
                break
        else:
            unmatched += 1
    if "contradicts" in relations:
        return "contradicts"
    if unmatched or right or not relations:
        return "not"
    return "equal" if all(r == "equal" for r in relations) else "not"


def _comparable(p: Interval, q: Interval, a: Analyte | None, b: Analyte | None) -> tuple[Interval, Interval] | None:
    if p.dimension == q.dimension:
        return p, q
    density = "[length]^-3 * [mass]^1"
    for one, other in ((p, q), (q, p)):
        if one.dimension == DIMENSIONLESS and other.dimension in (density, "[body weight]^-1 * [mass]^1"):
            size = 1000.0 if other.dimension == density else 1.0
            changed = replace(one, dimension=other.dimension, low=one.low * size, high=one.high * size)
            return (changed, q) if one is p else (p, changed)
    if a is not None and b is not None:
        x, y = _as_analyte(p, a), _as_analyte(q, b)
        if x is not None and y is not None and x.dimension == y.dimension:
            return x, y
    return None


def _as_analyte(p: Interval, analyte: Analyte) -> Interval | None:
    factor = scale(p.unit)[1] if p.unit else 1.0
    ends = []
    for value in (p.low, p.high):
        based = analyte_base(0.0 if math.isinf(value) else value / factor, p.unit, analyte)
        if based is None:
            return None
        ends.append((based[0], value if math.isinf(value) else based[1]))
    return replace(p, dimension=ends[0][0], low=ends[0][1], high=ends[1][1])


def _bare_name(phrase: str, reading: _Reading) -> bool:
    if reading.intervals and not generic_name(phrase):
        return False
    return generic_name(phrase) is not None or (
        not _DIGIT.search(phrase) and _DRUGLIKE.match(phrase.strip()) is not None
    )


@lru_cache(maxsize=4096)
def _read(phrase: str) -> _Reading:
    found = list(find_quantities(phrase)) or _whole(phrase)
    covered = {i for q in found for i in range(q.span.start, q.span.end)}
    drugs = find_drugs(phrase)
    named = {i for span, _ in drugs for i in range(span.start, span.end)}
    leftover = (
        any(m.start() not in covered and m.start() not in named for m in _DIGIT.finditer(phrase)) if found else False
    )
    if leftover:
        leftover = not re.search(r"(?:hba1c|a1c|b12|d[23]|spo2|t[34]|ldl-c|25-?\(?oh|h2o|co2|pm2)", phrase.lower())
    return _Reading(
        tuple(_combined(phrase, found)),
        frozenset(g for _, g in drugs),
        find_analyte(phrase),
        frozenset(_WORD.findall(phrase.lower())),
        leftover,
    )


def _whole(phrase: str) -> list[Quantity]:
    """A phrase that is only a number, a fraction, a multiple or "a week"."""
    text = phrase.strip()
    at = phrase.find(text)
    fold = _FOLD.match(text)
    if fold and (fold.group(1).lower() != "half" or re.match(r"half\s+(?:as|the)\b", text, re.I)):
        value = _FOLDS[fold.group(1).lower()]
        return [Quantity(Span(at, at + fold.end(1)), value, value, "{fold}")]
    one = re.match(r"an?\s+(?=\w)", text)
    unit = match_unit(text, one.end()) if one else None
    if unit is not None and unit.end == len(text):
        return [Quantity(Span(at, at + unit.end), unit.factor, unit.factor, unit.unit)]
    timed = find_quantities("in " + text)
    if timed:
        return [replace(q, span=Span(q.span.start - 3 + at, q.span.end - 3 + at)) for q in timed]
    for m in re.finditer(r"[\d.½⅓⅔¼¾]|\b[a-z]", text, re.I):
        number = match_number(text, m.start())
        if number is None:
            continue
        comparator = before(text, m.start(), time=False)
        lead = text[: comparator[1] if comparator else m.start()].strip().lower()
        if lead not in ("", "between", "from"):
            return []
        end, high = number.end, number.value
        to = re.compile(r"\s*(?:[-–—]|to|and)\s*").match(text, end)
        other = match_number(text, to.end()) if to else None
        if other:
            end, high = other.end, other.value
        if _DIGIT.search(text[end:]) or re.match(r"\s*[A-Za-z%]", text[end:]) and not number.fraction:
            return []
        sign = comparator[0] if comparator else "="
        return [Quantity(Span(at + m.start(), at + end), number.value, high, "1", sign)]
    return []


def _combined(text: str, found: list[Quantity]) -> list[Interval]:
    """Sums ("5 ft 10 in"), doses times frequencies, amounts over times, tablets of so much; no repeats in brackets."""
    out: list[tuple[Interval, Quantity]] = []
    for q in found:
        now = interval_of(q)
        if out:
            last, said = out[-1]
            gap = text[said.span.end : q.span.start]
            if now.dimension == last.dimension:
                if now.dimension in _SUMMED and _JOINED.match(gap) and q.unit != said.unit and now.high < last.high:
                    out[-1] = (replace(last, low=last.low + now.low, high=last.high + now.high, unit="sum"), q)
                    continue
                if "(" in gap or _BRACKET.match(gap) or interval_relation(last, now) == "equal":
                    continue
            elif q.unit.startswith("/") and q.unit[1:] in TIME_UNITS and last.dimension != now.dimension:
                if "[time]" not in last.dimension and not gap.strip().startswith("for "):
                    out[-1] = (_product(last, now), q)
                    continue
            elif (
                q.unit in TIME_UNITS
                and _OVER.match(gap)
                and "[time]" not in last.dimension
                and q.low == q.high
                and q.low > 0
            ):
                per = Interval("[time]^-1", 1 / now.high, 1 / now.low, unit="/" + q.unit)
                out[-1] = (_product(last, per), q)
                continue
            elif (
                said.unit.startswith("{")
                and said.unit != "{fold}"
                and not q.unit.startswith(("{", "/"))
                and _EACH.match(gap)
            ):
                out[-1] = (replace(now, low=now.low * said.low, high=now.high * said.high, unit="sum"), q)
                continue
            elif _BRACKET.match(gap) and "(" in gap and q.unit not in TIME_UNITS:
                continue  # the same said in another unit
        out.append((now, q))
    return [i for i, _ in out]


def _product(dose: Interval, often: Interval) -> Interval:
    powers = {b: float(p) for b, p in (part.rsplit("^", 1) for part in dose.dimension.split(" * ") if "^" in part)}
    powers["[time]"] = powers.get("[time]", 0.0) - 1
    kind = " * ".join(f"{b}^{p:g}" for b, p in sorted(powers.items()) if p)
    low = dose.low if math.isinf(dose.low) else dose.low * often.low
    high = dose.high if math.isinf(dose.high) else dose.high * often.high
    return Interval(kind, low, high, dose.low_open, dose.high_open, dose.about, "product")
