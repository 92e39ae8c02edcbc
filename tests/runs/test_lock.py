"""One process at a time: however it ends, the lock is let go of."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from halueval.errors import RunError
from halueval.runs import run_lock


def test_a_lock_is_held_against_this_process_too_and_let_go_of_by_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), run_lock(tmp_path):
        with pytest.raises(RunError, match=f"in use by process {os.getpid()}; wait"), run_lock(tmp_path):
            pytest.fail("it was let in")
        raise ZeroDivisionError
    with run_lock(tmp_path):
        assert (tmp_path / "run.lock").read_text() == f"{os.getpid()}\n"


def test_a_child_that_outlives_its_parent_does_not_keep_the_lock(tmp_path: Path) -> None:
    ready, done = os.pipe()
    parent = os.fork()
    if parent == 0:
        with run_lock(tmp_path):
            if os.fork() == 0:
                os.write(done, f"{os.getpid()}\n".encode())
            signal.pause()
    child = int(os.read(ready, 20))
    try:
        with pytest.raises(RunError, match=f"in use by process {parent}"), run_lock(tmp_path):
            pytest.fail("it was let in")
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        with run_lock(tmp_path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.close(ready)
        os.close(done)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="nothing can be written there"), run_lock(tmp_path / "none"):
        pytest.fail("it was let in")
