"""What a rater sees of a claim, and the sheets it is written to; blind to verdict, probability, reason and model."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

from halueval.errors import OutputError
from halueval.io import write_jsonl, write_text
from halueval.records import Claim, Evidence, Response, Verdict
from halueval.report.answers import safe_url
from halueval.report.segments import Excerpt, excerpts
from halueval.report.wording import one_line, printable

__all__ = ["COLUMNS", "Passage", "SheetRow", "check_form", "guarded", "sheet_row", "unguarded", "write_sheet"]

COLUMNS = ("item", "claim", "label", "comment", "rater", "question", "answer", "evidence", "run")

_PASSAGES, _PASSAGE, _QUESTION = 8, 6000, 4000  # passages, characters of one, of the question
# What a spreadsheet takes for a formula; full-width forms too. An apostrophe before it is ours or is doubled.
_FORMULA = re.compile(r"[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as a rater sees it, cut where it is very long; which words decided is left out."""

    title: str
    source: str
    date: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One claim to label. ``answer`` has the answer around the claim, in pieces that are said in it or not."""

    item: str
    run: str
    claim: str
    question: str
    answer: tuple[Excerpt, ...]
    answer_length: int
    evidence: tuple[Passage, ...]
    left_out: int = 0

    def cells(self) -> dict[str, Any]:
        """The row of a JSON sheet, with empty label, comment and rater."""
        return {
            "item": self.item,
            "claim": self.claim,
            "label": "",
            "comment": "",
            "rater": "",
            "question": self.question,
            "answer": self.said(),
            "evidence": [
                {"title": p.title, "source": p.source, "date": p.date, "url": p.url, "text": p.text}
                for p in self.evidence
            ],
            "run": self.run,
        }

    def said(self) -> str:
        """The answer around the claim, the claim's own words in « »."""
        parts = []
        for excerpt in self.answer:
            text = "".join(f"«{text}»" if own else text for text, own in excerpt.pieces)
            parts.append(f"{'… ' if excerpt.start else ''}{text}{' …' if excerpt.end < self.answer_length else ''}")
        return printable("\n".join(parts))


def sheet_row(item: str, run: str, response: Response, claim: Claim, verdict: Verdict) -> SheetRow:
    """What a rater sees of a claim."""
    # by the retriever's rank, since a verifier may put first what decided
    ranked = sorted(verdict.evidence, key=lambda e: e.rank if e.rank is not None else len(verdict.evidence))
    return SheetRow(
        item,
        run,
        one_line(claim.text),
        printable(_cut(_question(response), _QUESTION)),
        excerpts(response.text, claim.spans),
        len(response.text),
        tuple(_passage(e) for e in ranked[:_PASSAGES]),
        max(0, len(ranked) - _PASSAGES),
    )


def write_sheet(path: str | PathLike[str], rows: Sequence[SheetRow]) -> None:
    """Write rows to label, in the form that the name ends in: ``.csv``, ``.jsonl`` (also ``.gz``) or ``.html``.

    In CSV no cell begins with what a spreadsheet takes for a formula: an apostrophe stands before it, which
    :func:`halueval.labelling.read_labels` takes away. ``-`` is standard output, CSV.

    Raises
    ------
    OutputError
        It cannot be written there, or the name ends in something else.
    """
    _WRITERS[check_form(path)](path, rows)


def check_form(path: str | PathLike[str]) -> str:
    """Which form a sheet of this name has: csv, jsonl or html.

    Raises
    ------
    OutputError
        The name ends in something else.
    """
    name = fspath(path).lower().removesuffix(".gz")
    if name == "-":
        return "csv"
    for end, form in _FORMS.items():
        if name.endswith(end):
            return form
    raise OutputError(f"{path}: wanted: a name that ends in .csv, .jsonl or .html")


def guarded(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula.

    Examples
    --------
    >>> guarded("=1+1"), guarded("-5 % is normal"), guarded("Aspirin"), unguarded(guarded("'=a"))
    ("'=1+1", "'-5 % is normal", 'Aspirin', "'=a")
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """What :func:`guarded` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _write_csv(path: str | PathLike[str], rows: Sequence[SheetRow]) -> None:
    write_text(path, _csv(rows))


def _write_jsonl(path: str | PathLike[str], rows: Sequence[SheetRow]) -> None:
    write_jsonl(path, (row.cells() for row in rows))


def _write_html(path: str | PathLike[str], rows: Sequence[SheetRow]) -> None:
    from halueval.labelling.page import label_page

    write_text(path, label_page(rows))


_FORMS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".html": "html", ".htm": "html"}
_WRITERS = {"csv": _write_csv, "jsonl": _write_jsonl, "html": _write_html}


def _csv(rows: Sequence[SheetRow]) -> Iterable[str]:
    yield "\ufeff"  # spreadsheets take a file without it for Latin-1
    for cells in [{name: name for name in COLUMNS}, *(row.cells() for row in rows)]:
        line = io.StringIO(newline="")
        values = [_evidence_text(cells[n]) if n == "evidence" else cells[n] for n in COLUMNS]
        csv.writer(line).writerow([guarded(printable(value)) for value in values])
        yield line.getvalue()


def _evidence_text(passages: Any) -> str:
    if isinstance(passages, str):
        return passages
    if not passages:
        return "(none was found)"
    return "\n\n".join(
        f"[{number}] {' · '.join(filter(None, (p['title'], p['source'], p['date'], p['url'])))}\n{p['text']}"
        for number, p in enumerate(passages, 1)
    )


def _passage(evidence: Evidence) -> Passage:
    return Passage(
        one_line(evidence.title, 200) or one_line(evidence.doc_id, 200) or "untitled",
        one_line(evidence.source, 200),
        one_line(evidence.date, 40),
        safe_url(evidence.url),
        printable(_cut(evidence.text, _PASSAGE)),
    )


def _question(response: Response) -> str:
    if response.prompt:
        return response.prompt
    asked = [str(m.get("content", "")) for m in response.messages if m.get("role") == "user"]
    return asked[-1] if asked else ""


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rstrip() + " …"
