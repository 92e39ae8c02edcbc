"""Word lists as they are best read: running text."""

from __future__ import annotations

__all__ = ["word_set"]


def word_set(words: str) -> frozenset[str]:
    """The words of a text, parted by white space.

    Examples
    --------
    >>> sorted(word_set("fig tab fig"))
    ['fig', 'tab']
    """
    return frozenset(words.split())
