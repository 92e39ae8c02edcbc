"""A parsed sentence as plain lists and bit sets.

A set of tokens is a Python integer with one bit per token: what a claim keeps and drops is then a matter of ``&`` and
``|``, and a claim can never hold half a token. Labels differ between spaCy's English pipelines (ClearNLP) and
scispaCy's (Universal Dependencies); the tables below name both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from halueval.text.word_sets import word_set

__all__ = [
    "AUXILIARIES",
    "RELATIVES",
    "SUBJECTS",
    "Parse",
    "bits",
    "breaks",
    "dangles",
    "first",
    "has_predicate",
    "stands",
    "last",
]

SUBJECTS = frozenset(["nsubj", "nsubjpass", "nsubj:pass", "csubj", "csubjpass", "csubj:pass", "expl", "attr_subj"])
AUXILIARIES = frozenset(["aux", "auxpass", "aux:pass", "cop", "neg"])
RELATIVES = frozenset(["relcl", "acl:relcl"])


_CLAUSAL = frozenset(["VBZ", "VBP", "VBD", "MD", "WDT", "WP", "WRB", "PRP", "TO", "EX"])
_LISTING = frozenset(["pobj", "dobj", "attr", "nsubj", "nsubjpass", "conj"])
_LONGEST_LIST, _LONGEST_ITEM = 12, 7


class Parse:
    """One parsed sentence.

    Attributes
    ----------
    words, lower, tags, deps : list of str
    heads : list of int
        A root is its own head.
    starts, ends : list of int
        Offsets of each token into the parsed text.
    children : list of list of int
    below : list of int
        For each token the bit set of its subtree, itself included.
    everything : int
        All tokens, white space left out.
    """

    __slots__ = (
        "below",
        "children",
        "deps",
        "ends",
        "everything",
        "heads",
        "lower",
        "roots",
        "starts",
        "tags",
        "words",
    )

    def __init__(self, doc: Any) -> None:
        from spacy.attrs import DEP, HEAD, IDX, LENGTH, TAG

        n = len(doc)
        table = doc.to_array([HEAD, DEP, TAG, IDX, LENGTH])
        strings = doc.vocab.strings
        self.words: list[str] = [t.text for t in doc]
        self.lower: list[str] = [w.lower() for w in self.words]
        rows = table.tolist()
        self.heads: list[int] = []
        for i, row in enumerate(rows):
            offset = row[0]
            self.heads.append(i + (offset - 2**64 if offset >= 2**63 else offset))
        self.deps: list[str] = [strings[row[1]] for row in rows]
        self.tags: list[str] = [strings[row[2]] for row in rows]
        self.starts: list[int] = [row[3] for row in rows]
        self.ends: list[int] = [row[3] + row[4] for row in rows]
        self._mend_lists()
        self._mend_infinitives()
        self._flatten_lists()
        self.children: list[list[int]] = [[] for _ in range(n)]
        self.roots: list[int] = []
        for i, head in enumerate(self.heads):
            if head == i:
                self.roots.append(i)
            else:
                self.children[head].append(i)
        self.below: list[int] = [0] * n
        for i in self._bottom_up():
            self.below[i] = 1 << i
            for child in self.children[i]:
                self.below[i] |= self.below[child]
        self.everything = 0
        for i, word in enumerate(self.words):
            if not word.isspace():
                self.everything |= 1 << i

    def _mend_lists(self) -> None:
        """Give the last thing of a list back to the list.

        In "triggered by pollen, dust, and smoke" a small parser takes the smoke for a verb, or a noun, joined to
        "triggered". A noun is never joined to a verb, and a bare verb form without anything of its own hardly ever is.
        """
        busy = set(self.heads[i] for i in range(len(self.words)) if self.heads[i] != i)
        for i in range(3, len(self.words)):
            if self.deps[i] != "conj" or self.tags[self.heads[i]][0] != "V" or self.heads[i] > i:
                continue
            noun = self.tags[i] in ("NN", "NNS", "NNP", "NNPS")
            bare = (
                self.tags[i] in ("VB", "VBP")
                and i not in busy
                and i + 1 < len(self.words)
                and self.words[i + 1] in ",.;"
            )
            if not (noun or bare):
                continue
            start = i
            while noun and start and self.heads[start - 1] == i:  # its own adjectives
                start -= 1
            joint = start - 1
            before = joint - 1
            if joint < 2 or self.lower[joint] not in ("and", "or"):
                continue
            if self.words[before] == ",":
                before -= 1
            if self.tags[before][0] != "N" or before <= self.heads[i]:
                continue
            if bare and self.deps[before] != "conj":
                continue
            at = before
            while self.deps[at] in ("compound", "amod") and self.heads[at] <= before:
                at = self.heads[at]
            if self._stands_under(at, i) or self._stands_under(at, joint):
                continue
            self.heads[i] = self.heads[joint] = at
            if bare:
                self.tags[i] = "NN"

    def _flatten_lists(self) -> None:
        """Make "A, B in the C, D, and E" one list, of which small parsers hang D and E below C."""
        for joint in range(4, len(self.words) - 1):
            if self.lower[joint] not in ("and", "or") or self.words[joint - 1] != ",":
                continue
            items: list[int] = []
            end = joint - 1
            while len(items) < _LONGEST_LIST:
                start = end
                while start and self.words[start - 1] not in (",", ";", ":") and end - start <= _LONGEST_ITEM:
                    start -= 1
                item = self._item(start, end)
                if item is None or not start or self.words[start - 1] != ",":
                    break
                items.insert(0, item)
                end = start - 1
            final = self._item(joint + 1, min(len(self.words), joint + 1 + _LONGEST_ITEM), joint)
            if len(items) < 2 or final is None:
                continue
            lead = self.heads[items[0]]
            if lead >= end or self.tags[lead][0] != "N" or self.deps[lead] not in _LISTING:
                continue
            members = [*items, final]
            if any(self._stands_under(lead, m) for m in (*members, joint)):
                continue
            for m in members:
                self.heads[m], self.deps[m] = lead, "conj"
            self.heads[joint], self.deps[joint] = lead, "cc"

    def _item(self, start: int, end: int, joint: int | None = None) -> int | None:
        """The noun that heads a member of a list: the only one there that leans on something before."""
        found = None
        for i in range(start, end):
            if self.tags[i] in _CLAUSAL or self.words[i] == ",":
                return found if joint is not None and found is not None else None
            if self.heads[i] < start and self.deps[i] in ("conj", "appos", "dobj", "nmod"):
                if found is not None or self.tags[i][0] != "N":
                    return found if joint is not None else None
                found = i
        return found

    def _stands_under(self, i: int, above: int) -> bool:
        """Whether ``above`` is met on the way from ``i`` to the root: joining it below ``i`` would make a ring."""
        for _ in range(len(self.words)):
            if i == above:
                return True
            if self.heads[i] == i:
                return False
            i = self.heads[i]
        return True

    def _mend_infinitives(self) -> None:
        """Join "to do A, to do B, or to do C", which small parsers hang one below the other."""
        opened = [i for i in range(1, len(self.words)) if self.tags[i] == "VB" and self.lower[i - 1] == "to"]
        if len(opened) < 3:
            return
        run = opened[:1]
        for before, verb in zip(opened, opened[1:], strict=False):
            joint = verb - 2
            last_one = self.lower[joint] in ("and", "or") and self.words[joint - 1] == ","
            if not (last_one or self.words[joint] == ","):
                run = [verb]
                continue
            run.append(verb)
            if last_one and len(run) >= 3:
                for a, b in zip(run, run[1:], strict=False):
                    if self.deps[b] in ("advcl", "conj", "xcomp") and not self._stands_under(a, b):
                        self.heads[b], self.deps[b] = a, "conj"
                if not self._stands_under(before, joint):
                    self.heads[joint], self.deps[joint] = before, "cc"

    def __len__(self) -> int:
        return len(self.words)

    def _bottom_up(self) -> list[int]:
        order: list[int] = []
        stack = list(self.roots)
        while stack:
            i = stack.pop()
            order.append(i)
            stack.extend(self.children[i])
        return order[::-1]

    def child(self, i: int, labels: frozenset[str]) -> int | None:
        """The first child of token ``i`` under one of these labels."""
        for c in self.children[i]:
            if self.deps[c] in labels:
                return c
        return None

    def is_verb(self, i: int) -> bool:
        """Whether a token can head a clause."""
        return self.tags[i][0] == "V" or self.tags[i] == "MD" or any(self.deps[c] == "cop" for c in self.children[i])

    def is_noun(self, i: int) -> bool:
        return self.tags[i][0] == "N" or self.tags[i] in ("PRP", "CD", "DT", "WP")

    def conjuncts(self, i: int) -> list[int]:
        """Token ``i`` and all that is joined to it, in order."""
        out = [i]
        stack = [i]
        while stack:
            for c in self.children[stack.pop()]:
                if self.deps[c] == "conj":
                    out.append(c)
                    stack.append(c)
        return sorted(out)

    def own(self, i: int) -> int:
        """The subtree of a token without what is joined to it, and without the "and" and comma before that."""
        out = self.below[i]
        for c in self.children[i]:
            if self.deps[c] == "conj":
                out &= ~self.below[c]
        return out


def bits(mask: int) -> Iterator[int]:
    """The tokens of a set, in order."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def first(mask: int) -> int:
    """The first token of a set that is not empty."""
    return (mask & -mask).bit_length() - 1


