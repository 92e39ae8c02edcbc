"""Whether a text is English, told from its script and its commonest words: the rules read nothing else."""

from __future__ import annotations

import re

from halueval.text.word_sets import word_set

__all__ = ["is_english", "language_note"]

_SAMPLE = 4_000
_WORD = re.compile(r"[^\W\d_]+")
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("Kana", "\u3040-\u30ff\uff66-\uff9f"),
    ("Hangul", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"),
    ("Han", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"),
    ("Arabic", "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefe"),
    ("Hebrew", "\u0590-\u05ff"),
    ("Devanagari", "\u0900-\u097f"),
    ("Bengali", "\u0980-\u09ff"),
    ("Gurmukhi", "\u0a00-\u0a7f"),
    ("Gujarati", "\u0a80-\u0aff"),
    ("Tamil", "\u0b80-\u0bff"),
    ("Telugu", "\u0c00-\u0c7f"),
    ("Kannada", "\u0c80-\u0cff"),
    ("Malayalam", "\u0d00-\u0d7f"),
    ("Thai", "\u0e00-\u0e7f"),
    ("Burmese", "\u1000-\u109f"),
    ("Georgian", "\u10a0-\u10ff"),
    ("Ethiopic", "\u1200-\u137f"),
    ("Khmer", "\u1780-\u17ff"),
    ("Armenian", "\u0530-\u058f"),
    ("Cyrillic", "\u0400-\u052f"),
    ("Greek", "\u0370-\u03ff\u1f00-\u1fff"),
)
_BY_SCRIPT = tuple((name, re.compile(f"[{chars}]")) for name, chars in _SCRIPTS)
# A character of these says as much as a short word of the others.
_DENSE = ("Han", "Kana", "Hangul")
_DENSE_WEIGHT = 3

# Words common in English and in no other language of the Latin script that they could be taken for.
_ENGLISH = word_set(
    """the and of to is are was were be been with for that this these those it its you your he she his they their we our
    not if from by at as an on which who what when where how why can could may might should would will shall must have
    has had do does did but than then there here also any all some more most other such only into about after before
    during between through because while both each few many much very take taken taking help helps use used using
    usually often however include includes including without within until under over against cause causes patients
    doctor pain blood dose daily drug treatment symptoms medication risk health"""
)
# The same for the languages of the Latin script that answers come in most often, without what English has too.
_FOREIGN = word_set(
    """
    der die das und ist nicht ein eine einen einem mit den dem von zu im für auf sich sie es wird werden bei oder auch
    als nach sind kann durch wie aus ihre
    le la les des du et est une dans que qui pour pas sur avec au aux sont ce cette par plus ou ne se vous votre il
    elle
    el los las del y una con para su al como más o pero si lo esta este puede son sin
    os da dos das em não uma um mais pode são seu sua
    gli di che è della dei nel alla può anche sono
    het een van en dat niet op te zijn met voor aan ook bij
    och att som på är av för den inte till om og ikke til
    ja ei että oli mutta tai
    w na z się nie jest że jak od
    ve bir bu için ile çok
    và là của có không được cho các một trong
    yang dan untuk dengan tidak ini dari dalam pada atau adalah
    """
) - word_set("a as at be do he i in is it me of on so to us we an or by no")


def is_english(text: str) -> bool:
    """Whether a text is English, or has nothing in it that says otherwise.

    Judged by its first 4,000 characters: most of what is written is in Latin letters, and of the commonest words of
    English and of its neighbours those of English are at least as many. A Latin text without any of either (a drug's
    name, "5 mg daily") counts as English: the rules lose nothing on it.

    Parameters
    ----------
    text : str
        Any text; one without letters counts as English.

    Examples
    --------
    >>> is_english("Take it with food."), is_english("请每日服用两次。"), is_english("No lo tome con la comida.")
    (True, False, False)
    """
    sample = text[:_SAMPLE]
    if _main_script(sample) is not None:
        return False
    words = _WORD.findall(sample.lower())
    english = sum(word in _ENGLISH for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    accented = sum(_ACCENTED.search(word) is not None for word in words)
    if accented > 1 and accented * 4 >= len(words):  # more than the names of people and diseases bring along
        foreign += accented
    return foreign == 0 or english >= foreign


def language_note(text: str) -> str | None:
    """What the report says of a text that is not English; None for one that is.

    Examples
    --------
    >>> language_note("请每日服用两次。")
    'not English (mostly Han): its sentences are the claims'
    """
    if is_english(text):
        return None
    script = _main_script(text[:_SAMPLE]) or "Latin"
    return f"not English (mostly {script}): its sentences are the claims"


def _main_script(sample: str) -> str | None:
    """The script that outweighs the Latin letters; None where none does."""
    if sample.isascii():
        return None
    counts = {name: len(pattern.findall(sample)) for name, pattern in _BY_SCRIPT}
    latin = sum(map(len, _WORD.findall(sample))) - sum(counts.values())
    weight = sum(count * (_DENSE_WEIGHT if name in _DENSE else 1) for name, count in counts.items())
    if weight <= max(latin, 0):
        return None
    if counts["Kana"] * 5 > counts["Han"]:  # Japanese is written in both
        counts["Han"] = 0
    return max(counts, key=lambda name: counts[name])
