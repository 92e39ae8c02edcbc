"""Runs: a folder that holds what was asked, every result, and the report made from them."""

from halueval.runs.earlier import Earlier
from halueval.runs.folder import earlier_results, open_run, write_run

__all__ = ["Earlier", "earlier_results", "open_run", "write_run"]
