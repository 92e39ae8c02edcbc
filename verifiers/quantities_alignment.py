"""A claim laid beside one sentence, word by word: what is the same, what differs, and what the difference means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from halueval.records import Quantity, Span
from halueval.text.drugs import find_drugs
from halueval.text.quantities import find_quantities, relation
from halueval.text.quantities_comparators import Comparator, before
from halueval.text.quantities_numbers import NUMBER_WORD, match_number
from halueval.text.units import TIME_UNITS, is_unit
from halueval.text.units_scale import dimension
from halueval.text.word_sets import word_set
from halueval.verifiers.quantities_wording import (
    FREQUENCY_WORDS,
    FUNCTION_WORDS,
    HEDGES,
    NEGATORS,
    PHRASES,
    RESERVATIONS,
    RESTRICTIONS,
    TURNS,
    direction_of,
    key_of,
)

__all__ = ["Judgement", "Reading", "content_keys", "judge", "read"]

_TOKEN = re.compile(r"n['’]t\b|[^\W_]+|[;:]")
_WORD = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"\([^()]{0,300}\)|\[[^\[\]]{0,300}\]")
_AFTER_BOUND = re.compile(
    r"\s*(?:of age|old)?\s*(?:or|and)\s+"
    r"(?:more|greater|above|higher|older|over|longer|less|fewer|below|under|younger)\b",
    re.I,
)
_READ_LIMIT = 2_000  # characters of a sentence; longer ones are tables or lists, not statements


_NOT_CONTENT = FUNCTION_WORDS | FREQUENCY_WORDS
_NUMBER = re.compile(rf"(?<![\w.,/-])(?:\d|{NUMBER_WORD}\b)", re.I)
_AFTER_NUMBER = re.compile(r"[\w%/°]|[.,:]\d|-\w")
_NAME_NUMBER = re.compile(
    r"\b(?:type|stage|grade|phase|class|level|group|arm|cohort|factor|vitamin|day|week|month|year|visit|chromosome|table|figure|section|"
    r"version|number|no\.?|part|step|cycle|in|since|until|from|by|during|january|february|march|april|may|june|july|august|"
    r"september|october|november|december)\s+$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a quantity: ``key`` is what it is matched by; ``sign`` is +1 or -1 for words with an opposite."""

    key: str
    word: str
    sign: int = 0
    quantity: Quantity | None = None
    drug: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence read for comparison: its tokens in order, negations left out and kept by what they stand before.

    ``negations`` are indices into ``tokens``: the negation stood before that token. ``than`` is the index of the first
    token after "than" or "compared with", -1 where there is none. ``reserved`` are words that leave open what is said.
    """

    tokens: tuple[Token, ...]
    keys: tuple[str, ...]
    negations: tuple[int, ...]
    than: int
    reserved: frozenset[str]
    turns: tuple[int, ...]
    question: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one sentence says of a claim, and the arithmetic or the words that it rests on."""

    label: Literal["supported", "refuted"]
    reason: str


@lru_cache(maxsize=4096)
def content_keys(text: str) -> frozenset[str]:
    """Keys of the words that a claim must share with a passage to be compared: no numbers, units, opposites.

    Examples
    --------
    >>> sorted(content_keys("The dose of Tylenol is 4 mg or less")), sorted(content_keys("higher doses of paracetamol"))
    (['dose', 'drug:acetaminophen'], ['dose', 'drug:acetaminophen'])
    """
    keys = (key_of(w) for w in set(_WORD.findall(text.lower())) if w not in _NOT_CONTENT and not is_unit(w))
    return frozenset(k for k in keys if k[0] != "<" and not k[0].isdigit())


@lru_cache(maxsize=4096)
def read(sentence: str, *, brackets: bool = True) -> Reading:
    """Read a sentence; ``brackets=False`` leaves out what stands in brackets."""
    text = sentence[:_READ_LIMIT]
    if not brackets:
        text = _BRACKETS.sub(lambda m: " " * len(m.group()), text)
    found = find_quantities(text)
    covered: list[tuple[int, int, Token | str]] = []
    for q in found:
        start = q.span.start
        ahead = before(text, start, time=q.unit in TIME_UNITS) if q.comparator != "=" else None
        bound = _AFTER_BOUND.match(text, q.span.end) if q.comparator != "=" else None
        token = Token(f"[{dimension(q.unit)}]", text[q.span.start : q.span.end], quantity=q)
        covered.append((ahead[1] if ahead else start, bound.end() if bound else q.span.end, token))
    covered.extend(_counts(text, {i for start, end, _ in covered for i in range(start, end)}))
    for span, generic in find_drugs(text):
        covered.append((span.start, span.end, Token("drug:" + generic, generic, drug=True)))
    for pattern, meaning in PHRASES:
        covered.extend((m.start(), m.end(), meaning) for m in pattern.finditer(text))
    return _assembled(text, covered)


