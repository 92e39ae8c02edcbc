"""Claims that a chat model left unfinished, finished by the rules: lists taken apart, pronouns given their names.

The same rules that cut the answer's own sentences are used on the model's, with the same reserve: a list is taken apart
only where each part stands, and a name is written in only where what was said before leaves little doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from halueval.claim_extraction.annotation import read_answer
from halueval.claim_extraction.assembly import ParsedPassage, Statement
from halueval.claim_extraction.coordination import Group, distribute
from halueval.claim_extraction.drafts import Draft, Insert, render
from halueval.claim_extraction.grain import comes_apart
from halueval.claim_extraction.parses import Parse
from halueval.claim_extraction.rules import _doses as doses_of
from halueval.claim_extraction.rules import _tokens as tokens_of
from halueval.claim_extraction.subjects import Memory
from halueval.records import Response, Span

__all__ = ["may_hold_list", "opens_with_pronoun", "parsed_claims", "resolved", "split_list", "with_text"]

_PRONOUN = re.compile(
    r"(?:(?:it|they|its|their)|(?:this|these|that|those)(?:\s+(?:is|are|was|were|can|may|might|will|should|could|has"
    r"|have|condition|conditions|drugs?|medications?|medicines?|disease|treatments?|infections?|symptoms?|test))?)\b",
    re.IGNORECASE,
)
_MAY_LIST = re.compile(r",|\b(?:and|or)\b", re.IGNORECASE)
_LEAST = 3  # things that make a list; two are often one


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
    return _PRONOUN.match(text) is not None


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
    drafts = distribute(parse, Draft((parse.everything,)), together, _is_list)
    if len(drafts) < 2:
        return [whole]
    said = [render(draft, parse, passage, source, {})[0] for draft in drafts]
    return said if all(said) else [whole]


def _is_list(parse: Parse, draft: Draft, group: Group) -> bool:
    listed = group.kind == "noun" and len(group.heads) >= _LEAST or bool(group.marker) and len(group.heads) >= _LEAST
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


def with_text(statement: Statement, text: str, more: Sequence[Span] = ()) -> Statement:
    """The statement in other words, with places added."""
    added = tuple(s for s in more if not any(o.start <= s.start and s.end <= o.end for o in statement.spans))
    return replace(statement, text=text, spans=(*statement.spans, *added))
