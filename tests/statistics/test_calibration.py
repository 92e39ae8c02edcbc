"""Scores of probabilities and what makes them better: definitions, laws, undefined cases, intervals that hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from halueval.statistics import (
    calibration_estimates,
    calibration_scores,
    cross_calibrated,
    isotonic_calibration,
    scaled,
    temperature_scaling,
)

CLAIMS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 1), st.integers(0, 5)), min_size=1, max_size=60)


def columns(rows: list[tuple[int, int, int]]) -> tuple[list[float], list[int], list[int]]:
    return [p / 20 for p, _, _ in rows], [y for _, y, _ in rows], [g for _, _, g in rows]


def clustered(answers: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calibrated probabilities, though the claims of an answer err together."""
    size = 1 + rng.negative_binomial(2, 0.2, answers)
    group = np.repeat(np.arange(answers), size)
    shift = np.repeat(rng.uniform(0, 1, answers), size)
    p = np.clip(0.2 + 0.6 * shift, 0, 1).round(2)
    return p, (rng.uniform(0, 1, len(p)) < p).astype(float), group


@given(CLAIMS, st.integers(1, 12), st.booleans())
def test_the_brier_score_is_the_sum_of_its_parts(rows: list[tuple[int, int, int]], bins: int, mass: bool) -> None:
    p, y, _ = columns(rows)
    found = calibration_scores(p, y, bins=bins, equal_mass=mass)
    assert found.brier == pytest.approx(
        found.reliability - found.resolution + found.uncertainty + found.within, abs=1e-12
    )
    # Jensen: the squared error of the bins' means is at least the square of their mean error
    assert found.reliability >= found.ece**2 - 1e-12
    assert found.bins_used <= min(bins, len(set(p)))


@given(CLAIMS)
def test_one_bin_per_probability_leaves_nothing_within(rows: list[tuple[int, int, int]]) -> None:
    p, y, _ = columns(rows)
    assert calibration_scores([0.9 * v for v in p], y, bins=1000).within == pytest.approx(0, abs=1e-12)


@given(CLAIMS, st.randoms())
def test_order_does_not_count_and_the_opposite_event_scores_the_same(
    rows: list[tuple[int, int, int]], random: object
) -> None:
    p, y, _ = columns(rows)
    found, turned = calibration_scores(p, y), calibration_scores([1 - v for v in p], [1 - v for v in y])
    assert turned.brier == pytest.approx(found.brier)
    assert (turned.auroc is None and found.auroc is None) or turned.auroc == pytest.approx(found.auroc)
    shuffled = list(zip(p, y, strict=True))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = calibration_scores([v for v, _ in shuffled], [v for _, v in shuffled])
    assert (again.ece, again.brier) == (pytest.approx(found.ece), pytest.approx(found.brier))


@pytest.mark.parametrize(
    ("probability", "bins", "used"),
    [([0.29, 0.295], 100, 1), ([0.28, 0.29], 100, 2), ([0.3, 0.29], 10, 2), ([1.0, 0.95], 10, 1)],
)
def test_a_decimal_probability_lies_in_the_bin_that_it_begins(probability: list[float], bins: int, used: int) -> None:
    assert calibration_scores(probability, [0, 1], bins=bins).bins_used == used


def test_bins_of_equal_mass_keep_equal_probabilities_together() -> None:
    p = [0.1] * 7 + [0.2, 0.3, 0.9]
    found = calibration_estimates(p, [0] * 9 + [1], list(range(10)), bins=3, equal_mass=True)
    assert [b.observed.claims for b in found.bins] == [7, 3]
    assert (found.bins[0].low, found.bins[0].high, found.bins[1].high) == (0.1, 0.1, 0.9)


def test_without_claims_nothing_is_defined_and_nothing_is_raised() -> None:
    found = calibration_estimates([], [], [])
    assert (found.ece.value, found.brier.value, found.auroc.value, found.bins) == (None, None, None, ())
    assert calibration_scores([], []).reason == found.ece.reason.replace(" ", "_") == "no_claims"


def test_one_group_has_values_and_no_limits() -> None:
    found = calibration_estimates([0.1, 0.8, 0.4], [0, 1, 1], ["a"] * 3)
    for estimate in (found.ece, found.brier, found.auroc):
        assert estimate.value is not None and estimate.low is None and estimate.high is None
        assert estimate.reason == "fewer than two answers"


def test_a_perfect_order_has_no_limits_because_nothing_varies() -> None:
    found = calibration_estimates([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], list("abab")).auroc
    assert (found.value, found.low, found.reason) == (1.0, None, "no variation")


@settings(deadline=None, max_examples=40)
@given(CLAIMS.filter(lambda rows: len({g for _, _, g in rows}) > 1))
def test_limits_hold_the_value_and_the_same_seed_gives_the_same_limits(rows: list[tuple[int, int, int]]) -> None:
    p, y, g = columns(rows)
    found = calibration_estimates(p, y, g)
    for e in (found.ece, found.brier, found.auroc):
        if e.low is not None:
            assert 0 <= e.low <= e.value <= e.high <= 1
    assert calibration_estimates(p, y, g) == found


def test_calibrated_probabilities_are_hardly_ever_called_miscalibrated() -> None:
    rng = np.random.default_rng(4)
    lows = [calibration_estimates(*clustered(40, rng)).ece.low for _ in range(150)]
    assert np.mean([low > 0 for low in lows]) <= 0.05


