"""What a run folder says: its report as it is, and its report made again from the journal and the manifest alone."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halueval.errors import RunError
from halueval.records import Cost, Stage
from halueval.runs.journal import JOURNAL, Journal
from halueval.runs.manifest import MANIFEST, MAY_DIFFER, Manifest, differences, read_manifest
from halueval.runs.rows import JournalResults

if TYPE_CHECKING:
    from halueval.report import Report

__all__ = ["ASKED", "REPORTS", "asked_of", "open_run", "report_of", "reproduce", "require_match", "spent_on"]

REPORTS = ("report.json", "report.md", "report.html")
ASKED = "asked"  # the journal's own note of the settings that it was begun with


def open_run(path: str | PathLike[str]) -> Report:
    """The report of a run folder, finished or not; what is missing or damaged is said in its warnings.

    Raises
    ------
    RunError
        Not a run folder, a damaged one, one from a newer version, or a manifest that is not that of its journal.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    with Journal(folder, read_only=True) as journal:
        require_match(folder, manifest, journal)
        return report_of(folder, manifest, journal)


def spent_on(path: str | PathLike[str]) -> dict[Stage, Cost]:
    """What was really spent on a run, by step: every attempt that came to an end, whatever came of it.

    The costs in the report are those of the replies that the results rest on.

    Raises
    ------
    RunError
        No journal there, a damaged one, or one from a newer version.
    """
    with Journal(path, read_only=True) as journal:
        return journal.spending()


def reproduce(path: str | PathLike[str], output: str | PathLike[str] | None = None) -> Report:
    """Make the report of a finished run again, from its journal and its manifest alone, and compare it byte for byte.

    Nobody is asked, nothing is retrieved or verified: this shows that the report is what the results give.

    Parameters
    ----------
    path : path
        The folder of the run. A file of the report that is missing there is put back.
    output : path, optional
        Where to write the report that was made again; made with its parents.

    Returns
    -------
    Report
        It is the same as the one in the run's folder.

    Raises
    ------
    RunError
        The run is not finished, its journal is not the one that it was finished with, or a file of its report is not
        what the results give: the message names it. What ``output`` names is written all the same.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    if manifest.state != "finished":
        raise RunError(f"{folder}: the run is not finished; the command that began it goes on with it")
    with Journal(folder, read_only=True) as journal:
        require_match(folder, manifest, journal)
        if bad := journal.set_aside():
            raise RunError(f"{bad[0]}; the command that made the run evaluates it again")
        if journal.digest() != manifest.journal:
            raise RunError(f"{journal.path}: not the results that the run was finished with, says {MANIFEST}")
        report = report_of(folder, manifest, journal)
        there = {name: _digest(folder / name) for name in REPORTS}
        with tempfile.TemporaryDirectory() as fresh:
            target = Path(output) if output is not None else Path(fresh)
            report.write(target)
            made = {name: _digest(target / name) for name in REPORTS}
        if None in there.values() and not any(there[name] not in (None, made[name]) for name in REPORTS):
            report.write(folder)
    if other := [name for name in REPORTS if there[name] not in (None, made[name])]:
        raise RunError(
            f"{folder}: {' and '.join(other)} {'is' if len(other) == 1 else 'are'} {_not_the_same(manifest, output)}"
        )
    return report


def asked_of(settings: Mapping[str, Any]) -> str:
    return json.dumps({n: v for n, v in settings.items() if n not in MAY_DIFFER}, sort_keys=True)


def require_match(target: Path, manifest: Manifest, journal: Journal) -> None:
    """See to it that the manifest is that of the journal: one that isn't says what nobody asked."""
    asked = journal.noted(ASKED)
    said = ""
    if asked is not None and asked != asked_of(manifest.settings):
        names = [name for name, _, _ in differences(json.loads(asked), json.loads(asked_of(manifest.settings)))]
        said = f"they differ in {', '.join(names)}"
    elif manifest.answers is not None and len(journal) > manifest.answers:
        said = f"it says {manifest.answers:,} answers, the journal has {len(journal):,}"
    if said:
        raise RunError(
            f"{target / MANIFEST}: not the manifest that {JOURNAL} was made with ({said}). To mend it: put the one "
            "back that was there, or begin anew (--overwrite)"
        )


def report_of(folder: Path, manifest: Manifest, journal: Journal) -> Report:
    """The report of the results in the journal, with what must be known of the run before anyone believes a rate."""
    from halueval.report import Report

    count, bad, notes = len(journal), journal.set_aside(), list(manifest.settings.get("notes", ()))
    if manifest.state == "unfinished":
        notes.insert(0, f"the run is not finished: these are the results until now ({count:,}), not all of them")
    lost = len(bad) if manifest.answers is None else manifest.answers - count
    if lost > 0:
        named = f": {bad[0]}" if bad else ""
        todo = "the command that made the run evaluates what is missing again"
        results = "1 result could not be read and is" if lost == 1 else f"{lost:,} results could not be read and are"
        notes.insert(0, f"{results} left out{named}; {todo}")
    settings = {**manifest.settings, **({"notes": notes} if notes else {})}
    return Report(JournalResults(folder / JOURNAL), settings)


def _not_the_same(manifest: Manifest, output: str | PathLike[str] | None) -> str:
    from halueval import __version__

    then = manifest.settings.get("version_halueval", __version__)
    version = "" if then == __version__ else f" (it was made by halueval {then}, this is {__version__})"
    where = f"; what they give is in {output}" if output is not None else "; -o FOLDER writes what they give"
    return f"not what the journal and the manifest give{version}{where}"


def _digest(path: Path) -> str | None:
    """Of a file; None where there is none."""
    if not path.exists():
        return None
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
