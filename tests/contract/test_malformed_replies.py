"""Whatever shape a model's reply has: no label that it doesn't give, no crash, and every item counted."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import pytest

from halueval.claim_extraction.rules import RulesExtractor
from halueval.records import Extraction, Failure

sys.path.insert(0, str(Path(__file__).parent))
from reply_readers import ANSWER, READERS, SHAPES, Reader, Shape, became

EMPTY = next(shape for shape in SHAPES if shape.name == "empty")
KINDS = {"unreadable_reply", "refused", "empty_reply"}


def _pairs(outcome: str) -> list[object]:
    return [
        pytest.param(reader, shape, id=f"{reader.name}-{shape.name}")
        for reader in READERS
        for shape in SHAPES
        if shape.outcome == outcome
    ]


@pytest.mark.parametrize(("reader", "shape"), _pairs("failure"))
def test_a_malformed_reply_is_counted_and_never_a_label(reader: Reader, shape: Shape) -> None:
    outcomes = reader.outcomes(shape)
    if outcomes is None:
        pytest.skip("the format has nothing that this shape changes")
    if reader.falls_back and became(outcomes) == "open":
        (extraction,) = outcomes
        assert isinstance(extraction, Extraction)
        (rules,) = RulesExtractor().extract([ANSWER])
        assert {c.text for c in extraction.claims} <= {c.text for c in rules.claims}
        assert extraction.warnings
        return
    for outcome in outcomes:
        failure = outcome.failure if isinstance(outcome, Extraction) else outcome
        assert isinstance(failure, Failure)
        assert failure.kind in KINDS
        assert failure.item_id
        assert len(failure.reply) <= 2_000
        assert failure.reply or failure.kind == "empty_reply"


@pytest.mark.parametrize(("reader", "shape"), _pairs("open"))
def test_a_quote_that_is_nowhere_decides_nothing(reader: Reader, shape: Shape) -> None:
    outcomes = reader.outcomes(shape)
    if outcomes is None:
        pytest.skip("the format has nothing that this shape changes")
    assert became(outcomes[:1]) == "open"


@pytest.mark.parametrize(("reader", "shape"), _pairs("read"))
def test_a_well_formed_reply_in_other_dress_is_read(reader: Reader, shape: Shape) -> None:
    outcomes = reader.outcomes(shape)
    if outcomes is None:
        pytest.skip("the format has nothing that this shape changes")
    assert became(outcomes) == ("open" if reader.first else "value")
    assert outcomes != reader.outcomes(EMPTY)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_the_suite_has_sixty_shapes_for_everyone(reader: Reader) -> None:
    applicable = (s for s in SHAPES if s.outcome == "failure" and reader.outcomes(s) is not None)
    assert len(list(islice(applicable, 60))) == 60
