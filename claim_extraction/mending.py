"""Claims that a chat model left unfinished, finished by the rules: lists taken apart, pronouns given their names.

The same rules that cut the answer's own sentences are used on the model's, with the same reserve: a list is taken apart
only where each part stands, and a name is written in only where what was said before leaves little doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import and_

from halueval.claim_extraction.alignment import content_words, share_in
from halueval.claim_extraction.annotation import read_answer
from halueval.claim_extraction.assembly import ParsedPassage, Statement
from halueval.claim_extraction.coordination import Group, distribute
from halueval.claim_extraction.drafts import Draft, Insert, render
from halueval.claim_extraction.grain import comes_apart
from halueval.claim_extraction.parses import Parse, first, last
from halueval.claim_extraction.rules import doses_of, tokens_of
from halueval.claim_extraction.subjects import Memory
from halueval.records import Response, Span
from halueval.text.word_sets import word_set

__all__ = [
    "may_hold_list",
    "named_after",
    "opens_with_pronoun",
    "parsed_claims",
    "resolved",
    "shares_pronoun",
    "split_list",
    "with_text",
]

_PRONOUN = re.compile(
    r"(?:(?:it|they|its|their)|(?:this|these|that|those)(?:\s+(?:is|are|was|were|can|may|might|will|should|could|has"
    r"|have|condition|conditions|drugs?|medications?|medicines?|disease|treatments?|infections?|symptoms?|test))?)\b",
    re.IGNORECASE,
)
_NOTHING_MEANT = re.compile(
    r"it(?:['’]s| is| was| may be| can be| would be| might be)"
    r" (?:(?:also|still|often|generally|very|not|always|usually) )*"
    r"(?:important|essential|crucial|vital|best|better|good|wise|advised|advisable|recommended|necessary|possible"
    r"|impossible|common|uncommon|likely|unlikely|helpful|known|estimated|thought|believed|worth|clear|unclear|true)"
    r" (?:for [\w' -]{1,60}? )?(?:[\w-]+ )?(?:to|that)\b",
    re.IGNORECASE,
)
_STANDS_FOR = re.compile(
    r"(?:it|they|(?:this|these|that|those)(?:\s+(?:conditions?|drugs?|medications?|medicines?|diseases?|treatments?"
    r"|infections?|tests?))?)\s+(?=[a-z])",
    re.IGNORECASE,
)
_VERBS = word_set("is are was were can could may might should will would must has have does do include includes cannot")
_ADVERBS = word_set("also often usually typically commonly generally both not")
_NO_NAME = word_set(
    "once among for in when if with as because after during while at by from to on although since it they"
)
_SAME_SAID = 0.6  # share of what a claim says of "it" that another claim must say
_LONGEST_SUBJECT = 8  # words
_MAY_LIST = re.compile(r",|\b(?:and|or)\b", re.IGNORECASE)
_NAMING = frozenset(["NN", "NNS", "NNP", "NNPS", "JJ", "RB", "VBG", "CD"])
_LEAST = 3  # things that make a list (two are often one), and words of each claim that tell something


def parsed_claims(texts: Sequence[str], pipeline: str | None) -> list[tuple[ParsedPassage, str] | None]:
    """Each text parsed as a sentence of its own, and what its offsets are of; None for one that isn't exactly one."""
    if not texts:
        return []
    joined = "\n\n".join(texts)
    answer = read_answer(Response("claims", joined), pipeline, include_reasoning=True)
    out: list[tuple[ParsedPassage, str] | None] = []
    at = 0
    for text in texts:
        end = at + len(text)
        mine = [p for p in answer.passages if at <= p.passage.span.start < end]
        alone = len(mine) == 1 and not mine[0].passage.lead and mine[0].parse is not None
        out.append((mine[0], joined) if alone else None)
        at = end + 2
    return out


def may_hold_list(text: str) -> bool:
    """Whether it is worth looking for a list: two commas or joining words at least."""
    return len(_MAY_LIST.findall(text)) > 1


def opens_with_pronoun(text: str) -> bool:
    """Whether nobody can tell what a claim is about: "It may cause nausea"."""
    return _PRONOUN.match(text) is not None and _NOTHING_MEANT.match(text) is None


def shares_pronoun(text: str, sentence: str) -> bool:
    """Whether a claim's opening pronoun is the sentence's own; else the model put it in the place of a name there."""
    opening = text.split(maxsplit=1)[0].lower() if text.split() else ""
    return opening in sentence.lower().split()


def split_list(parsed: ParsedPassage, source: str) -> list[str]:
    """One claim for each thing of a list, in the claim's words; the claim alone where there is nothing to take apart.

    Parameters
    ----------
    parsed : ParsedPassage
        From :func:`parsed_claims`.
    source : str
        The text that was parsed, for the brackets that the parser did not see.
    """
    parse, passage = parsed.parse, parsed.passage
    whole = source[passage.span.start : passage.span.end]
    if parse is None:
        return [whole]
    together = [tokens_of(parse, passage, span) for span in doses_of(parsed, source)]
    drafts = _whole_items(parse, distribute(parse, Draft((parse.everything,)), together, _is_list))
    if len(drafts) < _LEAST:
        return [whole]
    said = [render(draft, parse, passage, source, {})[0] for draft in drafts]
    return said if all(len(content_words(part)) >= _LEAST for part in said) else [whole]


