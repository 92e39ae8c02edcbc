"""A chat model that searches: it asks the retriever, reads, asks again only while evidence is missing, then decides.

The verifier of Baichuan-M3's report (arXiv 2602.06570, section 2.2.2), whose prompts were never published: ours are our
own. Every query, hit and round stands in the verdict, so what was found can be found again.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from halueval.chat import ChatSession, open_chat, untrusted
from halueval.chat.loop import together
from halueval.chat.prompts import load_prompt
from halueval.protocols import ChatModel, Retriever
from halueval.records import (
    ChatReply,
    ChatRequest,
    ClaimWithEvidence,
    Cost,
    Evidence,
    Failure,
    Label,
    Outcome,
    Quote,
    Verdict,
    total_cost,
)
from halueval.verifiers.by_response import by_response
from halueval.verifiers.grouping import passage_key
from halueval.verifiers.hearing import hear, require_whole_numbers
from halueval.verifiers.judge_prompt import canary_for, data_of, passage_text, shown_evidence
from halueval.verifiers.quotes import find_quotes
from halueval.verifiers.rulings import Ruling, label_probabilities
from halueval.verifiers.search_trail import Library, Trail
from halueval.verifiers.search_turns import (
    May,
    Queries,
    asked_for,
    first_turn,
    found_turn,
    likely_turn,
    read_turn,
    said_turn,
    turn_schema,
)
from halueval.verifiers.settling import NO_EVIDENCE, NO_STATEMENT, settled
from halueval.verifiers.substance import says_something

__all__ = ["SearchAgentVerifier"]

_Known = dict[str, tuple[Evidence, ...]]


class SearchAgentVerifier:
    """A chat model reads the claim and its passages, and searches for more until it can decide.

    Each claim is a conversation of its own. It starts with the passages that came with the claim, for which no call is
    spent; where none came, the model has to search first. In every turn the model either gives queries or decides; when
    no round is left, it has to decide, and one that doesn't is a ``Failure``, never a label. Where searching found
    nothing at all the verdict is not enough info, without asking for it.

    A quote is looked up in the passages, and in ``strict`` mode a supported or refuted claim without one becomes not
    enough info, as by :class:`~halueval.verifiers.judge.JudgeVerifier`. Claims of a response that brings its own
    context are judged by that alone: for them nothing is searched.

    Parameters
    ----------
    chat : str, ChatModel or ChatSession
        Who is asked; see :func:`halueval.chat.open_chat`.
    retriever : Retriever, optional
        What is searched. Without one the passages that came with a claim are all there is; a warning says so.
    rounds : int
        Rounds of searching, at most; a claim takes one call more than it takes rounds.
    k : int
        Passages per query.
    queries_per_round : int
        Queries that may be asked together.
    strict : bool
        Whether a label needs a quote that stands in the evidence, and a reply that repeats the word which the
        instructions forbid is a failure of the kind "injected".
    logprobs : int
        How many alternatives per token to ask for, for probabilities; 0 asks for none, and the stated ones are used.
    evidence_characters : int
        The most evidence that one conversation shows; what is found beyond it isn't shown, and the reason says so.
    temperature : float, optional
        Of the model; its own by default.
    max_tokens : int, optional
        Of one reply; the endpoint's own limit by default.
    options : mapping, optional
        What goes to the endpoint as it is.

    Raises
    ------
    PluginError
        A setting that makes no sense.

    Notes
    -----
    ``Verdict.evidence`` has the passages that came with the claim first, then those that were found, each once;
    ``Verdict.searches`` has the queries in the order they were asked, ``hits`` being places in it. A query is only ever
    answered from memory, within one response, if it is the same to the letter. Probabilities are never calibrated.
    The cost is that of all calls for the claim.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> from halueval.records import Claim
    >>> from halueval.testing import FixedRetriever
    >>> turns = [
    ...     '{"search": ["spinach warfarin"]}',
    ...     '{"quote": "weakens warfarin", "reason": "The opposite.", "label": "refuted", "probability": 0.9}',
    ... ]
    >>> agent = SearchAgentVerifier(ScriptedChat(turns), FixedRetriever({"greens": "spinach weakens warfarin"}))
    >>> (verdict,) = agent.verify([ClaimWithEvidence(Claim("1", "r", "Kale makes warfarin stronger."), ())])
    >>> verdict.label, verdict.searches
    ('refuted', (Search(query='spinach warfarin', hits=(0,), round=1),))
    """

    name = "search_agent"
    asks_chat = True
    searches = True

    def __init__(
        self,
        chat: str | ChatModel | ChatSession,
        retriever: Retriever | None = None,
        *,
        rounds: int = 3,
        k: int = 5,
        queries_per_round: int = 3,
        strict: bool = True,
        logprobs: int = 5,
        evidence_characters: int = 48_000,
        temperature: float | None = None,
        max_tokens: int | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        require_whole_numbers(
            self.name,
            ("rounds", rounds, 1),
            ("k", k, 1),
            ("queries_per_round", queries_per_round, 1),
            ("logprobs", logprobs, 0),
            ("evidence_characters", evidence_characters, 200),
        )
        self.chat = open_chat(chat)
        self.prompt = load_prompt("halueval.verifiers", "search_agent.v1")
        self.rounds, self.k, self.queries_per_round, self.strict = rounds, k, queries_per_round, strict
        self.logprobs, self.evidence_characters = logprobs, evidence_characters
        self.temperature, self.max_tokens, self.options = temperature, max_tokens, dict(options or {})
        self._library = None if retriever is None else Library(retriever, k)
        if retriever is None:
            warnings.warn("search_agent has nothing to search: it decides by the passages given alone", stacklevel=2)

    @property
    def described(self) -> str:
        """Who judged, as verdicts name it: the model and the prompt."""
        return f"{self.name} ({self.chat.name}, {self.prompt.name} {self.prompt.digest[:6]})"

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """One verdict or failure per item, in order; the claims may be of several responses.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        IndexCorruptError
            The index that is searched is damaged.
        """
        return by_response(self.averify, items)

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """One verdict or failure per item, in order; the items are claims of one response.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        IndexCorruptError
            The index that is searched is damaged.
        """
        known: _Known = {}
        return await together(self._judged(item, known) for item in items)

    async def _judged(self, item: ClaimWithEvidence, known: _Known) -> Outcome:
        talk = _Conversation(self, item)
        if not says_something(item.claim.text):
            return talk.undecided(NO_STATEMENT)
        rounds = 0 if self._library is None or _has_own_context(item) else self.rounds
        for number in range(1, rounds + 2):
            left = rounds - number + 1
            may = talk.may(left=left)
            if may is None:
                return talk.undecided(NO_EVIDENCE)
            heard = await hear(
                self.chat,
                talk.request(may, left),
                partial(read_turn, may=may, most=self.queries_per_round),
                canary=talk.canary if self.strict else "",
                item_id=item.claim.id,
            )
            talk.costs.append(heard.cost)
            if isinstance(heard.value, Failure):
                return replace(heard.value, cost=talk.cost)
            if isinstance(heard.value, Ruling):
                return talk.verdict(heard.value, heard.reply)
            assert self._library is not None
            found = await asyncio.to_thread(self._library.find, heard.value, dict(known), item.claim.id)
            if isinstance(found, Failure):
                return replace(found, cost=talk.cost)
            known.update(found)
            talk.searched(heard.value, found, number)
        raise AssertionError("a turn that may only decide was read as a search")


class _Conversation:
    """What was said about one claim, what was shown for it, and what it took."""

    def __init__(self, agent: SearchAgentVerifier, item: ClaimWithEvidence) -> None:
        self._agent, self._claim = agent, item.claim
        self._trail = Trail(item.evidence)
        self.canary = canary_for(agent.prompt.digest, agent.chat.name, absent_from=data_of([item]))
        self._fence = partial(untrusted.fence, mark=True)
        self._messages: list[Mapping[str, str]] = []
        self._looked_at = 0  # places in the evidence that were shown or had no room
        self._texts: dict[int, str] = {}  # place in the evidence → what was shown of it, in the order of the prompt
        self._cut = 0
        self.costs: list[Cost] = []

    @property
    def cost(self) -> Cost:
        """What all calls took until now."""
        return total_cost(self.costs)

    def may(self, *, left: int) -> May | None:
        """What the next turn may do; None when there is nothing to decide by and nothing left to search."""
        if any(passage.text.strip() for passage in self._trail.evidence) or (self._trail.searches and left):
            return "either" if left else "decide"
        return "search" if left else None

    def request(self, may: May, left: int) -> ChatRequest:
        """The next request; it begins with all messages of the one before."""
        agent, fresh = self._agent, self._shown()
        if self._messages:
            numbers = {place: number for number, place in enumerate(self._texts, 1)}
            told = found_turn(self._trail.last_round, numbers, fresh, self._fence)
        else:
            self._messages.append({"role": "system", "content": agent.prompt.text.replace("{canary}", self.canary)})
            told = first_turn(self._claim.text, fresh, self._fence)
        asked = asked_for(may, left, agent.queries_per_round)
        self._messages.append({"role": "user", "content": f"{told}\n{asked}"})
        evidence = tuple(self._trail.evidence)
        return ChatRequest(
            tuple(self._messages),
            schema=turn_schema(may, agent.queries_per_round),
            max_tokens=agent.max_tokens,
            temperature=agent.temperature,
            top_logprobs=agent.logprobs,
            options=agent.options,
            likely=lambda: likely_turn(self._claim.text, evidence, may),
        )

    def searched(self, queries: Queries, found: Mapping[str, Sequence[Evidence]], round: int) -> None:
        """Note what the model asked for and what was found."""
        self._messages.append({"role": "assistant", "content": said_turn(queries)})
        for query in queries:
            self._trail.add(query, found[query], round)

    def verdict(self, ruling: Ruling, reply: ChatReply | None) -> Verdict:
        """The ruling held against the passages as they were shown."""
        texts = [self._texts.get(place, "") for place in range(len(self._trail.evidence))]
        by_tokens = label_probabilities(reply.text, reply.logprobs, 1)[0] if reply else None
        judged = settled(ruling, find_quotes(ruling.quote, texts), by_tokens, strict=self._agent.strict)
        cut = f" [passages too long for one conversation: {self._cut} shortened or left out]" if self._cut else ""
        return self._made(judged.label, judged.reason + cut, judged.probabilities, judged.quotes)

    def undecided(self, reason: str) -> Verdict:
        """Not enough info, without asking."""
        return self._made("not_enough_info", reason)

    def _made(
        self,
        label: Label,
        reason: str,
        probabilities: Mapping[Label, float] | None = None,
        quotes: tuple[Quote, ...] = (),
    ) -> Verdict:
        return Verdict(
            self._claim.id,
            label,
            probabilities,
            evidence=tuple(self._trail.evidence),
            quotes=quotes,
            reason=reason,
            verifier=self._agent.described,
            cost=self.cost,
            searches=tuple(self._trail.searches),
        )

    def _shown(self) -> list[str]:
        """The passages that were not shown before, as they go into the prompt, as far as there is room."""
        new = {passage_key(e): place for place, e in enumerate(self._trail.evidence) if place >= self._looked_at}
        fresh = ClaimWithEvidence(self._claim, tuple(self._trail.evidence[self._looked_at :]))
        self._looked_at = len(self._trail.evidence)
        free = self._agent.evidence_characters - sum(map(len, self._texts.values()))
        shown = shown_evidence([fresh], free)
        self._cut += shown.left_out[0] + len(shown.shortened)
        pairs = list(zip(shown.passages, shown.texts, strict=True))
        if self._messages:  # what is left of the room may end a found passage anywhere, even before its "not"
            pairs = [(passage, text) for passage, text in pairs if passage_key(passage) not in shown.shortened]
        self._texts |= {new[passage_key(passage)]: text for passage, text in pairs}
        return [passage_text(passage, text) for passage, text in pairs]


def _has_own_context(item: ClaimWithEvidence) -> bool:
    """Whether the passages are those that the response brought itself; see halueval.evidence.context_evidence."""
    return any(e.doc_id.startswith(f"{item.claim.response_id}#context-") for e in item.evidence)