def _counts(text: str, taken: set[int]) -> Iterator[tuple[int, int, Token]]:
    """Numbers that count things: "21 contacts", "more than 800 plants", "less than half"; not names or dates."""
    for m in _NUMBER.finditer(text):
        start = m.start()
        number = None if start in taken else match_number(text, start)
        if number is None or number.power or _AFTER_NUMBER.match(text, number.end):
            continue
        window = text[max(0, start - 14) : start]
        year = 1800 <= number.value <= 2100 and "," not in text[start : number.end]
        if year or (_NAME_NUMBER.search(window) and not number.words):
            continue
        ahead = before(text, start, time=False)
        quantity = Quantity(Span(start, number.end), number.value, number.value, "{count}", ahead[0] if ahead else "=")
        if number.value == 1 and ahead is None:
            continue  # "one of them", "one group": a pronoun as often as a number
        yield ahead[1] if ahead else start, number.end, Token("[count]", text[start : number.end], quantity=quantity)


def _assembled(text: str, covered: list[tuple[int, int, Token | str]]) -> Reading:
    tokens: list[Token] = []
    negations: list[int] = []
    reserved: set[str] = set()
    turns: list[int] = []
    than = -1
    shouted = text.isupper()

    def word(w: str) -> None:
        nonlocal than
        acronym = w.isupper() and 1 < len(w) < 6 and not shouted  # the WHO is not "who"
        w = w.lower()
        if w in NEGATORS or w.startswith(("n'", "n’")):
            negations.append(len(tokens))
            return
        if w in TURNS or w in ";:":
            turns.append(len(tokens))
        if w in RESERVATIONS:
            reserved.add(w)
        if w == "than" and than < 0:
            than = len(tokens)
        if w in ";:" or (w in FUNCTION_WORDS and not acronym):
            return
        direction = direction_of(w)
        tokens.append(Token(key_of(w), w, direction[1] if direction else 0))

    at = 0
    for start, end, what in sorted(covered, key=lambda c: (c[0], -c[1])):
        if start < at:
            continue
        for m in _TOKEN.finditer(text, at, start):
            word(m.group())
        if isinstance(what, Token):
            tokens.append(what)
        else:
            for w in what.split():
                word(w)
        at = end
    for m in _TOKEN.finditer(text, at):
        word(m.group())
    return Reading(
        tuple(tokens),
        tuple(t.key for t in tokens),
        tuple(negations),
        than,
        frozenset(reserved),
        tuple(turns),
        text.rstrip().endswith("?"),
    )


def judge(claim: Reading, sentence: Reading) -> Judgement | None:
    """What ``sentence`` says of ``claim``; None where their words do not line up or the difference could mean anything.

    The claim must be said in the sentence word for word, up to synonyms, order of a phrase and numbers; then one
    contradicting number, one opposite word, one negation or exchanged sides of a comparison refute it, and none of
    these supports it.
    """
    if not claim.tokens or claim.question or sentence.question:
        return None
    pairs, lost, extra = _aligned(claim, sentence)
    differing = _quantities(claim, sentence, pairs, lost, extra)
    if differing is None:
        return None
    contradiction, unclear = differing
    words_lost = [i for i in lost if claim.tokens[i].quantity is None]
    drugs = _drug_exchanged(claim, sentence, words_lost, extra)
    if drugs is not None:
        words_lost = [i for i in words_lost if i != drugs[0]]
    if not pairs or _scattered(claim, sentence, pairs) or (sentence.reserved - claim.reserved) & HEDGES:
        return None
    if _crossed(sentence, pairs, extra):
        return None
    if words_lost and not (contradiction and _passable(claim, words_lost)):
        return None
    turned = [(i, j) for i, j in pairs if claim.tokens[i].sign * sentence.tokens[j].sign < 0]
    swapped = _swapped(claim, sentence, pairs)
    negation = _negation(claim, sentence, pairs)
    if swapped is None or negation is None:
        return None
    if contradiction:
        elsewhere = turned or swapped or negation or drugs or _restricted(sentence, extra)
        return None if unclear or elsewhere or _bare(claim) else Judgement("refuted", contradiction)
    if unclear:
        return None
    if drugs is not None:
        return None if turned or swapped or negation else Judgement("refuted", drugs[1])
    changes = len(turned) + swapped + negation
    if changes == 0:
        unlike = sentence.reserved - claim.reserved or not _said_in_order(pairs)
        return None if unlike else Judgement("supported", "the sentence says the claim")
    if changes == 1:
        if turned:
            i, j = turned[0]
            return Judgement("refuted", f"opposite: {claim.tokens[i].word} / {sentence.tokens[j].word}")
        return Judgement(
            "refuted", "the sides of the comparison are exchanged" if swapped else "negated on one side only"
        )
    if swapped and len(turned) == 1 and not negation:
        return Judgement("supported", "the same comparison, seen from the other side")
    return None


