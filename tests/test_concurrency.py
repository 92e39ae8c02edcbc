"""Much work under way together: in order, within bounds, and with nobody waiting for the one that is late."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.chat.loop import run
from halueval.concurrency import each_as_ready, each_in_order

AHEAD = 16


@dataclass
class Work:
    """Counts what was begun and is under way; item 0 of each ``late`` numbers waits until so many others ended."""

    late_until: int = 0
    begun: int = 0
    ended: int = 0
    inside: int = 0
    most: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, batch: Sequence[int]) -> list[int]:
        self.begun += len(batch)
        self.inside += len(batch)
        self.most = max(self.most, self.inside)
        if batch[0] == 0 and self.late_until:
            await asyncio.wait_for(self.enough.wait(), 20)
        else:
            await asyncio.sleep(0)
            self.ended += len(batch)
            if self.ended >= self.late_until:
                self.enough.set()
        self.inside -= len(batch)
        return list(batch)


def test_one_that_is_late_holds_up_no_other() -> None:
    work = Work(late_until=99)  # all others: by a window of eight it would wait for ever
    assert list(each_in_order(([n] for n in range(100)), work, in_flight=8, ahead=AHEAD)) == list(range(100))
    assert work.most <= 8


def test_what_is_ready_behind_one_that_is_late_has_a_bound() -> None:
    most = 4 * AHEAD
    work = Work(late_until=most - 1)
    results = each_in_order(([n] for n in range(10 * most)), work, in_flight=4, ahead=AHEAD)
    assert next(results) == 0
    assert most - 1 <= work.begun <= most + 4
    assert list(results) == list(range(1, 10 * most))


@pytest.mark.parametrize("each", [each_in_order, each_as_ready])
def test_one_who_stops_begins_nothing_more(each: Callable[..., Iterator[int]]) -> None:
    """A place that a cancelled call gives back is not taken by one that is about to be cancelled."""

    async def one_place() -> asyncio.Semaphore:
        return asyncio.Semaphore(1)

    place, second, begun = run(one_place()), threading.Event(), []

    async def work(batch: Sequence[int]) -> list[int]:
        async with place:
            begun.append(batch[0])
            if len(begun) > 1:
                second.set()
                await asyncio.sleep(20)
        return list(batch)

    results = each(([n] for n in range(500)), work, in_flight=400)
    next(results)
    assert second.wait(20)
    results.close()

    async def a_while() -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    run(a_while())
    assert len(begun) == 2


def test_who_takes_slowly_has_few_ready() -> None:
    work = Work()
    results = each_in_order(([n] for n in range(1_000)), work, in_flight=4, ahead=AHEAD)
    for taken, _ in enumerate(islice(results, 20), 1):
        assert work.begun <= taken + 4 * AHEAD
    results.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("ahead", [1, AHEAD])
@pytest.mark.parametrize("in_flight", [1, 3, 8])
@given(sizes=st.lists(st.integers(1, 5), max_size=12))
def test_results_come_in_order_whatever_the_batches(in_flight: int, ahead: int, sizes: list[int]) -> None:
    batches = [[10 * i + n + 1 for n in range(size)] for i, size in enumerate(sizes)]
    assert list(each_in_order(batches, Work(), in_flight=in_flight, ahead=ahead)) == [
        n for batch in batches for n in batch
    ]
