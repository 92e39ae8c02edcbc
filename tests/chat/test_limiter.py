"""Places for calls in flight: who gets one, and when; in simulated time."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from halueval.chat.allowance import Place
from halueval.chat.limiter import TURN, Limiter

sys.path.insert(0, str(Path(__file__).parent))
from simulated import simulated


def test_it_starts_low_and_doubles_with_every_window() -> None:
    async def windows() -> list[int]:
        limiter, sizes = Limiter(100), []
        taken: list[Place] = []

        async def enter() -> None:
            taken.append(await limiter.enter())

        waiting = [asyncio.create_task(enter()) for _ in range(1_000)]
        for _ in range(5):
            await asyncio.sleep(0.1)
            sizes.append(limiter.in_flight)
            ended, taken[:] = list(taken), []
            for place in ended:
                limiter.replied(place)
        for task in waiting:
            task.cancel()
        return sizes

    assert simulated(windows()) == [8, 16, 32, 64, 100]


def test_nobody_gets_a_place_while_the_endpoint_has_everybody_wait() -> None:
    async def entered() -> list[float]:
        loop, limiter, times = asyncio.get_running_loop(), Limiter(128), []

        async def enter() -> None:
            await limiter.enter()
            times.append(loop.time())

        place, other = await limiter.enter(), await limiter.enter()
        limiter.refused(place, wait=7.0)
        waiting = asyncio.gather(*(enter() for _ in range(3)))
        await asyncio.sleep(1.0)
        limiter.refused(other, wait=20.0)  # said later, of the same window
        await waiting
        return times

    assert simulated(entered()) == [21.0] * 3


def test_when_nothing_but_refusals_come_back_one_call_at_a_time_looks_whether_they_end() -> None:
    async def together() -> tuple[list[int], int]:
        limiter, refused = Limiter(128), 0
        loop = asyncio.get_running_loop()
        places: list[int] = []

        async def call() -> None:
            nonlocal refused
            while True:
                place = await limiter.enter()
                places.append(limiter.in_flight)
                await asyncio.sleep(0.01)
                if loop.time() > 60:
                    limiter.replied(place)
                    return
                refused += 1
                limiter.refused(place)

        await asyncio.gather(*(call() for _ in range(200)))
        return places[16:refused], refused

    looked, refused = simulated(together())
    assert set(looked) == {1}
    assert refused <= 25


def test_a_call_that_is_tried_again_goes_before_those_that_wait() -> None:
    async def order() -> list[str]:
        limiter, came = Limiter(1), []

        async def enter(name: str, first: bool) -> None:
            place = await limiter.enter(first=first)
            came.append(name)
            limiter.replied(place)

        place = await limiter.enter()
        tasks = [asyncio.create_task(enter(name, name == "again")) for name in ("a", "b", "again")]
        await asyncio.sleep(1)
        limiter.left(place)
        await asyncio.gather(*tasks)
        return came

    assert simulated(order()) == ["again", "a", "b"]


def test_calls_for_earlier_work_go_before_those_for_later_work() -> None:
    async def order() -> list[int]:
        limiter, came = Limiter(1), []

        async def enter(turn: int) -> None:
            TURN.set(turn)
            place = await limiter.enter()
            came.append(turn)
            limiter.replied(place)

        place = await limiter.enter()
        tasks = [asyncio.create_task(enter(turn)) for turn in (3, 1, 2, 1)]
        await asyncio.sleep(1)
        limiter.left(place)
        await asyncio.gather(*tasks)
        return came

    assert simulated(order()) == [1, 1, 2, 3]


@pytest.mark.parametrize("moment", ["while it waits", "as its place comes"])
def test_who_is_cancelled_takes_no_place_along(moment: str) -> None:
    async def places() -> int:
        limiter = Limiter(1)
        place = await limiter.enter()
        waiting = asyncio.create_task(limiter.enter())
        await asyncio.sleep(0)
        if moment == "as its place comes":
            limiter.left(place)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        if moment == "while it waits":
            limiter.left(place)
        await asyncio.wait_for(limiter.enter(), 1.0)
        return limiter.in_flight

    assert simulated(places()) == 1


def test_when_the_run_stops_all_that_wait_are_let_through() -> None:
    async def through() -> int:
        limiter = Limiter(1)
        place = await limiter.enter()
        waiting = [asyncio.create_task(limiter.enter()) for _ in range(50)]
        await asyncio.sleep(0)
        limiter.refused(place, wait=3_600.0)
        limiter.open()
        await asyncio.wait_for(asyncio.gather(*waiting), 1.0)
        return limiter.in_flight

    assert simulated(through()) == 50


def test_while_it_is_held_nobody_gets_a_place() -> None:
    async def entered() -> tuple[bool, bool]:
        limiter = Limiter(8)
        limiter.hold(True)
        waiting = asyncio.create_task(limiter.enter())
        await asyncio.sleep(60)
        before = waiting.done()
        limiter.hold(False)
        await asyncio.wait_for(waiting, 1.0)
        return before, waiting.done()

    assert simulated(entered()) == (False, True)
