"""Finding quantities in prose, in one pass: each number is tried as a ratio, a frequency, a range, a measure."""

from __future__ import annotations

import re
from dataclasses import replace

from halueval.records import Quantity, Span
from halueval.text.quantities_bare import match_bare
from halueval.text.quantities_comparators import Comparator, after, before
from halueval.text.quantities_frequencies import LONE_ADVERBS, Frequency, match_frequency, match_times
from halueval.text.quantities_numbers import Number, match_number
from halueval.text.quantities_shared import shared_comparators
from halueval.text.units import PERIODS, TIME_UNITS, UnitMatch, match_unit
from halueval.text.units_scale import dimension, to_base

__all__ = ["find_quantities"]

_WORD_START = (
    r"zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    r"nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|half|quarter|"
    r"an?(?=[\s-](?:half|third|quarter|fourth|fifth|tenth|hundred|dozen|thousand|million|minute|hour|day|week|fortnight|month|year|"
    r"tablet|pill|teaspoon|tablespoon|cup|capsule)(?![a-z]))|"
    r"once|twice|thrice|every|each|on\s+alternate|alternat(?:e|ing)|per(?=\s)|double|"
    r"hourly|daily|nightly|weekly|fortnightly|monthly|quarterly|yearly|annually|semiannually|biannually|biennially|"
    r"q\.?\s?\d|q\.?\s?[a-z]|b\.?i\.?d|t\.?i\.?d|b\.?d(?![a-z])|t\.?d\.?s|o\.?d(?![a-z])|eod(?![a-z])"
)
_CANDIDATE = re.compile(rf"[\d½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]|[.·](?=\d)|(?<![A-Za-z0-9_'’-])(?:{_WORD_START})", re.I)
_LONG_GAP = re.compile(r"\s{6,}")
_SKIP = re.compile(r"\d(?:[\d.,]*\d)?[A-Za-z]*|.", re.S)
_RANGE = re.compile(
    r"\s*-?\s*(?P<by>[-–—−‐‑~]|to|or|and|through|till|until)(?:\s+(?:about|up\s+to|as\s+much\s+as|perhaps|even))?\s*"
    r"(?=[\d.·½⅓⅔¼¾]|[A-Za-z])",
    re.I,
)
_SUSPENDED = re.compile(r"[-‐‑–]\s*(?=to\b|or\b|and\b)", re.I)
_BETWEEN = re.compile(r"\bbetween\s+(?:(?:the\s+)?ages?\s+(?:of\s+)?|about\s+|approximately\s+|an?\s+|of\s+)?$", re.I)
_COUNT = re.compile(r"\s?[x×]\s?(?=[\d.])")
_RATIO = re.compile(
    r"\s+(?:in(?:\s+every)?|out\s+of(?:\s+every)?|of\s+every|(?:\w+\s+){0,2}?(?P<per>per|for\s+every|in\s+every))\s+",
    re.I,
)
_RATIO_TO = re.compile(r"\s*(?:to|and|[-–—])\s*(?:(?:1|one)\s+(?:in|out\s+of)\s+)?(?=\d)", re.I)
_COLON = re.compile(r"\s?:\s?(?=\d)")
_NOT_RATIO_BEFORE = re.compile(
    r"\b(?:type|stage|grade|phase|section|table|figure|fig\.?|chapter|level|group|step|version|part|no\.?|number|page|class|step|day|"
    r"week|month|year|visit|cycle|arm|box|appendix|category|tier|only|this|that|any|every|the|each|some|which|is|"
    r"increase|rise|decrease|fall|chromosome|exon|codon)\s+$",
    re.I,
)
_FOLD = re.compile(
    r"[\s-]?times?\s+(?=(?:as|more|higher|greater|larger|bigger|longer|faster|lower|less|fewer|smaller|shorter|stronger|likelier|the|that|"
    r"his|her|their|its|your|normal|above|what|increased|those|upper)\b)",
    re.I,
)
_WORD_FOLD = re.compile(r"(two|three|four|five|six|seven|eight|nine|ten)[\s-]?fold(?![A-Za-z])", re.I)
_FOLD_RANGE = re.compile(r"[\s-]?(?:fold|times?(?=\s+(?:as|more|higher|greater|the|longer|lower)\b))", re.I)
_TWICE = re.compile(r"(twice|thrice)\s+(?=(?:as|the|that|more|his|her|their|its|your|normal|what|those)\b)", re.I)
_PLUS_MINUS = re.compile(r"\s?(?:±|\+/[-–]|\+-)\s?\d+(?:\.\d+)?")
_LENGTHS = frozenset({"cm", "mm", "m", "[in_i]", "[ft_i]"})
_INTERVALS = re.compile(r"(?:ly)?[\s-]intervals?(?![A-Za-z])", re.I)
_DOSE_FORMS = re.compile(
    r"[\s-]+(?:[A-Za-z]+\s+)?(?:tablets|capsules|pills|caplets|patches|vials|doses|ampoules|puffs)\b", re.I
)
_OR_MORE = re.compile(r"\s+or\s+(more|greater|fewer|less)(?=\s)", re.I)
_AND_A_HALF = re.compile(r"an?\s+(\w+)\s+and\s+a\s+half(?![A-Za-z])", re.I)
_PER_MILLION = re.compile(
    r"\s+(?:\w+\s+){0,2}?(?:per|in\s+a|in\s+every)\s+(thousand|million|hundred\s+thousand)(?![A-Za-z])", re.I
)
_PER_WORD = {"thousand": 1e3, "million": 1e6, "hundred thousand": 1e5}
_DAYS_A_WEEK = re.compile(r"\s+(?:a|per|each|every|/)\s*(week|month|year)(?![A-Za-z])", re.I)
_OF = re.compile(r"\s+of\b", re.I)
_ORDINAL_HALF = re.compile(
    r"\b(?:first|second|other|latter|early|upper|lower|last|better|whole|other|top|bottom)\s+$", re.I
)
_NAME_BEFORE = re.compile(r"[A-Za-z][-–]$|[A-Za-z0-9_#$£€]$|\d[/.,:]$")
_SIGN = re.compile(r"(?:^|[\s(])([-−–])$")
_SLASH = re.compile(r"\s?/\s?(?=\d{2,3}(?!\d))")
_PRESSURE = re.compile(r"\b(?:blood\s+pressures?|BP|hypertension|systolic|diastolic)\b[^.;]{0,50}$", re.I)
_A_PERIOD = re.compile(r"an?\s+(minute|hour|day|week|fortnight|month|year)(?![A-Za-z'’-])", re.I)
_A_PERIOD_AFTER = re.compile(
    r"\b(?:in|within|for|after|over|during|than|least|nearly|almost|about|up\s+to|around|under|approximately|exceeds?|lasts?|lasting)\s+$",
    re.I,
)


