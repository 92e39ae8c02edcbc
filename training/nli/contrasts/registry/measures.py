# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""Who can take part: laboratory values, performance status, stages, markers, numbers of earlier treatments."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from contrasts.registry.criteria import IN, INS, OUT, OUTS, PEOPLE, TAKE, WHO, either
from contrasts.registry.text import Opposites, drawn, spun
from contrasts.registry.words import CONDITIONS, LABS, MARKERS

__all__ = ["ecog", "lab_bound", "lab_person", "lines_before", "marker", "stage"]


def _lab_line(random: Random, lab: tuple, low: bool, n: str, unit: str) -> tuple[list[str], list[str]]:
    if random.random() < 0.75:
        return [
            f"{lab[1]} {'[>=|>=|=>|of at least|at least]' if low else '[<=|<=|=<|no more than|of at most]'} {n}{unit}"
        ], []
    return [], [f"{lab[1]} {'[<|<|below|less than]' if low else '[>|>|above|greater than]'} {n}{unit}"]


def lab_bound(random: Random) -> Opposites:
    lab = random.choice(LABS)
    low = {"min": True, "max": False}.get(lab[2], random.random() < 0.5)
    unit = spun(lab[4], random)
    a = drawn(random, *lab[3])
    while (b := drawn(random, *lab[3])) == a:
        pass
    words = [
        f"{PEOPLE} [must have|need|need to have|are required to have] {lab[5]} of <n> to {TAKE} <t>",
        f"[only patients|only participants|only those] with {lab[5]} of <n> {INS} <t>",
        f"{lab[5]} of <n> is [required|needed|necessary] [for|in] <t>",
    ]
    slots = [
        {
            "n": f"[at least|no less than|a minimum of] {n}{unit}"
            if low
            else f"[at most|no more than|not more than|a maximum of] {n}{unit}"
        }
        for n in (a, b)
    ]
    return Opposites(
        "lab_bound",
        words,
        slots[0],
        slots[1],
        either(*(lambda r, n=n: _lab_line(r, lab, low, n, unit) for n in (a, b)), lab[0]),
    )


def lab_person(random: Random) -> Opposites:
    lab = random.choice(LABS)
    start, stop, step = lab[3]
    unit, x = spun(lab[4], random), float(drawn(random, start, stop, step))
    places = 0 if step >= 1 else 1
    words = [
        f"a {WHO} with {lab[5]} of {x:.{places}f}{unit} <in> <t>",
        f"[somebody|someone|a volunteer] whose {spun(lab[1], random)} is {x:.{places}f}{unit} <in> <t>",
        f"{PEOPLE} with {lab[5]} of {x:.{places}f}{unit} <ins> <t>",
    ]

    def limit(inside: bool) -> Callable[[Random], tuple[list[str], list[str]]]:
        def write(r: Random) -> tuple[list[str], list[str]]:
            low = {"min": True, "max": False}.get(lab[2], r.random() < 0.5)
            off = step * r.choice((1, 2, 3, 5, 8)) - (step * r.choice((0, 1)) if inside else 0)
            n = x - off if low == inside else x + off
            if n <= 0:
                n = x if inside else step / 2
                low = low if inside else False
            if lab[2] == "both" and r.random() < 0.3 and inside:
                least, most = (n, x + 3 * step) if low else (max(x - 3 * step, 0), n)
                return [f"{lab[1]} between {least:.{places}f} and {most:.{places}f}{unit}"], []
            return _lab_line(r, lab, low, f"{n:.{places if n >= step else 2}f}", unit)

        return write

    return Opposites(
        "lab_person",
        words,
        {"in": IN, "ins": INS},
        {"in": OUT, "ins": OUTS},
        either(limit(True), limit(False), lab[0]),
    )


