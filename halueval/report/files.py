"""Files that are complete or not there: written beside their place, then moved into it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

from halueval.errors import OutputError

__all__ = ["lines_written", "replaced"]


@contextmanager
def replaced(path: str | PathLike[str]) -> Iterator[Path]:
    """A path to write to; what is written there takes the place of ``path`` if nothing goes wrong.

    Raises
    ------
    OutputError
        The file cannot be written or put in its place.
    """
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        yield partial
        os.replace(partial, target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror or error}); name another place") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def lines_written(path: str | PathLike[str], pieces: Iterable[str]) -> None:
    """Write pieces of text, one after the other, as UTF-8 with the line ends that they have.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    with replaced(path) as partial, open(partial, "w", encoding="utf-8", newline="") as out:
        for piece in pieces:
            out.write(piece)
