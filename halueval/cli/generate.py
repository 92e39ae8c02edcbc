"""``generate``: prompts in, the answers of a chat model out."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from halueval.cli.chat import ChatOptions, open_model, with_options
from halueval.cli.forecasts import forecast_instead
from halueval.cli.options import ContextColumn, GroupColumn, IdColumn, MessagesColumn, Overwrite, PromptColumn, Resume
from halueval.cli.request_options import request_options
from halueval.cli.session import Failures, resumable, say
from halueval.errors import InputError
from halueval.progress import progress
from halueval.records import Failure, Response

__all__ = ["generate"]


@with_options
def generate(
    prompts: Annotated[
        str, typer.Argument(metavar="PROMPTS", help="JSONL (also .gz), JSON, Parquet or CSV; - is stdin, JSONL.")
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="ANSWERS", help="The file to write; ANSWERS.partial until all answers are there."
        ),
    ],
    system: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A system message for the prompts that bring none.")
    ] = None,
    samples: Annotated[int, typer.Option(metavar="N", min=1, help="Answers per prompt; they are one group.")] = 1,
    max_tokens: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Of each answer, thinking included; else the endpoint's own.")
    ] = None,
    temperature: Annotated[float | None, typer.Option(metavar="T", min=0, help="Else the endpoint's own.")] = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    prompt: PromptColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    group: GroupColumn = None,
    context: ContextColumn = None,
    chat: ChatOptions = ChatOptions(),  # noqa: B008 (typer makes it)
) -> None:
    """Ask a model prompts, for answers to evaluate.

    Writes a line per prompt, in order, as `halueval run` and `halueval extract` read them: {"id", "prompt" or
    "messages", "response", "model", "group", "metadata"}; what was thought before the answer, why it ended and what it
    took are in the metadata. A prompt that got no answer is {"id", "failure"}, and counted by `run` as well. What is
    answered is kept at once: --resume asks only for what is missing or failed.

    \b
    Example:
      halueval generate prompts.jsonl --model qwen3-32b --base-url http://localhost:8000/v1 -o answers.jsonl
      halueval generate hf.parquet --prompt-column question --model openai/gpt-5-mini --samples 3 -o answers.jsonl
    """
    from halueval.generation import generate as ask
    from halueval.generation import generate_file
    from halueval.io import read_prompts
    from halueval.report.costs import cost_text

    # sent with each request, and not by the session, so that they are part of what an answer is an answer to
    options = request_options(chat.option or (), chat.thinking, chat.base_url)
    session = open_model(replace(chat, option=None, thinking=None))
    if session is None:
        raise InputError("no model to ask", wanted="--model NAME")
    named = dict(prompt=prompt, messages=messages, id=id, group=group, context=context)
    columns = {role: column for role, column in named.items() if column is not None}
    settings: dict[str, Any] = dict(
        system=system, samples=samples, max_tokens=max_tokens, temperature=temperature, options=options
    )
    if forecast_instead(
        chat,
        lambda: list(read_prompts(prompts, **columns)),
        (session,),
        dry=lambda sessions, some: list(ask(some, model=sessions[0], **settings)),
        keep=lambda sessions, some: generate_file(some, output, model=session, overwrite=overwrite, **settings),
        unit="prompts",
    ):
        return
    failures, cut = Failures(), 0
    with resumable(f"{output}.partial"), progress("answers") as advance:

        def seen(item: Response | Failure) -> None:
            nonlocal cut
            failures.see(item)
            cut += isinstance(item, Response) and item.metadata.get("finish_reason") == "length"
            advance(1)

        cost = generate_file(
            prompts,
            output,
            model=session,
            columns=columns,
            resume=resume,
            overwrite=overwrite,
            reading=lambda columns: say(f"reading {columns}") if columns else None,
            progress=seen,
            **settings,
        )
    if cut:
        say(f"{cut:,} of {failures.total:,} answers were cut off at the limit of tokens; raise --max-tokens")
    failed = sum(failures.counts.values())
    typer.echo(f"{output}: {failures.total - failed:,} answers of {session.name}; {cost_text(cost)}")
    failures.finish(output)
