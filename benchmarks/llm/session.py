"""What a call costs the processor on its way through the session, without any network.

    python benchmarks/llm/session.py [--calls 20000] [--in-flight 128] [--repeats 3]

Calls of a model that answers at once (no latency, no HTTP, no JSON), so that all that is measured is ours: deadline,
limit, accounting. With and without a cap on money, which estimates the tokens of every prompt before the call. Beside
it, in turns, the same calls of the model without a session. Processor time of the whole process, medians.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from halueval.chat import ChatSession
from halueval.chat.loop import run
from halueval.records import ChatReply, ChatRequest

REPLY = ChatReply('{"label": "supported"}', prompt_tokens=450, completion_tokens=8, dollars=0.0001)
REQUEST = ChatRequest(({"role": "user", "content": "The usual dose of metformin is 500 mg twice a day. " * 36},))


class AtOnce:
    """Answers without a wait, but lets others run, as a network would."""

    name = "at-once"
    prices = (0.1, 0.4)

    async def chat(self, request: ChatRequest) -> ChatReply:
        await asyncio.sleep(0)
        return REPLY


def cpu_ms(ask: Callable[[], Awaitable[object]], calls: int, in_flight: int) -> float:
    """Milliseconds of processor time per call, so many callers at once."""

    async def all_of_them() -> None:
        left = iter(range(calls))

        async def caller() -> None:
            for _ in left:
                await ask()

        await asyncio.gather(*(caller() for _ in range(in_flight)))

    began = time.process_time()
    run(all_of_them())
    return 1000 * (time.process_time() - began) / calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    model = AtOnce()
    plain = ChatSession(model, max_in_flight=options.in_flight)
    capped = ChatSession(model, max_in_flight=options.in_flight, max_dollars=1e9)
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "the model alone": lambda: model.chat(REQUEST),
        "with a session": lambda: plain.chat(REQUEST, stage="verification"),
        "with a session and a cap": lambda: capped.chat(REQUEST, stage="verification"),
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(options.repeats):
        for way, ask in ways.items():
            taken[way].append(cpu_ms(ask, options.calls, options.in_flight))
    for way, times in taken.items():
        print(f"{way:26} {statistics.median(times):.4f} ms of processor time per call, {options.in_flight} in flight")


if __name__ == "__main__":
    main()
