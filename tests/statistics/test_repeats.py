"""Repeats: the parts of the variance are found apart, and what cannot be told says so."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from halueval.statistics import linearised_t_interval, repeats


def _run(
    random: np.random.Generator, prompts: int, runs: int, parts: tuple[float, float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of 1,000 claims whose standard deviations are the three parts', around .5."""
    of_prompt, of_run, rest = (
        part * random.normal(size=shape)
        for part, shape in zip(parts, ((prompts, 1), (1, runs), (prompts, runs)), strict=True)
    )
    return 1000 * np.clip(0.5 + of_prompt + of_run + rest, 0, 1), np.full((prompts, runs), 1000.0)


@pytest.mark.parametrize("parts", [(0.1, 0.0, 0.05), (0.0, 0.0, 0.1), (0.05, 0.05, 0.05), (0.1, 0.02, 0.01)])
def test_each_part_of_the_variance_is_found(parts: tuple[float, float, float]) -> None:
    random = np.random.default_rng(3)
    found = [repeats(*_run(random, 40, 8, parts)) for _ in range(60)]
    for name, wanted in zip(("between_prompts", "between_runs", "within"), parts, strict=True):
        mean = np.sqrt(np.mean([getattr(one, name) ** 2 for one in found]))
        assert mean == pytest.approx(wanted, rel=0.12, abs=0.015), name


def test_the_rerun_interval_holds_the_rate_of_another_set_of_runs() -> None:
    random, held = np.random.default_rng(8), 0
    for _ in range(400):
        chance = random.beta(1, 9, (30, 1))
        claims = random.integers(4, 16, (30, 6))
        bad = random.binomial(claims, np.broadcast_to(chance, (30, 6)))
        found, again = (repeats(bad[:, half], claims[:, half]) for half in (slice(0, 3), slice(3, 6)))
        held += found.rerun_low <= again.rate <= found.rerun_high  # type: ignore[operator]
    assert held / 400 >= 0.93


def test_a_run_that_is_off_is_noticed_and_equal_runs_are_not() -> None:
    random = np.random.default_rng(5)
    usual = [repeats(*_run(random, 30, 4, (0.1, 0.0, 0.05))).run_p for _ in range(200)]
    assert np.mean([p <= 0.05 for p in usual if p is not None]) == pytest.approx(0.05, abs=0.04)
    bad, claims = _run(random, 30, 4, (0.1, 0.0, 0.05))
    bad[:, 2] += 100
    found = repeats(np.minimum(bad, claims), claims)
    assert found.run_p is not None and found.run_p < 1e-6
    assert found.between_runs is not None and found.between_runs > 0.03


def test_without_run_effects_the_error_is_that_of_the_prompts_sums() -> None:
    bad, claims = _run(np.random.default_rng(9), 25, 3, (0.1, 0.0, 0.03))
    found = repeats(bad, claims)
    sums = linearised_t_interval(bad.sum(axis=1), claims.sum(axis=1))
    assert found.rate == pytest.approx(sums.rate)
    assert found.standard_error == pytest.approx(sums.standard_error, rel=0.02)
    assert found.error_with(25, 3) == pytest.approx(found.standard_error)
    assert found.error_with(25, 6) < found.error_with(25, 3) < found.error_with(12, 3)  # type: ignore[operator]
    assert found.share_of_prompts is not None and 0.9 < found.share_of_prompts <= 1


def test_order_of_prompts_and_runs_changes_nothing() -> None:
    random = np.random.default_rng(6)
    claims = random.integers(1, 15, (12, 4))
    bad = random.binomial(claims, 0.3)
    first, second = repeats(bad, claims), repeats(bad[::-1, ::-1], claims[::-1, ::-1])
    assert second.run_rates == pytest.approx(first.run_rates[::-1])
    for name in ("rate", "between_prompts", "between_runs", "within", "standard_error", "run_p"):
        assert getattr(second, name) == pytest.approx(getattr(first, name), abs=1e-12)


def test_a_prompt_with_a_failed_answer_is_left_out_and_counted_and_one_without_claims_stays() -> None:
    bad = [[1.0, 2.0], [0.0, np.nan], [0.0, 1.0], [2.0, 0.0]]
    claims = [[5.0, 6.0], [4.0, np.nan], [0.0, 3.0], [9.0, 8.0]]
    found = repeats(bad, claims)
    assert (found.prompts, found.prompts_left_out, found.rate) == (3, 1, 6 / 31)
    assert "1 prompts left out" in str(found)


@pytest.mark.parametrize(
    ("bad", "claims", "reason"),
    [
        ([[0, 0]], [[0, 0]], "no_claims"),
        ([[np.nan, 0]], [[np.nan, 3]], "no_claims"),
        ([[1, 2]], [[4, 4]], "fewer_than_two_prompts"),
        ([[1], [2]], [[4], [4]], "fewer_than_two_runs"),
        ([[0, 0], [0, 0]], [[4, 5], [6, 7]], "no_variation"),
    ],
)
def test_undefined_is_none_with_a_reason(bad: list[list[float]], claims: list[list[float]], reason: str) -> None:
    found = repeats(bad, claims)
    assert (found.reason, found.within, found.standard_error, found.share_of_prompts) == (reason, None, None, None)
    assert found.error_with(10, 10) is None
    assert (found.rate is None) == (reason == "no_claims")
    assert reason in str(found)


@pytest.mark.parametrize(
    ("bad", "claims", "said"),
    [
        ([1, 2], [3, 4], "prompts in rows, runs in columns"),
        ([[1, 2]], [[3, 4, 5]], "prompts in rows, runs in columns"),
        ([[4, 2]], [[3, 4]], "more bad claims than claims"),
        ([[-1, 2]], [[3, 4]], "negative"),
    ],
)
def test_wrong_arguments_are_named(bad: list[float], claims: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        repeats(bad, claims)
    with pytest.raises(ValueError, match="prompts is 0"):
        repeats([[1, 0], [1, 1]], [[3, 3], [4, 4]]).error_with(0, 1)
