"""What is held of every answer from the input to the report is some bytes: no object, no entry of a list or a dict.

The most that tracemalloc counts at few answers, but enough to fill every page and queue, is taken from the most at
many; the rest is what the others added.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from halueval.io import read_responses
from halueval.records import Claim, Evidence, Extraction, Outcome, Response, Result, Span, Verdict
from halueval.report.overview import survey
from halueval.runs.journal import Journal
from halueval.runs.resuming import keep, to_do

PASSAGE = (Evidence("d", "Aspirin is a drug.", Span(0, 18)),)
CLAIMS = tuple(Claim(f"c{n}", "a", "Aspirin is a drug.") for n in range(3))
OUTCOMES: tuple[Outcome, ...] = tuple(
    Verdict(claim.id, label, evidence=PASSAGE, verifier="fixed")
    for claim, label in zip(CLAIMS, ("supported", "refuted", "not_enough_info"), strict=True)
)


@dataclass(frozen=True)
class Answers:
    """Results that are made when they are asked for, so many to a prompt, with one to three claims."""

    number: int
    to_a_prompt: int

    def __iter__(self) -> Iterator[Result]:
        for n in range(self.number):
            response = Response(f"answer {n}", "Yes. " * (n % 9), group=f"prompt {n // self.to_a_prompt}")
            some = 1 + n % 3
            yield Result(response, Extraction(response.id, CLAIMS[:some]), OUTCOMES[:some])


def each_more(work: Callable[[int], object], few: int, many: int) -> float:
    """By how many bytes an answer more makes the most that is held at once larger."""
    work(10)  # what is made once, by whichever is first
    most = []
    for number in (few, many):
        gc.collect()
        tracemalloc.start()
        try:
            work(number)
            most.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    return (most[1] - most[0]) / (many - few)


@pytest.mark.parametrize("column", ["id", "qid"])  # ids of the answers, and of what was asked, which may come again
def test_reading_holds_a_digest_of_each_id(column: str) -> None:
    def work(number: int) -> None:
        times = 2 if column == "qid" else 1
        for _ in read_responses({column: f"answer {n // times}", "answer": "Yes."} for n in range(number)):
            pass

    assert each_more(work, 1_000, 4_000) < 45


@pytest.mark.parametrize("to_a_prompt", [1, 5])
def test_a_report_holds_a_few_numbers_of_each_answer(to_a_prompt: int) -> None:
    assert each_more(lambda number: survey(Answers(number, to_a_prompt)), 2_500, 5_000) < 150


def test_a_journal_holds_nothing_of_an_answer(tmp_path: Path) -> None:
    def write(number: int) -> None:
        (tmp_path / str(number)).mkdir()
        answers = (Response(f"answer {n}", "Yes.") for n in range(number))
        with Journal(tmp_path / str(number)) as journal:

            def made() -> Iterator[tuple[int, Result]]:
                for place, answer in to_do(answers, journal):
                    if place % 50 == 0:  # else how many wait for the disk is left to chance
                        journal.flush()
                    yield place, Result(answer, Extraction(answer.id))

            for _ in keep(journal, made()):
                pass

    def read(number: int) -> None:
        with Journal(tmp_path / str(number)) as journal:
            for _ in journal.results():
                pass
            journal.digest()

    for work in (write, read):
        assert each_more(work, 600, 2_400) < 50
