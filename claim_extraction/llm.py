"""Claims by a chat model: the whole answer is prompted, and every claim comes with the words that it rests on.

The model writes; nothing that it says about places is believed. Quotes are looked up in the answer, and the rest of a
claim's record is read from the answer as for any other extractor.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from halueval.chat import ChatSession, open_chat
from halueval.chat.loop import run_all, together
from halueval.chat.prompts import load_prompt
from halueval.chat.structured import Unreadable, ask, read_as
from halueval.chat.untrusted import fence, unmark
from halueval.claim_extraction.alignment import place
from halueval.claim_extraction.annotation import annotate, read_answer
from halueval.claim_extraction.assembly import Statement, unplaced_note
from halueval.claim_extraction.duplicates import merge_duplicates
from halueval.claim_extraction.windows import Window, stretches, windows
from halueval.protocols import ChatModel
from halueval.records import (
    NOT_CHECKWORTHY_REASONS,
    ChatRequest,
    Claim,
    Extraction,
    ExtractorInfo,
    Failure,
    Response,
    Span,
    total_cost,
)
from halueval.text.pipeline import pipeline_info
from halueval.text.reasoning import answer_spans

__all__ = ["LLMExtractor"]

_QUESTION = 4_000  # characters of the question that are shown: the end of a longer one
_MOST_CLAIMS, _LONGEST_CLAIM = 600, 2_000  # of one reply: more is a model that runs on
_FIELDS: dict[str, Any] = {
    "claim": {"type": "string"},
    "quote": {"type": "string"},
    "checkworthy": {"type": "boolean"},
    "reason": {"type": ["string", "null"], "enum": [*NOT_CHECKWORTHY_REASONS, None]},
}


def _schema(fields: Mapping[str, Any], required: Sequence[str], **limits: int) -> dict[str, Any]:
    claim = {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}
    return {
        "type": "object",
        "properties": {"claims": {"type": "array", "items": claim, **limits}},
        "required": ["claims"],
        "additionalProperties": False,
    }


# What is asked for: strict modes want every key required, and know no limits of length. What is accepted, from any
# endpoint: a reason may be left out, and nothing runs on.
_ASKED = _schema(_FIELDS, list(_FIELDS))
_ACCEPTED = _schema(
    {**_FIELDS, "claim": {"type": "string", "minLength": 1, "maxLength": _LONGEST_CLAIM}},
    ["claim", "quote", "checkworthy"],
    maxItems=_MOST_CLAIMS,
)


@dataclass(frozen=True, slots=True)
class _Written:
    """A claim as the model wrote it."""

    text: str
    quote: str
    reason: str | None


class LLMExtractor:
    """Claims by a chat model from the whole answer, in windows where it is long.

    Parameters
    ----------
    chat : str, ChatModel or ChatSession
        Who is asked; see :func:`halueval.chat.open_chat`.
    prompt : str
        The name and version of one of our prompts: "llm.v1" or "healthbench-hallu.v1".
    pipeline : str, optional
        A spaCy pipeline by its import name, for the annotation of claims; the best installed one by default.
    include_reasoning : bool
        Whether what stands in a reasoning trace (``<think>…</think>``) is part of the answer.
    window, overlap : int
        Characters that are asked about in one call, and characters before them that are shown again for context; see
        :func:`halueval.claim_extraction.windows.windows`.
    temperature : float, optional
        Of the model; its own by default.
    max_tokens : int, optional
        Of one reply; the endpoint's own limit by default.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> said = [("Zoloft may cause nausea.", "may cause nausea"), ("Zoloft may cause insomnia.", "insomnia")]
    >>> claims = [{"claim": claim, "quote": quote, "checkworthy": True} for claim, quote in said]
    >>> extractor = LLMExtractor(ScriptedChat([json.dumps({"claims": claims})]))
    >>> (extraction,) = extractor.extract([Response("a", "It may cause nausea and insomnia.", "What does Zoloft do?")])
    >>> [(claim.text, claim.spans[0]) for claim in extraction.claims]
    [('Zoloft may cause nausea.', Span(start=3, end=19)), ('Zoloft may cause insomnia.', Span(start=24, end=32))]
    """

    name = "llm"
    asks_chat = True
    _about = ""  # what else a report has to say of where the prompt comes from

    def __init__(
        self,
        chat: str | ChatModel | ChatSession,
        *,
        prompt: str = "llm.v1",
        pipeline: str | None = None,
        include_reasoning: bool = False,
        window: int = 6_000,
        overlap: int = 600,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> None:
        self.chat = open_chat(chat)
        self.prompt = load_prompt("halueval.claim_extraction", prompt)
        self.pipeline = pipeline
        self.include_reasoning = include_reasoning
        self.window, self.overlap = window, overlap
        self.temperature, self.max_tokens = temperature, max_tokens

    @cached_property
    def info(self) -> ExtractorInfo:
        """The extractor's name; our version, the prompt with its digest and the model; the spaCy pipeline."""
        from halueval import __version__

        version = f"{__version__}; prompt {self.prompt}; model {self.chat.name}"
        about = f"; {self._about}" if self._about else ""
        return ExtractorInfo(self.name, version + about, str(pipeline_info(self.pipeline)))

    def extract(self, responses: Sequence[Response]) -> list[Extraction]:
        """One extraction per response, in order.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        """
        return run_all(self.aextract, responses)

    async def aextract(self, response: Response) -> Extraction:
        """The claims of one response; a failure, with what was paid, where any part of it could not be read.

        A claim whose quote stands nowhere in the answer is kept, without spans, and counted in a warning.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        """
        text = response.text
        parts = (Span(0, len(text)),) if self.include_reasoning else answer_spans(text)
        cut = windows(text, parts, size=self.window, overlap=self.overlap)
        if not cut:
            return Extraction(response.id, extractor=self.info)
        asked = await together(
            [ask(self.chat, self._request(response, w), _read, stage="extraction", item_id=response.id) for w in cut]
        )
        cost = total_cost(c for _, c in asked)
        written: list[list[_Written]] = []
        for reply, _ in asked:
            if isinstance(reply, Failure):
                return Extraction(response.id, failure=replace(reply, cost=cost), extractor=self.info, cost=cost)
            written.append(reply)
        try:
            claims, warnings = await asyncio.to_thread(self._claims, response, cut, written)
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            failure = Failure("extraction", "plugin_error", message, response.id, cost=cost)
            return Extraction(response.id, failure=failure, extractor=self.info, cost=cost)
        return Extraction(response.id, claims, None, self.info, warnings, cost)

    def _request(self, response: Response, window: Window) -> ChatRequest:
        blocks = {
            "question": _question(response)[-_QUESTION:],
            "before": _excerpt(response.text, window.before),
            "answer": _excerpt(response.text, window.own),
        }
        said = "\n\n".join(fence(name, block) for name, block in blocks.items() if block)
        return ChatRequest(
            ({"role": "system", "content": self.prompt.text}, {"role": "user", "content": said}),
            schema=_ASKED,
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            likely=lambda: _likely(response.text, window),
        )

    def _claims(
        self, response: Response, cut: Sequence[Window], written: Sequence[Sequence[_Written]]
    ) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
        statements: list[Statement] = []
        context = 0
        for window, several in zip(cut, written, strict=True):
            for one in several:
                statement = _placed(response.text, window, one)
                if statement is None:
                    context += 1
                else:
                    statements.append(statement)
        kept, merged = merge_duplicates(statements)
        answer = read_answer(response, self.pipeline, include_reasoning=self.include_reasoning)
        claims = annotate(answer, kept)
        notes = (
            unplaced_note(claims),
            f"claims merged because they say the same as another: {merged}" if merged else None,
            f"claims left out because they are from sentences shown for context only: {context}" if context else None,
        )
        return claims, tuple(note for note in notes if note)


