"""Where records come from: a file, a table or any iterable, as a stream of numbered rows.

A row is a value or the problem with it. What makes a source unusable as a whole is an ``InputError``, raised when it
is opened.
"""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any, BinaryIO

from halueval.errors import InputError
from halueval.io.values import describe, parse_json

__all__ = ["Row", "Source", "how_many", "open_source"]

_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_BATCH = 64  # rows of a table in memory at once
_DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it came: its number from 1 (of a line or of a row), and its value or what is wrong with it."""

    number: int
    value: Any = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A stream of rows: ``name`` for messages, ``unit`` that rows are counted in, ``columns`` where a table has them.

    ``texts`` says that a bare text is a record: in a list of answers it is, in a file of objects it is a mistake.
    """

    name: str
    unit: str
    rows: Iterator[Row]
    columns: tuple[str, ...] = ()
    texts: bool = False

    def place(self, number: int) -> str:
        """Where a row stands, for messages and for the id of a record that has none."""
        return f"{self.unit} {number}"


def open_source(source: object) -> Source:
    """A source of rows: a path, a ``datasets`` dataset, a pandas frame or any iterable of records.

    Raises
    ------
    InputError
        No such file, a folder, an empty or damaged file, or nothing that can be iterated over.

    Examples
    --------
    >>> [row.value for row in open_source(["Aspirin is a drug."]).rows]
    ['Aspirin is a drug.']
    """
    if isinstance(source, str | PathLike):
        path = fspath(source)
        return _open_file(path if isinstance(path, str) else path.decode("utf-8", "surrogateescape"))
    module = type(source).__module__.partition(".")[0]
    if module == "datasets":
        return _dataset(source)
    if module == "pandas" and hasattr(source, "columns"):
        return _frame(source)
    if isinstance(source, Mapping):
        return Source("the record given", "row", iter([Row(1, source)]))
    if isinstance(source, Iterable) and not isinstance(source, bytes):
        return Source("the records given", "row", _numbered(source), texts=True)
    raise InputError(
        f"nothing to read: {describe(source)}",
        wanted="a path (JSONL, Parquet or CSV), a datasets.Dataset, a pandas DataFrame or an iterable of records",
    )


def how_many(source: object) -> int | None:
    """About how many records a source has, to tell how far the work on it is; None where only its end will show.

    Examples
    --------
    >>> how_many(["Yes.", "No."]), how_many(iter(["Yes."])), how_many("no-such-file.jsonl")
    (2, None, None)
    """
    if not isinstance(source, str | PathLike):
        return len(source) if isinstance(source, Sized) and not isinstance(source, Mapping) else None
    if not os.path.isfile(source):
        return None
    try:
        with open(source, "rb") as file:
            start = file.read(4)
            if start.startswith(_PARQUET):
                import pyarrow.parquet

                return int(pyarrow.parquet.read_metadata(file).num_rows)
            opened = open_source(source)
            if opened.unit == "row" or start.startswith(_GZIP):
                return sum(1 for _ in opened.rows)
            return start.count(b"\n") + sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except Exception:  # whoever reads it says what is wrong with it
        return None


def _numbered(values: Iterable[Any]) -> Iterator[Row]:
    return (Row(number, value) for number, value in enumerate(values, 1))


def _open_file(path: str) -> Source:
    if path == "-":
        return Source("standard input", "line", _json_lines("standard input", sys.stdin.buffer))
    try:
        size, start = Path(path).stat().st_size, b""
        with open(path, "rb") as file:
            start = file.read(4)
    except IsADirectoryError:
        raise InputError("this is a folder", wanted="a file of records (JSONL, Parquet or CSV)", path=path) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        long = len(path) > 255 or "\n" in path or "\0" in path
        todo = "an answer given as text goes in a list: [text]" if long else ""
        shown = path if len(path) <= 200 else path[:80] + "…"
        raise InputError(f"cannot be opened ({reason})", wanted="a file of records", todo=todo, path=shown) from None
    if not start and size == 0:
        raise InputError("the file is empty", wanted="at least one record", path=path)
    if start.startswith(_PARQUET):
        return _parquet(path)
    if start.startswith(_UTF16):
        raise InputError("the text is UTF-16", wanted="UTF-8", todo="save the file as UTF-8", path=path)
    bare = path.lower().removesuffix(".gz")
    if bare.endswith((".csv", ".tsv")):
        return _csv(path, "\t" if bare.endswith(".tsv") else ",")
    stream = _binary(path, start)
    if bare.endswith(".json") and stream.peek(64).removeprefix(_BOM).lstrip()[:1] == b"[":
        return _json_array(path, stream)
    return Source(path, "line", _json_lines(path, stream))


