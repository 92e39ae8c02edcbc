"""From counts per response to estimates: every rate of a report, pooled over claims and averaged over responses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.statistics.arguments import Vector, checked_level, checked_prior
from halueval.statistics.bounds import worst_and_best_case
from halueval.statistics.estimands import LargestAnswer, largest_answer
from halueval.statistics.estimate import Bounds, Estimate, shown
from halueval.statistics.guarded import (
    PRIOR_ICC,
    PRIOR_WEIGHT,
    Guarded,
    GuardedRate,
    group_mean,
    group_values,
    guarded,
    guarded_events_per_exposure,
    guarded_korn_graubard,
)
from halueval.statistics.intervals import zero_event_upper_bound
from halueval.statistics.ratios import linearised_t_interval

__all__ = [
    "REASONS",
    "Share",
    "Terms",
    "VerdictTable",
    "any_refuted",
    "bounds_of_refuted",
    "claim_shares",
    "macro_share",
    "mean_of_scores",
    "micro_share",
    "per_response",
    "per_thousand_words",
]

Integers: TypeAlias = NDArray[np.int64]

REASONS = {
    "no_claims": "no claims with a verdict",
    "no_exposure": "no responses with a verdict",
    "fewer_than_two_answers": "all claims come from one group; an interval needs at least two",
    "no_variation": "all responses score the same",
}
FEW_GROUPS = 5  # with an event; the interval then rests on the prior more than on the data
LARGE_SHARE = 0.25  # of the events, or of the claims, in one response
LARGE_MULTIPLE = 4  # times the claims of an average response, where claims and not events are many
_NONE, _REFUTED, _NOT_ENOUGH, _ALL = (0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 1), (1, 1, 1, 1)
_WEIGHTED = "guarded Korn-Graubard on claims weighted by 1/claims of their response"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an interval is asked to be: its level, and the guard's prior, which any report must name."""

    level: float = 0.95
    prior_icc: float = PRIOR_ICC
    prior_weight: float = PRIOR_WEIGHT

    def __post_init__(self) -> None:
        """A wrong term is told before anything is counted, not after a run."""
        checked_level(self.level)
        checked_prior(self.prior_icc, self.prior_weight)

    @property
    def prior(self) -> str:
        """The guard in words, for ``Estimate.method``."""
        return f"prior ICC {self.prior_icc:g}, weight {self.prior_weight:g}"


@dataclass(frozen=True, slots=True)
class Share:
    """A rate as weights: what a claim of each outcome adds to the numerator (0 to 1) and to the denominator (0 or 1).

    The outcomes stand in the order of the columns of :class:`VerdictTable`.
    """

    numerator: tuple[float, float, float, float]
    denominator: tuple[float, float, float, float] = _ALL
    note: str = ""

    @property
    def in_part(self) -> bool:
        """Whether some claims count in part."""
        return any(0 < weight < 1 for weight in self.numerator)


@dataclass(frozen=True, slots=True)
class VerdictTable:
    """A row per response: claims by verdict (supported, refuted, undecided, nothing found), failures, words, group.

    A run of many responses keeps its numbers in single bytes, with which NumPy would compute in single bytes:
    they are made floating-point numbers before anything is computed from them, as :meth:`claims` does.

    Examples
    --------
    >>> table = VerdictTable(np.array([[3, 1, 0, 0], [2, 0, 0, 200]], "B"), *np.zeros((2, 2), "B"), np.array([0, 0]))
    >>> table.claims((0, 1, 0.5, 0.5)), table.by_group(table.claims((1, 1, 1, 1)))
    (array([  1., 100.]), array([206.]))
    """

    verdicts: NDArray[Any]
    failed: NDArray[Any]
    words: NDArray[Any]
    group: NDArray[Any]

    @property
    def scored(self) -> VerdictTable:
        """The rows with at least one verdict."""
        return self.rows(self.verdicts.any(axis=1))

    def claims(self, weights: tuple[float, ...]) -> Vector:
        """What the claims of each row add up to, a claim of each outcome counting as much as its weight."""
        found = np.zeros(len(self.group))
        for of_outcome, weight in zip(self.verdicts.T, weights, strict=True):
            if weight:
                found += np.multiply(of_outcome, weight, dtype=np.float64)
        return found

    def rows(self, kept: NDArray[np.bool_]) -> VerdictTable:
        """The rows asked for."""
        if kept.all():
            return self
        return VerdictTable(self.verdicts[kept], self.failed[kept], self.words[kept], self.group[kept])

    def by_group(self, values: Vector) -> Vector:
        """Sums of a column over groups, in the order of the groups' numbers; groups without a row are 0."""
        return np.bincount(self.group, weights=values).astype(np.float64, copy=False) if len(values) else np.zeros(0)


