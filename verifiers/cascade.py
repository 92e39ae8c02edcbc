"""Cheap verifiers first: what one abstains from goes on to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from halueval.batches import call_each
from halueval.errors import PluginError
from halueval.plugins import load_verifier
from halueval.protocols import Verifier
from halueval.records import ClaimWithEvidence, Failure, Outcome, Verdict

__all__ = ["ABSTAINS", "CascadeVerifier"]

ABSTAINS = "abstains"  # how the reason of a not-enough-info verdict starts when its verifier doesn't want to decide


class CascadeVerifier:
    """Asks its verifiers in order, each only about what the ones before it left open.

    A stage leaves a claim open when it abstains (a not-enough-info verdict whose reason starts with "abstains") or
    fails. A verdict that isn't an abstention stands, whoever gave it, and its ``verifier`` names the stage:
    "cascade:quantities". Where no stage decides, the claim's first failure is returned if any stage failed (what
    couldn't be checked must not look like a label), else the last abstention.

    Parameters
    ----------
    verifiers : sequence of str or Verifier
        Names of shipped verifiers, or objects with a ``verify`` method.

    Raises
    ------
    PluginError
        No verifiers, an unknown name, or something that isn't a verifier.

    Examples
    --------
    >>> from halueval.records import Claim, ClaimWithEvidence, Evidence, Span
    >>> text = "The usual dose is 500 mg twice a day."
    >>> item = ClaimWithEvidence(Claim("1", "r", text), (Evidence("d", text, Span(0, len(text))),))
    >>> verdict, = CascadeVerifier(("lexical",)).verify([item])
    >>> verdict.label, verdict.verifier
    ('supported', 'cascade:lexical')
    """

    name = "cascade"

    def __init__(self, verifiers: Sequence[str | Verifier] = ("quantities", "halueval-mini")) -> None:
        if isinstance(verifiers, str) or not verifiers:
            raise PluginError(f"a cascade of {verifiers!r}; wanted: a list of verifiers or their names, at least one")
        self._stages = tuple(map(_stage, verifiers))

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """One verdict or failure per item, in order; see the class for who decides."""
        outcomes: list[Outcome | None] = [None] * len(items)
        left = list(range(len(items)))
        for stage in self._stages:
            if not left:
                break
            given = _ask(stage, [items[i] for i in left])
            for i, outcome in zip(left, given, strict=True):
                if not (isinstance(outcomes[i], Failure) and _is_open(outcome)):
                    outcomes[i] = _named(outcome, stage.name)
            left = [i for i, outcome in zip(left, given, strict=True) if _is_open(outcome)]
        return [outcome for outcome in outcomes if outcome is not None]


def _stage(verifier: str | Verifier) -> Verifier:
    found = load_verifier(verifier)
    if not isinstance(found, Verifier):
        raise PluginError(f"{verifier!r} has no method `verify`; a cascade hands its stages batches")
    return found


def _ask(stage: Verifier, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
    """What the stage says; an item that it raises on, or gives no answer to, even alone is a failure."""

    def failed(item: ClaimWithEvidence, message: str) -> Failure:
        return Failure("verification", "plugin_error", f"{stage.name}: {message}", item.claim.id)

    return call_each(stage.verify, items, failed)


def _is_open(outcome: Outcome) -> bool:
    if isinstance(outcome, Failure):
        return True
    return outcome.label == "not_enough_info" and outcome.reason.startswith(ABSTAINS)


def _named(outcome: Outcome, stage: str) -> Outcome:
    return replace(outcome, verifier=f"{CascadeVerifier.name}:{stage}") if isinstance(outcome, Verdict) else outcome
