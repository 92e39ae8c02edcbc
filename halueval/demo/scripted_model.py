"""A chat model that isn't one: it plays what a model might say of the demo's answers, good and bad.

What it says was written by hand for each of the demo's answers (``readings.jsonl``): the claims with their quotes, the
labels with the words of the evidence that decide, the queries of a search. Where a reading has a slip, it makes it: it
changes a number before it is asked to mend it, ends a reply half-way, quotes what nobody wrote. Of other answers it
makes a claim of every sentence, and decides none. So it shows how the line works, and nothing about any model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from halueval.chat import ScriptedChat
from halueval.chat.prices import Prices
from halueval.chat.untrusted import unmark
from halueval.errors import ChatError
from halueval.records import ChatRequest

__all__ = ["demo_model"]

Reading: TypeAlias = Mapping[str, Any]
Blocks: TypeAlias = Sequence[tuple[str, str]]

_BLOCK = re.compile(r"^<<<(\w+)\n(.*?)\n\1>>>$", re.DOTALL | re.MULTILINE)
_NUMBERED = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)


def demo_model(*, latency: float = 0.0, prices: Prices | Sequence[float] | None = (0.25, 2.0)) -> ScriptedChat:
    """A stand-in for a chat model, for the demo's answers: no key, no network, always the same replies.

    Parameters
    ----------
    latency : float
        Seconds that each call takes.
    prices : Prices or sequence of float, optional
        Dollars per million tokens of prompt and reply, as if it had to be paid.

    Examples
    --------
    >>> from halueval.claim_extraction.llm import LLMExtractor
    >>> from halueval.records import Response
    >>> (extraction,) = LLMExtractor(demo_model()).extract([Response("a", "Chlamydia is curable. Great question!")])
    >>> [claim.text for claim in extraction.claims]
    ['Chlamydia is curable.', 'Great question!']
    """
    return ScriptedChat(_reply, "demo-model", latency=latency, prices=prices)


def _reply(request: ChatRequest) -> str | ChatError:
    """The reply that fits what the schema of a request asks for."""
    wanted = _keys(request.schema or {})
    play = next((play for key, play in _PLAYS.items() if key in wanted), None)
    if play is None:
        return ChatError("provider_error", "demo-model: the script knows the demo's prompts, and this is none of them")
    said = "\n".join(message["content"] for message in request.messages if message["role"] == "user")
    blocks = [(name, unmark(text)) for name, text in _BLOCK.findall(said)]
    return play(blocks, request)


def _keys(schema: Mapping[str, Any]) -> set[str]:
    """The names of all fields of a schema."""
    found = set(schema.get("properties", ()))
    parts = [*schema.get("properties", {}).values(), schema.get("items", {})]
    return found.union(*map(_keys, parts)) if schema else found


# Extraction


def _sentences(blocks: Blocks, request: ChatRequest) -> str:
    text = _block(blocks, "sentences")
    numbered = [(int(n), said) for n, said in _NUMBERED.findall(text)]
    read = _read([said for _, said in numbered])
    rows = [_sentence(n, readings) for (n, _), readings in zip(numbered, read, strict=True)]
    return json.dumps({"sentences": rows}, ensure_ascii=False)


def _sentence(number: int, readings: Sequence[Reading]) -> dict[str, Any]:
    claims = [{"claim": r.get("first", r["claim"]), "quote": r["quote"]} for r in readings if "reason" not in r]
    return {"n": number, "claims": claims, "skip": None if claims else readings[0]["reason"]}


def _claims(blocks: Blocks, request: ChatRequest) -> str:
    text = _block(blocks, "answer")
    rows = [
        {"claim": r["claim"], "quote": r["quote"], "checkworthy": "reason" not in r, "reason": r.get("reason")}
        for readings in _read(re.findall(r"\S[^\n]*?(?:[.!?](?=\s|$)|$)", text, re.MULTILINE))
        for r in readings
    ]
    return json.dumps({"claims": rows}, ensure_ascii=False)


def _mended(blocks: Blocks, request: ChatRequest) -> str:
    slips = {r["first"]: r for r in _readings() if "first" in r}
    asked = [json.loads(line) for line in _block(blocks, "claims").splitlines()]
    rows = []
    for row in asked:
        reading = slips.get(row["claim"], {"claim": row["claim"], "quote": row["claim"]})
        rows.append({"id": row["id"], "claim": reading["claim"], "quote": reading["quote"]})
    return json.dumps({"claims": rows}, ensure_ascii=False)


def _read(sentences: Sequence[str]) -> list[list[Reading]]:
    """What is said in each sentence, by the readings of the answer that has most of them; else the sentence itself."""
    whole = "\n".join(sentences)
    fitting = [[r for r in readings if r["quote"] in whole] for readings in _by_answer().values()]
    left = max(fitting, key=lambda readings: sum(len(r["quote"]) for r in readings))
    found = []
    for sentence in sentences:
        here = [r for r in left if r["quote"] in sentence]
        left = [r for r in left if r not in here]
        found.append(here or [{"claim": sentence, "quote": sentence}])
    return found


# Verification


def _verdicts(blocks: Blocks, request: ChatRequest) -> str:
    passages = [text for name, text in blocks if name.startswith("P")]
    claims = [(name, text) for name, text in blocks if name.startswith("c")]
    rows = [{"id": name, **_ruling(_reading(text), passages)} for name, text in claims]
    return _ended({"verdicts": rows}, [text for _, text in claims])


def _turn(blocks: Blocks, request: ChatRequest) -> str:
    claim = _block(blocks, "claim")
    reading, passages = _reading(claim), [text for name, text in blocks if name.startswith("P")]
    searched = sum(message["role"] == "assistant" for message in request.messages)
    queries = reading.get("queries", [" ".join(claim.rstrip(".").split()[:6])])
    may_search, may_decide = (key in (request.schema or {})["properties"] for key in ("search", "label"))
    decided = "evidence" in reading and any(reading["evidence"] in passage for passage in passages)
    if may_search and (not may_decide or (not decided and searched < len(queries))):
        asked = {"search": [queries[min(searched, len(queries) - 1)]]}
        blank = {"quote": "", "reason": "", "label": None, "probability": None} if may_decide else {}
        return json.dumps(asked | blank)
    return _ended(({"search": []} if may_search else {}) | _ruling(reading, passages), [claim])


def _ruling(reading: Reading, passages: Sequence[str]) -> dict[str, Any]:
    label, quote = reading.get("label", "not_enough_info"), reading.get("evidence", "")
    invented = label != "not_enough_info" and not any(quote in text for text in _documents())
    if label == "not_enough_info" or not (invented or any(quote in passage for passage in passages)):
        reason = "No passage says anything that decides this."
        return {"quote": "", "reason": reason, "label": "not_enough_info", "probability": 0.8}
    reason = {"supported": "The passage says the same.", "refuted": "The passage says otherwise."}[label]
    return {"quote": quote, "reason": reason, "label": label, "probability": 0.95}


def _ended(reply: Mapping[str, Any], claims: Sequence[str]) -> str:
    said = json.dumps(reply, ensure_ascii=False)
    return said[: len(said) // 2] if any(_reading(claim).get("cut") for claim in claims) else said


_PLAYS: dict[str, Callable[[Blocks, ChatRequest], str]] = {
    "verdicts": _verdicts,
    "search": _turn,
    "probability": _turn,  # a turn that may only decide
    "sentences": _sentences,
    "id": _mended,
    "claims": _claims,
}


def _block(blocks: Blocks, name: str) -> str:
    return next((text for found, text in blocks if found == name), "")


def _reading(claim: str) -> Reading:
    return next((r for r in _readings() if r["claim"] == claim), {})


@cache
def _readings() -> tuple[Reading, ...]:
    return tuple(_rows("readings.jsonl"))


@cache
def _documents() -> tuple[str, ...]:
    return tuple(row["text"] for row in _rows("corpus.jsonl"))


def _by_answer() -> dict[str, list[Reading]]:
    grouped: dict[str, list[Reading]] = {}
    for reading in _readings():
        grouped.setdefault(reading["answer"], []).append(reading)
    return grouped


def _rows(name: str) -> Iterator[dict[str, Any]]:
    text = (files("halueval.demo") / name).read_text(encoding="utf-8")
    return (json.loads(line) for line in text.split("\n") if line)
