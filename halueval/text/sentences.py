"""Sentences of medical prose, with exact offsets and the kind of place each stands in.

Rules of our own: what looks like the end of a sentence is judged by the word before it and the character after it,
inside blocks that :mod:`halueval.text.layout` found. Time grows with the length of the text and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from halueval.records import Span
from halueval.text.layout import Block, Kind, blocks
from halueval.text.word_sets import word_set

__all__ = ["Sentence", "sentence_spans", "sentences"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands.

    Attributes
    ----------
    span : Span
        Its characters, markers and closing citations included, white space at both ends not.
    kind : str
        "prose", "heading", "item" (of a list), "row" (of a table) or "rule" (a line of dashes: nothing is said in it).
    content : int
        Where its text starts after a list marker or heading mark; ``span.start`` where there is none.
    lead_in : int or None
        For a list item, the index (in what :func:`sentences` returned) of what introduces it: the item it is nested
        under, else the line or heading that stands directly before the list; None where there is none.
    heading : int or None
        The index of the last heading before it, if any.
    """

    span: Span
    kind: Kind
    content: int
    lead_in: int | None = None
    heading: int | None = None


_WIDE_STOPS = "。！？｡؟।॥۔።፧։។៕"  # end a sentence with no space after them
_BIDI = "\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_CLOSERS = rf"\"'”’»)\]}}*_`†‡§」』）】〉》›{_BIDI}"
_MODIFIER = "[\ufe0f\u200d\U0001f3fb-\U0001f3ff]*"
# Signs that open what they stand before, like bullets; any other emoji after a full stop closes the sentence before.
_LEADING_SIGNS = (
    "\u2139\u25b6\u2600-\u2604\u2611\u267b\u2696\u26a0\u26a1\u26d4\u2705\u2714\u2716\u274c\u274e\u2753-\u2757\u2795-\u2797"
    "\u27a1\u2b50\U0001f449\U0001f4cc\U0001f4cd\U0001f4a1\U0001f50d\U0001f50e\U0001f51f\U0001f534-\U0001f53d\U0001f6a8"
    "\U0001f6ab\U0001f6d1\U0001f7e0-\U0001f7eb\U0001fa7a"
)
_EMOJI = "\u2600-\u27bf\u2b50\u2b55\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff"
_FACES = (
    "\U0001f600-\U0001f64f\U0001f44b-\U0001f44f\U0001f389\U0001f38a\U0001f4aa\U0001f910-\U0001f92f\U0001f970-\U0001f97a"
)
_BULLETS = "•‣▪●◦"
_CITATION = (
    r"\s?\[\^?\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*\]|\(\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*\)|\[\^\w{1,9}\]|【[^】\n]{1,40}】"
    r"|<sup>[^<\n]{1,12}</sup>|\^\{?\d{1,3}\}?|[⁰¹²³⁴⁵⁶⁷⁸⁹](?:[⁰¹²³⁴⁵⁶⁷⁸⁹⁻˒’,–-]{0,12}[⁰¹²³⁴⁵⁶⁷⁸⁹])?"
)
_END = re.compile(
    rf"(?P<stop>[.!?…{_WIDE_STOPS}]+)(?P<close>[{_CLOSERS}]*)(?P<cite>(?:{_CITATION})*)"
    rf"(?P<sign>(?:\s?(?![{_LEADING_SIGNS}])[{_EMOJI}]{_MODIFIER})*)"
    rf"|(?P<face>[{_FACES}]{_MODIFIER})(?=\s+[A-Z])"
    rf"|(?<=\s)(?P<bullet>[{_BULLETS}])(?=\s)"
)
_IS_EMOJI = re.compile(f"[{_EMOJI}{_LEADING_SIGNS}]")
_BARE_CITATION = re.compile(r"\d{1,3}(?:[,–-]\d{1,3})*(?=\s+[\"“(]?[A-Z]|\s*$)")
_WORD_BEFORE = re.compile(r"[^\s(\[{\"“'‘,;:/<>|*_=+–—]+$")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$|(?:Ph|Pharm|Sc|Psy)\.D$|[BM]\.Sc$")
_NEXT_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_WHITE = re.compile(r"\s+")
_LIST_NUMBER = re.compile(r"\(?\d{1,2}[.)]\s+")
_INNER_MARKER = re.compile(rf"(?:\(?\d{{1,2}}[.)]|[{_BULLETS}–—-])\s+")
_NUMBER = re.compile(r"[\d.,]*\d$")
_ADDRESS = re.compile(r"://|^www\.|^\W*doi:|@", re.IGNORECASE)
_ABOUT_ME = re.compile(r"I\b")
_LOST_BREAK = re.compile(r"\\?n(?=[A-Z][a-z])")  # what is left of a line break that was escaped and then unescaped

