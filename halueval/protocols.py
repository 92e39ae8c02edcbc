"""The seams: what an extractor, a retriever or a verifier is. Whoever writes one writes one method.

Each takes a batch and answers in order, one result per item. A result is a value or a ``Failure``, never an exception
for one bad item and never None. :mod:`halueval.testing` holds the checks that a plug-in can be run through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from halueval.records import ClaimWithEvidence, Evidence, Extraction, Outcome, Response

__all__ = ["Extractor", "Retriever", "Verifier"]


@runtime_checkable
class Extractor(Protocol):
    """Splits responses into claims."""

    @property
    def name(self) -> str: ...

    def extract(self, responses: Sequence[Response]) -> Sequence[Extraction]:
        """One extraction per response, in order."""
        ...


@runtime_checkable
class Retriever(Protocol):
    """Finds evidence for queries."""

    @property
    def name(self) -> str: ...

    def search(self, queries: Sequence[str], k: int) -> Sequence[Sequence[Evidence]]:
        """At most ``k`` passages per query, best first, in the order of the queries."""
        ...


@runtime_checkable
class Verifier(Protocol):
    """Judges claims by evidence."""

    @property
    def name(self) -> str: ...

    def verify(self, items: Sequence[ClaimWithEvidence]) -> Sequence[Outcome]:
        """One verdict or failure per item, in order."""
        ...
