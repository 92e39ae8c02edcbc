# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""What came out: numbers of participants, and the shares that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from contrasts.registry.outcomes import PEOPLE, Outcome, an_outcome, arm, either_of, section, time_frame, titles
from contrasts.registry.text import Opposites, share, spun

__all__ = ["analysed", "counts"]


def analysed(random: Random) -> Opposites:
    """How many were analysed, in an arm or in all."""
    o, _, _, _ = an_outcome(random, random.choice((1, 2, 2, 3)))
    i = random.randrange(len(o.names))
    n = list(o.analysed)
    n[i] = (
        max(2, n[i] + random.choice((-12, -5, -3, -1, 1, 2, 4, 10, 25, 100)))
        if random.random() < 0.5
        else random.randrange(6, 400)
    )
    if n[i] == o.analysed[i]:
        n[i] += 7
    other = replace(o, analysed=tuple(n))
    both = [o, other]
    random.shuffle(both)
    if random.random() < 0.5 and len(n) > 1:
        words = [
            f"[in total|altogether], <v> {PEOPLE} were analysed in <t>",
            f"<t> [analysed|evaluated] <v> {PEOPLE} in all [arms|groups] together",
            f"the results of <t> [are based on|come from] <v> {PEOPLE}",
        ]
        slots = [{"v": str(sum(x.analysed))} for x in both]
    else:
        words = [
            f"<v> {PEOPLE} in <a> of <t> were [analysed|analyzed|evaluated]",
            f"<a> of <t> [comprised|had|included] <v> {PEOPLE} [in the analysis|who were analysed]",
            f"the number of {PEOPLE} analysed in <a> of <t> was <v>",
        ]
        slots = [{"v": str(x.analysed[i])} for x in both]
    return Opposites(
        "analysed",
        words,
        slots[0],
        slots[1],
        either_of(both[0], both[1], "analysed"),
        lambda r: section(r, o, "analysed"),
        {"a": arm(random, o, i)},
    )


# fmt: off
_COUNTED = (
    ("[Number of Participants With a Response|Objective Response|Number of Patients With Clinical Benefit]", "[responded|responded to treatment|had a response]"),
    ("[Number of Participants Who Died|Deaths From Any Cause]", "[died|lost their lives]"),
    ("[Participants With Complete Pain Relief|Number of Subjects With Complete Pain Relief]", "[had complete pain relief|were free of pain]"),
    ("[Number of Participants With Disease Recurrence|Disease Recurrence]", "[had a recurrence|relapsed]"),
    ("[Dose Limiting Toxicities|Number of Participants With a Dose Limiting Toxicity]", "[had a dose limiting toxicity|experienced dose limiting toxicity]"),
    ("[Number of Participants in Remission|Clinical Remission]", "[were in remission|reached remission]"),
    ("[Number of Participants Who Completed Treatment|Treatment Completion]", "[completed treatment|completed the treatment]"),
    ("[Number of Participants Hospitalized|Hospitalization]", "[were hospitalised|were admitted to hospital]"),
    ("[Number of Participants With Pathological Complete Response|pCR]", "[had a pathological complete response|achieved pCR]"),
)
# fmt: on


def _counted(random: Random, counts: Sequence[int], of: Sequence[int]) -> tuple[Outcome, str]:
    title, did = random.choice(_COUNTED)
    unit = random.choice(("participants", "Participants", "patients", "participants"))
    name = spun(title, random)
    return Outcome(
        name,
        random.choice(
            ("Assessed by the investigator at each visit", "As determined by an independent review committee", name)
        ),
        time_frame(random),
        unit,
        "",
        titles(random, len(counts)),
        tuple(map(float, counts)),
        tuple(of),
        True,
    ), did


