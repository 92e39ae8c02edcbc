"""The notebook of the line with an LLM is read on a page that doesn't run it: what it shows is stored in it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

PATH = Path(__file__).parent.parent.parent / "notebooks" / "02_llm_judge.ipynb"
CELLS = [cell for cell in nbformat.read(PATH, as_version=4).cells if cell.cell_type == "code"]


def shown(part: str) -> str:
    """What the one cell with this in its source shows, as text."""
    (cell,) = [cell for cell in CELLS if part in cell.source]
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("print(expected)", "prompt tokens"),
        ("report = halueval.evaluate", "calls of chat models"),
        ('"took": [', "dollars"),
        ("result.extraction.warnings", "was mended by the model"),
        ("failure_reply", "unreadable_reply"),
        ("no valid quote", "not_enough_info"),
        ("trail = pd.DataFrame", "NSAIDs warfarin bleeding"),
        ("again = index.search", "True"),
    ],
)
def test_what_it_is_about_is_shown(cell: str, found: str) -> None:
    assert found in shown(cell)


def test_another_model_is_one_line() -> None:
    assert sum("model = " in line and "chat = " not in line for cell in CELLS for line in cell.source.split("\n")) == 1


def test_nothing_shown_names_the_machine_it_was_run_on() -> None:
    text = PATH.read_text(encoding="utf-8")
    assert not any(part in text for part in ("/home/", "/tmp/", "/root/", "Traceback"))
