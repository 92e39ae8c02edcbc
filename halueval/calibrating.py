"""Results with hand labels → what a verifier's probabilities are worth, and thresholds that keep a promise.

The one place where records meet :mod:`halueval.statistics.calibration`, ``selective`` and ``conformal``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from halueval.errors import InputError
from halueval.records import LABELS, Failure, Label, Outcome, Result, Verdict, group_of
from halueval.statistics.calibration import CalibrationEstimates, calibration_estimates
from halueval.statistics.conformal import Loss, Threshold, conformal_risk_control, learn_then_test
from halueval.statistics.estimate import Estimate
from halueval.statistics.recalibration import Temperature, cross_calibrated, temperature_scaling
from halueval.statistics.selective import RiskAtCoverage, area_under_risk_coverage, risk_at_coverage

if TYPE_CHECKING:
    from halueval.report.forest import Svg

__all__ = ["GoldLabels", "VerifierCalibration", "calibrate_verifier", "recalibrated", "threshold_for"]

GoldLabels: TypeAlias = Mapping[str, Label] | Mapping[tuple[str, str], Label]
"""What people say of claims, by claim id; by (response id, claim id) where claim ids repeat between responses."""

_COVERAGES = tuple(k / 10 for k in range(1, 11))
_LEAST = 1e-6  # what a probability of 0 is taken for where its logarithm is needed: a verifier's 0 is a rounded number


@dataclass(frozen=True, slots=True)
class VerifierCalibration:
    """How far a verifier's probabilities can be believed, from claims that people labelled too.

    ``scores`` are those of the probability of ``event``; ``after`` those of the same probability once scaled by a
    temperature that was fitted without the claim's own group. ``temperature`` is fitted to all three probabilities, for
    use with :func:`recalibrated`. ``area`` and ``risk`` are about the verdict itself: how often its label is wrong,
    with the claims kept whose label was given the highest probability. ``without_probabilities`` and ``failed`` count
    labelled claims that had no number to judge.
    """

    event: Label
    scores: CalibrationEstimates
    after: CalibrationEstimates
    temperature: Temperature
    area: Estimate
    risk: tuple[RiskAtCoverage, ...]
    claims: int
    groups: int
    without_probabilities: int = 0
    failed: int = 0
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is printed: the scores before and after scaling, the temperature, the area, the warnings."""
        found = self.temperature
        said = found.reason.replace("_", " ") if found.temperature is None else f"{found.temperature:.3g}"
        limits = "" if found.low is None or found.high is None else f" [{found.low:.3g}, {found.high:.3g}]"
        return "\n".join(
            [
                f"probability of {self.event}, {self.claims:,} labelled claims, {self.groups:,} groups",
                *(e.figure for e in (self.scores.ece, self.scores.brier, self.scores.auroc)),
                f"temperature {said}{limits}; with one fitted on other groups:",
                *(f"  {e.figure}" for e in (self.after.ece, self.after.brier)),
                self.area.figure,
                *(f"  warning: {w}" for w in self.warnings),
            ]
        )

    def _repr_html_(self) -> str:
        """For a notebook: the words, then both plots."""
        from html import escape

        return f"<pre>{escape(str(self))}</pre>{self.reliability_diagram()}{self.risk_coverage_plot()}"

    def reliability_diagram(self) -> Svg:
        """What was predicted against what people found."""
        from halueval.report.trust import reliability_diagram

        return reliability_diagram(self.scores, f"Reliability of the probability of {self.event.replace('_', ' ')}")

    def risk_coverage_plot(self) -> Svg:
        """Wrong labels among the most confident ones."""
        from halueval.report.trust import risk_coverage_plot

        return risk_coverage_plot(self.risk)


