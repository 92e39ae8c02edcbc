"""One call of a grader for each item: many under way, in order, each grade in the file as soon as it is there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from halueval.chat import ChatSession, ask
from halueval.concurrency import each_in_order
from halueval.healthbench.replies import Grade, is_copied, read_grade
from halueval.io.formats import failure_line
from halueval.records import ChatRequest, Cost, Failure, derived_id, total_cost
from halueval.repeats import counted

if TYPE_CHECKING:
    from halueval.io.growing import GrowingFile, Place

__all__ = ["STAGE", "Call", "grades_of"]

T = TypeVar("T")

STAGE: Final = "grading"
# How often an item is asked about from the start, each time with one second try that quotes what could not be read. The
# reference asks for ever; what one round leaves of a hundred broken replies, a second one leaves of ten thousand. An
# empty one is asked for again by the session, and not in a round of its own.
ROUNDS, TRIES = 2, 2
_AHEAD = 2  # calls under way or ready, for each that is made at the same time: a slow one does not hold up the others


@dataclass(frozen=True, slots=True)
class Call:
    """A question to a grader. ``id`` is what its failure is called, ``about`` what its line says it is about."""

    id: str
    request: ChatRequest
    about: Mapping[str, Any] = field(default_factory=dict)


def grades_of(
    jobs: Iterable[tuple[T, Call | Failure]], session: ChatSession, file: GrowingFile | None = None
) -> Iterator[tuple[T, Grade | Failure, Place | None]]:
    """The grade, or the failure, of each job, in order.

    Parameters
    ----------
    jobs : iterable of (anything, Call or Failure)
        Read as the work goes on. A failure stands for a call that cannot be made, and comes back as it is.
    session : ChatSession
        Who is asked.
    file : GrowingFile, optional
        Gets a line for each call; what an earlier file has of the same calls is taken from there. A call is known by
        all that is asked, of whom and how, not by its id: the same question of another answer is another one, and the
        n-th of several that are the same is the n-th, so that each completion is a sample of its own.

    Yields
    ------
    tuple of (anything, Grade or Failure, Place or None)
        The job, what became of it, and its line in the file.

    Raises
    ------
    RunStopped
        Every other call would fail; what was finished is given before, and a job that wasn't is left out.
    """

    async def work(batch: Sequence[_Keyed[T]]) -> list[tuple[T, Grade | Failure, Place | None]]:
        (job,) = batch
        if isinstance(job.call, Failure):
            return [(job.of, job.call, None)]
        if file is None:
            return [(job.of, await _asked(session, job.call, job.before), None)]
        kept = file.kept(job.key, job.key)
        row = file.row_at(kept) if kept is not None else {}
        grade = _grade_in(row) or await _asked(session, job.call, job.before)
        line = _line(job, grade)
        if kept is not None and row == {**line, "asked": job.key}:
            return [(job.of, grade, kept)]
        return [(job.of, grade, file.append(line, job.key))]  # new, or another completion's until now

    yield from each_in_order(([job] for job in _keyed(jobs, session)), work, in_flight=_AHEAD * session.max_in_flight)


@dataclass(frozen=True, slots=True)
class _Keyed(Generic[T]):
    of: T
    call: Call | Failure
    key: str
    before: int  # how often the same was asked before


def _keyed(jobs: Iterable[tuple[T, Call | Failure]], session: ChatSession) -> Iterator[_Keyed[T]]:
    times: Counter[str] = Counter()
    for of, call in jobs:
        key, before = "", 0
        if isinstance(call, Call):
            asks = call.request
            settings = (asks.temperature, asks.max_tokens, asks.schema, dict(asks.options))
            key = derived_id(json.dumps([session.name, list(map(dict, asks.messages)), *settings], sort_keys=True))
            before = times[key]
            times[key] += 1
            key = key if before == 0 else f"{key}#{before + 1}"
        yield _Keyed(of, call, key, before)


async def _asked(session: ChatSession, call: Call, before: int) -> Grade | Failure:
    shown = "\n".join(message["content"] for message in call.request.messages)

    def read(text: str) -> Grade | None:
        grade = read_grade(text)
        return None if is_copied(text, grade, shown) else grade

    costs: list[Cost] = []
    with counted(before * ROUNDS):
        for _ in range(ROUNDS):
            grade, cost = await ask(session, call.request, read, stage=STAGE, item_id=call.id, tries=TRIES)
            costs.append(cost)
            if not isinstance(grade, Failure) or grade.kind != "unreadable_reply":
                break
    if isinstance(grade, Grade):
        return grade
    total = total_cost(costs)
    if grade is None:
        message = f"{session.name}: the reply is a copy of one that stands in what it was shown"
        return Failure(STAGE, "injected", message, call.id, total.calls, cost=total)
    return replace(grade, item_id=call.id, attempts=total.calls, cost=total)


def _line(job: _Keyed[Any], grade: Grade | Failure) -> dict[str, Any]:
    about = {"id": job.key, **(job.call.about if isinstance(job.call, Call) else {})}
    if isinstance(grade, Failure):
        return {**about, "met": None, "failure": failure_line(grade)["failure"]}
    return {**about, "met": grade.met, "explanation": grade.explanation}


def _grade_in(row: Mapping[str, Any]) -> Grade | None:
    """An earlier grade, from its line."""
    return Grade(row["met"], str(row.get("explanation", ""))) if isinstance(row.get("met"), bool) else None
