"""One readable clause that says why a document looks the way it does beside a claim; never a dump of numbers."""

from __future__ import annotations

from halueval.records import Label
from halueval.verifiers.claims import Reading
from halueval.verifiers.cues import ANTONYMS
from halueval.verifiers.documents import Document
from halueval.verifiers.features import Compared

__all__ = ["explain"]

_SAYS = {
    "same": "no difference", "up": "more", "down": "less", "good": "better", "bad": "worse", "not_up": "not more",
    "not_down": "not less", "not_good": "not better", "not_bad": "not worse",
}  # fmt: skip
_OPPOSED = {
    "same": ("up", "down", "good", "bad"), "up": ("same", "down", "not_up"), "down": ("same", "up", "not_down"),
    "good": ("same", "bad", "not_good"), "bad": ("good", "not_bad"), "not_up": ("up",), "not_down": ("down",),
    "not_good": ("good",), "not_bad": ("bad",),
}  # fmt: skip


def explain(label: Label, claim: Reading, document: Document, compared: Compared) -> str:
    """Why this document would be given this label.

    Examples
    --------
    >>> from halueval.verifiers.claims import Idf, read_claim
    >>> from halueval.verifiers.documents import read_document
    >>> from halueval.verifiers.features import compare
    >>> from halueval.verifiers.reading import read_passage
    >>> idf = Idf(9, {})
    >>> claim = read_claim("Zinc increased survival.", idf)
    >>> document = read_document(read_passage("Survival did not differ with zinc."), idf)
    >>> explain("refuted", claim, document, compare(claim, document))
    'passage says no difference, claim says more'
    """
    best = document.sentences[compared.best]
    share = f"{round(100 * compared.share)} % of the claim's words in one sentence"
    if label == "not_enough_info":
        return f"only {share}" if compared.share < 0.5 else f"{share}, but it doesn't settle the claim"
    if label == "supported":
        agreeing = [cue for cue in _SAYS if cue in claim.sentence.cues & best.cues]
        return f"{share}" + (f", both say {_SAYS[agreeing[0]]}" if agreeing else "")
    for mine in _SAYS:
        theirs = next(
            (cue for cue in _OPPOSED[mine] if mine in claim.sentence.cues and cue in best.cues - claim.sentence.cues),
            None,
        )
        if theirs:
            return f"passage says {_SAYS[theirs]}, claim says {_SAYS[mine]}"
    if ("negation" in claim.sentence.cues) != ("negation" in best.cues):
        denier = "claim" if "negation" in claim.sentence.cues else "passage"
        return f"the {denier} denies what the {'passage' if denier == 'claim' else 'claim'} states"
    for stem in sorted(claim.sentence.stems - best.stems):
        opposite = sorted(ANTONYMS.get(stem, frozenset()) & best.stems - claim.sentence.stems)
        if opposite:
            return f"passage has '{opposite[0]}' where the claim has '{stem}'"
    lost = [n for n in claim.sentence.numbers if n not in best.numbers]
    if lost and best.numbers:
        return f"the claim's number {lost[0]:g} isn't in the passage's sentence, which has others"
    return f"{share}, in wording that mostly goes with a contradiction"
