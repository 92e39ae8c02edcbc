"""The report as JSON: the same input gives the same bytes, keys stand in a fixed order, and nothing is NaN."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

from halueval.metrics import Summary
from halueval.report.facts import shown_warnings
from halueval.report.overview import Overview
from halueval.report.wording import encodable
from halueval.statistics.estimate import Bounds, Estimate

__all__ = ["FORMAT", "document", "json_text", "plain"]

FORMAT = 1


def document(overview: Overview, settings: Mapping[str, object]) -> dict[str, Any]:
    """What :func:`json_text` writes, as Python values.

    ``format`` is the version of this layout. ``rates`` (over all claims) and ``macro`` (mean of the answers) hold an
    estimate per rate: ``value, low, high`` (null where undefined, and ``reason`` says why), ``level, method, events``
    (numerator), ``claims`` (denominator, of what ``per`` names), ``groups, unit, warnings``. ``by_model`` holds the
    same per model, "" standing for answers that name none. ``bounds`` holds what ``refuted`` could be with what is open
    all right (``lower``) or all wrong (``upper``). ``counts`` are those of :class:`halueval.metrics.Counts`.
    """
    written = {
        "format": FORMAT,
        "settings": dict(settings),
        "counts": asdict(overview.counts),
        "snapshots": overview.snapshots,
        "uncalibrated": overview.uncalibrated,
        **_rates(overview.summary),
        "by_model": {model: _rates(summary) for model, summary in overview.summary.by_model.items()},
        "warnings": shown_warnings(overview),
    }
    return {key: plain(value) for key, value in written.items()}


def json_text(overview: Overview, settings: Mapping[str, object]) -> str:
    """The document as text, with a line end."""
    return json.dumps(document(overview, settings), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _rates(summary: Summary) -> dict[str, Any]:
    return {"rates": dict(summary.rates), "macro": dict(summary.macro), "bounds": dict(summary.bounds)}


def plain(value: Any) -> Any:
    """Values that JSON has; a number that isn't finite is null, anything unknown its text."""
    if isinstance(value, (Estimate, Bounds)):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {encodable(str(key)): plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    return encodable(str(value))