def _binary(path: str, start: bytes) -> Any:
    """The bytes of a file, unpacked if they are packed, whatever the file is called."""
    import io

    file = open(path, "rb")  # noqa: SIM115 (the caller closes it)
    return io.BufferedReader(gzip.GzipFile(fileobj=file)) if start.startswith(_GZIP) else file


def _json_lines(name: str, stream: BinaryIO) -> Iterator[Row]:
    """One value per line; lines end at "\\n" alone, since U+2028 and its like occur inside of texts."""
    with stream:
        number = 0
        lines = iter(stream)
        while True:
            try:
                line = next(lines, None)
            except _DAMAGED as error:
                raise InputError(f"the gzip file is damaged ({error})", path=name, line=number + 1) from None
            if line is None:
                return
            number += 1
            row = _json_line(number, line.removeprefix(_BOM) if number == 1 else line)
            if row is not None:
                yield row


def _json_line(number: int, line: bytes) -> Row | None:
    try:
        text = line.decode("utf-8", "surrogatepass").rstrip(" \t\r\n")
    except UnicodeDecodeError as error:
        return Row(number, problem=f"not UTF-8 (byte 0x{line[error.start]:02x} at byte {error.start + 1})")
    if not text:
        return None
    try:
        return Row(number, parse_json(text))
    except ValueError as error:
        return Row(number, problem=str(error))


def _json_array(path: str, stream: BinaryIO) -> Source:
    """A whole file that is one JSON array: read at once, since nothing marks where a record ends."""
    with stream:
        try:
            values = parse_json(stream.read().decode("utf-8-sig", "surrogatepass"))
        except (ValueError, *_DAMAGED) as error:
            raise InputError(f"the file starts as a JSON array: {error}", path=path) from None
    return Source(path, "row", _numbered(values))


def _csv(path: str, delimiter: str) -> Source:
    import csv

    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # answers of megabytes are answers
    opener = gzip.open if path.lower().endswith(".gz") else open
    file = opener(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="")
    table = csv.DictReader(file, delimiter=delimiter, restkey="")

    def rows() -> Iterator[Row]:
        with file:
            for number, row in enumerate(table, 1):
                if "" in row:
                    yield Row(
                        number, problem=f"{len(row) - 1 + len(row[''])} cells in a table of {len(row) - 1} columns"
                    )
                elif any("\udc80" <= c <= "\udcff" for cell in row.values() for c in cell or ""):
                    yield Row(number, problem="not UTF-8")
                else:
                    yield Row(number, row)

    try:
        columns = tuple(table.fieldnames or ())
    except (csv.Error, UnicodeDecodeError, *_DAMAGED) as error:
        raise InputError(f"not a CSV file ({error})", path=path) from None
    return Source(path, "row", rows(), columns)


def _parquet(path: str) -> Source:
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path, memory_map=True)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"not a Parquet file that can be read ({_first_line(error)})", path=path) from None

    def values() -> Iterator[Any]:
        with file:
            try:
                for batch in file.iter_batches(batch_size=_BATCH):
                    yield from batch.to_pylist()
            except (pyarrow.ArrowException, OSError) as error:
                raise InputError(f"the Parquet file is damaged ({_first_line(error)})", path=path) from None

    return Source(path, "row", _numbered(values()), tuple(file.schema_arrow.names))


def _dataset(dataset: Any) -> Source:
    if isinstance(dataset, Mapping):
        raise InputError(
            f"a {type(dataset).__name__} with the splits {', '.join(map(str, dataset))}",
            wanted="one split",
            todo=f"pass dataset[{next(iter(dataset), 'test')!r}]",
        )
    return Source("the dataset", "row", _numbered(dataset), tuple(dataset.column_names or ()))


def _frame(frame: Any) -> Source:
    columns = tuple(str(c) for c in frame.columns)
    if twice := sorted({c for c in columns if columns.count(c) > 1}):
        raise InputError(f"the DataFrame has two columns called {twice[0]!r}", wanted="one column of each name")

    def values() -> Iterator[dict[str, Any]]:
        for start in range(0, len(frame), _BATCH):
            for cells in frame.iloc[start : start + _BATCH].itertuples(index=False, name=None):
                yield dict(zip(columns, cells, strict=True))

    return Source("the DataFrame", "row", _numbered(values()), columns)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
