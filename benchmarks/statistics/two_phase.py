"""How often intervals of a rate corrected for a verifier's errors hold the true rate: simulated answers and labels.

    python benchmarks/statistics/two_phase.py [--replications 2000] [--seed 1] [--icc 0.05 0.3] [-o CELLS.csv]

200 answers of 1 + a negative binomial number of claims (mean 12, standard deviation about 8.2); an answer's rate is
drawn from a Beta distribution with the intraclass correlation asked for; the verifier errs on each claim by itself with
its sensitivity and specificity. 50, 100 or 300 claims are then labelled:

    at random        over all claims
    balanced         half of the labels on flagged claims, half on the others, at random within each
    third flagged    a third on flagged claims
    whole answers    all claims of as many answers as give about that many labels

Printed per method and ICC: least and mean coverage over the cells (rate 2, 5, 20 %; sensitivity and specificity .6/.9
and .9/.95), the cells below .93, mean width, and the largest share of runs in a cell that end without an interval.
Coverage is over the runs with an interval. Exits 1 if the default (guarded, third flagged or balanced) falls below .93
in a cell.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.statistics import (
    WITHIN_ICC,
    guarded_korn_graubard,
    label_design_effect,
    ppi_plus_plus_groups,
    ppi_plus_plus_mean,
    rogan_gladen,
    two_phase_strata,
    wilson,
)

Counts: TypeAlias = NDArray[np.int64]
Limits: TypeAlias = tuple[float | None, float | None]
Design: TypeAlias = Callable[[np.random.Generator, Counts, int], Counts]

ANSWERS, MEAN_CLAIMS, SIZE = 200, 12, 2.14
RATES, VERIFIERS, LABELS, ICCS = (0.02, 0.05, 0.2), ((0.6, 0.9), (0.9, 0.95)), (50, 100, 300), (0.05, 0.3)
LEAST = 0.93
COLUMNS = (
    "icc",
    "rate",
    "sensitivity",
    "specificity",
    "labels",
    "method",
    "drawn",
    "coverage",
    "mean_width",
    "refused",
)
# rows of a table of claims: one column per answer
FLAGGED_BAD, FLAGGED_GOOD, OTHER_BAD, OTHER_GOOD = range(4)


@dataclass(frozen=True)
class Cell:
    """One setting of the simulation."""

    icc: float
    rate: float
    sensitivity: float
    specificity: float
    labels: int


@dataclass
class Tally:
    """What one method did in one cell."""

    held: int = 0
    refused: int = 0
    runs: int = 0
    widths: list[float] = field(default_factory=list)

    def add(self, limits: Limits, truth: float) -> None:
        """Count one run."""
        self.runs += 1
        low, high = limits
        if low is None or high is None:
            self.refused += 1
            return
        self.held += low <= truth <= high
        self.widths.append(high - low)

    @property
    def coverage(self) -> float:
        """Share of the intervals that hold the truth; NaN without any."""
        return self.held / len(self.widths) if self.widths else float("nan")

    @property
    def width(self) -> float:
        """Mean width."""
        return float(np.mean(self.widths)) if self.widths else float("nan")


def population(random: np.random.Generator, cell: Cell, answers: int = ANSWERS) -> Counts:
    """Claims of each answer by verdict and truth."""
    claims = 1 + random.negative_binomial(SIZE, SIZE / (SIZE + MEAN_CLAIMS - 1), answers)
    strength = (1 - cell.icc) / cell.icc
    bad = random.binomial(claims, random.beta(cell.rate * strength, (1 - cell.rate) * strength, answers))
    caught = random.binomial(bad, cell.sensitivity)
    false = random.binomial(claims - bad, 1 - cell.specificity)
    return np.stack([caught, false, bad - caught, claims - bad - false])


def scattered(random: np.random.Generator, claims: Counts, labels: int) -> Counts:
    """Labels at random over the claims of a table."""
    drawn = random.multivariate_hypergeometric(claims.ravel(), min(labels, int(claims.sum())), method="marginals")
    return drawn.reshape(claims.shape)


def by_verdict(share: float) -> Design:
    """Labels at random within each verdict, that share of them flagged; what one verdict lacks the other gets."""

    def draw(random: np.random.Generator, claims: Counts, labels: int) -> Counts:
        flagged, others = int(claims[:2].sum()), int(claims[2:].sum())
        first = min(flagged, max(round(labels * share), labels - others))
        return np.concatenate(
            [scattered(random, claims[:2], first), scattered(random, claims[2:], min(others, labels - first))]
        )

    return draw


def whole_answers(random: np.random.Generator, claims: Counts, labels: int) -> Counts:
    """All claims of as many answers as give about that many labels."""
    number = max(2, round(labels / claims.sum(axis=0).mean()))
    chosen = np.zeros(claims.shape[1], dtype=np.int64)
    chosen[random.choice(len(chosen), number, replace=False)] = 1
    return claims * chosen


DESIGNS: dict[str, Design] = {
    "at random": scattered,
    "balanced": by_verdict(1 / 2),
    "third flagged": by_verdict(1 / 3),
    "whole answers": whole_answers,
}


def naive_wilson(claims: Counts, labelled: Counts) -> Limits:
    """The verifier's own rate, claims taken for independent."""
    found = wilson(int(claims[:2].sum()), int(claims.sum()))
    return found.low, found.high