def calibrate_verifier(
    results: Iterable[Result],
    gold: GoldLabels,
    *,
    event: Label = "refuted",
    bins: int = 10,
    equal_mass: bool = False,
    level: float = 0.95,
    seed: int = 0,
) -> VerifierCalibration:
    """What the verdicts' probabilities are worth, measured on claims that people labelled.

    Parameters
    ----------
    results : iterable of Result
        Read once.
    gold : mapping
        Labels by people; see :data:`GoldLabels`. Claims without one are left alone. They should be a random sample of
        the claims: labels drawn by verdict (a labelling sheet that takes more flagged claims) distort every score here.
    event : str
        The label whose probability is scored.
    bins, equal_mass, level, seed
        As for :func:`halueval.statistics.calibration_estimates`.

    Returns
    -------
    VerifierCalibration
        With undefined estimates where no labelled claim has probabilities.

    Raises
    ------
    InputError
        A label for a claim that isn't there, for an id that two claims share, or one that isn't a label.

    Examples
    --------
    >>> from halueval.records import Claim, Extraction, Response
    >>> claims = tuple(Claim(f"c{i}", "r", "Aspirin is a drug.") for i in range(2))
    >>> sure = {"supported": 0.1, "refuted": 0.8, "not_enough_info": 0.1}
    >>> verdicts = tuple(Verdict(claim.id, "refuted", sure) for claim in claims)
    >>> result = Result(Response("r", "Aspirin is a drug."), Extraction("r", claims), verdicts)
    >>> found = calibrate_verifier([result], {"c0": "refuted", "c1": "supported"})
    >>> round(found.scores.ece.value, 2), round(found.scores.brier.value, 2)
    (0.3, 0.34)
    """
    if event not in LABELS:
        raise InputError(f"event is {event!r}", wanted=f"one of {', '.join(LABELS)}")
    rows: list[tuple[float, float, float]] = []
    truth: list[int] = []
    wrong: list[int] = []
    groups: list[str] = []
    verifiers: Counter[str] = Counter()
    failed = silent = 0
    confidence: list[float] = []
    for result, outcome, label in ((r, o, x) for r, rows_of in _labelled(results, gold) for o, x in rows_of):
        if label is None:
            continue
        if isinstance(outcome, Failure):
            failed += 1
        elif outcome.probabilities is None:
            silent += 1
        else:
            verifiers[outcome.verifier] += 1
            a, b, c = (float(outcome.probabilities[name]) for name in LABELS)
            rows.append((a, b, c))
            truth.append(LABELS.index(label))
            wrong.append(int(outcome.label != label))
            confidence.append(float(outcome.probabilities[outcome.label]))
            groups.append(group_of(result.response))
    table = np.array(rows, dtype=np.float64).reshape(-1, len(LABELS))
    place = LABELS.index(event)
    probability, outcomes = np.clip(table[:, place], 0.0, 1.0), [int(t == place) for t in truth]
    after = cross_calibrated(probability, outcomes, groups, seed=seed)

    def scored(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> CalibrationEstimates:
        return calibration_estimates(values, outcomes, groups, bins=bins, equal_mass=equal_mass, level=level, seed=seed)

    return VerifierCalibration(
        event,
        scored(probability),
        scored(after),
        temperature_scaling(np.log(np.maximum(table, _LEAST)), truth, groups, level=level),
        area_under_risk_coverage(confidence, wrong, groups, level=level, seed=seed),
        tuple(risk_at_coverage(confidence, wrong, groups, share, level=level) for share in _COVERAGES),
        len(rows),
        len(set(groups)),
        silent,
        failed,
        _warnings(verifiers, silent, failed),
    )


def threshold_for(
    results: Iterable[Result],
    gold: GoldLabels,
    *,
    alpha: float,
    method: Literal["learn_then_test", "conformal"] = "learn_then_test",
    delta: float = 0.1,
    loss: Loss = "bad_share",
    bad: Iterable[Label] = ("refuted",),
) -> Threshold:
    """From which probability of *supported* up to show claims, so that answers to come lose at most ``alpha``.

    Parameters
    ----------
    results, gold
        As for :func:`calibrate_verifier`. Only answers whose checkworthy claims are all labelled can be used; one of
        their claims without probabilities (a failure, a verdict without) is scored 0: it is never shown.
    alpha, delta, loss
        As for :func:`halueval.statistics.learn_then_test`; ``delta`` isn't used by "conformal".
    method : {"learn_then_test", "conformal"}
        With confidence 1 - delta, or in expectation only.
    bad : iterable of str
        Which labels by people make a claim bad to show; "not_enough_info" may be another.

    Returns
    -------
    Threshold
        Its units are groups (prompts). None with the reason where the labelled answers are too few. There is no such
        threshold per claim, because claims of one answer aren't exchangeable.

    Raises
    ------
    InputError
        As :func:`calibrate_verifier`, and for an unknown method or label.
    """
    worse = frozenset(bad)
    if unknown := worse - set(LABELS):
        raise InputError(f"bad names {sorted(unknown)[0]!r}", wanted=f"labels among {', '.join(LABELS)}")
    if method not in ("learn_then_test", "conformal"):
        raise InputError(f"method is {method!r}", wanted="learn_then_test or conformal")
    scores: list[list[float]] = []
    flags: list[list[int]] = []
    groups: list[str] = []
    for result, outcomes in _labelled(results, gold):
        if all(label is not None for _, label in outcomes):
            scores.append([_supported(outcome) for outcome, _ in outcomes])
            flags.append([int(label in worse) for _, label in outcomes])
            groups.append(group_of(result.response))
    if method == "conformal":
        return conformal_risk_control(scores, flags, alpha=alpha, loss=loss, groups=groups)
    return learn_then_test(scores, flags, alpha=alpha, delta=delta, loss=loss, groups=groups)


def recalibrated(verdict: Verdict, temperature: float) -> Verdict:
    """The verdict with its probabilities scaled by a temperature and called calibrated; the label stays.

    Raises
    ------
    InputError
        The temperature isn't a finite number above 0.

    Examples
    --------
    >>> sure = Verdict("c", "refuted", {"supported": 0.04, "refuted": 0.64, "not_enough_info": 0.32})
    >>> {name: round(p, 2) for name, p in recalibrated(sure, 2.0).probabilities.items()}
    {'supported': 0.13, 'refuted': 0.51, 'not_enough_info': 0.36}
    """
    if not 0 < temperature < math.inf:
        raise InputError(f"temperature is {temperature}", wanted="a finite number above 0")
    if verdict.probabilities is None:
        return verdict
    powers = np.log([max(_LEAST, verdict.probabilities[name]) for name in LABELS]) / temperature
    shares = np.exp(powers - powers.max())
    shares /= shares.sum()
    return replace(verdict, probabilities=dict(zip(LABELS, shares.tolist(), strict=True)), calibrated=True)


def _labelled(
    results: Iterable[Result], gold: GoldLabels
) -> Iterator[tuple[Result, list[tuple[Outcome, Label | None]]]]:
    """Each result's checkworthy claims: outcome, and what people say; every label is used once, or refused."""
    labels: dict[str | tuple[str, str], Label] = {key: label for key, label in gold.items()}
    for name, label in labels.items():
        if label not in LABELS:
            raise InputError(f"the label of claim {name!r} is {label!r}", wanted=f"one of {', '.join(LABELS)}")
    used: set[str | tuple[str, str]] = set()
    for result in results:
        if result.extraction.failure is not None:
            continue
        rows: list[tuple[Outcome, Label | None]] = []
        for i, claim in enumerate(c for c in result.extraction.claims if c.checkworthy):
            names: tuple[str | tuple[str, str], ...] = ((result.response.id, claim.id), claim.id)
            key = next((k for k in names if k in labels), None)
            if key is not None and key in used:
                raise InputError(
                    f"the label of claim {key!r} fits two claims",
                    wanted="one claim per label",
                    todo="name claims by (response id, claim id)",
                )
            if key is not None:
                used.add(key)
            outcome: Outcome = (
                result.outcomes[i]
                if i < len(result.outcomes)
                else Failure("verification", "plugin_error", "no outcome was recorded for this claim", claim.id)
            )
            rows.append((outcome, None if key is None else labels[key]))
        yield result, rows
    if missing := [key for key in labels if key not in used]:
        raise InputError(
            f"{len(missing):,} labels are for claims that are not there, the first for {missing[0]!r}",
            wanted="ids of checkworthy claims in these results",
        )


def _supported(outcome: Outcome) -> float:
    if isinstance(outcome, Failure) or outcome.probabilities is None:
        return 0.0
    return min(1.0, max(0.0, float(outcome.probabilities["supported"])))


def _warnings(verifiers: Counter[str], silent: int, failed: int) -> tuple[str, ...]:
    said = []
    if len(verifiers) > 1:
        named = ", ".join(f"{name or 'unnamed'} ({n:,})" for name, n in verifiers.most_common(5))
        said.append(f"verdicts of several verifiers are scored together: {named}")
    if silent:
        said.append(f"{silent:,} labelled claims have a verdict without probabilities and are in no score")
    if failed:
        said.append(f"{failed:,} labelled claims could not be checked and are in no score")
    return tuple(said)
