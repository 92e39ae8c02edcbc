"""Claims by a chat model that is held to the text: framed by what the rules find, placed, guarded, finished by rules.

The model does what rules do badly (names for "it", splitting by sense); the rules do what models do badly (keeping
every number and every "not", leaving nothing out, knowing where a claim was said). Where the model changed what was
said and doesn't mend it, the rules' claim for that place is kept instead, and the extraction's warnings count it.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from halueval.chat import ChatSession, open_chat
from halueval.chat.loop import run_all, together
from halueval.chat.prompts import load_prompt
from halueval.chat.structured import Unreadable, ask, by_id, read_as
from halueval.chat.untrusted import fence, unmark
from halueval.claim_extraction.annotation import annotate, read_answer
from halueval.claim_extraction.assembly import unplaced_note
from halueval.claim_extraction.framing import Framed, Sentence, described, frame_answer
from halueval.claim_extraction.guard import Change
from halueval.claim_extraction.mending import opens_with_pronoun
from halueval.claim_extraction.review import Held, Written, held_to
from halueval.claim_extraction.settling import settled
from halueval.claim_extraction.windows import Window
from halueval.errors import RunStopped
from halueval.protocols import ChatModel
from halueval.records import (
    NOT_CHECKWORTHY_REASONS,
    ChatRequest,
    Cost,
    Extraction,
    ExtractorInfo,
    Failure,
    Response,
    total_cost,
)
from halueval.text.pipeline import pipeline_info

__all__ = ["HybridExtractor"]

T = TypeVar("T")

_QUESTION = 4_000  # characters of the question that are shown: the end of a longer one
_MOST_CLAIMS, _LONGEST_CLAIM = 200, 2_000  # of one sentence: more is a model that runs on


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _listed(item: Mapping[str, Any], **limits: int) -> dict[str, Any]:
    return {"type": "array", "items": dict(item), **limits}


_CLAIM: dict[str, Any] = {"claim": {"type": "string"}, "quote": {"type": "string"}}
_CLAIM_READ = {**_CLAIM, "claim": {"type": "string", "minLength": 1, "maxLength": _LONGEST_CLAIM}}
_SKIP: dict[str, Any] = {"type": ["string", "null"], "enum": [*NOT_CHECKWORTHY_REASONS, None]}
_NUMBER: dict[str, Any] = {"type": "integer"}
_MENDED: dict[str, Any] = {"id": _NUMBER, "claim": {"type": ["string", "null"]}, "quote": {"type": "string"}}
# What is asked for knows no limits of length (strict modes don't); what is accepted does.
_ASKED = _object({"sentences": _listed(_object({"n": _NUMBER, "claims": _listed(_object(_CLAIM)), "skip": _SKIP}))})
_ACCEPTED = _object(
    {
        "sentences": _listed(
            {
                **_object(
                    {"n": _NUMBER, "claims": _listed(_object(_CLAIM_READ), maxItems=_MOST_CLAIMS), "skip": _SKIP}
                ),
                "required": ["n", "claims"],
            }
        )
    }
)
_ASKED_AGAIN = _object({"claims": _listed(_object(_MENDED))})

_PROBLEMS = {
    "number": (
        "it says {claimed!r}; the sentence says {said!r}",
        "it says {claimed!r}, which the sentence does not say",
    ),
    "negation": ("it leaves out {said!r}", "it says {claimed!r}, which the sentence does not say"),
    "opposite": ("it says {claimed!r}; the sentence says {said!r}", "it says {claimed!r}"),
    "name": ("it names {claimed!r}; the sentence names {said!r}", "it names {claimed!r}, which the answer does not"),
    "hedge": ("it leaves out {said!r}", ""),
}


@dataclass(frozen=True, slots=True)
class _Reply:
    """What the model said of a window: its claims, and the sentences that it left out with the reason."""

    claims: tuple[Written, ...]
    skipped: Mapping[int, str]


class HybridExtractor:
    """Claims by a chat model, framed and guarded by rules: the default where there is a model.

    Parameters
    ----------
    chat : str, ChatModel or ChatSession
        Who is asked; see :func:`halueval.chat.open_chat`.
    pipeline : str, optional
        A spaCy pipeline by its import name; the best installed one by default.
    include_reasoning : bool
        Whether what stands in a reasoning trace (``<think>…</think>``) is part of the answer.
    window, overlap : int
        Characters that are asked about in one call, and characters before them that are shown again for context; see
        :func:`halueval.claim_extraction.windows.windows`.
    mend : bool
        Whether claims that changed what was said are sent back once, all of a window in one call.
    temperature : float, optional
        Of the model; its own by default.
    max_tokens : int, optional
        Of one reply; the endpoint's own limit by default.

    Notes
    -----
    A call that fails makes the whole extraction a failure: the rules' claims under the name of this extractor would be
    a downgrade that nobody sees. A failed call for mending doesn't; the claims concerned are replaced, and counted.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> said = [{"claim": "Zoloft may cause nausea.", "quote": "may cause nausea"}]
    >>> reply = {"sentences": [{"n": 1, "claims": said, "skip": None}, {"n": 2, "claims": [], "skip": "greeting"}]}
    >>> extractor = HybridExtractor(ScriptedChat([json.dumps(reply)]))
    >>> (extraction,) = extractor.extract([Response("a", "It may cause nausea. Take care!", "What does Zoloft do?")])
    >>> [(claim.text, claim.checkworthy) for claim in extraction.claims]
    [('Zoloft may cause nausea.', True), ('Take care!', False)]
    """

    name = "hybrid"
    asks_chat = True

    def __init__(
        self,
        chat: str | ChatModel | ChatSession,
        *,
        pipeline: str | None = None,
        include_reasoning: bool = False,
        window: int = 6_000,
        overlap: int = 600,
        mend: bool = True,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> None:
        self.chat = open_chat(chat)
        self.prompt = load_prompt("halueval.claim_extraction", "hybrid.v1")
        self.mending_prompt = load_prompt("halueval.claim_extraction", "hybrid-mend.v1")
        self.pipeline = pipeline
        self.include_reasoning = include_reasoning
        self.window, self.overlap, self.mend = window, overlap, mend
        self.temperature, self.max_tokens = temperature, max_tokens

    @cached_property
    def info(self) -> ExtractorInfo:
        """The extractor's name; our version, the prompts with their digests and the model; the spaCy pipeline."""
        from halueval import __version__

        prompts = f"prompt {self.prompt}, {self.mending_prompt if self.mend else 'no mending'}"
        return ExtractorInfo(
            self.name, f"{__version__}; {prompts}; model {self.chat.name}", str(pipeline_info(self.pipeline))
        )

    def extract(self, responses: Sequence[Response]) -> list[Extraction]:
        """One extraction per response, in order.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        """
        return run_all(self.aextract, responses)

    async def aextract(self, response: Response) -> Extraction:
        """The claims of one response; a failure, with what was paid, where a part of it could not be read.

        Raises
        ------
        RunStopped
            Every other call would fail as well.
        """
        costs: list[Cost] = []
        try:
            framed = await asyncio.to_thread(self._framed, response)
            asked = await together([self._asked(framed, *window) for window in framed.windows])
            costs = [cost for _, _, _, cost in asked]
            failed = next((reply for reply, *_ in asked if isinstance(reply, Failure)), None)
            if failed is not None:
                return self._failed(response, replace(failed, cost=total_cost(costs)))
            replies = [reply for reply, *_ in asked if isinstance(reply, _Reply)]
            held = [one for _, several, *_ in asked for one in several]
            skipped = {n: reason for reply in replies for n, reason in reply.skipped.items()}
            counts = sum((counts for _, _, counts, _ in asked), Counter[str]())
            statements, notes = await asyncio.to_thread(settled, framed, held, skipped, counts, self.pipeline)
            claims = await asyncio.to_thread(annotate, framed.answer, statements)
        except RunStopped:
            raise
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            return self._failed(
                response, Failure("extraction", "plugin_error", message, response.id, cost=total_cost(costs))
            )
        warnings = (framed.answer.note, unplaced_note(claims), *notes)
        return Extraction(response.id, claims, None, self.info, tuple(w for w in warnings if w), total_cost(costs))

    def _failed(self, response: Response, failure: Failure) -> Extraction:
        return Extraction(response.id, failure=failure, extractor=self.info, cost=failure.cost)

    def _framed(self, response: Response) -> Framed:
        answer = read_answer(response, self.pipeline, include_reasoning=self.include_reasoning)
        return frame_answer(answer, size=self.window, overlap=self.overlap)

    async def _asked(
        self, framed: Framed, window: Window, sentences: Sequence[Sentence]
    ) -> tuple[_Reply | Failure, list[Held], Counter[str], Cost]:
        """A window's claims, held to the text, and sent back once where they changed it."""
        counts: Counter[str] = Counter()
        item = framed.response.id
        numbers = frozenset(s.number for s in sentences)
        request = self._request(framed, window, sentences)
        reply, cost = await ask(self.chat, request, lambda text: _read(text, numbers), stage="extraction", item_id=item)
        if isinstance(reply, Failure):
            return reply, [], counts, cost
        held = await asyncio.to_thread(lambda: [held_to(framed, one) for one in reply.claims])
        wrong = {i: problem for i, one in enumerate(held) if (problem := _problem(one, framed))}
        if not self.mend or not any(held[i].changes for i in wrong):  # a pronoun alone is not worth a call: see settled
            return reply, held, counts, cost
        again = self._sent_back(framed, held, wrong)
        ids = [i + 1 for i in wrong]
        mended, more = await ask(
            self.chat, again, lambda text: _read_again(text, ids), stage="extraction", item_id=item
        )
        if isinstance(mended, Failure):
            counts["mending failed"] += 1
            return reply, held, counts, total_cost([cost, more])
        for i, (text, quote) in zip(wrong, mended, strict=True):
            if text is None:
                held[i] = replace(held[i], carried=False)
                continue
            second = await asyncio.to_thread(held_to, framed, Written(held[i].written.number, text, quote))
            if not second.changes and second.carried and held[i].changes:
                counts["mended"] += 1
            held[i] = second if second.carried else held[i]
        return reply, held, counts, total_cost([cost, more])

    def _request(self, framed: Framed, window: Window, sentences: Sequence[Sentence]) -> ChatRequest:
        text = framed.response.text
        lines, found = described(framed, sentences)
        before = " ".join(" ".join(text[s.start : s.end].split()) for s in window.before)
        return self._chat_request(
            self.prompt.text,
            {"question": framed.question[-_QUESTION:], "before": before, "sentences": lines, "found": found},
            _ASKED,
            lambda: _likely(sentences),
        )

    def _sent_back(self, framed: Framed, held: Sequence[Held], wrong: Mapping[int, str]) -> ChatRequest:
        concerned = {held[i].written.number for i in wrong}
        concerned |= {s.number for i in wrong for s in framed.touched(held[i].spans)}
        sentences = [s for s in framed.sentences if s.number in concerned]
        claims = [
            {"id": i + 1, "n": held[i].written.number, "claim": held[i].written.text, "problem": problem}
            for i, problem in wrong.items()
        ]
        return self._chat_request(
            self.mending_prompt.text,
            {
                "question": framed.question[-_QUESTION:],
                "sentences": "\n".join(f"[{s.number}] {s.full}" for s in sentences),
                "claims": "\n".join(json.dumps(claim, ensure_ascii=False) for claim in claims),
            },
            _ASKED_AGAIN,
            lambda: json.dumps({"claims": [{"id": c["id"], "claim": c["claim"], "quote": c["claim"]} for c in claims]}),
        )

    def _chat_request(
        self, prompt: str, blocks: Mapping[str, str], schema: Mapping[str, Any], likely: Any
    ) -> ChatRequest:
        said = "\n\n".join(fence(name, block) for name, block in blocks.items() if block)
        return ChatRequest(
            ({"role": "system", "content": prompt}, {"role": "user", "content": said}),
            schema=schema,
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            likely=likely,
        )


