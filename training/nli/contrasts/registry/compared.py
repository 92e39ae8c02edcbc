"""Doses, routes, frequencies and durations of two arms held against each other."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from contrasts.registry.gifts import (
    FIELDS,
    OFTEN,
    PEOPLE,
    ROUTES,
    UNITS,
    a_gift,
    arms_of,
    section,
)
from contrasts.registry.text import Line, Opposites, cohort
from contrasts.registry.words import drug

__all__ = ["compared", "sameness"]


def compared(random: Random) -> Opposites:
    """Which of two arms gets more, more often, for longer."""
    low = replace(a_gift(random), unit=random.choice(UNITS))
    name = random.choice(("dose", "dose", "frequency", "duration"))
    if name == "dose":
        high = replace(low, dose=int(low.dose or 1) * random.choice((2, 3, 4)) + random.choice((0, 0, 5)))
        words = [
            f"{PEOPLE} in <a> of <t> [receive|get|are given] a [higher|larger] dose of <d> than [those in|] <b>",
            "the dose of <d> in <b> of <t> is [lower|smaller] than [the dose|that] in <a>",
            "<a> of <t> gets [more|a bigger dose of] <d> than <b>",
        ]
    elif name == "frequency":
        low = replace(low, often=random.randrange(4, len(OFTEN)))
        high = replace(low, often=random.randrange(low.often or 0) if random.random() < 0.5 else random.randrange(4))
        words = [
            f"{PEOPLE} in <a> of <t> [receive|take|get] <d> more [often|frequently] than [those in|] <b>",
            "<b> of <t> [receives|gets] <d> less [often|frequently] than <a>",
        ]
    else:
        n = random.choice((2, 3, 4, 6, 8, 12))
        unit = random.choice(("weeks", "months", "cycles"))
        low, high = (
            replace(low, lasts=f"{n} {unit}"),
            replace(low, lasts=f"{n * random.choice((2, 3)) + random.choice((0, 1))} {unit}"),
        )
        words = [
            "<d> is given for [longer|a longer time] in <a> of <t> than in <b>",
            "treatment in <b> of <t> is shorter than in <a>",
            f"{PEOPLE} in <a> of <t> are treated for longer than those in <b>",
        ]
    one, two = cohort(1), cohort(2)
    return Opposites(
        f"compared_{name}",
        words,
        {"a": one, "b": two},
        {"a": two, "b": one},
        lambda s, r: section(r, arms_of(r, [low, high] if s else [high, low])),
        lambda r: section(r, [[replace(g, **{FIELDS[name]: None})] for g in (low, high)]),
        {"d": low.what},
    )


def sameness(random: Random) -> Opposites:
    """Whether two arms get the same dose, by the same route, as often, for as long."""
    name = random.choice(("dose", "route", "frequency", "duration"))
    words = {
        "dose": [
            "both [cohorts|arms|groups] of <t> receive <same> dose of <d>",
            "the dose of <d> is <same2> in [the two|both] [arms|cohorts|groups] of <t>",
        ],
        "route": [
            "<d> is given by <same> route in [the two|both] [arms|cohorts|groups] of <t>",
            "the route of administration of <d> is <same2> in [the two|both] [arms|cohorts] of <t>",
        ],
        "frequency": [
            "[the two|both] [cohorts|arms|groups] of <t> get <d> <often>",
            "how often <d> is given is <same2> in [the two|both] [arms|cohorts] of <t>",
        ],
        "duration": [
            "[the two|both] [cohorts|arms|groups] of <t> are treated with <d> for <same> length of time",
            "the duration of <d> treatment is <same2> in [the two|both] [arms|cohorts|groups] of <t>",
        ],
    }[name]
    first = {
        "same": "the same",
        "same2": "[the same|identical|equal]",
        "often": "[equally often|with the same frequency]",
    }
    second = {
        "same": "a different",
        "same2": "[different|not the same|unequal]",
        "often": "[at different frequencies|not equally often]",
    }

    def write(state: int, r: Random) -> list[Line]:
        a, c = a_gift(r, what), a_gift(r)
        field = FIELDS[name]
        b = replace(c, what=what, unit=a.unit, **{field: getattr(a, field)}) if r.random() < 0.5 else a
        if state:
            value = {
                "dose": (a.dose or 1) * 2 + 5,
                "route": ((a.route or 0) + r.randrange(1, len(ROUTES))) % len(ROUTES),
                "often": ((a.often or 0) + r.randrange(1, len(OFTEN))) % len(OFTEN),
                "lasts": f"{int(str(a.lasts).split()[0]) * 2 + 1} {str(a.lasts).split()[1]}",
            }[field]
            b = replace(b, **{field: value})
        pair = [a, b]
        r.shuffle(pair)
        return section(r, [[p] for p in pair], [f"{what} {x}" for x in ("A", "B")])

    what = drug(random)
    return Opposites(f"same_{name}", words, first, second, write, None, {"d": what})
