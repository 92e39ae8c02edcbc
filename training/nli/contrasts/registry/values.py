# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""What came out: values, differences, arms compared, what was measured and when."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from contrasts.registry.outcomes import PEOPLE, an_outcome, arm, either_of, elsewhere, exchanged, section, unit_said
from contrasts.registry.text import Opposites

__all__ = ["best", "bound", "difference", "measured", "more_of", "time_of", "twice", "value"]


def value(random: Random) -> Opposites:
    """An arm's value, or the other arm's, or one that is nobody's."""
    o, (low, high, _), _, said = an_outcome(random)
    i = random.randrange(2)
    if random.random() < 0.6:
        other = exchanged(o)
    else:
        values = list(o.values)
        while values[i] in o.values:
            values[i] = round(low + random.random() * (high - low), 1)
        other = replace(o, values=tuple(values))
    words = [
        "the <o> in <a> of <t> was <v> <u>",
        "<a> of <t> had [a|an average|a reported] <o> of <v> <u>",
        f"{PEOPLE} in <a> of <t> had a <o> of <v> <u>",
        "in <t>, <a> reached a <o> of <v> <u>",
    ]
    slots = [{"v": f"{x.values[i]:.1f}"} for x in (o, other)]
    return Opposites(
        "value",
        words,
        slots[0],
        slots[1],
        either_of(o, other),
        lambda r: section(r, elsewhere(r, o, said)),
        {
            "o": said,
            "u": unit_said(o, "%"),
            "a": arm(random, o, i),
        },
    )


def more_of(random: Random) -> Opposites:
    """Which of two arms had more."""
    o, _, more, said = an_outcome(random)
    less = {"longer": "shorter", "higher": "lower"}[more]
    high, low = sorted(o.values)[::-1]
    o = replace(o, values=(high, low))
    a, b = (arm(random, o, i) for i in (0, 1))
    if random.random() < 0.5:
        a, b, less, more = b, a, more, less
        o = replace(o, values=(high, low))
    words = [
        f"the <o> was {more} in <a> of <t> than in <b>",
        f"<a> of <t> had [a|a] {more} <o> than <b>",
        f"compared [to|with] <b>, <a> of <t> had a {more} <o>",
        f"<b> of <t> had a {less} <o> than <a>",
        f"<o> in <t> was {less} in <b> than in <a>",
    ]
    one, two = {"a": a, "b": b}, {"a": b, "b": a}
    return Opposites(
        "more", words, one, two, either_of(o, exchanged(o)), lambda r: section(r, elsewhere(r, o, said)), {"o": said}
    )


def difference(random: Random) -> Opposites:
    """By how much the arms differ."""
    o, (low, high, _), more, said = an_outcome(random)
    a, b = sorted(o.values)
    d = round(b - a, 1)
    while True:
        e = round(
            abs(random.random() * (high - low))
            if random.random() < 0.5
            else d + random.choice((-5, -2, -1, 1, 2, 3, 5)),
            1,
        )
        if e > 0 and e != d and round(a + e, 1) < high * 1.3:
            break
    gaps = [d, e]
    random.shuffle(gaps)
    values = (b, a) if random.random() < 0.5 else (a, b)
    first = values[0] > values[1]
    made = [replace(o, values=tuple(v if v == a else round(a + g, 1) for v in values)) for g in gaps]
    x, y = (arm(random, o, i) for i in ((0, 1) if first else (1, 0)))
    words = [
        f"the <o> was <v> <u> {more} in <x> of <t> than in <y>",
        "the [difference|gap] in <o> between the [two arms|groups|cohorts] of <t> was <v> <u>",
        f"<x> of <t> had a <o> <v> <u> {more} than <y>",
        "<y> of <t> was <v> <u> [below|behind] <x> in <o>",
    ]
    return Opposites(
        "difference",
        words,
        {"v": f"{gaps[0]:.1f}"},
        {"v": f"{gaps[1]:.1f}"},
        either_of(made[0], made[1]),
        lambda r: section(r, elsewhere(r, o, said)),
        {
            "o": said,
            "x": x,
            "y": y,
            "u": unit_said(o, "percentage points"),
        },
    )


def bound(random: Random) -> Opposites:
    """More than some value, or less, in an arm or in all."""
    o, (low, high, _), _, said = an_outcome(random)
    cut = round(low + (0.15 + 0.7 * random.random()) * (high - low), random.choice((0, 0, 1)))
    cut = round(cut) if cut > 5 and random.random() < 0.6 else cut
    up = [round(cut + (high - cut) * (0.02 + 0.9 * random.random()), 1) + 0.1 for _ in range(2)]
    down = [round(cut - (cut - low) * (0.02 + 0.9 * random.random()), 1) - 0.1 for _ in range(2)]
    if random.random() < 0.6:
        i = random.randrange(2)
        other = random.choice((up, down))[1 - i]
        made = [replace(o, values=tuple(v if j == i else other for j in (0, 1))) for v in (up[i], down[i])]
        words = ["the <o> in <a> of <t> was <v> <c> <u>", "<a> of <t> had a <o> of <v> <c> <u>"]
        slots = [{"v": "[more than|over|above|at least]"}, {"v": "[less than|under|below|at most]"}]
        shared = {"a": arm(random, o, i)}
    else:
        made = [replace(o, values=tuple(up)), replace(o, values=tuple(down))]
        words = [
            "the <o> was <v> <c> <u> in [both|all] [arms|cohorts|groups] of <t>",
            "<q> [group|arm|cohort] in <t> [had|reached] a <o> of more than <c> <u>",
        ]
        slots = [{"v": "[more than|over|above]", "q": "[each|every]"}, {"v": "[less than|under|below]", "q": "no"}]
        shared = {}
    return Opposites(
        "bound",
        words,
        slots[0],
        slots[1],
        either_of(made[0], made[1]),
        lambda r: section(r, elsewhere(r, o, said)),
        {
            **shared,
            "o": said,
            "c": f"{cut:g}",
            "u": unit_said(o, "%"),
        },
    )


