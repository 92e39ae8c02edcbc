"""What a verifier that searches has asked and found: every passage once, every query with its hits and its round."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from halueval.batches import call_each
from halueval.contract import broken_hits
from halueval.protocols import Retriever
from halueval.records import Evidence, Failure, Search, Span

__all__ = ["LONGEST_QUERY", "Library", "Trail", "clean_query"]

LONGEST_QUERY = 300  # characters; the rest of a longer one is not asked


def clean_query(text: str) -> str:
    """A query as it is asked: one line of characters that can be seen, cut between words where it is long.

    It goes to the retriever as text and to nothing else.

    Examples
    --------
    >>> clean_query("  warfarin\\x00 and\\nspinach ")
    'warfarin and spinach'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) <= LONGEST_QUERY:
        return line
    return line[: LONGEST_QUERY + 1].rpartition(" ")[0] or line[:LONGEST_QUERY]


@dataclass(slots=True)
class Trail:
    """The passages considered so far, in the order they came, and the searches that found them.

    A passage is the characters ``span`` of the document ``doc_id``: one that is found again keeps its place.

    Examples
    --------
    >>> trail = Trail((Evidence("a", "Spinach.", Span(0, 8)),))
    >>> trail.add("kale", [Evidence("b", "Kale.", Span(0, 5)), Evidence("a", "Spinach.", Span(0, 8))], 1)
    >>> trail.searches
    [Search(query='kale', hits=(1, 0), round=1)]
    """

    given: tuple[Evidence, ...] = ()
    evidence: list[Evidence] = field(init=False, default_factory=list)
    searches: list[Search] = field(init=False, default_factory=list)
    _places: dict[tuple[str, Span], int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for passage in self.given:
            self._place(passage)

    def add(self, query: str, hits: Sequence[Evidence], round: int) -> None:
        """Note what a query found, best first."""
        places = dict.fromkeys(self._place(hit) for hit in hits)
        self.searches.append(Search(query, tuple(places), round))

    @property
    def last_round(self) -> list[Search]:
        """The searches of the last round there was."""
        return [search for search in self.searches if search.round == self.searches[-1].round]

    def _place(self, passage: Evidence) -> int:
        place = self._places.setdefault((passage.doc_id, passage.span), len(self.evidence))
        if place == len(self.evidence):
            self.evidence.append(passage)
        return place


class Library:
    """A retriever as a verifier asks it: one search at a time, its faults failures of stage "retrieval".

    Parameters
    ----------
    retriever : Retriever
        Need not be thread-safe.
    k : int
        Passages per query, at most.
    """

    def __init__(self, retriever: Retriever, k: int) -> None:
        self._retriever, self._k = retriever, k
        self._one_at_a_time = threading.Lock()

    def find(
        self, queries: Sequence[str], known: Mapping[str, tuple[Evidence, ...]], item_id: str
    ) -> dict[str, tuple[Evidence, ...]] | Failure:
        """The hits of each query; of one that is ``known``, to the letter, those that it had.

        Blocks: not for an event loop.

        Raises
        ------
        IndexCorruptError
            The index is damaged: no other search would work.
        """
        fresh = [query for query in dict.fromkeys(queries) if query not in known]
        with self._one_at_a_time:
            found = call_each(
                lambda batch: self._retriever.search(batch, self._k),
                fresh,
                lambda query, message: Failure("retrieval", "plugin_error", self._fault(query, message), item_id),
                lambda query, hits: broken_hits(query, hits, self._k),
            )
        if failed := next((hits for hits in found if isinstance(hits, Failure)), None):
            return failed
        asked = {query: tuple(hits) for query, hits in zip(fresh, found, strict=True)}
        return {query: asked[query] if query in asked else known[query] for query in queries}

    def _fault(self, query: str, message: str) -> str:
        name = getattr(self._retriever, "name", type(self._retriever).__name__)
        return f"{name}: searching for {query[:80]!r}: {message}"
