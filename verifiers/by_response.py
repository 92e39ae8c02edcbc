"""Claims of several responses, asked about one response at a time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from halueval.chat.loop import run_all
from halueval.records import ClaimWithEvidence, Outcome

__all__ = ["by_response"]


def by_response(
    averify: Callable[[Sequence[ClaimWithEvidence]], Coroutine[Any, Any, list[Outcome]]],
    items: Sequence[ClaimWithEvidence],
) -> list[Outcome]:
    """What a coroutine verifier says of items of any responses, in order: it is given those of one response at a time.

    Waits; not for an event loop.
    """
    places: dict[str, list[int]] = {}
    for i, item in enumerate(items):
        places.setdefault(item.claim.response_id, []).append(i)
    given = run_all(averify, [[items[i] for i in several] for several in places.values()])
    outcomes: dict[int, Outcome] = {}
    for several, said in zip(places.values(), given, strict=True):
        outcomes.update(zip(several, said, strict=True))
    return [outcomes[i] for i in range(len(items))]
