"""The report: rates with their intervals, the claims behind them, and every form they are read in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from halueval.errors import InputError, OutputError
from halueval.io import write_text
from halueval.metrics import Counts, Summary
from halueval.records import Failure, Result
from halueval.report.claims import ClaimsTable
from halueval.report.forest import Svg, forest_plot, plot_rows
from halueval.report.overview import Overview, survey
from halueval.statistics.estimate import Estimate

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

__all__ = ["ANSWERS_ON_PAGE", "Report", "ShownAnswer", "show"]

ANSWERS_ON_PAGE = 500


class Report:
    """What a run found: look at it, ask it for rates and claims, write it.

    Parameters
    ----------
    results : iterable of Result
        Must give the same results each time it is iterated (a list, or a file read lazily). It is read once for the
        rates and again for claims or answers; memory does not grow with the text in it.
    settings : mapping, optional
        How the results were made: ``extractor``, ``verifier``, ``snapshot``, ``level`` (of the intervals), ``notes`` (a
        list of warnings) and whatever else is to be printed. No date is added: the same input gives the same bytes.

    Raises
    ------
    InputError
        ``results`` is an iterator, which can be read only once.

    Examples
    --------
    >>> from halueval.records import Claim, Evidence, Extraction, Response, Span, Verdict
    >>> claim = Claim("a-1", "a", "Aspirin cures colds.", (Span(0, 19),))
    >>> verdict = Verdict("a-1", "refuted", evidence=(Evidence("d", "Aspirin does not cure colds.", Span(0, 28)),))
    >>> report = Report([Result(Response("a", "Aspirin cures colds"), Extraction("a", (claim,)), (verdict,))])
    >>> report.rates["refuted"].value
    1.0
    >>> [row["label"] for row in report.claims()]
    ['refuted']
    """

    def __init__(self, results: Iterable[Result], settings: Mapping[str, object] | None = None) -> None:
        if isinstance(results, Iterator):
            raise InputError(
                f"results are {type(results).__name__}, which can be read only once",
                wanted="something that can be iterated again",
                todo="pass a list",
            )
        self.results = results
        self.settings = dict(settings or {})

    @cached_property
    def _overview(self) -> Overview:
        level = self.settings.get("level", 0.95)
        found = survey(self.results, level if isinstance(level, float) else 0.95)
        return replace(found, summary=replace(found.summary, warnings=(*self.notes, *found.summary.warnings)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noted when the results were made: a run that was cut off, evidence that was left out."""
        notes = self.settings.get("notes")
        return tuple(map(str, notes)) if isinstance(notes, (list, tuple)) else ()

    @property
    def summary(self) -> Summary:
        """Everything that was computed from the results."""
        return self._overview.summary

    @property
    def rates(self) -> dict[str, Estimate]:
        """Each rate over all claims (micro), by name; see :data:`halueval.metrics.RATE_NAMES`."""
        return self.summary.rates

    @property
    def macro(self) -> dict[str, Estimate]:
        """Each rate as the mean over the answers with a verdict."""
        return self.summary.macro

    @property
    def counts(self) -> Counts:
        """What was attempted and what came of it."""
        return self.summary.counts

    @property
    def by_model(self) -> dict[str, Summary]:
        """A summary per model; "" stands for answers that name none."""
        return self.summary.by_model

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know before believing the rates."""
        return self.summary.warnings

    def claims(self) -> ClaimsTable:
        """One row per claim, with its label, its evidence and the characters it was said in."""
        return ClaimsTable(self.results)

    def failures(self) -> Iterator[Failure]:
        """Everything of ours that went wrong, in the order of the answers; ``item_id`` says for what."""
        from halueval.report.wording import claims_with_outcomes

        for result in self.results:
            if result.extraction.failure is not None:
                failure = result.extraction.failure
                yield failure if failure.item_id else replace(failure, item_id=result.response.id)
                continue
            for claim, outcome in claims_with_outcomes(result):
                if isinstance(outcome, Failure):
                    yield outcome if outcome.item_id else replace(outcome, item_id=claim.id)

    def answer(self, response_id: str) -> ShownAnswer:
        """One answer with its claims marked and their evidence, as a notebook shows it.

        Raises
        ------
        InputError
            No response has this id.
        """
        for number, result in enumerate(self.results, 1):
            if result.response.id == response_id:
                return ShownAnswer(result, number)
        known = [repr(result.response.id) for _, result in zip(range(5), self.results, strict=False)]
        raise InputError(
            f"no response has the id {response_id!r}", wanted=f"one of {', '.join(known)}, …" if known else "a response"
        )

    def plot(self, rate: str = "refuted") -> Svg:
        """The rate of each model with its interval, or the main shares where there is one model.

        Raises
        ------
        InputError
            There is no such rate, or it is not a share.
        """
        shares = [name for name, estimate in self.rates.items() if estimate.unit == "%"]
        if rate not in shares:
            raise InputError(f"no share is called {rate!r}", wanted=f"one of {', '.join(shares)}")
        return forest_plot(*plot_rows(self.summary, rate))

    def to_console(self) -> RenderableType:
        """Something that :mod:`rich` prints; fits 80 columns, and needs no colour to be read."""
        from rich.console import Group

        from halueval.report.console import console_parts

        return Group(*console_parts(self._overview, self.settings))

    def to_markdown(self, limit: int = 20) -> str:
        """Markdown with the rates, the counts and the first ``limit`` refuted claims."""
        from halueval.report.markdown import markdown_text

        return markdown_text(self._overview, self.settings, self.results, limit)

    def to_json(self) -> str:
        """JSON; :func:`halueval.report.json_document.document` says what is in it."""
        from halueval.report.json_document import json_text

        return json_text(self._overview, self.settings)

    def to_html(self, limit: int | None = ANSWERS_ON_PAGE) -> str:
        """The page of :meth:`write_html` as text."""
        return "".join(self._page(limit))

    def write_html(self, path: str | PathLike[str], limit: int | None = ANSWERS_ON_PAGE) -> None:
        """Write one HTML file that loads nothing from anywhere, answer by answer.

        Parameters
        ----------
        path : path
            The file; it is there when it is complete, or not at all.
        limit : int, optional
            How many answers at most; None for all. Where there are more, those with a refuted claim are chosen first
            and then the first ones; the page says so. The order stays that of the input.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        write_text(path, self._page(limit))

    def write(self, folder: str | PathLike[str]) -> None:
        """Write ``report.md``, ``report.json`` and ``report.html`` to a folder, each complete or not at all.

        Raises
        ------
        OutputError
            The folder cannot be made or a file cannot be written.
        """
        target = Path(folder)
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{target}: the folder cannot be made ({error.strerror or error})") from error
        write_text(target / "report.json", self.to_json())
        write_text(target / "report.md", self.to_markdown())
        self.write_html(target / "report.html")

    def _page(self, limit: int | None) -> Iterator[str]:
        from halueval.report.page import page
        from halueval.report.wording import plural

        total = self.counts.responses
        if limit is None or total <= limit:
            shown = f"{'All ' if total > 1 else ''}{plural(total, 'response')}, in the order given."
            yield from page(self._overview, self.settings, enumerate(self.results, 1), shown)
            return
        chosen, refuted = _chosen(self.results, limit)
        shown = (
            f"{plural(len(chosen), 'response')} of {total:,}, in the order given. Responses with a refuted claim were "
            f"chosen first ({refuted:,} of these), so what stands here looks worse than the whole is; the rates above "
            "are of all responses. `halueval report RUN --results FILE` gives the others."
        )
        until_last = islice(enumerate(self.results, 1), max(chosen, default=0))  # the others need not be read
        picked = ((i, result) for i, result in until_last if i in chosen)
        yield from page(self._overview, self.settings, picked, shown)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from halueval.report.console import console_parts

        yield from console_parts(self._overview, self.settings)

    def __str__(self) -> str:
        from halueval.report.console import plain_text

        return plain_text(self._overview, self.settings)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from halueval.report.page import summary_fragment

        return summary_fragment(self._overview, self.settings)