def _read(text: str) -> list[_Written]:
    """The claims of a reply.

    Raises
    ------
    Unreadable
        It is not what was asked for.
    """
    value = read_as(_ACCEPTED)(text)
    out = []
    for i, row in enumerate(value["claims"]):
        # a model that copies well copies the escapes of the fence too
        claim, quote, reason = " ".join(unmark(row["claim"]).split()), unmark(row["quote"]), row.get("reason")
        if not claim:
            raise Unreadable(f"$.claims[{i}].claim is blank")
        if row["checkworthy"] and reason is not None:
            raise Unreadable(f"$.claims[{i}] is checkworthy and gives a reason why it is not")
        out.append(_Written(claim, quote, reason))
    return out


def _placed(text: str, window: Window, written: _Written) -> Statement | None:
    """The claim with the characters that its quote stands for; None where it was taken from the context."""
    shown = stretches(text, (*window.before, *window.own))
    start, first = shown[0].start, window.own[0].start
    # what was not shown is blanked, so that no quote is found in it
    seen = "".join(
        "\n" * (s.start - end) + text[s.start : s.end]
        for s, end in zip(shown, (start, *(s.end for s in shown)), strict=False)
    )
    found = place(written.quote, seen, Span(first - start, len(seen)))
    spans = () if found is None else tuple(_within(found.spans, shown, start))
    if spans and all(s.end <= first for s in spans):
        return None
    return Statement(written.text, spans, reason=written.reason)


def _within(spans: Sequence[Span], shown: Sequence[Span], base: int) -> Iterator[Span]:
    """Places moved by ``base``, without what lies between the stretches that were shown."""
    for span in spans:
        for s in shown:
            start, end = max(s.start, span.start + base), min(s.end, span.end + base)
            if start < end:
                yield Span(start, end)


def _excerpt(text: str, sentences: Sequence[Span]) -> str:
    return "\n".join(text[s.start : s.end] for s in stretches(text, sentences))


def _question(response: Response) -> str:
    """What was asked last."""
    if response.prompt is not None:
        return response.prompt
    asked = [str(m.get("content", "")) for m in response.messages if m.get("role") == "user"]
    return asked[-1] if asked else ""


def _likely(text: str, window: Window) -> str:
    """A reply that has every sentence for a claim: about as long as a real one, made without parsing, and readable."""
    said = (" ".join(text[s.start : s.end].split()) for s in window.own[:_MOST_CLAIMS])
    plain = ["".join(c if c.isprintable() else " " for c in s) for s in said]
    claims = [
        {"claim": s[:_LONGEST_CLAIM], "quote": s, "checkworthy": True, "reason": None} for s in plain if not s.isspace()
    ]
    return json.dumps({"claims": claims}, ensure_ascii=False)
