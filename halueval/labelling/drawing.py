"""Which claims a person should label: drawn by verdict, scattered over answers, per model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from random import Random
from typing import TypeVar

from halueval.errors import InputError
from halueval.labelling.page import label_page
from halueval.labelling.population import JudgedClaim, fingerprint, judged, judged_claims, results_of
from halueval.labelling.sheet import SheetRow, sheet_row, write_sheet
from halueval.records import Result
from halueval.report import Report

__all__ = ["FLAGGED_SHARE", "Draw", "DrawnClaim", "labels_to_draw"]

FLAGGED_SHARE = 1 / 3  # docs/decisions/0091-verifier-errors.md: narrower than a half, and covers as well
_FEW = 10  # labels of one stratum, below which the interval is wide because of them

_Stratum = tuple[str, bool]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class DrawnClaim:
    """A claim that was drawn. ``weight`` is how many claims of its model and verdict it stands for."""

    item: str
    response_id: str
    claim_id: str
    model: str
    flagged: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Draw:
    """The claims to label.

    ``rows`` is what a rater sees, in an order that tells nothing and without verdict, probability, reason or model;
    ``claims`` has the same claims in the same order with what the rater must not know. ``run`` is the fingerprint of
    the run they were drawn from.
    """

    run: str
    claims: tuple[DrawnClaim, ...]
    rows: tuple[SheetRow, ...]
    population: int
    seed: int
    warnings: tuple[str, ...] = ()

    def write(self, path: str | PathLike[str]) -> None:
        """Write what a rater needs: a sheet (CSV, JSON lines), or one page to label on where it ends in ``.html``.

        Raises
        ------
        OutputError
            It cannot be written there, or the name ends in something else.
        """
        write_sheet(path, self.rows)

    def to_html(self) -> str:
        """The page as text."""
        return label_page(self.rows)

    def __str__(self) -> str:
        """As it is printed: how many of what."""
        flagged = sum(claim.flagged for claim in self.claims)
        answers = len({claim.response_id for claim in self.claims})
        models = {claim.model for claim in self.claims}
        lines = [
            f"{len(self.claims):,} of {self.population:,} claims with a verdict: {flagged:,} of the refuted, "
            f"{len(self.claims) - flagged:,} of the others; from {answers:,} answers"
            + (f" of {len(models)} models" if len(models) > 1 else ""),
            *(f"  warning: {warning}" for warning in self.warnings),
        ]
        return "\n".join(lines)


def labels_to_draw(
    source: Report | Iterable[Result], budget: int, *, seed: int = 0, flagged_share: float = FLAGGED_SHARE
) -> Draw:
    """Choose which claims of a run a person should label, so that the labels correct its rate.

    The budget is divided equally among the models, since labels of one model correct that model's rate only. Within a
    model ``flagged_share`` of it goes to claims that the verifier refuted and the rest to the others; what one of them
    has not enough claims for goes to the other. Within each of these every claim is as likely to be drawn as any other,
    and those drawn are scattered as evenly over prompts and answers as that allows: labels of one answer say less.

    Parameters
    ----------
    source : Report or iterable of Result
        The run; must give the same results each time it is iterated.
    budget : int
        How many claims to label at most.
    seed : int
        The same run, budget and seed draw the same claims.
    flagged_share : float
        Between 0 and 1, both excluded.

    Returns
    -------
    Draw
        ``print`` it, and ``write`` it. Fewer claims than the budget where the run has no more.

    Raises
    ------
    InputError
        No claim has a verdict, or the budget is too small for one label of each verdict of each model.
    ValueError
        For a budget below 1 or a share outside 0 to 1.

    Notes
    -----
    A systematic sample (Madow and Madow, Ann Math Stat 15:1, 1944) over the claims of a stratum, sorted by prompts and
    answers that are themselves shuffled.

    Examples
    --------
    >>> from halueval.records import Claim, Extraction, Response, Verdict
    >>> def answer(name, labels):
    ...     claims = tuple(Claim(f"{name}{i}", name, f"Claim {name}{i}.") for i in range(len(labels)))
    ...     verdicts = tuple(Verdict(claim.id, label) for claim, label in zip(claims, labels))
    ...     return Result(Response(name, "Text."), Extraction(name, claims), verdicts)
    >>> run = [answer(f"r{i}-", ["refuted", "supported", "supported"]) for i in range(30)]
    >>> draw = labels_to_draw(run, 30)
    >>> print(str(draw).partition(";")[0])
    30 of 90 claims with a verdict: 10 of the refuted, 20 of the others
    >>> sorted({(claim.flagged, claim.weight) for claim in draw.claims})
    [(False, 3.0), (True, 3.0)]
    """
    if budget < 1:
        raise ValueError(f"budget is {budget}; wanted: at least 1 label")
    if not 0 < flagged_share < 1:
        raise ValueError(f"flagged_share is {flagged_share}; wanted: between 0 and 1, both excluded")
    results = results_of(source)
    population = judged_claims(results)
    if not population:
        raise InputError("no claim of the run has a verdict", wanted="at least one claim to draw from")
    strata: dict[_Stratum, list[JudgedClaim]] = {}
    for claim in population:
        strata.setdefault((claim.model, claim.flagged), []).append(claim)
    models = {model for model, _ in strata}
    if budget < min(len(population), 2 * len(models)):
        raise InputError(
            f"budget is {budget}, for the refuted and the other claims of {len(models)} model"
            + ("" if len(models) == 1 else "s"),
            wanted=f"at least {2 * len(models)} labels, better {50 * len(models)}",
        )
    numbers = _allocated({key: len(claims) for key, claims in strata.items()}, budget, flagged_share)
    drawn = [
        DrawnClaim(c.item, c.response_id, c.claim_id, c.model, c.flagged, len(claims) / numbers[key])
        for key, claims in strata.items()
        for c in _systematic(claims, numbers[key], Random(f"{seed}\x1f{key[0]}\x1f{key[1]}"))
    ]
    drawn.sort(key=lambda claim: claim.item)  # so that the order rests on nothing but the seed
    Random(f"{seed}\x1forder").shuffle(drawn)
    wanted, run = {claim.item for claim in drawn}, fingerprint(population)
    rows = {
        row.item: sheet_row(row.item, run, result.response, claim, verdict)
        for result in results
        for row, claim, verdict in judged(result)
        if row.item in wanted
    }
    return Draw(
        run,
        tuple(drawn),
        tuple(rows[claim.item] for claim in drawn),
        len(population),
        seed,
        _few({key: (numbers[key], len(claims)) for key, claims in strata.items()}),
    )


def _allocated(sizes: Mapping[_Stratum, int], budget: int, flagged_share: float) -> dict[_Stratum, int]:
    """How many labels each stratum gets: equal parts per model, ``flagged_share`` of each to the flagged."""
    models = list(dict.fromkeys(model for model, _ in sizes))
    per_model = _shared({m: sizes.get((m, True), 0) + sizes.get((m, False), 0) for m in models}, budget)
    found: dict[_Stratum, int] = {}
    for model, number in per_model.items():
        flagged, others = sizes.get((model, True), 0), sizes.get((model, False), 0)
        most = min(flagged, number - (others > 0))
        few = max(number - others, min(1, flagged))
        of_flagged = max(few, min(most, math.floor(number * flagged_share + 0.5)))
        found |= {(model, True): of_flagged, (model, False): number - of_flagged}
    return found


def _shared(sizes: Mapping[str, int], budget: int) -> dict[str, int]:
    """Equal parts, none above its size; what is left over goes to the others."""
    found: dict[str, int] = {}
    for place, (name, size) in enumerate(
        sorted(sizes.items(), key=lambda pair: pair[1])
    ):  # the smallest give back first
        found[name] = min(size, (budget - sum(found.values())) // (len(sizes) - place))
    return found


def _systematic(claims: Sequence[JudgedClaim], number: int, random: Random) -> list[JudgedClaim]:
    """Every ``len / number``-th claim from a random start, over prompts, answers and claims in random order."""
    order: dict[str, dict[str, list[JudgedClaim]]] = {}
    for claim in sorted(claims, key=lambda c: c.item):  # the order of the input must not tell in the draw
        order.setdefault(claim.group, {}).setdefault(claim.response_id, []).append(claim)
    line: list[JudgedClaim] = []
    for answers in _shuffled(order.values(), random):
        for own in _shuffled(answers.values(), random):
            line.extend(_shuffled(own, random))
    if not number:
        return []
    start, step = random.random(), len(line) / number
    return [line[min(len(line) - 1, math.floor((start + i) * step))] for i in range(number)]


def _shuffled(values: Iterable[_T], random: Random) -> list[_T]:
    listed = list(values)
    random.shuffle(listed)
    return listed


def _few(numbers: Mapping[_Stratum, tuple[int, int]]) -> tuple[str, ...]:
    several = len({model for model, _ in numbers}) > 1
    return tuple(
        f"only {drawn} label{'' if drawn == 1 else 's'} of {'refuted' if flagged else 'other'} claims"
        + (f" of {model or 'answers without a model'}" if several else "")
        + (": the run has no more" if drawn == size else ": the interval will be wide because of them")
        for (model, flagged), (drawn, size) in numbers.items()
        if drawn < _FEW
    )
