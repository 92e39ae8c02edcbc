"""The whole line on real answers against real pages: the reports, and a sheet of verdicts to read by eye.

    python benchmarks/real/report.py MEDQUAD_PAGES.jsonl.gz ANSWERS.jsonl [ANSWERS.jsonl …] -o OUT

Builds an index of the pages (once), evaluates every file of answers (rows with `response`, and `question` where there
is one), writes a run folder with its HTML report for each, prints the rates, and draws ten verdicts of each label at
random (seeded, over all files) into OUT/sheet.md with claim, passage and label, so that a person can count the right
ones. The sheet quotes answers and pages: it is for reading, not for publishing.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from halueval import evaluate
from halueval.evidence import build_index, open_index
from halueval.records import LABELS, Claim, Verdict

PER_LABEL, SEED = 10, 20261121


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages")
    parser.add_argument("answers", nargs="+")
    parser.add_argument("-o", "--out", required=True, type=Path)
    parser.add_argument("--verifier", default="cascade")
    options = parser.parse_args()
    for path in (options.pages, *options.answers):
        if not Path(path).exists():
            sys.exit(f"{path}: not there; the data set is not shipped with halueval, name your own copy")
    options.out.mkdir(parents=True, exist_ok=True)
    folder = options.out / "index"
    index = open_index(folder) if folder.exists() else build_index(options.pages, folder)
    verdicts: dict[str, list[tuple[str, Claim, Verdict]]] = {label: [] for label in LABELS}
    for path in map(Path, options.answers):
        report = evaluate(
            path, evidence=index, verifier=options.verifier, run=options.out / path.stem, overwrite=True,
            columns={"text": "response"},
        )  # fmt: skip
        print(f"== {path.name}\n{report}\n   {options.out / path.stem / 'report.html'}")
        for result in report.results:
            checkworthy = [c for c in result.extraction.claims if c.checkworthy]
            for claim, outcome in zip(checkworthy, result.outcomes, strict=True):
                if isinstance(outcome, Verdict):
                    verdicts[outcome.label].append((result.response.prompt or "", claim, outcome))
    draw = random.Random(SEED)
    lines = []
    for label in LABELS:
        lines.append(f"# {label} ({len(verdicts[label])} in all)\n")
        for prompt, claim, verdict in draw.sample(verdicts[label], min(PER_LABEL, len(verdicts[label]))):
            lines.append(f"- **{claim.text}**  (question: {prompt[:150]!r})\n  - {verdict.verifier}: {verdict.reason}")
            decided = {q.evidence for q in verdict.quotes}
            for i, evidence in enumerate(verdict.evidence):
                if i in decided or (not decided and i < 2):
                    lines.append(f"  - [{i + 1}] {evidence.title}: {evidence.text[:600]}")
            for quote in verdict.quotes:
                passage = verdict.evidence[quote.evidence].text
                lines.append(f"  - quote [{quote.evidence + 1}]: {passage[quote.span.start : quote.span.end]}")
    sheet = options.out / "sheet.md"
    sheet.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace")
    print(f"read by eye: {sheet}")


if __name__ == "__main__":
    main()
