# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""Who can take part: ages, sex, pregnancy, language."""

from __future__ import annotations

from functools import partial
from random import Random

from contrasts.registry.criteria import CAN, CANNOT, IN, INS, OUT, OUTS, PEOPLE, TAKE, WHO, at_least, either, says
from contrasts.registry.text import Opposites
from contrasts.registry.words import CONDITIONS

__all__ = ["age_bound", "age_person", "age_range", "age_side", "language", "pregnancy", "sex", "two_things"]


def _at_most(n: str) -> str:
    return f"[Age <= {n} years|No older than {n} years|Maximum age {n} years|Up to {n} years of age|{n} years of age or younger|Patients must not be older than {n} years]"


def _between(a: str, b: str) -> str:
    return f"[Age between {a} and {b} years|Aged {a}-{b} years|{a} to {b} years of age|Age >= {a} and <= {b} years|From {a} to {b} years old|Aged {a} through {b} years|Age {a} - {b}, inclusive]"


def age_bound(random: Random) -> Opposites:
    a, b = (
        random.sample(range(16, 76), 2)
        if random.random() < 0.5
        else random.sample((16, 18, 20, 21, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75), 2)
    )
    if random.random() < 0.5:
        words = [
            f"{PEOPLE} [must|have to|need to] be <n> to {TAKE} <t>",
            "[the minimum|the youngest permitted|the lowest allowed] age [for|in] <t> is <v> years",
            f"to {TAKE} <t>, {PEOPLE} need to be <n>",
            "<t> [is only open to|only accepts|recruits] [people|patients|participants] who are <n>",
        ]
        slots = [
            {
                "n": f"[at least {n} years old|{n} or older|no younger than {n}|at least {n} years of age|{n} years or above|not below {n} years]",
                "v": str(n),
            }
            for n in (a, b)
        ]
        makers = [
            lambda r, n=n: (
                ([at_least(str(n))], [])
                if r.random() < 0.75
                else (
                    [],
                    [f"[Age < {n} years|Under {n} years of age|Younger than {n} years|Patients below the age of {n}]"],
                )
            )
            for n in (a, b)
        ]
    else:
        words = [
            f"{PEOPLE} [must|have to|need to] be <n> to {TAKE} <t>",
            "[the maximum|the oldest permitted|the highest allowed] age [for|in] <t> is <v> years",
            f"to {TAKE} <t>, {PEOPLE} need to be <n>",
            "<t> [is only open to|only accepts|recruits] [people|patients|participants] who are <n>",
        ]
        slots = [
            {
                "n": f"[at most {n} years old|{n} or younger|no older than {n}|not over {n} years of age|{n} years old at most]",
                "v": str(n),
            }
            for n in (a, b)
        ]
        makers = [
            lambda r, n=n: (
                ([_at_most(str(n))], [])
                if r.random() < 0.7
                else (
                    [],
                    [f"[Age > {n} years|Older than {n} years|Over {n} years of age|Patients above the age of {n}]"],
                )
            )
            for n in (a, b)
        ]
    return Opposites("age_bound", words, slots[0], slots[1], either(makers[0], makers[1], "age"))


def age_side(random: Random) -> Opposites:
    n = str(random.choice((16, 18, 18, 21, 30, 40, 50, 55, 60, 65, 70, 75)))
    words = [
        f"{PEOPLE} [must|have to] be <n> to {TAKE} <t>",
        "<t> [is for|enrols only|only accepts] [people|patients] who are <n>",
        f"only {PEOPLE} <n> {INS} <t>",
    ]
    slots = [
        {"n": f"[at least {n} years old|{n} years or older|{n} or above]"},
        {"n": f"[at most {n} years old|{n} years or younger|no older than {n}]"},
    ]
    return Opposites("age_side", words, slots[0], slots[1], either(says(at_least(n)), says(_at_most(n)), "age"))


