"""Words that may be exchanged in a claim without changing what has to be checked.

Stricter than the tables of the verifiers: those say what a passage is about, these decide that a verdict on one claim
is a verdict on another. Tenses stay apart, brand names stay apart from each other and from their substance (one of two
brands may be approved for what the other isn't), and so do "may", "can" and "does". A word that is in no row is itself
alone.
"""

from __future__ import annotations

import re
from functools import cache

from halueval.text.word_sets import word_set

__all__ = ["plain_word"]

# One row, one meaning and one inflection, American spelling; endings of plurals and third persons are gone by then.
_ROWS = """
child kid
doctor physician
people person individual
woman female
man male
baby infant
medicine medication drug
kidney renal
liver hepatic
lung pulmonary
heart cardiac
therapy treatment
ache pain
itching pruritus
bleeding hemorrhage
fiber fibre
center centre
liter litre
aluminum aluminium
reduce decrease lower
reduced decreased lowered
reducing decreasing lowering
increase raise elevate
increased raised elevated
increasing raising elevating
higher greater
start begin commence initiate
started commenced initiated
starting beginning commencing initiating
stop discontinue cease
stopped discontinued ceased
stopping discontinuing ceasing
use utilize
used utilized
using utilizing
give administer
given administered
giving administering
need require
needed required
show demonstrate
shown demonstrated
happen occur
help assist
recommended advised
recommend advise
may might
often frequently commonly
frequent common
rarely seldom infrequently
usually typically generally normally
usual typical
maximum maximal
minimum minimal
seizure convulsion
toxic poisonous
dangerous hazardous
crucial vital
adequate sufficient
inadequate insufficient
quickly rapidly
quick rapid fast
large big
additional further
prior previous
in among amongst
while whilst
worsen aggravate exacerbate
worsened aggravated exacerbated
lessen alleviate ease relieve
evaluate assess
evaluated assessed
nearly almost
fatal lethal deadly
each every
speed accelerate
persist last
immediately promptly
advice counsel
cesarean cesarian
risk likelihood chance probability
dose dosage
orally oral
intravenously intravenous iv
subcutaneously subcutaneous
intramuscularly intramuscular
gastric stomach
vomiting emesis
fatigue tiredness
fever pyrexia
newborn neonate
adolescent teenager
influenza flu
varicella chickenpox
disease illness sickness
aging ageing
gray grey
license licence
program programme
labeled labelled
labeling labelling
enroll enrol
"""
_NOT_PLURAL = word_set(
    """aids means news goods odds sometimes does has was is as his its this us thus plus versus perhaps besides always
    less across pants arms glasses contents lows highs thanks basis"""
)
_SAID_OF = word_set(
    "is are 's be been being was were am will would shall should can could may might must do does did had have has"
)
# "is" and "are", "has" and "have": number, not tense.
_IRREGULAR = {
    "are": "is", "am": "is", "were": "was", "has": "have", "children": "child", "women": "woman", "men": "man",
    "babies": "infant", "feet": "foot", "teeth": "tooth",
}  # fmt: skip
# No two English words of six letters differ in these and mean different things.
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"^(?=.{6})(.*)[ao]e(?=[a-z])", r"\1e"),
        (r"(?<=.{4})is(?=(?:e|ed|er|ing|ation)$)", "iz"),
        (r"(?<=.{3})ys(?=(?:e|ed|er|ing)$)", "yz"),
        (r"(?<=.{3})our(?=(?:ed|ing|al|able)?$)", "or"),
        (r"sulph", "sulf"),
    )
)


@cache
def _same() -> dict[str, str]:
    out: dict[str, str] = {}
    for row in _ROWS.strip().splitlines():
        for word in row.split():
            out.setdefault(word, row.split()[0])
    return out


def plain_word(word: str) -> str:
    """What stands for a lower-cased word: the first of its row, in American spelling, without the ending of a plural.

    Examples
    --------
    >>> plain_word("kids"), plain_word("lowers"), plain_word("lowered"), plain_word("aids")
    ('child', 'reduce', 'reduced', 'aids')
    >>> plain_word("haemorrhage"), plain_word("tumours"), plain_word("stabilised")
    ('bleeding', 'tumor', 'stabilized')
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    base = _singular(word)
    for pattern, to in _SPELLINGS:
        base = pattern.sub(to, base)
    return _same().get(base, base)


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word in _NOT_PLURAL or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("shes", "ches", "xes", "sses", "zzes")) else word[:-1]
