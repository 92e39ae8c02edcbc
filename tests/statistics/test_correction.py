"""A corrected rate: what it is, what moves it and what must not, when there is none, what it refuses and says."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from halueval.statistics import (
    corrected_rate,
    corrected_rates,
    label_design_effect,
    ppi_plus_plus_groups,
    ppi_plus_plus_mean,
    rogan_gladen,
    two_phase_mover_wilson,
    two_phase_strata,
    wilson,
)

NAN = math.nan


@dataclass(frozen=True)
class Run:
    """Claims with verdict, group and label."""

    verdict: list[int]
    group: list[str]
    label: list[float]

    def rate(self, **terms: Any) -> Any:
        return corrected_rate(self.verdict, self.group, self.label, **terms)

    def rows(self, order: list[int]) -> Run:
        return Run(*([values[n] for n in order] for values in (self.verdict, self.group, self.label)))  # type: ignore[arg-type]


def simulated(
    seed: int, *, answers: int = 60, sensitivity: float = 0.9, specificity: float = 0.95, share: float = 0.3
) -> Run:
    """Answers of one to twelve claims, a fifth of them bad; about that share of each verdict is labelled."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 13, answers)
    group = np.repeat(np.arange(answers), sizes)
    bad = random.random(len(group)) < np.repeat(random.beta(1, 4, answers), sizes)
    verdict = np.where(bad, random.random(len(group)) < sensitivity, random.random(len(group)) > specificity)
    label = np.where(random.random(len(group)) < share, bad.astype(float), NAN)
    return Run(verdict.astype(int).tolist(), [f"p{g}" for g in group], label.tolist())


@st.composite
def runs(draw: st.DrawFn) -> Run:
    claim = st.tuples(st.integers(0, 1), st.sampled_from("abcdef"), st.sampled_from([0.0, 1.0, NAN, NAN]))
    claims = draw(st.lists(claim, min_size=1, max_size=40))
    return Run(*(list(values) for values in zip(*claims, strict=True)))  # type: ignore[arg-type]


def same(a: Any, b: Any) -> None:
    assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), abs=1e-12, nan_ok=True)
    assert (a.reason, a.claims, a.groups) == (b.reason, b.claims, b.groups)


# laws


@given(runs(), st.floats(0.5, 0.99), st.sampled_from([0.0, 0.2, 0.7]))
@settings(max_examples=150, deadline=None)
def test_limits_are_shares_around_the_rate_or_there_is_a_reason(run: Run, level: float, within_icc: float) -> None:
    found = run.rate(level=level, within_icc=within_icc)
    if found.value is None or found.low is None:
        assert found.reason and found.low is None and found.high is None
    else:
        assert 0 <= found.low <= found.value <= found.high <= 1


@given(runs(), st.randoms(use_true_random=False))
@settings(max_examples=75, deadline=None)
def test_neither_order_nor_names_matter(run: Run, random: Any) -> None:
    order = list(range(len(run.verdict)))
    random.shuffle(order)
    moved = run.rows(order)
    same(run.rate(), moved.rate())
    same(run.rate(), Run(moved.verdict, [f"prompt {g}" for g in moved.group], moved.label).rate())


@given(runs())
@settings(max_examples=75, deadline=None)
def test_good_and_bad_are_mirror_images(run: Run) -> None:
    """Verdicts and labels turned round give one minus the rate and its limits."""
    turned = Run([1 - v for v in run.verdict], run.group, [1 - x for x in run.label])
    found, other = run.rate(), turned.rate()
    assume(found.low is not None)
    assert (other.value, other.low, other.high) == pytest.approx(
        (1 - found.value, 1 - found.high, 1 - found.low), abs=1e-9
    )


@given(runs())
@settings(max_examples=75, deadline=None)
def test_which_verdict_is_called_bad_does_not_move_a_corrected_rate(run: Run) -> None:
    same(run.rate(), Run([1 - v for v in run.verdict], run.group, run.label).rate())


