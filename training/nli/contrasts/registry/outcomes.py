# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""Outcome measures with a value for each arm, and how a record says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from contrasts.registry.text import Line, cohort, plain, share, spun
from contrasts.registry.words import OUTCOMES, drugs

__all__ = [
    "Outcome",
    "PEOPLE",
    "an_outcome",
    "arm",
    "either_of",
    "elsewhere",
    "exchanged",
    "section",
    "time_frame",
    "titles",
    "unit_said",
]

# fmt: off
_FRAMES = (
    "{n} weeks", "{n} months", "Week {n}", "[Up to {n} months|up to {n} months]", "[Baseline to week {n}|Baseline and week {n}]", "From randomization up to {n} weeks", "{n} days",
    "From date of randomization until the date of first documented event or death from any cause, whichever came first, assessed up to {n} months",
)
# fmt: on


PEOPLE = "[patients|participants|subjects]"


@dataclass(frozen=True)
class Outcome:
    """An outcome measure, with a value and a number analysed for each arm; ``count``: values are numbers of participants."""

    title: str
    text: str
    frame: str
    unit: str
    kind: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    analysed: tuple[int, ...]
    count: bool = False


def an_outcome(random: Random, arms: int = 2) -> tuple[Outcome, tuple[float, ...], str, str]:
    """One with its range, "longer" or "higher", and what a statement calls it."""
    title, text, unit, (low, high, step), kind, more, said = random.choice(OUTCOMES)
    values: list[float] = []
    while len(values) < arms:
        if (v := round(low + random.random() * (high - low), 1)) not in values:
            values.append(v)
    names = titles(random, arms)
    return (
        Outcome(
            spun(title, random),
            spun(text, random),
            time_frame(random),
            unit,
            kind,
            names,
            tuple(values),
            tuple(random.randrange(6, 400) for _ in range(arms)),
        ),
        (low, high, step),
        more,
        said,
    )


def titles(random: Random, arms: int) -> tuple[str, ...]:
    names = drugs(random, arms)
    if random.random() < 0.3:
        names[-1] = random.choice(("Placebo", "Standard of Care", "Usual Care", "Control"))
    style = random.random()
    doses = [
        f" {random.choice((5, 10, 25, 50, 75, 100, 200, 500))} mg" if style > 0.6 and n[-1] not in "elod" else ""
        for n in names
    ]
    return tuple(
        ("" if style < 0.75 else f"Arm {'ABC'[i]}: ") + n + d for i, (n, d) in enumerate(zip(names, doses, strict=True))
    )


def time_frame(random: Random) -> str:
    return spun(
        random.choice(_FRAMES).format(
            n=random.choice((1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 26, 30, 36, 48, 52, 60))
        ),
        random,
    )


# fmt: off
_DETAILS = (
    "Analysis was done in the intention-to-treat population.", "Missing values were imputed by last observation carried forward.",
    "Participants without an event were censored at the date of the last assessment.", "All participants who received at least one dose of study treatment were analysed.",
    "Tumor assessments were made by computed tomography or magnetic resonance imaging.", "The analysis set comprised all randomized participants with a baseline value.",
    "Data are reported as planned in the protocol.",
    "Assessments were repeated every 6 to 8 weeks until progression, withdrawal of consent or the end of the study, and confirmed by a second assessment at least 4 weeks later.",
    "Participants who were lost to follow-up, withdrew consent or started a new treatment were censored at the date of the last adequate assessment.",
    "The analysis was done in all randomized participants who received at least one dose of study treatment and had at least one assessment after baseline, whether or not they completed treatment.",
    "Higher scores mean a greater effect; the scale has been validated in several languages and was completed by the participants themselves at each visit.",
)
# fmt: on


def section(random: Random, outcome: Outcome, hide: str = "", needed: str = "value") -> list[Line]:
    """The section. ``needed``: which lines a statement rests on: those of the value, the number analysed, the frame."""
    out = [plain("Outcome Measurement:"), plain(outcome.title), plain(outcome.text + random.choice((".", "")))]
    out += [plain(random.choice(_DETAILS)) for _ in range(random.choice((0, 1, 1, 2, 3)))]
    if hide != "frame":
        out.append(Line(f"Time frame: {outcome.frame}", needed == "frame"))
    for i, (name, value, n) in enumerate(zip(outcome.names, outcome.values, outcome.analysed, strict=True)):
        out += [plain(f"Results {i + 1}:"), plain(f"Arm/Group Title: {name}")]
        out.append(
            plain(
                f"Arm/Group Description: {random.choice(('Participants received ', 'Patients treated with ', '', ''))}{name}{random.choice(('', ' according to the protocol', ' until progression', ' for the whole study period', ' once every 3 weeks until disease progression, unacceptable toxicity or withdrawal of consent, whichever came first', ' for a maximum of 12 months, with dose reductions for toxicity as described in the protocol'))}"
            )
        )
        if hide != "analysed":
            out.append(Line(f"Overall Number of Participants Analyzed: {n}", needed in ("analysed", "share")))
        if outcome.count:
            value = int(value)
            percent = f" {share(int(value), n, 1)}" if hide != "percent" and random.random() < 0.5 else ""
            out += [
                plain(f"Measure Type: {'Count of Participants' if percent else 'Number'}"),
                Line(f"Unit of Measure: {outcome.unit} {value}{percent}", needed in ("value", "share")),
            ]
            continue
        spread = random.random()
        low, high = value * (0.5 + spread / 3), value * (1.2 + spread / 2)
        if "percentage" in outcome.unit:
            high = min(high, 99.9)
        shown = (
            f" ({low:.1f} to {high:.1f})"
            if "Interval" in outcome.kind
            else f" ({value * (0.1 + spread / 2):.1f})"
            if "Deviation" in outcome.kind
            else ""
        )
        out += [
            plain(outcome.kind) if "Number" not in outcome.kind else plain("Measure Type: Number"),
            Line(
                f"Unit of Measure: {outcome.unit} {value:.1f}{shown if high > value else ''}",
                needed in ("value", "share"),
            ),
        ]
    return out


def arm(random: Random, outcome: Outcome, i: int) -> str:
    """Words for an arm: by its number or its title."""
    name = outcome.names[i].split(": ")[-1]
    if len(outcome.names) > 2:
        return f"[the {name} [group|arm]|the {name} [group|arm]|{name}]"
    return f"[the {name} [group|arm|cohort]|the {name} [group|arm|cohort]|{cohort(i + 1)}]"


def exchanged(outcome: Outcome) -> Outcome:
    return replace(outcome, values=outcome.values[::-1], analysed=outcome.analysed)


def either_of(outcome: Outcome, other: Outcome, needed: str = "value") -> Callable[[int, Random], list[Line]]:
    return lambda s, r: section(r, (outcome, other)[s], needed=needed)


def elsewhere(random: Random, outcome: Outcome, said: str) -> Outcome:
    """The same arms with another outcome measured."""
    while True:
        new, _, _, other = an_outcome(random, len(outcome.names))
        if other != said:
            return replace(new, names=outcome.names, analysed=outcome.analysed)


def unit_said(outcome: Outcome, percent: str) -> str:
    """The unit as a statement puts it."""
    return {"percentage of participants": percent, "percent change": "percent"}.get(outcome.unit, outcome.unit)
