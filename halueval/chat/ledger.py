"""What the calls of a run took, by step, and a cap on money that the calls under way can't pass either."""

from __future__ import annotations

import asyncio
import math
import os
from dataclasses import dataclass

from halueval.chat.prices import Prices
from halueval.chat.tokens import count_request
from halueval.errors import ChatError, InputError, RunStopped
from halueval.records import ChatReply, ChatRequest, Cost, Stage, total_cost

__all__ = ["Cap", "Ledger", "Reserve"]

LIKELY_REPLY, LONGEST_REPLY = 500, 4_096  # tokens, before a reply was seen, where the request sets no limit
PROMPT_MARGIN = 1.5  # how far the tokens of a prompt may be above what is guessed from its length


@dataclass(frozen=True, slots=True)
class Reserve:
    """Money kept back for a call under way: what it probably costs, what at most, and its prompt's estimated tokens."""

    likely: float
    worst: float
    prompt: int


class Cap:
    """Dollars that one session, or several together, may spend.

    A call may begin when what was spent, what the calls under way cost at most and what it costs at most itself are
    within the cap together. Where they aren't, it waits until others have ended; alone, it may begin when its likely
    price is within the cap. So the calls under way become fewer as the money runs out, the last are made one by one,
    and the cap can be passed by no more than one call's likely price was wrong by. That holds where requests set
    ``max_tokens``; without, a reply is taken to have at most twice the tokens of the longest until now, or 4,096.

    Parameters
    ----------
    dollars : float
    spent : float
        What was spent before: a run that goes on where it was has the same cap, not another.

    Raises
    ------
    InputError
        One of them isn't an amount.

    Examples
    --------
    >>> Cap(5.0, spent=1.25).left
    3.75
    """

    def __init__(self, dollars: float, *, spent: float = 0.0) -> None:
        self.dollars = _amount("max_dollars", dollars)
        self.spent = _amount("spent", spent) if spent else 0.0
        self._process, self._under_way, self._kept = os.getpid(), 0, 0.0
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def left(self) -> float:
        """What is still there; what calls under way will cost isn't taken off."""
        return self.dollars - self.spent

    async def take(self, reserve: Reserve, name: str) -> None:
        """Keep back what a call may cost; waits where only the end of others can show whether there is enough.

        Raises
        ------
        RunStopped
            There isn't enough left for a call like this.
        """
        if self._process != os.getpid():  # forked: the calls under way are the parent's
            self._process, self._under_way, self._kept, self._waiting = os.getpid(), 0, 0.0, []
        while True:
            if self.spent + reserve.likely > self.dollars:
                raise RunStopped(
                    f"{name}: the cap of ${self.dollars:g} is spent (${self.spent:.4g} used, about "
                    f"${reserve.likely:.2g} more for the next call); go on with a higher --max-dollars"
                )
            if not self._under_way or self.spent + self._kept + reserve.worst <= self.dollars:
                self._under_way, self._kept = self._under_way + 1, self._kept + reserve.worst
                return
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn

    def settle(self, reserve: Reserve, dollars: float) -> None:
        """Let go of what was kept back, take off what it cost, and let those that wait see whether there is enough."""
        self.spent += dollars
        self._under_way -= 1
        self._kept = self._kept - reserve.worst if self._under_way else 0.0  # no rounding errors are carried on
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)


