"""A chat model's claims held to the answer: each placed, compared with its sentence, replaced where nothing helps.

Nothing that the model says about places or about its own care is believed. What it changed can be sent back once; what
is then still changed gives way to what the rules make of the same place, and everything is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from halueval.claim_extraction.alignment import content_words, place, share_in
from halueval.claim_extraction.assembly import Statement
from halueval.claim_extraction.duplicates import same_claim
from halueval.claim_extraction.framing import Framed, Sentence
from halueval.claim_extraction.guard import Change, changes, measures_in, number_changes, numbers_in
from halueval.records import Span

__all__ = ["Held", "Written", "held_to", "replaced", "with_gaps_filled"]

# Share of a claim's weight that the answer and the question must have for the claim to be carried by them at all, and
# the share that one sentence must have for a claim without a place to be laid on it.
_CARRIED, _CARRIED_HERE, _ON_SENTENCE = 0.4, 0.3, 0.4


@dataclass(frozen=True, slots=True)
class Written:
    """A claim as the model wrote it: the number of its sentence, its text, the quote it is said to rest on."""

    number: int
    text: str
    quote: str


@dataclass(frozen=True, slots=True)
class Held:
    """A claim laid beside the answer: where it stands, and what it changed there.

    ``carried`` is False for an invention: nothing in the answer says it. ``how`` it was placed is that of the
    alignment, or "sentence" where only the sentence is known, or "" where nothing is.
    """

    written: Written
    spans: tuple[Span, ...] = ()
    how: str = ""
    changes: tuple[Change, ...] = ()
    carried: bool = True


def held_to(framed: Framed, written: Written) -> Held:
    """A claim placed in the answer and compared with the sentences that it stands in."""
    words = content_words(written.text)
    own = framed.sentences[written.number - 1]
    scores = {s.number: share_in(words, _words(s.full)) for s in framed.sentences}
    best = max(framed.sentences, key=lambda s: (scores[s.number], s is own))
    known = _words(framed.context)
    if words and (share_in(words, known) < _CARRIED or scores[best.number] < _CARRIED_HERE):
        return Held(written, carried=False)
    spans, how = _placed(framed, written, own, best, scores)
    if not spans:
        return Held(written)
    found = _compared(framed, written.text, spans)
    if any(change.kind != "hedge" for change in found):
        # the quote may be of the wrong sentence: one that says more of the claim, and says it so, is where it stands
        said = max(scores[s.number] for s in framed.touched(spans))
        numbers = measures_in(written.text)
        others = [
            s
            for s in framed.sentences
            if scores[s.number] >= max(said, _ON_SENTENCE)
            or numbers
            and scores[s.number] >= _CARRIED_HERE
            and numbers <= measures_in(s.full)
        ]
        for other in sorted(others, key=lambda s: -scores[s.number])[:2]:
            at = place(written.text, framed.response.text, other.span)
            there = at.spans if at and _inside(at.spans, other.span) else (other.span,)
            again = _compared(framed, written.text, there)
            if not any(change.kind != "hedge" for change in again):
                return Held(written, there, at.how if at else "sentence", again)
    return Held(written, spans, how, found)


def _words(text: str) -> frozenset[str]:
    return frozenset(content_words(text))


def _placed(
    framed: Framed, written: Written, own: Sentence, best: Sentence, scores: dict[int, float]
) -> tuple[tuple[Span, ...], str]:
    """Where a claim stands: by its quote, else by its own words, else on the sentence that has most of them."""
    text = framed.response.text
    for words in (written.quote, written.text):
        found = place(words, text, own.span)
        if found is not None and framed.touched(found.spans):
            return found.spans, found.how
    for sentence in (own, best):
        if scores[sentence.number] >= _ON_SENTENCE:
            return (sentence.span,), "sentence"
    return (), ""


def _inside(spans: Sequence[Span], span: Span) -> bool:
    return all(span.start <= s.start and s.end <= span.end for s in spans)


def _compared(framed: Framed, text: str, spans: Sequence[Span]) -> tuple[Change, ...]:
    said = " ".join(s.full for s in framed.touched(spans))
    if not framed.english:
        return tuple(number_changes(text, said, framed.context))
    return changes(text, said, framed.context)


def replaced(framed: Framed, held: Held, kept: Iterable[str]) -> list[Statement]:
    """What the rules say in place of a claim: the likest of their claims there, unless it has been made already."""
    words = content_words(held.written.text)
    here = framed.touched(held.spans) or (framed.sentences[held.written.number - 1],)
    candidates = [statement for s in here for statement in s.rules if statement.reason is None]
    if not candidates:
        return []
    best = max(candidates, key=lambda c: _likeness(words, content_words(c.text)))
    return [] if any(same_claim(best.text, text) for text in kept) else [best]


def _likeness(a: Sequence[str], b: Sequence[str]) -> float:
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / (len(a) + len(b)) if a and b else 0.0


def with_gaps_filled(
    framed: Framed, sentence: Sentence, own: Sequence[str], skipped: str | None
) -> tuple[list[Statement], str | None]:
    """What the rules add to a sentence that the model said nothing of, or a number of which it left out; and why.

    Parameters
    ----------
    own : sequence of str
        The claims that stand in this sentence.
    skipped : str or None
        Why the model made no claim of it, where it said so.
    """
    if not own:
        if skipped is None:
            return list(sentence.rules), "passed over"
        if measures_in(sentence.said) and any(statement.reason is None for statement in sentence.rules):
            return list(sentence.rules), "number left out"  # a skip is believed where nothing is measured
        whole = sentence.rules[0] if len(sentence.rules) == 1 else None
        text = whole.text if whole is not None else sentence.said
        return [Statement(text, (sentence.span,), reason=skipped)], None
    said: set[str] = set().union(*(numbers_in(text) for text in own))
    missing = measures_in(sentence.said) - said
    added = []
    for statement in sentence.rules:
        if statement.reason is None and (lost := measures_in(statement.text) & missing):
            missing -= lost
            added.append(statement)
    return added, "number left out" if added else None
