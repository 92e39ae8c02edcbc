"""Quantities found in prose, in the format of the text scorer.

Reads GOLD (JSONL with ``id`` and ``text``, ``quantities`` where they are known) and writes one line per row:
``{"id", "quantities": [{"span", "low", "high", "unit", "comparator", "count"}]}``. Prints the count, the speed and,
where GOLD has quantities, precision, recall and F1 of the full parse (overlapping span; equal numbers, count, unit,
comparator).
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from halueval.records import Quantity
from halueval.text.quantities import find_quantities


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="JSONL with id and text")
    parser.add_argument("-o", "--output", type=Path, required=True, help="where the predictions go")
    args = parser.parse_args()
    if not args.gold.is_file():
        print(f"{args.gold}: no such file; wanted: JSONL with id and text", file=sys.stderr)
        return 2
    rows = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    for row in rows:  # expressions are compiled and the unit registry built on first use
        find_quantities(row["text"])
    start = time.perf_counter()
    found = [find_quantities(row["text"]) for row in rows]
    seconds = time.perf_counter() - start
    with args.output.open("w", encoding="utf-8") as out:
        for row, quantities in zip(rows, found, strict=True):
            said = [
                {
                    "span": [q.span.start, q.span.end],
                    "low": q.low,
                    "high": q.high,
                    "unit": q.unit,
                    "comparator": q.comparator,
                    "count": q.count,
                }
                for q in quantities
            ]
            out.write(json.dumps({"id": row["id"], "quantities": said}, ensure_ascii=False) + "\n")
    print(f"{len(rows)} texts, {sum(map(len, found))} quantities, {1e6 * seconds / max(len(rows), 1):.0f} µs a text")
    if all("quantities" in row for row in rows):
        right = sum(_right(row["quantities"], quantities) for row, quantities in zip(rows, found, strict=True))
        ours, wanted = sum(map(len, found)), sum(len(row["quantities"]) for row in rows)
        precision, recall, f1 = right / max(ours, 1), right / max(wanted, 1), 2 * right / max(ours + wanted, 1)
        print(f"full parse: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}")
    return 0


def _right(gold: list[dict[str, Any]], found: Sequence[Quantity]) -> int:
    """How many of a text's quantities were read in full."""
    left, right = list(gold), 0
    for q in found:
        for g in left:
            low, high = g.get("low", g.get("value")), g.get("high", g.get("value"))
            overlap = g["span"][0] < q.span.end and q.span.start < g["span"][1]
            numbers = all(
                math.isclose(a, b, rel_tol=1e-6)
                for a, b in ((low, q.low), (high, q.high), (g.get("count", 1), q.count))
            )
            if overlap and numbers and (g.get("unit", "1"), g.get("comparator", "=")) == (q.unit, q.comparator):
                left.remove(g)
                right += 1
                break
    return right


if __name__ == "__main__":
    raise SystemExit(main())
