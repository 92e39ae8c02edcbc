"""What came out: values and counts."""

from __future__ import annotations

from random import Random

from contrasts.registry import counts, values
from contrasts.registry.text import Opposites

__all__ = ["results"]

_KINDS = (
    *(values.value,) * 3,
    *(values.more_of,) * 3,
    *(values.difference,) * 2,
    *(values.bound,) * 2,
    values.twice,
    values.time_of,
    values.measured,
    values.best,
    counts.analysed,
    *(counts.counts,) * 4,
)


def results(random: Random) -> Opposites:
    return random.choice(_KINDS)(random)
