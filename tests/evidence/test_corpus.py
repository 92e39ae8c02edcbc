"""Corpora: what is read, what is set aside with which message, what cannot be read at all."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from halueval.errors import CorpusError
from halueval.evidence import Document, build_index, documents_from, read_corpus
from halueval.records import Failure

GOOD = '{"doc_id": "a", "text": "Take with food."}'


def write(path: Path, *lines: str | bytes) -> Path:
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def test_all_fields_are_read_and_others_ignored(tmp_path: Path) -> None:
    row = {
        "doc_id": "d1",
        "text": "Take with food.",
        "title": "Ibuprofen",
        "source": "Label",
        "licence": "CC0",
        "date": 2024,
        "url": "https://example.org",
        "question": "not read",
    }
    [document] = read_corpus(write(tmp_path / "c.jsonl", json.dumps(row)))
    assert document == Document("d1", "Take with food.", "Ibuprofen", "Label", "CC0", "2024", "https://example.org")


@pytest.mark.parametrize(
    ("row", "doc_id"),
    [({"id": 7}, "7"), ({"_id": "x"}, "x"), ({"doc_id": "d", "id": "i"}, "d"), ({"doc_id": None, "id": "i"}, "i")],
)
def test_the_id_may_have_any_of_its_usual_names(row: dict[str, object], doc_id: str) -> None:
    [document] = documents_from([{**row, "text": "Take with food."}])
    assert isinstance(document, Document)
    assert document.doc_id == doc_id


def test_a_document_without_an_id_gets_one_from_its_content() -> None:
    first, second = documents_from(["Take with food.", {"text": "Take at night."}])
    again, _ = documents_from(["Take with food.", {"text": "Take at night."}])
    assert isinstance(first, Document) and isinstance(second, Document)
    assert first == again
    assert first.doc_id != second.doc_id


def test_gzip_is_recognised_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "misnamed.jsonl"
    path.write_bytes(gzip.compress(GOOD.encode()))
    assert [d.doc_id for d in read_corpus(path) if isinstance(d, Document)] == ["a"]


def test_blank_lines_mixed_line_ends_and_a_byte_order_mark_are_no_matter(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.jsonl", b"\xef\xbb\xbf" + GOOD.encode() + b"\r", "", '{"doc_id": "b", "text": "x"}', "  "
    )
    assert [d.doc_id for d in read_corpus(path) if isinstance(d, Document)] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ("{", "invalid_record", "line 2: not JSON"),
        ("[1, 2]", "invalid_record", "line 2: a list; wanted: an object with the fields doc_id and text"),
        ("null", "invalid_record", "line 2: null; wanted: an object"),
        ('{"doc_id": "b"}', "invalid_record", "line 2, field 'text': no such field; wanted: the document's text"),
        ('{"doc_id": "b", "text": ""}', "invalid_record", "line 2, field 'text': empty; wanted: text"),
        ('{"doc_id": "b", "text": 5}', "invalid_record", "line 2, field 'text': a number; wanted: text"),
        ('{"doc_id": ["b"], "text": "x"}', "invalid_record", "line 2, field 'doc_id': a list; wanted: text"),
        ('{"doc_id": true, "text": "x"}', "invalid_record", "line 2, field 'doc_id': true or false; wanted: text"),
        (
            '{"doc_id": "b", "text": "x", "title": {}}',
            "invalid_record",
            "line 2, field 'title': an object; wanted: text",
        ),
        ('{"doc_id": "a", "text": "x"}', "duplicate_id", "line 2, field 'doc_id': the id 'a' was given to an earlier"),
        (b'{"doc_id": "b", "text": "\xff"}', "invalid_record", "line 2: byte 26 is not UTF-8; wanted: UTF-8 text"),
        ("[" * 100_000, "invalid_record", "line 2: not JSON"),
    ],
)
def test_a_bad_line_is_a_failure_and_the_next_one_is_read(
    tmp_path: Path, line: str | bytes, kind: str, message: str
) -> None:
    path = write(tmp_path / "c.jsonl", GOOD, line, '{"doc_id": "z", "text": "x"}')
    first, bad, last = read_corpus(path)
    assert isinstance(first, Document) and isinstance(last, Document)
    assert isinstance(bad, Failure)
    assert (bad.stage, bad.kind, bad.item_id) == ("input", kind, "line 2")
    assert bad.message.startswith(f"{path}, {message}")


def test_the_index_counts_what_was_set_aside_and_says_why(tmp_path: Path) -> None:
    path = write(tmp_path / "c.jsonl", GOOD, *["{"] * 7)
    index = build_index(path, tmp_path / "index")
    assert (len(index), index.set_aside, len(index.reasons)) == (1, 7, 5)
    assert index.reasons[0].startswith(f"{path}, line 2: not JSON")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no documents; wanted: documents with text"),
        (b'{"doc_id": "a", "text": " "}', "none of 1 records can be used, first: .*field 'text': empty"),
        (b"doc_id,text\na,Take with food.", "none of 2 records can be used, first: .*line 1: not JSON"),
        (b'[{"doc_id": "a", "text": "x"}]', "none of 1 records .* a list; wanted: an object"),
        (
            gzip.compress(b"".join(b'{"doc_id": "%d", "text": "x"}\n' % n for n in range(5000)))[:-100],
            "the gzip file is damaged",
        ),
        (b"\x1f\x8bnot gzip at all", "the gzip file is damaged"),
    ],
    ids=["empty", "no text", "CSV", "JSON array", "truncated gzip", "not gzip"],
)
def test_a_corpus_without_a_usable_document_is_an_error_and_leaves_nothing(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=message) as caught:
        build_index(path, tmp_path / "index")
    assert str(path) in str(caught.value)
    assert [file.name for file in tmp_path.iterdir()] == ["c.jsonl"]


@pytest.mark.parametrize(("name", "message"), [("missing.jsonl", "no such file"), (".", "a folder")])
def test_a_path_that_is_no_file_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        next(read_corpus(tmp_path / name))


def test_odd_characters_survive(tmp_path: Path) -> None:
    text = "A \x00 and a lone \ud800 surrogate. Ibuprofen 🙂 stays."
    path = write(tmp_path / "c.jsonl", json.dumps({"doc_id": "\ud801", "title": "\udfff\x00", "text": text}))
    index = build_index(path, tmp_path / "index")
    [hit] = index.search(["ibuprofen \ud800\x00"], 3)[0]
    assert (hit.doc_id, hit.title) == ("\ud801", "\udfff\x00")
    assert hit.text == text[hit.span.start : hit.span.end] == text
