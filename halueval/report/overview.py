"""One pass over the results: everything that the report says besides the answers themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from halueval.metrics import Counts, Summary, Tally
from halueval.records import Result, Verdict
from halueval.report.wording import KindName

__all__ = ["Overview", "survey"]

_SNAPSHOTS = 20  # distinct ones that are named; it bounds memory


@dataclass(frozen=True, slots=True)
class Overview:
    """The summary of the results, and what the verdicts rest on.

    ``snapshots`` counts the responses judged by each corpus, ``uncalibrated`` the verdicts whose probabilities don't
    claim to mean what they say.
    """

    summary: Summary
    snapshots: dict[str, int]
    uncalibrated: int

    @property
    def counts(self) -> Counts:
        """What was attempted and what came of it."""
        return self.summary.counts

    @property
    def kinds(self) -> dict[KindName, int]:
        """How many claims became what, in the order of :data:`halueval.report.wording.KINDS`."""
        counts = self.counts
        return {
            "refuted": counts.refuted,
            "failed": counts.claims_failed,
            "undecided": counts.undecided,
            "nothing_found": counts.nothing_found,
            "supported": counts.supported,
            "not_checkworthy": sum(counts.not_checkworthy.values()),
        }


def survey(results: Iterable[Result], level: float = 0.95) -> Overview:
    """Go through the results once; memory grows by a few numbers per response."""
    tally, snapshots, uncalibrated = Tally(level=level), Counter[str](), 0
    for result in results:
        tally.add(result)
        verdicts = [outcome for outcome in result.outcomes if isinstance(outcome, Verdict)]
        uncalibrated += sum(v.probabilities is not None and not v.calibrated for v in verdicts)
        for snapshot in sorted({e.snapshot for v in verdicts for e in v.evidence if e.snapshot}):
            snapshots[snapshot if snapshot in snapshots or len(snapshots) < _SNAPSHOTS else "others"] += 1
    return Overview(tally.summary(), dict(sorted(snapshots.items())), uncalibrated)
