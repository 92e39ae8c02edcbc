"""The corrected rate: right on average, honest about labels, never one model's for another's."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from halueval.errors import InputError
from halueval.labelling import Correction, Draw, Labels, correct, labels_to_draw, read_labels
from halueval.records import Result
from halueval.report import Report

Make = Callable[..., Result]


def labelled(run: list[Result], draw: Draw, bad: Callable[[str], bool], word: str = "refuted") -> Labels:
    by_item = {c.item: c.claim_id for c in draw.claims}
    rows = [r.cells() | {"label": word if bad(by_item[r.item]) else "supported"} for r in draw.rows]
    return read_labels(run, rows)


def half_right(claim_id: str) -> bool:
    """Half of the refuted claims are bad, and every eighth answer's second claim: (20 + 5) / 200."""
    answer, number = int(claim_id[1:].split("-")[0]), int(claim_id.split("-")[1])
    return (number == 0 and answer % 2 == 0) or (number == 1 and answer % 8 == 0)


def test_the_corrected_rate_is_right_on_average_and_the_naive_one_is_not(run: list[Result]) -> None:
    found = [
        correct(run, labelled(run, draw, half_right)).overall
        for draw in (labels_to_draw(run, 60, seed=seed) for seed in range(40))
    ]
    mean = sum(part.corrected.value or 0 for part in found) / len(found)
    assert abs(mean - 0.125) < 0.015
    assert all(part.naive.value == 0.2 for part in found)
    assert all(part.labels_only.value == pytest.approx(part.corrected.value) for part in found)
    assert sum((p.corrected.low or 0) <= 0.125 <= (p.corrected.high or 0) for p in found) >= 38


def test_all_labels_and_a_perfect_verifier_leave_the_rate_as_it_is(run: list[Result]) -> None:
    draw = labels_to_draw(run, 200)
    part = correct(run, labelled(run, draw, lambda claim: claim.endswith("-0"))).overall
    assert part.corrected.value == pytest.approx(0.2) and part.labels == 200


def test_a_report_and_its_results_give_the_same(run: list[Result]) -> None:
    labels = labelled(run, labels_to_draw(Report(run), 60), half_right)
    assert correct(Report(run), labels).to_dict() == correct(run, labels).to_dict()


def test_it_says_when_the_verifier_adds_nothing(run: list[Result]) -> None:
    found = correct(run, labelled(run, labels_to_draw(run, 60), lambda claim: hash_of(claim) % 5 == 0))
    assert any("the verifier adds" in warning for warning in found.overall.corrected.warnings)
    assert "the verifier adds" in str(found)


def hash_of(claim_id: str) -> int:
    return sum(ord(c) * (i + 3) for i, c in enumerate(claim_id))


def test_open_labels_count_as_not_refuted_and_the_other_end_stands_beside(run: list[Result]) -> None:
    found = correct(run, labelled(run, labels_to_draw(run, 60), lambda c: c.endswith("-0"), "unsure")).overall
    assert found.corrected.value == 0 and found.open_labels == 20
    assert found.if_open_refuted is not None and found.if_open_refuted.value == pytest.approx(0.2)


@pytest.fixture(scope="module")
def two(make: Make) -> list[Result]:
    """Two models on the same prompts; the verifier flags the same of both."""
    return [
        make(f"{model}{i}", ("refuted", "supported", "supported"), model, group=f"g{i}")
        for model in "ab"
        for i in range(40)
    ]


def test_each_model_is_corrected_by_its_own_labels(two: list[Result]) -> None:
    draw = labels_to_draw(two, 80)
    found = correct(two, labelled(two, draw, lambda c: c.startswith("a") and c.endswith("-0")))
    assert found.by_model["a"].corrected.value == pytest.approx(1 / 3)
    assert found.by_model["b"].corrected.value == 0
    assert found.overall.corrected.value == pytest.approx(1 / 6)


def test_a_model_without_labels_has_no_corrected_rate_unless_pooling_is_forced(two: list[Result]) -> None:
    draw = labels_to_draw(two, 80)
    rows = {r.item: r.cells() for r in draw.rows}
    own = [rows[c.item] | {"label": "refuted" if c.flagged else "supported"} for c in draw.claims if c.model == "a"]
    labels = read_labels(two, own)
    alone = correct(two, labels)
    assert alone.by_model["b"].corrected.value is None and "no labelled claim" in alone.by_model["b"].corrected.reason
    assert alone.overall.corrected.value is None
    pooled = correct(two, labels, pool_labels="the verifier is a lookup")
    assert pooled.by_model["b"].corrected.value == pytest.approx(1 / 3)
    assert any("the verifier is a lookup" in w for w in pooled.by_model["b"].corrected.warnings)


def test_labels_drawn_by_verdict_are_refused_for_methods_that_need_a_random_draw(run: list[Result]) -> None:
    labels = labelled(run, labels_to_draw(run, 60), half_right)
    with pytest.raises(InputError, match="drawn by verdict"):
        correct(run, labels, method="rogan_gladen")


def test_labels_of_another_run_are_refused(run: list[Result], two: list[Result]) -> None:
    labels = labelled(run, labels_to_draw(run, 60), half_right)
    with pytest.raises(InputError, match="another run"):
        correct(two, labels)


def test_the_level_is_that_of_every_interval(run: list[Result]) -> None:
    found = correct(run, labelled(run, labels_to_draw(run, 60), half_right), level=0.8).overall
    assert {e.level for _, e in found.rows} == {0.8}


def test_it_prints_the_three_rates_and_goes_to_json_and_a_notebook(run: list[Result]) -> None:
    found: Correction = correct(run, labelled(run, labels_to_draw(run, 60), half_right))
    text, page = str(found), found._repr_html_()
    for name in ("corrected", "verifier alone (naive)", "labels only"):
        assert name in text and name in page
    assert "agreement of the verifier" in text and page.count("<table>") == 1
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["overall"]["naive"]["value"] == 0.2


def test_hostile_names_of_models_are_printed_harmless(make: Make) -> None:
    results = [make(f"r{i}", ("refuted", "supported"), f"<b>\x1b[31m{i % 2}") for i in range(40)]
    found = correct(results, labelled(results, labels_to_draw(results, 40), lambda c: c.endswith("-0")))
    assert "<b>" not in found._repr_html_() and "\x1b" not in str(found) + found._repr_html_()
