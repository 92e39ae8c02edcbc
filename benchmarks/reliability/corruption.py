"""Damage and full disks: a journal with flipped bytes, one that was cut off, and no room left.

For every damaged copy of a run, whole or killed in the middle of its work: what is read from it is what was written, or
it is refused in one line; going on with it gives the report of the undamaged run, byte for byte, or is refused; and
whatever is missing was named. For a disk that is full while the journal, the cache or the report is written: the run
stops with one line that says so, every answer that it had acknowledged is there, and with room again it goes on to the
same report.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from kill_steps import arrange
from lives import Played, measure, report_files, rows_of, write_answers

from halueval.errors import HaluevalError
from halueval.records import ChatReply, ChatRequest, Result
from halueval.runs import open_run, reproduce

FILES = ("journal.sqlite", "journal.sqlite-wal")
ROOM = 8  # MiB of the small disk, before what fills it


class Said(logging.Handler):
    """The warnings that a run logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def flipped(path: Path, chance: random.Random) -> str:
    at, bit = chance.randrange(path.stat().st_size), chance.randrange(8)
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << bit)]))
    return f"bit {bit} of byte {at:,} flipped"


def cut(path: Path, chance: random.Random) -> str:
    size = chance.randrange(path.stat().st_size)
    os.truncate(path, size)
    return f"cut to {size:,} bytes"


