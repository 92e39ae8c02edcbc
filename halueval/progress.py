"""How far work is, in one line: redrawn in a terminal and in a notebook, printed now and then anywhere else.

A thread draws the line at its own pace, and the work only counts: what it takes does not grow with the work.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib import import_module
from itertools import chain, repeat
from typing import Any

from halueval.records import Cost

__all__ = ["Progress", "progress"]

Draw = Callable[[str], None]

_REDRAWN = 0.5  # seconds between two looks of a line that is redrawn
_PRINTED = (10.0, 20.0, 40.0, 80.0, 160.0)  # between two lines that stay; then the last again and again
_ENOUGH = 2.0  # seconds before a rate says anything


class Progress:
    """What is done, in words.

    Parameters
    ----------
    unit : str
        What is counted, in the plural.
    total : int, optional
        How many there will be; without it no time is foretold.
    before : int
        How many of them were done by an earlier start. The rate, and the time foretold, are those of this one.
    spent : callable, optional
        What it cost until now.
    clock : callable
        The time in seconds.

    Examples
    --------
    >>> time = iter([0.0, 60.0])
    >>> done = Progress("answers", 10_000, 4_000, spent=lambda: Cost(900, dollars=1.5), clock=lambda: next(time))
    >>> done.add(120, failed=3)
    >>> str(done)
    '4,120 of 10,000 answers, 2.0/s, 49 min left, $1.50, 3 failed'
    """

    def __init__(
        self,
        unit: str,
        total: int | None = None,
        before: int = 0,
        *,
        spent: Callable[[], Cost] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.unit, self.total, self.before = unit, total, before
        self.done = self.failed = 0
        self._spent, self._clock = spent, clock
        self._began = clock()

    def add(self, number: int = 1, *, failed: int = 0) -> None:
        """Count so many as done, and what failed among or within them."""
        self.done += number
        self.failed += failed

    def __str__(self) -> str:
        seconds = self._clock() - self._began
        count = self.before + self.done
        known = self.total is not None and count <= self.total
        return ", ".join(
            filter(
                None,
                (
                    f"{count:,} of {self.total:,} {self.unit}" if known else f"{count:,} {self.unit}",
                    _rate(self.done / seconds) if self.done and seconds >= _ENOUGH else "",
                    self._left(seconds) if known else _time(seconds),
                    self._cost(),
                    f"{self.failed:,} failed" if self.failed else "",
                ),
            )
        )

    def _left(self, seconds: float) -> str:
        left = (self.total or 0) - self.before - self.done
        if left and not (self.done and seconds >= _ENOUGH):
            return ""
        return f"{_time(left * seconds / self.done)} left" if left else f"in {_time(seconds)}"

    def _cost(self) -> str:
        if self._spent is None or not (cost := self._spent()).calls:
            return ""
        from halueval.report.costs import dollars_text

        return f"{cost.calls:,} calls" if cost.dollars is None else dollars_text(cost.dollars)


@contextmanager
def progress(
    unit: str, *, total: int | None = None, before: int = 0, spent: Callable[[], Cost] | None = None
) -> Iterator[Callable[..., None]]:
    """Show progress while the block lasts; gives :meth:`Progress.add`. The parameters are those of :class:`Progress`.

    Examples
    --------
    >>> with progress("answers", total=2) as advance:  # so short a work prints nothing here
    ...     advance(1)
    ...     advance(1, failed=1)
    """
    state, ended = Progress(unit, total, before, spent=spent), threading.Event()
    shown, pauses, stays = _place()
    drawn = 0

    with shown as draw:

        def tick() -> None:
            nonlocal drawn
            for pause in pauses:
                if ended.wait(pause):
                    return
                with suppress(OSError, ValueError):  # nobody reads any more: the work goes on
                    draw(str(state))
                drawn += 1

        thread = threading.Thread(target=tick, name="halueval-progress", daemon=True)
        thread.start()
        try:
            yield state.add
        finally:
            ended.set()
            thread.join()
            if stays and drawn:
                with suppress(OSError, ValueError):
                    draw(str(state))


def _place() -> tuple[AbstractContextManager[Draw], Iterable[float], bool]:
    """Where lines are drawn, after which pauses, and whether the last one is to stay."""
    if _in_notebook():
        return _notebook(), repeat(_REDRAWN), True
    if sys.stderr.isatty():
        return _terminal(), repeat(_REDRAWN), False
    return _lines(), chain(_PRINTED, repeat(_PRINTED[-1])), True


def _in_notebook() -> bool:
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


@contextmanager
def _terminal() -> Iterator[Draw]:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    with Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False) as live:
        yield lambda line: live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)


@contextmanager
def _notebook() -> Iterator[Draw]:
    display: Any = import_module("IPython.display").display
    handle: Any = None

    def draw(line: str) -> None:
        nonlocal handle
        if handle is None:
            handle = display({"text/plain": line}, raw=True, display_id=True)
        else:
            handle.update({"text/plain": line}, raw=True)

    yield draw


@contextmanager
def _lines() -> Iterator[Draw]:
    yield lambda line: print(line, file=sys.stderr, flush=True)


def _rate(each_second: float) -> str:
    return f"{each_second:,.1f}/s" if each_second >= 1 else f"{60 * each_second:,.1f}/min"


def _time(seconds: float) -> str:
    """A time in words, to two digits or so.

    Examples
    --------
    >>> [_time(n) for n in (7.4, 119, 3_000, 9_000, 100_000)]
    ['7 s', '119 s', '50 min', '2 h 30 min', '27 h 47 min']
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"
