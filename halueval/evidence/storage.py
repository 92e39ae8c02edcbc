"""What lies beside the lexical index on disk: passages and documents as fixed-size rows, texts as bytes, a manifest.

All files but the manifest only ever grow, and the manifest is replaced in one step, so that readers in other
processes are never disturbed. Rows that the manifest does not count are leftovers of a writer that was stopped; they
are ignored and cut off by the next one.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from halueval.errors import IndexCorruptError
from halueval.evidence.corpus import Document
from halueval.records import Span

__all__ = [
    "FORMAT",
    "MANIFEST",
    "VERSION",
    "Manifest",
    "Reader",
    "Writer",
    "read_manifest",
    "snapshot_of",
    "word_mark",
    "write_manifest",
]

MANIFEST: Final = "halueval-index.json"
FORMAT: Final = "halueval-index"
VERSION: Final = 1
TOKENS: Final = "lower-cased runs of letters and digits, English Snowball stems"

# document, start and end in it (characters), bytes of text, bytes of word marks, offset of either
_PASSAGE = struct.Struct("<IIIIIQQ")
# offset and length of the metadata, first passage, hash of doc_id, digest of the content
_DOCUMENT = struct.Struct("<QIIQ16s")
_PASSAGE_ROW = np.dtype([("document", "<u4"), ("rest", f"V{_PASSAGE.size - 4}")])
_DOCUMENT_ROW = np.dtype([("offset", "<u8"), ("length", "<u4"), ("first", "<u4"), ("id", "<u8"), ("digest", "V16")])
_METADATA = ("doc_id", "title", "source", "date", "licence", "url")

_FILES = ("passages.bin", "documents.bin", "text.bin", "words.bin", "documents.jsonl")

Metadata = tuple[str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The small file that says what the folder holds."""

    documents: int
    passages: int
    snapshot: str
    passage_words: int
    set_aside: int = 0
    reasons: tuple[str, ...] = ()
    tokens: str = TOKENS
    files: dict[str, int] = field(default_factory=dict)
    format: str = FORMAT
    version: int = VERSION


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an index.

    Raises
    ------
    IndexCorruptError
        Not an index of ours, one of another version, or a manifest that cannot be read.
    """
    path, wanted = folder / MANIFEST, "a folder made by `halueval index build`"
    if not folder.exists():
        raise IndexCorruptError("no such folder", wanted=wanted, path=str(folder))
    if not folder.is_dir():
        raise IndexCorruptError("a file", wanted=wanted, path=str(folder))
    if not path.is_file():
        raise IndexCorruptError(f"not a halueval index: {MANIFEST} is not in it", wanted=wanted, path=str(folder))
    rebuild = "build the index again"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise IndexCorruptError(
                f"format {found['format']!r}", wanted=FORMAT, todo=rebuild, path=str(path), field="format"
            )
        if found["version"] != VERSION or found["tokens"] != TOKENS:
            newer = isinstance(found["version"], int) and found["version"] > VERSION
            raise IndexCorruptError(
                f"version {found['version']!r} of the format",
                wanted=f"version {VERSION}",
                todo="install a newer halueval, or build the index again" if newer else rebuild,
                path=str(path),
                field="version",
            )
        files = {str(name): int(size) for name, size in found["files"].items()}
        reasons = tuple(str(reason) for reason in found["reasons"])
        return Manifest(
            documents=int(found["documents"]),
            passages=int(found["passages"]),
            snapshot=str(found["snapshot"]),
            passage_words=int(found["passage_words"]),
            set_aside=int(found["set_aside"]),
            reasons=reasons,
            files=files,
        )
    except OSError as error:
        raise IndexCorruptError(error.strerror or str(error), todo=rebuild, path=str(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IndexCorruptError(f"the manifest cannot be read ({error!r})", todo=rebuild, path=str(path)) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in place in one step."""
    draft = folder / f"{MANIFEST}.{os.getpid()}.new"
    draft.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    os.replace(draft, folder / MANIFEST)


