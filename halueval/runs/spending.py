"""What a run really spends: every attempt, whatever came of it, before and after it was resumed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from halueval.records import Cost, cost_since
from halueval.runs.journal import Journal

if TYPE_CHECKING:
    from halueval.chat import ChatSession

__all__ = ["Spending"]

_OFTEN = 1.0  # seconds between two entries


class Spending:
    """Puts what sessions spend into a journal, and takes what was spent before off their caps.

    Used as a context, at the end of which the rest is put down.

    Parameters
    ----------
    sessions : sequence of ChatSession
    journal : Journal

    Examples
    --------
    >>> import tempfile
    >>> from halueval.chat import Cap, ChatSession, ScriptedChat
    >>> with Journal(tempfile.mkdtemp()) as journal:
    ...     journal.spend("verification", Cost(1, 100, 10, 0.5, 0.25)).result()
    ...     session = ChatSession(ScriptedChat([]), prices=(1, 2), max_dollars=Cap(5.0))
    ...     with Spending([session], journal):
    ...         session.cap.left
    4.75
    """

    def __init__(self, sessions: Sequence[ChatSession], journal: Journal) -> None:
        self._sessions, self._journal = sessions, journal
        self._noted = [session.spent() for session in sessions]
        self._last = 0.0
        before = sum(cost.dollars or 0.0 for cost in journal.spending().values())
        for cap in {session.cap for session in sessions if session.cap is not None}:
            cap.spent += before

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.note(at_once=True)

    def note(self, *, at_once: bool = False) -> None:
        """Put down what was spent since the last time, unless that was a moment ago."""
        if not at_once and time.monotonic() - self._last < _OFTEN:
            return
        self._last = time.monotonic()
        for i, session in enumerate(self._sessions):
            before, self._noted[i] = self._noted[i], session.spent()
            for stage, cost in self._noted[i].items():
                if (added := cost_since(cost, before.get(stage, Cost()))) != Cost():
                    self._journal.spend(stage, added)
