"""Comparators that are said once for two values: "under 20 kg (44 lb)", "above 30 g/L in men and 20 g/L in women"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from halueval.records import Quantity
from halueval.text.units import TIME_UNITS
from halueval.text.units_scale import dimension, to_base

__all__ = ["shared_comparators"]

_BRACKET = re.compile(r"\s*[(\[/,]\s*(?:or|i\.e\.,?|equal to|equivalent to|that is,?|which is)?\s*$")
_PARALLEL = re.compile(r"\s(?:[^,.;:()]{0,60}\s)?(?:and|or)\s(?:a\s)?$")


def _repeats(gap: str, last: Quantity, now: Quantity) -> bool:
    if not _BRACKET.match(gap) or gap.strip() == ",":
        return False
    if dimension(last.unit) == dimension(now.unit):
        a, b = to_base(last.high, last.unit), to_base(now.high, now.unit)
        return abs(a - b) <= 0.15 * max(abs(a), abs(b))
    timed = [q.unit in TIME_UNITS or q.unit.startswith("/") for q in (last, now)]
    return not any(timed)


def _parallel(gap: str, last: Quantity, now: Quantity) -> bool:
    return last.comparator != "~" and last.unit == now.unit and _PARALLEL.match(gap) is not None


def shared_comparators(text: str, found: Sequence[Quantity], own: Sequence[bool]) -> tuple[Quantity, ...]:
    """Quantities with the comparator of the one before, where they repeat it in brackets or stand beside it.

    Parameters
    ----------
    text : str
        What they were found in.
    found : sequence of Quantity
        In order.
    own : sequence of bool
        Which of them have comparator words of their own.

    Examples
    --------
    >>> from halueval.records import Span
    >>> low, high = Quantity(Span(6, 11), 20, 20, "kg", "<"), Quantity(Span(13, 18), 44, 44, "[lb_av]")
    >>> shared_comparators("under 20 kg (44 lb)", [low, high], [True, False])[1].comparator
    '<'
    """
    out = list(found)
    for i in range(1, len(out)):
        now, last = out[i], out[i - 1]
        if own[i] or last.comparator == "=" or now.low != now.high:
            continue
        gap = text[last.span.end : now.span.start]
        if _repeats(gap, last, now) or _parallel(gap, last, now):
            out[i] = replace(now, comparator=last.comparator)
    return tuple(out)
