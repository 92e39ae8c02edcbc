"""How many calls the line makes, and how much faster many in flight are than one, against an endpoint with a latency.

The endpoint is a process of its own on this machine that answers after 100 ms. Its replies are those that the line
expects (claims by the rules, verdicts that leave the claim open), made beforehand. The same answers go through the
naive pipeline that published tools use: a call per sentence to split it, a call per claim to write a query, a call per
query to judge.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from halueval.chat import ChatSession
from halueval.chat.mock_endpoint import MockEndpoint
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.claim_extraction.hybrid import HybridExtractor
from halueval.errors import ChatError
from halueval.io import read_responses
from halueval.line import evaluate_results
from halueval.records import ChatReply, ChatRequest, Failure, Response, Result
from halueval.text.sentences import sentence_spans
from halueval.verifiers.judge import JudgeVerifier

LATENCY = 0.1
ALONE = 640  # calls that are made of nothing but calls


class Expected:
    """A chat model that gives the reply each request expects, and keeps it for the endpoint."""

    name = "mock"  # the same as the endpoint's: a prompt may name its model

    def __init__(self) -> None:
        self.replies: dict[str, str] = {}

    async def chat(self, request: ChatRequest) -> ChatReply:
        if request.likely is None:
            raise ChatError("provider_error", "a request without a likely reply")
        reply = request.likely()
        self.replies[key_of(request.messages)] = reply
        return ChatReply(reply, dollars=0.0)


def key_of(messages: Sequence[Mapping[str, str]]) -> str:
    said = "\x1f".join(f"{m['role']}\x1e{m['content']}" for m in messages)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def line(session: ChatSession, answers: Sequence[Response], claims_per_call: int) -> list[Result]:
    """The line as a user runs it: hybrid extraction, the judge, evidence from each answer's own context."""
    return list(
        evaluate_results(
            answers,
            retriever=None,
            extractor=HybridExtractor(session),
            verifier=JudgeVerifier(session, claims_per_call=claims_per_call),
        )
    )


