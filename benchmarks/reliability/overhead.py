"""What the journal, the cache of calls and the shown progress cost of a run against an endpoint that takes 100 ms.

The same answers are evaluated with a folder for the run and without one, in turns, and what differs is what the journal
and the cache take: by the clock (medians; on a busy machine that is mostly noise) and in processor time of the process,
writing threads included, which is the most that a run can lose on a core of its own, where it falls into the waiting.
The endpoint is a process of its own. No report is made.
"""

from __future__ import annotations

import argparse
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lives import CLAIMS, measure, said_to, write_answers

from halueval import progress
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.progress import Progress
from halueval.records import Cost
from halueval.runs.store import Store

MOST, MOST_SHOWN = 0.02, 0.01


@contextmanager
def endpoint(latency: float) -> Iterator[str]:
    reply = said_to([{"role": "user", "content": "anything"}])
    command = [sys.executable, "-m", "halueval.chat.mock_endpoint", "--latency", str(latency), "--reply", reply]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def disk(folder: Path, times: int = 50) -> float:
    """Seconds that one durable row takes, alone."""
    with Store(folder / "disk.sqlite", "CREATE TABLE t(n)", kind="numbers", version=1) as store:
        taken = []
        for n in range(times):
            began = time.perf_counter()
            store.write("INSERT INTO t VALUES (?)", (n,)).result()
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def compared(folder: Path, answers: Path, url: str, in_flight: int, times: int) -> float:
    """Print what runs take with and without a folder; gives the share of processor time that is added."""
    clock: dict[bool, list[float]] = {False: [], True: []}
    cpu: dict[bool, list[float]] = {False: [], True: []}
    for n in range(times):
        for kept in (False, True):
            run = folder / f"run{in_flight}-{n}-{kept}"
            began, used = time.perf_counter(), time.process_time()
            model = OpenAICompatibleChat("mock", url)
            measure(answers, run if kept else None, model, in_flight=in_flight, first=1_000_000)  # leaves it unfinished
            clock[kept].append(time.perf_counter() - began)
            cpu[kept].append(time.process_time() - used)
    alone, with_run = (statistics.median(clock[kept]) for kept in (False, True))
    less, more = (min(cpu[kept]) for kept in (False, True))
    share = (more - less) / alone
    print(
        f"{in_flight:>3} in flight: {alone:.2f} s without a folder, {with_run:.2f} s with one by the clock "
        f"({100 * (with_run / alone - 1):+.1f} %); {less:.3f} and {more:.3f} s of processor time: "
        f"{100 * share:+.2f} % of the run"
    )
    return share


def shown(seconds: float) -> float:
    """What a line of progress costs of the time, in a terminal, at its pace."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    real, sys.stderr = sys.stderr, Terminal()
    try:
        with progress._terminal() as draw:
            state = Progress("answers", 10_000, spent=lambda: Cost(900, dollars=1.5))
            state.add(5)
            draw(str(state))
            began, drawn = time.thread_time(), 0
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                draw(str(state))
                drawn += 1
            each = (time.thread_time() - began) / drawn
    finally:
        sys.stderr = real
    state, began = Progress("answers", 10_000), time.thread_time()
    for _ in range(100_000):
        state.add(1)
    counted = (time.thread_time() - began) / 100_000
    share = each / progress._REDRAWN
    print(
        f"progress: {1e6 * each:.0f} us to draw a line, one every {progress._REDRAWN:g} s: {100 * share:.3f} % of a "
        f"core; {1e6 * counted:.2f} us to count a result"
    )
    return share


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=200)
    parser.add_argument("--times", type=int, default=3, help="runs of each kind")
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[8, 64])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, endpoint(asked.latency) as url:
        folder = Path(name)
        answers = write_answers(folder / "answers.jsonl", asked.answers)
        measure(answers, folder / "first", OpenAICompatibleChat("mock", url), in_flight=64)  # imports
        print(
            f"{asked.answers} answers of {CLAIMS} claims, a call each; a durable row alone: {1e3 * disk(folder):.1f} ms"
        )
        shares = [compared(folder, answers, url, n, asked.times) for n in asked.in_flight]
    drawn = shown(1.0)
    fine = max(shares) <= MOST and drawn <= MOST_SHOWN
    print(f"journal and cache: {100 * max(shares):.2f} % at most (at most {100 * MOST:g} %)")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
