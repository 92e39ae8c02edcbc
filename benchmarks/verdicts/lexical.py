"""Judge labelled claim-evidence files and write predictions in the scorer's format: lexical.py GOLD… -o DIR

GOLD is JSONL (or .jsonl.gz) with "id", "claim" and "evidence" (a text, or a list: the sentences of one document). For
each, DIR/NAME.predictions.jsonl gets one line per row, in order: {"id", "label", "probabilities"} or {"id", "failure"}.
With --scorer the scorer is run on each pair of files and its figures are printed; --by FIELD adds the share right per
value of a field of GOLD ("change" in the contrast pairs).
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from halueval.plugins import load_verifier
from halueval.records import Claim, ClaimWithEvidence, Evidence, Failure, Outcome, Span


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for the predictions")
    parser.add_argument("--verifier", default="lexical", help="lexical, quantities or cascade")
    parser.add_argument("--scorer", type=Path, help="score_verdicts.py")
    parser.add_argument("--by", help="a field of GOLD to break the share right down by")
    args = parser.parse_args()
    if missing := [str(path) for path in [*args.gold, *([args.scorer] if args.scorer else [])] if not path.is_file()]:
        sys.exit(f"error: no such file: {', '.join(missing)}")
    args.output.mkdir(parents=True, exist_ok=True)
    verifier = load_verifier(args.verifier)
    for path in args.gold:
        rows = list(read(path))
        started = time.perf_counter()
        outcomes = verifier.verify([item(row) for row in rows])
        seconds = time.perf_counter() - started
        predictions = args.output / f"{name_of(path)}.predictions.jsonl"
        with predictions.open("w", encoding="utf-8") as out:
            for row, outcome in zip(rows, outcomes, strict=True):
                out.write(json.dumps(prediction(row["id"], outcome), ensure_ascii=False) + "\n")
        print(f"\n{name_of(path)}: {len(rows)} rows, {len(rows) / seconds:.0f} rows/s -> {predictions}", flush=True)
        if args.scorer:
            subprocess.run([sys.executable, str(args.scorer), str(path), str(predictions)], check=True)
        if args.by:
            print_by(args.by, rows, outcomes)


def read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as error:
                    sys.exit(f"error: {path} line {number}: not JSON ({error})")


def item(row: dict[str, Any]) -> ClaimWithEvidence:
    pieces = [row["evidence"]] if isinstance(row["evidence"], str) else row["evidence"]
    evidence = tuple(Evidence("evidence", text, Span(0, len(text))) for text in pieces)
    return ClaimWithEvidence(Claim(str(row["id"]), "gold", row["claim"]), evidence)


def prediction(row_id: Any, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Failure):
        return {"id": row_id, "failure": f"{outcome.kind}: {outcome.message}"}
    record: dict[str, Any] = {"id": row_id, "label": outcome.label}
    return record | ({"probabilities": dict(outcome.probabilities)} if outcome.probabilities else {})


def name_of(path: Path) -> str:
    stem = path.name.removesuffix(".gz").removesuffix(".jsonl")
    return f"{path.parent.name}.{stem}" if stem in ("train", "dev", "test", "hidden") else stem


def print_by(field: str, rows: list[dict[str, Any]], outcomes: Any) -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    for row, outcome in zip(rows, outcomes, strict=True):
        right[str(row.get(field, "-"))].append(getattr(outcome, "label", None) == row["label"])
    for value, hits in sorted(right.items()):
        print(f"  {value:<20} {sum(hits) / len(hits):.3f} of {len(hits)}")


if __name__ == "__main__":
    main()
