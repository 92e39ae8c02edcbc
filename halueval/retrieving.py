"""The passages that each claim is judged by: of its response's own context, or found by the retriever."""

from __future__ import annotations

from collections.abc import Sequence

from halueval.batches import call_each
from halueval.contract import broken_hits
from halueval.protocols import Retriever
from halueval.records import Claim, Evidence, Failure, Response

__all__ = ["find_evidence"]


def find_evidence(
    claims: Sequence[tuple[Response, Claim]], retriever: Retriever | None, k: int
) -> list[tuple[Evidence, ...] | Failure]:
    """The passages for each claim: the best of its response's own context where it has one, else the retriever's."""
    from halueval.evidence import best_passages, context_evidence

    own: dict[str, tuple[Evidence, ...]] = {}
    for response, _ in claims:
        if response.context and response.id not in own:
            own[response.id] = context_evidence(response.context, response.id)
    asked = [] if retriever is None else [claim for response, claim in claims if not response.context]

    def search(batch: Sequence[Claim]) -> Sequence[Sequence[Evidence]]:
        assert retriever is not None
        return retriever.search([claim.text for claim in batch], k)

    retrieved = iter(
        call_each(
            search,
            asked,
            lambda claim, message: Failure("retrieval", "plugin_error", message, claim.id),
            lambda claim, hits: broken_hits(claim.text, hits, k),
        )
    )
    found: list[tuple[Evidence, ...] | Failure] = []
    for response, claim in claims:
        if response.context:
            found.append(tuple(best_passages(claim.text, own[response.id], k)))
        elif retriever is None:
            found.append(())
        else:
            hits = next(retrieved)
            found.append(hits if isinstance(hits, Failure) else tuple(hits))
    return found
