"""Ten times the answers: memory that does not grow, time that grows no faster; and a warm run against a cold one.

Memory and time are of processes of their own that read a file of answers, split them (``halueval.testing``'s lines),
judge every claim by a table, and write a run. The warm run is asked of an endpoint that answers after 100 ms.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

KINDS = 60  # different claims, that the table has labels for
MOST_MEMORY, MOST_EXPONENT, LEAST_RATIO = 1.10, 1.05, 50


class Taken(NamedTuple):
    """Seconds by the clock, seconds of processor time, and calls."""

    seconds: float
    cpu: float
    calls: int


def write(path: Path, number: int) -> Path:
    """Answers of three claims; the context is the passage that they are judged by."""
    with open(path, "w", encoding="utf-8") as file:
        for n in range(number):
            text = "\n".join(f"Claim {(n + c) % KINDS} is so." for c in range(3))
            row = {"id": f"a{n}", "response": text, "context": f"What is known about {n % 7}: much."}
            file.write(json.dumps(row) + "\n")
    return path


def once(answers: str, run: str) -> dict[str, float]:
    """What one run takes, in this process."""
    from halueval import evaluate
    from halueval.testing import FixedVerifier, LineExtractor

    labels: Any = {f"Claim {k} is so.": ("supported", "refuted", "not_enough_info")[k % 3] for k in range(KINDS)}
    began, used = time.perf_counter(), time.process_time()
    report = evaluate(answers, extractor=LineExtractor(), verifier=FixedVerifier(labels), run=run)
    return {
        "answers": report.counts.responses,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - used,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def grown(folder: Path, few: int, times: int) -> bool:
    """Print both runs; whether memory and time stay within bounds."""
    taken = []
    for number in (few, few * times):
        answers = write(folder / f"{number}.jsonl", number)
        command = [sys.executable, __file__, "--once", str(answers), str(folder / f"run{number}")]
        taken.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        one = taken[-1]
        print(
            f"{one['answers']:>8,} answers: {one['memory']:.0f} MiB at most, {one['cpu']:.1f} s of processor time, "
            f"{one['seconds']:.1f} s by the clock, {one['answers'] / one['cpu']:,.0f} answers per second of it"
        )
    memory = taken[1]["memory"] / taken[0]["memory"]
    exponent = {unit: math.log(taken[1][unit] / taken[0][unit], times) for unit in ("cpu", "seconds")}
    print(
        f"{times} times the answers: memory x {memory:.3f} (at most {MOST_MEMORY}), exponent of time "
        f"{exponent['cpu']:.3f} by processor time, {exponent['seconds']:.3f} by the clock (at most {MOST_EXPONENT})"
    )
    return memory <= MOST_MEMORY and exponent["cpu"] <= MOST_EXPONENT


def warmed(folder: Path, number: int, latency: float) -> bool:
    """Print a cold run, one in another folder with its replies kept, and one of the finished run."""
    from lives import Counting, measure, report_files, write_answers

    from halueval.chat.mock_endpoint import MockEndpoint
    from halueval.chat.openai_compatible import OpenAICompatibleChat

    answers, counting, ratios = write_answers(folder / "warm.jsonl", number), Counting(), {}
    with MockEndpoint(counting, latency=latency, keep=False) as endpoint:

        def timed(run: str, in_flight: int) -> Taken:
            began, used, before = time.perf_counter(), time.process_time(), counting.calls
            model = OpenAICompatibleChat("mock", endpoint.url)
            cache = folder / f"calls{in_flight}.sqlite"
            measure(answers, folder / f"{run}{in_flight}", model, in_flight=in_flight, cache=cache)
            return Taken(time.perf_counter() - began, time.process_time() - used, counting.calls - before)

        timed("imports", 99)
        for in_flight in (1, 8, 64):
            cold, warm, done = timed("cold", in_flight), timed("warm", in_flight), timed("warm", in_flight)
            same = report_files(folder / f"cold{in_flight}") == report_files(folder / f"warm{in_flight}")
            ratios[in_flight] = cold.seconds / warm.cpu
            print(
                f"{in_flight:>3} in flight: cold {cold.seconds:.2f} s, {cold.calls} calls; its replies in a new folder "
                f"{warm.seconds:.2f} s by the clock (x {cold.seconds / warm.seconds:.0f}), {warm.cpu:.2f} s of "
                f"processor time (x {cold.seconds / warm.cpu:.0f}), {warm.calls} calls; the finished run again "
                f"{done.seconds:.3f} s (x {cold.seconds / done.seconds:.0f}), {done.calls} calls; reports "
                f"{'the same' if same else 'DIFFERENT'}"
            )
            if warm.calls or done.calls or not same:
                return False
    print(f"one call at a time: kept replies take 1/{ratios[1]:.0f} of the time, computing alone (1/{LEAST_RATIO})")
    return ratios[1] >= LEAST_RATIO


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--warm", type=int, default=60, help="answers of the cold and the warm run; 0 leaves them out")
    parser.add_argument("--latency", type=float, default=0.1, help="seconds, of the endpoint of the cold run")
    parser.add_argument("--once", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.once:
        print(json.dumps(once(*asked.once)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        fine = grown(Path(folder), asked.answers, asked.times) if asked.answers else True
        return 0 if (not asked.warm or warmed(Path(folder), asked.warm, asked.latency)) and fine else 1


if __name__ == "__main__":
    sys.exit(main())
