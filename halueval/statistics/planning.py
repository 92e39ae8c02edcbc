"""How many prompts, and how many labels: sizes that a study needs, from assumed numbers or from a pilot's own.

Normal approximations, which is what planning deserves; the tests hold the planned power against a simulated one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from halueval.statistics.arguments import Counts, checked_counts, checked_level
from halueval.statistics.comparison import shared_prompts
from halueval.statistics.guarded import PRIOR_ICC, PRIOR_WEIGHT, guarded_korn_graubard
from halueval.statistics.intervals import wilson

__all__ = [
    "Labels",
    "Pilot",
    "Prompts",
    "detectable_difference",
    "labels_for_width",
    "labels_two_phase",
    "pilot",
    "power_to_detect",
    "prompts_to_detect",
]


@dataclass(frozen=True, slots=True)
class Prompts:
    """How many prompts both models must answer; None with the reason where no number would do."""

    prompts: int | None
    unrounded: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """How many claims to label, and which share of them among the flagged; None with the reason."""

    labels: int | None
    share_flagged: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a plan needs to know, read off runs that exist; ``rate_2`` and ``pair_correlation`` need two models.

    ``icc`` is that of the default interval: the estimated one, mixed with the prior where few claims are bad.
    """

    rate_1: float | None
    mean_claims: float | None = None
    m_a: float | None = None
    icc: float | None = None
    rate_2: float | None = None
    pair_correlation: float = 0.0
    prompts: int = 0
    reason: str = ""

    def __str__(self) -> str:
        """As it is printed.

        Examples
        --------
        >>> print(Pilot(0.1, 12, 18, 0.2, 0.06, 0.3, 50))
        50 prompts: rates 10.0 % and 6.0 %, 12.0 claims an answer, ICC 0.20, correlation of the two answers 0.30
        """
        if self.rate_1 is None or self.mean_claims is None:
            return f"no plan can be read off the pilot ({self.reason})"
        second = "" if self.rate_2 is None else f" and {100 * self.rate_2:.1f} %"
        pair = "" if self.rate_2 is None else f", correlation of the two answers {self.pair_correlation:.2f}"
        rates = f"rate{'' if self.rate_2 is None else 's'} {100 * self.rate_1:.1f} %{second}"
        return f"{self.prompts:,} prompts: {rates}, {self.mean_claims:.1f} claims an answer, ICC {self.icc:.2f}{pair}"


