"""A session against endpoints that take L calls a second: how much of L is used, and how often is it told to wait?

One endpoint process has a limit for each model that it serves, kept by a bucket of tokens for one second or by windows
of one second. A call beyond it gets a 429: bare, with Retry-After in whole seconds as most providers send it, or with
x-ratelimit headers (which aren't read). Twice as many callers as may be in flight always have something to ask. Counted
by the endpoint, by the second; what counts begins 30 seconds after the first call.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from served import serve, served

from halueval.chat import ChatSession
from halueval.chat.loop import run
from halueval.chat.mock_endpoint import MockReply, error_body
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.errors import RunStopped
from halueval.records import ChatRequest

IN_FLIGHT = 64
WARM_UP = 30  # seconds
TELLS = ("nothing", "retry-after", "x-ratelimit")
KEEPS = ("bucket", "window")


@dataclass
class Limit:
    """So many calls a second, in a bucket or in windows of one second; ``tells`` what a refusal says."""

    per_second: float
    keeps: str
    tells: str
    stock: float = 0.0
    filled: float = 0.0
    began: float = 0.0
    taken: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)

    def __call__(self, body: Mapping[str, Any]) -> str | MockReply:
        now = time.monotonic()
        if not self.began:
            self.began, self.filled, self.stock = now, now, self.per_second
        if self.keeps == "bucket":
            self.stock = min(self.per_second, self.stock + (now - self.filled) * self.per_second)
            self.filled = now
        elif now >= self.filled + 1:
            self.stock, self.filled = self.per_second, now - (now - self.filled) % 1
        taken = self.stock >= 1
        self.stock -= taken
        (self.taken if taken else self.refused)[int(now - self.began)] += 1
        return "Yes." if taken else MockReply(error_body("Slow down."), 429, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        if self.tells == "retry-after":
            return {"Retry-After": "1"}
        if self.tells == "x-ratelimit":
            limit = f"{self.per_second:g}"
            return {
                "x-ratelimit-limit-requests": limit,
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": f"{1 / self.per_second:.3f}s",
            }
        return {}


def serve_limits(settings: Mapping[str, Any]) -> None:
    limits = {name: Limit(*limit) for name, limit in settings["limits"].items()}
    serve(
        lambda body: limits[body["model"]](body),
        lambda: {name: [sorted(one.taken.items()), sorted(one.refused.items())] for name, one in limits.items()},
        latency=settings["latency"],
    )


async def keep_asking(session: ChatSession, until: float) -> None:
    async def caller(number: int) -> None:
        asked = 0
        while time.monotonic() < until:
            asked += 1
            request = ChatRequest(({"role": "user", "content": f"Question {asked} of caller {number}?"},))
            await session.chat(request, stage="verification", item_id=f"{number}-{asked}")

    callers = [asyncio.ensure_future(caller(number)) for number in range(2 * IN_FLIGHT)]
    done, late = await asyncio.wait(callers, timeout=max(0.0, until - time.monotonic()))
    for task in late:
        task.cancel()
    for outcome in await asyncio.gather(*done, *late, return_exceptions=True):
        if isinstance(outcome, RunStopped):
            raise outcome


def measured(limits: Sequence[tuple[float, str, str]], seconds: float, latency: float) -> list[tuple[float, float]]:
    """Share of L that was used, and share of calls that were refused, after the warm-up; of each limit."""
    names = {f"{per_second:g}-{keeps}-{tells}": (per_second, keeps, tells) for per_second, keeps, tells in limits}
    with served(__file__, {"limits": names, "latency": latency}) as endpoint:
        sessions = [ChatSession(OpenAICompatibleChat(name, endpoint.url), max_in_flight=IN_FLIGHT) for name in names]
        until = time.monotonic() + WARM_UP + seconds + 1

        async def together() -> None:
            await asyncio.gather(*(keep_asking(session, until) for session in sessions))

        run(together())
    shares = []
    for name, (per_second, *_) in names.items():
        counts: list[dict[str, int]] = []
        for seen in endpoint.seen[name]:
            late: dict[str, int] = defaultdict(int)
            for second, number in seen:
                late["calls"] += number if WARM_UP <= second < WARM_UP + seconds else 0
            counts.append(late)
        taken, refused = (late["calls"] for late in counts)
        shares.append((taken / (per_second * seconds), refused / max(1, taken + refused)))
    return shares


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limits", type=float, nargs="+", default=[5.0, 20.0, 50.0], metavar="L")
    parser.add_argument("--seconds", type=int, default=30, help="that are counted, after the warm-up of 30")
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--keeps", choices=KEEPS, nargs="+", default=list(KEEPS))
    parser.add_argument("--tells", choices=TELLS, nargs="+", default=list(TELLS))
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve_limits(json.loads(arguments.serve))
        return 0
    held = True
    print(f"{'kept by':8} {'a 429 tells':12} {'L':>5}  used  refused")
    for keeps in arguments.keeps:
        for tells in arguments.tells:
            limits = [(per_second, keeps, tells) for per_second in arguments.limits]
            for (per_second, *_), (used, refused) in zip(
                limits, measured(limits, arguments.seconds, arguments.latency), strict=True
            ):
                print(f"{keeps:8} {tells:12} {per_second:5g} {used:5.3f}  {refused:.3f}", flush=True)
                held = held and used >= 0.85 and refused <= 0.05
    print("at least .85 used and at most .05 refused of each" if held else "broken")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
