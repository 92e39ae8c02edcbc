"""How two phrases stand to each other, in the format of the text scorer.

Reads GOLD (JSONL with ``id``, ``a``, ``b``; ``truth`` where there is one) and writes ``{"id", "truth"}`` per row,
"not" where nothing is decided. Prints the share decided and, where GOLD has the truth, the share right of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from halueval.text.quantities import known_phrase_relation


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="JSONL with id, a and b")
    parser.add_argument("-o", "--output", type=Path, required=True, help="where the predictions go")
    args = parser.parse_args()
    if not args.gold.is_file():
        print(f"{args.gold}: no such file; wanted: JSONL with id, a and b", file=sys.stderr)
        return 2
    rows = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    relations = [known_phrase_relation(row["a"], row["b"]) for row in rows]
    with args.output.open("w", encoding="utf-8") as out:
        for row, relation in zip(rows, relations, strict=True):
            out.write(json.dumps({"id": row["id"], "truth": relation or "not"}) + "\n")
    decided = [(row, relation) for row, relation in zip(rows, relations, strict=True) if relation is not None]
    print(f"{len(rows)} pairs, decided {len(decided)} ({len(decided) / max(len(rows), 1):.3f})")
    if decided and all("truth" in row for row in rows):
        right = sum(row["truth"] == relation for row, relation in decided)
        print(f"right of those decided: {right} of {len(decided)} ({right / len(decided):.3f})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