# Never the last word of a sentence.
_OPENING = word_set(
    """dr mr mrs ms mx prof rev hon st sgt capt lt messrs mme vs e.g i.e eg ie cf viz approx appr incl excl fig figs eq
    eqs refs pp resp esp dept univ strep staph pseud hgt vit engl a.k.a डॉ श्री"""
)
# Before a number they are part of its name ("No. 5"), elsewhere words like others.
_BEFORE_NUMBER = word_set(
    "no nos nr fig tab art p c ca ch chap pt vol vols sec sect max min avg ext eq ref temp ht wt rm ver ex stage grade"
)
# May end a sentence: they do before a capital.
_EITHER = word_set(
    """etc al hosp inc ltd co corp jr sr esq hr hrs min mins sec secs wk wks mo mos yr yrs tab tabs inj susp soln oint
    supp amp max avg temp neg conc dil tbsp tsp oz lb lbs pt pts ft prn bid tid qid pm jan feb apr jun jul aug sep sept
    oct nov tue tues thu thurs fri ave blvd rd est assoc abbr obs surg pharm clin rehab amt sp spp var ca c p v vol vols
    ref tel ext sect chap wt ht nos rm ver hx dx rx tx sx lib gen med biol chem natl acad sci proc gtt gtts"""
)
# "Step 1." is what stands before a sentence.
_NUMBERED = word_set("step part phase day week option question tip rule note stage chapter section figure table")
_NEVER_FIRST = word_set("of per daily nightly orally")
# Countries and titles go on before a capital ("U.S. Food and Drug Administration").
_BEFORE_NAMES = word_set("u.s u.k e.u u.n u.s.a g.p d.c j.d m.d r.n")
_PLACED = re.compile(r"\b(?:in|within|across|outside|from|to|throughout|of) the\s+[A-Z.]*$")
# Words that a letter belongs to, so that the full stop after it ends the sentence ("vitamin C.").
_LETTERED = word_set(
    """vitamin vitamins hepatitis type types grade grades stage class group groups plan option phase part factor factors
    protein appendix category schedule influenza antigen allele arm cohort level model table figure section step
    immunoglobulin haemophilia hemophilia chain strain subtype genotype criterion question answer point line"""
)
_STARTERS = word_set(
    """a an the this that these those it he she they we you i in on at for if when while after before because although
    however then there here what who how why where do does did is are was were can could should would will may might
    use take give call ask see avoid stop start try keep please also but and or so as to from with without no not yes
    both most some many all any each its his her their our your my patients people children adults women men repeat
    have has had let make get go symptoms treatment once since during until either neither another other"""
)