def naive_guarded(claims: Counts, labelled: Counts) -> Limits:
    """The verifier's own rate with the default interval: right about the clustering, blind to the errors."""
    found = guarded_korn_graubard(claims[:2].sum(axis=0), claims.sum(axis=0))
    return found.low, found.high


def labels_only(claims: Counts, labelled: Counts) -> Limits:
    """The labels' rate, without the verifier."""
    found = wilson(int(labelled[[FLAGGED_BAD, OTHER_BAD]].sum()), int(labelled.sum()))
    return found.low, found.high


def ppi_published(claims: Counts, labelled: Counts) -> Limits:
    """PPI++ over claims."""
    kinds, rest = labelled.sum(axis=1), (claims - labelled).sum(axis=1)
    found = ppi_plus_plus_mean(
        np.repeat([1.0, 0.0, 1.0, 0.0], kinds),
        np.repeat([1.0, 1.0, 0.0, 0.0], kinds),
        np.repeat([1.0, 1.0, 0.0, 0.0], rest),
    )
    # as published: where nothing varies the interval is a point
    return (found.rate, found.rate) if found.reason == "no_variation" else (found.low, found.high)


def ppi_groups(claims: Counts, labelled: Counts) -> Limits:
    """PPI++ over whole answers."""
    chosen, sizes, flagged = labelled.sum(axis=0) > 0, claims.sum(axis=0), claims[:2].sum(axis=0)
    bad = labelled[[FLAGGED_BAD, OTHER_BAD]].sum(axis=0)
    found = ppi_plus_plus_groups(bad[chosen], flagged[chosen], sizes[chosen], flagged[~chosen], sizes[~chosen])
    return (found.rate, found.rate) if found.reason == "no_variation" else (found.low, found.high)


def by_rogan_gladen(claims: Counts, labelled: Counts) -> Limits:
    """Rogan-Gladen with sensitivity and specificity read off the labels, however these were drawn."""
    a, b, c, d = (int(n) for n in labelled.sum(axis=1))
    found = rogan_gladen(int(claims[:2].sum()), int(claims.sum()), a, a + c, d, b + d)
    return found.low, found.high


def rogan_gladen_clustered(claims: Counts, labelled: Counts) -> Limits:
    """The same on numbers divided by their design effects, as corrected_rate(method="rogan_gladen") does."""
    flagged, sizes = claims[:2].sum(axis=0), claims.sum(axis=0)
    effect = guarded_korn_graubard(flagged, sizes).design_effect or 1.0

    def worth(part: Counts, whole: Counts) -> tuple[float, float]:
        labels = label_design_effect(whole, part).label_design_effect or 1.0
        return float(part.sum()) / labels, float(whole.sum()) / labels

    a, b, c, d = labelled
    found = rogan_gladen(flagged.sum() / effect, sizes.sum() / effect, *worth(a, a + c), *worth(d, b + d))
    return found.low, found.high


def two_phase(within_icc: float) -> Callable[[Counts, Counts], Limits]:
    """Two-phase by verdict: guarded, or with within_icc 0 plain."""

    def interval(claims: Counts, labelled: Counts) -> Limits:
        pairs = [(labelled[2 * h : 2 * h + 2].sum(axis=0), labelled[2 * h]) for h in (0, 1)]
        effects = [label_design_effect(n, x).label_design_effect or 1.0 for n, x in pairs] if within_icc else None
        found = two_phase_strata(
            np.stack([claims[:2].sum(axis=0), claims[2:].sum(axis=0)]),
            [int(n.sum()) for n, _ in pairs],
            [int(x.sum()) for _, x in pairs],
            effects,
            within_icc=within_icc,
        )
        return found.low, found.high

    return interval


