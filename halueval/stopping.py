"""Ending work when somebody asks: Ctrl-C at a keyboard, SIGTERM from a scheduler.

The first signal begins nothing new and lets what is under way end, for a short while. The second ends it at once.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from halueval.chat import ChatSession

__all__ = ["Stopping"]

T = TypeVar("T")

GRACE = 8.0  # seconds; whoever sends SIGTERM kills after ten (Docker) or thirty (Slurm, Kubernetes)
_LOOK = 0.1  # seconds between two looks at the calls in flight
_IDLE = 3  # looks in a row without a call in flight: what the last ones brought is written down by then
_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = logging.getLogger("halueval.runs")


class Stopping:
    """While its ``with`` block lasts, SIGINT and SIGTERM end the work in it without losing what was paid for.

    At the first signal :meth:`until` gives nothing more and the sessions begin no other call. When no call is in
    flight any more, and after eight seconds whatever is, ``KeyboardInterrupt`` is raised in the block; at the second
    signal at once. What follows the block is what the signal would have done without it: ``KeyboardInterrupt`` for
    Ctrl-C, the end of the process with code 143 for SIGTERM, or the program's own handler.

    Signals that the program ignores stay ignored, and outside of the main thread, where Python allows no handlers,
    nothing is changed.

    Parameters
    ----------
    sessions : sequence of ChatSession
        Whose calls are waited for.

    Examples
    --------
    >>> from contextlib import suppress
    >>> with suppress(KeyboardInterrupt), Stopping() as stopping:
    ...     for n in stopping.until([1, 2, 3]):
    ...         signal.raise_signal(signal.SIGINT)
    ...         print(n)
    ...     stopping.check()
    ...     print("not reached")
    1
    """

    def __init__(self, sessions: Sequence[ChatSession] = ()) -> None:
        self._sessions = tuple(sessions)
        self._signal: int | None = None  # the first that came
        self._before: dict[int, Any] = {}
        self._asked, self._ended, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._over = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                before = signal.getsignal(number)
                if callable(before) or before is signal.SIG_DFL:  # else it is ignored, or not Python's
                    self._before[number] = signal.signal(number, self._take)
        if self._before:
            threading.Thread(target=self._wait, name="halueval-stopping", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        with self._lock:
            self._ended.set()
        self._asked.set()
        for number, before in self._before.items():
            signal.signal(number, before)
        if self._signal is None:
            return
        for session in self._sessions:
            session.hold(False)
        if error is None or isinstance(error, KeyboardInterrupt):
            self._end_as_before(error or KeyboardInterrupt("what was asked for was finished before"))

    def until(self, items: Iterable[T]) -> Iterator[T]:
        """The items, until a signal comes."""
        for item in items:
            if self._signal is not None:
                return
            yield item

    def check(self) -> None:
        """Go no further if a signal came.

        Raises
        ------
        KeyboardInterrupt
            One came.
        """
        if self._signal is not None:
            raise KeyboardInterrupt

    def _take(self, number: int, frame: FrameType | None) -> None:
        """The handler. It runs between any two steps of the main thread, so it takes no lock that others hold."""
        first, self._signal = self._signal is None, self._signal or number
        if self._over:
            return
        if not first:
            raise KeyboardInterrupt
        self._asked.set()

    def _wait(self) -> None:
        """A thread's work: once a signal came, hold the sessions; nothing left to wait for, end the block."""
        self._asked.wait()
        if self._ended.is_set() or self._signal is None:
            return
        _log.warning("stopping: what is under way is waited for, %g s at most; once more stops at once", GRACE)
        for session in self._sessions:
            session.hold()
        end, idle = time.monotonic() + GRACE, 0
        while time.monotonic() < end and not (self._sessions and idle >= _IDLE):
            if self._ended.wait(_LOOK):
                return
            idle = 0 if any(session.in_flight for session in self._sessions) else idle + 1
        with self._lock:
            if not self._ended.is_set():  # as a second signal: it also wakes the main thread where that waits
                signal.pthread_kill(threading.main_thread().ident or 0, self._signal)

    def _end_as_before(self, error: BaseException) -> None:
        """What the signal would have done without us."""
        assert self._signal is not None
        before = self._before[self._signal]
        if before is signal.SIG_DFL:
            _log.warning("terminated; %s", error)
            raise SystemExit(128 + self._signal) from None
        if before is not signal.default_int_handler:
            before(self._signal, None)
        raise error
