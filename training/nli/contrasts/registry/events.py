"""Lists of adverse events by cohort, and how a record says so."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from contrasts.registry.text import Line, share
from contrasts.registry.words import EVENTS

__all__ = [
    "CASES",
    "Events",
    "HAD",
    "PEOPLE",
    "at_risk_of",
    "events",
    "pick",
    "record_of",
    "section",
    "small",
    "two_counts",
]

PEOPLE = "[patients|participants|subjects]"


HAD = "[had|suffered from|experienced|developed]"


CASES = "[cases|instances|occurrences]"


Events = dict[str, tuple[int, ...]]


def events(
    random: Random, at_risk: tuple[int, ...], fixed: Events, size: int | None = None, ceiling: int | None = None
) -> Events:
    """A list with some counts given; the others are small, as in a registry, and below a ceiling."""
    count = size or random.choice((3, 4, 6, 8, 10, 12, 15, 20, 28))
    found = dict(fixed)
    names = [n for n in random.sample(list(EVENTS), min(count + len(fixed), len(EVENTS))) if n not in fixed]
    for name in names[: max(0, count - len(fixed))]:
        found[name] = tuple(
            min(
                n,
                random.choice((0, 0, 1, 1, 1, 2, 3, random.randrange(0, max(2, n // 6)))),
                10**6 if ceiling is None else ceiling,
            )
            for n in at_risk
        )
    order = list(found)
    random.shuffle(order)
    if random.random() < 0.4:
        order.sort()
    return {name: found[name] for name in order}


def section(
    random: Random,
    listed: Events,
    at_risk: tuple[int, ...],
    needed: Callable[[str, int], bool] = lambda name, i: True,
    totals: tuple[int, ...] | None = None,
    total_needed: bool = False,
) -> list[Line]:
    """The section; an event's line in a cohort is marked where it is needed."""
    star = random.choice(("", "", " *", " *", " †", " [1]"))
    gap = "" if random.random() < 0.06 else " "
    only_number = random.random() < 0.15
    lower = random.random() < 0.12
    out: list[Line] = []
    for i, n in enumerate(at_risk):
        out.append(Line(f"Adverse Events {i + 1}:", len(at_risk) > 1))
        most = max((c[i] for c in listed.values()), default=0)
        total = (
            totals[i] if totals else random.randrange(most, min(n, max(most, sum(c[i] for c in listed.values()))) + 1)
        )
        out.append(Line(f"Total: {total}" if only_number else f"Total: {total}/{n} ({share(total, n)})", total_needed))
        out += [
            Line(f"{name.lower() if lower else name}{star}{gap}{c[i]}/{n} ({share(c[i], n)})", needed(name, i))
            for name, c in listed.items()
        ]
    return out


def at_risk_of(random: Random, cohorts: int = 2) -> tuple[int, ...]:
    low, high = random.choice(((8, 30), (20, 120), (50, 600)))
    return tuple(random.randrange(low, high) for _ in range(cohorts))


def pick(random: Random) -> tuple[str, str]:
    name = random.choice(list(EVENTS))
    return name, EVENTS[name]


def small(random: Random, most: int) -> int:
    return min(
        most,
        random.choice(
            (1, 1, 2, 2, 3, 4, 5, 6, 8, random.randrange(1, max(2, most // 3)), random.randrange(1, max(2, most // 2)))
        ),
    )


def two_counts(random: Random, most: int) -> list[int]:
    while True:
        pair = [small(random, most), small(random, most)]
        if pair[0] != pair[1]:
            return pair


def record_of(
    at_risk: tuple[int, ...],
    fixed: tuple[Events, Events],
    totals: tuple[tuple[int, ...], tuple[int, ...]] | None = None,
    **more,
) -> Callable[[int, Random], list[Line]]:
    def write(state: int, r: Random) -> list[Line]:
        mine = fixed[state]
        return section(
            r,
            events(r, at_risk, mine, more.get("size"), more.get("ceiling")),
            at_risk,
            lambda name, i: name in mine,
            totals[state] if totals else None,
            totals is not None,
        )

    return write
