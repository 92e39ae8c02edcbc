"""A run is a folder: ``manifest.json`` (what was asked), ``results.jsonl`` (a line per response), the report.

While it is being written its name ends in ``.partial``: every batch that was finished is in there, and nothing that
carries the run's own name is ever half-written.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halueval.errors import HaluevalError, RunError
from halueval.records import Result

if TYPE_CHECKING:
    from halueval.report import Report

__all__ = ["open_run", "write_run"]

FORMAT = 1
MANIFEST, RESULTS = "manifest.json", "results.jsonl"


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
        Replace a run that is there already.

    Returns
    -------
    Report
        Reads the results from the folder.

    Raises
    ------
    RunError
        There is something at ``path`` and ``overwrite`` is false, or the folder cannot be written.
    """
    from halueval.io import result_line

    target = Path(path)
    if target.exists() and not overwrite and (not target.is_dir() or any(target.iterdir())):
        raise RunError(f"{target}: there is something already; name another folder, or overwrite it (--overwrite)")
    partial = target.with_name(target.name + ".partial")
    if partial.exists() and not overwrite:
        raise RunError(
            f"{partial}: results of a run that was cut off; move the folder away to keep them, "
            "or overwrite it (--overwrite)"
        )
    results = iter(results)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"{target}: the folder cannot be made: {error}") from error
    try:
        first = next(results, None)
    except BaseException:  # nothing could be read at all: leave no trace of a run that never began
        partial.rmdir()
        raise
    try:
        manifest = {"format": FORMAT, "settings": dict(settings)}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        with open(partial / RESULTS, "w", encoding="utf-8") as out:
            if first is not None:
                out.write(result_line(first))
            for result in results:
                out.write(result_line(result))
        _report(partial).write(partial)
        if target.exists():
            shutil.rmtree(target) if target.is_dir() else target.unlink()
        partial.rename(target)
    except (OSError, HaluevalError) as error:
        raise RunError(f"{target}: the run stopped: {error}; the results until then are in {partial}") from error
    return _report(target)


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
    return Report(ResultsFile(folder / RESULTS), settings)
