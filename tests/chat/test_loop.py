"""One loop for everybody: from plain functions, notebooks, threads and forked processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from halueval.chat.loop import on_loop, run, run_all, submit


async def double(number: float) -> float:
    await asyncio.sleep(0.001)
    return 2 * number


async def where() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_a_plain_function_gets_the_result() -> None:
    assert run(double(21)) == 42


def test_an_exception_comes_through() -> None:
    async def fails() -> None:
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        run(fails())


def test_it_works_where_another_loop_is_running_already() -> None:
    async def notebook() -> float:
        return run(double(1))

    assert asyncio.run(notebook()) == 2


def test_many_threads_share_the_loop() -> None:
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda n: run(double(n)), range(50))) == [2 * n for n in range(50)]
        assert len({id(loop) for loop in threads.map(lambda _: run(where()), range(8))}) == 1


def test_waiting_on_the_loop_itself_is_refused() -> None:
    async def inside() -> float:
        return run(double(1))

    with pytest.raises(RuntimeError, match="await it instead"):
        run(inside())


def test_a_coroutine_awaited_from_another_loop_runs_on_ours() -> None:
    ours = run(where())
    assert asyncio.run(on_loop(where())) is ours
    assert run(on_loop(where())) is ours
    assert submit(where()).result() is ours


def test_cancelling_who_awaits_cancels_what_runs() -> None:
    ended = threading.Event()

    async def endless() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    async def gives_up() -> None:
        await asyncio.wait_for(on_loop(endless()), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(gives_up())
    assert ended.wait(2)


def test_an_interruption_cancels_the_coroutine_and_leaves_the_loop_usable() -> None:
    cleaned = []

    async def endless() -> None:
        try:
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)  # there is time to put things away
            cleaned.append(True)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(endless())
    assert time.monotonic() - began < 20
    assert cleaned
    assert run(double(2)) == 4


def test_a_forked_child_has_a_loop_of_its_own() -> None:
    code = """
        import multiprocessing, os
        from halueval.chat.loop import run
        async def here():
            return os.getpid()
        def child(_):
            return run(here()) == os.getpid()
        assert run(here()) == os.getpid()
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert all(pool.map(child, range(4)))
        assert run(here()) == os.getpid()
        print("well")
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=15
    )
    assert done.stdout == "well\n", done.stderr


def test_all_items_run_together_and_the_results_are_in_order() -> None:
    async def slow_first(number: int) -> int:
        await asyncio.sleep(0.2 if number == 0 else 0.1)
        return number

    began = time.monotonic()
    assert run_all(slow_first, range(50)) == list(range(50))
    assert time.monotonic() - began < 3  # one after the other: 5
    assert run_all(slow_first, []) == []


def test_when_one_raises_the_others_are_cancelled_and_waited_for() -> None:
    ended = []

    async def work(number: int) -> None:
        if number == 3:
            await asyncio.sleep(0.01)
            raise LookupError(str(number))
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.02)
            ended.append(number)

    with pytest.raises(LookupError, match="3"):
        run_all(work, range(6))
    assert sorted(ended) == [0, 1, 2, 4, 5]
