# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""Two trials held against each other: whose treatment lasts longer, which reports more cases, which outcome is better."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from contrasts.registry import events, gifts, outcomes
from contrasts.registry.text import Line, Opposites, cohort
from contrasts.registry.words import EVENTS, drug

__all__ = ["across", "beside"]

_ONE = "the primary trial"


_TWO = "the secondary trial"


_PEOPLE = "[patients|participants|subjects]"


def beside(first: list[Line], second: list[Line]) -> list[Line]:
    """Two records as one piece of evidence."""
    return [
        Line(f"{name} trial: {line.text}", line.needed)
        for name, lines in (("Primary", first), ("Secondary", second))
        for line in lines
    ]


def _swapped(kind: str, words: list[str], more, less, shared: dict[str, str] | None = None) -> Opposites:
    """<x> has more than <y>; ``more`` and ``less`` write the two records."""
    return Opposites(
        kind,
        words,
        {"x": _ONE, "y": _TWO},
        {"x": _TWO, "y": _ONE},
        lambda s, r: beside(*((less(r), more(r)) if s else (more(r), less(r)))),
        None,
        shared or {},
    )


def _lasts(random: Random) -> Opposites:
    n = random.choice((2, 3, 4, 6, 8, 12))
    unit = random.choice(("weeks", "months", "days"))
    long, short = (f"{v} {unit}" for v in (n + random.choice((1, 2, 4, 10, 20)), n))
    if unit == "months" and random.random() < 0.3:
        short = f"{n} weeks"
    words = [
        "the treatment of <x> lasts longer than that of <y>",
        "<y> treats its [patients|participants] for a shorter time than <x>",
        "[patients|participants] in <x> are treated for longer than those in <y>",
        "the duration of treatment in <y> is shorter than in <x>",
    ]
    return _swapped(
        "trials_duration",
        words,
        *(lambda r, v=v: gifts.section(r, [[replace(gifts.a_gift(r), lasts=v)]]) for v in (long, short)),
    )


def _dosed(random: Random) -> Opposites:
    g = gifts.a_gift(random)
    high, low = int(g.dose or 1) * random.choice((2, 3)) + random.choice((0, 5)), int(g.dose or 1)
    words = [
        f"{_PEOPLE} in <x> [receive|get|take] a higher dose of {g.what} than those in <y>",
        f"<y> uses [a lower dose|less per dose] of {g.what} than <x>",
        f"the dose of {g.what} is higher in <x> than in <y>",
    ]
    return _swapped(
        "trials_dose",
        words,
        *(
            lambda r, v=v: gifts.section(r, [[replace(gifts.a_gift(r, g.what), dose=v, unit=g.unit)]])
            for v in (high, low)
        ),
    )


def _shared(random: Random) -> Opposites:
    """The same drug, route, in both trials or in one."""
    kind = random.choice(("drug", "route", "placebo"))
    what, route = drug(random), random.randrange(len(gifts.ROUTES))
    thing = {"drug": what, "route": gifts.ROUTES[route][2] + " treatment", "placebo": "[a placebo|placebo]"}[kind]
    words = ["<w> [use|give|administer] <d>", f"{_PEOPLE} in <w> [receive|are given] <d>"]
    one = random.random() < 0.5
    first, second = (
        "[both trials|both the primary trial and the secondary trial|both the primary and secondary trials]",
        f"only {_ONE if one else _TWO}",
    )

    def arm(r: Random, there: bool) -> list[Line]:
        g = gifts.a_gift(r)
        if kind == "route":
            g = replace(g, route=route if there else r.choice([x for x in range(len(gifts.ROUTES)) if x != route]))
        elif there:
            g = replace(g, what={"drug": what, "placebo": "placebo"}[kind])
        other = [gifts.a_gift(r)] if kind != "route" and r.random() < 0.6 else []
        arms = [[g], other] if other else [[g]]
        return gifts.section(r, arms if r.random() < 0.5 else arms[::-1])

    return Opposites(
        f"trials_{kind}",
        words,
        {"w": first},
        {"w": second},
        lambda s, r: beside(arm(r, not s or one), arm(r, not s or not one)),
        None,
        {"d": thing},
    )


