"""Planning: the laws of sample sizes, a pilot's numbers, and that planned power is the power one gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from halueval.statistics import (
    detectable_difference,
    guarded_korn_graubard,
    labels_for_width,
    labels_two_phase,
    paired_difference,
    pilot,
    power_to_detect,
    prompts_to_detect,
    wilson,
)

RATES = st.floats(0.01, 0.5)


@given(RATES, RATES, st.floats(1, 30), st.floats(0, 0.8), st.floats(-0.5, 0.9))
def test_prompts_and_power_are_two_sides_of_one_formula(
    first: float, second: float, claims: float, icc: float, correlation: float
) -> None:
    assume(abs(first - second) > 0.01)
    found = prompts_to_detect(first, second, claims, claims + 3, icc, correlation)
    assert found == prompts_to_detect(second, first, claims, claims + 3, icc, correlation)
    assert found.prompts is not None and found.unrounded is not None
    assert 0 <= found.prompts - found.unrounded < 1 or found.prompts == 1
    reached = power_to_detect(found.prompts, first, second, claims, claims + 3, icc, correlation)
    assert reached is not None and reached >= 0.8 - 1e-9
    if found.prompts > 1:
        short = power_to_detect(found.prompts - 1, first, second, claims, claims + 3, icc, correlation)
        assert short is not None and short < 0.8 + 1e-3


@pytest.mark.parametrize(
    ("more", "changed"),
    [
        ("icc", {"icc": 0.4}),
        ("longest answers", {"m_a": 30}),
        ("power", {"power": 0.95}),
        ("certainty", {"alpha": 0.01}),
        ("shorter answers", {"mean_claims": 6}),
        ("different prompts", {"pair_correlation": 0.0}),
    ],
)
def test_what_asks_for_more_prompts(more: str, changed: dict[str, float]) -> None:
    usual = {"mean_claims": 12.0, "m_a": 18.0, "icc": 0.2, "pair_correlation": 0.3}
    base, harder = (prompts_to_detect(0.1, 0.06, **{**usual, **c}).prompts for c in ({}, changed))
    assert base is not None and harder is not None and harder > base


def test_equal_rates_are_never_told_apart() -> None:
    found = prompts_to_detect(0.1, 0.1, 12)
    assert (found.prompts, found.unrounded, found.reason) == (None, None, "equal_rates")
    assert power_to_detect(100, 0.1, 0.1, 12) == pytest.approx(0.05)
    assert power_to_detect(100, 0.0, 1.0, 12) is None


def test_the_detectable_difference_needs_just_so_many_prompts_and_may_not_exist() -> None:
    found = detectable_difference(200, 0.1, 12, 18)
    assert found is not None
    assert prompts_to_detect(0.1, 0.1 - found, 12, 18).unrounded == pytest.approx(200, rel=1e-6)
    assert detectable_difference(3, 0.01, 12, 18) is None
    assert detectable_difference(100, 0.0, 12, 18) is None


def test_a_pilot_gives_the_mean_length_the_guarded_icc_and_a_cautious_correlation() -> None:
    bad, claims = [2, 0, 1, 4, 0, 0, 3, 0], [10, 7, 12, 9, 15, 8, 11, 6]
    alone = pilot([*bad, 0], [*claims, 0])
    guard = guarded_korn_graubard(bad, claims)
    assert (alone.rate_1, alone.m_a, alone.icc, alone.prompts) == pytest.approx(
        (guard.rate, sum(c * c for c in claims) / sum(claims), guard.rho_tilde, 8)
    )
    assert (alone.rate_2, alone.pair_correlation) == (None, 0.0)
    twice = pilot(bad, claims, bad, claims)  # a model beside itself: correlation 1, believed less
    assert twice.rate_2 == twice.rate_1 and 0.5 < twice.pair_correlation < 1
    opposed = pilot(bad, [10] * 8, [4 - b for b in bad], [10] * 8)
    assert opposed.pair_correlation == pytest.approx(-1)
    assert pilot(bad[:3], claims[:3], bad[:3], claims[:3]).pair_correlation == 0.0


def test_a_pilot_without_data_says_so() -> None:
    assert pilot([0], [0]).reason == "no_claims"
    found = pilot([0, 1], [0, 2], [1, 0], [2, 0])
    assert (found.rate_1, found.reason) == (None, "no_shared_prompts")
    assert str(found) == "no plan can be read off the pilot (no_shared_prompts)"


@given(st.floats(0, 1), st.floats(0.005, 0.6))
def test_one_label_fewer_is_too_few(rate: float, half: float) -> None:
    assume(half < 1)
    labels = labels_for_width(rate, half).labels
    assert labels is not None

    def width(n: int) -> float:
        found = wilson(rate * n, n)
        return found.high - found.low  # type: ignore[operator]

    assert width(labels) <= 2 * half
    assert labels == 1 or width(labels - 1) > 2 * half


def test_labels_go_where_they_tell_most() -> None:
    found = labels_two_phase(0.15, 0.6, 0.02, 0.02)
    swapped = labels_two_phase(0.85, 0.02, 0.6, 0.02)
    assert found.share_flagged is not None and swapped.share_flagged is not None
    assert (swapped.labels, swapped.share_flagged) == (found.labels, pytest.approx(1 - found.share_flagged))
    # a verifier that tells nothing apart saves nothing: the labels of a simple sample, in proportion
    blind = labels_two_phase(0.3, 0.2, 0.2, 0.05)
    assert blind.labels == np.ceil(1.959963984540054**2 * 0.16 / 0.05**2)
    assert blind.share_flagged == pytest.approx(0.3)
    perfect = labels_two_phase(0.3, 1.0, 0.0, 0.05)
    assert (perfect.labels, perfect.reason) == (None, "no_variation")


def test_planned_power_is_the_power_one_gets() -> None:
    random, rates, icc = np.random.default_rng(11), (0.3, 0.22), 0.1
    strength, size = (1 - icc) / icc, 8
    plan = prompts_to_detect(*rates, size, size, icc, power=0.9)
    assert plan.prompts is not None
    claims, found = np.full(plan.prompts, size), 0
    for _ in range(800):
        bad = [random.binomial(size, random.beta(r * strength, (1 - r) * strength, plan.prompts)) for r in rates]
        p = paired_difference(bad[0], claims, bad[1], claims).p
        found += p is not None and p <= 0.05
    assert found / 800 == pytest.approx(0.9, abs=0.035)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: prompts_to_detect(1.2, 0.1, 12), "rate_1 is 1.2"),
        (lambda: prompts_to_detect(0.2, 0.1, 0), "mean_claims is 0"),
        (lambda: prompts_to_detect(0.2, 0.1, 12, 0.5), "m_a is 0.5"),
        (lambda: prompts_to_detect(0.2, 0.1, 12, icc=-0.1), "icc is -0.1"),
        (lambda: prompts_to_detect(0.2, 0.1, 12, pair_correlation=1.1), "pair_correlation is 1.1"),
        (lambda: prompts_to_detect(0.2, 0.1, 12, alpha=0), "alpha is 0"),
        (lambda: prompts_to_detect(0.2, 0.1, 12, power=80), "power is 80"),
        (lambda: power_to_detect(0, 0.2, 0.1, 12), "prompts is 0"),
        (lambda: pilot([1], [2], [1]), "go together"),
        (lambda: labels_for_width(0.1, 0), "half_width is 0"),
        (lambda: labels_for_width(0.1, 0.1, level=95), "level is 95"),
        (lambda: labels_two_phase(1.5, 0.1, 0.1, 0.05), "weight_flagged is 1.5"),
    ],
)
def test_wrong_arguments_are_named(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
