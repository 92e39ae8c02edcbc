"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from halueval.cli.cache import cache
from halueval.cli.compare import compare
from halueval.cli.doctor import doctor
from halueval.cli.extractors import extractors
from halueval.cli.generate import generate
from halueval.cli.healthbench import healthbench
from halueval.cli.index import index
from halueval.cli.label import correct, label
from halueval.cli.line import demo, report, run
from halueval.cli.plan import plan
from halueval.cli.reproduce import reproduce
from halueval.cli.session import HaluevalGroup, Options
from halueval.cli.steps import extract, verify
from halueval.cli.verifiers import verifiers

__all__ = ["app"]

app = typer.Typer(cls=HaluevalGroup, pretty_exceptions_enable=False, **Options)


def _version(asked: bool) -> None:
    if asked:
        from halueval import __version__

        typer.echo(f"halueval {__version__}")
        raise typer.Exit


@app.callback()
def halueval(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """How often does a medical language model say something false?

    Takes answers, splits each into claims, checks every claim against evidence, and reports the rates with intervals.
    Without a key and without a network; with a chat model (--model) it reads and judges as one.

    \b
    The line as a whole:
      halueval demo
      halueval run ANSWERS.jsonl --evidence CORPUS.jsonl -o RUN
      halueval report RUN --html report.html
      halueval reproduce RUN
    \b
    The verifier's own errors taken out, by claims that a clinician labels:
      halueval label RUN --budget 100 -o TO-LABEL.html
      halueval correct RUN LABELS.csv
    \b
    Or step by step; every step reads and writes JSON lines:
      halueval extract ANSWERS.jsonl -o CLAIMS.jsonl
      halueval index build CORPUS.jsonl -o INDEX
      halueval index search INDEX CLAIMS.jsonl --pairs -o PAIRS.jsonl
      halueval verify PAIRS.jsonl -o VERDICTS.jsonl
    \b
    How good verifiers are, on labelled claims:
      halueval verifiers bench GOLD.jsonl
    \b
    Models on the same prompts, and the size of a study:
      halueval compare RUN_A RUN_B
      halueval plan RUN --difference 0.02
    \b
    Answers of a model, to measure it by:
      halueval generate PROMPTS.jsonl --model NAME -o ANSWERS.jsonl
    \b
    HealthBench's scores, beside the hallucination rate:
      halueval healthbench run EXAMPLES.jsonl --model NAME --grader NAME -o FOLDER
      halueval healthbench score GRADED.jsonl --claims RUN
      halueval healthbench meta LABELS.jsonl

    Exit codes: 0 all well; 2 something cannot be used, and nothing was written; 3 results were written, but some
    records failed, and are counted; 4 the run stopped, since every other call of the chat model would fail, and can be
    gone on with; 130 interrupted.
    """


app.command()(run)
app.command()(report)
app.command()(reproduce)
app.command()(compare)
app.command()(plan)
app.command()(demo)
app.command()(label)
app.command()(correct)
app.command()(generate)
app.command()(extract)
app.add_typer(index, name="index")
app.command()(verify)
app.add_typer(extractors, name="extractors")
app.add_typer(verifiers, name="verifiers")
app.add_typer(healthbench, name="healthbench")
app.add_typer(cache, name="cache")
app.command()(doctor)
