"""How fine to cut: which coordinations become claims of their own.

"Side effects include headache, nausea and insomnia" says three things; "foods rich in iron, such as lentils and
beans" says one. What decides is where the list stands. The rules were read off the decompositions that physicians
made by hand (docs/decisions/0020-claim-extraction.md has the counts).
"""

from __future__ import annotations

from halueval.claim_extraction.coordination import EMPTY_HOSTS, Group, is_finite
from halueval.claim_extraction.drafts import Draft
from halueval.claim_extraction.parses import AUXILIARIES, SUBJECTS, Parse, bits
from halueval.text.word_sets import word_set

__all__ = ["comes_apart"]

_SIZE = int.bit_count
# Joined verbs come apart where each says enough: words from the first verb on, and of each of the others.
_LEAST_LEAD, _LEAST_REST = 3, 5
_PAIRED = frozenset(["csubj", "xcomp", "acl"])  # clauses that come apart even where there are only two
_PLACES = word_set("""in on at within around throughout near between among from into inside""")
_COPULAS = frozenset(["is", "are", "was", "were", "be", "been", "being"])
_JOINT_PREDICATES = word_set(
    """same different similar identical distinct both together equal alike related interchangeable differ differs
    interact combined compared separate two three four"""
)
_BARE_AFTER = word_set("can could may might must shall should will would to do does did cannot 'll 'd ca wo")
_BE_HAVE = word_set("is are was were be been being am 's 're has have had 've")
_LISTED = word_set("examples symptoms signs causes treatments options effects types factors complications")
_NEVER = frozenset(["not", "never", "nor", "neither", "rather", "than", "versus", "vs", "vs.", "/"])


def comes_apart(parse: Parse, draft: Draft, group: Group) -> bool:
    """Whether each conjunct of the group becomes a claim of its own."""
    if group.joint in _NEVER or group.joint == "both" or not all(group.own):
        return False
    if any(parse.lower[c] in _NEVER for c in bits(group.joints)):
        return False
    if group.marker and not _is_clause(parse, group):
        return _list_apart(parse, group)
    if group.kind == "verb":
        return _verbs_apart(parse, group)
    if group.kind == "noun":
        return _nouns_apart(parse, group)
    if group.kind == "preposition":
        return (
            group.joint == "and"
            and min(map(_SIZE, group.own)) >= 3
            and parse.deps[parse.heads[group.heads[0]]] in ("ROOT", "conj")
        )
    if group.role in ("acomp", "attr") and len(group.heads) >= 3:
        subject = parse.child(parse.heads[group.heads[0]], SUBJECTS)
        return subject is not None and parse.lower[subject] in _LISTED
    return False


def _is_clause(parse: Parse, group: Group) -> bool:
    return parse.child(group.heads[0], SUBJECTS) is not None


def _verbs_apart(parse: Parse, group: Group) -> bool:
    lead = group.heads[0]
    if not group.joint:
        return False  # "viral infections, blocked glands, and dust": a participle in a list, taken for a verb
    if any(parse.lower[c] == "so" for head in group.heads for c in (*parse.children[head], head - 1)):
        return False  # "…, so be careful" is an order, and has no subject to share
    if not all(_fits(parse, group, k) for k in range(len(group.heads))):
        return False
    sizes = [_SIZE(own) for own in group.own]
    label = group.role
    if label in ("ROOT", "ccomp", "conj") or lead in parse.roots:
        if group.joint == "but":
            return True
        return _SIZE(group.own[0] & -(1 << lead)) >= _LEAST_LEAD and min(sizes[1:]) >= _LEAST_REST
    if label in ("xcomp", "advcl", "csubj", "pcomp", "acl") and not _is_conditional(parse, lead):
        if len(sizes) >= 3:
            return min(sizes) >= 2
        pair = label in _PAIRED or (label == "advcl" and parse.tags[lead] == "VBG")
        return pair and min(sizes) >= 3
    return False


def _fits(parse: Parse, group: Group, k: int) -> bool:
    """Whether the ``k``-th verb can stand after the subject and the auxiliaries that it would share."""
    verb = group.heads[k]
    if not parse.is_verb(verb):
        return False
    if k == 0 or is_finite(parse, verb):
        return True
    before = group.heads[:k]
    words = {parse.lower[c] for b in before for c in parse.children[b] if parse.deps[c] in AUXILIARIES or c < b}
    tag = parse.tags[verb]
    if any(parse.tags[b] == tag for b in before):
        return True
    if tag == "VB":
        return bool(words & _BARE_AFTER)
    return bool(words & _BE_HAVE)


def _counts(parse: Parse, own: int) -> bool:
    return any(parse.tags[i] == "CD" for i in bits(own)) and _SIZE(own) >= 3


def _is_conditional(parse: Parse, clause: int) -> bool:
    return any(parse.lower[c] in ("if", "when", "unless", "until") for c in parse.children[clause])


def _list_apart(parse: Parse, group: Group) -> bool:
    """A list after "include", "such as", "like" or "including"."""
    host = parse.heads[group.heads[0]]
    if group.marker == "include":
        return parse.deps[host] in ("ROOT", "conj", "ccomp")
    noun = parse.heads[host]  # "factors" of "factors such as …"
    if parse.lower[noun] in EMPTY_HOSTS:
        return True
    while parse.deps[noun] == "pobj" and parse.lower[parse.heads[noun]] == "of":
        noun = parse.heads[parse.heads[noun]]
    role = parse.deps[noun]
    if role == "pobj":
        preposition = parse.heads[noun]
        verb = parse.heads[preposition]
        return parse.lower[preposition] not in _PLACES and parse.deps[verb] in ("ROOT", "conj", "ccomp")
    return role in SUBJECTS or role == "attr"


def _nouns_apart(parse: Parse, group: Group) -> bool:
    n = len(group.heads)
    verb = parse.heads[group.heads[0]]
    sizes = [_SIZE(own) for own in group.own]
    if group.role in SUBJECTS:
        together = any(parse.lower[i] in _JOINT_PREDICATES for i in bits(parse.below[verb]))
        return n >= 3 and parse.lower[verb] not in _COPULAS and not together
    if n == 2 and all(_counts(parse, own) for own in group.own) and group.joint == "and":
        return True
    if n == 2 and min(sizes) >= 4 and group.joint == "and" and group.depth <= 3:
        return True
    if group.role == "dobj" and group.joint == "or" and n >= 3 and _is_conditional(parse, verb):
        return True  # each alone is enough
    if group.role == "attr":
        return n >= 3
    if group.role == "dobj" and parse.deps[verb] in ("ROOT", "conj"):
        return n >= 3
    if group.role == "pobj":
        if parse.deps[verb] == "agent":
            return n >= 2
        above = parse.heads[verb]
        if parse.deps[above] == "pobj" and parse.deps[parse.heads[above]] == "prep":
            above = parse.heads[parse.heads[above]]
        deep = parse.deps[above] not in ("ROOT", "conj")
        return n >= 3 and parse.lower[verb] in ("with", "by", "on", "to") and not deep
    return False
