# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""What the arms of a trial are given, and how a record says so."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from contrasts.registry.text import Line, plain, spun
from contrasts.registry.words import drug

__all__ = [
    "FIELDS",
    "Gift",
    "OFTEN",
    "PADDING",
    "PEOPLE",
    "ROUTES",
    "SESSIONS",
    "UNITS",
    "a_gift",
    "arms_of",
    "lasting",
    "section",
    "sentence",
    "session",
]

# fmt: off
OFTEN = (
    ("[once daily|once a day|daily|QD|every day|per day]", "[once a day|every day|daily|once daily]", 1.0),
    ("[twice daily|BID|twice a day|2 times a day|every 12 hours]", "[twice a day|two times a day|twice daily|every 12 hours]", 2.0),
    ("[three times daily|TID|three times a day|every 8 hours]", "[three times a day|every 8 hours|thrice daily]", 3.0), ("[four times daily|QID|every 6 hours]", "[four times a day|every 6 hours]", 4.0),
    ("[every other day|QOD|every 2 days]", "[every other day|every second day]", 1 / 2), ("[once weekly|once a week|weekly|every week|every 7 days]", "[once a week|every week|weekly]", 1 / 7),
    ("[every 2 weeks|every other week|Q2W|every 14 days]", "[every two weeks|every 14 days|once a fortnight]", 1 / 14),
    ("[every 3 weeks|Q3W|every 21 days|on day 1 of each 21-day cycle]", "[every three weeks|every 21 days|once in three weeks]", 1 / 21),
    ("[every 4 weeks|Q4W|every 28 days|on day 1 of each 28-day cycle]", "[every four weeks|every 28 days|once in four weeks]", 1 / 28),
)
# fmt: on


# fmt: off
ROUTES = (
    ("[orally|by mouth|PO|as oral tablets]", "[by mouth|orally|as a pill or tablet]", "[oral|oral]"),
    ("[intravenously|IV|by intravenous infusion|IV over [30|60|90] minutes]", "[intravenously|by IV|through a vein]", "[intravenous|IV]"),
    ("[subcutaneously|SC|by subcutaneous injection]", "[subcutaneously|by injection under the skin]", "[subcutaneous|SC]"),
    ("[intramuscularly|IM|by intramuscular injection]", "[intramuscularly|by injection into the muscle]", "[intramuscular|IM]"),
    ("[topically|as a topical cream|applied to the skin]", "[topically|on the skin|as a cream]", "[topical|topical]"),
    ("[by inhalation|inhaled|via inhaler]", "[by inhalation|by breathing it in]", "[inhaled|inhaled]"),
    ("[intranasally|as a nasal spray]", "[through the nose|as a nasal spray|intranasally]", "[intranasal|nasal]"),
)
# fmt: on


FIELDS = {"dose": "dose", "frequency": "often", "route": "route", "duration": "lasts"}


UNITS = ("mg", "mg", "mg", "mg", " mg", " mg/m2", " mg/kg", " mcg", " g", " mg/m^2", " IU")


SESSIONS = (
    "yoga",
    "cognitive behavioural therapy",
    "aerobic exercise",
    "acupuncture",
    "mindfulness meditation",
    "radiotherapy",
    "strength training",
    "massage",
    "telephone counselling",
    "nutrition education",
    "physiotherapy",
    "hypnosis",
)


PEOPLE = "[patients|participants|subjects]"


@dataclass(frozen=True)
class Gift:
    """What an arm is given. ``None``: the record doesn't say."""

    what: str
    dose: int | None
    unit: str
    often: int | None
    route: int | None
    lasts: str | None


def a_gift(random: Random, what: str = "") -> Gift:
    return Gift(
        what or drug(random),
        random.choice(
            (
                1,
                2,
                5,
                10,
                15,
                20,
                25,
                40,
                50,
                60,
                75,
                80,
                100,
                125,
                150,
                200,
                250,
                300,
                400,
                500,
                600,
                800,
                1000,
                1250,
                1500,
                random.randrange(1, 900),
            )
        ),
        random.choice(UNITS),
        random.randrange(len(OFTEN)),
        random.randrange(len(ROUTES)),
        lasting(random),
    )


