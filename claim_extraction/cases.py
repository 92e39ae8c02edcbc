"""Notes about one patient: "She reports a cough" is a record, which no general evidence can support or refute.

Such claims are checkworthy only where the response brings the record along as its context. Answers that speak to the
reader ("your blood pressure is normal") and general statements ("patients with diabetes have …") are never cases.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["is_case", "is_record"]

_FLAGS = re.IGNORECASE
_WHO = r"(?:(?:the|this)\s+(?:patient|woman|man|boy|girl|infant|child)|patient|pt\.?|he|she)"
_ALSO = r"(?:(?:also|further|otherwise|currently|now|initially|occasionally|additionally|then|adamantly)\s+)?"
_OPENING = re.compile(
    r"\b(?:an?|this)\s+(?:[\w-]+\s+){0,2}?(?:\d{1,3}|[a-z]+(?:-[a-z]+)?)[-\s](?:year|month|week|day)s?[-\s]old\b"
    rf"|\b{_WHO}\s+(?:is|was)\s+an?\s+\d{{1,3}}[-\s](?:year|month)",
    _FLAGS,
)
_TOLD = re.compile(
    rf"\b{_WHO}\s+{_ALSO}(?:presents?|presented|reports?|reported|den(?:ies|ied)|complain(?:s|ed)|admits?|admitted"
    r"|states?|stated|endorse[sd]?|underwent|has\s+(?:had|been|not|a\s+(?:past|history|family)|no\s+(?:known|significant|other))"
    r"|(?:is|was)\s+(?:alert|afebrile|oriented|brought|admitted|discharged|diagnosed|found|noted|seen|started|referred"
    r"|currently|accompanied|taken)|smokes?|drinks?|lives|appears|appeared)\b",
    _FLAGS,
)
_FOUND = re.compile(
    r"\b(?:on|upon)\s+(?:physical\s+|neurological\s+)?exam(?:ination)?\b"
    r"|^(?:physical\s+)?exam(?:ination)?\s+(?:is|was|shows?|showed|reveals?|revealed|demonstrates?|demonstrated)\b"
    r"|^(?:(?:his|her|the)\s+)?(?:vital\s+signs|vitals|temperature|pulse|blood\s+pressure|heart\s+rate|respirations"
    r"|respiratory\s+rate|oxygen\s+saturation|(?:past\s+)?(?:medical|family|social|surgical)\s+history|review\s+of\s+systems"
    r"|lab(?:oratory)?s?(?:\s+\w+)?)\s+(?:is|are|was|were|shows?|showed|reveals?|revealed|includes?)\b",
    _FLAGS,
)
_SUPPOSED = re.compile(r"\b(?:if|when|whether|unless|while|once|until|suppose|imagine|example|during)\b", _FLAGS)
_READER = re.compile(r"\b(?:you|your|yours|yourself)\b", _FLAGS)
_PERSON = re.compile(rf"\b(?:{_WHO}|his|her|him|the\s+patient['’]s)\b", _FLAGS)
_GENERAL = re.compile(
    r"\b(?:usually|typically|commonly|often|generally|most\s+(?:common|patients|people|cases)|may|can|should|must"
    r"|(?:patients|people|women|men|children|adults|infants|those)\s+(?:with|who|over|under|aged)"
    r"|(?<!there\s)(?:is|are)\s+(?:used|treated|defined|characteri[sz]ed|caused|associated|known|contraindicated|an?\s|the\s))\b",
    _FLAGS,
)
_LEAST_SHARE = 0.3  # of the sentences: one remark about a patient does not make a record of an answer


def is_record(sentences: Sequence[str]) -> bool:
    """Whether an answer is a note about one patient.

    Examples
    --------
    >>> is_record(["A 40-year-old man presents with a cough.", "He denies fever."])
    True
    >>> is_record(["Your cough will pass.", "She reports that her doctor was wrong, you say."])
    False
    """
    said = [s for s in sentences if s.strip()]
    told = [bool(_OPENING.search(s[:300]) or _TOLD.search(s[:600]) or _FOUND.search(s[:300])) for s in said]
    if not any(told) or sum(bool(_READER.search(s)) for s in said) > sum(told):
        return False
    opened = bool(_OPENING.search(said[0][:300])) and not _SUPPOSED.search(said[0][:40])
    certain = sum(t and not _SUPPOSED.search(s[:80]) for s, t in zip(said, told, strict=True))
    return opened or certain >= max(1, _LEAST_SHARE * len(said))


def is_case(sentence: str) -> bool:
    """Whether a sentence of such a note is about the patient, rather than about medicine.

    Examples
    --------
    >>> is_case("Her pulse is 88/min."), is_case("Iron deficiency is usually caused by bleeding.")
    (True, False)
    """
    if any(cue.search(sentence[:600]) for cue in (_PERSON, _OPENING, _FOUND)):
        return True
    return not (_READER.search(sentence) or _GENERAL.search(sentence))
