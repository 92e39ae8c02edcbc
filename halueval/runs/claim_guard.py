"""Whether a verdict on one claim is a verdict on another: only where nothing that could matter differs.

Two claims are laid beside each other after what is known to be empty has been taken out of both: articles, case,
punctuation, lead-ins, the writing of a quantity, words of one row of :mod:`halueval.runs.claim_wording`. What is left
must be the same, in the same order, but for a phrase such as "in adults" that may stand in front or at the end. So
whatever this module has never heard of, a drug, a unit, a gene, a word for yes or no, is a difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from halueval.records import Quantity
from halueval.runs.claim_wording import (
    CLAUSE_WORDS,
    COMPARISONS,
    LEAD_IN,
    MOVABLE,
    REWRITES,
    VERB_SIGNS,
    plain_phrases,
    plain_word,
)
from halueval.text.drugs import brand_names, find_drugs
from halueval.text.negation import hedge_cues, negation_cues
from halueval.text.quantities import find_quantities
from halueval.text.quantities_comparators import before
from halueval.text.quantities_numbers import match_number
from halueval.text.units import TIME_UNITS, is_unit
from halueval.text.units_scale import dimension, to_base
from halueval.text.word_sets import word_set

__all__ = ["difference", "meaning"]

_LIMIT = 2_000  # characters; what is longer is no claim, and is compared to the letter
_TOKEN = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d*\.\d+|\d+|[^\W\d_]+\d[^\W_]*|[^\W\d_]+|\S")
_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d*\.\d+|\d+")
_EMPTY = word_set("the do does also")
_EMPTY_SIGNS = frozenset(",.'\"()[]{}*_`")
# Said with a name of their own: "hepatitis A", "vitamin A".
_LETTERED = word_set(
    """vitamin hepatitis influenza type group factor protein immunoglobulin haemophilia hemophilia strain class grade
    stage plan part toxin botulinum serum streptococcus phase arm section apolipoprotein cyclosporin cyclosporine
    virus"""
)
# In a quantity these say no more than its numbers and its unit do. "Night", "morning" and "bpm" do.
_IN_QUANTITY = word_set(
    """per a an every each times time x to and or of in the for day days daily week weeks weekly month months monthly
    year years yearly hour hours hourly minute minutes twice thrice once bid tid qid bd tds qds qd q b i d t between
    million thousand hundred international cent out other second third alternate alternating"""
)
_MORE_THAN_A_UNIT = word_set("night nights nightly bpm rpm injection injections shot shots infusion infusions")
_BOUND_WORDS = word_set(
    """at least most more less greater fewer higher lower than no not up to over under above below or equal
    exceed exceeds exceeding be very the a an"""
)
_ABOUT = word_set("about approximately around roughly nearly almost the a an")
_OR_MORE = {
    ">=": re.compile(r"\s*(?:or|and)\s+(?:more|above|over|greater|higher|up)\b(?!\s+than)", re.IGNORECASE),
    "<=": re.compile(r"\s*(?:or|and)\s+(?:less|below|under|fewer|lower)\b(?!\s+than)", re.IGNORECASE),
}
_PLAIN_SIGNS = re.compile(r"[\w\s.,'()%°×/–—-]")
_PAUSES = re.compile(r"(?<=[^\W_])[.;:!](?=\s+\S)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_TO_DASH = str.maketrans({"‐": "-", "‑": "-", "−": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "μ": "µ"})


def difference(claim: str, other: str) -> str:
    """What keeps a verdict on one claim from being a verdict on the other; empty where nothing does.

    Examples
    --------
    >>> difference("Take 500 mg of paracetamol twice a day.", "take acetaminophen 0.5 g two times daily")
    ''
    >>> difference("Adults can take 500 mg two times daily.", "In adults")
    'numbers: "500 mg", "two times daily"'
    >>> difference("Aspirin isn't safe in children.", "Aspirin is not safe in kids")
    ''
    >>> difference("A is better than B.", "B is better than A.")
    'the order of the same words'
    """
    if claim == other:
        return ""
    mine, theirs = meaning(claim), meaning(other)
    if mine == theirs or mine in _said_actively(theirs) or theirs in _said_actively(mine):
        return ""
    apart = (Counter(mine) - Counter(theirs)) + (Counter(theirs) - Counter(mine))
    if not apart:
        return "the order of the same words"
    return _kind(apart, claim, other)


@lru_cache(maxsize=8_192)
def meaning(claim: str) -> tuple[str, ...]:
    """A claim without what is known to be empty: equal for two claims only if one verdict serves both.

    Examples
    --------
    >>> one, other = "In adults, the dose shouldn't exceed 4,000 mg/day.", "Dose should be at most 4 g daily in adults"
    >>> meaning(one) == meaning(other)
    True
    >>> meaning("HER2+ tumors") == meaning("HER2- tumours"), meaning("hepatitis A") == meaning("hepatitis")
    (False, False)
    """
    text = _tidy(claim)
    if len(text) > _LIMIT:
        return (text,)
    return _in_place(_phrased(list(_tokens(text))))


def _tidy(claim: str) -> str:
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", claim)).translate(_TO_DASH)
    text = " ".join(re.sub(r"(?<=\d)·(?=\d)", ".", text).split())
    for pattern, to in REWRITES:
        text = pattern.sub(to, text)
    text = text.lstrip(" *_\"'(")
    while (lead := LEAD_IN.match(text)) is not None:
        text = text[lead.end() :]
    return re.sub(r"^(?:[-*•]\s+)+", "", text).rstrip(" .!")


def _tokens(text: str) -> Iterator[str]:
    """Words, signs, drugs and quantities in order; lower-cased, nothing left out but articles."""
    shouted = text.isupper()
    at = 0
    for start, end, said in _units_of_sense(text):
        yield from _words(text, at, start, shouted)
        yield from said
        at = end
    yield from _words(text, at, len(text), shouted)


def _units_of_sense(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where quantities and drugs stand, with their comparators, and the tokens that each becomes."""
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for q in find_quantities(text):
        start, end, words = q.span.start, q.span.end, []
        ahead = before(text, start, time=q.unit in TIME_UNITS) if q.comparator != "=" else None
        if ahead is not None and ahead[0] == q.comparator:
            start = ahead[1]
            known = _ABOUT if q.comparator == "~" else _BOUND_WORDS
            words = [w for w in re.findall(r"[^\W_]+", text[start : q.span.start].lower()) if w not in known]
        more = _OR_MORE.get(q.comparator)
        bound = more.match(text, end) if more is not None and ahead is None else None
        found.append((start, bound.end() if bound else end, (*map(plain_word, words), *_measured(text, q))))
    brands = brand_names()
    for span, generic in find_drugs(text):
        if text[span.start : span.end].lower() not in brands:
            found.append((span.start, span.end, (f"<drug {generic}>",)))
    last = 0
    for start, end, said in sorted(found):
        if start >= last:
            last = end
            yield start, end, said
        elif said[0].startswith("<drug"):
            continue
        else:  # quantities that share words: these are compared as they stand
            yield last, max(last, end), said
            last = max(last, end)