def age_person(random: Random) -> Opposites:
    age = random.choice((*range(12, 90), 15, 16, 17, 17, 18, 19, 64, 65, 66, 70, 75, 80))
    who = "[woman|man|patient|patient|subject|person]"
    an = "an" if age == 18 or age // 10 == 8 else "a"
    words = [
        f"{an} {age}-year-old {who} <can> {TAKE} <t>",
        f"[someone|a person|a patient|somebody] [who is {age} years old|aged {age}|at the age of {age}] <in> <t>",
        f"{PEOPLE} aged {age} <ins> <t>",
        f"[an individual|a volunteer], {age} years of age, <in> <t>",
    ]

    def inside(r: Random) -> tuple[list[str], list[str]]:
        low, high = max(10, age - r.choice((0, 1, 2, 5, 8, 12, 20, 30))), age + r.choice((0, 1, 2, 5, 8, 12, 20, 30))
        return _limits(r, low, high, r.choice(("low", "high", "both")))

    def outside(r: Random) -> tuple[list[str], list[str]]:
        off = r.choice((1, 1, 2, 3, 5, 8, 12, 20))
        if r.random() < 0.5 and age - off > 11:
            return _limits(r, max(10, age - off - r.choice((8, 20, 35))), age - off, r.choice(("high", "both")))
        return _limits(r, age + off, age + off + r.choice((15, 30, 40)), r.choice(("low", "both")))

    return Opposites(
        "age_person",
        words,
        {"can": CAN, "in": IN, "ins": INS},
        {"can": CANNOT, "in": OUT, "ins": OUTS},
        either(inside, outside, "age", "sex"),
    )


def _limits(random: Random, low: int, high: int, which: str) -> tuple[list[str], list[str]]:
    if which == "both":
        return [_between(str(low), str(high))], []
    n = low if which == "low" else high
    if random.random() < 0.7:
        return [(at_least if which == "low" else _at_most)(str(n))], []
    return [], [
        f"[Age < {n} years|Under {n} years of age|Younger than {n} years]"
        if which == "low"
        else f"[Age > {n} years|Older than {n} years|Over {n} years of age]"
    ]


def age_range(random: Random) -> Opposites:
    a, b = sorted(random.sample(range(16, 85, random.choice((1, 1, 5))), 2))
    c, d = (
        (a, b + random.choice((5, 10, 15))) if random.random() < 0.5 else (max(12, a - random.choice((2, 3, 5, 10))), b)
    )
    pairs = [(a, b), (c, d)]
    random.shuffle(pairs)
    words = [
        f"{PEOPLE} [must|have to] be <n> to {TAKE} <t>",
        "<t> [accepts|recruits|is open to] [people|patients|participants] <n>",
        "[the age range|the permitted age] [for|of] <t> is <n>",
    ]
    slots = [
        {"n": f"[between {x} and {y} years old|{x} to {y} years of age|aged {x}-{y}|from {x} to {y} years]"}
        for x, y in pairs
    ]
    return Opposites(
        "age_range", words, slots[0], slots[1], either(*(says(_between(str(x), str(y))) for x, y in pairs), "age")
    )


def sex(random: Random) -> Opposites:
    men = random.random() < 0.5
    words = [
        f"[{'men|male patients|males' if men else 'women|female patients|females'}] <ins> <t>",
        f"<t> <takes> [{'men|male participants|male patients' if men else 'women|female participants|female patients'}]",
    ]
    yes = says(
        "[Men and women|Male or female|Both sexes|Male and female patients|Men or women with the disease|Sex: all]"
    )
    own, other = ("Men", "Women") if men else ("Women", "Men")
    only = {
        "Women": "[Female|Women only|Female patients|Female gender|Women with the disease|Assigned female at birth]",
        "Men": "[Male|Men only|Male patients|Male sex|Men with the disease|Assigned male at birth]",
    }
    no = {"Women": "[Women|Female patients|Females|Female sex]", "Men": "[Men|Male patients|Males|Male sex]"}
    return Opposites(
        "sex",
        words,
        {"ins": INS, "takes": "[accepts|includes|is open to|also recruits|does not exclude]"},
        {"ins": OUTS, "takes": "[does not accept|excludes|is not open to|does not recruit]"},
        either(
            lambda r: yes(r) if r.random() < 0.5 else ([only[own]], []),
            lambda r: ([only[other]], []) if r.random() < 0.6 else ([], [no[own]]),
            "sex",
            "pregnancy",
            "contraception",
        ),
    )


