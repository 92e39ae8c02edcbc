"""A chat model as judge: it reads a claim and passages, and says what they say about it, with the words that decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from halueval.chat import ChatSession, open_chat, untrusted
from halueval.chat.loop import together
from halueval.chat.prompts import load_prompt
from halueval.protocols import ChatModel
from halueval.records import (
    ChatRequest,
    ClaimWithEvidence,
    Cost,
    Evidence,
    Failure,
    Outcome,
    Verdict,
    total_cost,
)
from halueval.verifiers.by_response import by_response
from halueval.verifiers.grouping import PassageKey, groups, passage_key
from halueval.verifiers.hearing import hear, require_whole_numbers
from halueval.verifiers.judge_prompt import (
    Fence,
    Shown,
    canary_for,
    data_of,
    likely_reply,
    messages,
    shown_evidence,
)
from halueval.verifiers.quotes import find_quotes
from halueval.verifiers.rulings import label_probabilities, read_rulings, rulings_schema
from halueval.verifiers.settling import NO_EVIDENCE, NO_QUOTE, NO_STATEMENT, settled
from halueval.verifiers.substance import says_something

__all__ = ["NO_QUOTE", "NO_STATEMENT", "JudgeVerifier"]

# A claim that fails with others in its call is asked about once more alone: the fault may be another's.
_MAY_BE_ANOTHERS = frozenset({"unreadable_reply", "empty_reply", "refused", "context_window", "injected"})


class JudgeVerifier:
    """A chat model reads claim and passages and gives a label, a probability, a quote and a reason.

    A quote is looked up in the passages (to the letter, else but for white space, quotation marks, dashes, case and
    emphasis). A claim without evidence, or without words that say anything (":", "Solution"), is not enough info
    without asking. Claims, passages and their sources stand in the prompt as data; see :mod:`halueval.chat.untrusted`.

    Parameters
    ----------
    chat : str, ChatModel or ChatSession
        Who is asked; see :func:`halueval.chat.open_chat`.
    claims_per_call : int
        How many claims of one response are asked about together, by the union of their passages; about so many: at
        most a quarter more, where the last few would take a call of their own. More is cheaper, and may change
        verdicts: ``benchmarks/llm/agreement.py`` says how many with a given model.
    strict : bool
        A supported or refuted claim without a quote that stands in the evidence becomes not enough info, with a reason
        that starts with "no valid quote"; and a reply that repeats the word which the instructions forbid is a failure
        of the kind "injected", not a verdict.
    logprobs : int
        How many alternatives per token to ask for, for probabilities; 0 asks for none, and the stated ones are used.
    evidence_characters : int
        The most evidence that one call shows. A claim's passages beyond it are cut at the end of a sentence, worst ones
        left out, and the reason says so.
    temperature : float, optional
        Of the model; its own by default.
    max_tokens : int, optional
        Of one reply; the endpoint's own limit by default.
    options : mapping, optional
        What goes to the endpoint as it is.
    fence : callable, optional
        From a block's name and its text to the block; :func:`halueval.chat.untrusted.fence` with marks by default,
        which is what the prompt describes. Another one is for measuring what ours does.

    Raises
    ------
    PluginError
        A setting that makes no sense.

    Notes
    -----
    Probabilities are never calibrated. The reason ends with where they are from: "[probability: tokens]" or
    "[probability: stated]". The cost of a call for several claims stands at the first of them.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> from halueval.records import Claim, Span
    >>> row = '"quote": "should take 1 mg", "reason": "1 mg, not 5.", "label": "refuted", "probability": 0.9'
    >>> judge = JudgeVerifier(ScriptedChat(['{"verdicts": [{"id": "c1", ' + row + '}]}']))
    >>> text = "Adults should take 1 mg."
    >>> evidence = (Evidence("d", text, Span(0, len(text))),)
    >>> (verdict,) = judge.verify([ClaimWithEvidence(Claim("1", "r", "Adults take 5 mg."), evidence)])
    >>> verdict.label, verdict.quotes[0].span
    ('refuted', Span(start=7, end=23))
    """

    name = "judge"
    asks_chat = True

    def __init__(
        self,
        chat: str | ChatModel | ChatSession,
        *,
        claims_per_call: int = 1,
        strict: bool = True,
        logprobs: int = 5,
        evidence_characters: int = 32_000,
        temperature: float | None = None,
        max_tokens: int | None = None,
        options: Mapping[str, Any] | None = None,
        fence: Fence | None = None,
    ) -> None:
        require_whole_numbers(
            self.name,
            ("claims_per_call", claims_per_call, 1),
            ("logprobs", logprobs, 0),
            ("evidence_characters", evidence_characters, 200),
        )
        self.chat = open_chat(chat)
        self.prompt = load_prompt("halueval.verifiers", "judge.v1")
        self.claims_per_call, self.strict = claims_per_call, strict
        self.logprobs, self.evidence_characters = logprobs, evidence_characters
        self.temperature, self.max_tokens, self.options = temperature, max_tokens, dict(options or {})
        self._fence: Fence = fence or partial(untrusted.fence, mark=True)

    @property
    def described(self) -> str:
        """Who judged, as verdicts name it: the model and the prompt."""
        return f"{self.name} ({self.chat.name}, {self.prompt.name} {self.prompt.digest[:6]})"

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """One verdict or failure per item, in order; claims share calls only within a response.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        """
        return by_response(self.averify, items)

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """One verdict or failure per item, in order; the items are claims of one response.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        """
        outcomes: dict[int, Outcome] = {i: v for i, item in enumerate(items) if (v := self._unasked(item))}
        asked = [i for i in range(len(items)) if i not in outcomes]
        grouped = groups([items[i] for i in asked], self.claims_per_call, self._fits)
        places = [[asked[i] for i in group] for group in grouped]
        judged = await together(self._judge([items[i] for i in group]) for group in places)
        for group, given in zip(places, judged, strict=True):
            outcomes.update(zip(group, given, strict=True))
        return [outcomes[i] for i in range(len(items))]

    def request(self, items: Sequence[ClaimWithEvidence]) -> ChatRequest:
        """What is asked about items that share a call."""
        return self._request(items, shown_evidence(items, self.evidence_characters), self._canary(items))

    def _unasked(self, item: ClaimWithEvidence) -> Verdict | None:
        """The verdict on a claim that nobody need be asked about."""
        if not any(passage.text.strip() for passage in item.evidence):
            reason = NO_EVIDENCE
        elif not says_something(item.claim.text):
            reason = NO_STATEMENT
        else:
            return None
        return Verdict(item.claim.id, "not_enough_info", evidence=item.evidence, reason=reason, verifier=self.described)

    def _fits(self, items: Sequence[ClaimWithEvidence]) -> bool:
        return shown_evidence(items, self.evidence_characters).characters <= self.evidence_characters

    def _canary(self, items: Sequence[ClaimWithEvidence]) -> str:
        return canary_for(self.prompt.digest, self.chat.name, absent_from=data_of(items))

    def _request(self, items: Sequence[ClaimWithEvidence], shown: Shown, canary: str) -> ChatRequest:
        ids = _ids(items)
        claims = [(name, item.claim.text) for name, item in zip(ids, items, strict=True)]
        return ChatRequest(
            messages(self.prompt, canary, shown, claims, self._fence),
            schema=rulings_schema(ids),
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            top_logprobs=self.logprobs,
            options=self.options,
            likely=lambda: likely_reply(ids, shown),
        )

    async def _judge(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """The outcomes of items that share a call."""
        shown = shown_evidence(items, self.evidence_characters)
        canary, ids = self._canary(items), _ids(items)
        heard = await hear(
            self.chat,
            self._request(items, shown, canary),
            partial(read_rulings, ids=ids),
            canary=canary if self.strict else "",
            item_id=items[0].claim.id,
        )
        if isinstance(heard.value, Failure):
            if len(items) > 1 and heard.value.kind in _MAY_BE_ANOTHERS:
                alone = await together(self._judge([item]) for item in items)
                return _paid([outcomes[0] for outcomes in alone], heard.cost)
            return _paid([replace(heard.value, item_id=item.claim.id, cost=Cost()) for item in items], heard.cost)
        rulings, order = heard.value
        tokens = label_probabilities(heard.reply.text, heard.reply.logprobs, len(order)) if heard.reply else []
        by_tokens = dict(zip(order, tokens, strict=False))
        texts = {passage_key(e): text for e, text in zip(shown.passages, shown.texts, strict=True)}
        verdicts: list[Outcome] = []
        for place, (name, item) in enumerate(zip(ids, items, strict=True)):
            considered = _considered(item, shown)
            quotes = find_quotes(rulings[name].quote, [texts[passage_key(e)] for e in considered])
            judged = settled(rulings[name], quotes, by_tokens.get(name), strict=self.strict)
            verdicts.append(
                Verdict(
                    item.claim.id,
                    judged.label,
                    judged.probabilities,
                    evidence=considered,
                    quotes=judged.quotes,
                    reason=f"{judged.reason}{_cut_note(considered, shown, place)}",
                    verifier=self.described,
                )
            )
        return _paid(verdicts, heard.cost)


def _ids(items: Sequence[ClaimWithEvidence]) -> list[str]:
    """What claims are called in a call: never their own ids, which come from outside."""
    return [f"c{i}" for i in range(1, len(items) + 1)]


def _considered(item: ClaimWithEvidence, shown: Shown) -> tuple[Evidence, ...]:
    """The claim's own passages that were shown, as they were given, then those of the claims in the same call."""
    there = {passage_key(passage) for passage in shown.passages}
    own: dict[PassageKey, Evidence] = {}
    for passage in item.evidence:
        if passage_key(passage) in there:
            own.setdefault(passage_key(passage), passage)
    others = [replace(p, score=None, rank=None) for p in shown.passages if passage_key(p) not in own]
    return (*own.values(), *others)


def _cut_note(considered: Sequence[Evidence], shown: Shown, place: int) -> str:
    shortened = sum(passage_key(e) in shown.shortened for e in considered)
    left_out = shown.left_out[place]
    parts = [f"{shortened} shortened"] * bool(shortened) + [f"{left_out} left out"] * bool(left_out)
    return f" [passages too long for one call: {', '.join(parts)}]" if parts else ""


def _paid(outcomes: Sequence[Outcome], cost: Cost) -> list[Outcome]:
    """The outcomes, what the call took standing at the first."""
    first, *rest = outcomes
    return [replace(first, cost=total_cost([first.cost, cost])), *rest]
