"""A run is a folder: ``manifest.json`` (what was asked), ``results.jsonl`` (a line per response), the report.

While it is being written its name ends in ``.partial``: every batch that was finished is in there, and nothing that
carries the run's own name is ever half-written.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halueval.errors import HaluevalError, RunError
from halueval.io.writing import write_text
from halueval.records import Result

if TYPE_CHECKING:
    from halueval.report import Report

__all__ = ["open_run", "write_run"]

FORMAT = 1
MANIFEST, RESULTS = "manifest.json", "results.jsonl"
_OURS = frozenset((MANIFEST, RESULTS, "report.json", "report.md", "report.html"))


def write_run(
    path: str | PathLike[str], results: Iterable[Result], settings: Mapping[str, Any], *, overwrite: bool = False
) -> Report:
    """Write results to a run folder as they come, then its report.

    Parameters
    ----------
    path : path
        The folder; made with its parents.
    results : iterable of Result
        Taken one by one; memory does not grow with them.
    settings : mapping
        What was asked, as JSON values.
    overwrite : bool
        Replace a run that is there already, whole or cut off. Anything else is never deleted.

    Returns
    -------
    Report
        Reads the results from the folder.

    Raises
    ------
    RunError
        There is a run at ``path`` and ``overwrite`` is false, there is something else, or the folder cannot be written.
    KeyboardInterrupt
        Says where the results are that were finished.
    """
    from halueval.io import result_line

    target, partial = _places(path)
    for folder in (target, partial):
        _may_replace(folder, overwrite)
    results = iter(results)
    try:
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"{target}: the folder cannot be made ({error.strerror or error})") from error
    try:
        first = next(results, None)
    except BaseException:  # nothing could be read at all: leave no trace of a run that never began
        partial.rmdir()
        raise
    kept = f"the results until then are in {partial}; `halueval report {partial}` shows them"
    try:
        _write_manifest(partial, settings, unfinished=True)
        with open(partial / RESULTS, "w", encoding="utf-8", buffering=1) as out:  # a line is there once it is written
            if first is not None:
                out.write(result_line(first))
            for result in results:
                out.write(result_line(result))
        _write_manifest(partial, settings, unfinished=False)
        _report(partial).write(partial)
        if target.exists():
            shutil.rmtree(target)
        partial.rename(target)
    except (OSError, HaluevalError) as error:
        _drop_half_line(partial / RESULTS)
        raise RunError(f"{target}: the run stopped: {error}; {kept}") from error
    except KeyboardInterrupt:
        _drop_half_line(partial / RESULTS)
        raise KeyboardInterrupt(kept) from None
    return _report(target)


def _places(path: str | PathLike[str]) -> tuple[Path, Path]:
    """Where the run goes, through links, and where it is until it is whole."""
    target = Path(path)
    try:
        if "\0" in str(target):
            raise ValueError("a name has no NUL in it")
        if target.is_symlink() or not target.name or target.name == "..":
            target = target.resolve()
        return target, target.with_name(target.name + ".partial")
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL, the root
        raise RunError(f"{str(path)!r}: not the name of a folder for a run ({error}); name another") from error


def _may_replace(folder: Path, overwrite: bool) -> None:
    """See to it that what is deleted is a run and nothing but a run, and that this was asked for.

    Raises
    ------
    RunError
        It is not, or was not.
    """
    try:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return
        names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    except (OSError, ValueError) as error:
        raise RunError(f"{str(folder)!r}: cannot be the folder of a run ({error}); name another") from error
    if not _is_run(folder):
        raise RunError(f"{folder}: there is something that is not a run, and it stays; name another folder")
    if not overwrite and folder.name.endswith(".partial"):
        raise RunError(
            f"{folder}: results of a run that was cut off; move the folder away to keep them, "
            "or overwrite it (--overwrite)"
        )
    if not overwrite:
        raise RunError(f"{folder}: there is a run already; name another folder, or overwrite it (--overwrite)")
    if others := sorted(name for name in names if name not in _OURS and not name.endswith(".part")):
        raise RunError(
            f"{folder}: beside the run there is {others[0]!r}, which overwriting would delete; "
            "move it away, or name another folder"
        )


def _write_manifest(folder: Path, settings: Mapping[str, Any], *, unfinished: bool) -> None:
    manifest = {"format": FORMAT, "settings": dict(settings), **({"unfinished": True} if unfinished else {})}
    write_text(folder / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def _drop_half_line(path: Path) -> None:
    """Cut off what a full disk left of the line that was being written."""
    try:
        with open(path, "r+b") as file:
            at = size = file.seek(0, os.SEEK_END)
            while at:
                start = max(0, at - 65_536)
                file.seek(start)
                if (found := file.read(at - start).rfind(b"\n")) >= 0:
                    at = start + found + 1
                    break
                at = start
            if at < size:
                file.truncate(at)
    except OSError:  # the disk is beyond help; the error that is on its way says so
        return


def _is_run(folder: Path) -> bool:
    """Whether a folder has a manifest like ours; whether the run in it can be read is not asked."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(manifest, dict) and {"format", "settings"} <= manifest.keys()


def open_run(path: str | PathLike[str]) -> Report:
    """The report of a run folder.

    Raises
    ------
    RunError
        Not a run folder, a damaged one, or one from a newer version.
    """
    return _report(Path(path))


def _report(folder: Path) -> Report:
    from halueval.io import ResultsFile
    from halueval.report import Report

    manifest = folder / MANIFEST
    try:
        read = json.loads(manifest.read_text(encoding="utf-8"))
        found, settings = read["format"], dict(read["settings"])
    except OSError as error:
        raise RunError(
            f"{folder}: not a run folder ({error.strerror}: {MANIFEST}); wanted: what `halueval run -o` made"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{manifest}: damaged ({error}); wanted: the manifest that `halueval run` wrote") from error
    if found != FORMAT:
        raise RunError(f"{manifest}: format {found!r}; this halueval reads format {FORMAT}: update halueval")
    if not (folder / RESULTS).exists():
        raise RunError(f"{folder}: {RESULTS} is missing; make the run again")
    results = ResultsFile(folder / RESULTS)
    if read.get("unfinished"):
        cut = f"the run was cut off: these are its first results ({len(results):,}), not all of them"
        settings["notes"] = [cut, *settings.get("notes", [])]
    return Report(results, settings)
