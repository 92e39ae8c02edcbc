"""What the quantities verifier decides on labelled claims, and how much of that is right.

Reads one or more GOLD files (JSONL, also gzip: ``id``, ``claim``, ``evidence``, ``label``, ``change`` where there is
one) and prints, per file and per ``change``, how many rows were decided and how many of those are right, and the time
per pair.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from halueval.records import Claim, ClaimWithEvidence, Evidence, Span
from halueval.verifiers.quantities import QuantitiesVerifier


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+", help="JSONL, or JSONL in gzip")
    args = parser.parse_args()
    for path in args.gold:
        if not path.is_file():
            print(f"{path}: no such file; wanted: JSONL with id, claim, evidence and label", file=sys.stderr)
            return 2
        _measure(path)
    return 0


def _measure(path: Path) -> None:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    items = []
    for row in rows:
        pieces = [row["evidence"]] if isinstance(row["evidence"], str) else row["evidence"]
        evidence = tuple(Evidence("d", text, Span(0, len(text))) for text in pieces)
        items.append(ClaimWithEvidence(Claim(str(row["id"]), "r", row["claim"]), evidence))
    start = time.process_time()
    outcomes = QuantitiesVerifier().verify(items)
    milliseconds = 1e3 * (time.process_time() - start) / max(sum(len(i.evidence) for i in items), 1)
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row, outcome in zip(rows, outcomes, strict=True):
        label = getattr(outcome, "label", "not_enough_info")
        for name in {"all", row.get("change", "all")}:
            tally[name][0] += 1
            tally[name][1] += label != "not_enough_info"
            tally[name][2] += label != "not_enough_info" and label == row["label"]
    print(f"{path.parent.name}/{path.name}: {milliseconds:.3f} ms a pair")
    for name, (n, decided, right) in sorted(tally.items()):
        share = f"{right / decided:.3f}" if decided else "–"
        print(f"  {name:18} {n:5} rows, decided {decided:4} ({decided / n:.3f}), right {right:4} of those ({share})")


if __name__ == "__main__":
    raise SystemExit(main())
