"""Lines of an answer put together into blocks: prose, headings, list items, table rows and rules.

Answers come as plain text, as Markdown, and as half of each. A block is what a sentence cannot leave: lines that were
only wrapped are one block, everything else ends at its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Block", "Kind", "blocks"]

Kind: TypeAlias = Literal["prose", "heading", "item", "row", "rule"]


@dataclass(frozen=True, slots=True)
class Block:
    """Characters ``text[start:end]`` that belong together, without white space at either end.

    ``content`` is where the text after a list marker or heading mark starts, ``start`` where there is none.
    ``indent`` counts the white space before the first line; only list items make use of it.
    """

    start: int
    end: int
    kind: Kind
    content: int
    indent: int = 0


@dataclass(slots=True)
class _Line:
    start: int
    end: int
    kind: Kind
    content: int
    indent: int
    after_blank: bool
    letter: str = ""


_COLUMNS = re.compile(r"[^\s.!?:;,] {2,}\S|\S\t+\S")
_INNER_DASH = re.compile(r"(?<=\S) - (?=\S)")
_LINE = re.compile("[^\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]+")
_ESCAPED_BREAK = re.compile(r"(?:\\r)?\\n(?![a-z])")  # a backslash and an n: text that was escaped once too often
_ONE_BREAK = frozenset(["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028"])
_MARKER = re.compile(
    r"(?:(?:[-*+–—·∙]|[-*+]\s\[[ xX]\])[ \t\u00a0]+"  # a dash or star is a bullet only with a space after it,
    r"|[-–](?=[A-Z][a-z])"  # or a dash before a capital
    r"|o[ \t]+(?=[A-Z])"  # what Word makes of a round bullet
    r"|[•‣⁃◦▪▫●○■□◆◇➢➤►▶▸→➔⇒✓✔✗✘①-⑳][ \t\u00a0]*"
    r"|(?:\*\*|__)?\(?\d{1,2}[.)](?:(?:\*\*|__)?[ \t\u00a0]+|(?=[A-Z][a-z]))"
    r"|[（(]?\d{1,2}[、）][ \t\u00a0]*"
    r"|\(?(?P<letter>[a-zA-Z]|[ivxIVX]{1,5})[.)][ \t\u00a0]+)(?=\S)"
)
_BARE_MARKER = re.compile(r"(?:[-*+•]|\(?\d{1,2}[.)])$")
_HASHES = re.compile(r"#{1,6}[ \t]+(?=\S)")
_BOLD = re.compile(r"(\*\*|__)(?!\1)[^*_]+\1:?$")
_RULE = re.compile(r"(?:[-=_*~ \t]{3,}|`{3,}\w*|[|+:\-–—= \t]*-[|+:\-–—= \t]*)$")
_ROW = re.compile(r"\|.*\|$")
_STOP_AT_END = re.compile(r"[.!?:;…。！？：؟।۔][\"'”’»)\]*_]*$")
# A dose is something to check ("Aspirin 81 mg daily"), and a stop inside makes two sentences.
_SAYS_SOMETHING = re.compile(
    r"[a-z)][.!?]\s|\d\s?(?:%|(?:mg|mcg|µg|g|kg|ml|l|iu|units?|mmol|mm|cm|hours?|days?|weeks?|months?)\b)",
    re.IGNORECASE,
)
_SENTENCE_WORDS = re.compile(
    r"\b(?:i|you|he|she|it|we|they|is|are|was|were|be|can|could|should|will|would|may|might|must|do|does|did|has|have"
    r"|had|this|that|there|please|thanks?|yes|no|ok(?:ay)?|hi|hello|dear)\b",
    re.IGNORECASE,
)
_OPEN_END = re.compile(
    r"(?:[,(\[/&+=<>≥≤–—]|\b(?:a|an|the|of|to|and|or|in|on|at|by|for|from|with|without|than|is|are|was|were|be|may|can"
    r"|should|will|not|no|that|which|as|if|your|his|her|their|its|take|give|every|about|around|over|under|least|most"
    r"|only|per|vs\.|e\.g\.|i\.e\.|Dr\.|Mr\.|Mrs\.|Ms\.|Prof\.|approx\.|Fig\.|No\.))$",
    re.IGNORECASE,
)
_HEADING_LENGTH = 70
_HEADING_WORDS = 9


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in order; every character that is not white space is in exactly one.

    Examples
    --------
    >>> text = "Doses:\\n- 5 mg\\n  daily\\nRest."
    >>> [(b.kind, text[b.start:b.end]) for b in blocks(text)]
    [('heading', 'Doses:'), ('item', '- 5 mg\\n  daily'), ('prose', 'Rest.')]
    """
    lines = _lines(text)
    _settle_letters(lines)
    _settle_rows(text, lines)
    out: list[Block] = []
    listing = False  # below a lead-in ("Symptoms:"), whose short lines are a list without markers
    i = 0
    while i < len(lines):
        j = i + 1
        if lines[i].kind in ("prose", "item"):
            while j < len(lines) and _goes_on(text, lines, i, j, listing):
                j += 1
        first, last = lines[i], lines[j - 1]
        kind = first.kind
        if kind == "prose" and j == i + 1:
            if listing and not first.after_blank and _is_short(text, first):
                kind = "item"
            elif _is_plain_heading(text, lines, i):
                kind = "heading"
        block = Block(first.start, last.end, kind, first.content, first.indent)
        out.extend(_unflattened(text, block) if kind in ("prose", "item") else (block,))
        listing = text[last.end - 1] in ":：" or (listing and kind == "item" and first.kind == "prose")
        i = j
    return out


