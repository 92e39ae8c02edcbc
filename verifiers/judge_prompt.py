"""What a judge is asked: instructions, then evidence, then claims, so that what claims share stands in front.

The instructions are the same for every call of a model, and the evidence is in the order of the documents, not of each
claim's hits. So calls about claims that share evidence begin with the same bytes, and endpoints that keep prefixes read
them once.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from halueval.chat.prompts import Prompt
from halueval.records import ClaimWithEvidence, Evidence
from halueval.text.sentences import sentence_spans
from halueval.verifiers.grouping import PassageKey, passage_key

__all__ = [
    "Fence",
    "Shown",
    "canary_for",
    "data_of",
    "gives_away",
    "likely_reply",
    "likely_ruling",
    "messages",
    "passage_text",
    "shown_evidence",
]

Fence: TypeAlias = Callable[[str, str], str]

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_SYLLABLES, _CONSONANTS, _VOWELS = 6, "bdfgklmnprstvz", "aeiou"


@dataclass(frozen=True, slots=True)
class Shown:
    """The evidence of one call as it is shown: passages in the order of the prompt, and what is shown of them.

    ``shortened`` are those of which only the beginning is shown, ``left_out`` how many of each item's are not shown.
    """

    passages: tuple[Evidence, ...]
    texts: tuple[str, ...]
    shortened: frozenset[PassageKey]
    left_out: tuple[int, ...]

    @property
    def characters(self) -> int:
        return sum(map(len, self.texts))


def shown_evidence(items: Sequence[ClaimWithEvidence], room: int) -> Shown:
    """What is shown of the evidence of items that are asked about together.

    Each item's passages are taken best first as long as they fit into ``room`` characters for that item; the first that
    doesn't is cut at the end of a sentence, and those after it are left out. The best passage is always shown, at least
    in part. A passage without text is not shown.
    """
    lengths: dict[PassageKey, int] = {}
    passages: dict[PassageKey, Evidence] = {}
    left_out = []
    for item in items:
        free, left = room, 0
        mine: set[PassageKey] = set()
        for passage in item.evidence:
            key = passage_key(passage)
            if key in mine or not passage.text.strip():
                continue
            mine.add(key)
            length = _fitting(passage.text, free) if free > 0 else 0
            if length == 0:
                left += 1
                free = 0
                continue
            free = free - length if length == len(passage.text) else 0
            passages.setdefault(key, passage)
            lengths[key] = max(length, lengths.get(key, 0))
        left_out.append(left)
    order = sorted(passages)
    texts = tuple(passages[key].text[: lengths[key]] for key in order)
    shortened = frozenset(key for key in order if lengths[key] < len(passages[key].text))
    return Shown(tuple(passages[key] for key in order), texts, shortened, tuple(left_out))


def _fitting(text: str, room: int) -> int:
    """How many characters of a text are shown: all, or up to the last sentence end that fits, else the last word."""
    if len(text) <= room:
        return len(text)
    start = text[: room + 1]
    ends = [span.end for span in sentence_spans(start) if span.end <= room]
    if ends and ends[-1] == len(start.rstrip()):  # the sentence that the cut went through ends there for no reason
        ends.pop()
    if ends:
        return ends[-1]
    blank = max((i for i, character in enumerate(start) if character.isspace()), default=0)
    return blank or room


def messages(
    prompt: Prompt, canary: str, shown: Shown, claims: Sequence[tuple[str, str]], fence: Fence
) -> tuple[dict[str, str], ...]:
    """The messages of one call.

    Parameters
    ----------
    prompt : Prompt
        Our instructions, with ``{canary}`` where the word stands that must not come back.
    canary : str
        That word.
    shown : Shown
        The evidence.
    claims : sequence of (id, text)
        In order.
    fence : callable
        From the name of a block and a text to the block.
    """
    evidence = [
        fence(f"P{number}", passage_text(passage, text))
        for number, (passage, text) in enumerate(zip(shown.passages, shown.texts, strict=True), 1)
    ]
    asked = [fence(name, text) for name, text in claims]
    ids = ", ".join(name for name, _ in claims)
    user = "\n".join(["Passages:", *evidence, "Claims:", *asked, f"Judge {ids} by the passages. JSON only."])
    return (
        {"role": "system", "content": prompt.text.replace("{canary}", canary)},
        {"role": "user", "content": user},
    )


def passage_text(passage: Evidence, text: str) -> str:
    """What is shown of a passage, under a line that says where it is from; what that says is data like the rest."""
    about = " · ".join(" ".join(part.split()) for part in (passage.title, passage.source, passage.date) if part.strip())
    return f"[{about}]\n{text}" if about else text


def data_of(items: Sequence[ClaimWithEvidence]) -> list[str]:
    """All text from outside in prompts about the items: what a canary must not stand in."""
    of_passages = (part for item in items for e in item.evidence for part in (e.title, e.source, e.date, e.text))
    return [*(item.claim.text for item in items), *of_passages]


def canary_for(*parts: str, absent_from: Iterable[str] = ()) -> str:
    """A word that nobody writes by chance, always the same for the same parts; another one where the data has it.

    Examples
    --------
    >>> word = canary_for("judge.v1", "a-model")
    >>> word == canary_for("judge.v1", "a-model"), word == canary_for("judge.v1", "a-model", absent_from=[word.upper()])
    (True, False)
    """
    held = "\n".join(_letters(text) for text in absent_from)
    number = 0
    while True:
        seed = hashlib.sha256("\x1f".join((*parts, str(number))).encode("utf-8", "surrogatepass")).digest()
        word = "".join(
            _CONSONANTS[seed[2 * i] % len(_CONSONANTS)] + _VOWELS[seed[2 * i + 1] % len(_VOWELS)]
            for i in range(_SYLLABLES)
        )
        if word not in held and word[::-1] not in held:
            return word
        number += 1


def gives_away(reply: str, canary: str) -> bool:
    """Whether a reply has the word in it: in any case, spaced, hyphenated, accented, in JSON escapes, or backwards.

    Examples
    --------
    >>> gives_away("It is K-O D_A.", "koda"), gives_away("adok", "koda"), gives_away("a code", "koda")
    (True, True, False)
    >>> gives_away(r'{"reason": "k\\n\\u006f\\nd\\na"}', "koda")
    True
    """
    return any(
        word in letters for letters in map(_letters, (reply, _unescaped(reply))) for word in (canary, canary[::-1])
    )


def _unescaped(reply: str) -> str:
    """The text with JSON's escapes undone, wherever they are: a reply need not be JSON to give the word away."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else " ", reply)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, unicodedata.normalize("NFKD", text).casefold()))


def likely_reply(ids: Sequence[str], shown: Shown) -> str:
    """A reply of the usual length, made without asking."""
    ruling = likely_ruling(shown.texts)
    return json.dumps({"verdicts": [{"id": name, **ruling} for name in ids]}, ensure_ascii=False)


def likely_ruling(texts: Sequence[str]) -> dict[str, Any]:
    """What is usually said of one claim, by its length: a quote from the first text, a reason of one sentence."""
    return {
        "quote": " ".join(texts[0].split()[:22]) if texts else "",
        "reason": "The passage gives the same group of patients, but says nothing of the outcome in the claim.",
        "label": "not_enough_info",
        "probability": 0.85,
    }
