"""The report in a terminal: what a person wants first, then why to believe it. 80 columns; colour is extra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

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
from halueval.report.wording import (
    BAR,
    KINDS,
    MAIN_RATES,
    RATES,
    interval_text,
    of_text,
    one_line,
    printable,
    value_text,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

__all__ = ["console_parts", "plain_text"]

_STYLES = {
    "refuted": "red",
    "undecided": "yellow",
    "nothing_found": "yellow",
    "failed": "magenta",
    "supported": "green",
}
_BAR_WIDTH, _BLOCKS = 64, {"refuted": "█", "undecided": "▒", "nothing_found": "░", "failed": "!", "supported": "─"}


def console_parts(overview: Overview, settings: Mapping[str, object]) -> Iterator[RenderableType]:
    """What :mod:`rich` prints, from top to bottom; text from outside is never read as markup or as control codes."""
    from rich.text import Text

    rate = overview.summary.rates["refuted"]
    head = Text("Hallucination rate  ", style="bold")
    head.append(value_text(rate), style="bold red" if rate.value is not None else "bold")
    if rate.value is not None:
        level = f"{100 * rate.level:g} % interval " if rate.low is not None else ""
        head.append(f"  {level}{interval_text(rate)}", style="not bold")
    yield head
    yield Text(printable(headline(overview)))
    yield Text()
    if overview.counts.claims_attempted:
        yield _bar(overview)
        yield Text()
    yield _rates(overview)
    if len(overview.summary.by_model) > 1:
        yield Text()
        yield _models(overview)
    yield Text()
    yield _counts(counted_responses(overview))
    yield _counts(counted_claims(overview))
    for warning in shown_warnings(overview):
        yield Text(f"! {one_line(warning)}", style="yellow")
    if costs := cost_rows(overview.counts):
        yield Text()
        table = _table("calls of chat models", "calls", "tokens: prompt + reply", "price")
        for row in costs:
            table.add_row("  " * row.part + row.step, row.calls, row.tokens, row.dollars)
        yield table
    yield Text()
    yield _facts(facts(overview, settings))


def plain_text(overview: Overview, settings: Mapping[str, object], width: int = 80) -> str:
    """The same as text without colour, for ``print`` and for a file."""
    from io import StringIO

    from rich.console import Console

    console = Console(
        force_jupyter=False, file=StringIO(), width=width, color_system=None, force_terminal=False, legacy_windows=False
    )
    for part in console_parts(overview, settings):
        console.print(part)
    assert isinstance(console.file, StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def _bar(overview: Overview) -> Text:
    from rich.text import Text

    kinds, bar, legend = overview.kinds, Text(), Text()
    total = sum(kinds[kind] for kind in BAR)
    for kind in BAR:
        if kinds[kind]:
            bar.append(_BLOCKS[kind] * max(1, round(_BAR_WIDTH * kinds[kind] / total)), style=_STYLES[kind])
            word = KINDS[kind]
            legend.append(f"{_BLOCKS[kind]}{word.symbol} ", style=_STYLES[kind])
            legend.append(f"{kinds[kind]:,} {word.word}  ")
    return bar.append("\n").append_text(legend)


def _table(*headers: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for i, header in enumerate(headers):
        table.add_column(header, no_wrap=not i, overflow="ellipsis" if not i else "fold", header_style="dim")
    return table


def _rates(overview: Overview) -> Table:
    from rich.text import Text

    table = _table("rate", "all claims", "interval", "by response", "interval")
    for row in rate_rows(overview.summary, MAIN_RATES):
        cells = ("  " * row.part + row.title, *row.micro, *(row.macro or ("", "")))
        style = "bold" if row.title == RATES["refuted"].title else ""
        table.add_row(*(Text(printable(cell), style=style) for cell in cells))
    return table


def _models(overview: Overview) -> Table:
    from rich.text import Text

    table = _table("model", "hallucination rate", "interval", "events")
    for model, summary in overview.summary.by_model.items():
        rate = summary.rates["refuted"]
        cells = (one_line(model, 30) or "no model named", value_text(rate), interval_text(rate), of_text(rate))
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _counts(rows: list[CountRow]) -> Text:
    from rich.text import Text

    lines = Text()
    whole: list[tuple[CountRow, list[CountRow]]] = []
    for row in rows:
        if row.part and whole:
            whole[-1][1].append(row)
        else:
            whole.append((row, []))
    for i, (row, parts) in enumerate(whole):
        said = ", ".join(f"{part.count:,} {one_line(part.what, 80)}" for part in parts if part.count)
        lines.append("\n" if i else "").append(f"{row.count:,} {row.what}", style="bold").append(
            f": {said}" if said else ""
        )
    return lines


def _facts(rows: list[tuple[str, str]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(one_line(name, 24), style="dim"), Text(one_line(value, 600), overflow="fold"))
    return table
