"""The table of claims: one row per claim with what became of it, for people who work in tables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from halueval.io.writing import atomic
from halueval.records import LABELS, Claim, Failure, Outcome, Result, Verdict, group_of

__all__ = ["CLAIM_COLUMNS", "claim_rows", "write_claims_parquet"]

# column → (type, what it holds); docs/reference/formats.md prints it
CLAIM_COLUMNS: dict[str, tuple[str, str]] = {
    "response_id": ("text", "the response that it was said in"),
    "model": ("text", "the model that said it; null where not known"),
    "group": ("text", "what was sampled independently: the group, else the prompt's hash, else the response's id"),
    "claim_id": ("text", ""),
    "claim": ("text", "the claim, self-contained"),
    "said": ("text", "the characters it was said in, pieces joined by ' … '; null where it could not be placed"),
    "starts": ("whole numbers", "where each piece begins in the response's text"),
    "ends": ("whole numbers", "where each piece ends, exclusive"),
    "checkworthy": ("true or false", ""),
    "not_checkworthy_reason": ("text", "why it isn't checkworthy; null if it is"),
    "negated": ("true or false", ""),
    "hedged": ("true or false", ""),
    "condition": ("text", "the condition that it holds under; null for none"),
    "population": ("text", "whom it holds for; null for none said"),
    "label": ("text", "supported, refuted or not_enough_info; null if not checkworthy or failed"),
    "failure": ("text", "the kind of failure, null for none: a failure is never a label"),
    "failure_message": ("text", "what went wrong; null for no failure"),
    "p_supported": ("number", "null where the verifier gives no probabilities"),
    "p_refuted": ("number", "the same"),
    "p_not_enough_info": ("number", "the same"),
    "calibrated": ("true or false", "whether the probabilities mean what they say; null without a verdict"),
    "verdict_reason": ("text", "the verifier's reason; null without a verdict"),
    "verifier": ("text", "who decided; null without a verdict"),
    "evidence_ids": ("texts", "the documents considered, best first"),
    "quotes": ("texts", "the characters of the evidence that decided"),
    "sources": ("texts", "the source of the document of each quote"),
}
_BATCH = 2_000


def claim_rows(result: Result) -> Iterator[dict[str, Any]]:
    """One row per claim of a result, with the columns of :data:`CLAIM_COLUMNS`.

    A response without claims, or one whose extraction failed, has no row.

    Examples
    --------
    >>> from halueval.records import Extraction, Response, Span
    >>> claim = Claim("c", "r", "Yes is an answer.", (Span(0, 4),))
    >>> result = Result(Response("r", "Yes."), Extraction("r", (claim,)), (Verdict("c", "supported"),))
    >>> [(row["said"], row["label"]) for row in claim_rows(result)]
    [('Yes.', 'supported')]
    """
    outcomes = iter(result.outcomes)
    response, group = result.response, group_of(result.response)
    for claim in result.extraction.claims:
        outcome = next(outcomes, None) if claim.checkworthy else None
        yield {
            "response_id": response.id,
            "model": response.model,
            "group": group,
            **_of_claim(claim, response.text),
            **_of_outcome(outcome),
        }


def write_claims_parquet(path: str | os.PathLike[str], results: Iterable[Result]) -> int:
    """Write the claims of results as Parquet, a batch in memory at a time, whole or not at all.

    A lone surrogate, which Parquet's texts cannot hold, is written as "\\\\ud800".

    Returns
    -------
    int
        How many claims were written.

    Raises
    ------
    OutputError
        It cannot be written there.

    Examples
    --------
    >>> import tempfile
    >>> write_claims_parquet(os.path.join(tempfile.mkdtemp(), "claims.parquet"), [])
    0
    """
    import pyarrow
    import pyarrow.parquet

    types = {
        "text": pyarrow.string(),
        "texts": pyarrow.list_(pyarrow.string()),
        "number": pyarrow.float64(),
        "whole numbers": pyarrow.list_(pyarrow.int64()),
        "true or false": pyarrow.bool_(),
    }
    layout = pyarrow.schema([(name, types[kind]) for name, (kind, _) in CLAIM_COLUMNS.items()])
    rows = chain.from_iterable(map(claim_rows, results))
    count = 0
    with atomic(path) as file, pyarrow.parquet.ParquetWriter(file, layout, compression="zstd") as writer:
        while batch := list(islice(rows, _BATCH)):
            writer.write_table(pyarrow.Table.from_pylist([_storable(row) for row in batch], layout))
            count += len(batch)
    return count


def _of_claim(claim: Claim, text: str) -> dict[str, Any]:
    return {
        "claim_id": claim.id,
        "claim": claim.text,
        "said": " … ".join(text[s.start : s.end] for s in claim.spans) if claim.spans else None,
        "starts": [s.start for s in claim.spans],
        "ends": [s.end for s in claim.spans],
        "checkworthy": claim.checkworthy,
        "not_checkworthy_reason": claim.reason,
        "negated": claim.negated,
        "hedged": claim.hedged,
        "condition": claim.condition,
        "population": claim.population,
    }


def _of_outcome(outcome: Outcome | None) -> dict[str, Any]:
    verdict = outcome if isinstance(outcome, Verdict) else None
    failure = outcome if isinstance(outcome, Failure) else None
    probabilities = (verdict.probabilities if verdict is not None else None) or {}
    quotes = verdict.quotes if verdict is not None else ()
    evidence = verdict.evidence if verdict is not None else ()
    return {
        "label": verdict.label if verdict is not None else None,
        "failure": failure.kind if failure is not None else None,
        "failure_message": failure.message if failure is not None else None,
        **{f"p_{label}": probabilities.get(label) for label in LABELS},
        "calibrated": verdict.calibrated if verdict is not None else None,
        "verdict_reason": verdict.reason if verdict is not None else None,
        "verifier": verdict.verifier if verdict is not None else None,
        "evidence_ids": [e.doc_id for e in evidence],
        "quotes": [evidence[q.evidence].text[q.span.start : q.span.end] for q in quotes],
        "sources": [evidence[q.evidence].source for q in quotes],
    }


def _storable(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _utf8(value) for name, value in row.items()}


def _utf8(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return [_utf8(v) for v in value] if isinstance(value, list) else value
