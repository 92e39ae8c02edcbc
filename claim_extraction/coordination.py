"""Things joined by commas, "and" or "or": which of them become claims of their own, and what each claim keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from halueval.claim_extraction.drafts import Draft, Insert
from halueval.claim_extraction.parses import AUXILIARIES, SUBJECTS, Parse, bits, breaks, dangles, first, last, stands
from halueval.claim_extraction.verb_forms import third_person
from halueval.text.word_sets import word_set

__all__ = ["EMPTY_HOSTS", "Group", "distribute", "groups"]

EMPTY_HOSTS = word_set(
    "factors fields things variety range number activities issues reasons aspects ways options means measures elements"
)
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
    chains: list[list[int]] = []
    for i in bits(tokens):
        if parse.deps[i] != "conj" and any(parse.deps[c] == "conj" and tokens >> c & 1 for c in parse.children[i]):
            heads = [c for c in parse.conjuncts(i) if tokens >> c & 1]
            if len(heads) > 1:
                chains.append(heads)
    out = [group for heads in chains if len((group := _group(parse, tokens, heads)).heads) > 1]
    out = _straightened(parse, tokens, out)
    out.sort(key=lambda g: (g.depth, g.heads[0]))
    return out


def _with_head(parse: Parse, tokens: int, group: Group) -> Group:
    """ "Pollen, dust, mites, and mould" read as pollen, which is dust, mites, and mould: one list."""
    i = group.heads[0]
    noun = parse.heads[i]
    if group.role != "appos" or group.kind != "noun" or not group.joint or not tokens >> noun & 1:
        return group
    comma = first(group.own[0]) - 1
    if comma < 0 or parse.words[comma] != "," or parse.tags[first(group.own[0])] == "DT":
        return group
    taken = parse.below[i] | 1 << comma
    return replace(
        group,
        heads=(noun, *group.heads),
        own=(parse.own(noun) & tokens & ~taken, *group.own),
        joints=group.joints | 1 << comma,
        role=parse.deps[noun],
        marker=_marker(parse, noun),
        depth=group.depth - 1,
    )


def _straightened(parse: Parse, tokens: int, found: list[Group]) -> list[Group]:
    """Lists that the parser broke in two, made one again.

    In "rashes, swelling of the lips, hives, and itch" it joins the hives to the lips: the outer list then has commas
    and no "and", and the inner one begins inside the outer one's last member.
    """
    found = [_with_head(parse, tokens, g) for g in found]
    by_start = {g.heads[0]: g for g in found}
    for outer in found:
        if outer.joint or outer.kind != "noun":
            continue
        for inner in found:
            if inner is outer or inner.kind != "noun" or not inner.joint or len(inner.heads) < 3:
                continue
            if not outer.own[-1] >> inner.heads[0] & 1 or inner.heads[0] == outer.heads[-1]:
                continue
            rest = 0
            for own in inner.own[1:]:
                rest |= own
            rest |= inner.joints
            owns = (*outer.own[:-1], outer.own[-1] & ~rest, *inner.own[1:])
            merged = replace(
                outer,
                heads=outer.heads + inner.heads[1:],
                own=owns,
                joints=outer.joints | inner.joints,
                joint=inner.joint,
            )
            by_start.pop(inner.heads[0], None)
            by_start[outer.heads[0]] = merged
            break
    return list(by_start.values())


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
    i = heads[0]
    own = _owned(parse, tokens, heads, joints)
    for mine, after in pairwise(own):  # commas that the parser hung elsewhere
        if mine and after and last(mine) < first(after):
            for c in range(last(mine) + 1, first(after)):
                if parse.words[c] in (",", ";") or parse.deps[c] == "cc":
                    joints |= 1 << c
    if len(heads) > 2:
        heads, own, joints = _paired(parse, heads, own, joints)
    if parse.is_verb(i):
        heads, own, joints = _sharing(parse, heads, own, joints)
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


def _owned(parse: Parse, tokens: int, heads: Sequence[int], joints: int) -> list[int]:
    """For each conjunct its subtree without those of the conjuncts after it."""
    out = []
    for k, h in enumerate(heads):
        mine = parse.below[h]
        for later in heads[k + 1 :]:
            mine &= ~parse.below[later]
        out.append(mine & tokens & ~joints)
    return out


def _paired(parse: Parse, heads: list[int], own: list[int], joints: int) -> tuple[list[int], list[int], int]:
    """In "nausea, dry mouth and eyes, and rash" the mouth and the eyes are one item."""
    for k in range(len(heads) - 3, -1, -1):
        between = joints & ((1 << heads[k + 1]) - (1 << heads[k]))
        if between and not any(parse.words[c] in (",", ";") for c in bits(between)):
            own[k : k + 2] = [own[k] | own[k + 1] | between]
            joints &= ~between
            del heads[k + 1]
    return heads, own, joints


def _sharing(parse: Parse, heads: list[int], own: list[int], joints: int) -> tuple[list[int], list[int], int]:
    """ "Maintain or increase the dose": a verb with nothing after it goes with the next one, joint and all."""
    k = len(heads) - 2
    while k >= 0:
        if own[k] and last(own[k]) == heads[k] and heads[k + 1] - heads[k] <= 3:
            between = joints & ((1 << heads[k + 1]) - (1 << heads[k]))
            own[k : k + 2] = [own[k] | own[k + 1] | between]
            joints &= ~between
            del heads[k + 1]
        k -= 1
    return heads, own, joints


def _marker(parse: Parse, i: int) -> str:
    head = parse.heads[i]
    word = parse.lower[head]
    such_as = word == "as" and head and parse.lower[head - 1] == "such"
    if parse.deps[i] in ("pobj", "pcomp") and (such_as or word in ("like", "including")):
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
        written = len(current.parts) > 1
        holds = stands(parse, current.tokens, written)
        for group in groups(parse, current.tokens):
            if group.heads[0] in seen:
                continue
            seen |= {group.heads[0]}
            if len(done) + len(waiting) + len(group.heads) > MOST or not decide(parse, current, group):
                continue
            parts = _alternatives(parse, current, group)
            if (
                parts is None
                or (holds and not all(stands(parse, part.tokens, written) for part in parts))
                or any(breaks(part.tokens, current.tokens, whole) for part in parts)
                or any(dangles(parse, part.tokens) for part in parts)
            ):
                continue
            waiting[:0] = [(part, seen) for part in parts]
            break
        else:
            done.append(current)
    return done


def _alternatives(parse: Parse, draft: Draft, group: Group) -> list[Draft] | None:
    everything = group.joints
    for own in group.own:
        everything |= own
    hosts = _hosts(parse, group) if group.marker == "such as" else 0
    parts = []
    for k, own in enumerate(group.own):
        kept = own
        if k:
            kept |= _shared(parse, group, k)
        else:
            kept = own
        part = draft.without((everything | hosts) & ~kept)
        if group.role in SUBJECTS and group.kind == "noun" and parse.tags[group.heads[k]] in ("NN", "NNP", "VBG"):
            part = part.swapping(_of_one(parse, parse.heads[group.heads[0]]))
        parts.append(part)
    return parts


def _of_one(parse: Parse, verb: int) -> dict[int, Insert]:
    """The finite verb of several things as it is said of one: "pollen and dust trigger", "pollen triggers"."""
    for i in (*parse.children[verb], verb):
        plural = parse.tags[i] == "VBP" or parse.lower[i] in ("are", "were", "have")
        if plural and (i == verb or parse.deps[i] in AUXILIARIES):
            return {i: Insert(third_person(parse.lower[i]))}
    return {}


def _shared(parse: Parse, group: Group, k: int) -> int:
    """What stands before the first conjunct and holds for the ``k``-th as well."""
    lead, head = group.heads[0], group.heads[k]
    out = 0
    if group.kind == "verb":
        finite = is_finite(parse, head)
        own_subject = parse.child(head, SUBJECTS) is not None
        own_mark = parse.child(head, _MARK) is not None
        for c in parse.children[lead]:
            if c < lead and parse.deps[c] not in AUXILIARIES and parse.lower[c] != "to" and parse.tags[c] != "MD":
                label = parse.deps[c]
                if label == "advmod" and any(parse.deps[d] == "advmod" and d < head for d in parse.children[head]):
                    continue
                if label in SUBJECTS and own_subject or label == "mark" and own_mark:
                    continue
                if label in SUBJECTS or label in _FRONTED:
                    out |= parse.below[c]
        if not finite:
            out |= _auxiliaries(parse, group, k)
    elif group.kind == "noun":
        for c in parse.children[lead]:
            bare = not any(parse.deps[d] in ("det", "poss") for d in parse.children[head])
            if c < lead and bare and parse.lower[c] in ("no", "any", "your", "their", "its"):
                out |= 1 << c
    return out


def _hosts(parse: Parse, group: Group) -> int:
    """The "factors such as" of "factors such as age": what it adds to the example is nothing."""
    host = parse.heads[group.heads[0]]
    noun = parse.heads[host]
    if parse.lower[noun] not in EMPTY_HOSTS or parse.heads[noun] == noun:
        return 0
    out = parse.below[noun] & ~parse.below[host]
    out |= 1 << host
    for c in parse.children[host]:
        if c < host:
            out |= 1 << c
    if parse.deps[group.heads[0]] == "pcomp" and parse.lower[parse.heads[noun]] == "for":
        out |= 1 << parse.heads[noun]  # "for reasons such as to …"
    # "a variety of factors"
    up = parse.heads[noun]
    if parse.lower[up] == "of" and parse.lower[parse.heads[up]] in EMPTY_HOSTS:
        out |= parse.below[parse.heads[up]] & ~parse.below[noun]
    return out


_MARK = frozenset(["mark"])
_FRONTED = frozenset(["mark", "advcl", "prep", "punct", "npadvmod", "advmod", "nmod", "obl"])


def is_finite(parse: Parse, verb: int) -> bool:
    """Whether a verb stands without an auxiliary from elsewhere."""
    return parse.tags[verb] in ("VBZ", "VBP", "VBD", "MD") or parse.child(verb, AUXILIARIES) is not None


def _auxiliaries(parse: Parse, group: Group, k: int) -> int:
    """The auxiliaries and the "not" of the nearest conjunct before that has any."""
    for j in range(k - 1, -1, -1):
        verb = group.heads[j]
        found = 0
        for c in parse.children[verb]:
            if parse.deps[c] in AUXILIARIES or (c < verb and (parse.lower[c] == "to" or parse.tags[c] == "MD")):
                found |= parse.below[c]
        if found:
            return found
    return 0
