"""Risk over coverage: ties, the area and what a perfect order leaves, the risk at one coverage."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.statistics import area_under_risk_coverage, risk_at_coverage, risk_coverage

CLAIMS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1), st.integers(0, 4)), min_size=1, max_size=50)


def columns(rows: list[tuple[int, int, int]]) -> tuple[list[float], list[int], list[int]]:
    return [s / 6 for s, _, _ in rows], [e for _, e, _ in rows], [g for _, _, g in rows]


def test_ties_are_the_mean_over_all_their_orders() -> None:
    score, error = [0.9, 0.5, 0.5, 0.5, 0.1], [1, 0, 1, 0, 0]
    curves = []
    for order in permutations((1, 2, 3)):
        places = [0, *order, 4]
        curves.append(np.cumsum([error[i] for i in places]) / np.arange(1, 6))
    assert risk_coverage(score, error).risk == pytest.approx(np.mean(curves, axis=0).tolist())


@given(CLAIMS)
def test_the_curve_ends_at_the_share_of_errors_and_only_the_order_counts(rows: list[tuple[int, int, int]]) -> None:
    score, error, _ = columns(rows)
    found = risk_coverage(score, error)
    assert found.risk[-1] == pytest.approx(sum(error) / len(error)) and found.coverage[-1] == 1
    assert 0 <= found.excess <= found.aurc <= 1
    assert risk_coverage([s**3 - 5 for s in score], error) == found
    both = sorted(zip(score, error, strict=True))
    assert risk_coverage([s for s, _ in both], [e for _, e in both]).aurc == pytest.approx(found.aurc)


def test_a_perfect_order_exceeds_nothing() -> None:
    assert risk_coverage([0.9, 0.8, 0.3, 0.2], [0, 0, 1, 1]).excess == 0


def test_without_claims_nothing_is_defined() -> None:
    assert (risk_coverage([], []).aurc, risk_coverage([], []).reason) == (None, "no_claims")
    assert area_under_risk_coverage([], [], []).reason == "no claims"
    found = risk_at_coverage([], [], [], 0.5)
    assert (found.threshold, found.coverage, found.risk.value, found.risk.reason) == (None, None, None, "no claims")


@pytest.mark.parametrize(
    ("error", "groups", "reason"), [([0, 1, 0], "aaa", "fewer than two answers"), ([0, 0, 0], "abc", "no variation")]
)
def test_an_area_without_limits_says_why(error: list[int], groups: str, reason: str) -> None:
    found = area_under_risk_coverage([0.9, 0.5, 0.1], error, groups)
    assert (found.low, found.high, found.reason) == (None, None, reason)
    assert found.value is not None


def test_claims_that_err_together_widen_the_interval() -> None:
    rng = np.random.default_rng(1)
    error = np.repeat(rng.integers(0, 2, 40), 10)
    score = rng.uniform(0, 1, 400)
    together = area_under_risk_coverage(score, error, np.repeat(np.arange(40), 10))
    apart = area_under_risk_coverage(score, error, np.arange(400))
    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert together == area_under_risk_coverage(score, error, np.repeat(np.arange(40), 10))


@settings(deadline=None)
@given(CLAIMS, st.floats(0.01, 1))
def test_at_least_the_share_asked_for_is_kept_and_equals_are_kept_together(
    rows: list[tuple[int, int, int]], coverage: float
) -> None:
    score, error, groups = columns(rows)
    found = risk_at_coverage(score, error, groups, coverage)
    kept = [e for s, e in zip(score, error, strict=True) if s >= found.threshold]
    assert len(kept) / len(score) == found.coverage >= coverage - 1e-9
    assert found.risk.value == pytest.approx(sum(kept) / len(kept))
    assert sum(s > found.threshold for s in score) < coverage * len(score)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: risk_coverage([0.1], [2]), r"error\[0\] is 2"),
        (lambda: risk_coverage([float("nan")], [1]), r"confidence_score\[0\] is nan"),
        (lambda: risk_coverage([0.1], [1, 0]), "error 2"),
        (lambda: risk_at_coverage([0.1], [1], ["a"], 0), "coverage is 0"),
        (lambda: area_under_risk_coverage([0.1], [1], ["a", "b"]), "groups has 2 entries"),
        (lambda: area_under_risk_coverage([0.1], [1], ["a"], level=2), "level is 2"),
    ],
)
def test_a_wrong_argument_is_named(call: object, said: str) -> None:
    with pytest.raises(ValueError, match=f"{said}.*; wanted: "):
        call()  # type: ignore[operator]
