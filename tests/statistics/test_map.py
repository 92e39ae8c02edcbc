"""The package is a map: every public function stands in its docstring and shows itself at work."""

from __future__ import annotations

import inspect
import re

import pytest

from halueval import statistics

FUNCTIONS = sorted(name for name in statistics.__all__ if inspect.isfunction(getattr(statistics, name)))


def test_the_docstring_leads_to_every_public_function_and_to_nothing_else() -> None:
    assert set(re.findall(r":func:`(\w+)`", statistics.__doc__ or "")) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_shows_itself_at_work(name: str) -> None:
    assert "\n    >>> " in (getattr(statistics, name).__doc__ or "")


@pytest.mark.parametrize("name", sorted(statistics.__all__))
def test_what_is_public_says_in_its_own_module_that_it_is(name: str) -> None:
    thing = getattr(statistics, name)
    if not hasattr(thing, "__module__"):
        return
    module = inspect.getmodule(thing)
    assert module is not None and name in module.__all__
