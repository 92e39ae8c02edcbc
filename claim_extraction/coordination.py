"""Things joined by commas, "and" or "or": which of them become claims of their own, and what each claim keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from halueval.claim_extraction.drafts import Draft
from halueval.claim_extraction.parses import AUXILIARIES, SUBJECTS, Parse, bits, first, last

__all__ = ["Group", "distribute", "groups"]

MOST = 12  # claims that one clause may become; what would be more stays joined


@dataclass(frozen=True, slots=True)
class Group:
    """Conjuncts of one kind: their heads, and for each the set of tokens that is its alone."""

    heads: tuple[int, ...]
    own: tuple[int, ...]
    joints: int
    kind: str  # "verb", "noun", "preposition", "adjective" or "other"
    role: str  # the label of the first conjunct
    marker: str  # "include" or "such as" where the group is a list of examples, else ""
    joint: str  # "and", "or", "but", …
    depth: int  # steps from the first conjunct to the root


def groups(parse: Parse, tokens: int) -> list[Group]:
    """All coordinations among these tokens, nearest to the root first."""
    out = []
    for i in bits(tokens):
        if parse.deps[i] == "conj" or not any(parse.deps[c] == "conj" and tokens >> c & 1 for c in parse.children[i]):
            continue
        heads = [c for c in parse.conjuncts(i) if tokens >> c & 1]
        if len(heads) > 1:
            out.append(_group(parse, tokens, heads))
    out.sort(key=lambda g: (g.depth, g.heads[0]))
    return out


def _group(parse: Parse, tokens: int, heads: list[int]) -> Group:
    start, end = heads[0], heads[-1]
    joints, joint = 0, ""
    for h in heads:
        for c in parse.children[h]:
            if parse.deps[c] == "cc" and (c > start):
                joints |= 1 << c
                joint = joint or parse.lower[c]
            elif parse.words[c] in (",", ";") and start < c < end and any(h2 > c for h2 in heads):
                joints |= 1 << c
            elif parse.deps[c] in ("preconj", "cc:preconj"):
                joints |= 1 << c
                joint = parse.lower[c]
    own = [parse.own(h) & tokens & ~joints for h in heads]
    i = heads[0]
    if parse.is_verb(i):
        kind = "verb"
    elif parse.is_noun(i):
        kind = "noun"
    elif parse.tags[i] in ("IN", "TO"):
        kind = "preposition"
    elif parse.tags[i][0] == "J" or parse.tags[i] == "RB":
        kind = "adjective"
    else:
        kind = "other"
    depth, at = 0, i
    while parse.heads[at] != at and depth < 50:
        at = parse.heads[at]
        depth += 1
    return Group(tuple(heads), tuple(own), joints & tokens, kind, parse.deps[i], _marker(parse, i), joint, depth)


def _marker(parse: Parse, i: int) -> str:
    head = parse.heads[i]
    word = parse.lower[head]
    if parse.deps[i] == "pobj":
        if word == "as" and head and parse.lower[head - 1] == "such" or word in ("like", "including"):
            return "such as"
    if word in ("include", "includes", "included", "including") and parse.deps[i] in ("dobj", "obj", "pobj"):
        return "include"
    return ""


def distribute(
    parse: Parse,
    draft: Draft,
    whole: Sequence[int],
    decide: Callable[[Parse, Draft, Group], bool],
) -> list[Draft]:
    """One draft per conjunct for every coordination that ``decide`` wants apart.

    ``whole`` are sets of tokens that no claim may hold a part of: numbers with their units, ranges, doses with their
    frequency. A coordination that would break one stays joined.
    """
    done: list[Draft] = []
    waiting: list[tuple[Draft, frozenset[int]]] = [(draft, frozenset())]
    while waiting:
        current, seen = waiting.pop(0)
        for group in groups(parse, current.tokens):
            if group.heads[0] in seen:
                continue
            seen |= {group.heads[0]}
            if len(done) + len(waiting) + len(group.heads) > MOST or not decide(parse, current, group):
                continue
            parts = _alternatives(parse, current, group)
            if parts is None or any(_breaks(part.tokens, current.tokens, whole) for part in parts):
                continue
            waiting[:0] = [(part, seen) for part in parts]
            break
        else:
            done.append(current)
    return done


def _breaks(tokens: int, before: int, whole: Sequence[int]) -> bool:
    """Whether a number, range or dose that the draft held whole would be held in part."""
    return any(tokens & w and tokens & w != before & w for w in whole)


def _alternatives(parse: Parse, draft: Draft, group: Group) -> list[Draft] | None:
    everything = group.joints
    for own in group.own:
        everything |= own
    parts = []
    for k, own in enumerate(group.own):
        kept = own
        if k:
            kept |= _shared(parse, group, k)
        else:
            kept = own
        parts.append(draft.without(everything & ~kept))
    return parts


def _shared(parse: Parse, group: Group, k: int) -> int:
    """What stands before the first conjunct and holds for the ``k``-th as well."""
    lead, head = group.heads[0], group.heads[k]
    out = 0
    if group.kind == "verb":
        finite = parse.tags[head] in ("VBZ", "VBP", "VBD", "MD") or parse.child(head, AUXILIARIES) is not None
        for c in parse.children[lead]:
            if c > lead:
                continue
            label = parse.deps[c]
            if label in AUXILIARIES or parse.lower[c] == "to" or parse.tags[c] == "MD":
                if not finite:
                    out |= parse.below[c]
            elif label in SUBJECTS or label in ("mark", "advcl", "prep", "punct", "npadvmod", "advmod", "nmod", "obl"):
                out |= parse.below[c]
        for c in parse.children[lead]:  # "is not": the negation stands after a verb "be"
            if parse.deps[c] == "neg" and not finite:
                out |= 1 << c
    elif group.kind == "noun":
        for c in parse.children[lead]:
            if c < lead and parse.lower[c] in ("no", "any", "your", "their", "its"):
                if not any(parse.deps[d] in ("det", "poss") for d in parse.children[head]):
                    out |= 1 << c
    return out


def covers(mask: int) -> tuple[int, int]:
    """First and last token of a set."""
    return first(mask), last(mask)
