"""Say which concepts of a gold file are negated, past, or somebody else's, and how often that was right.

    python benchmarks/text/negation.py GOLD.jsonl -o PREDICTIONS.jsonl

GOLD has one object per line with ``id``, ``sentence``, ``concept``, ``span`` (of the concept; where it is missing the
concept is looked for, and else the whole sentence is taken) and ``negated``; PREDICTIONS gets ``id``, ``negated``,
``temporality`` and ``experiencer``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from halueval.records import Span
from halueval.text.negation import assess, negation_cues


def placed(row: dict[str, Any]) -> Span:
    """Where the concept of a row stands in its sentence."""
    if row.get("span"):
        return Span(*row["span"])
    at = row["sentence"].lower().find(row["concept"].lower())
    return Span(at, at + len(row["concept"])) if at >= 0 else Span(0, len(row["sentence"]))


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="JSONL with id, sentence, concept, span, negated")
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the predictions go")
    args = parser.parse_args()
    if not args.gold.is_file():
        print(f"{args.gold}: no such file; give a gold file of negation", file=sys.stderr)
        return 2
    rows = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    counts = {(said, true): 0 for said in (False, True) for true in (False, True)}
    right = {"temporality": [0, 0], "experiencer": [0, 0]}
    with args.out.open("w", encoding="utf-8") as out:
        for row in rows:
            (found,) = assess(row["sentence"], [placed(row)])
            said = {"negated": found.negated, "temporality": found.temporality, "experiencer": found.experiencer}
            out.write(json.dumps({"id": row["id"], **said}) + "\n")
            counts[found.negated, row["negated"]] += 1
            for name, tally in right.items():
                if row.get(name):
                    tally[0] += said[name] == row[name]
                    tally[1] += 1
    true, false, missed = counts[True, True], counts[True, False], counts[False, True]
    precision, recall = true / max(true + false, 1), true / max(true + missed, 1)
    f1 = 2 * true / max(2 * true + false + missed, 1)
    print(f"negation: precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f} ({len(rows)} rows)")
    for name, (hits, total) in right.items():
        print(f"{name}: accuracy {hits / max(total, 1):.4f} ({total} rows)")
    began = time.perf_counter()
    for row in rows:
        negation_cues(row["sentence"])
    took = time.perf_counter() - began
    print(f"speed: {len(rows) / took:,.0f} sentences/s for negation_cues")
    began = time.perf_counter()
    for row in rows:
        assess(row["sentence"], [placed(row)])
    print(f"speed: {len(rows) / (time.perf_counter() - began):,.0f} sentences/s for assess with one concept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
