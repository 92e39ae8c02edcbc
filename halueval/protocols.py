"""The seams: what an extractor, a retriever, a verifier or a chat model is. Whoever writes one writes one method.

Work bound by the processor is a plain method on a batch; work bound by a network is a coroutine on what belongs to one
response: the response itself, or its claims. Either answers in order, one result per item. A result is a value or a
``Failure``, never an exception for one bad item and never None. :mod:`halueval.testing` holds the checks that a plug-in
can be run through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, runtime_checkable

from halueval.records import ChatReply, ChatRequest, ClaimWithEvidence, Evidence, Extraction, Outcome, Response

__all__ = ["AsyncExtractor", "AsyncVerifier", "ChatModel", "Extractor", "ReplyStore", "Retriever", "Verifier"]


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


@runtime_checkable
class AsyncExtractor(Protocol):
    """Splits responses into claims, waiting for a network; many are under way together."""

    @property
    def name(self) -> str: ...

    async def aextract(self, response: Response) -> Extraction:
        """The extraction of one response."""
        ...


@runtime_checkable
class AsyncVerifier(Protocol):
    """Judges claims by evidence, waiting for a network; many responses are under way together."""

    @property
    def name(self) -> str: ...

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> Sequence[Outcome]:
        """One verdict or failure per item, in order; the items are claims of one response."""
        ...


@runtime_checkable
class ChatModel(Protocol):
    """Answers one request. Retries, deadlines, limits and accounting are :class:`halueval.chat.ChatSession`'s."""

    @property
    def name(self) -> str: ...

    async def chat(self, request: ChatRequest) -> ChatReply:
        """The reply to one request, tried once.

        Raises
        ------
        halueval.errors.ChatError
            What went wrong, and whether asking again may help.
        """
        ...


@runtime_checkable
class ReplyStore(Protocol):
    """Keeps replies of chat models by what was asked; :class:`halueval.runs.cache.CallCache` is one.

    All methods are called from one thread, on an event loop: none of them may wait for long.
    """

    def key(self, request: ChatRequest, *, model: str, endpoint: str, options: Mapping[str, Any], repeat: int) -> str:
        """What a reply is found by: everything that was asked, of whom, and which of several times it is.

        Raises
        ------
        TypeError, ValueError
            The request holds what JSON can't.
        """
        ...

    def reply(self, key: str) -> ChatReply | None:
        """The reply that is kept, exactly as it was; None where there is none, or it is damaged."""
        ...

    def keep(self, key: str, reply: ChatReply, *, model: str, stage: str) -> Future[None]:
        """Keep a reply; done when it is durable."""
        ...
