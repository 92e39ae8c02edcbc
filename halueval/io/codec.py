"""Records to JSON values and back, exactly, and the JSON Schema of both: one walk over the types of the fields.

A span is ``[start, end]``; every field is written, in the order of the dataclass; a number that JSON does not have is
one of the texts "inf", "-inf" and "nan"; a verdict is its object and a failure ``{"failure": {...}}`` where either may
stand.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from halueval.io.records import FieldError
from halueval.io.values import describe, plain
from halueval.records import Failure, Span, Verdict

__all__ = ["decode", "definition", "encode", "schema"]

T = TypeVar("T")
_Decoder = Callable[[Any, str], Any]
_Encoder = Callable[[Any], Any]

_SCALARS: dict[type, tuple[str, str]] = {
    str: ("text", "string"),
    bool: ("true or false", "boolean"),
    int: ("a whole number", "integer"),
}
_NON_FINITE = ("inf", "-inf", "nan")


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
    decoded: T = _decoder(kind)(value, "")
    return decoded


def schema(kind: Any) -> dict[str, Any]:
    """The JSON Schema of what :func:`encode` writes for a type; a record is a reference to its :func:`definition`.

    Examples
    --------
    >>> schema(tuple[str, ...]), schema(Failure)
    ({'type': 'array', 'items': {'type': 'string'}}, {'$ref': '#/$defs/Failure'})
    """
    if kind is float:
        return {"anyOf": [{"type": "number"}, {"enum": list(_NON_FINITE)}]}
    if kind in _SCALARS:
        return {"type": _SCALARS[kind][1]}
    if kind is Any:
        return {}
    if dataclasses.is_dataclass(kind):
        return {"$ref": f"#/$defs/{getattr(kind, '__name__', '')}"}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        if Verdict in arguments:
            failure = {"type": "object", "properties": {"failure": schema(Failure)}, "required": ["failure"]}
            return {"anyOf": [schema(Verdict), failure]}
        return {"anyOf": [schema(next(a for a in arguments if a is not type(None))), {"type": "null"}]}
    if origin is tuple:
        if _of_fixed_length(arguments):
            number = len(arguments)
            return {"type": "array", "prefixItems": [*map(schema, arguments)], "minItems": number, "maxItems": number}
        return {"type": "array", "items": schema(arguments[0])}
    return {"type": "object", "additionalProperties": schema(arguments[1])}


def definition(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a record: all its fields, each of which is written.

    Examples
    --------
    >>> definition(Span)["minItems"]
    2
    """
    if kind is Span:
        whole = {"type": "integer", "minimum": 0}
        return {
            "description": "[start, end), in characters",
            "type": "array",
            "items": whole,
            "minItems": 2,
            "maxItems": 2,
        }
    properties = {name: schema(hint) for name, hint in _fields(kind).items()}
    return {"type": "object", "properties": properties, "required": list(properties)}


