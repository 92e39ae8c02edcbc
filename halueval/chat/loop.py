"""One event loop, in a thread of its own, on which every call of a chat model is made.

Connections and limits belong to a loop. With a loop of our own a script, a notebook (which has a loop that is already
running) and an asynchronous program use the same ones, and plain functions can wait for coroutines anywhere.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

__all__ = ["on_loop", "run", "submit"]

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_owner = 0  # the process that the loop's thread lives in: a forked child has to start its own


def _the_loop() -> asyncio.AbstractEventLoop:
    global _loop, _owner
    with _lock:
        if _loop is None or _loop.is_closed() or _owner != os.getpid():
            _loop, _owner = asyncio.new_event_loop(), os.getpid()
            threading.Thread(target=_loop.run_forever, name="halueval-chat", daemon=True).start()
        return _loop


def submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Start a coroutine on our loop; the future may be waited for from any other thread."""
    return asyncio.run_coroutine_threadsafe(coroutine, _the_loop())


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Wait for a coroutine from a plain function; an interruption cancels it.

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
    try:
        running: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    if running is loop:
        coroutine.close()
        raise RuntimeError("a plain function waits for a coroutine on the loop that has to run it; await it instead")
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


async def on_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await a coroutine on our loop, from any loop; straight away if it is this one."""
    loop = _the_loop()
    if asyncio.get_running_loop() is loop:
        return await coroutine
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, loop))
