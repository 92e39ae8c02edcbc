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
        under, or the line before the list that ends in a colon; None where nothing does.
    heading : int or None
        The index of the last heading before it, if any.
    """

    span: Span
    kind: Kind
    content: int
    lead_in: int | None = None
    heading: int | None = None


_STOPS = "。！？｡؟।॥۔።፧։។៕။"  # end a sentence with no space after them
_CLOSERS = "\"'”’»«)\\]}*_`」』）】〉》›"
_FACES = "\U0001f600-\U0001f64f\U0001f44b-\U0001f44f\U0001f493-\U0001f49f\U0001f389\U0001f38a\U0001f4aa\U0001f917\U0001f970-\U0001f97a\u2764\u263a"
_END = re.compile(
    rf"(?P<stop>[.!?…{_STOPS}]+)"
    rf"(?P<close>[{_CLOSERS}]*)"
    r"(?P<cite>(?:\s?\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*\]|[⁰¹²³⁴⁵⁶⁷⁸⁹](?:[⁰¹²³⁴⁵⁶⁷⁸⁹⁻˒’,–-]*[⁰¹²³⁴⁵⁶⁷⁸⁹])?)*)"
    rf"(?P<face>(?:\s?[{_FACES}][\ufe0f\U0001f3fb-\U0001f3ff]?)*)"
    rf"|(?P<emoji>[{_FACES}][\ufe0f\U0001f3fb-\U0001f3ff]?)(?=\s+[A-Z])"
)
_NUMBER_CITED = re.compile(r"\d{1,3}(?:[,–-]\d{1,3})*(?=\s+[\"“(]?[A-Z]|\s*$)")
_WORD_BEFORE = re.compile(r"[^\s(\[{\"“'‘,;:/<>|*_=+–—]+$")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$|(?:Ph|Pharm|Sc|Psy)\.D$|[BM]\.Sc$")
_NEXT_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_WHITE = re.compile(r"\s+")
_URL = re.compile(r"(?:https?://|www\.|doi:|\S+@)\S*$", re.IGNORECASE)


def _table(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Never the last word of a sentence.
_OPENING = _table(
    """dr mr mrs ms mx prof rev hon st sgt capt lt col messrs mme vs v e.g i.e eg ie cf viz approx appr ca c circa incl excl
    fig figs tab tabs eq eqs ref refs vol vols pp p ch chap sec sect ext nos art esp resp al dept univ nr abb etw
    strep staph pseud temp hgt wt rx dx hx tx sx fx pt pts spp sp subsp var max min. avg
    डॉ श्री"""
) - {"c", "p", "v", "tab", "tabs", "temp", "pt", "pts"}
# Before a number they are part of its name ("No. 5"), elsewhere an ordinary word.
_BEFORE_NUMBER = _table("no nr fig tab art p c ch pt vol sec max min avg ext eq ref temp stage")
# May end a sentence: it does before a capital.
_EITHER = _table(
    """etc al hosp inc ltd co corp jr sr esq hr hrs min mins sec secs wk wks mo mos yr yrs tab tabs cap caps inj susp soln
    sol oint supp amp max min avg temp neg pos conc dil tbsp tsp oz lb lbs pt pts ft in. prn bid tid qid stat am pm
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat. ave blvd rd est dept assoc
    abbr obs med surg pharm clin lab labs rehab amt no sp spp var"""
)
# Names of countries and the like go on before a capital ("U.S. Food and Drug Administration").
_BEFORE_NAMES = _table("u.s u.k e.u u.n u.s.a g.p d.c j.d m.d r.n")
_LETTERED = _table(
    """vitamin vitamins hepatitis type types grade grades stage class group groups plan option phase part factor factors
    protein appendix category schedule influenza antigen allele arm cohort level model table figure section step
    immunoglobulin haemophilia hemophilia chain strain subtype genotype criterion question answer point line"""
)
_STARTERS = _table(
    """a an the this that these those it he she they we you i in on at for if when while after before because although
    however then there here what who how why where do does did is are was were can could should would will may might
    use take give call ask see avoid stop start try keep please also but and or so as to from with without no not yes
    both most some many all any each its his her their our your my patients people children adults women men repeat
    have has had let make get go symptoms treatment once since during until both either neither another other"""
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
    lead: int | None = None  # the line that introduces the list now open
    open_items: list[tuple[int, int]] = []  # (indent, index of its last sentence) of the items now open
    for block in blocks(text):
        lead_in: int | None = None
        if block.kind == "item":
            while open_items and open_items[-1][0] >= block.indent:
                open_items.pop()
            lead_in = open_items[-1][1] if open_items else lead
        for start, end in _split(text, block):
            content = block.content if start == block.start else start
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
        cut = _cut(text, match, start, floor, end)
        if cut is None:
            continue
        yield start, cut
        white = _WHITE.match(text, cut, end)
        start = floor = white.end() if white else cut
        if start >= end:
            return
    if start < end:
        yield start, end


def _cut(text: str, match: re.Match[str], start: int, floor: int, end: int) -> int | None:
    """Where the sentence ends that started at ``start``, or None where the match is not the end of one."""
    if match["emoji"] is not None:
        return match.end() if match.start() > floor and text[match.start() - 1].isspace() else None
    cut = match.end()
    stop, closed = match["stop"], bool(match["close"])
    at = match.start()
    if at == floor:
        return None
    dot = stop == "."
    if (
        dot
        and not closed
        and (cited := _NUMBER_CITED.match(text, cut, end))
        and (text[at - 1].isalpha() or text[at - 1] in "%)]")
    ):
        word = _WORD_BEFORE.search(text, max(start, at - 30), at)
        if not word or word.group().lower() not in _OPENING | _BEFORE_NUMBER:
            cut = cited.end()
    if cut >= end:
        return end
    follows = text[cut]
    if any(c in _STOPS for c in stop):
        return None if closed and follows in "，、,；" else cut
    if not follows.isspace():
        return cut if _is_run_on(text, match, start, cut, end) else None
    white = _WHITE.match(text, cut, end)
    if white is None or white.end() >= end:
        return cut
    nxt = white.end()
    follows = text[nxt]
    if _is_bracketed(text, start, at, end):
        return None
    if follows in ",;:)]}%" or (follows in "–—-" and follows.isspace()):
        return None
    if follows.islower() and (closed or "…" in stop or stop.startswith("..")):
        return None
    if stop != "." or closed:
        return cut
    return cut if _ends_sentence(text, start, floor, at, nxt, end) else None


def _is_run_on(text: str, match: re.Match[str], start: int, cut: int, end: int) -> bool:
    """Whether a sentence starts right after the stop, with no space: "It is safe.It is cheap."."""
    follows = text[cut]
    at = match.start()
    before = text[at - 1]
    if "\u2e80" <= follows <= "\u9fff" or "\uac00" <= follows <= "\ud7a3":
        return before > "\u2e80"
    if not follows.isupper() or not (before.islower() or before in ')]%"”' or match["cite"]):
        return False
    word = _NEXT_WORD.match(text, cut, end)
    if word is None or _URL.search(text, max(start, at - 200), at):
        return False
    said = word.group()
    head = _WORD_BEFORE.search(text, max(start, at - 30), at)
    if head and ("." in head.group() or len(head.group()) < 2 and not match["cite"]):
        return False
    return said in ("I", "A") or (len(said) > 1 and (said[1:].islower() or "'" in said or "’" in said))


def _is_bracketed(text: str, start: int, at: int, end: int) -> bool:
    """Whether the stop stands inside brackets that were opened within the sentence and close soon."""
    low = max(start, at - 300)
    opened = text.rfind("(", low, at)
    if opened <= start or text.rfind(")", low, at) > opened:
        return False
    return text.find(")", at, min(end, at + 300)) > 0 and text.find(")", at, at + 8) != at + 1


def _ends_sentence(text: str, start: int, floor: int, at: int, nxt: int, end: int) -> bool:
    """Whether the single full stop at ``at`` ends a sentence, the next word starting at ``nxt``."""
    found = _WORD_BEFORE.search(text, max(floor, at - 40), at)
    if found is None:
        return True
    word = found.group()
    low = word.lower()
    follows = text[nxt]
    if found.start() == start and word.isdigit() and len(word) <= 2:
        return False  # a number in a running list: "1. Rest. 2. Drink."
    if low in _OPENING:
        return False
    if low in _BEFORE_NUMBER and follows.isdigit():
        return False
    if len(word) == 1 and word.isalpha():
        return _letter_ends(text, start, found.start(), word, nxt, end)
    dotted = _DOTTED.match(word) is not None
    if not dotted and low not in _EITHER:
        return True
    if low == "no":
        return True
    if follows.islower() or follows.isdigit():
        return False
    if low in _BEFORE_NAMES:
        match = _NEXT_WORD.match(text, nxt, end)
        return match is None or match.group().lower() in _STARTERS
    return True


def _letter_ends(text: str, start: int, at: int, letter: str, nxt: int, end: int) -> bool:
    """Whether a single letter and its full stop end a sentence ("vitamin C.") or are an initial ("E. coli")."""
    before = text[max(start, at - 30) : at].split()
    if before and before[-1].lower().strip("(") in _LETTERED:
        return True
    if not letter.isupper():
        return before != [] and not text[nxt].islower() and not text[nxt].isdigit()
    if text[nxt].islower():
        return False
    match = _NEXT_WORD.match(text, nxt, end)
    if match is None or (match.group().lower() in _STARTERS and len(match.group()) > 1):
        return True
    if not before:
        return False
    last = before[-1]
    return not (last[0].isupper() or last.lower().strip(".,") in _OPENING or last in ("and", "by", "&"))