def claim_shares(m3_weights: tuple[float, float] = (1.0, 0.5)) -> dict[str, Share]:
    """Every rate that is a share of claims, by name.

    Examples
    --------
    >>> claim_shares()["hallucination_m3"].note
    'weights: refuted 1, not enough info 0.5'
    """
    refuted, rest = m3_weights
    if not (0 <= refuted <= 1 and 0 <= rest <= 1):
        raise ValueError(f"m3_weights is {m3_weights}; wanted: two numbers from 0 to 1 (refuted, not enough info)")
    return {
        "refuted": Share((0, 1, 0, 0)),
        "hallucination_m3": Share(
            (0, refuted, rest, rest), note=f"weights: refuted {refuted:g}, not enough info {rest:g}"
        ),
        "unsupported": Share((0, 1, 1, 1)),
        "supported": Share((1, 0, 0, 0)),
        "not_enough_info": Share((0, 0, 1, 1)),
        "nothing_found": Share((0, 0, 0, 1)),
        "undecided": Share((0, 0, 1, 0)),
        "refuted_decided": Share((0, 1, 0, 0), (1, 1, 0, 0)),
    }


def micro_share(table: VerdictTable, share: Share, terms: Terms) -> Estimate:
    """The ratio of sums over groups, each claim counting the same."""
    found = _pooled(table, share, terms)
    name = "guarded Korn-Graubard on weighted claims" if share.in_part else "guarded Korn-Graubard"
    return _estimate(
        found,
        terms,
        method=_method(share.note, name, terms),
        events=found.bad,
        claims=round(found.claims),
        per="claims",
        warnings=_warnings(table, table.claims(share.numerator), table.claims(share.denominator), found.high, terms),
    )


def macro_share(table: VerdictTable, share: Share, terms: Terms) -> Estimate:
    """The mean over responses of each response's own share, over responses in which it is defined."""
    defined = table.rows(table.claims(share.denominator) > 0)

    def own() -> Vector:
        return defined.claims(share.numerator) / defined.claims(share.denominator)

    mean = group_mean(
        defined.by_group(own()),
        defined.by_group(np.ones(len(defined.group))),
        defined.by_group(1 / defined.claims(share.denominator)),
    )
    found = guarded(mean, group_values(*_sums(defined, share)), terms.level, terms.prior_icc, terms.prior_weight)
    return _estimate(
        found,
        terms,
        method=_method(share.note, _WEIGHTED, terms),
        events=float(own().sum()),
        claims=len(defined.group),
        per="responses, equally weighted",
    )


def any_refuted(table: VerdictTable, terms: Terms) -> Estimate:
    """The share of responses with a verdict in which at least one claim is refuted."""
    scored = table.scored
    anyone = (scored.verdicts[:, 1] > 0).astype(np.float64)
    ones = np.ones_like(anyone)
    found = guarded_korn_graubard(
        scored.by_group(anyone),
        scored.by_group(ones),
        level=terms.level,
        prior_icc=terms.prior_icc,
        prior_weight=terms.prior_weight,
    )
    return _estimate(
        found,
        terms,
        method=_method("", "guarded Korn-Graubard on responses", terms),
        events=found.bad,
        claims=len(ones),
        per="responses",
        warnings=_warnings(scored, anyone, ones, found.high, terms),
    )


