"""How often two equal models are called different, and how often two different ones are found.

    python benchmarks/statistics/type1.py [--replications 2000] [--seed 1] [--longer 2] [-o CELLS.csv]
    python benchmarks/statistics/type1.py --several 5 [--replications 1000]

Both models answer the same prompts. Claims per answer are 1 + a negative binomial (mean 12, standard deviation about
8.2; --longer makes the first model write so many times as much); a prompt's difficulty is drawn from a Beta
distribution with the intraclass correlation asked for, and each answer's own rate from one around it with a
correlation of .05 (rates that differ move the difficulty by their ratio). Tests,
at a nominal .05: *swap*, the within-prompt swap permutation (the headline); *paired t*; the controls *pooled z*
(claims taken for independent), *unpaired t* (clustered, but the pairing thrown away) and *McNemar* (mid-p, any bad
claim); *non-inferior*, the one-sided test of a margin of half the rate, in data where the first model is worse by
exactly that margin. Printed per cell: the share of runs that reject, under equal rates and at a rate ratio of 1.5.

--several K: K equal models at once. Printed: how often any pair is called different, pair by pair, after Holm, and by
the max-T bands as published and studentised.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Callable, Iterator
from itertools import combinations, product
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, stdtr

from halueval.statistics import any_event_comparison, holm, max_t_bands, paired_difference, swap_permutation_exact
from halueval.statistics.comparison import paired_influence
from halueval.statistics.ratios import linearised_variance

Values: TypeAlias = NDArray[np.float64]
Four: TypeAlias = tuple[Values, Values, Values, Values]

MEAN_CLAIMS, SIZE = 12, 2.14
OWN = (1 - 0.05) / 0.05  # of an answer around its prompt
PROMPTS, RATES, ICCS = (20, 50, 200), (0.02, 0.05, 0.2), (0.05, 0.2)
DRAWS = 999


def swap(data: Four, seed: int) -> float | None:
    """The headline."""
    return swap_permutation_exact(*data, draws=DRAWS, seed=seed).p


def paired_t(data: Four, seed: int) -> float | None:
    """The interval that stands beside it."""
    return paired_difference(*data).p


def pooled_z(data: Four, seed: int) -> float | None:
    """Control: every claim independent. Not offered by the package."""
    ya, ma, yb, mb = data
    rate = (ya.sum() + yb.sum()) / (ma.sum() + mb.sum())
    error = math.sqrt(rate * (1 - rate) * (1 / ma.sum() + 1 / mb.sum()))
    return 2 * float(ndtr(-abs(ya.sum() / ma.sum() - yb.sum() / mb.sum()) / error)) if error else None


def unpaired_t(data: Four, seed: int) -> float | None:
    """Control: clustered, but as if the prompts were different ones."""
    ya, ma, yb, mb = data
    error = math.sqrt(linearised_variance(ya, ma) + linearised_variance(yb, mb))
    return 2 * float(stdtr(2 * len(ma) - 2, -abs(ya.sum() / ma.sum() - yb.sum() / mb.sum()) / error)) if error else None


def mcnemar_mid(data: Four, seed: int) -> float | None:
    """Control for lengths that differ: answers with any bad claim."""
    return any_event_comparison(*data).mid_p


TESTS: tuple[Callable[[Four, int], float | None], ...] = (swap, paired_t, pooled_z, unpaired_t, mcnemar_mid)


def drawn(
    random: np.random.Generator, prompts: int, rates: tuple[float, ...], icc: float, longer: float = 1
) -> tuple[tuple[Values, Values], ...]:
    """Bad claims and claims per prompt of each model; the first writes ``longer`` times as much."""
    # one difficulty per prompt, from the mean rate's Beta; a model's own rate moves it by their ratio
    strength = (1 - icc) / icc
    place = random.random(prompts)
    found = []
    for model, rate in enumerate(rates):
        mean = MEAN_CLAIMS * (longer if model == 0 else 1)
        claims = 1 + random.negative_binomial(SIZE, SIZE / (SIZE + mean - 1), prompts)
        prompt = np.clip(betaincinv(rate * strength, (1 - rate) * strength, place), 1e-9, 1 - 1e-9)
        chance = random.beta(prompt * OWN, (1 - prompt) * OWN)
        found.append((random.binomial(claims, chance).astype(np.float64), claims.astype(np.float64)))
    return tuple(found)


def rejections(
    cell: tuple[int, float, float], ratio: float, replications: int, longer: float, seed: int
) -> dict[str, float]:
    """Share of runs in which each test rejects at .05; a test that gives no p does not reject."""
    prompts, rate, icc = cell
    random = np.random.default_rng([seed, *(round(1000 * v) for v in (*cell, ratio, longer))])
    hits = {test.__name__: 0 for test in TESTS}
    for replication in range(replications):
        (ya, ma), (yb, mb) = drawn(random, prompts, (rate, rate * ratio), icc, longer)
        for test in TESTS:
            p = test((ya, ma, yb, mb), seed + replication)
            hits[test.__name__] += p is not None and p <= 0.05
    return {name: hit / replications for name, hit in hits.items()}


def non_inferior(cell: tuple[int, float, float], replications: int, longer: float, seed: int) -> float:
    """Share of runs that call the first model non-inferior although it is worse by exactly the margin."""
    prompts, rate, icc = cell
    random = np.random.default_rng([seed, 7, *(round(1000 * v) for v in cell)])
    hits = 0
    for _ in range(replications):
        (ya, ma), (yb, mb) = drawn(random, prompts, (1.5 * rate, rate), icc, longer)
        p = paired_difference(ya, ma, yb, mb, margin=rate / 2).non_inferiority_p
        hits += p is not None and p <= 0.05
    return hits / replications


def several(
    random: np.random.Generator, cell: tuple[int, float, float], models: int, replications: int
) -> dict[str, float]:
    """How often any pair of equal models is called different."""
    prompts, rate, icc = cell
    hits = {"each pair": 0, "Holm": 0, "max-T": 0, "max-T, studentised": 0}
    pairs = list(combinations(range(models), 2))
    for replication in range(replications):
        data = drawn(random, prompts, (rate,) * models, icc)
        p = [swap_permutation_exact(*data[i], *data[j], draws=DRAWS, seed=replication).p for i, j in pairs]
        rates = [float(y.sum() / m.sum()) for y, m in data]
        residuals = np.column_stack([paired_influence(*data[i], *data[j]) for i, j in pairs])
        differences = [rates[i] - rates[j] for i, j in pairs]
        hits["each pair"] += any(q is not None and q <= 0.05 for q in p)
        hits["Holm"] += any(q is not None and q <= 0.05 for q in holm(p))
        for name, small in (("max-T", False), ("max-T, studentised", True)):
            bands = max_t_bands(differences, residuals, draws=DRAWS, seed=replication, studentised=small)
            hits[name] += any(
                low is not None and high is not None and (low > 0 or high < 0)
                for low, high in zip(bands.low, bands.high, strict=True)
            )
    return {name: hit / replications for name, hit in hits.items()}


def cells() -> Iterator[tuple[int, float, float]]:
    """Prompts, rate, intraclass correlation."""
    yield from product(PROMPTS, RATES, ICCS)


def main() -> int:
    """Go through every cell and print it; 1 when the swap test leaves .035 to .065 under equal rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longer", type=float, default=1.0, help="how many times as much the first model writes")
    parser.add_argument("--several", type=int, default=0, metavar="K", help="K equal models at once")
    parser.add_argument("--prompts", type=int, choices=PROMPTS, help="only the cells with so many prompts")
    parser.add_argument("--rate", type=float, choices=RATES, help="only the cells with that rate")
    parser.add_argument("-o", "--output", type=Path, help="CSV: a row per cell, ratio and test")
    options = parser.parse_args()
    chosen = [c for c in cells() if options.prompts in (None, c[0]) and options.rate in (None, c[1])]
    if options.several:
        for cell in chosen:
            random = np.random.default_rng([options.seed, round(1000 * cell[1]), cell[0], round(1000 * cell[2])])
            found = several(random, cell, options.several, options.replications)
            print(_name(cell), *(f"{name} {value:.3f}" for name, value in found.items()), flush=True)
        return 0
    names = [test.__name__ for test in TESTS]
    print(f"{'cell':<36}", *(f"{n:>12}" for n in names), f"{'non_inferior':>13}  | at a rate ratio of 1.5")
    rows: list[tuple[int, float, float, float, str, float]] = []
    for cell in chosen:
        equal, unequal = (
            rejections(cell, ratio, options.replications, options.longer, options.seed) for ratio in (1, 1.5)
        )
        equal["non_inferior"] = non_inferior(cell, options.replications, options.longer, options.seed)
        rows += [(*cell, 1, name, value) for name, value in equal.items()]
        rows += [(*cell, 1.5, name, value) for name, value in unequal.items()]
        shown = [f"{equal[n]:12.4f}" for n in names], [f"{unequal[n]:.3f}" for n in names]
        print(f"{_name(cell):<36}", *shown[0], f"{equal['non_inferior']:13.4f}  |", *shown[1], flush=True)
    bad = False
    for name in (*names, "non_inferior"):
        values = [value for *_, ratio, test, value in rows if ratio == 1 and test == name]
        print(f"{name:<14} under equal rates: least {min(values):.4f}, most {max(values):.4f}")
        bad |= name == "swap" and not 0.035 <= min(values) <= max(values) <= 0.065
    if options.output is not None:
        with options.output.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["prompts", "rate", "icc", "ratio", "test", "rejects_at_5pct"])
            writer.writerows(rows)
    return int(bad)


def _name(cell: tuple[int, float, float]) -> str:
    return f"{cell[0]} prompts, rate {cell[1]:g}, icc {cell[2]:g}"


if __name__ == "__main__":
    sys.exit(main())
