"""Rates and their intervals as a plot: SVG written by hand, nothing loaded, readable at 320 pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from halueval.metrics import Summary
from halueval.report.wording import RATES, interval_text, of_text, one_line, value_text
from halueval.statistics.estimate import Estimate

__all__ = ["Svg", "forest_plot", "plot_rows"]

_WIDTH, _ROW, _TOP, _EDGE = 400, 46, 6, 10
_SCALES = (0.01, 0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


class Svg(str):
    """SVG as text that a notebook draws.

    Examples
    --------
    >>> Svg("<svg/>")._repr_html_()
    '<svg/>'
    """

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return str(self)


def forest_plot(rows: Sequence[tuple[str, Estimate]], title: str, ident: str = "forest") -> Svg:
    """A row per estimate: its name, its value and interval in figures, and below them the interval as a line.

    Parameters
    ----------
    rows : sequence of (str, Estimate)
        Shares between 0 and 1, top to bottom. One that is undefined has its reason where the line would be.
    title : str
        What the plot shows.
    ident : str
        Prefix of the ids in the SVG; distinct where a page holds several.

    Examples
    --------
    >>> plot = forest_plot([("model-a", Estimate(0.1, 0.05, 0.2))], "Refuted")
    >>> "model-a: 10.0 %, 5.0–20.0 %" in plot
    True
    """
    highest = max((e.high or e.value or 0.0 for _, e in rows), default=0.0)
    scale = next((s for s in _SCALES if s >= highest), highest)
    bottom = _TOP + _ROW * len(rows)
    said = "; ".join(f"{one_line(label, 60)}: {value_text(e)}, {interval_text(e)}" for label, e in rows)

    def x(value: float) -> str:
        return f"{_EDGE + (_WIDTH - 2 * _EDGE) * value / scale:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="forest" viewBox="0 0 {_WIDTH} {bottom + 24}" '
        f'role="img" aria-labelledby="{ident}-t {ident}-d" fill="currentColor" font-size="13" '
        'font-family="system-ui, sans-serif">',
        f'<title id="{ident}-t">{_text(title)}</title><desc id="{ident}-d">{_text(said)}</desc>',
    ]
    for step in range(5):
        at = scale * step / 4
        anchor = ("start", "middle", "middle", "middle", "end")[step]
        edge = {0: "0", 4: str(_WIDTH)}.get(step, x(at))
        parts.append(f'<line class="grid" x1="{x(at)}" x2="{x(at)}" y1="{_TOP}" y2="{bottom}" stroke="#ddd8cf"/>')
        parts.append(
            f'<text class="soft" x="{edge}" y="{bottom + 18}" text-anchor="{anchor}" font-size="11.5">'
            f"{100 * at:g} %</text>"
        )
    for i, (label, estimate) in enumerate(rows):
        parts += _row(label, estimate, _TOP + _ROW * i, x)
    return Svg("".join([*parts, "</svg>"]))


def plot_rows(summary: Summary, rate: str = "refuted") -> tuple[list[tuple[str, Estimate]], str]:
    """What there is to look at: one rate per model where there are several, else the shares of all answers."""
    if len(summary.by_model) > 1:
        rates = {model or "no model named": s.rates[rate] for model, s in summary.by_model.items()}
        named = [(model, e) for model, e in rates.items() if e.value is not None or model in summary.by_model]
        return named, f"{RATES[rate].title[:1].upper()}{RATES[rate].title[1:]} per model"
    names = (rate, "supported", "not_enough_info", "any_refuted")
    return [
        (RATES[n].title, summary.rates[n]) for n in dict.fromkeys(names) if n in summary.rates
    ], "Rates and intervals"


def _row(label: str, estimate: Estimate, top: int, x: Callable[[float], str]) -> list[str]:
    figures = value_text(estimate)
    if estimate.value is not None and estimate.low is not None:
        figures += f"  ({interval_text(estimate)})"
    parts = [
        f'<text x="0" y="{top + 15}">{_text(one_line(label, 24))}'
        f"<title>{_text(label)}, {_text(of_text(estimate))}</title></text>",
        f'<text x="{_WIDTH}" y="{top + 15}" text-anchor="end">{_text(figures)}</text>',
    ]
    line = top + 30
    if estimate.value is None or estimate.low is None or estimate.high is None:
        parts.append(
            f'<text class="soft" x="{_EDGE}" y="{line + 4}" font-size="11.5">{_text(interval_text(estimate))}</text>'
        )
    else:
        a, b = x(estimate.low), x(estimate.high)
        parts.append(
            f'<path class="interval" d="M{a} {line}H{b}M{a} {line - 5}v10M{b} {line - 5}v10" '
            f'stroke="#b3271e" stroke-width="2" fill="none"/>'
        )
    if estimate.value is not None:
        parts.append(f'<circle class="point" cx="{x(estimate.value)}" cy="{line}" r="5" fill="#b3271e"/>')
    return parts


def _text(text: str) -> str:
    return escape(one_line(text))