@cache
def _encoder(kind: Any) -> _Encoder:
    if kind is Span:
        return lambda span: [span.start, span.end]
    if kind is float:
        return _encode_float
    if kind is Any:
        return plain
    if dataclasses.is_dataclass(kind):
        return _record_encoder(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _union_encoder(arguments)
    if origin is tuple:
        if _of_fixed_length(arguments):
            parts = [_encoder(argument) for argument in arguments]
            return lambda values: [part(v) for part, v in zip(parts, values, strict=True)]
        each = _encoder(arguments[0])
        return lambda values: [each(v) for v in values]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        each = _encoder(arguments[1])
        return lambda mapping: {k: each(v) for k, v in mapping.items()}
    return lambda value: value


def _record_encoder(kind: Any) -> _Encoder:
    fields = [(name, _encoder(hint)) for name, hint in _fields(kind).items()]
    return lambda record: {name: each(getattr(record, name)) for name, each in fields}


def _union_encoder(arguments: tuple[Any, ...]) -> _Encoder:
    if Verdict in arguments:
        return lambda outcome: {"failure": encode(outcome)} if isinstance(outcome, Failure) else encode(outcome)
    each = _encoder(next(a for a in arguments if a is not type(None)))
    return lambda value: None if value is None else each(value)


def _encode_float(value: float) -> float | str:
    number = float(value)  # a whole number may stand there; it is read as 1.0, and must be written the same again
    return number if math.isfinite(number) else str(number)


@cache
def _decoder(kind: Any) -> _Decoder:
    if kind is Span:
        return _decode_span
    if kind is float:
        return _decode_float
    if kind in _SCALARS:
        return _scalar_decoder(kind)
    if kind is Any:
        return lambda value, field: value
    if dataclasses.is_dataclass(kind):
        return _record_decoder(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _literal_decoder(arguments)
    if origin in (Union, types.UnionType):
        return _union_decoder(arguments)
    if origin is tuple:
        if _of_fixed_length(arguments):
            return _row_decoder([_decoder(argument) for argument in arguments])
        return _tuple_decoder(_decoder(arguments[0]))
    return _mapping_decoder(_decoder(arguments[0]), _decoder(arguments[1]))


def _decode_span(value: Any, field: str) -> Span:
    whole = isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value)
    if not whole or not 0 <= value[0] <= value[1]:
        raise FieldError(f"found {value!r:.60}", "[start, end] with 0 <= start <= end", field)
    return Span(value[0], value[1])


def _decode_float(value: Any, field: str) -> float:
    if isinstance(value, str) and value in _NON_FINITE:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError(f"found {describe(value)}", "a number", field)
    return float(value)


def _scalar_decoder(kind: type) -> _Decoder:
    wanted = _SCALARS[kind][0]

    def decoded(value: Any, field: str) -> Any:
        if type(value) is not kind:
            raise FieldError(f"found {describe(value)}", wanted, field)
        return value

    return decoded


def _literal_decoder(allowed: tuple[Any, ...]) -> _Decoder:
    def decoded(value: Any, field: str) -> Any:
        if value not in allowed:
            raise FieldError(f"found {describe(value)}", "one of " + ", ".join(map(str, allowed)), field)
        return value

    return decoded


def _record_decoder(kind: Any) -> _Decoder:
    decoders = [(name, _decoder(hint)) for name, hint in _fields(kind).items()]
    required = {f.name for f in dataclasses.fields(kind) if f.default is f.default_factory is dataclasses.MISSING}

    def decoded(value: Any, field: str) -> Any:
        if not isinstance(value, Mapping):
            raise FieldError(f"found {describe(value)}", "an object", field)
        if missing := required - value.keys():
            raise FieldError("missing", "", _inside(field, min(missing)))
        return kind(**{n: decoder(value[n], _inside(field, n)) for n, decoder in decoders if n in value})

    return decoded


def _union_decoder(arguments: tuple[Any, ...]) -> _Decoder:
    if Verdict in arguments:
        verdict, failure = _decoder(Verdict), _decoder(Failure)

        def outcome(value: Any, field: str) -> Any:
            if isinstance(value, Mapping) and "failure" in value:
                return failure(value["failure"], _inside(field, "failure"))
            return verdict(value, field)

        return outcome
    each = _decoder(next(a for a in arguments if a is not type(None)))
    return lambda value, field: None if value is None else each(value, field)


def _tuple_decoder(each: _Decoder) -> _Decoder:
    def decoded(value: Any, field: str) -> Any:
        if not isinstance(value, list):
            raise FieldError(f"found {describe(value)}", "a list", field)
        return tuple(each(v, f"{field}[{i}]") for i, v in enumerate(value))

    return decoded


def _row_decoder(parts: list[_Decoder]) -> _Decoder:
    def decoded(value: Any, field: str) -> Any:
        if not isinstance(value, list) or len(value) != len(parts):
            raise FieldError(f"found {describe(value)}", f"a list of {len(parts)}", field)
        return tuple(part(v, f"{field}[{i}]") for i, (part, v) in enumerate(zip(parts, value, strict=True)))

    return decoded


def _of_fixed_length(arguments: tuple[Any, ...]) -> bool:
    """Whether a tuple is as ``tuple[str, float]`` and not as ``tuple[str, ...]``."""
    return Ellipsis not in arguments


def _mapping_decoder(key: _Decoder, each: _Decoder) -> _Decoder:
    def decoded(value: Any, field: str) -> Any:
        if not isinstance(value, Mapping):
            raise FieldError(f"found {describe(value)}", "an object", field)
        return {key(k, field): each(v, _inside(field, str(k))) for k, v in value.items()}

    return decoded


def _inside(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _fields(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in dataclasses.fields(kind)}
