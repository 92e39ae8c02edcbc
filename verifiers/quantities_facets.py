"""What the quantities of a sentence are quantities of: a dose, how often, for how long, an age, a measured value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from halueval.records import Quantity, Span
from halueval.text.quantities import find_quantities, relation
from halueval.text.quantities_comparators import Comparator
from halueval.text.units import TIME_UNITS
from halueval.text.units_scale import DIMENSIONLESS, dimension

__all__ = ["Facet", "Kind", "clash", "compatible", "daily_bounds", "facets"]

Kind = Literal["amount", "frequency", "duration", "delay", "age", "value"]


@dataclass(frozen=True, slots=True)
class Facet:
    """A quantity and what it is said of.

    ``total`` is an amount per day, in the unit of the amount; None where the sentence doesn't tell. ``place`` is the
    class of the preposition before an age or a delay: ages "by 5" and "after 5" are not of one sort.
    """

    kind: Kind
    dimension: str
    quantity: Quantity
    said: str
    total: Quantity | None = None
    place: str = ""


_LIMIT = 2_000  # characters of a passage that are read
_DOSE_BASES = frozenset({"[mass]^1", "[length]^3", "[activity]^1", "[equivalent]^1", "[substance]^1"})
_BODY = frozenset({"kg", "[lb_av]", "[stone_av]"})
_PER_DAY = "/d"
_IN_A_DAY = re.compile(
    r"\b(?:in|per|within|over|during|each|every|any|a|an)\s+(?:one\s+|any\s+|a\s+|each\s+|every\s+|given\s+)?$", re.I
)
_DAILY_BEFORE = re.compile(r"\b(?:daily|per[\s-]day)\b[^.;,]{0,40}$|\b24[\s-]hours?\b[^.;,]{0,40}$", re.I)
_LETTER = re.compile(r"[A-Za-z]")
_AGE_BEFORE = re.compile(
    r"\b(?:ages?|aged)\b[^.;,\d]{0,24}$|\b(?:older|younger)\s+than\s+(?:about\s+|around\s+)?$", re.I
)
_AGE_AFTER = re.compile(
    r"[\s-]*(?:old\b|of\s+age\b|(?:and|or)\s+(?:older|younger|above|over|up)\b|(?:years?[\s-])?olds?\b)", re.I
)
_START_AT = re.compile(
    r"\b(?:start|starts|started|starting|begin|begins|beginning|began)\s+(?:at|from|by)\s+(\d{1,3})(?=\s*(?:$|[.,;)]|and\b|or\b|for\b|in\b))",
    re.I,
)
_START_BEFORE = re.compile(
    r"\b(?:start|starts|started|starting|begin|begins|beginning|from)\s+(?:at|from|by|around|about)?\s*(?:the\s+)?(?:ages?\s+)?(?:of\s+)?$",
    re.I,
)
_FOR = re.compile(
    r"\b(?:for|lasting|lasts?|duration(?:\s+of)?|during|throughout|period\s+of|course\s+of|continued?|over|takes?)\s+"
    r"(?:(?:an?|the|up|to|at|least|most|no|more|less|longer|shorter|than|about|approximately|around|only|usually|another|"
    r"first|next|total|of|minimum|maximum|additional|period|is|was|be)\s+){0,6}$",
    re.I,
)
_COURSE = re.compile(r"[\s-]*(?:course|treatment|regimen|therapy|cycle|period|days?\s+course)\b", re.I)
_AFTER_THAT = re.compile(r"\s+(after|later|following|before|prior|ago|from|apart)\b", re.I)
_WITHIN = re.compile(r"\b(within|after|before|until|in)\s+(?:the\s+)?(?:first\s+|about\s+|at\s+least\s+)?$", re.I)
_PLACE = re.compile(r"\b(by|before|after|until|since|at|around|about|between|from|over|under|in)\b[^.;,]{0,24}$", re.I)
_PLACES = {"around": "at", "about": "at", "over": "after", "from": "after", "under": "before", "until": "by"}
# Words of a bound farther from the number than the comparators of a quantity are looked for.
_FAR_BOUNDS: tuple[tuple[re.Pattern[str], Comparator], ...] = (
    (
        re.compile(
            r"\b(?:max(?:imum|imal)?|the\s+most|highest|upper\s+limit|ceiling|limit\w*|cap)\b(?:[^.;\d]|24\b){0,80}$",
            re.I,
        ),
        "<=",
    ),
    (re.compile(r"\b(?:min(?:imum|imal)?|the\s+least|lowest|lower\s+limit)\b(?:[^.;\d]|24\b){0,80}$", re.I), ">="),
)
_BOUND_AFTER = re.compile(
    r"[^.;\d]{0,30}?\b(?:is|are|as|being)\s+(?:the\s+|an?\s+)?(?:\w+\s+){0,2}(?:max(?:imum)?|most|limit|highest|ceiling|cap)\b",
    re.I,
)
# "A day" after an amount makes it a rate; "the weekly dose" and "monthly periods" tell no frequency of their own.
_LONE = re.compile(
    r"(?:(?:an?|per|each|every|/)?\s*(?:day|daily|night|nightly)|(?:an?|per|each|/)\s*(?:week|month|year|hour))$", re.I
)
_OF_A_PERIOD = re.compile(
    r"\s+(?!(?:for|in|with|by|at|or|and|to|until|after|before|on|during|as|if|over|from|while|is|are|when|starting|beginning|through)\b)"
    r"(?:\w+\s+){0,1}(?:doses?|dosage|amount|intake|allowance|limit|maximum|total|value|average|periods?|cycles?|basis|visits?)\b",
    re.I,
)


@lru_cache(maxsize=8192)
def facets(text: str) -> tuple[Facet, ...]:
    """The quantities of a text of which it is plain what they are quantities of, in order.

    Bare numbers, percentages and counts are left out: too many things come in them.

    Examples
    --------
    >>> [(f.kind, f.said) for f in facets("Take 250 mg twice a day for 7 days.")]
    [('amount', '250 mg'), ('frequency', 'twice a day'), ('duration', '7 days')]
    >>> facets("Take 250 mg twice a day for 7 days.")[0].total.low
    500.0
    """
    text = text[:_LIMIT]
    found = find_quantities(text)
    out = [f for i, q in enumerate(found) for f in _facet(text, q, i, found)]
    for m in _START_AT.finditer(text):
        if not any(q.span.start <= m.start(1) < q.span.end for q in found):
            age = float(m.group(1))
            q = Quantity(Span(m.start(1), m.end(1)), age, age, "a", ">=")
            out.append(Facet("age", "[time]^1", q, m.group(1), place="after"))
    return tuple(out)


def _facet(text: str, q: Quantity, i: int, found: Sequence[Quantity]) -> Iterator[Facet]:
    kind = dimension(q.unit)
    start, end = q.span.start, q.span.end
    said = text[start:end]
    if kind == DIMENSIONLESS or q.unit in ("1", "%"):
        return
    if kind == "[time]^1":
        yield from _time(text, q, said)
    elif kind == "[time]^-1":
        if not _LONE.match(said) and not _OF_A_PERIOD.match(text, end):
            yield Facet("frequency", kind, q, said)
    elif q.unit not in _BODY:
        q = _bounded(text, q)
        rate = q.unit.endswith(_PER_DAY)
        base = dimension(q.unit[: -len(_PER_DAY)]) if rate else kind
        if not _is_dose(base):
            yield Facet("value", kind, q, said)
        elif rate:
            plain = replace(q, unit=q.unit[: -len(_PER_DAY)])
            yield Facet("amount", base, plain, said, total=plain)
        else:
            yield Facet("amount", base, q, said, total=_total(text, q, i, found))


def _bounded(text: str, q: Quantity) -> Quantity:
    """The quantity as a bound where words farther off say so: "the maximum daily dose of aspirin is 4 g"."""
    if q.comparator != "=":
        return q
    window = text[max(0, q.span.start - 120) : q.span.start]
    for pattern, comparator in _FAR_BOUNDS:
        if pattern.search(window):
            return replace(q, comparator=comparator)
    return replace(q, comparator="<=") if _BOUND_AFTER.match(text, q.span.end) else q


def _is_dose(kind: str) -> bool:
    parts = [part for part in kind.split(" * ") if part != "[body weight]^-1"]
    return len(parts) == 1 and (parts[0] in _DOSE_BASES or parts[0].startswith("{"))


def _total(text: str, q: Quantity, i: int, found: Sequence[Quantity]) -> Quantity | None:
    """The amount in a day, where a frequency or "in 24 hours" follows, or "daily" stands before."""
    for other in found[i + 1 : i + 3]:
        between = text[q.span.end : other.span.start]
        if len(between) > 60 or ";" in between or ". " in between:
            break
        if other.unit == _PER_DAY:
            return replace(q, low=q.low * other.low * q.count, high=q.high * other.high * q.count, count=1)
        whole_day = (other.unit, other.low, other.high) in (("h", 24, 24), ("d", 1, 1))
        if whole_day and _IN_A_DAY.search(between + " " if not between.endswith(" ") else between):
            return q
        if dimension(other.unit) not in ("[time]^1",):
            break
    return q if _DAILY_BEFORE.search(text[max(0, q.span.start - 60) : q.span.start]) else None


def _time(text: str, q: Quantity, said: str) -> Iterator[Facet]:
    window = text[max(0, q.span.start - 60) : q.span.start]
    bare = not _LETTER.search(said)
    if bare or _AGE_BEFORE.search(window) or _AGE_AFTER.match(text, q.span.end):
        if q.unit in TIME_UNITS:
            starts = _START_BEFORE.search(window) is not None and q.comparator == "=" and q.low == q.high
            before = _PLACE.search(window)
            place = before.group(1).lower() if before else ""
            if starts:
                q, place = replace(q, comparator=">="), "after"
            yield Facet("age", "[time]^1", q, said, place=_PLACES.get(place, place))
        return
    after = _AFTER_THAT.match(text, q.span.end)
    if after:
        yield Facet("delay", "[time]^1", q, said, place=after.group(1).lower())
        return
    if _FOR.search(window) or _COURSE.match(text, q.span.end):
        yield Facet("duration", "[time]^1", q, said)
        return
    within = _WITHIN.search(window)
    if within:
        yield Facet("delay", "[time]^1", q, said, place=within.group(1).lower())


def clash(claim: Facet, other: Facet, *, bounds: bool) -> bool:
    """Whether two facets of one sort exclude each other.

    ``bounds`` says that both are rules on what to do: "at most 4 g" then excludes "at most 6 g", and "from 45 to 75
    years" excludes "from 65 years on".

    Examples
    --------
    >>> a, b = facets("at most 4 g a day")[0], facets("no more than 6 g in 24 hours")[0]
    >>> clash(a, b, bounds=True), clash(a, b, bounds=False)
    (True, False)
    """
    if (claim.kind, claim.dimension) != (other.kind, other.dimension):
        return False
    if claim.kind in ("delay", "age") and claim.place != other.place and not (bounds and claim.kind == "age"):
        return False
    p, q = claim.quantity, other.quantity
    if claim.total is not None and other.total is not None:
        p, q = claim.total, other.total
    side, theirs = _side(p), _side(q)
    if not side and not theirs:
        return relation(p, q) == "contradicts"
    if side == theirs or (side == ">" and claim.kind == "age" and q.low < q.high and not theirs):
        return bounds and relation(_end(p, side), _end(q, side)) == "contradicts"
    return not side and claim.place == other.place and relation(p, q) == "contradicts"


def compatible(claim: Facet, other: Facet) -> bool:
    """Whether the number of ``claim`` could be that of ``other``, whatever sort of quantity the two are."""
    if claim.dimension != other.dimension:
        return False
    if claim.total is not None and other.total is not None:
        return _fits(claim.quantity, other.quantity) or _fits(claim.total, other.total)
    mine = [x for x in (claim.quantity, claim.total) if x is not None]
    theirs = [x for x in (other.quantity, other.total) if x is not None]
    return any(_fits(p, q) for p in mine for q in theirs)


def daily_bounds(claim: Facet, other: Facet) -> bool:
    """Whether both are bounds of one direction on the amount of a day: such a statement needs no occasion named."""
    side = _side(claim.quantity)
    return claim.total is not None and other.total is not None and side != "" and side == _side(other.quantity)


def _fits(p: Quantity, q: Quantity) -> bool:
    side = _side(p)
    if side:
        return any(relation(_end(p, side), _end(q, s)) != "contradicts" for s in "<>")
    theirs = _side(q)
    if theirs and relation(replace(p, comparator="="), _end(q, theirs)) != "contradicts":
        return True  # "at 2 years" and "under 2 years" are one number, rounded
    joined = f"{p.low:g}{p.high:g}" in (f"{q.low:g}", f"{q.high:g}")  # a page that lost a dash: 1525 mg
    return joined or relation(p, q) != "contradicts"


def _side(q: Quantity) -> str:
    return q.comparator[0] if q.comparator[0] in "<>" else ""


def _end(q: Quantity, side: str) -> Quantity:
    value = q.low if side == ">" else q.high
    return replace(q, low=value, high=value, comparator="=")
