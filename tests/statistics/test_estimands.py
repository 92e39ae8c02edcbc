"""Severity, one dominating answer, and what open claims leave possible."""

from __future__ import annotations

import numpy as np
import pytest

from halueval.statistics import (
    guarded_korn_graubard,
    imbens_manski,
    largest_answer,
    partial_identification_bounds,
    severity_weighted,
    wilson,
    wilson_on_effective_claims,
    worst_and_best_case,
)
from halueval.statistics.rates import Terms, VerdictTable, bounds_of_refuted, claim_shares, macro_share, micro_share

BAD, OPEN, CLAIMS = [1, 0, 3, 0, 2], [1, 2, 0, 0, 1], [12, 8, 15, 4, 11]


def test_with_one_severity_the_weighted_rate_is_the_default_times_the_weight() -> None:
    plain = guarded_korn_graubard(BAD, CLAIMS)
    for weight in (1.0, 4.0):
        found = severity_weighted([[y] for y in BAD], CLAIMS, [weight])
        expected = [weight * v for v in (plain.rate, plain.low, plain.high) if v is not None]
        assert [found.rate, found.low, found.high] == pytest.approx(expected)


def test_severities_are_weighed() -> None:
    found = severity_weighted([[1, 0, 2], [0, 1, 0]], [10, 10], [1, 3, 0])
    assert (found.rate, found.most, found.bad) == (pytest.approx(4 / 20), 3, 4)
    assert found.low is not None and found.high is not None and found.low < 4 / 20 < found.high <= 3


