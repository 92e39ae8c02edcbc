"""halueval measures how often a medical language model says something false."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from halueval.evaluation import evaluate
    from halueval.records import (
        Claim,
        ClaimWithEvidence,
        Evidence,
        Extraction,
        Failure,
        Response,
        Result,
        Span,
        Verdict,
    )

__version__ = "0.1.0"

# name → module: nothing heavy is imported before it is asked for.
_LAZY = {
    "evaluate": "halueval.evaluation",
    "Claim": "halueval.records",
    "ClaimWithEvidence": "halueval.records",
    "Evidence": "halueval.records",
    "Extraction": "halueval.records",
    "Failure": "halueval.records",
    "Response": "halueval.records",
    "Result": "halueval.records",
    "Span": "halueval.records",
    "Verdict": "halueval.records",
}
__all__ = [
    "Claim",
    "ClaimWithEvidence",
    "Evidence",
    "Extraction",
    "Failure",
    "Response",
    "Result",
    "Span",
    "Verdict",
    "__version__",
    "evaluate",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'halueval' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
