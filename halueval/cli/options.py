"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

__all__ = [
    "ContextColumn",
    "ExtractorName",
    "GroupColumn",
    "IdColumn",
    "MessagesColumn",
    "ModelColumn",
    "OutputFile",
    "Overwrite",
    "PassageCount",
    "PromptColumn",
    "Resume",
    "TextColumn",
    "VerifierName",
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
        help="cascade (the default), lexical, quantities; with --model judge (then the default), search_agent, panel; "
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
