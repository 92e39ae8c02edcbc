"""One pass over the results: everything that the report says besides the answers themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from halueval.metrics import Summary, Tally
from halueval.records import Failure, Result, State, Verdict
from halueval.report.wording import KindName, claims_with_outcomes, kind_of

__all__ = ["Overview", "survey"]

# Distinct names, reasons and warnings that are kept apart; beyond them they are counted together. It bounds memory.
_DISTINCT = 50
_OTHERS = "others"


@dataclass(slots=True)
class Overview:
    """What one pass found: the rates, and counts of everything that the page, the tables and the JSON name."""

    summary: Summary
    responses: int = 0
    states: Counter[State] = field(default_factory=Counter)
    kinds: Counter[KindName] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    extractors: Counter[str] = field(default_factory=Counter)
    verifiers: Counter[str] = field(default_factory=Counter)
    snapshots: Counter[str] = field(default_factory=Counter)
    unplaced: int = 0
    uncalibrated: int = 0


def survey(results: Iterable[Result], level: float = 0.95) -> Overview:
    """Go through the results once; memory does not grow with their number beyond what the rates need."""
    tally = Tally(level=level)
    seen = Overview(summary=None)  # type: ignore[arg-type]
    for result in results:
        tally.add(result)
        _add(seen, result)
    seen.summary = tally.summary()
    return seen


def _add(seen: Overview, result: Result) -> None:
    extraction = result.extraction
    seen.responses += 1
    seen.states[result.state] += 1
    if extraction.failure is not None:
        _count(seen.failures, _failure_name(extraction.failure))
    if extraction.extractor.name:
        who = extraction.extractor
        standing = f" on {who.pipeline}" if who.pipeline else ""
        _count(seen.extractors, " ".join(filter(None, (who.name, who.version))) + standing)
    for note in extraction.warnings:
        _count(seen.notes, note)
    snapshots = set()
    for claim, outcome in claims_with_outcomes(result):
        seen.kinds[kind_of(claim, outcome)] += 1
        seen.unplaced += not claim.spans
        if not claim.checkworthy:
            _count(seen.reasons, claim.reason or "no reason given")
        if isinstance(outcome, Failure):
            _count(seen.failures, _failure_name(outcome))
        elif isinstance(outcome, Verdict):
            _count(seen.verifiers, outcome.verifier or "unnamed")
            seen.uncalibrated += outcome.probabilities is not None and not outcome.calibrated
            snapshots |= {e.snapshot for e in outcome.evidence if e.snapshot}
    for snapshot in sorted(snapshots):
        _count(seen.snapshots, snapshot)


def _failure_name(failure: Failure) -> str:
    return f"{failure.stage}: {failure.kind}"


def _count(counter: Counter[str], name: str) -> None:
    counter[name if name in counter or len(counter) < _DISTINCT else _OTHERS] += 1
