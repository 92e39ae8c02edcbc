"""Which claims are worth checking, and why the others are not: greetings, empathy, "see your doctor", and the like.

Concrete advice is worth checking ("take it with food", "seek care if the fever lasts three days"): it can be
wrong. What
is not checkworthy is kept as a claim and counted, with one of :data:`halueval.records.NOT_CHECKWORTHY_REASONS`.
"""

from __future__ import annotations

import re

from halueval.claim_extraction.conversation import is_about_the_conversation, is_concrete
from halueval.text.tokens import words
from halueval.text.word_sets import word_set

__all__ = ["not_checkworthy"]

_PROVIDER = (
    r"(?:(?:your|a|an|the|any)\s+(?:own\s+|qualified\s+|trusted\s+|local\s+|primary\s+|licensed\s+|medical\s+)*"
    r"(?:doctor|physician|(?:health\s?care|healthcare|medical|care|health)\s+(?:provider|professional|team|practitioner)s?|gp|pharmacist"
    r"|provider|specialist|dentist|therapist|surgeon|dermatologist|gynecologist|obstetrician|pediatrician|nurse|team|office)"
    r"|(?:doctors|physicians|healthcare\s+providers?|health\s?care\s+professionals?|medical\s+professionals?)|us|me|them|their\s+office)"
)
_SEE = (
    r"(?:see|consult|contact|call|ask|visit|inform|tell|reach\s+out\s+to|follow\s+up\s+with|check\s+(?:in\s+)?with"
    r"|(?:talk|speak|consult|discuss\s+(?:this|it))\s+(?:to|with)|make\s+an\s+appointment\s+with|schedule\s+an\s+appointment\s+with)"
)
# In order: the first that matches says why. "^" ones look at the opening of the sentence only.
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern, re.IGNORECASE))
    for reason, pattern in (
        ("question", r"[?？؟]['\"”)\]]*\s*$"),
        (
            "refusal",
            r"^(?:i['’]?m\s+(?:very\s+)?(?:sorry|afraid)\b[^.]{0,30}\b(?:can(?:no|['’])t|cannot|unable|not\s+able)"
            r"|(?:sorry|unfortunately)?,?\s*(?:but\s+)?(?:as\s+an?\s+(?:ai|language\s+model|assistant)\b[^.]{0,60})?,?\s*i\s*(?:['’]m|\s+am)?\s*"
            r"(?:can(?:no|['’])?t|cannot|can\s+not|won['’]t|will\s+not|unable\s+to|not\s+able\s+to|must\s+decline|have\s+to\s+decline)\s+"
            r"(?:to\s+)?(?:really\s+)?(?:provide|give|help|assist|answer|offer|advise|recommend|diagnose|discuss|comply|fulfil|prescribe|tell|respond|comment|do\s+that|say|determine)"
            r"|i\s+(?:must|have\s+to)\s+(?:decline|refuse))",
        ),
        (
            "disclaimer",
            r"\b(?:not\s+(?:meant\s+(?:as|to\s+be)\s+)?(?:a\s+)?"
            r"(?:substitute|replacement)\s+for\s+(?:(?:professional|medical|personali[sz]ed|expert|qualified|individual)\s+)*(?:advice|consultation|opinion|judge?ment|guidance|seeing|consulting|professional|a\s+(?:doctor|visit|consultation)|your\s+doctor)"
            r"|(?:not|isn['’]t|never)\s+(?:intended\s+(?:as|to\s+be)\s+)?(?:professional\s+)?(?:medical|legal)\s+advice"
            r"|(?:for\s+)?(?:general\s+)?(?:informational|educational|information)\s+purposes(?:\s+only)?"
            r"|i\s*(?:['’]m|\s+am)\s+(?:not\s+a\s+(?:doctor|physician|medical|healthcare|licensed)|(?:just\s+|only\s+)?an?\s+(?:ai|artificial|language\s+model|assistant|virtual))"
            r"|as\s+an\s+(?:ai|artificial)|this\s+is\s+(?:only\s+|just\s+|meant\s+as\s+)*general\s+(?:medical\s+|health\s+)?information"
            r"|\b(?:this|it|information|answer|response|content|advice|guidance)\b[^.]{0,60}\b(?:not|n['’]t|never|cannot)\s+(?:be\s+(?:meant|intended|used)\s+to\s+)?"
            r"replace\b[^.]{0,60}\b(?:advice|doctor|physician|professional|consultation|visit)"
            r"|this\s+(?:information|answer|response|content)\s+(?:is|should|does|may)\s+not\b)",
        ),
        (
            "greeting",
            r"^(?:hi|hello|hey|dear|good\s+(?:morning|afternoon|evening|day)|greetings|welcome|thanks?|thank\s+you|best(?:\s+(?:regards|wishes))?"
            r"|(?:kind|warm)\s+regards|regards|sincerely|take\s+care|yours|cheers|bye|goodbye|get\s+well|feel\s+better"
            r"|have\s+a\s+(?:great|good|nice)|wishing\s+you|(?:we|they|i)\s+(?:hope|wish)\s+you|all\s+the\s+best|you(?:['’]?re|\s+are)\s+(?:very\s+|most\s+|always\s+)?welcome(?!\s+to\s+(?:take|use))"
            r"|my\s+pleasure|no\s+problem|glad\s+(?:to|i\s+could)\s+help|(?:(?:that['’]?s|that\s+is|this\s+is|what)\s+(?:an?\s+)?(?:really\s+|very\s+)?)?"
            r"(?:great|good|excellent|interesting|important|thoughtful)\s+question)\b(?:[^.]{0,160}[.!]?$)",
        ),
        (
            "empathy",
            r"^(?:i\s*(?:['’]?m|\s+am)|we\s*(?:['’]?re|\s+are)|they\s*(?:['’]?re|\s+are)|(?:your|the)\s+doctor\s+is)?\s*(?:so\s+|very\s+|truly\s+|really\s+|also\s+)*(?:sorry\s+(?:to\s+hear|that|you|for|about)|glad|happy\s+to\s+hear|pleased)\b"
            r"|^(?:i|we|they|he|she|(?:your|the)\s+doctor)\s+(?:also\s+|completely\s+|fully\s+|totally\s+|can\s+|do\s+|truly\s+)*(?:understands?|appreciates?|empathi[sz]es?|acknowledges?|hopes?|recogni[sz]es?|sympathi[sz]es?)\b"
            r"|^(?:it|that)\s*(?:['’]s|\s+is)\s+(?:(?:completely|perfectly|totally|very|quite|so)\s+)*(?:understandable|normal\s+to\s+(?:feel|be|worry)|great|good|wonderful|natural\s+to|okay\s+to\s+feel|ok\s+to\s+feel)\b(?!\s+(?:for\s+you|idea|source|to\s+(?:take|use|avoid|drink|eat)))"
            r"|\b(?:you\s*(?:['’]re|\s+are)\s+not\s+alone|you\s+must\s+be\s+feeling|(?:must|can|may)\s+be\s+(?:very\s+|really\s+)?(?:frustrating|stressful|scary|worrying|distressing|concerning|overwhelming)\s+for\s+you)\b"
            r"|^(?:please\s+)?(?:don['’]t|do\s+not|try\s+not\s+to)\s+(?:worry|panic|hesitate)\b(?!.{0,40}\bif\s+you\s+(?:have|notice|develop)\s+(?:a\s+)?(?:fever|pain|bleed|chest))",
        ),
        (
            "meta",
            r"^(?:i|we)(?:\s+have|['’]ve)?\s+(?:also\s+)?(?:spoke|spoken|talked|consulted|reviewed|looked|discussed|passed|forwarded|checked)\b[^.]{0,80}$"
            r"|\b(?:let\s+(?:me|us)\s+know|feel\s+free\s+to|(?:any|more|further|other|additional)\s+(?:questions|concerns)\b.{0,60}\b(?:let|reach|help|here)|(?:happy|here|glad|available)\s+to\s+(?:help|answer|assist|support))\b"
            r"|^(?:here\s+(?:are|is|'s)|below\s+(?:are|is)|the\s+following\s+(?:are|is)|(?:i|we)\s+(?:hope|trust)\s+(?:this|that)|(?:i|we)\s*(?:['’]ll|\s+will)|let['’]?s|let\s+(?:me|us))\b"
            r"|^(?:regarding|as\s+for|to\s+answer)\s+your\s+(?:question|concern|query)s?[^,]{0,80}[.:]?$"
            r"|\b(?:could|can|would)\s+you\s+(?:please\s+)?(?:provide|tell|share|clarify|describe)\b|^(?:please\s+)?(?:provide|share|tell\s+(?:me|us))\b[^.]{0,40}\b(?:more|information|details|context)\b",
        ),
        ("opinion", r"^(?:in\s+my\s+(?:humble\s+)?opinion|personally|i\s+(?:personally\s+)?(?:prefer|like|love))\b"),
    )
)
_REFERRAL = re.compile(
    rf"\b{_SEE}\s+{_PROVIDER}\b|\b(?:seek|get)\s+(?:prompt\s+|professional\s+|appropriate\s+)*(?:medical|professional)\s+(?:advice|help|guidance|opinion|attention|evaluation)\b"
    rf"|\b(?:consulting|seeing|talking\s+to|speaking\s+(?:to|with)|advising)\s+{_PROVIDER}\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:if|when|before|unless|after|until|while|in\s+case|within|regarding)\b", re.IGNORECASE)
