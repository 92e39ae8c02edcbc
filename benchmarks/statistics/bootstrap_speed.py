"""How long 10,000 resamples of 5,000 answers take, beside scipy.stats.bootstrap and beside resampling the claims.

    python benchmarks/statistics/bootstrap_speed.py [--answers 5000] [--claims 20] [--resamples 10000] [--workers 1 2 8]

Everything in one run on one core (OpenBLAS is held to one thread), processor time, the least of --rounds. Answers have
the same number of claims, or with --varied one that varies around it. SciPy gets the same ratio of sums, vectorised
and paired, with the best of four batch sizes. Claim arrays: the claims of the drawn answers are gathered and averaged
per resample, once as rows of a table (only possible when all answers are equally long) and once for answers of any
length; both are timed on --slow-resamples of them and scaled up. The limits of all ways are printed to be compared.
Then the sums for each number of --workers are compared bit for bit. 1 when a limit is missed: .5 s, 3 times, 20 times.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from time import process_time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy import stats  # noqa: E402

from halueval.statistics import cluster_bootstrap  # noqa: E402
from halueval.statistics.resampling import resampled_sums  # noqa: E402

BATCHES = (10, 25, 100, 500)
MOST_SECONDS, LEAST_OVER_SCIPY, LEAST_OVER_CLAIMS = 0.5, 3.0, 20.0


def timed(call: Callable[[], object], rounds: int) -> float:
    """Least processor time of some rounds."""
    times = []
    for _ in range(rounds):
        start = process_time()
        call()
        times.append(process_time() - start)
    return min(times)


def ratio(bad: NDArray[np.float64], claims: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """The statistic for SciPy."""
    found: NDArray[np.float64] = bad.sum(axis=axis) / claims.sum(axis=axis)
    return found


def as_rows(claims: NDArray[np.bool_], size: int, resamples: int, seed: int) -> NDArray[np.float64]:
    """Rates of resampled claims where every answer has ``size`` of them."""
    random, table = np.random.default_rng(seed), claims.reshape(-1, size)
    return np.array([table[random.integers(0, len(table), len(table))].mean() for _ in range(resamples)])


def as_claims(claims: NDArray[np.bool_], sizes: NDArray[np.int64], resamples: int, seed: int) -> NDArray[np.float64]:
    """Rates of resampled claims for answers of any length, by the numbers of the drawn answers' claims."""
    random, first = np.random.default_rng(seed), np.cumsum(sizes) - sizes
    rates = np.empty(resamples)
    for n in range(resamples):
        drawn = random.integers(0, len(sizes), len(sizes))
        lengths = sizes[drawn]
        starts = np.repeat(first[drawn] - (np.cumsum(lengths) - lengths), lengths)
        rates[n] = claims[starts + np.arange(len(starts))].mean()
    return rates


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=5000)
    parser.add_argument("--claims", type=int, default=20)
    parser.add_argument("--varied", action="store_true", help="claims per answer vary around --claims")
    parser.add_argument("--resamples", type=int, default=10_000)
    parser.add_argument("--slow-resamples", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 8])
    options = parser.parse_args()

    random = np.random.default_rng(options.seed)
    sizes = np.full(options.answers, options.claims)
    if options.varied:
        sizes = 1 + random.negative_binomial(2, 2 / (options.claims + 1), options.answers)
    claims = random.random(sizes.sum()) < np.repeat(random.beta(0.2, 3.8, options.answers), sizes)
    bad = np.add.reduceat(claims, np.cumsum(sizes) - sizes, dtype=np.float64)
    m, resamples, slow = sizes.astype(np.float64), options.resamples, options.slow_resamples
    print(f"{options.answers:,} answers, {sizes.sum():,} claims, {resamples:,} resamples; seconds of processor time")

    def scipy(batch: int, method: str = "percentile") -> tuple[float, float]:
        found = stats.bootstrap(
            (bad, m), ratio, paired=True, vectorized=True, n_resamples=resamples, batch=batch, method=method, rng=1
        )
        limits: tuple[float, float] = tuple(found.confidence_interval)
        return limits

    ours = cluster_bootstrap(bad, m, resamples=resamples)
    columns = np.stack([bad, m], axis=1)
    seconds = {
        "sums only (two columns)": timed(lambda: resampled_sums(columns, resamples=resamples), options.rounds),
        "percentile, BCa and studentised": timed(
            lambda: cluster_bootstrap(bad, m, resamples=resamples), options.rounds
        ),
    }
    by_batch = {batch: timed(lambda b=batch: scipy(b), options.rounds) for batch in BATCHES}  # type: ignore[misc]
    best = min(by_batch, key=by_batch.__getitem__)
    seconds[f"scipy.stats.bootstrap, percentile, batch {best}"] = by_batch[best]
    seconds["scipy.stats.bootstrap, BCa, the same batch"] = timed(lambda: scipy(best, "BCa"), 1)
    of_any_length = as_claims(claims, sizes, slow, 1)
    scale = resamples / slow
    seconds["claim arrays, any length"] = scale * timed(lambda: as_claims(claims, sizes, slow, 1), options.rounds)
    if not options.varied:
        rows = scale * timed(lambda: as_rows(claims, options.claims, slow, 1), options.rounds)
        seconds["claim arrays, rows of a table"] = rows
    whole = seconds["percentile, BCa and studentised"]
    for name, value in seconds.items():
        print(f"{name:<52}{value:9.3f}{value / whole:9.1f} x")
    print(f"limits: ours [{ours.percentile_low:.5f}, {ours.percentile_high:.5f}]", end="")
    by_claims = np.quantile(of_any_length, (0.025, 0.975))
    for title, (low, high) in {"SciPy": scipy(best), "claims": (by_claims[0], by_claims[1])}.items():
        print(f", {title} [{low:.5f}, {high:.5f}]", end="")
    print(f"\nBCa: ours [{ours.bca_low:.5f}, {ours.bca_high:.5f}], studentised ", end="")
    print(f"[{ours.studentised_low:.5f}, {ours.studentised_high:.5f}]")

    first, *others = (resampled_sums(columns, resamples=resamples, workers=n).tobytes() for n in options.workers)
    identical = all(one == first for one in others)
    print(f"bit-identical over {options.workers} workers: {'yes' if identical else 'NO'}")
    held = (
        whole <= MOST_SECONDS,
        by_batch[best] / whole >= LEAST_OVER_SCIPY,
        seconds["claim arrays, any length"] / whole >= LEAST_OVER_CLAIMS,
        identical,
    )
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
