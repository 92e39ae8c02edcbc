"""How two quantities stand to each other: the same values, no value in common, or neither."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from halueval.records import Quantity
from halueval.text.units_scale import TEMPERATURE, dimension, to_base

__all__ = ["Interval", "Relation", "interval_of", "interval_relation", "relation"]

Relation: TypeAlias = Literal["equal", "not", "contradicts"]

_CONVERTED = 0.015  # 1 tsp = 5 mL, glucose 126 mg/dL = 7.0 mmol/L: what medicine calls equal after a conversion
_SAME_UNIT = 1e-6
_DEGREES = 0.3  # 38 °C is 100 °F in every leaflet
_ABOUT = 0.1  # what "about" leaves open on either side


@dataclass(frozen=True, slots=True)
class Interval:
    """Values from ``low`` to ``high``, each end in or out, in base units of ``dimension``; ``unit`` as written."""

    dimension: str
    low: float
    high: float
    low_open: bool = False
    high_open: bool = False
    about: bool = False
    unit: str = ""


def interval_of(q: Quantity) -> Interval:
    """The values that a quantity allows, in base units; the ``count`` is multiplied in.

    Examples
    --------
    >>> from halueval.records import Span
    >>> interval_of(Quantity(Span(0, 4), 5, 5, "%", "<="))
    Interval(dimension='dimensionless', low=-inf, high=0.05, low_open=True, high_open=False, about=False, unit='%')
    """
    low, high = to_base(float(q.low), q.unit) * q.count, to_base(float(q.high), q.unit) * q.count
    return bounded(dimension(q.unit), low, high, q.comparator, q.unit)


def bounded(kind: str, low: float, high: float, comparator: str, unit: str) -> Interval:
    """An interval from two ends and a comparator word."""
    low, high = min(low, high), max(low, high)
    if comparator in (">", ">="):
        return Interval(kind, low, math.inf, comparator == ">", True, False, unit)
    if comparator in ("<", "<="):
        return Interval(kind, -math.inf, high, True, comparator == "<", False, unit)
    return Interval(kind, low, high, about=comparator == "~", unit=unit)


def relation(a: Quantity, b: Quantity) -> Relation:
    """How the values that two quantities allow stand to each other.

    Parameters
    ----------
    a, b : Quantity
        In any units.

    Returns
    -------
    {"equal", "not", "contradicts"}
        "equal": the same set of values, within 1.5 % where units had to be converted. "contradicts": comparable, and
        no value fits both, or opposite bounds at one number. "not": anything else, other dimensions included.

    Examples
    --------
    >>> from halueval.text.quantities import find_quantities
    >>> def q(text): return find_quantities(text)[0]
    >>> relation(q("4 g"), q("4000 mg")), relation(q("5 mg"), q("5 mcg")), relation(q("5 mg"), q("5 mL"))
    ('equal', 'contradicts', 'not')
    >>> relation(q("at least 5 mg"), q("at most 5 mg")), relation(q("5–10 mg"), q("7 mg"))
    ('contradicts', 'not')
    """
    x, y = interval_of(a), interval_of(b)
    return "not" if x.dimension != y.dimension else interval_relation(x, y)


def interval_relation(x: Interval, y: Interval) -> Relation:
    """The relation of two intervals of one dimension.

    Examples
    --------
    >>> interval_relation(Interval("", 1, 2), Interval("", 2, 3))
    'not'
    >>> interval_relation(Interval("", 1, 2), Interval("", 3, 4))
    'contradicts'
    """
    loose = x.unit != y.unit
    same_low = _close(x.low, y.low, x.dimension, loose)
    same_high = _close(x.high, y.high, x.dimension, loose)
    if same_low and same_high and x.about == y.about:
        return "equal" if (x.low_open, x.high_open) == (y.low_open, y.high_open) else "not"
    if x.about or y.about:
        x, y = _widened(x), _widened(y)
    low, high = (x, y) if (x.high, x.low) <= (y.high, y.low) else (y, x)  # which one lies below
    if low.high == math.inf or high.low == -math.inf:
        return "not"
    if _close(low.high, high.low, x.dimension, loose):
        opposite = low.low == -math.inf and high.high == math.inf
        return "contradicts" if low.high_open or high.low_open or opposite else "not"
    return "contradicts" if low.high < high.low else "not"


def _close(a: float, b: float, kind: str, loose: bool) -> bool:
    if math.isinf(a) or math.isinf(b):
        return a == b
    if kind == TEMPERATURE and loose:
        return abs(a - b) <= _DEGREES
    return math.isclose(a, b, rel_tol=_CONVERTED if loose else _SAME_UNIT, abs_tol=1e-300)


def _widened(x: Interval) -> Interval:
    if not x.about:
        return x
    return Interval(x.dimension, x.low - _ABOUT * abs(x.low), x.high + _ABOUT * abs(x.high), unit=x.unit)