def prompts_to_detect(
    rate_1: float,
    rate_2: float,
    mean_claims: float,
    m_a: float | None = None,
    icc: float = PRIOR_ICC,
    pair_correlation: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Prompts:
    """How many prompts both models must answer for a difference of their rates to be found.

    Parameters
    ----------
    rate_1, rate_2 : float
        The rates to tell apart.
    mean_claims : float
        Claims per answer.
    m_a : float, optional
        Claims in the answer of a random claim, sum m^2 / sum m: larger than the mean where lengths differ. Left out,
        the mean, which is too small for most runs.
    icc : float
        How much alike the claims of one answer are, 0 to 1.
    pair_correlation : float
        Correlation of the two answers' linearised residuals on the same prompt; 0 for models run on different prompts.
    alpha, power : float
        Two-sided error, and the chance to find the difference.

    Returns
    -------
    Prompts
        None for equal rates ("equal_rates").

    Notes
    -----
    n = (z_{1-alpha/2} + z_power)^2 (v_1 + v_2 - 2 r sqrt(v_1 v_2)) / (rate_1 - rate_2)^2 with
    v = rate (1 - rate) (1 + (m_a - 1) icc) / mean_claims, rounded up.

    Examples
    --------
    >>> prompts_to_detect(0.1, 0.06, mean_claims=12, m_a=18, icc=0.2, pair_correlation=0.3).prompts
    187
    """
    variance = _variance(rate_1, rate_2, mean_claims, m_a, icc, pair_correlation)
    _check_share("power", power)
    reach = float(ndtri(1 - _half(alpha)) + ndtri(power))
    if rate_1 == rate_2:
        return Prompts(None, reason="equal_rates")
    if reach <= 0:
        return Prompts(1, 0.0)
    unrounded = reach**2 * variance / (rate_1 - rate_2) ** 2
    return Prompts(max(1, math.ceil(unrounded - 1e-9)), unrounded)


def power_to_detect(
    prompts: int,
    rate_1: float,
    rate_2: float,
    mean_claims: float,
    m_a: float | None = None,
    icc: float = PRIOR_ICC,
    pair_correlation: float = 0.0,
    alpha: float = 0.05,
) -> float | None:
    """The chance that so many prompts find the difference; the other direction of :func:`prompts_to_detect`.

    Returns
    -------
    float or None
        None where no answer can differ from another (rates of 0 or 1): the normal approximation has nothing to say.

    Examples
    --------
    >>> round(power_to_detect(187, 0.1, 0.06, mean_claims=12, m_a=18, icc=0.2, pair_correlation=0.3), 3)
    0.801
    """
    _check_prompts(prompts)
    variance = _variance(rate_1, rate_2, mean_claims, m_a, icc, pair_correlation)
    if variance <= 0:
        return None
    t = abs(rate_1 - rate_2) * math.sqrt(prompts / variance)
    z = float(ndtri(1 - _half(alpha)))
    return float(ndtr(t - z) + ndtr(-t - z))


def detectable_difference(
    prompts: int,
    rate: float,
    mean_claims: float,
    m_a: float | None = None,
    icc: float = PRIOR_ICC,
    pair_correlation: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
) -> float | None:
    """How much lower than ``rate`` another model's rate must be for so many prompts to find it.

    Returns
    -------
    float or None
        None where even a rate of 0 would not be found.

    Examples
    --------
    >>> found = detectable_difference(187, 0.1, mean_claims=12, m_a=18, icc=0.2, pair_correlation=0.3)
    >>> print(f"{found:.3f}")
    0.040
    """
    _check_prompts(prompts)
    _variance(rate, rate, mean_claims, m_a, icc, pair_correlation)
    _check_share("power", power)

    def needed(difference: float) -> float:
        other = max(0.0, rate - difference)
        found = prompts_to_detect(rate, other, mean_claims, m_a, icc, pair_correlation, alpha, power)
        return math.inf if found.unrounded is None else found.unrounded

    if rate <= 0 or needed(rate) > prompts:
        return None
    low, high = 0.0, rate
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if needed(middle) > prompts else (low, middle)
    return high


def pilot(
    bad_1: Counts,
    claims_1: Counts,
    bad_2: Counts | None = None,
    claims_2: Counts | None = None,
    *,
    prior_icc: float = PRIOR_ICC,
    prior_weight: float = PRIOR_WEIGHT,
) -> Pilot:
    """The numbers that :func:`prompts_to_detect` asks for, from one run or from two on the same prompts.

    Parameters
    ----------
    bad_1, claims_1 : sequence of float
        One entry per prompt; prompts without claims are left out.
    bad_2, claims_2 : sequence of float, optional
        A second model's, in the same order; prompts that only one answered are left out.
    prior_icc, prior_weight : float
        The guard of the default interval.

    Returns
    -------
    Pilot
        None without claims ("no_claims") or shared prompts ("no_shared_prompts"). Claims are those of both models, the
        ICC is the larger of the two. A correlation above 0 saves prompts, so its one-sided lower 80 % limit is taken
        (Fisher's z; Browne, Stat Med 14:1933 (1995) on planning from limits), 0 with fewer than four prompts.

    Examples
    --------
    >>> bad = [[2, 0, 1, 4, 0, 0, 3, 0], [1, 1, 0, 2, 0, 0, 0, 1]]
    >>> claims = [[10, 7, 12, 9, 15, 8, 11, 6], [12, 8, 9, 11, 14, 9, 8, 7]]
    >>> found = pilot(bad[0], claims[0], bad[1], claims[1])
    >>> print(found)
    8 prompts: rates 12.8 % and 6.4 %, 9.8 claims an answer, ICC 0.16, correlation of the two answers 0.27
    >>> prompts_to_detect(0.1, 0.05, found.mean_claims, found.m_a, found.icc, found.pair_correlation).prompts
    83
    """
    if (bad_2 is None) != (claims_2 is None):
        raise ValueError("bad_2 and claims_2 go together; wanted: both or neither")
    if bad_2 is None or claims_2 is None:
        y, m = checked_counts(bad_1, claims_1, ("bad_1", "claims_1"))
        runs = [(y, m)]
    else:
        ya, ma, yb, mb = shared_prompts(bad_1, claims_1, bad_2, claims_2)
        runs = [(ya, ma), (yb, mb)]
    if not len(runs[0][1]):
        return Pilot(None, reason="no_claims" if len(runs) == 1 else "no_shared_prompts")
    guards = [guarded_korn_graubard(y, m, prior_icc=prior_icc, prior_weight=prior_weight) for y, m in runs]
    iccs = [prior_icc if g.rho_tilde is None else g.rho_tilde for g in guards]
    rates = [float(y.sum() / m.sum()) for y, m in runs]
    claims = np.concatenate([m for _, m in runs])
    correlation = 0.0
    if len(runs) == 2:
        first, second = (y - rate * m for (y, m), rate in zip(runs, rates, strict=True))
        spread = math.sqrt(float((first @ first) * (second @ second)))
        correlation = _cautious(float(first @ second) / spread if spread > 0 else 0.0, len(first))
    return Pilot(
        rates[0],
        float(claims.mean()),
        float((claims @ claims) / claims.sum()),
        max(iccs),
        rates[1] if len(runs) == 2 else None,
        correlation,
        len(runs[0][1]),
    )


def labels_for_width(rate: float, half_width: float, *, level: float = 0.95) -> Labels:
    """The fewest labelled claims whose Wilson interval at the expected rate reaches no further than asked for.

    Parameters
    ----------
    rate : float
        The rate expected; .5 asks for the most labels.
    half_width : float
        Half of the interval's width.
    level : float

    Returns
    -------
    Labels
        For labels that are independent, at most one per answer: multiply by
        :func:`halueval.statistics.label_design_effect` otherwise.

    Examples
    --------
    >>> labels_for_width(0.1, 0.05).labels
    141
    """
    _check_rate("rate", rate)
    _check_share("half_width", half_width)
    z2 = float(ndtri((1 + checked_level(level)) / 2)) ** 2
    # half = z sqrt(n p q + z²/4) / (n + z²) is a quadratic in n; the interval itself has the last word
    spread, square = rate * (1 - rate), half_width**2
    half_b = square * z2 - z2 * spread / 2
    root = (-half_b + math.sqrt(max(0.0, half_b**2 - square * z2**2 * (square - 0.25)))) / square
    labels = max(1, math.floor(root) - 1)
    while (found := wilson(rate * labels, labels, level=level)).high - found.low > 2 * half_width:  # type: ignore[operator]
        labels += 1
    return Labels(labels)


def labels_two_phase(
    weight_flagged: float, bad_in_flagged: float, bad_in_unflagged: float, half_width: float, *, level: float = 0.95
) -> Labels:
    """How many labels a verifier-corrected rate needs, and how many of them among the claims it flagged.

    Parameters
    ----------
    weight_flagged : float
        Share of claims that the verifier calls bad.
    bad_in_flagged, bad_in_unflagged : float
        Share of claims that are bad among those it flags and those it does not.
    half_width : float
        Half of the interval's width.
    level : float

    Returns
    -------
    Labels
        Neyman's allocation, in proportion to weight times standard deviation, rounded up. None where nothing varies
        within the strata ("no_variation").

    Notes
    -----
    n = z^2 (sum W_h sqrt(q_h (1 - q_h)))^2 / half_width^2, for independent labels and without the part of the variance
    that more labels cannot mend (that of the verdicts): multiply by the label design effect, and expect a little more.

    Examples
    --------
    >>> found = labels_two_phase(0.15, 0.6, 0.02, 0.02)
    >>> found.labels, round(found.share_flagged, 3)
    (356, 0.382)
    """
    for name, value in (
        ("weight_flagged", weight_flagged),
        ("bad_in_flagged", bad_in_flagged),
        ("bad_in_unflagged", bad_in_unflagged),
    ):
        _check_rate(name, value)
    _check_share("half_width", half_width)
    z = float(ndtri((1 + checked_level(level)) / 2))
    flagged = weight_flagged * math.sqrt(bad_in_flagged * (1 - bad_in_flagged))
    both = flagged + (1 - weight_flagged) * math.sqrt(bad_in_unflagged * (1 - bad_in_unflagged))
    if both <= 0:
        return Labels(None, reason="no_variation")
    return Labels(math.ceil((z * both / half_width) ** 2 - 1e-9), flagged / both)


def _variance(rate_1: float, rate_2: float, claims: float, m_a: float | None, icc: float, correlation: float) -> float:
    """Of the difference on one prompt."""
    _check_rate("rate_1", rate_1)
    _check_rate("rate_2", rate_2)
    _check_rate("icc", icc)
    if not 0 < claims < math.inf:
        raise ValueError(f"mean_claims is {claims}; wanted: a finite number above 0")
    size = max(1.0, claims) if m_a is None else m_a
    if not 1 <= size < math.inf:
        raise ValueError(f"m_a is {m_a}; wanted: a finite number of at least 1")
    if not -1 <= correlation <= 1:
        raise ValueError(f"pair_correlation is {correlation}; wanted: from -1 to 1")
    first, second = (rate * (1 - rate) * (1 + (size - 1) * icc) / claims for rate in (rate_1, rate_2))
    return max(0.0, first + second - 2 * correlation * math.sqrt(first * second))


def _cautious(correlation: float, prompts: int) -> float:
    """A correlation as it is when it costs prompts; its lower limit, not below 0, when it saves some."""
    if correlation <= 0:
        return max(-1.0, correlation)
    if prompts <= 3:
        return 0.0
    return max(0.0, math.tanh(math.atanh(min(correlation, 1 - 1e-9)) - float(ndtri(0.8)) / math.sqrt(prompts - 3)))


def _half(alpha: float) -> float:
    _check_share("alpha", alpha)
    return alpha / 2


def _check_rate(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}; wanted: a share from 0 to 1")


def _check_share(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} is {value}; wanted: a share strictly between 0 and 1")


def _check_prompts(prompts: int) -> None:
    if prompts < 1:
        raise ValueError(f"prompts is {prompts}; wanted: at least 1")
