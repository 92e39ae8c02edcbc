# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""Lists of criteria, and the words for being let in or kept out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from contrasts.registry.text import Line, drawn, key, plain, spun
from contrasts.registry.words import CONDITIONS, DISEASES, LABS, drug

__all__ = [
    "CAN",
    "CANNOT",
    "Criteria",
    "Either",
    "IN",
    "INS",
    "OUT",
    "OUTS",
    "PEOPLE",
    "TAKE",
    "WHO",
    "at_least",
    "either",
    "record_of",
    "says",
]

CAN = "[can|could|may|is allowed to|is able to]"


CANNOT = "[cannot|could not|may not|is not allowed to|is unable to]"


TAKE = "[take part in|participate in|join|enrol in|be included in|enter]"


IN = "[is eligible for|would be eligible for|can take part in|could participate in|may enter|meets the criteria of|can be included in]"


OUT = "[is not eligible for|would be ineligible for|cannot take part in|could not participate in|may not enter|is excluded from|would be excluded from]"


INS = "[are eligible for|can take part in|could participate in|may be enrolled in|can be included in|are accepted in|are allowed to join]"


OUTS = "[are not eligible for|cannot take part in|could not participate in|may not be enrolled in|are excluded from|are ineligible for|are not allowed to join]"


WHO = "[patient|patient|participant|subject|person]"


PEOPLE = "[patients|patients|participants|subjects]"


# fmt: off
_OTHERS: tuple[tuple[str, bool, str], ...] = (
    ("consent", True, "[Written informed consent|Signed informed consent form|Able to understand and sign an informed consent document|Willing and able to give informed consent]"),
    ("measurable", True, "[Measurable disease by RECIST 1.1|At least one measurable lesion|Measurable or evaluable disease]"),
    ("contraception", True, "[Women of childbearing potential must use effective contraception during the study and for [3|4|6] months afterwards|Agrees to use a highly effective method of birth control]"),
    ("ecog", True, "[ECOG performance status 0-[1|2]|ECOG [0-1|0-2|0, 1 or 2]|WHO performance status <= [1|2]]"), ("life", True, "Life expectancy of at least [3|6|12] [months|months|weeks]"),
    ("organ", True, "[Adequate bone marrow, liver and renal function|Adequate organ function as determined by the investigator]"),
    ("ecg", True, "[Normal 12-lead electrocardiogram|QTc interval <= [450|470|480] msec]"),
    ("tissue", True, "[Archival tumour tissue available for central review|Paraffin block or slides must be available]"),
    ("recovered", True, "[Recovered from the acute effects of earlier treatment to grade 1 or better|Resolution of all acute toxic effects of any prior surgery]"),
    ("oral", True, "[Able to swallow tablets|Able to swallow and retain oral medication]"),
    ("comply", True, "[Willing to comply with scheduled visits, treatment plan and laboratory tests|Available for follow-up visits]"),
    ("surgery", True, "[Scheduled to undergo surgery|Complete surgical resection with negative margins]"), ("inr", True, "[INR <= 1.[4|5]|Prothrombin time within normal limits]"),
    ("insurance", True, "[Lives within [50|60|100] km of the centre|Has a telephone at home]"),
    ("stable", True, "[Stable dose of current medication for at least [2|4|8] weeks|No change in medication in the last month]"),
    ("infection", False, "[Active infection requiring systemic antibiotics|Uncontrolled intercurrent illness|Serious active infection]"),
    ("malignancy", False, "[Other malignancy within the past [3|5] years except treated basal cell carcinoma|History of a second primary cancer]"),
    ("other trial", False, "[Participation in another clinical trial within [28|30] days|Treatment with any investigational product in the last 4 weeks]"),
    ("allergy", False, "[Known allergy to any component of the study drug|Known hypersensitivity to polysorbate]"),
    ("majorsurgery", False, "[Major surgery within [2|3|4] weeks of enrolment|Recovery from major surgery incomplete]"),
    ("transplant", False, "[Prior organ transplantation|Previous bone marrow transplant]"), ("bleeding", False, "[Bleeding diathesis or coagulopathy|Need for full-dose anticoagulation]"),
    ("steroids", False, "[Chronic use of systemic corticosteroids|Immunosuppressive therapy in the last month]"),
    ("vaccine", False, "[Live vaccine within 30 days|Vaccination with a live vaccine in the last 4 weeks]"),
    ("compliance", False, "[Any condition that, in the opinion of the investigator, would interfere with the study|Inability to comply with study procedures]"),
    ("malabsorption", False, "[Malabsorption syndrome|Gastrointestinal disease that affects absorption of oral drugs]"), ("mri", False, "[Contraindication to MRI|Claustrophobia]"),
    ("cyp", False, "[Use of strong CYP3A4 inhibitors|Concomitant strong inducers of CYP3A4]"), ("wound", False, "[Non-healing wound or ulcer|Unhealed fracture]"),
    ("prison", False, "[Prisoners or patients who are compulsorily detained|Residence in a nursing home]"),
)
# fmt: on


