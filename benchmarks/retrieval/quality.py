"""Search a corpus with a file of queries and write the hits, for scoring against judgements.

The corpus is JSONL (gzip or not) of documents with doc_id, title and text; the queries JSONL of id and text. Title
and text are indexed, nothing else. Writes a line per query: id, hits [{doc_id, score, start, end}], each document once.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from halueval.evidence import PASSAGE_WORDS, index_documents


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the hits, JSONL")
    parser.add_argument("-k", type=int, default=100, help="hits per query (default: 100)")
    parser.add_argument("--passage-words", type=int, default=PASSAGE_WORDS, help="words per passage to aim at")
    arguments = parser.parse_args()
    for path in (arguments.corpus, arguments.queries):
        if not path.is_file():
            parser.error(f"no such file: {path}")
    started = time.perf_counter()
    index = index_documents(arguments.corpus, passage_words=arguments.passage_words)
    indexed = time.perf_counter()
    queries = [json.loads(line) for line in arguments.queries.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = index.search([query["text"] for query in queries], arguments.k, by="document")
    searched = time.perf_counter()
    with arguments.output.open("w", encoding="utf-8") as file:
        for query, hits in zip(queries, found, strict=True):
            rows = [{"doc_id": h.doc_id, "score": h.score, "start": h.span.start, "end": h.span.end} for h in hits]
            file.write(json.dumps({"id": query["id"], "hits": rows}) + "\n")
    print(f"{index.documents} documents, {index.passages} passages, {index.set_aside} set aside")
    speed = len(queries) / (searched - indexed)
    print(f"indexed in {indexed - started:.1f} s; {len(queries)} queries at {arguments.k} hits: {speed:,.0f} queries/s")


if __name__ == "__main__":
    main()