def test_probabilities_that_are_far_too_sure_are_found_out() -> None:
    rng = np.random.default_rng(5)
    p, y, g = clustered(60, rng)
    assert calibration_estimates(np.where(p > 0.5, 0.99, 0.01), y, g).ece.low > 0.05


def test_a_bin_without_events_is_not_taken_for_certain() -> None:
    found = calibration_estimates([0.05] * 40, [0] * 40, [i // 4 for i in range(40)])
    assert found.ece.low == 0.0 and found.ece.high > 0.1


# temperature


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(-5, 5), st.integers(0, 1)), min_size=2, max_size=40),
    st.floats(0.2, 5, exclude_min=True),
)
def test_temperature_is_of_the_size_of_the_logits(rows: list[tuple[float, int]], size: float) -> None:
    logits, y = [z for z, _ in rows], [v for _, v in rows]
    found, larger = temperature_scaling(logits, y), temperature_scaling([size * z for z in logits], y)
    assert (found.temperature is None) == (larger.temperature is None)
    if found.temperature is not None:
        if found.temperature < 1e3:  # beyond, the optimum is flat
            assert larger.temperature == pytest.approx(size * found.temperature, rel=1e-5)
        assert found.nll <= found.nll_before + 1e-12


@pytest.mark.parametrize(
    ("logits", "outcome", "reason"),
    [
        ([], [], "no_claims"),
        ([-3.0, -1.0, 2.0], [0, 0, 1], "separable"),
        ([-3.0, 0.0, 2.0], [0, 1, 1], "separable"),
        ([3.0, -1.0], [0, 1], "uninformative"),
        ([1.0, -1.0, 1.0, -1.0], [1, 1, 0, 0], "uninformative"),
        ([0.0, 0.0], [0, 1], "uninformative"),
        ([[1.0, 0.0, -1.0], [0.0, 2.0, 1.0]], [0, 1], "separable"),
        ([1e300, -1e300], [1, 0], "separable"),
        ([1.0, -5e-324], [1, 1], "separable"),
        ([1.0, -1e-16], [1, 1], "separable"),
    ],
)
def test_no_temperature_where_none_is_best(logits: list[float], outcome: list[int], reason: str) -> None:
    found = temperature_scaling(logits, outcome)
    assert (found.temperature, found.nll, found.reason) == (None, None, reason)


def test_one_logit_is_a_row_of_two() -> None:
    logits, y = [2.2, -1.4, 3.1, 0.4, -2.6, 1.1, -0.3], [1, 0, 1, 0, 0, 1, 1]
    assert temperature_scaling([[0.0, z] for z in logits], y) == temperature_scaling(logits, y)


def test_the_temperature_that_made_the_logits_lies_within_its_limits() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(100), 10)
    logits = rng.normal(0, 2, 1000)
    y = (rng.uniform(0, 1, 1000) < expit(logits)).astype(int)
    found = temperature_scaling(3 * logits, y, group)
    assert found.low < 3 < found.high and found.low < found.temperature < found.high
    assert temperature_scaling(3 * logits, y).low is None
    assert temperature_scaling(3 * logits, y, np.zeros(1000, dtype=int)).low is None


# isotonic regression


@settings(deadline=None, max_examples=60)
@given(CLAIMS.filter(lambda rows: len({y for _, y, _ in rows}) == 2))
def test_isotonic_regression_is_that_of_scikit_learn(rows: list[tuple[int, int, int]]) -> None:
    from sklearn.isotonic import IsotonicRegression

    p, y, _ = columns(rows)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(p, y)
    asked = [k / 40 for k in range(41)]
    ours = isotonic_calibration(p, y).apply(asked)
    assert ours.tolist() == pytest.approx(theirs.predict(asked).tolist(), abs=1e-9)
    assert (np.diff(ours) >= -1e-12).all()


@pytest.mark.parametrize(("outcome", "reason"), [([], "no_claims"), ([1, 1, 1], "one_class")])
def test_no_steps_without_both_outcomes(outcome: list[int], reason: str) -> None:
    found = isotonic_calibration([0.1, 0.5, 0.9][: len(outcome)], outcome)
    assert (found.probability, found.reason) == ((), reason)
    with pytest.raises(ValueError, match=reason):
        found.apply([0.5])


@pytest.mark.parametrize("isotonic", [False, True])
def test_no_claim_is_calibrated_by_its_own_group(isotonic: bool) -> None:
    rng = np.random.default_rng(2)
    p, y, g = clustered(12, rng)
    before = cross_calibrated(p, y, g, isotonic=isotonic, folds=12)
    y[g == 3] = 1 - y[g == 3]
    after = cross_calibrated(p, y, g, isotonic=isotonic, folds=12)
    assert after[g == 3].tolist() == before[g == 3].tolist()
    assert after[g != 3].tolist() != before[g != 3].tolist()


@pytest.mark.parametrize("isotonic", [False, True])
def test_cross_calibration_mends_probabilities_that_are_too_sure(isotonic: bool) -> None:
    rng = np.random.default_rng(3)
    p, y, g = clustered(150, rng)
    sure = scaled(p, 0.3)
    mended = cross_calibrated(sure, y, g, isotonic=isotonic)
    assert calibration_scores(mended, y).ece < calibration_scores(sure, y).ece / 2


def test_a_single_group_is_left_as_it_is() -> None:
    assert cross_calibrated([0.2, 0.7], [0, 1], ["a", "a"]).tolist() == [0.2, 0.7]
