"""Records one by one: what is wrong with one is a ``Failure`` in its place, and reading goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, Generic, TypeVar

from halueval.errors import InputError, located
from halueval.io.columns import Columns
from halueval.io.sources import Row, Source
from halueval.io.values import describe, mend, plain
from halueval.records import Failure, FailureKind

__all__ = ["FieldError", "Records", "id_in", "look_ahead", "text_in"]

T = TypeVar("T")

_AHEAD_ROWS, _AHEAD_CHARACTERS, _AHEAD_FAILURES = 100, 8_000_000, 10_000


class FieldError(ValueError):
    """One field of one record is not what was wanted; becomes a ``Failure`` that says where."""

    def __init__(self, found: str, wanted: str = "", field: str = "", kind: FailureKind = "invalid_record") -> None:
        super().__init__(found)
        self.found, self.wanted, self.field, self.kind = found, wanted, field, kind


class Records(Iterator[T | Failure], Generic[T]):
    """An iterator over records and failures; ``columns`` says where their parts were read from.

    Raises
    ------
    InputError
        There is not one good record: when it is made if the first ten thousand show it, else at the end.
    """

    def __init__(self, source: Source, parse: Callable[[Row], T | Failure], id_of: Callable[[Row], str]) -> None:
        self.columns: Columns | None = None
        self._source, self._id_of = source, id_of
        self._items = self._read(parse)  # which alone holds it: the ids it has seen are let go of at the end
        self._ahead: deque[T | Failure] = deque()
        while len(self._ahead) < _AHEAD_FAILURES and (item := next(self._items, None)) is not None:
            self._ahead.append(item)
            if not isinstance(item, Failure):
                break

    def __next__(self) -> T | Failure:
        return self._ahead.popleft() if self._ahead else next(self._items)

    def _read(self, parse: Callable[[Row], T | Failure]) -> Iterator[T | Failure]:
        good, bad, first = 0, 0, ""
        for row in self._source.rows:
            item = self._one(row, parse)
            if isinstance(item, Failure):
                bad, first = bad + 1, first or item.message
            else:
                good += 1
            yield item
        if not good:
            found = f"not one of {bad} records can be used; the first: {first}" if bad else "there is no record in it"
            raise InputError(found, path=self._source.name)

    def _one(self, row: Row, parse: Callable[[Row], T | Failure]) -> T | Failure:
        try:
            if row.problem:
                raise FieldError(row.problem, "one JSON object per line" if self._source.unit == "line" else "")
            return parse(row)
        except FieldError as error:
            place = self._source.place(row.number)
            message = located(error.found, wanted=error.wanted, path=f"{self._source.name}, {place}", field=error.field)
            return Failure("input", error.kind, message, self._id_of(row) or place)


def look_ahead(source: Source) -> tuple[list[str], Source]:
    """The columns of a source, as far as its first records show, and the source with those records put back."""
    ahead: list[Row] = []
    names: dict[str, None] = dict.fromkeys(source.columns)
    characters = 0
    if not source.columns:
        for row in source.rows:
            ahead.append(row)
            if isinstance(row.value, Mapping):
                names.update(dict.fromkeys(k for k in row.value if isinstance(k, str)))
                characters += sum(len(v) for v in row.value.values() if isinstance(v, str))
            if len(ahead) >= _AHEAD_ROWS or characters >= _AHEAD_CHARACTERS:
                break
    rows = chain(ahead, source.rows)
    return list(names), Source(source.name, source.unit, rows, source.columns, source.texts)


def id_in(record: Mapping[str, Any], field: str | None) -> str:
    """The user's id as text; empty where the record has none.

    Raises
    ------
    FieldError
        It is neither text nor a whole number.

    Examples
    --------
    >>> id_in({"n": 7}, "n"), id_in({"n": None}, "n")
    ('7', '')
    """
    value = plain(record.get(field)) if field is not None else None
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():  # a table with gaps in it turns 7 into 7.0
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise FieldError(f"found {describe(value)}", "text or a whole number", field or "")
    return str(value)


def text_in(record: Mapping[str, Any], field: str) -> str:
    """The text of a field that must have one.

    Raises
    ------
    FieldError
        The field is missing, null or not text.
    """
    if field not in record:
        raise FieldError("missing", "text", field)
    value = plain(record[field])
    if not isinstance(value, str):
        raise FieldError(f"found {describe(value)}", "text", field)
    return mend(value)
