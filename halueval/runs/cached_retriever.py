"""A retriever whose finds are kept in a cache."""

from __future__ import annotations

from collections.abc import Sequence

from halueval.contract import broken_hits
from halueval.errors import InputError, PluginError
from halueval.protocols import Retriever
from halueval.records import Evidence
from halueval.runs.asked import part_settings
from halueval.runs.cache import CallCache, passages_key
from halueval.runs.damage import or_stop

__all__ = ["CachedRetriever", "with_cache"]


class CachedRetriever:
    """Searches only for what the cache hasn't got.

    The key of what is found has the query, the number of passages, and of the retriever its name, its ``snapshot`` and
    what its constructor took, as far as it still says it under that name
    (:func:`halueval.runs.asked.part_settings`). A retriever that depends on anything else must say so in its snapshot.

    Parameters
    ----------
    retriever : Retriever
        With a ``snapshot`` that identifies what it searches.
    cache : CallCache, optional
        May also be set later, as an attribute; without one the retriever is asked.

    Raises
    ------
    InputError
        The retriever has no snapshot: what it finds today may not be what it found when it was kept.
    RunStopped
        When it searches: the cache can't be read or written.

    Examples
    --------
    >>> import tempfile
    >>> from halueval.evidence import index_documents
    >>> index = index_documents([{"doc_id": "a", "text": "Ibuprofen is taken with food."}])
    >>> folder = tempfile.TemporaryDirectory()
    >>> with CallCache(f"{folder.name}/calls.sqlite") as cache:
    ...     cached = CachedRetriever(index, cache)
    ...     first, again = cached.search(["ibuprofen"], 5), cached.search(["ibuprofen"], 5)
    ...     list(first[0]) == list(again[0]), cache.stats().passages
    (True, 1)
    >>> folder.cleanup()
    """

    def __init__(self, retriever: Retriever, cache: CallCache | None = None) -> None:
        if not _says_what_it_searches(retriever):
            raise InputError(
                f"the retriever {retriever.name!r} has no snapshot", wanted="a text that identifies what it searches"
            )
        self.name, self.snapshot, self.cache = retriever.name, retriever.snapshot, cache  # type: ignore[attr-defined]
        self._retriever, self._settings = retriever, part_settings(retriever)

    def search(self, queries: Sequence[str], k: int) -> Sequence[Sequence[Evidence]]:
        """As the retriever's own, with each query on its own; what is new is on the disk when it returns."""
        if (cache := self.cache) is None:
            return self._retriever.search(queries, k)
        keys = {query: self._key(query, k) for query in queries}
        kept = {query: or_stop(lambda key=key: cache.passages(key)) for query, key in keys.items()}  # type: ignore[misc]
        found: dict[str, Sequence[Evidence]] = {query: hits for query, hits in kept.items() if hits is not None}
        if new := [query for query in keys if query not in found]:
            hits = list(self._retriever.search(new, k))
            if len(hits) != len(new):
                raise PluginError(f"{self.name}: {len(new)} queries were given, {len(hits)} results came back")
            found |= zip(new, hits, strict=True)
            # what breaks the contract is for whoever asked to find; it is never kept
            sound = [query for query in new if not broken_hits(query, found[query], k)]
            waiting = [cache.keep_passages(keys[query], found[query], retriever=self.name) for query in sound]
            for written in waiting:
                or_stop(written.result)
        return [found[query] for query in queries]

    def _key(self, query: str, k: int) -> str:
        return passages_key(query, k, retriever=self.name, snapshot=self.snapshot, settings=self._settings)


def with_cache(retriever: Retriever | None) -> Retriever | CachedRetriever | None:
    """The retriever with room for a cache before it, where that is of use.

    One without a ``snapshot`` doesn't say what it searched, so nothing of it is kept. An index of our own is searched:
    that costs nothing but some milliseconds, and is the same every time.

    Examples
    --------
    >>> from halueval.testing import FixedRetriever
    >>> retriever = FixedRetriever({"a": "aspirin thins blood"})
    >>> with_cache(retriever) is retriever
    True
    >>> retriever.snapshot = "2026-05-01"
    >>> with_cache(retriever).snapshot
    '2026-05-01'
    """
    from halueval.evidence import Index

    if retriever is None or isinstance(retriever, Index | CachedRetriever) or not _says_what_it_searches(retriever):
        return retriever
    return CachedRetriever(retriever)


def _says_what_it_searches(retriever: Retriever) -> bool:
    snapshot = getattr(retriever, "snapshot", "")
    return isinstance(snapshot, str) and bool(snapshot)