class Ledger:
    """Counts the calls, tokens, seconds and money of one model's session, and learns what its calls cost.

    Parameters
    ----------
    name : str
        Of the model, for messages.
    prices : Prices, optional
    cap : Cap, optional
    rather : bool
        Whether the prices go before what the model says that a call cost.

    Raises
    ------
    InputError
        A cap, and no prices that would tell when it is reached.

    Examples
    --------
    >>> ledger = Ledger("m", Prices(1.0, 1.0, 2.0), Cap(5.0))
    >>> ledger.settle("generation", Cost(1, 100, 50, 0.5, 0.0002), None)
    >>> ledger.spent()["generation"].prompt_tokens
    100
    """

    def __init__(
        self, name: str, prices: Prices | None = None, cap: Cap | None = None, *, rather: bool = False
    ) -> None:
        if cap is not None and prices is None:
            raise InputError(
                f"a cap of ${cap.dollars:g}, and the price of {name} is not known, so it could never be reached",
                wanted="prices in dollars per million tokens",
                todo="give them with --price IN OUT (from Python: prices=(IN, OUT)), or leave the cap out",
                field="max_dollars",
            )
        self._name, self.prices, self._cap, self._rather = name, prices, cap, rather
        self._spent: dict[Stage, Cost] = {}
        self._saved: dict[Stage, Cost] = {}
        self._replies, self._completion, self._longest = 0, 0, 0
        self._estimated, self._prompt, self._margin = 0, 0, PROMPT_MARGIN

    def spent(self) -> dict[Stage, Cost]:
        """What was used until now, by step; from any thread."""
        return dict(self._spent)  # costs are never changed, only replaced, so a copy is consistent

    def saved(self) -> dict[Stage, Cost]:
        """What replies that needed no call had cost, by step; from any thread."""
        return dict(self._saved)

    def save(self, stage: Stage, cost: Cost) -> None:
        """Put down a reply that needed no call; nothing of it is spent."""
        self._saved[stage] = total_cost((self._saved.get(stage, Cost()), cost))

    def cost(self, request: ChatRequest, outcome: ChatReply | ChatError | None, seconds: float) -> Cost:
        """What an attempt took; None stands for one that was cancelled."""
        prompt, completion = (0, 0) if outcome is None else (outcome.prompt_tokens, outcome.completion_tokens)
        dollars = None if outcome is None else outcome.dollars
        if self.prices is not None and (self._rather or dollars is None) and (prompt or completion):
            cached = outcome.cached_tokens if isinstance(outcome, ChatReply) else 0
            dollars = self.prices.dollars(prompt, completion, cached)
        if not prompt and not completion and not dollars:
            # the endpoint did nothing for it, or nobody says what it was charged
            for_nothing = isinstance(outcome, ChatError) and outcome.kind != "timeout"
            dollars = 0.0 if for_nothing else self.likely(request)
        return Cost(1, prompt, completion, seconds, dollars)

    def likely(self, request: ChatRequest) -> float | None:
        """What a call would probably cost; None where the price is not known."""
        return None if self.prices is None else self._reserve(request, self.prices).likely

    async def reserve(self, request: ChatRequest) -> Reserve | None:
        """Keep back what a call may cost, if there is a cap; see :meth:`Cap.take`."""
        if self._cap is None or self.prices is None:
            return None
        reserve = self._reserve(request, self.prices)
        await self._cap.take(reserve, self._name)
        return reserve

    def settle(self, stage: Stage, cost: Cost, reserve: Reserve | None) -> None:
        """Put down what an attempt took, and let go of what was kept back for it."""
        self._spent[stage] = total_cost((self._spent.get(stage, Cost()), cost))
        if cost.completion_tokens:
            self._replies += 1
            self._completion += cost.completion_tokens
            self._longest = max(self._longest, cost.completion_tokens)
        if reserve is None or self._cap is None:
            return
        if cost.prompt_tokens:
            self._estimated += reserve.prompt
            self._prompt += cost.prompt_tokens
            self._margin = max(self._margin, cost.prompt_tokens / reserve.prompt)
        self._cap.settle(reserve, cost.dollars or 0.0)

    def release(self, reserve: Reserve | None) -> None:
        """Let go of what was kept back for a call that is not made."""
        if reserve is not None and self._cap is not None:
            self._cap.settle(reserve, 0.0)

    def _reserve(self, request: ChatRequest, prices: Prices) -> Reserve:
        prompt = count_request(request)
        likely = round(prompt * self._prompt / self._estimated) if self._estimated else prompt
        most = request.max_tokens or max(LONGEST_REPLY, 2 * self._longest)
        reply = min(most, round(self._completion / self._replies) if self._replies else LIKELY_REPLY)
        return Reserve(prices.dollars(likely, reply), prices.dollars(round(prompt * self._margin), most), prompt)


def _amount(field: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise InputError(
            repr(value) if isinstance(value, int | float) else f"something of type {type(value).__name__}",
            wanted="an amount of dollars above 0",
            field=field,
        )
    return float(value)
