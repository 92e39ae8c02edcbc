"""What is known of an answer before a chat model is asked: its sentences, what is named and measured in them, the
claims that the rules find, and what had been spoken of when each sentence began.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from halueval.claim_extraction.assembly import ParsedPassage, ReadAnswer, Statement, said_reason, whole
from halueval.claim_extraction.parses import has_predicate
from halueval.claim_extraction.passages import Passage
from halueval.claim_extraction.rules import split_by_rules
from halueval.claim_extraction.subjects import Memory, asked_about, is_relayed, thing_asked_about
from halueval.claim_extraction.windows import Window, windows
from halueval.records import Response, Span
from halueval.text.abbreviations import find_abbreviations

__all__ = ["Framed", "Sentence", "described", "frame_answer", "question_of"]

_NAMES = 8  # entities that are pointed out per sentence: the longest ones


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as the model is asked about it, and what the rules make of it.

    ``lead`` is the line that introduces it, where it is an item of a list. ``memory`` holds what was spoken of before.
    """

    number: int
    parsed: ParsedPassage
    said: str
    lead: str
    rules: tuple[Statement, ...]
    memory: Memory

    @property
    def span(self) -> Span:
        return self.parsed.passage.span

    @property
    def full(self) -> str:
        """The sentence with the line that introduces it."""
        return f"{self.lead} {self.said}" if self.lead else self.said

    def has_claim(self, text: str) -> bool:
        """Whether the rules make this very claim of it."""
        return any(s.text == text for s in self.rules if s.reason is None)


@dataclass(frozen=True, slots=True)
class Framed:
    """An answer with all that is known of it; sentences are numbered from 1."""

    answer: ReadAnswer
    question: str
    sentences: tuple[Sentence, ...]
    windows: tuple[tuple[Window, tuple[Sentence, ...]], ...]

    @property
    def response(self) -> Response:
        return self.answer.response

    @property
    def english(self) -> bool:
        return self.answer.note is None

    @property
    def context(self) -> str:
        """The question and the whole answer: what names may be carried from."""
        text = self.response.text
        return "\n".join([self.question, *(text[p.start : p.end] for p in self.answer.parts)])

    def touched(self, spans: Sequence[Span]) -> tuple[Sentence, ...]:
        """The sentences that share a character with these places."""
        return tuple(s for s in self.sentences if any(s.span.start < p.end and p.start < s.span.end for p in spans))


def question_of(response: Response) -> str:
    """What was asked last; "" where that isn't known."""
    if response.prompt is not None:
        return response.prompt
    asked = [str(m.get("content", "")) for m in response.messages if m.get("role") == "user"]
    return asked[-1] if asked else ""


def frame_answer(answer: ReadAnswer, *, size: int, overlap: int) -> Framed:
    """Everything that the offline tools find in an answer, its sentences in windows.

    In an answer that isn't English the sentences are all there is.
    """
    response = answer.response
    text, question = response.text, question_of(response)
    rules = _rules(answer)
    memories = _memories(answer, question)
    sentences = []
    for number, (parsed, statements, memory) in enumerate(zip(answer.passages, rules, memories, strict=True), 1):
        span = parsed.passage.span
        said = " ".join(text[span.start : span.end].split())
        sentences.append(Sentence(number, parsed, said, _lead(parsed.passage, text), statements, memory))
    cut = []
    for window in windows(text, answer.parts, size=size, overlap=overlap):
        own = tuple(s for s in sentences if any(w.start <= s.span.start < w.end for w in window.own))
        if own:
            cut.append((window, own))
    return Framed(answer, question, tuple(sentences), tuple(cut))


def _rules(answer: ReadAnswer) -> Iterator[tuple[Statement, ...]]:
    response = answer.response
    if answer.note is not None:
        return ((whole(p.passage, response.text),) for p in answer.passages)
    asked = response if response.prompt is not None else replace(response, prompt=question_of(response) or None)
    return (tuple(statements) for _, statements in split_by_rules(asked, answer.passages))


def _memories(answer: ReadAnswer, question: str) -> Iterator[Memory]:
    """What had been spoken of before each sentence."""
    text = answer.response.text
    memory = Memory(asked_about(question or None), thing_asked_about(question or None), relayed=is_relayed(text))
    for parsed in answer.passages:
        yield replace(memory, recent=list(memory.recent))
        parse, passage = parsed.parse, parsed.passage
        if parse is None or not has_predicate(parse):
            continue
        if said_reason(passage, whole(passage, text).text, has_predicate=True) is None:
            memory.learn(parse, passage)


def _lead(passage: Passage, text: str) -> str:
    """The line that introduces a list item, where the item was joined to it."""
    if not passage.lead:
        return ""
    start, end = passage.offsets[0], passage.offsets[passage.lead - 1]
    return " ".join(text[start : max(start, end)].split()).rstrip(" :")


def described(framed: Framed, sentences: Sequence[Sentence]) -> tuple[str, str]:
    """The sentences with their numbers, and what is in them: measures, names, abbreviations that the answer defines."""
    text = framed.response.text
    lines, notes = [], []
    for s in sentences:
        lines.append(f"[{s.number}] {s.said}")
        measured = list(dict.fromkeys(text[q.span.start : q.span.end] for q in s.parsed.quantities))
        named = [e.text for e in s.parsed.entities if e.type != "phrase"]
        named = sorted(dict.fromkeys(named), key=len, reverse=True)[:_NAMES]
        found = [f"measures: {'; '.join(measured)}"] * bool(measured) + [f"names: {'; '.join(named)}"] * bool(named)
        if found:
            notes.append(f"[{s.number}] " + " | ".join(" ".join(f.split()) for f in found))
    notes += [f"{a.short} = {' '.join(a.long.split())}" for a in find_abbreviations(text)]
    return "\n".join(lines), "\n".join(notes)
