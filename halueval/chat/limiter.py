"""How many calls may be under way: found out from the endpoint's answers, as TCP finds out how fast a network is."""

from __future__ import annotations

import asyncio
import heapq
import math
from contextvars import ContextVar
from itertools import count

__all__ = ["TURN", "Limiter"]

# Whose work a call belongs to: of those that wait, calls for earlier work go first, so that what was begun is finished
# and paid for before more is begun, and a run that stops has little that is half done.
TURN: ContextVar[int] = ContextVar("turn", default=0)

START = 8.0  # in flight before anything is known
BACK_OFF = 0.7  # what is left of the limit when the endpoint says that it is too much
STEP = 50  # replies that one more in flight takes afterwards, at least: else a small limit is overrun all the time
LONGEST_PAUSE = 30.0  # seconds, where the endpoint doesn't say how long to wait
USED = 0.5  # of the limit: with fewer in flight, a reply says nothing about whether more would do
PROOF = 4  # replies in a row that show how often calls are taken
RECENT = 32  # outcomes that the share of refusals is of
MOST_BY_CHANCE = 0.3  # share of refusals that may be put down to chance


class Limiter:
    """Places for calls in flight, on one event loop.

    It starts with few places and doubles them with every window (as many replies as there are places) until the
    endpoint first says that this is too much; then it keeps 0.7 of them, and from then on adds one per window. Calls
    that were under way when it backed off say nothing new, so it backs off once per window. Nobody gets a place for as
    long as the endpoint says (Retry-After). Where it doesn't say, the pause is as long as a reply usually takes, and
    twice as long each time that nothing but refusals came back, with one call at a time to see whether they end. Where
    one in flight is too much already, there is a gap between calls.

    Some endpoints refuse by chance, or because of somebody else, however little is asked; to ask for ever less would
    bring everything to a halt. What tells them apart: a call is refused although, since the last refusal, calls were
    taken half as often as before, or less. From then on as many refusals as there were lately are expected, it starts
    again with doubling, and only clearly more than that are too much.

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
    ...     for _ in places:
    ...         limiter.replied(seconds=0.1)
    ...     return limiter.in_flight, limiter.limit
    >>> asyncio.run(three())
    (0, 8.0)
    """

    def __init__(self, most: int, *, pause: float = 0.5) -> None:
        self._most, self._pause = float(most), pause
        self.limit = min(START, self._most)
        self.in_flight = 0
        self._held = False
        self._waiting: list[tuple[bool, int, int, asyncio.Future[int]]] = []  # a heap: who goes first is first
        self._came = count()
        self._doubling = True
        self._window = 0  # counts the times it backed off; a place is of the window it was taken in
        self._refused = 0  # windows with nothing but refusals, one after another
        self._usual: float | None = None  # seconds that a reply takes
        self._until = 0.0  # no place before this time of the loop
        self._gap = 0.0  # seconds between two calls, where even one in flight is too much
        self._timer: asyncio.TimerHandle | None = None
        self._in_a_row, self._since = 0, 0.0  # replies since the last refusal, and when that was
        self._enough = math.inf  # the fewest seconds per call at which several in a row were taken
        self._share = 0.0  # of refusals among the last outcomes
        self._by_chance = 0.0  # share of refusals that comes whatever is asked
        self._outcomes = self._refusals = 0  # of the last few calls, where some are refused by chance

    async def enter(self, *, first: bool = False) -> int:
        """Wait for a place; ``first`` (a call that is tried again) goes before all who wait, then :data:`TURN`."""
        loop = asyncio.get_running_loop()
        if not self._waiting and self._has_place(loop.time()):
            self._take(loop.time())
            return self._window
        place: asyncio.Future[int] = loop.create_future()
        heapq.heappush(self._waiting, (not first, TURN.get(), next(self._came), place))
        self._give()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # the place came and the caller went in the same moment
                self.left()
            raise

    def replied(self, *, seconds: float) -> None:
        """Give the place back: a reply came, so the endpoint could cope."""
        self._note(refused=False)
        self._in_a_row += 1
        if self._gap and self._in_a_row >= PROOF:
            self._enough = min(self._enough, self._seconds_each(asyncio.get_running_loop().time()))
        if self._waiting or self.in_flight >= USED * self.limit:
            step = 1.0 if self._doubling else 1.0 / max(self.limit, STEP)
            self._gap = self._gap * (1 - 1 / STEP) if self._gap > USED * seconds else 0.0
            self.limit = min(self._most, self.limit + (0 if self._gap else step))
        self._usual = seconds if self._usual is None else 0.9 * self._usual + 0.1 * seconds
        self._refused = 0
        self.left()

    def refused(self, place: int, *, wait: float | None = None) -> None:
        """Give the place back: the endpoint said that it is too much, and perhaps how many seconds to wait."""
        now = asyncio.get_running_loop().time()
        self._note(refused=True)
        if place == self._window and self._is_too_much():  # else the limit was lowered since this call began
            self._back_off(now)
        self._in_a_row, self._since = 0, now
        if wait is not None:
            self._until = max(self._until, now + wait)
        self.left()

    def left(self) -> None:
        """Give the place back with nothing learnt."""
        self.in_flight -= 1
        self._give()

    def hold(self, on: bool) -> None:
        """Give no place to anybody until told otherwise."""
        self._held = on
        self._give()

    def open(self) -> None:
        """Let everybody who waits through, pause or not: nobody is going to call any more."""
        while self._waiting:
            *_, place = heapq.heappop(self._waiting)
            if not place.done():
                self.in_flight += 1
                place.set_result(self._window)

    def _back_off(self, now: float) -> None:
        self._window += 1
        self._doubling = False
        self._outcomes = self._refusals = 0
        usual = min(self._pause, self._usual or self._pause)
        if not self._refused:
            if self.limit < 2:
                self._gap = min(LONGEST_PAUSE, (self._gap or self._usual or self._pause) / BACK_OFF)
            self.limit = max(1.0, self.limit * BACK_OFF)
        if self._gap and self._in_a_row > 1 and self._seconds_each(now) > 2 * self._enough:
            self._by_chance = min(MOST_BY_CHANCE, self._share)
            self._gap, self._enough, self._doubling = 0.0, math.inf, True
            return
        pause = min(LONGEST_PAUSE, usual * 2.0 ** min(self._refused, 16))
        self._refused += 1
        self._until = max(self._until, now + pause)

    def _seconds_each(self, now: float) -> float:
        """Per call that was taken since the last refusal; pauses count: what was saved up in them was taken too."""
        return (now - self._since) / self._in_a_row

    def _note(self, *, refused: bool) -> None:
        self._share += (refused - self._share) / RECENT
        if self._outcomes >= max(RECENT, self.limit):
            self._outcomes = self._refusals = 0
        self._outcomes += 1
        self._refusals += refused

    def _is_too_much(self) -> bool:
        """Whether there were more refusals lately than come by chance, by three standard deviations and one."""
        expected = self._outcomes * self._by_chance
        spread = math.sqrt(expected * (1 - self._by_chance))
        return not self._by_chance or self._refusals > expected + 3 * spread + 1

    def _has_place(self, now: float) -> bool:
        return not self._held and self.in_flight < (1 if self._refused > 1 else int(self.limit)) and now >= self._until

    def _take(self, now: float) -> None:
        self.in_flight += 1
        if self._gap:
            self._until = max(self._until, now + self._gap)

    def _give(self) -> None:
        if not self._waiting:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._waiting and self._has_place(now):
            *_, place = heapq.heappop(self._waiting)
            if not place.done():
                self._take(now)
                place.set_result(self._window)
        if self._waiting and now < self._until and (self._timer is None or self._timer.when() < self._until):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_at(self._until, self._resume)

    def _resume(self) -> None:
        self._timer = None
        self._give()
