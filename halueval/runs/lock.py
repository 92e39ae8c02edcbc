"""One process at a time writes to a run folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from halueval.errors import RunError

__all__ = ["LOCK", "run_lock"]

LOCK = "run.lock"
_held: set[int] = set()


@contextmanager
def run_lock(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Keep other processes, and other runs of this one, out of a run folder; it is let go of however the process ends.

    Parameters
    ----------
    folder : path
        There already. The file ``run.lock`` is made in it, says who holds the lock, and stays.

    Raises
    ------
    RunError
        Another process is at work in the folder, or it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with run_lock(folder):
    ...     os.listdir(folder)
    ['run.lock']
    """
    import fcntl

    path = Path(folder) / LOCK
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise RunError(
            f"{folder}: nothing can be written there ({(error.strerror or str(error)).lower()}); name another folder"
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
    except BlockingIOError:
        who = os.pread(file, 20, 0).decode("ascii", "replace").strip()
        os.close(file)
        by = f"process {who}" if who.isdigit() else "another process"
        raise RunError(f"{folder}: in use by {by}; wait until it has ended, or name another folder") from None
    except OSError as error:
        os.close(file)
        why = (error.strerror or str(error)).lower()
        raise RunError(f"{path}: cannot be locked ({why}); name a folder on another disk") from error
    _held.add(file)
    try:
        yield
    finally:
        if file in _held:  # a forked child has let go of it already
            _held.discard(file)
            os.close(file)


def _let_go() -> None:
    """In a forked child: the lock is its parent's, and must not outlive it in the child's hands."""
    for file in _held:
        os.close(file)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