def sentence_spans(text: str) -> tuple[Span, ...]:
    """Where the sentences of a text are; in order, without overlap, without white space at either end.

    Headings, list items and table rows are units of their own, and an item of several sentences is split further. A
    list marker belongs to the sentence it starts, a citation or a smiling face after the full stop to the one it ends.

    Parameters
    ----------
    text : str
        Any text; an empty or blank one has no sentences.

    Examples
    --------
    >>> text = "Take 2.5 mg b.i.d. with food. Call Dr. Lee, e.g. by phone.[1] Rest."
    >>> [text[s.start:s.end] for s in sentence_spans(text)]
    ['Take 2.5 mg b.i.d. with food.', 'Call Dr. Lee, e.g. by phone.[1]', 'Rest.']
    """
    return tuple(Span(start, end) for block in blocks(text) for start, end in _split(text, block))


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text with the kind of place each stands in and what introduces it.

    Examples
    --------
    >>> text = "Side effects include:\\n- nausea\\n- dry mouth"
    >>> [(s.kind, text[s.content:s.span.end], s.lead_in) for s in sentences(text)]
    [('heading', 'Side effects include:', None), ('item', 'nausea', 0), ('item', 'dry mouth', 0)]
    """
    out: list[Sentence] = []
    heading: int | None = None
    lead: int | None = None  # what introduces the list now open
    open_items: list[tuple[int, int]] = []  # indent and last sentence of the items now open, the outermost first
    for block in blocks(text):
        lead_in: int | None = None
        if block.kind == "item":
            while open_items and open_items[-1][0] >= block.indent:
                open_items.pop()
            lead_in = open_items[-1][1] if open_items else lead
        for start, end in _split(text, block):
            content = block.content
            if start != block.start:
                marker = _INNER_MARKER.match(text, start, end)
                content = marker.end() if marker else start
            out.append(Sentence(Span(start, end), block.kind, content, lead_in, heading))
        last = len(out) - 1
        if block.kind == "item":
            open_items.append((block.indent, last))
            continue
        if block.kind == "rule":
            continue
        open_items.clear()
        introduces = text[block.start : block.end].rstrip("*_ ").endswith((":", "："))
        lead = last if introduces or block.kind == "heading" else None
        if block.kind == "heading":
            heading = last
    return tuple(out)


def _split(text: str, block: Block) -> Iterator[tuple[int, int]]:
    if block.kind in ("heading", "row", "rule"):
        yield block.start, block.end
        return
    start, floor, end = block.start, block.content, block.end
    for match in _END.finditer(text, floor, end):
        if match.start() < floor:
            continue
        cut = _cut(text, match, start, floor, end)
        if cut is None:
            continue
        yield start, cut
        white = _WHITE.match(text, cut, end) or _LOST_BREAK.match(text, cut, end)
        start = floor = white.end() if white else cut
        if start >= end:
            return
    if start < end:
        yield start, end


def _cut(text: str, match: re.Match[str], start: int, floor: int, end: int) -> int | None:
    """Where the sentence ends that started at ``start``, or None where the match is not the end of one."""
    if match["bullet"] is not None:
        return _right_edge(text, match.start()) if match.start() > floor and text[start] in _BULLETS else None
    if match["face"] is not None:
        return match.end() if match.start() > floor and text[match.start() - 1].isspace() else None
    at, cut = match.start(), match.end()
    if at == floor:
        return None
    if match["sign"] and cut < end and _IS_EMOJI.match(text, start):
        cut = match.end("cite")  # a writer who uses emoji as bullets
    stop, closed = match["stop"], bool(match["close"])
    if stop == "." and not closed and (text[at - 1].isalpha() or text[at - 1] in "%)]"):
        cut = _after_bare_citation(text, start, at, cut, end)
    if cut >= end:
        return end
    follows = text[cut]
    if stop[-1] in _WIDE_STOPS:
        return None if closed and follows in "，、,；;と" else cut
    if not follows.isspace():
        return cut if _runs_on(text, match, start, cut, end) else None
    white = _WHITE.match(text, cut, end)
    if white is None or white.end() >= end:
        return cut
    following = white.end()
    follows = text[following]
    if follows in ",;:)]}%.":
        return None
    if (
        follows in "–—-" and text[following + 1 : following + 2].isspace()
    ):  # a list that lost its line breaks, or a dash
        following = min(following + 2, end - 1)
        follows = text[following]
        if not follows.isupper():
            return None
    if "…" in stop or stop.startswith(".."):
        if follows.islower() or (_ABOUT_ME.match(text, following) and text.count(" ", start, at) < 3):
            return None  # "Well... it depends", "So... I stopped"
    elif follows.islower() and closed:
        return None
    if _is_bracketed(text, start, at, end):
        return None
    if stop != "." or closed:
        return cut
    return cut if _ends_sentence(text, start, floor, at, following, end) else None


def _right_edge(text: str, end: int) -> int:
    while text[end - 1].isspace():
        end -= 1
    return end


def _after_bare_citation(text: str, start: int, at: int, cut: int, end: int) -> int:
    """Where a number set as a superscript and then flattened ends: "fell by 20%.12 Later trials"."""
    cited = _BARE_CITATION.match(text, cut, end)
    if cited is None:
        return cut
    word = _WORD_BEFORE.search(text, max(start, at - 30), at)
    return cut if word and word.group().lower() in _OPENING | _BEFORE_NUMBER else cited.end()


def _runs_on(text: str, match: re.Match[str], start: int, cut: int, end: int) -> bool:
    """Whether a sentence starts right after the stop, with no space: "It is safe.It is cheap."."""
    if _LOST_BREAK.match(text, cut, end):
        return True
    follows, at = text[cut], match.start()
    before = text[at - 1]
    if "\u2e80" <= follows <= "\u9fff" or "\uac00" <= follows <= "\ud7a3":
        return before > "\u2e80" and "…" not in match["stop"]
    if not follows.isupper() or _ADDRESS.search(_token_before(text, start, at)):
        return False
    word = _NEXT_WORD.match(text, cut, end)
    said = word.group() if word else ""
    if said not in ("I", "A") and not (len(said) > 1 and (said[1:].islower() or "'" in said or "’" in said)):
        return False
    head = _WORD_BEFORE.search(text, max(start, at - 30), at)
    if head and ("." in head.group() and not head.group()[-1].isdigit() or head.group().lower() in _OPENING):
        return False
    if before.islower() and head and len(head.group()) > 1 or before in ')]%"”' or match["cite"]:
        return True
    return (before.isdigit() or before.isupper()) and len(said) > 1 and said.lower() in _STARTERS


def _token_before(text: str, start: int, at: int) -> str:
    """The characters before ``at`` back to a space."""
    low = max(start, at - 200)
    return text[max(low, text.rfind(" ", low, at) + 1, text.rfind("\n", low, at) + 1) : at]


def _is_bracketed(text: str, start: int, at: int, end: int) -> bool:
    """Whether the stop stands inside brackets that were opened within the sentence and close soon."""
    low = max(start, at - 300)
    opened = text.rfind("(", low, at)
    if opened <= start or text.rfind(")", low, at) > opened:
        return False
    return text.find(")", at + 2, min(end, at + 300)) > 0 and text[at + 1] != ")"


def _ends_sentence(text: str, start: int, floor: int, at: int, following: int, end: int) -> bool:
    """Whether the single full stop at ``at`` ends a sentence, the next word starting at ``following``."""
    found = _WORD_BEFORE.search(text, max(floor, at - 40), at)
    follows = text[following]
    if found is None:
        return not follows.islower()
    word = found.group()
    low = word.lower()
    if found.start() == start and word.isdigit() and len(word) <= 2:
        return False  # a number in a running list: "1. Rest. 2. Drink."
    if word.isdigit() and text[floor : found.start()].strip().lower() in _NUMBERED:
        return False  # "Step 1. Wash your hands."
    if follows.islower() and (match := _NEXT_WORD.match(text, following, end)) and match.group() in _NEVER_FIRST:
        return False
    if len(word) == 1 and word.isalpha():
        return _letter_ends(text, start, found.start(), word, following, end)
    if word.isupper() and low.isalpha() and low not in ("dr", "mr", "mrs"):
        return True  # "She has MS. He does not."
    if low in _OPENING or (low == "al" and not follows.isupper()):
        return False
    in_list = _LIST_NUMBER.match(text, start, end) is not None and _LIST_NUMBER.match(text, following, end) is not None
    if low in _BEFORE_NUMBER and follows.isdigit() and not in_list:
        return False
    if low not in _EITHER and _DOTTED.match(word) is None:
        return True
    if follows.isdigit():
        return in_list
    if follows.islower():
        return False
    if low in _BEFORE_NAMES:
        return _starts_sentence(text, following, end) or _leaves_place(text, start, at, following, end)
    return True


def _starts_sentence(text: str, at: int, end: int) -> bool:
    match = _NEXT_WORD.match(text, at, end)
    return match is None or match.group().lower() in _STARTERS


def _leaves_place(text: str, start: int, at: int, following: int, end: int) -> bool:
    """Whether "in the U.S." is done with: the word after it is no name of several words."""
    if not _PLACED.search(text, max(start, at - 20), at):
        return False
    word = _NEXT_WORD.match(text, following, end)
    return word is not None and text[word.end() : word.end() + 2][1:].islower()


def _letter_ends(text: str, start: int, at: int, letter: str, following: int, end: int) -> bool:
    """Whether a single letter and its full stop end a sentence ("vitamin C.") or are an initial ("E. coli")."""
    before = text[max(start, at - 30) : at].split()
    follows = text[following]
    if before and before[-1].lower().strip("(") in _LETTERED:
        return True
    if letter.islower():
        if before and _NUMBER.match(before[-1]) and not follows.islower():
            return True  # a unit: "for 24 h."
        return before != [] and not follows.islower() and not follows.isdigit()
    if not letter.isupper() or follows.islower():
        return False
    if _starts_sentence(text, following, end) and not text[following : following + 2].endswith("."):
        return True
    if not before:
        return False
    last = before[-1]
    return not (last[0].isupper() or last.lower().strip(".,") in _OPENING or last in ("and", "by", "&"))
