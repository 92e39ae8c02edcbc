"""Whatever a user calls their evidence becomes a retriever."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from halueval.errors import CorpusError, IndexCorruptError
from halueval.evidence import (
    DEFAULT_MIN_COVERAGE,
    ContextRetriever,
    Document,
    Index,
    build_index,
    context_evidence,
    open_evidence,
)

ROWS = [{"doc_id": "ibu", "text": "Ibuprofen is taken with food."}, {"doc_id": "war", "text": "Warfarin thins blood."}]


def corpus_file(folder: Path) -> Path:
    path = folder / "corpus.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS))
    return path


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: corpus_file(folder),
        lambda folder: str(corpus_file(folder)),
        lambda folder: build_index(ROWS, folder / "index").path,
        lambda folder: str(build_index(ROWS, folder / "index").path),
        lambda folder: build_index(ROWS, folder / "index"),
        lambda folder: ROWS,
        lambda folder: iter(ROWS),
        lambda folder: [Document(**row) for row in ROWS],
        lambda folder: pd.DataFrame(ROWS),
    ],
    ids=["file", "file name", "folder", "folder name", "index", "rows", "iterator", "documents", "frame"],
)
def test_a_source_becomes_a_retriever_with_the_floor_of_the_line(tmp_path: Path, make: object) -> None:
    retriever = open_evidence(make(tmp_path))  # type: ignore[operator]
    assert isinstance(retriever, Index)
    assert retriever.min_coverage == DEFAULT_MIN_COVERAGE
    assert [hit.doc_id for hit in retriever.search(["ibuprofen with food"], 3)[0]] == ["ibu"]


def test_plain_texts_are_documents_too() -> None:
    [hit] = open_evidence([row["text"] for row in ROWS]).search(["warfarin thins blood"], 3)[0]
    assert hit.text == "Warfarin thins blood."


def test_a_floor_of_its_own_is_kept(tmp_path: Path) -> None:
    index = build_index(ROWS, tmp_path / "index").with_min_coverage(0.0)
    assert open_evidence(index) is index


def test_any_other_retriever_is_left_as_it_is() -> None:
    retriever = ContextRetriever(context_evidence(["Take with food."], "r1"))
    assert open_evidence(retriever) is retriever


def test_what_is_no_evidence_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="evidence of type int; wanted: a path, documents or a retriever"):
        open_evidence(5)
    with pytest.raises(CorpusError, match="no such file"):
        open_evidence(tmp_path / "missing.jsonl")
    with pytest.raises(IndexCorruptError, match="not a halueval index"):
        open_evidence(tmp_path)
    with pytest.raises(CorpusError, match="document 1: a number"):
        open_evidence([5])
