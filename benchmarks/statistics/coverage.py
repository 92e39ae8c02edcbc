"""How often a nominal 95 % interval of the pooled rate holds the true one: the default, and what it replaces.

    python benchmarks/statistics/coverage.py [--replications 4000] [--seed 1] [--only main stress] [-o CELLS.csv]
    python benchmarks/statistics/coverage.py --reference coverage_reference.csv

Simulated. Claims per answer are 1 + a negative binomial (mean 12, standard deviation 8.5); an answer's rate is drawn
from a Beta distribution with the intraclass correlation (ICC) asked for.
    main      20, 50, 200, 1,000 answers x rate .5, 2, 5, 20 % x ICC 0, .05, .2
    stress    20, 50, 200 answers x rate .5 to 50 % x ICC .3, .5, and 5 or 10 answers x ICC 0, .2, .5
    shapes    answers of one claim; answers whose rate grows with their length, ICC .1

The default is judged: at least .94 in every main cell and every stress cell at ICC .3 and .5, at least .96 on average
over the main cells; else the exit code is 1. Beside it the linearised t, Wilson on the effective number of claims and
the studentised bootstrap; pooled Wilson and the percentile bootstrap stand as negative controls. A sample for which an
interval is undefined counts as missed, and its width is left out. The bootstraps see --bootstrap-replications of the
samples with --resamples each, drawn for 200 samples at a time with one matrix of weights, as for 200 models.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.statistics import (
    bootstrap_statistics,
    guarded_korn_graubard,
    linearised_t_interval,
    wilson,
    wilson_on_effective_claims,
)

Values: TypeAlias = NDArray[np.float64]
Limits: TypeAlias = tuple[float | None, float | None]

MEAN_CLAIMS, DEVIATION = 12.0, 8.5
LEAST, LEAST_MEAN = 0.94, 0.96
TOGETHER = 200  # samples that share a matrix of bootstrap weights


@dataclass(frozen=True)
class Cell:
    """One design: so many answers, of this rate and correlation."""

    table: str
    answers: int
    rate: float
    icc: float
    one_claim: bool = False
    longer_is_worse: bool = False

    @property
    def truth(self) -> float:
        """The rate of the population of claims; long answers weigh more in it."""
        grown = 1 + 0.6 * (DEVIATION / MEAN_CLAIMS) ** 2 if self.longer_is_worse else 1.0
        return self.rate * grown

    @property
    def judged(self) -> bool:
        """Whether the default has to hold here."""
        return self.table == "main" or (self.table == "stress" and self.icc in (0.3, 0.5))

    def __str__(self) -> str:
        shape = " one claim each" * self.one_claim + " longer is worse" * self.longer_is_worse
        return f"{self.table:<6} {self.answers:>5} answers, rate {self.rate:g}, icc {self.icc:g}{shape}"

    def drawn(self, random: np.random.Generator, replications: int) -> tuple[Values, Values]:
        """Bad claims and claims, a row per replication and a column per answer."""
        shape = (replications, self.answers)
        if self.one_claim:
            claims = np.ones(shape, dtype=np.int64)
        else:
            mean = MEAN_CLAIMS - 1
            size = mean**2 / (DEVIATION**2 - mean)
            claims = 1 + random.negative_binomial(size, size / (size + mean), shape)
        rates: Values | float = self.rate
        if self.longer_is_worse:
            rates = np.minimum(self.rate * (0.4 + 0.6 * claims / MEAN_CLAIMS), 0.99)
        if self.icc:
            strength = (1 - self.icc) / self.icc
            rates = random.beta(rates * strength, (1 - np.asarray(rates)) * strength, shape)
        return random.binomial(claims, rates).astype(np.float64), claims.astype(np.float64)


def cells() -> Iterator[Cell]:
    """Every design."""
    rates = (0.005, 0.02, 0.05, 0.2)
    for answers, rate, icc in product((20, 50, 200, 1000), rates, (0.0, 0.05, 0.2)):
        yield Cell("main", answers, rate, icc)
    for sizes, iccs in (((20, 50, 200), (0.3, 0.5)), ((5, 10), (0.0, 0.2, 0.5))):
        for answers, rate, icc in product(sizes, (*rates, 0.5), iccs):
            yield Cell("stress", answers, rate, icc)
    for answers, rate in product((20, 50, 200), (0.02, 0.1)):
        yield Cell("shapes", answers, rate, 0.0, one_claim=True)
        yield Cell("shapes", answers, rate, 0.1, longer_is_worse=True)


def default(bad: Values, claims: Values) -> Limits:
    """Guarded Korn-Graubard."""
    found = guarded_korn_graubard(bad, claims)
    return found.low, found.high


def linearised(bad: Values, claims: Values) -> Limits:
    """The textbook t interval."""
    found = linearised_t_interval(bad, claims)
    return found.low, found.high


def effective(bad: Values, claims: Values) -> Limits:
    """Wilson on the claims divided by the design effect."""
    found = wilson_on_effective_claims(bad, claims)
    return found.low, found.high


def pooled(bad: Values, claims: Values) -> Limits:
    """Wilson as if claims were independent."""
    found = wilson(bad.sum(), claims.sum())
    return found.low, found.high


INTERVALS: dict[str, Callable[[Values, Values], Limits]] = {
    "default": default,
    "linearised t": linearised,
    "Wilson n/deff": effective,
    "pooled Wilson": pooled,
}
BOOTSTRAPS = ("percentile", "bca", "studentised")


def bootstrapped(bad: Values, claims: Values, resamples: int, seed: int) -> dict[str, list[Limits]]:
    """Percentile, BCa and studentised limits of each replication, all replications from the same resamples."""
    n, groups = bad.shape
    columns = np.concatenate([bad, claims, bad * bad, bad * claims, claims * claims]).T

    def rates(sums: Values) -> Values:
        found: Values = sums[:, :n] / sums[:, n : 2 * n]
        return found

    def errors(sums: Values) -> Values:
        share = rates(sums)
        squares = sums[:, 2 * n : 3 * n] - 2 * share * sums[:, 3 * n : 4 * n] + share**2 * sums[:, 4 * n :]
        found: Values = np.sqrt(np.where(squares > 1e-9, squares, 0) * groups / (groups - 1)) / sums[:, n : 2 * n]
        return found

    found = bootstrap_statistics(columns, rates, error=errors, resamples=resamples, seed=seed)
    return {name: [(getattr(one, f"{name}_low"), getattr(one, f"{name}_high")) for one in found] for name in BOOTSTRAPS}


@dataclass(frozen=True)
class Coverage:
    """How often an interval held, how wide it was where it had limits, and on which side it missed."""

    held: float
    width: float
    too_high: float
    too_low: float


def judged(limits: list[Limits], truth: float) -> Coverage:
    """Of one interval in one cell."""
    ends = np.array([(np.nan, np.nan) if low is None else (low, high) for low, high in limits], dtype=np.float64)
    defined = ~np.isnan(ends[:, 0])
    too_high, too_low = (float(side.mean()) for side in (ends[:, 0] > truth, ends[:, 1] < truth))
    width = float((ends[defined, 1] - ends[defined, 0]).mean()) if defined.any() else 0.0
    return Coverage(float(defined.mean()) - too_high - too_low, width, too_high, too_low)


def measured(cell: Cell, replications: int, again: int, resamples: int, seed: list[int]) -> dict[str, Coverage]:
    """Coverage of every interval in a cell; without ``again`` replications there are no bootstraps."""
    bad, claims = cell.drawn(np.random.default_rng(seed), replications)
    found = {
        name: judged([interval(y, m) for y, m in zip(bad, claims, strict=True)], cell.truth)
        for name, interval in INTERVALS.items()
    }
    limits: dict[str, list[Limits]] = {name: [] for name in BOOTSTRAPS}
    for start in range(0, min(again, replications), TOGETHER):
        part = slice(start, min(start + TOGETHER, again))
        for name, some in bootstrapped(bad[part], claims[part], resamples, sum(seed) + start).items():
            limits[name] += some
    return found | {f"{name} boot": judged(some, cell.truth) for name, some in limits.items() if some}


def compared(found: dict[Cell, dict[str, Coverage]], path: Path) -> None:
    """How far the default's coverage is from that of another simulation of the same main cells."""
    with path.open(newline="", encoding="utf-8") as lines:
        theirs = {(int(r["answers"]), float(r["rate"]), float(r["icc"])): r for r in csv.DictReader(lines)}
    for name, column in {
        "default": "guarded_korn_graubard_prior20",
        "linearised t": "linearised_t",
        "Wilson n/deff": "wilson_n_over_deff",
        "pooled Wilson": "pooled_wilson",
        "percentile boot": "cluster_bootstrap",
    }.items():
        apart = [
            of[name].held - float(theirs[cell.answers, cell.rate, cell.icc][f"cover_{column}"])
            for cell, of in found.items()
            if cell.table == "main" and name in of
        ]
        if apart:
            print(f"{name} against the reference: mean {np.mean(apart):+.4f}, largest {max(map(abs, apart)):.4f}")


