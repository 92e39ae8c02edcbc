"""What was found damaged and set aside, said in one line of the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence

__all__ = ["warn"]

_log = logging.getLogger("halueval.runs")


def warn(damaged: Sequence[str]) -> None:
    """Name the first, and count the others; nothing where nothing is damaged."""
    if damaged:
        _log.warning("%s%s", damaged[0], f" (and {len(damaged) - 1:,} more)" if len(damaged) > 1 else "")
