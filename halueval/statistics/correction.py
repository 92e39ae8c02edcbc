"""A verifier's rate with its errors taken out: verdicts on all claims, hand labels on some.

The default draws labels within each verdict and needs no assumption on the verifier but that they were drawn at random
there (:mod:`halueval.statistics.two_phase`). Labels of one model correct that model's rate only: one sensitivity for
all models "finds" differences between equal ones.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.statistics.arguments import Vector, checked_level
from halueval.statistics.estimate import Estimate, shown
from halueval.statistics.guarded import PRIOR_ICC, PRIOR_WEIGHT, guarded_korn_graubard
from halueval.statistics.labelled import Column, LabelledClaims, coded, labelled_claims
from halueval.statistics.ppi import ppi_plus_plus_groups
from halueval.statistics.rogan_gladen import rogan_gladen
from halueval.statistics.two_phase import WITHIN_ICC, TwoPhase, label_design_effect, two_phase_strata

__all__ = ["Drawn", "Method", "corrected_rate", "corrected_rates"]

Method: TypeAlias = Literal["two_phase", "rogan_gladen", "ppi"]
Drawn: TypeAlias = Literal["by_verdict", "at_random"]

_REASONS = {
    "no_claims": "no claims with a verdict",
    "no_labels": "no labelled claim",
    "unlabelled_stratum": "claims of one verdict have no label at all; label some of each",
    "fewer_than_two_answers": "all claims come from one group; an interval needs at least two",
    "no_labels_in_class": "no claim was labelled bad, or none good: sensitivity or specificity is unknown",
    "uninformative_verifier": "sensitivity + specificity - 1 is at most 0.1: verdicts say next to nothing about claims",
    "no_variation": "nothing varies in the labels",
    "not_at_random": "the labels' share of flagged claims is not the run's: they were not drawn at random",
    "parts_of_groups": "the group form of PPI++ needs all claims of each labelled group labelled",
}
_FEW_LABELS = 10  # in one stratum
_NO_GAIN, _LITTLE_GAIN = 0.97, 0.9  # width over that of as many labels without the verifier
_BUNCHED = 2.0  # labels per label's answer, over what a scattered draw gives


@dataclass(frozen=True, slots=True)
class _Terms:
    level: float
    within_icc: float
    prior_icc: float
    prior_weight: float

    def effect(self, labels: Vector, bad: Vector) -> float:
        """The design effect of labels; 1 in the plain form and where there is none."""
        if self.within_icc == 0:
            return 1.0
        found = label_design_effect(labels, bad, prior_icc=self.prior_icc, prior_weight=self.prior_weight)
        return found.label_design_effect or 1.0


def corrected_rate(
    verdict_bad: Column,
    group: Column,
    label: Column,
    *,
    stratum: Column | None = None,
    model: Column | None = None,
    pool_labels: str = "",
    drawn: Drawn = "by_verdict",
    method: Method = "two_phase",
    level: float = 0.95,
    within_icc: float = WITHIN_ICC,
    prior_icc: float = PRIOR_ICC,
    prior_weight: float = PRIOR_WEIGHT,
) -> Estimate:
    """The rate of bad claims of one model, from verdicts on all of its claims and hand labels on some.

    Parameters
    ----------
    verdict_bad : sequence of bool
        One entry per claim of the full run that has a verdict: whether the verifier calls it bad. The strata's weights
        come from here, so leave no claim out because it has no label.
    group : sequence
        What each claim was sampled with (its prompt, or its response).
    label : sequence of float
        1 for a claim that a person calls bad, 0 for a good one, NaN or None where nobody looked.
    stratum : sequence, optional
        What labels were drawn by where that is finer than the verdict (three labels, a verdict and a score band). Every
        stratum must have labels.
    model : sequence, optional
        The model of each claim; more than one is refused unless ``pool_labels`` says why.
    pool_labels : str
        Why labels of several models may correct one rate, in words; it is repeated in the warnings.
    drawn : {"by_verdict", "at_random"}
        How the labelled claims were chosen. By verdict (or stratum): at random within each. At random over all claims
        also suits "two_phase".
    method : {"two_phase", "rogan_gladen", "ppi"}
        Rogan-Gladen and PPI++ need labels drawn at random, PPI++ whole groups of them; neither is advised.
    level : float
        Two-sided.
    within_icc : float
        How alike claims of one group with one verdict are taken to be. 0 gives the plain form, without the labels'
        design effect, for the rate in exactly these answers and no others.
    prior_icc, prior_weight : float
        The guard of the labels' design effect.

    Returns
    -------
    Estimate
        ``claims`` is the full run's number, ``events`` the corrected number of bad ones. ``value`` None with a reason
        without claims or labels and where a stratum has no label; no limits with one group. Warns when the verifier
        adds nothing over the same number of labels alone, when labels are few or bunched in few groups.

    Raises
    ------
    ValueError
        For columns of unequal length, verdicts or labels other than 0 and 1, more than one model without a reason, and
        for "rogan_gladen" or "ppi" with labels drawn by verdict.

    Notes
    -----
    Double sampling with guarded MOVER-Wilson limits, :func:`halueval.statistics.two_phase_strata`.

    Examples
    --------
    >>> verdict = [1, 0, 0, 0, 0] * 40
    >>> group = [claim // 5 for claim in range(200)]
    >>> label = [None] * 200
    >>> for claim in range(0, 200, 10):
    ...     label[claim], label[claim + 1] = float(claim % 3 > 0), float(claim == 60)
    >>> found = corrected_rate(verdict, group, label)
    >>> print(found.figure)
    17.0 % [10.5 %, 32.7 %]
    """
    checked_level(level)
    if method not in _METHODS:
        raise ValueError(f"method is {method!r}; wanted: one of {', '.join(_METHODS)}")
    if drawn not in ("by_verdict", "at_random"):
        raise ValueError(f"drawn is {drawn!r}; wanted: by_verdict or at_random")
    if method != "two_phase" and drawn == "by_verdict":
        raise ValueError(
            f"method is {method!r} with labels drawn by verdict, which give the sensitivity of the drawing and not of"
            ' the verifier; wanted: method="two_phase", or drawn="at_random" if they were'
        )
    claims = labelled_claims(verdict_bad, group, label, stratum)
    warnings = _pooled(model, pool_labels, len(claims.flagged))
    terms = _Terms(level, within_icc, prior_icc, prior_weight)
    found = _METHODS[method](claims, claims, terms)
    return replace(found, warnings=(*found.warnings, *warnings))


def corrected_rates(
    verdict_bad: Column,
    group: Column,
    label: Column,
    model: Column,
    *,
    stratum: Column | None = None,
    pool_labels: str = "",
    level: float = 0.95,
    within_icc: float = WITHIN_ICC,
    prior_icc: float = PRIOR_ICC,
    prior_weight: float = PRIOR_WEIGHT,
) -> dict[Hashable, Estimate]:
    """The corrected rate of each model, from its own labels.

    With ``pool_labels``, a reason in words, the labels of all models are taken for one sample and applied to each
    model's own verdicts. Where the verifier errs more on one model than on another, that makes equal models differ and
    different ones equal; the warning says so. Parameters as for :func:`corrected_rate`, method "two_phase".

    Returns
    -------
    dict
        In the order in which models first appear. A model without labels of its own has no rate: nothing is borrowed.

    Examples
    --------
    >>> rates = corrected_rates([1, 0, 1, 0], [1, 2, 1, 2], [1, 0, None, None], ["a", "a", "b", "b"])
    >>> rates["a"].value, rates["b"].reason
    (0.5, 'no labelled claim')
    """
    checked_level(level)
    claims = labelled_claims(verdict_bad, group, label, stratum)
    names = coded("model", model, len(claims.flagged))
    terms = _Terms(level, within_icc, prior_icc, prior_weight)
    warnings = _pooled(model, pool_labels, len(names)) if pool_labels else ()
    found = {}
    for code in dict.fromkeys(names.tolist()):
        own = claims.rows(names == code)
        name = model[int(np.argmax(names == code))]
        estimate = _two_phase(own, claims if pool_labels else own, terms)
        found[name] = replace(estimate, warnings=(*estimate.warnings, *warnings))
    return found


def _two_phase(claims: LabelledClaims, source: LabelledClaims, terms: _Terms) -> Estimate:
    """The default; ``source`` holds the claims whose labels count, usually the same."""
    strata = range(len(claims.strata))
    counts = np.stack([claims.per_group(claims.stratum == h) for h in strata])
    seen = source.labelled
    labels = np.stack([source.per_group(seen & (source.stratum == h)) for h in strata])
    bad = np.stack([source.per_group(seen & (source.stratum == h) & (source.label == 1)) for h in strata])
    n, x = labels.sum(axis=1), bad.sum(axis=1)
    effects = [terms.effect(a, b) for a, b in zip(labels, bad, strict=True)]
    found = two_phase_strata(counts, n, x, effects, within_icc=terms.within_icc, level=terms.level)
    if found.claims and not n.sum():
        found = replace(found, reason="no_labels")
    guard = (
        "plain MOVER-Wilson, these answers only"
        if terms.within_icc == 0
        else f"guarded MOVER-Wilson, within-answer ICC {terms.within_icc:g}, "
        f"prior ICC {terms.prior_icc:g} (weight {terms.prior_weight:g})"
    )
    drawn = ", ".join(f"{b:g} of {a:g} {name} bad" for a, b, name in zip(n, x, claims.strata, strict=True))
    method = f"two-phase by verdict; {guard}; labels: {drawn}"
    few = [
        f"only {a:g} label{'' if a == 1 else 's'} of {name} claims: the interval is wide because of them"
        for a, name, weight in zip(n, claims.strata, found.weights, strict=False)
        if 0 < a < _FEW_LABELS and weight > 0
    ]
    warnings = (*few, *_bunched(labels, counts), *_adds_nothing(found, counts, labels, bad, terms))
    return _estimate(claims, terms, method, found.rate, found.low, found.high, found.reason, warnings)


def _adds_nothing(found: TwoPhase, counts: Vector, labels: Vector, bad: Vector, terms: _Terms) -> tuple[str, ...]:
    """Whether as many labels drawn at random, without any verifier, would give as narrow an interval."""
    if found.rate is None or found.low is None or found.high is None or len(found.weights) < 2:
        return ()
    number, sizes = float(labels.sum()), counts.sum(axis=0)
    total = float(sizes.sum())
    effect = 1.0
    if terms.within_icc and total > 1:
        rho = label_design_effect(
            labels.sum(axis=0), bad.sum(axis=0), prior_icc=terms.prior_icc, prior_weight=terms.prior_weight
        ).rho_tilde
        effect = 1 + (_scattered(sizes, number) - 1) * (rho or 0.0)
    alone = two_phase_strata(
        sizes[None, :], [number], [found.rate * number], [effect], within_icc=terms.within_icc, level=terms.level
    )
    if alone.low is None or alone.high is None:
        return ()
    width, without = found.high - found.low, alone.high - alone.low
    ratio = width / without if without else 1.0
    if ratio <= _LITTLE_GAIN:
        return ()
    much = "nothing" if ratio >= _NO_GAIN else "little"
    return (
        f"the verifier adds {much} over hand labels alone: the interval is {shown(width)} wide, that of {number:g} "
        f"labels of claims drawn at random about {shown(without)}",
    )


def _bunched(labels: Vector, counts: Vector) -> tuple[str, ...]:
    """Labels that sit in few groups: the interval then covers too rarely (least .885 in simulations)."""
    per_group, sizes = labels.sum(axis=0), counts.sum(axis=0)
    number, total = float(per_group.sum()), float(sizes.sum())
    if number < 2 or total < 2 or len(per_group) != len(sizes):
        return ()
    if float(per_group @ per_group) / number <= _BUNCHED * _scattered(sizes, number):
        return ()
    touched = int((per_group > 0).sum())
    return (f"the {number:g} labels sit in {touched:,} groups: label claims scattered over answers, not whole answers",)


def _scattered(sizes: Vector, number: float) -> float:
    """Labels that the average label shares its group with, itself included, when drawn at random over all claims."""
    total = float(sizes.sum())
    return 1 + (min(number, total) - 1) * float(sizes @ (sizes - 1)) / (total * (total - 1))


def _rogan_gladen(claims: LabelledClaims, source: LabelledClaims, terms: _Terms) -> Estimate:
    """Sensitivity and specificity from random labels; clustered numbers count for what they are worth."""
    seen, everyone = claims.labelled, np.ones(len(claims.flagged), dtype=np.bool_)
    method = "Rogan-Gladen; Lang-Reiczigel limits on effective numbers"
    if reason := _not_at_random(claims):
        return _estimate(claims, terms, method, None, None, None, reason)

    def worth(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> tuple[float, float]:
        few, many = claims.per_group(part), claims.per_group(whole)
        effect = terms.effect(many, few)
        return float(few.sum()) / effect, float(many.sum()) / effect

    right_bad, bad = worth(seen & (claims.label == 1) & claims.flagged, seen & (claims.label == 1))
    right_good, good = worth(seen & (claims.label == 0) & ~claims.flagged, seen & (claims.label == 0))
    flagged, sizes = claims.per_group(claims.flagged), claims.per_group(everyone)
    design = guarded_korn_graubard(
        flagged, sizes, level=terms.level, prior_icc=terms.prior_icc, prior_weight=terms.prior_weight
    )
    effect = design.design_effect or 1.0
    found = rogan_gladen(
        float(flagged.sum()) / effect,
        float(sizes.sum()) / effect,
        right_bad,
        bad,
        right_good,
        good,
        level=terms.level,
    )
    warnings = []
    if found.rate is not None and found.rate != found.rate_unclipped:
        warnings.append(f"the corrected rate is {shown(found.rate_unclipped or 0.0)} before it is cut to 0 to 100 %")
    low, high, reason = found.low, found.high, found.reason
    if design.reason:
        low, high, reason = None, None, found.reason or design.reason
    return _estimate(claims, terms, method, found.rate, low, high, reason, tuple(warnings))


def _ppi(claims: LabelledClaims, source: LabelledClaims, terms: _Terms) -> Estimate:
    """The group form of PPI++; groups are labelled as a whole or not at all."""
    method = "PPI++, group form"
    if reason := _not_at_random(claims, groups=True):
        return _estimate(claims, terms, method, None, None, None, reason)
    seen, everyone = claims.labelled, np.ones(len(claims.flagged), dtype=np.bool_)
    labels, sizes = claims.per_group(seen), claims.per_group(everyone)
    whole = labels > 0
    if (labels[whole] < sizes[whole]).any():
        return _estimate(claims, terms, method, None, None, None, "parts_of_groups")
    flagged, bad = claims.per_group(claims.flagged), claims.per_group(seen & (claims.label == 1))
    found = ppi_plus_plus_groups(
        bad[whole], flagged[whole], sizes[whole], flagged[~whole], sizes[~whole], level=terms.level
    )
    low, high = (None if limit is None else min(1.0, max(0.0, limit)) for limit in (found.low, found.high))
    rate = None if found.rate is None else min(1.0, max(0.0, found.rate))
    return _estimate(claims, terms, method, rate, low, high, found.reason, found.warnings)


_METHODS: dict[str, Callable[[LabelledClaims, LabelledClaims, _Terms], Estimate]] = {
    "two_phase": _two_phase,
    "rogan_gladen": _rogan_gladen,
    "ppi": _ppi,
}


def _not_at_random(claims: LabelledClaims, *, groups: bool = False) -> str:
    """A reason to refuse where labels cannot have been drawn at random: far more or fewer flagged than the run has."""
    seen, total = claims.labelled, len(claims.flagged)
    number = int(seen.sum())
    if not total or not number:
        return "no_labels" if total else "no_claims"
    share = float(claims.flagged.mean())
    off = float(claims.flagged[seen].sum()) - number * share
    variance = number * share * (1 - share) * (total - number) / max(1, total - 1)
    if groups:  # whole groups flag together
        variance *= max(1.0, float(claims.per_group(seen) @ claims.per_group(seen)) / number)
    return "not_at_random" if off**2 > 16 * variance + 1e-9 else ""


def _estimate(
    claims: LabelledClaims,
    terms: _Terms,
    method: str,
    rate: float | None,
    low: float | None,
    high: float | None,
    reason: str,
    warnings: tuple[str, ...] = (),
) -> Estimate:
    total = len(claims.flagged)
    return Estimate(
        rate,
        low,
        high,
        terms.level,
        method,
        events=0 if rate is None else round(rate * total, 1),
        claims=total,
        groups=len(np.unique(claims.group)),
        reason=_REASONS.get(reason, reason),
        warnings=warnings,
    )


def _pooled(model: Column | None, pool_labels: str, claims: int) -> tuple[str, ...]:
    """Refuse labels of several models without a reason; with one, the warning that repeats it."""
    if model is None:
        return ()
    number = len(np.unique(coded("model", model, claims)))
    if number < 2:
        return ()
    if not pool_labels.strip():
        raise ValueError(
            f"model has {number} models, and a verifier errs more on some than on others, so that labels of one say"
            " nothing about another; wanted: claims of one model (see corrected_rates), or pool_labels with the reason"
        )
    return (
        f"labels of {number} models are pooled ({pool_labels.strip()}): where the verifier errs more on one than on "
        "another, equal models differ and different ones look equal",
    )
