"""The simulation of corrected rates, short: the guarded form holds where clustering breaks the plain one."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "statistics"


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("two_phase_simulation", BENCHMARKS / "two_phase.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("rate", "sensitivity", "specificity"), [(0.05, 0.6, 0.9), (0.2, 0.9, 0.95)])
def test_the_guarded_form_covers_and_what_should_fail_fails(
    simulation: ModuleType, rate: float, sensitivity: float, specificity: float
) -> None:
    cell = simulation.Cell(0.3, rate, sensitivity, specificity, 300)
    found = simulation.simulated(cell, 300, np.random.default_rng(4))
    covered = {method: tally.coverage for method, tally in found.items()}
    for drawn in ("third flagged", "balanced"):
        assert covered["two-phase guarded", drawn] >= 0.93
        assert covered["two-phase plain", drawn] < covered["two-phase guarded", drawn] - 0.02
    assert covered["PPI++ as published", "at random"] < 0.92
    assert covered["Rogan-Gladen, unweighted", "balanced"] < 0.5
    assert covered["verifier's rate, Wilson", "at random"] < 0.5


def test_labels_are_drawn_within_each_verdict_as_many_as_asked(simulation: ModuleType) -> None:
    random = np.random.default_rng(1)
    claims = simulation.population(random, simulation.Cell(0.3, 0.05, 0.6, 0.9, 100))
    for share, flagged in ((1 / 2, 50), (1 / 3, 33)):
        labelled = simulation.by_verdict(share)(random, claims, 100)
        assert (labelled <= claims).all()
        assert (labelled[:2].sum(), labelled.sum()) == (flagged, 100)
    scarce = claims * np.array([[1], [0], [1], [1]])  # what one verdict lacks the other gets
    assert simulation.by_verdict(1.0)(random, scarce, 500).sum() == 500


def test_judges_say_plainly_which_file_is_missing(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "judges.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "frank.jsonl.gz: no such file; wanted: " in run.stderr
