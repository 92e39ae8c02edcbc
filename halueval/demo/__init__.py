"""A small example of everything, written for this project: answers, evidence, and the true label of every statement.

It is a demo, not a corpus to evaluate with. Because every true label is known, it also says how many verdicts were
right: see :func:`score_demo`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from halueval.records import LABELS, Claim, Label, Result, Verdict

__all__ = ["DemoScore", "demo_answers", "demo_documents", "score_demo"]

# A claim that joins several labelled statements is as bad as the worst of them.
_WORST_FIRST: tuple[Label, ...] = ("refuted", "not_enough_info", "supported")
_COVERED = 0.5  # share of a labelled statement's characters that a claim must rest on to be judged by it


@dataclass(frozen=True, slots=True)
class DemoScore:
    """How many of the demo's verdicts are right.

    ``table[true][given]`` counts verdicts, ``given`` being a label or "failure". ``unlabelled`` are checkworthy claims
    that rest on no labelled statement; ``missed`` are labelled statements that no checkworthy claim rests on.
    """

    table: dict[Label, dict[str, int]]
    unlabelled: int
    missed: int

    @property
    def right(self) -> int:
        """Verdicts that give the true label."""
        return sum(self.table[label][label] for label in LABELS)

    @property
    def scored(self) -> int:
        """Claims with a true label."""
        return sum(sum(row.values()) for row in self.table.values())

    def __str__(self) -> str:
        """One paragraph for the end of the demo."""
        rows = [
            f"  truly {label.replace('_', ' ')}: {sum(row.values())} claims, verdicts "
            + ", ".join(f"{given.replace('_', ' ')} {n}" for given, n in row.items() if n)
            for label, row in self.table.items()
        ]
        given = {label: sum(self.table[truth][label] for truth in LABELS) for label in LABELS[:2]}
        decided, right = sum(given.values()), sum(self.table[label][label] for label in LABELS[:2])
        return "\n".join(
            [
                f"{self.right} of {self.scored} verdicts are right; of the {decided} that decide, {right}"
                f" ({self.unlabelled} claims have no true label, {self.missed} labelled statements were not claimed).",
                *rows,
                "This is a demo, not a corpus to evaluate with.",
            ]
        )


def demo_answers() -> list[dict[str, Any]]:
    """The 18 answers, as rows with ``id``, ``prompt``, ``response`` and ``model``.

    Examples
    --------
    >>> len(demo_answers())
    18
    """
    return _rows("answers.jsonl")


def demo_documents() -> list[dict[str, Any]]:
    """The evidence, as rows with ``doc_id``, ``title``, ``text``, ``source``, ``date`` and ``licence``.

    Examples
    --------
    >>> demo_documents()[0]["doc_id"]
    'paracetamol-dose'
    """
    return _rows("corpus.jsonl")


def score_demo(results: Iterable[Result]) -> DemoScore:
    """Compare verdicts on the demo's answers with the true labels.

    A claim's true label is the worst of the labelled statements it rests on (refuted, then not enough info, then
    supported), so that extractors of any grain can be scored.

    Examples
    --------
    >>> score_demo([]).scored
    0
    """
    labels = {row["id"]: row["labels"] for row in _rows("labels.jsonl")}
    table: dict[Label, dict[str, int]] = {t: dict.fromkeys((*LABELS, "failure"), 0) for t in LABELS}
    unlabelled = missed = 0
    for result in results:
        statements = labels.get(result.response.id, [])
        claimed: set[int] = set()
        checkworthy = [c for c in result.extraction.claims if c.checkworthy]
        for claim, outcome in zip(checkworthy, result.outcomes, strict=True):
            covered = [i for i, s in enumerate(statements) if _rests_on(claim, s)]
            claimed.update(covered)
            if not covered:
                unlabelled += 1
                continue
            truth = min((statements[i]["label"] for i in covered), key=_WORST_FIRST.index)
            table[truth][outcome.label if isinstance(outcome, Verdict) else "failure"] += 1
        missed += len(statements) - len(claimed)
    return DemoScore(table, unlabelled, missed)


def _rests_on(claim: Claim, statement: dict[str, Any]) -> bool:
    start, end = statement["start"], statement["end"]
    shared = sum(max(0, min(end, s.end) - max(start, s.start)) for s in claim.spans)
    return bool(shared >= _COVERED * (end - start))


def _rows(name: str) -> list[dict[str, Any]]:
    text = (files("halueval.demo") / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]
