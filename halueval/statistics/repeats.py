"""One model asked the same prompts several times: how much of a rate's error comes from where.

Prompts differ, and that error only more prompts can mend. The same prompt answered again differs too, and that error
more runs can mend. And a whole run can be off (another server, another day), which neither does. The three are told
apart by an analysis of variance of the rate's linearised residuals, prompts by runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc, stdtrit

from halueval.statistics.arguments import Vector, checked_level

__all__ = ["Repeats", "repeats"]


@dataclass(frozen=True, slots=True)
class Repeats:
    """A rate over prompts asked several times, with its variance in three parts.

    ``between_prompts``, ``between_runs`` and ``within`` are standard deviations of an answer's contribution (in the
    rate's own unit, answers weighted by their claims): of prompts, of whole runs, and of the same prompt answered
    again. ``standard_error`` is that of the rate for new prompts and new runs; ``rerun_error`` for the same prompts
    asked as many times again, which is what two results on one benchmark may differ by without meaning anything:
    ``rerun_low`` and ``rerun_high``.
    ``run_p`` tests whether runs differ by more than their answers explain.
    """

    rate: float | None
    run_rates: tuple[float, ...] = ()
    between_prompts: float | None = None
    between_runs: float | None = None
    within: float | None = None
    standard_error: float | None = None
    rerun_error: float | None = None
    rerun_low: float | None = None
    rerun_high: float | None = None
    run_p: float | None = None
    prompts: int = 0
    runs: int = 0
    prompts_left_out: int = 0
    level: float = 0.95
    reason: str = ""

    @property
    def share_of_prompts(self) -> float | None:
        """How much of the rate's variance only more prompts can lower; the rest, more runs."""
        if not self.standard_error or self.between_prompts is None:
            return None
        return min(1.0, self.between_prompts**2 / self.prompts / self.standard_error**2)

    def error_with(self, prompts: int, runs: int) -> float | None:
        """The standard error that so many prompts, each asked so many times, would give."""
        if prompts < 1 or runs < 1:
            raise ValueError(f"prompts is {prompts} and runs {runs}; wanted: at least 1 of each")
        if self.between_prompts is None or self.between_runs is None or self.within is None:
            return None
        return math.sqrt(
            self.between_prompts**2 / prompts + self.between_runs**2 / runs + self.within**2 / (prompts * runs)
        )

    def __str__(self) -> str:
        """As it is printed.

        Examples
        --------
        >>> print(repeats([[2, 1, 2], [0, 0, 1], [4, 5, 3]], [[10, 9, 11], [8, 8, 9], [12, 12, 10]]))
        20.2 % over 3 prompts asked 3 times; standard error 9.1 points, 93 % of its variance from prompts
          standard deviation of an answer: between prompts 15.2 points, same prompt again 7.3, whole runs 0.0 (p = 0.99)
          the same prompts, asked as many times again: 10.7 % to 29.7 % at 95 %
        """
        if self.rate is None:
            return f"undefined ({self.reason})"
        head = f"{100 * self.rate:.1f} % over {self.prompts:,} prompts asked {self.runs} times"
        if self.standard_error is None or self.share_of_prompts is None:
            return f"{head}; no parts of variance: {self.reason}"
        left_out = f"\n  {self.prompts_left_out:,} prompts left out: not answered in every run"
        p = "" if self.run_p is None else f" (p = {self.run_p:.2g})"
        again = f"{100 * (self.rerun_low or 0):.1f} % to {100 * (self.rerun_high or 0):.1f} %"
        return (
            f"{head}; standard error {100 * self.standard_error:.1f} points, {100 * self.share_of_prompts:.0f} % of "
            f"its variance from prompts\n  standard deviation of an answer: between prompts "
            f"{100 * (self.between_prompts or 0):.1f} points, same prompt again {100 * (self.within or 0):.1f}, "
            f"whole runs {100 * (self.between_runs or 0):.1f}{p}"
            f"\n  the same prompts, asked as many times again: {again} at {100 * self.level:g} %"
            + (left_out if self.prompts_left_out else "")
        )