def _measured(text: str, q: Quantity) -> tuple[str, ...]:
    """A quantity in base units, a rate per time apart from its amount, and every word in it that is no unit."""
    said = text[q.span.start : q.span.end]
    unit, _, per = q.unit.rpartition("/")
    rated = bool(unit) and per in TIME_UNITS
    amount = unit if rated else q.unit
    low, high = (to_base(float(value), amount) for value in (q.low, q.high))
    words = re.findall(r"[^\W\d_]+", said.lower())
    numbers = [_plain_number(n) for n in _NUMBER.findall(said)]
    told = {f"{value:.10g}" for value in (q.low, q.high, q.count)}
    extra = [w for w in words if not _says_no_more(w) or (w == "and" and q.low == q.high)]
    if q.low != q.high and len(numbers) > 1 and float(numbers[0]) > float(numbers[-1]) and not q.unit.startswith("/"):
        extra.append("<falling>")  # "from 10 % to 5 %"
    if not amount.startswith("/") and amount:
        extra += [n for n in numbers if amount == "1" or n not in told]
    every = re.match(r"(?:every|each|q)\W*\d|.*\dhourly|.*\d[ -]hourly", said, re.IGNORECASE)
    signs = _PLAIN_SIGNS.sub("", said)
    once = "once" if re.match(r"once|one time|single", said, re.IGNORECASE) else ""
    key = f"<{dimension(amount)} {q.comparator} {low:.10g} {high:.10g} {q.count:g} {'every' if every else once}{signs}>"
    rate = (
        (f"<{dimension('/' + per)} = {to_base(1.0, '/' + per):.10g} {to_base(1.0, '/' + per):.10g} 1 >",)
        if rated
        else ()
    )
    return (*map(plain_word, sorted(extra)), key, *rate)


