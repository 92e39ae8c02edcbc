"""The corpus: ``index build``, ``index add``, ``index search``."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halueval.cli.options import OutputFile, PassageCount
from halueval.cli.session import PARTLY, Failures, Options, say
from halueval.errors import CorpusError
from halueval.progress import progress
from halueval.records import Failure

if TYPE_CHECKING:
    from halueval.evidence import Document

__all__ = ["index"]

index = typer.Typer(help="Build, extend and search the index of a corpus of evidence.", **Options)

_QUERIES = 256


class By(StrEnum):
    """What a hit is."""

    document = "document"
    passage = "passage"


_Corpus = Annotated[
    str, typer.Argument(metavar="CORPUS", help="JSONL (also .gz) of {text, doc_id, title, source, licence, date}.")
]
_Index = Annotated[str, typer.Argument(metavar="INDEX", help="A folder that `halueval index build` made.")]


@index.command()
def build(
    corpus: _Corpus,
    output: Annotated[str, typer.Option("--output", "-o", metavar="INDEX", help="The folder to make.")],
) -> None:
    """Turn a corpus into an index on disk.

    A corpus is JSON lines, a document each, with a text and, where known, doc_id, title, source, licence, date, url.
    Long documents become passages that keep their offsets. A record that cannot be used is left out and counted. The
    folder appears when it is complete; an index that was there is replaced, anything else is refused.

    \b
    Example:
      halueval index build corpus.jsonl.gz -o index
    """
    from halueval.evidence import build_index

    made = build_index(corpus, output)
    typer.echo(f"{output}: {made.documents:,} documents, {made.passages:,} passages, snapshot {made.snapshot}")
    _finish(corpus, made.documents, made.set_aside, made.reasons)


@index.command()
def add(folder: _Index, corpus: _Corpus) -> None:
    """Add the documents of a corpus to an index.

    All of them or, if anything goes wrong, none. A doc_id that is already there is refused.

    \b
    Example:
      halueval index add index more.jsonl
    """
    from halueval.evidence import open_index, read_corpus

    opened = open_index(folder)
    failures = Failures()

    def documents() -> Iterator[Document]:
        for item in read_corpus(corpus):
            failures.see(item)
            if not isinstance(item, Failure):
                yield item

    added = opened.add(documents())
    if not added:
        first = f"; the first of {failures.total}: {failures.first[0]}" if failures.first else ""
        raise CorpusError(f"there is no document with text in it{first}", path=corpus)
    typer.echo(f"{folder}: {added:,} added, {opened.documents:,} documents, snapshot {opened.snapshot}")
    failures.finish(folder)


@index.command()
def search(
    folder: _Index,
    queries: Annotated[
        str, typer.Argument(metavar="QUERIES", help="JSONL (also .gz) of {id, text}, or what `halueval extract` wrote.")
    ],
    output: OutputFile = "-",
    k: PassageCount = 10,
    by: Annotated[
        By, typer.Option(help="One hit per document, at its best passage, or every passage for itself.")
    ] = By.document,
    pairs: Annotated[
        bool,
        typer.Option("--pairs", help="Write {id, claim, evidence} for `halueval verify`, passages with their text."),
    ] = False,
) -> None:
    """Search an index.

    Writes a line per query, in order: {"id", "hits": [{"doc_id", "score", "start", "end"}]}, best first; start and end
    are the characters of the document's text that the passage covers. Of a line of `halueval extract` each checkworthy
    claim is a query, under the id of the claim.

    \b
    Example:
      halueval index search index queries.jsonl -k 10 -o hits.jsonl
      halueval index search index claims.jsonl -k 5 --pairs -o pairs.jsonl
    """
    from halueval.evidence import DEFAULT_MIN_COVERAGE, open_index
    from halueval.io import check_writable, failure_line, hits_line, pair_line, read_queries, write_jsonl

    check_writable(output)
    # What verify is to judge by is found as the line finds it: whole passages, only those that cover the claim.
    opened = open_index(folder, min_coverage=DEFAULT_MIN_COVERAGE if pairs else None)
    kind = By.passage if pairs else by
    asked = read_queries(queries)
    failures = Failures()

    def lines() -> Iterator[dict[str, Any]]:
        while batch := list(islice(asked, _QUERIES)):
            texts = [query.text for query in batch if not isinstance(query, Failure)]
            found = iter(opened.search(texts, k, by=kind.value))
            for query in batch:
                failures.see(query)
                advance(1)
                if isinstance(query, Failure):
                    yield failure_line(query)
                else:
                    hits = next(found)
                    yield pair_line(query.id, query.text, hits) if pairs else hits_line(query.id, hits)

    with progress("queries") as advance:
        write_jsonl(output, lines())
    failures.finish(output)


def _finish(corpus: str, good: int, bad: int, reasons: tuple[str, ...]) -> None:
    """End as :class:`Failures` does, from the counts that an index keeps."""
    if bad:
        say(f"{bad:,} of {good + bad:,} records of {corpus} could not be used. The first of them:")
        for reason in reasons[:3]:
            say(f"  {reason}")
        raise typer.Exit(PARTLY)
