"""Every notebook runs from top to bottom, offline."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs_and_shows_each_value_once(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    cells = [c.outputs for c in notebook.cells if c.cell_type == "code"]
    assert any("text/html" in o.get("data", {}) for outputs in cells for o in outputs)
    assert all(len([o for o in outputs if o.output_type != "stream"]) <= 1 for outputs in cells)
    assert not any(o.output_type == "error" for outputs in cells for o in outputs)
