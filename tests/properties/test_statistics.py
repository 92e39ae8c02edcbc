"""Laws of the functions on numbers: what may not move them, what narrows them, and what is undefined says so."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from halueval import statistics as s

Answers = list[tuple[int, int]]  # bad claims, claims

counted = st.lists(st.integers(0, 30).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))), max_size=15)
some = counted.filter(lambda answers: sum(m > 0 for _, m in answers) > 1)


def bootstrapped(bad: Sequence[float], claims: Sequence[float]) -> s.Bootstrap:
    return s.cluster_bootstrap(bad, claims, resamples=300, seed=4)


def weighed(bad: Sequence[float], claims: Sequence[float]) -> Any:
    return s.severity_weighted([[y // 2, y - y // 2] for y in bad], claims, [1, 3])


def open_ones(bad: Sequence[float], claims: Sequence[float]) -> Any:
    return s.worst_and_best_case(bad, [(m - y) // 2 for y, m in zip(bad, claims, strict=True)], claims)


ALL: dict[str, Callable[[Sequence[float], Sequence[float]], Any]] = {
    "ratio": s.ratio_estimate,
    "guarded": s.guarded_korn_graubard,
    "guarded mean": s.guarded_mean_of_answers,
    "linearised t": s.linearised_t_interval,
    "Wilson": s.wilson_on_effective_claims,
    "bootstrap": bootstrapped,
    "severity": weighed,
    "worst and best": open_ones,
    "largest": s.largest_answer,
    "icc": s.icc_anova,
    "design effect": s.design_effect,
}
INTERVALS = ("guarded", "guarded mean", "linearised t", "Wilson", "severity", "worst and best")


def split(answers: Answers) -> tuple[list[int], list[int]]:
    return [y for y, _ in answers], [m for _, m in answers]


def numbers(found: Any) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in asdict(found).items():
        flat |= {f"{name}.{k}": v for k, v in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def same(one: Any, other: Any, leaving_out: str = "place") -> None:
    first, second = numbers(one), numbers(other)
    for name, value in first.items():
        if name == leaving_out:
            continue
        if isinstance(value, float):
            assert second[name] == pytest.approx(value, rel=1e-7, abs=1e-9), name
        else:
            assert second[name] == value, name


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(ALL)), counted, st.randoms(use_true_random=False))
def test_the_order_of_groups_does_not_matter(name: str, answers: Answers, shuffler: random.Random) -> None:
    mixed = list(answers)
    shuffler.shuffle(mixed)
    same(ALL[name](*split(answers)), ALL[name](*split(mixed)))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(set(ALL) - {"ratio"})), counted, st.integers(1, 4))
def test_answers_without_claims_move_nothing(name: str, answers: Answers, number: int) -> None:
    # an answer that failed, abstained or claimed nothing arrives here as one without claims
    same(ALL[name](*split(answers)), ALL[name](*split(answers + [(0, 0)] * number)))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(INTERVALS), some)
def test_every_group_twice_moves_no_rate_and_narrows_the_interval(name: str, answers: Answers) -> None:
    once, twice = ALL[name](*split(answers)), ALL[name](*split(answers + answers))
    rates = ("estimate", "rate") if name != "worst and best" else ("lower", "upper")
    for rate in rates:
        first, second = getattr(once, rate, None), getattr(twice, rate, None)
        assert getattr(second, "rate", second) == pytest.approx(getattr(first, "rate", first))
    if once.low is not None:
        assert twice.high - twice.low <= once.high - once.low + 1e-9
        assert once.low - 1e-9 <= twice.low and twice.high <= once.high + 1e-9 or name in ("linearised t", "Wilson")


@settings(max_examples=40, deadline=None)
@given(some)
def test_every_group_twice_narrows_the_bootstrap(answers: Answers) -> None:
    once, twice = bootstrapped(*split(answers)), bootstrapped(*split(answers + answers))
    assert twice.value == pytest.approx(once.value)
    if once.standard_error is not None:
        assert twice.standard_error is not None and twice.standard_error < once.standard_error


@settings(max_examples=60, deadline=None)
@given(counted, st.floats(0.5, 0.99))
def test_bootstrap_limits_of_a_share_are_in_order_and_between_0_and_1(answers: Answers, level: float) -> None:
    found = s.cluster_bootstrap(*split(answers), level=level, resamples=200)
    for kind in ("percentile", "bca", "studentised"):
        low, high = getattr(found, f"{kind}_low"), getattr(found, f"{kind}_high")
        assert (low is None) == (high is None)
        if low is None:
            assert found.reason
        else:
            assert 0 <= low <= high <= 1


@settings(max_examples=60, deadline=None)
@given(counted, st.floats(0.5, 0.9), st.floats(0.01, 0.09))
def test_a_higher_level_is_never_narrower(answers: Answers, level: float, more: float) -> None:
    narrow, wide = (s.cluster_bootstrap(*split(answers), level=at, resamples=200) for at in (level, level + more))
    if narrow.percentile_low is not None and wide.percentile_low is not None:
        assert wide.percentile_low <= narrow.percentile_low and wide.percentile_high >= narrow.percentile_high  # type: ignore[operator]


@settings(max_examples=30, deadline=None)
@given(some, some, st.integers(0, 5))
def test_changing_the_models_round_turns_the_difference_round(one: Answers, other: Answers, seed: int) -> None:
    shared = min(len(one), len(other))
    rows = [[*a, *b] for a, b in zip(one[:shared], other[:shared], strict=True) if a[1] and b[1]]
    assume(len(rows) > 1)
    turned = [[*row[2:], *row[:2]] for row in rows]
    (ab,) = s.bootstrap_statistics(rows, difference, resamples=4000, seed=seed)
    (ba,) = s.bootstrap_statistics(turned, difference, resamples=4000, seed=seed)
    assert ab.value == -ba.value  # type: ignore[operator]
    if ab.standard_error is not None:
        # the sorted rows differ, so the drawn groups do: equal up to the error of 4,000 resamples
        assert ba.standard_error == pytest.approx(ab.standard_error, rel=0.15)
    paired = s.paired_difference(*zip(*rows, strict=True)), s.paired_difference(*zip(*turned, strict=True))
    assert paired[0].difference == pytest.approx(-paired[1].difference)  # type: ignore[operator]
    if paired[0].low is not None:
        assert paired[0].low == pytest.approx(-paired[1].high)  # type: ignore[operator]


def difference(sums: Any) -> Any:
    return sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3]


CONSTANT = {
    "nothing": [],
    "no claims": [(0, 0), (0, 0)],
    "one answer": [(2, 5)],
    "one claim": [(1, 1)],
    "all good": [(0, 4), (0, 9), (0, 1)],
    "all bad": [(4, 4), (9, 9), (1, 1)],
    "one claim each": [(0, 1), (1, 1), (0, 1)],
    "all alike": [(1, 4)] * 40,
    "two alike": [(1, 4), (2, 8)],
}


@pytest.mark.parametrize("case", CONSTANT)
@pytest.mark.parametrize("name", ALL)
def test_empty_and_constant_inputs_are_defined_or_say_why_not(name: str, case: str) -> None:
    found = ALL[name](*split(CONSTANT[case]))
    values = numbers(found)
    assert all(isfinite(v) for v in values.values() if isinstance(v, float))
    limits = [k for k in values if k in ("rate", "value", "estimate", "low", "high", "percentile_low", "bca_low")]
    if any(values[k] is None for k in limits):
        assert found.reason
    for low, high in (("low", "high"), ("percentile_low", "percentile_high")):
        if values.get(low) is not None:
            assert values[low] < values[high]  # never an interval without width


@settings(max_examples=60, deadline=None)
@given(some, st.data())
def test_the_interval_of_the_rate_lies_within_the_ends_of_open_claims(answers: Answers, data: st.DataObject) -> None:
    left = [data.draw(st.integers(0, m - y)) for y, m in answers]
    found = s.worst_and_best_case(split(answers)[0], left, split(answers)[1])
    assert found.lower.rate <= found.upper.rate + 1e-12  # type: ignore[operator]
    assert found.lower.low - 1e-9 <= found.low <= found.lower.rate + 1e-9  # type: ignore[operator]
    assert found.upper.rate - 1e-9 <= found.high <= found.upper.high + 1e-9  # type: ignore[operator]


@settings(max_examples=60, deadline=None)
@given(counted.filter(len))
def test_published_scores_stay_between_0_and_1_and_a_penalty_only_lowers(answers: Answers) -> None:
    supported, claims = split(answers)
    found = s.factscore(supported, claims)
    if found.factscore is not None and found.without_penalty is not None:
        assert 0 <= found.factscore <= found.without_penalty <= 1 + 1e-12
        assert s.factscore(supported, claims, gamma=0).factscore == pytest.approx(found.without_penalty)
    f1 = s.f1_at_k(supported, [m - y for y, m in answers], k=5)
    assert all(0 <= score <= 1 for score in f1.per_answer)
    easier = s.f1_at_k(supported, [m - y for y, m in answers], k=2)
    assert f1.mean is not None and easier.mean is not None and f1.mean <= easier.mean + 1e-12
