"""Whether two texts say yes and no to the same things: negations, opposites and held-back statements laid side by side.

One negation in a sentence of three clauses says nothing about the other two, so cues are compared by the words that
they act on, not counted.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from halueval.records import Span
from halueval.text.negation import hedge_cues, negation_cues
from halueval.text.tokens import stems
from halueval.text.word_sets import word_set

__all__ = ["Said", "added_negation", "lost_hedge", "lost_negation", "read", "turned"]

_SMALL = word_set(
    """a an the this that these those it its they their them he his she her you your we our i my me is are was were be
    been being am do does did has have had will would shall should can could may might must of in on at by to for from
    with into as and or but if than so such also too very there here who which what when where while because since due
    then any all each every some other more most s t ve re ll d yes either both even just about per up out ever yet"""
)
_TOKEN = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['’][^\W_]+)*|[,;:.!?()]")
_CLAUSE_WORDS = word_set("but although though whereas while however unless except because since so which whereas")
_JOINING = frozenset(["or", "nor"])
# Done to what stands before them: "bananas should be avoided".
_BEFORE = re.compile(r"(?:avoided|excluded|contraindicated|denied|ruled out|absent|negative|unlikely|lacking)$")
# Cues of clinical notes that say no more than their verb does, or that hold a comparison and are read as one.
_NO_CUE = re.compile(r"resol|no longer (?=than\b)|(?<=with or )without|(?<=with and )without")
_VAGUE = frozenset(
    stems(
        """cause use take help need increase reduce recommend consider risk effect occur find make get give have
        patient people person symptom treat"""
    )
)
# Say no to what follows them, and are not among the cues of clinical notes.
_SHUNNED = re.compile(
    r"\b(?:avoid(?:s|ed|ing|ance)?|refrain(?:s|ed|ing)?|abstain(?:s|ed|ing)?|lack(?:s|ed|ing)?|contraindicated"
    r"|non(?=-\w)|(?:is|are|was|were|ca|do|does|did|wo|should|would|could|has|have|had|must|need)nt|except(?!\s+for\s+the)"
    r"|hardly|nowhere|false)\b",
    re.IGNORECASE,
)
# A negation inside the word: what is left without the first letters.
_PREFIXED = re.compile(r"(?:un|in|im|ir|il|non|dis|mis)(?=[a-z]{4})")
_INSIDE = word_set(
    """unlikely uncommon uncommonly unsafe unable unnecessary unrelated ineffective unaffected unproven unsuitable
    unhealthy unclear unknown untreated unchanged uncertain unusual unusually infrequent infrequently incomplete
    insufficient inactive inadequate inappropriate incurable irreversible impossible noncontagious nontoxic
    unadvisable inadvisable incompatible unaware undetectable undiagnosed unavoidable unable invisible"""
)
_NUMBER = re.compile(r"\d")
_HELD_BACK = frozenset(["can", "could", "might", "some", "sometimes"])
_LONGEST_CUE, _FARTHEST = 6, 40  # words: of a cue, and from it to what it acts on
_REACH = 3  # words that a cue is known by
_HELD = 0.5  # share of them that must be elsewhere for the cue to be missed there
_CLAUSE_HELD = 0.7  # share of a clause's words that a claim must have to be said of that clause


@dataclass(frozen=True, slots=True)
class _Cue:
    """A word that turns what it acts on: the words next to it, all words that it may reach, and its clause's number.

    ``base`` is what is left of "ineffective" without its beginning, of "non-allergic" without "non".
    """

    span: Span
    anchors: tuple[str, ...]
    reached: frozenset[str]
    clause: int
    base: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A text as it's compared: its words in order (small ones are empty), its clauses and its cues."""

    text: str
    words: tuple[str, ...]
    stems: tuple[str, ...]
    content: frozenset[str]
    clauses: tuple[frozenset[str], ...]
    negations: tuple[_Cue, ...]
    hedges: tuple[_Cue, ...]


