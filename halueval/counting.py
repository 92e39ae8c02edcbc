"""What is counted by name while results are added up: states, reasons, failures, who did it, and what it cost."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from halueval.records import LABELS, Cost, Extraction, Failure, Outcome, Verdict, total_cost

__all__ = ["Counts", "Named", "count"]

# Distinct texts of one kind (warnings, names) that are kept apart, so that memory is bounded whatever a plug-in says.
_DISTINCT, _OTHERS = 100, "others"
# A warning that ends with a number says how many: of all responses it is said once, with the sum.
_COUNTED = re.compile(r"(?s)(.{1,300}): ([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Counts:
    """What was attempted, what came of it, and who did it. The four kinds of response add up to ``responses``.

    ``costs`` says, by step, what calls of chat models took; empty where none was made. ``voted`` counts the claims that
    two judges of a panel or more gave a label, ``split`` those of them that got more than one; ``searched`` the claims
    that a verifier searched for itself, with ``queries`` in all.
    """

    responses: int = 0
    with_claims: int = 0
    nothing_checkworthy: int = 0
    abstained: int = 0
    failed: int = 0
    responses_scored: int = 0
    groups: int = 0
    words: int = 0
    claims: int = 0
    claims_attempted: int = 0
    claims_scored: int = 0
    claims_failed: int = 0
    supported: int = 0
    refuted: int = 0
    not_enough_info: int = 0
    nothing_found: int = 0
    undecided: int = 0
    unplaced: int = 0
    not_checkworthy: dict[str, int] = field(default_factory=dict)
    failures: dict[str, dict[str, int]] = field(default_factory=dict)
    verifiers: dict[str, int] = field(default_factory=dict)
    extractors: dict[str, int] = field(default_factory=dict)
    costs: dict[str, Cost] = field(default_factory=dict)
    voted: int = 0
    split: int = 0
    searched: int = 0
    queries: int = 0


@dataclass(slots=True)
class Named:
    """What is counted by name for one model."""

    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)
    verifiers: Counter[str] = field(default_factory=Counter)
    extractors: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    trails: Counter[str] = field(default_factory=Counter)
    costs: dict[str, Cost] = field(default_factory=dict)
    claims: int = 0
    unplaced: int = 0

    def see_extraction(self, extraction: Extraction) -> None:
        """Count who extracted, what was said of it and what it took."""
        count(self.extractors, _extractor(extraction))
        for warning in extraction.warnings:
            counted = _COUNTED.fullmatch(warning)
            count(self.warnings, counted[1] if counted else warning)
            if counted and counted[1] in self.warnings:
                self.sums[counted[1]] += int(counted[2])
        self._spend("extraction", _extraction_cost(extraction))

    def see_outcome(self, outcome: Outcome) -> None:
        """Count who judged and how, or what failed, and what it took."""
        self._spend("verification", outcome.cost)
        if isinstance(outcome, Failure):
            self.failures[outcome.stage, outcome.kind] += 1
        else:
            count(self.verifiers, outcome.verifier)
            self.trails.update(_trail(outcome))

    def _spend(self, step: str, cost: Cost) -> None:
        """Add what a step took for one item: of claims that were asked about together, one has the call."""
        if cost.calls or cost.prompt_tokens or cost.completion_tokens:
            self.costs[step] = total_cost((self.costs.get(step, Cost()), cost))

    def said_warnings(self) -> list[str]:
        """The warnings, each with how many there were and of how many responses, the most frequent first."""
        said = []
        for text, number in self.warnings.most_common():
            total = f": {self.sums[text]:,}" if text in self.sums else ""
            said.append(f"{text}{total} ({number:,} response{'' if number == 1 else 's'})")
        return said

    def added(self, other: Named) -> Named:
        steps = (*self.costs, *(step for step in other.costs if step not in self.costs))
        return Named(
            self.states + other.states,
            self.reasons + other.reasons,
            self.failures + other.failures,
            self.verifiers + other.verifiers,
            self.extractors + other.extractors,
            self.warnings + other.warnings,
            self.sums + other.sums,
            self.trails + other.trails,
            {step: total_cost((self.costs.get(step, Cost()), other.costs.get(step, Cost()))) for step in steps},
            self.claims + other.claims,
            self.unplaced + other.unplaced,
        )


def count(counter: Counter[str], name: str) -> None:
    """One more of that name; a name too many is one of the others."""
    if name:
        counter[name if name in counter or len(counter) < _DISTINCT else _OTHERS] += 1


def _extractor(extraction: Extraction) -> str:
    who = extraction.extractor
    return " ".join(part for part in (who.name, who.version, f"({who.pipeline})" if who.pipeline else "") if part)


def _extraction_cost(extraction: Extraction) -> Cost:
    """What extraction took; a failure carries the cost where the extraction does not."""
    failure = extraction.failure
    if extraction.cost.calls or failure is None or failure.stage != "extraction":
        return extraction.cost
    return failure.cost


def _trail(verdict: Verdict) -> dict[str, int]:
    """What is counted of a panel's votes and of a search; whether judges agree is asked of those that gave a label."""
    labels = [vote for vote in verdict.votes.values() if vote in LABELS]
    counted = {"voted": 1, "split": int(len(set(labels)) > 1)} if len(labels) > 1 else {}
    return counted | ({"searched": 1, "queries": len(verdict.searches)} if verdict.searches else {})
