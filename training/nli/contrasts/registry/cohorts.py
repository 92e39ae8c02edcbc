"""Adverse events: one cohort against the other, one event against the others."""

from __future__ import annotations

from random import Random

from contrasts.registry.events import (
    CASES,
    HAD,
    PEOPLE,
    at_risk_of,
    events,
    pick,
    record_of,
    section,
    small,
    two_counts,
)
from contrasts.registry.text import Line, Opposites, cohort
from contrasts.registry.words import EVENTS

__all__ = ["gap_or_sum", "more_of", "most", "same", "where"]


def more_of(random: Random) -> Opposites:
    """More of an event in one cohort than in the other."""
    n = at_risk_of(random)
    if random.random() < 0.6:
        n = (min(n),) * 2
    name, said = pick(random)
    shares = random.random() < 0.4
    while True:
        a, b = random.choice((0, small(random, min(n)))), small(random, min(n))
        if a != b:
            break
    low, high = sorted((a, b))
    if shares and n[0] != n[1]:
        n = (n[0],) * 2
    made = ({name: (high, low)}, {name: (low, high)})
    one, two = cohort(1), cohort(2)
    if shares:
        words = [
            f"a [higher|larger|greater] [percentage|proportion|share] of {PEOPLE} {HAD} <e> in <x> of <t> than in <y>",
            f"a [lower|smaller] [percentage|proportion|share] of <y> of <t> {HAD} <e>, compared [to|with] <x>",
            "<e> was [more frequent|more common] in <x> of <t> than in <y>",
        ]
    else:
        words = [
            f"more {PEOPLE} in <x> of <t> {HAD} <e> than in <y>",
            f"there were fewer {CASES} of <e> in <y> of <t> than in <x>",
            f"<x> of <t> had more {CASES} of <e> than <y>",
            "compared [to|with] <y>, <x> of <t> had a higher number of cases of <e>",
        ]
    return Opposites(
        "event_more", words, {"x": one, "y": two}, {"x": two, "y": one}, record_of(n, made), None, {"e": said}
    )


def gap_or_sum(random: Random) -> Opposites:
    """How many more, or how many in both together."""
    n = at_risk_of(random)
    name, said = pick(random)
    a, d = random.randrange(0, max(1, min(n) // 4) + 1), random.sample(range(1, max(4, min(n) // 3)), 2)
    d = [min(x, min(n) - a) for x in d]
    if d[0] == d[1]:
        a, d = 0, [1, 2]
    first = random.random() < 0.5
    made = tuple({name: (a + x, a) if first else (a, a + x)} for x in d)
    if random.random() < 0.5:
        x, y = (cohort(1), cohort(2)) if first else (cohort(2), cohort(1))
        words = [
            f"there were <v> more {CASES} of <e> in {x} of <t> than in {y}",
            f"<v> fewer {PEOPLE} in {y} of <t> {HAD} <e>, compared [to|with] {x}",
            f"{x} of <t> had <v> more {CASES} of <e> than {y}",
        ]
        values = d
    else:
        words = [
            f"[a total of|altogether,|in total,|overall,] <v> {PEOPLE} in <t> {HAD} <e>",
            f"there were <v> {CASES} of <e> in <t>, [both|the two] [cohorts|groups] [together|combined|taken together]",
            f"<e> affected <v> {PEOPLE} across [both|the two] [cohorts|arms] of <t>",
        ]
        values = [2 * a + x for x in d]
    return Opposites(
        "event_gap_or_sum",
        words,
        {"v": str(values[0])},
        {"v": str(values[1])},
        record_of(n, (made[0], made[1])),
        None,
        {"e": said},
    )


def same(random: Random) -> Opposites:
    n = (random.choice(at_risk_of(random)),) * 2
    name, said = pick(random)
    a, b = two_counts(random, min(n))
    c = random.choice((a, b))
    pair = (a, b) if random.random() < 0.5 else (b, a)
    words = [
        f"<v> number of {PEOPLE} {HAD} <e> in [both|the two] cohorts of <t>",
        "the number of cases of <e> was <w> in [both|the two] [arms|groups|cohorts] of <t>",
        "[both|the two] [cohorts|groups] of <t> <x> in how many had <e>",
    ]
    return Opposites(
        "event_same",
        words,
        {"v": "[the same|an equal]", "w": "[the same|equal|identical]", "x": "[are equal|do not differ]"},
        {"v": "[a different|an unequal]", "w": "[different|unequal|not the same]", "x": "[are not equal|differ]"},
        record_of(n, ({name: (c, c)}, {name: pair})),
        None,
        {"e": said},
    )


def most(random: Random) -> Opposites:
    """The most common event."""
    n = at_risk_of(random, random.choice((1, 1, 2)))
    (a, said_a), (b, said_b) = [(x, EVENTS[x]) for x in random.sample(list(EVENTS), 2)]
    low = tuple(random.randrange(0, max(1, x // 5) + 1) for x in n)
    high = tuple(min(x, v + random.choice((1, 2, 3, 5, 8))) for v, x in zip(low, n, strict=True))
    low = tuple(min(v, h - 1) for v, h in zip(low, high, strict=True))
    words = [
        "the most [common|frequent] [adverse event|side effect] in <t> was <e>",
        "in <t>, no [adverse event|side effect] was more [frequent|common] than <e>",
        "<e> was the [adverse event|side effect] with the highest number of cases in <t>",
    ]
    if len(n) == 2:
        words = [w.replace("<t>", "both cohorts of <t>") for w in words]
    if random.random() < 0.3:
        words = [
            "<e> was more [common|frequent] than <f> in <t>",
            f"more {PEOPLE} in <t> {HAD} <e> than <f>",
            "in <t>, there were fewer cases of <f> than of <e>",
        ]

    def write(state: int, r: Random) -> list[Line]:
        fixed = {a: high, b: low} if not state else {a: low, b: high}
        listed = events(r, n, fixed, r.choice((3, 4, 5, 6, 8, 10)), 0)
        listed = {k: v if k in fixed else tuple(r.randrange(0, h) for h in high) for k, v in listed.items()}
        return section(r, listed, n, lambda name, i: name in fixed)

    return Opposites("event_most", words, {"e": said_a, "f": said_b}, {"e": said_b, "f": said_a}, write)


def where(random: Random) -> Opposites:
    """All cases in one cohort, or some in the other as well."""
    n = at_risk_of(random)
    name, said = pick(random)
    i = random.choice((0, 1))
    a, b = small(random, min(n)), small(random, min(n))
    alone = {name: (a, 0) if i == 0 else (0, a)}
    if random.random() < 0.5:
        words = [
            "all [cases|instances] of <e> in <t> were in <x>",
            "in <t>, <e> [occurred|was reported|was seen] only in <x>",
            "<e> was [seen|observed] in <x> of <t> but not in <y>",
        ]
        return Opposites(
            "event_where",
            words,
            {"x": cohort(i + 1), "y": cohort(2 - i)},
            {"x": cohort(2 - i), "y": cohort(i + 1)},
            record_of(n, (alone, {name: alone[name][::-1]})),
            None,
            {"e": said},
        )
    words = [
        "<e> [occurred|was reported|was seen] in <q> of <t>",
        "[patients|participants] in <q> of <t> [had|suffered from] <e>",
    ]
    return Opposites(
        "event_where",
        words,
        {"q": f"[only one [cohort|arm|group]|just one of the [cohorts|arms]|only {cohort(i + 1)}]"},
        {"q": "[both [cohorts|arms|groups]|each of the two [cohorts|arms]]"},
        record_of(n, (alone, {name: (a, b)})),
        None,
        {"e": said},
    )
