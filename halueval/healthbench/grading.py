"""From answers to grades: a chat model is asked about every item of every rubric, each in a call of its own.

>>> from halueval.chat import ScriptedChat
>>> from halueval.healthbench import RubricItem
>>> asks = ({"role": "user", "content": "How much can I take?"},)
>>> example = Example("p", asks, (RubricItem(5, criterion="Says how much."), RubricItem(-3, criterion="Scolds.")))
>>> grader = ScriptedChat({"how much.": '{"criteria_met": true}', "Scolds": '{"criteria_met": false}'})
>>> [graded.met for graded in grade([(example, Response("p", "One tablet."))], grader=grader)]
[(True, False)]
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from halueval.chat import ChatSession, open_chat
from halueval.errors import OutputError, RunStopped
from halueval.healthbench.calls import STAGE, Call, grades_of
from halueval.healthbench.graded import write_graded
from halueval.healthbench.parts import completions_of, jobs_of
from halueval.healthbench.records import Example, GradedCompletion
from halueval.healthbench.replies import Grade
from halueval.healthbench.templates import GraderTemplate, load_template
from halueval.protocols import ChatModel
from halueval.records import ChatRequest, Cost, Failure, Response, cost_since

if TYPE_CHECKING:
    from halueval.io.growing import GrowingFile, Place

__all__ = ["grade", "grade_file", "grade_items", "grades_path"]


def grade(
    pairs: Iterable[tuple[Example, Response | Failure]],
    *,
    grader: str | ChatModel | ChatSession,
    template: str | os.PathLike[str] | GraderTemplate = "halueval",
) -> Iterator[GradedCompletion]:
    """Grade answers by the rubrics of what they answer.

    Parameters
    ----------
    pairs : iterable of (Example, Response or Failure)
        Read as they are needed; such as :func:`halueval.healthbench.completions.match_completions` gives. A failure
        stands for an answer that there isn't.
    grader : str, ChatModel or ChatSession
        Who grades; limits, prices and deadlines are set with :func:`halueval.chat.open_chat`. HealthBench's published
        grader is gpt-4.1-2025-04-14.
    template : str, path or GraderTemplate
        What it is asked with; see :func:`halueval.healthbench.templates.load_template`.

    Yields
    ------
    GradedCompletion
        One per pair, in order, many calls under way at the same time. An item without a readable grade, after two
        times two tries, is None, with its ``Failure``, whose ``item_id`` is the completion's, a slash, and the
        place of the item in the rubric, from 0. All items of an answer that there isn't are None.

    Raises
    ------
    InputError
        A template that cannot be used.
    RunStopped
        Every other call would fail; completions that were graded whole are given before.
    """
    session, asked = open_chat(grader), load_template(template)
    for completion, _ in completions_of(grades_of(jobs_of(pairs, asked), session), session.name, asked.digest):
        yield completion


def grade_file(
    pairs: Iterable[tuple[Example, Response | Failure]],
    path: str | os.PathLike[str],
    *,
    grader: str | ChatModel | ChatSession,
    template: str | os.PathLike[str] | GraderTemplate = "halueval",
    resume: bool = False,
    overwrite: bool = False,
    progress: Callable[[GradedCompletion], None] | None = None,
) -> Cost:
    """:func:`grade` into a file of graded completions; see there for the parameters.

    Beside it, in :func:`grades_path`, is a line for each item, written as soon as its grade is there, with what the
    grader said of it. Such explanations may repeat the texts of HealthBench, which are not to be published; the file of
    graded completions has none of them.

    Parameters
    ----------
    path : path
        Of the graded completions, as :func:`halueval.healthbench.graded.read_graded` reads them; it appears when all
        are graded. Packed where it ends in ``.gz``.
    resume : bool
        Keep the grades that are beside it and ask only for the others and for those that failed. A grade is kept where
        exactly the same was asked of the same model; for an answer that was changed it isn't.
    overwrite : bool
        Delete an earlier file instead.
    progress : callable, optional
        Called with each graded completion, in order.

    Returns
    -------
    Cost
        Of the calls made now.

    Raises
    ------
    InputError
        A template that cannot be used.
    OutputError
        It cannot be written there, or something is in the way.
    RunStopped
        Every other call would fail; what was finished is kept.
    KeyboardInterrupt
        Says where the grades are that were finished.
    """
    session, asked = open_chat(grader), load_template(template)
    before = session.spent().get(STAGE, Cost())
    with _growing(path, grades_path(path), resume=resume, overwrite=overwrite) as file:
        places: list[Place] = []

        def done() -> Iterator[GradedCompletion]:
            results = grades_of(jobs_of(pairs, asked), session, file)
            for completion, its in completions_of(results, session.name, asked.digest):
                places.extend(its)
                if progress is not None:
                    progress(completion)
                yield completion

        write_graded(done(), path)
        file.finish(places)
    return cost_since(session.spent().get(STAGE, Cost()), before)


def grade_items(
    requests: Iterable[tuple[str, ChatRequest]],
    *,
    session: ChatSession,
    path: str | os.PathLike[str] | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> Iterator[bool | Failure]:
    """Ask a grader about single items: whether each is met, or the failure to find out.

    Parameters
    ----------
    requests : iterable of (str, ChatRequest)
        What each is called in its failure, and what is asked; as :meth:`GraderTemplate.request` makes them.
    session : ChatSession
        Who is asked.
    path : path, optional
        A file that gets a line for each as soon as it is there.
    resume, overwrite : bool
        Of that file, as for :func:`grade_file`.

    Yields
    ------
    bool or Failure
        One per request, in order.

    Raises
    ------
    OutputError
        The file cannot be written there, or something is in the way.
    RunStopped
        Every other call would fail; the results up to the first that is missing are given before.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> request = ChatRequest(({"role": "user", "content": "Is it met?"},))
    >>> session = ChatSession(ScriptedChat(['{"criteria_met": false}', *["No."] * 8]))
    >>> first, second = grade_items([("a", request), ("b", request)], session=session)
    >>> first, second.kind, second.item_id
    (False, 'unreadable_reply', 'b')
    """
    jobs = ((number, Call(id, request, {"of": id})) for number, (id, request) in enumerate(requests))
    if path is None:
        yield from _values(grades_of(jobs, session))
        return
    with _growing(path, path, resume=resume, overwrite=overwrite) as file:
        places: list[Place] = []
        yield from _values(grades_of(jobs, session, file), places)
        file.finish(places)


def grades_path(path: str | os.PathLike[str]) -> Path:
    """Where the grades of single items are, beside a file of graded completions.

    Examples
    --------
    >>> grades_path("graded.jsonl").name
    'graded.jsonl.grades.jsonl'
    """
    return Path(f"{os.fspath(path)}.grades.jsonl")


def _values(
    results: Iterable[tuple[int, Grade | Failure, Place | None]], places: list[Place] | None = None
) -> Iterator[bool | Failure]:
    """The bare grades, up to the first that a run which was stopped does not have."""
    wanted = 0
    for number, grade, place in results:
        if number != wanted:
            continue
        wanted += 1
        if places is not None and place is not None:
            places.append(place)
        yield grade.met if isinstance(grade, Grade) else grade


@contextmanager
def _growing(
    path: str | os.PathLike[str], grades: str | os.PathLike[str], *, resume: bool, overwrite: bool
) -> Iterator[GrowingFile]:
    """The file of grades, which says where it is when the work is cut off."""
    from halueval.io import GrowingFile, check_writable

    if os.fspath(path) == "-":
        raise OutputError("-: wanted the name of a file: what is finished is kept beside it")
    check_writable(path)
    there, known = Path(path).exists(), any(Path(f"{os.fspath(grades)}{end}").exists() for end in ("", ".partial"))
    if there and not overwrite and not (resume and known):
        why = f"there is no {grades} beside it to go on from" if resume else "is there already"
        todo = "replace it (--overwrite), or name another file"
        raise OutputError(f"{path}: {why}. To mend it: {todo if resume else f'go on with it (--resume), {todo}'}")
    with GrowingFile(grades, resume=resume, overwrite=overwrite) as file:
        try:
            yield file
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"the grades until then are in {file.growing}; --resume goes on") from None
        except RunStopped as stop:
            if not file.size:
                raise
            raise RunStopped(f"{stop}; the grades until then are in {file.growing}; --resume goes on") from stop
