"""Laws of the rates: what may not move them, what narrows them, and that they lie in their intervals."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.metrics import RATE_NAMES, Summary, Tally
from halueval.records import Claim, Evidence, Extraction, Failure, Outcome, Response, Result, Span, Verdict
from halueval.statistics import guarded_korn_graubard, guarded_mean_of_answers

PASSAGE = (Evidence("d", "Text.", Span(0, 5)),)
VERDICTS = "SRUN"


def result(number: int, letters: str, group: int, words: int = 20) -> Result:
    claims = tuple(Claim(f"{number}.{i}", str(number), "x") for i in range(len(letters)))
    outcomes = tuple(outcome(claim.id, letter) for claim, letter in zip(claims, letters, strict=True))
    return Result(Response(str(number), "word " * words, group=str(group)), Extraction(str(number), claims), outcomes)


def outcome(claim: str, letter: str) -> Outcome:
    if letter == "F":
        return Failure("verification", "timeout", "slow", claim)
    if letter in "SR":
        return Verdict(claim, "supported" if letter == "S" else "refuted", evidence=PASSAGE)
    return Verdict(claim, "not_enough_info", evidence=PASSAGE if letter == "U" else ())


def summary(results: list[Result]) -> Summary:
    tally = Tally()
    for one in results:
        tally.add(one)
    return tally.summary()


def estimates(found: Summary) -> list[tuple[float | None, float | None, float | None]]:
    every = [found.rates[name] for name in RATE_NAMES] + [found.macro[name] for name in RATE_NAMES]
    return [(e.value, e.low, e.high) for e in every]


def same(one: Summary, other: Summary) -> None:
    for first, second in zip(estimates(one), estimates(other), strict=True):
        for a, b in zip(first, second, strict=True):
            assert (a is None) == (b is None)
            assert a is None or a == pytest.approx(b, rel=1e-9, abs=1e-12)


def runs(letters: str = VERDICTS, least: int = 0) -> st.SearchStrategy[list[Result]]:
    answers = st.lists(
        st.tuples(st.text(letters, max_size=12), st.integers(0, 6), st.integers(1, 40)), min_size=least, max_size=12
    )
    return answers.map(lambda drawn: [result(n, *one) for n, one in enumerate(drawn)])


@settings(max_examples=40, deadline=None)
@given(runs("SRUNF"), st.randoms(use_true_random=False))
def test_the_order_of_responses_and_of_claims_does_not_matter(results: list[Result], shuffler: random.Random) -> None:
    mixed = []
    for one in results:
        pairs = list(zip(one.extraction.claims, one.outcomes, strict=True))
        shuffler.shuffle(pairs)
        extraction = replace(one.extraction, claims=tuple(claim for claim, _ in pairs))
        mixed.append(replace(one, extraction=extraction, outcomes=tuple(outcome for _, outcome in pairs)))
    shuffler.shuffle(mixed)
    same(summary(results), summary(mixed))


@settings(max_examples=40, deadline=None)
@given(runs(), st.lists(st.tuples(st.integers(0, 11), st.integers(1, 5)), max_size=6))
def test_failures_move_no_rate_and_no_interval(results: list[Result], failures: list[tuple[int, int]]) -> None:
    failing = list(results)
    for place, number in failures:
        if place < len(failing):
            one = failing[place]
            claims = tuple(Claim(f"{place}.f{i}", str(place), "x") for i in range(number))
            failed = tuple(outcome(claim.id, "F") for claim in claims)
            extraction = replace(one.extraction, claims=one.extraction.claims + claims)
            failing[place] = replace(one, extraction=extraction, outcomes=one.outcomes + failed)
    broken = Result(Response("z", ""), Extraction("z", failure=Failure("input", "invalid_record", "no")))
    same(summary(results), summary([*failing, broken]))


@settings(max_examples=60, deadline=None)
@given(runs("SRUNF", least=1))
def test_a_value_lies_in_its_interval_and_a_share_between_0_and_1(results: list[Result]) -> None:
    found = summary(results)
    for estimate in (*found.rates.values(), *found.macro.values(), *(b.lower for b in found.bounds.values())):
        if estimate.value is None:
            assert estimate.reason and estimate.low is None and estimate.high is None
            continue
        if estimate.low is None or estimate.high is None:
            assert estimate.reason and estimate.groups == 1
            continue
        assert 0 <= estimate.low <= estimate.value + 1e-12 and estimate.value <= estimate.high + 1e-12
        if estimate.unit == "%":
            assert estimate.high <= 1
    for bounds in found.bounds.values():
        if bounds.lower.value is not None and bounds.upper.value is not None:
            assert bounds.lower.value <= bounds.upper.value


@settings(max_examples=60, deadline=None)
@given(runs(least=2))
def test_twice_the_groups_move_no_rate_and_narrow_every_interval(results: list[Result]) -> None:
    again = [
        replace(one, response=replace(one.response, id=f"again {n}", group=f"again {one.response.group}"))
        for n, one in enumerate(results)
    ]
    for once, twice in zip(estimates(summary(results)), estimates(summary(results + again)), strict=True):
        assert once[0] == pytest.approx(twice[0])
        if once[1] is not None and once[2] is not None:
            assert twice[1] is not None and twice[2] is not None
            assert twice[2] - twice[1] <= once[2] - once[1] + 1e-9


counted = st.lists(st.integers(0, 30).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))), max_size=15)


@settings(max_examples=100, deadline=None)
@given(counted)
def test_the_good_share_is_the_bad_share_turned_round(answers: list[tuple[int, int]]) -> None:
    bad, claims = [y for y, _ in answers], [m for _, m in answers]
    good = [m - y for y, m in answers]
    for interval in (guarded_korn_graubard, guarded_mean_of_answers):
        one, other = interval(bad, claims), interval(good, claims)
        assert one.reason == other.reason
        if one.rate is not None and other.rate is not None:
            assert one.rate == pytest.approx(1 - other.rate)
        if one.low is not None and other.high is not None:
            assert one.low == pytest.approx(1 - other.high, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(counted, st.floats(0.5, 0.98), st.floats(0.001, 0.019))
def test_a_higher_level_is_never_narrower(answers: list[tuple[int, int]], level: float, more: float) -> None:
    bad, claims = [y for y, _ in answers], [m for _, m in answers]
    narrow, wide = (guarded_korn_graubard(bad, claims, level=at) for at in (level, level + more))
    if narrow.low is not None and narrow.high is not None:
        assert wide.low is not None and wide.high is not None
        assert wide.low <= narrow.low + 1e-12 and wide.high >= narrow.high - 1e-12
