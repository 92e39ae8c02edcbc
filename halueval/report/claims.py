"""The claims of a report as a table: one row per claim, read from the results as it is walked through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, Any

from halueval.io import write_jsonl
from halueval.io.writing import atomic
from halueval.records import Claim, Evidence, Failure, Outcome, Response, Result, Verdict, group_of
from halueval.report.wording import claims_with_outcomes, encodable, one_line, plural

if TYPE_CHECKING:
    import datasets
    import pandas as pd
    import pyarrow as pa

__all__ = ["ClaimsTable"]

Row = dict[str, Any]
_BATCH = 2000


class ClaimsTable:
    """One row per claim, checkworthy or not, in the order of the answers and of the text.

    A row is a dict with always the same keys:

    - ``response_id, model, group, claim_id, claim, spans`` (pairs of offsets into the answer), ``checkworthy``,
      ``reason`` (why it is not checkworthy), ``negated, hedged``;
    - ``label`` (None for a claim that failed or wasn't checked), ``nothing_found`` (not enough information because no
      evidence was found), ``failure_stage, failure_kind, failure`` (None unless it failed), and
      ``failure_reply`` (what a chat model said that could not be read: text to be escaped, never a verdict);
    - ``p_supported, p_refuted, p_not_enough_info, calibrated, verdict_reason, verifier``, ``votes`` (of a panel: a dict
      of ``judge`` and ``vote`` each), ``queries`` (those of a verifier that searched);
    - of the passage that decided (the first one quoted, else the first): ``doc_id, title, source, date, url``,
      ``snapshot``, ``quote``, and in the document ``passage_start, passage_end, quote_start, quote_end``;
    - ``evidence``: all passages that were considered, each with its offsets, score, rank and quotes.

    Iterating reads the results again and holds one answer at a time; ``to_pandas`` and ``to_dataset`` hold them all.
    """

    def __init__(self, results: Iterable[Result]) -> None:
        self._results = results
        self._length: int | None = None

    def __iter__(self) -> Iterator[Row]:
        for result in self._results:
            for claim, outcome in claims_with_outcomes(result):
                yield _row(result.response, claim, outcome)

    def __len__(self) -> int:
        if self._length is None:
            self._length = sum(len(result.extraction.claims) for result in self._results)
        return self._length

    def __repr__(self) -> str:
        shown = [
            f"{row['response_id']}  {row['label'] or '–'}  {one_line(row['claim'], 60)}" for row in islice(self, 10)
        ]
        more = [f"… {len(self) - len(shown):,} more"] if len(self) > len(shown) else []
        return one_line("\n".join([f"ClaimsTable: {plural(len(self), 'claim')}"])) + "".join(
            f"\n{one_line(line)}" for line in shown + more
        )

    def _repr_html_(self) -> str:
        from html import escape

        columns = ("response_id", "model", "claim", "label", "quote", "title")
        head = "".join(f'<th scope="col">{name}</th>' for name in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(one_line(str(row[c] or ''), 120))}</td>" for c in columns) + "</tr>"
            for row in islice(self, 20)
        )
        said = f"{plural(len(self), 'claim')}; the first 20" if len(self) > 20 else plural(len(self), "claim")
        return f"<table><caption>{said}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def to_pandas(self) -> pd.DataFrame:
        """All rows as a frame; lists and dicts in ``spans`` and ``evidence``."""
        import pandas as pd

        return pd.DataFrame([_clean(row) for row in self], columns=_columns())

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table with a fixed schema, also where there are none."""
        import pyarrow as pa

        return pa.Table.from_batches(_batches(self), schema=_schema())

    def to_dataset(self) -> datasets.Dataset:
        """All rows as a Hugging Face dataset."""
        import datasets

        return datasets.Dataset(self.to_arrow())

    def to_jsonl(self, path: str | PathLike[str]) -> None:
        """Write a line per claim; the file is there when it is complete, or not at all.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        write_jsonl(path, map(_clean, self))

    def to_parquet(self, path: str | PathLike[str]) -> None:
        """Write the rows as Parquet, batch by batch; the file is there when it is complete, or not at all.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        import pyarrow.parquet as pq

        with atomic(path) as file, pq.ParquetWriter(file, _schema()) as writer:
            for batch in _batches(self):
                writer.write_batch(batch)


