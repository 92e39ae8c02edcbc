"""Finite forms of the participles that open a clause: "reducing" becomes "reduces", "reduce" or "may reduce"."""

from __future__ import annotations

import re

from halueval.text.word_sets import word_set

__all__ = ["base_form", "finite", "third_person"]

_IRREGULAR = {
    "being": "be",
    "having": "have",
    "doing": "do",
    "going": "go",
    "lying": "lie",
    "dying": "die",
    "tying": "tie",
    "seeing": "see",
    "agreeing": "agree",
    "freeing": "free",
}
_KEEPS_DOUBLE = re.compile(r"(?:ll|ss|ff|zz)$")
_DOUBLED = re.compile(r"([bdgklmnprt])\1$")
# Stems that take their e back and whose spelling does not show it.
_E_STEMS = word_set(
    """mak tak us caus reduc decreas increas improv reliev involv produc introduc induc enhanc influenc balanc releas
    provid decid guid invad includ exclud requir acquir inspir promot not dilut contribut distribut execut creat
    activat stimulat regulat eliminat alleviat facilitat indicat separat elevat accumulat moderat mitigat
    exacerbat complicat irritat medicat hydrat dehydrat evaluat estimat rat hat relat translat operat generat
    inhal exhal chang challeng damag manag encourag discourag engag charg discharg enlarg merg emerg urg driv
    giv liv mov remov prov hav achiev receiv believ observ preserv serv reserv starv arriv deriv surviv describ
    prescrib imbib absorb writ ignit excit invit unit compet delet complet secret excret combin examin determin
    defin declin refin shin combin lin min imagin tun immuniz minimiz maximiz stabiliz neutraliz optimiz
    normaliz metaboliz hospitaliz recogniz specializ utiliz sensitiz oxidiz ris rais advis exercis revis los
    clos choos dos diagnos expos impos compos suppos purchas chas eas diseas leas paus abus confus infus refus
    diffus pleas nurs sens respons collaps laps relaps replac plac trac fac embrac forc enforc pronounc announc
    notic practic sacrific slic juic induc experienc referenc breath bath sooth loath aggravat dissipat penetrat
    shap escap scrap hop cop typ wip smok strok evok provok bak shak wak lik hik stor restor ignor explor scor
    car compar prepar shar star spar fir hir tir wir cur secur endur injur figur measur pressur ensur assur
    capsul handl struggl tickl troubl doubl enabl disabl settl battl tackl crumbl stumbl hustl bottl rul schedul
    fil pil smil compil whil sampl coupl tripl multipl bubbl cycl recycl circl tangl singl regul nam tam fram
    blam sham consum assum resum presum volum tim prim overcom becom com hom chrom trad fad wad upgrad persuad
    evad rid hid div collid coincid rid sid resid preclud conclud intrud cod erod explod mod wid continu rescu
    valu argu pursu issu ceas cleans rins tens fus pos purg lung plung rang arrang exchang sing ting voic dress
    mut promot quot vot dot devot cit recit"""
)


_OF_ONE = {"are": "is", "were": "was", "have": "has", "'re": "'s", "’re": "’s"}


def base_form(participle: str) -> str:
    """The base form of an English -ing participle, by spelling.

    Examples
    --------
    >>> [base_form(w) for w in ("reducing", "stopping", "slowing", "lying", "preventing", "causing")]
    ['reduce', 'stop', 'slow', 'lie', 'prevent', 'cause']
    """
    if participle in _IRREGULAR:
        return _IRREGULAR[participle]
    stem = participle[:-3]
    if (
        stem in _E_STEMS
        or re.search(r"(?:[^aeiou]at|iz|[uc]|v|[aeiou]s|ns|ang|dg)$", stem)
        and stem not in ("focus", "treat", "eat")
    ):
        return stem + "e"
    if _DOUBLED.search(stem) and not _KEEPS_DOUBLE.search(stem):
        return stem[:-1]
    return stem


def finite(participle: str, plural: bool, modal: str = "") -> str:
    """The present tense that goes with the subject, or the bare form after a modal verb.

    Examples
    --------
    >>> finite("enhancing", False), finite("lying", True), finite("carrying", False), finite("causing", False, "may")
    ('enhances', 'lie', 'carries', 'may cause')
    """
    base = base_form(participle)
    if modal:
        return f"{modal} {base}"
    if base == "be":
        return "are" if plural else "is"
    return base if plural else third_person(base)


def third_person(base: str) -> str:
    """What one thing does, of a verb said of several.

    Examples
    --------
    >>> [third_person(v) for v in ("are", "were", "have", "carry", "reach", "cause")]
    ['is', 'was', 'has', 'carries', 'reaches', 'causes']
    """
    if base in _OF_ONE:
        return _OF_ONE[base]
    if re.search(r"[^aeiou]y$", base):
        return base[:-1] + "ies"
    return base + ("es" if re.search(r"(?:s|x|z|ch|sh|o)$", base) else "s")