def pregnancy(random: Random) -> Opposites:
    words = [
        "[pregnant women|expectant mothers|women who are pregnant|pregnant patients] <ins> <t>",
        "<t> <takes> [pregnant women|women who are expecting a child|expectant mothers]",
        "[a pregnant woman|a woman who is 14 weeks pregnant|a woman expecting a baby] <in> <t>",
    ]
    first = {"ins": INS, "in": IN, "takes": "[accepts|includes|is open to]"}
    second = {"ins": OUTS, "in": OUT, "takes": "[does not accept|excludes|is not open to]"}
    inside = says(
        "[Pregnant women|Pregnancy confirmed by ultrasound|Currently pregnant, gestational age between 10 and 28 weeks|Women who are between 12 and 30 weeks pregnant|Singleton pregnancy|Pregnant patients are eligible|Patients must be pregnant]"
    )

    def outside(r: Random) -> tuple[list[str], list[str]]:
        return (
            (
                [],
                [
                    "[Pregnant or breastfeeding|Pregnancy|Pregnant or lactating women|Pregnant or nursing|Women who are pregnant or plan to become pregnant|Positive pregnancy test]"
                ],
            )
            if r.random() < 0.6
            else (
                [
                    "[Negative pregnancy test|Negative serum pregnancy test within 7 days|Not pregnant or nursing|Women must not be pregnant|Negative beta-HCG test in women of childbearing potential]"
                ],
                [],
            )
        )

    return Opposites("pregnancy", words, first, second, either(inside, outside, "pregnancy", "sex", "contraception"))


def language(random: Random) -> Opposites:
    a, b = random.sample(
        ("English", "Spanish", "French", "German", "Mandarin", "Italian", "Danish", "Japanese", "Arabic"), 2
    )
    words = [
        f"{PEOPLE} [must|have to|need to] [speak|understand|be fluent in] <l> to {TAKE} <t>",
        f"a {WHO} who [only speaks|speaks nothing but] <l> {IN} <t>",
        "[knowledge of|being able to read] <l> is required [in|for] <t>",
    ]
    makers = [
        says(f"[Able to read and speak {n}|Must be {n} speaking|Fluent in {n}|{n}-speaking|Able to understand {n}]")
        for n in (a, b)
    ]
    return Opposites("language", words, {"l": a}, {"l": b}, either(makers[0], makers[1], "language", "consent"))


def two_things(random: Random) -> Opposites:
    """A person of some age with some condition: in only if both allow it."""
    age = random.choice(range(15, 85))
    what, who = random.choice(CONDITIONS)
    words = [f"{age}-year-old {who} <ins> <t>", f"{who} [who are {age} years old|at the age of {age}] <ins> <t>"]
    words = [w for w in words if not w[0].isdigit()]

    def write(r: Random, inside: bool) -> tuple[list[str], list[str]]:
        age_ok = inside or r.random() < 0.5
        other_ok = inside or not age_ok
        low = max(10, age - r.choice((0, 2, 5, 15))) if age_ok else age + r.choice((1, 2, 5, 10))
        return [
            _between(str(low), str(max(age, low) + r.choice((5, 15, 25)))),
            *([f"Patients with {what} are [eligible|allowed]"] if other_ok else []),
        ], [] if other_ok else [f"[History of |Known |]{what}"]

    return Opposites(
        "age_and_condition",
        words,
        {"ins": INS},
        {"ins": OUTS},
        either(partial(write, inside=True), partial(write, inside=False), "age", what),
    )
