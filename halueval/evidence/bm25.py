"""BM25 over numbered bags of words, by tantivy: on disk, memory-mapped, read by any number of processes.

Words are made in Python and looked up as they are; tantivy's query language is never involved, so nothing in a query
can be an operator. BM25 has tantivy's constants, k1 = 1.2 and b = 0.75.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from halueval.errors import IndexCorruptError, OutputError
from halueval.text.tokens import stems

__all__ = ["Postings", "PostingsWriter", "create_postings", "idf", "index_words"]

_LONGEST_WORD = 100  # what is longer (base64, unspaced script) matches nothing and would bloat the dictionary
_COMMON = 0.4  # share of all bags; a word in more of them says next to nothing and costs more than the others together
_COMMON_FROM = 5_000  # bags; in fewer, a common word may be what the corpus is about, and time is no matter
_HEAP = 200_000_000  # bytes tantivy may hold before it starts another segment


def index_words(text: str) -> list[str]:
    """The words a text is found by, in order.

    Examples
    --------
    >>> index_words("Headaches: 5 mg")
    ['headach', '5', 'mg']
    """
    found = stems(text)
    if len(max(found, key=len, default="")) <= _LONGEST_WORD:
        return found
    return [word for word in found if len(word) <= _LONGEST_WORD]


def idf(documents: int, frequency: int) -> float:
    """BM25's inverse document frequency, as in Lucene and tantivy; never negative.

    Examples
    --------
    >>> idf(100, 0) > idf(100, 1) > idf(100, 100) > 0
    True
    """
    return math.log1p((documents - frequency + 0.5) / (frequency + 0.5))


class _damage_named:
    """Turns what tantivy raises on damaged files into an error that names the folder; a class, as it runs per query.

    tantivy panics on some, and a panic is not an ``Exception``.
    """

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            todo = "build the index again"
            raise IndexCorruptError(f"cannot be read ({error})", todo=todo, path=str(self._folder)) from error


def _linked(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder of links to the files of one that may only be read: tantivy takes a lock beside what it opens."""
    links = tempfile.TemporaryDirectory(prefix="halueval-", ignore_cleanup_errors=True)
    for file in folder.resolve().iterdir():
        if not file.name.endswith(".lock"):
            Path(links.name, file.name).symlink_to(file)
    return links


class Postings:
    """Which numbers each word occurs in, opened for reading."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._folder = folder
        with _damage_named(folder):
            self._links = None if os.access(folder, os.W_OK) else _linked(folder)
            self._index = tantivy.Index.open(self._links.name if self._links else str(folder))
            self._index.config_reader("Manual")
            self._searcher = self._index.searcher()
            self.count: int = self._searcher.num_docs
        self._term, self._boolean, self._should = (
            tantivy.Query.term_query,
            tantivy.Query.boolean_query,
            tantivy.Occur.Should,
        )
        self._schema = self._index.schema
        self._frequencies: dict[str, int] = {}

    def frequency(self, word: str) -> int:
        """In how many numbers a word occurs."""
        known = self._frequencies.get(word)
        if known is None:
            if len(self._frequencies) > 200_000:
                self._frequencies.clear()
            with _damage_named(self._folder):
                known = self._frequencies[word] = self._searcher.doc_freq("words", word)
        return known

    def _telling(self, words: Sequence[str]) -> Sequence[str]:
        if self.count < _COMMON_FROM:
            return words
        return [word for word in words if self.frequency(word) <= _COMMON * self.count] or words

    def top(self, words: Sequence[str], limit: int, need: int) -> tuple[list[tuple[float, int]], float]:
        """The ``limit`` best (score, number), best first, and a score that no other number exceeds.

        Numbers that tie with the last one are left out, so that the answer does not depend on which of them tantivy met
        first, unless fewer than ``need`` would remain.
        """
        clauses = [(self._should, self._term(self._schema, "words", word, "freq")) for word in self._telling(words)]
        if not clauses:
            return [], 0.0
        with _damage_named(self._folder):
            found = self._searcher.search(self._boolean(clauses), limit, count=False).hits
            numbers: list[Any] = self._searcher.fast_field_values("number", [address for _, address in found])
            if None in numbers:
                raise ValueError("a hit without a number")
        hits: list[tuple[float, int]] = [(score, number) for (score, _), number in zip(found, numbers, strict=True)]
        if len(hits) < limit:
            return hits, 0.0
        last = hits[-1][0]
        clear = [hit for hit in hits if hit[0] > last]
        return (clear if len(clear) >= need else hits), last

    def writer(self) -> PostingsWriter:
        """Open for adding; one writer at a time.

        Raises
        ------
        OutputError
            Another process is adding, or the folder cannot be written to.
        """
        if self._links is not None:
            raise OutputError(f"{self._folder}: the index cannot be written to: writing there is not allowed")
        return PostingsWriter(self._index, self._folder)


class PostingsWriter:
    """Adds numbered bags of words; nothing is seen by readers before :meth:`commit`."""

    def __init__(self, index: Any, folder: Path) -> None:
        import tantivy

        self._index, self._document = index, tantivy.Document
        try:
            self._writer = index.writer(_HEAP, 1)  # one thread: numbers stay in order, scores are the same on every run
        except Exception as error:
            found = f"the index cannot be written to ({error})"
            raise OutputError(f"{folder}: {found}; another process may be adding to it") from error

    def add(self, number: int, words: Sequence[str]) -> None:
        """Add one bag of words."""
        document = self._document()
        document.add_text("words", " ".join(words))
        document.add_unsigned("number", number)
        self._writer.add_document(document)

    def delete_from(self, number: int) -> None:
        """Take out every number from this one on."""
        import tantivy

        kind = tantivy.FieldType.Unsigned
        self._writer.delete_documents_by_query(
            tantivy.Query.range_query(self._index.schema, "number", kind, lower_bound=number)
        )

    def commit(self) -> None:
        """Publish what was added, and let go of the folder."""
        self._writer.commit()
        self._writer.wait_merging_threads()

    def abandon(self) -> None:
        """Forget what was added, and let go of the folder."""
        self._writer.rollback()
        self._writer.wait_merging_threads()


def create_postings(folder: Path) -> PostingsWriter:
    """New, empty postings in a folder that does not exist."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field("number", fast=True)
    folder.mkdir()
    return PostingsWriter(tantivy.Index(builder.build(), path=str(folder)), folder)
