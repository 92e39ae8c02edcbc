"""The report's prose, rows and lists, made once and printed by every form of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from halueval.metrics import Counts, Summary
from halueval.report.overview import Overview
from halueval.report.wording import RATES, STATES, RateName, interval_text, of_text, plural, value_text
from halueval.statistics.estimate import Bounds, shown

__all__ = [
    "CountRow",
    "RateRow",
    "counted_responses",
    "counted_claims",
    "facts",
    "headline",
    "rate_rows",
    "shown_warnings",
]

# Settings that results themselves state more exactly, ones that other lines already print, and long ones, which are in
# the report as JSON.
_ELSEWHERE = (
    "extractor", "pipeline", "verifier", "snapshot", "level", "notes",
    "extractor_settings", "verifier_settings", "retriever_settings", "prompts", "model_options",
)  # fmt: skip
_BOUNDS = {
    "failures": ("bounds: failed", "were the failed all right … all wrong"),
    "failures_and_open": ("bounds: failed and open", "were the failed and the open all right … all wrong"),
}


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count and what was counted; ``part`` says that it is a part of the last row above that is not one."""

    what: str
    count: int
    part: bool = True


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate in a table: value and interval over all claims, and as the mean of the responses if that differs."""

    title: str
    meaning: str
    of: str
    part: bool
    micro: tuple[str, str]
    macro: tuple[str, str] | None = None


def headline(overview: Overview) -> str:
    """The result in a sentence."""
    rate, responses = overview.summary.rates["refuted"], overview.summary.rates["any_refuted"]
    if rate.value is None:
        return f"There is no hallucination rate: {rate.reason or 'no data'}. No claims is not a rate of zero."
    verb = "is" if rate.events == 1 else "are"
    said = f"{rate.events:,g} of {plural(rate.claims, 'claim')} with a verdict {verb} refuted by the evidence"
    if responses.value is None:
        return said + "."
    return f"{said}, in {responses.events:,g} of {plural(responses.claims, 'response')}."


def shown_warnings(overview: Overview) -> list[str]:
    """What a reader must know before believing the rates: the run's warnings, then those of the headline."""
    summary = overview.summary
    rate = [f"{RATES['refuted'].title}: {warning}" for warning in summary.rates["refuted"].warnings]
    return list(dict.fromkeys([*summary.warnings, *rate]))


def rate_rows(summary: Summary, names: Iterable[str]) -> list[RateRow]:
    """The rows of the rates that are named; the headline is followed by its bounds where they say something."""
    rows = []
    for name in names:
        words = RATES.get(name, RateName(name.replace("_", " "), ""))
        micro, macro = summary.rates[name], summary.macro.get(name)
        both = (value_text(macro), interval_text(macro)) if macro is not None and macro != micro else None
        pooled = (value_text(micro), interval_text(micro))
        rows.append(RateRow(words.title, words.meaning, of_text(micro), words.part, pooled, both))
        if name == "refuted":
            bounds = [(_BOUNDS[b], summary.bounds[b]) for b in _BOUNDS if b in summary.bounds]
            rows += [_bounds_row(*said, b) for said, b in bounds if b.open_claims and b.lower.value is not None]
    return rows


def counted_responses(overview: Overview) -> list[CountRow]:
    """The responses, in their four kinds."""
    counts = overview.counts
    numbers = (counts.with_claims, counts.nothing_checkworthy, counts.abstained, counts.failed)
    parts = [CountRow(words, n) for words, n in zip(STATES.values(), numbers, strict=True)]
    return [CountRow("responses", counts.responses, part=False), *parts]


def counted_claims(overview: Overview) -> list[CountRow]:
    """The claims and what became of them, then the failures by stage and kind."""
    counts = overview.counts
    failures = [(f"{stage}: {kind}", n) for stage, kinds in counts.failures.items() for kind, n in kinds.items()]
    rows = [
        CountRow("claims", counts.claims, part=False),
        CountRow("checkworthy: attempted", counts.claims_attempted),
        CountRow("with a verdict: scored", counts.claims_scored),
        *(CountRow(f"not checked: {_words(reason)}", n) for reason, n in _ordered(counts.not_checkworthy)),
    ]
    if counts.unplaced:
        rows.append(CountRow("not placed in the text", counts.unplaced))
    rows.append(CountRow("failures", sum(n for _, n in failures), part=False))
    return rows + [CountRow(_words(name), n) for name, n in _ordered(dict(failures))]


def facts(overview: Overview, settings: Mapping[str, object]) -> list[tuple[str, str]]:
    """Who extracted and verified, with what, from which corpus, and the other settings as given."""
    counts, rate = overview.counts, overview.summary.rates["refuted"]
    snapshot = str(settings.get("snapshot") or "") or _named(overview.snapshots)
    calibrated = f"not calibrated for {plural(overview.uncalibrated, 'verdict')}" if overview.uncalibrated else ""
    rows = [
        ("extracted by", _named(counts.extractors) or str(settings.get("extractor", "not stated"))),
        ("verified by", _named(counts.verifiers) or str(settings.get("verifier", "not stated"))),
        ("corpus snapshot", snapshot),
        ("probabilities", calibrated),
        ("panel", _panel(counts)),
        ("searches", _searches(counts)),
        ("intervals", f"{100 * rate.level:g} %, {rate.method or 'none'}, {plural(rate.groups, 'group')}"),
        *((_words(name), _said(value)) for name, value in settings.items() if name not in _ELSEWHERE),
    ]
    return [(name, value) for name, value in rows if value]


def _panel(counts: Counts) -> str:
    if not counts.voted:
        return ""
    share = shown(counts.split / counts.voted)
    return f"the judges disagreed on {counts.split:,} of {plural(counts.voted, 'claim')} ({share})"


def _searches(counts: Counts) -> str:
    if not counts.searched:
        return ""
    return f"{counts.queries / counts.searched:.1f} queries per claim, for {plural(counts.searched, 'claim')}"


def _bounds_row(title: str, meaning: str, bounds: Bounds) -> RateRow:
    low, high = bounds.lower.value, bounds.upper.value
    assert low is not None and high is not None
    value = f"{shown(low).removesuffix(' %')}–{shown(high)}"
    limits = "no interval"
    if bounds.low is not None and bounds.high is not None:
        limits = f"{shown(bounds.low).removesuffix(' %')}–{shown(bounds.high)}"
    return RateRow(title, meaning, plural(bounds.open_claims, "claim"), True, (value, limits))


def _ordered(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _named(counts: Mapping[str, int]) -> str:
    return "; ".join(name if len(counts) == 1 else f"{name} ({n:,})" for name, n in _ordered(counts))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(v)}" for name, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_said(v) for v in value)
    return "" if value is None else str(value)
