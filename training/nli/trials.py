"""Make statements about made-up trials: trials.py -o trials.jsonl.gz [--count N] [--seed N] [--tokenizer FILE]"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from contrasts.check import claim_only
from contrasts.trials import trial_pairs
from rows import Nearest, read_tokenizer

__all__ = ["main", "read_pairs", "trial_pairs"]


def read_pairs(rows: Iterable[dict[str, Any]], tokenizer: Path) -> Iterator[dict[str, Any]]:
    """The pairs whose deciding lines are among those that the model reads; the others could only be guessed."""
    reader = read_tokenizer(tokenizer)
    for _, pair in groupby(rows, key=lambda row: row["pair"]):
        kept = list(pair)
        nearest = Nearest(reader)
        if all(_seen(row, nearest(row["claim"], row["evidence"])) for row in kept):
            yield from kept


def _seen(row: dict[str, Any], text: str) -> bool:
    lines = (row["evidence"][i] for i in row["rationale"])
    return all(" ".join(line.split())[:80] in text for line in lines if not line.endswith(":"))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument(
        "--tokenizer", type=Path, help="keep only what the model, with this tokenizer.json, gets to see"
    )
    parser.add_argument("--count", type=int, default=12_000, help="rows")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--check", action="store_true", help="also print how much the claims alone tell")
    options = parser.parse_args(arguments)
    found: Iterable[dict[str, Any]] = trial_pairs(4 * options.count, options.seed)
    if options.tokenizer:
        found = read_pairs(found, options.tokenizer)
    rows = list(islice(found, options.count))
    with options.output.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        file.writelines(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
    print(f"{len(rows)} rows")
    for fields in (("label",), ("section", "type", "label")):
        for values, n in sorted(Counter(tuple(row[f] for f in fields) for row in rows).items()):
            print(f"{' '.join(values):45s}{n:7d}")
    if options.check:
        labels = ("supported", "refuted", "not_enough_info")
        print(f"claim only, all three labels: {claim_only(rows, labels):.3f}")
        print(f"claim only, supported / refuted: {claim_only(rows):.3f}")
        for section in sorted({row["section"] for row in rows}):
            print(f"claim only, {section}: {claim_only([row for row in rows if row['section'] == section]):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
