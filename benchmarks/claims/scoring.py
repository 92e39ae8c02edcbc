"""What the benchmarks of claims share: the matcher's figures, from its own file, and whether a claim has a place."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from halueval.records import Claim

SCORER = Path(__file__).resolve().parents[3] / "shared" / "tools" / "match_claims.py"


def load_scorer(path: Path) -> ModuleType:
    """The scorer as a module; it is a script of its own."""
    spec = importlib.util.spec_from_file_location("match_claims", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_valid(claim: Claim, text: str) -> bool:
    """Whether a claim has a place: spans inside the text, each with something in it, none on another."""
    spans = sorted(claim.spans)
    inside = all(0 <= s.start < s.end <= len(text) and text[s.start : s.end].strip() for s in spans)
    return bool(spans) and inside and all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
