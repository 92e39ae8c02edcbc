"""Runs: a folder that holds what was asked, every result, and the report made from them."""

from halueval.runs.folder import open_run, write_run

__all__ = ["open_run", "write_run"]