def counts(random: Random) -> Opposites:
    """Shares and numbers worked out from counts."""
    n = tuple(random.choice((random.randrange(4, 60), random.randrange(10, 400))) for _ in range(2))
    k = tuple(random.randrange(1, x) for x in n)
    i = random.randrange(2)
    name = random.choice(("percent", "count", "half", "none", "total", "more", "at least", "not"))
    other = list(k)
    while other[i] == k[i] or abs(other[i] - k[i]) * 100 < n[i] * (4 if name == "percent" else 0):
        other[i] = random.randrange(1, n[i])
    pair = [k, tuple(other)]
    first: dict[str, str] = {}
    second: dict[str, str] = {}
    hide = ""
    if name == "percent":
        random.shuffle(pair)
        words = [f"<v> of {PEOPLE} in <a> of <t> <did>", f"in <a> of <t>, <v> of the {PEOPLE} <did>"]
        first, second = (
            {
                "v": f"[{share(x[i], n[i], 1)}|{share(x[i], n[i], 1)}|{share(x[i], n[i], 2)}|about {share(x[i], n[i], 0)}]"
            }
            for x in pair
        )
        hide = "percent"
    elif name in ("count", "total"):
        random.shuffle(pair)
        words = (
            [f"<v> {PEOPLE} in <a> of <t> <did>", f"<v> of the {n[i]} {PEOPLE} in <a> of <t> <did>"]
            if name == "count"
            else [
                f"[in total|altogether|overall], <v> {PEOPLE} of <t> <did>",
                f"<v> {PEOPLE} <did> in the two [arms|groups|cohorts] of <t> [together|combined]",
            ]
        )
        first, second = ({"v": str(x[i] if name == "count" else sum(x))} for x in pair)
        if name == "count" and random.random() < 0.5 and k[0] != k[1] and max(k) < min(n):
            pair = [k, k[::-1]]
            random.shuffle(pair)
            first, second = ({"v": str(x[i])} for x in pair)
    elif name == "half":
        big, small = (random.randrange(n[i] // 2 + 1, n[i]), random.randrange(0, (n[i] - 1) // 2 + 1))
        pair = [tuple(v if j == i else k[j] for j in (0, 1)) for v in (big, small)]
        words = [f"<v> of the {PEOPLE} in <a> of <t> <did>"]
        first, second = (
            {"v": "[more than half|the majority|over 50%|most]"},
            {"v": "[less than half|a minority|under 50%|fewer than half]"},
        )
    elif name == "none":
        pair = [tuple(v if j == i else k[j] for j in (0, 1)) for v in (0, k[i])]
        words = [f"<v> of the {PEOPLE} in <a> of <t> <did>", "there <w> in <a> of <t> who <did>"]
        first, second = (
            {"v": "[none|not one]", "w": "[was no patient|was nobody|were no participants]"},
            {
                "v": "[at least one|some|one or more]",
                "w": "[was at least one patient|were some participants|was somebody]",
            },
        )
    elif name == "more":
        n = (max(n),) * 2 if random.random() < 0.5 else n
        k = (k[0], k[1]) if k[0] != k[1] else (k[0], k[0] - 1)
        if n[0] == n[1] and max(k) < n[0]:
            pair = sorted((k, k[::-1]), reverse=True)
        else:
            size = min(n)
            x, y = sorted(random.sample(range(size + 1), 2))
            pair = [(y, x), (x, y)]
        words = [
            f"more {PEOPLE} <did> in <x> of <t> than in <y>",
            f"fewer {PEOPLE} in <y> of <t> <did> than in <x>",
            f"the number of {PEOPLE} who <did> was higher in <x> of <t> than in <y>",
        ]
    elif name == "at least":
        cut = random.randrange(1, n[i])
        pair = [
            tuple(v if j == i else k[j] for j in (0, 1))
            for v in (random.randrange(cut, n[i] + 1), random.randrange(0, cut))
        ]
        words = [f"<v> {PEOPLE} in <a> of <t> <did>"]
        first, second = (
            {"v": f"[at least {cut}|{cut} or more|no fewer than {cut}|more than {cut - 1}]"},
            {"v": f"[fewer than {cut}|less than {cut}|at most {cut - 1}|no more than {cut - 1}]"},
        )
    else:
        pair = [k, tuple(other)]
        random.shuffle(pair)
        words = [f"<v> {PEOPLE} in <a> of <t> were not among those who <did>"]
        first, second = ({"v": str(n[i] - x[i])} for x in pair)
    o, did = _counted(random, pair[0], n)
    other_o = replace(o, values=tuple(map(float, pair[1])))
    if name == "more":
        first, second = (
            {"x": arm(random, o, 0), "y": arm(random, o, 1)},
            {"x": arm(random, o, 1), "y": arm(random, o, 0)},
        )
    return Opposites(
        f"counts_{name.replace(' ', '_')}",
        words,
        first,
        second,
        lambda s, r: section(
            r,
            (o, other_o)[s],
            hide if r.random() < 0.7 else "",
            "share" if name in ("percent", "half", "not") else "value",
        ),
        None,
        {"a": arm(random, o, i), "did": did},
    )
