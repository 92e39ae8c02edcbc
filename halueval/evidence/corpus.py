"""A corpus of evidence: documents with their source, read as a stream.

One bad document among good ones is a :class:`~halueval.records.Failure` in the stream, so that whoever reads it
counts it; a file that cannot be read at all is a :class:`~halueval.errors.CorpusError`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from halueval.errors import CorpusError, located
from halueval.records import Failure, FailureKind, derived_id

__all__ = ["Document", "DocumentLike", "documents_from", "read_corpus"]

_ID_FIELDS = ("doc_id", "id", "_id")
_METADATA_FIELDS = {
    "title": ("title",),
    "source": ("source",),
    "licence": ("licence", "license"),
    "date": ("date",),
    "url": ("url",),
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a corpus; what is not known is an empty string.

    Examples
    --------
    >>> Document("label-1", "Take with food.", title="Ibuprofen").title
    'Ibuprofen'
    """

    doc_id: str
    text: str
    title: str = ""
    source: str = ""
    licence: str = ""
    date: str = ""
    url: str = ""

    def digest(self) -> bytes:
        """Sixteen bytes made from all fields: equal documents have equal digests on every machine.

        Examples
        --------
        >>> Document("a", "x").digest() == Document("a", "x").digest() != Document("a", "y").digest()
        True
        """
        fields = (self.doc_id, self.text, self.title, self.source, self.licence, self.date, self.url)
        encoded = [field.encode("utf-8", "surrogatepass") for field in fields]
        lengths = ",".join(str(len(e)) for e in encoded).encode()  # so that text cannot move from one field to the next
        return hashlib.sha256(b"\x00".join([lengths, *encoded])).digest()[:16]


DocumentLike: TypeAlias = Document | Mapping[str, Any] | str


class _Unusable(Exception):
    def __init__(self, found: str, *, wanted: str = "", field: str = "", kind: FailureKind = "invalid_record") -> None:
        super().__init__(found)
        self.found, self.wanted, self.field, self.kind = found, wanted, field, kind


def read_corpus(path: str | PathLike[str]) -> Iterator[Document | Failure]:
    """Stream the documents of a JSONL file, plain or gzipped (by its content, whatever its name).

    Parameters
    ----------
    path : str or path
        One JSON object per line with ``text`` (required), ``doc_id`` (or ``id``; made from the content where there is
        none), ``title``, ``source``, ``licence`` (or ``license``), ``date``, ``url``. Other fields are ignored, blank
        lines too.

    Yields
    ------
    Document or Failure
        In the order of the file. A failure of stage "input" for a line that is not a JSON object, has no text, or
        repeats a ``doc_id``: its message names file, line, field, what was found and what was wanted.

    Raises
    ------
    CorpusError
        No such file, a folder, a gzip file that ends too soon.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "corpus.jsonl")
    ...     _ = path.write_text('{"doc_id": "a", "text": "Take with food."}\\n{"doc_id": "b"}\\n')
    ...     good, bad = read_corpus(path)
    >>> good.text
    'Take with food.'
    >>> bad.message.partition(": ")[2]
    "no such field; wanted: the document's text"
    """
    path = Path(path)
    return _checked(_json_lines(path), path=str(path))


def documents_from(items: Iterable[DocumentLike]) -> Iterator[Document | Failure]:
    """Documents from anything that has them: :class:`Document`, mappings with the fields of :func:`read_corpus`,
    plain texts.

    Examples
    --------
    >>> [d.doc_id for d in documents_from([{"id": 7, "text": "Take with food."}, Document("b", "Take at night.")])]
    ['7', 'b']
    """
    return _checked(((number, item) for number, item in enumerate(items, start=1)), path="")


def _checked(items: Iterable[tuple[int, Any]], *, path: str) -> Iterator[Document | Failure]:
    seen: set[str] = set()
    for number, item in items:
        try:
            if isinstance(item, _Unusable):
                raise item
            document = _document(item)
            if document.doc_id in seen:
                found = f"the id {document.doc_id!r} was given to an earlier document"
                raise _Unusable(found, wanted="an id for each document", field="doc_id", kind="duplicate_id")
        except _Unusable as error:
            where = f"line {number}" if path else f"document {number}"
            place = f"{path}, {where}" if path else where
            message = located(error.found, wanted=error.wanted, path=place, field=error.field)
            yield Failure("input", error.kind, message, item_id=where)
        else:
            seen.add(document.doc_id)
            yield document


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    if not path.exists():
        raise CorpusError("no such file", wanted="a JSONL file of documents", path=str(path))
    if path.is_dir():
        todo = "name the file, or a folder made by `halueval index build`"
        raise CorpusError("a folder", wanted="a JSONL file of documents", todo=todo, path=str(path))
    number = 0
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            for number, line in enumerate(gzip.GzipFile(fileobj=raw) if zipped else raw, start=1):
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                if line.strip():
                    yield number, _parsed(line)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CorpusError(f"the gzip file is damaged ({error})", path=str(path), line=number + 1) from error
    except OSError as error:
        raise CorpusError(error.strerror or str(error), wanted="a readable file", path=str(path)) from error


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _Unusable(f"byte {error.start + 1} is not UTF-8", wanted="UTF-8 text")
    except (ValueError, RecursionError) as error:
        return _Unusable(f"not JSON ({error})", wanted="one JSON object per line")


def _document(item: Any) -> Document:
    if isinstance(item, Document):
        _require_text(item.text)
        return item
    if isinstance(item, str):
        return Document(derived_id(_require_text(item)), item)
    if not isinstance(item, Mapping):
        raise _Unusable(f"{_kind(item)}", wanted="an object with the fields doc_id and text")
    if "text" not in item:
        raise _Unusable("no such field", wanted="the document's text", field="text")
    text = _require_text(item["text"])
    metadata = {name: _short(item, names) for name, names in _METADATA_FIELDS.items()}
    return Document(_short(item, _ID_FIELDS) or derived_id(metadata["title"], text), text, **metadata)


def _require_text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Unusable(f"{_kind(value)}", wanted="text", field="text")
    if not value.strip():
        raise _Unusable("empty", wanted="text", field="text")
    return value


def _short(item: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of the named fields that is given, as text; a year or a numeric id may be a number."""
    for name in names:
        value = item.get(name)
        if isinstance(value, float) and math.isnan(value):
            continue  # pandas writes NaN where there is nothing
        if isinstance(value, str):
            if value:
                return value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        elif value is not None:
            raise _Unusable(_kind(value), wanted="text", field=name)
    return ""


def _kind(value: Any) -> str:
    names = {type(None): "null", bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "an object" if isinstance(value, Mapping) else type(value).__name__)
