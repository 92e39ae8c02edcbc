"""A retriever whose finds are kept in a cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from halueval.errors import InputError
from halueval.protocols import Retriever
from halueval.records import Evidence
from halueval.runs.cache import CallCache, passages_key

__all__ = ["CachedRetriever"]

_PLAIN = (str, int, float, bool, type(None))


class CachedRetriever:
    """Searches only for what the cache hasn't got.

    What is found depends on the retriever's ``name``, its ``snapshot``, and its other attributes that are texts,
    numbers or None (of an :class:`~halueval.evidence.Index`: ``min_coverage``): all of them are in the key. A retriever
    that depends on anything else must say so in one of these.

    Parameters
    ----------
    retriever : Retriever
        With a ``snapshot`` that identifies what it searches.
    cache : CallCache

    Raises
    ------
    InputError
        The retriever has no snapshot: what it finds today may not be what it found when it was kept.

    Examples
    --------
    >>> import tempfile
    >>> from halueval.evidence import index_documents
    >>> index = index_documents([{"doc_id": "a", "text": "Ibuprofen is taken with food."}])
    >>> folder = tempfile.TemporaryDirectory()
    >>> with CallCache(f"{folder.name}/calls.sqlite") as cache:
    ...     cached = CachedRetriever(index, cache)
    ...     cached.search(["ibuprofen"], 5) == cached.search(["ibuprofen"], 5), cache.stats().passages
    (True, 1)
    >>> folder.cleanup()
    """

    def __init__(self, retriever: Retriever, cache: CallCache) -> None:
        snapshot = getattr(retriever, "snapshot", "")
        if not (isinstance(snapshot, str) and snapshot):
            raise InputError(
                f"the retriever {retriever.name!r} has no snapshot", wanted="a text that identifies what it searches"
            )
        self.name, self.snapshot = retriever.name, snapshot
        self._retriever, self._cache = retriever, cache

    def search(self, queries: Sequence[str], k: int) -> Sequence[Sequence[Evidence]]:
        """As the retriever's own, with each query on its own; what is new is on the disk when it returns."""
        settings: dict[str, Any] = {
            name: value for name, value in vars(self._retriever).items() if isinstance(value, _PLAIN)
        }
        keys = [
            passages_key(query, k, retriever=self.name, snapshot=self.snapshot, settings=settings) for query in queries
        ]
        found: dict[str, Sequence[Evidence]] = {}
        new: dict[str, str] = {}
        for key, query in zip(keys, queries, strict=True):
            if key not in found and key not in new:
                kept = self._cache.passages(key)
                if kept is None:
                    new[key] = query
                else:
                    found[key] = kept
        if new:
            searched = zip(new, self._retriever.search(list(new.values()), k), strict=True)
            found.update({key: tuple(passages) for key, passages in searched})
            kept_now = [self._cache.keep_passages(key, found[key], retriever=self.name) for key in new]
            for done in kept_now:
                done.result()
        return [found[key] for key in keys]
