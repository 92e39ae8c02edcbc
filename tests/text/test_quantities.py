"""Quantities in prose: what is found, in which unit, with which bound; and how two of them stand to each other."""

from __future__ import annotations

import math
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.records import Quantity, Span
from halueval.text.quantities import find_quantities, known_phrase_relation, phrase_relation, relation
from halueval.text.quantities_numbers import match_number
from halueval.text.units import _SYMBOLS, _WORDS, match_unit
from halueval.text.units_analytes import analyte_base, find_analyte
from halueval.text.units_scale import dimension, scale, to_base


def said(text: str) -> list[tuple[str, str, float, float, str]]:
    """Each quantity as (characters, comparator, low, high, unit)."""
    return [
        (text[q.span.start : q.span.end], q.comparator, round(q.low, 6), round(q.high, 6), q.unit)
        for q in find_quantities(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Swallow 12.5 mg with water.", [("12.5 mg", "=", 12.5, 12.5, "mg")]),
        ("Swallow 3–6 mg at night.", [("3–6 mg", "=", 3, 6, "mg")]),
        ("from 100 mg to 200 mg", [("100 mg to 200 mg", "=", 100, 200, "mg")]),
        ("500 mg–1 g", [("500 mg–1 g", "=", 0.5, 1, "g")]),
        ("between 4 and 8 mmol/L", [("4 and 8 mmol/L", "=", 4, 8, "mmol/L")]),
        ("a 6- to 8-week course", [("6- to 8-week", "=", 6, 8, "wk")]),
        ("not more than 30 mcg", [("30 mcg", "<=", 30, 30, "ug")]),
        ("no fewer than 4 doses", [("4 doses", ">=", 4, 4, "{dose}")]),
        ("a ferritin > 15 µg/L", [("15 µg/L", ">", 15, 15, "ug/L")]),
        ("maximum daily dose 60 mg", [("daily", "=", 1, 1, "/d"), ("60 mg", "<=", 60, 60, "mg")]),
        ("2 or more drops", [("2 or more drops", ">=", 2, 2, "{drop}")]),
        ("adults 70 years and older", [("70 years", ">=", 70, 70, "a")]),
        ("up to 75 per cent of women", [("75 per cent", "<=", 75, 75, "%")]),
        ("nearly 40 percent", [("40 percent", "~", 40, 40, "%")]),
        ("infuse over 6 h", [("6 h", "=", 6, 6, "h")]),
        ("lasting over 6 h", [("6 h", ">", 6, 6, "h")]),
        ("BP below 150/95 mmHg", [("150", "<", 150, 150, "mm[Hg]"), ("95 mmHg", "<", 95, 95, "mm[Hg]")]),
        ("under 20 kg (44 lb)", [("20 kg", "<", 20, 20, "kg"), ("44 lb", "<", 44, 44, "[lb_av]")]),
        ("three times a week", [("three times a week", "=", 3, 3, "/wk")]),
        ("q4-6h", [("q4-6h", "=", 4, 6, "/d")]),
        ("every 3 months", [("every 3 months", "=", round(1 / 3, 6), round(1 / 3, 6), "/mo")]),
        ("5 mg t.i.d.", [("5 mg", "=", 5, 5, "mg"), ("t.i.d.", "=", 3, 3, "/d")]),
        ("8-hourly", [("8-hourly", "=", 3, 3, "/d")]),
        ("at 2-month intervals", [("2-month intervals", "=", 0.5, 0.5, "/mo")]),
        ("7 mcg per kg per minute", [("7 mcg per kg per minute", "=", 7, 7, "ug/kg/min")]),
        ("7 µg kg⁻¹ min⁻¹", [("7 µg kg⁻¹ min⁻¹", "=", 7, 7, "ug/kg/min")]),
        ("7.2 × 10⁹/L", [("7.2 × 10⁹/L", "=", 7.2, 7.2, "10*9/L")]),
        ("3 million units", [("3 million units", "=", 3e6, 3e6, "U")]),
        ("2½ tablets", [("2½ tablets", "=", 2.5, 2.5, "{tablet}")]),
        ("one and a half hours", [("one and a half hours", "=", 1.5, 1.5, "h")]),
        ("−18 °C", [("−18 °C", "=", -18, -18, "Cel")]),
        ("1 in 250 births", [("1 in 250", "=", 0.004, 0.004, "1")]),
        ("a fourfold rise", [("fourfold", "=", 4, 4, "{fold}")]),
        ("an INR of 2.5–3.5", [("2.5–3.5", "=", 2.5, 3.5, "1")]),
        ("women older than 42", [("42", ">", 42, 42, "a")]),
        ("8 ± 2 cm", [("8 ± 2 cm", "=", 8, 8, "cm")]),
    ],
)
def test_reads(text: str, expected: list[tuple[str, str, float, float, str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Vitamin B6 and omega-6 differ.",
        "the H3N2 strain, IL-10 and CYP2C9",
        "grade 4, stage II, type 1",
        "In 2021, see Table 5 [7, 8] and section 3.2.",
        "Call 112 now.",
        "12 patients in three hospitals",
        "activities of daily living",
        "The half-life is short.",
        "Wash it twice and dry it.",
        "٣ حبات",
    ],
)
def test_finds_nothing_where_nothing_is_measured(text: str) -> None:
    assert find_quantities(text) == ()


def test_a_counted_dose_keeps_its_count() -> None:
    for text in ("3 × 250 mg", "three 250 mg tablets"):
        (q,) = find_quantities(text)
        assert (q.low, q.unit, q.count) == (250, "mg", 3)


_UNITS = ["mg", "mcg", "g", "mL", "mmol/L", "IU", "mg/kg/day", "tablets", "%", "hours", "mm Hg", "units", "°C"]
_BOUNDS = [
    ("", "="),
    ("at least ", ">="),
    ("up to ", "<="),
    ("more than ", ">"),
    ("less than ", "<"),
    ("about ", "~"),
    ("≤ ", "<="),
]
_numbers = st.one_of(st.integers(1, 99_999).map(float), st.integers(1, 9_999).map(lambda n: n / 100))


@given(
    st.sampled_from(["The dose was ", "We gave "]),
    st.sampled_from(_BOUNDS),
    _numbers,
    st.sampled_from(_UNITS),
    st.booleans(),
)
def test_every_dose_phrase_is_one_quantity_with_exact_offsets(
    lead: str, bound: tuple[str, str], value: float, unit: str, commas: bool
) -> None:
    number = f"{value:,}" if commas and value == int(value) else f"{value:g}" if value < 1e5 else str(int(value))
    number = number.removesuffix(".0")
    text = f"{lead}{bound[0]}{number} {unit} then."
    (q,) = find_quantities(text)
    assert text[q.span.start : q.span.end] == f"{number} {unit}"
    assert (q.low, q.high, q.comparator) == (value, value, bound[1])


@given(_numbers, _numbers, st.sampled_from(["–", "-", " to ", " - "]), st.sampled_from(_UNITS))
def test_a_range_is_one_quantity(a: float, b: float, by: str, unit: str) -> None:
    low, high = sorted((a, b))
    if low == high:
        high = low + 1
    (q,) = find_quantities(f"The dose is {low!r}{by}{high!r} {unit}.")
    assert (q.low, q.high) == (low, high)


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_any_text_is_read_without_error_and_spans_lie_in_it_in_order(text: str) -> None:
    end = 0
    for q in find_quantities(text):
        assert end <= q.span.start < q.span.end <= len(text)
        assert math.isfinite(q.low) and q.low <= q.high
        end = q.span.end


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1,",
        "5 mg" + " " * 9_999,
        "every" + "\n" * 9_999,
        "5" + "\t " * 9_999 + "x",
        "5 mg ",
        "at least ",
        "every ",
        "1 to ",
        "(",
        "half ",
        "5/",
        "one hundred and ",
        "1 in ",
        " . ",
    ],
)
def test_a_hundred_kilobytes_take_time_in_proportion(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    find_quantities(text)
    assert time.process_time() - start < 15


def test_every_unit_in_the_tables_has_a_dimension_and_a_size() -> None:
    for unit in {*_SYMBOLS.values(), *_WORDS.values()} - {"decade", "fortnight"}:
        for rate in (unit, f"{unit}/h", f"mg/{unit}", f"{unit}/{{1.73_m2}}"):
            kind, size = scale(rate)
            assert kind and size > 0, rate


@pytest.mark.parametrize(
    ("value", "unit", "other", "expected"),
    [
        (1, "g", "mg", 1000),
        (1, "[lb_av]", "kg", 0.45359237),
        (1, "h", "min", 60),
        (1, "kPa", "mm[Hg]", 7.50062),
        (1, "L/d", "mL/h", 41.6667),
    ],
)
def test_units_convert(value: float, unit: str, other: str, expected: float) -> None:
    assert dimension(unit) == dimension(other)
    assert to_base(value, unit) / to_base(1.0, other) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("a", "b"), [("mg", "mL"), ("mg/kg", "mg"), ("mmol/mol", "%"), ("U", "mg"), ("{tablet}", "{puff}"), ("meq", "mmol")]
)
def test_units_of_other_things_do_not_convert(a: str, b: str) -> None:
    assert dimension(a) != dimension(b)


