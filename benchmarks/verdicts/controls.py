"""Controls for retrieved evidence: true statements must not be refuted, and altered ones must not be supported.

    python benchmarks/verdicts/controls.py INDEX KQA_DECOMPOSITION.jsonl [--verifier cascade]

KQA_DECOMPOSITION.jsonl holds statements that physicians made in answer to patients: they are taken as true. Each is
checked against what a search in INDEX finds, as it stands, with a "not" put in (or, where it has none, left out of the
count), and with its first digit changed. No corpus holds everything, so most verdicts should be not enough info; what
counts is which of the others are wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from halueval.evaluation import evaluate_results
from halueval.evidence import open_evidence
from halueval.plugins import load_verifier
from halueval.records import LABELS, Failure, Response
from halueval.testing import LineExtractor

NEGATED = re.compile(r"\b(not|no|never|none|without|neither|only)\b|\bun|n't\b", re.IGNORECASE)
VERB = re.compile(r"\b(is|are|can|may|should|has|was|were|does|will)\b")


def negated(statement: str) -> str:
    return statement if NEGATED.search(statement) else VERB.sub(r"\1 not", statement, count=1)


def renumbered(statement: str) -> str:
    return re.sub(r"\d", lambda m: str((int(m.group()) + 1) % 10), statement, count=1)


ALTERATIONS: dict[str, Callable[[str], str]] = {
    "as it stands": lambda statement: statement,
    "a 'not' put in": negated,
    "a digit changed": renumbered,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("gold")
    parser.add_argument("--verifier", default="cascade")
    options = parser.parse_args()
    for path in (options.index, options.gold):
        if not Path(path).exists():
            sys.exit(f"{path}: not there; the data set is not shipped with halueval, name your own copy")
    rows = [json.loads(line) for line in Path(options.gold).read_text(encoding="utf-8").split("\n") if line.strip()]
    statements = [s.replace("\n", " ") for row in rows for s in row["must_have"] + row["nice_to_have"] if s.strip()]
    retriever, verifier = open_evidence(options.index), load_verifier(options.verifier)
    for name, alter in ALTERATIONS.items():
        altered = [t for s in statements for t in [alter(s)] if t != s or name == "as it stands"]
        responses = [Response(str(i), text) for i, text in enumerate(altered)]
        results = evaluate_results(responses, retriever=retriever, extractor=LineExtractor(), verifier=verifier)
        counts: Counter[str] = Counter()
        for result in results:
            for outcome in result.outcomes:
                counts["failure" if isinstance(outcome, Failure) else outcome.label] += 1
        total = sum(counts.values())
        shares = ", ".join(f"{label} {counts[label]} ({counts[label] / total:.3f})" for label in (*LABELS, "failure"))
        print(f"{name}: {total} statements: {shares}")


if __name__ == "__main__":
    main()
