"""Atomic claims by rules on a parse, without an LLM: clauses and lists taken apart, subjects carried over.

The parser of a plain install is small and often wrong, so every cut is guarded: what comes out must have a subject and
a verb, no number may be parted from its unit, and where a guard says no, the sentence stays whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from halueval.claim_extraction.assembly import ParsedPassage, Statement, extract_batch, labelled, said_reason, whole
from halueval.claim_extraction.checkworthiness import not_checkworthy
from halueval.claim_extraction.clauses import unfold
from halueval.claim_extraction.coordination import distribute
from halueval.claim_extraction.doses import whole_doses
from halueval.claim_extraction.drafts import Draft, Insert, render
from halueval.claim_extraction.grain import comes_apart
from halueval.claim_extraction.parses import Parse, bits, first, has_predicate
from halueval.claim_extraction.passages import Passage
from halueval.claim_extraction.subjects import Carried, Memory, Mention, asked_about, is_relayed, thing_asked_about
from halueval.records import Extraction, Response, Span
from halueval.text.abbreviations import Abbreviation, find_abbreviations

__all__ = ["RulesExtractor", "doses_of", "split_by_rules", "tokens_of"]


class RulesExtractor:
    """Claims by rules: no model but the parser, no network, the same text gives the same claims.

    Parameters
    ----------
    pipeline : str, optional
        A spaCy pipeline by its import name; the best installed one by default
        (see :func:`halueval.text.pipeline.installed_pipelines`).
    include_reasoning : bool
        Whether what stands in a reasoning trace (``<think>…</think>``) is part of the answer.

    Examples
    --------
    >>> answer = "Side effects of Zoloft include headache, nausea and insomnia. It should be taken with food."
    >>> (extraction,) = RulesExtractor().extract([Response("a", answer)])
    >>> for claim in extraction.claims:
    ...     print(claim.text)
    Side effects of Zoloft include headache.
    Side effects of Zoloft include nausea.
    Side effects of Zoloft include insomnia.
    Zoloft should be taken with food.
    """

    def __init__(self, pipeline: str | None = None, *, include_reasoning: bool = False) -> None:
        self.pipeline = pipeline
        self.include_reasoning = include_reasoning

    @property
    def name(self) -> str:
        return "rules"

    def extract(self, responses: Sequence[Response]) -> list[Extraction]:
        """One extraction per response, in order; see :func:`halueval.claim_extraction.assembly.extract_batch`."""
        return extract_batch(
            responses,
            name=self.name,
            split=split_by_rules,
            pipeline=self.pipeline,
            include_reasoning=self.include_reasoning,
        )


def split_by_rules(
    response: Response, parsed: Sequence[ParsedPassage]
) -> Iterator[tuple[ParsedPassage, list[Statement]]]:
    """The statements of each passage of a response."""
    text = response.text
    known = {a.short: a for a in find_abbreviations(text)}
    memory = Memory(asked_about(response.prompt), thing_asked_about(response.prompt), relayed=is_relayed(text))
    for each in parsed:
        passage, parse = each.passage, each.parse
        sentence = whole(passage, text)
        predicate = parse is None or has_predicate(parse)
        reason = said_reason(passage, sentence.text, has_predicate=predicate)
        if reason is not None or parse is None:
            yield each, [replace(sentence, reason=reason, tokens=parse.everything if parse else 0)]
            continue
        if not predicate and (sides := labelled(sentence.text)) is not None:
            yield each, [_about(memory.topic or memory.asked_thing, sides, sentence, parse.everything)]
            continue
        carried = memory.carry(parse, passage)
        memory.learn(parse, passage)
        yield each, _statements(each, parse, text, carried, _expansions(parse, passage, known))


def _about(topic: Mention | None, sides: tuple[str, str], sentence: Statement, tokens: int) -> Statement:
    """ "Starting dose: 500 mg" of an answer about metformin: "Starting dose of metformin: 500 mg"."""
    label, value = sides
    if topic is None or topic.text.lower() in sentence.text.lower():
        return replace(sentence, tokens=tokens)
    return replace(
        sentence, text=f"{label} of {topic.text}: {value}", spans=(*sentence.spans, *topic.spans), tokens=tokens
    )


def _expansions(parse: Parse, passage: Passage, known: Mapping[str, Abbreviation]) -> dict[int, Insert]:
    """For each short form that another sentence defines, its long form with the short one in brackets."""
    out: dict[int, Insert] = {}
    done: set[str] = set()
    for i, word in enumerate(parse.words):
        found = known.get(word)
        if found is None or word in done or not word.isalpha() or found.long.lower() in passage.text.lower():
            continue
        if i and parse.words[i - 1][-1:].isdigit():
            continue  # a unit stays a unit
        if passage.span.start <= found.long_span.start < passage.span.end:
            continue
        done.add(word)
        out[i] = Insert(f"{found.long} ({word})", (found.long_span,))
    return out


def _statements(
    each: ParsedPassage, parse: Parse, text: str, carried: Sequence[Carried], expansions: Mapping[int, Insert]
) -> list[Statement]:
    passage = each.passage
    together = [tokens_of(parse, passage, span) for span in doses_of(each, text)]
    everything = Draft((parse.everything,))
    drafts = [
        _without_that(parse, draft)
        for clause in unfold(parse, everything, together)
        for draft in distribute(parse, clause, together, comes_apart)
    ]
    if len(drafts) > 1 and not all(_is_held(mask, drafts) for mask in together):
        drafts = [everything]
    out = []
    for draft in drafts:
        swaps = dict(expansions)
        own = " ".join(parse.lower[i] for i in bits(draft.tokens))
        for one in carried:
            if not one.antecedent & draft.tokens and one.swaps[0][1].text.lower() not in own:
                swaps.update(one.swaps)
        said, spans = render(draft, parse, passage, text, swaps)
        if said:
            out.append(Statement(said, spans, draft.tokens))
    if len(out) > 1 or passage.hearsay:  # "I spoke to your doctor" may be one half of a sentence
        out = [replace(s, reason=not_checkworthy(s.text)) for s in out]
    return out


def _is_held(mask: int, drafts: Sequence[Draft]) -> bool:
    """Whether a dose is in a claim, and whole wherever any of it is."""
    parts = [part & mask for draft in drafts for part in draft.parts if isinstance(part, int) and part & mask]
    return not mask or bool(parts) and all(part == mask for part in parts)


def _without_that(parse: Parse, draft: Draft) -> Draft:
    """The claim without a "that" before it, which belonged to what was cut off."""
    at = first(draft.tokens) if draft.tokens else 0
    if len(draft.parts) == 1 and parse.lower[at] == "that" and parse.deps[at] == "mark":
        return draft.without(1 << at)
    return draft


def doses_of(each: ParsedPassage, text: str) -> list[Span]:
    """What must not be parted, with offsets into the response."""
    span = each.passage.span
    inside = [q for q in each.quantities if span.start <= q.span.start]
    moved = [replace(q, span=Span(q.span.start - span.start, q.span.end - span.start)) for q in inside]
    doses = whole_doses(text[span.start : span.end], moved)
    out = [Span(d.start + span.start, d.end + span.start) for d in doses]
    return out + [q.span for q in each.quantities if q.span.start < span.start]


def tokens_of(parse: Parse, passage: Passage, span: Span) -> int:
    """The tokens of a parse that a span of the response touches, as a bit mask."""
    out = 0
    for i, (start, end) in enumerate(zip(parse.starts, parse.ends, strict=True)):
        if passage.offsets[start] < span.end and passage.offsets[end - 1] >= span.start:
            out |= 1 << i
    return out
