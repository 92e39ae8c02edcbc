"""How the verdicts of several documents on one claim become one verdict: the rule, and nothing else.

1. A document speaks *for* the claim when it supports it, *against* when it refutes it; one that says not enough info
   says nothing about it and changes nothing, however many there are of them.
2. Only one side speaks: its strongest document decides, and its probabilities are the verdict's.
3. Both sides speak and the weaker one is not far behind (its strength is at least :data:`SILENCED` times that of the
   stronger): the evidence conflicts. The verdict is not enough info, and the reason names a document of each side.
4. Both sides speak and one is far weaker: the verdict is the likeliest label of the mean of the two strongest
   documents' probabilities, each weighted by its strength, and the reason names the dissenter; where their doubts add
   up to the dissenter's label, it is not enough info.
5. Nobody speaks: not enough info, with the probabilities of the document that came nearest to deciding.

Strength is the probability of the label. So one entailing passage never outvotes a contradicting one in silence, nor
the other way round, and adding passages that say nothing can never turn a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halueval.records import LABELS, Label

__all__ = ["SILENCED", "Combined", "Opinion", "combine"]

SILENCED = 0.8  # a dissenter weaker than this share of the stronger side is named, but does not stop the verdict


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one document says about the claim."""

    source: str
    probabilities: Mapping[Label, float]
    reason: str = ""

    @property
    def label(self) -> Label:
        """The likeliest label; of equally likely ones not enough info, then refuted."""
        return max(reversed(LABELS), key=lambda label: self.probabilities[label])


@dataclass(frozen=True, slots=True)
class Combined:
    """The claim's verdict and the opinions that decided it (indices into what was given), strongest first."""

    label: Label
    probabilities: Mapping[Label, float]
    deciding: tuple[int, ...]
    reason: str


def combine(opinions: Sequence[Opinion]) -> Combined:
    """One verdict from the opinions of several documents, by the rule at the top of this module.

    Parameters
    ----------
    opinions : sequence of Opinion
        At least one; their order matters only between equally strong ones, where the earlier wins.

    Returns
    -------
    Combined
        ``label`` is the likeliest of ``probabilities``.

    Raises
    ------
    ValueError
        When there are no opinions: without evidence there is nothing to combine.

    Examples
    --------
    >>> yes = Opinion("a", {"supported": 0.8, "refuted": 0.1, "not_enough_info": 0.1}, "same words")
    >>> no = Opinion("b", {"supported": 0.1, "refuted": 0.75, "not_enough_info": 0.15}, "opposite direction")
    >>> open_ = Opinion("c", {"supported": 0.1, "refuted": 0.1, "not_enough_info": 0.8})
    >>> combine([open_, yes, open_]).label
    'supported'
    >>> combine([yes, no]).reason
    'evidence conflicts: a supports (same words), b refutes (opposite direction)'
    """
    if not opinions:
        raise ValueError("no opinions to combine; a claim without evidence has no verdict of a verifier")
    strongest: dict[Label, int] = {}
    for i, opinion in enumerate(opinions):
        label = opinion.label
        held = strongest.get(label)
        if held is None or opinion.probabilities[label] > opinions[held].probabilities[label]:
            strongest[label] = i
    sides = sorted(
        (i for label, i in strongest.items() if label != "not_enough_info"),
        key=lambda i: -opinions[i].probabilities[opinions[i].label],
    )
    if not sides:
        nearest = min(range(len(opinions)), key=lambda i: opinions[i].probabilities["not_enough_info"])
        return _as_is(opinions, nearest)
    if len(sides) == 1:
        return _as_is(opinions, sides[0])
    return _disputed(opinions, sides[0], sides[1])


def _as_is(opinions: Sequence[Opinion], i: int) -> Combined:
    return Combined(opinions[i].label, dict(opinions[i].probabilities), (i,), opinions[i].reason)


def _disputed(opinions: Sequence[Opinion], strong: int, weak: int) -> Combined:
    winner, loser = opinions[strong], opinions[weak]
    p, q = winner.probabilities[winner.label], loser.probabilities[loser.label]
    mixed = {label: (p * winner.probabilities[label] + q * loser.probabilities[label]) / (p + q) for label in LABELS}
    if q >= SILENCED * p:
        pro, con = (winner, loser) if winner.label == "supported" else (loser, winner)
        reason = f"evidence conflicts: {_said(pro, 'supports')}, {_said(con, 'refutes')}"
        return Combined("not_enough_info", _opened(mixed), (strong, weak), reason)
    if Opinion("", mixed).label != winner.label:  # each side's own doubts may add up to the other side's label
        mixed = _opened(mixed)
    dissent = f"weaker dissent: {_said(loser, 'refutes' if winner.label == 'supported' else 'supports')}"
    reason = f"{winner.reason}; {dissent}" if winner.reason else dissent
    return Combined(Opinion("", mixed).label, mixed, (strong, weak), reason)


def _opened(mixed: Mapping[Label, float]) -> dict[Label, float]:
    """The same, with not enough info as the likeliest: the two sides together keep at most a half."""
    sides = 1 - mixed["not_enough_info"]
    scale = min(1.0, 0.5 / sides)
    return {
        "supported": scale * mixed["supported"],
        "refuted": scale * mixed["refuted"],
        "not_enough_info": 1 - scale * sides,
    }


def _said(opinion: Opinion, verb: str) -> str:
    return f"{opinion.source} {verb}" + (f" ({opinion.reason})" if opinion.reason else "")
