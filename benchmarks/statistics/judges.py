"""How often a corrected rate holds the human rate, on real judges with human labels.

    python benchmarks/statistics/judges.py JUDGES_FOLDER [--draws 500] [--labels 200] [--seed 1]

JUDGES_FOLDER holds frank.jsonl.gz and faithbench.jsonl.gz, one text per line with ``group`` (source document), ``bad``
(human label) and ``flagged`` (per judge: 1 judged bad, null no score). In each draw the documents are drawn anew with
replacement and --labels texts are labelled: at random over all, or, for the two-phase forms, half of them among the
flagged ones (what one verdict lacks the other gets), or a third. The truth is the human rate of all texts of the judge.

Printed per judge: human rate, the judge's own, and the coverage of the default (guarded two-phase, by
halueval.statistics.corrected_rate), of the same with a third flagged, the plain form, labels alone (Wilson), PPI++ as
published, and the judge's own rate with Wilson's and with the default interval (naive). Then mean widths, and in which
share of draws the estimate says that the judge adds nothing, or little, over labels alone. Exits 1 where the default
covers in less than .93 of the draws or a naive interval ever does.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from halueval.statistics import (
    Estimate,
    corrected_rate,
    guarded_korn_graubard,
    ppi_plus_plus_mean,
    wilson,
)

Values: TypeAlias = NDArray[np.float64]
Limits: TypeAlias = tuple[float | None, float | None]

FILES = ("frank.jsonl.gz", "faithbench.jsonl.gz")
LEAST = 0.93


@dataclass(frozen=True)
class Texts:
    """Verdict, human label and document of each text that one judge scored."""

    flagged: Values
    bad: Values
    group: NDArray[np.int64]

    def rows(self, places: NDArray[np.int64], group: NDArray[np.int64]) -> Texts:
        """These rows, with their groups named anew."""
        return Texts(self.flagged[places], self.bad[places], group)


@dataclass
class Tally:
    """What one method did for one judge."""

    held: int = 0
    runs: int = 0
    widths: list[float] = field(default_factory=list)

    def add(self, limits: Limits, truth: float) -> None:
        """Count one draw; no interval is no cover."""
        self.runs += 1
        low, high = limits
        if low is not None and high is not None:
            self.held += low <= truth <= high
            self.widths.append(high - low)

    @property
    def coverage(self) -> float:
        """Share of draws in which the interval holds the truth."""
        return self.held / self.runs


def read(folder: Path) -> Iterator[tuple[str, Texts]]:
    """Each judge of each file."""
    for name in FILES:
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        for judge in rows[0]["flagged"]:
            kept = [row for row in rows if row["flagged"].get(judge) is not None]
            yield (
                judge,
                Texts(
                    np.array([row["flagged"][judge] for row in kept], dtype=np.float64),
                    np.array([row["bad"] for row in kept], dtype=np.float64),
                    np.unique([str(row["group"]) for row in kept], return_inverse=True)[1],
                ),
            )


def resampled(texts: Texts, random: np.random.Generator) -> Texts:
    """The texts of as many documents, drawn with replacement; one drawn twice counts as two."""
    members = np.split(np.argsort(texts.group, kind="stable"), np.cumsum(np.bincount(texts.group))[:-1])
    chosen = [members[n] for n in random.integers(0, len(members), len(members))]
    return texts.rows(np.concatenate(chosen), np.repeat(np.arange(len(chosen)), [len(c) for c in chosen]))


def by_verdict(texts: Texts, labels: int, share: float, random: np.random.Generator) -> Values:
    """Labels at random within each verdict, NaN elsewhere."""
    flagged, others = np.flatnonzero(texts.flagged == 1), np.flatnonzero(texts.flagged == 0)
    first = min(len(flagged), max(round(labels * share), labels - len(others)))
    places = np.concatenate(
        [random.permutation(flagged)[:first], random.permutation(others)[: min(len(others), labels - first)]]
    )
    label = np.full(len(texts.bad), np.nan)
    label[places] = texts.bad[places]
    return label


def limits(found: Estimate) -> Limits:
    """Of an estimate."""
    return found.low, found.high


def at_random(texts: Texts, labels: int, random: np.random.Generator) -> dict[str, Limits]:
    """What needs no verdict to draw by: labels alone, and PPI++ as published."""
    order = random.permutation(len(texts.bad))
    seen, rest = order[:labels], order[labels:]
    alone = wilson(float(texts.bad[seen].sum()), len(seen))
    powered = ppi_plus_plus_mean(texts.bad[seen], texts.flagged[seen], texts.flagged[rest])
    return {"labels": (alone.low, alone.high), "ppi": (powered.low, powered.high)}


def naive(texts: Texts) -> dict[str, Limits]:
    """The judge's own rate."""
    plain = wilson(float(texts.flagged.sum()), len(texts.flagged))
    guarded = guarded_korn_graubard(
        np.bincount(texts.group, weights=texts.flagged), np.bincount(texts.group).astype(np.float64)
    )
    return {"naive": (plain.low, plain.high), "naive*": (guarded.low, guarded.high)}