@pytest.mark.parametrize(
    ("a", "b", "truth"),
    [
        ("6 g", "6000 mg", "equal"),
        ("6 mg", "6 mcg", "contradicts"),
        ("6 mg", "6 mL", "not"),
        ("at least 6 mg", "at most 6 mg", "contradicts"),
        ("at least 6 mg", "6 mg", "not"),
        ("more than 6 mg", "6 mg", "contradicts"),
        ("4–8 mg", "6 mg", "not"),
        ("4–8 mg", "9–12 mg", "contradicts"),
        ("about 6 mg", "6 mg", "not"),
        ("39 °C", "102.2 °F", "equal"),
        ("thrice daily", "every 8 hours", "equal"),
        ("500 mg twice daily", "1 g per day", "equal"),
        ("2 g over 4 hours", "500 mg/h", "equal"),
        ("three 50 mg tablets", "150 mg", "equal"),
        ("6 ft 1 in", "185.4 cm", "equal"),
        ("glucose 90 mg/dL", "glucose 5.0 mmol/L", "equal"),
        ("90 mg/dL", "5.0 mmol/L", "not"),
        ("HbA1c 9 %", "HbA1c 75 mmol/mol", "equal"),
        ("vitamin D 600 IU", "vitamin D 15 mcg", "equal"),
        ("600 IU", "15 mcg", "not"),
        ("BUN 28 mg/dL", "urea 10 mmol/L", "equal"),
        ("magnesium 2 mEq/L", "magnesium 1 mmol/L", "equal"),
        ("sodium 4 mmol/L", "potassium 4 mmol/L", "not"),
        ("systolic 120 mmHg", "diastolic 120 mmHg", "not"),
        ("2 % lidocaine", "20 mg/mL lidocaine", "equal"),
        ("three quarters", "75 %", "equal"),
        ("1 in 8", "1 in 80", "contradicts"),
        ("Nurofen 400 mg", "ibuprofen 0.4 g", "equal"),
        ("naproxen 250 mg", "ketoprofen 250 mg", "not"),
        ("Crestor", "rosuvastatin", "equal"),
        ("Crestor", "Cozaar", "not"),
        ("gobbledygook", "4 mg", "not"),
    ],
)
def test_phrases_stand_to_each_other_in_either_order(a: str, b: str, truth: str) -> None:
    assert phrase_relation(a, b) == truth
    assert phrase_relation(b, a) == truth


