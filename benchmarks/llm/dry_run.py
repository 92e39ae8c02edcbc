"""How near a dry run, and a pilot on the first answers, come to what a run really takes: calls, tokens, money, time.

The endpoint is a process of its own on this machine. Its replies are not those that the line expects: claims are the
statements that people cut from the answers, the numbers of some changed; verdicts have quotes and reasons of all
lengths; one reply in twenty can't be read and is asked for again. It counts tokens with a real tokenizer (cl100k_base)
and takes its time: 0.4 to 0.8 s, then 120 tokens per second, which is not what the dry run assumes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from halueval.chat import ChatSession
from halueval.chat.dry_run import Forecast, forecast, pilot
from halueval.chat.mock_endpoint import MockEndpoint, MockReply, completion
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.chat.untrusted import unmark
from halueval.claim_extraction.hybrid import HybridExtractor
from halueval.line import evaluate_results
from halueval.records import Failure, Response, total_cost
from halueval.verifiers.judge import JudgeVerifier

PRICES = (1.0, 4.0)  # dollars per million tokens of prompt and reply
FIRST_TOKEN, TOKENS_PER_SECOND = (0.4, 0.8), 120.0
UNREADABLE, CHANGED = 0.05, 0.2
AROUND_MESSAGE, AROUND_REQUEST = 4, 3  # tokens of a chat template


def line(claims_per_call: int) -> Any:
    """The line as a user runs it: hybrid extraction, the judge, evidence from each answer's own context."""

    def run(sessions: Sequence[ChatSession], answers: Sequence[Response]) -> list[Any]:
        extractor, verifier = HybridExtractor(sessions[0]), JudgeVerifier(sessions[0], claims_per_call=claims_per_call)
        return list(evaluate_results(answers, retriever=None, extractor=extractor, verifier=verifier))

    return run


def tokens(text: str) -> int:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from litellm.litellm_core_utils.default_encoding import encoding

    return len(encoding.encode(text, disallowed_special=()))


def block(prompt: str, name: str) -> str:
    found = re.search(rf"<<<{name}\n(.*?)\n{name}>>>", prompt, re.DOTALL)
    return unmark(found[1]) if found else ""


def claimed(prompt: str, rows: Sequence[dict[str, Any]], rng: random.Random) -> str:
    """The statements that people cut, each at the likest sentence; some numbers changed, so that some are sent back."""
    if sent_back := block(prompt, "claims"):
        again = [json.loads(one) for one in sent_back.splitlines()]
        return json.dumps({"claims": [{"id": c["id"], "claim": c["claim"], "quote": c["claim"]} for c in again]})
    listed = re.findall(r"^\[(\d+)\] (.*)$", block(prompt, "sentences"), re.MULTILINE)
    words = {int(n): set(said.lower().split()) for n, said in listed}
    text = set().union(*words.values())
    row = max(rows, key=lambda row: len(text & row["words"]) / len(text | row["words"]))
    claims: dict[int, list[dict[str, str]]] = {n: [] for n in words}
    for statement in (*row["must_have"], *row["nice_to_have"]):
        own = set(statement.lower().split())
        at = max(words, key=lambda n: len(own & words[n]))
        said = re.sub(r"\d", "7", statement) if rng.random() < CHANGED else statement
        claims[at].append({"claim": said, "quote": " ".join(dict(listed)[str(at)].split()[: rng.randint(4, 30)])})
    skips = {n: None if several else "meta" for n, several in claims.items()}
    return json.dumps({"sentences": [{"n": n, "claims": claims[n], "skip": skips[n]} for n in words]})


def judged(body: dict[str, Any], rng: random.Random) -> str:
    """Verdicts that nobody expects: any label, a quote and a reason of any length."""
    rows = body["response_format"]["json_schema"]["schema"]["properties"]["verdicts"]["items"]["properties"]
    words = body["messages"][-1]["content"].split()

    def some(least: int, most: int) -> str:
        count = min(rng.randint(least, most), len(words) - 1)
        start = rng.randrange(len(words) - count)
        return " ".join(words[start : start + count])

    return json.dumps(
        {
            "verdicts": [
                {
                    "id": name,
                    "quote": some(3, 45),
                    "reason": some(5, 40),
                    "label": rng.choice(["supported", "refuted", "not_enough_info"]),
                    "probability": round(rng.random(), 2),
                }
                for name in rows["id"]["enum"]
            ]
        },
        ensure_ascii=False,
    )


