"""What stands between the line and a chat model: deadlines, retries, limits, money; failures that are never replies.

A :class:`~halueval.protocols.ChatModel` tries once and says what went wrong. Everything that all models need is here,
once: nothing above a session retries, waits or counts money, and nothing below it does.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence
from functools import partial
from typing import NoReturn

from halueval.chat.allowance import Place
from halueval.chat.attempt import asked_to_wait, attempt, shown, unreachable
from halueval.chat.kept import kept_or_asked
from halueval.chat.ledger import Cap, Ledger, Reserve
from halueval.chat.limiter import Limiter
from halueval.chat.loop import on_loop, submit
from halueval.chat.prices import Prices
from halueval.chat.secrets import redact
from halueval.chat.settings import count_of, given_prices, number_of
from halueval.errors import ChatError, InputError, RunStopped
from halueval.protocols import ChatModel, ReplyStore
from halueval.records import FAILURE_KINDS, ChatReply, ChatRequest, Cost, Failure, FailureKind, Stage, total_cost

__all__ = ["ChatSession"]

LONGEST_WAIT = 30.0  # seconds between two attempts, where the endpoint doesn't say
KEPT = 2_000  # characters of a reply that is no answer
EMPTY = 3  # attempts that brought no text: two do by chance once in five thousand calls where one in seventy is empty
LATE = 3  # attempts that stalled: one does by chance, a third because of the request or the endpoint
STALLED = 0.99  # of the deadline, for clocks round: an attempt that took all its time
IN_A_ROW = 8  # calls that the endpoint failed, with none between that it didn't: not the items' fault any more
ENDPOINT: tuple[FailureKind, ...] = ("provider_error", "timeout", "rate_limited")


class ChatSession:
    """Calls one chat model for all steps of a run.

    *Time.* An attempt may take ``deadline`` seconds, the last byte of the reply included; of those that took them all
    there are three at most. None begins when the others took ``deadline`` seconds together, with the waits between
    them, so a call takes four times that at most. Waiting for a place in flight, and while the endpoint has all calls
    wait, isn't counted: else the last of three thousand claims would be late before it was begun.

    *Attempts.* What ``ChatError.retry`` says may help is tried again after a random wait of up to ``backoff``, 2, 4 ...
    times that, and not before the endpoint says (Retry-After), for which all calls wait; should that be later than
    ``deadline``, the call fails and says so. An empty reply is asked for twice more, unless it was cut off or filtered:
    chance empties some (sampling, a provider's hiccup), and more attempts would only pay for the same silence.

    *Places.* :class:`~halueval.chat.allowance.Allowance` finds out how many calls the endpoint takes.

    *Money.* :class:`~halueval.chat.ledger.Cap` says how the cap is kept. What nobody says the price of (an
    attempt that ran out of time, a reply without token counts) is put down at its likely one.

    *Cache.* A reply that is kept is given at once: no place, no money; see :mod:`halueval.chat.kept`.

    *What it took* is told in two ways. The cost that comes with a reply is that of the reply alone, so it is the same
    whether the reply was asked for now, at the third attempt, or before. :meth:`spent` is what this session really
    used: every attempt, and nothing for what was kept (:meth:`saved`).

    Whatever a model raises or returns instead of a reply is a ``Failure``, counted; only what every other call would
    meet as well (``ChatError.fatal``, an endpoint that can't be reached or fails eight calls in a row, the cap, a cache
    that can't be written) raises ``RunStopped`` for all that wait and all to come, while the calls in flight may end.

    Parameters
    ----------
    model : ChatModel
        Its attribute ``prices``, if it has one, says what tokens cost.
    deadline, backoff : float
        Seconds.
    max_attempts : int
        Until there is a reply; :func:`halueval.chat.ask` says how often one that can't be read is asked for again.
    max_in_flight : int
    max_dollars : float or Cap, optional
        What this session may spend; a ``Cap`` may be shared by several, and know what was spent before.
    prices : Prices or sequence of float, optional
        Dollars per million tokens of prompt and reply (or prompt, kept prompt, reply), instead of the model's own.
    seed : int
        Of the random waits.
    cache : ReplyStore, optional
        Keeps replies, for this session and others; such as :class:`halueval.runs.cache.CallCache`. May also be set
        later, as the attribute of that name, before the first call.

    Raises
    ------
    InputError
        A setting that can't be: the message names it. A cap on money where the price isn't known.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> from halueval.chat.loop import run
    >>> session = ChatSession(ScriptedChat(["Yes."]))
    >>> request = ChatRequest(({"role": "user", "content": "Say yes."},))
    >>> run(session.chat(request, stage="generation"))[0].text
    'Yes.'
    >>> failure, cost = run(session.chat(request, stage="generation", item_id="a"))
    >>> failure.kind, failure.item_id, session.spent()["generation"].calls
    ('provider_error', 'a', 2)
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        deadline: float = 120.0,
        max_attempts: int = 8,
        max_in_flight: int = 128,
        max_dollars: float | Cap | None = None,
        prices: Prices | Sequence[float] | None = None,
        backoff: float = 0.5,
        seed: int = 0,
        cache: ReplyStore | None = None,
    ) -> None:
        if not (isinstance(getattr(model, "name", None), str) and callable(getattr(model, "chat", None))):
            wanted = "a `name` and a coroutine method `chat`"
            raise InputError(f"{shown(model)} is no chat model", wanted=wanted, field="model")
        self.model = model
        self.deadline = number_of("deadline", deadline, "seconds")
        self.max_attempts = count_of("max_attempts", max_attempts)
        self.max_in_flight = count_of("max_in_flight", max_in_flight)
        self.cap = cap = max_dollars if max_dollars is None or isinstance(max_dollars, Cap) else Cap(max_dollars)
        self.max_dollars = None if cap is None else cap.dollars
        self._backoff = number_of("backoff", backoff, "seconds")
        own = given_prices(prices)
        known = own or given_prices(getattr(model, "prices", None))
        self._ledger = Ledger(self.name, known, cap, rather=own is not None)
        self._random = random.Random(seed)
        self._stopped = ""
        self._answers = self._replies = 0  # attempts that the endpoint answered: with whatever, with a reply
        self._long_waits = 0  # calls told to wait longer than the deadline, with no reply between them
        self._failed = 0  # calls that the endpoint failed in all their attempts, in a row
        self.cache = cache
        self._begin()

    @property
    def name(self) -> str:
        """The model's."""
        return self.model.name

    @property
    def prices(self) -> Prices | None:
        """What tokens cost; None where it isn't known."""
        return self._ledger.prices

    def spent(self) -> dict[Stage, Cost]:
        """What was used until now, by step, with every attempt; from any thread."""
        return self._ledger.spent()

    @property
    def in_flight(self) -> int:
        """How many calls are under way; from any thread."""
        return self._limiter.in_flight

    def hold(self, on: bool = True) -> None:
        """Begin no other call, while those in flight may end, or go on; from any thread."""
        submit(self._hold(on))

    def saved(self) -> dict[Stage, Cost]:
        """What replies that were there already had cost when they were asked for, by step; from any thread."""
        return self._ledger.saved()

    async def chat(self, request: ChatRequest, *, stage: Stage, item_id: str = "") -> tuple[ChatReply | Failure, Cost]:
        """The reply and what it cost, without the attempts that failed before it; or the failure, and all it took.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        """
        return await on_loop(self._chat(request, stage, item_id))

    async def _hold(self, on: bool) -> None:
        self._limiter.hold(on)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._limiter = Limiter(self.max_in_flight, pause=self._backoff)
        self._stopping = asyncio.Event()

    async def _chat(self, request: ChatRequest, stage: Stage, item_id: str) -> tuple[ChatReply | Failure, Cost]:
        if self._process != os.getpid():  # forked: the calls in flight, and the loop they are on, are the parent's
            self._begin()
        if self.cache is None:
            return await self._asked(request, stage, item_id)
        self._go_on()
        ask = partial(self._asked, request, stage, item_id)
        outcome, cost, kept = await kept_or_asked(self.cache, self.model, request, stage, item_id, ask, self._stop)
        if kept:
            self._ledger.save(stage, cost)
        return outcome, cost

    async def _asked(self, request: ChatRequest, stage: Stage, item_id: str) -> tuple[ChatReply | Failure, Cost]:
        costs: list[Cost] = []
        used, empty, late, reached, answers, replies = 0.0, 0, 0, False, self._answers, self._replies
        while True:
            outcome, cost = await self._placed(request, stage, again=bool(costs))
            costs.append(cost)
            if isinstance(outcome, ChatReply):
                return outcome, cost
            if outcome.fatal:
                self._stop(str(outcome))
            reached = reached or not unreachable(outcome)
            empty += outcome.kind == "empty_reply"
            late += (stalled := cost.seconds >= STALLED * self.deadline)
            wait = self._random.uniform(0.0, min(self._backoff * 2.0 ** (len(costs) - 1), LONGEST_WAIT))
            used += wait + (0.0 if stalled else cost.seconds)
            problem = self._last(outcome, len(costs), used, enough=empty >= EMPTY or late >= LATE)
            if problem is None:
                await self._wait(wait)
                continue
            if not reached and self._answers == answers:
                self._stop(problem)
            endpoints = outcome.kind in ENDPOINT and (outcome.retry or outcome.kind == "timeout")
            # where replies came in the meantime it was about this call: those that nobody answers end last, in a row
            self._failed = self._failed + 1 if endpoints and self._replies == replies else 0
            if self._failed >= IN_A_ROW:
                self._stop(f"{self._failed} calls in a row failed in every attempt, the last one with: {problem}")
            total = total_cost(costs)
            kind = outcome.kind if outcome.kind in FAILURE_KINDS else "provider_error"
            return Failure(stage, kind, problem, item_id, len(costs), redact(outcome.reply[:KEPT]), total), total

    def _last(self, error: ChatError, attempts: int, used: float, *, enough: bool) -> str | None:
        """Why no other attempt is made; None if one is."""
        said = redact(str(error)) + (f" ({attempts} attempts)" if attempts > 1 else "")
        asked = asked_to_wait(error)
        if not error.retry or attempts >= self.max_attempts or enough:
            return said
        if asked is not None and asked > self.deadline:
            said += f"; it asks to wait {asked:g} s, and the deadline is {self.deadline:g} s"
            self._long_waits += 1
            if self._long_waits > 1:  # one might be about that request alone
                self._stop(f"{said}; go on later")
            return said
        return f"{said}; no time for another" if used > self.deadline else None

    async def _placed(self, request: ChatRequest, stage: Stage, *, again: bool) -> tuple[ChatReply | ChatError, Cost]:
        """One attempt, in a place and within the money, put down in the ledger whatever becomes of it."""
        self._go_on()
        limiter = self._limiter
        place = await limiter.enter(first=again)
        try:
            self._go_on()
            reserve = await self._reserve(request)
        except BaseException:
            limiter.left(place)
            raise
        clock = asyncio.get_running_loop().time
        began = clock()
        outcome: ChatReply | ChatError | None = None
        try:
            outcome = await attempt(self.model, request, self.deadline)
        finally:
            seconds = clock() - began
            cost = self._ledger.cost(request, outcome, seconds)
            self._ledger.settle(stage, cost, reserve)
            self._learn(outcome, place)
        return outcome, cost

    async def _reserve(self, request: ChatRequest) -> Reserve | None:
        try:
            reserve = await self._ledger.reserve(request)
        except RunStopped as error:
            self._stop(str(error))
        if self._stopped:
            self._ledger.release(reserve)
            self._go_on()
        return reserve

    def _learn(self, outcome: ChatReply | ChatError | None, place: Place) -> None:
        """Give the place back, with what the outcome says about the endpoint; None if the call was cancelled."""
        if isinstance(outcome, ChatReply):
            self._answers, self._replies = self._answers + 1, self._replies + 1
            self._long_waits = self._failed = 0
            self._limiter.replied(place)
            return
        asked = None
        if outcome is not None:
            self._answers += not (outcome.kind == "timeout" or unreachable(outcome))
            asked = asked_to_wait(outcome)
        if outcome is not None and (outcome.kind == "rate_limited" or asked is not None):
            self._limiter.refused(place, wait=asked if asked is not None and asked <= self.deadline else None)
        else:
            self._limiter.left(place)

    async def _wait(self, seconds: float) -> None:
        """Wait, less long if the run stops."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _go_on(self) -> None:
        if self._stopped:
            raise RunStopped(self._stopped)

    def _stop(self, why: str) -> NoReturn:
        """No other call is made: this one, those that wait and those to come raise ``RunStopped``."""
        self._stopped = self._stopped or redact(why)
        self._stopping.set()
        self._limiter.open()
        raise RunStopped(self._stopped) from None
