"""What is said about the conversation and by whom, not about medicine: "They wanted to address your concerns".

Answers that pass on what a doctor said are full of it. What the doctor said *of medicine* is a claim all the same, so a
sentence is only set aside where nothing concrete is in it.
"""

from __future__ import annotations

import re

from halueval.text.drugs import find_drugs
from halueval.text.entities import entity_type
from halueval.text.tokens import words
from halueval.text.word_sets import word_set

__all__ = ["is_about_the_conversation", "is_concrete"]

_WHO = (
    r"(?:they|he|she|we|i"
    r"|(?:your|the|our)\s+(?:own\s+)?(?:doctor|physician|provider|specialist|(?:care\s+|medical\s+)?team|nurse))"
)
_ALSO = (
    r"(?:\s+(?:also|strongly|further|just|really|do|does|did|have|has|had|are|is|were|was|be|will|would|can|only|simply"
    r"|currently|definitely))*"
)
_ABOUT = (
    r"(?:address|clarify|discuss|explore|express|acknowledge|share|mention|follow\s+up|talk|know|hear|learn|help|assist"
    r"|work\s+with|offer|go\s+over|review|point\s+out|apologi[sz]e|let\s+you|answer|schedule|reassure|emphasi[sz]e|remind"
    r"|stress|explain)"
)
_WANT = (
    r"(?:want(?:s|ed)?|(?:would\s+)?like|hop(?:e|es|ed|ing)|happy|glad|here|committed|available|able|need)\s+(?:to\s+)?"
    r"(?:(?:also|further|just|please|better)\s+)?"
)
# Never medicine, unless a clause follows ("they wanted to say that …").
_INTENTION = re.compile(
    rf"^{_WHO}{_ALSO}\s*(?:['’](?:d|ve|re))?{_ALSO}\s+(?:{_WANT}{_ABOUT}"
    r"|(?:ask(?:ed|s)?|inquired|wonder(?:ed|s)?|appreciate[sd]?|welcomes?|thanked|apologi[sz]ed?|reviewed)\b)",
    re.IGNORECASE,
)
_THAT = re.compile(r"\s+(?:to\s+)?(?:you\s+)?(?:know\s+)?that\b", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(?:that|but|which|because)\b|,\s+(?:as|since|so)\b|[;:]", re.IGNORECASE)
# Advice that only sends the reader on.
_SENT_ON = re.compile(
    rf"^{_WHO}{_ALSO}\s+(?:recommend|suggest|advis|encourag|urg)\w*\s+(?:that\s+)?(?:you\s+)?(?:to\s+)?(?:consider\s+)?"
    r"(?:schedul|mak(?:e|ing)\s+an?\s+appointment|see|seeing|visit|consult|discuss|speak|talk|seek|follow|reach|contact"
    r"|call|giv(?:e|ing)\s+them\s+a\s+call|com(?:e|ing)\b)",
    re.IGNORECASE,
)
_MULLED = re.compile(
    rf"^{_WHO}{_ALSO}\s+(?:considering|looking\s+into|thinking\s+about|exploring)\s+(?:a\s+few|some|several|all|other|the)\s+"
    r"(?:\w+\s+){0,2}(?:possibilities|options|avenues)\b[^,;]{0,20}$",
    re.IGNORECASE,
)
_YOU_SAID = re.compile(
    r"^you(?:['’]ve|\s+have)?\s+(?:also\s+)?(?:mentioned|said|asked|described|told|shared|wrote|stated|provided)\b",
    re.IGNORECASE,
)
_VAGUE = word_set(
    """symptom symptoms test tests medication medications medicine medicines drug drugs examination exam procedure
    procedures condition conditions disorder disorders disease diseases reaction reactions discharge operation screening
    treatment treatments therapy"""
)
_DOING = word_set(
    """take taking avoid avoiding stop stopping start starting drink drinking eat eating use using apply applying rest
    resting exercise exercising sleep wear wearing wash washing water food diet weight smoking alcohol salt sugar fluids
    fiber fibre sugar ice heat compress sun antibiotics surgery vaccine blood urine heart liver kidney skin bone muscle
    muscles nerve brain lung lungs stomach emergency hours days weeks daily risk cause caused causes causing normal
    dangerous safe harmful benign malignant increase decrease reduce dose dosage level levels"""
)


def is_concrete(text: str) -> bool:
    """Whether anything medical is named: a drug, a condition, a procedure, a number, something to do or leave.

    Examples
    --------
    >>> is_concrete("They strongly encourage you to seek help."), is_concrete("They recommend ibuprofen.")
    (False, True)
    """
    said = words(text)
    return any(w[0].isdigit() or w in _DOING or w not in _VAGUE and entity_type(w) != "phrase" for w in said) or bool(
        find_drugs(text)
    )


def is_about_the_conversation(text: str) -> bool:
    """Whether a claim only tells who said, asked or wants what.

    Examples
    --------
    >>> [is_about_the_conversation(s) for s in ("You mentioned.", "They wanted to address your concerns about asthma.")]
    [True, True]
    >>> is_about_the_conversation("They recommend that you take ibuprofen.")
    False
    """
    opening = text[:600]
    if _YOU_SAID.match(opening) or _MULLED.match(opening):
        return True
    if match := _INTENTION.match(opening):
        if _THAT.match(opening, match.end()):
            return False
        return not (_CLAUSE.search(opening, match.end()) and is_concrete(opening[match.end() :]))
    match = _SENT_ON.match(opening)
    return match is not None and not is_concrete(opening[match.end() :])
