"""The report as Markdown for an issue, a pull request or a paper's repository; no text from outside becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from halueval.records import Result, Verdict
from halueval.report.costs import cost_rows
from halueval.report.facts import (
    CountRow,
    counted_claims,
    counted_responses,
    facts,
    headline,
    rate_rows,
    shown_warnings,
)
from halueval.report.overview import Overview
from halueval.report.wording import claims_with_outcomes, interval_text, of_text, one_line, value_text

__all__ = ["escaped", "markdown_text"]

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~@$])")
_LINK = re.compile(r"(?i)\b(https?|ftp|www)(?=[:.])")


def escaped(text: str, limit: int = 0) -> str:
    """Text on one line in which nothing is markup: no link, no image, no mention, no cell border, no HTML.

    Examples
    --------
    >>> escaped("a | b")
    'a \\\\| b'
    """
    line = _MARKUP.sub(r"\\\1", one_line(text, limit)).replace("&", "&amp;")
    return _LINK.sub(lambda found: f"{found[0][:-1]}&#{ord(found[0][-1])};", line)


def markdown_text(
    overview: Overview, settings: Mapping[str, object], results: Iterable[Result], limit: int = 20
) -> str:
    """The rates, the counts, the first ``limit`` refuted claims with what refutes them, and how it was made."""
    rate = overview.summary.rates["refuted"]
    level = f"{100 * rate.level:g} % interval " if rate.low is not None else ""
    lines = [
        f"# Hallucination rate: {value_text(rate)} ({level}{escaped(interval_text(rate))})",
        "",
        escaped(headline(overview)),
        "",
        *(f"- Note: {escaped(warning)}" for warning in shown_warnings(overview)),
        "",
        "## Rates",
        "",
        *_table(("rate", "of all claims", "events", "mean of responses", "what it is"), _rates(overview)),
    ]
    if len(overview.summary.by_model) > 1:
        lines += ["", "## Models", "", *_table(("model", "hallucination rate", "events"), _models(overview))]
    counted = (_count(row) for row in (*counted_responses(overview), *counted_claims(overview)))
    lines += ["", "## What was counted", "", *_table(("what", "how many"), counted)]
    if costs := cost_rows(overview.counts):
        cells = (("… " * row.part + row.step, row.calls, row.tokens, row.dollars) for row in costs)
        lines += ["", "## What it cost", "", *_table(("step", "calls", "tokens: prompt + reply", "price"), cells)]
    refuted = list(islice(_refuted(results), limit))
    if refuted:
        more = overview.counts.refuted - len(refuted)
        said = f" (the first {len(refuted)}; {more:,} more in the results)" if more > 0 else ""
        lines += ["", f"## Refuted claims{said}", "", *_table(("response", "claim", "evidence", "source"), refuted)]
    made = ((escaped(name), escaped(value)) for name, value in facts(overview, settings))
    return "\n".join([*lines, "", "## How it was made", "", *_table(("setting", "value"), made)]) + "\n"


def _table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (headers, ("---",) * len(headers), *rows)]


def _rates(overview: Overview) -> Iterator[tuple[str, ...]]:
    for row in rate_rows(overview.summary, overview.summary.rates):
        figures = (f"{value} ({escaped(interval)})" for value, interval in (row.micro, row.macro or ("", "")) if value)
        cells = (*figures, "")[:2]
        yield (
            ("… " if row.part else "") + escaped(row.title),
            cells[0],
            escaped(row.of),
            cells[1],
            escaped(row.meaning),
        )


def _models(overview: Overview) -> Iterator[tuple[str, ...]]:
    for model, summary in overview.summary.by_model.items():
        rate = summary.rates["refuted"]
        figures = f"{value_text(rate)} ({escaped(interval_text(rate))})"
        yield escaped(model or "no model named"), figures, escaped(of_text(rate))


def _count(row: CountRow) -> tuple[str, ...]:
    return ("… " if row.part else "") + escaped(row.what), f"{row.count:,}"


def _refuted(results: Iterable[Result]) -> Iterator[tuple[str, ...]]:
    for result in results:
        for claim, outcome in claims_with_outcomes(result):
            if isinstance(outcome, Verdict) and outcome.label == "refuted":
                quote = next((q for q in outcome.quotes if 0 <= q.evidence < len(outcome.evidence)), None)
                passage = outcome.evidence[quote.evidence if quote else 0] if outcome.evidence else None
                said = passage.text[quote.span.start : quote.span.end] if passage and quote else ""
                source = (
                    ", ".join(filter(None, (passage.title or passage.doc_id, passage.source, passage.date)))
                    if passage
                    else ""
                )
                yield tuple(escaped(text, 300) for text in (result.response.id, claim.text, said, source))
