"""Does every claim lie where its spans say?

    python benchmarks/claims/spans.py ../shared/data/answers/*.jsonl

A claim's spans are valid when there is at least one, each lies within the text, holds more than white space, none
overlaps another, and every word of the claim is said in them. Words that grammar puts in ("is", "are", the verb of
a participle) are counted apart and named.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

from halueval.claim_extraction import RulesExtractor, SentencesExtractor
from halueval.records import Claim, Response
from halueval.text.tokens import stems, words

EXTRACTORS = {"rules": RulesExtractor, "sentences": SentencesExtractor}
GRAMMAR = frozenset(
    [
        "is",
        "are",
        "may",
        "can",
        "could",
        "might",
        "must",
        "should",
        "will",
        "would",
        "include",
        "has",
        "have",
        "for",
        "of",
        "s",
        "the",
        "a",
        "an",
    ]
)


def faults(claim: Claim, text: str) -> list[str]:
    """What is wrong with the spans of a claim; empty where nothing is."""
    out = []
    if not claim.spans:
        return ["no span"]
    before = 0
    for span in sorted(claim.spans):
        if not 0 <= span.start < span.end <= len(text):
            return [f"span {span} outside of 0..{len(text)}"]
        if text[span.start : span.end].isspace():
            out.append(f"span {span} is white space")
        if span.start < before:
            out.append(f"span {span} overlaps the one before")
        before = span.end
    said = " ".join(text[s.start : s.end] for s in claim.spans)
    missing = set(stems(claim.text)) - set(stems(said)) - set(stems(" ".join(GRAMMAR)))
    missing = {
        m for m in missing if not any(w.startswith(m[: max(2, min(4, len(m) - 1))]) for w in words(said))
    }  # "reduces" for "reducing"
    if missing:
        out.append(f"not said there: {sorted(missing)}")
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers", type=Path, nargs="+", help="JSONL with a response or answer per line")
    parser.add_argument("--extractor", choices=sorted(EXTRACTORS), default="rules")
    parser.add_argument("--show", type=int, default=10, help="faults to print")
    args = parser.parse_args()
    wrong_in_all = 0
    for path in args.answers:
        if not path.is_file():
            parser.error(f"{path}: no such file; wanted: a JSONL file of answers")
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        responses = [Response(str(k), row.get("response") or row.get("answer") or "") for k, row in enumerate(rows)]
        extractor = EXTRACTORS[args.extractor]()
        extractor.extract([Response("warm", "Warm up.")])
        started = perf_counter()
        extractions = extractor.extract(responses)
        seconds = perf_counter() - started
        claims = checkworthy = wrong = 0
        reasons: Counter[str] = Counter()
        for response, extraction in zip(responses, extractions, strict=True):
            for claim in extraction.claims:
                claims += 1
                checkworthy += claim.checkworthy
                reasons[claim.reason or "checkworthy"] += 1
                if found := faults(claim, response.text):
                    wrong += 1
                    if wrong <= args.show:
                        print(
                            f"  {path.stem} line {int(response.id) + 1}: {'; '.join(found)}: {len(claim.text)} "
                            f"characters"
                        )
        failed = sum(e.failure is not None for e in extractions)
        wrong_in_all += wrong + failed
        print(
            f"{path.name}: {len(rows)} answers, {claims} claims ({checkworthy} checkworthy), {failed} failed, "
            f"valid spans {100 * (claims - wrong) / max(1, claims):.2f} %, {claims / seconds:.0f} claims/s"
        )
        print("  " + ", ".join(f"{reason} {n}" for reason, n in reasons.most_common()))
    return 1 if wrong_in_all else 0


if __name__ == "__main__":
    sys.exit(main())