def snapshot_of(digests: Iterable[bytes]) -> str:
    """The id of a set of documents, whatever their order.

    Examples
    --------
    >>> snapshot_of([b"a", b"b"]) == snapshot_of([b"b", b"a"]) != snapshot_of([b"a"])
    True
    """
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()[:16]


@lru_cache(maxsize=50_000)
def word_mark(word: str) -> bytes:
    """Four bytes that stand for a word, so that whether a passage has it is a search in a few hundred bytes.

    A passage seems to have a word that it has not about once in 10 million looks.
    """
    return zlib.crc32(word.encode("utf-8", "surrogatepass")).to_bytes(4, "little")


def _id_hash(doc_id: str) -> int:
    digest = hashlib.blake2b(doc_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


class Writer:
    """Appends documents and their passages; ``kept`` is what stays of each file, see :attr:`Reader.used`."""

    def __init__(self, folder: Path, kept: Mapping[str, int] | None = None) -> None:
        sizes = dict.fromkeys(_FILES, 0) | dict(kept or {})
        self.documents = sizes["documents.bin"] // _DOCUMENT.size
        self.passages = sizes["passages.bin"] // _PASSAGE.size
        self._text, self._words, self._metadata = sizes["text.bin"], sizes["words.bin"], sizes["documents.jsonl"]
        self._files = {name: (folder / name).open("r+b" if kept else "wb") for name in _FILES}
        for name, size in sizes.items():
            self._files[name].truncate(size)
            self._files[name].seek(size)

    def add(self, document: Document, passages: Iterable[tuple[Span, Iterable[str]]]) -> bytes:
        """Append one document with the places of its passages and the words each is found by; gives its digest."""
        values, digest = (getattr(document, name) for name in _METADATA), document.digest()
        line = json.dumps(list(values)).encode("ascii") + b"\n"  # escaped, so that a lone surrogate survives
        row = _DOCUMENT.pack(self._metadata, len(line), self.passages, _id_hash(document.doc_id), digest)
        self._files["documents.bin"].write(row)
        self._files["documents.jsonl"].write(line)
        for span, words in passages:
            text = document.text[span.start : span.end].encode("utf-8", "surrogatepass")
            marks = b"".join(word_mark(word) for word in dict.fromkeys(words))
            place = (self.documents, span.start, span.end, len(text), len(marks), self._text, self._words)
            self._files["passages.bin"].write(_PASSAGE.pack(*place))
            self._files["text.bin"].write(text)
            self._files["words.bin"].write(marks)
            self._text += len(text)
            self._words += len(marks)
            self.passages += 1
        self._metadata += len(line)
        self.documents += 1
        return digest

    def close(self, *, durable: bool = False) -> None:
        """Write out what is buffered; ``durable`` waits for the disk."""
        for file in self._files.values():
            file.flush()
            if durable:
                os.fsync(file.fileno())
            file.close()


class Reader:
    """Rows and texts of the first ``passages`` passages, mapped into memory."""

    def __init__(self, folder: Path, passages: int) -> None:
        self._folder = folder
        self._maps: dict[str, mmap.mmap] = {}
        self._known: dict[int, Metadata] = {}
        for name in _FILES:
            self._maps[name] = self._mapped(name)
        self._words = self._maps["words.bin"]
        self._rows, self._text = self._maps["passages.bin"], self._maps["text.bin"]
        if not 0 < passages <= len(self._rows) // _PASSAGE.size:
            raise self._damage("passages.bin", f"{len(self._rows) // _PASSAGE.size} rows where {passages} are counted")
        self.passages = passages
        self._owners = np.frombuffer(self._rows, _PASSAGE_ROW, passages)["document"]
        last, _, _, length, marks, offset, marks_offset = _PASSAGE.unpack_from(
            self._rows, (passages - 1) * _PASSAGE.size
        )
        self.documents = last + 1
        if self.documents * _DOCUMENT.size > len(self._maps["documents.bin"]):
            raise self._damage("documents.bin", f"fewer than {self.documents} rows")
        described, length_described, _, _, _ = _DOCUMENT.unpack_from(self._maps["documents.bin"], last * _DOCUMENT.size)
        self.used = {
            "passages.bin": passages * _PASSAGE.size,
            "documents.bin": self.documents * _DOCUMENT.size,
            "text.bin": offset + length,
            "words.bin": marks_offset + marks,
            "documents.jsonl": described + length_described,
        }
        for name, size in self.used.items():
            if size > len(self._maps[name]):
                raise self._damage(name, f"{len(self._maps[name])} bytes where {size} are counted")

    def _mapped(self, name: str) -> mmap.mmap:
        try:
            with (self._folder / name).open("rb") as file:
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise self._damage(name, f"cannot be read ({error})") from error

    def _damage(self, name: str, found: str) -> IndexCorruptError:
        return IndexCorruptError(found, todo="build the index again", path=str(self._folder / name))

    def documents_of(self, passages: list[int]) -> list[int]:
        """The numbers of the documents that passages belong to."""
        found: list[int] = self._owners[passages].tolist()
        return found

    def passage(self, number: int) -> tuple[int, Span, str]:
        """Document number, place and text of a passage."""
        document, start, end, length, _, offset, _ = _PASSAGE.unpack_from(self._rows, number * _PASSAGE.size)
        try:
            text = self._text[offset : offset + length].decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise self._damage("text.bin", f"passage {number} is not text ({error})") from error
        return document, Span(start, end), text

    def marks(self, number: int) -> bytes:
        """The :func:`word_mark` of each word that a passage is found by, one after the other."""
        _, _, _, _, length, _, offset = _PASSAGE.unpack_from(self._rows, number * _PASSAGE.size)
        return self._words[offset : offset + length]

    def passages_of(self, document: int) -> range:
        """The numbers of a document's passages."""
        _, _, first, _, _ = _DOCUMENT.unpack_from(self._maps["documents.bin"], document * _DOCUMENT.size)
        if document + 1 == self.documents:
            return range(first, self.passages)
        _, _, following, _, _ = _DOCUMENT.unpack_from(self._maps["documents.bin"], (document + 1) * _DOCUMENT.size)
        return range(first, following)

    def metadata(self, document: int) -> Metadata:
        """doc_id, title, source, date, licence and url of a document."""
        known = self._known.get(document)
        if known is None:
            offset, length, _, _, _ = _DOCUMENT.unpack_from(self._maps["documents.bin"], document * _DOCUMENT.size)
            try:
                doc_id, title, source, date, licence, url = json.loads(
                    self._maps["documents.jsonl"][offset : offset + length]
                )
            except ValueError as error:
                raise self._damage("documents.jsonl", f"document {document} cannot be read ({error})") from error
            known = (doc_id, title, source, date, licence, url)
            if len(self._known) > 20_000:
                self._known.clear()
            self._known[document] = known
        return known

    def _table(self) -> npt.NDArray[Any]:
        return np.frombuffer(self._maps["documents.bin"], _DOCUMENT_ROW, self.documents)

    def digests(self) -> list[bytes]:
        """The digests of all documents."""
        joined = self._table()["digest"].tobytes()
        return [joined[start : start + 16] for start in range(0, len(joined), 16)]

    def known_ids(self, doc_ids: list[str]) -> list[str]:
        """Those of the ids that a document here already has, in the order given."""
        hashes = {_id_hash(doc_id): doc_id for doc_id in doc_ids}
        column = self._table()["id"]
        rows = np.flatnonzero(np.isin(column, np.fromiter(hashes, dtype=np.uint64, count=len(hashes))))
        here = {self.metadata(int(row))[0] for row in rows}
        return [doc_id for doc_id in doc_ids if doc_id in here]