# fmt: off
_TAILS = (
    " [at screening|at the time of enrolment|at study entry]", " within [7|14|21|28] days [before|prior to] [registration|randomization|the first dose]",
    ", [as assessed by|in the opinion of] the local investigator at the screening visit", ", documented in the medical record by the treating physician",
    " (to be confirmed by the central laboratory before the first dose of study treatment is given)",
    "; a repeat test is permitted once during the screening period if the first result is considered to be unreliable",
    ", unless otherwise agreed in writing with the medical monitor and the principal investigator of the study",
    ". Patients who do not meet this criterion at the first visit may be screened again at a later date after consultation with the sponsor",
    ", according to institutional guidelines and the current standard of care at the participating centre",
)
# fmt: on


# fmt: off
_SEVERAL = (
    "[Inclusion Criteria:|Inclusion Criteria:|INCLUSION CRITERIA:|Inclusion criteria|Key Inclusion Criteria:|DISEASE CHARACTERISTICS:]",
    "[Exclusion Criteria:|Exclusion Criteria:|EXCLUSION CRITERIA:|Exclusion criteria|Key Exclusion Criteria:]",
)
# fmt: on


def at_least(n: str) -> str:
    return f"[Age >= {n} years|At least {n} years of age|{n} years of age or older|Aged {n} years and over|Adults {n} years or older|Patients must be {n} years old or older|Age {n} or above|{n} years and older|Age: {n} and up]"


def _filler(topics: set[str], random: Random) -> tuple[bool, str]:
    """A criterion about something else."""
    while True:
        roll = random.random()
        if roll < 0.2:
            topic, names, sense, values, unit, _ = random.choice(LABS)
            mark = {"min": ">=", "max": "<=", "both": random.choice((">=", "<="))}[sense]
            found = (
                topic,
                True,
                f"{names} [{mark}|{mark}|{'at least' if mark == '>=' else 'no more than'}] {drawn(random, *values)}{unit}",
            )
        elif roll < 0.45:
            what, _ = random.choice(CONDITIONS)
            found = (what, False, f"[History of |Known |Evidence of |Active |||]{what}")
        elif roll < 0.53:
            found = ("age", True, at_least(drawn(random, 18, 50)))
        elif roll < 0.58:
            found = ("pregnancy", False, "[Pregnant or breastfeeding|Pregnancy or lactation|Pregnant or nursing women]")
        elif roll < 0.66:
            name = drug(random)
            found = (
                name,
                False,
                f"[Prior treatment with {name}|Previous exposure to {name}|Current use of {name}|Known hypersensitivity to {name}]",
            )
        else:
            found = random.choice(_OTHERS)
        if found[0] not in topics:
            topics.add(found[0])
            return found[1], spun(found[2] + (random.choice(_TAILS) if random.random() < 0.5 else ""), random)


def _tailed(text: str, random: Random) -> str:
    return spun(text + (random.choice(_TAILS[::2][:2]) if random.random() < 0.2 else ""), random)


def record_of(random: Random, topics: set[str], let_in: list[str], keep_out: list[str]) -> list[Line]:
    """A section that says these things, among others that have to do with none of the topics."""
    disease = random.choice(DISEASES)
    count = random.choice((3, 5, 8, 10, 12, 15, 20, 25, 35))
    lists: tuple[list[Line], list[Line]] = (
        [key(_tailed(t, random)) for t in keep_out],
        [key(_tailed(t, random)) for t in let_in],
    )
    used = set(topics)
    for _ in range(count):
        good, text = _filler(used, random)
        lists[good].insert(random.randrange(len(lists[good]) + 1), plain(text))
    if "disease" not in topics:
        lists[1].insert(
            0,
            plain(
                spun(
                    f"[Histologically confirmed |Diagnosis of |Patients with |Confirmed diagnosis of ]{disease}", random
                )
            ),
        )
    mark = random.choice(("", "", "", "- ", "* "))
    out: list[Line] = []
    for good, head in ((1, _SEVERAL[0]), (0, _SEVERAL[1])):
        if lists[good]:
            out.append(Line(spun(head, random), any(x.needed for x in lists[good])))
            out += [
                Line(mark + x.text + random.choice(("", ".", ";")) if i else mark + x.text, x.needed)
                for i, x in enumerate(lists[good])
            ]
    return out


Criteria = tuple[list[str], list[str]]  # lines that let in, lines that keep out


@dataclass(frozen=True)
class Either:
    """The record that says one of two things; a row about two criteria joins two of these."""

    first: Callable[[Random], Criteria]
    second: Callable[[Random], Criteria]
    topics: frozenset[str]

    def criteria(self, state: int, random: Random) -> Criteria:
        return (self.second if state else self.first)(random)

    def __call__(self, state: int, random: Random) -> list[Line]:
        return record_of(random, set(self.topics), *self.criteria(state, random))


def either(first: Callable[[Random], Criteria], second: Callable[[Random], Criteria], *topics: str) -> Either:
    return Either(first, second, frozenset(topics))


def says(let_in: str = "", keep_out: str = "") -> Callable[[Random], tuple[list[str], list[str]]]:
    return lambda random: ([let_in] if let_in else [], [keep_out] if keep_out else [])
