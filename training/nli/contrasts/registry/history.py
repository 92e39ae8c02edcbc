# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""Who can take part: conditions that are asked for or keep out, earlier treatment and how long ago it was."""

from __future__ import annotations

from functools import partial
from random import Random

from contrasts.registry.criteria import IN, INS, OUT, OUTS, PEOPLE, TAKE, WHO, either, says
from contrasts.registry.text import Opposites
from contrasts.registry.words import CONDITIONS, drug

__all__ = ["condition", "condition_needed", "prior_treatment", "washout", "which_condition"]


def condition(random: Random) -> Opposites:
    what, who = random.choice(CONDITIONS)
    words = [
        f"{who} <ins> <t>",
        f"{who} <ins> <t>",
        f"<t> <takes> {who}",
        f"[a history of|having] {what} <does> a {WHO} from <t>",
    ]
    out = says(
        "",
        f"[History of |Known |Evidence of |Active |Presence of |Patients with |Any |||]{what}[||, past or present| at screening]",
    )
    negated = says(f"[No history of|No|No evidence of|Absence of|No known|Free of] {what}")
    allowed = says(
        f"[Patients with {what} are eligible|{what} is allowed|Patients with {what} may take part|{what} is permitted if stable|{what} does not exclude a patient]"
    )
    needed = says(
        f"[Documented {what}|Confirmed {what}|Patients must have {what}|Clinical diagnosis of {what}|Presence of {what}|{what}]"
    )

    def inside(r: Random) -> tuple[list[str], list[str]]:
        return (allowed if r.random() < 0.5 else needed)(r)

    def outside(r: Random) -> tuple[list[str], list[str]]:
        return (negated if r.random() < 0.35 else out)(r)

    return Opposites(
        "condition",
        words,
        {
            "ins": INS,
            "takes": "[accepts|admits|includes|is open to|does not exclude]",
            "does": "[does not exclude|would not exclude|does not disqualify]",
        },
        {
            "ins": OUTS,
            "takes": "[excludes|does not accept|rejects|is not open to|does not admit]",
            "does": "[excludes|would exclude|disqualifies]",
        },
        either(inside, outside, what),
    )


def condition_needed(random: Random) -> Opposites:
    what, who = random.choice(CONDITIONS)
    words = [
        f"{PEOPLE} <must> {what} to {TAKE} <t>",
        f"<having> {what} is [a requirement|a condition|required] for [taking part in|participation in|entry into] <t>",
        f"only {PEOPLE} <with> {what} {INS} <t>",
    ]
    first = {"must": "[must have|need to have|have to have]", "having": "having", "with": "with"}
    second = {
        "must": "[must not have|must be free of|cannot have]",
        "having": "[not having|being free of]",
        "with": "without",
    }
    needed = says(
        f"[Documented {what}|Confirmed {what}|Patients must have {what}|Clinical diagnosis of {what}|Established {what}]"
    )
    return Opposites(
        "condition_needed",
        words,
        first,
        second,
        either(
            needed,
            lambda r: (
                ([], [f"[History of |Known |Active |Presence of ||]{what}"])
                if r.random() < 0.6
                else ([f"[No|No evidence of|Absence of|No history of] {what}"], [])
            ),
            what,
        ),
    )


def which_condition(random: Random) -> Opposites:
    (a, who_a), (b, who_b) = random.sample(CONDITIONS, 2)
    words = [
        "<w> <outs> <t>",
        "<w> <outs> <t>",
        "[being among|belonging to the] <w> [is a reason for exclusion from|rules a person out of] <t>",
    ][:2]
    say_in, say_out = "[Documented|Confirmed|Patients must have|Diagnosis of]", "[History of |Known |Active ||]"
    inside = random.random() < 0.5
    slots = [{"w": w, "outs": INS if inside else OUTS} for w in ((who_a, who_b) if inside else (who_b, who_a))]
    return Opposites(
        "which_condition",
        words,
        slots[0],
        slots[1],
        either(
            lambda r: ([f"{say_in} {a}"], [f"{say_out}{b}"]), lambda r: ([f"{say_in} {b}"], [f"{say_out}{a}"]), a, b
        ),
    )


def prior_treatment(random: Random) -> Opposites:
    what = random.choice(
        (
            drug(random),
            drug(random),
            "chemotherapy",
            "radiotherapy",
            "hormonal therapy",
            "surgery",
            "biologic therapy",
            "an aromatase inhibitor",
            "insulin",
            "corticosteroids",
            "immunotherapy",
            "a statin",
        )
    )
    lay = {
        "radiotherapy": "[radiotherapy|radiation]",
        "hormonal therapy": "[hormonal therapy|endocrine treatment]",
        "surgery": "[surgery|an operation]",
    }.get(what, what)
    words = [
        f"{PEOPLE} who [have had|have previously received|were treated before with] {lay} <ins> <t>",
        f"{PEOPLE} <must> {lay} [in the past|before] to {TAKE} <t>",
    ]
    first = {"ins": INS, "must": "[must have received|need to have had|have to have been given]"}
    second = {"ins": OUTS, "must": "[must never have received|must not have had|cannot have been given]"}
    inside = says(
        f"[Must have received prior {what}|Prior {what} required|At least one prior course of {what}|Previously treated with {what}|Progression after {what}|Completed {what}]"
    )
    return Opposites(
        "prior_treatment",
        words,
        first,
        second,
        either(
            inside,
            lambda r: (
                (
                    [],
                    [
                        f"[Prior {what}|Prior treatment with {what}|Previous {what}|Any previous {what}|Have received {what}]"
                    ],
                )
                if r.random() < 0.6
                else ([f"[No prior {what}|{what}-naive|No previous {what}|Never treated with {what}]"], [])
            ),
            what,
            "surgery",
            "majorsurgery",
            "steroids",
            "recovered",
        ),
    )


def washout(random: Random) -> Opposites:
    name, x = (
        random.choice(("chemotherapy", "radiotherapy", "surgery", drug(random))),
        random.choice((1, 2, 3, 4, 5, 6, 8, 10, 12)),
    )
    words = [
        f"a {WHO} [who received {name}|whose last {name} was|treated with {name}] {x} weeks ago <in> <t>",
        f"{PEOPLE} who had {name} {x} weeks [ago|before enrolment] <ins> <t>",
    ]

    def weeks(r: Random, inside: bool) -> tuple[list[str], list[str]]:
        n = max(1, x - r.choice((1, 2, 3, 4))) if inside else x + r.choice((1, 2, 4, 6))
        if inside and n == x:
            return [f"{name} is allowed up to the day of enrolment"], []
        lasts = f"{n} weeks" if r.random() < 0.7 else f"{7 * n} days"
        return (
            (
                [],
                [
                    f"[{name} within {lasts} of enrolment|{name} in the last {lasts}|Received {name} less than {lasts} ago]"
                ],
            )
            if r.random() < 0.6
            else (
                [
                    f"[At least {lasts} since {name}|Last {name} at least {lasts} before enrolment|More than {n - 1} weeks since the last {name}]"
                ],
                [],
            )
        )

    return Opposites(
        "washout",
        words,
        {"in": IN, "ins": INS},
        {"in": OUT, "ins": OUTS},
        either(partial(weeks, inside=True), partial(weeks, inside=False), name, "majorsurgery", "surgery", "recovered"),
    )
