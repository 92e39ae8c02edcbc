"""Whoever of ours reads a chat model's replies, each with a well-formed one: what the malformed shapes are made of."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from halueval.chat import ChatSession, ScriptedChat
from halueval.claim_extraction.hybrid import HybridExtractor
from halueval.claim_extraction.llm import LLMExtractor
from halueval.protocols import Extractor, Verifier
from halueval.records import (
    ChatReply,
    ChatRequest,
    Claim,
    ClaimWithEvidence,
    Evidence,
    Extraction,
    Failure,
    Outcome,
    Response,
    Span,
)
from halueval.testing import FixedRetriever
from halueval.verifiers.judge import JudgeVerifier
from halueval.verifiers.panel import PanelVerifier
from halueval.verifiers.search_agent import SearchAgentVerifier

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "chat"))
from malformed import SHAPES, Format, Shape

__all__ = ["ANSWER", "READERS", "SHAPES", "Became", "Reader", "Shape", "became"]

# value: the reply was believed; counted: a failure; open: not enough info, or claims with a warning that counts it
Became: TypeAlias = Literal["value", "counted", "open"]

PASSAGE = "Adults should take 1 mg a day. Children should not take it."
SAID = (("Adults should take 1 mg a day.", "Adults should take 1 mg"), ("Children may take it.", "Children should not"))
EVIDENCE = (Evidence("leaflet", PASSAGE, Span(0, len(PASSAGE))),)
ITEMS = [ClaimWithEvidence(Claim(f"r:{i}", "r", text), EVIDENCE) for i, (text, _) in enumerate(SAID)]
ANSWER = Response("r", "Adults should take 1 mg a day. Children should not take it.", "Who takes it?")


@dataclass(frozen=True)
class Reader:
    """A plug-in: the well-formed reply to a request of its, and what it makes of what a model says.

    ``first`` are well-formed replies that are given before the shape. One that ``falls_back`` may keep what the rules
    say where the model says nothing of use, and counts that in a warning.
    """

    name: str
    make: Callable[[ChatSession], Extractor | Verifier]
    format: Callable[[ChatRequest], Format]
    first: Sequence[str] = ()
    falls_back: bool = False

    def outcomes(self, shape: Shape) -> list[Outcome | Extraction] | None:
        """What comes of a model that replies with the shape, whatever it is asked; None where that means nothing."""
        asked: list[ChatRequest] = []
        applies = True

        def script(request: ChatRequest) -> ChatReply:
            nonlocal applies
            asked.append(request)
            if len(asked) <= len(self.first):
                return ChatReply(self.first[len(asked) - 1])
            text = shape.make(self.format(request))
            applies = applies and text is not None
            return ChatReply(text or "", finish_reason=shape.finish_reason)

        plugin = self.make(ChatSession(ScriptedChat(script), backoff=0.0001))
        done = plugin.extract([ANSWER]) if isinstance(plugin, Extractor) else plugin.verify(ITEMS)
        return list(done) if applies else None


def became(outcomes: Sequence[Outcome | Extraction]) -> Became:
    """The worst of what became of a reply."""
    each = {_became(outcome) for outcome in outcomes}
    return next(worst for worst in ("value", "open", "counted") if worst in each)


def _became(outcome: Outcome | Extraction) -> Became:
    if isinstance(outcome, Failure) or (isinstance(outcome, Extraction) and outcome.failure is not None):
        return "counted"
    if isinstance(outcome, Extraction):
        return "open" if outcome.warnings else "value"
    return "open" if outcome.label == "not_enough_info" else "value"


def _verdicts(request: ChatRequest) -> Format:
    assert request.schema is not None
    ids = request.schema["properties"]["verdicts"]["items"]["properties"]["id"]["enum"]
    rows = [
        {"id": name, "quote": quote, "reason": "It says so.", "label": "supported", "probability": 0.9}
        for name, (_, quote) in zip(ids, SAID, strict=False)
    ]
    return Format({"verdicts": rows}, "verdicts", "id", "label", "probability", "quote")


def _decision(request: ChatRequest) -> Format:
    decided = {"quote": SAID[0][1], "reason": "It says so.", "label": "supported", "probability": 0.9}
    return Format(decided, label="label", probability="probability", quote="quote")


def _claims(request: ChatRequest) -> Format:
    rows = [
        {"claim": "Adults should take 1 mg a day.", "quote": SAID[0][1], "checkworthy": True, "reason": None},
        {"claim": "Children should not take it.", "quote": SAID[1][1], "checkworthy": True, "reason": None},
    ]
    return Format({"claims": rows}, "claims", quote="quote", flag="checkworthy")


def _sentences(request: ChatRequest) -> Format:
    rows = [
        {"n": n, "claims": [{"claim": row["claim"], "quote": row["quote"]}], "skip": None}
        for n, row in enumerate(_claims(request).reply["claims"], 1)
    ]
    return Format({"sentences": rows}, "sentences", "n")


def _mended(request: ChatRequest) -> Format:
    rows = [{"id": 1, "claim": "Adults should take 1 mg a day.", "quote": SAID[0][1]}]
    return Format({"claims": rows}, "claims", "id", quote="quote")


_CHANGED = _sentences(ChatRequest(())).text.replace("1 mg a day.", "5 mg a day.", 1)

READERS: tuple[Reader, ...] = (
    Reader("judge", JudgeVerifier, _verdicts),
    Reader("judge of 8", lambda chat: JudgeVerifier(chat, claims_per_call=8), _verdicts),
    Reader("panel", lambda chat: PanelVerifier([chat, chat, chat]), _verdicts),
    Reader("search agent", lambda chat: SearchAgentVerifier(chat, FixedRetriever({"leaflet": PASSAGE})), _decision),
    Reader("llm", LLMExtractor, _claims),
    Reader("hybrid", HybridExtractor, _sentences, falls_back=True),
    Reader("hybrid, mending", HybridExtractor, _mended, (_CHANGED,), falls_back=True),
)
