"""Labels read back: each belongs to a claim of this run, or is named with its place and left out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Literal, TypeAlias

from halueval.errors import InputError, located
from halueval.io.sources import Row, Source, open_source
from halueval.io.values import describe
from halueval.labelling.population import JudgedClaim, fingerprint, judged_claims, results_of
from halueval.labelling.sheet import unguarded
from halueval.records import LABELS, Label, Result
from halueval.report import Report
from halueval.report.wording import one_line, plural
from halueval.statistics.agreement import Agreement, AgreementSummary, agreement_summary, krippendorff_alpha_nominal

__all__ = ["LabelProblem", "Labels", "read_labels"]

Kind: TypeAlias = Literal[
    "unreadable", "unknown_claim", "another_run", "edited_claim", "unknown_label", "contradicted", "repeated"
]

# What a person may write, in any case; anything else is named and not guessed at.
_WORDS: dict[str, Label] = {label: label for label in LABELS} | {
    "true": "supported",
    "false": "refuted",
    "unsure": "not_enough_info",
    "not enough info": "not_enough_info",
}
_WANTED = "supported, refuted or not_enough_info (also true, false, unsure); nothing where nobody looked"
_SHOWN = 5
_KINDS: dict[Kind, str] = {
    "unreadable": "not read",
    "unknown_claim": "for no claim of this run",
    "another_run": "drawn from another run",
    "edited_claim": "with another claim text than the run",
    "unknown_label": "with an unknown label",
    "contradicted": "left out, since one rater labelled one claim twice and differently",
    "repeated": "with a label that was given before (counted once)",
}


@dataclass(frozen=True, slots=True)
class LabelProblem:
    """A row that was not taken as it stands: what kind of problem it is, and a message with its place."""

    kind: Kind
    message: str


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of one run, by rater and item.

    ``claims`` are the claims of the run that labels could be for. ``problems`` has an entry per row that was left out
    or repeated; ``blank`` counts the claims in the sheets that nobody labelled. ``comments`` are by item, in order.
    """

    run: str
    claims: tuple[JudgedClaim, ...]
    by_rater: Mapping[str, Mapping[str, Label]]
    problems: tuple[LabelProblem, ...] = ()
    blank: int = 0
    comments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def raters(self) -> tuple[str, ...]:
        """Who labelled, in the order of the files."""
        return tuple(self.by_rater)

    @property
    def labels(self) -> dict[str, Label]:
        """The label of each item that counts: the first rater's, where that one has none the next one's."""
        found: dict[str, Label] = {}
        for own in self.by_rater.values():
            for item, label in own.items():
                found.setdefault(item, label)
        return found

    @property
    def disputed(self) -> int:
        """Items to which raters gave different labels."""
        given: dict[str, set[Label]] = {}
        for own in self.by_rater.values():
            for item, label in own.items():
                given.setdefault(item, set()).add(label)
        return sum(len(labels) > 1 for labels in given.values())

    @property
    def left_out(self) -> int:
        """Rows that could not be used."""
        return sum(problem.kind != "repeated" for problem in self.problems)

    def agreement(self, *, level: float = 0.95) -> dict[tuple[str, str], AgreementSummary]:
        """Agreement of each two raters over the three labels, with intervals over groups."""
        columns = {rater: self._column(own) for rater, own in self.by_rater.items()}
        groups = [claim.group for claim in self.claims]
        return {
            (a, b): agreement_summary(columns[a], columns[b], categories=LABELS, groups=groups, level=level)
            for a, b in combinations(columns, 2)
        }

    def agreement_of_all(self, *, level: float = 0.95) -> Agreement:
        """Krippendorff's alpha of all raters, who need not have labelled the same claims."""
        columns = [self._column(own) for own in self.by_rater.values()]
        groups = [claim.group for claim in self.claims]
        return krippendorff_alpha_nominal(columns, groups=groups, level=level)

    def agreement_with_verifier(self, *, level: float = 0.95) -> AgreementSummary:
        """The labels that count against the verifier's, among the labelled claims.

        Where these were drawn by verdict, as :func:`halueval.labelling.labels_to_draw` does, it is not the agreement
        over the whole run: more of the refuted are among them.
        """
        verdicts = [claim.label for claim in self.claims]
        groups = [claim.group for claim in self.claims]
        return agreement_summary(verdicts, self._column(self.labels), categories=LABELS, groups=groups, level=level)

    def __str__(self) -> str:
        """As it is printed: how many labels of whom, and what was left out."""
        each = ", ".join(f"{one_line(rater, 40)} {len(own):,}" for rater, own in self.by_rater.items())
        counts = Counter(self.labels.values())
        said = ", ".join(f"{counts[label]:,} {label.replace('_', ' ')}" for label in LABELS)
        lines = [f"{plural(len(self.labels), 'labelled claim')} ({said})" + (f" of {each}" if each else "")]
        if self.disputed:
            lines.append(f"  {plural(self.disputed, 'claim')} labelled differently: {self.raters[0]}'s label counts")
        lines += [f"  {plural(self.blank, 'claim')} that nobody labelled"] if self.blank else []
        for kind, number in Counter(problem.kind for problem in self.problems).items():
            lines.append(f"  {plural(number, 'row')} {_KINDS[kind]}")
            same = [problem for problem in self.problems if problem.kind == kind]
            lines += [f"    {problem.message}" for problem in same[:_SHOWN]]
            lines += [f"    and {len(same) - _SHOWN:,} more"] if len(same) > _SHOWN else []
        return "\n".join(lines)

    def _column(self, own: Mapping[str, Label]) -> list[Label | None]:
        return [own.get(claim.item) for claim in self.claims]


