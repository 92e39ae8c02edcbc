"""Batches for plug-ins, and what happens when one item spoils its batch: that item fails, and no other."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from halueval.errors import IndexCorruptError, RunStopped
from halueval.records import Failure, Response
from halueval.repeats import counted

__all__ = ["acall_each", "batches", "call_each", "numbered_batches"]

T = TypeVar("T")
R = TypeVar("R")
I = TypeVar("I", bound=Response | Failure)  # noqa: E741

# A batch is what is parsed and verified at once; its size bounds memory, and long answers fill one alone.
BATCH_RESPONSES, BATCH_CHARACTERS = 32, 100_000
_FOR_ALL = (IndexCorruptError, RunStopped)  # not one item's fault: another item would meet the same


def batches(responses: Iterable[I]) -> Iterator[list[I]]:
    """Responses, and what stands for some of them, in lists that are neither too many nor too long.

    Examples
    --------
    >>> [len(batch) for batch in batches([Response(str(i), "Yes.") for i in range(40)])]
    [32, 8]
    """
    batch: list[I] = []
    size = 0
    for response in responses:
        batch.append(response)
        size += len(response.text) if isinstance(response, Response) else 0
        if len(batch) >= BATCH_RESPONSES or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def numbered_batches(numbered: Iterable[tuple[int, I]]) -> Iterator[list[tuple[int, I]]]:
    """The same for responses that come with numbers.

    Examples
    --------
    >>> list(numbered_batches([(7, Response("a", "Yes."))]))[0][0][0]
    7
    """
    numbers: deque[int] = deque()

    def responses() -> Iterator[I]:
        for number, response in numbered:
            numbers.append(number)
            yield response

    for batch in batches(responses()):
        yield [(numbers.popleft(), response) for response in batch]


def call_each(
    call: Callable[[Sequence[T]], Sequence[R]],
    items: Sequence[T],
    failed: Callable[[T, str], R | Any],
    broken: Callable[[T, Any], str] = lambda item, answer: "",
) -> list[Any]:
    """``call`` on the batch; where that raises or breaks its contract, on each item alone.

    Parameters
    ----------
    call : callable
        A plug-in's method: as many results as items, in order.
    items : sequence
        Not asked about when empty.
    failed : callable
        What stands for an item that fails even alone, given the item and what went wrong.
    broken : callable
        What is wrong with an answer, given the item and the answer; empty for a sound one. See
        :mod:`halueval.contract`.

    Raises
    ------
    IndexCorruptError
        What is damaged for one item is damaged for all of them.
    RunStopped
        No other call would succeed.

    Examples
    --------
    >>> call_each(lambda batch: [10 // n for n in batch], [5, 0, 2], lambda n, message: message)
    [2, 'ZeroDivisionError: integer division or modulo by zero', 5]
    """
    if not items:
        return []
    try:
        with counted():
            answers = list(call(items))
        problem = _problem(items, answers, broken)
    except _FOR_ALL:
        raise
    except Exception as error:  # a plug-in may raise anything; it is counted, never hidden
        answers, problem = [], f"{type(error).__name__}: {error}"
    if not problem:
        return answers
    if len(items) == 1:
        return [failed(items[0], problem)]
    return [answer for item in items for answer in call_each(call, [item], failed, broken)]


async def acall_each(
    call: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
    items: Sequence[T],
    failed: Callable[[T, str], R | Any],
    broken: Callable[[T, Any], str] = lambda item, answer: "",
) -> list[Any]:
    """:func:`call_each` for a coroutine function."""
    if not items:
        return []
    try:
        with counted():
            answers = list(await call(items))
        problem = _problem(items, answers, broken)
    except _FOR_ALL:
        raise
    except Exception as error:
        answers, problem = [], f"{type(error).__name__}: {error}"
    if not problem:
        return answers
    if len(items) == 1:
        return [failed(items[0], problem)]
    return [answer for item in items for answer in await acall_each(call, [item], failed, broken)]


def _problem(items: Sequence[T], answers: Sequence[Any], broken: Callable[[T, Any], str]) -> str:
    if len(answers) != len(items):
        return f"{len(items)} {'item was' if len(items) == 1 else 'items were'} given, {len(answers)} results came back"
    found = (broken(item, answer) for item, answer in zip(items, answers, strict=True))
    return next((f"contract broken: {problem}" for problem in found if problem), "")
