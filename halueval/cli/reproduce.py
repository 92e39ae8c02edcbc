"""The report of a run, made again: ``reproduce``."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["reproduce"]


def reproduce(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A folder that `halueval run` made and finished.")],
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FOLDER", help="Where to write the report made again.")
    ] = None,
) -> None:
    """Make the report of a run again, byte for byte, from its results alone.

    Nobody is asked and nothing is searched or judged: report.json, report.md and report.html are made from the journal
    and the manifest of the run and compared with those that are there. A file that differs is named; one that is
    missing is put back.

    \b
    Example:
      halueval reproduce runs/first
      halueval reproduce runs/first -o again
    """
    from halueval import runs
    from halueval.runs.reading import REPORTS

    made = runs.reproduce(run, output)
    *others, last = REPORTS
    where = "" if output is None else f" They are in {output} as well."
    results = f"{made.counts.responses:,} results"
    typer.echo(f"{run}: {', '.join(others)} and {last} are what its {results} give, byte for byte.{where}")