def _passable(claim: Reading, lost: Sequence[int]) -> bool:
    """Whether the few words that the sentence lacks change nothing: one in seven, no drug, opposite or restriction."""
    return len(lost) * 7 <= len(claim.tokens) and not any(
        t.sign or t.drug or t.word in RESTRICTIONS for t in (claim.tokens[i] for i in lost)
    )


def _restricted(sentence: Reading, extra: Sequence[int]) -> bool:
    """Whether the sentence speaks of a case that the claim doesn't name: "in children", "for severe pain"."""
    return any(sentence.tokens[j].word in RESTRICTIONS for j in extra)


def _crossed(sentence: Reading, pairs: Sequence[tuple[int, int]], extra: Sequence[int]) -> bool:
    """Whether another opposite stands among the claim's words: "statins lower cholesterol and raise the risk"."""
    places = [j for _, j in pairs]
    return any(sentence.tokens[j].sign and min(places) < j < max(places) for j in extra)


def _bare(claim: Reading) -> bool:
    """Whether the claim has too few words beside its numbers to say what they are numbers of."""
    return sum(t.quantity is None for t in claim.tokens) < 3


def _aligned(claim: Reading, sentence: Reading) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of equal tokens, then tokens of the claim and of the sentence that have no partner."""
    matcher = SequenceMatcher(None, claim.keys, sentence.keys, autojunk=False)
    pairs = [(b.a + k, b.b + k) for b in matcher.get_matching_blocks() for k in range(b.size)]
    taken_a, taken_b = {i for i, _ in pairs}, {j for _, j in pairs}
    lost = [i for i in range(len(claim.keys)) if i not in taken_a]
    extra = [j for j in range(len(sentence.keys)) if j not in taken_b]
    for i in list(lost):  # phrases that were moved
        j = next((j for j in extra if sentence.keys[j] == claim.keys[i]), None)
        if j is not None:
            pairs.append((i, j))
            lost.remove(i)
            extra.remove(j)
    return sorted(pairs), lost, extra


def _quantities(
    claim: Reading, sentence: Reading, pairs: Sequence[tuple[int, int]], lost: Sequence[int], extra: Sequence[int]
) -> tuple[str, bool] | None:
    """The contradiction, if any, and whether a number is neither equal nor contradicting; None: not comparable."""
    contradiction, unclear = "", False
    for i, j in pairs:
        p, q = claim.tokens[i].quantity, sentence.tokens[j].quantity
        if p is None or q is None:
            continue
        stands = relation(*_softened(p, q))
        if stands == "contradicts":
            if contradiction:
                return None
            contradiction = f"{_said(p, claim.tokens[i])} / {_said(q, sentence.tokens[j])}"
        elif stands == "not":
            if p.low != p.high and q.low != q.high and p.comparator == q.comparator == "=":
                if contradiction:
                    return None
                contradiction = f"another range: {claim.tokens[i].word} / {sentence.tokens[j].word}"
            else:
                unclear = True
    if any(claim.tokens[i].quantity is not None for i in lost):
        return None
    return contradiction, unclear


def _softened(p: Quantity, q: Quantity) -> tuple[Quantity, Quantity]:
    """A bound said to be passed and a value said to be at it don't exclude each other: both are rounded."""
    if (p.comparator == "=") == (q.comparator == "="):
        return p, q
    closed: dict[str, Comparator] = {">": ">=", "<": "<="}
    return tuple(replace(x, comparator=closed.get(x.comparator, x.comparator)) for x in (p, q))  # type: ignore[return-value]


