"""Whether thresholds keep their promise on answers to come, and whether intervals of calibration scores hold.

    python benchmarks/statistics/guarantees.py [--draws 2000] [--seed 1] [--alpha 0.1] [--delta 0.1]
    python benchmarks/statistics/guarantees.py --scores [--draws 500]

Simulated: a population of 20,000 answers with 1 + a negative binomial number of claims (mean 12); an answer's share of
bad claims is drawn from a Beta distribution with the intraclass correlation asked for, and a verifier's scores are
shifted for all claims of an answer together, as a verifier that is misled by an answer is. Each draw takes n answers,
chooses thresholds on them and looks up what the whole population loses under each.

Printed per cell, as the mean risk of answers to come and the share of draws with a risk above alpha:
  conformal      conformal risk control over answers; promised: mean risk at most alpha
  learn-test     learn-then-test over answers; promised: share of draws at most delta
  uncorrected    the lowest threshold whose loss on the same answers is at most alpha; promises nothing
  claims crc     conformal risk control that takes claims for exchangeable; its risk is over claims
  claims ltt     learn-then-test that takes claims for independent; its risk is over claims
Draws for which a method gives no threshold keep nothing and lose nothing; their share is printed as "none".

--scores prints coverage, mean width and the share of draws without limits for ECE (a percentile bootstrap of answers as
the negative control, then ours with both kinds of bins), Brier, AUROC, the area under risk-coverage and the
temperature, with probabilities that are calibrated in the population and ones that are twice too sure. Exits 1 where a
promise is broken beyond three standard errors.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, expit, logit

from halueval.statistics import (
    area_under_risk_coverage,
    calibration_estimates,
    calibration_scores,
    conformal_risk_control,
    learn_then_test,
    risk_coverage,
    temperature_scaling,
)

Values = NDArray[np.float64]
ANSWERS, ICCS = (20, 50, 200), (0.05, 0.3, 0.5)
RATE = 0.2
METHODS = ("conformal", "learn-test", "uncorrected", "claims crc", "claims ltt")


@dataclass(frozen=True)
class Population:
    """Claims of many answers, one answer after the other; ``start`` says where each begins."""

    score: Values
    bad: Values
    start: NDArray[np.int64]
    size: NDArray[np.int64]

    def answers(self, chosen: NDArray[np.int64]) -> tuple[list[Values], list[Values]]:
        """Scores and labels of the chosen answers, one array per answer."""
        cuts = [slice(self.start[i], self.start[i] + self.size[i]) for i in chosen]
        return [self.score[c] for c in cuts], [self.bad[c] for c in cuts]


class Risk:
    """What the population loses under a threshold, per answer (bad kept over all claims) and per claim."""

    def __init__(self, population: Population) -> None:
        order = np.argsort(population.score)
        self._score = population.score[order]
        shares = np.repeat(1 / population.size, population.size)[order] * population.bad[order]
        self._answers = self._after(shares) / len(population.size)
        self._claims = self._after(population.bad[order]) / len(population.score)

    @staticmethod
    def _after(values: Values) -> Values:
        return np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])

    def __call__(self, threshold: float | None, *, claims: bool = False) -> float:
        if threshold is None:
            return 0.0
        place = int(np.searchsorted(self._score, threshold, side="right"))
        return float((self._claims if claims else self._answers)[place])


def population(icc: float, rng: np.random.Generator, answers: int = 20_000) -> Population:
    """Answers with clustered bad claims and a verifier that errs on whole answers together."""
    size = 1 + rng.negative_binomial(2.3, 2.3 / (2.3 + 11), answers)
    spread = (1 - icc) / icc
    own = np.repeat(rng.beta(RATE * spread, (1 - RATE) * spread, answers), size)
    bad = (rng.random(len(own)) < own).astype(np.float64)
    misled = np.repeat(rng.normal(0, math.sqrt(2 * icc), answers), size)
    score = expit(1.0 - 2.0 * bad + misled + rng.normal(0, 1, len(own)))
    return Population(score, bad, np.concatenate([[0], np.cumsum(size)[:-1]]), size)


def uncorrected(score: Values, weight: Values, budget: float) -> float:
    """The lowest threshold among 0 and the scores under which the weights of the kept add up to no more."""
    grid = np.unique(np.concatenate([[0.0], score]))
    order = np.argsort(score)
    after = np.concatenate([np.cumsum(weight[order][::-1])[::-1], [0.0]])
    kept = after[np.searchsorted(score[order], grid, side="right")]
    return float(grid[int(np.argmax(kept <= budget + 1e-12))])


def claims_learn_then_test(score: Values, bad: Values, alpha: float, delta: float) -> float | None:
    """Learn-then-test as if every claim were an independent draw."""
    taken: float | None = None
    for threshold in np.arange(100, -1, -1) / 100:
        if bdtr(float((bad * (score > threshold)).sum()), len(score), alpha) > delta:
            break
        taken = float(threshold)
    return taken


def risks(
    everyone: Population, answers: int, alpha: float, delta: float, draws: int, rng: np.random.Generator
) -> dict[str, tuple[Values, int]]:
    """Per method the true risk of each draw's threshold, and how many draws gave none."""
    risk = Risk(everyone)
    found: dict[str, list[float]] = {name: [] for name in METHODS}
    none = dict.fromkeys(METHODS, 0)
    for _ in range(draws):
        scores, bad = everyone.answers(rng.integers(0, len(everyone.size), answers))
        score, wrong = np.concatenate(scores), np.concatenate(bad)
        weight = wrong / np.repeat([len(s) for s in scores], [len(s) for s in scores])
        thresholds = {
            "conformal": conformal_risk_control(scores, bad, alpha=alpha).threshold,
            "learn-test": learn_then_test(scores, bad, alpha=alpha, delta=delta).threshold,
            "uncorrected": uncorrected(score, weight, alpha * answers),
            "claims crc": uncorrected(score, wrong, alpha * (len(score) + 1) - 1),
            "claims ltt": claims_learn_then_test(score, wrong, alpha, delta),
        }
        for name, threshold in thresholds.items():
            found[name].append(risk(threshold, claims=name.startswith("claims")))
            none[name] += threshold is None
    return {name: (np.array(values), none[name]) for name, values in found.items()}