class Damages:
    """Copies of two runs, a finished one and one that was killed, each damaged in one place."""

    def __init__(self, place: Path, number: int) -> None:
        self.place, self.number = place, number
        self.answers = write_answers(place / "answers.jsonl", number)
        self.whole, self.killed = place / "whole", place / "killed"
        measure(self.answers, self.whole, Played())
        self.report = report_files(self.whole)
        self.rows = {f"a{position}" for position, _, _ in rows_of(self.whole)}
        pid = os.fork()
        if not pid:  # dies with a log that holds what it wrote last
            measure(
                self.answers, self.killed, Played(), **arrange("a result is acknowledged", number // 2, self.killed)
            )
            os._exit(0)
        os.waitpid(pid, 0)
        self.rows_of_killed = {f"a{position}" for position, _, _ in rows_of(self.killed)}
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []

    def case(self, which: Path, name: str, damage: Callable[[Path, random.Random], str], chance: random.Random) -> None:
        run = self.place / "damaged"
        shutil.copytree(which, run)
        what = f"{which.name}, {name}: {damage(run / name, chance)}"
        try:
            self._read(run, what)
            self._go_on(run, what, self.rows if which is self.whole else self.rows_of_killed)
        except HaluevalError as error:
            self._refused(error, what)
        except Exception as error:  # a traceback, for the user
            self.problems.append(f"{what}: {type(error).__name__}: {error}")
        finally:
            shutil.rmtree(run)

    def _read(self, run: Path, what: str) -> None:
        """Nothing that is read from the damaged run may be anything else than what was written."""
        try:
            results = {result.response.id: result for result in open_run(run).results}
        except HaluevalError as error:
            self._refused(error, f"{what}, read")
            return
        whole = {result.response.id: result for result in open_run(self.whole).results}
        if wrong := [name for name, result in results.items() if whole.get(name) != result]:
            self.problems.append(f"{what}: {len(wrong)} WRONG results")

    def _go_on(self, run: Path, what: str, kept: set[str]) -> None:
        said, done = Said(), set[str]()
        logging.getLogger("halueval.runs").addHandler(said)
        try:
            measure(self.answers, run, Played(), progress=lambda result: done.add(result.response.id))
        finally:
            logging.getLogger("halueval.runs").removeHandler(said)
        same = report_files(run) == self.report
        if not same:
            self.problems.append(f"{what}: another report")
            return
        reproduce(run)
        if said.lines:
            self.counts["named, and mended"] += 1
        elif done & kept:
            self.counts["results gone without a word, as after a kill, and made again"] += 1
        else:
            self.counts["nothing lost"] += 1

    def _refused(self, error: HaluevalError, what: str) -> None:
        if "\n" in str(error):
            self.problems.append(f"{what}: more than a line: {error}")
        self.counts["refused in one line"] += not what.endswith(", read")


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[tuple[Path, bool]]:
    """A folder on a disk of its own, and whether there is one: else the files may not grow instead."""
    folder = place / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    try:
        yield folder, mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", str(folder)], check=False)


class Slow(Played):
    """A model that takes a moment, so that some answers are done before others are begun."""

    async def chat(self, request: ChatRequest) -> ChatReply:
        await asyncio.sleep(0.002)
        return await super().chat(request)


def full(place: Path, number: int, problems: list[str]) -> None:
    """Stop for want of room at each of the three files, then go on with room."""
    answers = write_answers(place / "full.jsonl", number)
    undisturbed = place / "undisturbed"
    measure(answers, undisturbed, Played())
    wanted = report_files(undisturbed)
    with small_disk(place) as (disk, mounted):
        if not mounted:
            print("no small disk can be mounted here (it takes root): full disks are left out")
            return
        # what is on the small disk, after how many answers it is full, and the KiB that are left then
        for name, at, left in (("journal", 5, 0), ("cache", 5, 0), ("report", number, 64)):
            with tempfile.TemporaryDirectory(dir=place) as elsewhere:
                run, cache = Path(elsewhere) / "run", Path(elsewhere) / "calls.sqlite"
                run, cache = (run, disk / "calls.sqlite") if name == "cache" else (disk / "run", cache)
                stopped_and_gone_on(name, disk, (answers, number), (run, cache), (at, left), wanted, problems)
            for there in disk.iterdir():
                shutil.rmtree(there) if there.is_dir() else there.unlink()


def stopped_and_gone_on(
    name: str,
    disk: Path,
    asked: tuple[Path, int],
    paths: tuple[Path, Path],
    when: tuple[int, int],
    wanted: dict[str, bytes],
    problems: list[str],
) -> None:
    """A run that meets a full disk, and goes on once there is room."""
    (answers, number), (run, cache), (at, left) = asked, paths, when
    ballast, told = disk / "ballast", list[str]()

    def seen(result: Result) -> None:
        told.append(result.response.id)
        if len(told) == at:
            with contextlib.suppress(OSError), open(ballast, "wb", buffering=0) as file:
                while True:
                    file.write(bytes(1024))
            os.truncate(ballast, ballast.stat().st_size - 1024 * left)

    said = "it ended as if nothing had happened"
    try:
        measure(answers, run, Slow(), progress=seen, cache=cache)
        problems.append(f"{name}: {said}")
    except HaluevalError as error:
        said = str(error)
    except Exception as error:
        problems.append(f"{name}: {type(error).__name__}: {error}")
    ballast.unlink()
    there = {f"a{position}" for position, _, _ in rows_of(run)}
    lost = set(told) - there
    if lost:
        problems.append(f"{name}: {len(lost)} acknowledged answers are LOST")
    if "\n" in said or not any(word in said.lower() for word in ("full", "no space")):
        problems.append(f"{name}: not clear: {said}")
    print(f"disk full at the {name}: {len(told)} of {number} answers acknowledged, {len(lost)} of them lost; said:")
    print(f"  {said.replace(str(disk), 'DISK')}")
    again = Played()
    measure(answers, run, again, cache=cache)
    same = report_files(run) == wanted
    if not same:
        problems.append(f"{name}: another report once there was room")
    print(f"  with room again: {again.calls} of {3 * number} calls, {'the same' if same else 'ANOTHER'} report")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=100)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--answers", type=int, default=24)
    parser.add_argument("--seed", type=int, default=14)
    asked = parser.parse_args()
    began, chance = time.monotonic(), random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as name:
        damages = Damages(Path(name), asked.answers)
        places = [(damages.whole, FILES[0]), (damages.killed, FILES[0]), (damages.killed, FILES[1])]
        sizes = (f"{which.name} {name} {(which / name).stat().st_size:,}" for which, name in places)
        print(f"{asked.answers} answers; bytes: {', '.join(sizes)}")
        for damage, number, said in ((flipped, asked.flips, "byte flips"), (cut, asked.cuts, "truncations")):
            damages.counts.clear()
            for n in range(number):
                damages.case(*places[n % len(places)], damage, chance)
            print(f"{number} {said}: " + ", ".join(f"{count} {what}" for what, count in damages.counts.most_common()))
        full(Path(name), 4 * asked.answers, damages.problems)
        for problem in damages.problems:
            print("BROKEN:", problem)
    print(f"{len(damages.problems)} problems, {time.monotonic() - began:.0f} s")
    return 1 if damages.problems else 0


if __name__ == "__main__":
    sys.exit(main())