def ecog(random: Random) -> Opposites:
    x = random.choice((1, 2, 2, 3))
    words = [
        f"a {WHO} with an ECOG [score|performance status] of {x} <in> <t>",
        f"{PEOPLE} [with ECOG {x}|whose ECOG performance status is {x}] <ins> <t>",
    ]

    def inside(r: Random) -> tuple[list[str], list[str]]:
        n = min(4, x + r.choice((0, 0, 1)))
        return [
            f"[ECOG performance status 0-{n}|ECOG 0 to {n}|ECOG performance status <= {n}|ECOG performance status of {n} or better]"
        ], []

    def outside(r: Random) -> tuple[list[str], list[str]]:
        n = x - 1
        return (
            (
                [
                    f"[ECOG performance status {'0' if n == 0 else f'0-{n}'}|ECOG performance status <= {n}|ECOG performance status below {x}]"
                ],
                [],
            )
            if r.random() < 0.7
            else ([], [f"ECOG performance status [>= {x}|of {x} or more|greater than {n}]"])
        )

    return Opposites(
        "ecog", words, {"in": IN, "ins": INS}, {"in": OUT, "ins": OUTS}, either(inside, outside, "ecog", "kps")
    )


def marker(random: Random) -> Opposites:
    _, names, _ = random.choice(MARKERS)
    name = spun(names, random)
    words = [
        f"{PEOPLE} with {name}[-| ]<v> [tumors|disease|tumours] {INS} <t>",
        f"{PEOPLE} [must|have to|need to] be {name} <v> to {TAKE} <t>",
        f"{PEOPLE} with {name}[-| ]<o> [tumors|disease|tumours] {OUTS} <t>",
    ]
    slots = [
        {"v": a, "o": b}
        for a, b in (("[positive|positive|+]", "[negative|negative]"), ("[negative|negative]", "[positive|positive|+]"))
    ]
    makers = [
        lambda r, a=a, b=b: (
            (
                [
                    f"[{name}-{a} disease|{name} {a}|Tumor must be {name} {a}|{name} status: {a}|Known {name} {a} disease]"
                ],
                [],
            )
            if r.random() < 0.7
            else ([], [f"[{name}-{b} disease|{name} {b} tumour|{name} {b}]"])
        )
        for a, b in (("positive", "negative"), ("negative", "positive"))
    ]
    return Opposites("marker", words, slots[0], slots[1], either(makers[0], makers[1], "marker"))


def stage(random: Random) -> Opposites:
    order = ["I", "II", "III", "IV"]
    x = random.randrange(4)
    words = [
        f"{PEOPLE} with stage {order[x]} [disease|cancer] <ins> <t>",
        f"a {WHO} whose [cancer|disease] is stage {order[x]} <in> <t>",
    ]

    def stages(r: Random, inside: bool) -> tuple[list[str], list[str]]:
        kept = [s for s in order if s != order[x] and r.random() < 0.5]
        kept = [s for s in order if s in kept or (inside and s == order[x])] or [order[(x + r.choice((1, 2, 3))) % 4]]
        listed = ", ".join(kept[:-1]) + " or " * (len(kept) > 1) + kept[-1]
        return (
            ([f"[Stage {listed} disease|Clinical stage {listed}|Patients with stage {listed} cancer]"], [])
            if inside or r.random() < 0.7
            else ([], [f"[Stage {order[x]} disease|Clinical stage {order[x]}]"])
        )

    return Opposites(
        "stage",
        words,
        {"in": IN, "ins": INS},
        {"in": OUT, "ins": OUTS},
        either(
            partial(stages, inside=True), partial(stages, inside=False), "stage", CONDITIONS[2][0], CONDITIONS[23][0]
        ),
    )


def lines_before(random: Random) -> Opposites:
    x = random.choice((1, 2, 3, 4))
    words = [
        f"a {WHO} who has had {x} [prior lines of therapy|earlier lines of treatment|previous regimens] <in> <t>",
        f"{PEOPLE} with {x} [prior|previous|earlier] [regimens|lines of therapy] <ins> <t>",
    ]

    def allowed(r: Random, inside: bool) -> tuple[list[str], list[str]]:
        if r.random() < 0.5:
            n = x + r.choice((0, 0, 1)) if inside else x - 1
            return [
                f"[No more than|At most|Up to|A maximum of] {n} prior [lines of therapy|regimens]"
                if n
                else "[No prior systemic therapy|No prior lines of therapy]"
            ], []
        n = max(1, x - r.choice((0, 0, 1))) if inside else x + 1
        return [f"[At least|A minimum of] {n} prior [lines of therapy|regimens]"], []

    return Opposites(
        "prior_lines",
        words,
        {"in": IN, "ins": INS},
        {"in": OUT, "ins": OUTS},
        either(partial(allowed, inside=True), partial(allowed, inside=False), "prior lines"),
    )