def test_more_of_the_same_narrows_and_does_not_move() -> None:
    run = simulated(1)
    twice = Run(run.verdict * 2, run.group + [f"{g}'" for g in run.group], run.label * 2)
    once, more = run.rate(), twice.rate()
    assert more.value == pytest.approx(once.value)
    assert more.high - more.low < once.high - once.low


def test_the_guard_only_widens_and_a_higher_level_too() -> None:
    run = simulated(2)
    plain, guarded, stronger = (run.rate(within_icc=icc) for icc in (0, 0.2, 0.5))
    assert plain.value == guarded.value == stronger.value
    assert stronger.low <= guarded.low <= plain.low and plain.high <= guarded.high <= stronger.high
    assert run.rate(level=0.8).high < guarded.high < run.rate(level=0.99).high


def test_claims_are_counted_to_what_the_counts_give() -> None:
    run = simulated(3)
    verdict, label = np.array(run.verdict), np.array(run.label)
    names = sorted(set(run.group))

    def per_group(kept: np.ndarray[Any, Any]) -> list[int]:
        return [sum(k and g == name for k, g in zip(kept, run.group, strict=True)) for name in names]

    strata = {"flagged": verdict == 1, "unflagged": verdict == 0}
    labels = {name: per_group(kept & ~np.isnan(label)) for name, kept in strata.items()}
    bad = {name: per_group(kept & (label == 1)) for name, kept in strata.items()}
    found = two_phase_mover_wilson(
        per_group(verdict == 1),
        per_group(verdict >= 0),
        {name: sum(n) for name, n in labels.items()},
        {name: sum(n) for name, n in bad.items()},
        label_design_effect={n: label_design_effect(labels[n], bad[n]).label_design_effect or 1 for n in strata},
    )
    rate = run.rate()
    assert (rate.value, rate.low, rate.high) == pytest.approx((found.rate, found.low, found.high), abs=1e-12)
    assert rate.claims == len(run.verdict) and rate.groups == len(names)


def test_all_claims_labelled_gives_their_own_rate() -> None:
    run = simulated(4, share=1.1)
    assert run.rate().value == pytest.approx(np.mean(run.label))


def test_finer_strata_are_weighted_by_their_own_share() -> None:
    found = corrected_rate(
        [1, 1, 0, 0, 0, 0, 0, 0],
        list("abcdabcd"),
        [1, 1, 1, NAN, 0, NAN, 0, NAN],
        stratum=["refuted", "refuted", "open", "open", "supported", "supported", "supported", "supported"],
    )
    assert found.value == pytest.approx(2 / 8 + 2 / 8)
    assert "labels: 2 of 2 refuted bad, 1 of 1 open bad, 0 of 2 supported bad" in found.method


def test_one_stratum_in_independent_answers_is_wilson() -> None:
    found, reference = two_phase_strata([[1] * 30], [30], [4]), wilson(4, 30)
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), abs=1e-12)


def test_only_good_and_only_bad_labels_give_exact_ends() -> None:
    counts = [[3, 0, 4], [5, 9, 7]]
    none, all_bad = two_phase_strata(counts, [5, 9], [0, 0]), two_phase_strata(counts, [5, 9], [5, 9])
    assert (none.rate, none.low) == (0.0, 0.0) and none.high is not None and 0 < none.high < 1
    assert (all_bad.rate, all_bad.high) == (1.0, 1.0) and all_bad.low is not None and 0 < all_bad.low < 1


def test_labels_of_one_answer_are_worth_one() -> None:
    assert label_design_effect([0, 7, 0], [0, 3, 0]).label_design_effect == 7
    assert label_design_effect([1, 1, 1], [1, 0, 1]).label_design_effect == 1


# undefined


