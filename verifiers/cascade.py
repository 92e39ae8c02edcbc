"""Cheap verifiers first: what one abstains from goes on to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from halueval.errors import PluginError
from halueval.protocols import Verifier
from halueval.records import ClaimWithEvidence, Failure, Outcome, Verdict

__all__ = ["ABSTAINS", "CascadeVerifier", "verifier_named"]

ABSTAINS = "abstains"  # how the reason of a not-enough-info verdict starts when its verifier doesn't want to decide

_OURS = {
    "quantities": "halueval.verifiers.quantities:QuantitiesVerifier",
    "lexical": "halueval.verifiers.lexical:LexicalVerifier",
    "cascade": "halueval.verifiers.cascade:CascadeVerifier",
}


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

    def __init__(self, verifiers: Sequence[str | Verifier] = ("quantities", "lexical")) -> None:
        if isinstance(verifiers, str) or not verifiers:
            raise PluginError(f"a cascade of {verifiers!r}; wanted: a list of verifiers or their names, at least one")
        self._stages: tuple[Verifier, ...] = tuple(verifier_named(v) if isinstance(v, str) else v for v in verifiers)
        for stage in self._stages:
            if not isinstance(stage, Verifier):
                raise PluginError(f"{stage!r} isn't a verifier: it has no name or no verify method")

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


def verifier_named(name: str) -> Verifier:
    """A shipped verifier by its name, made with its defaults.

    Raises
    ------
    PluginError
        No shipped verifier has that name.

    Examples
    --------
    >>> verifier_named("lexical").name
    'lexical'
    """
    if name not in _OURS:
        raise PluginError(f"no verifier is named {name!r}; there are: {', '.join(_OURS)}")
    module, _, attribute = _OURS[name].partition(":")
    made: Any = getattr(import_module(module), attribute)()
    verifier: Verifier = made
    return verifier


def _ask(stage: Verifier, items: list[ClaimWithEvidence]) -> Sequence[Outcome]:
    """What the stage says; a stage that raises or miscounts fails for every item it was asked about."""
    try:
        given = list(stage.verify(items))
    except Exception as error:
        given, problem = [], f"{stage.name} raised {type(error).__name__}: {error}"
    else:
        problem = f"{stage.name} gave {len(given)} results for {len(items)} items"
    if len(given) == len(items):
        return given
    return [Failure("verification", "plugin_error", problem, item.claim.id) for item in items]


def _is_open(outcome: Outcome) -> bool:
    if isinstance(outcome, Failure):
        return True
    return outcome.label == "not_enough_info" and outcome.reason.startswith(ABSTAINS)


def _named(outcome: Outcome, stage: str) -> Outcome:
    return replace(outcome, verifier=f"{CascadeVerifier.name}:{stage}") if isinstance(outcome, Verdict) else outcome
