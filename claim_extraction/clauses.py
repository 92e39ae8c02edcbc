"""Clauses of a sentence made claims of their own: contrasts, reasons, relative clauses, participles and appositions."""

from __future__ import annotations

from collections.abc import Sequence

from halueval.claim_extraction.drafts import Draft, Insert
from halueval.claim_extraction.parses import (
    AUXILIARIES,
    RELATIVES,
    SUBJECTS,
    Parse,
    bits,
    breaks,
    dangles,
    first,
    last,
    stands,
)
from halueval.claim_extraction.verb_forms import finite
from halueval.text.word_sets import word_set

__all__ = ["unfold"]

_LEAST_KIND = 3
MOST = 24  # clauses that one sentence may become
_CONTRAST = frozenset(["while", "whereas", "although", "though"])
_REASON = frozenset(["as", "since", "because", "so"])
_NOT_ACTIONS = word_set(
    """including depending according following regarding concerning considering resulting meaning"""
)
_NOT_REASONS = frozenset(["long", "soon", "well", "far", "much", "just", "even", "such", "especially", "particularly"])
_SAYING = word_set(
    "says said say believe believes think thinks states stated suggests suggested reports reported means"
)
_HAD = word_set(
    "features symptoms effects applications benefits complications advantages uses properties characteristics signs"
)
_MODALS = frozenset(["may", "might", "can", "could", "should", "must", "will", "would"])


def unfold(parse: Parse, draft: Draft, whole: Sequence[int] = ()) -> list[Draft]:
    """The draft without the clauses that can stand alone, and those clauses with what they need to stand."""
    done: list[Draft] = []
    waiting: list[tuple[Draft, frozenset[int]]] = [(draft, frozenset())]
    while waiting:
        current, cut = waiting.pop(0)
        found = _part(parse, current, cut, whole) if len(done) + len(waiting) < MOST else None
        if found is None:
            done.append(current)
        else:
            at, parted = found
            waiting[:0] = [(part, cut | {at}) for part in parted]
    return done


def _part(parse: Parse, draft: Draft, cut: frozenset[int], whole: Sequence[int]) -> tuple[int, list[Draft]] | None:
    """Where the draft can be cut in two, leaving out the cuts already made, and the two drafts."""
    for i in bits(draft.tokens):
        if i in cut:
            continue
        label = parse.deps[i]
        if label == "conj":
            parted = _joined_clause(parse, draft, i) if parse.is_verb(i) else None
        else:
            find = _CUTS.get(label)
            parted = find(parse, draft, i) if find else None
        if (
            parted is not None
            and all(_stands(parse, p) and not dangles(parse, p.tokens) for p in parted)
            and not any(breaks(p.tokens, draft.tokens, whole) for p in parted)
        ):
            return i, parted
    return None


def _stands(parse: Parse, draft: Draft) -> bool:
    written = len(draft.parts) > 1
    return draft.tokens.bit_count() >= 2 and stands(parse, draft.tokens, written)


def _subject(parse: Parse, verb: int) -> int | None:
    """The subject of a clause; a conjunct without one takes that of what it is joined to."""
    while True:
        found = parse.child(verb, SUBJECTS)
        if found is not None or parse.deps[verb] != "conj" or parse.heads[verb] == verb:
            return found
        verb = parse.heads[verb]


def _joined_clause(parse: Parse, draft: Draft, i: int) -> list[Draft] | None:
    """ "A does X and B does Y": two claims where the second clause has a subject of its own."""
    head = parse.heads[i]
    order = parse.tags[i] == "VB" and any(parse.lower[c] == "so" for c in range(max(0, i - 2), i))
    if parse.child(i, SUBJECTS) is None and not order or not parse.is_verb(head):
        return None
    if parse.child(head, SUBJECTS) is None and parse.tags[head] not in ("VB", "VBP"):
        return None
    if parse.deps[head] in ("advcl", "relcl", "ccomp", "acl", "pcomp"):
        return None
    clause = parse.below[i] & draft.tokens
    rest = draft.without(clause | _connective(parse, draft, i, head))
    return [rest, Draft((*_condition(parse, draft, head, i), clause), draft.swaps)]


