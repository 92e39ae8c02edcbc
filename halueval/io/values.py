"""Values that come from outside: named in messages, made plain, told to be missing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["describe", "is_missing", "mend", "one_line", "parse_json", "plain"]

_SHOWN = 40
# Two lone surrogates that JSON would join into one character: joined on reading, so that offsets stay what they were.
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def parse_json(line: str) -> Any:
    """The value of one line of JSON; NaN and the infinities, which JSON does not have, are read as null.

    Raises
    ------
    ValueError
        With a message for people: what is wrong and at which character.

    Examples
    --------
    >>> parse_json('{"a": [1, NaN]}')
    {'a': [1, None]}
    >>> parse_json('{"a": ')
    Traceback (most recent call last):
    ValueError: not JSON (Expecting value at character 7)
    """
    try:
        return json.loads(line, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg} at character {error.pos + 1})") from None
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    except ValueError as error:  # an integer of thousands of digits
        raise ValueError(f"not JSON that can be read ({error})") from None


def describe(value: object) -> str:
    """What a value is, for the "found" of a message.

    Examples
    --------
    >>> describe(12), describe(None), describe(["a"]), describe("no")
    ('a number (12)', 'null', 'a list of 1', "the text 'no'")
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"a number ({value!r:.20})"
    if isinstance(value, str):
        shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
        return f"the text {shown!r}" if value else "an empty text"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    return f"a {type(value).__name__}"


def one_line(text: str) -> str:
    """The text with everything that is not printable escaped: no line end, no terminal command gets through.

    Examples
    --------
    >>> print(one_line("a\\nb\\x1b[31m"))
    a\\nb\\x1b[31m
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def mend(text: str) -> str:
    """The text with surrogate pairs joined into the characters they mean; lone ones stay.

    Examples
    --------
    >>> mend("\\ud83d\\ude00") == "😀"
    True
    """
    return _PAIR.sub(lambda m: m[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def is_missing(value: object) -> bool:
    """Null, NaN, pandas' NA and NaT: a table's ways to say that nothing is there."""
    if value is None:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return type(value).__name__ in ("NAType", "NaTType")


def plain(value: object) -> Any:
    """The value as JSON has it: NumPy scalars and arrays, dates and the like become numbers, lists and text.

    A number that JSON doesn't have (NaN, an infinity) becomes null.

    Examples
    --------
    >>> import datetime
    >>> plain({"when": datetime.date(2026, 1, 2), 3: (1, float("nan"))})
    {'when': '2026-01-02', '3': [1, None]}
    """
    if is_missing(value):
        return None
    if isinstance(value, str):
        return mend(str(value))
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {mend(str(k)): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if callable(to_list := getattr(value, "tolist", None)):  # NumPy's scalars and arrays
        return plain(to_list())
    if callable(to_text := getattr(value, "isoformat", None)):
        return str(to_text())
    return mend(str(value))