def written(found: dict[Cell, dict[str, Coverage]], path: Path) -> None:
    """A row per cell."""
    names = list(next(iter(found.values())))
    with path.open("w", newline="", encoding="utf-8") as lines:
        rows = csv.writer(lines)
        rows.writerow(["cell", *(f"{what} {name}" for name in names for what in ("cover", "width"))])
        for cell, of in found.items():
            rows.writerow([str(cell), *(f"{v:.5g}" for name in names for v in (of[name].held, of[name].width))])


def main() -> int:
    """Simulate, print, and judge the default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=4000)
    parser.add_argument("--bootstrap-replications", type=int, default=2000)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=("main", "stress", "shapes"), default=("main", "stress", "shapes"))
    parser.add_argument(
        "--reference", type=Path, help="CSV of the coverage found by another simulation of the main cells"
    )
    parser.add_argument("-o", "--output", type=Path, help="CSV of the cells")
    options = parser.parse_args()
    if options.reference is not None and not options.reference.is_file():
        print(f"{options.reference}: no such file; wanted: a CSV of coverage per cell", file=sys.stderr)
        return 2
    found: dict[Cell, dict[str, Coverage]] = {}
    for number, cell in enumerate(cells()):
        if cell.table not in options.only:
            continue
        found[cell] = measured(
            cell, options.replications, options.bootstrap_replications, options.resamples, [options.seed, number]
        )
        names = list(found[cell])
        if len(found) == 1:
            print(f"{'coverage (mean width)':<58}", *(f"{name:>16}" for name in names), " default misses: above below")
        shown = (f"{of.held:.3f} ({of.width:.3f})" for of in found[cell].values())
        sides = f"{found[cell]['default'].too_high:.4f} {found[cell]['default'].too_low:.4f}"
        print(f"{cell!s:<58}", *(f"{s:>16}" for s in shown), f"{sides:>28}", flush=True)
    for table in options.only:
        inside = [of for cell, of in found.items() if cell.table == table]
        held, widths = (
            np.array([[getattr(of[n], what) for n in names] for of in inside]) for what in ("held", "width")
        )
        means = (f"{one:.3f} ({width:.4f})" for one, width in zip(held.mean(axis=0), widths.mean(axis=0), strict=True))
        print(f"{table + ' least':<58}", *(f"{one:16.3f}" for one in held.min(axis=0)))
        print(f"{table + ' mean':<58}", *(f"{one:>16}" for one in means))
        print(f"{f'{table} below .93, of {len(inside)}':<58}", *(f"{one:16d}" for one in (held < 0.93).sum(axis=0)))
    if options.reference is not None:
        compared(found, options.reference)
    if options.output is not None:
        written(found, options.output)
    everywhere = [of["default"].held for cell, of in found.items() if cell.judged]
    mean = float(np.mean([of["default"].held for cell, of in found.items() if cell.table == "main"] or [1.0]))
    return 1 if min(everywhere, default=1.0) < LEAST or mean < LEAST_MEAN else 0


if __name__ == "__main__":
    sys.exit(main())
