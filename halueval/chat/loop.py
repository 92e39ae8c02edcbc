"""One event loop, in a thread of its own, on which every call of a chat model is made.

Connections and limits belong to a loop. With a loop of our own a script, a notebook (which has a loop that is already
running) and an asynchronous program use the same ones, and plain functions can wait for coroutines anywhere.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

__all__ = ["on_loop", "run", "run_all", "submit", "together"]

T = TypeVar("T")
R = TypeVar("R")

GRACE = 5.0  # seconds that an interrupted coroutine has to put its things away

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def _the_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="halueval-chat", daemon=True).start()
        return _loop


def _forget() -> None:
    """In a forked child: the loop's thread has stayed with the parent, which may have held the lock at that moment."""
    global _lock, _loop
    _lock, _loop = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Start a coroutine on our loop; the future may be waited for from any other thread."""
    return asyncio.run_coroutine_threadsafe(coroutine, _the_loop())


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait for a coroutine from a plain function.

    An interruption (Ctrl-C) cancels the coroutine, gives it a few seconds to end, and is raised; the loop stays usable.

    Raises
    ------
    RuntimeError
        Called on the loop itself, where waiting would be for ever.

    Examples
    --------
    >>> async def answer():
    ...     return 42
    >>> run(answer())
    42
    """
    loop = _the_loop()
    if _running() is loop:
        coroutine.close()
        raise RuntimeError("a plain function waits for a coroutine on the loop that has to run it; await it instead")
    started: list[asyncio.Task[T]] = []
    ended = threading.Event()

    def start() -> None:
        task = loop.create_task(coroutine)
        task.add_done_callback(lambda _: ended.set())
        started.append(task)

    loop.call_soon_threadsafe(start)
    try:
        ended.wait()
    except BaseException:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in started])
        ended.wait(GRACE)
        raise
    return started[0].result()


def run_all(function: Callable[[T], Coroutine[Any, Any, R]], items: Iterable[T]) -> list[R]:
    """Run a coroutine function on every item, all of them together, and wait for the results, which are in order.

    When one raises, the others are cancelled and waited for, and then it is raised: the first, should several.

    Examples
    --------
    >>> async def double(n):
    ...     return 2 * n
    >>> run_all(double, [1, 2, 3])
    [2, 4, 6]
    """

    return run(together(function(item) for item in items))


async def together(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The results in order; where one raises, the others are stopped and waited for, so that nothing more is paid for.

    Examples
    --------
    >>> async def double(n):
    ...     return 2 * n
    >>> run(together(double(n) for n in (1, 2, 3)))
    [2, 4, 6]
    """
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def on_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await a coroutine on our loop, from any loop; straight away if it is this one."""
    loop = _the_loop()
    if asyncio.get_running_loop() is loop:
        return await coroutine
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, loop))


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