GUARDED, PLAIN = two_phase(WITHIN_ICC), two_phase(0.0)
METHODS: dict[tuple[str, str], Callable[[Counts, Counts], Limits]] = {
    ("two-phase guarded", "third flagged"): GUARDED,
    ("two-phase guarded", "balanced"): GUARDED,
    ("two-phase guarded", "whole answers"): GUARDED,
    ("two-phase plain", "third flagged"): PLAIN,
    ("two-phase plain", "balanced"): PLAIN,
    ("two-phase plain", "at random"): PLAIN,
    ("labels only, Wilson", "at random"): labels_only,
    ("PPI++ as published", "at random"): ppi_published,
    ("PPI++ group form", "whole answers"): ppi_groups,
    ("Rogan-Gladen", "at random"): by_rogan_gladen,
    ("Rogan-Gladen, clustered", "at random"): rogan_gladen_clustered,
    ("Rogan-Gladen, unweighted", "balanced"): by_rogan_gladen,
    ("verifier's rate, Wilson", "at random"): naive_wilson,
    ("verifier's rate, guarded", "at random"): naive_guarded,
}
HELD = [("two-phase guarded", "third flagged"), ("two-phase guarded", "balanced")]


def simulated(cell: Cell, replications: int, random: np.random.Generator) -> dict[tuple[str, str], Tally]:
    """Every method in one cell, on the same answers and, for one design, the same labels."""
    tallies = {method: Tally() for method in METHODS}
    for _ in range(replications):
        claims = population(random, cell)
        labelled = {name: design(random, claims, cell.labels) for name, design in DESIGNS.items()}
        for method, interval in METHODS.items():
            tallies[method].add(interval(claims, labelled[method[1]]), cell.rate)
    return tallies


def cells(iccs: Sequence[float]) -> list[Cell]:
    """The grid."""
    return [Cell(icc, rate, *pair, labels) for icc, rate, pair, labels in product(iccs, RATES, VERIFIERS, LABELS)]


def main() -> int:
    """Go through the grid and print a line per method and ICC; 1 where the default falls below .93 in a cell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--icc", type=float, nargs="+", default=list(ICCS))
    parser.add_argument("-o", "--output", type=Path, help="CSV with a line per cell and method")
    options = parser.parse_args()
    grid = cells(options.icc)
    found = [
        simulated(cell, options.replications, np.random.default_rng([options.seed, n])) for n, cell in enumerate(grid)
    ]
    if options.output is not None:
        write(options.output, grid, found)
    print(f"{len(grid)} cells of {options.replications} replications, seed {options.seed}")
    print(f"{'method':<26}{'labels':<15}{'icc':>5}{'least':>7}{'mean':>7}{'<.93':>9}{'width':>7}{'refused':>9}")
    failed = False
    for method in METHODS:
        for icc in options.icc:
            tallies = [t[method] for t, cell in zip(found, grid, strict=True) if cell.icc == icc]
            coverage = np.array([t.coverage for t in tallies])
            below = int((coverage < LEAST).sum())
            failed |= below > 0 and method in HELD
            print(
                f"{method[0]:<26}{method[1]:<15}{icc:>5g}{np.nanmin(coverage):7.3f}{np.nanmean(coverage):7.3f}"
                f"{f'{below} of {len(tallies)}':>9}{np.nanmean([t.width for t in tallies]):7.3f}"
                f"{max(t.refused / t.runs for t in tallies):9.3f}"
            )
    return int(failed)


def write(path: Path, grid: Sequence[Cell], found: Sequence[dict[tuple[str, str], Tally]]) -> None:
    """One line per cell and method."""
    with path.open("w", newline="", encoding="utf-8") as lines:
        rows = csv.writer(lines, lineterminator="\n")
        rows.writerow(COLUMNS)
        for cell, tallies in zip(grid, found, strict=True):
            for (name, design), t in tallies.items():
                rows.writerow(
                    [cell.icc, cell.rate, cell.sensitivity, cell.specificity, cell.labels, name, design]
                    + [f"{t.coverage:.4f}", f"{t.width:.5f}", f"{t.refused / t.runs:.4f}"]
                )


if __name__ == "__main__":
    sys.exit(main())
