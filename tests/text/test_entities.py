"""Medical things and noun phrases."""

from __future__ import annotations

import pytest

from halueval.text.entities import entity_type, find_entities
from halueval.text.pipeline import load_pipeline


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Amoxicillin", "drug"),
        ("omeprazole", "drug"),
        ("an antibiotic", "drug"),
        ("severe bronchitis", "condition"),
        ("kidney stones", "condition"),
        ("knee arthroscopy", "procedure"),
        ("blood test", "procedure"),
        ("warm water", "phrase"),
        ("", "phrase"),
    ],
)
def test_types_are_read_off_words_and_endings(name: str, kind: str) -> None:
    assert entity_type(name) == kind


def test_entities_are_in_order_without_overlap_and_where_they_say() -> None:
    text = "Chronic bronchitis is treated with Zithromax or a short course of oral antibiotics after a chest x-ray."
    found = find_entities(load_pipeline()(text))
    assert all(text[e.span.start : e.span.end] == e.text for e in found)
    assert all(a.span.end <= b.span.start for a, b in zip(found, found[1:], strict=False))
    assert {("Chronic bronchitis", "condition"), ("Zithromax", "drug")} <= {(e.text, e.type) for e in found}


def test_an_empty_text_has_none() -> None:
    assert find_entities(load_pipeline()("")) == ()
