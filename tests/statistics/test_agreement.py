"""Agreement: laws of the coefficients, what their intervals rest on, and what is undefined."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.statistics import (
    agreement_summary,
    cohen_kappa,
    fleiss_kappa,
    guarded_korn_graubard,
    gwet_ac1,
    krippendorff_alpha_nominal,
)
from halueval.statistics.agreement import Agreement

PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 4)), min_size=2, max_size=40)
TWO = dict[str, Callable[[list[int], list[int], list[int]], Agreement]]
COEFFICIENTS: TWO = {
    "cohen": lambda a, b, g: cohen_kappa(a, b, groups=g),
    "fleiss": lambda a, b, g: fleiss_kappa(
        [[(x == k) + (y == k) for k in range(3)] for x, y in zip(a, b, strict=True)], groups=g
    ),
    "krippendorff": lambda a, b, g: krippendorff_alpha_nominal([a, b], groups=g),
    "gwet": lambda a, b, g: gwet_ac1([a, b], categories=3, groups=g),
}


def _same(first: Agreement, second: Agreement) -> None:
    for name in ("value", "observed", "low", "high"):
        one, other = getattr(first, name), getattr(second, name)
        assert (one is None) == (other is None)
        assert one is None or math.isclose(one, other, abs_tol=1e-9), name


@pytest.mark.parametrize("name", COEFFICIENTS)
@settings(max_examples=40, deadline=None)
@given(rows=PAIRS, order=st.randoms())
def test_order_of_items_raters_and_names_of_labels_and_groups_change_nothing(
    name: str, rows: list[tuple[int, int, int]], order: object
) -> None:
    of = COEFFICIENTS[name]
    first = of(*(list(column) for column in zip(*rows, strict=True)))
    mixed = list(rows)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    a, b, g = (list(column) for column in zip(*mixed, strict=True))
    _same(first, of(b, a, g))
    _same(first, of([2 - x for x in a], [2 - x for x in b], [7 - x for x in g]))


@pytest.mark.parametrize("name", COEFFICIENTS)
@settings(max_examples=40, deadline=None)
@given(rows=PAIRS)
def test_an_interval_holds_its_coefficient_and_stays_between_minus_one_and_one(
    name: str, rows: list[tuple[int, int, int]]
) -> None:
    found = COEFFICIENTS[name](*(list(column) for column in zip(*rows, strict=True)))
    assert (found.value is None) <= (found.low is None)
    if found.value is not None and found.low is not None and found.high is not None:
        assert -1 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
        assert found.high - found.low > 0
    if found.value is None or found.low is None:
        assert found.reason


def test_twice_the_groups_narrow_and_do_not_move() -> None:
    a, b = [1, 0, 0, 1, 1, 0, 0, 0, 1, 0] * 4, [1, 0, 1, 1, 0, 0, 0, 0, 1, 0] * 4
    groups = [i // 2 for i in range(40)]
    for name in ("cohen", "fleiss", "gwet"):  # Krippendorff's chance depends on the number of labels
        once = COEFFICIENTS[name](a, b, groups)
        twice = COEFFICIENTS[name](a * 2, b * 2, groups + [20 + g for g in groups])
        assert twice.value == pytest.approx(once.value)
        assert twice.high - twice.low < once.high - once.low  # type: ignore[operator]


def test_items_of_one_group_count_for_less_than_items_apart() -> None:
    a = [1, 1, 1, 0, 0, 0, 0, 0, 0] * 6
    b = [1, 1, 1, 0, 0, 0, 1, 1, 1] * 6
    apart, together = cohen_kappa(a, b), cohen_kappa(a, b, groups=[i // 3 for i in range(54)])
    assert apart.value == together.value and together.groups == 18
    assert together.high - together.low > apart.high - apart.low  # type: ignore[operator]


def test_where_nobody_disagrees_the_interval_is_that_of_disagreement_over_chance() -> None:
    labels = [1, 0, 0, 0, 1, 0, 0, 0]
    found = cohen_kappa(labels, labels)
    guard = guarded_korn_graubard([0] * 8, [1] * 8)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(1 - guard.high / (1 - found.expected))  # type: ignore[operator]


def test_fleiss_is_the_two_rater_form_of_scotts_pi_and_close_to_krippendorff() -> None:
    a, b = [1, 0, 0, 1, 1, 0, 0, 0] * 25, [1, 0, 1, 1, 0, 0, 0, 0] * 25
    fleiss, alpha = (COEFFICIENTS[name](a, b, list(range(200))) for name in ("fleiss", "krippendorff"))
    share = (sum(a) + sum(b)) / 400
    chance = share**2 + (1 - share) ** 2
    assert fleiss.value == pytest.approx((0.75 - chance) / (1 - chance))
    assert alpha.value == pytest.approx(1 - (1 - fleiss.value) * 399 / 400)  # type: ignore[operator]


def test_the_linearisation_is_the_limit_of_leaving_groups_out() -> None:
    random = np.random.default_rng(5)
    a = random.integers(0, 2, 600)
    b = np.where(random.random(600) < 0.8, a, 1 - a)
    whole = cohen_kappa(a.tolist(), b.tolist())
    left = [cohen_kappa(np.delete(a, i).tolist(), np.delete(b, i).tolist()).value for i in range(0, 600, 4)]
    error = math.sqrt(599 * float(np.var(np.array(left, dtype=float))))
    assert whole.low is not None and whole.value is not None
    assert (whole.value - whole.low) / 1.96 == pytest.approx(error, rel=0.25)


UNDEFINED: list[tuple[str, Callable[[], Agreement], str]] = [
    ("nothing", lambda: cohen_kappa([], []), "no_items"),
    ("nobody", lambda: krippendorff_alpha_nominal([]), "no_items"),
    ("nothing shared", lambda: cohen_kappa([1, None], [None, 0]), "no_items"),
    ("no pair", lambda: krippendorff_alpha_nominal([[1, None], [None, 0]]), "no_items"),
    ("no pair for Gwet", lambda: gwet_ac1([[1, None], [float("nan"), 0]]), "no_items"),
    ("no counts", lambda: fleiss_kappa([]), "no_items"),
    ("one label", lambda: cohen_kappa([1, 1], [1, 1]), "one_category"),
    ("one label counted", lambda: fleiss_kappa([[3, 0], [3, 0]]), "one_category"),
    ("one label with gaps", lambda: krippendorff_alpha_nominal([[1, None, 1], [1, 1, 1]]), "one_category"),
    ("one label offered", lambda: gwet_ac1([["a", "a"], ["a", "a"]]), "one_category"),
    ("raters differ", lambda: fleiss_kappa([[2, 1], [2, 0]]), "unequal_raters"),
    ("one rater", lambda: fleiss_kappa([[1, 0], [0, 1]]), "fewer_than_two_raters"),
]


@pytest.mark.parametrize(("what", "call", "reason"), UNDEFINED, ids=[row[0] for row in UNDEFINED])
def test_undefined_is_none_with_a_reason(what: str, call: Callable[[], Agreement], reason: str) -> None:
    found = call()
    assert (found.value, found.low, found.high, found.reason) == (None, None, None, reason)
    assert reason in str(found)
    if reason == "one_category":
        assert found.observed == 1.0


def test_one_group_has_a_coefficient_and_no_interval() -> None:
    found = cohen_kappa([1, 0, 1], [1, 0, 0], groups=["a"] * 3)
    assert found.value is not None and found.low is None and found.reason == "fewer_than_two_groups"
    assert "no interval: fewer_than_two_groups" in str(found)
    summary = agreement_summary([1, 0, 1], [1, 0, 0], groups=["a"] * 3)
    assert summary.observed == pytest.approx(2 / 3)
    assert summary.observed_low is None and summary.reason == "fewer_than_two_groups"


def test_a_summary_counts_what_only_one_labelled_and_is_the_parts_side_by_side() -> None:
    a, b = [1, 0, None, 1, 0, 0], [1, 0, 0, None, 1, 0]
    groups = [1, 1, 2, 2, 3, 3]
    found = agreement_summary(a, b, groups=groups)
    assert found.missing == 2 and found.observed == 0.75
    _same(found.cohen_kappa, cohen_kappa(a, b, groups=groups))
    assert found.ac1.value == gwet_ac1([[1, 0, 0, 0], [1, 0, 1, 0]]).value
    assert agreement_summary([], []).observed is None
    assert str(agreement_summary([], [])) == "agreement undefined (no_items)"


def test_rare_bad_claims_pull_kappa_down_and_leave_ac1_up() -> None:
    found = agreement_summary([0] * 97 + [1, 1, 0], [0] * 96 + [1, 0, 0, 1])
    assert found.cohen_kappa.value is not None and found.cohen_kappa.value < 0
    assert found.ac1.value is not None and found.ac1.value > 0.9


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cohen_kappa([1], [1, 0]), "raters have 1, 2 labels"),
        (lambda: cohen_kappa([1, 0], [1, 0], groups=["a"]), "groups has 1 entries for 2 items"),
        (lambda: cohen_kappa([1, 0], [1, 1], level=95), "level is 95"),
        (lambda: fleiss_kappa([[2, -1]]), "negative or not finite"),
        (lambda: gwet_ac1([[1, 0], [1, 2]], categories=(0, 1)), "label 2 is not among the categories"),
        (lambda: gwet_ac1([[1, 0], [1, 2]], categories=2), "categories is 2, but 3 labels were used"),
    ],
)
def test_wrong_arguments_are_named(call: Callable[[], Agreement], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
