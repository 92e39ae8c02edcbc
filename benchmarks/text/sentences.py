"""Split the texts of a gold file into sentences and say how well, and how fast, that went.

    python benchmarks/text/sentences.py GOLD.jsonl -o PREDICTIONS.jsonl

GOLD has one object per line with ``id``, ``text`` and ``spans``; PREDICTIONS gets ``id`` and ``spans``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from halueval.text.sentences import sentence_spans


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="JSONL with id, text, spans")
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the predictions go")
    args = parser.parse_args()
    if not args.gold.is_file():
        print(f"{args.gold}: no such file; give a gold file of sentences", file=sys.stderr)
        return 2
    rows = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    hits = said = wanted = 0
    with args.out.open("w", encoding="utf-8") as out:
        for row in rows:
            spans = [[s.start, s.end] for s in sentence_spans(row["text"])]
            out.write(json.dumps({"id": row["id"], "spans": spans}) + "\n")
            gold = {tuple(s) for s in row["spans"]}
            hits, said, wanted = hits + len(gold & {tuple(s) for s in spans}), said + len(spans), wanted + len(gold)
    print(f"sentence spans: F1 {2 * hits / (said + wanted):.4f} ({len(rows)} texts, {wanted} sentences)")
    text = "\n\n".join(row["text"] for row in rows)
    text *= 1_000_000 // len(text) + 1
    began = time.perf_counter()
    count = len(sentence_spans(text))
    took = time.perf_counter() - began
    print(f"speed: {len(text) / 1e6 / took:.2f} million characters/s ({count} sentences in {took:.2f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
