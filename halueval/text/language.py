"""Whether a text is English, told from its script and its commonest words: the rules read nothing else."""

from __future__ import annotations

import re

from halueval.text.word_sets import word_set

__all__ = ["is_english", "language_note"]

_SAMPLE = 4_000
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("Kana", "\u3040-\u30ff\uff66-\uff9f"),
    ("Hangul", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"),
    ("Han", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"),
    ("Arabic", "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefe"),
    ("Hebrew", "\u0590-\u05ff"),
    ("Devanagari", "\u0900-\u097f"),
    ("Bengali", "\u0980-\u09ff"),
    ("Tamil", "\u0b80-\u0bff"),
    ("Telugu", "\u0c00-\u0c7f"),
    ("Thai", "\u0e00-\u0e7f"),
    ("Cyrillic", "\u0400-\u052f"),
    ("Greek", "\u0370-\u03ff\u1f00-\u1fff"),
)
_BY_SCRIPT = tuple((name, re.compile(f"[{chars}]")) for name, chars in _SCRIPTS)


# Words that are common in English and in no other language of the Latin script with which they could be confused.
_ENGLISH = word_set(
    """the and of to is are was were be been with for that this these those it its you your he she his her they their we
    our not or if from by at as an on which who what when where how why can could may might should would will shall must
    have has had do does did but than then there here also any all some no more most other such only into about after
    before during between through because while both each few many much very take taken taking help helps use used using
    usually often however include includes including between without within until under over against cause causes patients
    doctor pain blood dose daily drug treatment symptoms medication risk health"""
)
# The same for the languages of the Latin script that answers come in most often.
_FOREIGN = word_set(
    """der die das und ist nicht ein eine einen einem mit den dem von zu im für auf sich sie es wird werden bei oder auch
    als nach sind kann durch wie aus
    le la les des du et est une un dans que qui pour pas sur avec au aux sont ce cette par plus ou ne se vous votre il elle
    el los las del y es una con por para no su se al como más o pero si lo esta este puede son sin
    o os as da do dos das em não uma um com para por mais se ou pode são seu sua
    il lo gli di che è e un una per non con del della dei si da sono nel alla può anche
    het een van en is dat niet op te zijn met voor aan ook bij
    och att det som en på är av för med den inte till om
    og at det som en på er av for med den ikke til
    ja on ei että se oli mutta tai
    i w na z się nie do jest to że o jak po od
    ve bir bu için ile da de olarak çok
    và là của có không được cho các một trong
    yang dan di untuk dengan tidak ini dari dalam pada atau adalah"""
) - word_set("is an on at to no do for by as in or a i it we he me be if so us go of")


def is_english(text: str) -> bool:
    """Whether a text is English, or has nothing in it that says otherwise.

    Judged by its first 4,000 characters: most letters are Latin, and of the commonest words of English and of its
    neighbours those of English are at least as many. A short Latin text without any of either (a drug's name, "5 mg
    daily") counts as English: the rules lose nothing on it.

    Parameters
    ----------
    text : str
        Any text; one without letters counts as English.

    Examples
    --------
    >>> is_english("Take it with food."), is_english("请每日服用两次。"), is_english("No tome este medicamento con la comida.")
    (True, False, False)
    """
    sample = text[:_SAMPLE]
    if _main_script(sample) is not None:
        return False
    if sample.isascii() and len(sample) < 3:
        return True
    english = foreign = 0
    for word in _WORD.findall(sample.lower()):
        english += word in _ENGLISH
        foreign += word in _FOREIGN
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
    """The script that outweighs the Latin letters, None for Latin. A sign of Han weighs as much as two letters."""
    if sample.isascii():
        return None
    letters = sum(len(w) for w in _WORD.findall(sample))
    counts = {name: len(pattern.findall(sample)) for name, pattern in _BY_SCRIPT}
    other = sum(counts.values())
    dense = counts["Han"] + counts["Kana"] + counts["Hangul"]
    latin = letters - other
    if other == 0 or other + dense <= latin:
        return None
    if counts["Kana"] * 5 > counts["Han"]:
        return "Kana" if counts["Kana"] else max(counts, key=lambda name: counts[name])
    return max(counts, key=lambda name: counts[name])
