"""The page: one HTML file that needs nothing from anywhere, written answer by answer.

The template escapes everything (Jinja2 with autoescape); what must not reach a page at all is replaced before
(:func:`halueval.report.wording.printable`). There is no script; styles are allowed by their hash and nothing else is.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from halueval import __version__
from halueval.metrics import Summary
from halueval.records import Result
from halueval.report.answers import AnswerView, answer_view
from halueval.report.facts import counted_answers, counted_claims, facts, headline, shown_warnings
from halueval.report.forest import forest_plot, plot_rows
from halueval.report.overview import Overview
from halueval.report.wording import (
    KINDS,
    MAIN_RATES,
    RATES,
    KindName,
    RateName,
    interval_text,
    of_text,
    one_line,
    plural,
    printable,
    value_text,
)
from halueval.statistics.estimate import Estimate

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["answer_fragment", "page", "summary_fragment"]

# From the left: what a reader must not miss, then what is open, then what held.
_BAR: tuple[KindName, ...] = ("refuted", "undecided", "nothing_found", "failed", "supported")


@dataclass(frozen=True, slots=True)
class Cell:
    """One estimate in a table."""

    value: str
    interval: str


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate in the table of rates; ``macro`` is None where there is no mean of the answers."""

    title: str
    meaning: str
    of: str
    part: bool
    micro: Cell
    macro: Cell | None


def page(
    overview: Overview, settings: Mapping[str, object], results: Iterable[tuple[int, Result]], shown: str
) -> Iterator[str]:
    """The page in pieces, in order; ``results`` are the numbered ones to show and are taken one at a time."""
    template = _environment().get_template("template.html")
    answers: Iterator[AnswerView] = (answer_view(result, number) for number, result in results)
    yield from template.generate(
        page=_page_view(overview, settings) | {"shown_text": shown}, answers=answers, style_hash=_style_hash()
    )


def summary_fragment(overview: Overview, settings: Mapping[str, object]) -> str:
    """What the page begins with, as a piece of HTML for a notebook."""
    return _fragment(
        "{% from 'summary.html' import summary %}{{ summary(page, 3) }}", page=_page_view(overview, settings)
    )


def answer_fragment(result: Result, number: int) -> str:
    """One answer with its claims and evidence, as a piece of HTML for a notebook."""
    return _fragment("{% from 'answer.html' import answer %}{{ answer(a) }}", a=answer_view(result, number))


def _fragment(source: str, **values: Any) -> str:
    template = _environment().from_string('<style>{{ style }}</style><div class="hv embedded">' + source + "</div>")
    return template.render(**values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=PackageLoader("halueval.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        kinds=KINDS, plural=plural, one_line=one_line, version=__version__, style=Markup(_style())
    )
    return environment


@lru_cache(maxsize=1)
def _style() -> str:
    return files("halueval.report").joinpath("style.css").read_text(encoding="utf-8")


def _style_hash() -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()


def _page_view(overview: Overview, settings: Mapping[str, object]) -> dict[str, Any]:
    from markupsafe import Markup

    summary = overview.summary
    rate = summary.rates["refuted"]
    rows, title = plot_rows(summary)
    claims = sum(overview.kinds[kind] for kind in _BAR)
    models = sorted(filter(None, summary.by_model))
    return {
        "title": f"Hallucination rate {value_text(rate)} – halueval report",
        "kicker": one_line(" · ".join(["halueval report", plural(overview.responses, "answer"), *models]), 200),
        "defined": rate.value is not None,
        "value": value_text(rate),
        "interval": f"{100 * rate.level:g} % interval {interval_text(rate)}"
        if rate.low is not None
        else interval_text("refuted", rate),
        "sentence": headline(overview),
        "bar": Markup(_bar(overview)),
        "legend": [
            (k, overview.kinds[k], f"{100 * overview.kinds[k] / claims:.0f} %") for k in _BAR if overview.kinds[k]
        ],
        "warnings": shown_warnings(overview),
        "main_rates": [_rate_row(summary, key) for key in MAIN_RATES if key in summary.rates],
        "more_rates": [_rate_row(summary, key) for key in summary.rates if key not in MAIN_RATES],
        "forest": Markup(forest_plot(rows, title)),
        "forest_title": title,
        "main_counts": counted_answers(overview),
        "more_counts": counted_claims(overview),
        "facts": facts(overview, settings),
        "kinds_present": [(kind, overview.kinds[kind]) for kind in KINDS if overview.kinds[kind]],
    }


def _rate_row(summary: Summary, key: str) -> RateRow:
    name, micro, macro = RATES.get(key, RateName(key, "")), summary.rates[key], summary.macro.get(key)
    return RateRow(
        title=name.title,
        meaning=name.meaning,
        of=" · ".join(filter(None, (of_text(micro), name.meaning))),
        part=name.part,
        micro=_cell(micro),
        macro=_cell(macro) if macro is not None else None,
    )


def _cell(estimate: Estimate) -> Cell:
    return Cell(value_text(estimate), interval_text(estimate))


def _bar(overview: Overview) -> str:
    total = sum(overview.kinds[kind] for kind in _BAR)
    if not total:
        return ""
    at, rects = 0.0, []
    for kind in _BAR:
        width = 1000 * overview.kinds[kind] / total
        if width:
            rects.append(f'<rect class="{kind}" x="{at:.1f}" width="{max(2.0, width - 4):.1f}" height="28"/>')
        at += width
    return (
        '<svg class="bar" viewBox="0 0 1000 28" preserveAspectRatio="none" aria-hidden="true">'
        + "".join(rects)
        + "</svg>"
    )