def per_response(table: VerdictTable, terms: Terms) -> Estimate:
    """Refuted claims per response with a verdict; pooled and mean are the same number."""
    scored = table.scored
    design = _design(scored, terms)
    found = guarded_events_per_exposure(
        scored.by_group(scored.claims(_REFUTED)),
        scored.by_group(np.ones(len(scored.group))),
        design=design,
        level=terms.level,
    )
    unit = "refuted claims per response"
    return _per(found, terms, scored, len(scored.group), "responses", unit, "on refuted claims")


def per_thousand_words(table: VerdictTable, terms: Terms, *, macro: bool = False) -> Estimate:
    """Refuted claims per 1,000 words of responses with a verdict, pooled or as the mean over responses."""
    scored = table.scored
    scored = scored.rows(scored.words > 0)
    unit, words = "refuted claims per 1,000 words", round(float(scored.words.sum()))
    design = _design(scored, terms)
    refuted, thousands = scored.claims(_REFUTED), np.divide(scored.words, 1000, dtype=np.float64)
    if macro:
        found = guarded_events_per_exposure(
            scored.by_group(refuted / thousands),
            scored.by_group(np.ones_like(thousands)),
            weight_squares=scored.by_group(1 / thousands),
            design=design,
            level=terms.level,
        )
        return _per(found, terms, scored, words, "words", unit, "on responses equally weighted")
    found = guarded_events_per_exposure(
        scored.by_group(refuted), scored.by_group(thousands), design=design, level=terms.level
    )
    return _per(found, terms, scored, words, "words", unit, "on refuted claims")


def mean_of_scores(scores: Vector, group: Integers, terms: Terms, note: str) -> Estimate:
    """The mean of one score from 0 to 1 per response, for scores that are no share of claims."""
    sums, sizes = (np.bincount(group, weights=v) if len(group) else np.zeros(0) for v in (scores, np.ones(len(scores))))
    found = linearised_t_interval(sums, sizes, level=terms.level)
    return Estimate(
        found.rate,
        found.low,
        found.high,
        terms.level,
        f"linearised t; {note}",
        found.bad,
        round(found.claims),
        found.answers,
        "responses, equally weighted",
        REASONS.get(found.reason, found.reason),
    )


def bounds_of_refuted(table: VerdictTable, terms: Terms, *, undecided: bool) -> Bounds:
    """The share refuted of all checkworthy claims, with the open ones all good and all bad.

    Open are claims whose check failed and, with ``undecided``, those with not enough information. Each end has the
    default interval, so that it also holds where nothing was refuted; between them Imbens and Manski's for the rate.
    """
    still_open = table.by_group(table.claims(_NOT_ENOUGH if undecided else _NONE) + table.failed)
    found = worst_and_best_case(
        table.by_group(table.claims(_REFUTED)),
        still_open,
        table.by_group(table.claims(_ALL) + table.failed),
        level=terms.level,
        prior_icc=terms.prior_icc,
        prior_weight=terms.prior_weight,
    )

    def end(of: Guarded, note: str) -> Estimate:
        method = _method(note, "guarded Korn-Graubard", terms)
        return _estimate(of, terms, method=method, events=of.bad, claims=round(of.claims), per="claims")

    return Bounds(
        end(found.lower, "open claims all good"),
        end(found.upper, "open claims all bad"),
        round(still_open.sum()),
        "open claims: failed or not enough info" if undecided else "claims whose check failed",
        found.low,
        found.high,
    )


def _sums(table: VerdictTable, share: Share) -> tuple[Vector, Vector, Vector | None]:
    """Per group Σ value and number of the claims that count, and Σ value² where some count in part."""
    bad, claims = (table.by_group(table.claims(weights)) for weights in (share.numerator, share.denominator))
    if not share.in_part:
        return bad, claims, None
    return bad, claims, table.by_group(table.claims(tuple(weight**2 for weight in share.numerator)))