@lru_cache(4_096)  # a sentence is compared with each of its claims
def read(text: str) -> Said:
    """A text ready to be compared."""
    low = text.lower().replace("’", "'") if len(text.lower()) == len(text) else text.replace("’", "'")
    found = list(_TOKEN.finditer(low))
    words = tuple(m.group() for m in found)
    places = [Span(m.start(), m.end()) for m in found]
    inside = [place for place, word in zip(places, words, strict=True) if word in _INSIDE]
    shunned = (Span(m.start(), m.end()) for m in _SHUNNED.finditer(low))
    negated = [s for s in sorted({*negation_cues(low), *shunned, *inside}) if not _NO_CUE.match(low, s.start)]
    negated = [*_apart(negated), *_only(low)]
    hedged = hedge_cues(low)
    ends = [p.end for p in places]
    taken = {
        i
        for span in negated
        for i in range(bisect_right(ends, span.start), len(places))[:_LONGEST_CUE]
        if places[i].start < span.end
    }
    stemmed = tuple(
        "" if w in _SMALL or not w[0].isalnum() or i in taken and w not in _INSIDE else _stem(w)
        for i, w in enumerate(words)
    )
    number, of, clauses = 0, [], [set[str]()]
    for word, stem in zip(words, stemmed, strict=True):
        if word in ",;:.!?" or word in _CLAUSE_WORDS:
            number += 1
            clauses.append(set())
        of.append(number)
        if stem and word not in _INSIDE:
            clauses[-1].add(stem)

    def cues(spans: Sequence[Span]) -> tuple[_Cue, ...]:
        return tuple(_cue(span, places, words, stemmed, of) for span in spans) if places else ()

    content = frozenset(s for s in stemmed if s)
    return Said(text, words, stemmed, content, tuple(frozenset(c) for c in clauses), cues(negated), cues(hedged))


def _stem(word: str) -> str:
    stem = "".join(stems(word)[:1])
    return "" if stem in _SMALL else stem


