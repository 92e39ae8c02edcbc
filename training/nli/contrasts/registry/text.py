# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""Statements about made-up trials, and the records that decide them: what the kinds of statement have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

__all__ = ["Line", "Opposites", "cohort", "drawn", "key", "plain", "share", "spun"]

_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_SLOT = re.compile(r"<([a-z]\w*)>")


class Line(NamedTuple):
    """A line of a record; ``needed`` where a statement rests on it."""

    text: str
    needed: bool


@dataclass(frozen=True)
class Opposites:
    """Two statements of which exactly one holds, and how to write a record in which the first (0) or second (1) does.

    The statements are drawn before the record's state is, so that they say nothing about which of them is true.
    ``wordings`` hold ``<slots>``; ``<t>`` is the trial that is spoken of.
    """

    kind: str
    wordings: Sequence[str]
    first: Mapping[str, str]
    second: Mapping[str, str]
    record: Callable[[int, Random], list[Line]]
    silent: Callable[[Random], list[Line]] | None = None  # a record that says neither
    shared: Mapping[str, str] = field(default_factory=dict)

    def said(self, which: int, trial: str, random: Random, wording: str) -> str:
        """One of the statements, of some trial, in a wording whose choices are made already."""
        slots = {"t": trial, **self.shared, **(self.second if which else self.first)}
        while m := _SLOT.search(wording):
            wording = wording[: m.start()] + spun(slots[m[1]], random) + wording[m.end() :]
        return wording


def spun(text: str, random: Random) -> str:
    """Each ``[a|b]`` replaced by one of its choices, innermost first.

    Examples
    --------
    >>> spun("[Men|Men] [and [boys|boys]|and boys]", Random(0))
    'Men and boys'
    """
    while m := _CHOICE.search(text):
        text = text[: m.start()] + random.choice(m[1].split("|")) + text[m.end() :]
    return text


def drawn(random: Random, low: float, high: float, step: float = 1) -> str:
    """A number between two, in steps, as it would be printed."""
    n = low + step * random.randrange(int(round((high - low) / step)) + 1)
    return f"{n:.{0 if step >= 1 else len(f'{step:g}') - 2}f}"


def share(count: int, of: int, places: int = 2) -> str:
    return f"{100 * count / of:.{places}f}%"


def cohort(number: int) -> str:
    """Words for one of a trial's two cohorts."""
    first = ("first", "second")[number - 1]
    return f"[cohort {number}|cohort {number}|cohort {number}|group {number}|arm {number}|the {first} cohort|the {first} group|the {first} arm]"


def key(text: str) -> Line:
    return Line(text, True)


def plain(text: str) -> Line:
    return Line(text, False)
