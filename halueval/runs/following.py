"""How far a run is, shown while it lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from halueval.records import Cost, Result, cost_since, total_cost
from halueval.runs.resuming import settled

if TYPE_CHECKING:
    from halueval.chat import ChatSession
    from halueval.runs.folder import Run

__all__ = ["following"]


@contextmanager
def following(
    progress: bool | Callable[[Result], None],
    responses: object,
    sessions: Sequence[ChatSession],
    first: int | None = None,
    run: Run | None = None,
) -> Iterator[Callable[[Result], None]]:
    """What is to be called with each result, and what it shows while the block lasts.

    Parameters
    ----------
    progress : bool or callable
        Whether to show anything, or the user's own.
    responses : object
        What is evaluated; where its number is known, the time that is left is foretold.
    sessions : sequence of ChatSession
        What they spend is shown.
    first : int, optional
        Only the first so many responses are evaluated.
    run : Run, optional
        What is done in it already, and what that cost, counts.

    Examples
    --------
    >>> with following(print, ["Yes."], []) as seen:
    ...     seen is print
    True
    """
    if callable(progress):
        yield progress
        return
    if not progress:
        yield lambda result: None
        return
    from halueval.io import how_many
    from halueval.progress import progress as shown

    def spent() -> Cost:
        return total_cost(cost for session in sessions for cost in session.spent().values())

    numbers = [number for number in (how_many(responses), first) if number is not None]
    before = 0 if run is None else settled(run.journal, answers=run.answers)
    earlier = Cost() if run is None else total_cost(run.journal.spending().values())
    at_first = spent()
    with shown(
        "answers",
        total=min(numbers, default=None),
        before=before,
        spent=lambda: total_cost((earlier, cost_since(spent(), at_first))),
    ) as add:
        yield lambda result: add(1, failed=len(result.failures))
