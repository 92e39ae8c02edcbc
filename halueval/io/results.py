"""Results on disk, read one at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator

from halueval.errors import InputError
from halueval.io.formats import result_from_dict
from halueval.io.records import FieldError
from halueval.io.sources import count_lines, open_source
from halueval.io.values import describe
from halueval.records import Result

__all__ = ["ResultsFile"]


class ResultsFile:
    """The results in a ``results.jsonl``: iterated over as often as wanted, one in memory at a time.

    Raises
    ------
    InputError
        When iterated over: no such file, or a line that is not a result.

    Examples
    --------
    >>> import tempfile
    >>> from halueval.io import result_to_dict, write_jsonl
    >>> from halueval.records import Extraction, Response
    >>> path = os.path.join(tempfile.mkdtemp(), "results.jsonl")
    >>> _ = write_jsonl(path, [result_to_dict(Result(Response("r", "Yes."), Extraction("r")))])
    >>> results = ResultsFile(path)
    >>> len(results), [r.response.id for r in results]
    (1, ['r'])
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._length: int | None = None

    def __iter__(self) -> Iterator[Result]:
        for row in open_source(self.path).rows:
            try:
                if row.problem:
                    raise FieldError(row.problem, "a result")
                if not isinstance(row.value, dict):
                    raise FieldError(f"found {describe(row.value)}", "a result")
                yield result_from_dict(row.value)
            except FieldError as error:
                raise InputError(
                    error.found, wanted=error.wanted, path=self.path, line=row.number, field=error.field
                ) from None

    def __len__(self) -> int:
        if self._length is None:
            self._length = count_lines(self.path)
        return self._length

    def __repr__(self) -> str:
        return f"ResultsFile({self.path!r})"
