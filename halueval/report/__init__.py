"""What a run found, in the forms people read: terminal, notebook, Markdown, JSON, one HTML file."""

from halueval.report.claims import ClaimsTable
from halueval.report.report import Report, ShownAnswer, show

__all__ = ["ClaimsTable", "Report", "ShownAnswer", "show"]
