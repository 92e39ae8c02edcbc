"""Runs: a folder that holds what was asked, every result, and the report made from them."""

from halueval.runs.folder import Run, begin_run, write_run
from halueval.runs.journal import Journal
from halueval.runs.lock import run_lock
from halueval.runs.manifest import Manifest
from halueval.runs.reading import open_run, reproduce, spent_on
from halueval.runs.rows import JournalResults

__all__ = [
    "Journal",
    "JournalResults",
    "Manifest",
    "Run",
    "begin_run",
    "open_run",
    "reproduce",
    "run_lock",
    "spent_on",
    "write_run",
]