UNDEFINED: list[tuple[Callable[[], Any], str]] = [
    (lambda: corrected_rate([], [], []), "no claims with a verdict"),
    (lambda: corrected_rate([1, 0], "ab", [None, None]), "no labelled claim"),
    (lambda: corrected_rate([1, 0], "ab", [1, None]), "label some of each"),
    (lambda: corrected_rate([1, 0], "aa", [1, 0]), "all claims come from one group"),
    (
        lambda: corrected_rate([1, 0], "ab", [1, 1], method="rogan_gladen", drawn="at_random"),
        "was labelled bad, or none",
    ),
    (lambda: corrected_rate([], [], [], method="rogan_gladen", drawn="at_random"), "no claims with a verdict"),
    (lambda: corrected_rate([1, 0, 0], "abb", [1, 0, None], method="ppi", drawn="at_random"), "all claims of each"),
    (lambda: corrected_rate([1, 0], "ab", [None, None], method="ppi", drawn="at_random"), "no labelled claim"),
    (
        lambda: corrected_rate(
            [1] * 4 + [0] * 4, [1, 1, 2, 2, 3, 3, 4, 4], [1, 0] * 4, method="rogan_gladen", drawn="at_random"
        ),
        "next to nothing",
    ),
    (lambda: two_phase_strata([[0, 0]], [1], [0]), "no_claims"),
    (lambda: two_phase_strata([[1, 0], [1, 1]], [0, 2], [0, 1]), "unlabelled_stratum"),
    (lambda: two_phase_strata([[1], [4]], [1, 2], [0, 1]), "fewer_than_two_answers"),
    (lambda: label_design_effect([], []), "no_labels"),
    (lambda: rogan_gladen(0, 0, 1, 1, 1, 1), "no_claims"),
    (lambda: rogan_gladen(1, 4, 0, 0, 1, 1), "no_labels_in_class"),
    (lambda: rogan_gladen(30, 100, 4, 10, 7, 10), "uninformative_verifier"),  # .4 + .7 - 1 = .1, refused too
    (lambda: rogan_gladen(30, 100, 1, 1, 15, 100), "uninformative_verifier"),
    (lambda: ppi_plus_plus_mean([], [], [1, 0]), "no_labels"),
    (lambda: ppi_plus_plus_mean([1], [1], [1, 0]), "fewer_than_two_labels"),
    (lambda: ppi_plus_plus_mean([0, 0], [1, 0], [1, 0]), "no_variation"),
    (lambda: ppi_plus_plus_groups([], [], [], [1], [2]), "no_labels"),
    (lambda: ppi_plus_plus_groups([1], [1], [2], [1], [2]), "fewer_than_two_answers"),
    (lambda: ppi_plus_plus_groups([0, 0], [1, 0], [2, 2], [1], [2]), "no_variation"),
]


@pytest.mark.parametrize(("call", "reason"), UNDEFINED)
def test_where_there_is_no_interval_the_reason_is_given(call: Callable[[], Any], reason: str) -> None:
    found = call()
    assert all(getattr(found, number, None) is None for number in ("low", "high", "label_design_effect"))
    assert reason in found.reason


def test_a_stratum_without_claims_needs_no_labels() -> None:
    assert corrected_rate([0, 0, 0], "abc", [1, 0, None]).value == 0.5


def test_verdicts_that_never_differ_leave_the_labels_alone() -> None:
    found = ppi_plus_plus_mean([1, 0, 0, 1], [1, 1, 1, 1], [1, 1, 1])
    assert (found.tuning, found.rate) == (0.0, 0.5)
    assert ppi_plus_plus_mean([1, 0, 0, 1], [1, 0, 0, 1], []).tuning == 0.0


