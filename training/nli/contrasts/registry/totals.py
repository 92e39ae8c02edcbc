"""Adverse events: how many, whether any, of how many watched."""

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
from contrasts.registry.text import Line, Opposites, cohort, share
from contrasts.registry.words import FAMILIES

__all__ = ["any_at_all", "at_risk", "bound", "count", "family", "total"]


def count(random: Random) -> Opposites:
    """How many, or what share, had an event in a cohort."""
    risk = at_risk_of(random, random.choice((1, 2, 2, 2)))
    name, said = pick(random)
    i = random.randrange(len(risk))
    pair = two_counts(random, min(risk))
    rest = [small(random, min(risk)) for _ in risk]
    made = [{name: tuple(v if j == i else rest[j] for j in range(len(risk)))} for v in pair]
    if len(risk) > 1 and random.random() < 0.4:
        made = [{name: tuple(pair)}, {name: tuple(pair[::-1])}]
        pair = [m[name][i] for m in made]
    where = "<t>" if len(risk) == 1 else f"{cohort(i + 1)} of <t>"
    if random.random() < 0.6:
        words = [
            f"<v> {PEOPLE} in {where} {HAD} <e>",
            f"there were <v> {CASES} of <e> in {where}",
            f"<e> affected <v> {PEOPLE} in {where}",
            f"{where} [recorded|reported] <v> {CASES} of <e>",
        ]
        slots = [{"v": f"[{v}|{v}|{_word(v)}]"} for v in pair]
    else:
        words = [
            f"<v> of {PEOPLE} in {where} {HAD} <e>",
            f"<e> [occurred in|affected] <v> of {where}",
            f"in {where}, <v> of the {PEOPLE} [had|reported] <e>",
        ]
        slots = [{"v": f"[{share(v, risk[i])}|{share(v, risk[i], 1)}]"} for v in pair]
    return Opposites("event_count", words, slots[0], slots[1], record_of(risk, (made[0], made[1])), None, {"e": said})


def any_at_all(random: Random) -> Opposites:
    """None or some."""
    risk = at_risk_of(random, random.choice((1, 2, 2)))
    name, said = pick(random)
    some = tuple(random.choice((0, 1, 2, small(random, n))) for n in risk)
    if len(risk) == 1 or random.random() < 0.5:
        some = some if any(some) else (1, *some[1:])
        made = ({name: (0,) * len(risk)}, {name: some})
        where = "<t>"
    else:
        i = random.randrange(2)
        made = (
            {name: tuple(0 if j == i else some[j] for j in (0, 1))},
            {name: tuple(max(1, some[j]) if j == i else some[j] for j in (0, 1))},
        )
        where = f"{cohort(i + 1)} of <t>"
    words = [f"<v> {where} {HAD} <e>", f"there <w> of <e> in {where}", f"<e> <x> in {where}"]
    first = {
        "v": "[no one in|nobody in|none of the patients in|no participants in]",
        "w": f"[were no {CASES}|was not a single case|were zero cases|wasn't any case]",
        "x": "[did not occur|was not observed|was never seen|was not reported]",
    }
    second = {
        "v": "[someone in|at least one patient in|some of the patients in|one or more participants in]",
        "w": "[were cases|was at least one case|were one or more cases|was some occurrence]",
        "x": "[occurred|was observed|was seen|was reported]",
    }
    return Opposites("event_any", words, first, second, record_of(risk, made), None, {"e": said})


