"""Numbers that no claim may break: each with its unit and comparator, a dose with its frequency and duration."""

from __future__ import annotations

import re
from collections.abc import Sequence

from halueval.records import Quantity, Span

__all__ = ["whole_doses"]

_COMPARATOR = re.compile(
    r"(?:\b(?:up to|at least|at most|(?:no|not) (?:more|less|fewer|greater|higher|lower|later|earlier) than"
    r"|(?:more|less|fewer|greater|higher"
    r"|lower|older|younger|longer|shorter|other) than|over|under|above|below|about|approximately|approx\.?"
    r"|around|roughly|nearly|almost"
    r"|(?:a )?(?:maximum|minimum)(?: dose)? of|between|from|not to exceed|not exceeding|exceeding|exceeds?"
    r"|within|every|per|only|by|to)|[<>≤≥~=±])\s*$",
    re.IGNORECASE,
)
# What may stand between the parts of one instruction: "500 mg [of amoxicillin] every 8 hours [for] 7 days", "25, 50
# and 100 mg".
_WITHIN = re.compile(
    r"\s*(?:[,/(]|[-–])?\s*(?:(?:of|in|for|as|by|with|at|on|to|a|an|the|and|or|then|up|orally|mouth|daily|day|total|single|divided|doses?|tablets?"
    r"|capsules?|caplets?|puffs?|drops?|max|maximum|not|exceeding|exceed|more|less|than|over|least|about|approximately|every|per|mg|once)\b[\s,(]*"
    r"){0,8}(?:[A-Za-z][\w-]*\s+){0,2}(?:(?:for|in|by|at|up|to|a|per|every)\s+){0,3}\(?",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s*(?:,|,?\s*(?:and|or|to|then)|/|[-–])\s*", re.IGNORECASE)
_LONGEST_GAP = 40


def whole_doses(text: str, quantities: Sequence[Quantity]) -> list[Span]:
    """The parts of a sentence that stay together because the numbers in them lean on each other.

    Parameters
    ----------
    text : str
        The sentence.
    quantities : sequence of Quantity
        What :func:`halueval.text.quantities.find_quantities` found in it, in order, with offsets into it.

    Examples
    --------
    >>> from halueval.text.quantities import find_quantities
    >>> text = "Take up to 500 mg of amoxicillin every 8 hours or rest, and wait 2 days."
    >>> [text[s.start:s.end] for s in whole_doses(text, find_quantities(text))]
    ['up to 500 mg of amoxicillin every 8 hours', '2 days']
    """
    out: list[Span] = []
    previous: Quantity | None = None
    for quantity in quantities:
        start, end = quantity.span.start, quantity.span.end
        if match := _COMPARATOR.search(text, max(0, start - 30), start):
            start = match.start()
        if (
            previous is not None
            and start <= out[-1].end + _LONGEST_GAP
            and _lean(previous, quantity, text[out[-1].end : start])
        ):
            out[-1] = Span(out[-1].start, max(end, out[-1].end))
        else:
            out.append(Span(start, end))
        previous = quantity
    return out


def _lean(a: Quantity, b: Quantity, between: str) -> bool:
    if between.strip() in ("/", "over") and a.unit in ("1", b.unit):
        return True  # a blood pressure
    if _JOINED.fullmatch(between):
        return a.unit == b.unit or "/" in b.unit
    if not _WITHIN.fullmatch(between) or re.search(r"\b(?:and|or|then)\b", between):
        return False
    if a.unit == b.unit or b.unit.startswith("/") or "/" in b.unit:
        return True
    return "," not in between