_SMALL_TALK = re.compile(
    r"\bif\s+you\s+(?:have|are\s+having|still\s+have)\s+(?:any\s+)?(?:\w+\s+)?(?:doubts?|questions?|concerns?)\b",
    re.IGNORECASE,
)
_NOTHING_NEW = word_set(
    """it is it's important essential crucial best recommended advisable necessary always good idea should
    would be to you your the a an
    please for and or with of on in about any this that these those further more proper appropriate professional medical
    personalized individualized personal advice guidance diagnosis treatment evaluation assessment plan options care
    help
    recommendation recommendations information opinion accurate specific situation case condition concerns concern needs
    symptoms individual consult consulting consultation see contact talk speak ask visit call doctor physician provider
    healthcare health professional specialist pharmacist team s if have questions question as soon possible who can will
    provide give determine discuss them they also get seek seeking advising therefore however so based their his her
    circumstances history do not hesitate let know could may might must need reach out up follow discussing"""
)
# "They understand your worry, but most people with flu recover": kind words first, and then a claim.
_LET_KNOW = re.compile(r"\b(?:hesitate|let\s+(?:us|me|them)\s+know|reach\s+out|questions|concerns)\b", re.IGNORECASE)
_KIND = frozenset(["empathy", "greeting"])
_TURN = re.compile(r",?\s+(?:but|however|and\s+(?:they|it|the|your|that))\s+|;\s*", re.IGNORECASE)


