"""Every function gives the reference's numbers, undefined ones included, and the benchmark says so in its exit code."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "statistics.json"
SCRIPT = ROOT / "benchmarks" / "statistics" / "golden.py"
CASES = json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def golden() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_reference_number_is_given(case: dict[str, object], golden: ModuleType) -> None:
    assert golden.misses(case) == []


def test_the_benchmark_names_what_it_missed_and_what_is_not_built(tmp_path: Path) -> None:
    wrong = {**next(c for c in CASES if c["function"] == "wilson"), "name": "moved", "expected": {"low": 0.5}}
    unknown = {"name": "later", "function": "not_there_yet", "inputs": {}, "expected": {}, "tolerance": 0}
    for cases, code, said in (([wrong, unknown], 1, "moved: low is"), ([unknown], 0, "not_there_yet (1)")):
        path = tmp_path / "cases.json"
        path.write_text(json.dumps(cases), encoding="utf-8")
        run = subprocess.run([sys.executable, SCRIPT, path], capture_output=True, text=True, check=False)
        assert run.returncode == code
        assert said in run.stdout