def _pooled(table: VerdictTable, share: Share, terms: Terms) -> Guarded:
    bad, claims, squares = _sums(table, share)
    return guarded_korn_graubard(
        bad,
        claims,
        level=terms.level,
        prior_icc=terms.prior_icc,
        prior_weight=terms.prior_weight,
        squares=squares,
    )


def _design(table: VerdictTable, terms: Terms) -> float:
    """The design effect of the share refuted: the same claims per exposure are taken for no more independent."""
    return _pooled(table, Share(_REFUTED), terms).design_effect or 1.0


def _per(
    found: GuardedRate, terms: Terms, table: VerdictTable, denominator: int, per: str, unit: str, basis: str
) -> Estimate:
    return Estimate(
        found.rate,
        found.low,
        found.high,
        terms.level,
        _method("", f"guarded Garwood {basis}", terms),
        events=float(table.verdicts[:, 1].sum()),
        claims=denominator,
        groups=found.answers,
        per=per,
        reason=REASONS.get(found.reason, found.reason),
        unit=unit,
    )


def _estimate(
    found: Guarded, terms: Terms, *, method: str, events: float, claims: int, per: str, warnings: tuple[str, ...] = ()
) -> Estimate:
    return Estimate(
        found.rate,
        found.low,
        found.high,
        terms.level,
        method,
        events,
        claims,
        found.answers,
        per,
        REASONS.get(found.reason, found.reason),
        warnings,
    )


def _method(note: str, name: str, terms: Terms) -> str:
    return "; ".join(part for part in (name, terms.prior, note) if part)


def _warnings(table: VerdictTable, parts: Vector, wholes: Vector, high: float | None, terms: Terms) -> tuple[str, ...]:
    """What a reader must know before believing the interval."""
    groups, touched = (int((table.by_group(values) > 0).sum()) for values in (wholes, parts))
    total, events = float(wholes.sum()), float(parts.sum())
    if not groups or high is None:
        return ()
    if events == 0:
        bound = zero_event_upper_bound(groups, level=terms.level)
        assert bound.exact_one_sided is not None and bound.rule_of_three is not None
        three = f"; rule of three: {shown(min(1.0, bound.rule_of_three))}" if terms.level == 0.95 else ""
        return (
            f"none seen, so the interval is an upper limit: at most {shown(high)}. With none in {groups:,} groups, the "
            f"share of groups with any is at most {shown(bound.exact_one_sided)} (exact, one-sided{three})",
        )
    warnings = []
    if touched < FEW_GROUPS and events < total:
        warnings.append(f"all of these are in {touched} of {groups:,} groups: the interval rests on few")
    largest = next((one for one in _largest(parts, wholes) if _dominates(one, events)), None)
    if largest is not None:
        shares = [shown(share) for share in (largest.share_of_bad, largest.share_of_claims) if share is not None]
        beside = [shown(v) for v in (largest.rate_without, largest.any_bad, largest.mean_of_answers) if v is not None]
        warnings.append(
            f"one response holds {shares[0]} of these and {shares[1]} of the claims; without it the rate is "
            f"{beside[0]}. Read beside it: {beside[1]} of responses have any, the mean over responses is {beside[2]}"
        )
    return tuple(warnings)


def _largest(parts: Vector, wholes: Vector) -> tuple[LargestAnswer, LargestAnswer]:
    return largest_answer(parts, wholes), largest_answer(parts, wholes, by="claims")


def _dominates(largest: LargestAnswer, events: float) -> bool:
    """Whether one response decides the rate: by its events, at least three, or by being far longer than the others."""
    if largest.rate_without is None or largest.share_of_bad is None or largest.share_of_claims is None:
        return False
    by_events = largest.share_of_bad > LARGE_SHARE and largest.share_of_bad * events > 3 - 1e-9
    return by_events or largest.share_of_claims > max(LARGE_SHARE, LARGE_MULTIPLE / largest.answers)
