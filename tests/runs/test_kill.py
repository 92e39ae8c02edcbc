"""A run that is killed three times ends as one that nobody disturbed; benchmarks/reliability/kill.py does more."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from halueval import evaluate
from halueval.chat import open_chat
from halueval.chat.mock_endpoint import MockEndpoint, MockReply, completion
from halueval.runs import reproduce
from halueval.testing import LineExtractor

IN_FLIGHT = 8
ANSWERS = 24
KILLED_AT = (12, 36, 60)  # calls, of 72 and those that are made again
REPORTS = ("report.json", "report.md", "report.html")

# Lives of a run, one after another, each in a process of its own; what is imported is imported once.
LIVES = f"""
import os, sys
import aiohttp, halueval.chat.openai_compatible, halueval.report.page, halueval.runs.cache, halueval.verifiers.judge
from halueval import evaluate
from halueval.chat import open_chat
from halueval.testing import LineExtractor

answers, run, url, told, pid = sys.argv[1:]
while True:
    child = os.fork()
    if not child:
        with open(pid, "w") as file:
            file.write(str(os.getpid()))
        acknowledged = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        evaluate(
            answers,
            extractor=LineExtractor(),
            verifier="judge",
            model=open_chat("mock", base_url=url, max_in_flight={IN_FLIGHT}),
            run=run,
            progress=lambda result: os.write(acknowledged, (result.response.id + "\\n").encode()),
        )
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(code)
    if code != -9:
        break
"""


class Endpoint:
    """Replies that depend on all that is asked, and kills whom it is told to when so many calls came."""

    def __init__(self, pid: Path) -> None:
        self.came: Counter[str] = Counter()
        self.pid = pid

    def __call__(self, body: dict[str, Any]) -> MockReply:
        digest = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()
        self.came[digest] += 1
        if self.pid.exists() and self.came.total() in KILLED_AT:
            os.kill(int(self.pid.read_text()), signal.SIGKILL)
        label, quote = (("supported", "known"), ("refuted", "known"), ("not_enough_info", ""))[int(digest, 16) % 3]
        ruling = {"id": "c1", "quote": quote, "reason": digest[:8], "label": label, "probability": 0.9}
        return MockReply(completion(json.dumps({"verdicts": [ruling]}), prompt_tokens=100, completion_tokens=9))


def test_a_run_that_is_killed_three_times_loses_nothing_and_pays_only_calls_in_flight_again(tmp_path: Path) -> None:
    answers, told, pid = tmp_path / "answers.jsonl", tmp_path / "told", tmp_path / "pid"
    rows = [
        {"id": f"a{n}", "response": f"One {n}.\nTwo {n}.\nThree {n}.", "context": f"Much is known about {n}."}
        for n in range(ANSWERS)
    ]
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    counted = Endpoint(pid)
    with MockEndpoint(counted, latency=0.02, keep=False) as endpoint:
        evaluate(
            str(answers),
            extractor=LineExtractor(),
            verifier="judge",
            model=open_chat("mock", base_url=endpoint.url, max_in_flight=IN_FLIGHT),
            run=tmp_path / "undisturbed",
        )
        assert set(counted.came.values()) == {1}
        asked = len(counted.came)
        counted.came.clear()
        command = [sys.executable, "-c", LIVES, *map(str, (answers, tmp_path / "run", endpoint.url, told, pid))]
        codes = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=120).stdout.split()
    assert codes == ["-9", "-9", "-9", "0"]
    assert len(counted.came) == asked
    # in flight: sent, or come back and not yet on the disk
    assert counted.came.total() - asked <= len(KILLED_AT) * 2 * IN_FLIGHT
    acknowledged = told.read_text().split()
    assert len(acknowledged) == len(set(acknowledged)) <= ANSWERS
    for name in REPORTS:
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes(), name
    reproduce(tmp_path / "run")
