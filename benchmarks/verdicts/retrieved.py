"""What verdicts are worth when the evidence was retrieved and not handed over: claims against a whole corpus.

    python benchmarks/verdicts/retrieved.py CORPUS.jsonl.gz GOLD.jsonl[.gz] [--verifier cascade] [-k 5]

Benchmarks of verdicts give each claim its own abstract. A run gives it whatever a search finds, most of it about
something else. Here each claim of GOLD (rows with `claim` and `label`; a claim's label is that of its decided rows, not
enough info where it has none) is searched in CORPUS, verified by what was found, and the verdicts are counted against
the labels. For claims whose document says nothing (not enough info) another document of the corpus may still decide,
so their row is an upper bound of the false verdicts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from pathlib import Path

from halueval.evaluation import evaluate_results
from halueval.evidence import index_documents
from halueval.plugins import load_verifier
from halueval.records import LABELS, Failure, Response
from halueval.testing import LineExtractor


def claims_of(path: str) -> dict[str, str]:
    labels: dict[str, set[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            labels.setdefault(row["claim"].replace("\n", " "), set()).add(row["label"])
    decided = {claim: found - {"not_enough_info"} for claim, found in labels.items()}
    return {claim: next(iter(d)) if d else "not_enough_info" for claim, d in decided.items() if len(d) < 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("gold")
    parser.add_argument("--verifier", default="cascade")
    parser.add_argument("-k", type=int, default=5)
    options = parser.parse_args()
    for path in (options.corpus, options.gold):
        if not Path(path).exists():
            sys.exit(f"{path}: not there; the data set is not shipped with halueval, name your own copy")
    gold = claims_of(options.gold)
    results = evaluate_results(
        [Response(str(i), claim) for i, claim in enumerate(gold)],
        retriever=index_documents(options.corpus),
        extractor=LineExtractor(),
        verifier=load_verifier(options.verifier),
        k=options.k,
    )
    table: Counter[tuple[str, str]] = Counter()
    for truth, result in zip(gold.values(), results, strict=True):
        (outcome,) = result.outcomes
        table[truth, "failure" if isinstance(outcome, Failure) else outcome.label] += 1
    for truth in LABELS:
        print(f"truly {truth}: " + ", ".join(f"{given} {table[truth, given]}" for given in (*LABELS, "failure")))
    for label in LABELS[:2]:
        given = sum(table[truth, label] for truth in LABELS)
        print(
            f"{label}: {table[label, label]} of {given} right"
            + (f" ({table[label, label] / given:.2f})" if given else "")
        )


if __name__ == "__main__":
    main()
