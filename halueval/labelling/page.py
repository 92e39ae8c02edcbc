"""The page to label on: one HTML file that loads nothing from anywhere and saves a file.

Everything in it is escaped by the template (Jinja2 with autoescape) and printable; the script reads no text but the
ids. Its script and its style are allowed by their hashes and nothing else is.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from halueval import __version__
from halueval.records import derived_id
from halueval.report.page import templates

if TYPE_CHECKING:
    from jinja2 import Template

    from halueval.labelling.sheet import SheetRow

__all__ = ["label_page"]


def label_page(rows: Sequence[SheetRow]) -> str:
    """The page for these claims, in this order.

    It can be used with the keyboard alone: 1, 2, 3 label and go on, arrows go back and forth, u undoes. What was
    labelled is kept by the browser until the file is saved.

    Examples
    --------
    >>> label_page([]).startswith("<!doctype html>")
    True
    """
    style, script = _source("halueval.report", "style.css") + _source("halueval.labelling", "page.css"), _script()
    return _template().render(
        rows=rows,
        run=rows[0].run if rows else "",
        sheet=derived_id(*(row.item for row in rows))[:8],
        style=_safe(style),
        script=_safe(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
    )


def _script() -> str:
    return _source("halueval.labelling", "page.js")


@lru_cache(maxsize=4)
def _source(package: str, name: str) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _safe(ours: str) -> Any:
    from markupsafe import Markup

    return Markup(ours)


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@lru_cache(maxsize=1)
def _template() -> Template:
    return templates("halueval.labelling").get_template("page.html")