class _Reader:
    """One pass over one text; ``own`` says which quantities had comparator words of their own."""

    def __init__(self, text: str) -> None:
        # one letter for micro, and no run of white space so long that a pattern could try all ways through it
        self.text = _LONG_GAP.sub(lambda m: "\0" * len(m.group()), text.replace("μ", "µ"))
        self.found: list[Quantity] = []
        self.own: list[bool] = []

    def read(self) -> tuple[Quantity, ...]:
        pos, text = 0, self.text
        while (m := _CANDIDATE.search(text, pos)) is not None:
            end = self._at(m.start())
            if end is None:
                end = _SKIP.match(text, m.start()).end()  # type: ignore[union-attr]
            pos = max(end, m.start() + 1)
        return shared_comparators(self.text, self.found, self.own)

    def _at(self, start: int) -> int | None:
        """Read whatever stands at ``start``; where it ends, or None."""
        text = self.text
        c = text[start]
        if c.isalpha():
            twice = _TWICE.match(text, start)
            if twice:
                value = 2.0 if twice.group(1).lower() == "twice" else 3.0
                return self._keep(start, start + len(twice.group(1)), value, value, "{fold}")
            fold = _WORD_FOLD.match(text, start)
            if fold:
                value = match_number(fold.group(1), 0).value  # type: ignore[union-attr]
                return self._keep(start, fold.end(), value, value, "{fold}")
            frequency = match_frequency(text, start)
            if frequency is not None:
                return self._frequency(frequency)
            halved = _AND_A_HALF.match(text, start)
            unit = match_unit(text, halved.start(1)) if halved else None
            if halved and unit is not None and unit.end == halved.end(1):
                return self._keep(start, halved.end(), 1.5, 1.5, unit.unit)
            period = _A_PERIOD.match(text, start)
            if period and _A_PERIOD_AFTER.search(text[max(0, start - 20) : start]):
                unit = match_unit(text, period.start(1))
                factor, name = (
                    (2.0, "wk") if period.group(1).lower() == "fortnight" else (1.0, unit.unit if unit else "d")
                )
                return self._keep(start, period.end(), factor, factor, name)
        elif _NAME_BEFORE.search(text[max(0, start - 2) : start]):
            return None
        number = match_number(text, start)
        if number is None:
            return None
        for attempt in (self._fraction, self._ratio, self._counted, self._measured, self._pressure, self._bare):
            end = attempt(start, number)
            if end is not None:
                return end
        return None

    # --- the shapes a number can stand in

    def _fraction(self, start: int, n: Number) -> int | None:
        if not (n.fraction and n.words):
            return None
        if not _OF.match(self.text, n.end):
            return None
        if _ORDINAL_HALF.search(self.text[max(0, start - 10) : start]):
            return n.end
        return self._keep(start, n.end, n.value, n.value, "1")

    def _ratio(self, start: int, n: Number) -> int | None:
        text = self.text
        if n.power or n.fraction:
            return None
        colon = _COLON.match(text, n.end)
        if colon and not n.words:
            other = match_number(text, colon.end())
            if (
                other
                and n.value == 1
                and other.value >= 2
                and (
                    other.value >= 100
                    or re.match(
                        r"\s+(?:dilution|ratio|adrenaline|epinephrine|solution|titer|titre)",
                        text[other.end : other.end + 14],
                    )
                )
            ):
                return self._keep(start, other.end, n.value / other.value, n.value / other.value, "1")
            return other.end if other else None
        million = _PER_MILLION.match(text, n.end)
        if million:
            ratio = n.value / _PER_WORD[" ".join(million.group(1).lower().split())]
            return self._keep(start, million.end(), ratio, ratio, "1")
        m = _RATIO.match(text, n.end)
        if m is None:
            return None
        other = match_number(text, m.end())
        if other is None or other.fraction or other.value <= 1 or other.value < n.value:
            return None
        if m.group("per") and (other.value < 100 or match_unit(text, n.end, n.value) is not None):
            return None
        if not m.group("per") and (
            1900 <= other.value <= 2100
            and "," not in text[m.end() : other.end]
            or _NOT_RATIO_BEFORE.search(text[max(0, start - 14) : start])
            or match_unit(text, other.end, other.value) is not None
            or (n.words and n.value == 1 and m.group().strip().lower() == "of every")
        ):
            return None
        ratio = n.value / other.value
        to = None if m.group("per") else _RATIO_TO.match(text, other.end)
        last = match_number(text, to.end()) if to else None
        if last is not None and last.value > 1 and match_unit(text, last.end, last.value) is None:
            ends = sorted((ratio, n.value / last.value))
            return self._keep(start, last.end, ends[0], ends[1], "1")
        return self._keep(start, other.end, ratio, ratio, "1")

    def _counted(self, start: int, n: Number) -> int | None:
        """ "2 x 500 mg", and "two 500 mg tablets"."""
        text = self.text
        if n.fraction and n.value < 1 and not n.words:
            return None
        m = _COUNT.match(text, n.end)
        if m:
            other = match_number(text, m.end())
            unit = match_unit(text, other.end, other.value) if other else None
            if other and unit and unit.unit not in TIME_UNITS:
                value = _value(other, unit)
                if unit.unit in _LENGTHS:  # 3 x 4 cm has two sides
                    self._keep(start, n.end, n.value, n.value, value[1])
                    return self._keep(m.end(), unit.end, value[0], value[0], value[1])
                return self._keep(start, unit.end, value[0], value[0], value[1], count=n.value)
            return None
        if n.value > 12 or n.value != int(n.value) or n.power:
            return None
        gap = re.match(r"\s+(?=\d)", text[n.end : n.end + 3])
        if gap is None:
            return None
        other = match_number(text, n.end + gap.end())
        unit = match_unit(text, other.end, other.value) if other else None
        if other and unit and _DOSE_FORMS.match(text, unit.end):
            value = _value(other, unit)
            return self._keep(start, unit.end, value[0], value[0], value[1], count=n.value)
        return None

    def _measured(self, start: int, n: Number) -> int | None:
        text = self.text
        spread = _PLUS_MINUS.match(text, n.end)
        end = spread.end() if spread else n.end
        bound = _OR_MORE.match(text, end)
        if bound:
            unit_after = match_unit(text, bound.end(), n.value)
            if unit_after is not None:
                value, unit = _value(n, unit_after)
                sign: Comparator = ">=" if bound.group(1).lower() in ("more", "greater", "additional") else "<="
                return self._keep(start, unit_after.end, value, value, unit, said=sign)
        bare_part = n.fraction and n.words and not re.search(r"half|quarter|\ban?$", text[start : n.end], re.I)
        first = None if bare_part else match_unit(text, end, n.value)
        times = _FOLD.match(text, end)
        if times and first is None:
            return self._keep(
                start, times.end() - len(times.group()) + len(times.group().rstrip()), n.value, n.value, "{fold}"
            )
        frequency = match_times(text, start, end, n.value, n.value)
        if frequency is not None:
            return self._frequency(frequency)
        found = None if n.plus else self._range(start, n, end, first)
        if found is not None:
            return found
        if first is None:
            return None
        value, unit = _value(n, first)
        stop = first.end
        intervals = _INTERVALS.match(text, stop) if unit in TIME_UNITS and value > 0 else None
        if intervals:  # "at 3-month intervals" is every 3 months
            per = {"min": (60.0, "/h"), "h": (24.0, "/d"), "s": (3600.0, "/h")}.get(unit, (1.0, "/" + unit))
            return self._keep(start, intervals.end(), per[0] / value, per[0] / value, per[1])
        weekly = _DAYS_A_WEEK.match(text, stop) if unit in ("d", "wk") else None
        if weekly:  # "5 days a week" is how often
            return self._keep(start, weekly.end(), value, value, "/" + PERIODS[weekly.group(1).lower()])
        minus = _SIGN.search(text[max(0, start - 2) : start])
        if minus and unit in ("Cel", "[degF]"):
            return self._keep(start - 1, stop, -value, -value, unit)
        return self._keep(start, stop, value, value, unit, said=">=" if n.plus else None)

    def _range(self, start: int, n: Number, end: int, first: UnitMatch | None) -> int | None:
        text = self.text
        at = first.end if first else end
        hung = _SUSPENDED.match(text, at)
        m = _RANGE.match(text, hung.end() if hung else at)
        if m is None:
            return None
        by = m.group("by").lower()
        between = by == "and" and _BETWEEN.search(text[max(0, start - 32) : start]) is not None
        if (by == "and" and not between) or (by == "or" and first is not None):
            return None
        other = match_number(text, m.end())
        if other is None or other.fraction != n.fraction and other.value < n.value:
            return None
        spread = _PLUS_MINUS.match(text, other.end)
        stop = spread.end() if spread else other.end
        if first is None:
            frequency = match_times(text, start, stop, n.value, other.value)
            if frequency is not None:
                return self._frequency(frequency)
            fold = _FOLD_RANGE.match(text, stop)
            if fold:
                return self._keep(start, fold.end(), n.value, other.value, "{fold}")
        unit = match_unit(text, stop, other.value)
        if unit is None:
            if first is None:
                return None
            return None
        low, low_unit = _value(n, first) if first else _value(Number(n.end, n.value, n.power), unit)
        high, name = _value(other, unit)
        if first is not None and low_unit != name:
            if low_unit in ("Cel", "[degF]") or dimension(low_unit) != dimension(name):
                return None
            low = to_base(low, low_unit) / to_base(1.0, name)
        if first is None and n.power == 0 and other.power and not name.startswith("10*"):
            low = n.value * 10.0**other.power
        if high < low and by not in ("to", "and", "-", "–", "—", "−", "through", "or"):
            return None
        return self._keep(start, unit.end, min(low, high), max(low, high), name)

    def _pressure(self, start: int, n: Number) -> int | None:
        """120/80 mm Hg: two quantities with one unit and one comparator."""
        text = self.text
        m = _SLASH.match(text, n.end)
        if m is None or not 40 <= n.value <= 300:
            return None
        other = match_number(text, m.end())
        if other is None or not 20 <= other.value <= 200:
            return None
        unit = match_unit(text, other.end, other.value)
        named = _PRESSURE.search(text[max(0, start - 70) : start])
        if not (unit and unit.unit == "mm[Hg]") and not (named and unit is None):
            return None
        self._keep(start, n.end, n.value, n.value, "mm[Hg]")
        comparator, own = self.found[-1].comparator, self.own[-1]
        end = self._keep(m.end(), unit.end if unit else other.end, other.value, other.value, "mm[Hg]")
        if self.own[-1] and not own:
            self.found[-2] = replace(self.found[-2], comparator=self.found[-1].comparator)
        else:
            self.found[-1] = replace(self.found[-1], comparator=comparator)
        self.own[-1] = self.own[-2] = True
        return end

    def _bare(self, start: int, n: Number) -> int | None:
        found = match_bare(self.text, start, n)
        if found is None:
            return None
        return self._keep(found.start, found.end, found.low, found.high, found.unit, said=">=" if n.plus else None)

    # --- keeping

    def _frequency(self, f: Frequency) -> int:
        return self._keep(f.start, f.end, f.low, f.high, f.unit)

    def _keep(
        self,
        start: int,
        end: int,
        low: float,
        high: float,
        unit: str,
        *,
        count: float = 1,
        said: Comparator | None = None,
    ) -> int:
        text = self.text
        comparator: Comparator | None = None
        lone = text[start:end].lower() in LONE_ADVERBS
        if not lone and not (low != high and _BETWEEN.search(text[max(0, start - 32) : start])):
            ahead = before(text, start, time=unit in TIME_UNITS)
            if ahead is not None and ahead[1] >= self._said_until():
                comparator = ahead[0]
        adjacent = bool(self.found) and unit.startswith("/") and text[self.found[-1].span.end : start].isspace()
        if adjacent and self.own[-1]:
            pass  # "7.5 mg a day or less": the dose has taken it
        elif comparator in (None, "~"):
            comparator = after(text, end) or comparator
        comparator = said or comparator
        self.found.append(Quantity(Span(start, end), low, high, unit, comparator or "=", count))
        self.own.append(comparator is not None)
        return end

    def _said_until(self) -> int:
        """Where the last quantity ends that no comparator reaches across; "daily" in "maximum daily dose" is none."""
        for q in reversed(self.found[-4:]):
            if self.text[q.span.start : q.span.end].lower() not in LONE_ADVERBS:
                return q.span.end
        return 0


