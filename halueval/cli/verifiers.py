"""Verifiers on labelled claims: ``verifiers bench``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from halueval.cli.options import AsJson, HtmlFile, JsonFile, MarkdownFile
from halueval.cli.session import Failures, Options
from halueval.errors import InputError
from halueval.progress import progress

__all__ = ["verifiers"]

verifiers = typer.Typer(help="Measure verifiers on labelled claims.", **Options)


@verifiers.callback()
def main() -> None:
    """Measure verifiers on labelled claims."""


@verifiers.command()
def bench(
    gold: Annotated[
        list[str],
        typer.Argument(metavar="GOLD...", help="Labelled claims: JSONL (also .gz), JSON, Parquet or CSV; - is stdin."),
    ],
    verifier: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A verifier's name, an NLI model of yours as nli:FOLDER, or your own as module:attribute; given "
            "more than once, side by side. all (the default): every installed one that asks no chat model.",
        ),
    ] = None,
    verdicts: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="What `halueval verify GOLD` wrote, beside them: of a verifier that asks a chat model, say.",
        ),
    ] = None,
    as_json: AsJson = False,
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.95,
    resamples: Annotated[int, typer.Option(min=1, help="Of whole groups, for the intervals.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 0,
    output: JsonFile = None,
    html: HtmlFile = None,
    markdown: MarkdownFile = None,
) -> None:
    """How often is each verifier right on labelled claims, does it know, and how fast is it?

    A line per claim: {"id", "claim", "evidence", "label", "group"}: evidence as for `halueval verify`; the label is
    supported, refuted or not_enough_info; the group is what was sampled independently (a document, a question), else
    the row. Rows with the same "pair" differ by one "change": the share of pairs with both right is printed, by change.

    Macro-F1 is over the labels that a file has. A failure of a verifier is a wrong answer for its row, never a label.
    Intervals are over groups; differences between verifiers are on the same rows. A claim without evidence is
    not_enough_info by definition, and no verifier is asked.

    Without --json, --output, --html or --markdown the tables are printed. A file named - is standard output. Exits with
    3 where a line could not be used or a verifier failed: both are counted.

    \b
    Example:
      halueval verifiers bench gold.jsonl
      halueval verifiers bench gold.jsonl --verifier cascade --verdicts judged.jsonl
      halueval verifiers bench a.jsonl b.jsonl.gz --verifier cascade --verifier my_module:Mine --html bench.html
    """
    from halueval.benchmarking import ALL, WrittenVerdicts, benchmark_verifiers
    from halueval.io import check_writable, write_text

    for path in filter(None, (output, html, markdown)):
        check_writable(path)
    if sum([as_json, *(path == "-" for path in (output, html, markdown))]) > 1:
        raise InputError("several things on standard output", wanted="one of them")
    failures = Failures()
    asked: list[Any] = [*(verifier or ([] if verdicts else [ALL])), *map(WrittenVerdicts, verdicts or ())]
    with progress("pairs judged") as advance:

        def judged(count: int) -> None:
            failures.total += count
            advance(count)

        found = benchmark_verifiers(
            gold,
            asked,
            level=level,
            resamples=resamples,
            seed=seed,
            progress=judged,
            failed=failures.add,
        )
    failures.total += sum(len(file.left_out) for file in found.files)
    if as_json:
        write_text("-", found.to_json())
    if output is not None:
        write_text(output, found.to_json())
    if html is not None:
        write_text(html, found.to_html())
    if markdown is not None:
        write_text(markdown, found.to_markdown())
    if not as_json and output is None and html is None and markdown is None:
        from rich.console import Console

        Console(highlight=False).print(found)
    failures.finish("the figures")
