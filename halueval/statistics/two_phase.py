"""Double sampling by verdict: the verifier sees every claim, a person labels some within each verdict.

The rate is the share of claims with each verdict times the share of bad ones among that verdict's labels. Its interval
moves the Wilson limits of those shares into the sum (MOVER) and adds what the sampling of answers contributes. The
guard, measured in ``docs/decisions/0091-verifier-errors.md``, counts labels of one answer for fewer than they are and
lets bad claims cluster in answers within a verdict, which few labels cannot show.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from halueval.statistics.arguments import Counts, Vector, checked_counts, checked_level, checked_prior
from halueval.statistics.guarded import PRIOR_ICC, PRIOR_WEIGHT
from halueval.statistics.intervals import wilson
from halueval.statistics.ratios import icc_anova

__all__ = [
    "WITHIN_ICC",
    "LabelDesignEffect",
    "TwoPhase",
    "label_design_effect",
    "two_phase_mover_wilson",
    "two_phase_strata",
]

WITHIN_ICC = 0.20  # how alike claims of one answer with the same verdict are taken to be


@dataclass(frozen=True, slots=True)
class LabelDesignEffect:
    """How many labels of one stratum are worth one independent label; ``rho_tilde`` is the correlation used."""

    label_design_effect: float | None
    m_a: float | None = None
    icc: float | None = None
    rho_tilde: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TwoPhase:
    """A rate from labels drawn within strata, with its interval and everything that went into it.

    ``weights`` are the strata's shares of all claims, ``bad_shares`` the shares of bad ones among their labels (None
    where a stratum is empty or has no labels). ``variance_of_shares`` comes from the sampling of answers as the
    verdicts show it, ``variance_within`` from bad claims that cluster in answers within a stratum.
    """

    rate: float | None
    low: float | None = None
    high: float | None = None
    weights: tuple[float, ...] = ()
    bad_shares: tuple[float | None, ...] = ()
    variance_of_shares: float | None = None
    variance_within: float | None = None
    groups: int = 0
    claims: float = 0.0
    reason: str = ""


def label_design_effect(
    labels: Counts, bad: Counts, *, prior_icc: float = PRIOR_ICC, prior_weight: float = PRIOR_WEIGHT
) -> LabelDesignEffect:
    """How much less the labels of one stratum say because several come from one answer.

    Parameters
    ----------
    labels, bad : sequence of float
        Per answer the labelled claims of the stratum and the bad ones among them; answers without labels are left out.
    prior_icc, prior_weight : float
        The guard, as in :func:`halueval.statistics.guarded_korn_graubard`.

    Returns
    -------
    LabelDesignEffect
        Exactly 1 with one label per answer; the number of labels where all come from one answer; None without labels
        ("no_labels").

    Notes
    -----
    max(1, 1 + (m_a - 1) rho) with m_a = Σ n_g² / Σ n_g over answers with n_g labels, and rho the estimated intraclass
    correlation mixed with the prior as in :func:`halueval.statistics.guarded_korn_graubard`. Kish, Survey Sampling
    (1965).

    Examples
    --------
    >>> round(label_design_effect([1, 3, 2, 1, 4, 1, 1], [0, 2, 1, 0, 0, 1, 0]).label_design_effect, 4)
    1.2916
    >>> label_design_effect([0, 0], [0, 0]).reason
    'no_labels'
    """
    checked_prior(prior_icc, prior_weight)
    x, n = checked_counts(bad, labels, ("bad", "labels"))
    total = float(n.sum())
    if total == 0:
        return LabelDesignEffect(None, reason="no_labels")
    m_a = float(n @ n) / total
    if len(n) < 2:
        return LabelDesignEffect(m_a, m_a, None, 1.0)
    icc = icc_anova(x, n).value
    rarer = min(float(x.sum()), total - float(x.sum()))
    strength = rarer + prior_weight
    rho = (rarer * max(0.0, icc or 0.0) + prior_weight * prior_icc) / strength if strength > 0 else prior_icc
    return LabelDesignEffect(max(1.0, 1 + (m_a - 1) * rho), m_a, icc, rho)


def two_phase_mover_wilson(
    flagged: Counts,
    claims: Counts,
    labelled: Mapping[str, float],
    labelled_bad: Mapping[str, float],
    *,
    label_design_effect: Mapping[str, float] | None = None,
    within_icc: float = WITHIN_ICC,
    level: float = 0.95,
) -> TwoPhase:
    """The rate of bad claims from labels drawn at random within flagged and within unflagged claims.

    Parameters
    ----------
    flagged, claims : sequence of float
        Per answer the claims that the verifier calls bad, and all claims; answers without claims are left out.
    labelled, labelled_bad : mapping
        For "flagged" and "unflagged": claims with a hand label, and those of them labelled bad.
    label_design_effect : mapping, optional
        For both: :func:`label_design_effect` of the labels; 1 where not given.
    within_icc : float
        0 gives the plain form, for the rate in exactly these answers. As part of the guard: 0.20.
    level : float
        Two-sided.

    Returns
    -------
    TwoPhase
        See :func:`two_phase_strata`, with the strata flagged, unflagged.

    Examples
    --------
    >>> found = two_phase_mover_wilson(
    ...     [3, 1, 4, 0, 2, 5, 1, 2, 0, 3],
    ...     [12, 8, 15, 9, 11, 20, 6, 14, 10, 13],
    ...     {"flagged": 21, "unflagged": 60},
    ...     {"flagged": 14, "unflagged": 2},
    ...     label_design_effect={"flagged": 1.25, "unflagged": 1.7},
    ... )
    >>> print(f"{found.rate:.4f} [{found.low:.4f}, {found.high:.4f}]")
    0.1460 [0.0522, 0.2763]
    """
    some, m = checked_counts(flagged, claims, ("flagged", "claims"))
    names = ("flagged", "unflagged")
    return two_phase_strata(
        np.stack([some, m - some]),
        [labelled[name] for name in names],
        [labelled_bad[name] for name in names],
        None if label_design_effect is None else [label_design_effect[name] for name in names],
        within_icc=within_icc,
        level=level,
    )


def two_phase_strata(
    counts: NDArray[np.float64] | Sequence[Sequence[float]],
    labelled: Sequence[float],
    labelled_bad: Sequence[float],
    design_effects: Sequence[float] | None = None,
    *,
    within_icc: float = WITHIN_ICC,
    level: float = 0.95,
) -> TwoPhase:
    """The rate of bad claims from labels drawn at random within any number of strata.

    Parameters
    ----------
    counts : array of shape (strata, answers)
        All claims of the run; answers without claims are left out.
    labelled, labelled_bad : sequence of float
        Per stratum the labels, and the bad ones among them.
    design_effects : sequence of float, optional
        Per stratum :func:`label_design_effect` of its labels; 1 where not given. That of a stratum without labels is
        not looked at.
    within_icc, level
        As for :func:`two_phase_mover_wilson`.

    Returns
    -------
    TwoPhase
        ``rate`` None without claims ("no_claims") and where a stratum has claims but no label ("unlabelled_stratum");
        no limits with one answer ("fewer_than_two_answers"). A stratum without claims is skipped. Limits of exactly 0
        (no bad label) and 1 (only bad ones).

    Notes
    -----
    theta = Σ W_h q_h, limits theta ∓ sqrt(Σ W_h² (q_h - limit_h)² + z² (V_W + V_within)), clipped to [0, 1], with
    Wilson limits at (x_h/d_h, n_h/d_h), V_W = G/(G-1) Σ (Σ c_gh q_h - theta m_g)²/N² and
    V_within = (m_a - 1) within_icc Σ W_h q_h (1 - q_h)/N, m_a = Σ m_g²/N. MOVER: Zou and Donner, Stat Med 27:1693
    (2008); double sampling: Tenenbein, J Am Stat Assoc 65:1350 (1970).

    Examples
    --------
    >>> found = two_phase_strata([[3, 0, 4], [5, 9, 6]], [7, 12], [6, 1])
    >>> print(f"{found.rate:.3f} [{found.low:.3f}, {found.high:.3f}]")
    0.284 [0.017, 0.601]
    """
    z = float(ndtri((1 + checked_level(level)) / 2))
    c, n, x, d = _checked(counts, labelled, labelled_bad, design_effects)
    if not 0 <= within_icc <= 1:
        raise ValueError(f"within_icc is {within_icc}; wanted: a share from 0 to 1")
    m = c.sum(axis=0)
    c, m = c[:, m > 0], m[m > 0]
    groups, total = len(m), float(m.sum())
    if not groups:
        return TwoPhase(None, reason="no_claims")
    sizes = c.sum(axis=1)
    weights = sizes / total
    shares = tuple(float(b / a) if a > 0 and w > 0 else None for a, b, w in zip(n, x, sizes, strict=True))
    named = tuple(map(float, weights))
    used = sizes > 0
    if (n[used] == 0).any():
        return TwoPhase(None, None, None, named, shares, groups=groups, claims=total, reason="unlabelled_stratum")
    c, n, x, d, w = c[used], n[used], x[used], d[used], weights[used]
    q = x / n
    # a sum of weights can miss 1 by the last digit
    rate = 1.0 if (x == n).all() else float(w @ q)
    if groups < 2:
        return TwoPhase(rate, None, None, named, shares, None, None, groups, total, "fewer_than_two_answers")
    residuals = q @ c - rate * m
    of_shares = float(groups / (groups - 1) * (residuals @ residuals) / total**2)
    within = (float(m @ m) / total - 1) * within_icc * float(w @ (q * (1 - q))) / total
    limits = [wilson(float(b / e), float(a / e), level=level) for a, b, e in zip(n, x, d, strict=True)]
    lows, highs = (np.array([getattr(found, end) for found in limits]) for end in ("low", "high"))
    spread = z * z * (of_shares + within)
    low = max(0.0, rate - math.sqrt(float(w**2 @ (q - lows) ** 2) + spread))
    high = min(1.0, rate + math.sqrt(float(w**2 @ (highs - q) ** 2) + spread))
    return TwoPhase(rate, low, high, named, shares, of_shares, within, groups, total)


def _checked(
    counts: NDArray[np.float64] | Sequence[Sequence[float]],
    labelled: Sequence[float],
    labelled_bad: Sequence[float],
    design_effects: Sequence[float] | None,
) -> tuple[NDArray[np.float64], Vector, Vector, Vector]:
    c = np.asarray(counts, dtype=np.float64)
    if c.ndim != 2:
        raise ValueError(f"counts has {c.ndim} dimensions; wanted: two, strata by answers")
    if (~np.isfinite(c) | (c < 0)).any():
        raise ValueError("counts holds a number that is negative or not finite; wanted: claims per stratum and answer")
    n, x = np.asarray(labelled, dtype=np.float64), np.asarray(labelled_bad, dtype=np.float64)
    d = np.ones(len(c)) if design_effects is None else np.asarray(design_effects, dtype=np.float64)
    for name, values in (("labelled", n), ("labelled_bad", x), ("design_effects", d)):
        if values.shape != (len(c),):
            raise ValueError(f"{name} has shape {values.shape}; wanted: one number for each of {len(c)} strata")
    if not (np.isfinite(n) & (x >= 0) & (x <= n)).all():
        raise ValueError(f"labelled_bad is {x.tolist()} of labelled {n.tolist()}; wanted: from 0 to as many in each")
    if not (np.isfinite(d) & (d >= 1) | (n == 0)).all():
        raise ValueError(f"design_effects is {d.tolist()}; wanted: finite numbers of at least 1")
    return c, n, x, d