def _whole_items(parse: Parse, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, those of one thing that the parser broke in two made one; none where it may have lost its last word.

    "Nausea, rapid heartbeat, and muscle stiffness" read as six things before "stiffness": an item of a list ends at a
    comma, what all share stands before the list or after it, and after it there is no noun.
    """
    if len(drafts) < _LEAST:
        return []
    common = reduce(and_, (draft.tokens for draft in drafts))
    if not all(draft.tokens & ~common for draft in drafts):
        return []
    out = [drafts[0]]
    for draft in drafts[1:]:
        before, own = out[-1].tokens & ~common, draft.tokens & ~common
        if last(before) + 1 == first(own):
            out[-1] = Draft((out[-1].tokens | own,), {**out[-1].swaps, **draft.swaps})
        else:
            out.append(draft)
    start, own = first(drafts[0].tokens & ~common), out[-1].tokens & ~common
    if common & ((1 << last(own)) - (1 << start)):
        return []  # what all share stands before the list or after it
    after = last(own) + 1
    shared = after < len(parse) and common >> after & 1 and parse.words[after][0].isalnum()
    return [] if shared and parse.tags[after] in _NAMING else out


def _is_list(parse: Parse, draft: Draft, group: Group) -> bool:
    listed = len(group.heads) >= _LEAST and (group.kind == "noun" or bool(group.marker))
    return listed and comes_apart(parse, draft, group)


def resolved(parsed: ParsedPassage, source: str, memory: Memory) -> tuple[str, tuple[Span, ...]] | None:
    """The claim with what its pronoun stands for, and where that was said; None where the rules would not say.

    ``memory`` is what had been spoken of before the sentence that the claim was made in.
    """
    parse, passage = parsed.parse, parsed.passage
    if parse is None:
        return None
    swaps: dict[int, Insert] = {}
    spans: list[Span] = []
    for one in memory.carry(parse, passage):
        if not one.antecedent:
            swaps.update(one.swaps)
            spans.extend(span for _, insert in one.swaps for span in insert.spans)
    if not swaps:
        return None
    text, _ = render(Draft((parse.everything,)), parse, passage, source, swaps)
    return (text, tuple(dict.fromkeys(spans))) if text and not opens_with_pronoun(text) else None


def named_after(text: str, others: Sequence[str]) -> str | None:
    """A claim that opens with a pronoun, with the subject of a claim of the same sentence that says the same of it.

    Parameters
    ----------
    text : str
        "It may cause nausea."
    others : sequence of str
        What the rules made of the sentence: "Zoloft may cause nausea."

    Returns
    -------
    str or None
        "Zoloft may cause nausea."; None where no claim has most of the words, and the same verb after a short subject.

    Examples
    --------
    >>> named_after("It may cause severe nausea.", ["Zoloft may cause severe nausea or vomiting."])
    'Zoloft may cause severe nausea.'
    >>> named_after("It may cause severe nausea.", ["Zoloft thins blood."]) is None
    True
    """
    opening = _STANDS_FOR.match(text)
    if opening is None:
        return None
    rest = text[opening.end() :]
    words = content_words(rest)
    for other in sorted(others, key=lambda o: -share_in(words, content_words(o))):
        if share_in(words, content_words(other)) < _SAME_SAID or opens_with_pronoun(other):
            continue
        subject = _subject_before(rest, other.split())
        if subject is not None and share_in(content_words(subject), words) < 1:
            return f"{subject} {rest}"
    return None


def _subject_before(rest: str, said: Sequence[str]) -> str | None:
    """What stands before the verb of ``rest`` in another claim, where that is short and nothing but a name."""
    lowered, wanted = [w.lower().strip(",.;:") for w in said], rest.lower().split()
    verb = next((i for i, w in enumerate(wanted) if w.strip(",.;:") not in _VERBS), None)
    if verb is None:
        return None
    at = next((i for i in range(1, len(said)) if lowered[i : i + 2] == wanted[:2] and len(wanted) > 1), None)
    if at is None:  # "can include" where the other claim says "include": what tells something, without its auxiliary
        stem = content_words(wanted[verb])
        at = next((i for i in range(1, len(said)) if stem and content_words(lowered[i]) == stem), None)
        while at is not None and at > 1 and lowered[at - 1] in _VERBS | _ADVERBS:
            at -= 1
        if at is not None and lowered[at] not in _VERBS and wanted[0] in ("is", "are", "was", "were"):
            return None
    if at is None or not 1 <= at <= _LONGEST_SUBJECT or lowered[0] in _NO_NAME:
        return None
    named = not any("," in w for w in said[:at]) and _VERBS.isdisjoint(lowered[:at])
    return " ".join(said[:at]) if named else None


def with_text(statement: Statement, text: str, more: Sequence[Span] = ()) -> Statement:
    """The statement in other words, with places added."""
    added = tuple(s for s in more if not any(o.start <= s.start and s.end <= o.end for o in statement.spans))
    return replace(statement, text=text, spans=(*statement.spans, *added))
