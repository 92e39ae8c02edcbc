"""From claims held to the answer to the statements that are kept: what the rules finish, replace, add and merge.

Whatever is done to the model's claims here is counted, and said in the words of the extraction's warnings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from halueval.claim_extraction.alignment import content_words
from halueval.claim_extraction.assembly import Statement
from halueval.claim_extraction.duplicates import merge_duplicates
from halueval.claim_extraction.framing import Framed
from halueval.claim_extraction.guard import numbers_in
from halueval.claim_extraction.mending import (
    may_hold_list,
    named_after,
    opens_with_pronoun,
    parsed_claims,
    resolved,
    shares_pronoun,
    split_list,
    with_text,
)
from halueval.claim_extraction.review import Held, replaced, with_gaps_filled
from halueval.records import Span
from halueval.text.negation import negation_cues
from halueval.text.word_sets import word_set

__all__ = ["settled"]

# What a claim may have more than another and still say the same.
_FILLERS = frozenset(
    content_words(
        """additionally addition moreover furthermore besides overall indeed generally note noted noting important
        importantly worth remember know known fact true case doctors doctor experts expert according say says research
        studies study show shows shown evidence please keep mind mentioned stated well"""
    )
) | word_set("it that as is")
_REPLACED = ("was replaced by a rule-based one", "were replaced by rule-based ones")
_BY_RULES = ("was taken from the rules", "were taken from the rules")
# What was the matter with claims, and what was done to one and to several: the words of the warnings, in their order.
_WORDED = {
    "mended": ("changed what the answer says and", ("was mended by the model", "were mended by the model")),
    "number": ("changed a number and", _REPLACED),
    "negation": ("changed a negation and", _REPLACED),
    "opposite": ("said the opposite and", _REPLACED),
    "name": ("changed a name and", _REPLACED),
    "hedge": ('left out a "may" and', _REPLACED),
    "invented": ("had nothing in the answer to rest on and", ("was left out", "were left out")),
    "split": ("held a list and", ("was split by the rules", "were split by the rules")),
    "named": ("opened with a pronoun and", ("was named by the rules", "were named by the rules")),
    "unnamed": ("with an opening pronoun", ("could not be given a name", "could not be given a name")),
    "passed over": ("of a sentence passed over by the model", _BY_RULES),
    "number left out": ("with a number left out by the model", _BY_RULES),
    "merged": ("said something twice and", ("was merged", "were merged")),
}


def settled(
    framed: Framed,
    held: Sequence[Held],
    skipped: Mapping[int, str],
    counts: Counter[str],
    pipeline: str | None,
) -> tuple[list[Statement], list[str]]:
    """The statements of an answer in their order, and what was done to the model's claims, in counted words.

    Parameters
    ----------
    framed : Framed
        The answer.
    held : sequence of Held
        The model's claims, those that were sent back as they came back.
    skipped : mapping
        Sentences of which the model made no claim, by their number, and why.
    counts : Counter
        What was done before.
    pipeline : str or None
        For parsing the model's claims.
    """
    counts = Counter(counts)
    kept: list[tuple[tuple[int, int], Statement]] = []  # by the sentence, and there by the order of the model
    faithful = [(i, one) for i, one in enumerate(held) if one.carried and not one.changes]
    counts["invented"] += sum(not one.carried for one in held)
    kept.extend(_finished(framed, faithful, counts, pipeline))
    for i, one in enumerate(held):
        if one.carried and one.changes:
            counts[one.changes[0].kind] += 1
            for statement in replaced(framed, one, [s.text for _, s in kept]):
                kept.append(((_sentence_of(framed, statement.spans, one.written.number), i), statement))
    spoken_of = {one.written.number for one in held if one.carried}
    for sentence in framed.sentences:
        own = [s.text for (n, _), s in kept if n == sentence.number]
        if not own and sentence.number in spoken_of:
            continue  # what the model said of it stands in another
        added, why = with_gaps_filled(framed, sentence, own, skipped.get(sentence.number))
        if why is not None:
            counts[why] += sum(s.reason is None for s in added)
        kept.extend(((sentence.number, len(held)), s) for s in added)
    kept.sort(key=lambda pair: pair[0])
    statements, merged = merge_duplicates([s for _, s in kept])
    statements = [replace(s, spans=_apart(s.spans)) for s in statements]
    statements, near = _without_near_duplicates(statements)
    counts["merged"] += merged + near
    return statements, [_worded(kind, counts[kind]) for kind in _WORDED if counts[kind]] + _failed(counts)


def _finished(
    framed: Framed, held: Sequence[tuple[int, Held]], counts: Counter[str], pipeline: str | None
) -> list[tuple[tuple[int, int], Statement]]:
    """The model's claims as statements, with lists taken apart and pronouns named."""
    statements = [
        ((_sentence_of(framed, one.spans, one.written.number), i), Statement(one.written.text, one.spans))
        for i, one in held
    ]
    if not framed.english:
        return statements
    wanted = [
        i
        for i, ((n, _), s) in enumerate(statements)
        if opens_with_pronoun(s.text)
        or may_hold_list(s.text)
        and not framed.sentences[n - 1].has_claim(s.text)  # else the rules left the list whole on purpose
    ]
    parsed = dict(zip(wanted, parsed_claims([statements[i][1].text for i in wanted], pipeline), strict=True))
    out = []
    for i, (order, statement) in enumerate(statements):
        found = parsed.get(i)
        if found is None:
            out.append((order, statement))
            continue
        at, source = found
        if opens_with_pronoun(statement.text):
            sentence = framed.sentences[order[0] - 1]
            same = named_after(statement.text, [s.text for s in sentence.rules if s.reason is None])
            named: tuple[str, tuple[Span, ...]] | None = (same, ()) if same is not None else None
            if named is None and shares_pronoun(statement.text, sentence.said):
                named = resolved(at, source, sentence.memory)
            if named is not None:
                counts["named"] += 1
                statement = with_text(statement, *named)
                again = parsed_claims([statement.text], pipeline)[0]
                if again is None:
                    out.append((order, statement))
                    continue
                at, source = again
            counts["unnamed"] += opens_with_pronoun(statement.text)
        parts = split_list(at, source)
        if len(parts) > 1:
            counts["split"] += 1
        out.extend((order, with_text(statement, part)) for part in parts)
    return out


