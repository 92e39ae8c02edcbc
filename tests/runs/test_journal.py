"""The journal: results by position, durable when they are said to be, and never another one than was written."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.errors import RunError
from halueval.records import Claim, Cost, Extraction, Failure, FailureKind, Response, Result, Span, Verdict
from halueval.runs import Journal
from halueval.runs.resuming import keep, to_do


def result(n: int, seconds: float = 0.0, label: str = "supported") -> Result:
    claim = Claim(f"r{n}-1", f"r{n}", f"Claim {n}.", (Span(0, 5),))
    verdict = Verdict(claim.id, label, cost=Cost(1, 10, 2, seconds, 0.5))  # type: ignore[arg-type]
    extraction = Extraction(f"r{n}", (claim,), cost=Cost(1, 5, 1, seconds, 0.25))
    return Result(Response(f"r{n}", f"Text {n}."), extraction, (verdict,))


def written(folder: Path, results: dict[int, Result]) -> str:
    with Journal(folder) as journal:
        for position, one in results.items():
            journal.append(position, one)
        journal.flush()
        return journal.digest()


@given(st.permutations(range(12)), st.floats(0, 100))
@settings(max_examples=8, deadline=None)
def test_order_of_arrival_and_time_taken_change_nothing(order: list[int], seconds: float) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        plain = {n: result(n) for n in range(12)}
        digest = written(Path(one), plain)
        assert written(Path(other), {n: result(n, seconds) for n in order}) == digest
        with Journal(other, read_only=True) as journal:
            assert list(journal.results()) == list(journal.results()) == list(plain.values())
            assert len(journal.results()) == len(journal) == journal.end() == 12


def test_another_result_is_another_digest(tmp_path: Path) -> None:
    results = {n: result(n) for n in range(3)}
    digests = {
        written(tmp_path, results),
        written(tmp_path, {1: result(1, label="refuted")}),
        written(tmp_path, {3: result(3)}),
    }
    assert len(digests) == 3


def test_a_result_is_that_of_the_same_response_at_the_same_place(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(4, result(4)).result()
        response = result(4).response
        assert journal.done(4, response) == result(4)
        assert journal.done(3, response) is None
        changed = [replace(response, text="x"), replace(response, metadata={"a": 1}), replace(response, context=("x",))]
        assert [journal.done(4, other) for other in changed] == [None] * 3


def test_a_later_result_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        for label in ("supported", "refuted"):
            journal.append(0, result(0, label=label)).result()
        assert list(journal.results()) == [result(0, label="refuted")]


KINDS: list[tuple[FailureKind, bool]] = [
    ("timeout", True), ("provider_error", True), ("rate_limited", True), ("empty_reply", False), ("refused", False),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "again"), KINDS)
def test_what_may_have_passed_is_to_be_tried_again_until_the_run_was_finished(
    kind: FailureKind, again: bool, tmp_path: Path
) -> None:
    failed = replace(result(0), outcomes=(Failure("verification", kind, "no", "r0-1"),))
    with Journal(tmp_path) as journal:
        journal.append(0, failed).result()
        assert [n for n, _ in to_do([failed.response], journal)] == ([0] if again else [])
        assert list(to_do([failed.response], journal, answers=1)) == []


def test_what_was_spent_is_added_up_over_openings(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.spend("extraction", Cost(1, 10, 5, 0.5, 0.25))
        journal.spend("extraction", Cost(2, 20, 5, 0.5, 0.25))
        journal.spend("verification", Cost(1, 1, 1, 0.5, None))
    with Journal(tmp_path) as journal:
        journal.spend("extraction", Cost(1, 10, 5, 0.5, 0.5))
        assert journal.spending() == {
            "extraction": Cost(4, 40, 15, 1.5, 1.0),
            "verification": Cost(1, 1, 1, 0.5, None),
        }


def damaged(folder: Path, change: str) -> None:
    with sqlite3.connect(folder / "journal.sqlite") as journal:
        journal.execute(change)
    journal.close()


CHANGES = [
    "UPDATE results SET body = replace(CAST(body AS TEXT), 'supported', 'refuted') WHERE position = 1",
    "UPDATE results SET body = CAST(replace(CAST(body AS TEXT), 'supported', 'refuted') AS BLOB) WHERE position = 1",
    "UPDATE results SET sum = x'00' WHERE position = 1",
    "UPDATE results SET again = 1 WHERE position = 1",
    "UPDATE results SET again = 'x' WHERE position = 1",
    "UPDATE results SET response = x'00' WHERE position = 1",
    "UPDATE results SET body = x'ff00' WHERE position = 1",
    "UPDATE results SET position = 7 WHERE position = 1",
    "UPDATE results SET position = -1 WHERE position = 1",
]


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_row_that_is_not_what_was_written_is_left_out_then_set_aside_and_done_again(
    change: str, tmp_path: Path
) -> None:
    results = [result(n) for n in range(3)]
    written(tmp_path, dict(enumerate(results)))
    damaged(tmp_path, change)
    with Journal(tmp_path, read_only=True) as journal:
        assert [r.response.id for r in journal.results()] == ["r0", "r2"]
        assert len(journal) == 2 and "is damaged" in journal.set_aside()[0]
    with Journal(tmp_path) as journal:
        assert len(journal.set_aside()) == 1
        assert [n for n, _ in to_do([r.response for r in results], journal)] == [1]
        journal.append(1, results[1]).result()
    with Journal(tmp_path) as journal:
        assert journal.set_aside() == () and list(journal.results()) == results
    with sqlite3.connect(tmp_path / "journal.sqlite") as kept:
        assert kept.execute("SELECT count(*) FROM set_aside").fetchone() == (1,)
    kept.close()


def test_a_journal_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="journal.sqlite is missing"):
        Journal(tmp_path, read_only=True)
    assert not list(tmp_path.iterdir())


def test_results_come_back_only_when_they_are_durable_and_a_bounded_number_is_under_way(tmp_path: Path) -> None:
    under_way: list[Future[None]] = []
    most = 0

    class Watched(Journal):
        def append(self, position: int, result: Result) -> Future[None]:
            nonlocal most
            under_way.append(super().append(position, result))
            most = max(most, sum(not future.done() for future in under_way))
            return under_way[-1]

    with Watched(tmp_path) as journal:
        given = [(n, result(n)) for n in random.Random(0).sample(range(1_000), 1_000)]
        for n, one in enumerate(keep(journal, iter(given)), 1):
            assert one == given[n - 1][1]
            if n % 250 == 0:
                with Journal(tmp_path, read_only=True) as seen:
                    assert all(seen.at(position) is not None for position, _ in given[:n])
        assert n == 1_000 and most <= 300


def test_what_was_given_before_an_error_is_kept(tmp_path: Path) -> None:
    def results() -> Iterator[tuple[int, Result]]:
        yield from ((n, result(n)) for n in range(50))
        raise ValueError("stop")

    with Journal(tmp_path) as journal, pytest.raises(ValueError, match="stop"):
        list(keep(journal, results()))
    with Journal(tmp_path) as journal:
        assert len(journal) == 50


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_journal import result
from halueval.runs import Journal
from halueval.runs.resuming import keep
with Journal(sys.argv[1]) as journal:
    for one in keep(journal, ((n, result(n)) for n in range(1_000_000))):
        print(one.response.id, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = [child.stdout.readline().strip() for _ in range(300)]
    os.kill(child.pid, signal.SIGKILL)
    said += [line.strip() for line in child.stdout if line.endswith("\n")]
    child.wait()
    with Journal(tmp_path) as journal:
        assert journal.set_aside() == ()
        kept = [r.response.id for r in journal.results()]
    assert kept[: len(said)] == said and len(set(kept)) == len(kept)
