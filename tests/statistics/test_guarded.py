"""The default interval: what it reduces to, what it never does, and that it covers."""

from __future__ import annotations

import numpy as np
import pytest

from halueval.statistics import (
    PRIOR_ICC,
    clopper_pearson,
    guarded_events_per_exposure,
    guarded_korn_graubard,
    guarded_mean_of_answers,
    linearised_t_interval,
    swap_permutation_exact,
)

BAD, CLAIMS = [1, 0, 3, 0, 2, 0, 0, 5], [12, 8, 15, 4, 11, 20, 6, 14]


def test_claims_that_count_whole_are_the_unweighted_case() -> None:
    plain = guarded_korn_graubard(BAD, CLAIMS)
    squared = guarded_korn_graubard(BAD, CLAIMS, squares=BAD)
    assert (squared.low, squared.high) == pytest.approx((plain.low, plain.high), abs=1e-12)


def test_answers_of_equal_length_have_one_interval_pooled_and_averaged() -> None:
    pooled = guarded_korn_graubard([1, 0, 3, 2, 0], [10] * 5)
    mean = guarded_mean_of_answers([1, 0, 3, 2, 0], [10] * 5)
    assert (mean.rate, mean.low, mean.high) == pytest.approx((pooled.rate, pooled.low, pooled.high), abs=1e-12)


def test_groups_are_what_counts_not_answers() -> None:
    apart = guarded_mean_of_answers([1, 0, 3, 2], [4, 4, 4, 4])
    together = guarded_mean_of_answers([1, 0, 3, 2], [4, 4, 4, 4], ["p", "p", "q", "q"])
    assert together.rate == apart.rate
    assert (together.answers, apart.answers) == (2, 4)
    assert together.low is not None and apart.low is not None and together.low < apart.low


def test_claims_that_count_in_part_vary_less_than_whole_ones_of_the_same_mean() -> None:
    halves = guarded_korn_graubard([2, 3, 1.5, 2.5] * 10, [10] * 40, squares=[1, 1.5, 0.75, 1.25] * 10)
    wholes = guarded_korn_graubard([2, 3, 1.5, 2.5] * 10, [10] * 40)
    assert halves.rate == wholes.rate
    assert halves.spread < 1
    assert halves.low > wholes.low and halves.high < wholes.high  # type: ignore[operator]


def test_a_stronger_prior_widens_where_few_claims_are_bad() -> None:
    highs = [
        guarded_korn_graubard([0] * 20, [10] * 20, prior_icc=prior).high or 0.0 for prior in (0, 0.1, PRIOR_ICC, 0.5)
    ]
    assert highs == sorted(highs) and len(set(highs)) == 4


def test_a_heavier_prior_counts_for_more() -> None:
    found = [guarded_korn_graubard(BAD, CLAIMS, prior_icc=0.5, prior_weight=weight) for weight in (0, 5, 50)]
    assert [f.rho_tilde for f in found] == sorted(f.rho_tilde or 0 for f in found)
    assert found[0].rho_tilde == pytest.approx(found[0].icc)
    assert found[2].high > found[0].high  # type: ignore[operator]


def test_without_a_prior_one_claim_answers_are_never_narrower_than_the_exact_binomial() -> None:
    exact = clopper_pearson(3, 10)
    found = guarded_korn_graubard([0, 1, 0, 0, 1, 0, 0, 0, 0, 1], [1] * 10)
    assert found.low < exact.low and found.high > exact.high  # type: ignore[operator]


@pytest.mark.parametrize("events", [[0] * 6, [4] * 6])
def test_an_interval_is_never_a_point(events: list[int]) -> None:
    for found in (guarded_korn_graubard(events, [4] * 6), guarded_mean_of_answers(events, [4] * 6)):
        assert found.low is not None and found.high is not None
        assert (found.low == 0) != (found.high == 1)
        assert found.high - found.low > 0.1
    per = guarded_events_per_exposure(events, [1] * 6)
    assert per.low is not None and per.high is not None and per.high - per.low > 0.1


# answers, rate, ICC; the shared evidence gives .9647, .9688 and .9623 for the default in these cells
CELLS = [(20, 0.2, 0.2), (50, 0.05, 0.2), (200, 0.02, 0.2)]


@pytest.mark.parametrize(("answers", "rate", "icc"), CELLS)
def test_the_default_covers_where_the_textbook_interval_does_not(answers: int, rate: float, icc: float) -> None:
    random = np.random.default_rng(7)
    replications, strength = 1000, (1 - icc) / icc
    held = textbook = 0
    for _ in range(replications):
        claims = 1 + random.negative_binomial(2.14, 2.14 / 13.14, answers)
        bad = random.binomial(claims, random.beta(rate * strength, (1 - rate) * strength, answers))
        found, plain = guarded_korn_graubard(bad, claims), linearised_t_interval(bad, claims)
        held += found.low <= rate <= found.high  # type: ignore[operator]
        textbook += plain.low is not None and plain.low <= rate <= plain.high  # type: ignore[operator]
    assert held / replications >= 0.94
    assert textbook < held


def test_drawn_swaps_agree_with_the_listed_ones_and_repeat_with_their_seed() -> None:
    random = np.random.default_rng(3)
    claims = random.integers(5, 15, (2, 15))
    bad = random.binomial(claims, 0.2)
    listed = swap_permutation_exact(bad[0], claims[0], bad[1], claims[1])
    # a sixteenth prompt on which the models agree changes nothing but the way p is found
    longer = [np.append(row, value) for row, value in ((bad[0], 0), (claims[0], 1), (bad[1], 0), (claims[1], 1))]
    drawn = swap_permutation_exact(*longer, seed=5)
    assert listed.permutations == 2**15 and drawn.permutations == 9999
    assert drawn.p == pytest.approx(listed.p, abs=0.03)
    assert drawn == swap_permutation_exact(*longer, seed=5)
