"""How often the default intervals hold the true value: simulated answers, or answers drawn from real pools.

    python benchmarks/statistics/coverage_forms.py [--replications 400] [--seed 1] [--open 0.3]
    python benchmarks/statistics/coverage_forms.py --pools CLUSTERS.csv [--replications 200]

Simulated: claims per answer are 1 + a negative binomial (mean 12, standard deviation about 8.2); an answer's rate is
drawn from a Beta distribution with the intraclass correlation asked for. Of the claims not refuted, --open are not
enough info, drawn in the same way; they count half in the weighted rate.
Real: 20, 50 and 100 answers are drawn with replacement from each pool (source, setting, system) of a CSV with columns
source, setting, system, claims, bad, contradicted. Bad claims that aren't contradicted are the open ones; a pool
without the column "contradicted" filled in is taken with its bad claims as refuted.
Printed: coverage and, in brackets, mean width per cell, the share of samples whose estimate warns that one answer or a
few decide it, the same among those whose pooled interval misses, then the least and the mean coverage of each interval
and the number of cells below .93.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.statistics import (
    guarded_events_per_exposure,
    guarded_korn_graubard,
    guarded_mean_of_answers,
    linearised_t_interval,
)
from halueval.statistics.rates import Terms, VerdictTable, claim_shares, micro_share

Values: TypeAlias = NDArray[np.float64]
Limits: TypeAlias = tuple[float | None, float | None]
Cell: TypeAlias = tuple[str, dict[str, float], Callable[[], tuple[Values, ...]]]

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


def warned(claims: Values, refuted: Values, still_open: Values) -> bool:
    """Whether the estimate of the share refuted says that one answer decides it, or that few answers have any."""
    verdicts = np.stack([claims - refuted - still_open, refuted, still_open, np.zeros_like(claims)], axis=1)
    table = VerdictTable(verdicts, np.zeros_like(claims), np.zeros_like(claims), np.arange(len(claims)))
    said = micro_share(table, claim_shares()["refuted"], Terms()).warnings
    return any(word.startswith(("one response", "all of these")) for word in said)


# interval → the number it is for
INTERVALS: dict[Callable[[Values, Values, Values], Limits], str] = {
    pooled: "share",
    pooled_t: "share",
    mean: "mean",
    mean_t: "mean",
    weighted: "weighted",
    weighted_t: "weighted",
    per_answer: "per answer",
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


def simulated(random: np.random.Generator, rest: float) -> Iterator[Cell]:
    """Every cell of the grid: its name, the true numbers, and how to draw a sample."""
    for answers, rate, icc in product(ANSWERS, RATES, ICCS):
        truth = {
            "share": rate,
            "mean": rate,
            "weighted": rate + (1 - rate) * rest / 2,
            "per answer": rate * MEAN_CLAIMS,
        }
        yield f"{answers} answers, rate {rate:g}, icc {icc:g}", truth, partial(drawn, random, answers, rate, icc, rest)


def real(random: np.random.Generator, path: Path) -> Iterator[Cell]:
    """The same for each pool of real answers with at least 50 answers and one bad claim."""
    pools: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            claims, bad = float(row["claims"]), float(row["bad"])
            refuted = float(row["contradicted"] or bad)
            if claims:
                pools[" ".join((row["source"], row["setting"], row["system"]))].append((claims, refuted, bad - refuted))
    for name, rows in pools.items():
        pool = np.array(rows).T
        claims, refuted, still_open = pool
        if len(rows) < 50 or not refuted.sum():
            continue
        truth = {
            "share": float(refuted.sum() / claims.sum()),
            "mean": float((refuted / claims).mean()),
            "weighted": float((refuted + still_open / 2).sum() / claims.sum()),
            "per answer": float(refuted.mean()),
        }
        for answers in (20, 50, 100):
            yield f"{name} {answers}", truth, partial(_picked, random, pool, answers)


def _picked(random: np.random.Generator, pool: Values, answers: int) -> tuple[Values, ...]:
    return tuple(pool[:, random.integers(0, pool.shape[1], answers)])


def main() -> int:
    """Go through every cell and print it; 2 when the file cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--open", type=float, default=0.3, help="share of not-enough-info claims among those not refuted"
    )
    parser.add_argument("--pools", type=Path, help="CSV of claims and bad claims per real answer")
    options = parser.parse_args()
    if options.pools is not None and not options.pools.is_file():
        print(f"{options.pools}: no such file; wanted: a CSV of claims and bad claims per answer", file=sys.stderr)
        return 2
    random = np.random.default_rng(options.seed)
    names = [interval.__name__ for interval in INTERVALS]
    print(f"{'cell':<44}", *(f"{name:>13}" for name in names), "warned, of those missed")
    cells = []
    for cell, truth, sample in (
        simulated(random, options.open) if options.pools is None else real(random, options.pools)
    ):
        hits, widths, warnings, unheld = np.zeros(len(names)), np.zeros(len(names)), [], []
        for _ in range(options.replications):
            data = sample()
            before = hits[0]
            for n, (interval, number) in enumerate(INTERVALS.items()):
                low, high = interval(*data)
                if low is not None and high is not None:
                    hits[n] += low <= truth[number] <= high
                    widths[n] += high - low
            warnings.append(warned(*data))
            unheld.append(hits[0] == before)
        cells.append(hits / options.replications)
        shown = (f"{c:.3f} ({w:.3f})" for c, w in zip(cells[-1], widths / options.replications, strict=True))
        missed = [said for said, out in zip(warnings, unheld, strict=True) if out]
        of_missed = f"{np.mean(missed):.2f}" if missed else "-"
        print(f"{cell:<44}", *(f"{s:>13}" for s in shown), f"{np.mean(warnings):8.2f} {of_missed:>8}")
    print(f"{'least':<44}", *(f"{value:13.3f}" for value in np.min(cells, axis=0)))
    print(f"{'mean':<44}", *(f"{value:13.3f}" for value in np.mean(cells, axis=0)))
    print(
        f"{f'below .93, of {len(cells)} cells':<44}",
        *(f"{value:13d}" for value in (np.array(cells) < 0.93).sum(axis=0)),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