def lasting(random: Random) -> str:
    return f"{random.choice((2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20, 24, 26, 36, 48, 52))} {random.choice(('weeks', 'weeks', 'weeks', 'months', 'months', 'days', 'cycles'))}"


def sentence(gift: Gift, random: Random) -> str:
    amount = f"{gift.dose}{gift.unit}" if gift.dose is not None else ""
    route = spun(ROUTES[gift.route][0], random) if gift.route is not None else ""
    often = spun(OFTEN[gift.often][0], random) if gift.often is not None else ""
    lasts = spun(f"for [||a total of ]{gift.lasts}", random) if gift.lasts else ""
    parts = random.choice(
        (
            (gift.what, amount, route, often, lasts),
            (amount, gift.what, route, often, lasts),
            (gift.what, route, amount, often, lasts),
        )
    )
    body = " ".join(p for p in parts if p)
    return spun(
        f"[{PEOPLE.title()} receive |{PEOPLE.title()} received |Patients were given ||]{body}", random
    ) + random.choice(("", "."))


# fmt: off
PADDING = (
    "Treatment continues in the absence of disease progression or unacceptable toxicity.", "Patients are followed up periodically for 5 years.", "laboratory biomarker analysis: Correlative studies",
    "quality-of-life assessment: Ancillary studies", "Participants are monitored for safety throughout the study.", "Dose reductions were permitted for toxicity.",
    "questionnaire administration: Ancillary studies", "Blood samples are collected at baseline and at the end of treatment.", "Participants were asked to keep a diary.",
    "pharmacological study: Correlative studies", "Randomization was stratified by centre and age group.", "After completion of study treatment, participants return for a final visit.",
    "Treatment was continued for a maximum of 12 months or until disease recurrence, unacceptable toxicity or withdrawal of consent, whichever came first.",
    "Participants undergo collection of blood and tissue samples at baseline and periodically during the study for correlative studies.",
    "Patients who have not progressed at the end of the study may continue at the discretion of the treating physician, as described in the protocol.",
    "After completion of study treatment, patients are followed up every 3 months for 2 years, every 6 months for 3 years and then once a year.",
    "Standard premedication was used according to local practice.",
)
# fmt: on


def section(
    random: Random, arms: list[list[Gift]], titles: list[str] | None = None, needed: set[int] | None = None
) -> list[Line]:
    """The section, arm by arm."""
    out: list[Line] = []
    style = random.random()
    for i, gifts in enumerate(arms):
        mine = needed is None or i in needed
        out.append(Line(f"INTERVENTION {i + 1}:", mine and len(arms) > 1))
        names = " + ".join(g.what for g in gifts)
        label = spun(f"[Arm {'I' * (i + 1)}|Arm {i + 1}|Cohort {i + 1}|Group {'ABC'[i]}]", random)
        out.append(
            plain(titles[i] if titles else names if style < 0.5 else f"{label}: {names}" if style < 0.8 else label)
        )
        sentences = [sentence(g, random) for g in gifts]
        if random.random() < 0.5 and len(gifts) > 1:
            out.append(Line(" ".join(s.rstrip(".") + "." for s in sentences), mine))
        else:
            out += [Line(s, mine) for s in sentences]
        if style > 0.4:
            out += [plain(random.choice(PADDING)) for _ in range(random.choice((1, 1, 2, 2, 3)))]
        if random.random() < 0.3:
            out += [
                Line(f"{g.what}: {spun(f'{ROUTES[g.route][2]} administration', random)}", False)
                for g in gifts
                if g.route is not None and g.what[0].isupper()
            ]
    return out


def arms_of(random: Random, gifts: list[Gift]) -> list[list[Gift]]:
    """Each of some gifts in an arm of its own, perhaps beside a drug that all get."""
    beside = [a_gift(random)] if random.random() < 0.35 else []
    return [[g, *beside] for g in gifts]


def session(random: Random, what: str) -> Gift:
    return Gift(
        f"{what} sessions of {random.choice((20, 30, 45, 60, 90))} minutes",
        None,
        "",
        random.choice((0, 5, 6)),
        None,
        lasting(random),
    )
