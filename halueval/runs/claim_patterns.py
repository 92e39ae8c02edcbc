"""How claims are built: what may be moved in them, what stands before them, and contractions written out."""

from __future__ import annotations

import re

from halueval.text.word_sets import word_set

__all__ = ["CLAUSE_WORDS", "COMPARISONS", "DONE", "LEAD_IN", "LOOSE", "MOVABLE", "PEOPLE", "REWRITES", "VERB_SIGNS"]

VERB_SIGNS: frozenset[str] = word_set(
    "is are be been being was were am will would shall should can could may might must do does did had have has"
)
# Begin what may stand before or after the rest of a claim without changing it, with a comma before.
MOVABLE: frozenset[str] = word_set(
    "in for during within after before at on when if with without throughout under following by"
)
# Begin what may stand before or after what begins with the other at the end; any other word belongs to what it follows.
LOOSE: frozenset[str] = word_set("in for")
# "For" and "in" are one word before these.
PEOPLE: frozenset[str] = word_set("child adult patient people woman man infant elderly adolescent newborn")
# What was done, where it doesn't end in "ed", and doing it.
DONE: dict[str, str] = {
    "taken": "take", "given": "give", "shown": "show", "found": "find", "made": "make", "seen": "see", "kept": "keep",
    "known": "know", "held": "hold", "chosen": "choose", "driven": "drive", "broken": "break", "worn": "wear",
    "left": "leave", "led": "lead", "begun": "start", "understood": "understand", "eaten": "eat", "bound": "bind",
}  # fmt: skip
COMPARISONS: frozenset[str] = word_set("than versus compared unlike whereas contrast against")
# With one of these a claim may have parts of its own, and nothing is moved in it.
CLAUSE_WORDS: frozenset[str] = word_set(
    """because which that who whose whom but while although though however and or nor unless until so since where
    whether except rather instead either neither both respectively between only then ; : ? /"""
)
# Said before a claim and not part of it. "Studies suggest that" is no such thing: it holds back.
LEAD_IN = re.compile(
    r"(?:(?:(?:please|also|do)\s+)?(?:note|remember|be aware|keep in mind|bear in mind)(?:\s+that|\s*[:,])"
    r"|it(?:\s+is|['’]s)\s+(?:also\s+)?(?:important|worth|useful|helpful|essential)\s+(?:to\s+)?"
    r"(?:note|noting|know|knowing|remember|remembering|mention|mentioning|understand)(?:ing)?\s+that"
    r"|it\s+should\s+(?:also\s+)?be\s+(?:noted|mentioned|remembered)\s+that"
    r"|it(?:\s+is|['’]s)\s+(?:(?:well[\s-]+)?(?:known|established)|true|a\s+fact)\s+that|you\s+should\s+know\s+that"
    r"|as\s+(?:is\s+)?(?:well[\s-]+)?known,|as\s+you\s+(?:may\s+|might\s+|probably\s+)?know,|(?:just\s+)?so\s+you\s+know,"
    r"|(?:(?:the\s+)?(?:short\s+)?answer|(?:key\s+)?(?:fact|point|takeaway))\s*:"
    r"|(?:in\s+fact|indeed|actually|of\s+course|additionally|moreover|furthermore|in\s+addition|in\s+summary|in\s+short"
    r"|to\s+summari[sz]e|in\s+conclusion|overall|therefore|thus|hence|for\s+reference|for\s+your\s+information|fyi"
    r"|as\s+a\s+reminder|yes|importantly|notably|simply\s+put|in\s+other\s+words)\s*[,:]"
    r"|the\s+(?:fact|answer|truth|point)\s+is\s+that)"
    r"\s+(?=\S)",
    re.IGNORECASE,
)
# Sentences rebuilt before they are read; "≤ 4 g" and "should not exceed 4 g" are then the same words.
_ABOVE = r"(?:(?:more|greater|higher)\s+than|over|above)"
REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), to)
    for pattern, to in (
        (r"\bwon['’]t\b", "will not"),
        (r"\bcan['’]?t\b|\bcannot\b", "can not"),
        (r"\bshan['’]t\b", "shall not"),
        (r"(?<=[a-z])n['’]t\b", " not"),
        (rf"\b(should|must|may|can|shall)\s+not\s+(?:exceed|be\s+{_ABOVE})(?=\s+\d)", r"\1 be at most"),
        (r"\b(?:does|do)\s+not\s+exceed(?=\s+\d)", "is at most"),
        (r"\b(it|that|there|he|she|what)['’]s\b", r"\1 is"),
        (r"\b(you|they|we)['’]re\b", r"\1 are"),
        (r"\b(you|they|we|i)['’]ve\b", r"\1 have"),
        (r"\b(you|they|we|i|it|he|she)['’]ll\b", r"\1 will"),
        (r"(?<=[a-z])['’]s\b|(?<=s)['’](?=\s|$)", ""),
    )
)