def _connective(parse: Parse, draft: Draft, i: int, head: int) -> int:
    """The "and" and the commas between a conjunct and what it is joined to."""
    start = first(parse.below[i])
    out = 0
    for c in parse.children[head]:
        if c < start and c > head and (parse.deps[c] == "cc" or parse.words[c] in (",", ";")) and c >= start - 3:
            out |= 1 << c
    return out


def _condition(parse: Parse, draft: Draft, head: int, i: int) -> tuple[int, ...]:
    """The "if …," or "in children," before the first clause, which holds for the second as well."""
    out = 0
    subject = parse.child(head, SUBJECTS)
    edge = first(parse.below[subject]) if subject is not None else head
    if any(parse.deps[c] == "cc" and parse.lower[c] == "but" for c in parse.children[head]):
        return ()
    for c in parse.children[head]:
        if c < edge and parse.deps[c] == "advcl" and _mark(parse, c) in ("if", "when"):
            out |= parse.below[c]
            if (
                c + 1 < len(parse)
                and last(parse.below[c]) + 1 < len(parse)
                and parse.words[last(parse.below[c]) + 1] == ","
            ):
                out |= 1 << (last(parse.below[c]) + 1)
    out &= draft.tokens
    return (out,) if out else ()


def _mark(parse: Parse, clause: int) -> str:
    for c in parse.children[clause]:
        if parse.deps[c] == "mark" or (parse.deps[c] == "advmod" and parse.lower[c] in ("when", "once")):
            return parse.lower[c]
    return ""


def _adverbial(parse: Parse, draft: Draft, i: int) -> list[Draft] | None:
    word = _mark(parse, i)
    clause = parse.below[i] & draft.tokens
    head = parse.heads[i]
    has_subject = parse.child(i, SUBJECTS) is not None
    premise = parse.child(i, frozenset(["nsubj"]))  # "as you take warfarin, …" supposes it, and claims nothing
    if word in _REASON and word != "so" and premise is not None and parse.lower[premise] == "you":
        return None
    if has_subject and (word in _CONTRAST or (word in _REASON and not _is_as_needed(parse, i))):
        marks = 0
        for c in parse.children[i]:
            if parse.deps[c] == "mark":
                marks |= 1 << c
        if not clause or not marks >> first(clause) & 1 or parse.lower[first(clause) - 1] in _NOT_REASONS:
            return None  # "especially since …", "as long as …"
        return [draft.without(clause), Draft((clause & ~marks,), draft.swaps)]
    if (
        parse.tags[i] == "VBG"
        and not has_subject
        and i > head
        and parse.lower[i] not in _NOT_ACTIONS
        and not word
        and first(clause) == i
        and i
        and parse.words[i - 1] == ","
        and not any(parse.lower[j] in ("such", "including", "like", "include", "includes") for j in range(head, i))
    ):
        return _participle(parse, draft, i, head, clause)
    return None


def _is_as_needed(parse: Parse, i: int) -> bool:
    return parse.lower[i] in ("needed", "directed", "prescribed", "instructed", "tolerated", "recommended")


def _participle(parse: Parse, draft: Draft, i: int, head: int, clause: int) -> list[Draft] | None:
    """ "It mimics GLP-1, reducing appetite": the participle becomes a verb of the same subject."""
    if parse.deps[head] in ("acl", "xcomp", "relcl"):
        head = parse.heads[head]
    while not parse.is_verb(head) and parse.heads[head] != head:
        head = parse.heads[head]
    subject = _subject(parse, head)
    if subject is None or not parse.is_verb(head) or any(parse.deps[c] == "neg" for c in parse.children[head]):
        return None
    who = parse.below[subject] & draft.tokens
    if not who or parse.lower[subject] in ("it", "this", "that", "which") and parse.deps[subject] == "expl":
        return None
    modal = next((parse.words[c] for c in parse.children[head] if parse.lower[c] in _MODALS), "")
    plural = parse.tags[subject] in ("NNS", "NNPS") or parse.lower[subject] in (
        "they",
        "we",
        "you",
        "these",
        "those",
        "i",
    )
    verbs = [c for c in parse.conjuncts(i) if parse.tags[c] == "VBG"]
    swaps = {v: Insert(finite(parse.lower[v], plural, modal)) for v in verbs}
    return [draft.without(clause), Draft((who, clause), {**draft.swaps, **swaps})]