def twice(random: Random) -> Opposites:
    """At least twice as much, or not."""
    o, (low, high, _), more, said = an_outcome(random)
    a = round(low + random.random() * (high - low) / 3, 1)
    far, near = round(a * (2.05 + random.random()), 1), round(a * (1.05 + 0.85 * random.random()), 1)
    if "percent" in o.unit:
        a, far, near = round(a / 2, 1), round(far / 2, 1), round(near / 2, 1)
    first = random.random() < 0.5
    made = [replace(o, values=(v, a) if first else (a, v)) for v in (far, near)]
    x, y = (arm(random, o, i) for i in ((0, 1) if first else (1, 0)))
    words = [
        "the <o> in <x> of <t> was <v> [twice|double] that in <y>",
        f"<o> was <v> twice as {'long' if more == 'longer' else 'high'} in <x> of <t> as in <y>",
    ]
    return Opposites(
        "twice",
        words,
        {"v": "[more than|over]"},
        {"v": "[less than|not even]"},
        either_of(made[0], made[1]),
        lambda r: section(r, elsewhere(r, o, said)),
        {"o": said, "x": x, "y": y},
    )


def time_of(random: Random) -> Opposites:
    o, _, _, said = an_outcome(random)
    n, m = random.sample((1, 2, 3, 4, 6, 8, 10, 12, 16, 18, 20, 24, 26, 36, 48, 52, 60), 2)
    unit = random.choice(("weeks", "weeks", "months", "months", "days", "years"))
    frame = random.choice(
        (
            "{n} {u}",
            "Up to {n} {u}",
            "Baseline and {n} {u}",
            "Baseline to {n} {u}",
            "From randomization up to {n} {u}",
            "assessed for {n} {u}",
        )
    )
    made = [replace(o, frame=frame.format(n=x, u=unit)) for x in (n, m)]
    said_as = [f"{12 * x} months" if unit == "years" and random.random() < 0.5 else f"{x} {unit}" for x in (n, m)]
    words = [
        "the time frame [for|of] <o> in <t> was <v>",
        "<o> was [measured|assessed] over [a period of|] <v> in <t>",
        f"{PEOPLE} in <t> were followed for <v> [to measure|for] <o>",
        "<t> [measured|assessed] <o> [over|within] <v>",
    ]
    return Opposites(
        "time_frame",
        words,
        {"v": said_as[0]},
        {"v": said_as[1]},
        lambda s, r: section(r, made[s], needed="frame"),
        lambda r: section(r, o, "frame"),
        {"o": said},
    )


def measured(random: Random) -> Opposites:
    """What is measured, and in what unit."""
    a, _, _, said_a = an_outcome(random)
    while True:
        b, _, _, said_b = an_outcome(random)
        if said_a != said_b and a.unit != b.unit:
            break
    b = replace(b, names=a.names, analysed=a.analysed)
    if random.random() < 0.5:
        words = [
            "the [outcome|endpoint|primary outcome] of <t> is [the|] <v>",
            "<t> [measures|looks at|reports|studies] the <v> of its participants",
            "the results of <t> are about <v>",
        ]
        slots = [{"v": said_a}, {"v": said_b}]
    else:
        words = [
            "the outcome of <t> [is|was] [measured|reported|expressed] in <v>",
            "the unit of measurement [used|] in <t> is <v>",
            "<t> [reports|gives] its results in <v>",
        ]
        slots = [{"v": x.unit} for x in (a, b)]
    return Opposites("measured", words, slots[0], slots[1], either_of(a, b))


def best(random: Random) -> Opposites:
    """The best and the worst of three arms."""
    o, _, more, said = an_outcome(random, 3)
    top, bottom, middle = *sorted(o.values, reverse=True)[::2], sorted(o.values)[1]
    i, j = random.sample(range(3), 2)
    up = random.random() < 0.5
    word = {
        ("longer", True): "longest",
        ("longer", False): "shortest",
        ("higher", True): "highest",
        ("higher", False): "lowest",
    }[more, up]
    best = top if up else bottom
    rest = [v for v in (top, middle, bottom) if v != best]
    made = []
    for k in (i, j):
        random.shuffle(rest)
        left = iter(rest)
        made.append(replace(o, values=tuple(best if x == k else next(left) for x in range(3))))
    words = [
        f"of the [three arms|three groups] in <t>, <a> had the {word} <o>",
        f"the {word} <o> in <t> was [seen|recorded|found] in <a>",
        f"no [group|arm] of <t> had a {'longer' if word == 'longest' else 'shorter' if word == 'shortest' else 'higher' if word == 'highest' else 'lower'} <o> than <a>",
    ]
    return Opposites(
        "best",
        words,
        {"a": arm(random, o, i)},
        {"a": arm(random, o, j)},
        either_of(made[0], made[1]),
        lambda r: section(r, elsewhere(r, o, said)),
        {"o": said},
    )
