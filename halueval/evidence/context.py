"""The passages that a response brings itself, and the best of them for a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from halueval.evidence.bm25 import idf, index_words
from halueval.evidence.corpus import Document
from halueval.evidence.passages import PASSAGE_WORDS, passage_spans
from halueval.evidence.storage import snapshot_of
from halueval.records import Evidence

__all__ = ["ContextRetriever", "best_passages", "context_evidence"]

_K1, _B = 1.2, 0.75  # as in tantivy


def context_evidence(
    context: Sequence[str], response_id: str, *, passage_words: int = PASSAGE_WORDS
) -> tuple[Evidence, ...]:
    """A response's own passages as evidence; long ones are cut as documents are.

    Parameters
    ----------
    context : sequence of str
        The passages; empty ones give nothing.
    response_id : str
        The response's id.
    passage_words : int
        Words per passage to aim at.

    Returns
    -------
    tuple of Evidence
        In order. ``doc_id`` is ``"{response_id}#context-{i}"`` with the place ``i`` in ``context``, counted from 0,
        so that ``context[i][span.start:span.end] == text``; ``snapshot`` is made from all of ``context``.

    Examples
    --------
    >>> [evidence] = context_evidence(["Take it with food."], "answer-1")
    >>> evidence.doc_id, evidence.text
    ('answer-1#context-0', 'Take it with food.')
    """
    documents = [Document(f"{response_id}#context-{i}", text) for i, text in enumerate(context)]
    snapshot = snapshot_of(document.digest() for document in documents)
    return tuple(
        Evidence(document.doc_id, document.text[span.start : span.end], span, snapshot=snapshot)
        for document in documents
        for span in passage_spans(document.text, passage_words)
    )


class ContextRetriever:
    """Ranks a few passages held in memory by BM25 among themselves; a :class:`~halueval.protocols.Retriever`.

    Parameters
    ----------
    passages : sequence of Evidence
        What to choose from, such as :func:`context_evidence` gives.

    Examples
    --------
    >>> passages = context_evidence(["Take it with food.", "Store below 25 degrees."], "answer-1")
    >>> [hit.text for hit in ContextRetriever(passages).search(["It is stored below 25 degrees."], 1)[0]]
    ['Store below 25 degrees.']
    """

    name = "context"

    def __init__(self, passages: Sequence[Evidence]) -> None:
        self._passages = tuple(passages)
        self._bags = [_bag(f"{passage.title} {passage.text}") for passage in self._passages]
        self._lengths = [bag.total() for bag in self._bags]
        self._mean = sum(self._lengths) / len(self._lengths) if any(self._lengths) else 1.0
        self._frequency = Counter(word for bag in self._bags for word in bag)

    def search(self, queries: Sequence[str], k: int) -> list[list[Evidence]]:
        """At most ``k`` passages per query that share a word with it, best first; equal scores keep their order."""
        if k < 1:
            raise ValueError(f"k: found {k}; wanted: 1 or more")
        return [self._search(query, k) for query in queries]

    def _search(self, query: str, k: int) -> list[Evidence]:
        words = {
            word: idf(len(self._passages), self._frequency[word])
            for word in index_words(query)
            if word in self._frequency
        }
        scored = []
        for number, (bag, length) in enumerate(zip(self._bags, self._lengths, strict=True)):
            damping = _K1 * (1 - _B + _B * length / self._mean)
            score = sum(
                weight * bag[word] * (_K1 + 1) / (bag[word] + damping) for word, weight in words.items() if word in bag
            )
            if score > 0:
                scored.append((-score, number))
        best = sorted(scored)[:k]
        return [replace(self._passages[n], score=-score, rank=rank) for rank, (score, n) in enumerate(best, start=1)]


def best_passages(claim_text: str, passages: Sequence[Evidence], k: int) -> tuple[Evidence, ...]:
    """The ``k`` passages that say most of what a claim says; none that shares no word with it.

    Examples
    --------
    >>> passages = context_evidence(["Take it with food.", "Store below 25 degrees."], "answer-1")
    >>> [hit.doc_id for hit in best_passages("It is taken with food.", passages, 1)]
    ['answer-1#context-0']
    """
    return tuple(ContextRetriever(passages).search([claim_text], k)[0])


@lru_cache(maxsize=2048)  # the claims of a response are asked of the same passages
def _bag(text: str) -> Counter[str]:
    return Counter(index_words(text))
