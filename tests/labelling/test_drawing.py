"""Which claims are drawn: by verdict, scattered, per model, and the same again for the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.errors import InputError
from halueval.labelling import labels_to_draw
from halueval.labelling.drawing import _allocated, _shared
from halueval.records import Failure, Result

Make = Callable[..., Result]


def test_a_third_of_the_labels_goes_to_refuted_claims_and_weights_add_up_to_the_run(run: list[Result]) -> None:
    draw = labels_to_draw(run, 60)
    assert Counter(claim.flagged for claim in draw.claims) == {True: 20, False: 40}
    assert {claim.flagged: claim.weight for claim in draw.claims} == {True: 40 / 20, False: 160 / 40}
    assert sum(claim.weight for claim in draw.claims) == pytest.approx(200)
    assert draw.population == 200


def test_labels_are_scattered_over_answers(run: list[Result]) -> None:
    draw = labels_to_draw(run, 60)
    refuted = Counter(claim.response_id for claim in draw.claims if claim.flagged)
    others = Counter(claim.response_id for claim in draw.claims if not claim.flagged)
    assert set(refuted.values()) == {1}
    assert set(others.values()) == {1} and len(others) == 40


def test_every_claim_of_a_stratum_is_as_likely_to_be_drawn(make: Make) -> None:
    """A long answer's claims and a short one's: else the share of bad labels is not the stratum's."""
    results = [make("long", ("supported",) * 9), make("short", ("supported",)), make("bad", ("refuted",) * 2)]
    drawn = Counter(c.claim_id for seed in range(1500) for c in labels_to_draw(results, 6, seed=seed).claims)
    frequencies = [drawn[f"long-{i}"] / 1500 for i in range(9)] + [drawn["short-0"] / 1500]
    assert all(abs(f - 4 / 10) < 0.06 for f in frequencies), frequencies


def test_the_same_seed_draws_the_same_whatever_the_order_of_results_and_another_draws_others(run: list[Result]) -> None:
    draw = labels_to_draw(run, 30, seed=3)
    assert labels_to_draw(list(reversed(run)), 30, seed=3) == draw
    assert {c.item for c in labels_to_draw(run, 30, seed=4).claims} != {c.item for c in draw.claims}


def test_the_order_tells_nothing_of_the_verdict(run: list[Result]) -> None:
    places = [i for seed in range(100) for i, c in enumerate(labels_to_draw(run, 30, seed=seed).claims) if c.flagged]
    assert abs(sum(places) / len(places) - 14.5) < 1.2  # 4 standard errors


def test_each_model_gets_as_many_labels_and_what_one_cannot_use_goes_to_the_others(make: Make) -> None:
    several = [make(f"a{i}", ("refuted", "supported"), "a") for i in range(30)]
    several += [make(f"b{i}", ("refuted", "supported"), "b") for i in range(30)]
    several += [make("c", ("refuted", "supported"), "c")]
    draw = labels_to_draw(several, 42)
    assert Counter(c.model for c in draw.claims) == {"a": 20, "b": 20, "c": 2}
    assert any("of c" in warning and "no more" in warning for warning in draw.warnings)


def test_more_budget_than_claims_draws_each_once(run: list[Result]) -> None:
    draw = labels_to_draw(run[:2], 100)
    assert len({c.item for c in draw.claims}) == len(draw.claims) == 10
    assert {c.weight for c in draw.claims} == {1.0}


def test_claims_without_a_verdict_are_not_drawn(make: Make) -> None:
    whole = make("r", ("refuted", "supported", "supported"))
    failed = Failure("verification", "timeout", "no reply", "r-1")
    first, _, last = whole.outcomes
    part = replace(whole, outcomes=(first, failed, last))
    assert {c.claim_id for c in labels_to_draw([part], 9).claims} == {"r-0", "r-2"}


def test_a_run_of_one_verdict_spends_the_budget_on_it(make: Make) -> None:
    draw = labels_to_draw([make(f"r{i}", ("supported",) * 3) for i in range(9)], 12)
    assert Counter(c.flagged for c in draw.claims) == {False: 12}


@pytest.mark.parametrize(
    ("budget", "share", "error"),
    [(0, 0.3, ValueError), (9, 0.0, ValueError), (9, 1.0, ValueError), (1, 0.3, InputError)],
)
def test_a_budget_or_share_that_makes_no_sense_is_refused(
    run: list[Result], budget: int, share: float, error: type[Exception]
) -> None:
    with pytest.raises(error, match="budget|flagged_share"):
        labels_to_draw(run, budget, flagged_share=share)


def test_a_run_without_verdicts_and_an_iterator_are_refused(run: list[Result]) -> None:
    with pytest.raises(InputError, match="no claim of the run has a verdict"):
        labels_to_draw([], 5)
    with pytest.raises(InputError, match="read only once"):
        labels_to_draw(iter(run), 5)


@settings(max_examples=200, deadline=None)
@given(
    sizes=st.dictionaries(st.tuples(st.sampled_from("abc"), st.booleans()), st.integers(1, 60), min_size=1, max_size=6),
    budget=st.integers(6, 200),
    share=st.floats(0.01, 0.99),
)
def test_the_budget_is_used_up_and_no_stratum_is_left_out(
    sizes: dict[tuple[str, bool], int], budget: int, share: float
) -> None:
    found = _allocated(sizes, budget, share)
    assert sum(found.values()) == min(budget, sum(sizes.values()))
    assert all(1 <= found[key] <= size for key, size in sizes.items())


def test_what_one_cannot_use_is_shared_by_the_others() -> None:
    assert _shared({"a": 100, "b": 3, "c": 100}, 23) == {"b": 3, "a": 10, "c": 10}
