"""The report's prose and lists, made once and printed by every form of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from halueval.report.overview import Overview
from halueval.report.wording import KINDS, STATES, plural

__all__ = ["Row", "counted_answers", "counted_claims", "facts", "headline", "shown_warnings"]

# Settings that results themselves state more exactly, and ones that other lines already print.
_FROM_RESULTS = ("extractor", "pipeline", "verifier", "snapshot", "level")


def headline(overview: Overview) -> str:
    """The result in a sentence."""
    rate, answers = overview.summary.rates["refuted"], overview.summary.rates["any_refuted"]
    if rate.value is None:
        return f"There is no hallucination rate: {rate.reason or 'no data'}. No claims is not a rate of zero."
    verb = "is" if rate.events == 1 else "are"
    said = f"{rate.events:,g} of {plural(rate.claims, 'claim')} with a verdict {verb} refuted by the evidence"
    if answers.value is None:
        return said + "."
    return f"{said}, in {answers.events:,g} of {plural(answers.claims, 'answer')}."


def shown_warnings(overview: Overview) -> list[str]:
    """What a reader must know before believing the rates."""
    warnings = list(overview.summary.warnings)
    for estimate in (overview.summary.rates["refuted"], overview.summary.rates["not_enough_info"]):
        warnings += [w for w in estimate.warnings if w not in warnings]
    warnings += [f"{note} ({plural(n, 'answer')})" for note, n in _ordered(overview.notes)]
    return warnings


@dataclass(frozen=True, slots=True)
class Row:
    """A count and what was counted; ``part`` says that it is a part of the row above that is not one."""

    what: str
    count: int
    part: bool = True


def counted_answers(overview: Overview) -> list[Row]:
    """The answers, in their four kinds."""
    parts = [Row(words, overview.states[state]) for state, words in STATES.items()]
    return [Row("answers", overview.responses, part=False), *parts]


def counted_claims(overview: Overview) -> list[Row]:
    """The claims and what became of them, then the failures by stage and kind."""
    kinds = overview.kinds
    rows = [
        Row("claims", kinds.total(), part=False),
        Row("checkworthy: attempted", kinds.total() - kinds["not_checkworthy"]),
        Row("with a verdict: scored", sum(kinds[k] for k in KINDS if k not in ("failed", "not_checkworthy"))),
        *(Row(f"not checked: {reason.replace('_', ' ')}", n) for reason, n in _ordered(overview.reasons)),
    ]
    if overview.unplaced:
        rows.append(Row("not placed in the text", overview.unplaced))
    rows.append(Row("failures", overview.failures.total(), part=False))
    return rows + [Row(name.replace("_", " "), n) for name, n in _ordered(overview.failures)]


def facts(overview: Overview, settings: Mapping[str, object]) -> list[tuple[str, str]]:
    """Who extracted and verified, with what, from which corpus, and the other settings as given."""
    rows = [
        ("extracted by", _named(overview.extractors) or str(settings.get("extractor", "not stated"))),
        ("verified by", _named(overview.verifiers) or str(settings.get("verifier", "not stated"))),
        ("corpus snapshot", str(settings.get("snapshot") or "") or _named(overview.snapshots) or "none"),
        ("probabilities", _calibration(overview)),
        ("intervals", _method(overview)),
    ]
    return rows + [
        (name.replace("_", " "), _said(value))
        for name, value in settings.items()
        if name not in _FROM_RESULTS and value
    ]


def _ordered(counter: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def _named(counter: Counter[str]) -> str:
    return "; ".join(name if len(counter) == 1 else f"{name} ({n:,})" for name, n in _ordered(counter))


def _calibration(overview: Overview) -> str:
    return (
        f"not calibrated for {plural(overview.uncalibrated, 'verdict')}"
        if overview.uncalibrated
        else "calibrated or none"
    )


def _method(overview: Overview) -> str:
    rate = overview.summary.rates["refuted"]
    return f"{100 * rate.level:g} %, {rate.method or 'none'}, {plural(rate.groups, 'group')}"


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(v)}" for name, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_said(v) for v in value)
    return str(value)
