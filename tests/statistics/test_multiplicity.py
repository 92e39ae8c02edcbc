"""Several models at once: Holm, max-T bands, rank sets, and their laws."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.statistics import compare_several, holm, max_t_bands, paired_difference, rank_sets

P_VALUES = st.lists(st.floats(0, 1) | st.none(), max_size=12)


@given(P_VALUES, st.randoms())
def test_holm_is_monotone_no_smaller_than_p_no_larger_than_bonferroni_and_blind_to_order(
    p: list[float | None], order: object
) -> None:
    found = holm(p)
    known = [(q, a) for q, a in zip(p, found, strict=True) if q is not None and a is not None]
    assert [q is None for q in p] == [a is None for a in found]
    assert all(q <= a <= min(1, len(known) * q) + 1e-15 for q, a in known)
    ordered = [a for _, a in sorted(known)]
    assert ordered == sorted(ordered)
    places = list(range(len(p)))
    order.shuffle(places)  # type: ignore[attr-defined]
    assert holm([p[i] for i in places]) == pytest.approx([found[i] for i in places])


def test_a_pair_that_could_not_be_compared_is_no_comparison() -> None:
    assert holm([0.02, None, 0.03]) == [0.04, None, 0.04]
    assert holm([]) == []


RESIDUALS = np.random.default_rng(2).normal(size=(9, 4))


def test_bands_hold_their_estimates_and_the_pointwise_critical_value_is_smaller() -> None:
    found = max_t_bands([0.1, -0.2, 0.0, 3.0], RESIDUALS)
    assert found.flips == 2**9 and found.prompts == 9
    for value, low, high in zip([0.1, -0.2, 0.0, 3.0], found.low, found.high, strict=True):
        assert low is not None and high is not None and low < value < high
    alone = max_t_bands([0.1], RESIDUALS[:, :1])
    assert alone.critical_value is not None and found.critical_value is not None
    assert alone.critical_value < found.critical_value


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=4, max_size=4), st.permutations(range(9)))
def test_turning_an_estimate_round_turns_its_band_round(signs: list[bool], order: list[int]) -> None:
    values, turn = np.array([0.1, -0.2, 0.3, 1.0]), np.where(signs, 1, -1)
    first = max_t_bands(values, RESIDUALS)
    second = max_t_bands(values * turn, (RESIDUALS * turn)[order])
    assert second.critical_value == pytest.approx(first.critical_value)
    assert second.adjusted_p == pytest.approx(first.adjusted_p)
    for n, kept in enumerate(signs):
        ends = (first.low[n], first.high[n]) if kept else (-first.high[n], -first.low[n])  # type: ignore[operator]
        assert (second.low[n], second.high[n]) == pytest.approx(ends)


def test_drawn_flips_repeat_with_their_seed() -> None:
    residuals = np.random.default_rng(4).normal(size=(40, 3))
    found = max_t_bands([0.1, 0.2, 0.3], residuals, seed=3, draws=500)
    assert found == max_t_bands([0.1, 0.2, 0.3], residuals, seed=3, draws=500)
    assert found.flips == 500


def test_studentised_bands_of_one_estimate_are_the_t_interval_and_hold_at_few_prompts() -> None:
    random = np.random.default_rng(6)
    held = {True: 0, False: 0}
    for seed in range(300):
        sample = random.normal(size=(16, 5))
        for studentised in held:
            found = max_t_bands(sample.mean(axis=0), sample, seed=seed, draws=400, studentised=studentised)
            held[studentised] += all(
                low <= 0 <= high  # type: ignore[operator]
                for low, high in zip(found.low, found.high, strict=True)
            )
    assert held[True] / 300 >= 0.93 > 0.9 > held[False] / 300
    residuals = random.normal(size=(60, 1))
    alone = max_t_bands([0.1], residuals, draws=20_000, studentised=True)
    assert alone.critical_value == pytest.approx(2.001, abs=0.04)  # t with 59 degrees of freedom


def test_where_the_flips_have_no_quantile_there_are_no_bands() -> None:
    found = max_t_bands([0.3], [[1.0], [-1.0], [1.0], [-1.0]], studentised=True, level=0.99)
    assert (found.low, found.high, found.reason) == ((None,), (None,), "too_few_prompts")
    assert found.adjusted_p[0] is not None


def test_an_estimate_that_never_varies_has_no_band_and_leaves_the_others_alone() -> None:
    found = max_t_bands([0.3, 0.5], np.column_stack([RESIDUALS[:, 0], np.zeros(9)]))
    alone = max_t_bands([0.3], RESIDUALS[:, :1])
    assert (found.low[0], found.adjusted_p[0]) == (alone.low[0], alone.adjusted_p[0])
    assert (found.low[1], found.high[1], found.adjusted_p[1]) == (None, None, None)
    assert max_t_bands([0.5], np.zeros((5, 1))).reason == "no_variation"
    assert max_t_bands([0.5], [[1.0]]).reason == "fewer_than_two_prompts"


def test_bands_that_leave_everything_open_rank_nobody_and_clear_ones_rank_all() -> None:
    assert rank_sets([-1, -1, -1], [1, 1, 1], models=3) == ((1, 3),) * 3
    assert rank_sets([None] * 3, [None] * 3, models=3) == ((1, 3),) * 3
    assert rank_sets([0.1, 0.2, 0.1], [0.2, 0.3, 0.2], models=3) == ((3, 3), (2, 2), (1, 1))
    assert rank_sets([-0.1], [0.0], models=2) == ((1, 2), (1, 2))
    assert rank_sets([], [], models=1) == ((1, 1),)


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=6), st.floats(0.001, 0.5))
def test_the_true_ranks_lie_in_the_sets_whenever_the_bands_hold(rates: list[float], half: float) -> None:
    random = np.random.default_rng(1)
    pairs = [rates[i] - rates[j] for i, j in combinations(range(len(rates)), 2)]
    moved = [d + random.uniform(-half, half) for d in pairs]
    found = rank_sets([d - half for d in moved], [d + half for d in moved], len(rates))
    for model, (best, worst) in enumerate(found):
        below = sum(r < rates[model] for r in rates)
        equal = sum(r == rates[model] for r in rates)
        assert best <= below + equal and below + 1 <= worst


def _counts(models: int, prompts: int, seed: int = 1) -> tuple[list[list[float]], list[list[float]]]:
    random = np.random.default_rng(seed)
    claims = random.integers(4, 15, (models, prompts))
    bad = random.binomial(claims, np.linspace(0.05, 0.4, models)[:, None])
    return bad.tolist(), claims.tolist()


def test_several_models_are_all_pairs_with_holm_bands_and_ranks() -> None:
    bad, claims = _counts(4, 30)
    found = compare_several("abcd", bad, claims, margin=0.05)
    assert [(pair.a, pair.b) for pair in found.pairs] == list(combinations("abcd", 2))
    assert [pair.holm_p for pair in found.pairs] == holm([pair.p for pair in found.pairs])
    own = paired_difference(bad[0], claims[0], bad[3], claims[3], margin=0.05)
    last = found.pairs[2]
    assert (last.difference, last.low, last.non_inferiority_p) == (own.difference, own.low, own.non_inferiority_p)
    assert last.band_low is not None and last.low is not None and last.band_low < last.low
    assert found.ranks[0][1] < found.ranks[3][0]
    assert "a: " in str(found) and "after Holm" in str(found)


def test_bands_are_of_prompts_that_all_answered_and_pairs_of_those_that_both_did() -> None:
    bad, claims = _counts(3, 12)
    bad[2][:5], claims[2][:5] = [0] * 5, [0] * 5
    found = compare_several("abc", bad, claims)
    assert found.prompts == 7
    assert [pair.prompts for pair in found.pairs] == [12, 7, 7]
    claims[0][1:], bad[0][1:] = [0] * 11, [0] * 11
    none = compare_several("abc", bad, claims)
    assert none.reason == "fewer_than_two_prompts" and none.ranks == ((1, 3),) * 3
    assert "no simultaneous bands" in str(none)


def test_another_order_of_models_turns_signs_and_moves_ranks_along() -> None:
    bad, claims = _counts(3, 14)
    first, second = compare_several("abc", bad, claims), compare_several("cba", bad[::-1], claims[::-1])
    assert second.ranks == first.ranks[::-1]
    one, other = first.pairs[1], second.pairs[1]
    assert (other.difference, other.p) == pytest.approx((-one.difference, one.p))  # type: ignore[operator]
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))  # type: ignore[operator]
    assert other.band_low == pytest.approx(-one.band_high)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: holm([0.1, 1.2]), r"p\[1\] is 1.2"),
        (lambda: max_t_bands([0.1, 0.2], [[1.0], [2.0]]), r"residuals are of shape \(2, 1\)"),
        (lambda: max_t_bands([0.1], [[1.0], [float("nan")]]), "not all finite"),
        (lambda: max_t_bands([0.1], [[1.0], [2.0]], draws=0), "draws is 0"),
        (lambda: max_t_bands([0.1], [[1.0], [2.0]], level=1), "level is 1"),
        (lambda: rank_sets([0.1], [0.2], models=3), "wanted: 3, one per pair"),
        (lambda: compare_several(["a"], [[1]], [[2]]), "at least 2"),
        (lambda: compare_several("ab", [[1], [1, 1]], [[2], [2, 2]]), r"claims have \[1, 2\] entries"),
        (lambda: compare_several("ab", [[3], [1]], [[2], [2]]), r"bad\[0\] is 3"),
    ],
)
def test_wrong_arguments_are_named(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
