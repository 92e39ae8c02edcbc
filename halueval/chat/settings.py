"""Settings of a session, checked where they are given: what can't be is refused by its name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from halueval.chat.attempt import shown
from halueval.chat.prices import Prices, prices_of
from halueval.errors import InputError

__all__ = ["count_of", "given_prices", "number_of"]


def number_of(field: str, value: Any, unit: str) -> float:
    """A finite number above 0.

    Raises
    ------
    InputError
        It is something else.

    Examples
    --------
    >>> number_of("deadline", 30, "seconds")
    30.0
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise InputError(shown(value), wanted=f"a number of {unit} above 0", field=field)
    return float(value)


def count_of(field: str, value: Any) -> int:
    """A whole number, at least 1.

    Raises
    ------
    InputError
        It is something else.

    Examples
    --------
    >>> count_of("max_attempts", 6)
    6
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(shown(value), wanted="a whole number, at least 1", field=field)
    return value


def given_prices(prices: Prices | Sequence[float] | None) -> Prices | None:
    """Two or three numbers as prices.

    Raises
    ------
    InputError
        They are something else.

    Examples
    --------
    >>> given_prices((1.0, 2.0)).completion
    2.0
    """
    try:
        return prices_of(prices)
    except (TypeError, ValueError):
        raise InputError(shown(prices), wanted="two or three numbers", field="prices") from None
