"""Ctrl-C and SIGTERM during a run: what is paid for is kept, and what follows is what the signal means."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from halueval import evaluate, stopping
from halueval.chat import ChatSession
from halueval.chat.mock_endpoint import MockEndpoint
from halueval.cli.app import app
from halueval.records import ChatReply, ChatRequest
from halueval.report import Report
from halueval.stopping import Stopping
from halueval.testing import LineExtractor

ANSWERS = [{"id": f"a{n}", "response": f"Claim {n}.", "context": f"Passage {n}."} for n in range(30)]
OPEN = '{"verdicts": [{"id": "c1", "quote": "", "reason": "-", "label": "not_enough_info", "probability": 0.9}]}'
SIGNALS = [signal.SIGINT, signal.SIGTERM]


class Asked:
    """A model that sends this process a signal when the calls of those numbers come, and then takes its time."""

    name = "asked"

    def __init__(self, number: int = signal.SIGINT, at: tuple[int, ...] = (), *, latency: float = 0.0) -> None:
        self.number, self.at, self.latency, self.calls = number, at, latency, 0

    def respond(self, body: object) -> str:
        self.calls += 1
        if self.calls in self.at:
            os.kill(os.getpid(), self.number)
        return OPEN

    async def chat(self, request: ChatRequest) -> ChatReply:
        reply = ChatReply(self.respond(request))
        await asyncio.sleep(self.latency)
        return reply


def run(asked: Asked | ChatSession, folder: Path) -> Report:
    session = asked if isinstance(asked, ChatSession) else ChatSession(asked, max_in_flight=4)
    return evaluate(ANSWERS, extractor=LineExtractor(), verifier="judge", model=session, run=folder)


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    """Those of the tests stay, and a SIGTERM that gets past ours fails a test, not all of them."""
    before = [signal.getsignal(number) for number in SIGNALS]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is before[0]
    signal.signal(signal.SIGTERM, before[1])


@pytest.mark.parametrize("number", SIGNALS)
def test_calls_in_flight_end_and_none_is_paid_for_again(
    number: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = Asked(number, at=(6,), latency=0.2), Asked()
    with pytest.raises(KeyboardInterrupt, match="kept in .*the same command goes on"):
        run(first, tmp_path / "run")
    assert 6 <= first.calls < len(ANSWERS)
    assert "once more stops at once" in caplog.text
    report = run(second, tmp_path / "run")
    assert first.calls + second.calls == len(ANSWERS)
    assert report.counts.responses == len(ANSWERS) and not report.counts.failures


def test_calls_that_take_too_long_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "GRACE", 0.3)
    asked, began = Asked(at=(2,), latency=60), time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(asked, tmp_path / "run")
    assert time.monotonic() - began < 30
    assert asked.calls <= 4


def test_a_second_signal_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "GRACE", 60.0)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        run(Asked(at=(1,), latency=60), tmp_path / "run")
    assert time.monotonic() - began < 30


def test_a_session_is_of_use_again_after_a_stop(tmp_path: Path) -> None:
    session = ChatSession(Asked(at=(3,), latency=0.02), max_in_flight=2)
    with pytest.raises(KeyboardInterrupt):
        run(session, tmp_path / "run")
    assert run(session, tmp_path / "run").counts.responses == len(ANSWERS)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_command_says_how_to_go_on_and_ends_with_the_signals_code(
    number: int, code: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    answers = tmp_path / "answers.jsonl"
    answers.write_text("".join(json.dumps(row) + "\n" for row in ANSWERS))
    asked = Asked(number, at=(5,))
    with MockEndpoint(asked.respond, latency=0.1) as endpoint:
        command = ["run", str(answers), "-o", str(tmp_path / "run"), "--extractor", "halueval.testing:LineExtractor"]
        command += ["--model", "mock", "--base-url", endpoint.url]
        stopped = CliRunner().invoke(app, command)
        assert stopped.exit_code == code
        said = stopped.stderr + caplog.text
        assert f"what was finished is kept in {tmp_path / 'run'}, and the same command goes on from there" in said
        assert CliRunner().invoke(app, command).exit_code == 0
    assert asked.calls == len(ANSWERS)


def test_a_program_has_its_own_handler_called_once_the_work_has_ended(tmp_path: Path) -> None:
    called: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: called.append(number))
    with pytest.raises(KeyboardInterrupt):
        run(Asked(signal.SIGTERM, at=(5,), latency=0.05), tmp_path / "run")
    assert called == [signal.SIGTERM]


def test_what_a_program_ignores_stays_ignored(tmp_path: Path) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    asked = Asked(signal.SIGTERM, at=(5,))
    assert run(asked, tmp_path / "run").counts.responses == asked.calls == len(ANSWERS)


def _in_a_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.parametrize("where", [lambda work: work(), _in_a_thread])
def test_handlers_are_there_in_the_main_thread_and_only_meanwhile(where: Callable[..., None]) -> None:
    before, during = signal.getsignal(signal.SIGINT), []

    def work() -> None:
        with Stopping():
            during.append(signal.getsignal(signal.SIGINT) is not before)

    where(work)
    assert during == [where is not _in_a_thread]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_after_the_last_item_is_not_lost() -> None:
    with pytest.raises(KeyboardInterrupt, match="finished before"), Stopping() as stopping:
        assert list(stopping.until([1, 2])) == [1, 2]
        signal.raise_signal(signal.SIGINT)
