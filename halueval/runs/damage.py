"""What was found damaged or failed in a store: said in one line of the log, or the end of the run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from halueval.errors import RunError, RunStopped

__all__ = ["or_stop", "warn"]

T = TypeVar("T")

_log = logging.getLogger("halueval.runs")


def warn(damaged: Sequence[str]) -> None:
    """Name the first, and count the others; nothing where nothing is damaged."""
    if damaged:
        _log.warning("%s%s", damaged[0], f" (and {len(damaged) - 1:,} more)" if len(damaged) > 1 else "")


def or_stop(action: Callable[[], T]) -> T:
    """What an action gives; a store that fails stops the run, for the next item would meet the same.

    Raises
    ------
    RunStopped
        It can't be read or written.
    """
    try:
        return action()
    except RunError as error:
        raise RunStopped(str(error)) from error