def _value(n: Number, unit: UnitMatch) -> tuple[float, str]:
    """A number with its unit's factor; a power of ten goes into a unit that is counted per volume."""
    if n.power and unit.unit.startswith("/"):
        return n.value * unit.factor, f"10*{n.power}{unit.unit}"
    return n.value * 10.0**n.power * unit.factor, unit.unit


def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Quantities in prose, in order: a number with what it counts, its comparator, ranges as one.

    Parameters
    ----------
    text : str
        Any text; nothing is found in an empty one.

    Returns
    -------
    tuple of Quantity
        ``span`` runs from the number to the end of the unit, comparator words outside. Units are UCUM-like.
        Frequencies are times per period ("q8h" is 3 ``/d``). Names (B12, COVID-19), years, citations and bare counts
        of things are not quantities.

    Examples
    --------
    >>> [(q.low, q.high, q.unit, q.comparator) for q in find_quantities("Take 2.5–5 mg q8h, at most 4 g a day.")]
    [(2.5, 5.0, 'mg', '='), (3.0, 3.0, '/d', '='), (4.0, 4.0, 'g', '<='), (1.0, 1.0, '/d', '=')]
    >>> find_quantities("Vitamin B12 and omega-3 were tried in 2019.")
    ()
    """
    if _CANDIDATE.search(text) is None:
        return ()
    return _Reader(text).read()
