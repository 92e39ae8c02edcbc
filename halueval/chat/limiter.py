"""Places for calls in flight: who gets one, and when."""

from __future__ import annotations

import asyncio
import heapq
from contextvars import ContextVar
from itertools import count

from halueval.chat.allowance import Allowance, Place

__all__ = ["TURN", "Limiter"]

# Whose work a call belongs to: of those that wait, calls for earlier work go first, so that what was begun is finished
# and paid for before more is begun, and a run that stops has little that is half done.
TURN: ContextVar[int] = ContextVar("turn", default=0)


class Limiter:
    """Places for calls in flight, on one event loop; :class:`~halueval.chat.allowance.Allowance` says how many.

    Parameters
    ----------
    most : int
        Never more than these in flight.
    pause : float
        Seconds that the first pause takes at most.

    Examples
    --------
    >>> async def three():
    ...     limiter = Limiter(128)
    ...     places = [await limiter.enter() for _ in range(3)]
    ...     for place in places:
    ...         limiter.replied(place)
    ...     return limiter.in_flight, limiter.limit
    >>> asyncio.run(three())
    (0, 8.0)
    """

    def __init__(self, most: int, *, pause: float = 0.5) -> None:
        self._allowance = Allowance(most, pause=pause)
        self._held = False
        self._waiting: list[tuple[bool, int, int, asyncio.Future[Place]]] = []  # a heap: who goes first is first
        self._came = count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def in_flight(self) -> int:
        """Places that are taken."""
        return self._allowance.in_flight

    @property
    def limit(self) -> float:
        """How many may be, as far as is known."""
        return self._allowance.limit

    async def enter(self, *, first: bool = False) -> Place:
        """Wait for a place; ``first`` (a call that is tried again) goes before all who wait, then :data:`TURN`."""
        loop = asyncio.get_running_loop()
        if not self._waiting and self._has_place(loop.time()):
            return self._allowance.take(loop.time())
        place: asyncio.Future[Place] = loop.create_future()
        heapq.heappush(self._waiting, (not first, TURN.get(), next(self._came), place))
        self._give()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # the place came and the caller went in the same moment
                self.left(place.result())
            raise

    def replied(self, place: Place) -> None:
        """Give the place back: a reply came, so the endpoint could cope."""
        self._allowance.replied(place, asyncio.get_running_loop().time(), wanted=bool(self._waiting))
        self._give()

    def refused(self, place: Place, *, wait: float | None = None) -> None:
        """Give the place back: the endpoint said that it is too much, and perhaps how many seconds to wait."""
        self._allowance.refused(place, asyncio.get_running_loop().time(), wait=wait)
        self._give()

    def left(self, place: Place) -> None:
        """Give the place back with nothing learnt."""
        self._allowance.left(place)
        self._give()

    def hold(self, on: bool) -> None:
        """Give no place to anybody until told otherwise."""
        self._held = on
        self._allowance.rest()
        self._give()

    def open(self) -> None:
        """Let everybody who waits through, pause or not: nobody is going to call any more."""
        now = asyncio.get_running_loop().time()
        while self._waiting:
            *_, place = heapq.heappop(self._waiting)
            if not place.done():
                place.set_result(self._allowance.take(now))

    def _has_place(self, now: float) -> bool:
        return not self._held and self._allowance.has_room(now)

    def _give(self) -> None:
        if not self._waiting:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._waiting and self._has_place(now):
            *_, place = heapq.heappop(self._waiting)
            if not place.done():
                place.set_result(self._allowance.take(now))
        ready = self._allowance.ready
        if self._waiting and now < ready and (self._timer is None or self._timer.when() != ready):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_at(ready, self._resume)

    def _resume(self) -> None:
        self._timer = None
        self._give()