def _commas(parse: Parse, clause: int) -> int:
    """The commas around a clause in the middle, which go when it goes."""
    before, after = first(clause) - 1, last(clause) + 1
    if before < 0 or after >= len(parse) or parse.words[before] != ",":
        return 0
    closing = after if parse.words[after] == "," else last(clause)
    return 1 << before | 1 << closing if parse.words[closing] == "," else 0


def _relative(parse: Parse, draft: Draft, i: int) -> list[Draft] | None:
    """ "…, which evaluates the fluid": a claim about the noun before the comma."""
    clause = parse.below[i] & draft.tokens
    if not clause:
        return None
    pronoun = first(clause)
    noun = parse.heads[i]
    set_off = pronoun > 0 and parse.words[pronoun - 1] == ","
    if not set_off and (defined := _definition(parse, draft, i, noun, clause, pronoun)) is not None:
        return defined
    if not set_off:
        return None
    if (
        parse.lower[pronoun] not in ("which", "who", "that")
        or parse.deps[pronoun] not in SUBJECTS
        or parse.heads[pronoun] != i
    ):
        return None
    agreeing = _agreeing(parse, noun, i)
    if agreeing is None:
        return None
    noun = agreeing
    about = parse.own(noun) & draft.tokens & ~parse.below[i]
    for c in parse.children[noun]:
        if c > noun and parse.deps[c] in (*RELATIVES, "appos", "punct", "cc"):
            about &= ~parse.below[c]
    return [draft.without(clause | _commas(parse, clause)), Draft((about, clause & ~(1 << pronoun)), draft.swaps)]


def _definition(parse: Parse, draft: Draft, i: int, noun: int, clause: int, pronoun: int) -> list[Draft] | None:
    """ "X is a drug that eases pain", "X is a drug used for pain": X is the drug, and X eases pain."""
    if parse.deps[noun] != "attr" or not parse.is_verb(parse.heads[noun]):
        return None
    subject = parse.child(parse.heads[noun], SUBJECTS)
    if (
        subject is None
        or parse.deps[subject] == "expl"
        or parse.lower[subject] in ("it", "this", "that", "which", "there")
    ):
        return None
    if any(parse.deps[c] == "neg" for c in parse.children[parse.heads[noun]]):
        return None
    who = parse.below[subject] & draft.tokens
    if not who or who & clause:
        return None
    if (parse.own(noun) & draft.tokens & ~clause).bit_count() < _LEAST_KIND:
        return None  # "X is a medication" says nothing
    if parse.deps[i] == "acl":
        if parse.tags[i] != "VBN" or clause.bit_count() < 4:
            return None
        be = "are" if parse.tags[subject] in ("NNS", "NNPS") else "is"
        return [draft.without(clause), Draft((who, Insert(be), clause), draft.swaps)]
    if (
        parse.lower[pronoun] not in ("which", "that")
        or parse.deps[pronoun] not in SUBJECTS
        or parse.heads[pronoun] != i
    ):
        return None
    return [draft.without(clause), Draft((who, clause & ~(1 << pronoun)), draft.swaps)]


def _reduced(parse: Parse, draft: Draft, i: int) -> list[Draft] | None:
    clause = parse.below[i] & draft.tokens
    return _definition(parse, draft, i, parse.heads[i], clause, first(clause)) if clause else None


