"""How fine to cut: which coordinations become claims of their own.

"Side effects include headache, nausea and insomnia" says three things; "areas with thin skin, such as the eyelids and
genitals" says one. What decides is where the list stands. The rules were read off the decompositions that physicians
made by hand (docs/decisions/0020-claim-extraction.md has the counts).
"""

from __future__ import annotations

from halueval.claim_extraction.coordination import Group
from halueval.claim_extraction.drafts import Draft
from halueval.claim_extraction.parses import SUBJECTS, Parse, bits

__all__ = ["comes_apart"]

_SIZE = int.bit_count
_PLACES = frozenset("in on at within around throughout near between among from into inside".split())
_COPULAS = frozenset("is are was were be been being".split())
_JOINT_PREDICATES = frozenset(
    "same different similar identical distinct both together equal alike related interchangeable differ differs interact"
    " combined compared separate two three four all".split()
)
_NEVER = frozenset(["nor", "neither", "rather", "than", "versus", "vs", "vs.", "/"])


def comes_apart(parse: Parse, draft: Draft, group: Group) -> bool:
    """Whether each conjunct of the group becomes a claim of its own."""
    if group.joint in _NEVER or group.joint == "both":
        return False
    if any(not own for own in group.own):
        return False
    if group.marker and not _is_clause(parse, group):
        return _list_apart(parse, group)
    if group.kind == "verb":
        return _verbs_apart(parse, group)
    if group.kind == "noun":
        return _nouns_apart(parse, group)
    return False


def _is_clause(parse: Parse, group: Group) -> bool:
    return parse.child(group.heads[0], SUBJECTS) is not None


def _verbs_apart(parse: Parse, group: Group) -> bool:
    lead = group.heads[0]
    sizes = [_SIZE(own) for own in group.own]
    label = group.role
    if label in ("ROOT", "ccomp", "conj", "relcl") or lead in parse.roots:
        predicate = _SIZE(group.own[0] & -(1 << lead))  # from the verb on
        if group.joint == "but":
            return True
        if label == "relcl":
            return False
        return predicate >= 3 and min(sizes[1:]) >= 4
    if label in ("xcomp", "advcl", "csubj", "pcomp", "acl"):
        return (len(sizes) >= 3 or label == "csubj") and min(sizes) >= 2 and not _is_conditional(parse, lead)
    return False


def _is_conditional(parse: Parse, clause: int) -> bool:
    return any(parse.lower[c] in ("if", "when", "unless", "until") for c in parse.children[clause])


def _list_apart(parse: Parse, group: Group) -> bool:
    """A list after "include", "such as", "like" or "including"."""
    n = len(group.heads)
    host = parse.heads[group.heads[0]]
    if group.marker == "include":
        return parse.deps[host] in ("ROOT", "conj", "ccomp")
    noun = parse.heads[host]  # "factors" of "factors such as …"
    while parse.deps[noun] == "pobj" and parse.lower[parse.heads[noun]] == "of":
        noun = parse.heads[parse.heads[noun]]
    role = parse.deps[noun]
    if role in SUBJECTS or role in ("attr",):
        return True
    if role == "pobj":
        preposition = parse.heads[noun]
        verb = parse.heads[preposition]
        return parse.lower[preposition] not in _PLACES and parse.deps[verb] in ("ROOT", "conj", "ccomp")
    if role in ("dobj",):
        return n >= 3 and parse.deps[parse.heads[noun]] in ("ROOT", "conj")
    return False


def _nouns_apart(parse: Parse, group: Group) -> bool:
    n = len(group.heads)
    verb = parse.heads[group.heads[0]]
    sizes = [_SIZE(own) for own in group.own]
    if group.role in SUBJECTS:
        return (
            n >= 3
            and parse.lower[verb] not in _COPULAS
            and not any(parse.lower[i] in _JOINT_PREDICATES for i in bits(parse.below[verb]))
        )
    if n == 2 and min(sizes) >= 4 and group.joint == "and" and group.depth <= 3:
        return True
    if group.role == "dobj" and parse.deps[verb] in ("ROOT", "conj"):
        return n >= 3
    if group.role == "pobj":
        if parse.deps[verb] == "agent":
            return n >= 3
        return (
            n >= 3
            and parse.lower[verb] in ("with", "by", "on", "to")
            and parse.deps[parse.heads[verb]] in ("ROOT", "conj")
        )
    return False
