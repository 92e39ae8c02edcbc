"""Subgroups of a run: the rate of each theme, kind of claim or type of entity, with the subgroup's own counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from halueval.errors import InputError
from halueval.metrics import RATE_NAMES, Counts, Tally
from halueval.records import Claim, Outcome, Result
from halueval.report import Report
from halueval.report.forest import Svg, forest_plot
from halueval.report.sheet import Printed, Sheet, Table
from halueval.report.wording import RATES, interval_text, of_text, plural, value_text
from halueval.statistics.estimate import Estimate
from halueval.statistics.rates import FEW_GROUPS

__all__ = ["Subgroup", "Subgroups", "by"]

_MANY = 200  # distinct values; a field with more is no grouping
_NO_VALUE = "not stated"


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One subgroup: its name, the rate in it, and what was counted in it alone."""

    name: str
    rate: Estimate
    counts: Counts


@dataclass(frozen=True, slots=True, repr=False)
class Subgroups(Printed):
    """The rate of a run in each of its subgroups, most claims first; ``whole`` is that of the run."""

    key: str
    rate: str
    rows: tuple[Subgroup, ...]
    whole: Estimate
    warnings: tuple[str, ...] = ()

    def plot(self) -> Svg:
        """Each subgroup's rate with its interval; the whole run's first."""
        return forest_plot(
            [("all", self.whole), *((row.name, row.rate) for row in self.rows)], self._title(), "subgroups"
        )

    def sheet(self) -> Sheet:
        """What is printed."""
        rows = [("all", self.whole, None), *((row.name, row.rate, row.counts) for row in self.rows)]
        cells = tuple(
            (name, value_text(rate), interval_text(rate), of_text(rate), "" if counts is None else f"{counts.groups:,}")
            for name, rate, counts in rows
        )
        table = Table(plural(len(self.rows), "subgroup"), (self.key, "rate", "interval", "of", "groups"), cells)
        made = f"{100 * self.whole.level:g} % intervals, each for itself; {self.whole.method}"
        plot = self.plot() if self.whole.unit == "%" else Svg("")
        return Sheet(self._title(), RATES[self.rate].meaning, self.warnings, (), plot, (table,), made)

    def _title(self) -> str:
        title = RATES[self.rate].title
        return f"{title[:1].upper()}{title[1:]} by {self.key}"


def by(report: Report, key: str, *, rate: str = "refuted", level: float = 0.95) -> Subgroups:
    """A rate in each subgroup of a run, from the subgroup's own claims and groups.

    Parameters
    ----------
    report : Report
        What :func:`halueval.evaluate` or :func:`halueval.runs.open_run` gave.
    key : str
        ``"model"``; ``"entity type"`` or ``"claim kind"``, which split the claims of an answer; or a field of the
        responses' metadata. A list of values (several themes, several entities) puts an answer or claim in each.
    rate : str
        One of :data:`halueval.metrics.RATE_NAMES`.
    level : float
        Of each interval for itself.

    Returns
    -------
    Subgroups
        A subgroup whose rate is undefined is in it, with the reason. Where claims are split, an answer without a
        claim of the kind is not in that subgroup, and rates per answer or per word are those of the answers that are.

    Raises
    ------
    InputError
        No response states the key, it has more than 200 values, or there is no such rate.

    Examples
    --------
    >>> from halueval.records import Claim, Extraction, Response, Verdict
    >>> def answered(name, theme, label):
    ...     claim = Claim(f"{name}-1", name, "Aspirin is a drug.")
    ...     response = Response(name, "Aspirin is a drug.", metadata={"theme": theme})
    ...     return Result(response, Extraction(name, (claim,)), (Verdict(claim.id, label),))
    >>> themes = [answered("a", "heart", "refuted"), answered("b", "heart", "supported")]
    >>> found = by(Report([*themes, answered("c", "skin", "supported")]), "theme")
    >>> [(row.name, row.rate.value, row.rate.claims) for row in found.rows]
    [('heart', 0.5, 2), ('skin', 0.0, 1)]
    """
    if rate not in RATE_NAMES:
        raise InputError(f"found {rate!r}", wanted=f"one of {', '.join(RATE_NAMES)}", field="rate")
    if not 0 < level < 1:
        raise InputError(f"found {level!r}", wanted="a number between 0 and 1, such as 0.95", field="level")
    whole, tallies, fields = Tally(level=level), dict[str, Tally](), set[str]()
    split = _CLAIM_KEYS.get(key)
    stated = split is not None or key == "model"
    for result in report.results:
        whole.add(result)
        fields.update(map(str, result.response.metadata))
        stated = stated or key in result.response.metadata
        for name, part in _parts(result, key, split):
            if name not in tallies and len(tallies) == _MANY:
                raise InputError(f"{key!r} has more than {_MANY} values", wanted="a field with few, to group by")
            tallies.setdefault(name, Tally(level=level)).add(part)
    if not stated:
        known = ", ".join(map(repr, ["model", *_CLAIM_KEYS, *sorted(fields)[:10]]))
        raise InputError(f"no response has {key!r} in its metadata", wanted=f"one of {known}")
    rows = []
    for name, tally in tallies.items():
        summary = tally.summary()
        rows.append(Subgroup(name, summary.rates[rate], summary.counts))
    rows.sort(key=lambda row: (-row.counts.claims_scored, row.name))
    return Subgroups(
        key, rate, tuple(rows), whole.summary().rates[rate], (*report.notes, *_warnings(rows, level, split))
    )