# refused


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: corrected_rate([1, 0], "ab", [1, 0], method="rogan_gladen"), "labels drawn by verdict"),
    (lambda: corrected_rate([1, 0], "ab", [1, 0], method="ppi"), "labels drawn by verdict"),
    (lambda: corrected_rate([1, 0], "ab", [1, 0], model=["m", "n"]), "model has 2 models"),
    (lambda: corrected_rate([1, 0], "ab", [1, 0], model=["m", "n"], pool_labels=" "), "model has 2 models"),
    (lambda: corrected_rate([1, 0], "ab", [1, 0], model=["m"]), "model has 1 entries"),
    (lambda: corrected_rate([1, 0], "ab", [1, 0], method="best"), "method is 'best'"),  # type: ignore[arg-type]
    (lambda: corrected_rate([1, 0], "ab", [1, 0], drawn="somehow"), "drawn is 'somehow'"),  # type: ignore[arg-type]
    (lambda: corrected_rate([1, 0], "ab", [1, 0], level=95), "level is 95"),
    (lambda: corrected_rate([1, 0], "ab", [1, 0], within_icc=2), "within_icc is 2"),
    (lambda: corrected_rate([1, 0], "ab", [1, 0], prior_icc=-1), "prior_icc is -1"),
    (lambda: corrected_rate([1, 2], "ab", [1, 0]), r"verdict_bad\[1\] is 2"),
    (lambda: corrected_rate([1, NAN], "ab", [1, 0]), r"verdict_bad\[1\] is nan"),
    (lambda: corrected_rate([1, 0], "ab", [0.5, 0]), r"label\[0\] is 0.5"),
    (lambda: corrected_rate([1, 0], "a", [1, 0]), "group has 1 entries"),
    (lambda: corrected_rate([1, 0], "ab", [1]), "label has 1 entries"),
    (lambda: corrected_rate([1, 0], "ab", [1, 0], stratum=[1]), "stratum has 1 entries"),
    (lambda: corrected_rate([[1]], "a", [1]), "verdict_bad has 2 dimensions"),
    (lambda: corrected_rates([1, 0], "ab", [1, 0], ["m"]), "model has 1 entries"),
    (lambda: two_phase_strata([1, 2], [1, 1], [0, 0]), "counts has 1 dimensions"),  # type: ignore[list-item]
    (lambda: two_phase_strata([[1, -2]], [1], [0]), "counts holds a number that is negative"),
    (lambda: two_phase_strata([[1, 2]], [1, 1], [0]), "labelled has shape"),
    (lambda: two_phase_strata([[1, 2]], [1], [2]), "labelled_bad is"),
    (lambda: two_phase_strata([[1, 2]], [1], [0], [0.5]), "design_effects is"),
    (lambda: label_design_effect([1], [2]), r"bad\[0\] is 2"),
    (lambda: rogan_gladen(5, 4, 1, 1, 1, 1), "flagged is 5"),
    (lambda: rogan_gladen(1, 4, 2, 1, 1, 1), "true_positives is 2"),
    (lambda: rogan_gladen(1, 4, 1, 1, -1, 1), "true_negatives is -1"),
    (lambda: ppi_plus_plus_mean([1], [1, 0], [1]), "labels has 1 entries"),
    (lambda: ppi_plus_plus_mean([NAN], [1], [1]), "labels is no list"),
    (lambda: ppi_plus_plus_groups([3], [1], [2], [1], [2]), r"bad_labelled\[0\] is 3"),
]


