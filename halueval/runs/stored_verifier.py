"""A verifier that asks a store of verified claims first, and keeps there what it had to find out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from os import PathLike
from typing import TYPE_CHECKING, Any

from halueval.protocols import AsyncVerifier, Verifier
from halueval.records import ClaimWithEvidence, Outcome, Verdict
from halueval.runs.claim_scope import Scope, scope_of, verifier_settings
from halueval.runs.damage import or_stop, warn
from halueval.runs.verified_claims import VerifiedClaim, VerifiedClaims, written
from halueval.verifiers.cascade import ABSTAINS

if TYPE_CHECKING:
    from halueval.runs.journal import Journal

__all__ = ["StoredVerifier", "reusing"]

_BEGAN = "verified claims before"  # what the journal's note is called


class StoredVerifier:
    """Answers from the store where it can, and asks the verifier about the rest.

    A verdict serves again for the very same claim, passages, verifier and settings. With ``near`` it also serves for a
    claim of which :mod:`halueval.runs.claim_guard` finds nothing that differs, if the passages of both are from one
    state of one corpus, and if it was decided. What is reused says so: in ``verifier`` and, with the date and
    for a near one with the claim, in ``reason``. Its evidence, its quotes and its cost are those of the kept verdict.

    It has ``verify``, ``averify`` or both, as the verifier has. Failures and abstentions are never kept, nor is a
    verdict without evidence.

    Parameters
    ----------
    verifier : Verifier or AsyncVerifier
    store : VerifiedClaims
        Stays open.
    near : bool
        Whether a verdict on another wording may serve.
    before : datetime, optional
        Only what was kept earlier is reused. With the start of a run its report doesn't depend on which of two like
        claims was verified first.
    settings : str, optional
        What tells this verifier from another of its name; found out from what it holds by default, see
        :func:`halueval.runs.claim_scope.verifier_settings`.

    Raises
    ------
    RunStopped
        When asked: the store can't be read or written.

    Examples
    --------
    >>> import os, tempfile
    >>> from halueval.records import Claim, Evidence, Span
    >>> from halueval.testing import FixedVerifier
    >>> folder = tempfile.TemporaryDirectory()
    >>> item = ClaimWithEvidence(Claim("1", "r", "Aspirin thins blood."), (Evidence("d", "It thins.", Span(0, 9)),))
    >>> with VerifiedClaims(os.path.join(folder.name, "claims.sqlite")) as store:
    ...     verifier = StoredVerifier(FixedVerifier({"Aspirin thins blood.": "supported"}), store)
    ...     [first] = verifier.verify([item])
    ...     [again] = verifier.verify([item])
    >>> first.verifier, again.label, again.verifier
    ('fixed', 'supported', 'fixed (kept)')
    >>> folder.cleanup()
    """

    def __init__(
        self,
        verifier: Verifier | AsyncVerifier,
        store: VerifiedClaims,
        near: bool = False,
        *,
        before: datetime | None = None,
        settings: str | None = None,
    ) -> None:
        self.verifier, self.store, self.is_near, self.before = verifier, store, near, before
        self.name = verifier.name
        self.searches = bool(getattr(verifier, "searches", False))
        self.settings = verifier_settings(verifier) if settings is None else settings

    @property
    def verify(self) -> Callable[[Sequence[ClaimWithEvidence]], list[Outcome]]:
        """One verdict or failure per item, in order; only where the verifier has such a method."""
        ask: Callable[[Sequence[ClaimWithEvidence]], Sequence[Outcome]] = self.verifier.verify  # type: ignore[union-attr]

        def verify(items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
            found = self._found(items)
            asked = [item for item, kept in zip(items, found, strict=True) if kept is None]
            outcomes = list(ask(asked)) if asked else []
            for future in self._kept(asked, outcomes):
                or_stop(future.result)
            return _in_place(found, outcomes)

        return verify

    @property
    def averify(self) -> Callable[[Sequence[ClaimWithEvidence]], Awaitable[list[Outcome]]]:
        """The same as a coroutine, for claims of one response; only where the verifier has such a method."""
        ask: Any = self.verifier.averify  # type: ignore[union-attr]

        async def averify(items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
            found = await asyncio.to_thread(self._found, items)
            asked = [item for item, kept in zip(items, found, strict=True) if kept is None]
            outcomes = list(await ask(asked)) if asked else []
            for future in self._kept(asked, outcomes):
                await asyncio.to_thread(or_stop, future.result)
            return _in_place(found, outcomes)

        return averify

    def _found(self, items: Sequence[ClaimWithEvidence]) -> list[Verdict | None]:
        return [or_stop(lambda item=item: self._reused(item)) for item in items]  # type: ignore[misc]

    def _reused(self, item: ClaimWithEvidence) -> Verdict | None:
        scope = self._scope(item)
        kept = self.store.same(item.claim.text, scope, before=self.before)
        if kept is None and self.is_near:
            kept = self.store.near(item.claim.text, scope, before=self.before)
        return None if kept is None else _said_again(kept, item)

    def _kept(self, items: Sequence[ClaimWithEvidence], outcomes: Sequence[Outcome]) -> list[Future[None]]:
        if len(items) != len(outcomes):  # the line finds out and says so
            return []
        pairs = zip(items, outcomes, strict=True)
        return [
            or_stop(lambda item=item, verdict=outcome: self.store.keep(item.claim.text, verdict, self._scope(item)))  # type: ignore[misc]
            for item, outcome in pairs
            if isinstance(outcome, Verdict) and _worth_keeping(outcome, item)
        ]

    def _scope(self, item: ClaimWithEvidence) -> Scope:
        return scope_of(item, self.name, self.settings)


@contextmanager
def reusing(
    verifier: Verifier | AsyncVerifier, path: str | PathLike[str] | None, near: bool, journal: Journal | None = None
) -> Iterator[Verifier | AsyncVerifier]:
    """The verifier with a store of verified claims before it, open meanwhile; the verifier itself without a path.

    Only what was kept before the run began is reused, also when the run is gone on with: its journal says when that
    was. So the results don't depend on the order that claims were verified in.
    """
    if path is None:
        yield verifier
        return
    began = written(datetime.now(UTC))
    if journal is not None and (noted := journal.noted(_BEGAN)) is not None:
        began = noted
    elif journal is not None:
        journal.note(_BEGAN, began).result()
    with VerifiedClaims(path) as store:
        try:
            yield StoredVerifier(verifier, store, near, before=datetime.fromisoformat(began))
        finally:
            warn(store.set_aside())


def _worth_keeping(verdict: Verdict, item: ClaimWithEvidence) -> bool:
    abstained = verdict.label == "not_enough_info" and verdict.reason.startswith(ABSTAINS)
    return bool(verdict.evidence) and not abstained and verdict.claim_id == item.claim.id


def _said_again(kept: VerifiedClaim, item: ClaimWithEvidence) -> Verdict:
    on = "this claim" if kept.claim == item.claim.text else f"the claim {kept.claim!r}"
    reason = f"kept verdict of {kept.date[:10]} on {on} [{kept.id}]: {kept.verdict.reason}".rstrip(": ")
    return replace(
        kept.verdict,
        claim_id=item.claim.id,
        reason=reason,
        verifier=f"{kept.verdict.verifier or kept.scope.verifier} (kept)",
    )


def _in_place(found: Sequence[Verdict | None], outcomes: Sequence[Outcome]) -> list[Outcome]:
    rest = iter(outcomes)
    out = [kept if kept is not None else next(rest, None) for kept in found]
    return [outcome for outcome in out if outcome is not None] + list(rest)
