"""What the second level of the store of verified claims takes for the same claim, and what a plain threshold takes.

1,000 neighbours that differ from a kept claim in one number, unit, comparator, negation or drug, and 1,000 more that
differ in a direction, a hedge, a population, a time or the sides of a comparison, must not be answered from it; of
1,000 harmless rewordings at least 60 % must. The peer is what such caches do: the nearest claim by cosine, above a
threshold.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from guard_claims import DANGERS, FURTHER, Made, dangerous, made, reworded
from numpy.typing import NDArray

from halueval.records import Verdict
from halueval.runs.claim_guard import difference
from halueval.runs.claim_scope import Scope
from halueval.runs.likeness import hashed_vectors
from halueval.runs.verified_claims import VerifiedClaims

SCOPE = Scope("judge", "settings", "corpus", "passages")
THRESHOLDS = (0.80, 0.90, 0.95, 0.98)


def main() -> int:
    """Make the claims, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000, help="neighbours of each of the three kinds")
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print so many rewordings that were not hit")
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    sets = {
        "one number, unit, comparator, negation or drug": _neighbours(list(DANGERS), asked.count, chance),
        "one direction, hedge, population, time or side": _neighbours(list(FURTHER), asked.count, chance),
        "reworded": _rewordings(asked.count, chance),
    }
    with tempfile.TemporaryDirectory() as folder:
        taken = {name: _taken(pairs, Path(folder) / f"{i}.sqlite") for i, (name, pairs) in enumerate(sets.items())}
    cosines = {name: _cosines(pairs) for name, pairs in sets.items()}
    heads = ["the store", *(f"cosine ≥ {t:.2f}" for t in THRESHOLDS)]
    print(f"{'taken for the claim they were made from':48}" + "".join(f"{head:>15}" for head in heads))
    for name, pairs in sets.items():
        shares = [sum(taken[name]), *(int((cosines[name] >= t).sum()) for t in THRESHOLDS)]
        print(f"{f'{name}, of {len(pairs):,}':48}" + "".join(f"{share:>15,}" for share in shares))
    for name, pairs in sets.items():
        print(f"\n{name}")
        kinds = Counter(kind for *_, several in pairs for kind in several)
        hits = Counter(kind for (*_, several), hit in zip(pairs, taken[name], strict=True) if hit for kind in several)
        for kind, count in sorted(kinds.items()):
            print(f"  {kind:30}{hits[kind]:>6,} of {count:,}")
    reworded_pairs = zip(sets["reworded"], taken["reworded"], strict=True)
    for base, other, _ in [pair for pair, hit in reworded_pairs if not hit][: asked.show]:
        print(f"\n  {base}\n  {other}\n    {difference(base, other)}")
    wrong = [pair[:2] for name in list(sets)[:2] for pair, hit in zip(sets[name], taken[name], strict=True) if hit]
    for base, other in wrong[:10]:
        print(f"\nTAKEN FOR THE SAME\n  {base}\n  {other}")
    return int(bool(wrong) or sum(taken["reworded"]) < 0.6 * asked.count)


_Pair = tuple[str, str, tuple[str, ...]]


def _neighbours(kinds: list[str], count: int, chance: random.Random) -> list[_Pair]:
    def changed(kind: str) -> _Pair:
        return _first(lambda one: None if (other := dangerous(one, kind, chance)) is None else (other, (kind,)), chance)

    return [changed(kinds[i % len(kinds)]) for i in range(count)]


def _rewordings(count: int, chance: random.Random) -> list[_Pair]:
    return [_first(lambda one: reworded(one, chance), chance) for _ in range(count)]


def _first(change: Callable[[Made], tuple[str, tuple[str, ...]] | None], chance: random.Random) -> _Pair:
    while True:
        one = made(chance)
        if (changed := change(one)) is not None:
            return one.text(), *changed


def _taken(pairs: list[_Pair], path: Path) -> list[bool]:
    """Whether the store, in which all the claims stand, answers with the one that the neighbour was made from."""
    with VerifiedClaims(path) as store:
        for base, _, _ in pairs:
            store.keep(base, Verdict("", "supported"), SCOPE)
        store.pin([])  # waits until all is written
        answers = [store.near(other, SCOPE) for _, other, _ in pairs]
    return [
        answer is not None and (answer.claim == base or not difference(answer.claim, base))
        for answer, (base, _, _) in zip(answers, pairs, strict=True)
    ]


def _cosines(pairs: list[_Pair]) -> NDArray[np.float32]:
    mine, theirs = hashed_vectors([base for base, *_ in pairs]), hashed_vectors([other for _, other, _ in pairs])
    return np.asarray((mine * theirs).sum(axis=1))


if __name__ == "__main__":
    sys.exit(main())
