"""Several judges of the same claims, asked together: what they agree on, and whether they do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Literal, TypeAlias, get_args

from halueval.batches import acall_each, call_each
from halueval.chat.loop import together
from halueval.chat.session import ChatSession
from halueval.contract import broken_outcome
from halueval.errors import PluginError
from halueval.protocols import AsyncVerifier, ChatModel, Verifier
from halueval.records import (
    LABELS,
    ClaimWithEvidence,
    Evidence,
    Failure,
    Label,
    Outcome,
    Quote,
    Search,
    Span,
    Verdict,
    total_cost,
)
from halueval.repeats import counted
from halueval.verifiers.by_response import by_response

__all__ = ["PanelVerifier", "Rule"]

Rule: TypeAlias = Literal["majority", "unanimity"]
Judge: TypeAlias = str | ChatModel | ChatSession | Verifier | AsyncVerifier

_NEEDED: dict[Rule, Callable[[int], int]] = {"majority": lambda asked: asked // 2 + 1, "unanimity": lambda asked: asked}
FAILED = "failure: "  # how the vote of a judge that failed starts; its kind follows


class PanelVerifier:
    """Asks all its judges about every claim, and gives the verdict that enough of them agree on.

    A verdict is given when it would be the same whatever the judges that failed had said; so a failure is never a vote.
    In words, with *enough* being more than half of the judges asked (``"majority"``) or all of them
    (``"unanimity"``):

    1. Enough judges say supported, or refuted: that is the verdict.
    2. Some judge failed, and with the failed ones there could have been enough for supported or refuted: a ``Failure``
       of the first one's kind, that says who failed.
    3. Otherwise not enough info: either that is what they say, or they disagree and the reason says how
       ("judges disagree: 2 supported, 2 refuted"). A tie is a disagreement.

    A judge that abstains (see :class:`~halueval.verifiers.cascade.CascadeVerifier`) has said not enough info like any
    other; put one that mostly abstains into a cascade before the panel instead.

    The verdict's ``votes`` name every judge with its label or ``"failure: KIND"``, from which the report counts on how
    many claims judges disagree. ``probabilities`` are the mean of those given, dissenters' too, and not calibrated;
    ``quotes`` are those of the judges that agree with the verdict; ``evidence`` is all that any of them considered, and
    ``cost`` what all of them took.

    Parameters
    ----------
    judges : sequence of str, ChatModel, ChatSession, Verifier or AsyncVerifier
        At least two. Chat models, by name or object, each become a
        :class:`~halueval.verifiers.judge.JudgeVerifier`; verifiers are asked as they are.
    rule : {"majority", "unanimity"}
        How many must agree.
    **settings
        For the judges that are made of chat models: ``claims_per_call`` and the like.

    Raises
    ------
    PluginError
        Fewer than two judges, something that is no judge, or no such rule.

    Examples
    --------
    >>> from halueval.records import Claim
    >>> from halueval.testing import FixedVerifier
    >>> yes, no = FixedVerifier({"A.": "supported"}), FixedVerifier({"A.": "refuted"})
    >>> item = ClaimWithEvidence(Claim("c", "r", "A."), (Evidence("d", "A.", Span(0, 2)),))
    >>> verdict, = PanelVerifier([yes, yes, no]).verify([item])
    >>> verdict.label, dict(verdict.votes)
    ('supported', {'fixed': 'supported', 'fixed #2': 'supported', 'fixed #3': 'refuted'})
    >>> PanelVerifier([yes, no]).verify([item])[0].reason
    'judges disagree: 1 supported, 1 refuted'
    """

    name = "panel"
    asks_chats = True

    def __init__(self, judges: Sequence[Judge], *, rule: Rule = "majority", **settings: Any) -> None:
        if isinstance(judges, str) or not isinstance(judges, Sequence) or len(judges) < 2:
            found = f"{len(judges)}" if isinstance(judges, list | tuple) else repr(judges)
            raise PluginError(
                f"the judges of a panel: found {found}; wanted: a list of two or more models or verifiers"
            )
        if rule not in get_args(Rule):
            raise PluginError(f"the rule of a panel: found {rule!r}; wanted: {' or '.join(map(repr, get_args(Rule)))}")
        made = [_judge(judge, settings) for judge in judges]
        self.rule = rule
        self._judges = dict(zip(_unique([name for name, _ in made]), [judge for _, judge in made], strict=True))
        self._needed = _NEEDED[rule](len(made))
        # whether claims that nothing was found for are handed over as well
        self.searches = any(getattr(judge, "searches", False) for judge in self._judges.values())

    @property
    def described(self) -> str:
        """Who judged, as verdicts name it: the judges and the rule."""
        return f"{self.name} ({self.rule} of {', '.join(self._judges)})"

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """One verdict or failure per item, in order; the claims may be of several responses.

        Raises
        ------
        RunStopped
            Every other call of one of the judges would fail.
        """
        return by_response(self.averify, items)

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """One verdict or failure per item, in order; the items are claims of one response.

        Raises
        ------
        RunStopped
            Every other call of one of the judges would fail.
        """
        of = len(self._judges)
        said = await together(
            # by their places, or members that ask one model the same would get one reply, or each other's
            _asked(name, judge, items, which, of)
            for which, (name, judge) in enumerate(self._judges.items())
        )
        return [
            self._outcome(item, dict(zip(self._judges, outcomes, strict=True)))
            for item, outcomes in zip(items, zip(*said, strict=True), strict=True)
        ]

    def _outcome(self, item: ClaimWithEvidence, said: Mapping[str, Outcome]) -> Outcome:
        votes = {name: _vote(outcome) for name, outcome in said.items()}
        counted = Counter(votes.values())
        failed = {name: outcome for name, outcome in said.items() if isinstance(outcome, Failure)}
        sides: tuple[Label, ...] = ("supported", "refuted")
        agreed = next((label for label in sides if counted[label] >= self._needed), None)
        if agreed is None and failed and any(counted[label] + len(failed) >= self._needed for label in sides):
            return self._open(item, votes, failed, said)
        label: Label = agreed or "not_enough_info"
        verdicts = [outcome for outcome in said.values() if isinstance(outcome, Verdict)]
        evidence, quotes, searches = _merged(item, verdicts, label)
        return Verdict(
            item.claim.id,
            label,
            _mean([v.probabilities for v in verdicts if v.probabilities is not None]),
            evidence=evidence,
            quotes=quotes,
            reason=self._reason(label, counted, verdicts),
            verifier=self.described,
            cost=total_cost(outcome.cost for outcome in said.values()),
            searches=searches,
            votes=votes,
        )

    def _open(
        self,
        item: ClaimWithEvidence,
        votes: Mapping[str, str],
        failed: Mapping[str, Failure],
        said: Mapping[str, Outcome],
    ) -> Failure:
        first_name, first = next(iter(failed.items()))
        given = "; ".join(f"{name}: {vote}" for name, vote in votes.items())
        return Failure(
            first.stage,
            first.kind,
            f"{len(failed)} of {len(said)} judges failed, and {self._needed} have to agree ({given}); "
            f"{first_name}: {first.message}",
            item.claim.id,
            sum(failure.attempts for failure in failed.values()),
            first.reply,
            total_cost(outcome.cost for outcome in said.values()),
        )

    def _reason(self, label: Label, counted: Mapping[str, int], verdicts: Sequence[Verdict]) -> str:
        tally = ", ".join(f"{counted[said]} {said.replace('_', ' ')}" for said in LABELS if counted[said])
        failures = sum(n for vote, n in counted.items() if vote.startswith(FAILED))
        tally += f", {failures} failed" if failures else ""
        if counted[label] < self._needed and len({verdict.label for verdict in verdicts}) > 1:
            return f"judges disagree: {tally}"
        why = next((v.reason for v in verdicts if v.label == label and v.reason), "")
        return f"judges: {tally}" + (f"; {why}" if why else "")


def _judge(judge: object, settings: Mapping[str, Any]) -> tuple[str, Any]:
    """A judge and what its votes are called."""
    if callable(getattr(judge, "averify", None)) or callable(getattr(judge, "verify", None)):
        name = getattr(judge, "name", None)
        if isinstance(name, str):
            return name, judge
    elif isinstance(judge, str | ChatSession | ChatModel):
        from halueval.chat import open_chat
        from halueval.verifiers.judge import JudgeVerifier

        session = open_chat(judge)
        return session.name, JudgeVerifier(session, **settings)
    raise PluginError(f"{judge!r} is no judge; wanted: a chat model, its name, or a verifier with a `name` (text)")


def _unique(names: Sequence[str]) -> list[str]:
    """The names, those that were there before numbered."""
    unique: list[str] = []
    for name in names:
        numbered = (name if n == 1 else f"{name} #{n}" for n in count(1))
        unique.append(next(free for free in numbered if free not in unique))
    return unique


async def _asked(name: str, judge: Any, items: Sequence[ClaimWithEvidence], which: int, of: int) -> list[Outcome]:
    """What a judge says; an item that it raises on, or gives no answer to, even alone is a failure."""

    def failed(item: ClaimWithEvidence, message: str) -> Failure:
        return Failure("verification", "plugin_error", f"{name}: {message}", item.claim.id)

    with counted(which, of):
        if callable(getattr(judge, "averify", None)):
            return await acall_each(judge.averify, items, failed, broken_outcome)
        return await asyncio.to_thread(call_each, judge.verify, items, failed, broken_outcome)


def _vote(outcome: Outcome) -> str:
    return f"{FAILED}{outcome.kind}" if isinstance(outcome, Failure) else outcome.label


def _mean(given: Sequence[Mapping[Label, float]]) -> dict[Label, float] | None:
    return {label: sum(p[label] for p in given) / len(given) for label in LABELS} if given else None


def _merged(
    item: ClaimWithEvidence, verdicts: Sequence[Verdict], label: Label
) -> tuple[tuple[Evidence, ...], tuple[Quote, ...], tuple[Search, ...]]:
    """All evidence that was considered, each passage once; the quotes for the label; all searches."""
    places: dict[tuple[str, Span, str], int] = {}
    evidence: list[Evidence] = []

    def place(passage: Evidence) -> int:
        at = places.setdefault((passage.doc_id, passage.span, passage.text), len(evidence))
        if at == len(evidence):
            evidence.append(passage)
        return at

    for passage in item.evidence:
        place(passage)
    quotes: dict[Quote, None] = {}
    searches: list[Search] = []
    for verdict in verdicts:
        at = [place(passage) for passage in verdict.evidence]
        searches += [replace(search, hits=tuple(at[hit] for hit in search.hits)) for search in verdict.searches]
        if verdict.label == label:
            quotes |= dict.fromkeys(Quote(at[quote.evidence], quote.span) for quote in verdict.quotes)
    return tuple(evidence), tuple(quotes), tuple(searches)
