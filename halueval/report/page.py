"""The page: one HTML file that needs nothing from anywhere, written answer by answer.

The template escapes everything (Jinja2 with autoescape); what must not reach a page at all is replaced before
(:func:`halueval.report.wording.printable`). There is no script; styles are allowed by their hash and nothing else is.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from halueval import __version__
from halueval.records import Result, total_cost
from halueval.report.answers import AnswerView, answer_view
from halueval.report.costs import cost_rows, cost_text
from halueval.report.facts import counted_claims, counted_responses, facts, headline, rate_rows, shown_warnings
from halueval.report.forest import forest_plot, plot_rows
from halueval.report.overview import Overview
from halueval.report.wording import (
    BAR,
    KINDS,
    MAIN_RATES,
    interval_text,
    one_line,
    plural,
    printable,
    value_text,
)

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["answer_fragment", "fragment", "page", "summary_fragment"]


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
    return fragment(
        "{% from 'summary.html' import summary %}{{ summary(page, 3) }}", page=_page_view(overview, settings)
    )


def answer_fragment(result: Result, number: int) -> str:
    """One answer with its claims and evidence, as a piece of HTML for a notebook."""
    return fragment("{% from 'answer.html' import answer %}{{ answer(a) }}", a=answer_view(result, number))


def fragment(source: str, **values: Any) -> str:
    """A template's source, filled and with the page's style, as a piece of HTML for a notebook."""
    template = _environment().from_string('<style>{{ style }}</style><div class="hv embedded">' + source + "</div>")
    return template.render(**values)


def templates(package: str) -> Environment:
    """The templates of a package, for text from outside: escaped, and without characters that only a terminal obeys."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return Environment(
        loader=PackageLoader(package, ""),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from markupsafe import Markup

    environment = templates("halueval.report")
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
    claims = sum(overview.kinds[kind] for kind in BAR)
    models = sorted(filter(None, summary.by_model))
    return {
        "title": f"Hallucination rate {value_text(rate)} – halueval report",
        "kicker": one_line(
            " · ".join(["halueval report", plural(overview.counts.responses, "response"), *models]), 200
        ),
        "defined": rate.value is not None,
        "value": value_text(rate),
        "interval": f"{100 * rate.level:g} % interval {interval_text(rate)}"
        if rate.low is not None
        else interval_text(rate),
        "sentence": headline(overview),
        "bar": Markup(_bar(overview)),
        "legend": [
            (k, overview.kinds[k], f"{100 * overview.kinds[k] / claims:.0f} %") for k in BAR if overview.kinds[k]
        ],
        "warnings": shown_warnings(overview),
        "main_rates": rate_rows(summary, MAIN_RATES),
        "more_rates": rate_rows(summary, (name for name in summary.rates if name not in MAIN_RATES)),
        "forest": Markup(forest_plot(rows, title)),
        "forest_title": title,
        "main_counts": counted_responses(overview),
        "more_counts": counted_claims(overview),
        "cost": cost_text(total_cost(overview.counts.costs.values())),
        "costs": cost_rows(overview.counts),
        "facts": facts(overview, settings),
        "kinds_present": [(kind, overview.kinds[kind]) for kind in KINDS if overview.kinds[kind]],
    }


def _bar(overview: Overview) -> str:
    total = sum(overview.kinds[kind] for kind in BAR)
    if not total:
        return ""
    at, rects = 0.0, []
    for kind in BAR:
        width = 1000 * overview.kinds[kind] / total
        if width:
            rects.append(f'<rect class="{kind}" x="{at:.1f}" width="{max(2.0, width - 4):.1f}" height="28"/>')
        at += width
    return (
        '<svg class="bar" viewBox="0 0 1000 28" preserveAspectRatio="none" aria-hidden="true">'
        + "".join(rects)
        + "</svg>"
    )
