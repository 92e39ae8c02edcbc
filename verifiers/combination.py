"""How the verdicts of several documents on one claim become one verdict: the rule, and nothing else.

1. A document speaks *for* the claim when it supports it, *against* when it refutes it; one that says not enough info
   says nothing about it and changes nothing, however many there are of them.
2. Only one side speaks: its strongest document decides, and its probabilities are the verdict's.
3. Both sides speak and the weaker one is not far behind (its strength is at least :data:`SILENCED` times that of the
   stronger): the evidence conflicts. The verdict is not enough info, and the reason names a document of each side.
4. Both sides speak and one is far weaker: the stronger decides, but keeps only the share of its strength that the other
   side leaves it, and the reason names the dissenter. If that share makes not enough info the likeliest, that is the verdict.
5. Nobody speaks: not enough info, with the probabilities of the document that came nearest to deciding.

Strength is the probability of the label. So one entailing passage never outvotes a contradicting one in silence, nor the
other way round, and adding passages that say nothing can never turn a verdict.
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
    if q >= SILENCED * p:
        probabilities = _open(p, q, winner.label, loser.label)
        pro, con = (winner, loser) if winner.label == "supported" else (loser, winner)
        reason = f"evidence conflicts: {_said(pro, 'supports')}, {_said(con, 'refutes')}"
        return Combined("not_enough_info", probabilities, (strong, weak), reason)
    probabilities = {winner.label: p * (1 - q), loser.label: q * (1 - p)}
    probabilities["not_enough_info"] = 1 - sum(probabilities.values())
    dissent = (
        f"{winner.reason}; weaker dissent: {_said(loser, 'refutes' if winner.label == 'supported' else 'supports')}"
    )
    combined = Opinion("", probabilities)
    return Combined(combined.label, _ordered(probabilities), (strong, weak), dissent.removeprefix("; "))


def _open(p: float, q: float, first: Label, second: Label) -> dict[Label, float]:
    """Both claims of the two sides hold against each other; what is left is open, and the likeliest."""
    left = {first: p * (1 - q), second: q * (1 - p)}
    scale = min(1.0, 0.5 / sum(left.values())) if sum(left.values()) else 1.0
    left = {label: value * scale for label, value in left.items()}
    return _ordered({**left, "not_enough_info": 1 - sum(left.values())})


def _ordered(probabilities: Mapping[Label, float]) -> dict[Label, float]:
    return {label: probabilities[label] for label in LABELS}


def _said(opinion: Opinion, verb: str) -> str:
    return f"{opinion.source} {verb}" + (f" ({opinion.reason})" if opinion.reason else "")
