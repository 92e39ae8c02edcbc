"""Claims of an extractor against statements that people cut by hand.

    python benchmarks/claims/kqa.py ../shared/data/claims/kqa_decomposition.jsonl -o claims.jsonl

Takes any gold file with ``id``, ``answer`` and optionally ``question`` per line, writes one line of claims per answer,
and has the scorer print the figures where it is at hand (``--scorer``).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from halueval.claim_extraction import RulesExtractor, SentencesExtractor
from halueval.records import Extraction, Response

EXTRACTORS = {"rules": RulesExtractor, "sentences": SentencesExtractor}
SCORER = Path(__file__).resolve().parents[3] / "shared" / "tools" / "match_claims.py"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="JSONL with id, answer, question")
    parser.add_argument("-o", "--output", type=Path, required=True, help="where the claims go, JSONL")
    parser.add_argument("--extractor", choices=sorted(EXTRACTORS), default="rules")
    parser.add_argument("--scorer", type=Path, default=SCORER, help="match_claims.py; left out where it is missing")
    args = parser.parse_args()
    if not args.gold.is_file():
        parser.error(f"{args.gold}: no such file; wanted: a JSONL file of answers with gold statements")
    rows = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    responses = [Response(row["id"], row["answer"], prompt=row.get("question")) for row in rows]
    extractions = EXTRACTORS[args.extractor]().extract(responses)
    with args.output.open("w", encoding="utf-8") as out:
        for extraction in extractions:
            out.write(json.dumps(line_of(extraction), ensure_ascii=False) + "\n")
    failed = sum(e.failure is not None for e in extractions)
    print(
        f"{args.extractor} on {args.gold.name}: {len(rows)} answers, {sum(len(e.claims) for e in extractions)} "
        f"claims, {failed} failed"
    )
    print(f"pipeline: {extractions[0].extractor.pipeline if extractions else '-'}")
    if not args.scorer.is_file():
        print(f"no scorer at {args.scorer}: the claims are written, the figures are not printed")
        return 0
    return subprocess.run([sys.executable, str(args.scorer), str(args.gold), str(args.output)], check=False).returncode


def line_of(extraction: Extraction) -> dict[str, object]:
    return {
        "id": extraction.response_id,
        "claims": [
            {
                "text": claim.text,
                "spans": [[span.start, span.end] for span in claim.spans],
                "checkworthy": claim.checkworthy,
                "reason": claim.reason,
                "negated": claim.negated,
                "hedged": claim.hedged,
                "condition": claim.condition,
                "population": claim.population,
            }
            for claim in extraction.claims
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