def _says_no_more(word: str) -> bool:
    """Whether a word in a quantity is in its numbers and its unit already."""
    is_its_unit = is_unit(word) and word not in _MORE_THAN_A_UNIT
    return word in _IN_QUANTITY or is_its_unit or _number_word(word) is not None


@lru_cache(maxsize=8_192)
def _number_word(word: str) -> str | None:
    """The digits of a number in words."""
    number = match_number(word, 0) if word.isalpha() else None
    whole = number is not None and number.end == len(word) and not number.fraction
    return f"{number.value:g}" if number is not None and whole else None


def _words(text: str, start: int, end: int, shouted: bool) -> Iterator[str]:
    """The words and signs of a stretch; what ends a sentence, and a minus, is kept where it may mean something."""
    for m in _TOKEN.finditer(text, start, end):
        said, before_it, after_it = m.group(), text[: m.start()][-1:], text[m.end() :][:1]
        low = said.lower()
        if said[-1].isdigit() and (said[0].isdigit() or said[0] == "."):
            yield _plain_number(said)
        elif (number := _number_word(low)) is not None:
            yield number
        elif low in ("a", "an"):
            if _is_name(text, m, shouted):
                yield "<a>"
        elif low in _EMPTY:
            continue
        elif said in "-–—":
            yield from _dash(before_it, after_it)
        elif said in ";:.!":
            if _PAUSES.match(text, m.start()):
                yield ";"
        elif said == ",":
            yield ","
        elif said not in _EMPTY_SIGNS:
            yield low


def _dash(before_it: str, after_it: str) -> Iterator[str]:
    """A hyphen parts words like a space; between digits it is a range, and elsewhere a minus, or a pause."""
    if before_it.isdigit() and after_it.isdigit():
        yield "to"
    elif before_it.isspace() and after_it.isspace():
        yield ";"
    elif not (before_it.isalnum() and after_it.isalnum()):
        yield "-"


def _is_name(text: str, m: re.Match[str], shouted: bool) -> bool:
    """Whether an "a" is a letter that names something and no article: "hepatitis A", "group a", "arm A was"."""
    ahead = re.match(r"\s+([^\W_]+)", text[m.end() : m.end() + 24])
    words = re.findall(r"[^\W_]+", text[max(0, m.start() - 24) : m.start()].lower())
    named = bool(words) and words[-1] in _LETTERED
    followed = ahead is not None and ahead[1].lower() not in VERB_SIGNS | MOVABLE | CLAUSE_WORDS | COMPARISONS
    return not followed or named or (m.group() == "A" and m.start() > 0 and not shouted)


def _plain_number(number: str) -> str:
    """Digits without separators of thousands, opening and closing zeros: "007.50" is "7.5"."""
    whole, _, fraction = number.replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")


def _phrased(tokens: list[str]) -> list[str]:
    """Tokens with what stands for them; the longest phrase first."""
    out: list[str] = []
    phrases = plain_phrases()
    at = 0
    while at < len(tokens):
        for said, meant in phrases.get(tokens[at], ()):
            if tuple(tokens[at : at + len(said)]) == said:
                out.extend(meant)
                at += len(said)
                break
        else:
            out.append(plain_word(tokens[at]))
            at += 1
    return _turned(out)