@pytest.mark.parametrize(
    ("bad", "claims", "weights", "said"),
    [
        ([[1, 0]], [3], [1, -1], r"weights\[1\] is -1"),
        ([[1, 0]], [3], [0, 0], "weights are all 0"),
        ([[1, 0]], [3], [1], "a column for each of 1 weights"),
        ([1, 0], [3, 3], [1], "a row per answer"),
        ([[2, -1]], [3], [1, 1], r"bad\[:, 1\]\[0\] is -1"),
        ([[2, 2]], [3], [1, 1], r"bad\[0\] is 4"),
    ],
)
def test_wrong_weights_and_counts_are_named(bad: list, claims: list, weights: list, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        severity_weighted(bad, claims, weights)


def test_the_largest_answer_is_the_one_with_most_bad_claims_then_the_longest() -> None:
    found = largest_answer([1, 0, 9, 1], [10, 0, 10, 30])
    assert (found.place, found.share_of_claims, found.share_of_bad) == (2, 10 / 50, 9 / 11)
    assert (found.rate_without, found.any_bad, found.answers) == (2 / 40, 1.0, 3)
    assert found.mean_of_answers == pytest.approx((0.1 + 0.9 + 1 / 30) / 3)
    assert largest_answer([0, 0], [3, 5]).place == 1
    assert largest_answer([1, 0, 9, 1], [10, 0, 10, 30], by="claims").place == 3


@pytest.mark.parametrize(
    ("bad", "claims", "missing", "reason"),
    [
        ([], [], "rate", "no_claims"),
        ([0], [0], "place", "no_claims"),
        ([2], [3], "rate_without", "fewer_than_two_answers"),
        ([0, 0], [3, 4], "share_of_bad", "no_bad_claims"),
    ],
)
def test_what_is_undefined_for_the_largest_answer_has_a_reason(
    bad: list[float], claims: list[float], missing: str, reason: str
) -> None:
    found = largest_answer(bad, claims)
    assert getattr(found, missing) is None
    assert found.reason == reason


def test_without_open_claims_imbens_and_manski_give_the_default_interval() -> None:
    plain = guarded_korn_graubard(BAD, CLAIMS)
    found = worst_and_best_case(BAD, [0] * 5, CLAIMS)
    assert [found.low, found.high] == pytest.approx([plain.low, plain.high])


def test_the_interval_of_the_rate_lies_in_that_of_both_ends_and_holds_them() -> None:
    found = worst_and_best_case(BAD, OPEN, CLAIMS)
    assert found.lower.low < found.low < found.lower.rate < found.upper.rate < found.high < found.upper.high


def test_no_event_leaves_an_upper_limit_above_zero() -> None:
    found = worst_and_best_case([0] * 20, [0] * 20, [10] * 20)
    assert found.low == 0
    assert found.high == pytest.approx(guarded_korn_graubard([0] * 20, [10] * 20).high)
    ends = partial_identification_bounds([0] * 20, [0] * 20, [10] * 20)
    assert imbens_manski(ends.lower, ends.upper, ends.se_lower, ends.se_upper).high == 0


@pytest.mark.parametrize(("data", "reason"), [(([], [], []), "no_claims"), (([1], [1], [3]), "fewer_than_two_answers")])
def test_undefined_cases_of_worst_and_best_have_a_reason(data: tuple[list, list, list], reason: str) -> None:
    found = worst_and_best_case(*data)
    assert (found.low, found.high, found.reason) == (None, None, reason)


def test_wilson_on_effective_claims_is_wilson_where_claims_are_independent() -> None:
    found, plain = wilson_on_effective_claims([1, 0, 0, 1], [1, 1, 1, 1]), wilson(2, 4)
    assert (found.low, found.high) != (plain.low, plain.high)  # 4 answers have a design effect of 4/3
    assert wilson_on_effective_claims([0] * 9, [4] * 9).high == pytest.approx(wilson(0, 36).high)
    clustered = wilson_on_effective_claims([9, 0, 0, 0], [10] * 4)
    assert clustered.high > wilson(9, 40).high


@pytest.mark.parametrize(("data", "reason"), [(([], []), "no_claims"), (([1], [3]), "fewer_than_two_answers")])
def test_undefined_cases_of_wilson_have_a_reason(data: tuple[list, list], reason: str) -> None:
    found = wilson_on_effective_claims(*data)
    assert (found.low, found.high, found.reason) == (None, None, reason)


def table(bad: list[float], claims: list[float], failed: list[float] | None = None) -> VerdictTable:
    y, m = np.array(bad, dtype=float), np.array(claims, dtype=float)
    zeros = np.zeros_like(y)
    return VerdictTable(
        np.stack([m - y, y, zeros, zeros], axis=1),
        zeros if failed is None else np.array(failed),
        m * 9,
        np.arange(len(y)),
    )


@pytest.mark.parametrize(
    ("bad", "claims", "warned"),
    [
        ([1] * 19 + [40], [10] * 19 + [40], True),  # one answer with two thirds of the bad claims
        ([1] * 20 + [0], [5] * 20 + [80], True),  # one long answer, all good: it hides the others' rate
        ([1] * 21, [5] * 20 + [20], False),
        ([1, 0, 2], [10, 30, 10], False),  # of three answers one is always a large share
        ([1, 0, 0, 0], [5] * 4, False),  # a single bad claim is always in one answer
    ],
)
def test_one_answer_that_decides_the_rate_is_named_with_the_numbers_to_read_beside_it(
    bad: list[float], claims: list[float], warned: bool
) -> None:
    of = table(bad, claims)
    said = [w for w in micro_share(of, claim_shares()["refuted"], Terms()).warnings if w.startswith("one response")]
    assert bool(said) is warned
    if warned:
        mean = macro_share(of, claim_shares()["refuted"], Terms()).value
        any_bad = sum(y > 0 for y in bad) / len(bad)
        assert mean is not None
        assert f"{100 * any_bad:.1f} % of responses have any, the mean over responses is {100 * mean:.1f} %" in said[0]


def test_bounds_carry_the_interval_of_the_rate_itself() -> None:
    found = bounds_of_refuted(table([1, 0, 2, 0], [8, 9, 7, 4], [2.0, 0, 3, 1]), Terms(), undecided=False)
    assert found.low < found.rate_low < found.lower.value
    assert found.upper.value < found.rate_high < found.high
