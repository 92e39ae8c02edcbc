"""Simulated time, and endpoints of known capacity that are asked in it."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from halueval.chat.limiter import Limiter

T = TypeVar("T")


class _Clock(selectors.SelectSelector):
    """Nothing is waited for: time jumps to when the next thing happens."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits for somebody else"
        self.now += timeout
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.clock = _Clock()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now


def simulated(coroutine: Coroutine[Any, Any, T]) -> T:
    loop = _Loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


@dataclass
class Endpoint:
    """Takes so many calls in flight, and so many a second: as many as a bucket of ``burst`` tokens has, or in windows.

    ``by_chance`` is the share of calls that it refuses besides, and ``asks`` whether it says how many whole seconds to
    wait.
    """

    in_flight: float = float("inf")
    per_second: float | None = None
    burst: float | None = None
    window: float | None = None
    latency: float = 0.1
    by_chance: float = 0.0
    asks: bool = False
    busy: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._stock, self._filled, self._of = self._burst, 0.0, 0.0

    @property
    def _burst(self) -> float:
        if self.per_second is None:
            return 0.0
        return self.per_second * self.window if self.window else self.burst or max(1.0, self.per_second)

    def takes(self, now: float) -> bool:
        if self.per_second is not None:
            if self.window is None:
                self._stock = min(self._burst, self._stock + (now - self._filled) * self.per_second)
            elif now // self.window != self._of:
                self._of, self._stock = now // self.window, self._burst
            self._filled = now
            if self._stock < 1 - 1e-9:
                return False
        if self.busy >= self.in_flight:
            return False
        self._stock -= 1
        return True

    def wait(self, now: float) -> float | None:
        if not self.asks or self.per_second is None:
            return None
        free = (1 - self._stock) / self.per_second if self.window is None else (self._of + 1) * self.window - now
        return float(-(-max(free, 0.0) // 1)) or 1.0


@dataclass
class Seen:
    """What happened, after a start that isn't counted; refusals are shares of calls that weren't refused by chance."""

    per_second: float
    refused: float
    most: int
    attempts: int


async def _asked(endpoint: Endpoint, seconds: float, since: float, most: int, seed: int) -> Seen:
    loop, chance, limiter = asyncio.get_running_loop(), random.Random(seed), Limiter(most)
    taken = refused = at_once = tries = 0

    async def call() -> None:
        nonlocal taken, refused, at_once, tries
        attempts = 0
        while loop.time() < seconds:
            place = await limiter.enter(first=attempts > 0)
            at_once = max(at_once, limiter.in_flight)
            attempts += 1
            by_chance = endpoint.by_chance > 0 and chance.random() < endpoint.by_chance
            if not by_chance and endpoint.takes(loop.time()):
                endpoint.busy += 1
                await asyncio.sleep(endpoint.latency * chance.uniform(0.7, 1.3))
                endpoint.busy -= 1
                limiter.replied(place)
                taken += since <= loop.time() < seconds
                tries, attempts = max(tries, attempts), 0
                continue
            await asyncio.sleep(0.01)
            refused += not by_chance and since <= loop.time() < seconds
            limiter.refused(place, wait=None if by_chance else endpoint.wait(loop.time()))
            await asyncio.sleep(chance.uniform(0, min(0.5 * 2**attempts, 30.0)))

    await asyncio.gather(*(call() for _ in range(2 * most)))
    return Seen(taken / (seconds - since), refused / max(1, taken + refused), at_once, tries)


def asked(endpoint: Endpoint, *, seconds: float = 60.0, since: float = 20.0, most: int = 128, seed: int = 1) -> Seen:
    """An endpoint that is asked as often as a limiter lets twice as many callers as may be in flight."""
    return simulated(_asked(endpoint, seconds, since, most, seed))
