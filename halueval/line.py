"""The line as a stream: responses → claims → evidence → verdicts, in order, a bounded number in memory.

Extractors and verifiers that compute are given batches; those that wait for a network are coroutines, and many
responses are under way together. What comes out is the same and in the same order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from halueval.batches import acall_each, batches, call_each, numbered_batches
from halueval.chat.loop import together
from halueval.concurrency import each_as_ready, each_in_order
from halueval.contract import broken_extraction, broken_outcome
from halueval.errors import InputError
from halueval.protocols import AsyncExtractor, AsyncVerifier, Extractor, Retriever, Verifier
from halueval.records import (
    Claim,
    ClaimWithEvidence,
    Evidence,
    Extraction,
    Failure,
    Outcome,
    Response,
    Result,
    Verdict,
)
from halueval.retrieving import find_evidence

__all__ = [
    "PASSAGES_PER_CLAIM",
    "checked_batches",
    "evaluate_as_ready",
    "evaluate_results",
    "extract_each",
    "verify_each",
]

PASSAGES_PER_CLAIM = 5
_UNDER_WAY = 256  # responses that are waited for together, at most; the chat session limits the calls
_AHEAD = 16  # times as many outcomes, small as they are, may be ready behind a claim that nobody answers
_PAIRS = 256  # pairs judged at once by a verifier that computes
_Said = tuple[Response, Claim]
_Found = tuple[Evidence, ...] | Failure
_Numbered = tuple[int, Response | Failure]
_Item = ClaimWithEvidence | Outcome  # what is asked about, or an outcome that stands already


def evaluate_results(
    responses: Iterable[Response | Failure],
    *,
    retriever: Retriever | None,
    extractor: Extractor | AsyncExtractor,
    verifier: Verifier | AsyncVerifier,
    k: int = PASSAGES_PER_CLAIM,
    progress: Callable[[Result], None] | None = None,
) -> Iterator[Result]:
    """The line as a stream: one result per response, in order.

    A ``Failure`` among the responses (a record that could not be read) becomes a failed result in its place.

    Raises
    ------
    InputError
        There is no retriever and no response of the first batch brings a context.
    RunStopped
        No other call of a chat model would succeed; what was finished was given before.
    """
    parts = _Parts(extractor, retriever, verifier, k)
    for _, result in _evaluated(enumerate(responses), parts, each_in_order):
        if progress is not None:
            progress(result)
        yield result


def evaluate_as_ready(
    numbered: Iterable[tuple[int, Response | Failure]],
    *,
    retriever: Retriever | None,
    extractor: Extractor | AsyncExtractor,
    verifier: Verifier | AsyncVerifier,
    k: int = PASSAGES_PER_CLAIM,
) -> Iterator[tuple[int, Result]]:
    """The same results with the numbers that their responses came with, as soon as each is ready.

    A response that takes long (an endpoint that stalls) holds up no other. What is raised is the same.
    """
    parts = _Parts(extractor, retriever, verifier, k)
    yield from _evaluated(numbered, parts, each_as_ready)


def extract_each(
    responses: Iterable[Response | Failure], extractor: Extractor | AsyncExtractor
) -> Iterator[Extraction | Failure]:
    """One extraction per response, in order; a ``Failure`` among the responses stays in its place."""
    if _waits(extractor, "aextract"):

        async def extracted(batch: Sequence[Response | Failure]) -> list[Extraction | Failure]:
            return [r if isinstance(r, Failure) else (await _aextracted(extractor, [r]))[0] for r in batch]

        yield from each_in_order(([r] for r in responses), extracted, in_flight=_UNDER_WAY)
        return
    for batch in batches(responses):
        done = iter(_extracted(extractor, [r for r in batch if isinstance(r, Response)]))
        yield from (item if isinstance(item, Failure) else next(done) for item in batch)


def verify_each(items: Iterable[ClaimWithEvidence | Failure], verifier: Verifier | AsyncVerifier) -> Iterator[Outcome]:
    """One outcome per claim, in order; a ``Failure`` among the claims stays in its place.

    Without evidence the verdict is not enough info, by definition, and the verifier is not asked, unless it is one that
    searches itself.
    """
    if _waits(verifier, "averify"):

        async def verified(batch: Sequence[ClaimWithEvidence | Failure]) -> list[Outcome]:
            items = [_settled(item, verifier) for item in batch]
            return _in_place(items, await _averified(verifier, _open(items)))

        yield from each_in_order(_of_one_response(items), verified, in_flight=_UNDER_WAY, ahead=_AHEAD)
        return
    waiting = iter(items)
    while pairs := [_settled(item, verifier) for item in islice(waiting, _PAIRS)]:
        yield from _in_place(pairs, _verified(verifier, _open(pairs)))


@dataclass(frozen=True, slots=True)
class _Parts:
    extractor: Any
    retriever: Retriever | None
    verifier: Any
    k: int


def _evaluated(
    numbered: Iterable[_Numbered], parts: _Parts, each: Callable[..., Iterator[tuple[int, Result]]]
) -> Iterator[tuple[int, Result]]:
    """The results with their numbers; ``each`` says in what order those of parts that wait come."""
    groups = checked_batches(numbered, parts.retriever)
    if not (_waits(parts.extractor, "aextract") or _waits(parts.verifier, "averify")):
        for batch in groups:
            responses = [r for _, r in batch if isinstance(r, Response)]
            extracted = _extracted(parts.extractor, responses)
            claims = _checkworthy(responses, extracted)
            items = _items(claims, find_evidence(claims, parts.retriever, parts.k), parts.verifier)
            outcomes = _in_place(items, _verified(parts.verifier, _open(items)))
            yield from _results(batch, responses, extracted, outcomes)
        return
    if _waits(parts.extractor, "aextract"):  # nothing is gained by waiting for a whole batch
        groups = ([response] for batch in groups for response in batch)
    with ThreadPoolExecutor(1, "halueval-line") as worker:  # one thread: plug-ins need not be thread-safe

        async def computed(function: Callable[..., Any], *arguments: Any) -> Any:
            return await asyncio.get_running_loop().run_in_executor(worker, function, *arguments)

        async def evaluated(batch: Sequence[_Numbered]) -> list[tuple[int, Result]]:
            responses = [r for _, r in batch if isinstance(r, Response)]
            if _waits(parts.extractor, "aextract"):
                extracted = await _aextracted(parts.extractor, responses)
            else:
                extracted = await computed(_extracted, parts.extractor, responses)
            claims = _checkworthy(responses, extracted)
            found = await computed(find_evidence, claims, parts.retriever, parts.k) if claims else []
            items = _items(claims, found, parts.verifier)
            if _waits(parts.verifier, "averify"):
                verified = await _averified(parts.verifier, _open(items))
            else:
                verified = await computed(_verified, parts.verifier, _open(items))
            return _results(batch, responses, extracted, _in_place(items, verified))

        yield from each(groups, evaluated, in_flight=_UNDER_WAY)


def _waits(plugin: object, method: str) -> bool:
    """Whether a plug-in's work is a coroutine: then its plain method, if it has one, is for use outside the line."""
    return callable(getattr(plugin, method, None))


