"""What went wrong: adverse events by cohort, as counts and shares."""

from __future__ import annotations

from random import Random

from contrasts.registry import cohorts, totals
from contrasts.registry.text import Opposites

__all__ = ["adverse"]

_KINDS = (
    *(totals.count,) * 3,
    *(totals.any_at_all,) * 2,
    totals.bound,
    totals.total,
    totals.at_risk,
    totals.family,
    *(cohorts.more_of,) * 3,
    *(cohorts.gap_or_sum,) * 2,
    *(cohorts.most,) * 2,
    cohorts.same,
    cohorts.where,
)


def adverse(random: Random) -> Opposites:
    return random.choice(_KINDS)(random)