def _turned(tokens: list[str]) -> list[str]:
    """Tokens with "500 mg of a drug" as the drug and its 500 mg, and the ways to say an age as one."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        now, rest = tokens[at], tokens[at + 1 : at + 3]
        if now[0] == "<" and rest[:1] == ["of"] and rest[-1].startswith("<drug "):
            out += [rest[-1], now]
            at += 3
            continue
        at += 1
        out.append(now)
        if not now.startswith("<[time]^1 "):
            continue
        way = out[-2] if len(out) > 1 else ""
        after_it = 2 if rest == ["of", "age"] else int(rest[:1] == ["old"])
        if after_it or way == "aged" or (way, now[10]) in (("older", ">"), ("younger", "<")):
            at += after_it
            out[-2:] = [now, "<age>"] if way in ("aged", "older", "younger") else [*out[-2:], "<age>"]
    return out


def _in_place(tokens: list[str]) -> tuple[str, ...]:
    """Without commas, and with what may stand in front or at the end, "in adults", at the end."""
    while tokens and tokens[-1] == ",":
        tokens.pop()
    commas = [i for i, token in enumerate(tokens) if token == ","]
    if CLAUSE_WORDS.isdisjoint(tokens):
        if len(commas) == 1 and tokens[0] in MOVABLE:
            tokens = tokens[commas[0] + 1 :] + tokens[: commas[0]]
        elif len(commas) == 2 and tokens[commas[0] + 1] in MOVABLE:
            first, last = commas
            tokens = tokens[:first] + tokens[last + 1 :] + tokens[first + 1 : last]
        if COMPARISONS.isdisjoint(tokens):
            tokens = _sorted_end(tokens)
    return tuple(token for i, token in enumerate(tokens) if token != "," or _answers(tokens, i))


def _answers(tokens: list[str], i: int) -> bool:
    """Whether a comma makes an answer of the word before it: "No, aspirin is safe"."""
    return i > 0 and tokens[i - 1] in ("no", "yes", "not")


def _sorted_end(tokens: list[str]) -> list[str]:
    """Phrases that end a claim, each begun by a word such as "in", in one order; those begun alike stay as they are."""
    verb = max((i for i, token in enumerate(tokens) if token in VERB_SIGNS), default=-1)
    begins = [i for i, token in enumerate(tokens) if i > verb + 1 and token in MOVABLE]
    if verb < 0 or len(begins) < 2:
        return tokens
    phrases = [tokens[i:j] for i, j in zip(begins, [*begins[1:], len(tokens)], strict=True)]
    return tokens[: begins[0]] + [token for phrase in sorted(phrases, key=lambda p: p[0]) for token in phrase]


def _said_actively(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What "X is done by Y" is as "Y does X", in all spellings that the verb may have."""
    signs = [i for i, token in enumerate(tokens) if token in VERB_SIGNS]
    if tokens.count("by") != 1 or not CLAUSE_WORDS.isdisjoint(tokens) or not COMPARISONS.isdisjoint(tokens):
        return
    by = tokens.index("by")
    if not signs or tokens[signs[-1]] not in ("is", "was", "be") or signs != list(range(signs[0], signs[-1] + 1)):
        return
    done, mine, theirs = tokens[by - 1], tokens[: signs[0]], tokens[by + 1 :]
    between = tokens[signs[0] : by - 1]
    aside = [token for token in between if token not in ("is", "was", "be")]
    if not mine or not theirs or not done.endswith("ed") or theirs[0][0] in "<" and "drug" not in theirs[0]:
        return
    if not set(aside) <= {"may", "can", "should", "must", "will", "could", "not"} or by - 1 - len(between) != signs[0]:
        return
    plain = {done[:-1], done[:-2], done[:-3] + "y" if done.endswith("ied") else done[:-2]}
    for verb in {done} if tokens[signs[-1]] == "was" else plain:
        yield (*theirs, *aside, plain_word(verb), *mine)


def _kind(apart: Counter[str], claim: str, other: str) -> str:
    """What sort of thing differs, the gravest first, with how it is written."""
    if any(token[0].isdigit() or token[0] == "<" and " " in token[:-1] and token[1] != "d" for token in apart):
        quantities = [
            Counter(text[q.span.start : q.span.end] for q in find_quantities(text)) for text in (claim, other)
        ]
        only = list((quantities[0] - quantities[1]) + (quantities[1] - quantities[0]))
        return _listed("numbers", only or [token for token in apart if token[0].isdigit()])
    for name, cues in (("negation", negation_cues), ("hedge", hedge_cues)):
        said = [Counter(text[s.start : s.end].lower() for s in cues(text)) for text in (claim, other)]
        if only := list((said[0] - said[1]) + (said[1] - said[0])):
            return _listed(name, only)
    if drugs := [token[6:-1] for token in apart if token.startswith("<drug ")]:
        return _listed("drugs", drugs)
    return _listed("words or their order", list(apart))


def _listed(name: str, said: list[str]) -> str:
    return f"{name}: " + ", ".join(f'"{word}"' for word in said[:4])
