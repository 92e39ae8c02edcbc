"""Where replies and finds are kept while a run lasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halueval.chat import ChatSession
    from halueval.runs.cached_retriever import CachedRetriever

__all__ = ["keeping"]


@contextmanager
def keeping(askers: Sequence[ChatSession | CachedRetriever], path: str | PathLike[str] | None) -> Iterator[None]:
    """Those who keep nowhere what they are told keep it in the cache at ``path`` meanwhile; nothing without a path.

    Examples
    --------
    >>> with keeping([], None):
    ...     pass
    """
    those = [asker for asker in askers if asker.cache is None]
    if path is None or not those:
        yield
        return
    from halueval.runs.cache import CallCache

    with CallCache(path) as store:
        for asker in those:
            asker.cache = store
        try:
            yield
        finally:
            for asker in those:
                asker.cache = None