def _sentence_of(framed: Framed, spans: Sequence[Span], fallback: int) -> int:
    """The number of the sentence that holds the first place of a claim."""
    touched = framed.touched(spans[:1])
    return touched[0].number if touched else fallback


def _without_near_duplicates(statements: Sequence[Statement]) -> tuple[list[Statement], int]:
    """Statements without those that say, of the same place, what an earlier one says in hardly other words."""
    kept: list[Statement] = []
    seen: list[tuple[tuple[str, ...], set[str], int]] = []
    merged = 0
    for statement in statements:
        words = tuple(w for w in content_words(statement.text) if w not in _FILLERS)
        mine = (words, numbers_in(statement.text), len(negation_cues(statement.text)))
        if statement.reason is None and any(
            mine == other and _meet(statement.spans, kept[k].spans) for k, other in enumerate(seen) if words
        ):
            merged += 1
            continue
        kept.append(statement)
        seen.append(mine)
    return kept, merged


def _apart(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Places in their order, those that overlap made one."""
    out: list[Span] = []
    for span in spans:
        met = [k for k, other in enumerate(out) if other.start < span.end and span.start < other.end]
        if not met:
            out.append(span)
            continue
        together = [span, *(out[k] for k in met)]
        out[met[0]] = Span(min(s.start for s in together), max(s.end for s in together))
        for k in reversed(met[1:]):
            del out[k]
    return tuple(out)


def _meet(a: Sequence[Span], b: Sequence[Span]) -> bool:
    return any(x.start < y.end and y.start < x.end for x in a for y in b)


def _failed(counts: Counter[str]) -> list[str]:
    n = counts["mending failed"]
    return [f"{n} {'call' if n == 1 else 'calls'} to mend claims failed"] if n else []


def _worded(kind: str, n: int) -> str:
    matter, done = _WORDED[kind]
    return f"1 claim {matter} {done[0]}" if n == 1 else f"{n} claims {matter} {done[1]}"
