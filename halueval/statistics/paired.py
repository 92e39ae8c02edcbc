"""Two models on the prompts that both answered, put into one record that can be printed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from halueval.statistics.arguments import Vector
from halueval.statistics.comparison import log_rate_ratio, paired_difference, swap_permutation_exact
from halueval.statistics.estimate import shown
from halueval.statistics.rates import Share, Terms, VerdictTable

__all__ = ["Comparison", "compared"]

_REASONS = {
    "no_shared_prompts": "no prompt for which both have claims with a verdict",
    "fewer_than_two_prompts": "only one prompt for which both have claims with a verdict",
    "no_variation": "the difference is the same on every prompt",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the prompts that both answered: the difference of their rates with its interval, and a p value.

    ``p`` is that of the swap permutation test; ``ratio`` is the rate of ``a`` over the rate of ``b``, None where either
    is 0. ``reason`` says why a difference or an interval is missing.

    Examples
    --------
    >>> print(Comparison("a", "b", "refuted", 0.12, 0.06, 0.06, -0.01, 0.13, 0.08, 2.0, 0.9, 4.4, 50))
    refuted: a 12.0 %, b 6.0 %; difference +6.0 points [-1.0, +13.0] at 95 %, p = 0.08 (swap permutation), \
50 prompts answered by both
    """

    a: str
    b: str
    rate: str
    rate_a: float | None
    rate_b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    prompts: int
    level: float = 0.95
    method: str = ""
    reason: str = ""

    def __str__(self) -> str:
        """As it is printed: both rates, the difference in percentage points, the p value."""
        if self.difference is None or self.rate_a is None or self.rate_b is None:
            return f"{self.rate}: {self.a} and {self.b} cannot be compared ({self.reason})"
        interval = (
            f"(no interval: {self.reason})"
            if self.low is None or self.high is None
            else f"[{100 * self.low:+.1f}, {100 * self.high:+.1f}] at {100 * self.level:g} %"
        )
        p = "" if self.p is None else f", p = {self.p:.2g} (swap permutation)"
        return (
            f"{self.rate}: {self.a} {shown(self.rate_a)}, {self.b} {shown(self.rate_b)}; difference "
            f"{100 * self.difference:+.1f} points {interval}{p}, {self.prompts:,} prompts answered by both"
        )


def compared(
    a: tuple[str, VerdictTable], b: tuple[str, VerdictTable], rate: str, share: Share, terms: Terms
) -> Comparison:
    """The comparison of two tables whose groups are numbered alike: equal numbers are the same prompt."""
    groups = 1 + max((int(table.group.max()) for _, table in (a, b) if len(table.group)), default=-1)

    def sums(table: VerdictTable, weights: tuple[float, ...]) -> Vector:
        values = table.by_group(table.verdicts @ np.array(weights, dtype=np.float64))
        return np.pad(values, (0, groups - len(values)))

    bad_a, claims_a = sums(a[1], share.numerator), sums(a[1], share.denominator)
    bad_b, claims_b = sums(b[1], share.numerator), sums(b[1], share.denominator)
    both = (claims_a > 0) & (claims_b > 0)
    found = paired_difference(bad_a, claims_a, bad_b, claims_b, level=terms.level)
    test = swap_permutation_exact(bad_a, claims_a, bad_b, claims_b)
    ratio = log_rate_ratio(bad_a, claims_a, bad_b, claims_b, level=terms.level)
    return Comparison(
        a[0],
        b[0],
        rate,
        float(bad_a[both].sum() / claims_a[both].sum()) if both.any() else None,
        float(bad_b[both].sum() / claims_b[both].sum()) if both.any() else None,
        found.difference,
        found.low,
        found.high,
        test.p,
        ratio.ratio,
        ratio.low,
        ratio.high,
        found.prompts,
        terms.level,
        f"paired linearised t; {'; '.join(p for p in (share.note, f'{test.permutations:,} swaps') if p)}",
        _REASONS.get(found.reason, found.reason),
    )
