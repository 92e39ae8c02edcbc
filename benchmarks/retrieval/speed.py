"""How fast an index is built, searched and added to, on one core; bm25s beside it where it is installed.

Queries are searched one at a time, tokenising and rebuilding the evidence (text, offsets, metadata) included; the
figures are medians of the rounds: by the clock, then by the processor's time, which other people's load disturbs less.
A larger corpus is made of copies of the same documents under new ids, as many as
--passages asks for.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from halueval.evidence import DEFAULT_MIN_COVERAGE, build_index, open_index, passage_spans
from halueval.text.tokens import stems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--passages", type=int, default=0, help="repeat the corpus until it has about so many passages")
    parser.add_argument("--passage-words", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", action="store_true", help="run bm25s over the same passages and tokens too")
    arguments = parser.parse_args()
    for path in (arguments.corpus, arguments.queries):
        if not path.is_file():
            parser.error(f"no such file: {path}")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    queries = [
        json.loads(line)["text"] for line in arguments.queries.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    once = sum(len(passage_spans(row["text"], arguments.passage_words)) for row in rows(arguments.corpus))
    copies = max(1, round(arguments.passages / once))
    folder = Path(tempfile.mkdtemp())
    try:
        measure(arguments, queries, copies, folder)
    finally:
        shutil.rmtree(folder)


def measure(arguments: argparse.Namespace, queries: list[str], copies: int, folder: Path) -> None:
    memory = peak_memory()
    started = time.perf_counter()
    build_index(copied(arguments.corpus, copies), folder / "index", passage_words=arguments.passage_words)
    took = time.perf_counter() - started
    size = sum(file.stat().st_size for file in (folder / "index").rglob("*"))
    postings = sum(
        file.stat().st_size for name in ("by_passage", "by_document") for file in (folder / "index" / name).iterdir()
    )
    added = peak_memory() - memory
    print(f"indexed in {took:.1f} s; peak memory {peak_memory():.0f} MB, {added:.0f} MB of it added by indexing")
    print(f"on disk {size / 1e6:.1f} MB, {postings / 1e6:.1f} MB of it postings")
    started = time.perf_counter()
    index = open_index(folder / "index")
    opened = 1000 * (time.perf_counter() - started)
    print(f"opened in {opened:.1f} ms: {index.documents} documents, {index.passages} passages")
    settings: list[dict[str, Any]] = [
        {"k": 5},
        {"k": 10},
        {"k": 5, "min_coverage": DEFAULT_MIN_COVERAGE},
        {"k": 10, "min_coverage": DEFAULT_MIN_COVERAGE},
        {"k": 10, "by": "document"},
        {"k": 100, "by": "document"},
    ]
    for setting in settings:
        speed = per_second(lambda query, setting=setting: index.search([query], **setting), queries, arguments.rounds)
        print(f"{speed}  {', '.join(f'{name}={value}' for name, value in setting.items())}")
    fresh = [dict(row, doc_id=f"fresh-{n}") for n, row in zip(range(1000), copied(arguments.corpus, 1), strict=False)]
    megabytes = sum(len(row["text"]) for row in fresh) / 1e6
    started, used = time.perf_counter(), time.process_time()
    index.add(fresh)
    clock, processor = time.perf_counter() - started, time.process_time() - used
    print(f"{len(fresh)} documents ({megabytes:.1f} MB) added in {clock:.2f} s, {processor:.2f} s of the processor")
    if arguments.peer:
        peer(arguments, queries, copies)


def peer(arguments: argparse.Namespace, queries: list[str], copies: int) -> None:
    try:
        import bm25s
    except ImportError:
        print("bm25s is not installed", file=sys.stderr)
        return
    bags = [
        stems(f"{row['title']} {row['text'][span.start : span.end]}")
        for row in copied(arguments.corpus, copies)
        for span in passage_spans(row["text"], arguments.passage_words)
    ]
    started = time.perf_counter()
    retriever = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    retriever.index(bags, show_progress=False)
    print(f"bm25s {bm25s.__version__}: indexed in {time.perf_counter() - started:.1f} s without tokenising")
    for k in (5, 10, 100):
        speed = per_second(lambda query, k=k: retriever.retrieve([stems(query)], k=k, show_progress=False), queries, 3)
        print(f"{speed}  bm25s, k={k}, numbers and scores of passages only")


def per_second(search: Callable[[str], Any], queries: list[str], rounds: int) -> str:
    by_clock, by_processor = [], []
    for _ in range(rounds):
        started, used = time.perf_counter(), time.process_time()
        for query in queries:
            search(query)
        by_clock.append(len(queries) / (time.perf_counter() - started))
        by_processor.append(len(queries) / (time.process_time() - used))
    return f"{statistics.median(by_clock):7,.0f} {statistics.median(by_processor):7,.0f} queries/s"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def copied(path: Path, copies: int) -> Iterator[dict[str, Any]]:
    for copy in range(copies):
        for row in rows(path):
            yield dict(row, doc_id=f"{row['doc_id']}-{copy}")


def peak_memory() -> float:
    """In MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
