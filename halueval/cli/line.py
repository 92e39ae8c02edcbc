"""The line as a whole: ``run``, ``report`` and ``demo``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halueval.cli.chat import ChatOptions, JudgeOptions, open_models, with_options
from halueval.cli.forecasts import forecast_instead
from halueval.cli.options import (
    ContextColumn,
    ExtractorName,
    GroupColumn,
    HtmlFile,
    IdColumn,
    MarkdownFile,
    MessagesColumn,
    ModelColumn,
    Overwrite,
    PassageCount,
    PromptColumn,
    TextColumn,
    VerifierName,
)
from halueval.cli.session import Failures, resumable
from halueval.records import Failure, Response, total_cost

if TYPE_CHECKING:
    from halueval.chat import ChatSession
    from halueval.report import Report

__all__ = ["demo", "report", "run"]

_DEMO = "halueval-demo"


@with_options
def run(
    answers: Annotated[
        str, typer.Argument(metavar="ANSWERS", help="JSONL (also .gz), JSON, Parquet or CSV; - is stdin, JSONL.")
    ],
    output: Annotated[str, typer.Option("--output", "-o", metavar="RUN", help="The folder to make.")],
    evidence: Annotated[
        str | None,
        typer.Option(
            "--evidence",
            "-e",
            metavar="INDEX|CORPUS",
            help="An index, or a corpus (JSONL). Not needed where answers bring their context.",
        ),
    ] = None,
    extractor: ExtractorName = None,
    verifier: VerifierName = None,
    passages: PassageCount = 5,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="ray[:N]",
            help="Divide the answers among N workers of Ray, here or on the cluster of RAY_ADDRESS (halueval[ray]).",
        ),
    ] = None,
    claims_store: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Reuse the verdicts of this store of verified claims, and keep new ones in it."
        ),
    ] = None,
    near: Annotated[
        bool,
        typer.Option("--near", help="Reuse them for other wordings too, where nothing differs that could matter."),
    ] = False,
    overwrite: Overwrite = False,
    chat: ChatOptions = ChatOptions(),  # noqa: B008 (typer makes it)
    judge: JudgeOptions = JudgeOptions(),  # noqa: B008
    text: TextColumn = None,
    prompt: PromptColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    model: ModelColumn = None,
    group: GroupColumn = None,
    context: ContextColumn = None,
) -> None:
    """Measure: answers in, hallucination rates with their intervals out.

    Splits the answers into claims, finds evidence for each checkworthy claim, judges it, prints the report, and leaves
    a folder with the results, what was asked (manifest.json) and the report. A record that cannot be read and a claim
    that cannot be judged are counted, never dropped.

    With --model a chat model splits and judges (hybrid, judge). A run that was killed or stopped, when the money was
    spent or the endpoint was down, goes on with the same command: what is finished stays, and a reply that came is not
    paid for again. On a finished run the command asks nobody and prints the report again.

    \b
    Example:
      halueval run answers.jsonl --evidence corpus.jsonl -o runs/first
      halueval run answers.csv --text-column output --evidence index -o runs/second -k 10
      halueval run answers.jsonl -e index -o runs/third --model qwen3-32b --base-url http://localhost:8000/v1
    """
    from halueval.evaluation import evaluate
    from halueval.evidence import open_evidence
    from halueval.io import read_responses
    from halueval.report.costs import cost_text
    from halueval.runs import spent_on

    named = dict(text=text, prompt=prompt, messages=messages, id=id, model=model, group=group, context=context)
    columns = {role: column for role, column in named.items() if column is not None}
    model_chat, verifier_chats = open_models(chat, judge)
    measure = partial(
        evaluate,
        evidence=None if evidence is None else open_evidence(evidence),
        extractor=extractor,
        verifier=verifier or ("panel" if len(verifier_chats) > 1 else None),
        k=passages,
        claims_store=claims_store,
        near=near,
    )
    read: list[Response | Failure] = []

    def all_answers() -> list[Response | Failure]:
        read.extend(read_responses(answers, **columns))
        return read

    def asked(sessions: Sequence[ChatSession]) -> dict[str, Any]:
        """Who extracts and who judges, in place of the sessions opened above."""
        those = dict(zip(dict.fromkeys(filter(None, (model_chat, *verifier_chats))), sessions, strict=True))
        judges = [those[c] for c in verifier_chats]
        return {"model": those[model_chat] if model_chat else None, "verifier_model": judges or None}

    def begin(first: Sequence[Response | Failure], sessions: dict[str, Any]) -> None:
        """A run of the first answers that is not finished, so that it can be gone on with."""
        measure(first, **sessions, run=output, overwrite=overwrite, first=len(first))
        typer.echo(f"What was done is kept in {output}, and the same command without --pilot goes on from there.\n")

    if forecast_instead(
        chat,
        all_answers,
        (model_chat, *verifier_chats),
        dry=lambda sessions, some: measure(some, **asked(sessions), claims_store=None, near=False),
        keep=lambda sessions, some: begin(_until(read, some[-1]), asked(sessions)),
        unit="answers",
    ):
        return
    with resumable(output):
        made = measure(
            answers,
            model=model_chat,
            verifier_model=verifier_chats or None,
            columns=columns,
            run=output,
            engine=engine,
            overwrite=overwrite,
            progress=True,
        )
    _show(made)
    typer.echo(f"\nThe run is in {output}")
    spent = total_cost(spent_on(output).values())
    if spent.calls:
        typer.echo(f"Spent on it in all, with failed attempts, without calls that a kill cut off: {cost_text(spent)}")
    failures = Failures(total=made.counts.responses)
    if made.counts.failures:
        for failure in made.failures():
            failures.add(failure)
    failures.finish(output)


def report(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A folder that `halueval run` made.")],
    html: HtmlFile = None,
    markdown: MarkdownFile = None,
    json: Annotated[str | None, typer.Option(metavar="FILE", help="Write the rates and counts as JSON.")] = None,
    claims: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the table of claims: Parquet if it ends in .parquet, else JSONL."),
    ] = None,
    results: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write every result, a line of JSON per answer; gzipped by .gz.")
    ] = None,
) -> None:
    """Print the report of a run, or write it to files.

    Without an option the report is printed. A file named - is standard output.

    \b
    Example:
      halueval report runs/first
      halueval report runs/first --html first.html --claims first.parquet
    """
    from halueval.io import check_writable, result_to_dict, write_jsonl, write_text
    from halueval.runs import open_run

    for path in filter(None, (html, markdown, json, claims, results)):
        check_writable(path)
    made = open_run(run)
    if html is not None:
        write_text(html, made.to_html())
    if markdown is not None:
        write_text(markdown, made.to_markdown())
    if json is not None:
        write_text(json, made.to_json())
    if claims is not None:
        table = made.claims()
        if claims.lower().endswith(".parquet"):
            table.to_parquet(claims)
        else:
            write_jsonl(claims, table)
    if results is not None:
        write_jsonl(results, map(result_to_dict, made.results))
    if all(path is None for path in (html, markdown, json, claims, results)):
        _show(made)


def demo(
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="RUN", help=f"The folder to make; {_DEMO} if not said.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Run the whole line on a small example that comes with halueval.

    The answers, the evidence and the true label of every statement were written for this project, so the demo also
    says how many verdicts were right. It is a demo, not a corpus to evaluate with.

    \b
    Example:
      halueval demo
    """
    from halueval.demo import demo_answers, demo_documents, score_demo
    from halueval.evaluation import evaluate

    folder = Path(output or _DEMO)
    again = output is None and (folder / "manifest.json").is_file()  # the demo replaces its own earlier run
    made = evaluate(demo_answers(), evidence=demo_documents(), run=folder, overwrite=overwrite or again, progress=True)
    _show(made)
    typer.echo(f"\n{score_demo(made.results)}\n")
    for page in sorted(folder.glob("*.html")):
        typer.echo(f"Open in a browser: {page.resolve()}")


def _until(read: Sequence[Response | Failure], last: Response) -> Sequence[Response | Failure]:
    """What was read up to an answer, bad records too: positions must be those of the whole input."""
    return read[: 1 + next(i for i, record in enumerate(read) if record is last)]


def _show(made: Report) -> None:
    from rich.console import Console

    Console(highlight=False).print(made)