METHODS = ("default", "third", "plain", "labels", "ppi", "naive", "naive*")


def measured(texts: Texts, draws: int, labels: int, random: np.random.Generator) -> tuple[dict[str, Tally], Values]:
    """Every method over the draws, and how often the default says the judge adds nothing, and little or nothing."""
    tallies = {name: Tally() for name in METHODS}
    truth = float(texts.bad.mean())
    said = np.zeros(2)
    for _ in range(draws):
        drawn = resampled(texts, random)
        half, third = (by_verdict(drawn, labels, share, random) for share in (1 / 2, 1 / 3))
        default = corrected_rate(drawn.flagged, drawn.group, half)
        found = {
            "default": limits(default),
            "third": limits(corrected_rate(drawn.flagged, drawn.group, third)),
            "plain": limits(corrected_rate(drawn.flagged, drawn.group, half, within_icc=0)),
            **at_random(drawn, labels, random),
            **naive(drawn),
        }
        for name, ends in found.items():
            tallies[name].add(ends, truth)
        said += [any(f"adds {much}" in w for w in default.warnings) for much in ("nothing", "little")]
    return tallies, said / draws


def main() -> int:
    """Print a line per judge; 1 where the default misses .93 or a naive interval covers, 2 without the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for name in FILES:
        if not (options.folder / name).is_file():
            print(f"{options.folder / name}: no such file; wanted: judge scores with human labels", file=sys.stderr)
            return 2
    judges = list(read(options.folder))
    print(f"{options.draws} draws of {options.labels} labels, seed {options.seed}; coverage")
    print(f"{'judge':<18}{'human':>7}{'judge':>7}", *(f"{name:>8}" for name in METHODS), f"{'nothing':>9}{'little':>8}")
    results = []
    for n, (judge, texts) in enumerate(judges):
        tallies, said = measured(texts, options.draws, options.labels, np.random.default_rng([options.seed, n]))
        results.append(tallies)
        print(
            f"{judge:<18}{texts.bad.mean():7.3f}{texts.flagged.mean():7.3f}",
            *(f"{tallies[name].coverage:8.3f}" for name in METHODS),
            f"{said[0]:9.2f}{said[1]:8.2f}",
        )

    def summary(title: str, of: Callable[[str], float]) -> None:
        print(f"{title:<32}", *(f"{of(name):8.3f}" for name in METHODS))

    summary("least", lambda name: min(t[name].coverage for t in results))
    summary("mean", lambda name: float(np.mean([t[name].coverage for t in results])))
    summary("mean width", lambda name: float(np.mean([w for t in results for w in t[name].widths])))
    held = all(t["default"].coverage >= LEAST for t in results)
    blind = all(t[name].coverage == 0 for t in results for name in ("naive", "naive*"))
    return 0 if held and blind else 1


if __name__ == "__main__":
    sys.exit(main())
