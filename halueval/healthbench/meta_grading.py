"""A grader asked about rows that physicians have labelled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from os import PathLike

from halueval.chat import ChatSession, open_chat
from halueval.healthbench.grading import grade_items
from halueval.healthbench.meta_rows import MetaExample, MetaRow
from halueval.healthbench.records import RubricItem
from halueval.healthbench.templates import GraderTemplate, load_template
from halueval.protocols import ChatModel
from halueval.records import Failure

__all__ = ["grade_meta"]


def grade_meta(
    examples: Iterable[MetaExample],
    *,
    grader: str | ChatModel | ChatSession,
    template: str | PathLike[str] | GraderTemplate = "halueval",
    path: str | PathLike[str] | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> list[MetaRow]:
    """A grader's label of every row, asked as the reference does: the criterion alone, without points.

    Parameters
    ----------
    examples : iterable of MetaExample
    grader : str, ChatModel or ChatSession
        Who is asked; see :func:`halueval.chat.open_chat`.
    template : str, path or GraderTemplate
        What is asked; see :func:`halueval.healthbench.templates.load_template`.
    path : path, optional
        A file that gets a line for each row as soon as it is graded, with what the grader said, which may repeat texts
        of HealthBench that are not to be published.
    resume, overwrite : bool
        Of that file: keep its grades, or delete it.

    Returns
    -------
    list of MetaRow
        In order. One that could not be graded has no label, and its ``failure`` says why.

    Raises
    ------
    InputError
        No such template, or no such model.
    OutputError
        The file cannot be written there, or something is in the way.
    RunStopped
        Every call from here on would fail; what was finished is in the file.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> row = MetaRow("p", "c", "cluster:a", (True, False))
    >>> asks = ({"role": "user", "content": "Is it safe?"},)
    >>> grader = ScriptedChat(['{"explanation": "It does.", "criteria_met": true}'])
    >>> graded = grade_meta([MetaExample(row, asks, "Yes.", "Says that it is.")], grader=grader)
    >>> graded[0].grader, graded[0].graded_by, graded[0].failure
    (True, 'scripted', None)
    """
    examples, session, asked = list(examples), open_chat(grader), load_template(template)
    requests = [
        (e.row.key, asked.request(e.messages, e.completion, RubricItem(1, (), e.criterion), with_points=False))
        for e in examples
    ]
    grades = grade_items(requests, session=session, path=path, resume=resume, overwrite=overwrite)
    return [
        replace(
            example.row,
            grader=None if isinstance(found, Failure) else found,
            failure=found if isinstance(found, Failure) else None,
            graded_by=session.name,
            template=asked.digest,
        )
        for example, found in zip(examples, grades, strict=True)
    ]
