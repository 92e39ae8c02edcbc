"""How many claim-passage pairs a second the lexical verifier judges: speed.py GOLD [--claims N] [--words W] [--k K]

Passages of W words are cut from the evidence of GOLD (the format of lexical.py); every claim gets K of them,
drawn with a fixed seed. Prints pairs/s with nothing read before (cold) and again (warm), on one thread.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from lexical import read

from halueval.records import Claim, ClaimWithEvidence, Evidence, Span
from halueval.verifiers.lexical import LexicalVerifier


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--claims", type=int, default=1200)
    parser.add_argument("--words", type=int, default=80)
    parser.add_argument("--k", type=int, default=5)
    args = parser.parse_args()
    if not args.gold.is_file():
        sys.exit(f"error: no such file: {args.gold}")
    rng = random.Random(0)
    rows = list(read(args.gold))
    passages = sorted({p for row in rows for p in cut(row["evidence"], args.words)})
    if len(passages) < args.k:
        sys.exit(f"error: {args.gold} has {len(passages)} passages of {args.words} words; at least {args.k} are needed")
    items = []
    for i in range(args.claims):
        evidence = tuple(Evidence(f"d{n}", p, Span(0, len(p))) for n, p in enumerate(rng.sample(passages, args.k)))
        items.append(ClaimWithEvidence(Claim(str(i), "r", rng.choice(rows)["claim"]), evidence))
    verifier = LexicalVerifier()
    verifier.verify([ClaimWithEvidence(Claim("first", "r", "It rains."), (Evidence("d", "It rains.", Span(0, 9)),))])
    distinct = len({e.text for item in items for e in item.evidence})
    print(f"{len(items)} claims, {args.k} passages of {args.words} words each, {distinct} of them distinct")
    for state in ("cold", "warm"):
        started = time.process_time()
        verifier.verify(items)
        seconds = time.process_time() - started
        pairs = len(items) * args.k
        print(f"{state}: {pairs / seconds:,.0f} pairs/s, {1000 * seconds / pairs:.3f} ms a pair")


def cut(evidence: str | list[str], words: int) -> list[str]:
    """Consecutive passages of that many words; what is left at the end is dropped."""
    every = (evidence if isinstance(evidence, str) else " ".join(evidence)).split()
    return [" ".join(every[i : i + words]) for i in range(0, len(every) - words + 1, words)]


if __name__ == "__main__":
    main()
