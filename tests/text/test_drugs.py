"""Drug names: a brand is its generic, a look-alike is another drug."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.text.drugs import find_drugs, generic_name, same_drug


def rows() -> list[list[str]]:
    text = files("halueval.text").joinpath("drugs.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def test_each_row_has_three_cells_and_each_name_means_one_drug() -> None:
    meaning: dict[str, str] = {}
    for row in rows():
        assert len(row) == 3, row
        assert row[0] == row[0].lower().strip()
        for name in "; ".join(row).split("; "):
            if name:
                assert meaning.setdefault(name.lower(), row[0]) == row[0], name


def test_a_generic_name_is_its_own() -> None:
    for generic, *_ in rows():
        assert generic_name(generic) == generic


@pytest.mark.parametrize(
    ("name", "generic"),
    [
        ("Panadol", "acetaminophen"),
        ("PARACETAMOL", "acetaminophen"),
        ("salbutamol", "albuterol"),
        ("adrenaline", "epinephrine"),
        ("Glucophage XR", "metformin"),
        ("metformin hydrochloride", "metformin"),
        ("Nexium®", "esomeprazole"),
        ("sulphasalazine", "sulfasalazine"),
        ("St John’s wort", "st. john's wort"),
        ("clavulanic acid + amoxicillin", "amoxicillin/clavulanate"),
        ("codeine and paracetamol", "acetaminophen/codeine"),
        ("vitamin B1", "thiamine"),
        ("table", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_names_have_one_generic(name: str, generic: str | None) -> None:
    assert generic_name(name) == generic


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("hydroxyzine", "hydralazine"),
        ("Celexa", "Celebrex"),
        ("prednisone", "prednisolone"),
        ("clonidine", "clonazepam"),
        ("metoprolol tartrate", "metoprolol succinate"),
        ("Lopressor", "Toprol XL"),
        ("vitamin D2", "vitamin D3"),
        ("epinephrine", "norepinephrine"),
        ("vincristine", "vinblastine"),
        ("Lamictal", "Lamisil"),
        ("citalopram", "escitalopram"),
        ("amphotericin B", "AmBisome"),
        ("cyanocobalamin", "hydroxocobalamin"),
    ],
)
def test_look_alikes_stay_different(a: str, b: str) -> None:
    assert same_drug(a, b) is False


def test_a_missing_salt_is_no_difference() -> None:
    assert same_drug("metoprolol", "Toprol XL") is True


def test_drugs_are_found_in_prose_longest_first_with_exact_offsets() -> None:
    text = "Give insulin glargine or Lantus; not Tylenol with codeine, nor a musing on soma."
    assert [(text[s.start : s.end], g) for s, g in find_drugs(text)] == [
        ("insulin glargine", "insulin glargine"),
        ("Lantus", "insulin glargine"),
        ("Tylenol with codeine", "acetaminophen/codeine"),
    ]


@given(st.text(max_size=200))
def test_any_text_is_searched_without_error(text: str) -> None:
    generic_name(text)
    for span, generic in find_drugs(text):
        assert generic_name(text[span.start : span.end]) == generic