@pytest.mark.parametrize(("call", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_makes_no_sense_is_named_with_what_was_wanted(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"{said}.*; wanted: "):
        call()


# models


def test_each_model_is_corrected_by_its_own_labels() -> None:
    one, two = simulated(5), simulated(6)
    names = ["m"] * len(one.verdict) + ["n"] * len(two.verdict)
    together = (one.verdict + two.verdict, one.group + two.group, one.label + two.label)
    found = corrected_rates(*together, names)
    assert list(found) == ["m", "n"]
    same(found["m"], one.rate())
    same(found["n"], two.rate())


def test_labels_are_never_borrowed_unless_a_reason_is_given_and_repeated() -> None:
    one, two = simulated(5), simulated(6)
    names = ["m"] * len(one.verdict) + ["n"] * len(two.verdict)
    together = (one.verdict + two.verdict, one.group + two.group, one.label + [NAN] * len(two.verdict))
    assert corrected_rates(*together, names)["n"].reason == "no labelled claim"
    forced = corrected_rates(*together, names, pool_labels="n is m, quantised")
    assert forced["n"].value is not None and any("n is m, quantised" in w for w in forced["n"].warnings)
    single = corrected_rate(*together, model=names, pool_labels="n is m, quantised")
    assert any("equal models differ" in w for w in single.warnings)


def test_a_pooled_sensitivity_makes_equal_models_differ() -> None:
    """Both models are wrong in half of their claims; the verifier sees it for one of them only."""
    sharp, blind = simulated(7, sensitivity=1.0, answers=200), simulated(7, sensitivity=0.3, answers=200)
    names = ["sharp"] * len(sharp.verdict) + ["blind"] * len(blind.verdict)
    together = (sharp.verdict + blind.verdict, sharp.group + blind.group, sharp.label + blind.label)
    own, pooled = corrected_rates(*together, names), corrected_rates(*together, names, pool_labels="a mistake")
    apart = [abs(found["sharp"].value - found["blind"].value) for found in (own, pooled)]  # type: ignore[operator]
    assert apart[1] > 3 * apart[0]


# what it says


def test_it_says_when_the_verifier_adds_nothing() -> None:
    useful, useless = simulated(8, answers=200), simulated(8, answers=200, sensitivity=0.1, specificity=0.9)
    assert not any("adds" in w for w in useful.rate().warnings)
    assert any("adds nothing over hand labels alone" in w for w in useless.rate().warnings)


def test_it_says_when_labels_are_few_or_sit_in_whole_answers() -> None:
    run = simulated(9, answers=100, share=1.1)
    few = Run(run.verdict, run.group, [x if n < 60 else NAN for n, x in enumerate(run.label)])
    assert any("label claims scattered over answers" in w for w in few.rate().warnings)
    fewer = Run(run.verdict, run.group, [x if n < 12 else NAN for n, x in enumerate(run.label)])
    assert any("only" in w and "of flagged claims" in w for w in fewer.rate().warnings)
    assert not any("scattered" in w for w in simulated(9, answers=100).rate().warnings)


def test_labels_said_to_be_random_that_are_not_are_found_out() -> None:
    run = simulated(10, answers=200, share=1.1)
    random = Run(run.verdict, run.group, [x if n % 4 == 0 else NAN for n, x in enumerate(run.label)])
    flagged = [n for n, v in enumerate(run.verdict) if v]
    others = [n for n, v in enumerate(run.verdict) if not v][: len(flagged)]
    balanced = Run(run.verdict, run.group, [x if n in {*flagged, *others} else NAN for n, x in enumerate(run.label)])
    assert random.rate(method="rogan_gladen", drawn="at_random").low is not None
    assert "not drawn at random" in balanced.rate(method="rogan_gladen", drawn="at_random").reason


def test_ppi_warns_below_a_hundred_labelled_answers() -> None:
    run = simulated(11, answers=300, share=1.1)
    for answers, warned in ((40, True), (290, False)):
        chosen = {f"p{n}" for n in range(answers)}
        part = Run(
            run.verdict, run.group, [x if g in chosen else NAN for g, x in zip(run.group, run.label, strict=True)]
        )
        found = part.rate(method="ppi", drawn="at_random")
        assert found.value is not None and found.low <= found.value <= found.high
        assert any("only 40 labelled answers" in w for w in found.warnings) == warned


def test_the_guard_and_the_labels_stand_in_the_method() -> None:
    method = simulated(12).rate().method
    assert method.startswith(
        "two-phase by verdict; guarded MOVER-Wilson, within-answer ICC 0.2, prior ICC 0.2 (weight 5)"
    )
    assert "these answers only" in simulated(12).rate(within_icc=0).method


# calibration


@given(
    st.integers(1, 500),
    st.integers(0, 50),
    st.integers(1, 60),
    st.integers(0, 60),
    st.integers(1, 60),
    st.integers(0, 60),
)
@settings(max_examples=150, deadline=None)
def test_rogan_gladen_stays_within_shares(n: int, k: int, bad: int, tp: int, good: int, tn: int) -> None:
    found = rogan_gladen(min(k, n), n, min(tp, bad), bad, min(tn, good), good)
    if found.low is None or found.high is None:
        assert found.reason == "uninformative_verifier"
    else:
        assert 0 <= found.low <= found.high <= 1 and found.rate is not None and 0 <= found.rate <= 1
