"""The steps of the line that stand alone: ``extract`` and ``verify``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated, Any

import typer

from halueval.cli.options import (
    ContextColumn,
    ExtractorName,
    GroupColumn,
    IdColumn,
    MessagesColumn,
    ModelColumn,
    OutputFile,
    PromptColumn,
    TextColumn,
    VerifierName,
)
from halueval.cli.session import Failures, progress, say
from halueval.records import Extraction, Failure, Outcome, Response, Verdict

__all__ = ["extract", "verify"]

_PAIRS = 256  # judged at once


def extract(
    answers: Annotated[
        str, typer.Argument(metavar="ANSWERS", help="JSONL (also .gz), JSON, Parquet or CSV; - is stdin, JSONL.")
    ],
    output: OutputFile = "-",
    extractor: ExtractorName = "rules",
    text: TextColumn = None,
    prompt: PromptColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    model: ModelColumn = None,
    group: GroupColumn = None,
    context: ContextColumn = None,
) -> None:
    """Split answers into atomic claims.

    Writes a line per answer, in order: {"id", "claims": [{"id", "text", "spans": [[start, end], …], "checkworthy",
    "reason", "negated", "hedged", "condition", "population", "entities", "quantities", …}]}. Spans are characters of
    the answer, end exclusive. A claim that isn't checkworthy says why. An answer that could not be read or split is
    {"id", "failure"}; an empty answer has no claims and is no failure.

    \b
    Example:
      halueval extract answers.jsonl -o claims.jsonl
      halueval extract answers.parquet --text-column output --extractor sentences | head
    """
    from halueval.io import check_writable, claims_line, failure_line, read_responses, write_jsonl
    from halueval.plugins import load_extractor

    check_writable(output)
    splitter = load_extractor(extractor)
    responses = read_responses(
        answers, text=text, prompt=prompt, messages=messages, id=id, model=model, group=group, context=context
    )
    say(f"reading {responses.columns}")
    failures = Failures()

    def lines() -> Iterator[dict[str, Any]]:
        for item in _extracted(responses, splitter):
            found = item.failure if isinstance(item, Extraction) else item
            failures.see(found)
            advance(1)
            yield failure_line(item) if isinstance(item, Failure) else claims_line(item)

    with progress("answers") as advance:
        write_jsonl(output, lines())
    failures.finish(output)


def verify(
    pairs: Annotated[
        str, typer.Argument(metavar="PAIRS", help="JSONL (also .gz), JSON, Parquet or CSV; - is stdin, JSONL.")
    ],
    output: OutputFile = "-",
    verifier: VerifierName = "cascade",
) -> None:
    """Judge claims by the evidence given with them.

    Reads {"id", "claim", "evidence"}: the evidence is a text; a list of texts, the sentences of one document; or a
    list of {"text", "doc_id", "title", "source"}, passages of their own. Other fields, a gold label too, are not read.

    Writes a line per pair, in order: {"id", "label", "probabilities", "calibrated", "reason", "verifier", "cost",
    "quotes": [{"evidence", "span", "text"}]}; the label is supported, refuted or not_enough_info; a quote names the
    piece of evidence by its place in the list and the characters that decided. A pair that could not be read or
    judged is {"id", "failure"}. Without evidence the label is not_enough_info, by definition.

    \b
    Example:
      halueval verify pairs.jsonl -o verdicts.jsonl
      halueval verify pairs.jsonl.gz --verifier quantities -o verdicts.jsonl
    """
    from halueval.io import check_writable, failure_line, read_pairs, verdict_line, write_jsonl
    from halueval.plugins import load_verifier

    check_writable(output)
    judge = load_verifier(verifier)
    records = read_pairs(pairs)
    failures = Failures()

    def lines() -> Iterator[dict[str, Any]]:
        for pair, outcome in _judged(records, judge):
            failures.see(outcome)
            advance(1)
            if pair is None:
                yield failure_line(outcome)
            else:
                yield verdict_line(pair.id, outcome, pair.places_of(outcome))

    with progress("pairs") as advance:
        write_jsonl(output, lines())
    failures.finish(output)


def _extracted(responses: Iterable[Response | Failure], extractor: Any) -> Iterator[Extraction | Failure]:
    from halueval.batches import batches, call_each
    from halueval.contract import broken_extraction

    for batch in batches(responses):
        extractions = iter(
            call_each(
                extractor.extract,
                [r for r in batch if isinstance(r, Response)],
                lambda r, message: Extraction(r.id, failure=Failure("extraction", "plugin_error", message, r.id)),
                broken_extraction,
            )
        )
        for item in batch:
            yield item if isinstance(item, Failure) else next(extractions)


def _judged(records: Iterable[Any], verifier: Any) -> Iterator[tuple[Any, Any]]:
    from halueval.batches import call_each
    from halueval.contract import broken_outcome

    records = iter(records)
    while batch := list(islice(records, _PAIRS)):
        asked = [p.item for p in batch if not isinstance(p, Failure) and p.item.evidence]
        outcomes: Iterator[Outcome] = iter(call_each(verifier.verify, asked, _failed, broken_outcome))
        for pair in batch:
            if isinstance(pair, Failure):
                yield None, pair
            elif pair.item.evidence:
                yield pair, next(outcomes)
            else:
                yield pair, Verdict(pair.id, "not_enough_info", reason="no evidence given", verifier=verifier.name)


def _failed(item: Any, message: str) -> Failure:
    return Failure("verification", "plugin_error", message, item.claim.id)
