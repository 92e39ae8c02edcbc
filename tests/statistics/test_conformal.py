"""Thresholds keep their promise on answers to come; the shortcuts that people take do not."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.statistics import conformal_risk_control, learn_then_test

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "statistics" / "guarantees.py"
ANSWERS = st.lists(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 1)), min_size=0, max_size=6), min_size=0, max_size=25
)


def columns(rows: list[list[tuple[int, int]]]) -> tuple[list[list[float]], list[list[int]]]:
    return [[s / 10 for s, _ in row] for row in rows], [[b for _, b in row] for row in rows]


@pytest.fixture(scope="module")
def guarantees() -> ModuleType:
    spec = importlib.util.spec_from_file_location("guarantees", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["guarantees"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


@settings(deadline=None)
@given(ANSWERS, st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.5]), st.sampled_from(["bad_share", "any_bad"]))
def test_the_threshold_is_the_smallest_that_the_definition_allows(
    rows: list[list[tuple[int, int]]], alpha: float, loss: str
) -> None:
    scores, bad = columns(rows)
    found = conformal_risk_control(scores, bad, alpha=alpha, loss=loss)  # type: ignore[arg-type]
    full = [(s, b) for s, b in zip(scores, bad, strict=True) if s]
    n = len(full)
    assert (found.units, found.answers_without_claims) == (n, len(rows) - n)

    def mean(t: float) -> float:
        losses = [[y for v, y in zip(s, b, strict=True) if v > t] for s, b in full]
        each = [
            sum(k) / len(s) if loss == "bad_share" else float(any(k)) for k, (s, _) in zip(losses, full, strict=True)
        ]
        return sum(each) / n

    grid = sorted({0.0, *(v for s, _ in full for v in s)})
    allowed = [t for t in grid if n and n / (n + 1) * mean(t) + 1 / (n + 1) <= alpha + 1e-9]
    assert found.threshold == (min(allowed) if allowed else None)
    if not allowed:
        assert found.reason == "too_few_calibration_answers"


@settings(deadline=None)
@given(ANSWERS, st.randoms())
def test_neither_order_counts_nor_answers_without_claims(rows: list[list[tuple[int, int]]], random: object) -> None:
    before = [f(*columns(rows), alpha=0.4).threshold for f in (conformal_risk_control, learn_then_test)]
    mixed = [[], *rows, []]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert [f(*columns(mixed), alpha=0.4).threshold for f in (conformal_risk_control, learn_then_test)] == before


def test_answers_to_one_prompt_are_one_unit() -> None:
    scores, bad = [[0.9, 0.2]] * 40, [[0, 1]] * 40
    assert conformal_risk_control(scores, bad, alpha=0.1).units == 40
    few = conformal_risk_control(scores, bad, alpha=0.1, groups=[i % 5 for i in range(40)])
    assert (few.units, few.threshold, few.reason) == (5, None, "too_few_calibration_answers")


def test_a_stricter_promise_keeps_less() -> None:
    rng = np.random.default_rng(1)
    scores = [rng.uniform(0, 1, 8) for _ in range(300)]
    bad = [(rng.uniform(0, 1, 8) > s).astype(int) for s in scores]
    for method in (conformal_risk_control, learn_then_test):
        found = [method(scores, bad, alpha=alpha) for alpha in (0.05, 0.1, 0.2, 0.3)]
        kept = [f.kept for f in found]
        assert kept == sorted(kept) and kept[0] < kept[-1]
        assert all(f.mean_loss <= f.alpha for f in found)


def test_the_bad_share_of_the_kept_is_for_learn_then_test_alone() -> None:
    scores, bad = [[0.95, 0.9, 0.1]] * 80, [[0, 0, 1]] * 80
    assert learn_then_test(scores, bad, alpha=0.1, loss="bad_share_of_kept").threshold == 0.1
    with pytest.raises(ValueError, match="fall as the threshold rises"):
        conformal_risk_control(scores, bad, alpha=0.1, loss="bad_share_of_kept")


def test_claims_that_are_not_sorted_into_answers_are_refused() -> None:
    for method in (conformal_risk_control, learn_then_test):
        with pytest.raises(ValueError, match="claims of one answer are not exchangeable"):
            method([0.9, 0.2], [0, 1], alpha=0.1)  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("scores", "bad", "extra", "said"),
    [
        ([[0.5]], [[0]], {"alpha": 0}, "alpha is 0"),
        ([[0.5]], [[0]], {"alpha": 0.1, "delta": 1}, "delta is 1"),
        ([[0.5]], [[0]], {"alpha": 0.1, "loss": "mine"}, "loss is 'mine'"),
        ([[0.5]], [[0]], {"alpha": 0.1, "grid": []}, "grid is empty"),
        ([[0.5]], [[0]], {"alpha": 0.1, "groups": ["a", "b"]}, "groups has 2 entries"),
        ([[1.5]], [[0]], {"alpha": 0.1}, r"scores\[0\] is 1.5"),
        ([[0.5]], [[2]], {"alpha": 0.1}, r"bad\[0\] is 2"),
        ([[0.5, 0.1]], [[0]], {"alpha": 0.1}, r"scores\[0\] has 2 claims and bad\[0\] 1"),
        ([[0.5], [0.1]], [[0]], {"alpha": 0.1}, "scores has 2 answers and bad 1"),
    ],
)
def test_a_wrong_argument_is_named(
    scores: list[list[float]], bad: list[list[int]], extra: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=f"{said}.*; wanted: "):
        learn_then_test(scores, bad, **extra)  # type: ignore[arg-type]


def test_no_threshold_passes_where_the_strictest_of_the_grid_loses_too_much() -> None:
    found = learn_then_test([[0.9, 0.8]] * 100, [[1, 1]] * 100, alpha=0.1, grid=[0.1, 0.5])
    assert (found.threshold, found.reason) == (None, "no_threshold_passed")


def test_promises_hold_for_answers_to_come_and_shortcuts_break_them(guarantees: ModuleType) -> None:
    rng = np.random.default_rng(11)
    draws, alpha, delta = 500, 0.1, 0.1
    everyone = guarantees.population(0.5, rng)
    cells = {name: v for name, (v, _) in guarantees.risks(everyone, 30, alpha, delta, draws, rng).items()}
    error = {name: 3 * values.std() / np.sqrt(draws) for name, values in cells.items()}
    assert cells["conformal"].mean() <= alpha + error["conformal"]
    assert (cells["learn-test"] > alpha).mean() <= delta
    # the negative controls: a threshold read off the same answers, and claims taken for exchangeable
    assert cells["uncorrected"].mean() > alpha and (cells["uncorrected"] > alpha).mean() > 0.4
    assert cells["claims crc"].mean() > alpha and (cells["claims ltt"] > alpha).mean() > 2 * delta
