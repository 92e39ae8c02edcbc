"""A run is a folder: what was asked (``manifest.json``), every result (``journal.sqlite``), the replies that were paid
for (``calls.sqlite``), and the report made from them.

It can be killed at any moment: what is in the journal stays, the manifest says whether the run is whole, and no file of
the report is ever half-written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halueval.errors import HaluevalError, RunError, RunStopped
from halueval.io.values import plain
from halueval.records import Result, total_cost
from halueval.runs.damage import warn
from halueval.runs.journal import JOURNAL, Journal
from halueval.runs.lock import run_lock
from halueval.runs.manifest import (
    Manifest,
    as_read,
    carried,
    is_run,
    read_manifest,
    require_same,
    write_manifest,
)
from halueval.runs.places import CALLS, clear, place_of, remove, require_ours
from halueval.runs.reading import ASKED, asked_of, report_of, require_match

if TYPE_CHECKING:
    from halueval.report import Report

__all__ = ["CALLS", "Run", "begin_run", "write_run"]


@dataclass(slots=True)
class Run:
    """A run that is under way: made by :func:`begin_run`.

    ``manifest`` holds what is asked now, ``then`` what was there when it was opened; None for a new run. ``finished``
    says that every result and the report are there, and nothing asked now makes another report of them.
    """

    folder: Path
    manifest: Manifest
    journal: Journal
    then: Manifest | None = None
    finished: bool = False

    @property
    def calls(self) -> Path:
        """The cache of the calls that this run makes, unless another is named."""
        return self.folder / CALLS

    @property
    def answers(self) -> int | None:
        """How many answers the run had when it was finished; None where it never was."""
        return None if self.then is None else self.then.answers

    def report(self) -> Report:
        """The report of the results that are there."""
        return report_of(self.folder, self.manifest, self.journal)

    def finish(self) -> Report:
        """Write the report, then say in the manifest that the run is whole.

        Raises
        ------
        RunError
            A result is missing, or a file cannot be written.
        """
        self.journal.flush()
        answers = len(self.journal)
        if answers != self.journal.end():
            raise RunError(f"{self.folder}: {answers:,} results, and the last one is number {self.journal.end():,}")
        if self.then is None or self.then != self.manifest:  # an old manifest never stands beside a new report
            write_manifest(self.folder, self.manifest)
        whole = Manifest(self.manifest.settings, "finished", answers, self.journal.digest())
        report = report_of(self.folder, whole, self.journal)
        report.write(self.folder)
        write_manifest(self.folder, whole)
        self.manifest, self.finished = whole, True
        return report


@contextmanager
def begin_run(path: str | PathLike[str], settings: Mapping[str, Any], *, overwrite: bool = False) -> Iterator[Run]:
    """The run at ``path``: a new one, or the one that is there, to be gone on with.

    Parameters
    ----------
    path : path
        The folder; made with its parents.
    settings : mapping
        What is asked, as JSON values. Those of a run that is there must be the same, but for
        :data:`halueval.runs.manifest.MAY_DIFFER`.
    overwrite : bool
        Begin anew. Only the files of the run that is there are deleted, and nothing where there is no run.

    Yields
    ------
    Run
        Locked, until the block ends. A run that ends before it has any result leaves nothing behind.

    Raises
    ------
    RunError
        There is something that is not a run, a run of other settings (each is named), one that is in use, damaged or
        from a newer version, or the folder cannot be written. Also what stopped the block, with what is kept.
    RunStopped
        No other call of a chat model would succeed; says what is kept and how to go on.
    KeyboardInterrupt
        Says the same.

    Examples
    --------
    >>> import tempfile
    >>> from halueval.records import Extraction, Response
    >>> folder = f"{tempfile.mkdtemp()}/run"
    >>> with begin_run(folder, {"verifier": "judge"}) as run:
    ...     run.journal.append(0, Result(Response("r", "Yes."), Extraction("r"))).result()
    ...     report = run.finish()
    >>> with begin_run(folder, {"verifier": "judge"}) as run:
    ...     run.finished, len(run.journal)
    (True, 1)
    """
    target = place_of(path)
    try:
        if target.exists():
            require_ours(target)
        target.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise RunError(f"{str(target)!r}: cannot be the folder of a run ({_reason(error)}); name another") from error
    with run_lock(target):
        fresh = not require_ours(target)
        then = None if fresh or overwrite else read_manifest(target)
        clear(target, everything=overwrite and not fresh)
        try:
            run = _opened(target, settings, then)
        except BaseException:
            if fresh:
                remove(target)
            raise
        left = False
        try:
            yield run
        except BaseException as error:
            left = _left(run, fresh)
            if left:
                raise
            said = _stopped(run, error)
            if said is error:
                raise
            raise said from (None if isinstance(error, KeyboardInterrupt) else error)
        finally:
            with suppress(RunError):  # what was to be written was waited for before
                run.journal.close()
            if left:
                remove(target)


def write_run(
    path: str | PathLike[str], results: Iterable[Result], settings: Mapping[str, Any], *, overwrite: bool = False
) -> Report:
    """Write results that are there already to a run folder as they come, then its report.

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
        There is a run at ``path`` and ``overwrite`` is false, there is something else, or the folder cannot be written.
    """
    from halueval.runs.resuming import keep

    folder = place_of(path)
    if not overwrite and is_run(folder):
        raise RunError(f"{folder}: there is a run already; name another folder, or overwrite it (--overwrite)")
    with begin_run(path, settings, overwrite=overwrite) as run:
        for _ in keep(run.journal, enumerate(results)):
            pass
        return run.finish()


def _opened(target: Path, settings: Mapping[str, Any], then: Manifest | None) -> Run:
    """The run, with what is asked now.

    A manifest is written before there is a journal: a folder with a journal is always known for a run. That of a run
    that is there stays as it is until the run is finished, so that a command that is refused changes nothing.
    """
    settings = plain(settings)
    if then is None:
        manifest = as_read(settings)
        write_manifest(target, manifest)
    else:
        require_same(target, then.settings, settings)
        manifest = as_read({**settings, **carried(then, settings)})
        if then.answers is not None and not (target / JOURNAL).exists():
            raise RunError(f"{target}: {JOURNAL} is missing; begin anew (--overwrite)")
    journal = Journal(target)
    try:
        if then is not None:
            require_match(target, then, journal)
        warn(journal.set_aside())
        if journal.noted(ASKED) is None:
            journal.note(ASKED, asked_of(settings)).result()
        if then is not None and then.settings == manifest.settings and then.answers == len(journal):
            return Run(target, then, journal, then, True)
        return Run(target, manifest, journal, then)
    except BaseException:
        journal.close()
        raise


def _left(run: Run, fresh: bool) -> bool:
    """Whether a run that ends now has nothing in it that anyone paid for."""
    from halueval.runs.cache import CallCache

    with suppress(RunError):
        run.journal.flush()
        spent = total_cost(run.journal.spending().values())
        if not fresh or len(run.journal) or spent.prompt_tokens or spent.completion_tokens or spent.dollars:
            return False
        if not run.calls.exists():
            return True
        with CallCache(run.calls, read_only=True) as calls:
            held = calls.stats()
            return not (held.replies or held.passages)
    return False


def _stopped(run: Run, error: BaseException) -> BaseException:
    """What stopped the run, with what is kept and how to go on."""
    kept = f"what was finished is kept in {run.folder}, and the same command goes on from there"
    if isinstance(error, RunStopped):
        return RunStopped(f"{error}; {kept}")
    if isinstance(error, KeyboardInterrupt):
        return KeyboardInterrupt(kept)
    if isinstance(error, OSError | HaluevalError) and not isinstance(error, RunError):  # those are about the run
        return RunError(f"{run.folder}: the run stopped: {error}; {kept}")
    return error


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error).lower()
