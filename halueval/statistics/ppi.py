"""Prediction-powered inference (PPI++): labels of some claims, corrected by verdicts on all. Never the default.

Its normal limits fail where few labels are bad: in simulations as published it covers .59 to .93 of a nominal .95. The
group form, which needs whole answers labelled, comes near .93 from about 100 labelled answers with 60 bad labels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from halueval.statistics.arguments import Counts, Vector, checked_counts, checked_level

__all__ = ["FEW_ANSWERS", "FEW_BAD", "Ppi", "ppi_plus_plus_groups", "ppi_plus_plus_mean"]

FEW_ANSWERS = 100  # labelled answers below which the interval is not to be trusted
FEW_BAD = 60  # bad labels, likewise


@dataclass(frozen=True, slots=True)
class Ppi:
    """A rate by PPI++; ``tuning`` (lambda in the paper) is the weight of the verdicts: 0 is labels alone.

    The limits are not clipped to [0, 1], as published.
    """

    rate: float | None
    low: float | None = None
    high: float | None = None
    tuning: float | None = None
    standard_error: float | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()


def ppi_plus_plus_mean(
    labels: Counts, verdicts_labelled: Counts, verdicts_unlabelled: Counts, *, level: float = 0.95
) -> Ppi:
    """The mean label by PPI++ as published, for independent claims labelled at random. Claims of answers are not.

    Parameters
    ----------
    labels, verdicts_labelled : sequence of float
        Label and verdict (or probability) of each labelled claim.
    verdicts_unlabelled : sequence of float
        The verdicts of all other claims.
    level : float
        Two-sided.

    Returns
    -------
    Ppi
        ``rate`` None without labels ("no_labels"); no limits for one label ("fewer_than_two_labels") and where nothing
        varies ("no_variation"), never a point. Constant verdicts, or none unlabelled: ``tuning`` 0.

    Notes
    -----
    Angelopoulos, Duchi and Zrnic, arXiv 2311.01453: covariance of labelled pairs with divisor n, variance of all
    verdicts with n + N - 1, variances in the interval with n and N, tuning clipped to [0, 1], normal quantile.

    Examples
    --------
    >>> found = ppi_plus_plus_mean([0.9, 0.1, 0.4, 0.8, 0.2], [0.7, 0.2, 0.35, 0.9, 0.15], [0.3, 0.6, 0.2, 0.8, 0.1])
    >>> print(f"{found.rate:.3f} [{found.low:.3f}, {found.high:.3f}], tuning {found.tuning:.2f}")
    0.450 [0.249, 0.651], tuning 0.51
    """
    z = float(ndtri((1 + checked_level(level)) / 2))
    y = _finite("labels", labels)
    f, rest = _finite("verdicts_labelled", verdicts_labelled), _finite("verdicts_unlabelled", verdicts_unlabelled)
    if len(y) != len(f):
        raise ValueError(f"labels has {len(y)} entries and verdicts_labelled {len(f)}; wanted: one of each per claim")
    n, others = len(y), len(rest)
    if not n:
        return Ppi(None, reason="no_labels")
    together = float(((y - y.mean()) * (f - f.mean())).mean())
    everything = np.concatenate([f, rest])
    spread = float(everything.var(ddof=1)) if len(everything) > 1 else 0.0
    tuning = _tuning(together, spread, n, others)
    rate = float(y.mean())
    variance = float((y - tuning * f).var()) / n
    if tuning > 0:
        rate += tuning * float(rest.mean() - f.mean())
        variance += tuning**2 * float(rest.var()) / others
    if n < 2:
        return Ppi(rate, tuning=tuning, reason="fewer_than_two_labels")
    return _limits(rate, tuning, variance, z, _warnings("labels", n, float(y.sum())))


def ppi_plus_plus_groups(
    bad_labelled: Counts,
    flagged_labelled: Counts,
    claims_labelled: Counts,
    flagged_unlabelled: Counts,
    claims_unlabelled: Counts,
    *,
    level: float = 0.95,
) -> Ppi:
    """The share of bad claims by PPI++ over answers drawn at random and labelled as a whole.

    Parameters
    ----------
    bad_labelled, flagged_labelled, claims_labelled : sequence of float
        Per answer whose claims are all labelled: bad, flagged and all claims. Answers without claims are left out.
    flagged_unlabelled, claims_unlabelled : sequence of float
        Per other answer: flagged and all claims.
    level : float
        Two-sided.

    Returns
    -------
    Ppi
        ``rate`` None without labelled answers ("no_labels"); no limits for one ("fewer_than_two_answers") and where
        nothing varies ("no_variation"). Warns below 100 labelled answers or 60 bad labels.

    Notes
    -----
    Linearised residuals of the ratios, each divided by the mean claims of its own part; covariance with divisor n - 1,
    pooled variance about 0 with n + N - 1, t with n - 1 degrees of freedom.

    Examples
    --------
    >>> found = ppi_plus_plus_groups([2, 0, 3, 1], [3, 1, 2, 1], [12, 9, 14, 8], [2, 1, 0, 5], [10, 8, 6, 17])
    >>> print(f"{found.rate:.3f} [{found.low:.3f}, {found.high:.3f}]")
    0.143 [0.002, 0.285]
    """
    checked_level(level)
    y, m = checked_counts(bad_labelled, claims_labelled, ("bad_labelled", "claims_labelled"))
    f, same = checked_counts(flagged_labelled, claims_labelled, ("flagged_labelled", "claims_labelled"))
    g, k = checked_counts(flagged_unlabelled, claims_unlabelled, ("flagged_unlabelled", "claims_unlabelled"))
    n, others = len(m), len(k)
    if not n:
        return Ppi(None, reason="no_labels")
    a, b = (_residuals(part, m) for part in (y, f))
    c = _residuals(g, k) if others else np.zeros(0)
    if n < 2:
        return Ppi(float(y.sum() / m.sum()), tuning=0.0, reason="fewer_than_two_answers")
    together = float(a @ b) / (n - 1)
    spread = float(b @ b + c @ c) / (n + others - 1)
    tuning = _tuning(together, spread, n, others) if others > 1 else 0.0
    rate = float(y.sum() / m.sum())
    left = a - tuning * b
    variance = float(left @ left) / (n - 1) / n
    if tuning > 0:
        rate += tuning * float(g.sum() / k.sum() - f.sum() / m.sum())
        variance += tuning**2 * float(c @ c) / (others - 1) / others
    t = float(stdtrit(n - 1, (1 + level) / 2))
    return _limits(rate, tuning, variance, t, _warnings("labelled answers", n, float(y.sum())))


def _residuals(part: Vector, whole: Vector) -> Vector:
    residuals: Vector = (part - part.sum() / whole.sum() * whole) / whole.mean()
    return residuals


def _tuning(together: float, spread: float, n: int, others: int) -> float:
    """How far to lean on the verdicts; not at all where they are constant or nothing is unlabelled."""
    if others == 0 or spread <= 1e-15:
        return 0.0
    return min(1.0, max(0.0, together / ((1 + n / others) * spread)))


def _limits(rate: float, tuning: float, variance: float, quantile: float, warnings: tuple[str, ...]) -> Ppi:
    error = math.sqrt(variance)
    if error <= 1e-15:
        return Ppi(rate, None, None, tuning, None, "no_variation", warnings)
    return Ppi(rate, rate - quantile * error, rate + quantile * error, tuning, error, "", warnings)


def _warnings(what: str, number: int, bad: float) -> tuple[str, ...]:
    """Said where the normal limits are known to fail."""
    seen = ((number, what, FEW_ANSWERS), (bad, "bad labels", FEW_BAD))
    few = [f"{found:g} {name}" for found, name, least in seen if found < least]
    if not few:
        return ()
    return (f"only {' and '.join(few)}: PPI++ holds from about {FEW_ANSWERS} {what} and {FEW_BAD} bad labels on",)


def _finite(name: str, values: Sequence[float] | NDArray[np.float64] | NDArray[np.int64]) -> Vector:
    vector: Vector = np.asarray(values, dtype=np.float64)
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise ValueError(f"{name} is no list of finite numbers; wanted: one number per claim")
    return vector
