"""A file of JSON lines that grows as results come and takes its name when it is whole: nothing finished is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from halueval.errors import OutputError
from halueval.io.sources import open_source
from halueval.io.writing import atomic, check_writable, json_line

__all__ = ["GrowingFile", "Place"]

Place = tuple[int, int]  # where a line starts in the growing file, and its length, in bytes


class GrowingFile:
    """Lines in the order in which they are ready, in ``PATH.partial``; in the order wanted, under ``PATH``, at the end.

    Used as a context. Left by an exception, the growing file stays where it is, unless nothing is in it.

    Parameters
    ----------
    path : path
        Packed where it ends in ``.gz``; the growing file never is.
    resume : bool
        Keep what an earlier file or growing file holds; else such a file is in the way.
    overwrite : bool
        Delete it instead.
    keep : callable
        Which lines of an earlier file are kept; by default those without a ``failure``.

    Raises
    ------
    OutputError
        Something is in the way, or it cannot be written there.

    Examples
    --------
    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.jsonl")
    >>> with GrowingFile(path) as file:
    ...     late, early = file.append({"id": "b"}), file.append({"id": "a"})
    ...     file.finish([early, late])
    >>> Path(path).read_text()
    '{"id": "a"}\\n{"id": "b"}\\n'
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        resume: bool = False,
        overwrite: bool = False,
        keep: Callable[[Mapping[str, Any]], bool] = lambda row: "failure" not in row,
    ) -> None:
        check_writable(path)
        self.path, self.growing = Path(path), Path(f"{os.fspath(path)}.partial")
        if os.fspath(path) == "-" or (self.path.exists() and not self.path.is_file()):
            raise OutputError(f"{path}: wanted the name of a file: what is finished is kept in it")
        there = next((p for p in (self.growing, self.path) if p.exists()), None)
        if there is not None and not resume and not overwrite:
            raise OutputError(
                f"{there}: is there already. To mend it: go on with it (--resume), replace it (--overwrite), or name "
                "another file"
            )
        self._kept: dict[str, Place] = {}
        try:
            if not resume:
                self.growing.unlink(missing_ok=True)
            elif there == self.path:
                _copy(self.path, self.growing, keep)
            self._size = self._index(keep) if self.growing.exists() else 0
            self._file: IO[bytes] = open(self.growing, "r+b" if self.growing.exists() else "w+b", buffering=0)  # noqa: SIM115
            self._file.truncate(self._size)  # what a kill left of a line
            self._file.seek(self._size)
        except OSError as error:
            raise OutputError(
                f"{self.growing}: cannot be written ({(error.strerror or str(error)).lower()})"
            ) from error

    def __enter__(self) -> GrowingFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self._size and self.growing.exists():
            self.growing.unlink()

    def __len__(self) -> int:
        """How many earlier lines were kept."""
        return len(self._kept)

    def place_of(self, id: str) -> Place | None:
        """Where the earlier line of that id is, if one was kept."""
        return self._kept.get(id)

    def row_at(self, place: Place) -> dict[str, Any]:
        """The line at a place."""
        row: dict[str, Any] = json.loads(self._line_at(place))
        return row

    def append(self, row: Mapping[str, Any]) -> Place:
        """Write a line; once this returns, a kill does not lose it.

        Raises
        ------
        OutputError
            The disk is full, or gone.
        """
        line = json_line(row).encode()
        place = (self._size, len(line))
        try:
            self._file.seek(self._size)
            written = 0
            while written < len(line):
                written += self._file.write(line[written:])
        except OSError as error:
            raise OutputError(
                f"{self.growing}: cannot be written ({(error.strerror or str(error)).lower()})"
            ) from error
        self._size += len(line)
        return place

    def finish(self, places: Iterable[Place]) -> None:
        """Write the lines at these places, in this order, under the file's own name, and let the growing file go."""
        with atomic(self.path) as file:
            for place in places:
                file.write(self._line_at(place))
        self._file.close()
        self.growing.unlink()

    def _line_at(self, place: Place) -> bytes:
        self._file.seek(place[0])
        return self._file.read(place[1])

    def _index(self, keep: Callable[[Mapping[str, Any]], bool]) -> int:
        """Note where the lines to be kept are; gives the end of the last whole line."""
        end = 0
        with open(self.growing, "rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break
                try:
                    row = json.loads(line)
                    id = row["id"]
                except (ValueError, KeyError, TypeError, RecursionError):
                    id = None
                if not isinstance(id, str):
                    raise OutputError(f"{self.growing}, line {number}: not a line that halueval wrote; move it away")
                if keep(row):
                    self._kept[id] = (end, len(line))
                end += len(line)
        return end


def _copy(source: Path, target: Path, keep: Callable[[Mapping[str, Any]], bool]) -> None:
    """The lines to be kept of a whole file, packed or not, as a growing file; whole or not at all."""
    with atomic(target) as file:
        for row in open_source(source).rows:
            if row.problem or not isinstance(row.value, Mapping) or not isinstance(row.value.get("id"), str):
                found = row.problem or "an object without an id"
                raise OutputError(f"{source}, line {row.number}: found {found}; wanted: lines that halueval wrote")
            if keep(row.value):
                file.write(json_line(row.value).encode())