def read_labels(source: Report | Iterable[Result], *files: object) -> Labels:
    """Read labelled sheets: CSV or JSON lines, as :func:`halueval.labelling.labels_to_draw` and its page write them.

    A row counts if its claim is one of this run, unchanged, and its label is known; any other is left out and named in
    ``problems``. A claim that one rater labelled twice counts once if the labels are the same and not at all if they
    differ. Two raters are two files, names in the column ``rater``, or columns ``label_ANNA`` beside ``label``.

    Parameters
    ----------
    source : Report or iterable of Result
        The run that was labelled.
    *files : path or iterable of mapping
        Sheets; the first one's labels count where raters differ.

    Raises
    ------
    InputError
        A file cannot be read or has no column ``item``, ``run`` or ``label``; or there is not one good label.

    Examples
    --------
    >>> from halueval.labelling import labels_to_draw
    >>> from halueval.records import Claim, Extraction, Response, Verdict
    >>> claims = (Claim("a", "r", "Aspirin is a drug."), Claim("b", "r", "Aspirin cures colds."))
    >>> verdicts = (Verdict("a", "supported"), Verdict("b", "refuted"))
    >>> run = [Result(Response("r", "…"), Extraction("r", claims), verdicts)]
    >>> rows = [row.cells() | {"label": "true"} for row in labels_to_draw(run, 2).rows]
    >>> print(read_labels(run, rows + [{"item": "?", "run": rows[0]["run"], "label": "true"}]))
    2 labelled claims (2 supported, 0 refuted, 0 not enough info) of labels 2
      1 row for no claim of this run
        the records given, row 3, field 'item': the text '?'; wanted: an item of this run's sheet
    """
    claims = judged_claims(results_of(source))
    reader = _Reader({claim.item: claim for claim in claims}, fingerprint(claims))
    for file in files:
        reader.read(file)
    by_rater = reader.settled()
    if not any(by_rater.values()):
        first = reader.problems[0].message if reader.problems else "nobody filled in the column label"
        raise InputError(f"not one label could be used: {first}" if files else "no file of labels", wanted=_WANTED)
    blank = reader.blank.difference(*by_rater.values())
    return Labels(reader.run, tuple(claims), by_rater, tuple(reader.problems), len(blank), reader.comments)


