"""Quantities found in prose, in the format of the text scorer.

Reads GOLD (JSONL with ``id`` and ``text``; its ``quantities`` are not looked at) and writes one line per row:
``{"id", "quantities": [{"span", "low", "high", "unit", "comparator", "count"}]}``. Prints the count and the speed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

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
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
