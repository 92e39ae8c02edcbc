"""``plan``: how many prompts, and how many labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halueval.errors import InputError

if TYPE_CHECKING:
    from halueval.statistics.planning import Pilot

__all__ = ["plan"]


def plan(
    runs: Annotated[
        list[str] | None,
        typer.Argument(metavar="RUN", help="A pilot: a run, or two runs of two models on the same prompts."),
    ] = None,
    difference: Annotated[
        float | None, typer.Option(help="The difference of two rates to be found: 0.02 is two points.")
    ] = None,
    prompts: Annotated[
        int | None, typer.Option(min=1, help="How many prompts there are: what difference do they find?")
    ] = None,
    half_width: Annotated[
        float | None, typer.Option(help="How many labels for a rate ± this: 0.02 is two points to each side.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="The rate expected: 0.05 is 5 %. From the pilot if left out.")
    ] = None,
    claims_per_answer: Annotated[float | None, typer.Option(help="Checkworthy claims per answer.")] = None,
    icc: Annotated[
        float | None,
        typer.Option(help="How much alike the claims of one answer are, 0 to 1; 0.2 where nothing is known."),
    ] = None,
    correlation: Annotated[
        float | None, typer.Option(help="Of the two models' errors on the same prompt; 0 asks for the most prompts.")
    ] = None,
    power: Annotated[float, typer.Option(help="The chance to find the difference.")] = 0.8,
    level: Annotated[float, typer.Option(help="Of the intervals; the test is at 1 - level.")] = 0.95,
    bad_in_flagged: Annotated[
        float | None, typer.Option(help="Share really bad of the claims that the verifier calls refuted.")
    ] = None,
    bad_in_unflagged: Annotated[float | None, typer.Option(help="Share really bad of the others.")] = None,
) -> None:
    """Plan a study: how many prompts to tell two models apart, how many labels for a rate.

    What is not said comes from the pilot run, if there is one.

    \b
    Example:
      halueval plan --difference 0.02 --rate 0.05 --claims-per-answer 12
      halueval plan runs/pilot --difference 0.02
      halueval plan runs/pilot --half-width 0.02 --bad-in-flagged 0.6 --bad-in-unflagged 0.02
    """
    if difference is None and prompts is None and half_width is None:
        raise InputError("nothing to plan", wanted="--difference, --prompts or --half-width")
    pilot = _pilot(runs or [], rate=rate, claims_per_answer=claims_per_answer, icc=icc, correlation=correlation)
    try:
        lines = [*_assumed(pilot, runs or [], correlation), ""]
        if difference is not None:
            lines += _prompts_for(difference, pilot, power, level)
        if prompts is not None:
            lines += _found_by(prompts, pilot, power, level)
        if half_width is not None:
            lines += _labels(half_width, pilot, level, bad_in_flagged, bad_in_unflagged)
    except ValueError as error:  # the statistics name the argument, what it is and what was wanted
        raise InputError(str(error)) from error
    typer.echo("\n".join(lines))


def _pilot(
    runs: Sequence[str],
    *,
    rate: float | None,
    claims_per_answer: float | None,
    icc: float | None,
    correlation: float | None,
) -> Pilot:
    """What the pilot says, with what was said on the command line in its place."""
    from halueval.comparing import pilot_of
    from halueval.statistics.guarded import PRIOR_ICC
    from halueval.statistics.planning import Pilot

    found = pilot_of(*runs) if runs else Pilot(None, icc=PRIOR_ICC)
    if runs and found.rate_1 is None:
        raise InputError("the pilot has no claims with a verdict", wanted="a run with some, or --rate alone")
    if claims_per_answer is not None:
        # how much longer than the mean the answer of a random claim is, is taken from the pilot
        ratio = found.m_a / found.mean_claims if found.m_a and found.mean_claims else 1.0
        found = replace(found, mean_claims=claims_per_answer, m_a=max(1.0, claims_per_answer * ratio))
    said = {"rate_1": rate, "icc": icc, "pair_correlation": correlation}
    found = replace(found, **{name: value for name, value in said.items() if value is not None})  # type: ignore[arg-type]
    if found.rate_1 is None:
        raise InputError("no rate to plan with", wanted="--rate, or the run of a pilot")
    return found


def _assumed(pilot: Pilot, runs: Sequence[str], correlation: float | None) -> Iterator[str]:
    """What the plan stands on, said before it: a plan is as good as that."""
    yield f"From {' and '.join(runs)}, {pilot.prompts:,} prompts:" if runs else "Assumed:"
    yield f"  rate {_share(pilot.rate_1)}" + ("" if pilot.rate_2 is None else f" and {_share(pilot.rate_2)}")
    if pilot.mean_claims is not None:
        random = f", {pilot.m_a:.1f} in the answer of a random claim" if pilot.m_a else ""
        yield f"  {pilot.mean_claims:.1f} checkworthy claims an answer{random}"
    yield f"  ICC {pilot.icc:.2f}, correlation of the two answers to a prompt {pilot.pair_correlation:.2f}"
    if runs and pilot.prompts < 30:
        yield f"  warning: {pilot.prompts:,} prompts say little about any of these"
    if not runs:
        yield "  warning: assumed numbers, not measured ones; the run of a pilot says better"
    if pilot.rate_2 is None and correlation is None:
        yield "  the correlation is not known from one model: 0 asks for the most prompts"


def _prompts_for(difference: float, pilot: Pilot, power: float, level: float) -> Iterator[str]:
    from halueval.statistics.planning import prompts_to_detect

    if not 0 < difference < 1:
        raise ValueError(f"difference is {difference}; wanted: a share between 0 and 1: 0.02 is two points")
    rate, terms = pilot.rate_1, _terms(pilot)
    assert rate is not None
    others = [other for other in (rate - difference, rate + difference) if -1e-12 <= other <= 1]
    if not others:
        raise ValueError(f"difference is {difference}; wanted: one that leaves the other rate between 0 and 1")
    yield f"Prompts that both models must answer, to find the difference with a chance of {100 * power:g} %:"
    for other in others:
        found = prompts_to_detect(rate, max(0.0, other), **terms, alpha=1 - level, power=power)
        yield f"  {_share(rate)} against {_share(max(0.0, other))}: {found.prompts:,} prompts"


def _found_by(prompts: int, pilot: Pilot, power: float, level: float) -> Iterator[str]:
    from halueval.statistics.planning import detectable_difference

    rate = pilot.rate_1
    assert rate is not None
    found = detectable_difference(prompts, rate, **_terms(pilot), alpha=1 - level, power=power)
    yield f"With {prompts:,} prompts and a chance of {100 * power:g} %:"
    if found is None:
        yield f"  from {_share(rate)} not even a rate of 0 would be found"
    else:
        yield f"  from {_share(rate)} a rate of {_share(rate - found)} or lower is found ({100 * found:.2g} points)"


def _labels(
    half_width: float, pilot: Pilot, level: float, bad_in_flagged: float | None, bad_in_unflagged: float | None
) -> Iterator[str]:
    from halueval.statistics.planning import labels_for_width, labels_two_phase

    rate = pilot.rate_1
    assert rate is not None
    yield f"Claims to label by hand, for a rate ± {100 * half_width:g} points at {100 * level:g} %:"
    alone = labels_for_width(rate, half_width, level=level)
    yield f"  labels alone, at most one per answer: {alone.labels:,}"
    if bad_in_flagged is None or bad_in_unflagged is None:
        yield "  with a verifier's verdicts beside them: say --bad-in-flagged and --bad-in-unflagged"
        return
    two = labels_two_phase(rate, bad_in_flagged, bad_in_unflagged, half_width, level=level)
    if two.labels is None or two.share_flagged is None:
        yield "  with the verdicts: none, nothing would vary within flagged and unflagged claims"
        return
    flagged = round(two.labels * two.share_flagged)
    yield f"  with the verdicts of all claims: {two.labels:,}, of which {flagged:,} among the flagged"


def _terms(pilot: Pilot) -> dict[str, Any]:
    if pilot.mean_claims is None:
        raise InputError("no number of claims to plan with", wanted="--claims-per-answer, or the run of a pilot")
    return {
        "mean_claims": pilot.mean_claims,
        "m_a": pilot.m_a,
        "icc": pilot.icc,
        "pair_correlation": pilot.pair_correlation,
    }


def _share(value: float | None) -> str:
    from halueval.statistics.estimate import shown

    return "undefined" if value is None else shown(value)
