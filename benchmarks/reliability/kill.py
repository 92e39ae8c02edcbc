"""A run that is killed (SIGKILL) at random moments and at every named step, three lives deep, then left to end.

For every kill: no outcome that was acknowledged or on the disk is lost or done again, and what is asked for again is
no more than the calls that were in flight. For every trial: the report of the run that went on is that of a run that
nobody disturbed, byte for byte. The endpoint counts how often each request came.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from kill_steps import CLEARING, STEPS
from lives import CLAIMS, Counting, Life, report_files, rows_of, write_answers

from halueval.chat.mock_endpoint import MockEndpoint
from halueval.runs import Journal, reproduce

DEEP = 3
LATENCY = 0.03
TRIES = 5  # to come to a step that a life passes only if the disk is slow or quick enough


@dataclass
class Tally:
    """What became of the kills of one kind."""

    kills: int = 0
    lost: int = 0
    twice: int = 0
    in_flight: int = 0
    most: int = 0
    again: int = 0
    beyond: int = 0  # kills after which more was asked again than was in flight
    other_reports: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        most = max(self.most, other.most)
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
        self.most = most

    @property
    def sound(self) -> bool:
        return not (self.lost or self.twice or self.beyond or self.other_reports or self.errors)

    def row(self, name: str) -> str:
        counts = (self.kills, self.lost, self.twice, self.in_flight, self.most, self.again, self.other_reports)
        return f"{name:<46}" + "".join(f"{count:>9}" for count in counts) + ("   ok" if self.sound else "   BROKEN")


HEAD = f"{'where':<46}" + "".join(f"{n:>9}" for n in ("kills", "lost", "twice", "flying", "most", "again", "reports"))


class Trials:
    """The answers, the endpoint, the report of a run that nobody disturbed, and how long such a run takes."""

    def __init__(self, place: Path, number: int, counting: Counting, url: str) -> None:
        self.place, self.number, self.counting, self.url = place, number, counting, url
        self.answers = write_answers(place / "answers.jsonl", number)
        self.seconds = self._undisturbed()

    def _undisturbed(self) -> float:
        seconds = []
        for n in range(2):
            run = self.place / f"undisturbed{n}" / "run"
            run.parent.mkdir()
            self.counting.came.clear()
            life = self.life(run)
            life.begun()
            began = time.monotonic()
            if life.end() != 0:
                raise SystemExit("the run that nobody disturbs fails")
            seconds.append(time.monotonic() - began)
            if (self.counting.calls, len(self.counting.came)) != (CLAIMS * self.number,) * 2:
                raise SystemExit(f"{self.counting.calls} calls, {len(self.counting.came)} different ones")
            self.report, self.digest = report_files(run), _digest(run)
        return seconds[-1]

    def life(self, run: Path, **more: Any) -> Life:
        return Life(answers=str(self.answers), run=str(run), url=self.url, **more)

    def trial(self, kill: Any) -> list[Tally]:
        """Up to three kills, then the end; a tally for each life that was killed, the last one for what came of all.

        ``kill`` begins a life, given the folder, its number and how much there is still to ask, and kills it.
        """
        folder = Path(tempfile.mkdtemp(dir=self.place))
        run = folder / "run"
        self.counting.came.clear()
        tallies: list[Tally] = []
        there: dict[int, bytes] = {}
        told: set[str] = set()
        asked: Counter[bytes] = Counter()
        for depth in range(DEEP + 1):
            left = 1 - len(rows_of(run, "entries", "id")) / (CLAIMS * self.number)
            life = kill(run, depth, left) if depth < DEEP else self.life(run)
            code = life.end()
            time.sleep(0.02)  # what was sent before the kill comes to the endpoint
            tally = Tally(kills=code == -9)
            if code not in (0, -9):
                tally.errors.append(f"exit code {code}: {life.said()}")
            new = life.told()
            now = {position: checked for position, checked, _ in rows_of(run)}
            names = {f"a{position}" for position in now}
            tally.twice = len(told & set(new)) + len(new) - len(set(new))
            told.update(new)
            tally.lost = len(told - names) + sum(now.get(position) != checked for position, checked in there.items())
            before, asked = asked, Counter(self.counting.came)
            if tallies:  # what this life asked again, the one before had asked and not kept
                again = sum(asked[request] > before[request] for request in before)
                again += sum(max(0, asked[r] - before[r] - 1) for r in asked)
                tallies[-1].again, tallies[-1].beyond = again, int(again > tallies[-1].in_flight)
            tally.in_flight = tally.most = len(asked) - len(rows_of(run, "entries", "id")) if code == -9 else 0
            there = now
            tallies.append(tally)
            if code != -9:
                break
        last = tallies[-1]
        if last.errors:
            pass
        elif report_files(run) != self.report or _digest(run) != self.digest or len(there) != self.number:
            last.other_reports += 1
        else:
            reproduce(run)
        if not last.errors:
            shutil.rmtree(folder)
        return tallies

    def at_random(self, chance: random.Random) -> list[Tally]:
        """Kills at moments of the work, later ones of what is left of it."""

        def kill(run: Path, depth: int, left: float) -> Life:
            life = self.life(run)
            life.begun()
            time.sleep(chance.random() * self.seconds * (0.25 + 0.75 * left))
            life.kill()
            return life

        return self.trial(kill)

    def at_step(self, step: str, times: tuple[int, ...]) -> list[Tally]:
        return self.trial(lambda run, depth, left: self.life(run, step=step, nth=times[depth]))

    def while_clearing(self, step: str, times: tuple[int, ...]) -> list[Tally]:
        """An old run is replaced, and the process killed while it deletes the old files; the same command again."""
        folder = Path(tempfile.mkdtemp(dir=self.place))
        run = folder / "run"
        shutil.copytree(self.place / "undisturbed0" / "run", run)
        (run / "report.json").write_text("old")
        tally = Tally()
        for nth in times:
            tally.kills += self.life(run, step=step, nth=nth, overwrite=True).end() == -9
        life = self.life(run, overwrite=True)
        if (code := life.end()) != 0:
            tally.errors.append(f"exit code {code}: {life.said()}")
        tally.other_reports = int(report_files(run) != self.report)
        return [tally]


def _digest(run: Path) -> str:
    with Journal(run, read_only=True) as journal:
        return journal.digest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100, help="random moments for the first kill of a trial")
    parser.add_argument("--answers", type=int, default=12)
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument(
        "--only", metavar="TEXT", help="only the named steps with this text in them, and no random kills"
    )
    parser.add_argument("--show", action="store_true", help="print every trial that went wrong")
    asked = parser.parse_args()
    began, chance, total = time.monotonic(), random.Random(asked.seed), Tally()
    counting = Counting()
    with tempfile.TemporaryDirectory() as place, MockEndpoint(counting, latency=LATENCY, keep=False) as endpoint:
        trials = Trials(Path(place), asked.answers, counting, endpoint.url)
        print(
            f"{asked.answers} answers of {CLAIMS} claims, one call each; a run takes {trials.seconds:.2f} s undisturbed"
        )
        print(HEAD)
        depths = [Tally() for _ in range(DEEP + 1)]
        while not asked.only and depths[0].kills < asked.points and sum(len(d.errors) for d in depths) < TRIES:
            tallies = trials.at_random(chance)
            for depth, tally in zip(depths, tallies, strict=False):
                depth.add(tally)
                if asked.show and not tally.sound:
                    print(tally)
        for n, depth in enumerate(depths if not asked.only else ()):
            names = (
                "at random: a new run",
                "at random: one that went on",
                "at random: one that went on again",
                "the end",
            )
            print(depth.row(names[n]), *depth.errors[:1], flush=True)
            total.add(depth)
        for steps, trial in ((STEPS, trials.at_step), (CLEARING, trials.while_clearing)):
            for step, times in steps.items():
                if asked.only is not None and asked.only not in step:
                    continue
                tally = Tally()
                for _ in range(TRIES):
                    for each in trial(step, times) if not tally.kills else ():
                        tally.add(each)
                if not tally.kills:
                    tally.errors.append("it was never reached")
                print(tally.row(step), *tally.errors[:1], flush=True)
                total.add(tally)
        print(total.row("all"))
    print(f"{time.monotonic() - began:.0f} s")
    return 0 if total.sound else 1


if __name__ == "__main__":
    sys.exit(main())
