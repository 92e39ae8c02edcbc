"""A run is a folder: ``manifest.json`` (what was asked), ``results.jsonl`` (a line per response), the report.

While it is being written its name ends in ``.partial``: every batch that was finished is in there, and nothing that
carries the run's own name is ever half-written.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halueval.errors import HaluevalError, RunError, RunStopped
from halueval.io.writing import write_text
from halueval.records import Result
from halueval.runs.earlier import Earlier

if TYPE_CHECKING:
    from halueval.report import Report

__all__ = ["earlier_results", "open_run", "write_run"]

FORMAT = 1
MANIFEST, RESULTS = "manifest.json", "results.jsonl"
_OURS = frozenset((MANIFEST, RESULTS, "report.json", "report.md", "report.html"))
_MAY_DIFFER = frozenset(("level", "notes", "columns", "endpoints"))  # between a run and what goes on with it


def earlier_results(path: str | PathLike[str], settings: Mapping[str, Any]) -> Earlier | None:
    """What a run that was stopped or cut off has finished; None where there is nothing to go on with.

    Parameters
    ----------
    path : path
        The folder that the run was to make.
    settings : mapping
        What is asked now: the same as what was asked then.

    Raises
    ------
    RunError
        The run at ``path`` is whole, or was asked something else: results of two kinds in one report mean nothing.
    """
    target, partial = _places(path)
    if not (partial / RESULTS).exists():
        if _is_run(target):
            raise RunError(f"{target}: the run is whole, there is nothing to go on with; `halueval report` shows it")
        return None
    asked = _manifest(partial)["settings"]
    names = sorted((set(asked) | set(settings)) - _MAY_DIFFER)
    if different := [name for name in names if asked.get(name) != settings.get(name)]:
        name = different[0]
        raise RunError(
            f"{partial}: the run was begun with {name} {asked.get(name)!r}, now it is {settings.get(name)!r}; "
            "go on with the same settings, or begin anew (--overwrite)"
        )
    _drop_half_line(partial / RESULTS)
    return Earlier(partial / RESULTS)


def write_run(
    path: str | PathLike[str],
    results: Iterable[Result],
    settings: Mapping[str, Any],
    *,
    overwrite: bool = False,
    earlier: Earlier | None = None,
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
    earlier : Earlier, optional
        What :func:`earlier_results` found; results of the same responses are not written again.

    Returns
    -------
    Report
        Reads the results from the folder.

    Raises
    ------
    RunError
        There is a run at ``path`` and ``overwrite`` is false, there is something else, or the folder cannot be written.
    RunStopped
        No other call of a chat model would succeed; says where the results are that were finished.
    KeyboardInterrupt
        Says the same.
    """

    target, partial = _places(path)
    for folder in (target, partial) if earlier is None else (target,):
        _may_replace(folder, overwrite)
    results = iter(results)
    try:
        if earlier is None:
            if partial.exists():
                shutil.rmtree(partial)
            partial.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"{target}: the folder cannot be made ({error.strerror or error})") from error
    try:
        first = next(results, None)
    except BaseException:  # nothing could be read at all: leave no trace of a run that never began
        if earlier is None:
            partial.rmdir()
        raise
    kept = f"the results until then are in {partial}; `halueval report {partial}` shows them"
    try:
        _write_manifest(partial, settings, unfinished=True)
        order = _append(partial / RESULTS, results if first is None else chain((first,), results), earlier)
        if earlier is not None:
            _put_in_order(partial / RESULTS, order)
        _write_manifest(partial, settings, unfinished=False)
        _report(partial).write(partial)
        if target.exists():
            shutil.rmtree(target)
        partial.rename(target)
    except RunStopped as error:
        raise RunStopped(f"{error}; {kept}, and the run can go on (--resume)") from error
    except (OSError, HaluevalError) as error:
        _drop_half_line(partial / RESULTS)
        raise RunError(f"{target}: the run stopped: {error}; {kept}") from error
    except KeyboardInterrupt:
        _drop_half_line(partial / RESULTS)
        raise KeyboardInterrupt(kept) from None
    return _report(target)


def _append(path: Path, results: Iterable[Result], earlier: Earlier | None) -> list[tuple[int, int]]:
    """Write the results that are not in the file yet; where each one of all stands in it, in their order."""
    from halueval.io import result_line

    at = 0 if earlier is None else earlier.end
    order = []
    with open(path, "ab", buffering=0) as out:  # a line is there once it is written
        for result in results:
            if earlier is not None and result.response.id in earlier.kept:
                place = earlier.places[result.response.id]
            else:
                line = result_line(result).encode("utf-8")
                out.write(line)
                place = (at, len(line))
                at += len(line)
            order.append(place)
    return order


def _put_in_order(path: Path, order: Sequence[tuple[int, int]]) -> None:
    """Write the file again with the results in their order, and without lines that nothing refers to."""
    part = path.with_name(path.name + ".part")
    with open(path, "rb") as source, open(part, "wb") as out:
        for start, length in order:
            source.seek(start)
            out.write(source.read(length))
    part.replace(path)


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


def _manifest(folder: Path) -> dict[str, Any]:
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
    return {**read, "settings": settings}


def _report(folder: Path) -> Report:
    from halueval.io import ResultsFile
    from halueval.report import Report

    read = _manifest(folder)
    settings = read["settings"]
    if not (folder / RESULTS).exists():
        raise RunError(f"{folder}: {RESULTS} is missing; make the run again")
    results = ResultsFile(folder / RESULTS)
    if read.get("unfinished"):
        cut = f"the run was cut off: these are its first results ({len(results):,}), not all of them"
        settings["notes"] = [cut, *settings.get("notes", [])]
    return Report(results, settings)
