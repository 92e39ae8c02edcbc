"""Runs in processes that can be killed: made-up answers, an endpoint that counts, and what is left after a kill.

Shared by the commands beside it. The answers, and what the endpoint says to a request, are functions of their numbers
and of the request: any two runs of the same answers must give the same report.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

# what a life needs, imported once by the process that they are forked from
import aiohttp  # noqa: F401

import halueval.report.page  # noqa: F401
from halueval.chat import ChatSession
from halueval.chat.mock_endpoint import MockReply, completion
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.evaluation import evaluate
from halueval.records import ChatReply, ChatRequest, Result
from halueval.runs import begin_run  # noqa: F401
from halueval.testing import LineExtractor
from halueval.verifiers.judge import JudgeVerifier  # noqa: F401

REPORTS = ("report.json", "report.md", "report.html")
KNOWN = "as is known to all"  # stands in every passage, so that a quote of it is found
LABELS = ("supported", "refuted", "not_enough_info")
CLAIMS = 3  # of an answer
PRICES = (1.0, 2.0)

Asked = Mapping[str, Any]


def write_answers(path: Path, number: int) -> Path:
    """Answers of three claims each, no two alike, with their passages."""
    with open(path, "w", encoding="utf-8") as file:
        for n in range(number):
            text = "\n".join(f"Claim {c} of answer {n} is so." for c in range(CLAIMS))
            context = [f"Passage {n}: claim 0 of answer {n} is so, {KNOWN}.", f"Passage {n} says no more, {KNOWN}."]
            file.write(json.dumps({"id": f"a{n}", "response": text, "context": context}) + "\n")
    return path


def said_to(messages: Iterable[Mapping[str, Any]]) -> str:
    """The reply to a request: a verdict that depends on every character of it."""
    digest = digest_of(messages)
    label, share = LABELS[digest[0] % 3], digest[1] / 512 + 0.5
    ruling = {"id": "c1", "quote": KNOWN if label != "not_enough_info" else "", "reason": digest.hex()[:8]}
    return json.dumps({"verdicts": [{**ruling, "label": label, "probability": round(share, 3)}]})


def digest_of(messages: Iterable[Mapping[str, Any]]) -> bytes:
    return hashlib.sha256(json.dumps([[m["role"], m["content"]] for m in messages]).encode()).digest()


class Played:
    """The endpoint's replies from within a process, for what needs no network."""

    name, endpoint = "mock", "played"

    def __init__(self) -> None:
        self.calls = 0

    async def chat(self, request: ChatRequest) -> ChatReply:
        self.calls += 1
        return ChatReply(said_to(request.messages), prompt_tokens=100, completion_tokens=20)


class Counting:
    """What the endpoint does: replies, and counts how often each request came.

    Parameters
    ----------
    delay : callable
        Seconds that a request waits beyond the endpoint's latency.
    """

    def __init__(self, delay: Callable[[], float] = lambda: 0.0) -> None:
        self.delay = delay
        self.came: Counter[bytes] = Counter()

    def __call__(self, body: dict[str, Any]) -> MockReply:
        self.came[digest_of(body["messages"])] += 1
        reply = completion(said_to(body["messages"]), prompt_tokens=100, completion_tokens=20)
        return MockReply(reply, delay=self.delay())

    @property
    def calls(self) -> int:
        return self.came.total()


def measure(answers: Path, run: Path | None, model: Any, *, in_flight: int = 8, **more: Any) -> Any:
    """The line, as all of these commands run it: lines for claims, the judge, passages from the answers themselves."""
    session = ChatSession(model, max_in_flight=in_flight, prices=PRICES)
    return evaluate(str(answers), extractor=LineExtractor(), verifier="judge", model=session, run=run, **more)


def live(asked: Asked) -> None:
    """One life of a run: goes on with what is there, and dies where it is told to."""
    acknowledged = os.open(asked["acknowledged"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(f"{asked['acknowledged']}.err", os.O_WRONLY | os.O_CREAT), 2)
    model = OpenAICompatibleChat("mock", asked["url"])
    extras: dict[str, Any] = {}
    if asked.get("step"):
        from kill_steps import arrange

        extras = arrange(asked["step"], asked["nth"], Path(asked["run"]))
    tell = extras.get("progress")

    def seen(result: Result) -> None:
        os.write(acknowledged, f"{result.response.id}\n".encode())
        if tell is not None:
            tell(result)

    os.write(acknowledged, b"begun\n")
    measure(asked["answers"], asked["run"], model, overwrite=asked.get("overwrite", False), progress=seen)


class Life:
    """A process that lives one life; forked from one that has everything imported."""

    def __init__(self, **asked: Any) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["lives"])
        self.acknowledged = Path(asked["run"]).parent / f"acknowledged-{time.monotonic_ns()}"
        self.process = context.Process(target=live, args=({**asked, "acknowledged": str(self.acknowledged)},))
        self.process.start()

    def begun(self) -> None:
        """Wait until the work begins: what comes before is Python's."""
        while not (self.acknowledged.exists() and self.acknowledged.stat().st_size) and self.process.is_alive():
            time.sleep(0.002)

    def end(self) -> int:
        """Wait for the end; the exit code, -9 where it was killed."""
        self.process.join(120)
        if self.process.exitcode is None:
            self.kill()
            raise SystemExit("a run did not end within two minutes")
        return self.process.exitcode

    def kill(self) -> int:
        """SIGKILL, unless it has ended."""
        if self.process.is_alive() and self.process.pid is not None:
            with suppress(ProcessLookupError):  # it ended at this moment
                os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        return self.process.exitcode or 0

    def said(self) -> str:
        """The last line of its standard error."""
        path = Path(f"{self.acknowledged}.err")
        return (path.read_text().splitlines() or [""])[-1] if path.exists() else ""

    def told(self) -> list[str]:
        """The answers that the run said were done, in that order."""
        lines = self.acknowledged.read_text().split() if self.acknowledged.exists() else []
        return [line for line in lines if line != "begun"]


def rows_of(run: Path, table: str = "results", columns: str = "position, sum, body") -> list[tuple[Any, ...]]:
    """What is on the disk, read from a copy: to look at it must change nothing for the next life."""
    name = "journal.sqlite" if table == "results" else "calls.sqlite"
    if not (run / name).exists():
        return []
    with tempfile.TemporaryDirectory() as folder:
        for end in ("", "-wal"):
            if (run / (name + end)).exists():
                shutil.copy(run / (name + end), Path(folder) / (name + end))
        connection = sqlite3.connect(Path(folder) / name)
        try:
            return connection.execute(f"SELECT {columns} FROM {table}").fetchall()
        except sqlite3.OperationalError:  # the tables were not made yet
            return []
        finally:
            connection.close()


def report_files(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in REPORTS if (run / name).exists()}