async def naive(
    session: ChatSession, answers: Sequence[Response], claims: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """A call per sentence, a call per claim for its query, a call per query for its verdict; all in flight together."""
    counts = {"sentences": 0, "claims": 0, "queries": 0}

    async def call(step: str, text: str) -> None:
        counts[step] += 1
        request = ChatRequest(({"role": "user", "content": f"{step}: {text}"},), likely=lambda: text)
        reply, _ = await session.chat(request, stage="extraction")
        if isinstance(reply, Failure):
            raise SystemExit(reply.message)

    async def one(answer: Response) -> None:
        spans = sentence_spans(answer.text)
        await asyncio.gather(*(call("sentences", answer.text[s.start : s.end]) for s in spans))
        await asyncio.gather(*(call("claims", claim) for claim in claims[answer.id]))
        await asyncio.gather(*(call("queries", claim) for claim in claims[answer.id]))

    await asyncio.gather(*(one(answer) for answer in answers))
    return counts


async def alone(session: ChatSession) -> None:
    """Calls with nothing around them: what the session itself makes of the places in flight."""
    request = ChatRequest(({"role": "user", "content": "Say yes."},))

    async def call() -> None:
        reply, _ = await session.chat(request, stage="extraction")
        if isinstance(reply, Failure):
            raise SystemExit(reply.message)

    await asyncio.gather(*(call() for _ in range(ALONE)))


@contextmanager
def endpoint(replies: Mapping[str, str]) -> Iterator[str]:
    """The endpoint as a process of its own, so that it and the line do not share an interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "replies.json")
        table.write_text(json.dumps(replies), encoding="utf-8")
        command = [sys.executable, __file__, "--serve", str(table)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.communicate()  # closes its standard input, which ends it


def serve(table: str) -> None:
    replies = json.loads(Path(table).read_text(encoding="utf-8"))

    def respond(body: dict[str, Any]) -> str:
        return str(replies.get(key_of(body["messages"]), "yes"))

    with MockEndpoint(respond, latency=LATENCY) as mock:
        print(mock.url, flush=True)
        sys.stdin.read()


def calls_of(results: Sequence[Result]) -> int:
    return sum(r.extraction.cost.calls + sum(o.cost.calls for o in r.outcomes) for r in results)


def outcome_of(results: Sequence[Result]) -> list[tuple[str, ...]]:
    if failed := [o for r in results for o in (r.extraction.failure, *r.outcomes) if isinstance(o, Failure)]:
        raise SystemExit(f"{len(failed)} failed; the first: {failed[0].message}")
    return [tuple(getattr(o, "label", "") for o in r.outcomes) for r in results]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers", nargs="?", help="answers with their question and the text to check them against")
    parser.add_argument("--text-column", default="response")
    parser.add_argument("--prompt-column", default="question")
    parser.add_argument("--context-column", default="doctor_response")
    parser.add_argument("--number", type=int, default=60, help="how many of the answers, evenly spread")
    parser.add_argument("--in-flight", type=int, default=32)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return 0
    if not arguments.answers or not Path(arguments.answers).is_file():
        print(f"no such file: {arguments.answers!r}; the answers are not part of this repository", file=sys.stderr)
        return 2
    columns = {"text": arguments.text_column, "prompt": arguments.prompt_column, "context": arguments.context_column}
    every = [r for r in read_responses(arguments.answers, **columns) if isinstance(r, Response)]
    answers = every[:: max(1, len(every) // arguments.number)][: arguments.number]

    expected = Expected()
    warm = ChatSession(expected)
    dry = {k: line(warm, answers, k) for k in (1, 8)}
    claims = {r.response.id: [c.text for c in r.extraction.claims if c.checkworthy] for r in dry[1]}
    asyncio.run(naive(warm, answers, claims))

    with endpoint(expected.replies) as url:

        def session(in_flight: int) -> ChatSession:
            return ChatSession(OpenAICompatibleChat("mock", url), max_in_flight=in_flight)

        def timed(in_flight: int, k: int) -> tuple[float, int, list[tuple[str, ...]]]:
            began, used = time.perf_counter(), time.process_time()
            results = line(session(in_flight), answers, k)
            processor.append(time.process_time() - used)
            return time.perf_counter() - began, calls_of(results), outcome_of(results)

        processor: list[float] = []

        many, calls, outcomes = timed(arguments.in_flight, 1)
        few, few_calls, few_outcomes = timed(arguments.in_flight, 8)
        began = time.perf_counter()
        counts = asyncio.run(naive(session(arguments.in_flight), answers, claims))
        naive_seconds = time.perf_counter() - began
        one, one_calls, one_outcomes = timed(1, 1)
        seconds = {}
        for in_flight in (1, arguments.in_flight):
            began = time.perf_counter()
            asyncio.run(alone(session(in_flight)))
            seconds[in_flight] = time.perf_counter() - began
    total = sum(counts.values())
    print(f"{len(answers)} answers, {counts['sentences']} sentences, {counts['claims']} checkworthy claims")
    print(f"naive pipeline: {total} calls, {naive_seconds:.2f} s at {arguments.in_flight} in flight")
    print(f"the line, one claim per call: {calls} calls, {calls / total:.3f} of the naive")
    print(f"the line, eight claims per call: {few_calls} calls, {few_calls / total:.3f} of the naive, {few:.2f} s")
    print(
        f"wall clock: {one:.2f} s at 1 in flight, {many:.2f} s at {arguments.in_flight}: {one / many:.1f} times faster"
    )
    print(f"processor time of the line at {arguments.in_flight} in flight: {processor[0]:.2f} s")
    few_at, many_at = seconds[1], seconds[arguments.in_flight]
    print(f"{ALONE} calls alone: {few_at:.2f} s at 1 in flight, {many_at:.2f} s at {arguments.in_flight}:", end=" ")
    print(f"{few_at / many_at:.1f} times faster")
    print(f"same outcomes at both: {outcomes == one_outcomes and calls == one_calls}")
    print(f"same outcomes by one and by eight claims per call: {outcomes == few_outcomes}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
