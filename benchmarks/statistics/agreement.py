"""How often the intervals of agreement hold the true coefficient: the one in use, and others that were tried.

    python benchmarks/statistics/agreement.py [--replications 200] [--seed 1]

A rater labels claims of simulated answers (claims per answer: 1 + a negative binomial; bad claims clustered in answers
by the intraclass correlation asked for), a verifier with the sensitivity and specificity asked for labels them too.
Printed per cell for Cohen's kappa and Gwet's AC1: coverage of nominal 95 % and mean width of the interval in use
(*ours*), of the linearised t interval alone (*t*) and of the percentile cluster bootstrap (*bootstrap*, 199 resamples).
An interval that is undefined does not cover.
"""

from __future__ import annotations

import argparse
import sys
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from halueval.statistics import cohen_kappa, gwet_ac1
from halueval.statistics.agreement import Agreement

CELLS = tuple(product(((20, 8), (50, 2), (50, 8), (200, 2)), (0.05, 0.2), (0.05, 0.3), ((0.7, 0.95), (0.9, 0.99))))
RESAMPLES = 199


def drawn(
    random: np.random.Generator, answers: int, mean: int, rate: float, icc: float, quality: tuple[float, float]
) -> NDArray[np.int64]:
    """Rows: the rater's label, the verifier's, the answer."""
    claims = 1 + random.negative_binomial(2.14, 2.14 / (2.14 + mean - 1), answers)
    strength = (1 - icc) / icc
    answer = np.repeat(np.arange(answers), claims)
    bad = random.random(len(answer)) < random.beta(rate * strength, (1 - rate) * strength, answers)[answer]
    flagged = random.random(len(answer)) < np.where(bad, quality[0], 1 - quality[1])
    return np.stack([bad, flagged, answer]).astype(np.int64)


def kappa(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of rows (both good, verifier only, rater only, both bad)."""
    n = table.sum(axis=1)
    expected = (
        (table[:, 0] + table[:, 1]) * (table[:, 0] + table[:, 2])
        + (table[:, 3] + table[:, 1]) * (table[:, 3] + table[:, 2])
    ) / n**2
    return _over_chance((table[:, 0] + table[:, 3]) / n, expected)


def ac1(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the same rows."""
    n = table.sum(axis=1)
    share = (table[:, 3] + (table[:, 1] + table[:, 2]) / 2) / n
    return _over_chance((table[:, 0] + table[:, 3]) / n, 2 * share * (1 - share))


def _over_chance(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return (observed - expected) / (1 - expected)


def intervals(
    random: np.random.Generator, name: str, data: NDArray[np.int64]
) -> dict[str, tuple[float | None, float | None]]:
    """The three of one sample."""
    bad, flagged, answer = data
    found: Agreement = (
        cohen_kappa(bad.tolist(), flagged.tolist(), groups=answer.tolist())
        if name == "kappa"
        else gwet_ac1([bad.tolist(), flagged.tolist()], categories=2, groups=answer.tolist())
    )
    answers = int(answer.max()) + 1
    table = np.bincount(4 * answer + 2 * bad + flagged, minlength=4 * answers).reshape(answers, 4).astype(np.float64)
    of = kappa if name == "kappa" else ac1
    jack = of(table.sum(axis=0) - table)
    error = float(np.sqrt((answers - 1) * jack.var())) if np.isfinite(jack).all() else 0.0
    resamples = of(random.multinomial(answers, [1 / answers] * answers, RESAMPLES) @ table)
    ends = np.quantile(resamples[np.isfinite(resamples)], (0.025, 0.975)) if np.isfinite(resamples).any() else (0, 0)
    value = found.value
    half = float(stdtrit(answers - 1, 0.975)) * error
    return {
        "ours": (found.low, found.high),
        "t": (None, None) if value is None or not error else (value - half, min(1.0, value + half)),
        "bootstrap": (None, None) if value is None else (float(ends[0]), float(ends[1])),
    }


def main() -> int:
    """Go through every cell and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    every: dict[tuple[str, str], list[float]] = {}
    for (answers, mean), rate, icc, quality in CELLS:
        bad, flagged, _ = drawn(random, 100_000, mean, rate, icc, quality)
        whole = np.bincount(2 * bad + flagged, minlength=4)[None].astype(np.float64)
        for name, truth in (("kappa", float(kappa(whole)[0])), ("ac1", float(ac1(whole)[0]))):
            held: dict[str, list[tuple[bool, float]]] = {}
            for _ in range(options.replications):
                sample = drawn(random, answers, mean, rate, icc, quality)
                for way, (low, high) in intervals(random, name, sample).items():
                    known = low is not None and high is not None
                    row = (low <= truth <= high, high - low) if known else (False, 0.0)  # type: ignore[operator]
                    held.setdefault(way, []).append(row)
            shown = []
            for way, rows in held.items():
                coverage, width = np.mean(rows, axis=0)
                every.setdefault((name, way), []).append(float(coverage))
                shown.append(f"{way} {coverage:.3f} ({width:.2f})")
            cell = f"{answers} answers x {mean}, rate {rate:g}, icc {icc:g}, se {quality[0]:g}, sp {quality[1]:g}"
            print(f"{cell:<56} {name:<5} {truth:.2f}:", *shown, flush=True)
    for (name, way), values in every.items():
        below = f"below .93 in {sum(value < 0.93 for value in values)} of {len(values)}"
        print(f"{name:<5} {way:<9} least {min(values):.3f}, mean {np.mean(values):.3f}, {below}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
