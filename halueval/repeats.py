"""Which time it is that the very same thing is asked: what keeps samples apart that a cache would take for one.

A kept reply is found by all that was asked. Whoever asks the same thing again about the same item wants another reply,
not the same one again; so the number of times is part of what is asked. Counting starts anew with every piece of work
(a batch that is handed to a plug-in), so a piece that is done again after a kill counts as it did the first time, in
whatever order pieces are done.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

__all__ = ["counted", "times_before"]


@dataclass(frozen=True, slots=True)
class _Count:
    first: int = 0
    step: int = 1
    times: dict[Hashable, int] = field(default_factory=dict)


_COUNT: ContextVar[_Count | None] = ContextVar("count", default=None)


@contextmanager
def counted(which: int = 0, of: int = 1) -> Iterator[None]:
    """A piece of work, in which what is asked again gets another number.

    Where several do the same work beside each other (the members of a panel, the samples of one prompt), ``which`` of
    how many keeps their numbers apart, whoever asks first. Pieces may stand inside each other.

    Examples
    --------
    >>> with counted():
    ...     times_before("a"), times_before("b"), times_before("a")
    (0, 0, 1)
    >>> with counted():
    ...     with counted(1, of=3):
    ...         times_before("a"), times_before("a")
    (1, 4)
    """
    outer = _COUNT.get() or _Count()
    token = _COUNT.set(_Count(outer.first + which * outer.step, of * outer.step))
    try:
        yield
    finally:
        _COUNT.reset(token)


def times_before(what: Hashable) -> int:
    """How often it was asked before in this piece of work; 0 outside of one, where nobody says what belongs together.

    Not for several threads at the same time.
    """
    count = _COUNT.get()
    if count is None:
        return 0
    before = count.times.get(what, 0)
    count.times[what] = before + 1
    return count.first + before * count.step
