"""What stands around a statement and says nothing of its own: "However,", "It is important to note that",
"I called the surgery, and they told me that". The statement inside is what can be checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Frame", "frame"]


@dataclass(frozen=True, slots=True)
class Frame:
    """How many characters stand before the statement, and whether they hedge it ("they think that")."""

    end: int
    hedged: bool = False


_CONNECTIVE = re.compile(
    r"(?:however|therefore|additionally|moreover|furthermore|also|thus|hence|overall|finally|lastly|firstly|secondly|thirdly"
    r"|consequently|nevertheless|nonetheless|besides|instead|meanwhile|importantly|notably|similarly|likewise|conversely"
    r"|ultimately|basically|essentially|specifically|absolutely|certainly|fortunately|unfortunately|indeed|alternatively"
    r"|in addition|in conclusion|in summary|in short|in fact|in other words|in the meantime|on the other hand"
    r"|as a result"
    r"|for example|for instance|as such|to summarize|to sum up|of course|that being said|that said"
    r"|with that said|having said that"
    r"|by contrast|in contrast|at the same time|after all|yes|no|well|so|then|first|second|third|next|and|but"
    r"|or|sure|okay|ok)"
    r"\s*[,:]\s+|(?:and|but|so|then|however|therefore|thus|additionally|furthermore|yet)\s+(?=\S)|(?:yes|no)\s*[.!]\s+",
    re.IGNORECASE,
)
_WHO = r"(?:they|he|she|(?:your|the|our)\s+(?:doctor|physician|healthcare provider|provider|care team|team|specialist))"
_HOW = r"(?:\s+(?:also|strongly|further|have|has|had|do|does|did|really|just|specifically|all))*"
_NOTE = (
    r"(?:note|know|remember|mention|understand|keep in mind|recogni[sz]e|reali[sz]e|point out|be aware"
    r"|emphasi[sz]e|stress"
    r"|acknowledge|bear in mind|consider)"
)
_FRAME = re.compile(
    rf"(?:i(?:\s+have|'ve|’ve)?\s+(?:spoken|spoke|talked|consulted|checked)\s+(?:to|with)\s+(?:your|the)\s+doctor\s*,?\s+(?:and|who)\s+)?"
    rf"(?:{_WHO}{_HOW}\s+(?:(?P<doubt>believe[sd]?|think|thinks|thought|suspects?|suspected|feels?|felt)|mention(?:ed|s)?|note[sd]?|said"
    rf"|says|say|explain(?:ed|s)?|stat(?:ed|es?)|emphasi[sz]e[sd]?|stress(?:ed|es)?|confirm(?:ed|s)?|point(?:ed|s)?\s+out"
    rf"|reassured|clarif(?:ied|ies|y)|agree[sd]?|added|"
    rf"(?:want(?:s|ed)?|would\s+like)\s+(?:me\s+)?to\s+(?:reassure|assure|emphasi[sz]e|stress|remind|inform|let|clarify|note|mention|point\s+out|add)"
    rf"(?:\s+you\s+know)?)(?:\s+(?:to\s+)?(?:you|me))?\s+that\s+"
    rf"|it(?:'s|’s|\s+is|\s+should\s+be)\s+(?:also\s+|always\s+|very\s+|really\s+|equally\s+)*(?:important|essential|crucial|vital|worth|good|helpful|useful|critical|best|noted|worthwhile)"
    rf"(?:\s+(?:for\s+you\s+)?to\s+{_NOTE}|\s+(?:noting|mentioning|remembering|knowing|pointing\s+out))?\s+that\s+"
    rf"|(?:please\s+)?(?:do\s+)?(?:note|remember|keep\s+in\s+mind|bear\s+in\s+mind|be\s+aware|know|be\s+assured|rest\s+assured)\s+that\s+"
    rf"|this\s+means\s+that\s+|i(?:\s+would|'d)?\s+(?P<mine>think|believe|guess|suspect|say)\s+(?:that\s+)?"
    rf"|i(?:\s+have|'ve|’ve)?\s+(?:spoken|spoke|talked)\s+(?:to|with)\s+(?:your|the)\s+doctor\s*,?\s+and\s+"
    rf"|according\s+to\s+(?:them|him|her|(?:your|the)\s+doctor)\s*,\s+)",
    re.IGNORECASE,
)


def frame(text: str) -> Frame:
    """The frame a sentence opens with; ``end`` is 0 where there is none.

    What somebody recommends stays, because "recommends that you rest" is not "you rest".

    Examples
    --------
    >>> text = "However, it is important to note that statins lower cholesterol."
    >>> text[frame(text).end:]
    'statins lower cholesterol.'
    >>> frame("They think that it is viral.")
    Frame(end=16, hedged=True)
    """
    end, hedged = 0, False
    for _ in range(4):
        if match := _CONNECTIVE.match(text, end):
            end = match.end()
        elif match := _FRAME.match(text, end):
            end = match.end()
            hedged = hedged or bool(match["doubt"] or match["mine"])
        else:
            break
    return Frame(end, hedged) if len(text) - end > 8 else Frame(0)