class ShownAnswer:
    """One answer as a notebook shows it: its claims highlighted by label, the evidence beside each."""

    def __init__(self, result: Result, number: int = 1) -> None:
        self.result = result
        self._number = number

    def _repr_html_(self) -> str:
        from halueval.report.page import answer_fragment

        return answer_fragment(self.result, self._number)

    def __str__(self) -> str:
        from halueval.report.answers import answer_view
        from halueval.report.wording import KINDS, printable

        view = answer_view(self.result, self._number)
        text = "".join(
            piece.text + "".join(f"[{m.number}{KINDS[m.kind].symbol}]" for m in piece.markers) for piece in view.pieces
        )
        lines = [f"Response {view.id}", text or "The response is empty.", *([view.failure] if view.failure else [])]
        for claim in view.claims:
            kind = KINDS[claim.kind]
            lines.append(f"{claim.number:3} {kind.symbol} {kind.word}: {claim.text}")
            lines += [f"      {claim.note}"] if claim.note else []
        return printable("\n".join(lines))

    __repr__ = __str__


def show(result: Result) -> ShownAnswer:
    """A result as a notebook shows it: the answer with its claims highlighted, the evidence beside each."""
    return ShownAnswer(result)


def _chosen(results: Iterable[Result], limit: int) -> tuple[set[int], int]:
    """Which answers to show, counted from 1, and how many of them have a refuted claim."""
    from halueval.report.wording import claims_with_outcomes, kind_of

    refuted: list[int] = []
    others: list[int] = []
    for number, result in enumerate(results, 1):
        kept = refuted if any(kind_of(c, o) == "refuted" for c, o in claims_with_outcomes(result)) else others
        if len(kept) < limit:
            kept.append(number)
        if len(refuted) == limit:
            break
    return {*refuted, *others[: limit - len(refuted)]}, len(refuted)
