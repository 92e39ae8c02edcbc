"""What a command will take, before it is done: ``--dry-run`` and ``--pilot``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import typer

from halueval.cli.chat import ChatOptions
from halueval.errors import InputError
from halueval.records import Failure

if TYPE_CHECKING:
    from halueval.chat import ChatSession

__all__ = ["forecast_instead"]

T = TypeVar("T")
Line: TypeAlias = "Callable[[Sequence[ChatSession], Sequence[T]], object]"


def forecast_instead(
    options: ChatOptions,
    read: Callable[[], Sequence[T | Failure]],
    sessions: Sequence[ChatSession | None],
    *,
    dry: Line[T],
    keep: Line[T],
    unit: str,
) -> bool:
    """Print what the command would take, where that is what was asked for; says whether it was.

    Parameters
    ----------
    options : ChatOptions
        With ``--dry-run`` nobody is asked and nothing is written; with ``--pilot N`` the first N are done and kept.
    read : callable
        The items, all of them.
    sessions : sequence of ChatSession or None
        Who would be asked.
    dry, keep : callable
        The work on items, with sessions in place of ``sessions``: without writing anything, and for good.
    unit : str
        What the items are called.

    Raises
    ------
    InputError
        There is no model to ask.
    """
    if not options.dry_run and options.pilot is None:
        return False
    from halueval.chat.dry_run import forecast, pilot

    asked = list(dict.fromkeys(session for session in sessions if session is not None))
    if not asked:
        raise InputError("nobody would be asked: it costs nothing", wanted="--model NAME, to know what that costs")
    items = [item for item in read() if not isinstance(item, Failure)]

    def line(those: Sequence[ChatSession], some: Sequence[T]) -> object:
        return (keep if those[0] is asked[0] else dry)(those, some)

    made = forecast(dry, items, asked) if options.pilot is None else pilot(line, items, asked, n=options.pilot)
    typer.echo(str(made).replace("answers", unit))
    return True