def _unflattened(text: str, block: Block) -> list[Block]:
    """The items of a list that lost its line breaks: "Causes: - one - two" or "- one - two - three"."""
    starts = [m.end() - 2 for m in _INNER_DASH.finditer(text, block.content, block.end)]
    if len(starts) < 2:
        return [block]
    if block.kind == "prose":
        colon = next((k for k, start in enumerate(starts) if text[start - 2] == ":"), None)
        if colon is None or len(starts) - colon < 2:
            return [block]
        starts = starts[colon:]
    elif text[block.start] != "-":
        return [block]
    ends = [start - 1 for start in starts[1:]] + [block.end]
    items = [
        Block(start, end, "item", start + 2, block.indent)
        for start, end in zip(starts, ends, strict=True)
        if text[start + 2 : end].strip()
    ]
    return [Block(block.start, starts[0] - 1, block.kind, block.content, block.indent), *items]


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    end = 0
    pending: _Line | None = None
    blank = True
    if "\\n" in text:
        text = _ESCAPED_BREAK.sub(lambda match: " " * (len(match.group()) - 1) + "\n", text)
    for match in _LINE.finditer(text):
        raw = match.group()
        stripped = raw.strip()
        blank = blank or text[end : match.start()] not in _ONE_BREAK
        end = match.end()
        if not stripped:
            blank = True
            continue
        indent = len(raw) - len(raw.lstrip())
        start = match.start() + indent
        line = _classified(text, start, start + len(stripped), stripped, indent, blank)
        blank = False
        if pending is not None:  # a marker that stands alone takes the line below it
            if line.kind == "prose":
                line = _Line(pending.start, line.end, "item", line.start, pending.indent, pending.after_blank)
            else:
                lines.append(pending)
            pending = None
        elif line.kind == "prose" and _BARE_MARKER.match(stripped):
            pending = line
            continue
        lines.append(line)
    if pending is not None:
        lines.append(pending)
    return lines


def _classified(text: str, start: int, end: int, stripped: str, indent: int, after_blank: bool) -> _Line:
    kind: Kind = "prose"
    content, letter = start, ""
    head = stripped[0]
    if head in "#":
        if match := _HASHES.match(stripped):
            kind, content = "heading", start + match.end()
    elif head in "-=_*~`|+:–—" and len(stripped) <= 400 and _RULE.match(stripped):
        kind = "rule"
    elif head == "|" and _ROW.match(stripped):
        kind = "row"
    elif (
        head in "*_"
        and len(stripped) <= 2 * _HEADING_LENGTH
        and _BOLD.match(stripped)
        and not re.search(r"[.!]\s|[.!](?:\*\*|__)$", stripped)
    ):
        kind, content = "heading", start + 2
    elif match := _MARKER.match(stripped):
        kind, content, letter = "item", start + match.end(), match["letter"] or ""
        if letter and stripped[match.end("letter")] == ")":
            letter = ""
    return _Line(start, end, kind, content, indent, after_blank, letter)