class _Reader:
    """Rows in, labels by rater and problems out."""

    def __init__(self, claims: Mapping[str, JudgedClaim], run: str) -> None:
        self.claims, self.run = claims, run
        self.problems: list[LabelProblem] = []
        self.blank: set[str] = set()
        self.comments: dict[str, tuple[str, ...]] = {}
        self._given: dict[str, dict[str, list[tuple[Label, str]]]] = {}
        self._stems: Counter[str] = Counter()

    def read(self, file: object) -> None:
        """Take the rows of one file."""
        source = open_source(file)
        stem = Path(fspath(file)).name.split(".")[0] if isinstance(file, str | PathLike) else "labels"
        self._stems[stem] += 1
        rater = stem if self._stems[stem] == 1 else f"{stem} ({self._stems[stem]})"
        if source.columns:
            _check_columns(source.name, source.columns)
        for row in _rows(source):
            where = f"{source.name}, {source.place(row.number)}"
            if row.problem or not isinstance(row.value, Mapping):
                self._problem(
                    "unreadable", row.problem or f"found {describe(row.value)}", where, wanted="a labelled row"
                )
                continue
            if missing := [name for name in ("item", "run") if name not in row.value]:
                self._problem("unreadable", "there is no such field", where, missing[0], "a row of a labelling sheet")
                continue
            self._row({str(name): value for name, value in row.value.items()}, where, rater)

    def settled(self) -> dict[str, dict[str, Label]]:
        """The labels by rater, without those that contradict each other."""
        found: dict[str, dict[str, Label]] = {}
        for rater, given in self._given.items():
            own = found.setdefault(rater, {})
            for item, labels in given.items():
                if len({label for label, _ in labels}) == 1:
                    own[item] = labels[0][0]
                    for _, where in labels[1:]:
                        self._problem("repeated", f"the same label as at {labels[0][1]}", where, "label")
                    continue
                said = "; ".join(f"{label} at {where}" for label, where in labels)
                self.problems.append(LabelProblem("contradicted", f"item {item}, rater {one_line(rater, 40)}: {said}"))
        return found

    def _row(self, row: Mapping[str, Any], where: str, rater: str) -> None:
        columns = [name for name in row if name == "label" or name.startswith("label_")]
        written = {name: _cell(row[name]) for name in columns}
        if not any(written.values()):
            self.blank.add(_cell(row["item"]))
            return
        claim = self._claim(row, where)
        if claim is None:
            return
        if comment := one_line(_cell(row.get("comment"))):
            self.comments[claim.item] = (*self.comments.get(claim.item, ()), comment)
        for column, word in written.items():
            if not word:
                continue
            label = _WORDS.get(word.casefold())
            if label is None:
                self._problem("unknown_label", describe(word), where, column, _WANTED)
                continue
            who = one_line(_cell(row.get("rater")), 60) or rater
            who = column.removeprefix("label_") if column != "label" else who
            self._given.setdefault(who, {}).setdefault(claim.item, []).append((label, where))

    def _claim(self, row: Mapping[str, Any], where: str) -> JudgedClaim | None:
        """The claim that a row is about, if it is one of this run and unchanged."""
        item, run = _cell(row["item"]), _cell(row["run"])
        if run != self.run:
            self._problem("another_run", describe(run), where, "run", f"{self.run!r}, this run with these verdicts")
            return None
        claim = self.claims.get(item)
        if claim is None:
            self._problem("unknown_claim", describe(item), where, "item", "an item of this run's sheet")
            return None
        text = row.get("claim")
        if text is not None and one_line(_cell(text)) != claim.text:
            self._problem("edited_claim", describe(_cell(text)), where, "claim", repr(one_line(claim.text, 80)))
            return None
        return claim

    def _problem(self, kind: Kind, found: str, where: str, field: str = "", wanted: str = "") -> None:
        self.problems.append(LabelProblem(kind, one_line(located(found, path=where, field=field, wanted=wanted), 400)))


def _rows(source: Source) -> Iterator[Row]:
    try:
        yield from source.rows
    except csv.Error as error:
        raise InputError(f"not a CSV file that can be read ({error})", path=source.name) from None


def _check_columns(name: str, columns: tuple[str, ...]) -> None:
    missing = [column for column in ("item", "run") if column not in columns]
    if not any(column == "label" or column.startswith("label_") for column in columns):
        missing.append("label")
    if missing:
        halves = "save it with commas between the cells, not semicolons or tabs" if len(columns) == 1 else ""
        found = ", ".join(one_line(str(column), 30) for column in columns[:10])
        raise InputError(
            f"there is no column {missing[0]!r} in {found}", wanted="a labelling sheet", todo=halves, path=name
        )


def _cell(value: object) -> str:
    """A cell as text, without the apostrophe that guarded it; a spreadsheet's or JSON's true and false as words."""
    if value is None or value != value:  # NaN of a data frame
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return unguarded(str(value)).strip()
