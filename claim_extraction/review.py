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

# Share of a claim's weight that the answer and the question must have for the claim to be carried by them at all, the
# share that one sentence must have, and the share for a claim without a place to be laid on a sentence of our choice.
_CARRIED, _CARRIED_HERE, _ON_SENTENCE = 0.4, 0.3, 0.4
_MISQUOTED = 0.4  # share of the best sentence's share below which a quote is of the wrong sentence


@dataclass(frozen=True, slots=True)
class Written:
    """A claim as the model wrote it: the number of its sentence, its text, the quote it is said to rest on."""

    number: int
    text: str
    quote: str


@dataclass(frozen=True, slots=True)
class Held:
    """A claim laid beside the answer: where it stands, and what it changed there.

    ``carried`` is False for an invention: nothing in the answer says it, and it has no place. ``how`` a claim was
    placed is that of the alignment, or "sentence" where only the sentence is known.
    """

    written: Written
    spans: tuple[Span, ...] = ()
    how: str = ""
    changes: tuple[Change, ...] = ()
    carried: bool = True


def held_to(framed: Framed, written: Written) -> Held:
    """A claim placed in the answer and compared with the sentences that it stands in."""
    own = framed.sentences[written.number - 1]
    words = content_words(written.text)
    scores = {s.number: share_in(words, _words(s.full)) for s in framed.sentences}
    best = max(framed.sentences, key=lambda s: (scores[s.number], s is own))
    known = _words(framed.context)
    if words and (share_in(words, known) < _CARRIED or scores[best.number] < _CARRIED_HERE):
        return Held(written, carried=False)
    spans, how = _placed(framed, written, own, best, scores)
    if not spans:
        return Held(written, carried=False)
    if own in framed.touched(spans) and own.has_claim(written.text):
        return Held(written, spans, how)  # it says what would be put in its place
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
            there, how_there = _found(framed, written.text, other) or ((), "")
            if not _inside(there, other.span):
                there, how_there = (other.span,), "sentence"
            again = _compared(framed, written.text, there)
            if not any(change.kind != "hedge" for change in again):
                return Held(written, there, how_there, again)
    return Held(written, spans, how, found)


def _words(text: str) -> frozenset[str]:
    return frozenset(content_words(text))


def _placed(
    framed: Framed, written: Written, own: Sentence, best: Sentence, scores: dict[int, float]
) -> tuple[tuple[Span, ...], str]:
    """Where a claim stands: by its quote, else by its own words, else on the sentence that has most of them."""
    for words in (written.quote, written.text):
        found = _found(framed, words, own)
        if found is not None:
            share = max(scores[s.number] for s in framed.touched(found[0]))
            if words is written.quote and share < _MISQUOTED * scores[best.number]:
                continue  # the quote is of a sentence that hardly speaks of it
            return found
    for sentence, least in ((own, _CARRIED_HERE), (best, _ON_SENTENCE)):
        if scores[sentence.number] >= least:
            return (sentence.span,), "sentence"
    return (), ""


def _found(framed: Framed, words: str, own: Sentence) -> tuple[tuple[Span, ...], str] | None:
    """Where words stand: in their own sentence, unless they stand better elsewhere; never across two by halves."""
    text, start = framed.response.text, own.span.start
    here = place(words, text[start : own.span.end])
    if here is not None and here.how != "tokens":
        return tuple(Span(s.start + start, s.end + start) for s in here.spans), here.how
    there = place(words, text, own.span)
    if there is not None and there.how != "tokens" and framed.touched(there.spans):
        return there.spans, there.how
    if here is not None:
        return tuple(Span(s.start + start, s.end + start) for s in here.spans), here.how
    if there is None:
        return None
    wanted = content_words(words)
    touched = framed.touched(there.spans)
    if len(touched) > 1:  # the sentence that has most of them
        main = max(touched, key=lambda s: share_in(wanted, _words(s.said))).span
        cut = (Span(max(s.start, main.start), min(s.end, main.end)) for s in there.spans)
        return tuple(s for s in cut if s.start < s.end), there.how
    return (there.spans, there.how) if touched else None


def _inside(spans: Sequence[Span], span: Span) -> bool:
    return bool(spans) and all(span.start <= s.start and s.end <= span.end for s in spans)


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
