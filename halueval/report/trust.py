"""Two pictures of whether a verifier can be believed: a reliability diagram, and risk over coverage.

SVG written by hand, drawn in the colour of the text around it so that it can be read on light and dark; every point's
figures are also in the description that a screen reader reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from halueval.report.forest import Svg
from halueval.report.wording import interval_text, one_line, value_text
from halueval.statistics.calibration import CalibrationEstimates, ReliabilityBin
from halueval.statistics.selective import RiskAtCoverage

__all__ = ["reliability_diagram", "risk_coverage_plot"]

_SIDE, _LEFT, _TOP, _RIGHT = 300, 50, 54, 24
_WIDTH = _LEFT + _SIDE + _RIGHT
_COUNTS = 52  # height of the strip that says how many claims a bin has
_RISKS = (0.01, 0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
# readable on white and on near-black alike; a page that has its own colours for this replaces it
_HUE = "var(--refuted, #d2493c)"


def reliability_diagram(found: CalibrationEstimates, title: str = "Reliability", ident: str = "reliability") -> Svg:
    """What was predicted against what came true, a point with its interval per bin, and how many claims it has.

    Parameters
    ----------
    found : CalibrationEstimates
        From :func:`halueval.statistics.calibration_estimates`.
    title : str
        What the plot shows.
    ident : str
        Prefix of the ids in the SVG; distinct where a page holds several.

    Examples
    --------
    >>> from halueval.statistics import calibration_estimates
    >>> found = calibration_estimates([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0], ["a", "b", "a", "b"])
    >>> "predicted 90 %: 50.0 % came true" in reliability_diagram(found)
    True
    """
    bottom = _TOP + _SIDE
    said = f"{_ece(found)}. " + "; ".join(
        f"predicted {_percent(b.mean_probability)}: {value_text(b.observed)} came true, "
        f"{interval_text(b.observed)}, of {b.observed.claims:,} claims"
        for b in found.bins
    )
    parts = [
        *_frame(title, said, "↑ came true; the dashed line is perfect", ident, bottom + _COUNTS + 60),
        *_axes(1.0, "predicted (bars: number of claims)", below=_COUNTS),
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="currentColor" stroke-dasharray="4" stroke-opacity=".6"/>',
        f'<text x="0" y="{bottom + _COUNTS + 55}" font-size="11.5">{escape(_ece(found))}</text>',
    ]
    most = max((b.observed.claims for b in found.bins), default=1)
    for b in found.bins:
        parts += _point(b.mean_probability, b.observed.value or 0.0, b.observed.low, b.observed.high)
        parts += _count(b, most, bottom)
    return Svg("".join([*parts, "</svg>"]))


def risk_coverage_plot(
    points: Sequence[RiskAtCoverage], title: str = "Risk over coverage", ident: str = "risk-coverage"
) -> Svg:
    """The share of wrong verdicts among the most confident ones, for several shares kept, with intervals.

    Parameters
    ----------
    points : sequence of RiskAtCoverage
        From :func:`halueval.statistics.risk_at_coverage`, one per coverage. Undefined ones are left out.
    title, ident : str
        As for :func:`reliability_diagram`.

    Examples
    --------
    >>> from halueval.statistics import risk_at_coverage
    >>> scores, errors, groups = [0.9, 0.8, 0.7, 0.6], [0, 0, 1, 0], ["a", "b", "a", "b"]
    >>> plot = risk_coverage_plot([risk_at_coverage(scores, errors, groups, c) for c in (0.5, 1.0)])
    >>> "50 % kept: 0.0 % wrong" in plot
    True
    """
    shown = sorted(
        {p.coverage: p for p in points if p.coverage is not None and p.risk.value is not None}.items(),
        key=lambda pair: pair[0],
    )
    highest = max((p.risk.high or p.risk.value or 0.0 for _, p in shown), default=0.0)
    scale = next((s for s in _RISKS if s >= highest), 1.0)
    said = "; ".join(
        f"{_percent(c)} kept: {value_text(p.risk)} wrong, {interval_text(p.risk)}, "
        f"of {p.risk.claims:,} claims with a confidence of at least {p.threshold:.3g}"
        for c, p in shown
    )
    of_all = f"; {value_text(shown[-1][1].risk)} with {_percent(shown[-1][0])} kept" if shown else ""
    parts = [
        *_frame(title, said or "no claims", f"↑ wrong among the kept{of_all}", ident, _TOP + _SIDE + 44),
        *_axes(scale, "share of claims kept, the most confident first"),
    ]
    line = "L".join(f"{_x(c)} {_y(p.risk.value or 0.0, scale)}" for c, p in shown)
    if len(shown) > 1:
        parts.append(f'<path d="M{line}" fill="none" style="stroke:{_HUE}" stroke-width="1.5"/>')
    for c, p in shown:
        parts += _point(c, p.risk.value or 0.0, p.risk.low, p.risk.high, scale)
    return Svg("".join([*parts, "</svg>"]))


def _frame(title: str, said: str, up: str, ident: str, height: int) -> list[str]:
    safe = escape(ident)
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="trust" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-labelledby="{safe}-t {safe}-d" fill="currentColor" font-size="13" '
        'font-family="system-ui, sans-serif" style="width:100%;max-width:27rem;height:auto">',
        f'<title id="{safe}-t">{escape(one_line(title))}</title><desc id="{safe}-d">{escape(said)}</desc>',
        f'<text x="0" y="16" font-weight="600">{escape(one_line(title, 46))}</text>',
        f'<text x="0" y="38" font-size="11.5">{escape(up)}</text>',
    ]


def _axes(scale: float, across: str, below: int = 0) -> list[str]:
    """Both axes with five marks each; ``below`` leaves room under the plot, before the words of the lower axis."""
    bottom = _TOP + _SIDE
    parts = []
    for step in range(5):
        share = step / 4
        parts.append(
            f'<path d="M{_x(share)} {_TOP}V{bottom}M{_LEFT} {_y(share)}H{_LEFT + _SIDE}" stroke="currentColor" '
            'stroke-opacity=".18"/>'
        )
        parts.append(
            f'<text x="{_x(share)}" y="{bottom + below + 17}" text-anchor="middle" font-size="11.5">'
            f"{100 * share:g} %</text>"
        )
        parts.append(
            f'<text x="{_LEFT - 6}" y="{float(_y(share)) + 4:.1f}" text-anchor="end" font-size="11.5">'
            f"{100 * share * scale:g} %</text>"
        )
    middle = _LEFT + _SIDE / 2
    parts.append(f'<text x="{middle}" y="{bottom + below + 36}" text-anchor="middle">{escape(across)}</text>')
    return parts


def _point(at: float, value: float, low: float | None, high: float | None, scale: float = 1.0) -> list[str]:
    x, y = _x(at), _y(value, scale)
    parts = []
    if low is not None and high is not None:
        above, below = _y(high, scale), _y(low, scale)
        left, right = float(x) - 4, float(x) + 4
        parts.append(
            f'<path d="M{x} {above}V{below}M{left:.1f} {above}H{right:.1f}M{left:.1f} {below}H{right:.1f}" fill="none" '
            f'style="stroke:{_HUE}" stroke-width="2"/>'
        )
    return [*parts, f'<circle cx="{x}" cy="{y}" r="4.5" style="fill:{_HUE}"/>']


def _count(b: ReliabilityBin, most: int, bottom: int) -> list[str]:
    """A bar from the bin's lowest to its highest probability, as high as its claims, with their number above."""
    left, right = float(_x(b.low)), float(_x(b.high))
    width = max(2.0, right - left - 2)
    height = max(1.0, (_COUNTS - 20) * b.observed.claims / most)
    top = bottom + _COUNTS - height
    return [
        f'<rect x="{left + 1:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" fill-opacity=".35"/>',
        f'<text x="{left + 1 + width / 2:.1f}" y="{top - 3:.1f}" text-anchor="middle" font-size="9.5">'
        f"{_short(b.observed.claims)}</text>",
    ]


def _ece(found: CalibrationEstimates) -> str:
    if found.ece.value is None:
        return f"no calibration error: {found.ece.reason}"
    limits = "" if found.ece.low is None or found.ece.high is None else f", {found.ece.low:.3f} to {found.ece.high:.3f}"
    return f"expected calibration error {found.ece.value:.3f}{limits}"


def _x(share: float) -> str:
    return f"{_LEFT + _SIDE * min(1.0, max(0.0, share)):.1f}"


def _y(value: float, scale: float = 1.0) -> str:
    return f"{_TOP + _SIDE * (1 - min(1.0, max(0.0, value / scale))):.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _short(number: int) -> str:
    """A count in at most four characters."""
    return f"{number}" if number < 10_000 else f"{number / 1000:.0f}k"
