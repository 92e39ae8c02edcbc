"""The judge against an endpoint where more than a third of all calls go wrong: the verdicts of one where none does?

Made-up claims, each with its passage, go through the judge over HTTP twice: once without faults, once with a fault for
each call by chance. What is said to a claim is a function of the claim, so any verdict that differs was made by a
fault. Then some claims are never answered at all, however often they are asked about: when does the run end?
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from served import Served, serve, served

from halueval.chat import ChatSession
from halueval.chat.mock_endpoint import MockReply, completion, error_body
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.line import verify_each
from halueval.records import Claim, ClaimWithEvidence, Evidence, Failure, Outcome, Span, Verdict
from halueval.verifiers.judge import JudgeVerifier

LATENCY = 0.02
LABELS = ("supported", "refuted", "not_enough_info")
NUMBER = re.compile(r"drug number (\d+)")
FAULTS = {
    "429": 0.20,
    "5xx": 0.05,
    "broken JSON": 0.03,
    "reset": 0.02,
    "stall": 0.02,
    "truncated": 0.01,
    "empty": 0.01,
    "wrong schema": 0.01,
    "200 with an error": 0.01,
}


def truth(number: int) -> dict[str, Any]:
    """What is to be said of a claim."""
    digest = hashlib.sha256(str(number).encode()).digest()
    label = LABELS[digest[0] % 3]
    quote = "" if label == "not_enough_info" else f"drug number {number}"
    return {
        "id": "c1",
        "quote": quote,
        "reason": digest.hex()[:8],
        "label": label,
        "probability": digest[1] / 512 + 0.5,
    }


def is_never_answered(number: int, share: float) -> bool:
    return int.from_bytes(hashlib.sha256(f"never {number}".encode()).digest()[:4]) < share * 2**32


def reply(number: int, fault: str, chance: random.Random) -> MockReply:
    """A reply about a claim, with what is wrong about it."""
    text = json.dumps({"verdicts": [truth(number)]})
    whole = MockReply(completion(text, prompt_tokens=400, completion_tokens=40))
    match fault:
        case "429":
            return MockReply(error_body("Slow down."), 429)
        case "5xx":
            return MockReply(error_body("No."), chance.choice((500, 502, 503, 520)))
        case "broken JSON":
            return MockReply(completion(chance.choice((f"Sure! {text}", text.replace('"', "'"), text[:-1] + ",}"))))
        case "reset":
            return MockReply(drop=True) if chance.random() < 0.5 else MockReply(whole.body, drop_after=40)
        case "stall":
            return MockReply(hang=True) if chance.random() < 0.5 else MockReply(whole.body, stall_after=40)
        case "truncated":
            return MockReply(completion(text[: len(text) // 2], finish_reason="length"))
        case "empty":
            return MockReply(completion(chance.choice(("", " \n", None))))
        case "wrong schema":
            other = {**truth(number), "label": "probably", "probability": "high"}
            return MockReply(completion(json.dumps(chance.choice(({"verdicts": [other]}, {"verdict": truth(number)})))))
        case "200 with an error":
            return MockReply(error_body("The upstream is not there.", code="502"))
    return whole


def serve_faults(settings: Mapping[str, Any]) -> None:
    chance, counts = random.Random(settings["seed"]), Counter[str]()
    faults, weights = [*FAULTS, "none"], [*FAULTS.values(), 1 - sum(FAULTS.values())]

    def respond(body: dict[str, Any]) -> MockReply:
        found = NUMBER.search(body["messages"][1]["content"])
        assert found is not None
        number = int(found[1])
        if is_never_answered(number, settings["never"]):
            counts["never"] += 1
            return MockReply(hang=True)
        fault = chance.choices(faults, weights)[0] if settings["faults"] else "none"
        counts[fault] += 1
        return reply(number, fault, chance)

    serve(respond, lambda: {"faults": counts}, latency=LATENCY)


def items(count: int, each: int = 5) -> Iterator[ClaimWithEvidence]:
    """Claims, five of a response, each with a passage that names it."""
    for n in range(count):
        text = f"In one trial, drug number {n} was given to adults once a day, and half of them felt better."
        claim = Claim(f"r{n // each}-{n % each}", f"r{n // each}", f"Adults take drug number {n} once a day.")
        yield ClaimWithEvidence(claim, (Evidence(f"d{n}", text, Span(0, len(text))),))


@dataclass
class Ran:
    outcomes: list[Outcome]
    seconds: float
    endpoint: Served


def ran(count: int, deadline: float, **settings: Any) -> Ran:
    with served(__file__, {"seed": 1, "faults": False, "never": 0.0, **settings}) as endpoint:
        # waits as short, beside this deadline, as they are beside the one of two minutes
        session = ChatSession(OpenAICompatibleChat("mock", endpoint.url), deadline=deadline, backoff=deadline / 240)
        began = time.perf_counter()
        outcomes = list(verify_each(items(count), JudgeVerifier(session)))
        return Ran(outcomes, time.perf_counter() - began, endpoint)


def said(outcome: Outcome) -> tuple[Any, ...] | None:
    """All of a verdict but what it took."""
    if isinstance(outcome, Failure):
        return None
    return outcome.label, outcome.probabilities, outcome.quotes, outcome.reason, outcome.evidence


def compared(plain: Sequence[Outcome], other: Sequence[Outcome]) -> tuple[int, Counter[str]]:
    """How many verdicts differ, and how many failures of each kind there are."""
    failed = Counter(outcome.kind for outcome in other if isinstance(outcome, Failure))
    pairs = [(a, b) for a, b in zip(plain, other, strict=True) if isinstance(b, Verdict)]
    return sum(said(a) != said(b) for a, b in pairs), failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--deadline", type=float, default=4.0, help="seconds of an attempt")
    parser.add_argument("--never", type=float, default=0.05, help="share of claims that are never answered")
    parser.add_argument("--never-claims", type=int, default=1_000)
    parser.add_argument("--never-deadline", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve_faults(json.loads(arguments.serve))
        return 0
    held = []

    plain = ran(arguments.claims, 60.0)
    faulty = ran(arguments.claims, arguments.deadline, faults=True, seed=arguments.seed)
    differ, failed = compared(plain.outcomes, faulty.outcomes)
    per_claim = faulty.endpoint.seen["calls"] / arguments.claims
    print(f"{arguments.claims:,} claims: {plain.endpoint.seen['calls']:,} calls, {plain.seconds:.1f} s without faults")
    print(f"with faults: {faulty.endpoint.seen['calls']:,} calls ({per_claim:.3f} per claim), {faulty.seconds:.1f} s")
    print("  " + ", ".join(f"{fault} {n:,}" for fault, n in Counter(faulty.endpoint.seen["faults"]).most_common()))
    share = failed.total() / arguments.claims
    print(f"  verdicts that differ: {differ}; failures: {failed.total()} ({share:.2%}) {dict(failed) or ''}".rstrip())
    held += [differ == 0, share <= 0.001, per_claim <= 1.7]

    never = ran(arguments.never_claims, arguments.never_deadline, never=arguments.never)
    expected = sum(is_never_answered(n, arguments.never) for n in range(arguments.never_claims))
    differ, failed = compared(plain.outcomes[: len(never.outcomes)], never.outcomes)
    attempts = max(o.attempts for o in never.outcomes if isinstance(o, Failure))
    limit = attempts * arguments.never_deadline
    print(f"{expected} of {arguments.never_claims:,} claims never answered, {arguments.never_deadline:g} s an attempt:")
    print(
        f"  {never.seconds:.1f} s, {never.seconds / limit:.3f} of {attempts} attempts; failures {dict(failed)};",
        end=" ",
    )
    print(f"verdicts that differ: {differ}")
    held += [never.seconds <= 1.1 * limit, failed == {"timeout": expected}, differ == 0]
    print("every claim held" if all(held) else f"broken: {[n for n, one in enumerate(held, 1) if not one]}")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
