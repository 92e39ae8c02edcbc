"""How much an endpoint takes, in flight and in a second: found out from what it takes and what it refuses.

No clock and no waiting in here: whoever asks says what time it is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from halueval.chat.chance import Chance

__all__ = ["Allowance", "Place"]

START = 8.0  # in flight before anything is known
OVERRUN, BACK_OFF = 0.7, 0.85  # what is left of the limit: after the first refusal, after a later one
CREEP, FASTEST_CREEP = 0.02, 0.4  # calls in flight that a reply adds to the limit, once it was overrun
FEW = 2.0  # in flight: fewer can't be told apart by how many they are, only by how often they come
JUST_BELOW = 0.97  # of the calls that were taken in a second: how many are begun in one from then on
SLOWEST, FASTEST = 0.01, 0.2  # share by which calls in a second grow, in a second
QUIET = 10.0  # seconds without a refusal after which everything grows twice as fast
SPREAD = 0.8  # of the time between two calls if they were spread evenly: the least there is
SLACK = 0.02  # seconds that a call which is begun late may be caught up with, where calls are close
USED = 0.5  # of the limit: with fewer in flight, a reply says nothing about whether more would do
PROOF = 8  # calls, and times a reply, that say how many are taken in a second
LESS = 0.7  # of the calls that were taken in a second: one that is refused although no more were taken was by chance
SAFE = 0.6  # of them: so many are surely not too much
ALONE = 0.8  # of the calls in flight that were taken: one refused among fewer wasn't because of how many they were
SHUT = 0.6  # share of refusals lately that means: nothing is taken now
LONGEST_PAUSE = 30.0  # seconds, where the endpoint doesn't say how long to wait


class Place(NamedTuple):
    """A place that a call takes: of which window it is, among how many in flight, and when it was taken."""

    window: int
    among: int
    began: float


class Allowance:
    """How many calls may be in flight, and how many may be begun in a second.

    *In flight.* It starts with few and doubles them with every window (as many replies as there are places) until
    the endpoint first says that this is too much; then it keeps 0.7 of them, later 0.85 each time, once per window:
    calls that were under way say nothing new. After that a reply adds a fiftieth, more when it has been quiet for long.

    *In a second.* Where a call is refused among fewer than were taken before, or with hardly any in flight, it isn't
    their number that is too much. How many calls were taken between two refusals says how many are: a bucket of
    tokens was empty at both ends. A little fewer are begun from then on, evenly, and slowly more again.

    *By chance.* Some endpoints refuse whatever is asked, or because of somebody else; to ask for ever less would bring
    everything to a halt. What tells them apart: between two refusals no more than 0.7 of what was taken before was
    taken. Then :class:`~halueval.chat.chance.Chance` watches at a level that is safe; what is refused there is
    expected from then on.

    *Pauses.* Nobody gets a place for as long as the endpoint says (Retry-After). Where it doesn't say and nothing is
    taken, the pause is as long as a reply usually takes, and twice as long each time, with one call at a time to see
    whether it ends.

    Parameters
    ----------
    most : int
        Never more than these in flight.
    pause : float
        Seconds that the first pause takes at most.

    Examples
    --------
    >>> allowance = Allowance(128)
    >>> places = [allowance.take(0.0) for _ in range(8)]
    >>> allowance.has_room(0.0)
    False
    >>> allowance.refused(places[0], 0.1)
    >>> round(allowance.limit, 2), allowance.in_flight
    (5.6, 7)
    """

    def __init__(self, most: int, *, pause: float = 0.5) -> None:
        self._most, self._pause = float(most), pause
        self.limit = min(START, self._most)
        self.rate = math.inf  # calls that may be begun in a second
        self.in_flight = 0
        self._until = self._next = 0.0  # no call before these times: because of a pause, because of the one before
        self._usual = 0.0  # seconds that a reply takes
        self._doubling = True
        self._window = 0  # counts the times it backed off
        self._begun = self._open = 0  # calls of this window: all, and those that nothing has come of yet
        self._in_vain = 0  # windows in a row in which nothing was taken
        self._lately = 0.0  # share of refusals
        self._chance = Chance()
        # since the last refusal that was too much:
        self._backed = self._grown = 0.0
        self._growth = FASTEST
        self._shut = False
        # since the last one that ended a proof:
        self._since: float | None = None
        self._latest = 0.0
        self._taken = 0
        self._idle = False
        self._among = 0  # calls in flight, at most, when one was taken
        self._proofs = 0
        self._proven = self._last = 0.0  # calls taken in a second: most of all proofs, by the last one

    @property
    def ready(self) -> float:
        """No call before this time."""
        return max(self._until, self._next)

    def has_room(self, now: float) -> bool:
        """Whether a call may begin."""
        limit = self.limit * SAFE if self._chance.watching else self.limit
        if self._in_vain and self._open and self._begun >= limit:  # first see whether any of these is taken
            return False
        return self.in_flight < (1 if self._in_vain > 1 else max(1, int(limit))) and now >= self.ready

    def take(self, now: float) -> Place:
        """Take a place for a call that begins."""
        self.in_flight += 1
        self._open += 1
        self._begun += 1
        even = 0.0 if self._doubling else SPREAD * self._usual / self.limit
        gap = max(1 / self.rate, even)
        self._next = max(self._next, now - (SLACK if gap < SLACK / 2 else gap / 5)) + gap
        return Place(self._window, self.in_flight, now)

    def replied(self, place: Place, now: float, *, wanted: bool) -> None:
        """Give a place back: a reply came. ``wanted`` says whether others wait for places."""
        self._note(place, refused=False)
        if self._since is None:
            self._since = place.began
        if place.began >= self._since:
            self._taken += 1
            self._latest = max(self._latest, place.began)
            self._among = max(self._among, place.among)
        if not (wanted or self.in_flight >= USED * self.limit):
            self._idle = True
        elif not self._chance.watching:
            self._grow(now)
        seconds = now - place.began
        self._usual = 0.9 * self._usual + 0.1 * seconds if self._usual else seconds
        self._in_vain = 0
        self.left(place)

    def refused(self, place: Place, now: float, *, wait: float | None = None) -> None:
        """Give a place back: it was too much, and the endpoint perhaps said how many seconds to wait."""
        self._note(place, refused=True)
        if self._since is None:
            self._since = now
        self.left(place)
        # refusals are quicker than replies: that nothing is taken shows only when nothing is open
        if place.window == self._window and self._chance.too_much(self._open) and not (self._in_vain and self._open):
            self._back_off(place, now)
        if self._lately > SHUT and self._usual:
            self._shut = True
            self._until = max(self._until, now + min(self._pause, self._usual))
        if wait is not None:
            self._until = max(self._until, now + wait)

    def left(self, place: Place) -> None:
        """Give a place back with nothing learnt."""
        self.in_flight -= 1
        self._open -= place.window == self._window

    def rest(self) -> None:
        """Nothing was asked for a while, though somebody wanted to: what is taken next may have been saved up."""
        self._idle = True

    def _note(self, place: Place, *, refused: bool) -> None:
        self._lately += (refused - self._lately) / 8
        watching = self._chance.watching
        self._chance.note(refused, watched=place.window == self._window)
        if watching and not self._chance.watching:
            if self._chance.share:  # it was by chance: all that was learnt from it was wrong
                self.rate, self._doubling, self._proofs, self._proven = math.inf, True, 0, 0.0
            else:
                self.rate = JUST_BELOW * self._proven
                self._proven = self._last

    def _grow(self, now: float) -> None:
        faster = 2.0 ** min((now - self._backed) / QUIET, 16.0)
        full = self.in_flight >= int(self.limit)
        if self._doubling:
            self.limit = min(self._most, self.limit + 1)
        elif full:
            creep = min(FASTEST_CREEP, CREEP * faster) * min(1.0, 1 / (CREEP * self.limit))
            self.limit = min(self._most, self.limit + creep)
        if self.rate < math.inf and not full:
            growth = min(FASTEST, self._growth * faster)
            self.rate *= 1 + min(growth * min(now - self._grown, 1.0), growth / 10)
        self._grown = now

    def _proof(self) -> float | None:
        """Calls that were taken in a second since the last proof, if there were enough, and always some to be made."""
        if self._since is None or self._idle or self._taken < PROOF or self._latest - self._since < 2 * self._usual:
            return None
        return self._taken / (self._latest - self._since)

    def _back_off(self, place: Place, now: float) -> None:
        self._window += 1
        self._begun = self._open = 0
        self._chance.settle()
        proof = self._proof()
        if proof is not None:
            self._last = proof
            if self._proofs > 1 and proof < LESS * self._proven and not self._chance.watching:
                self._watch(now)
                return
        if not self._in_vain:
            self._lower(place, now, proof)
        if proof is not None:
            self._proofs += 1
            if self._proofs > 1:  # the first began with a bucket that was full
                self._proven = max(self._proven, proof)
        if proof is not None or self._idle:
            self._begin_proof(now)
        self._doubling = False
        self._backed = self._grown = now
        if self._in_vain:
            pause = min(self._pause, self._usual or self._pause) * 2.0 ** min(self._in_vain, 16)
            self._until = max(self._until, now + min(LONGEST_PAUSE, pause))
        self._in_vain += 1

    def _watch(self, now: float) -> None:
        self._chance.watch()
        self.rate = SAFE * self._proven
        self._next = max(self._next, now)
        self._in_vain = 0
        self._begin_proof(now)

    def _lower(self, place: Place, now: float, proof: float | None) -> None:
        """Fewer in flight, or fewer in a second, whichever it was."""
        crowded = (
            self.limit >= 2
            and (self._doubling or place.among > ALONE * self._among)
            and (self.rate == math.inf or place.among >= int(self.limit))  # else it isn't the limit that is overrun
        )
        few = False
        if crowded:
            lower = self.limit * (OVERRUN if self._doubling else BACK_OFF)
            # so many are in flight when what is taken in a second is taken
            self.limit = max(1.0, min(JUST_BELOW * self.limit, max(lower, self._last * self._usual)))
            few = self.limit < FEW
            self._among = 0
        if proof is not None and (not crowded or few or self._shut):
            self._shut = False
            rate = JUST_BELOW * proof / (1 - self._chance.share)
            self._slow_to(rate if self.rate == math.inf else max(rate, LESS * self.rate))
        elif not crowded and self._taken:
            self._slow_to(BACK_OFF * self.rate)
        if self.rate < math.inf:
            self._growth = max(SLOWEST, self._growth / 2)
        self._next = max(self._next, now)

    def _slow_to(self, rate: float) -> None:
        self.rate = max(rate, 1 / LONGEST_PAUSE)

    def _begin_proof(self, now: float) -> None:
        self._taken, self._since, self._idle = 0, now, False
