"""Writing: whole or not at all."""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any

from halueval.errors import OutputError

__all__ = ["atomic", "check_writable", "json_line", "write_jsonl", "write_text"]

# Lone surrogates have no UTF-8; the others end a line for programs that split at more than "\n".
_ESCAPED = re.compile("[\ud800-\udfff\u0085\u2028\u2029]")


def json_line(row: Mapping[str, Any]) -> str:
    """One line of JSON with its "\\n", fit for UTF-8; a line with characters that don't travel well is all ASCII.

    Raises
    ------
    ValueError
        A number is NaN or infinite: JSON has neither.

    Examples
    --------
    >>> json_line({"id": "é"}), json_line({"id": "\\u2028"})
    ('{"id": "é"}\\n', '{"id": "\\\\u2028"}\\n')
    """
    text = json.dumps(row, ensure_ascii=False, allow_nan=False)
    if _ESCAPED.search(text):
        text = json.dumps(row, ensure_ascii=True, allow_nan=False)
    return text + "\n"


def write_jsonl(path: str | os.PathLike[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as JSON lines, gzipped where the name ends in ``.gz``; ``-`` is standard output.

    The file appears whole under its name when the last row is written, and not at all if anything fails before.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    OutputError
        It cannot be written there.

    Examples
    --------
    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.jsonl")
    >>> write_jsonl(path, [{"id": "a"}, {"id": "b"}])
    2
    """
    count = 0
    with _opened(path) as file:
        for row in rows:
            file.write(json_line(row).encode())
            count += 1
    return count


def write_text(path: str | os.PathLike[str], text: str | Iterable[str]) -> None:
    """Write a text or its pieces, whole or not at all; ``-`` is standard output. Lone surrogates become "\\ud800".

    Raises
    ------
    OutputError
        It cannot be written there.
    """
    with _opened(path) as file:
        for piece in (text,) if isinstance(text, str) else text:
            file.write(piece.encode("utf-8", "backslashreplace"))


def check_writable(path: str | os.PathLike[str]) -> None:
    """Find out before the work whether its result can be written.

    Raises
    ------
    OutputError
        The folder doesn't exist, the path is a folder, or writing is not allowed.

    Examples
    --------
    >>> check_writable("/no/such/folder/a.jsonl")
    Traceback (most recent call last):
    halueval.errors.OutputError: /no/such/folder/a.jsonl: there is no folder /no/such/folder. To mend it: make it first
    """
    if os.fspath(path) == "-":
        return
    if "\0" in os.fspath(path):
        raise OutputError(f"{path!r}: a file's name has no NUL in it")
    target = Path(path)
    if target.is_dir():
        raise OutputError(f"{path}: this is a folder; wanted: the name of a file")
    if not target.parent.is_dir():
        raise OutputError(f"{path}: there is no folder {target.parent}. To mend it: make it first")
    if not os.access(target if _special(target) else target.parent, os.W_OK):
        raise OutputError(f"{path}: writing there is not allowed")


@contextmanager
def atomic(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write that takes its name only when the block ends well; gzipped by suffix.

    Raises
    ------
    OutputError
        It cannot be written there.
    """
    check_writable(path)
    target = Path(path)
    if _special(target):  # a pipe or /dev/null has no "beside", and must never be replaced
        with open(target, "wb") as file:
            yield file
        return
    real = Path(os.path.realpath(target))  # through a link, not over it
    beside = real.with_name(f".{real.name[:200]}.{os.getpid()}.part")
    try:
        with open(beside, "wb") as file:
            if real.name.lower().endswith(".gz"):
                with gzip.GzipFile(
                    "", "wb", fileobj=file, mtime=0
                ) as packed:  # no name, no time: same rows, same bytes
                    yield packed  # type: ignore[misc]
            else:
                yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, real)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({(error.strerror or str(error)).lower()})") from error
    finally:
        beside.unlink(missing_ok=True)


def _opened(path: str | os.PathLike[str]) -> AbstractContextManager[IO[bytes]]:
    return _stdout() if os.fspath(path) == "-" else atomic(path)


def _special(path: Path) -> bool:
    return path.exists() and not path.is_file()


@contextmanager
def _stdout() -> Iterator[IO[bytes]]:
    sys.stdout.flush()
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()
