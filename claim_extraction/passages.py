"""A response cut into passages: one sentence each, cleaned for the parser, with the way back to every character.

What stands in brackets, citation marks and Markdown's signs lead a small parser astray. They are taken out of what it
sees; the brackets stay attached to the word before them and come back when that word is written into a claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from halueval.claim_extraction.frames import Frame, frame
from halueval.records import Span
from halueval.text.sentences import sentences
from halueval.text.word_sets import word_set

__all__ = ["Passage", "passages"]


@dataclass(slots=True)
class Passage:
    """One sentence of a response.

    Attributes
    ----------
    span : Span
        Its characters in the response, without list marker or heading mark.
    text : str
        What the parser sees: on one line, without brackets, citations and Markdown.
    offsets : range or list of int
        For each character of ``text`` and for its end, where it stands in the response.
    kind : str
        "prose", "heading", "item", "row" or "rule".
    attached : dict of int to Span
        The brackets taken out, as they stand in the response, by the index in ``text`` of the character before them.
    hedged, hearsay : bool
        Whether a frame that was taken off ("they think that") held back, or put the sentence in somebody's mouth.
    introduces : bool
        Whether a list follows that this line introduces.
    lead : int
        How many characters of ``text`` come from the line that introduces this list item.
    joint : range
        Characters of ``text`` that were put between the two, and that nobody said.
    """

    span: Span
    text: str
    offsets: range | list[int]
    kind: str = "prose"
    attached: dict[int, Span] = field(default_factory=dict)
    hedged: bool = False
    hearsay: bool = False
    introduces: bool = False
    lead: int = 0
    joint: range = range(0)


_OPEN = word_set(
    """if when unless include includes including included are is be as like with by to of for from in on the or and
    that should can may might could must you involve involves contain contains following avoid cause causes than"""
)
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|can|could|may|might|should|will|would|must|has|have|had|do|does|did|causes?|helps?|affects?|increases?"
    r"|reduces?|occurs?|includes?|means|you|it|they|we|i)\b|^(?:take|use|avoid|drink|rest|apply|eat|call|seek|keep|get|try|stay"
    r"|wear|do|don't|make|limit|consider|ask|talk|consult|check|monitor|start|stop|follow|maintain|practice|wash|clean|store"
    r"|give|go|see|contact|quit|exercise|elevate|ensure|place|put|hold|remove|choose|increase|reduce|visit|be)\b|:",
    re.IGNORECASE,
)
_TITLE = re.compile(r"[^\s:.!?][^:.!?]{1,60}:\s+(?=[A-Z])")
_FINITE = re.compile(
    r"\b[A-Z][\w-]{0,40}\s+(?:[\w,-]{1,40}\s+){0,8}?(?:is|are|was|were|can|could|may|might|has|have|does|do|helps?)\b"
)
_LISTED = re.compile(
    r"\b(?:symptoms?|effects?|causes?|signs?|factors?|treatments?|medications?|options?|examples?|complications?|conditions?"
    r"|triggers?|drugs?|types?|reasons?|tests?|remedies|therapies|sources?|benefits?|contraindications?|interactions?|foods?"
    r"|ingredients?|antibiotics?|diseases?|disorders?|indications?|uses?)\b",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u00a0\u2028\u2029]")  # also NUL, which no parser should see
_SURROGATES = re.compile("[\ud800-\udfff]")
_TAKEN_OUT = re.compile(
    r"(?P<gap>(?<=\bmm)\s{1,3}(?=Hg\b))"  # a unit is one word, or the parser takes it for an exclamation
    r"|(?P<cite>\s?\[\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*\]|[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<link>\]\((?:https?://|/|#)[^()\s]{0,300}\))"
    r"|(?P<mark>\*{2,}|(?<!\d)\*|\*(?!\d)|_{2,}|`+|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)|\[(?=[^\[\]]{1,200}\]\()|(?<!\S)[#|]{1,6}(?=\s|$)"
    r")|\s?\((?P<examples>(?:such as|including|like)\s[^()]{1,200})\)"
    r"|(?P<bracket>\s?\([^()]{1,100}\))"
)


def passages(text: str, within: Span | None = None) -> tuple[Passage, ...]:
    """The sentences of a text, or of the part of it that ``within`` covers, ready to be parsed.

    A list item that does not stand alone is joined to the line that introduces it: "Seek care if:" and "the
    fever lasts" are parsed as one sentence, whose offsets lead back to both.

    Examples
    --------
    >>> lead, item = passages("Seek care **if**:\\n- the fever lasts (over 3 days).")
    >>> item.text, item.kind, lead.introduces
    ('Seek care if the fever lasts.', 'item', True)
    """
    base = within.start if within else 0
    part = text[within.start : within.end] if within else text
    out: list[Passage] = []
    for s in sentences(part):
        titled = False  # "Dose: The usual dose is …" stands alone
        start, end = base + s.content, base + s.span.end
        clean, offsets, attached = _cleaned(text, start, end)
        opened = frame(clean) if s.kind in ("prose", "item") else Frame(0)
        passage = Passage(
            Span(start, end), clean, offsets, s.kind, attached, hedged=opened.hedged, hearsay=opened.end > 15
        )
        if opened.end:
            passage = _cut(passage, opened.end)
        if s.kind == "item" and (title := _TITLE.match(passage.text)) and _FINITE.search(passage.text, title.end()):
            passage = _cut(passage, title.end())
            titled = True
        if s.lead_in is not None:
            lead = out[s.lead_in]
            lead.introduces = True
            if titled:
                pass
            elif s.content > s.span.start or s.kind == "prose":
                passage = _joined(lead, passage)
        out.append(passage)
    return tuple(out)


def _cut(passage: Passage, end: int) -> Passage:
    """The passage without its first characters."""
    passage.text = passage.text[end:]
    passage.offsets = passage.offsets[end:]
    passage.attached = {at - end: span for at, span in passage.attached.items() if at >= end}
    return passage


def _joined(lead: Passage, item: Passage) -> Passage:
    """The item with what introduces it before it, where the one does not make sense without the other."""
    opening = lead.text.rstrip(" :：")
    last = opening.rsplit(None, 1)[-1].lower() if opening else ""
    if not opening or len(opening) > 300:
        return item
    if last in _OPEN:
        joint = " "
    elif _CLAUSE.search(item.text) or len(item.text) > 90 or lead.kind == "item":
        return item
    elif _LISTED.search(opening) and len(opening.split()) <= 8 and not _CLAUSE.search(opening):
        joint = " include "
    else:
        return item
    n = len(opening)
    at = lead.offsets[n] if n < len(lead.offsets) else lead.span.end
    item_text = item.text
    if item_text[:1].isupper() and item_text[1:2].islower():
        item_text = item_text[:1].lower() + item_text[1:]
    shift = n + len(joint)
    attached = {k: v for k, v in lead.attached.items() if k < n}
    attached.update({k + shift: v for k, v in item.attached.items()})
    offsets = [*lead.offsets[:n], *[at] * len(joint), *item.offsets]
    return replace(
        item, text=opening + joint + item_text, offsets=offsets, attached=attached, lead=shift, joint=range(n, shift)
    )


def _cleaned(text: str, start: int, end: int) -> tuple[str, range | list[int], dict[int, Span]]:
    raw = _SURROGATES.sub("\ufffd", _BREAKS.sub(" ", text[start:end]))
    kept: list[str] = []
    offsets: list[int] = []
    attached: dict[int, Span] = {}
    done = 0
    for match in _TAKEN_OUT.finditer(raw):
        before = raw[done : match.start()]
        kept.append(before)
        offsets.extend(range(start + done, start + match.start()))
        done = match.end()
        if match["examples"]:  # a list that the sentence goes on with: only the signs go
            kept.append(" " + match["examples"])
            offsets.append(start + match.start())
            offsets.extend(range(start + match.start("examples"), start + match.end("examples")))
        elif match["bracket"]:
            if offsets and not kept[-1][-1:].isspace() and len(offsets) - 1 not in attached:
                opened = match.start() + raw[match.start() : match.end()].index("(")
                attached[len(offsets) - 1] = Span(start + opened, start + match.end())
            else:  # a bracket needs a word before it
                done = match.start()
    if not done:
        return raw, range(start, end + 1), {}
    kept.append(raw[done:])
    offsets.extend(range(start + done, end + 1))
    return "".join(kept), offsets, attached
