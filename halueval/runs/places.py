"""Which files of a folder are a run's: what may be deleted, and what stays whatever is asked for."""

from __future__ import annotations

import re
from contextlib import suppress
from os import PathLike
from pathlib import Path

from halueval.errors import RunError
from halueval.runs.journal import JOURNAL
from halueval.runs.lock import LOCK
from halueval.runs.manifest import MANIFEST, is_run
from halueval.runs.reading import REPORTS

__all__ = ["CALLS", "clear", "place_of", "remove", "require_ours"]

CALLS = "calls.sqlite"

# The stores of a run, with what SQLite puts beside them and what mending a damaged one leaves (runs/salvage.py).
_STORE = re.compile(
    rf"({re.escape(JOURNAL)}|{re.escape(CALLS)})(\.(damaged(-\d+)?|salvag(ed|ing)))?(-(wal|shm|journal))?"
)


def require_ours(folder: Path) -> bool:
    """Whether there is a run; a folder with anything else in it is refused.

    A kill before the first manifest was whole leaves a lock and the beginning of a manifest: that is no run yet.
    """
    if is_run(folder):
        return True
    if any(entry.name != LOCK and not _is_part(entry.name) for entry in folder.iterdir()):
        raise RunError(f"{folder}: there is something that is not a run, and it stays; name another folder")
    return False


def _is_part(name: str) -> bool:
    """Whether a file is what a kill left of one of ours while it was written."""
    return name.endswith(".part") and name.startswith(tuple(f".{file}." for file in (MANIFEST, *REPORTS)))


def clear(folder: Path, *, everything: bool) -> None:
    """Delete what kills left, or all files of the run: the manifest last, by which it is known for one.

    Of a store what stands beside it goes first: a kill in between leaves nothing that would be played into a new one.
    """
    names = sorted((entry.name for entry in folder.iterdir()), key=lambda name: (name != MANIFEST, name), reverse=True)
    for name in names:
        if _is_part(name) or (everything and (name in (MANIFEST, *REPORTS) or _STORE.fullmatch(name))):
            (folder / name).unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Delete a run that never began, and the folder where nothing else is in it."""
    clear(folder, everything=True)
    (folder / LOCK).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def place_of(path: str | PathLike[str]) -> Path:
    """Where the run goes, through links."""
    target = Path(path)
    try:
        if "\0" in str(target):
            raise ValueError("a name has no NUL in it")
        if target.is_symlink() or not target.name or target.name == "..":
            target = target.resolve()
        return target
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL
        raise RunError(f"{str(path)!r}: not the name of a folder for a run ({error}); name another") from error
