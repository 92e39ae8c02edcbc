"""The JSON Schema of what :mod:`halueval.io.codec` writes: the same walk over the types of the fields."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterable
from typing import Any, Literal, Union, get_args, get_origin

from halueval.io.codec import NON_FINITE, ROWS, SCALARS, fields_of, is_of_fixed_length
from halueval.records import Failure, Span, Verdict

__all__ = ["definition", "schema"]


def schema(kind: Any) -> dict[str, Any]:
    """The schema of what is written for a type; a record is a reference to its :func:`definition`.

    Examples
    --------
    >>> schema(tuple[str, ...]), schema(Failure)
    ({'type': 'array', 'items': {'type': 'string'}}, {'$ref': '#/$defs/Failure'})
    """
    if kind is float:
        return {"anyOf": [{"type": "number"}, {"enum": list(NON_FINITE)}]}
    if kind in SCALARS:
        return {"type": SCALARS[kind][1]}
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
        if is_of_fixed_length(arguments):
            return _row(arguments)
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
    fields = fields_of(kind)
    if kind in ROWS:
        return _row(fields.values())
    properties = {name: schema(hint) for name, hint in fields.items()}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _row(kinds: Iterable[Any]) -> dict[str, Any]:
    items = [schema(kind) for kind in kinds]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
