"""``healthbench run``: examples in; answers, their grades and the report out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from halueval.cli.chat import ChatOptions, with_options
from halueval.cli.forecasts import forecast_instead
from halueval.cli.healthbench_grader import (
    GraderOptions,
    Subset,
    Template,
    endpoint_of,
    open_sessions,
)
from halueval.cli.healthbench_score import left_out_note
from halueval.cli.options import Level, Overwrite, Resume, Seed, check_level
from halueval.cli.request_options import request_options
from halueval.cli.session import Failures, resumable, say
from halueval.errors import InputError
from halueval.progress import progress
from halueval.records import Failure, Response

if TYPE_CHECKING:
    from halueval.chat import ChatSession
    from halueval.healthbench.records import Example, GradedCompletion
    from halueval.healthbench.running import Asked, Made

__all__ = ["run"]


@with_options
def run(
    examples: Annotated[
        str, typer.Argument(metavar="EXAMPLES", help="HealthBench's examples, or yours: JSONL (also .gz), Parquet.")
    ],
    output: Annotated[str, typer.Option("--output", "-o", metavar="FOLDER", help="The folder to make.")],
    completions: Annotated[
        str | None,
        typer.Option(
            metavar="ANSWERS", help="Grade these answers (JSONL, Parquet, CSV); their ids or groups are prompt ids."
        ),
    ] = None,
    physicians: Annotated[
        str | None, typer.Option(metavar="GROUP", help="Grade what physicians wrote: 'Group 1', 'Group 2', 'Group 3'.")
    ] = None,
    reference: Annotated[
        bool, typer.Option("--reference", help="With --physicians: grade what they were shown, not what they wrote.")
    ] = False,
    template: Template = "halueval",
    subset: Subset = "full",
    drawn: Annotated[
        int | None,
        typer.Option("--examples", metavar="N", min=1, help="Only a random draw of so many examples; see --seed."),
    ] = None,
    seed: Seed = 0,
    level: Level = 0.95,
    samples: Annotated[
        int, typer.Option(metavar="K", min=1, help="Answers per example: more tell how bad the worst of them is.")
    ] = 1,
    system: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A system message for the examples that bring none.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Of each answer, thinking included; else the endpoint's own.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(metavar="T", min=0, help="Of the answers; else the endpoint's own.")
    ] = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    grader: GraderOptions = GraderOptions(),  # noqa: B008 (typer makes it)
    chat: ChatOptions = ChatOptions(),  # noqa: B008
) -> None:
    """Answer HealthBench's examples, grade the answers item by item, score them.

    The answers are those of --model, or they are there already (--completions), or they are the physicians'
    (--physicians). Leaves a folder with the grades (graded.jsonl), the answers of --model (answers.jsonl), report.html
    and report.json; in graded.jsonl.grades.jsonl stands what the grader said of each item, not to be published since it
    may repeat HealthBench's texts. An item that could not be graded is counted, never taken for met or not met.

    What is finished is kept at once: a run that stopped goes on with the same command and --resume.

    \b
    Example:
      halueval healthbench run hard.jsonl -o runs/m --model qwen3-32b --base-url http://localhost:8000/v1 \\
        --grader openai/gpt-4.1-2025-04-14 --grader-base-url provider --dry-run
      halueval healthbench run all.jsonl --completions answers.jsonl -o runs/m --grader openai/gpt-4.1-2025-04-14
    """
    from halueval.healthbench.loading import read_examples
    from halueval.healthbench.running import rehearse, run_healthbench

    check_level(level)
    _one_source(chat.chat_model, completions, physicians, reference=reference)
    model, judge = open_sessions(chat, grader)
    left_out, asked = _asked(examples, subset, drawn, seed)
    attempts: list[tuple[Example, Response | Failure]] = []
    if completions is not None:
        everything = asked.examples if subset == "full" and drawn is None else read_examples(examples).examples
        attempts, others = _answers(completions, asked.examples, everything, samples)
        left_out += others
    elif physicians is not None:
        attempts, samples = _physicians(asked.examples, physicians, reference=reference)
    asked = replace(
        asked,
        grader=judge,
        template=template,
        model=model,
        attempts=attempts,
        samples=samples,
        settings={
            "system": system,
            "max_tokens": max_tokens,
            "temperature": temperature,
            "options": request_options(chat.option or (), chat.thinking, chat.base_url) if model is not None else {},
        },
        grader_settings=request_options(grader.grader_option or (), grader.grader_thinking, endpoint_of(chat, grader)),
        notes=(*asked.notes, *left_out_note(left_out)),
    )

    def keep(sessions: Sequence[ChatSession], some: Sequence[object]) -> None:
        with resumable(output):
            run_healthbench(asked, output, resume=resume, overwrite=overwrite, first=len(some))

    if forecast_instead(
        chat,
        lambda: list(asked.attempts or asked.examples),
        (model, judge),
        dry=lambda sessions, some: rehearse(asked, sessions, some),
        keep=keep,
        unit="examples" if model is not None else "answers",
    ):
        return
    with resumable(output), progress("answers and grades") as advance:

        def answered(answer: Response | Failure) -> None:
            advance(1)

        def graded(completion: GradedCompletion) -> None:
            advance(len(completion.met))

        made = run_healthbench(
            asked,
            output,
            level=level,
            seed=seed,
            resume=resume,
            overwrite=overwrite,
            answered=answered,
            graded=graded,
        )
    _show(made, output, left_out)


def _one_source(model: str | None, completions: str | None, physicians: str | None, *, reference: bool) -> None:
    """Refuses what leaves open whose answers are meant."""
    named = {"--model": model, "--completions": completions, "--physicians": physicians}
    given = [flag for flag, value in named.items() if value is not None]
    if len(given) != 1:
        found = f"{given[0]} and {given[1]}" if given else "no answers to grade"
        raise InputError(found, wanted="one of --model NAME, --completions ANSWERS, --physicians GROUP")
    if reference and physicians is None:
        raise InputError("--reference without --physicians", wanted="--physicians 'Group 2', say")


def _asked(source: str, subset: str, drawn: int | None, seed: int) -> tuple[list[Failure], Asked]:
    """The examples, drawn where that is asked for, with what there is to say of them."""
    from halueval.healthbench.loading import read_examples
    from halueval.healthbench.running import Asked, draw_examples

    read = read_examples(source, subset=subset)
    examples, notes = list(read.examples), list(read.warnings)
    if drawn is not None:
        examples = draw_examples(examples, drawn, seed=seed)
        notes.insert(0, f"a random draw of {drawn:,} of {len(read):,} examples, seed {seed}")
    return list(read.failures), Asked(examples, "", subset=subset, notes=tuple(notes))


def _answers(
    source: str, examples: Sequence[Example], everything: Sequence[Example], samples: int
) -> tuple[list[tuple[Example, Response | Failure]], list[Failure]]:
    """The answers of a file with their examples, missing ones as failures; and what belongs to no example at all.

    Answers to examples that are in the data and were not drawn, or are not of the subset, are not looked at.
    """
    from halueval.healthbench.completions import match_completions
    from halueval.io import read_responses

    responses = read_responses(source)
    if responses.columns is not None:
        say(f"reading {responses.columns}")
    matched = match_completions(everything, responses, samples=samples)
    taken = {example.prompt_id: example for example in examples}
    attempts = [(taken[one.prompt_id], answer) for one, answer in matched.attempts if one.prompt_id in taken]
    placed = {id(answer) for _, answer in matched.attempts}
    others = [failure for failure in matched.failures if id(failure) not in placed]
    if not any(isinstance(answer, Response) for _, answer in attempts):
        message = others[0].message if others else f"{len(matched.pairs):,} are to other examples"
        raise InputError(f"no answer is to one of the examples: {message}", path=source)
    return attempts, others


def _physicians(
    examples: Sequence[Example], group: str, *, reference: bool
) -> tuple[list[tuple[Example, Response | Failure]], int]:
    from halueval.healthbench.completions import physician_completions

    named = f"Group {group}" if group.isdecimal() else group
    pairs = physician_completions(examples, named, reference=reference)
    return [(example, answer) for example, answer in pairs], 1


def _show(made: Made, output: str, left_out: Sequence[Failure]) -> None:
    """The report, where it is, what it took, and what failed."""
    from rich.console import Console

    from halueval.report.costs import cost_text

    Console(highlight=False).print(made.report)
    page = (Path(output) / "report.html").resolve()
    typer.echo(f"\nThe run is in {output}; {cost_text(made.cost)}\nOpen in a browser: {page}")
    failures = Failures(total=made.items + len(left_out))
    for failure in (*left_out, *made.failures):
        failures.add(failure)
    failures.finish(output)