def _said(q: Quantity, token: Token) -> str:
    return token.word if q.comparator == "=" else f"{q.comparator} {token.word}"


_GIVEN = frozenset(
    map(
        key_of,
        word_set(
            """
            given treated assigned randomized randomised injected infused prescribed treatment induction anesthesia
            anesthetized anaesthetized sedated maintained premedicated started dose
            """
        ),
    )
)


def _drug_exchanged(
    claim: Reading, sentence: Reading, lost: Sequence[int], extra: Sequence[int]
) -> tuple[int, str] | None:
    """One drug in place of another where the sentence tells what was given to whom."""
    here = [i for i in lost if claim.tokens[i].drug]
    if len(here) != 1 or len(lost) != 1 or len(claim.tokens) < 5 or not _GIVEN & set(sentence.keys):
        return None
    there = [j for j in extra if sentence.tokens[j].drug]
    if len(there) != 1 or claim.keys[here[0]] in sentence.keys or sentence.keys[there[0]] in claim.keys:
        return None
    return here[0], f"{claim.tokens[here[0]].word} / {sentence.tokens[there[0]].word}"


def _scattered(claim: Reading, sentence: Reading, pairs: Sequence[tuple[int, int]]) -> bool:
    """Whether the claim's words are strewn over the sentence rather than said in it."""
    places = [j for _, j in pairs]
    inside = max(places) - min(places) + 1 - len(places)
    return inside > max(2, len(claim.tokens) // 2)


def _negation(claim: Reading, sentence: Reading, pairs: Sequence[tuple[int, int]]) -> int | None:
    """1 where one side is negated and the other is not, 0 where both agree, None where its reach is unclear."""
    places = [j for _, j in pairs]
    low, high = min(places), max(places)
    within = [n for n in sentence.negations if low <= n <= high]
    taken = set(places)
    ours = len(claim.negations)
    theirs = 0
    for n in within:
        if n not in taken:
            return None  # it negates a word that the claim doesn't say
        theirs += 1
    outside = len(sentence.negations) - len(within)
    if (ours - theirs) % 2 == 0:
        return None if outside and ours == theirs == 0 and _reaches(sentence, low) else 0 if ours == theirs else None
    if any(low < t <= high for t in sentence.turns) and not any(t > 0 for t in claim.turns):
        return None
    return 1


def _reaches(sentence: Reading, low: int) -> bool:
    return any(n < low for n in sentence.negations)


def _swapped(claim: Reading, sentence: Reading, pairs: Sequence[tuple[int, int]]) -> int | None:
    """1 where what stands before and after "than" has changed places, 0 where not, None where that cannot be told."""
    if claim.than < 0 or sentence.than < 0:
        if claim.than < 0 and sentence.than < 0:
            return 0 if _in_order(pairs) or not any(t.sign for t in claim.tokens) else None
        return 0 if claim.than < 0 and _in_order(pairs) else None
    same = crossed = 0
    for i, j in pairs:
        if (i < claim.than) == (j < sentence.than):
            same += i >= claim.than
        else:
            crossed += 1
    if crossed == 0:
        return 0
    repeated = Counter(claim.keys[i] for i, _ in pairs)
    here = [claim.keys[i] for i, j in pairs if i >= claim.than and j < sentence.than and repeated[claim.keys[i]] == 1]
    there = [claim.keys[i] for i, j in pairs if i < claim.than and j >= sentence.than and repeated[claim.keys[i]] == 1]
    return 1 if here and there else None


def _said_in_order(pairs: Sequence[tuple[int, int]]) -> bool:
    """In the order of the claim, but for one phrase of more than a word that may have moved."""
    places = [j for _, j in pairs]
    breaks = [k for k in range(1, len(places)) if places[k] < places[k - 1]]
    return not breaks or (len(breaks) == 1 and 2 <= breaks[0] <= len(places) - 2)


def _in_order(pairs: Sequence[tuple[int, int]]) -> bool:
    places = [j for _, j in pairs]
    return places == sorted(places)