def last(mask: int) -> int:
    """The last token of a set that is not empty."""
    return mask.bit_length() - 1


def breaks(tokens: int, before: int, whole: Sequence[int]) -> bool:
    """Whether a set that was held whole ``before`` is now held in part: a number without its unit, half a range."""
    return any(tokens & w and tokens & w != before & w for w in whole)


_COPULAS = frozenset(["is", "are", "was", "were", "be", "'s", "’s", "'re", "’re"])
_SIGNS = frozenset([".", ",", ":", "``", "''", "HYPH", "-LRB-", "-RRB-"])


def dangles(parse: Parse, tokens: int) -> bool:
    """Whether a part of a sentence breaks off: "this is", "the type referred to", "who has grown", "they can"."""
    kept = [i for i in bits(tokens) if parse.tags[i] not in _SIGNS]
    if not kept:
        return True
    opening, end = kept[0], kept[-1]
    if parse.tags[end] == "IN" or parse.lower[end] in _COPULAS:
        if any(
            not tokens >> c & 1 and parse.tags[c] not in _SIGNS and parse.deps[c] != "cc" for c in parse.children[end]
        ):
            return True
    elif parse.tags[end] in ("TO", "DT", "PRP$", "CC") and not tokens >> parse.heads[end] & 1:
        return True
    if opening and parse.tags[opening] in ("WDT", "WP") and parse.heads[opening] > opening:
        return True
    return any(
        parse.tags[i] == "MD"
        and parse.heads[i] != i
        and not any(tokens >> verb & 1 for verb in parse.conjuncts(parse.heads[i]))
        for i in kept
    )


