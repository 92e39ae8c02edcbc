"""Doses, ranges and units put into answers: how many come out of extraction broken?

    python benchmarks/claims/phrases.py --count 2400 --seed 1

Each phrase ("up to 2.5-5 mg every 8 hours for 7 days") is written into a sentence with lists, clauses,
brackets and bullets
around it. It is *lost* where no claim holds all of it, and *corrupted* where a claim holds a number outside a whole
phrase.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from halueval.claim_extraction import RulesExtractor
from halueval.records import Response

DRUGS = (
    "warfarin",
    "amoxicillin",
    "ibuprofen",
    "metformin",
    "lisinopril",
    "prednisone",
    "levothyroxine",
    "vitamin D",
    "insulin glargine",
    "Tylenol",
)
UNITS = ("mg", "mcg", "g", "mL", "units", "IU", "mg/kg", "mmol/L", "mg/dL", "%", "mmHg", "kcal", "tablets", "µg", "mEq")
AMOUNTS = ("0.5", "2.5", "5", "10", "12.5", "25", "75", "100", "250", "500", "1,000", "1200", "0.125", "40", "81")
RANGES = ("2.5-5", "5–10", "10 to 20", "25-50", "100 to 200", "0.5–1", "250-500", "70 to 80")
BETWEEN = ("between 5 and 10", "between 2.5 and 7.5", "between 100 and 200")
COMPARATORS = (
    "up to",
    "at least",
    "at most",
    "no more than",
    "less than",
    "more than",
    "about",
    "approximately",
    "a maximum of",
    "not more than",
    "fewer than",
    ">",
    "≤",
    "<",
)
FREQUENCIES = (
    "once daily",
    "twice a day",
    "three times daily",
    "every 8 hours",
    "every 4 to 6 hours",
    "every other day",
    "b.i.d.",
    "per day",
    "once a week",
    "four times per day",
)
PRESSURES = (
    "120/80 mm Hg",
    "134/84 mmHg",
    "160/100 mm Hg",
    "at least 140/90 mm Hg",
    "130 to 139 mm Hg",
    "94/min",
    "20 breaths/min",
)
DURATIONS = ("for 7 days", "for 10-14 days", "for at least 2 weeks", "for 3 months")
TEMPLATES = (
    "Take {p} with food and avoid alcohol.",
    "The usual dose of {d} is {p}, but children need less.",
    "Adults can take {p} of {d}, and older people should ask first.",
    "{d} can cause headache, nausea and dizziness when {p} is taken.",
    "Side effects of {d} at {p} include rash, itching, and swelling of the lips.",
    "{d} ({p}) is used to treat pain, fever and inflammation.",
    "If the pain does not get better, take {p}, rest, and drink plenty of water.",
    "Doctors often start with {p} and increase the dose slowly.",
    "It is important to note that {p} should not be exceeded, as higher doses damage the liver.",
    "{d} lowers blood pressure and, at {p}, also protects the kidneys.",
    "Options include {d} {p}, cold packs, and rest.",
    "Do not take {p} or drink alcohol with it.",
    "While {p} is safe for adults, it is too much for infants.",
    "Children need {p}, which is given by mouth.",
    "{d}, given at {p}, reduces swelling, relieves pain and improves sleep.",
    "You can use {d} at {p} or apply a cream such as hydrocortisone, calamine, or menthol.",
    "The following help:\n- {d}: {p}\n- rest and fluids\n",
    "Call your doctor if:\n- you need {p}\n- the fever lasts\n",
    "**Dose:** {p} of {d}, taken with food or milk.",
    "Without food, {p} can upset the stomach, cause vomiting, and lead to ulcers.",
    "Patients took {p}, and neither fever nor cough was seen.",
    "A reading of {p} is normal, since treatment with {d} only starts later.",
    "It is {p} today, so be careful with salt, and the drug can still be changed.",
    "A level of {p} is normal, whereas a higher one means that the kidneys are failing.",
)
TWO = (
    "Adults take {p} and children take {q}.",
    "{d} is given as {p} or {q}.",
    "Start with {p}, then increase to {q} and keep that dose.",
    "Use {p} in the morning and {q} at night, with food and water.",
    "The dose is {p} for adults, {q} for children, and less for infants.",
    "Tablets of {p} and {q} are available, and both can be split.",
)


@dataclass(frozen=True)
class Case:
    text: str
    phrases: tuple[str, ...]
    kind: str


def phrase(rng: random.Random) -> tuple[str, str]:
    """A phrase and what kind it is."""
    unit = rng.choice(UNITS)
    space = "" if unit == "%" else rng.choice((" ", " ", ""))
    if unit in ("tablets", "units"):
        space = " "
    kind = rng.choice(("plain", "range", "between", "comparator", "frequency", "course", "count", "times", "pressure"))
    amount = rng.choice(AMOUNTS)
    if kind == "plain":
        said = f"{amount}{space}{unit}"
    elif kind == "range":
        said = f"{rng.choice(RANGES)}{space}{unit}"
    elif kind == "between":
        said = f"{rng.choice(BETWEEN)} {unit}"
    elif kind == "comparator":
        said = f"{rng.choice(COMPARATORS)} {amount} {unit}"
    elif kind == "frequency":
        said = f"{amount} {unit} {rng.choice(FREQUENCIES)}"
    elif kind == "course":
        said = f"{rng.choice((amount, rng.choice(RANGES)))} {unit} {rng.choice(FREQUENCIES)} {rng.choice(DURATIONS)}"
    elif kind == "pressure":
        said = rng.choice(PRESSURES)
    elif kind == "count":
        said = f"2 x {amount} {unit}"
    else:
        said = f"{amount} {unit} {rng.choice(('three', 'two', 'four'))} times a day"
    return said, kind


def cases(count: int, seed: int) -> Iterator[Case]:
    """``count`` phrases in answers; the same seed gives the same ones."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        drug = rng.choice(DRUGS)
        first, kind = phrase(rng)
        if rng.random() < 0.25:
            second, _ = phrase(rng)
            text = rng.choice(TWO).format(p=first, q=second, d=drug)
            said: tuple[str, ...] = (first, second)
        else:
            text = rng.choice(TEMPLATES).format(p=first, d=drug)
            said = (first,)
        made += len(said)
        yield Case(text[:1].upper() + text[1:], said, kind)