def _read(text: str, numbers: frozenset[int]) -> _Reply:
    """The claims of a reply. A sentence that it doesn't speak of was passed over: the rules take it.

    Raises
    ------
    Unreadable
        It is not what was asked for.
    """
    rows = read_as(_ACCEPTED)(text)["sentences"]
    by_id(rows, [n for n in sorted(numbers) if n in {row["n"] for row in rows}], key="n")
    claims, skipped = [], {}
    for i, row in enumerate(rows):
        reason = row.get("skip")
        if reason is not None and row["claims"]:
            raise Unreadable(f"$.sentences[{i}] has claims and is skipped")
        if reason is not None:
            skipped[row["n"]] = reason
        for k, one in enumerate(row["claims"]):
            said = " ".join(unmark(one["claim"]).split())
            if not said:
                raise Unreadable(f"$.sentences[{i}].claims[{k}].claim is blank")
            claims.append(Written(row["n"], said, unmark(one["quote"])))
    return _Reply(tuple(sorted(claims, key=lambda c: c.number)), skipped)


def _read_again(text: str, ids: Sequence[int]) -> list[tuple[str | None, str]]:
    rows = by_id(read_as(_ASKED_AGAIN)(text)["claims"], ids)
    out = []
    for row in rows:
        said = " ".join(unmark(row["claim"]).split())[:_LONGEST_CLAIM] if row["claim"] is not None else ""
        out.append((said or None, unmark(row["quote"])))
    return out


def _problem(held: Held, framed: Framed) -> str:
    """What is wrong with a claim, in words for the model; "" where nothing is."""
    if not held.carried:
        return ""
    said = [_worded(change) for change in held.changes]
    if not said and framed.english and opens_with_pronoun(held.written.text):
        said = ["it opens with a pronoun: name what is meant"]
    return "; ".join(s for s in said if s)


def _worded(change: Change) -> str:
    replaced, new = _PROBLEMS[change.kind]
    return (replaced if change.said else new).format(claimed=change.claimed, said=change.said)


def _likely(sentences: Sequence[Sentence]) -> str:
    """A reply that has the rules' claims: about as long as a real one."""
    rows = []
    for s in sentences:
        claims = [{"claim": c.text, "quote": c.text} for c in s.rules if c.reason is None]
        skip = next((c.reason for c in s.rules if c.reason is not None), None) if not claims else None
        rows.append({"n": s.number, "claims": claims, "skip": skip})
    return json.dumps({"sentences": rows}, ensure_ascii=False)
