"""How far work is: what the line says, and where it is drawn."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from halueval import evaluate, progress
from halueval.chat import ChatSession, ScriptedChat
from halueval.progress import Progress
from halueval.records import Cost
from halueval.runs import begin_run
from halueval.runs.following import following
from halueval.runs.manifest import read_manifest
from halueval.runs.resuming import settled
from halueval.testing import FixedVerifier, LineExtractor

OPEN = '{"verdicts": [{"id": "c1", "quote": "", "reason": "-", "label": "not_enough_info", "probability": 0.9}]}'
ANSWERS = [{"id": f"a{n}", "response": f"Claim {n}.", "context": f"Passage {n}."} for n in range(6)]


@pytest.mark.parametrize(
    ("total", "before", "done", "failed", "seconds", "cost", "said"),
    [
        (None, 0, 0, 0, 0.0, None, "0 answers, 0 s"),
        (None, 0, 90, 0, 60.0, None, "90 answers, 1.5/s, 60 s"),
        (100, 0, 0, 0, 30.0, None, "0 of 100 answers"),
        (100, 0, 10, 0, 1.0, None, "10 of 100 answers"),
        (100, 0, 10, 2, 10.0, None, "10 of 100 answers, 1.0/s, 90 s left, 2 failed"),
        (100, 80, 10, 0, 10.0, None, "90 of 100 answers, 1.0/s, 10 s left"),
        (100, 0, 1, 0, 600.0, None, "1 of 100 answers, 0.1/min, 16 h 30 min left"),
        (100, 90, 10, 0, 10.0, None, "100 of 100 answers, 1.0/s, in 10 s"),
        (9, 5, 5, 0, 10.0, None, "10 answers, 0.5/s, 10 s"),
        (10, 0, 5, 0, 10.0, Cost(7, dollars=0.021), "5 of 10 answers, 0.5/s, 10 s left, $0.021"),
        (10, 0, 5, 0, 10.0, Cost(7, dollars=None), "5 of 10 answers, 0.5/s, 10 s left, 7 calls"),
        (10, 0, 5, 0, 10.0, Cost(), "5 of 10 answers, 0.5/s, 10 s left"),
    ],
)
def test_the_line(
    total: int | None, before: int, done: int, failed: int, seconds: float, cost: Cost | None, said: str
) -> None:
    times = iter([0.0, seconds])
    spent = None if cost is None else lambda: cost
    state = Progress("answers", total, before, spent=spent, clock=lambda: next(times))
    state.add(done, failed=failed)
    assert str(state) == said.replace("0.5/s", "30.0/min")


def test_lines_now_and_then_where_nobody_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_PRINTED", (0.05, 60.0))
    with progress.progress("answers", total=2) as add:
        add(1)
        time.sleep(0.3)
        add(1, failed=1)
    first, last = capsys.readouterr().err.splitlines()
    assert (first, last) == ("1 of 2 answers", "2 of 2 answers, in 0 s, 1 failed")


def test_short_work_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress("answers") as add:
        add(1)
    assert capsys.readouterr() == ("", "")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_that_is_redrawn_and_goes_away_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_REDRAWN", 0.05)
    monkeypatch.setenv("TERM", "xterm")
    with progress.progress("answers", total=2) as add:
        add(1)
        time.sleep(0.3)
    drawn = terminal.getvalue()
    assert drawn.count("1 of 2 answers") > 1
    assert drawn.endswith("\x1b[1A\x1b[2K")


def test_a_reader_that_goes_away_does_not_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    monkeypatch.setattr(progress, "_PRINTED", (0.01,))
    with progress.progress("answers") as add:
        time.sleep(0.1)
        add(1)


def test_a_run_that_goes_on_counts_what_was_done_before_and_what_it_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_PRINTED", (0.01,))

    def run(first: int | None) -> str:
        session = ChatSession(ScriptedChat(lambda request: OPEN, latency=0.1), prices=(1e3, 1e3), max_in_flight=1)
        evaluate(
            ANSWERS,
            extractor=LineExtractor(),
            verifier="judge",
            model=session,
            run=tmp_path,
            first=first,
            progress=True,
        )
        return capsys.readouterr().err.splitlines()[-1]

    first, last = run(2), run(None)
    assert first.startswith("2 of 2 answers") and last.startswith("6 of 6 answers")
    dollars = [float(line.rpartition("$")[2]) for line in (first, last)]
    assert dollars[1] == pytest.approx(3 * dollars[0], rel=0.05)


def test_what_is_to_be_tried_again_is_not_counted_as_done(tmp_path: Path) -> None:
    down = ChatSession(ScriptedChat([OPEN]), max_in_flight=1)
    parts = {"extractor": LineExtractor(), "verifier": "judge"}
    evaluate(ANSWERS[:3], **parts, model=down, run=tmp_path, first=3)  # type: ignore[arg-type]
    with begin_run(tmp_path, read_manifest(tmp_path).settings) as run:
        assert len(run.journal) == 3
        assert settled(run.journal) == 1


def test_failures_are_counted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PRINTED", (0.01,))
    with following(True, ANSWERS, []) as seen:
        time.sleep(0.1)
        evaluate(ANSWERS, extractor=LineExtractor(), verifier=FixedVerifier({}), progress=seen)
    assert capsys.readouterr().err.splitlines()[-1].endswith(", 6 failed")


CELL = """
import time
from halueval import evaluate
from halueval.testing import FixedVerifier, LineExtractor

class Slow(FixedVerifier):
    def verify(self, items):
        time.sleep(0.7)
        return super().verify(items)

answers = [{"response": "Yes.", "context": "Yes."}] * 33  # two batches
report = evaluate(answers, extractor=LineExtractor(), verifier=Slow({"Yes.": "supported"}), progress=True)
"""


def test_one_output_that_is_redrawn_in_a_notebook() -> None:
    cell = nbformat.v4.new_code_cell(CELL)  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=120).execute()
    (output,) = notebook.cells[0].outputs
    assert output["output_type"] == "display_data"
    assert output["data"]["text/plain"].startswith("33 of 33 answers, in ")