def promises(draws: int, seed: int, alpha: float, delta: float) -> bool:
    """Print the table of risks; whether both promises held."""
    print(f"alpha {alpha:g}, delta {delta:g}, {draws:,} draws a cell: mean risk / share of draws above alpha")
    print("answers  ICC " + "".join(f"{name:>29}" for name in METHODS))
    held = True
    for icc in ICCS:
        rng = np.random.default_rng([seed, round(100 * icc)])
        everyone = population(icc, rng)
        for answers in ANSWERS:
            cells = risks(everyone, answers, alpha, delta, draws, rng)
            row = f"{answers:7}  {icc:4.2f}"
            for values, none in cells.values():
                said = f"{values.mean():.4f} / {(values > alpha).mean():.3f}"
                row += f"{said + (f' ({none / draws:.2f} none)' if none else ''):>29}"
            print(row, flush=True)
            mean = cells["conformal"][0]
            broken = float((cells["learn-test"][0] > alpha).mean())
            held &= float(mean.mean()) <= alpha + 3 * float(mean.std()) / math.sqrt(draws)
            held &= broken <= delta + 3 * math.sqrt(delta * (1 - delta) / draws)
    print("both promises held" if held else "a promise was broken")
    return held


def score_coverage(draws: int, seed: int) -> None:
    """Print how often the intervals of the calibration scores hold the population's values."""
    print("answers  ICC  sure  " + "".join(f"{name:>20}" for name in SCORES))
    for icc, sharper in product(ICCS, (1.0, 2.0)):
        rng = np.random.default_rng([seed, round(100 * icc), round(sharper)])
        everyone = population(icc, rng, 40_000)
        calibrated = population_calibrated(everyone)
        p = expit(sharper * logit(calibrated))
        truth = score_values(p, everyone.bad)
        for answers in (20, 50, 200):
            hit, width, none = np.zeros(len(SCORES)), np.zeros(len(SCORES)), np.zeros(len(SCORES))
            for _ in range(draws):
                chosen = rng.integers(0, len(everyone.size), answers)
                cuts = np.concatenate(
                    [np.arange(everyone.start[i], everyone.start[i] + everyone.size[i]) for i in chosen]
                )
                number = np.repeat(np.arange(answers), everyone.size[chosen])
                for k, (low, high) in enumerate(score_limits(p[cuts], everyone.bad[cuts], number)):
                    true = truth[k]
                    if low is None or high is None or true is None:
                        none[k] += 1
                        continue
                    hit[k] += low <= true <= high
                    width[k] += high - low
            given = np.maximum(1, draws - none)
            cells = [
                f"{hit[k] / given[k]:.3f} ({width[k] / given[k]:.3f})" + (f" {none[k] / draws:.2f}" if none[k] else "")
                for k in range(len(SCORES))
            ]
            print(f"{answers:7}  {icc:4.2f}  {sharper:4.1f}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


SCORES = ("ECE, bootstrap", "ECE, width", "ECE, mass", "Brier", "AUROC", "AURC", "temperature")


def population_calibrated(everyone: Population) -> Values:
    """Probabilities of being bad that are calibrated: the share of bad claims among those of like scores."""
    order = np.argsort(everyone.score)
    result = np.empty_like(everyone.score)
    for part in np.array_split(order, 400):
        result[part] = min(0.999, max(0.001, float(everyone.bad[part].mean())))
    return result


def score_values(p: Values, bad: Values) -> list[float | None]:
    """The population's own scores."""
    wide, even = calibration_scores(p, bad), calibration_scores(p, bad, equal_mass=True)
    confidence, error = np.maximum(p, 1 - p), ((p > 0.5) != bad).astype(np.float64)
    return [
        wide.ece,
        wide.ece,
        even.ece,
        wide.brier,
        wide.auroc,
        risk_coverage(confidence, error).aurc,
        temperature_scaling(logit(p), bad).temperature,
    ]


def score_limits(p: Values, bad: Values, number: NDArray[np.int64]) -> list[tuple[float | None, float | None]]:
    """The limits of each score in a sample."""
    wide = calibration_estimates(p, bad, number)
    even = calibration_estimates(p, bad, number, equal_mass=True)
    confidence, error = np.maximum(p, 1 - p), ((p > 0.5) != bad).astype(np.float64)
    area = area_under_risk_coverage(confidence, error, number)
    found = temperature_scaling(logit(p), bad, number)
    ours = [(e.low, e.high) for e in (wide.ece, even.ece, wide.brier, wide.auroc, area)]
    return [bootstrapped_ece(p, bad, number), *ours, (found.low, found.high)]


def bootstrapped_ece(p: Values, bad: Values, number: NDArray[np.int64], resamples: int = 400) -> tuple[float, float]:
    """The negative control: percentile limits of ECE with whole answers resampled."""
    index = np.minimum((10 * p + 1e-9).astype(np.int64), 9)
    answers = int(number.max()) + 1
    errors = np.bincount(10 * number + index, weights=bad - p, minlength=10 * answers).reshape(answers, 10)
    times = np.random.default_rng(len(p)).multinomial(answers, np.full(answers, 1 / answers), resamples)
    drawn = np.abs(times @ errors).sum(axis=1) / (times @ np.bincount(number))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def main() -> int:
    """Print the table asked for; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--alpha", type=float, default=0.1)
    parser.add_argument("--delta", type=float, default=0.1)
    parser.add_argument("--scores", action="store_true", help="intervals of the scores instead of promises")
    given = parser.parse_args()
    if given.scores:
        score_coverage(given.draws, given.seed)
        return 0
    return 0 if promises(given.draws, given.seed, given.alpha, given.delta) else 1


if __name__ == "__main__":
    sys.exit(main())
