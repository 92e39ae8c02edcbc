"""How often the default intervals hold the true value: simulated answers with clustered claims.

    python benchmarks/statistics/coverage.py [--replications 400] [--seed 1] [--open 0.3]

Claims per answer are 1 + a negative binomial (mean 12, standard deviation about 8.2); an answer's rate is drawn from a
Beta distribution with the intraclass correlation asked for. Of the claims not refuted, --open are not enough info,
drawn in the same way; they count half in the weighted rate. Printed: coverage and, in brackets, mean width per cell,
then the least and the mean coverage of each interval.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.statistics import (
    guarded_events_per_exposure,
    guarded_korn_graubard,
    guarded_mean_of_answers,
    linearised_t_interval,
)

Values: TypeAlias = NDArray[np.float64]
Limits: TypeAlias = tuple[float | None, float | None]

MEAN_CLAIMS = 12
ANSWERS, RATES, ICCS = (10, 20, 50, 200), (0.005, 0.02, 0.05, 0.2), (0.0, 0.2, 0.5)


def pooled(claims: Values, refuted: Values, still_open: Values) -> Limits:
    """The default interval of the share refuted."""
    found = guarded_korn_graubard(refuted, claims)
    return found.low, found.high


def pooled_t(claims: Values, refuted: Values, still_open: Values) -> Limits:
    """The textbook interval of the same share."""
    found = linearised_t_interval(refuted, claims)
    return found.low, found.high


def mean(claims: Values, refuted: Values, still_open: Values) -> Limits:
    """The default interval of the mean over answers."""
    found = guarded_mean_of_answers(refuted, claims)
    return found.low, found.high


def mean_t(claims: Values, refuted: Values, still_open: Values) -> Limits:
    """The textbook t interval of the mean over answers."""
    found = linearised_t_interval(refuted / claims, np.ones_like(claims))
    return found.low, found.high


def weighted(claims: Values, refuted: Values, still_open: Values) -> Limits:
    """The default interval of M3's rate: refuted 1, open 0.5."""
    found = guarded_korn_graubard(refuted + still_open / 2, claims, squares=refuted + still_open / 4)
    return found.low, found.high


def weighted_t(claims: Values, refuted: Values, still_open: Values) -> Limits:
    """The textbook interval of M3's rate."""
    found = linearised_t_interval(refuted + still_open / 2, claims)
    return found.low, found.high


def per_answer(claims: Values, refuted: Values, still_open: Values) -> Limits:
    """The default interval of refuted claims per answer."""
    design = guarded_korn_graubard(refuted, claims).design_effect
    found = guarded_events_per_exposure(refuted, np.ones_like(claims), design=design or 1.0)
    return found.low, found.high


# interval → the true value from the rate and the share of open claims
INTERVALS: dict[Callable[[Values, Values, Values], Limits], Callable[[float, float], float]] = {
    pooled: lambda rate, rest: rate,
    pooled_t: lambda rate, rest: rate,
    mean: lambda rate, rest: rate,
    mean_t: lambda rate, rest: rate,
    weighted: lambda rate, rest: rate + (1 - rate) * rest / 2,
    weighted_t: lambda rate, rest: rate + (1 - rate) * rest / 2,
    per_answer: lambda rate, rest: rate * MEAN_CLAIMS,
}


def drawn(random: np.random.Generator, answers: int, rate: float, icc: float, rest: float) -> tuple[Values, ...]:
    """Claims, refuted and open claims of each answer."""
    size = 2.14
    claims = 1 + random.negative_binomial(size, size / (size + MEAN_CLAIMS - 1), answers)
    refuted = random.binomial(claims, _rates(random, answers, rate, icc))
    still_open = random.binomial(claims - refuted, _rates(random, answers, rest, icc))
    return claims.astype(np.float64), refuted.astype(np.float64), still_open.astype(np.float64)


def _rates(random: np.random.Generator, answers: int, rate: float, icc: float) -> Values:
    if icc == 0 or rate == 0:
        return np.full(answers, rate)
    strength = (1 - icc) / icc
    return random.beta(rate * strength, (1 - rate) * strength, answers)


def main() -> None:
    """Simulate every cell and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--open", type=float, default=0.3, help="share of not-enough-info claims among those not refuted"
    )
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    names = [interval.__name__ for interval in INTERVALS]
    print(f"{'answers':>7} {'rate':>6} {'icc':>4}", *(f"{name:>13}" for name in names))
    cells = []
    for answers, rate, icc in product(ANSWERS, RATES, ICCS):
        hits, widths = np.zeros(len(names)), np.zeros(len(names))
        for _ in range(options.replications):
            sample = drawn(random, answers, rate, icc, options.open)
            for n, (interval, truth) in enumerate(INTERVALS.items()):
                low, high = interval(*sample)
                if low is not None and high is not None:
                    hits[n] += low <= truth(rate, options.open) <= high
                    widths[n] += high - low
        cells.append(hits / options.replications)
        shown = (f"{c:.3f} ({w:.3f})" for c, w in zip(cells[-1], widths / options.replications, strict=True))
        print(f"{answers:7d} {rate:6g} {icc:4g}", *(f"{s:>13}" for s in shown))
    for label, row in (("least", np.min(cells, axis=0)), ("mean", np.mean(cells, axis=0))):
        print(f"{label:<19}", *(f"{value:13.3f}" for value in row))


if __name__ == "__main__":
    main()
