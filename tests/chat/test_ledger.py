"""What was used, and a cap on money that holds however many calls are under way."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from halueval.chat.ledger import Cap, Ledger
from halueval.chat.prices import Prices
from halueval.chat.tokens import count_request
from halueval.errors import InputError, RunStopped
from halueval.records import ChatRequest, Cost

PRICES = Prices(1.0, 0.5, 4.0)


def request(words: int = 40, max_tokens: int | None = 400) -> ChatRequest:
    return ChatRequest(({"role": "user", "content": "dose " * words},), max_tokens=max_tokens)


@dataclass
class Spree:
    """Calls until the cap is reached, so many at once."""

    cap: float
    at_once: int
    seed: int
    max_tokens: int
    turn: float  # replies are short until this share of the cap is spent
    ledger: Ledger = field(init=False)
    misestimates: list[float] = field(default_factory=list)
    stopped: int = 0
    most_at_once: int = 0
    under_way: int = 0

    def __post_init__(self) -> None:
        self.ledger = Ledger("m", PRICES, Cap(self.cap))

    async def buyer(self, chance: random.Random) -> None:
        while True:
            asked = request(chance.randrange(1, 400), self.max_tokens)
            try:
                reserve = await self.ledger.reserve(asked)
            except RunStopped:
                self.stopped += 1
                return
            assert reserve is not None
            self.under_way += 1
            self.most_at_once = max(self.most_at_once, self.under_way)
            await asyncio.sleep(0)
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            self.under_way -= 1
            prompt = round(count_request(asked) * chance.uniform(0.7, 1.3))
            spent = self.ledger.spent().get("verification", Cost()).dollars or 0.0
            longest = self.max_tokens if spent >= self.turn * self.cap else max(1, self.max_tokens // 20)
            completion = chance.randrange(1, longest + 1) if chance.random() < 0.5 else longest
            dollars = PRICES.dollars(prompt, completion)
            self.misestimates.append(dollars - reserve.likely)
            self.ledger.settle("verification", Cost(1, prompt, completion, 0.0, dollars), reserve)

    async def go(self) -> float:
        await asyncio.gather(*(self.buyer(random.Random(self.seed * 1_000 + i)) for i in range(self.at_once)))
        return self.ledger.spent()["verification"].dollars or 0.0


@examples(max_examples=25)
@given(
    cap=st.floats(0.005, 1.0),
    at_once=st.sampled_from([1, 2, 8, 128]),
    seed=st.integers(0, 10**6),
    max_tokens=st.sampled_from([5, 100, 2_000]),
    turn=st.sampled_from([0.0, 0.5, 0.9]),
)
@example(cap=1.0, at_once=128, seed=1, max_tokens=2_000, turn=0.9)
@example(cap=0.3, at_once=128, seed=1, max_tokens=2_000, turn=0.5)
def test_the_cap_is_passed_by_one_misestimate_at_most(
    cap: float, at_once: int, seed: int, max_tokens: int, turn: float
) -> None:
    cap = cap * max_tokens / 2_000 + 0.003
    spree = Spree(cap, at_once, seed, max_tokens, turn)
    spent = asyncio.run(spree.go())
    assert spent <= cap + max(0.0, *spree.misestimates) + 1e-9
    assert spent >= cap - PRICES.dollars(1_500, max_tokens)  # and what could be spent was
    assert spree.stopped == at_once


def test_many_calls_are_under_way_while_there_is_money() -> None:
    spree = Spree(3.0, 128, 7, 500, 0.0)
    asyncio.run(spree.go())
    assert spree.most_at_once == 128


def test_where_requests_set_no_limit_the_longest_reply_until_now_says_how_much_to_keep_back() -> None:
    async def kept() -> tuple[float, float]:
        ledger = Ledger("m", PRICES, Cap(100.0))
        before = await ledger.reserve(request(max_tokens=None))
        assert before is not None
        ledger.settle("grading", Cost(1, before.prompt, 30_000, 0.0, 0.12), before)
        after = await ledger.reserve(request(max_tokens=None))
        assert after is not None
        return before.worst, after.worst

    before, after = asyncio.run(kept())
    assert before >= PRICES.dollars(0, 4_096)
    assert after >= PRICES.dollars(0, 60_000)


def test_prompts_that_have_more_tokens_than_was_thought_are_kept_more_for_afterwards() -> None:
    async def kept() -> tuple[float, float]:
        ledger = Ledger("m", Prices(1.0, 1.0, 0.0), Cap(100.0))
        before = await ledger.reserve(request())
        assert before is not None
        ledger.settle("grading", Cost(1, 5 * before.prompt, 1, 0.0, 0.0), before)
        after = await ledger.reserve(request())
        assert after is not None
        return before.likely, after.likely

    before, after = asyncio.run(kept())
    assert after == pytest.approx(5 * before)


def test_reaching_the_cap_says_how_to_go_on() -> None:
    async def spend() -> None:
        ledger = Ledger("acme/large", PRICES, Cap(0.002))
        for _ in range(100):
            ledger.settle("extraction", Cost(1, 100, 200, 0.0, 0.0009), await ledger.reserve(request()))

    with pytest.raises(RunStopped, match=r"acme/large: the cap of \$0.002 is spent .*--max-dollars"):
        asyncio.run(spend())


def test_a_cap_without_a_price_is_refused_at_once() -> None:
    with pytest.raises(InputError, match=r"max_dollars.*acme/large is not known.*--price IN OUT"):
        Ledger("acme/large", None, Cap(5.0))


def test_a_free_model_never_reaches_a_cap() -> None:
    async def spend() -> int:
        ledger = Ledger("m", Prices(0.0, 0.0, 0.0), Cap(0.01))
        for _ in range(100):
            ledger.settle("extraction", Cost(1, 10**6, 10**6, 0.0, 0.0), await ledger.reserve(request()))
        return ledger.spent()["extraction"].calls

    assert asyncio.run(spend()) == 100


def test_what_was_used_is_told_by_step_and_is_a_copy() -> None:
    ledger = Ledger("m")
    ledger.settle("extraction", Cost(1, 10, 5, 0.5, 0.25), None)
    ledger.settle("extraction", Cost(1, 20, 5, 0.5, 0.5), None)
    ledger.settle("verification", Cost(1, 1, 1, 0.5, None), None)
    spent = ledger.spent()
    assert spent == {"extraction": Cost(2, 30, 10, 1.0, 0.75), "verification": Cost(1, 1, 1, 0.5, None)}
    spent.clear()
    assert ledger.spent()


def test_money_that_is_let_go_of_is_there_for_those_that_wait() -> None:
    async def waits() -> bool:
        ledger = Ledger("m", PRICES, Cap(0.003))
        first = await ledger.reserve(request())
        second = asyncio.create_task(ledger.reserve(request()))
        await asyncio.sleep(0.01)
        assert not second.done()
        ledger.release(first)
        return await asyncio.wait_for(second, 1.0) is not None

    assert asyncio.run(waits())


def test_several_models_spend_from_one_cap_and_what_was_spent_before_counts() -> None:
    cap = Cap(1.0, spent=0.4)

    async def spend() -> int:
        ledgers, calls = [Ledger(name, PRICES, cap) for name in "ab"], 0
        with pytest.raises(RunStopped, match="the cap of"):
            while True:
                ledger = ledgers[calls % 2]
                ledger.settle("grading", Cost(1, 50, 20, 0.0, 0.01), await ledger.reserve(request()))
                calls += 1
        return calls

    assert asyncio.run(spend()) in (59, 60)
    assert cap.left == pytest.approx(0.0, abs=0.011)


@pytest.mark.parametrize("dollars", [0, -1.0, float("nan"), float("inf"), "5", True])
def test_a_cap_that_is_no_amount_is_refused(dollars: object) -> None:
    with pytest.raises(InputError, match="max_dollars"):
        Cap(dollars)  # type: ignore[arg-type]
    if dollars:
        with pytest.raises(InputError, match="spent"):
            Cap(1.0, spent=dollars)  # type: ignore[arg-type]
