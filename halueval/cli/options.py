"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from halueval.errors import InputError

__all__ = [
    "AsJson",
    "ContextColumn",
    "DryRun",
    "ExtractorName",
    "GroupColumn",
    "HtmlFile",
    "IdColumn",
    "JsonFile",
    "Level",
    "MarkdownFile",
    "MaxInFlight",
    "MessagesColumn",
    "ModelColumn",
    "OutputFile",
    "Overwrite",
    "PassageCount",
    "PromptColumn",
    "Resume",
    "Seed",
    "TextColumn",
    "Timeout",
    "VerifierName",
    "check_level",
]

OutputFile: TypeAlias = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where to write, replaced only when all is written; gzipped if it ends in .gz; - is standard output.",
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
JsonFile: TypeAlias = Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Write the JSON.")]
HtmlFile: TypeAlias = Annotated[str | None, typer.Option(metavar="FILE", help="Write one self-contained page.")]
MarkdownFile: TypeAlias = Annotated[str | None, typer.Option(metavar="FILE", help="Write Markdown.")]
MaxInFlight: TypeAlias = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Calls under way at once, at most; found out by default.")
]
Timeout: TypeAlias = Annotated[
    float | None, typer.Option(metavar="SECONDS", min=0.1, help="When a call that is not through is given up.")
]
DryRun: TypeAlias = Annotated[
    bool,
    typer.Option("--dry-run", help="Ask nobody and write nothing; print calls, tokens, money and time to come."),
]
Level: TypeAlias = Annotated[float, typer.Option(help="Of the intervals, two-sided.")]
Seed: TypeAlias = Annotated[int, typer.Option(min=0, help="Of all that is drawn at random.")]
Overwrite: TypeAlias = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]
PassageCount: TypeAlias = Annotated[int, typer.Option("--passages", "-k", min=1, help="Passages per claim or query.")]
Resume: TypeAlias = Annotated[
    bool, typer.Option("--resume", help="Go on where it was stopped or cut off; what is finished is not done again.")
]
ExtractorName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--extractor",
        metavar="NAME",
        help="rules (the default), sentences; with --model hybrid (then the default), llm, healthbench-hallu; "
        "or your own as module:attribute.",
    ),
]
VerifierName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--verifier",
        metavar="NAME",
        help="cascade (the default: quantities, then halueval-mini), halueval-mini, lexical, quantities; an NLI model "
        "of yours as nli:FOLDER or nli:organisation/name; with --model judge (then the default), search_agent, panel; "
        "or your own as module:attribute.",
    ),
]


def _column(option: str, what: str) -> typer.models.OptionInfo:
    info: typer.models.OptionInfo = typer.Option(
        option, metavar="COLUMN", help=f"The column with {what}; else guessed."
    )
    return info


TextColumn: TypeAlias = Annotated[str | None, _column("--text-column", "the answers")]
PromptColumn: TypeAlias = Annotated[str | None, _column("--prompt-column", "the questions")]
MessagesColumn: TypeAlias = Annotated[str | None, _column("--messages-column", "lists of {role, content}")]
IdColumn: TypeAlias = Annotated[str | None, _column("--id-column", "the ids")]
ModelColumn: TypeAlias = Annotated[str | None, _column("--model-column", "the names of the models")]
GroupColumn: TypeAlias = Annotated[str | None, _column("--group-column", "what was sampled independently")]
ContextColumn: TypeAlias = Annotated[str | None, _column("--context-column", "passages to judge the answer by")]


def check_level(level: float) -> None:
    """Refuses a level that none is, before anything is read or paid for."""
    if not 0 < level < 1:
        raise InputError(f"--level is {level:g}", wanted="between 0 and 1, both excluded")