def verdict(case: Case, claims: list[str]) -> str:
    """ "kept", "lost" or "corrupted"."""
    tidy = [_tidy(c) for c in claims]
    phrases = sorted(map(_tidy, case.phrases), key=len, reverse=True)
    for claim in tidy:
        rest = claim
        for said in phrases:
            rest = rest.replace(said, " ")
        if any(c.isdigit() for c in rest):
            return "corrupted"
    return "kept" if all(any(said in claim for claim in tidy) for said in phrases) else "lost"


def _tidy(text: str) -> str:
    return " ".join(text.lower().replace("*", "").split()).rstrip(".")


def run(count: int, seed: int) -> tuple[Counter[str], list[tuple[Case, str, list[str]]]]:
    """How many cases were kept, lost or corrupted, and those that were not kept."""
    made = list(cases(count, seed))
    extractions = RulesExtractor().extract([Response(str(k), case.text) for k, case in enumerate(made)])
    tally: Counter[str] = Counter()
    bad = []
    for case, extraction in zip(made, extractions, strict=True):
        claims = [claim.text for claim in extraction.claims]
        outcome = verdict(case, claims)
        tally[outcome] += len(case.phrases)
        if outcome != "kept":
            bad.append((case, outcome, claims))
    return tally, bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2400, help="phrases to generate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=10, help="failures to print")
    args = parser.parse_args()
    tally, bad = run(args.count, args.seed)
    for case, outcome, claims in bad[: args.show]:
        print(f"{outcome}: {case.phrases} in {case.text!r}\n    {claims}")
    total = sum(tally.values())
    print(f"{total} phrases: kept {tally['kept']}, lost {tally['lost']}, corrupted {tally['corrupted']}")
    return 1 if tally["lost"] + tally["corrupted"] else 0


if __name__ == "__main__":
    sys.exit(main())