def _extracted(extractor: Any, responses: Sequence[Response]) -> list[Extraction]:
    return call_each(extractor.extract, responses, _extraction_failed, broken_extraction)


async def _aextracted(extractor: Any, responses: Sequence[Response]) -> list[Extraction]:
    async def one(batch: Sequence[Response]) -> list[Extraction]:
        return [await extractor.aextract(response) for response in batch]

    each = (acall_each(one, [response], _extraction_failed, broken_extraction) for response in responses)
    return [extraction for found in await together(each) for extraction in found]


def _verified(verifier: Any, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
    return call_each(verifier.verify, items, _verification_failed, broken_outcome)


async def _averified(verifier: Any, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
    by_response = [list(group) for _, group in groupby(items, key=lambda item: item.claim.response_id)]
    each = (acall_each(verifier.averify, group, _verification_failed, broken_outcome) for group in by_response)
    return [outcome for found in await together(each) for outcome in found]


def _extraction_failed(response: Response, message: str) -> Extraction:
    return Extraction(response.id, failure=Failure("extraction", "plugin_error", message, response.id))


def _verification_failed(item: ClaimWithEvidence, message: str) -> Failure:
    return Failure("verification", "plugin_error", message, item.claim.id)


def _checkworthy(responses: Sequence[Response], extracted: Sequence[Extraction]) -> list[_Said]:
    return [
        (response, claim)
        for response, extraction in zip(responses, extracted, strict=True)
        for claim in extraction.claims
        if claim.checkworthy
    ]


def _items(claims: Sequence[_Said], found: Sequence[_Found], verifier: Any) -> list[_Item]:
    return [
        passages
        if isinstance(passages, Failure)
        else _settled(ClaimWithEvidence(claim, passages), verifier, may_search=not response.context)
        for (response, claim), passages in zip(claims, found, strict=True)
    ]


def _settled(item: ClaimWithEvidence | Failure, verifier: Any, *, may_search: bool = True) -> _Item:
    """The item, or its outcome where that stands already: without evidence it is not enough info, by definition.

    A verifier that searches is asked all the same, but for a claim that must be judged by its response's own context.
    """
    if isinstance(item, Failure) or item.evidence or (may_search and getattr(verifier, "searches", False)):
        return item
    return Verdict(item.claim.id, "not_enough_info", reason="no evidence found", verifier=verifier.name)


def _open(items: Sequence[_Item]) -> list[ClaimWithEvidence]:
    return [item for item in items if isinstance(item, ClaimWithEvidence)]


def _in_place(items: Sequence[_Item], verified: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes of those asked about, put between the others'."""
    asked = iter(verified)
    return [next(asked) if isinstance(item, ClaimWithEvidence) else item for item in items]


def _results(
    batch: Sequence[_Numbered],
    responses: Sequence[Response],
    extracted: Sequence[Extraction],
    outcomes: Iterable[Outcome],
) -> list[tuple[int, Result]]:
    rest = iter(outcomes)
    made = iter(
        Result(response, extraction, tuple(islice(rest, sum(c.checkworthy for c in extraction.claims))))
        for response, extraction in zip(responses, extracted, strict=True)
    )
    return [(number, next(made) if isinstance(r, Response) else _unreadable(r)) for number, r in batch]


def _unreadable(failure: Failure) -> Result:
    return Result(Response(failure.item_id, ""), Extraction(failure.item_id, failure=failure))


def checked_batches(
    numbered: Iterable[tuple[int, Response | Failure]], retriever: Retriever | None
) -> Iterator[list[tuple[int, Response | Failure]]]:
    """Batches of responses, once the first has shown that there is something to check the answers against.

    Raises
    ------
    InputError
        There is no retriever and no response of the first batch brings a context.

    Examples
    --------
    >>> [len(batch) for batch in checked_batches([(0, Response("a", "Yes.", context=("Yes.",)))], None)]
    [1]
    """
    for i, batch in enumerate(numbered_batches(numbered)):
        responses = [r for _, r in batch if isinstance(r, Response)]
        if i == 0 and retriever is None and responses and not any(r.context for r in responses):
            raise InputError(
                "nothing to check the answers against",
                wanted="evidence, or a context of its own with each answer",
                todo="pass evidence=CORPUS (on the command line: --evidence CORPUS): "
                "a JSONL file, or a folder that `halueval index build` made",
            )
        yield batch


def _of_one_response(items: Iterable[ClaimWithEvidence | Failure]) -> Iterator[list[ClaimWithEvidence | Failure]]:
    """Neighbours that are claims of one response; others alone."""
    for _, group in groupby(items, key=lambda i: (i.claim.response_id if not isinstance(i, Failure) else "") or id(i)):
        yield list(group)