def _agreeing(parse: Parse, noun: int, verb: int) -> int | None:
    """The noun that a relative clause is about: the nearest up the tree that its verb agrees with in number."""
    said = {parse.tags[c] for c in parse.children[verb] if parse.deps[c] in AUXILIARIES} | {parse.tags[verb]}
    for _ in range(3):
        plural = parse.tags[noun] in ("NNS", "NNPS") or any(parse.deps[c] == "conj" for c in parse.children[noun])
        if not ("VBZ" in said and plural or "VBP" in said and not plural):
            return noun
        up = parse.heads[noun]
        if parse.tags[up] == "IN":
            up = parse.heads[up]
        if up == noun or parse.tags[up][0] != "N":
            return None
        noun = up
    return None


def _apposition(parse: Parse, draft: Draft, i: int) -> list[Draft] | None:
    """ "Cortisol, a hormone of the adrenal glands, …": a claim that the one is the other."""
    clause = parse.below[i] & draft.tokens
    noun = parse.heads[i]
    start = first(clause) if clause else 0
    if not start or parse.words[start - 1] != ",":
        return None
    if (
        parse.lower[start] not in ("a", "an", "the")
        or parse.deps[noun] == "appos"
        or any(parse.deps[c] == "conj" for c in parse.children[noun])
    ):
        return None
    about = parse.own(noun) & draft.tokens & ~parse.below[i]
    for c in parse.children[noun]:
        if parse.deps[c] in (*RELATIVES, "appos", "punct"):
            about &= ~parse.below[c]
    if not about:
        return None
    verb = "are" if parse.tags[noun] in ("NNS", "NNPS") else "is"
    return [draft.without(clause | _commas(parse, clause)), Draft((about, Insert(verb), clause), draft.swaps)]


def _parataxis(parse: Parse, draft: Draft, i: int) -> list[Draft] | None:
    """ "A does X; B does Y", "A does X, and so B does Y", which the parser reads as X said before Y."""
    if parse.heads[i] < i:
        return None
    clause = parse.below[i] & draft.tokens
    head = parse.heads[i]
    after = last(clause) + 1 if clause else 0
    if parse.child(i, SUBJECTS) is None or after >= len(parse) or parse.words[after] not in (";", ",", "and", "but"):
        return None
    subject = parse.child(head, SUBJECTS)
    if (
        subject is None
        or subject < after
        or parse.lower[head] in _SAYING
        or parse.lower[first(clause)] in ("if", "when")
    ):
        return None
    loose = 0
    for c in parse.children[i]:  # ", and as such"
        if c > i and (parse.deps[c] == "cc" or parse.deps[c] == "punct" and parse.words[c] in (",", ";")):
            loose |= parse.below[c]
    return [Draft((clause & ~loose,), draft.swaps), draft.without(clause | 1 << after)]


def _featured(parse: Parse, draft: Draft, i: int) -> list[Draft] | None:
    """ "…, with symptoms such as fever": the subject has the symptoms."""
    phrase = parse.below[i] & draft.tokens
    noun = parse.child(i, frozenset(["pobj"]))
    head = parse.heads[i]
    if parse.lower[i] != "with" or noun is None or parse.lower[noun] not in _HAD or not i or parse.words[i - 1] != ",":
        return None
    while not parse.is_verb(head) and parse.heads[head] != head:
        head = parse.heads[head]
    subject = _subject(parse, head)
    if i < head or subject is None or parse.tags[subject] == "PRP" and parse.lower[subject] not in ("it", "they"):
        return None
    who = parse.below[subject] & draft.tokens
    if not who or who & phrase:
        return None
    plural = parse.tags[subject] in ("NNS", "NNPS") or parse.lower[subject] == "they"
    rest = phrase & ~(1 << i)
    return [draft.without(phrase), Draft((who, Insert("have" if plural else "has"), rest), draft.swaps)]


_CUTS = {
    "prep": _featured,
    "acl": _reduced,
    "advcl": _adverbial,
    "appos": _apposition,
    "ccomp": _parataxis,
    **dict.fromkeys(RELATIVES, _relative),
}
