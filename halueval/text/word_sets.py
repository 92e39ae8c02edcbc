"""Word lists as they are best read: running text."""

from __future__ import annotations

__all__ = ["word_set"]


def word_set(words: str) -> frozenset[str]:
    """The words of a text, parted by white space.

    Raises
    ------
    ValueError
        A quotation mark in it: two literals that were joined by hand, and words that would never match.

    Examples
    --------
    >>> sorted(word_set("fig tab fig"))
    ['fig', 'tab']
    """
    if '"' in words:
        raise ValueError(f"a quotation mark in a list of words: {words[:60]!r}…")
    return frozenset(words.split())
