"""The strict rule: what a model ruled becomes a verdict only as far as its quote stands in the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from halueval.records import Label, Quote
from halueval.verifiers.rulings import Ruling, stated_probabilities

__all__ = ["NO_EVIDENCE", "NO_QUOTE", "NO_STATEMENT", "Settled", "settled"]

NO_QUOTE = "no valid quote"  # how the reason starts of a verdict that strict mode has turned to not enough info
NO_STATEMENT = "not asked: the claim has no words that say anything"
NO_EVIDENCE = "no evidence"


@dataclass(frozen=True, slots=True)
class Settled:
    """What a ruling comes to."""

    label: Label
    probabilities: Mapping[Label, float] | None
    quotes: tuple[Quote, ...]
    reason: str


def settled(
    ruling: Ruling, quotes: tuple[Quote, ...], by_tokens: Mapping[Label, float] | None, *, strict: bool
) -> Settled:
    """A ruling held against what was found of its quote.

    Parameters
    ----------
    ruling : Ruling
        What the model said.
    quotes : tuple of Quote
        Where its quote stands; empty for nowhere.
    by_tokens : mapping, optional
        The labels' probabilities by the reply's tokens; the stated one is used without.
    strict : bool
        Whether supported or refuted without a quote becomes not enough info, without probabilities; else only the
        reason says that the quote is missing.

    Examples
    --------
    >>> settled(Ruling("refuted", "made up", "It says so.", 0.9), (), None, strict=True).reason
    'no valid quote: the judge said refuted, but its quote stands in no passage; its reason: It says so.'
    """
    reason = ruling.reason
    if ruling.label != "not_enough_info" and not quotes:
        problem = "its quote stands in no passage" if ruling.quote.strip() else "it gave none"
        if strict:
            said = f"{NO_QUOTE}: the judge said {ruling.label}, but {problem}; its reason: {reason}"
            return Settled("not_enough_info", None, (), said)
        reason = f"{reason} [the quote: {problem}]"
    probabilities = by_tokens or stated_probabilities(ruling.label, ruling.probability)
    reason = f"{reason} [probability: {'tokens' if by_tokens else 'stated'}]"
    return Settled(ruling.label, probabilities, quotes, reason.strip())