def stands(parse: Parse, tokens: int, written: bool = False) -> bool:
    """Whether these tokens can be a sentence: a finite verb with a subject before it, or an order.

    ``written`` says that a verb or a subject is put in besides.
    """
    subject = written
    for i in bits(tokens):
        tag = parse.tags[i]
        if parse.deps[i] in SUBJECTS:
            subject = True
        elif tag in ("VBZ", "VBP", "VBD", "MD"):
            if subject or tag != "VBZ" and tag != "VBD":
                return True
        elif tag == "VB" and (parse.heads[i] == i or parse.deps[i] == "conj" or i == first(tokens)):
            return True
    return written and any(parse.tags[i][0] in "VJN" for i in bits(tokens))


# Verbs that small taggers read as nouns or adjectives in short sentences; nouns too, before "of" and at the end.
_TAKEN_FOR_OTHERS = word_set(
    """lower lowers cause causes treat treats help helps cure cures ease eases block blocks thin thins raise raises harm
    harms damage damages relieve relieves protect protects increase increases reduce reduces affect affects means
    worsen worsens strengthen strengthens weaken weakens trigger triggers prevent prevents spread spreads contain
    contains need needs work works act acts slow slows boost boosts interact interacts require requires"""
)
_ORDERS = word_set("quit stop start avoid take use drink rest limit keep apply")


def has_predicate(parse: Parse) -> bool:
    """Whether anything is said: a verb that is not a bare participle."""
    return any(
        tag in ("VBZ", "VBP", "VBD", "MD", "VB")
        or (tag in ("VBG", "VBN") and parse.child(i, SUBJECTS) is not None)
        or _may_be_verb(parse, i)
        for i, tag in enumerate(parse.tags)
    )


def _may_be_verb(parse: Parse, i: int) -> bool:
    after = parse.lower[i + 1] if i + 1 < len(parse) else "."
    if after in (".", ",", ":", ";", "of", "and", "or", "for", "in"):
        return False
    return parse.lower[i] in (_TAKEN_FOR_OTHERS if i else _ORDERS)