@pytest.mark.parametrize(
    ("a", "b"),
    [("snark", "boojum"), ("snark 5 mg", "version 7"), ("", "5 mg"), ("Crestor", "boojum"), ("5 " * 9_999, "5 mg")],
)
def test_what_cannot_be_read_is_left_open(a: str, b: str) -> None:
    assert known_phrase_relation(a, b) is None


_quantity = st.builds(
    lambda a, b, unit, sign: Quantity(Span(0, 1), float(min(a, b)), float(max(a, b)), unit, sign),  # type: ignore[arg-type]
    st.integers(1, 50),
    st.integers(1, 50),
    st.sampled_from(["mg", "ug", "g", "mL", "h", "d", "%", "Cel", "[degF]", "{tablet}"]),
    st.sampled_from(["=", "<", "<=", ">", ">=", "~"]),
)


@given(_quantity)
def test_a_quantity_equals_itself(q: Quantity) -> None:
    assert relation(q, q) == "equal"


@given(_quantity, _quantity)
def test_the_relation_has_no_direction(a: Quantity, b: Quantity) -> None:
    assert relation(a, b) == relation(b, a)


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_plain_values_are_equal_or_exclude_each_other(a: int, b: int) -> None:
    x, y = (Quantity(Span(0, 1), float(v), float(v), "mg") for v in (a, b))
    assert relation(x, y) == ("equal" if a == b else "contradicts")


@given(st.floats(0.1, 500), st.sampled_from(["glucose", "cholesterol", "creatinine", "calcium"]))
def test_a_substance_keeps_its_amount_across_units(amount: float, name: str) -> None:
    analyte = find_analyte(name)
    assert analyte is not None and analyte.molar_mass is not None
    moles = analyte_base(amount, "mmol/L", analyte)
    mass = analyte_base(amount * analyte.molar_mass / 10, "mg/dL", analyte)
    assert moles is not None and mass is not None
    assert moles[0] == mass[0] and moles[1] == pytest.approx(mass[1])


@given(st.integers(0, 999_999))
def test_digits_are_read_with_and_without_commas(n: int) -> None:
    for written in (str(n), f"{n:,}"):
        number = match_number(written, 0)
        assert number is not None and (number.value, number.end) == (n, len(written))


def test_a_unit_ends_where_its_word_ends() -> None:
    assert match_unit("5 mgs", 1) is not None
    assert match_unit("5 mgx", 1) is None
    assert match_unit("5 mm2-wide", 1) == match_unit("5 mm2", 1)


def test_importing_halueval_does_not_import_the_unit_library() -> None:
    code = "import sys, halueval, halueval.text.quantities; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
