"""The default interval holds in a short simulation, and the ones it replaces do not: the table can fail."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "statistics" / "coverage.py"


@pytest.fixture(scope="module")
def coverage() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_of_intervals", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# answers, rate, icc; what pooled Wilson and the percentile bootstrap at most hold (4,000 replications gave .647 and
# .944, .889 and .428, .689 and .844, .476 and .889)
CELLS = {
    (200, 0.2, 0.2): (0.75, 0.97),
    (20, 0.005, 0.2): (0.94, 0.60),
    (50, 0.02, 0.2): (0.85, 0.92),
    (20, 0.2, 0.5): (0.70, 0.95),
}


@pytest.mark.parametrize("design", CELLS, ids=str)
def test_the_default_holds_where_pooled_wilson_and_the_bootstrap_do_not(
    coverage: ModuleType, design: tuple[int, float, float]
) -> None:
    found = coverage.measured(coverage.Cell("main", *design), 600, 600, 400, [7])
    assert found["default"].held >= 0.93
    wilson, percentile = CELLS[design]
    assert found["pooled Wilson"].held < wilson
    assert found["percentile boot"].held < percentile


def test_the_truth_of_answers_that_grow_worse_is_that_of_their_claims(coverage: ModuleType) -> None:
    import numpy as np

    cell = coverage.Cell("shapes", 200, 0.1, 0.1, longer_is_worse=True)
    bad, claims = cell.drawn(np.random.default_rng(1), 1000)
    assert bad.sum() / claims.sum() == pytest.approx(cell.truth, rel=0.02)
    assert claims.mean() == pytest.approx(12, rel=0.02)


def test_the_benchmark_says_what_it_cannot_read(tmp_path: Path) -> None:
    command = [sys.executable, SCRIPT, "--reference", tmp_path / "none.csv"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "none.csv: no such file" in run.stderr
