"""Statements about trial registry records: made-up trials, and statements written by rule from what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from contrasts.registry.across import across, beside
from contrasts.registry.adverse import adverse
from contrasts.registry.eligibility import eligibility, joined
from contrasts.registry.interventions import interventions
from contrasts.registry.results import results
from contrasts.registry.text import Line, Opposites, spun

__all__ = ["trial_pairs"]

_SECTIONS = {"Eligibility": eligibility, "Intervention": interventions, "Results": results, "Adverse Events": adverse}
_SHARES = (31, 22, 21, 26)
_MIRRORED = 0.3  # of the pairs stand beside the pair with the labels exchanged


def trial_pairs(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows about trials that never were: two statements on the same record, of which one is supported, one refuted.

    Statements are drawn before it is drawn which of them holds, and the record is written to fit; so a statement alone
    tells nothing. About one row in ten is ``not_enough_info``: the record leaves out what it would take.

    Parameters
    ----------
    count : int
        How many rows.
    seed : int
        The same rows again for the same seed.

    Yields
    ------
    dict
        ``claim``, ``evidence`` (lines of one section of one trial, or of two), ``label``, ``group`` and ``pair``
        (a number of the record, of the pair), ``change`` (the kind of statement), ``section``, ``type`` (Single or
        Comparison), ``rationale`` (places of the lines that decide).

    Examples
    --------
    >>> rows = list(trial_pairs(40, 0))
    >>> len(rows), sorted({row["label"] for row in rows})[1:]
    (40, ['refuted', 'supported'])
    """
    random = Random(seed)
    made = 0
    number = 0
    while made < count:
        number += 1
        section = random.choices(list(_SECTIONS), _SHARES)[0]
        for row in _rows(section, f"trials-{seed}-{number}", random):
            made += 1
            yield row
            if made == count:
                return


def _rows(section: str, group: str, random: Random) -> Iterator[dict[str, Any]]:
    item, trial, two = _item(section, random)
    states = [random.randrange(2)]
    if random.random() < _MIRRORED:
        states.append(1 - states[0])
    for state in states:
        lines = item.record(state, random)
        order = [0, 1]
        random.shuffle(order)
        seed = random.random()
        wordings = (
            [_wording(item, Random(seed))] * 2 if random.random() < 0.7 else [_wording(item, random) for _ in order]
        )
        full_stop = random.random() < 0.8
        for which in order:
            claim = _claim(item.said(which, trial, random, wordings[which]), full_stop)
            yield _row(
                claim,
                lines,
                "supported" if which == state else "refuted",
                group,
                f"{group}-{state}",
                item.kind,
                section,
                two,
            )
    if item.silent:  # not every kind can be left open
        lines = item.silent(random)
        if two:
            other = _SECTIONS[section](random).record(random.randrange(2), random)
            lines = beside(lines, other) if "primary" in trial else beside(other, lines)
        for which in (0, 1) if random.random() < 0.4 else (random.randrange(2),):
            claim = _claim(item.said(which, trial, random, _wording(item, random)), random.random() < 0.8)
            yield _row(claim, lines, "not_enough_info", group, f"{group}-open", item.kind, section, two)


_LEADS = (
    "according to the [record|registry|registry entry|protocol], ",
    "[it can be seen|it follows|it is clear] from the record that ",
    "the [record|section] [shows|states|says] that ",
    "[as|just as] reported in the registry, ",
    "[based on|going by] what is reported, ",
)


def _wording(item: Opposites, random: Random) -> str:
    lead = random.choice(_LEADS) if random.random() < 0.15 else ""
    return spun(lead + random.choice(list(item.wordings)), random)


