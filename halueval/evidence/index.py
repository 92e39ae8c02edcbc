"""The lexical index: documents in, ranked passages out, with everything needed to trace and replay them."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from halueval.errors import CorpusError, IndexCorruptError, OutputError
from halueval.evidence.bm25 import Postings, idf, index_words
from halueval.evidence.corpus import Document, DocumentLike, documents_from
from halueval.evidence.filling import REASONS_KEPT, add_document, damaged_segments, fill, segment_sizes
from halueval.evidence.passages import PASSAGE_WORDS
from halueval.evidence.storage import MANIFEST, Reader, Writer, read_manifest, snapshot_of, word_mark, write_manifest
from halueval.records import Evidence, Failure

__all__ = ["DEFAULT_MIN_COVERAGE", "Index", "build_index", "index_documents", "open_index"]

DEFAULT_MIN_COVERAGE = 0.35
"""The floor that the line uses; see ``docs/decisions/0030-retrieval.md`` for the measurement."""

_LONGEST_QUERY = 512  # different words; of a longer query the rarest count


class Index:
    """A BM25 index of passages in a folder; a :class:`~halueval.protocols.Retriever`.

    Made by :func:`build_index`, :func:`open_index` or :func:`index_documents`, not by hand. The files are mapped into
    memory, so any number of processes share them; an index can be pickled and opens the same folder elsewhere.

    Attributes
    ----------
    path : Path
        The folder.
    snapshot : str
        Id of the corpus: made from the content of its documents, whatever their order and wherever it was built.
    documents : int
        How many documents are in it; ``len(index)`` too.
    passages : int
        How many passages they were cut into.
    set_aside : int
        How many records were given and could not be used.
    reasons : tuple of str
        Why, for the first few.
    min_coverage : float or None
        What :meth:`search` uses where it is not told; None is 0.
    """

    name = "bm25"

    def __init__(self, path: str | PathLike[str], *, min_coverage: float | None = None) -> None:
        self.path = Path(path)
        self.min_coverage = min_coverage
        self._owner: _TemporaryFolder | None = None
        self._load()

    def _load(self) -> None:
        manifest = read_manifest(self.path)
        for problem in damaged_segments(self.path, manifest.files):
            raise problem
        self._by_document, self._by_passage = Postings(self.path / "by_document"), Postings(self.path / "by_passage")
        # What tantivy published is what counts: a writer that was stopped before the manifest has still added its
        # documents.
        self._reader = Reader(self.path, self._by_passage.count)
        if self._by_passage.count < manifest.passages or self._by_document.count < self._reader.documents:
            found = f"{self._by_passage.count} passages where {manifest.passages} were written"
            raise IndexCorruptError(found, todo="build the index again", path=str(self.path))
        if self._by_passage.count > manifest.passages:
            snapshot = snapshot_of(self._reader.digests())
            manifest = replace(
                manifest, documents=self._reader.documents, passages=self._reader.passages, snapshot=snapshot
            )
        self._manifest = manifest
        self.snapshot, self.documents, self.passages = manifest.snapshot, manifest.documents, manifest.passages
        self.set_aside, self.reasons = manifest.set_aside, manifest.reasons

    def __len__(self) -> int:
        """How many documents are in it."""
        return self.documents

    def __repr__(self) -> str:
        counts = f"{self.documents} documents, {self.passages} passages"
        return f"Index({str(self.path)!r}: {counts}, snapshot {self.snapshot}, {self.set_aside} set aside)"

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (str(self.path), self.min_coverage)

    def with_min_coverage(self, min_coverage: float) -> Index:
        """The same index with another floor; files are shared, nothing is copied.

        Examples
        --------
        >>> index = index_documents([{"doc_id": "a", "text": "Ibuprofen is taken with food."}])
        >>> [len(hits) for hits in index.search(["Cats eat food with their claws."], 5)]
        [1]
        >>> [len(hits) for hits in index.with_min_coverage(0.6).search(["Cats eat food with their claws."], 5)]
        [0]
        """
        other = object.__new__(Index)
        other.__dict__.update(self.__dict__)
        other.min_coverage = min_coverage
        return other

    def search(
        self,
        queries: Sequence[str],
        k: int,
        *,
        by: Literal["passage", "document"] = "passage",
        min_coverage: float | None = None,
    ) -> list[list[Evidence]]:
        """At most ``k`` passages per query, best first.

        The score of a passage is its own BM25 (its title counted in) plus that of its whole document; see
        ``docs/decisions/0030-retrieval.md``. Words are matched by their stems. Nothing in a query is an operator. Equal
        scores keep the order in which the documents were added.

        Parameters
        ----------
        queries : sequence of str
            Claims, questions, any text. One without a word of the corpus has no hits.
        k : int
            How many at most, 1 or more.
        by : {"passage", "document"}
            "document" gives each document once, with its best passage.
        min_coverage : float, optional
            Where none of the ``k`` best holds, with its title, this share of the query, the query has no hits: what
            shares a word or two with a claim is not evidence about it. Words are weighted by their idf; one that the
            corpus does not have weighs most. 0 keeps what shares any word. Default: that of the index.

        Returns
        -------
        list of list of Evidence
            In the order of the queries, with ``score`` and ``rank`` (from 1).

        Examples
        --------
        >>> index = index_documents(["Ibuprofen is taken with food. It can upset the stomach."])
        >>> [hit] = index.search(["Is ibuprofen taken with food?"], 5)[0]
        >>> hit.rank, hit.text
        (1, 'Ibuprofen is taken with food. It can upset the stomach.')
        >>> index.search([""], 5)
        [[]]
        """
        if k < 1:
            raise ValueError(f"k: found {k}; wanted: 1 or more")
        if by not in ("passage", "document"):
            raise ValueError(f"by: found {by!r}; wanted: 'passage' or 'document'")
        floor = self.min_coverage if min_coverage is None else min_coverage
        return [self._search(query, k, by == "document", floor or 0.0) for query in queries]

    def _search(self, query: str, k: int, one_per_document: bool, min_coverage: float) -> list[Evidence]:
        asked = dict.fromkeys(index_words(query))
        words = [word for word in asked if self._by_passage.frequency(word)]
        unknown = len(asked) - len(words)
        if len(words) > _LONGEST_QUERY:
            words = sorted(words, key=self._by_passage.frequency)[:_LONGEST_QUERY]
        limit = max(20, 2 * k)
        passages, passage_floor = self._by_passage.top(words, limit, k)
        documents, document_floor = self._by_document.top(words, limit, k)
        document_scores = {number: score for score, number in documents if number < self.documents}
        owners = self._reader.documents_of([number for _, number in passages])
        scored = [
            (-score - document_scores.get(document, document_floor), number, document)
            for (score, number), document in zip(passages, owners, strict=True)
        ]
        scored.sort()
        coverage = self._coverage_by(words, unknown)
        if one_per_document:
            scored = self._best_per_document(scored, document_scores, passage_floor, coverage, k)
        best = scored[:k]
        if min_coverage > 0 and not any(coverage(number) >= min_coverage for _, number, _ in best):
            return []
        return self._evidence(best)

    def _best_per_document(
        self,
        scored: list[tuple[float, int, int]],
        document_scores: dict[int, float],
        passage_floor: float,
        coverage: Callable[[int], float],
        k: int,
    ) -> list[tuple[float, int, int]]:
        best: dict[int, tuple[float, int, int]] = {}
        for hit in scored:
            best.setdefault(hit[2], hit)
        # The best passage of the others is not among the best of all, so it has at most the last one's score.
        unplaced = document_scores.keys() - best.keys()
        for document in unplaced:
            best[document] = (
                -document_scores[document] - passage_floor,
                self._reader.passages_of(document)[0],
                document,
            )
        ranked = sorted(best.values())[:k]
        return [
            (score, max(self._reader.passages_of(document), key=coverage) if document in unplaced else number, document)
            for score, number, document in ranked
        ]

    def _coverage_by(self, words: list[str], unknown: int) -> Callable[[int], float]:
        """How much of a query a passage holds: the share of its words, by idf, that are in the passage or its title."""
        weights = [(word_mark(word), idf(self.passages, self._by_passage.frequency(word))) for word in words]
        total = sum(weight for _, weight in weights) + unknown * idf(self.passages, 0)

        def coverage(number: int) -> float:
            marks = self._reader.marks(number)
            return sum([weight for mark, weight in weights if mark in marks]) / total

        return coverage

    def _evidence(self, scored: list[tuple[float, int, int]]) -> list[Evidence]:
        hits: list[Evidence] = []
        for rank, (score, number, document) in enumerate(scored, start=1):
            _, span, text = self._reader.passage(number)
            doc_id, title, source, date, licence, url = self._reader.metadata(document)
            hits.append(Evidence(doc_id, text, span, title, source, date, licence, url, self.snapshot, -score, rank))
        return hits

    def add(self, documents: Iterable[DocumentLike]) -> int:
        """Add documents to the folder; searches of this object see them at once, other processes when they open it
        again.

        Readers elsewhere are not disturbed. If the process is stopped half-way, the index is what it was before or
        what it would be after, never something between.

        Parameters
        ----------
        documents : iterable
            As for :func:`build_index`.

        Returns
        -------
        int
            How many were added; records that cannot be used are counted in ``set_aside``.

        Raises
        ------
        CorpusError
            A ``doc_id`` that is already there: nothing is added.
        OutputError
            Another process is adding.

        Examples
        --------
        >>> index = index_documents([{"doc_id": "a", "text": "Ibuprofen is taken with food."}])
        >>> index.add([{"doc_id": "b", "text": "Warfarin interacts with ibuprofen."}]), len(index)
        (1, 2)
        """
        items = list(documents_from(documents))
        fresh = [item for item in items if isinstance(item, Document)]
        failures = [item for item in items if isinstance(item, Failure)]
        if not fresh and not failures:
            return 0
        passages = self._by_passage.writer()  # takes the lock; what another process added before is read now
        try:
            self._load()
            self._refuse_known([document.doc_id for document in fresh])
            store = Writer(self.path, self._reader.used)
            whole = self._by_document.writer()
            whole.delete_from(self.documents)  # leftovers of a writer that was stopped
            words = self._manifest.passage_words
            digests = [add_document(document, store, whole, passages, words) for document in fresh]
            store.close(durable=True)
            whole.commit()
        except BaseException:
            passages.abandon()
            raise
        passages.commit()  # from here on they are in
        snapshot = snapshot_of([*self._reader.digests(), *digests])
        reasons = (*self.reasons, *(failure.message for failure in failures))[:REASONS_KEPT]
        write_manifest(
            self.path,
            replace(
                self._manifest,
                documents=store.documents,
                passages=store.passages,
                snapshot=snapshot,
                set_aside=self.set_aside + len(failures),
                reasons=reasons,
                files=segment_sizes(self.path),
            ),
        )
        self._load()
        return len(fresh)

    def _refuse_known(self, doc_ids: list[str]) -> None:
        known = self._reader.known_ids(doc_ids)
        if known:
            names = ", ".join(repr(doc_id) for doc_id in known[:3]) + (
                f" and {len(known) - 3} more" if len(known) > 3 else ""
            )
            todo = "leave them out, or build the index again"
            raise CorpusError(f"already in the index: {names}", todo=todo, path=str(self.path), field="doc_id")


def build_index(
    corpus: str | PathLike[str] | Iterable[DocumentLike],
    out: str | PathLike[str],
    *,
    passage_words: int = PASSAGE_WORDS,
) -> Index:
    """Index a corpus into a folder.

    The folder appears when it is complete; until then, and if anything goes wrong, what was there stays as it was.

    Parameters
    ----------
    corpus : path or iterable
        A file for :func:`~halueval.evidence.read_corpus`, or documents, mappings with the same fields, or plain texts.
    out : path
        The folder to make. One that holds an index is replaced; one that holds anything else is refused.
    passage_words : int
        Words per passage to aim at.

    Raises
    ------
    CorpusError
        The corpus cannot be read, or has no document with text in it.
    OutputError
        The folder is there and is not an index, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     index = build_index(["Ibuprofen is taken with food.", ""], f"{folder}/index")
    ...     len(index), index.set_aside
    (1, 1)
    """
    out = Path(out)
    _refuse_foreign(out)
    draft = out.parent / f".{out.name}.{uuid.uuid4().hex}.tmp"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
        fill(draft, corpus, passage_words)
        if out.exists():
            old = out.parent / f".{out.name}.{uuid.uuid4().hex}.old"
            os.rename(out, old)
            os.rename(draft, out)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.rename(draft, out)
    except OSError as error:
        raise OutputError(f"{out}: the index cannot be written ({error.strerror or error})") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Index(out)


def open_index(path: str | PathLike[str], *, min_coverage: float | None = None) -> Index:
    """Open an index that :func:`build_index` made, in milliseconds.

    Raises
    ------
    IndexCorruptError
        Not an index, one of another version, or one whose files are damaged.
    """
    return Index(path, min_coverage=min_coverage)


def index_documents(
    corpus: str | PathLike[str] | Iterable[DocumentLike],
    *,
    passage_words: int = PASSAGE_WORDS,
    min_coverage: float | None = None,
) -> Index:
    """An index in a temporary folder that goes when the index does, for corpora small enough to index each time.

    Takes and raises what :func:`build_index` does. 5,000 abstracts take about two seconds.

    Examples
    --------
    >>> len(index_documents(["Ibuprofen is taken with food.", "Warfarin thins the blood."]))
    2
    """
    owner = _TemporaryFolder()
    index = build_index(corpus, owner.path / "index", passage_words=passage_words)
    index.min_coverage, index._owner = min_coverage, owner
    return index


class _TemporaryFolder:
    """A folder that is removed with this object, by the process that made it: a forked child must not take it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="halueval-index-"))
        weakref.finalize(self, _remove, self.path, os.getpid())


def _remove(folder: Path, maker: int) -> None:
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


def _reopened(path: str, min_coverage: float | None) -> Index:
    return Index(path, min_coverage=min_coverage)


def _refuse_foreign(out: Path) -> None:
    if out.is_dir() and ((out / MANIFEST).is_file() or not any(out.iterdir())):
        return
    if out.exists():
        what = "a folder that is not an index" if out.is_dir() else "a file"
        raise OutputError(f"{out}: {what} is there; wanted: a new folder. To mend it: give another name, or remove it")
