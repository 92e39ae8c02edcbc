"""Putting documents into a folder: passages, postings, rows, and the manifest that makes it an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path

from halueval.errors import CorpusError, IndexCorruptError
from halueval.evidence.bm25 import PostingsWriter, create_postings, index_words
from halueval.evidence.corpus import Document, DocumentLike, documents_from, read_corpus
from halueval.evidence.passages import passage_spans
from halueval.evidence.storage import Manifest, Writer, snapshot_of, write_manifest
from halueval.records import Failure, Span

__all__ = ["REASONS_KEPT", "add_document", "damaged_segments", "fill", "segment_sizes"]

REASONS_KEPT = 5
"""How many of the reasons why records were set aside are kept."""


def fill(folder: Path, corpus: str | PathLike[str] | Iterable[DocumentLike], passage_words: int) -> None:
    """Write a whole index into an empty folder."""
    path = str(corpus) if isinstance(corpus, str | PathLike) else ""
    failures = 0
    reasons: list[str] = []
    digests: list[bytes] = []
    store = Writer(folder)
    whole, passages = create_postings(folder / "by_document"), create_postings(folder / "by_passage")
    for item in read_corpus(path) if isinstance(corpus, str | PathLike) else documents_from(corpus):
        if isinstance(item, Failure):
            failures += 1
            reasons += [item.message] if failures <= REASONS_KEPT else []
        else:
            digests.append(add_document(item, store, whole, passages, passage_words))
    store.close()
    if not digests:
        found = f"none of {failures} records can be used, first: {reasons[0]}" if failures else "no documents"
        raise CorpusError(
            found, wanted="documents with text, one JSON object per line" if path else "documents", path=path
        )
    whole.commit()
    passages.commit()
    write_manifest(
        folder,
        Manifest(
            documents=store.documents,
            passages=store.passages,
            snapshot=snapshot_of(digests),
            passage_words=passage_words,
            set_aside=failures,
            reasons=tuple(reasons),
            files=segment_sizes(folder),
        ),
    )


def add_document(
    document: Document, store: Writer, whole: PostingsWriter, passages: PostingsWriter, passage_words: int
) -> bytes:
    """Put one document everywhere it belongs; gives its digest."""
    title = index_words(document.title)
    everything = list(title)
    rows: list[tuple[Span, list[str]]] = []
    for number, span in enumerate(passage_spans(document.text, passage_words), start=store.passages):
        words = index_words(document.text[span.start : span.end])
        rows.append((span, [*title, *words]))
        passages.add(number, rows[-1][1])
        everything += words
    whole.add(store.documents, everything)
    return store.add(document, rows)


def segment_sizes(folder: Path) -> dict[str, int]:
    """Sizes of tantivy's segment files, which never change once written; its small JSON files do."""
    files = [file for name in ("by_document", "by_passage") for file in sorted((folder / name).iterdir())]
    skip = (".json", ".lock")
    return {
        str(file.relative_to(folder).as_posix()): file.stat().st_size for file in files if not file.name.endswith(skip)
    }


def damaged_segments(folder: Path, sizes: Mapping[str, int]) -> Iterator[IndexCorruptError]:
    """Segment files that are not what was written; those a later writer has merged away may be gone."""
    current = "".join(_text(folder / name / "meta.json").replace("-", "") for name in ("by_document", "by_passage"))
    for name, size in sizes.items():
        file = folder / name
        found = file.stat().st_size if file.exists() else None
        if found != size and (found is not None or file.name.partition(".")[0] in current):
            what = "missing" if found is None else f"{found} bytes where {size} were written"
            yield IndexCorruptError(what, todo="build the index again", path=str(file))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise IndexCorruptError(f"cannot be read ({error})", todo="build the index again", path=str(path)) from error
