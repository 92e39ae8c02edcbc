"""A claim in the making: which tokens of a sentence it keeps, what is carried into it, and how that reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from halueval.claim_extraction.parses import Parse, bits
from halueval.claim_extraction.passages import Passage
from halueval.records import Span

__all__ = ["Draft", "Insert", "Part", "render"]


@dataclass(frozen=True, slots=True)
class Insert:
    """Words that a claim takes from elsewhere, or that its grammar needs, with the characters they were said in."""

    text: str
    spans: tuple[Span, ...] = ()


Part: TypeAlias = int | Insert
"""A bit set of tokens, written in their order, or an insert."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Parts of a claim in the order they are written; ``swaps`` writes something else for a token of this draft
    only."""

    parts: tuple[Part, ...]
    swaps: Mapping[int, Insert] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        """All tokens kept, as a bit set."""
        out = 0
        for part in self.parts:
            if isinstance(part, int):
                out |= part
        return out

    def without(self, mask: int) -> Draft:
        """The draft with these tokens dropped."""
        return replace(self, parts=tuple(p & ~mask if isinstance(p, int) else p for p in self.parts))

    def swapping(self, swaps: Mapping[int, Insert]) -> Draft:
        """The draft with more tokens written as something else."""
        return replace(self, swaps={**self.swaps, **swaps})


_NO_SPACE_BEFORE = re.compile(r"[,.;:!?)\]%’']|n't$|n’t$")
_COMMAS = re.compile(r"(?:\s*[,;:])+(?=\s*[,;:.])")
_LOOSE = re.compile(
    r"^(?:(?:and|but|or|so|yet)\s+|(?:however|therefore|also|thus|additionally|consequently)\s*,\s*)+(?=\w)"
    r"|[\s,]+(?:and|but|or|so|as well as)\s*(?=[.!]?$)",
    re.IGNORECASE,
)
_CASED = re.compile(r"[a-z]+[A-Z]|[a-z]-")  # mRNA, pH and p-value stay as they are
_EDGE = " ,;:–—-"


def render(
    draft: Draft, parse: Parse, passage: Passage, response: str, swaps: Mapping[int, Insert]
) -> tuple[str, tuple[Span, ...]]:
    """The claim as a sentence, and the characters of the response it rests on.

    Brackets that the parser did not see come back after their word. The first letter is made a capital and a full stop
    put at the end; nothing else is changed. The characters in which the predicate was said come first, then what was
    carried to it (its subject, a name for "it"), each in the order of the text.
    """
    out: list[str] = []
    spans: list[Span] = []
    swaps = {**swaps, **draft.swaps} if draft.swaps else swaps
    for part in draft.parts:
        if isinstance(part, Insert):
            out.append(_joint(out) + part.text)
            spans.extend(part.spans)
            continue
        before = -2
        for i in bits(part):
            swap = swaps.get(i)
            word = swap.text if swap else parse.words[i]
            if not word:
                spans.append(Span(passage.offsets[parse.starts[i]], passage.offsets[parse.ends[i] - 1] + 1))
                before = i
                continue
            if i == before + 1 and swap is None:
                glue = " " if parse.starts[i] > parse.ends[before] else ""
            elif _NO_SPACE_BEFORE.match(word):
                glue = ""
            else:
                glue = _joint(out)
            before = i
            start, end = parse.starts[i], parse.ends[i]
            here = Span(passage.offsets[start], passage.offsets[end - 1] + 1)
            if swap is None and here.end - here.start > len(word):
                said = response[here.start : here.end].split()
                if "".join(said) == word:
                    word = " ".join(said)  # "mm Hg", which the parser saw as one word
            if bracket := passage.attached.get(end - 1):
                word += " " + response[bracket.start : bracket.end]
                here = Span(here.start, bracket.end)
            if start in passage.joint:
                pass
            elif swap is None:
                spans.append(here)
            else:
                spans.extend((here, *swap.spans))
            out.append(glue + word)
    predicate = next((p for p in reversed(draft.parts) if isinstance(p, int) and p), 0)
    said_in = {passage.offsets[parse.starts[i]] for i in bits(predicate) if parse.starts[i] not in passage.joint}
    merged = _merged(spans, response)
    return _as_sentence("".join(out)), tuple(
        sorted(merged, key=lambda s: not any(s.start <= at < s.end for at in said_in))
    )


def _joint(out: list[str]) -> str:
    return " " if out and not out[-1].endswith((" ", "(", "-", "/")) else ""


def _as_sentence(text: str) -> str:
    text = _COMMAS.sub("", " ".join(text.split())).strip(_EDGE)
    text = _LOOSE.sub("", text).strip(_EDGE)
    if text[:1].islower() and not _CASED.match(text):
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "”", '"')) or not text else text + "."


def _merged(spans: list[Span], response: str) -> tuple[Span, ...]:
    """In order, with those that touch, or that only white space parts, made one."""
    out: list[Span] = []
    for span in sorted(set(spans)):
        if out and (span.start <= out[-1].end or response[out[-1].end : span.start].isspace()):
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    said = [s for s in out if any(map(str.isalnum, response[s.start : s.end]))]  # a full stop alone is no place
    return tuple(said or out)
