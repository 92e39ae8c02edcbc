"""Subgroups: each with its own claims and groups, and what to know before picking one out."""

from __future__ import annotations

import pytest

from halueval.errors import InputError
from halueval.records import Claim, Entity, Extraction, Failure, Label, Response, Result, Span, Verdict
from halueval.report import Report
from halueval.subgroups import by

LABELS: dict[str, Label] = {"S": "supported", "R": "refuted", "N": "not_enough_info"}
PLACE = Span(0, 4)


def answered(
    name: str, labels: str, *, types: tuple[str, ...] = (), model: str | None = "m", **metadata: object
) -> Result:
    """An answer with a claim per letter, each naming an entity of each type."""
    entities = tuple(Entity("word", kind, PLACE) for kind in types)
    claims = tuple(Claim(f"{name}-{n}", name, "A claim.", entities=entities) for n in range(len(labels)))
    outcomes = tuple(
        Failure("verification", "timeout", "no reply", claim.id) if letter == "F" else Verdict(claim.id, LABELS[letter])
        for claim, letter in zip(claims, labels, strict=True)
    )
    response = Response(name, "word", prompt=name, model=model, metadata=metadata)
    return Result(response, Extraction(name, claims), outcomes)


RUN = Report(
    [
        answered("a", "RRS", types=("Drug",), theme="heart"),
        answered("b", "SS", types=("Drug", "Disease"), theme="heart"),
        answered("c", "SR", theme=["heart", "skin"]),
        answered("d", "SF", types=("Disease",), model=None),
    ]
)


@pytest.mark.parametrize(
    ("key", "counted"),
    [
        ("theme", {"heart": (3, 7), "skin": (1, 2), "not stated": (0, 1)}),
        ("model", {"m": (3, 7), "no model named": (0, 1)}),
        ("entity type", {"Drug": (2, 5), "Disease": (0, 3), "no entity": (1, 2)}),
        ("claim kind", {"plain": (3, 8)}),
    ],
)
def test_each_subgroup_has_its_own_claims(key: str, counted: dict[str, tuple[int, int]]) -> None:
    found = by(RUN, key)
    assert {row.name: (row.rate.events, row.rate.claims) for row in found.rows} == counted
    assert (found.whole.events, found.whole.claims) == (3, 8)


def test_an_answer_without_such_a_claim_is_not_of_the_subgroup_and_a_failed_claim_is_counted_in_it() -> None:
    counts = {row.name: row.counts for row in by(RUN, "entity type").rows}
    assert {name: c.responses for name, c in counts.items()} == {"Drug": 2, "Disease": 2, "no entity": 1}
    assert counts["Disease"].claims_failed == 1


def test_claims_keep_their_own_verdicts_when_they_are_split() -> None:
    claims = (
        Claim("x-0", "x", "Not so.", negated=True),
        Claim("x-1", "x", "Hello.", checkworthy=False, reason="greeting"),
        Claim("x-2", "x", "It may be so, if old.", hedged=True, condition="if old"),
    )
    verdicts = (Verdict("x-0", "supported"), Verdict("x-2", "refuted"))
    found = by(Report([Result(Response("x", "…"), Extraction("x", claims), verdicts)]), "claim kind")
    assert {row.name: row.rate.value for row in found.rows} == {"negated": 0, "hedged": 1, "with a condition": 1}


def test_what_to_know_before_picking_one_is_said() -> None:
    warnings = "; ".join(by(RUN, "theme").warnings)
    assert "3 subgroups: the chance that at least one interval misses is about 14 %" in warnings
    assert "3 of them rest on fewer than 5 groups" in warnings
    assert "may be in several" not in warnings
    assert by(Report(RUN.results, {"notes": ["cut off"]}), "theme").warnings[0] == "cut off"
    assert "may be in several" in "; ".join(by(RUN, "entity type").warnings)


@pytest.mark.parametrize("rate", ["refuted", "any_refuted", "refuted_per_1000_words"])
def test_every_form_holds_every_subgroup(rate: str) -> None:
    found = by(RUN, "theme", rate=rate)
    for form in (str(found), found.to_markdown(), found.to_html()):
        assert all(row.name in form for row in found.rows)


@pytest.mark.parametrize(
    ("key", "arguments", "said"),
    [
        ("nothing", {}, "one of 'model', 'entity type', 'claim kind', 'theme'"),
        ("theme", {"rate": "nothing"}, "one of refuted"),
        ("theme", {"level": 0.0}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_grouped_by_is_named(key: str, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        by(RUN, key, **arguments)  # type: ignore[arg-type]


def test_a_field_that_is_different_for_each_answer_is_refused() -> None:
    with pytest.raises(InputError, match="more than 200 values"):
        by(Report([answered(str(n), "S", number=n) for n in range(201)]), "number")
