"""What a floor on coverage loses of true evidence, and how often it says "nothing found" to claims from another field.

Prints, per floor: the share of claims whose judged document is still among the passages found, of those where it was
without a floor; the share of claims told "nothing found"; and the same for claims that the corpus has nothing about (a
text file with a claim a line, by default other_fields.txt beside this script).
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

from halueval.evidence import index_documents


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("qrels", type=Path, help="tab-separated: query-id, corpus-id, score")
    parser.add_argument("--other", type=Path, default=Path(__file__).with_name("other_fields.txt"))
    parser.add_argument("-k", type=int, default=5, help="passages per claim (default: 5)")
    arguments = parser.parse_args()
    for path in (arguments.corpus, arguments.queries, arguments.qrels, arguments.other):
        if not path.is_file():
            parser.error(f"no such file: {path}")
    relevant: dict[str, set[str]] = {}
    with arguments.qrels.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if int(row["score"]) > 0:
                relevant.setdefault(row["query-id"], set()).add(row["corpus-id"])
    queries = [json.loads(line) for line in arguments.queries.read_text(encoding="utf-8").splitlines() if line.strip()]
    queries = [query for query in queries if query["id"] in relevant]
    other = arguments.other.read_text(encoding="utf-8").splitlines()
    index = index_documents(arguments.corpus)
    print(f"{len(queries)} queries, {len(other)} claims from other fields, {arguments.k} passages each")
    print("floor  evidence kept  nothing found  nothing found (other fields)")
    before = 0
    for floor in (0.0, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
        found = index.search([query["text"] for query in queries], arguments.k, min_coverage=floor)
        kept = sum(any(h.doc_id in relevant[q["id"]] for h in hits) for q, hits in zip(queries, found, strict=True))
        before = before or kept
        nothing = sum(not hits for hits in found) / len(queries)
        elsewhere = sum(not hits for hits in index.search(other, arguments.k, min_coverage=floor)) / len(other)
        print(f"{floor:5.2f}  {kept / before:13.3f}  {nothing:13.3f}  {elsewhere:28.3f}")


if __name__ == "__main__":
    main()