def serve(path: str, with_schema: bool) -> None:
    tokens("once, so that what loads a tokenizer is not waited for")
    rows = [json.loads(row) for row in Path(path).read_text(encoding="utf-8").splitlines()]
    for row in rows:
        row["words"] = set(row["answer"].lower().split())

    def respond(body: dict[str, Any]) -> MockReply:
        said = json.dumps(body["messages"])
        rng = random.Random(hashlib.sha256(said.encode()).hexdigest())
        verdicts = "verdicts" in body.get("response_format", {}).get("json_schema", {}).get("schema", {}).get(
            "properties", {}
        )
        asked = body["messages"][:2]
        text = judged(body, rng) if verdicts else claimed(asked[-1]["content"], rows, rng)
        if rng.random() < UNREADABLE:
            text = f"Here is what I found:\n{text}"
        prompt = AROUND_REQUEST + sum(AROUND_MESSAGE + tokens(m["content"]) for m in body["messages"])
        if with_schema and "response_format" in body:
            prompt += tokens(json.dumps(body["response_format"]["json_schema"]["schema"]))
        count = tokens(text)
        delay = rng.uniform(*FIRST_TOKEN) + count / TOKENS_PER_SECOND
        return MockReply(completion(text, prompt_tokens=prompt, completion_tokens=count), delay=delay)

    with MockEndpoint(respond, keep=False) as mock:
        print(mock.url, flush=True)
        sys.stdin.read()


@contextmanager
def endpoint(rows: Sequence[dict[str, Any]], with_schema: bool) -> Iterator[str]:
    """The endpoint as a process of its own, so that it and the line do not share an interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.jsonl")
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        command = [sys.executable, __file__, "--serve", str(path), *["--schema-counts"] * with_schema]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.communicate()  # closes its standard input, which ends it


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="?", help="answers with statements that people cut from them (JSONL)")
    parser.add_argument("--pilot", type=int, default=10, help="how many of the first answers are really asked about")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--claims-per-call", type=int, default=1)
    parser.add_argument("--number", type=int, help="how many of the answers; all by default")
    parser.add_argument("--schema-counts", action="store_true", help="an endpoint that charges for the reply's schema")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve, arguments.schema_counts)
        return 0
    if not arguments.gold or not Path(arguments.gold).is_file():
        print(f"no such file: {arguments.gold!r}; the answers are not part of this repository", file=sys.stderr)
        return 2
    rows = [json.loads(row) for row in Path(arguments.gold).read_text(encoding="utf-8").splitlines()]
    rows = rows[: arguments.number]
    answers = [Response(row["id"], row["answer"], row["question"], context=(row["answer"],)) for row in rows]
    run = line(arguments.claims_per_call)
    with endpoint(rows, arguments.schema_counts) as url:

        def session() -> ChatSession:
            return ChatSession(OpenAICompatibleChat("mock", url, prices=PRICES), max_in_flight=arguments.in_flight)

        guessed = forecast(run, answers, [session()])
        corrected = pilot(run, answers, [session()], arguments.pilot)
        real = session()
        began = time.perf_counter()
        results = run([real], answers)
        seconds = time.perf_counter() - began
    failed = [o for r in results for o in (r.extraction.failure, *r.outcomes) if isinstance(o, Failure)]
    if len(failed) > len(answers) / 2:
        raise SystemExit(f"{len(failed)} failures; the first: {failed[0].message}")
    took = total_cost(real.spent().values())
    print(f"the run: {took.calls} calls, {took.prompt_tokens:,} + {took.completion_tokens:,} tokens, ", end="")
    print(f"${took.dollars:.3f}, {seconds:.1f} s; {len(results)} answers, {len(failed)} failures")
    report("dry run", guessed, took, seconds)
    report(f"pilot of {arguments.pilot}", corrected, took, seconds)
    return 0


def report(name: str, said: Forecast, took: Any, seconds: float) -> None:
    assert said.dollars is not None
    print(f"\n{name}: {said}")
    figures = {
        "calls": said.calls / took.calls,
        "tokens": (said.prompt_tokens + said.completion_tokens) / (took.prompt_tokens + took.completion_tokens),
        "prompt tokens": said.prompt_tokens / took.prompt_tokens,
        "completion tokens": said.completion_tokens / took.completion_tokens,
        "money": said.dollars / took.dollars,
        "time": said.seconds / seconds,
    }
    print("said / took: " + ", ".join(f"{figure} {ratio:.3f}" for figure, ratio in figures.items()))


if __name__ == "__main__":
    sys.exit(main())
