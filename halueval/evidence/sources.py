"""Whatever a user calls their evidence, as a retriever."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from halueval.errors import CorpusError
from halueval.evidence.index import DEFAULT_MIN_COVERAGE, Index, index_documents, open_index
from halueval.protocols import Retriever

__all__ = ["open_evidence"]


def open_evidence(source: object, *, min_coverage: float = DEFAULT_MIN_COVERAGE) -> Retriever:
    """A retriever from an index folder, a corpus file, documents, or a retriever.

    Parameters
    ----------
    source : path, iterable or Retriever
        A folder is opened, a file and anything with documents in it (a list of mappings, a ``datasets.Dataset``, a
        pandas frame) are indexed in a temporary folder, a retriever is returned as it is.
    min_coverage : float
        See :meth:`Index.search`; for an index that has no such floor of its own.

    Raises
    ------
    CorpusError
        Nothing of the kind, or no document with text in it.
    IndexCorruptError
        A folder that is not an index, or a damaged one.

    Examples
    --------
    >>> retriever = open_evidence([{"doc_id": "a", "text": "Ibuprofen is taken with food."}])
    >>> [hit.doc_id for hit in retriever.search(["Take ibuprofen with food."], 3)[0]]
    ['a']
    """
    if isinstance(source, Index):
        return source if source.min_coverage is not None else source.with_min_coverage(min_coverage)
    if isinstance(source, str | PathLike):
        if Path(source).is_dir():
            return open_index(source, min_coverage=min_coverage)
        return index_documents(source, min_coverage=min_coverage)
    if isinstance(source, Retriever):
        return source
    if hasattr(source, "to_dict") and hasattr(source, "columns"):  # a frame, which iterates over its columns
        source = source.to_dict("records")
    if not isinstance(source, Iterable):
        raise CorpusError(f"evidence of type {type(source).__name__}", wanted="a path, documents or a retriever")
    return index_documents(source, min_coverage=min_coverage)