def repeats(bad: ArrayLike, claims: ArrayLike, *, level: float = 0.95) -> Repeats:
    """Between-prompt and between-run variance of the share of bad claims, apart.

    Parameters
    ----------
    bad, claims : array of shape (prompts, runs)
        Counts of each answer; NaN where a run has no answer for a prompt (a failure of ours): such prompts are left
        out and counted. An answer without claims is 0 of 0 and stays in.
    level : float
        Of ``rerun_low`` and ``rerun_high``, two-sided.

    Returns
    -------
    Repeats
        ``rate`` None without claims ("no_claims"). Only the rate for one prompt ("fewer_than_two_prompts"), for one run
        ("fewer_than_two_runs": nothing was repeated) and where nothing varies ("no_variation").

    Raises
    ------
    ValueError
        For arrays of different shape, negative counts, more bad claims than claims.

    Notes
    -----
    Contributions d = (y - R m) / mean(m) have the rate's linearised variance. Two-way random effects without
    replication: E(MS prompts) = K p² + w², E(MS runs) = G r² + w², E(MS rest) = w²; parts below 0 are 0. Several runs
    do not replace prompts: for an interval sum the counts of a prompt over its runs, and take
    :func:`halueval.statistics.guarded_korn_graubard`; for two models compare these sums.
    Searle, Casella and McCulloch, Variance Components (1992), chapter 4.

    Examples
    --------
    >>> claims = [[10, 9, 11], [8, 8, 9], [12, 12, 10], [9, 9, 9]]
    >>> found = repeats([[2, 1, 2], [0, 0, 1], [4, 5, 3], [1, 0, 0]], claims)
    >>> print(f"{found.rate:.3f}: prompts {found.between_prompts:.3f}, again {found.within:.3f}")
    0.164: prompts 0.152, again 0.071
    """
    checked_level(level)
    y, m = (np.asarray(values, dtype=np.float64) for values in (bad, claims))
    if y.ndim != 2 or y.shape != m.shape:
        raise ValueError(f"bad is of shape {y.shape} and claims of {m.shape}; wanted: prompts in rows, runs in columns")
    complete = ~(np.isnan(y) | np.isnan(m)).any(axis=1)
    left_out, runs = int((~complete).sum()), y.shape[1]
    y, m = y[complete], m[complete]
    if not (np.isfinite(m) & (y >= 0) & (y <= m)).all():
        raise ValueError("bad or claims has an entry that is negative, not finite, or more bad claims than claims")
    prompts, total = len(y), float(m.sum())
    if not total:
        return Repeats(None, prompts=prompts, runs=runs, prompts_left_out=left_out, level=level, reason="no_claims")
    rate = float(y.sum()) / total
    each = tuple(float(a / b) if b else math.nan for a, b in zip(y.sum(axis=0), m.sum(axis=0), strict=True))
    values: Vector = (y - rate * m) / m.mean()
    reason = (
        "fewer_than_two_prompts"
        if prompts < 2
        else "fewer_than_two_runs"
        if runs < 2
        else "no_variation"
        if float((values**2).sum()) <= 1e-24
        else ""
    )
    if reason:
        return Repeats(rate, each, prompts=prompts, runs=runs, prompts_left_out=left_out, level=level, reason=reason)
    of_prompt, of_run = values.mean(axis=1), values.mean(axis=0)
    rest = values - of_prompt[:, None] - of_run[None, :] + values.mean()
    ms_prompts = runs * float(((of_prompt - values.mean()) ** 2).sum()) / (prompts - 1)
    ms_runs = prompts * float(((of_run - values.mean()) ** 2).sum()) / (runs - 1)
    ms_rest = float((rest**2).sum()) / ((prompts - 1) * (runs - 1))
    part_prompts, part_runs = max(0.0, (ms_prompts - ms_rest) / runs), max(0.0, (ms_runs - ms_rest) / prompts)
    rerun = math.sqrt(part_runs / runs + ms_rest / (prompts * runs))
    # with a part for runs there are only so many runs to learn from
    free = runs - 1 if part_runs > 0 else (prompts - 1) * (runs - 1)
    half = math.sqrt(2) * float(stdtrit(free, (1 + level) / 2)) * rerun
    return Repeats(
        rate,
        each,
        math.sqrt(part_prompts),
        math.sqrt(part_runs),
        math.sqrt(ms_rest),
        math.sqrt(part_prompts / prompts + part_runs / runs + ms_rest / (prompts * runs)),
        rerun,
        max(0.0, rate - half),
        min(1.0, rate + half),
        float(fdtrc(runs - 1, (prompts - 1) * (runs - 1), ms_runs / ms_rest)) if ms_rest > 0 else None,
        prompts,
        runs,
        left_out,
        level,
    )
