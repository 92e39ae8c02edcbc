"""Much work under way together, its results in order or as they are ready: how the line waits for networks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import Any, TypeVar

from halueval.chat.limiter import TURN
from halueval.chat.loop import submit
from halueval.errors import RunStopped

__all__ = ["each_as_ready", "each_in_order"]

T = TypeVar("T")
R = TypeVar("R")


def each_in_order(
    batches: Iterable[Sequence[T]],
    work: Callable[[Sequence[T]], Coroutine[Any, Any, list[R]]],
    *,
    in_flight: int,
    ahead: int = 1,
) -> Iterator[R]:
    """The results of every batch, in the order of the batches, whatever order they are ready in.

    Calls of chat models for an earlier batch go before those for a later one.

    Parameters
    ----------
    batches : iterable of sequence
        Read as the work goes on, never far ahead.
    work : callable
        A coroutine function: a batch in, a list of results out.
    in_flight : int
        How many items may be under way, or ready and not yet taken: what bounds memory.
    ahead : int
        Where the next result in order is late, so many times ``in_flight`` may be there: others don't wait for it.

    Yields
    ------
    R
        One by one. When a batch raises ``RunStopped``, those under way are waited for, what was finished is given, and
        then it is raised; at any other exception, and when the caller stops asking, they are cancelled.

    Examples
    --------
    >>> async def double(batch):
    ...     return [2 * n for n in batch]
    >>> list(each_in_order([[1, 2], [3]], double, in_flight=8))
    [2, 4, 6]
    """
    waiting: deque[tuple[int, Future[list[R]]]] = deque()
    ended: SimpleQueue[int] = SimpleQueue()  # the sizes of batches that are done
    size, open_items, turns = 0, 0, count()
    stopped: RunStopped | None = None

    def room() -> bool:
        if size < in_flight or not waiting:
            return True
        return open_items < in_flight and size < ahead * in_flight and not waiting[0][1].done()

    try:
        source = iter(batches)
        exhausted = False
        while waiting or not exhausted:
            while not ended.empty():
                open_items -= ended.get()
            while not exhausted and room():
                batch = next(source, None)
                if batch is None:
                    exhausted = True
                    break
                future = _started(work(batch), next(turns))
                future.add_done_callback(partial(_tell, ended, len(batch)))
                waiting.append((len(batch), future))
                size, open_items = size + len(batch), open_items + len(batch)
            if not waiting:
                break
            if not waiting[0][1].done():
                open_items -= ended.get()  # any that ends makes room, the one waited for among them
                continue
            number, future = waiting.popleft()
            size -= number
            try:
                results = future.result()
            except RunStopped as error:
                stopped = stopped or error
                exhausted = True
                continue
            yield from results
        if stopped is not None:
            raise stopped
    finally:
        for _, future in reversed(waiting):  # the first last: they have the places that the others would take
            future.cancel()


def each_as_ready(
    batches: Iterable[Sequence[T]], work: Callable[[Sequence[T]], Coroutine[Any, Any, list[R]]], *, in_flight: int
) -> Iterator[R]:
    """The results of every batch as soon as they are ready: one that takes long holds up no other.

    Parameters and exceptions are those of :func:`each_in_order`, without ``ahead``.

    Examples
    --------
    >>> import asyncio
    >>> async def wait(batch):
    ...     await asyncio.sleep(batch[0] / 100)
    ...     return batch
    >>> list(each_as_ready([[5], [0], [1]], wait, in_flight=8))
    [0, 1, 5]
    """
    ready: SimpleQueue[Future[list[R]]] = SimpleQueue()
    waiting: dict[Future[list[R]], int] = {}
    size, turns = 0, count()
    stopped: RunStopped | None = None
    try:
        source = iter(batches)
        exhausted = False
        while waiting or not exhausted:
            while not exhausted and (size < in_flight or not waiting):
                batch = next(source, None)
                if batch is None:
                    exhausted = True
                    break
                future = _started(work(batch), next(turns))
                waiting[future] = len(batch)
                size += len(batch)
                future.add_done_callback(ready.put)
            if not waiting:
                break
            future = ready.get()
            size -= waiting.pop(future)
            try:
                results = future.result()
            except RunStopped as error:
                stopped = stopped or error
                exhausted = True
                continue
            yield from results
        if stopped is not None:
            raise stopped
    finally:
        for future in reversed(waiting):
            future.cancel()


def _tell(ended: SimpleQueue[int], size: int, _: object) -> None:
    ended.put(size)


def _started(work: Coroutine[Any, Any, R], turn: int) -> Future[R]:
    context = copy_context()
    context.run(TURN.set, turn)
    return context.run(submit, work)
