"""Evidence: corpora, passages with exact offsets, the lexical index, and what a response brings itself."""

from __future__ import annotations

from halueval.evidence.context import ContextRetriever, best_passages, context_evidence
from halueval.evidence.corpus import Document, DocumentLike, documents_from, read_corpus
from halueval.evidence.index import DEFAULT_MIN_COVERAGE, Index, build_index, index_documents, open_index
from halueval.evidence.passages import PASSAGE_WORDS, passage_spans
from halueval.evidence.sources import open_evidence

__all__ = [
    "DEFAULT_MIN_COVERAGE",
    "PASSAGE_WORDS",
    "ContextRetriever",
    "Document",
    "DocumentLike",
    "Index",
    "best_passages",
    "build_index",
    "context_evidence",
    "documents_from",
    "index_documents",
    "open_evidence",
    "open_index",
    "passage_spans",
    "read_corpus",
]