def _settle_letters(lines: list[_Line]) -> None:
    """Take "a." for a marker only where "b." follows or precedes, because "E. coli" and "J. Smith" start lines too."""
    lettered = [line for line in lines if line.letter]
    for k, line in enumerate(lettered):
        near = [other.letter for other in lettered[max(0, k - 1) : k + 2] if other is not line]
        if not any(_are_neighbours(line.letter, other) for other in near):
            line.kind, line.content = "prose", line.start


def _are_neighbours(a: str, b: str) -> bool:
    if len(a) == len(b) == 1 and abs(ord(a) - ord(b)) == 1:
        return True
    numerals = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
    low, other = a.lower(), b.lower()
    return low in numerals and other in numerals and abs(numerals.index(low) - numerals.index(other)) == 1


def _settle_rows(text: str, lines: list[_Line]) -> None:
    """Take for table rows the lines with bars beside a table's rule, and neighbours with gaps between columns."""
    ruled = gapped_before = False
    for k, line in enumerate(lines):
        if line.kind == "rule":
            ruled = "|" in text[line.start : line.end]
            if ruled and k and lines[k - 1].kind == "prose" and text.find("|", lines[k - 1].start, line.start) >= 0:
                lines[k - 1].kind = "row"
            gapped_before = False
            continue
        ruled = ruled and not line.after_blank
        gapped = line.kind == "prose" and line.end - line.start <= 400 and _has_gap(text, line)
        if ruled and line.kind == "prose" and text.find("|", line.start, line.end) >= 0:
            line.kind = "row"
        elif gapped and gapped_before and not line.after_blank:
            line.kind = lines[k - 1].kind = "row"
        elif gapped and line.end - line.start <= 100 and text.find("\t", line.start, line.end) >= 0:
            line.kind = "row"
        gapped_before = gapped


def _has_gap(text: str, line: _Line) -> bool:
    return _COLUMNS.search(text, line.start, line.end) is not None


def _goes_on(text: str, lines: list[_Line], i: int, j: int, listing: bool) -> bool:
    """Whether line ``j`` goes on with what line ``j - 1`` of the block begun at ``i`` left open."""
    line, before = lines[j], lines[j - 1]
    if line.kind != "prose" or line.after_blank:
        return False
    tail = text[max(before.start, before.end - 40) : before.end]
    if _STOP_AT_END.search(tail):
        if lines[i].kind == "item" and line.indent > lines[i].indent and tail[-1] not in ":：":
            return True  # more of the same item
        return _OPEN_END.search(tail) is not None  # "Call Dr." at the end of a line
    if _OPEN_END.search(tail):
        return True
    if listing and lines[i].kind == "prose" and _is_short(text, before) and _is_short(text, line):
        return False
    head = text[line.start]
    if head.islower() or head in "([{,;)]%":
        return True
    return (head.isdigit() and before.end - before.start > 40) or _was_wrapped(text, lines, j)


def _is_short(text: str, line: _Line) -> bool:
    return line.end - line.start <= 60 and not _STOP_AT_END.search(text[max(line.start, line.end - 12) : line.end])


def _was_wrapped(text: str, lines: list[_Line], j: int) -> bool:
    """Whether the break before line ``j`` is where a writer who fills lines to a width would have had to break."""
    first = j
    while first > 0 and j - first < 6 and not lines[first].after_blank:
        first -= 1
    last = j
    while last + 1 < len(lines) and last - j < 6 and not lines[last + 1].after_blank:
        last += 1
    if last - first < 2:
        return False
    width = max(line.end - line.start + line.indent for line in lines[first : last + 1])
    if not 50 <= width <= 130:
        return False
    line, before = lines[j], lines[j - 1]
    word = text[line.start : line.end].split(None, 1)[0]
    return before.end - before.start + before.indent + 1 + len(word) > width


def _is_plain_heading(text: str, lines: list[_Line], i: int) -> bool:
    """Whether a line without marks is a heading: short, no sentence, and with something under it."""
    line = lines[i]
    if i + 1 == len(lines) or line.end - line.start > _HEADING_LENGTH:
        return False
    said = text[line.start : line.end]
    if not said[0].isupper() and not said[0].isdigit():
        return False
    if len(said.split()) > _HEADING_WORDS or _SENTENCE_WORDS.search(said) or _SAYS_SOMETHING.search(said):
        return False
    if said[-1] in ":：":
        return True
    if _STOP_AT_END.search(said) or said[-1] == ",":
        return False
    below = lines[i + 1]
    return below.after_blank or below.kind != "prose" or not _is_short(text, below)
