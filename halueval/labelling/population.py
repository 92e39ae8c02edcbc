"""The claims that labels can be drawn from: the checkworthy ones of a run with a verdict, each under a blind id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from halueval.errors import InputError
from halueval.records import Claim, Label, Result, Verdict, derived_id, group_of
from halueval.report import Report
from halueval.report.wording import claims_with_outcomes, one_line

__all__ = ["JudgedClaim", "fingerprint", "judged", "judged_claims", "results_of"]


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A claim with its verdict. ``item`` is the id that a sheet shows: it tells neither verdict, model nor place."""

    item: str
    response_id: str
    claim_id: str
    text: str
    model: str
    group: str
    label: Label

    @property
    def flagged(self) -> bool:
        """Whether the verifier calls it refuted."""
        return self.label == "refuted"


def results_of(source: Report | Iterable[Result]) -> Iterable[Result]:
    """The results of a report, or the results given.

    Raises
    ------
    InputError
        ``source`` is an iterator, which can be read only once.
    """
    if isinstance(source, Report):
        return source.results
    if isinstance(source, Iterator):
        raise InputError(
            f"results are {type(source).__name__}, which can be read only once",
            wanted="a report, or results that can be iterated again",
            todo="pass a list",
        )
    return source


def judged(result: Result) -> Iterator[tuple[JudgedClaim, Claim, Verdict]]:
    """The claims of one result that count in the rates, in order."""
    if result.state != "claims":
        return
    response = result.response
    for number, (claim, outcome) in enumerate(claims_with_outcomes(result)):
        if isinstance(outcome, Verdict):
            item = derived_id("label", response.id, str(number), claim.id, claim.text)
            text, model = one_line(claim.text), response.model or ""
            yield (
                JudgedClaim(item, response.id, claim.id, text, model, group_of(response), outcome.label),
                claim,
                outcome,
            )


def judged_claims(results: Iterable[Result]) -> list[JudgedClaim]:
    """The claims of a run that count in its rates."""
    return [row for result in results for row, _, _ in judged(result)]


def fingerprint(claims: Iterable[JudgedClaim]) -> str:
    """The same for the same claims with the same verdicts, in whatever order, and for no others.

    Labels are a random sample within the verdicts they were drawn by; within those of another verifier they are not.
    """
    digest = hashlib.sha256()
    for line in sorted(f"{claim.item}{int(claim.flagged)}" for claim in claims):
        digest.update(line.encode())
    return digest.hexdigest()[:12]
