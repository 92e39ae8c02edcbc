"""Which arm gets what, and how many arms there are."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from contrasts.registry.gifts import PADDING, PEOPLE, SESSIONS, Gift, a_gift, arms_of, section, sentence, session
from contrasts.registry.text import Line, Opposites, cohort, key, plain, spun
from contrasts.registry.words import drug, drugs

__all__ = ["added", "before_or_after", "how_many", "modality", "which_drug", "who_gets"]


def who_gets(random: Random) -> Opposites:
    """A drug in the first arm, in the second, in both, in neither."""
    what = drug(random) if random.random() < 0.6 else random.choice((*SESSIONS, "placebo", "placebo"))
    choice = random.choice(
        (
            ("only1", "only2"),
            ("only1", "both"),
            ("only2", "both"),
            ("some", "none"),
            ("both", "none"),
            ("in1", "not1"),
            ("in2", "not2"),
        )
    )
    say = {
        "only1": [
            f"only {cohort(1)} of <t> [receives|gets|is given] <d>",
            f"in <t>, <d> is given in {cohort(1)} but not in {cohort(2)}",
            f"<d> is [used|given] in just one [arm|cohort] of <t>, {cohort(1)}",
        ],
        "only2": [
            f"only {cohort(2)} of <t> [receives|gets|is given] <d>",
            f"in <t>, <d> is given in {cohort(2)} but not in {cohort(1)}",
            f"<d> is [used|given] in just one [arm|cohort] of <t>, {cohort(2)}",
        ],
        "both": [
            "both [cohorts|arms|groups] of <t> [receive|get|are given] <d>",
            "in <t>, <d> is given in [both|each of the two] [arms|cohorts|groups]",
            f"all {PEOPLE} of <t> [receive|are given] <d>, whichever [arm|cohort] they are in",
        ],
        "some": [
            "[some|a part] of the [patients|participants] in <t> [receive|get] <d>",
            "<d> is [used|given|part of the intervention] in <t>",
            "one of the [arms|cohorts|groups] of <t> [receives|gets] <d>",
        ],
        "none": [
            f"no {PEOPLE} in <t> [receive|get] <d>",
            "<d> is not [used|given|part of the intervention] in <t>",
            "none of the [arms|cohorts|groups] of <t> [receives|gets] <d>",
        ],
        "in1": [
            f"{cohort(1)} of <t> [receives|gets|is given] <d>",
            f"{PEOPLE} in {cohort(1)} of <t> are treated with <d>",
        ],
        "not1": [
            f"{cohort(1)} of <t> [does not receive|does not get|is not given] <d>",
            f"{PEOPLE} in {cohort(1)} of <t> are not treated with <d>",
        ],
        "in2": [
            f"{cohort(2)} of <t> [receives|gets|is given] <d>",
            f"{PEOPLE} in {cohort(2)} of <t> are treated with <d>",
        ],
        "not2": [
            f"{cohort(2)} of <t> [does not receive|does not get|is not given] <d>",
            f"{PEOPLE} in {cohort(2)} of <t> are not treated with <d>",
        ],
    }
    pairs = [{"s": f"[{'|'.join(say[c])}]"} for c in choice]
    order = [0, 1]
    random.shuffle(order)

    def write(state: int, r: Random) -> list[Line]:
        where = {
            "only1": (True, False),
            "only2": (False, True),
            "both": (True, True),
            "some": r.choice(((True, False), (False, True))),
            "none": (False, False),
            "in1": (True, r.random() < 0.4),
            "not1": (False, r.random() < 0.6),
            "in2": (r.random() < 0.4, True),
            "not2": (r.random() < 0.6, False),
        }[choice[order[state]]]
        mine = (
            session(r, what)
            if what in SESSIONS
            else replace(a_gift(r, what), dose=None, unit="")
            if what == "placebo"
            else a_gift(r, what)
        )
        names = drugs(r, 3)
        beside = [a_gift(r, names[0])] if r.random() < 0.5 else []
        arms = [[*([mine] if there else []), *beside] or [a_gift(r, names[i + 1])] for i, there in enumerate(where)]
        if what != "placebo" and not where[0] and where[1] and r.random() < 0.2:
            arms[0] = [Gift("no further treatment", None, "", None, None, None), *beside]
        return section(r, arms)

    return Opposites("who_gets", ["<s>"], pairs[order[0]], pairs[order[1]], write, None, {"d": what})


def which_drug(random: Random) -> Opposites:
    """Which drug which arm gets."""
    a, b = drugs(random, 2)
    n = random.choice((1, 2))
    words = [
        f"{cohort(n)} of <t> [receives|gets|is given] <v>",
        f"{PEOPLE} in {cohort(n)} of <t> are treated with <v>",
        f"<v> is given in {cohort(n)} of <t>, and <w> in {cohort(3 - n)}",
    ]
    slots = [{"v": a, "w": b}, {"v": b, "w": a}]
    return Opposites(
        "which_drug",
        words,
        slots[0],
        slots[1],
        lambda s, r: section(r, arms_of(r, [a_gift(r, x) for x in ((a, b), (b, a))[s ^ (n == 2)]])),
        None,
    )


def added(random: Random) -> Opposites:
    """What one arm gets beyond the other."""
    a, b, c = drugs(random, 3)
    words = [
        f"{cohort(2)} of <t> receives the same treatment as {cohort(1)}, [with the addition of|plus] <v>",
        "the [difference|only difference] between the arms of <t> is that one of them [also|additionally] gets <v>",
        "both arms of <t> receive <w>",
    ]
    slots = [{"v": b, "w": a}, {"v": a, "w": b}]

    def write(state: int, r: Random) -> list[Line]:
        shared, more = (a, b) if not state else (b, a)
        gift = a_gift(r, shared)
        return section(r, [[gift], [gift, a_gift(r, more)]])

    return Opposites("added", words, slots[0], slots[1], write)


def before_or_after(random: Random) -> Opposites:
    """Before or after something."""
    what = drug(random)
    event = random.choice(("surgery", "radiotherapy", "meals", "chemotherapy", "the operation", "breakfast", "bedtime"))
    words = [f"{PEOPLE} in <t> [receive|take|are given] <d> <v> {event}", f"<d> is given <v> {event} in <t>"]
    rest = a_gift(random, what)

    def write(state: int, r: Random) -> list[Line]:
        side = "[before|prior to]" if not state else "[after|following]"
        body = sentence(replace(rest, what=what), r).rstrip(".")
        lines = [key(spun(f"{body}, [given|taken] {side} {event}.", r))]
        other = section(r, [[a_gift(r)]])[1:] if r.random() < 0.5 else []
        return [
            plain("INTERVENTION 1:"),
            plain(what),
            *lines,
            *([plain("INTERVENTION 2:"), *(plain(x.text) for x in other)] if other else []),
            *(plain(r.choice(PADDING)) for _ in range(r.choice((0, 1, 3)))),
        ]

    return Opposites("order", words, {"v": "[before|ahead of]"}, {"v": "[after|following]"}, write, None, {"d": what})


def how_many(random: Random) -> Opposites:
    """How many arms there are, how many drugs a treatment is made of."""
    arms = random.random() < 0.5
    numbers = {1: "[one|a single|1]", 2: "[two|2]", 3: "[three|3]"}
    things = "[intervention arm|cohort|group|arm]" if arms else "[drug|different drug|medicine]"
    x, y = random.sample((1, 2, 3), 2)
    words = (
        [
            "there [are|were] <n> in <t>",
            "<t> has <n>",
            f"{PEOPLE} in <t> are [divided into|assigned to] <n>",
        ]
        if arms
        else [
            f"{PEOPLE} in {cohort(1)} of <t> [receive|are treated with|get] <n>",
            "the treatment in <t> [is made up of|consists of|combines] <n>",
        ]
    )
    slots = [{"n": f"{numbers[n]} {things}{'' if n == 1 else 's'}"} for n in (x, y)]
    return Opposites(
        "number_of_arms" if arms else "number_of_drugs",
        words,
        slots[0],
        slots[1],
        lambda s, r: (
            section(r, [[a_gift(r)] for _ in range((x, y)[s])])
            if arms
            else section(r, [[a_gift(r, d) for d in drugs(r, (x, y)[s])]])
        ),
    )


def modality(random: Random) -> Opposites:
    """Drugs, or something that isn't a drug."""
    words = ["<t> tests <k>", "the intervention in <t> is <k>", f"{PEOPLE} in <t> are treated with <k>"]
    first, second = (
        "[a drug|medication|a medicine]",
        "[something other than a drug|a non-drug treatment|an intervention that involves no medication]",
    )
    return Opposites(
        "modality",
        words,
        {"k": first},
        {"k": second},
        lambda s, r: section(
            r,
            [[session(r, x)] for x in r.sample(SESSIONS, r.choice((1, 2)))]
            if s
            else [[a_gift(r)] for _ in range(r.choice((1, 2)))],
        ),
    )