def _warnings(rows: list[Subgroup], level: float, split: object) -> Iterator[str]:
    if len(rows) > 1:
        chance = 1 - level ** len(rows)
        yield (
            f"{len(rows):,} subgroups: the chance that at least one interval misses is about {100 * chance:.0f} %. A "
            "subgroup picked out because it stands out needs new data"
        )
    few = sum(row.counts.groups < FEW_GROUPS for row in rows)
    if few:
        yield f"{few:,} of them {'rests' if few == 1 else 'rest'} on fewer than {FEW_GROUPS} groups"
    if split is not None:
        yield "a claim may be in several of these: they do not add up to the whole"


def _parts(result: Result, key: str, split: Callable[[Claim], set[str]] | None) -> Iterator[tuple[str, Result]]:
    """The result, or those of its claims that belong, under each name that it goes by."""
    if split is not None:
        yield from _claims_by(result, split)
    elif key == "model":
        yield result.response.model or "no model named", result
    else:
        for name in _values(result.response.metadata, key):
            yield name, result


def _values(metadata: Mapping[str, Any], key: str) -> list[str]:
    value = metadata.get(key)
    several = value if isinstance(value, (list, tuple)) else [value]
    return list(dict.fromkeys(str(v) for v in several if v is not None and v != "")) or [_NO_VALUE]


def _claims_by(result: Result, split: Callable[[Claim], set[str]]) -> Iterator[tuple[str, Result]]:
    if result.extraction.failure is not None:
        return
    chosen: dict[str, tuple[list[Claim], list[Outcome]]] = {}
    checkworthy = [claim for claim in result.extraction.claims if claim.checkworthy]
    for place, claim in enumerate(checkworthy):
        for name in sorted(split(claim)):
            claims, outcomes = chosen.setdefault(name, ([], []))
            claims.append(claim)
            outcomes += result.outcomes[place : place + 1]  # one never recorded is at the end, and stays missing
    for name, (claims, outcomes) in chosen.items():
        yield (
            name,
            replace(result, extraction=replace(result.extraction, claims=tuple(claims)), outcomes=tuple(outcomes)),
        )


def _entity_types(claim: Claim) -> set[str]:
    return {entity.type or _NO_VALUE for entity in claim.entities} or {"no entity"}


def _kinds(claim: Claim) -> set[str]:
    kinds = {
        "with a number": bool(claim.quantities),
        "negated": claim.negated,
        "hedged": claim.hedged,
        "with a condition": bool(claim.condition),
        "for a population": bool(claim.population),
    }
    return {name for name, holds in kinds.items() if holds} or {"plain"}


# What splits the claims of an answer, by the key that asks for it.
_CLAIM_KEYS: dict[str, Callable[[Claim], set[str]]] = {"entity type": _entity_types, "claim kind": _kinds}
