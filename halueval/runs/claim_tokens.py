"""A claim as tokens: words in lower case, quantities in base units, drugs by their substance, nothing else left out.

Only what is known to be empty is dropped: articles, separators, lead-ins, the words of a comparator that is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from halueval.records import Quantity
from halueval.runs.claim_patterns import CLAUSE_WORDS, COMPARISONS, LEAD_IN, MOVABLE, REWRITES, VERB_SIGNS
from halueval.runs.claim_wording import plain_word
from halueval.text.drugs import brand_names, find_drugs
from halueval.text.quantities import find_quantities
from halueval.text.quantities_comparators import before
from halueval.text.quantities_numbers import match_number
from halueval.text.units import TIME_UNITS, is_unit
from halueval.text.units_scale import dimension, to_base
from halueval.text.word_sets import word_set

__all__ = ["tidy", "tokens_of"]

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
_NOT_AFTER_AN_ARTICLE = VERB_SIGNS | MOVABLE | CLAUSE_WORDS | COMPARISONS | {"few", "little"}
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
_BOUND_PHRASES = re.compile(
    r"\b(?:(?:an?\s+)?(?:maximum|minimum)\s+of|as\s+(?:much|many)\s+as|in\s+excess\s+of|upwards?\s+of)(?=\s*$)"
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


def tidy(claim: str) -> str:
    """A claim with contractions and characters in one writing, without lead-ins and what is around it.

    Examples
    --------
    >>> tidy("Note that it **isn’t** safe.")
    'it **is not** safe'
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", claim)).translate(_TO_DASH)
    text = " ".join(re.sub(r"(?<=\d)·(?=\d)", ".", text).split())
    for pattern, to in REWRITES:
        text = pattern.sub(to, text)
    text = text.lstrip(" *_\"'(")
    while (lead := LEAD_IN.match(text)) is not None:
        text = text[lead.end() :]
    return re.sub(r"^(?:[-*•]\s+)+", "", text).rstrip(" .!")


def tokens_of(text: str) -> Iterator[str]:
    """Words, signs, drugs and quantities of a tidy text, in order.

    Examples
    --------
    >>> list(tokens_of("The usual dose of Tylenol is 1.5 tablets"))
    ['usual', 'dose', 'of', 'tylenol', 'is', '<{tablet}^1 = 1.5 1.5 1 >']
    """
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
            ahead_of_it = _BOUND_PHRASES.sub(" ", text[start : q.span.start].lower())
            words = [w for w in re.findall(r"[^\W_]+", ahead_of_it) if w not in known]
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
    """Whether an "a" is no mere article: a name in "hepatitis A", "group a", "arm A was", some in "a few"."""
    ahead = re.match(r"\s+([^\W_]+)", text[m.end() : m.end() + 24])
    words = re.findall(r"[^\W_]+", text[max(0, m.start() - 24) : m.start()].lower())
    named = bool(words) and words[-1] in _LETTERED
    followed = ahead is not None and ahead[1].lower() not in _NOT_AFTER_AN_ARTICLE
    return not followed or named or (m.group() == "A" and m.start() > 0 and not shouted)


def _plain_number(number: str) -> str:
    """Digits without separators of thousands, opening and closing zeros: "007.50" is "7.5"."""
    whole, _, fraction = number.replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
