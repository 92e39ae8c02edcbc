"""The passages a response brings, and the best of them for a claim."""

from __future__ import annotations

import pytest

from halueval.evidence import ContextRetriever, best_passages, context_evidence
from halueval.protocols import Retriever

CONTEXT = [
    "Ibuprofen is taken with food.",
    "",
    "Warfarin is monitored by the INR. " * 40,
    "Keep all medicines out of the reach of children.",
]


def test_each_passage_can_be_found_in_the_context() -> None:
    passages = context_evidence(CONTEXT, "r1")
    assert len(passages) > len(CONTEXT)  # the long one was cut
    for passage in passages:
        response_id, _, place = passage.doc_id.partition("#context-")
        assert response_id == "r1"
        assert CONTEXT[int(place)][passage.span.start : passage.span.end] == passage.text
    assert {passage.doc_id for passage in passages} == {"r1#context-0", "r1#context-2", "r1#context-3"}


def test_the_snapshot_changes_with_the_context_and_with_nothing_else() -> None:
    [first, *_], [again, *_] = context_evidence(CONTEXT, "r1"), context_evidence(CONTEXT, "r1")
    [other, *_] = context_evidence(CONTEXT[:3], "r1")
    assert first.snapshot == again.snapshot != other.snapshot


@pytest.mark.parametrize("context", [[], [""], [" \n"]])
def test_an_empty_context_has_no_evidence(context: list[str]) -> None:
    assert context_evidence(context, "r1") == ()
    assert best_passages("Take it with food.", (), 3) == ()


@pytest.mark.parametrize(
    ("claim", "best"),
    [("Ibuprofen should be taken with foods", 0), ("Out of reach of a child", 3), ("The INR monitors warfarin", 2)],
)
def test_the_best_passage_for_a_claim_comes_first(claim: str, best: int) -> None:
    hits = best_passages(claim, context_evidence(CONTEXT, "r1"), 3)
    assert hits[0].doc_id == f"r1#context-{best}"
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    scores = [hit.score for hit in hits if hit.score is not None]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("claim", ["", "?", "Unrelated", "\ud800"])
def test_passages_that_share_no_word_are_not_found(claim: str) -> None:
    assert best_passages(claim, context_evidence(CONTEXT, "r1"), 5) == ()


def test_no_more_than_k_and_equal_ones_in_order() -> None:
    passages = context_evidence(["Take with food."] * 5, "r1")
    assert [hit.doc_id for hit in best_passages("food", passages, 3)] == [f"r1#context-{i}" for i in range(3)]
    with pytest.raises(ValueError, match="wanted: 1 or more"):
        best_passages("food", passages, 0)


def test_it_is_a_retriever() -> None:
    retriever = ContextRetriever(context_evidence(CONTEXT, "r1"))
    assert isinstance(retriever, Retriever)
    assert [len(hits) for hits in retriever.search(["ibuprofen", ""], 5)] == [1, 0]
