"""Records to JSON values and back, exactly: one walk over the types of the fields.

A span is ``[start, end]``, a token of a reply ``[token, logprob, top]``; every field is written, in the order of the
dataclass; a number that JSON does not have is one of the texts "inf", "-inf" and "nan"; a verdict is its object and a
failure ``{"failure": {...}}`` where either may stand.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from halueval.io.records import FieldError
from halueval.io.values import describe, plain
from halueval.records import Failure, Span, TokenLogprob, Verdict

__all__ = ["NON_FINITE", "ROWS", "SCALARS", "decode", "encode", "fields_of", "is_of_fixed_length"]

T = TypeVar("T")
_Decoder = Callable[[Any], Any]
_Encoder = Callable[[Any], Any]

SCALARS: dict[type, tuple[str, str]] = {
    str: ("text", "string"),
    bool: ("true or false", "boolean"),
    int: ("a whole number", "integer"),
}
NON_FINITE = ("inf", "-inf", "nan")
ROWS = (Span, TokenLogprob)  # written as a list of their fields: there may be thousands in one record


def encode(record: object) -> Any:
    """A record as JSON values.

    Examples
    --------
    >>> encode(Span(0, 7))
    [0, 7]
    >>> encode(Failure("input", "invalid_record", "not JSON"))["kind"]
    'invalid_record'
    """
    kind: Any = type(record)
    return _encoder(kind)(record)


def decode(cls: type[T], value: Any) -> T:
    """The record that :func:`encode` wrote; fields with a default may be missing, unknown ones are left alone.

    Raises
    ------
    FieldError
        Names the field, what was found and what was wanted.

    Examples
    --------
    >>> decode(Span, [0, 7])
    Span(start=0, end=7)
    """
    kind: Any = cls
    decoded: T = _decoder(kind)(value)
    return decoded


@cache
def _encoder(kind: Any) -> _Encoder:
    """One function for a type and all that is in it: a call for each value of a record would take thrice as long."""
    given = {"as_float": _encode_float, "as_plain": plain, "as_outcome": _encode_outcome}
    # written as the dataclasses module writes its methods: out of nothing but the names of our own fields
    encoder: _Encoder = eval(f"lambda value: {_expression(kind, 'value')}", given)  # noqa: S307
    return encoder


def _expression(kind: Any, value: str, depth: int = 0) -> str:
    """Python for a value of a type as JSON values; the value alone where it is one already."""
    if kind is float:
        return f"as_float({value})"
    if kind is Any:
        return f"as_plain({value})"
    if dataclasses.is_dataclass(kind):
        fields = {name: _expression(hint, f"{value}.{name}", depth) for name, hint in fields_of(kind).items()}
        if kind in ROWS:
            return f"[{', '.join(fields.values())}]"
        return f"{{{', '.join(f'{name!r}: {field}' for name, field in fields.items())}}}"
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if Verdict in arguments:
            return f"as_outcome({value})"
        there = _expression(next(a for a in arguments if a is not type(None)), value, depth)
        return value if there == value else f"(None if {value} is None else {there})"
    item = f"item_{depth}"
    if origin is tuple:
        if is_of_fixed_length(arguments):
            return f"{_rows_expression(arguments, f'({value},)', item, depth)}[0]"
        if is_of_fixed_length(row := get_args(arguments[0])) and get_origin(arguments[0]) is tuple:
            return _rows_expression(row, value, item, depth)
        each = _expression(arguments[0], item, depth + 1)
        return f"list({value})" if each == item else f"[{each} for {item} in {value}]"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        each = _expression(arguments[1], item, depth + 1)
        return f"dict({value})" if each == item else f"{{key: {each} for key, {item} in {value}.items()}}"
    return value


def _rows_expression(parts: Sequence[Any], values: str, item: str, depth: int) -> str:
    """Of several tuples of the same length, which it must be."""
    names = [f"{item}_{number}" for number in range(len(parts))]
    each = (_expression(part, name, depth + 1) for part, name in zip(parts, names, strict=True))
    return f"[[{', '.join(each)}] for {', '.join(names)}, in {values}]"


def _encode_outcome(outcome: Verdict | Failure) -> Any:
    return {"failure": encode(outcome)} if isinstance(outcome, Failure) else encode(outcome)


def _encode_float(value: float) -> float | str:
    number = float(value)  # a whole number may stand there; it is read as 1.0, and must be written the same again
    return number if math.isfinite(number) else str(number)


@cache
def _decoder(kind: Any) -> _Decoder:
    if kind is Span:
        return _decode_span
    if kind is float:
        return _decode_float
    if kind in SCALARS:
        return _scalar_decoder(kind)
    if kind is Any:
        return lambda value: value
    if kind in ROWS:
        row = _row_decoder([_decoder(hint) for hint in fields_of(kind).values()])
        return lambda value: kind(*row(value))
    if dataclasses.is_dataclass(kind):
        return _record_decoder(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _literal_decoder(arguments)
    if origin in (Union, types.UnionType):
        return _union_decoder(arguments)
    if origin is tuple:
        if is_of_fixed_length(arguments):
            return _row_decoder([_decoder(argument) for argument in arguments])
        return _tuple_decoder(_decoder(arguments[0]))
    return _mapping_decoder(_decoder(arguments[0]), _decoder(arguments[1]))


def _decode_span(value: Any) -> Span:
    whole = isinstance(value, list) and len(value) == 2 and type(value[0]) is type(value[1]) is int
    if not whole or not 0 <= value[0] <= value[1]:
        raise FieldError(f"found {value!r:.60}", "[start, end] with 0 <= start <= end")
    return Span(value[0], value[1])


def _decode_float(value: Any) -> float:
    if type(value) is float:
        return value
    if isinstance(value, str) and value in NON_FINITE:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError(f"found {describe(value)}", "a number")
    return float(value)


def _scalar_decoder(kind: type) -> _Decoder:
    wanted = SCALARS[kind][0]

    def decoded(value: Any) -> Any:
        if type(value) is not kind:
            raise FieldError(f"found {describe(value)}", wanted)
        return value

    return decoded


def _literal_decoder(allowed: tuple[Any, ...]) -> _Decoder:
    def decoded(value: Any) -> Any:
        if value not in allowed:
            raise FieldError(f"found {describe(value)}", "one of " + ", ".join(map(str, allowed)))
        return value

    return decoded


def _record_decoder(kind: Any) -> _Decoder:
    decoders = [(name, _decoder(hint)) for name, hint in fields_of(kind).items()]
    required = {f.name for f in dataclasses.fields(kind) if f.default is f.default_factory is dataclasses.MISSING}

    def decoded(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise FieldError(f"found {describe(value)}", "an object")
        if not required <= value.keys():
            raise FieldError("missing", "", min(required - value.keys()))
        fields = {}
        for name, decoder in decoders:
            if name in value:
                try:
                    fields[name] = decoder(value[name])
                except FieldError as error:
                    raise _inside(name, error) from None
        return kind(**fields)

    return decoded


def _union_decoder(arguments: tuple[Any, ...]) -> _Decoder:
    if Verdict in arguments:
        verdict, failure = _decoder(Verdict), _decoder(Failure)

        def outcome(value: Any) -> Any:
            if not isinstance(value, Mapping) or "failure" not in value:
                return verdict(value)
            try:
                return failure(value["failure"])
            except FieldError as error:
                raise _inside("failure", error) from None

        return outcome
    each = _decoder(next(a for a in arguments if a is not type(None)))
    return lambda value: None if value is None else each(value)


def _tuple_decoder(each: _Decoder) -> _Decoder:
    def decoded(value: Any) -> Any:
        if not isinstance(value, list):
            raise FieldError(f"found {describe(value)}", "a list")
        try:
            return tuple([each(v) for v in value])
        except FieldError:
            raise _first_error([each] * len(value), value) from None

    return decoded


def _row_decoder(parts: list[_Decoder]) -> _Decoder:
    def decoded(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(parts):
            raise FieldError(f"found {describe(value)}", f"a list of {len(parts)}")
        try:
            return tuple([part(v) for part, v in zip(parts, value, strict=True)])
        except FieldError:
            raise _first_error(parts, value) from None

    return decoded


def is_of_fixed_length(arguments: tuple[Any, ...]) -> bool:
    """Whether a tuple is as ``tuple[str, float]`` and not as ``tuple[str, ...]``."""
    return Ellipsis not in arguments


def _mapping_decoder(key: _Decoder, each: _Decoder) -> _Decoder:
    def decoded(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise FieldError(f"found {describe(value)}", "an object")
        found = {}
        for k, v in value.items():
            k = key(k)
            try:
                found[k] = each(v)
            except FieldError as error:
                raise _inside(str(k), error) from None
        return found

    return decoded


def _first_error(parts: Sequence[_Decoder], values: Sequence[Any]) -> FieldError:
    """What is wrong with the first bad one of several values, with its place among them."""
    for i, (part, value) in enumerate(zip(parts, values, strict=True)):
        try:
            part(value)
        except FieldError as error:
            return _inside(f"[{i}]", error)
    raise AssertionError("one of them was bad a moment ago")


def _inside(name: str, error: FieldError) -> FieldError:
    """The error as the record around it tells it: places are put together on the way out, and only if there is one."""
    field = f"{name}{'' if error.field.startswith('[') or not error.field else '.'}{error.field}"
    return FieldError(error.found, error.wanted, field, error.kind)


def fields_of(kind: Any) -> dict[str, Any]:
    """The fields of a record, with their types."""
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind)}
