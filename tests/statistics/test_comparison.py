"""Two models on the same prompts: the laws of the comparison, and how often its tests reject."""

from __future__ import annotations

import importlib.util
from itertools import product
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.statistics import (
    any_event_comparison,
    compare_two,
    log_rate_ratio,
    mcnemar,
    paired_difference,
    swap_permutation_exact,
)

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "statistics" / "type1.py"
ANSWER = st.integers(0, 12).flatmap(lambda claims: st.tuples(st.integers(0, claims), st.just(claims)))
PROMPTS = st.lists(st.tuples(ANSWER, ANSWER), min_size=1, max_size=9)
Four = tuple[list[int], list[int], list[int], list[int]]


def _four(prompts: list[tuple[tuple[int, int], tuple[int, int]]]) -> Four:
    return (
        [a[0] for a, _ in prompts],
        [a[1] for a, _ in prompts],
        [b[0] for _, b in prompts],
        [b[1] for _, b in prompts],
    )


@pytest.fixture(scope="module")
def type1() -> ModuleType:
    spec = importlib.util.spec_from_file_location("type1", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@settings(deadline=None)
@given(PROMPTS, st.randoms())
def test_relabelling_models_flips_signs_and_order_of_prompts_changes_nothing(
    prompts: list[tuple[tuple[int, int], tuple[int, int]]], order: object
) -> None:
    ya, ma, yb, mb = _four(prompts)
    mixed = list(prompts)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    yc, mc, yd, md = _four(mixed)
    first, second = paired_difference(ya, ma, yb, mb), paired_difference(yd, md, yc, mc)
    assert second.reason == first.reason and second.p == pytest.approx(first.p)
    for name, mirrored in (("difference", "difference"), ("low", "high"), ("high", "low")):
        one, other = getattr(first, name), getattr(second, mirrored)
        assert (one is None) == (other is None)
        assert one is None or other == pytest.approx(-one, abs=1e-12)
    assert swap_permutation_exact(ya, ma, yb, mb).p == swap_permutation_exact(yd, md, yc, mc).p
    ratio, turned = log_rate_ratio(ya, ma, yb, mb), log_rate_ratio(yd, md, yc, mc)
    if ratio.ratio is not None and turned.ratio is not None:
        assert turned.ratio == pytest.approx(1 / ratio.ratio)


@settings(deadline=None, max_examples=50)
@given(PROMPTS)
def test_the_swap_test_is_the_list_of_all_swaps(prompts: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    found = swap_permutation_exact(*_four(prompts))
    shared = [(a, b) for a, b in prompts if a[1] and b[1]]
    if not shared:
        assert found.p is None
        return
    differences = []
    for swapped in product((False, True), repeat=len(shared)):
        sides = [(b, a) if turn else (a, b) for (a, b), turn in zip(shared, swapped, strict=True)]
        rates = [sum(pair[side][0] for pair in sides) / sum(pair[side][1] for pair in sides) for side in (0, 1)]
        differences.append(abs(rates[0] - rates[1]))
    extreme = sum(d >= differences[0] - 1e-12 for d in differences)
    assert (found.extreme, found.permutations) == (extreme, 2 ** len(shared))
    assert found.p == extreme / 2 ** len(shared)


def test_fifteen_prompts_are_listed_and_sixteen_drawn() -> None:
    bad, claims = [1, 0] * 8, [5] * 16
    assert swap_permutation_exact(bad[:15], claims[:15], bad[:15], claims[:15]).permutations == 2**15
    assert swap_permutation_exact(bad, claims, bad, claims, draws=99).permutations == 99


def test_the_swap_test_errs_as_often_as_it_says_and_pooled_claims_do_not(type1: ModuleType) -> None:
    found = type1.rejections((20, 0.2, 0.2), 1, 1200, 1, 5)
    assert 0.035 <= found["swap"] <= 0.065
    assert 0.13 <= found["pooled_z"] <= 0.24
    assert found["unpaired_t"] <= 0.035


def test_pairing_finds_what_unpaired_tests_miss(type1: ModuleType) -> None:
    found = type1.rejections((50, 0.2, 0.2), 1.5, 200, 1, 5)
    assert found["swap"] > found["unpaired_t"] + 0.1
    assert found["swap"] > found["mcnemar_mid"]


def test_longer_answers_make_mcnemar_reject_equal_rates_and_not_the_swap_test(type1: ModuleType) -> None:
    random = np.random.default_rng(2)
    rejected, warned, swap = 0, 0, 0
    for seed in range(60):
        (ya, ma), (yb, mb) = type1.drawn(random, 200, (0.05, 0.05), 0.05, 2.0)
        found = any_event_comparison(ya, ma, yb, mb)
        rejected += found.mid_p is not None and found.mid_p <= 0.05
        warned += "the first claims 2." in found.warning or "the first claims 1.9" in found.warning
        swap += swap_permutation_exact(ya, ma, yb, mb, draws=199, seed=seed).p <= 0.05  # type: ignore[operator]
    assert rejected >= 30 and warned >= 50 and swap <= 10


def test_any_bad_claim_stands_beside_the_claims_per_answer() -> None:
    found = any_event_comparison([2, 0, 1, 0], [8, 7, 9, 0], [0, 0, 1, 1], [9, 7, 8, 4])
    assert (found.prompts, found.a_only, found.b_only, found.share_a, found.share_b) == (3, 1, 0, 2 / 3, 1 / 3)
    assert (found.claims_per_answer_a, found.claims_per_answer_b, found.warning) == (8, 8, "")
    assert found.mid_p == mcnemar(1, 0).mid_p
    assert "8.0 and 8.0 claims per answer" in str(found)
    none = any_event_comparison([0], [0], [1], [2])
    assert (none.share_a, none.reason) == (None, "no_shared_prompts")
    assert str(none) == "any bad claim: cannot be compared (no_shared_prompts)"
    assert any_event_comparison([1], [5], [1], [10]).warning.startswith("the second claims 2.0 times")


@pytest.mark.parametrize("margin", [0.01, 0.05, 0.1])
def test_non_inferior_is_where_the_upper_limit_lies_below_the_margin(margin: float) -> None:
    random = np.random.default_rng(4)
    for _ in range(20):
        claims = random.integers(5, 15, (2, 30))
        bad = random.binomial(claims, 0.1)
        found = paired_difference(bad[0], claims[0], bad[1], claims[1], level=0.9, margin=margin)
        assert found.non_inferiority_p is not None and found.high is not None
        assert (found.non_inferiority_p < 0.05) == (found.high < margin)


def test_a_comparison_names_its_margin_and_warns_where_bad_claims_are_few() -> None:
    random = np.random.default_rng(4)
    claims = np.full((2, 40), 10)
    many, few = random.binomial(claims, 0.2), random.binomial(claims, 0.03)
    found = compare_two(("a", "b"), many[0], claims[0], many[1], claims[1], margin=0.1)
    assert "worse by 10 points or more: p = " in str(found) and found.warnings == ()
    assert found.any_event is not None and found.any_event.prompts == 40
    short = compare_two(("a", "b"), few[0], claims[0], few[1], claims[1], margin=0.1)
    assert "warning: fewer than 50 bad claims" in str(short)
    assert compare_two(("a", "b"), few[0], claims[0], few[1], claims[1]).warnings == ()
