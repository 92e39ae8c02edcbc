"""A run by two local workers of Ray is that of one process, and a worker or a driver that is killed loses nothing.

Every scene has the same answers and an endpoint that counts how often each request came. Compared are the digest of the
journal and every byte of the report; what was asked for again after a kill is no more than was in flight.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lives import PRICES, Counting, report_files, rows_of, write_answers

from halueval.chat import ChatSession
from halueval.chat.mock_endpoint import MockEndpoint
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.evaluation import evaluate
from halueval.records import Result
from halueval.runs import Journal

IN_FLIGHT = 8  # of all workers together
SOME = 64  # results after which the driver is killed
WORKER = "ray::MapWorker"


@dataclass
class Scene:
    """What became of one run."""

    name: str
    seconds: float
    digest: str
    reports: dict[str, bytes]
    seen: list[str]
    calls: int
    again: int
    killed: int = 0
    broken: list[str] = field(default_factory=list)

    def row(self) -> str:
        counts = f"{len(self.seen):>8,}{self.calls:>8,}{self.killed:>8}{self.again:>8}"
        return f"{self.name:<44}{self.seconds:>8.1f}{counts}   {self.digest[:12]}   {', '.join(self.broken) or 'ok'}"


def main() -> int:
    """Play the scenes, print a row of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=480)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=2, help="of a worker, in one run")
    parser.add_argument("--latency", type=float, default=0.3, help="seconds of the endpoint")
    parser.add_argument("--seed", type=int, default=14)
    asked = parser.parse_args()
    chance, engine = random.Random(asked.seed), f"ray:{asked.workers}"
    limits = f"{asked.workers} workers, {IN_FLIGHT} calls in flight, {asked.latency:g} s a call"
    print(f"{asked.answers:,} answers, {limits}\n")
    print(f"{'':<44}{'seconds':>8}{'results':>8}{'calls':>8}{'kills':>8}{'again':>8}   journal")
    counting = Counting()
    endpoint = MockEndpoint(counting, latency=asked.latency, keep=False)  # one for all: a report tells its address
    with tempfile.TemporaryDirectory() as name, endpoint:
        answers = write_answers(Path(name) / "answers.jsonl", asked.answers)
        play = Play(Path(name), answers, endpoint.url, counting)
        alone = play.scene("one process", None)
        kills = Kills(counting, alone.calls, asked.kills, chance)
        broken = show(alone, alone, 0) + show(play.scene("workers", engine), alone, 0)
        with kills:
            one = play.scene("workers, killed", engine)
        one.killed = kills.killed
        broken += show(one, alone, one.killed * max(1, IN_FLIGHT // asked.workers))
        broken += sum(show(one, alone, IN_FLIGHT) for one in play.without_driver(engine))
    return int(broken > 0)


@dataclass
class Play:
    """The stage of all scenes."""

    folder: Path
    answers: Path
    url: str
    counting: Counting

    def scene(self, name: str, engine: str | None, run: str = "") -> Scene:
        """One run from its beginning, or from where it was, to its end."""
        folder, seen = self.folder / (run or name), list[str]()
        if not run:
            self.counting.came.clear()
        began = time.perf_counter()
        measure(self.answers, folder, self.url, engine, lambda result: seen.append(result.response.id))
        seconds = time.perf_counter() - began
        again = sum(count - 1 for count in self.counting.came.values())
        with Journal(folder, read_only=True) as journal:
            digest = journal.digest()
        return Scene(name, seconds, digest, report_files(folder), seen, self.counting.calls, again)

    def without_driver(self, engine: str) -> Iterator[Scene]:
        """A run whose driver is killed, gone on with by workers, and the same by one process."""
        begun, acknowledged = self.folder / "begun", self.folder / "acknowledged"
        self.counting.came.clear()
        life = multiprocessing.get_context("spawn").Process(
            target=live, args=(self.answers, begun, self.url, engine, acknowledged)
        )
        life.start()
        while life.is_alive() and not (acknowledged.exists() and acknowledged.read_text().count("\n") >= SOME):
            time.sleep(0.05)
        workers = workers_of_ray()
        life.kill()
        life.join()
        left = until_gone(workers)
        kept = [f"a{position}" for (position,) in rows_of(begun, columns="position")]
        lost = set(acknowledged.read_text().split()) - set(kept)
        before = Counter(self.counting.came)
        for run, name, how in (
            ("by workers", "the driver killed, gone on with by workers", engine),
            ("by one", "the same, by one process", None),
        ):
            shutil.copytree(begun, self.folder / run)
            self.counting.came = Counter(before)
            one = self.scene(name, how, run=run)
            one.killed, one.seen = 1, [*kept, *one.seen]
            one.broken += [f"{left} workers left behind"] if left else []
            one.broken += [f"{len(lost)} results lost"] if lost else []
            yield one


class Kills:
    """Kills the worker that has lived longest, so one that is at work, each time that so many calls have come."""

    def __init__(self, counting: Counting, calls: int, number: int, chance: random.Random) -> None:
        self._at = sorted(int(calls * chance.uniform(0.1, 0.8)) for _ in range(number))
        self._counting, self.killed = counting, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._kill)

    def __enter__(self) -> None:
        self._counting.came.clear()
        self._thread.start()

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _kill(self) -> None:
        for at in self._at:
            while self._counting.calls < at:
                if self._over.wait(0.005):
                    return
            for worker in workers_of_ray()[:1]:
                os.kill(worker, signal.SIGKILL)
                self.killed += 1


def live(answers: Path, run: Path, url: str, engine: str, acknowledged: Path) -> None:
    """A driver that says what is done, and is killed."""
    file = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    measure(answers, run, url, engine, lambda result: os.write(file, f"{result.response.id}\n".encode()))


def measure(answers: Path, run: Path, url: str, engine: str | None, progress: Callable[[Result], Any]) -> None:
    """The line: lines for claims, the judge, passages from the answers themselves."""
    session = ChatSession(OpenAICompatibleChat("mock", url), max_in_flight=IN_FLIGHT, prices=PRICES)
    extractor = "halueval.testing:LineExtractor"
    evaluate(
        str(answers), extractor=extractor, verifier="judge", model=session, run=run, engine=engine, progress=progress
    )


def show(one: Scene, alone: Scene, in_flight: int) -> bool:
    """Hold a scene against that of one process, and print it; whether a claim is broken."""
    claims = {
        "another journal": one.digest != alone.digest,
        "another report": one.reports != alone.reports,
        "a result twice or never": sorted(one.seen) != sorted(alone.seen),
        "more asked again than was in flight": one.again > in_flight,
        "nobody was killed": "killed" in one.name and not one.killed,
    }
    one.broken += [what for what, so in claims.items() if so]
    print(one.row(), flush=True)
    return bool(one.broken)


def until_gone(processes: list[int]) -> int:
    """How many of some processes are there after half a minute."""
    end = time.monotonic() + 30
    while time.monotonic() < end and any(Path(f"/proc/{process}").exists() for process in processes):
        time.sleep(0.2)
    return sum(Path(f"/proc/{process}").exists() for process in processes)


def workers_of_ray() -> list[int]:
    """The workers of a Ray that descends from this process, the oldest first."""
    parents: dict[int, int] = {}
    born: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
                if (entry / "cmdline").read_text().startswith(WORKER):
                    born[int(entry.name)] = int(fields[19])
            except OSError:
                continue  # it has ended meanwhile

    def ours(process: int) -> bool:
        return process == os.getpid() or (process in parents and ours(parents[process]))

    return sorted(filter(ours, born), key=lambda process: born[process])


if __name__ == "__main__":
    sys.exit(main())
