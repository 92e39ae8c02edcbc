"""Prompts are versioned text files beside the code that uses them: ``prompts/NAME.vN.txt``, in our own words."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Prompt", "load_prompt"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's text with what identifies it: its name with the version, and the start of the SHA-256 of its text."""

    name: str
    text: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name} ({self.digest})"


@cache
def load_prompt(package: str, name: str) -> Prompt:
    """The prompt ``prompts/NAME.txt`` of a package.

    Parameters
    ----------
    package : str
        Such as ``"halueval.verifiers"``.
    name : str
        With its version, such as ``"judge.v1"``. Never made from data.

    Raises
    ------
    FileNotFoundError
        There is none: a fault of the code that asks.
    """
    text = (files(package) / "prompts" / f"{name}.txt").read_text(encoding="utf-8").strip()
    return Prompt(name, text, hashlib.sha256(text.encode()).hexdigest()[:12])