def _only(text: str) -> list[Span]:
    """ "Not only", which says no to an "only"."""
    return [Span(m.start(), m.end()) for m in re.finditer(r"\bnot (?:only|just|merely)\b", text)]


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Without those that overlap the one before."""
    out: list[Span] = []
    for span in spans:
        if not out or span.start >= out[-1].end:
            out.append(span)
    return out


def _cue(span: Span, places: Sequence[Span], words: Sequence[str], stemmed: Sequence[str], of: Sequence[int]) -> _Cue:
    first = min(bisect_right(places, span.start, key=lambda p: p.end), len(places) - 1)
    last = first
    while last + 1 < len(places) and places[last + 1].start < span.end:
        last += 1
    here = of[last]
    after_it = range(last + 1, len(words))[:_FARTHEST]
    ahead = [i for i in after_it if of[i] == here and stemmed[i]]
    before = [i for i in range(first - 1, -1, -1)[:_FARTHEST] if stemmed[i]]
    behind = [i for i in before if of[i] == here] or before
    base = ""
    if words[last] in _INSIDE:
        base = _stem(_PREFIXED.sub("", words[last], count=1))
    elif words[last] == "non" and ahead:
        base = stemmed[ahead[0]]
    after = _BEFORE.search(" ".join(words[first : last + 1]))
    order = [*behind[:2], *ahead] if after else ahead or behind[:_REACH]
    anchors = [base] if base and words[last] in _INSIDE else []
    anchors += [stemmed[i] for i in order[: _REACH - len(anchors)]]
    reached = set(anchors)
    joined = next((i for i in after_it if words[i] in _JOINING and of[i] == here), None)
    if joined is not None:  # "does not cure it or prevent it": both are denied
        reached.update(stemmed[i] for i in ahead if i > joined)
    return _Cue(span, tuple(anchors), frozenset(reached), here, base, " ".join(words[first : last + 1]))


def _alike(a: str, b: str) -> bool:
    return a == b or len(a) > 4 and len(b) > 4 and a[:5] == b[:5]


def _has(stem: str, among: Collection[str]) -> bool:
    return stem in among or len(stem) > 4 and any(_alike(stem, other) for other in among)


def _partners(cue: _Cue, other: _Cue, said: frozenset[str]) -> bool:
    """Whether a claim's cue acts on the same words as one of what was said.

    Words like "cause" and "take" alone don't tell: there it counts whether what is caused was said without a "not".
    """
    if not cue.anchors or not other.anchors:
        return cue.anchors == other.anchors
    if cue.base or other.base:
        return (cue.base or cue.anchors[0]) == (other.base or other.anchors[0])
    shared = {a for a in cue.anchors if _has(a, other.reached)} | {b for b in other.anchors if _has(b, cue.anchors)}
    first = _has(cue.anchors[0], other.reached) or _has(other.anchors[0], cue.anchors)
    if first and " " in cue.words and cue.words == other.words:
        return True  # "not all causes"
    if not first:
        return len(shared) > 2
    told = bool(shared - _VAGUE) or min(len(cue.anchors), len(other.anchors)) == 1
    return told or not any(_has(a, said) for a in cue.anchors[1:])


def _words_of(text: str, cue: _Cue) -> str:
    """The cue with the words after it, as they are written."""
    rest = text[cue.span.end :].split()[:3]
    return " ".join([text[cue.span.start : cue.span.end], *rest]).rstrip(".,;:")


def added_negation(claim: Said, said: Said) -> str | None:
    """The first negation of a claim that what was said doesn't have, or has of something else.

    A negation serves two of the claim's where it denies two things, never twice of one ("not not").
    """
    used: set[tuple[int, str]] = set()
    for cue in claim.negations:
        if cue.base and cue.words != "unlikely" and not _has(cue.base, said.content):
            continue  # "insufficient" is a word of its own where nothing was "sufficient"
        of = cue.anchors[0] if cue.anchors else ""
        free = (
            k for k, other in enumerate(said.negations) if (k, of) not in used and _partners(cue, other, said.content)
        )
        partner = next(free, None)
        if partner is None:
            return _words_of(claim.text, cue)
        used.add((partner, of))
    return None


def lost_negation(claim: Said, said: Said) -> str | None:
    """The first negation of what was said that a claim about the same leaves out."""
    return _lost(claim, said, claim.negations, said.negations)


def lost_hedge(claim: Said, said: Said) -> str | None:
    """The first "may", "possibly" or "likely" that a claim about the same leaves out, where it holds nothing back.

    "Can" holds back as well.
    """
    held_back = claim.hedges or not _HELD_BACK.isdisjoint(claim.words)
    if held_back or not said.hedges:
        return None
    clauses = [said.clauses[cue.clause] for cue in said.hedges]
    if any(_NUMBER.match(s) and s in said.content and not any(s in c for c in clauses) for s in claim.content):
        return None  # what it says stands in a clause that holds nothing back
    return _lost(claim, said, (), said.hedges)


def _lost(claim: Said, said: Said, mine: Sequence[_Cue], theirs: Sequence[_Cue]) -> str | None:
    covered = [sum(_has(stem, claim.content) for stem in clause) for clause in said.clauses]
    for cue in theirs:
        held = [_has(a, claim.content) for a in cue.anchors]
        if not held or not held[0] or sum(held) < _HELD * len(held):
            continue
        if (
            any(_has(cue.anchors[0], own.reached) for own in mine)
            or said.text[cue.span.start :][:6].lower() == "except"
        ):
            continue
        if cue.base and said.stems.count(cue.base) > (said.text[cue.span.start : cue.span.end].lower() == "non"):
            continue  # "unusual" was said, and "usual" too
        own, size = covered[cue.clause], len(said.clauses[cue.clause])
        if own >= _CLAUSE_HELD * size or own == max(covered):
            return _words_of(said.text, cue)
    return None


_POLES = tuple(
    tuple(word_set(side) for side in pair.split("|"))
    for pair in (
        """increase increases increased increasing raise raises raised raising rise rises higher greater elevate
        elevates elevated|decrease decreases decreased decreasing reduce reduces reduced reducing lower lowers lowered
        lowering lessen lessens diminish diminishes""",
        "more greater above over exceeding older|less fewer below under younger",
        "before|after",
        "high higher highest|low lower lowest",
        "minimum least|maximum most",
        "common commonly frequent frequently often usually|rare rarely seldom",
        """improve improves improved improving relieve relieves relieved ease eases|worsen worsens worsened worsening
        aggravate aggravates""",
        """start starts starting begin begins beginning|stop stops stopping stopped discontinue discontinues
        discontinuing quit""",
        "always|never",
        "mild|severe",
        "acute|chronic",
        "benign|malignant",
        "safe|dangerous harmful",
        "bacterial bacteria bacterium|viral virus viruses",
        "left|right",
        "upper|lower",
        "short shorter|long longer",
        "early earlier|late later",
        "fast faster quickly rapid rapidly|slow slower slowly gradual gradually",
        "dry|wet moist",
        "hot warm|cold cool",
        "male males men boys|female females women girls",
        "adult adults|child children infant infants",
        "benefit benefits beneficial|harm harms harmful",
        "allow allows allowed recommend recommends recommended|forbid forbids prohibited contraindicated",
        "positive|negative",
        "first|last second",
        "internal internally|external externally",
        "oral orally|topical topically",
        "daily|weekly monthly",
        "maximum|minimum",
        "prevent prevents preventing|cause causes causing",
        "agonist|antagonist",
        "empty|full",
        "inside|outside",
    )
)
_OPPOSITE_STARTS = (
    ("hyper", "hypo"), ("inter", "intra"), ("macro", "micro"), ("pre", "post"), ("tachy", "brady"), ("endo", "exo"),
    ("mono", "poly"), ("inhal", "exhal"), ("over", "under"), ("eu", "dys"), ("sub", "super"),
)  # fmt: skip


def turned(claim: Said, said: Said) -> tuple[str, str] | None:
    """A word of the claim whose opposite was said, with that opposite.

    "Before" for "after", "increase" for "reduce", "hypotension" for "hypertension". Where both were said, each of its
    own thing, the words after them decide.
    """
    mine, theirs = frozenset(claim.words) - _denied(claim), frozenset(said.words) - _denied(said)
    for one, other in _sides():
        told, heard = mine & one, theirs & other
        if not told or not heard or mine & other:
            continue
        if not theirs & one:
            return min(told), min(heard)
        after = _following(claim, one, one | other)
        if after.isdisjoint(_following(said, one, one | other)) and not after.isdisjoint(
            _following(said, other, one | other)
        ):
            return min(told), min(heard)
    return next(_turned_starts(mine - theirs, theirs - mine), None)


def _denied(text: Said) -> frozenset[str]:
    """Words right after a negation: "not common" says nothing against "rare"."""
    first = {cue.anchors[0] for cue in text.negations if cue.anchors}
    return frozenset(w for w, stem in zip(text.words, text.stems, strict=True) if stem in first)


def _sides() -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    for one, other in _POLES:
        yield one, other
        yield other, one


def _following(said: Said, words: frozenset[str], passed: frozenset[str]) -> set[str]:
    """The first word that isn't small after each of these; those of the same pair of opposites are passed over."""
    out = set()
    for i, word in enumerate(said.words):
        if word in words:
            rest = (s for w, s in zip(said.words[i + 1 :], said.stems[i + 1 :], strict=True) if s and w not in passed)
            out.update(list(islice(rest, 1)))
    return out


def _turned_starts(mine: frozenset[str], theirs: frozenset[str]) -> Iterator[tuple[str, str]]:
    for pair in _OPPOSITE_STARTS:
        for one, other in (pair, pair[::-1]):
            for word in sorted(mine):
                swapped = other + word[len(one) :]
                if word.startswith(one) and len(word) > len(one) + 3 and swapped in theirs:
                    yield word, swapped
