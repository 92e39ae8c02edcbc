"""Split the texts of a gold file into sentences and say how well, and how fast, that went.

    python benchmarks/text/sentences.py GOLD.jsonl -o PREDICTIONS.jsonl [--peer]

GOLD has one object per line with ``id``, ``text`` and ``spans``; PREDICTIONS gets ``id`` and ``spans``. ``--peer`` runs
pysbd over the same texts as well.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from halueval.text.sentences import sentence_spans

Spans = list[tuple[int, int]]


def ours(text: str) -> Spans:
    """The sentences that halueval finds."""
    return [(s.start, s.end) for s in sentence_spans(text)]


def peer() -> Callable[[str], Spans]:
    """pysbd as a function from text to spans, without the white space that it leaves at the ends."""
    import pysbd

    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)

    def split(text: str) -> Spans:
        spans = []
        for found in segmenter.segment(text):
            said = text[found.start : found.end]
            start = found.start + len(said) - len(said.lstrip())
            if said.strip():
                spans.append((start, start + len(said.strip())))
        return spans

    return split


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="JSONL with id, text, spans")
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the predictions go")
    parser.add_argument("--peer", action="store_true", help="run pysbd too")
    args = parser.parse_args()
    if not args.gold.is_file():
        print(f"{args.gold}: no such file; give a gold file of sentences", file=sys.stderr)
        return 2
    rows = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    long = "\n\n".join(row["text"] for row in rows)
    for name, split in [("halueval", ours)] + ([("pysbd", peer())] if args.peer else []):
        found = [split(row["text"]) for row in rows]
        hits = sum(len({tuple(s) for s in row["spans"]} & set(spans)) for row, spans in zip(rows, found, strict=True))
        total = sum(len(row["spans"]) for row in rows) + sum(map(len, found))
        print(f"{name}: span F1 {2 * hits / max(total, 1):.4f} ({len(rows)} texts)")
        text = long * ((1_000_000 if name == "halueval" else 20_000) // len(long) + 1)
        began = time.perf_counter()
        count = len(split(text))
        took = time.perf_counter() - began
        print(f"{name}: {len(text) / took:,.0f} characters/s ({count} sentences in one text of {len(text):,})")
        if name == "halueval":
            with args.out.open("w", encoding="utf-8") as out:
                for row, spans in zip(rows, found, strict=True):
                    out.write(json.dumps({"id": row["id"], "spans": spans}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