def _outcome(random: Random) -> Opposites:
    o, _, more, said = outcomes.an_outcome(random)
    less = {"longer": "shorter", "higher": "lower"}[more]
    high, low = max(o.values), min(o.values)
    arms = random.choice((1, 2))
    where = "" if arms == 1 else f"{cohort(1)} of "
    words = [
        f"the <o> was {more} in {where}<x> than in {where}<y>",
        f"<o> in {where}<y> was {less} than in {where}<x>",
        f"{where}<x> [had|reported] a {more} <o> than {where}<y>",
    ]

    def record(r: Random, v: float) -> list[Line]:
        other, (lo, hi, _), _, _ = outcomes.an_outcome(r, arms)
        values = (v, *(round(lo + r.random() * (hi - lo), 1) for _ in other.values[1:]))
        return outcomes.section(
            r, replace(o, names=other.names, analysed=other.analysed, values=values, frame=other.frame)
        )

    return _swapped("trials_outcome", words, lambda r: record(r, high), lambda r: record(r, low), {"o": said})


def _size(random: Random) -> Opposites:
    a, b = random.sample(range(8, 300), 2)
    words = [
        f"<x> [analysed|included] more {_PEOPLE} than <y>",
        f"fewer {_PEOPLE} were analysed in <y> than in <x>",
        "<y> [has|had] a smaller [sample|number of participants analysed] than <x>",
    ]

    def record(r: Random, n: int) -> list[Line]:
        o, _, _, _ = outcomes.an_outcome(r, 1)
        return outcomes.section(r, replace(o, analysed=(n,)), needed="analysed")

    return _swapped("trials_size", words, lambda r: record(r, max(a, b)), lambda r: record(r, min(a, b)))


def _measures(random: Random) -> Opposites:
    """The same outcome measured in both trials, or another."""
    words = [
        "<a> outcome is [measured|reported] in the primary trial and the secondary trial",
        "the primary trial and the secondary trial [measure|report] <a> outcome",
        "the unit of measurement is <b> in the primary trial and the secondary trial",
    ]

    def write(s: int, r: Random) -> list[Line]:
        o, _, _, said = outcomes.an_outcome(r)
        p, q = outcomes.an_outcome(r)[0], o
        while s and (q.unit == o.unit or q.title == o.title):
            q = outcomes.an_outcome(r)[0]
        return beside(
            outcomes.section(r, o),
            outcomes.section(
                r,
                replace(
                    q,
                    names=p.names,
                    analysed=p.analysed,
                    frame=p.frame,
                    values=tuple(sorted(q.values, reverse=r.random() < 0.5)),
                ),
            ),
        )

    return Opposites(
        "trials_measure",
        words,
        {"a": "the same", "b": "[the same|identical]"},
        {"a": "a different", "b": "[different|not the same]"},
        write,
    )


def _cases(random: Random) -> Opposites:
    name, said = random.choice(list(EVENTS.items()))
    arms = random.choice((1, 1, 2))
    risk = events.at_risk_of(random, 1) * 2
    low, high = sorted(events.two_counts(random, risk[0]))
    low = random.choice((0, low, low))
    where = "" if arms == 1 else f"{cohort(1)} of "
    words = [
        f"more {_PEOPLE} in {where}<x> [had|suffered from|experienced] <e> than in {where}<y>",
        f"{where}<y> [recorded|reported] fewer cases of <e> than {where}<x>",
        f"a [higher|larger] [proportion|percentage] of {_PEOPLE} had <e> in {where}<x> than in {where}<y>",
    ]

    def record(r: Random, n: int) -> list[Line]:
        at = tuple(risk[:arms])
        kept = {name: (n, *(events.small(r, x) for x in at[1:]))}
        return events.section(r, events.events(r, at, kept, r.choice((3, 5, 8, 12))), at, lambda k, i: k == name)

    return _swapped("trials_cases", words, lambda r: record(r, high), lambda r: record(r, low), {"e": said})


def _in_one(random: Random) -> Opposites:
    name, said = random.choice(list(EVENTS.items()))
    words = [
        "<e> was [recorded|reported|observed] in <x>, but not in <y>",
        "there were cases of <e> in <x>, [whereas|while] <y> [had none|recorded none]",
        "unlike <y>, <x> [had|recorded] cases of <e>",
    ]

    def record(r: Random, there: bool) -> list[Line]:
        at = events.at_risk_of(r, r.choice((1, 1, 2)))
        kept = {name: tuple(events.small(r, x) if there else 0 for x in at)} if there or r.random() < 0.5 else {}
        listed = {
            k: v for k, v in events.events(r, at, kept, r.choice((3, 5, 8, 12))).items() if k in kept or k != name
        }
        return events.section(r, listed, at, lambda k, i: k == name)

    return _swapped("trials_in_one", words, lambda r: record(r, True), lambda r: record(r, False), {"e": said})


_KINDS = {
    "Intervention": (_lasts, _dosed, _shared, _shared),
    "Results": (_outcome, _outcome, _size, _measures),
    "Adverse Events": (_cases, _cases, _in_one),
}


def across(section: str, random: Random) -> Opposites:
    return random.choice(_KINDS[section])(random)