def total(random: Random) -> Opposites:
    """Of all that had any event."""
    n = at_risk_of(random, random.choice((1, 2, 2)))
    i = random.randrange(len(n))
    where = "<t>" if len(n) == 1 else f"{cohort(i + 1)} of <t>"
    half = random.random() < 0.35
    floor = 1
    if half:
        pair = [random.randrange(n[i] // 2 + 1, n[i] + 1), random.randrange(floor, (n[i] - 1) // 2 + 1)]
        words = [
            f"<v> of the {PEOPLE} in {where} had an adverse event",
            f"<v> of {where} [suffered|experienced] [adverse events|side effects]",
        ]
        slots = [
            {"v": "[more than half|the majority|over 50%|most]"},
            {"v": "[less than half|a minority|under 50%|fewer than half]"},
        ]
    else:
        pair = two_counts(random, n[i])
        words = [
            f"<v> {PEOPLE} in {where} [had|suffered|experienced] [adverse events|side effects|an adverse event]",
            f"[in total|altogether], <v> {PEOPLE} in {where} had [an adverse event|side effects]",
            f"the total number of {PEOPLE} with adverse events in {where} was <v>",
        ]
        slots = [{"v": str(v)} for v in pair]
        if random.random() < 0.4:
            words = [
                f"<v> of the {PEOPLE} in {where} had an adverse event",
                f"adverse events [occurred in|affected] <v> of {where}",
            ]
            slots = [{"v": f"[{share(v, n[i])}|{share(v, n[i], 1)}]"} for v in pair]
    rest = [small(random, x) for x in n]
    made = tuple(tuple(v if j == i else rest[j] for j in range(len(n))) for v in pair)

    def write(state: int, r: Random) -> list[Line]:
        totals = made[state]
        listed = {k: tuple(min(x, t) for x, t in zip(v, totals, strict=True)) for k, v in events(r, n, {}).items()}
        return section(r, listed, n, lambda name, j: False, totals, True)

    return Opposites("event_total", words, slots[0], slots[1], write)


def bound(random: Random) -> Opposites:
    """At least so many, or fewer."""
    n = at_risk_of(random, random.choice((1, 2)))
    name, said = pick(random)
    i = random.randrange(len(n))
    cut = random.randrange(1, max(2, n[i] // 3) + 1)
    pair = [min(n[i], cut + random.choice((0, 0, 1, 2, 4))), max(0, cut - random.choice((1, 1, 2, 3)))]
    rest = [small(random, x) for x in n]
    made = tuple({name: tuple(v if j == i else rest[j] for j in range(len(n)))} for v in pair)
    where = "<t>" if len(n) == 1 else f"{cohort(i + 1)} of <t>"
    words = [f"<v> {PEOPLE} in {where} {HAD} <e>", f"there were <v> {CASES} of <e> in {where}"]
    return Opposites(
        "event_bound",
        words,
        {"v": f"[at least {cut}|{cut} or more|no fewer than {cut}|more than {cut - 1}]"},
        {"v": f"[at most {cut - 1}|fewer than {cut}|no more than {cut - 1}|less than {cut}]"},
        record_of(n, (made[0], made[1])),
        None,
        {"e": said},
    )


def family(random: Random) -> Opposites:
    """Events of a family, none or some or how many."""
    n = at_risk_of(random, random.choice((1, 1, 2)))
    said, members = random.choice(list(FAMILIES.items()))
    chosen = random.sample(members, random.choice((1, 2, 2)) if len(members) > 1 else 1)
    words = [
        f"<v> {said} [adverse events|side effects|events] [recorded|reported|observed] in <t>",
        f"{PEOPLE} in <t> <w> {said} [adverse events|side effects]",
    ]
    first = {"v": "there were no", "w": "[did not have any|had no|were free of]"}
    second = {"v": "there were some", "w": "[had some|experienced|suffered from]"}

    def write(state: int, r: Random) -> list[Line]:
        kept = {m: (0,) * len(n) for m in chosen}
        if state:
            kept[chosen[0]] = tuple(max(1, small(r, x)) for x in n)
        related = {m for group in FAMILIES.values() if set(group) & set(members) for m in group} | {
            "Hypotension",
            "Hypertension",
            "Syncope",
            "Deep vein thrombosis",
            "Pulmonary embolism",
            "Cerebrovascular accident",
            "Epistaxis",
            "Stomatitis",
            "Pancreatitis",
            "Cholecystitis",
            "Appendicitis",
            "Mucosal inflammation",
            "Febrile neutropenia",
            "Decreased appetite",
            "Chest pain",
            "Myocardial infarction",
            "Jaundice",
            "Hepatic failure",
            "Pyrexia",
            "Seizure",
            "Dehydration",
        }
        listed = {k: v for k, v in events(r, n, kept).items() if k in kept or k not in related}
        return section(r, listed, n, lambda name, i: name in kept)

    return Opposites("event_family", words, first, second, write)


def at_risk(random: Random) -> Opposites:
    """How many were watched, in how many cohorts."""
    n = at_risk_of(random)
    other = at_risk_of(random)
    i = random.randrange(2)
    if n[i] == other[i]:
        other = tuple(x + 3 for x in other)
    words = [
        f"{cohort(i + 1)} of <t> [had|consisted of|included] <v> {PEOPLE}",
        f"adverse events were [recorded|assessed] in <v> {PEOPLE} in {cohort(i + 1)} of <t>",
        f"there were <v> {PEOPLE} in {cohort(i + 1)} of <t>",
    ]
    return Opposites(
        "event_at_risk",
        words,
        {"v": str(n[i])},
        {"v": str(other[i])},
        lambda s, r: section(r, events(r, (n, other)[s], {}, r.choice((3, 5, 8, 12))), (n, other)[s]),
    )


def _word(n: int) -> str:
    return (
        ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")[n]
        if n <= 12
        else str(n)
    )
