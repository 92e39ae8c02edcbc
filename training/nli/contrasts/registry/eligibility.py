"""Who can take part: one criterion, or two."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

from contrasts.registry.criteria import Either, record_of
from contrasts.registry.history import condition, condition_needed, prior_treatment, washout, which_condition
from contrasts.registry.measures import ecog, lab_bound, lab_person, lines_before, marker, stage
from contrasts.registry.persons import age_bound, age_person, age_range, age_side, language, pregnancy, sex, two_things
from contrasts.registry.text import Line, Opposites

__all__ = ["eligibility", "joined"]

_KINDS = (
    age_bound,
    age_bound,
    age_side,
    age_person,
    age_person,
    age_range,
    lab_bound,
    lab_bound,
    lab_person,
    lab_person,
    condition,
    condition,
    condition,
    condition_needed,
    which_condition,
    sex,
    pregnancy,
    prior_treatment,
    washout,
    ecog,
    marker,
    stage,
    lines_before,
    language,
    two_things,
)


def eligibility(random: Random) -> Opposites:
    return random.choice(_KINDS)(random)


def joined(random: Random) -> Opposites:
    """Beside a statement, another that holds."""
    item = random.choice(_KINDS)(random)
    a = item.record
    while True:
        more = random.choice(_KINDS)(random)
        b = more.record
        if isinstance(a, Either) and isinstance(b, Either) and not a.topics & b.topics:
            break
    which = random.randrange(2)
    slots = {f"also{k}": v for k, v in {**more.shared, **(more.second if which else more.first)}.items()}
    other = [re.sub(r"<(?!t>)(\w+)>", r"<also\1>", w) for w in more.wordings]
    orders = [pair for x in item.wordings for y in other for pair in ((x, y), (y, x))]
    words = [f"{x}, [and|and|and furthermore|while] {y.replace('<t>', '<it>')}" for x, y in orders]

    def record(state: int, r: Random) -> list[Line]:
        mine, other = a.criteria(state, r), b.criteria(which, r)
        return record_of(r, {*a.topics, *b.topics}, mine[0] + other[0], mine[1] + other[1])

    return replace(
        item,
        kind=f"{item.kind}_joined",
        wordings=words,
        shared={**item.shared, **slots, "it": "[it|the same trial]"},
        record=record,
    )
