"""Claims for ``guard.py``, all made up for it: templates whose slots are changed one at a time, and rewordings.

The claims are English of the kind that answers hold, not statements anybody should believe.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["DANGERS", "FURTHER", "Made", "dangerous", "made", "reworded"]

SLOTS: dict[str, tuple[str, ...]] = {
    "drug": (
        "ibuprofen",
        "acetaminophen",
        "metformin",
        "warfarin",
        "amoxicillin",
        "lisinopril",
        "sertraline",
        "prednisone",
        "atorvastatin",
        "hydroxyzine",
        "hydralazine",
        "clonidine",
        "clonazepam",
        "bupropion",
        "buspirone",
        "tramadol",
        "prednisolone",
        "cetirizine",
        "levothyroxine",
        "omeprazole",
        "albuterol",
        "furosemide",
        "zanubrutinib",
    ),
    "other": (
        "naproxen",
        "aspirin",
        "glipizide",
        "apixaban",
        "azithromycin",
        "losartan",
        "fluoxetine",
        "dexamethasone",
        "rosuvastatin",
        "loratadine",
        "diltiazem",
        "gabapentin",
        "trazodone",
        "celecoxib",
        "placebo",
        "usual care",
    ),
    "dose": (
        "5 mg",
        "10 mg",
        "50 mg",
        "100 mg",
        "500 mg",
        "1.5 g",
        "2.5 mg",
        "0.25 mg",
        "250 mcg",
        "75 mcg",
        "1,000 mg",
        "20 mL",
        "4 g",
        "40 units",
        "1,200 mg",
        "2 tablets",
        "7.5 mg",
        "30 mEq",
        "25 mg",
        "62.5 mg",
    ),
    "freq": (
        "once daily",
        "twice a day",
        "three times a day",
        "four times a day",
        "once a week",
        "every 8 hours",
        "every 12 hours",
        "every other day",
        "once a month",
        "twice weekly",
        "every 6 hours",
    ),
    "pop": (
        "adults",
        "children",
        "pregnant women",
        "older adults",
        "infants",
        "patients with diabetes",
        "men",
        "women",
        "people with asthma",
        "adolescents",
        "healthy volunteers",
        "breastfeeding women",
    ),
    "cond": (
        "hypertension",
        "asthma",
        "migraine",
        "type 2 diabetes",
        "pneumonia",
        "gout",
        "hypothyroidism",
        "heart failure",
        "hepatitis B",
        "hepatitis C",
        "type 1 diabetes",
        "hyperthyroidism",
        "hypotension",
        "psoriasis",
    ),
    "harm": (
        "nausea",
        "dizziness",
        "liver injury",
        "a dry cough",
        "headache",
        "diarrhea",
        "weight gain",
        "drowsiness",
        "hyperkalemia",
        "hypokalemia",
        "constipation",
        "seizures",
    ),
    "event": (
        "stroke",
        "heart attack",
        "gastrointestinal bleeding",
        "death",
        "hip fracture",
        "kidney failure",
        "relapse",
        "venous thrombosis",
        "hospital admission",
    ),
    "marker": ("blood pressure", "fasting glucose", "LDL cholesterol", "heart rate", "serum potassium", "CRP", "HbA1c"),
    "share": ("5%", "12%", "30%", "0.4%", "2.5%", "48%", "75%"),
    "days": ("3 days", "5 days", "7 days", "10 days", "14 days", "6 weeks", "12 weeks", "3 months", "2 years"),
    "hours": ("2 hours", "4 hours", "12 hours", "36 hours", "90 minutes", "20 minutes", "5 days"),
    "age": ("6 months", "2 years", "12 years", "18 years", "65 years", "80 years"),
    "level": ("1.5 mmol/L", "3.5 mmol/L", "20 mg/dL", "7.0 mmol/L", "126 mg/dL", "2 ng/mL", "10 mIU/L"),
    "count": ("48", "212", "1,500", "30", "640", "12,000"),
    "ratio": ("1 in 10", "1 in 100", "2 in 1,000", "3 in 100", "1 in 20"),
    "bound": ("at least", "at most", "more than", "less than", "up to", "no more than", "about"),
    "limit": ("below", "above"),
    "more": ("more", "less"),
    "way": ("reduces", "increases", "does not change"),
    "did": ("reduced", "increased"),
    "better": ("more effective", "less effective", "safer", "better tolerated", "cheaper"),
    "is": ("is", "is not"),
    "should": ("should", "should not", "must", "must not", "may"),
    "may": ("may cause", "causes", "does not cause", "rarely causes", "often causes"),
    "when": ("before", "after", "during", "with", "without"),
    "meal": ("meals", "breakfast", "surgery", "exercise", "dialysis"),
    "time": ("in the morning", "in the evening", "at bedtime"),
}
TEMPLATES: tuple[str, ...] = (
    "{drug} {dose} {freq} {is} recommended for {cond} in {pop}",
    "the maximum dose of {drug} in {pop} is {dose} per day",
    "the usual dose of {drug} for {cond} is {dose} {freq}",
    "{drug} {should} be given to {pop}",
    "take {dose} of {drug} {freq} for {days}",
    "{drug} lowers {marker} {more} than {other}",
    "in a trial of {count} patients, {drug} {did} {event} by {share} compared with {other}",
    "{drug} {may} {harm} in {bound} {share} of {pop}",
    "{drug} {is} contraindicated in {pop} with {cond}",
    "the half-life of {drug} is {bound} {hours}",
    "{drug} {way} the risk of {event} in {pop}",
    "{drug} {should} be stopped {bound} {days} before surgery",
    "{drug} {is} {better} than {other} in {pop}",
    "treatment with {drug} lasts {bound} {days}",
    "{drug} takes effect within {hours}",
    "a level of {drug} {limit} {level} is toxic",
    "{drug} is started at {dose} {freq} and {should} be increased after {days}",
    "{drug} {way} the effect of {other}",
    "{ratio} patients who take {drug} develop {harm}",
    "{drug} {should} be taken {when} {meal}",
    "{drug} {should} be taken {time}",
    "patients older than {age} need {more} {drug}",
    "{drug} {dose} {is} approved for {cond}",
    "{drug} {is} used to treat {cond}",
    "{drug} can be given from the age of {age}",
    "{drug} doesn't reduce {event} in {pop}",
    "{pop} {should} receive {bound} {dose} of {drug} {freq}",
    "{drug} and {other} {should} be taken together",
    "the risk of {event} is {more} than {share} with {drug}",
    "{cond} affects {bound} {share} of {pop}",
    "after {days}, {marker} was lower with {drug} than with {other}",
    "{drug} isn't removed by dialysis",
    "{drug} passes into breast milk in {bound} {ratio} of {pop}",
    "an infusion of {drug} is given over {hours}",
)
# What is said to differ, and the slots in which it does.
DANGERS: dict[str, tuple[str, ...]] = {
    "number": ("dose", "share", "days", "hours", "age", "level", "count", "ratio"),
    "unit": ("dose", "days", "hours", "level", "age"),
    "comparator": ("bound", "limit"),
    "negation": ("is", "should", "way", "may"),
    "drug": ("drug", "other"),
}
FURTHER: dict[str, tuple[str, ...]] = {
    "direction": ("way", "did", "more", "better"),
    "hedge": ("may", "should"),
    "population": ("pop",),
    "condition or event": ("cond", "event", "harm", "marker"),
    "frequency": ("freq",),
    "timing": ("when", "time", "meal"),
    "sides exchanged": ("drug", "other"),
    "tense": (),
}
_UNITS = (
    ("mg", "mcg"),
    ("mg", "g"),
    ("mcg", "mg"),
    ("g", "mg"),
    ("mL", "L"),
    ("units", "mg"),
    ("mg", "mL"),
    ("mg", "mg/kg"),
    ("tablets", "capsules"),
    ("days", "weeks"),
    ("weeks", "months"),
    ("hours", "minutes"),
    ("minutes", "hours"),
    ("months", "years"),
    ("years", "months"),
    ("hours", "days"),
    ("mmol/L", "mg/dL"),
    ("mg/dL", "mmol/L"),
    ("mEq", "mg"),
    ("ng/mL", "mcg/mL"),
    ("mIU/L", "IU/L"),
    ("days", "hours"),
    ("g", "kg"),
    ("mmol/L", "mol/L"),
)
_SIGNS_OF_NO = (
    ("is", "is not"),
    ("should", "should not"),
    ("must", "must not"),
    ("causes", "does not cause"),
    ("may cause", "may not cause"),
    ("reduces", "does not reduce"),
    ("increases", "does not increase"),
    ("may", "may not"),
    ("rarely causes", "never causes"),
    ("often causes", "does not often cause"),
)


@dataclass(frozen=True)
class Made:
    """A claim with what stands in its slots."""

    template: str
    values: dict[str, str]

    def text(self, **changed: str) -> str:
        """The claim, with other values in some slots."""
        said = self.template.format(**{**self.values, **changed})
        return said[0].upper() + said[1:] + "."


def made(chance: random.Random) -> Made:
    """A claim drawn at random."""
    template = chance.choice(TEMPLATES)
    names = re.findall(r"{(\w+)}", template)
    return Made(template, {name: chance.choice(SLOTS[name]) for name in names})


def dangerous(one: Made, kind: str, chance: random.Random) -> str | None:
    """A neighbour of a claim that differs in one thing of a kind; None where it has no such thing."""
    if kind == "tense":
        said = one.text()
        turned = re.sub(r"\b(is|reduces|increases|lowers|affects|was)\b", lambda m: _TENSES[m[1]], said, count=1)
        return turned if turned != said else None
    if kind == "sides exchanged":
        if not {"drug", "other"} <= one.values.keys() or " and {other}" in one.template:
            return None
        return one.text(drug=one.values["other"], other=one.values["drug"])
    slots = [slot for slot in {**DANGERS, **FURTHER}[kind] if slot in one.values]
    if not slots:
        return None
    slot = chance.choice(slots)
    value = _CHANGES.get(kind, _another)(one.values[slot], slot, chance)
    changed = one.text(**{slot: value}) if value is not None else None
    return changed if changed != one.text() else None


_TENSES = {
    "is": "was",
    "reduces": "reduced",
    "increases": "increased",
    "lowers": "lowered",
    "affects": "affected",
    "was": "is",
}


_ONE_BOUND = ("at most", "up to", "no more than")  # three ways to say the same


def _another(value: str, slot: str, chance: random.Random) -> str | None:
    same = _ONE_BOUND if value in _ONE_BOUND else (value,)
    return chance.choice([other for other in SLOTS[slot] if other not in same])


def _number(value: str, slot: str, chance: random.Random) -> str:
    found = list(re.finditer(r"\d[\d,]*(?:\.\d+)?", value))
    at = chance.choice(found)
    number = float(at.group().replace(",", ""))
    new = chance.choice((number * 10, number / 10, number + 1, number * 2, number / 2, number + 0.5, number * 100))
    written = f"{new:,.10g}"
    return value[: at.start()] + written + value[at.end() :]


def _unit(value: str, slot: str, chance: random.Random) -> str | None:
    fitting = [(a, b) for a, b in _UNITS if re.search(rf"\b{a}$", value)]
    if not fitting:
        return None
    a, b = chance.choice(fitting)
    return re.sub(rf"\b{a}$", b, value)


def _no(value: str, slot: str, chance: random.Random) -> str | None:
    pairs = dict(_SIGNS_OF_NO) | {b: a for a, b in _SIGNS_OF_NO}
    return pairs.get(value)


_Change = Callable[[str, str, random.Random], "str | None"]
_CHANGES: dict[str, _Change] = {"number": _number, "unit": _unit, "negation": _no}

# Rewordings: a pattern, and what may stand there instead. Written from how people put things, not from the guard's
# tables: some are beyond it.
_MEALS = "meals|breakfast|surgery|exercise|dialysis"
_REWORDINGS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "frequency": (
        (r"\bonce daily\b", ("once a day", "once per day", "one time a day", "once each day")),
        (
            r"\btwice a day\b",
            ("two times daily", "twice daily", "two times a day", "twice per day", "b.i.d.", "2 times a day"),
        ),
        (r"\bthree times a day\b", ("3 times daily", "three times daily", "thrice daily", "tid", "3 times per day")),
        (r"\bfour times a day\b", ("4 times daily", "four times daily", "four times per day")),
        (r"\bonce a week\b", ("once weekly", "once per week", "one time per week")),
        (r"\bevery (\d+) hours\b", (r"q\1h", r"every \1 h", r"every \1 hrs", r"\1-hourly")),
        (r"\bevery other day\b", ("every second day", "on alternate days")),
        (r"\btwice weekly\b", ("twice a week", "two times a week", "2 times per week")),
        (r"\bper day\b", ("daily", "a day", "each day", "in 24 hours")),
    ),
    "writing of quantities": (
        (r"(\d) (mg|mcg|g|mL|mmol/L|mEq)\b", (r"\1\2", r"\1-\2")),
        (r"\bmg\b(?!/)", ("milligrams", "MG")),
        (r"\bmcg\b", ("µg", "micrograms", "ug")),
        (r"\b1,000 mg\b", ("1000 mg", "1 g", "1.0 g")),
        (r"\b1,200 mg\b", ("1200 mg", "1.2 g")),
        (r"\b500 mg\b", ("0.5 g", "500.0 mg")),
        (r"\b1\.5 g\b", ("1500 mg", "1,500 mg")),
        (r"\b4 g\b", ("4000 mg", "4,000 mg", "4 grams")),
        (r"(\d)%", (r"\1 %", r"\1 percent", r"\1 per cent")),
        (r"\b3 days\b", ("three days",)),
        (r"\b7 days\b", ("seven days", "one week")),
        (r"\b14 days\b", ("two weeks",)),
        (r"\b(\d+) hours\b", (r"\1 h", r"\1 hrs")),
        (r"\b2 years\b", ("two years",)),
        (r"\b2 tablets\b", ("two tablets",)),
        (r"\b1,500\b", ("1500",)),
        (r"\b12,000\b", ("12000",)),
        (r"\b1 in 10\b", ("one in ten", "1 out of 10")),
    ),
    "comparator": (
        (r"\bat least\b", ("no less than", "not less than")),
        (r"\bat most\b", ("no more than", "up to", "not more than")),
        (r"\bno more than\b", ("at most", "not more than")),
        (r"(?<!no )\bmore than (?=\d)", ("over ", "greater than ", "> ")),
        (r"\bless than (?=\d)", ("under ", "fewer than ", "below ")),
        (r"\babout (?=\d)", ("approximately ", "around ", "roughly ")),
    ),
    "contractions": (
        (r"\bis not\b", ("isn't",)),
        (r"\bshould not\b", ("shouldn't",)),
        (r"\bdoes not\b", ("doesn't",)),
        (r"\bisn't\b", ("is not",)),
        (r"\bdoesn't\b", ("does not",)),
        (r"\bmust not\b", ("mustn't",)),
    ),
    "synonyms": (
        (r"\bacetaminophen\b", ("paracetamol",)),
        (r"\balbuterol\b", ("salbutamol",)),
        (r"\baspirin\b", ("acetylsalicylic acid",)),
        (r"\bchildren\b", ("kids",)),
        (r"\bdiarrhea\b", ("diarrhoea",)),
        (r"\bhypertension\b", ("high blood pressure",)),
        (r"\bheart attack\b", ("myocardial infarction",)),
        (r"\bkidney\b", ("renal",)),
        (r"\bliver\b", ("hepatic",)),
        (r"\bbleeding\b", ("hemorrhage", "haemorrhage")),
        (r"\bhyperkalemia\b", ("hyperkalaemia",)),
        (r"\breduces\b", ("lowers", "decreases")),
        (r"\bincreases\b", ("raises", "elevates")),
        (r"\breduced\b", ("lowered", "decreased")),
        (r"\bcauses\b", ("leads to", "results in")),
        (r"\bmay cause\b", ("might cause", "may lead to")),
        (r"\bgiven\b", ("administered",)),
        (r"\bis used to treat\b", ("is used for the treatment of", "is used for treating")),
        (r"\brecommended\b", ("advised",)),
        (r"\bpatients with\b", ("people with", "patients who have")),
        (r"\bolder adults\b", ("the elderly", "older people")),
        (r"\bstopped\b", ("discontinued",)),
        (r"\bis started\b", ("is begun", "is initiated")),
        (r"\bcompared with\b", ("compared to", "versus", "relative to")),
        (r"\btreatment\b", ("therapy",)),
        (r"\bneed\b", ("require",)),
        (r"\bat bedtime\b", ("before bed",)),
        (r"\boften causes\b", ("frequently causes", "commonly causes")),
        (r"\busual\b", ("typical",)),
        (r"\bdeath\b", ("dying",)),
        (r"\btoxic\b", ("poisonous",)),
        (r"\bcontraindicated\b", ("not to be used",)),
        (r"\bdevelop\b", ("get", "experience")),
        (r"\bbefore surgery\b", ("prior to surgery", "ahead of surgery")),
        (r"\bseizures\b", ("convulsions",)),
        (r"\blasts\b", ("takes",)),
        (r"\bwomen\b", ("females",)),
        (r"\bmen\b", ("males",)),
    ),
    "moved phrases": (
        (r"^(?!.*\d in \d)(.*) (in (?:[\w -]+))\.$", (r"\2, \1.", r"\2 \1.")),
        (r"^(.*) (for (?:\d+ \w+|[a-z]+))\.$", (r"\2, \1.",)),
        (rf"^(.*) ((?:before|after|during|with|without) (?:{_MEALS}))\.$", (r"\2, \1.",)),
        (r"^In a trial of (.*?), (.*)\.$", (r"\2 in a trial of \1.",)),
        (r"^After (.*?), (.*)\.$", (r"\2 after \1.",)),
        (r"^(.*) for (.*) in ([\w ]+)\.$", (r"\1 in \3 for \2.",)),
        (r"\b(take|receive) (\S+ \S+) of (\w+)", (r"\1 \3 \2",)),
        (r"^(\w+) and (\w+) should", (r"\2 and \1 should",)),
    ),
    "lead-ins": (
        (
            r"^(?=\w)",
            (
                "Note that ",
                "In fact, ",
                "It is important to note that ",
                "Keep in mind that ",
                "Please remember: ",
                "As a reminder, ",
                "It's worth noting that ",
                "Importantly, ",
                "To summarize, ",
                "Yes, ",
                "Generally known: ",
                "The guideline says: ",
                "- ",
                "Answer: ",
            ),
        ),
    ),
    "case and punctuation": (
        (r"^(.*)\.$", (r"\1", r"\1!", r"\1 .", r'"\1."', r"(\1)", r"**\1.**")),
        (r"^.*$", ("<upper>", "<lower>")),
        (r" (?=\S+\.$)", ("  ",)),
        (r"\bthe\b ", ("",)),
    ),
    "inflection": (
        (r"\bpatients\b", ("patient",)),
        (r"\bA level\b", ("The level", "Levels")),
        (r"\bseizures\b", ("seizure",)),
        (r"\bwho take\b", ("taking",)),
        (r"\bis given\b", ("gets given",)),
        (r"\btakes effect\b", ("starts to work",)),
        (r"\bThe maximum dose of (.*?) in\b", (r"The maximal dose of \1 in", r"Maximum dose of \1 in")),
    ),
}


def reworded(one: Made, chance: random.Random) -> tuple[str, tuple[str, ...]] | None:
    """A claim said in other words, one to three changes of kinds that are named; None where none fits."""
    said, done = one.text(), []
    kinds = chance.sample(list(_REWORDINGS), chance.choice((1, 1, 2, 3)))
    for kind in sorted(kinds, key=lambda kind: kind != "moved phrases"):  # a lead-in comes before what was moved
        fitting = [(p, to) for p, to in _REWORDINGS[kind] if re.search(p, said)]
        if not fitting:
            continue
        pattern, several = chance.choice(fitting)
        to = chance.choice(several)
        if to in ("<upper>", "<lower>"):
            new = said.upper() if to == "<upper>" else said.lower()
        else:
            new = re.sub(pattern, to, said, count=1)
        if new != said:
            said = new
            done.append(kind)
    return (said, tuple(sorted(done))) if done else None