def _item(section: str, random: Random) -> tuple[Opposites, str, bool]:
    """What is stated, of which trial, and whether the record is of two."""
    item = _SECTIONS[section](random)
    if random.random() < 0.58:
        if section == "Eligibility" and random.random() < 0.25:
            item = joined(random)
        return item, random.choice(("the primary trial",) * 5 + ("this trial", "the study", "the trial")), False
    if section in ("Intervention", "Results", "Adverse Events") and random.random() < 0.55:
        return across(section, random), "", True
    if section in ("Eligibility", "Adverse Events") and random.random() < 0.6:
        return _both(item, random), "", True
    make = _SECTIONS[section]
    if random.random() < 0.45:
        return _whereas(item, make(random), random), "", True
    first = random.random() < 0.5

    def record(state: int, r: Random) -> list[Line]:
        mine, other = item.record(state, r), [Line(x.text, False) for x in make(r).record(r.randrange(2), r)]
        return beside(mine, other) if first else beside(other, mine)

    return replace(item, record=record), f"the {'primary' if first else 'secondary'} trial", True


def _both(item: Opposites, random: Random) -> Opposites:
    """A statement that tells two trials apart by what is stated of one."""
    one, two = "the primary trial", "the secondary trial"
    style = random.random()
    which = random.randrange(2)
    slots = {**item.shared, **(item.second if which else item.first)}
    if style < 0.55:  # of this trial, or of that one; it holds for one of them
        return replace(
            item,
            kind=f"{item.kind}_which_trial",
            first={**slots, "t": one},
            second={**slots, "t": two},
            record=lambda s, r: beside(item.record(which ^ s, r), item.record(which ^ s ^ 1, r)),
            silent=None,
        )
    both = f"[both {one} and {two}|{one} as well as {two}|both trials|{one} and {two}]"
    alone = random.randrange(2)
    only = f"{(one, two)[alone]} but not {(two, one)[alone]}"

    def record(s: int, r: Random) -> list[Line]:
        other = item.record(which ^ s, r)
        mine = item.record(which, r)
        return beside(other, mine) if alone else beside(mine, other)

    return replace(
        item,
        kind=f"{item.kind}_both_trials",
        wordings=[w for w in item.wordings if w.rstrip().endswith("<t>")] or list(item.wordings),
        first={**slots, "t": both},
        second={**slots, "t": only},
        record=record,
        silent=None,
    )


def _whereas(item: Opposites, more: Opposites, random: Random) -> Opposites:
    """Beside what is stated of one trial, something that holds of the other."""
    which = random.randrange(2)
    slots = {f"also{k}": _also(v) for k, v in {**more.shared, **(more.second if which else more.first)}.items()}
    first = random.random() < 0.5
    one, two = ("the primary trial", "the secondary trial") if first else ("the secondary trial", "the primary trial")
    other = [_also(w) for w in more.wordings]
    link = "[, whereas|, while|, and|; by contrast,|, but]"
    words = [f"{x}{link} {y}" if random.random() < 0.5 else f"{y}{link} {x}" for x in item.wordings for y in other]

    def record(state: int, r: Random) -> list[Line]:
        mine, yours = item.record(state, r), more.record(which, r)
        return beside(mine, yours) if first else beside(yours, mine)

    return replace(
        item,
        kind=f"{item.kind}_whereas",
        wordings=words,
        shared={**item.shared, **slots, "t": one, "alsot": two},
        record=record,
        silent=None,
    )


def _also(text: str) -> str:
    """The slots of a second statement, named apart."""
    return re.sub(r"<([a-z]\w*)>", r"<also\1>", text)


def _claim(text: str, full_stop: bool) -> str:
    text = " ".join(text.split())
    return text[0].upper() + text[1:] + ("." if full_stop else "")


def _row(
    claim: str, lines: list[Line], label: str, group: str, pair: str, kind: str, section: str, two: bool
) -> dict[str, Any]:
    return {
        "claim": claim,
        "evidence": [line.text for line in lines],
        "label": label,
        "group": group,
        "pair": pair,
        "change": kind,
        "section": section,
        "type": "Comparison" if two else "Single",
        "rationale": [i for i, line in enumerate(lines) if line.needed],
    }
