"""Words that keep a statement the same, turn it round, or leave it open: the tables behind the quantities verifier.

Stricter than :mod:`halueval.verifiers.synonyms`: words of one row may be exchanged without changing what is said,
because a verdict of *supported* rests on it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from halueval.text.drugs import find_drugs
from halueval.text.tokens import stems
from halueval.text.word_sets import word_set

__all__ = [
    "FREQUENCY_WORDS",
    "FUNCTION_WORDS",
    "HEDGES",
    "NEGATORS",
    "PHRASES",
    "RESERVATIONS",
    "RESTRICTIONS",
    "TURNS",
    "direction_of",
    "key_of",
]

_SAME = """
give gave given giving receive received receives receiving administer administered administers administering
patient patients subject subjects participant participants volunteer volunteers
about approximately roughly around circa nearly
enroll enrolled enrol enrolled recruit recruited include included
observe observed see saw seen find found note noted detect detected
stay stayed stays remain remained remains
perform performed conduct conducted undertake undertook undertaken
mean average
use used using utilize utilized utilise utilised employ employed
show showed shown shows demonstrate demonstrated demonstrates reveal revealed indicate indicated indicates
obtain obtained get got
therapy treatment
drug drugs medication medications medicine medicines
child children kid kids
physician physicians doctor doctors
injury injuries
assess assessed evaluate evaluated
assign assigned allocate allocated
cause caused causes
people persons individuals
need needed needs require required requires
twice two
percent percentage
per each every
day daily
week weekly
month monthly
statistically significant significantly
tumor tumour tumors tumours
big large
further additional
disease illness
death mortality deaths died
help helps helped
common frequent commonly frequently
symptom symptoms
"""
_ROW_APART = frozenset({"statistically"})
# Category: what goes up, what goes down. Within a category the two exclude each other.
_DIRECTION_ROWS = """
amount: increase increases increased increasing rise rises rose risen rising raise raises raised raising elevate \
elevates elevated elevation elevations gain gains gained grew grow growth augment augmented | decrease decreases \
decreased decreasing decline declines declined declining reduce reduces reduced reducing reduction reductions drop \
drops dropped fall falls fell fallen diminish diminished lessen lessened lowered lowering
more: higher greater more larger bigger stronger | lower fewer less smaller weaker
length: longer prolonged prolong prolongs prolonged lengthened | shorter shortened shorten shortens
speed: faster quicker accelerated accelerates | slower slowed slows delayed
quality: better superior improve improves improved improvement improvements improving | worse inferior worsen \
worsens worsened worsening deteriorate deteriorated deterioration
level: high | low
side: above over | below under
order: before | after following
time: earlier sooner | later
age: older elderly oldest | younger youngest
extreme: maximum maximal highest most | minimum minimal lowest least
sign: positive positively | negative negatively
effect: effective efficacious | ineffective
safety: safe | unsafe dangerous harmful
odds: likely | unlikely
able: able | unable
switch: activate activates activated activation stimulate stimulates stimulated | inhibit inhibits inhibited \
inhibition suppress suppresses suppressed
start: start starts started begin begins began begun beginning commence commenced initiate initiates initiated | \
stop stops stopped discontinue discontinued cease ceased
tie: accept accepted | reject rejected
all: always | never
outcome: succeed succeeded success successful | fail failed failure unsuccessful
regulation: upregulated upregulation | downregulated downregulation
weight: heavier | lighter
"""
# Read as one word before anything else: what they mean.
PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?<![A-Za-z])(?:{pattern})(?![A-Za-z])", re.I), meaning)
    for pattern, meaning in (
        (r"not\s+only", "only"),
        (r"fail(?:ed|s)?\s+to|unable\s+to|(?:was|were|is|are)\s+unable\s+to|instead\s+of|rather\s+than", "not"),
        (r"(?:an?\s+|the\s+)?(?:absence|lack)\s+of|lack(?:s|ed|ing)?|free\s+of|devoid\s+of", "not"),
        (r"(?:do|does|did|is|are|was|were)\s?n['’]?t", "not"),
        (r"(?:has|have|had|ca|could|wo|would|should)\s?n['’]?t", "not"),
        (r"no\s+longer", "not"),
        (r"non[-\s]?significan(?P<t>t|tly|ce)|insignificant(?:ly)?", "not significant"),
        (r"no\s+statistically", "not"),
        (r"prior\s+to|in\s+advance\s+of|ahead\s+of", "before"),
        (r"subsequent\s+to", "after"),
        (r"(?:as\s+)?compared\s+(?:with|to)|in\s+comparison\s+(?:with|to)|relative\s+to|versus|vs\.?|against|in\s+contrast\s+to",
         "than"),
        (r"carried\s+out", "performed"),
        (r"study(?=\s+(?:patients?|subjects?|participants?))", ""),
        (r"in\s+total|a\s+total\s+of|(?:the\s+two|both)(?=\s+(?:groups|arms|sides|eyes|treatments|studies))", ""),
        (r"due\s+to|because\s+of|owing\s+to|on\s+account\s+of", "cause"),
        (r"random(?:ly)?\s+(?:allocated|assigned)|randomi[sz]ed|allocated\s+(?:randomly|at\s+random)", "assigned"),
        (r"(?:during|over)\s+the\s+(?:whole|entire)|throughout(?:\s+the)?", "throughout"),
        (r"in\s+spite\s+of", "despite"),
        (r"as\s+well\s+as", "and"),
        (r"(?:the\s+)?age\s+of", ""),
        (r"however|nevertheless|moreover|furthermore|in\s+addition|additionally|thus|therefore|hence|consequently|similarly|overall|"
         r"interestingly|notably|finally|in\s+conclusion|in\s+summary|indeed|also|respectively", ""),
    )
)  # fmt: skip
NEGATORS = word_set("not no never none neither nor cannot without non nt nobody nothing")
# Words of a passage that leave open what it says; with one of them it neither supports nor refutes a claim without it.
HEDGES = word_set(
    """
    if unless whether may might could perhaps possibly probably potentially hypothesis hypothesize hypothesized
    hypothesise suggest suggests suggested suggesting aim aimed aims objective purpose investigate investigated
    unclear unknown uncertain myth false falsely claim claims claimed rumor rumour believe believed thought
    alleged question questioned why how ask asked expected expect likely contrary incorrect wrong untrue
    """
)
# Words with which a passage says it of something else, or not of all; a claim without them isn't supported by it.
RESERVATIONS = HEDGES | word_set(
    """
    except can examine examined determine test tested study but although though despite however whereas while
    only rarely seldom hardly scarcely barely sometimes occasionally few would should instead rather formerly
    previously planned proposed deny denies denied until almost some
    """
)
# Say for whom or when a dose or a value holds: a sentence with one of them does not contradict a claim without it.
RESTRICTIONS = word_set(
    """
    child children childhood infant infants neonate neonates newborn newborns pediatric paediatric adolescent
    adolescents adult adults elderly older younger pregnant pregnancy women men woman man female male females
    males renal hepatic impaired impairment dialysis severe severely mild moderate initial initially maintenance
    loading starting start maximum minimum maximal minimal if when unless until oral orally intravenous
    intravenously topical inhaled subcutaneous intramuscular rectal immediate extended release first second
    third later subsequently after before followed prophylaxis prevention most rarely occasionally high low
    higher lower smokers obese athletes
    """
)
# Between two statements in one sentence; a negation on one side says nothing of the other.
TURNS = word_set(
    """
    but although though whereas while however except unless instead rather despite if because since which who
    """
)
FUNCTION_WORDS = word_set(
    """
    the a an of in on at by for with to and or was were is are be been being has have had did do does that this
    these those which who it its their his her our your they them we i you he she as from into there then than
    so such both all any s t when where during among between within via through up out level levels value values
    also very too just same own
    """
)  # fmt: skip
# Say how often or how many, and are read as quantities.
FREQUENCY_WORDS = word_set(
    """
    once twice thrice time times each every per alternate daily weekly monthly yearly nightly hourly interval
    intervals half third quarter two three four five six seven eight nine ten one
    """
)  # fmt: skip
_NUMBERS = {w: str(i) for i, w in enumerate(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
     "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"])}  # fmt: skip


def _stem(word: str) -> str:
    return stems(word)[0] if word else word


@cache
def _same() -> dict[str, str]:
    out: dict[str, str] = {}
    for row in _SAME.strip().splitlines():
        words = [w for w in row.split() if w not in _ROW_APART]
        for word in words:
            out.setdefault(_stem(word), _stem(words[0]))
    return out


@cache
def _directions() -> dict[str, tuple[str, int]]:
    out: dict[str, tuple[str, int]] = {}
    for row in _DIRECTION_ROWS.strip().splitlines():
        category, _, sides = row.partition(": ")
        for sign, words in zip((1, -1), sides.split(" | "), strict=True):
            for word in words.split():
                out.setdefault(word, (category, sign))
    return out


def direction_of(word: str) -> tuple[str, int] | None:
    """Which way a lower-cased word points: its category and +1 or -1.

    Examples
    --------
    >>> direction_of("higher"), direction_of("reduced"), direction_of("aspirin")
    (('more', 1), ('amount', -1), None)
    """
    return _directions().get(word)


@lru_cache(maxsize=65536)
def key_of(word: str) -> str:
    """The key under which a lower-cased word is compared: its synonym's stem, its direction's category, its digits.

    Examples
    --------
    >>> key_of("received") == key_of("given"), key_of("higher") == key_of("lower"), key_of("six")
    (True, True, '6')
    """
    if word in _NUMBERS:
        return _NUMBERS[word]
    direction = _directions().get(word)
    if direction is not None:
        return "<" + direction[0] + ">"
    drugs = find_drugs(word)
    if drugs:
        return "drug:" + drugs[0][1]
    stem = _stem(word) if word.isascii() or word.isalpha() else word
    return _same().get(stem, stem)