def _row(response: Response, claim: Claim, outcome: Outcome | None) -> Row:
    verdict = outcome if isinstance(outcome, Verdict) else None
    failure = outcome if isinstance(outcome, Failure) else None
    odds = verdict.probabilities if verdict is not None and verdict.probabilities is not None else {}
    return {
        "response_id": response.id,
        "model": response.model,
        "group": group_of(response),
        "claim_id": claim.id,
        "claim": claim.text,
        "spans": [[s.start, s.end] for s in claim.spans],
        "checkworthy": claim.checkworthy,
        "reason": claim.reason,
        "negated": claim.negated,
        "hedged": claim.hedged,
        "label": verdict.label if verdict else None,
        "nothing_found": verdict is not None and verdict.label == "not_enough_info" and not verdict.evidence,
        "failure_stage": failure.stage if failure else None,
        "failure_kind": failure.kind if failure else None,
        "failure": failure.message if failure else None,
        "failure_reply": (failure.reply or None) if failure else None,
        "p_supported": odds.get("supported"),
        "p_refuted": odds.get("refuted"),
        "p_not_enough_info": odds.get("not_enough_info"),
        "calibrated": verdict.calibrated if verdict and odds else None,
        "verdict_reason": verdict.reason if verdict else None,
        "verifier": verdict.verifier if verdict else None,
        "votes": [{"judge": who, "vote": vote} for who, vote in verdict.votes.items()] if verdict else [],
        "queries": [search.query for search in verdict.searches] if verdict else [],
        **_decided_by(verdict),
        "evidence": [_passage(i, e, verdict) for i, e in enumerate(verdict.evidence)] if verdict else [],
    }


def _decided_by(verdict: Verdict | None) -> Row:
    names = ("doc_id", "title", "source", "date", "url", "snapshot")
    empty = dict.fromkeys((*names, "passage_start", "passage_end", "quote", "quote_start", "quote_end"))
    if verdict is None or not verdict.evidence:
        return empty
    quote = next((q for q in verdict.quotes if 0 <= q.evidence < len(verdict.evidence)), None)
    passage = verdict.evidence[quote.evidence if quote else 0]
    row: Row = empty | {name: getattr(passage, name) for name in names}
    row |= {"passage_start": passage.span.start, "passage_end": passage.span.end}
    if quote is not None:
        row["quote"] = passage.text[quote.span.start : quote.span.end]
        row["quote_start"] = passage.span.start + quote.span.start
        row["quote_end"] = passage.span.start + quote.span.end
    return row


def _passage(index: int, evidence: Evidence, verdict: Verdict) -> Row:
    row: Row = {name: getattr(evidence, name) for name in ("doc_id", "title", "source", "date", "url", "licence")}
    return row | {
        "snapshot": evidence.snapshot,
        "start": evidence.span.start,
        "end": evidence.span.end,
        "text": evidence.text,
        "score": evidence.score,
        "rank": evidence.rank,
        "quotes": [[q.span.start, q.span.end] for q in verdict.quotes if q.evidence == index],
    }


def _columns() -> list[str]:
    nobody = Claim("", "", "")
    return list(_row(Response("", ""), nobody, None))


def _schema() -> pa.Schema:
    import pyarrow as pa

    flags = {"checkworthy", "negated", "hedged", "nothing_found", "calibrated"}
    numbers = {"passage_start", "passage_end", "quote_start", "quote_end"}
    pairs = pa.list_(pa.list_(pa.int64()))
    passage = [(n, pa.string()) for n in ("doc_id", "title", "source", "date", "url", "licence", "snapshot")]
    passage += [("start", pa.int64()), ("end", pa.int64()), ("text", pa.string())]
    passage += [("score", pa.float64()), ("rank", pa.int64()), ("quotes", pairs)]
    votes = pa.list_(pa.struct([("judge", pa.string()), ("vote", pa.string())]))
    nested = {
        "spans": pairs,
        "evidence": pa.list_(pa.struct(passage)),
        "votes": votes,
        "queries": pa.list_(pa.string()),
    }

    def kind(name: str) -> Any:
        if name in nested:
            return nested[name]
        if name.startswith("p_"):
            return pa.float64()
        return pa.bool_() if name in flags else pa.int64() if name in numbers else pa.string()

    return pa.schema([(name, kind(name)) for name in _columns()])


def _batches(rows: Iterable[Row]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    walking, schema = iter(rows), _schema()
    while batch := [_clean(row) for row in islice(walking, _BATCH)]:
        yield pa.RecordBatch.from_pylist(batch, schema=schema)


def _clean(value: Any) -> Any:
    """The value with text that UTF-8 can carry and without numbers that JSON doesn't know."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {key: _clean(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_clean(v) for v in value]
    return None if isinstance(value, float) and value - value != 0 else value
