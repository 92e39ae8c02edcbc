# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""How much of a drug, how often, by which route, for how long."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from contrasts.registry.gifts import (
    FIELDS,
    OFTEN,
    PADDING,
    PEOPLE,
    ROUTES,
    Gift,
    a_gift,
    arms_of,
    lasting,
    section,
    sentence,
)
from contrasts.registry.text import Line, Opposites, plain, spun
from contrasts.registry.words import drug, drugs

__all__ = ["any_route", "cycles", "daily", "detail"]


def detail(random: Random) -> Opposites:
    """One of a dose, a frequency, a route, a duration: as it is, or another."""
    gift = a_gift(random)
    name = random.choice(("dose", "frequency", "route", "duration"))
    change = {
        "dose": lambda: replace(
            gift,
            dose=random.choice(
                [
                    d
                    for d in (
                        gift.dose * 2,
                        max(1, gift.dose // 2),
                        gift.dose * 10,
                        gift.dose + 5,
                        gift.dose + 25,
                        gift.dose * 3,
                    )
                    if d != gift.dose
                ]
            ),
        ),
        "frequency": lambda: replace(gift, often=random.choice([o for o in range(len(OFTEN)) if o != gift.often])),
        "route": lambda: replace(gift, route=random.choice([r for r in range(len(ROUTES)) if r != gift.route])),
        "duration": lambda: replace(
            gift,
            lasts=random.choice(
                [x for x in (lasting(random) for _ in range(9)) if _days(x) != _days(gift.lasts)] or ["9 years"]
            ),
        ),
    }[name]()
    both = [gift, change]
    random.shuffle(both)
    words = {
        "dose": [
            "[a dose|doses] of <v> of <d> [is given|was given|is used] in <t>",
            f"{PEOPLE} in <t> [receive|get|are given|take] <v> of <d>",
            "the dose of <d> [in|used in] <t> [is|was] <v>",
            f"<d> is [administered|given] to {PEOPLE} in <t> at a dose of <v>",
        ],
        "frequency": [
            "<d> is [given|taken|administered] <v> in <t>",
            f"{PEOPLE} in <t> [receive|get|are given|take] <d> <v>",
            "in <t>, the <d> treatment [is repeated|takes place] <v>",
        ],
        "route": [
            "<d> is [given|administered] <v> in <t>",
            f"{PEOPLE} in <t> [receive|get|are given] <d> <v>",
            "<t> tests <a> <d>",
            f"in <t>, {PEOPLE} are treated with <a> <d>",
        ],
        "duration": [
            "treatment with <d> [lasts|lasted|goes on for|continues for] <v> in <t>",
            f"{PEOPLE} in <t> [receive|get|are given|take] <d> for <v>",
            "the duration of <d> treatment in <t> [is|was] <v>",
            "<t> gives <d> [over a period of|for a total of] <v>",
        ],
    }[name]
    slots = []
    for g in both:
        said = {
            "dose": f"{g.dose}{g.unit}",
            "frequency": OFTEN[g.often or 0][1],
            "route": ROUTES[g.route or 0][1],
            "duration": str(g.lasts),
        }[name]
        slots.append(
            {
                "v": _other_dose(g, random) if name == "dose" and random.random() < 0.25 else said,
                "a": ROUTES[g.route or 0][2],
            }
        )
    hidden = replace(gift, **{FIELDS[name]: None})
    others = [a_gift(random) for _ in range(random.choice((0, 1, 1, 1, 2)))]
    place = random.randrange(len(others) + 1)

    def write(g: Gift, r: Random) -> list[Line]:
        kept = (
            [replace(o, dose=r.choice((5, 30, 70, 120)), lasts=g.lasts and o.lasts) for o in others]
            if r.random() < 0.2
            else others
        )
        return section(r, [[x] for x in (*kept[:place], g, *kept[place:])], needed={place})

    return Opposites(
        name, words, slots[0], slots[1], lambda s, r: write(both[s], r), lambda r: write(hidden, r), {"d": gift.what}
    )


def _other_dose(gift: Gift, random: Random) -> str:
    """The same dose in another unit."""
    if gift.unit.strip() == "mg" and gift.dose and gift.dose >= 100:
        return f"{gift.dose / 1000:g} g"
    return f"{gift.dose}{gift.unit}" if gift.unit.strip() != "g" else f"{(gift.dose or 0) * 1000} mg"


def _days(lasts: str | None) -> float:
    n, unit = (lasts or "0 days").split()
    return float(n) * {"days": 1, "weeks": 7, "months": 30.4, "cycles": 1000.1, "years": 365}[unit]


def daily(random: Random) -> Opposites:
    """A dose and a frequency, told as the amount of a day."""
    gift = replace(a_gift(random), unit=" mg", often=random.choice((1, 1, 2, 3)))
    a = int(gift.dose or 1)
    times = [x for x in (1, 2, 3, 4) if x != OFTEN[gift.often or 0][2]]
    other = replace(gift, often=random.choice(times) - 1)
    both = [gift, other]
    random.shuffle(both)
    words = [
        f"{PEOPLE} in <t> [take|receive|get] [a total of|altogether] <v> mg of <d> [per day|each day|a day]",
        "the [total daily|daily] dose of <d> in <t> [is|was] <v> mg",
    ]
    slots = [{"v": f"{a * int(OFTEN[g.often or 0][2])}"} for g in both]
    return Opposites(
        "daily_dose",
        words,
        slots[0],
        slots[1],
        lambda s, r: section(r, arms_of(r, [both[s]])),
        lambda r: section(r, [[replace(gift, often=None)]]),
        {"d": gift.what},
    )


def any_route(random: Random) -> Opposites:
    """Whether any of what is given is given by some route."""
    n = random.randrange(len(ROUTES))
    words = ["<q> [drug|treatment|medication] in <t> is given <r>", "<t> <uses> <a> [drugs|treatment|medication]"]
    first = {"q": "[at least one|some]", "uses": "[uses|gives|includes]"}
    second = {"q": "no", "uses": "[does not use|does not give|does not include]"}

    def write(state: int, r: Random) -> list[Line]:
        others = [x for x in range(len(ROUTES)) if x != n]
        gifts = [replace(a_gift(r, d), route=r.choice(others)) for d in drugs(r, r.choice((1, 2, 2)))]
        if not state:
            i = r.randrange(len(gifts))
            gifts[i] = replace(gifts[i], route=n)
        return section(r, [[g] for g in gifts] if r.random() < 0.7 else [gifts])

    return Opposites("any_route", words, first, second, write, None, {"r": ROUTES[n][1], "a": ROUTES[n][2]})


def cycles(random: Random) -> Opposites:
    """How long a cycle is, how many there are, on which day of it a drug is given."""
    name = random.choice(("length", "count", "day"))
    what = drug(random)
    values = random.sample(
        {"length": (7, 14, 21, 28, 35, 42), "count": (2, 3, 4, 5, 6, 8, 10, 12), "day": (1, 2, 3, 8, 10, 14, 15, 21)}[
            name
        ],
        2,
    )
    words = {
        "length": [
            "[each|one] [cycle|course] of <t> [lasts|is] <v> [days|days long]",
            "in <t>, [cycles|courses] are repeated every <v> days",
            "a treatment cycle in <t> takes <v> days",
        ],
        "count": [
            f"{PEOPLE} in <t> [receive|get|are given] <v> [cycles|courses] of treatment",
            "treatment in <t> [lasts|continues for] <v> cycles",
            "there are <v> cycles of <d> in <t>",
        ],
        "day": [
            "<d> is [given|administered] on day <v> of each cycle in <t>",
            f"{PEOPLE} in <t> receive <d> on day <v>",
            "in <t>, day <v> of the cycle is when <d> is given",
        ],
    }[name]

    def write(state: int, r: Random) -> list[Line]:
        v = {"length": r.choice((21, 28)), "count": r.choice((4, 6)), "day": 1} | {name: values[state]}
        days = f"{v['length'] // 7} weeks" if r.random() < 0.35 else f"{v['length']} days"
        g = replace(a_gift(r, what), often=None, lasts=None)
        lines = [
            sentence(g, r).rstrip(".") + spun(f" on day {v['day']}", r) + ".",
            spun(
                f"[Treatment repeats every {days} for {v['count']} [courses|cycles]|Courses repeat every {days} for {v['count']} [cycles|courses]|One cycle is {days}; {v['count']} cycles are given].",
                r,
            ),
        ]
        text = [Line(" ".join(lines), True)] if r.random() < 0.5 else [Line(x, True) for x in lines]
        pads = [plain(r.choice(PADDING)) for _ in range(r.choice((0, 1, 2, 4)))]
        return [
            plain("INTERVENTION 1:"),
            plain(f"{what}{r.choice(('', ' alone', ' arm'))}"),
            *text,
            *pads,
        ]

    return Opposites(f"cycle_{name}", words, {"v": str(values[0])}, {"v": str(values[1])}, write, None, {"d": what})
