"""How much an endpoint takes: laws, in simulated time, against endpoints of known capacity."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from halueval.chat.allowance import Allowance
from halueval.chat.chance import Chance

sys.path.insert(0, str(Path(__file__).parent))
from simulated import Endpoint, asked


@pytest.mark.parametrize(
    "endpoint",
    [
        Endpoint(per_second=2.0),
        Endpoint(per_second=20.0),
        Endpoint(per_second=100.0),
        Endpoint(per_second=5.0, asks=True),
        Endpoint(per_second=50.0, asks=True),
        Endpoint(per_second=50.0, latency=0.5),
        Endpoint(per_second=5.0, latency=2.0),
        Endpoint(per_second=10.0, latency=0.02),
        Endpoint(per_second=20.0, burst=2.0),
        Endpoint(per_second=20.0, burst=1.0),
        Endpoint(per_second=20.0, window=1.0),
        Endpoint(per_second=100.0, window=1.0),
    ],
    ids=repr,
)
def test_of_what_the_endpoint_takes_in_a_second_most_is_used_and_hardly_anything_refused(endpoint: Endpoint) -> None:
    seen = asked(endpoint)
    assert endpoint.per_second is not None
    assert seen.per_second >= 0.85 * endpoint.per_second
    assert seen.refused <= 0.05


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("capacity", [4, 10, 20, 50, 100])
def test_of_what_the_endpoint_takes_in_flight_most_is_used_and_hardly_anything_refused(
    capacity: int, seed: int
) -> None:
    seen = asked(Endpoint(in_flight=capacity), seconds=20, since=5, seed=seed)
    assert seen.per_second >= 0.85 * capacity / 0.1
    assert seen.refused <= 0.05


def test_an_endpoint_that_takes_two_in_flight_is_used_by_seven_tenths_at_least() -> None:
    seen = asked(Endpoint(in_flight=2))
    assert seen.per_second >= 0.7 * 2 / 0.1
    assert seen.refused <= 0.05


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("by_chance", [0.01, 0.05, 0.2])
def test_refusals_that_come_whatever_is_asked_do_not_bring_it_to_a_halt(by_chance: float, seed: int) -> None:
    seen = asked(Endpoint(by_chance=by_chance), most=32, seconds=30, since=10, seed=seed)
    assert seen.per_second >= 0.6 * 32 / 0.1


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("limit", "by_chance"), [({"in_flight": 20}, 0.01), ({"per_second": 50.0}, 0.05)])
def test_what_is_too_much_is_still_told_from_what_comes_by_chance(
    limit: dict[str, float], by_chance: float, seed: int
) -> None:
    seen = asked(Endpoint(by_chance=by_chance, **limit), seed=seed)
    assert seen.per_second >= 0.6 * (limit.get("per_second") or limit["in_flight"] / 0.1)
    assert seen.refused <= 0.1


@pytest.mark.parametrize("endpoint", [Endpoint(), Endpoint(per_second=20.0), Endpoint(by_chance=0.3)], ids=repr)
def test_there_are_never_more_in_flight_than_are_allowed(endpoint: Endpoint) -> None:
    assert asked(endpoint, most=16, seconds=10, since=0).most <= 16


def test_thirty_two_in_flight_are_twenty_five_times_as_fast_as_one() -> None:
    one, many = (asked(Endpoint(), most=most, seconds=10, since=1) for most in (1, 32))
    assert many.per_second >= 25 * one.per_second


def test_calls_that_were_under_way_when_it_backed_off_do_not_make_it_back_off_again() -> None:
    allowance = Allowance(128)
    places = [allowance.take(0.0) for _ in range(8)]
    limits = []
    for place in places:
        allowance.refused(place, 0.1)
        limits.append(round(allowance.limit, 3))
    assert limits == [5.6] * 8


def test_it_never_goes_below_one() -> None:
    allowance, now = Allowance(4), 0.0
    for _ in range(40):
        allowance.refused(allowance.take(now), now + 0.01)
        now += 60
        allowance.replied(allowance.take(now), now + 0.1, wanted=True)
    assert 1.0 <= allowance.limit <= 4.0
    assert allowance.has_room(now + 60)


def test_replies_to_one_call_at_a_time_say_nothing_about_many() -> None:
    allowance, now = Allowance(128), 0.0
    for _ in range(1_000):
        allowance.replied(allowance.take(now), now + 0.1, wanted=False)
        now += 0.1
    assert allowance.limit == 8.0


def test_what_was_taken_while_nothing_was_wanted_proves_nothing() -> None:
    allowance = Allowance(128)
    allowance.refused(allowance.take(0.0), 0.1)
    for second in range(1, 20):  # one a second, because no more were wanted
        allowance.replied(allowance.take(second), second + 0.1, wanted=False)
    allowance.refused(allowance.take(20.0), 20.1)
    assert allowance.rate > 10


@pytest.mark.parametrize(("every", "share", "watched"), [(1_000, 0.0, 100), (10, 0.1, 60), (2, 0.3, 12)])
def test_what_is_refused_while_it_watches_is_by_chance(every: int, share: float, watched: int) -> None:
    chance = Chance()
    chance.watch()
    number = 0
    while chance.watching:
        number += 1
        chance.note(number % every == 0)
    assert (chance.share, number) == (pytest.approx(share), watched)


def test_one_refusal_is_too_few_to_tell_how_many_there_are() -> None:
    chance = Chance()
    chance.watch()
    number = 0
    while chance.watching:
        number += 1
        chance.note(number == 50)
    assert (chance.share, number) == (1 / 300, 300)


def test_what_an_earlier_watch_saw_counts_half() -> None:
    chance = Chance()
    for every in (10, 1_000):
        chance.watch()
        number = 0
        while chance.watching:
            number += 1
            chance.note(number % every == 0)
    assert chance.share == pytest.approx(3 / 130)


def test_calls_from_before_the_watch_are_not_watched() -> None:
    chance = Chance()
    chance.watch()
    for _ in range(500):
        chance.note(True, watched=False)
    assert chance.watching