def _says_more(text: str, end: int) -> bool:
    """Whether a claim follows the kind words."""
    turn = _TURN.search(text, end)
    return turn is not None and is_concrete(text[turn.end() :]) and not _LET_KNOW.search(text, turn.end())


def not_checkworthy(sentence: str, *, has_predicate: bool = True) -> str | None:
    """Why a sentence is not worth checking; None where it is.

    Parameters
    ----------
    sentence : str
        One sentence as it was said.
    has_predicate : bool
        Whether the parser found a verb in it; without one there is nothing to check.

    Returns
    -------
    str or None
        One of :data:`halueval.records.NOT_CHECKWORTHY_REASONS`.

    Examples
    --------
    >>> [not_checkworthy(s) for s in ("Take it with food.", "Please consult your doctor.", "How long has it lasted?")]
    [None, 'referral', 'question']
    >>> not_checkworthy("Call your doctor if the fever lasts three days.") is None
    True
    """
    text = sentence.strip()
    for reason, pattern in _RULES:
        if (match := pattern.search(text)) and not (reason in _KIND and _says_more(text, match.end())):
            return reason
    if _REFERRAL.search(text):
        plain = _SMALL_TALK.sub("", text)
        unconditional = plain != text or not _CONDITION.search(plain)
        if unconditional and sum(w not in _NOTHING_NEW for w in words(plain)) <= 1:
            return "referral"
    if is_about_the_conversation(text):
        return "meta"
    return None if has_predicate else "fragment"
