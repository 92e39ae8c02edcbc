"""Data for which a number is undefined give None with a reason: never 0, never an exception."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from halueval import statistics as s

UNDEFINED: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: s.ratio_estimate([], []), "rate", "no_claims"),
    (lambda: s.linearised_t_interval([], []), "rate", "no_claims"),
    (lambda: s.linearised_t_interval([1], [3]), "low", "fewer_than_two_answers"),
    (lambda: s.linearised_t_interval([0, 0], [3, 4]), "low", "no_variation"),
    (lambda: s.linearised_t_interval([1, 2], [3, 6]), "low", "no_variation"),
    (lambda: s.icc_anova([1], [3]), "value", "no_variation"),
    (lambda: s.icc_anova([3, 4], [3, 4]), "value", "no_variation"),
    (lambda: s.icc_anova([1.5, 2], [3, 4], squares=[0.75, 1]), "value", "no_variation"),
    (lambda: s.design_effect([1], [3]), "value", "fewer_than_two_answers"),
    (lambda: s.design_effect([0, 0], [3, 4]), "value", "no_variation"),
    (lambda: s.guarded_korn_graubard([], []), "rate", "no_claims"),
    (lambda: s.guarded_korn_graubard([0, 2], [0, 4]), "low", "fewer_than_two_answers"),
    (lambda: s.guarded_mean_of_answers([0], [0]), "rate", "no_claims"),
    (lambda: s.guarded_mean_of_answers([1, 0], [2, 3], ["a", "a"]), "low", "fewer_than_two_answers"),
    (lambda: s.guarded_events_per_exposure([0], [0]), "rate", "no_exposure"),
    (lambda: s.guarded_events_per_exposure([2], [5]), "high", "fewer_than_two_answers"),
    (lambda: s.wilson(0, 0), "estimate", "no_observations"),
    (lambda: s.clopper_pearson(0, 0), "estimate", "no_observations"),
    (lambda: s.zero_event_upper_bound(0), "rule_of_three", "no_observations"),
    (lambda: s.partial_identification_bounds([0], [0], [0]), "lower", "no_claims"),
    (lambda: s.partial_identification_bounds([1], [1], [4]), "se_lower", "fewer_than_two_answers"),
    (lambda: s.paired_difference([1], [2], [0], [0]), "difference", "no_shared_prompts"),
    (lambda: s.paired_difference([1], [2], [0], [3]), "low", "fewer_than_two_prompts"),
    (lambda: s.paired_difference([2, 2], [2, 2], [0, 0], [3, 3]), "p", "no_variation"),
    (lambda: s.swap_permutation_exact([], [], [], []), "p", "no_shared_prompts"),
    (lambda: s.log_rate_ratio([1], [2], [1], [2]), "ratio", "fewer_than_two_prompts"),
    (lambda: s.log_rate_ratio([1, 1], [2, 2], [0, 0], [2, 2]), "ratio", "zero_events"),
    (lambda: s.cluster_bootstrap_exact([], []), "rate", "no_claims"),
    (lambda: s.cluster_bootstrap_exact([1], [2]), "percentile_low", "fewer_than_two_answers"),
    (lambda: s.cluster_bootstrap_exact([0, 0], [2, 3]), "bca_low", "no_variation"),
    (lambda: s.factscore([], []), "factscore", "no_answers"),
    (lambda: s.factscore([0], [0]), "factscore", "no_claims"),
    (lambda: s.f1_at_k([], [], k=3), "mean", "no_answers"),
]


@pytest.mark.parametrize(("call", "number", "reason"), UNDEFINED)
def test_undefined_is_none_with_a_reason(call: Callable[[], Any], number: str, reason: str) -> None:
    found = call()
    assert getattr(found, number) is None
    assert found.reason == reason


def test_two_models_that_never_differ_have_a_p_of_one() -> None:
    assert s.paired_difference([0, 0], [3, 4], [0, 0], [5, 6]).p == 1.0
    assert s.swap_permutation_exact([0, 0], [3, 4], [0, 0], [5, 6]).p == 1.0


def test_known_ends_need_no_critical_value() -> None:
    found = s.imbens_manski(0.1, 0.2, 0, 0)
    assert (found.low, found.high, found.c) == (0.1, 0.2, None)
