"""From runs to comparisons: models on the same prompts, subgroups of a run, what a pilot says about the next study.

The statistics are those of :mod:`halueval.statistics`; here it is decided who is compared with whom, on which prompts,
and what must be said before anyone believes the difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeAlias

from halueval.errors import InputError
from halueval.metrics import ByPrompt, Counts, Tally
from halueval.records import Response, derived_id, group_of
from halueval.report import Report
from halueval.report.models import ComparedModel, ModelComparison
from halueval.report.wording import plural
from halueval.statistics.estimate import Estimate
from halueval.statistics.paired import Comparison, compare_several, compare_two
from halueval.statistics.planning import Pilot, pilot
from halueval.statistics.rates import claim_shares

__all__ = ["Run", "compare", "not_measured_alike", "pilot_of"]

Run: TypeAlias = Report | str | PathLike[str]

_LESS_IS_BETTER = ("refuted", "hallucination_m3", "unsupported", "refuted_decided")
# What a run was asked that moves every rate of it: where it differs, so may the rates of one and the same model.
_ALIKE = {
    "snapshot": "the evidence",
    "retriever": "the retriever",
    "passages_per_claim": "the number of passages per claim",
    "verifier": "the verifier",
    "verifier_models": "the judging model",
    "extractor": "the extractor",
    "model": "the extractor's chat model",
    "version_halueval": "the version of halueval",
}
_SO = "The difference may come from that and not from the models"
_NAMED = 3  # examples in an error


@dataclass(slots=True)
class _Answers:
    """What one model of one run answered: per prompt what it was asked and judged by, and how many answers in all."""

    run: int
    model: str
    asked: dict[str, set[str]] = field(default_factory=dict)
    judged_by: dict[str, set[str]] = field(default_factory=dict)
    answers: int = 0
    by_id: int = 0
    read: int = 0

    def see(self, response: Response, *, readable: bool) -> None:
        self.answers += 1
        self.read += readable
        group = group_of(response)
        self.by_id += response.group is None and response.prompt is None and not response.messages
        self.asked.setdefault(group, set()).add(_asked(response))
        if response.context:
            self.judged_by.setdefault(group, set()).add(derived_id(*response.context))


def compare(
    *runs: Run,
    rate: str = "refuted",
    level: float = 0.95,
    margin: float | None = None,
    seed: int = 0,
) -> ModelComparison:
    """Models on the same prompts: each one's rate, and every pair's difference with its test and its interval.

    Parameters
    ----------
    *runs : Report or path
        Reports or run folders. Each model in them is one of those compared; a run whose answers name no model is one
        model, called by its folder. One run that holds several models is compared within itself. The first is the one
        that a ``margin`` is about.
    rate : str
        A rate that is a share of claims.
    level : float
        Of the intervals, and 1 - level of the tests.
    margin : float, optional
        How much worse the first of a pair may be (0.02 is two percentage points) and still count as not worse.
    seed : int
        Of the swaps and sign flips; the same seed gives the same result.

    Returns
    -------
    ModelComparison
        Pairs are compared on the prompts on which both have claims with a verdict; how many each model loses by that is
        in it. A pair without any has the reason and no difference.

    Raises
    ------
    InputError
        Fewer than two models, two of them without a prompt in common, or an argument that cannot be.
    RunError
        A folder that is not a run.

    Examples
    --------
    >>> from halueval.records import Claim, Extraction, Response, Result, Verdict
    >>> def answered(model, prompt, labels):
    ...     claims = tuple(Claim(f"{model}-{prompt}-{n}", f"{model}-{prompt}", "…") for n in range(len(labels)))
    ...     verdicts = tuple(Verdict(claim.id, label) for claim, label in zip(claims, labels))
    ...     response = Response(f"{model}-{prompt}", "…", prompt=prompt, model=model)
    ...     return Result(response, Extraction(response.id, claims), verdicts)
    >>> good, bad = ["supported"] * 4, ["supported"] * 3 + ["refuted"]
    >>> both = [answered("a", f"q{n}", bad if n % 4 else good) for n in range(20)]
    >>> both += [answered("b", f"q{n}", good if n % 5 else bad) for n in range(20)]
    >>> print(compare(Report(both)).sentences()[0])
    The rate of a is higher than that of b: 18.8 % and 5.0 %, difference +13.8 points (+6.7 to +20.8), p = 0.0037, \
20 prompts.
    """
    _require(rate, level, margin)
    opened, names = _opened(runs)
    tally, seen = Tally(level=level), dict[str, _Answers]()
    for number, report in enumerate(opened):
        for result in report.results:
            # in the tally a model is known by its run as well: two runs may hold the same model
            key = f"{number}\x1f{result.response.model or ''}"
            answers = seen.setdefault(key, _Answers(number, result.response.model or ""))
            answers.see(result.response, readable=not _unread(result.extraction.failure))
            tally.add(replace(result, response=replace(result.response, model=key)))
    unread = [key for key, answers in seen.items() if not answers.read]
    kept = {key: answers for key, answers in seen.items() if answers.read}
    labels = _labels(kept, names)
    if len(kept) < 2:
        found = f"one model only, {next(iter(labels.values()))!r}" if labels else "no answers"
        raise InputError(
            f"{found}: there is nothing to compare",
            wanted="runs of two models, or a run whose answers name several",
            todo="add a run, or name the column of the models (--model-column) when the run is made",
        )
    _require_shared_prompts(kept, labels)
    per_prompt = _only(tally.by_prompt(rate), list(kept))
    scored = per_prompt.claims > 0
    common = scored.all(axis=0)
    in_common = int(common.sum())
    terms: Any = {"rate": rate, "level": level, "margin": margin, "seed": seed, "note": per_prompt.note}
    called = [labels[key] for key in per_prompt.models]
    ranks: tuple[tuple[int, int] | None, ...] = (None,) * len(called)
    if len(called) == 2:
        (bad_a, bad_b), (claims_a, claims_b) = per_prompt.bad, per_prompt.claims
        pairs: tuple[Comparison, ...] = (
            compare_two((called[0], called[1]), bad_a, claims_a, bad_b, claims_b, **terms),
        )
        method = pairs[0].method
    else:
        several = compare_several(called, list(per_prompt.bad), list(per_prompt.claims), **terms)
        pairs, ranks = several.pairs, several.ranks
        method = "; ".join(
            filter(
                None,
                (
                    pairs[0].method,
                    several.method and f"bands on the prompts in common: {several.method}",
                    several.reason,
                ),
            )
        )
    summaries = tally.summary().by_model
    models = []
    for row, key in enumerate(per_prompt.models):
        counts = summaries[key].counts
        each = counts.claims_scored / counts.responses_scored if counts.responses_scored else None
        own, on_common = summaries[key].rates[rate], tally.share_on(key, common, rate=rate)
        if not in_common:
            on_common = Estimate(None, level=level, reason="no prompt on which all have claims with a verdict")
        models.append(
            ComparedModel(
                called[row],
                on_common,
                own,
                len(kept[key].asked),
                int(scored[row].sum()),
                kept[key].answers,
                each,
                ranks[row],
            )
        )
    warnings = [
        *not_measured_alike({names[run]: opened[run].settings for run in sorted({a.run for a in kept.values()})}),
        *_unlike_by_results(opened, {labels[key]: summaries[key].counts for key in kept}),
        *(f"{name}: {note}" for name, report in zip(names, opened, strict=True) for note in report.notes),
        *_unlike_prompts(kept, labels),
        *_lost(kept, labels, in_common),
        *(
            f"{_records(seen[key].answers)} of {names[seen[key].run]} could not be read and are of no model"
            for key in unread
        ),
        *(f"{labels[key]}: {said}" for key in kept for said in summaries[key].warnings),
        *(f"{model.name}: {said}" for model in models for said in model.rate.warnings),
    ]
    return ModelComparison(
        rate, level, tuple(models), tuple(pairs), in_common, tuple(dict.fromkeys(warnings)), margin, seed, method
    )


def pilot_of(*runs: Run, rate: str = "refuted") -> Pilot:
    """What a plan needs to know, from a run of one model or from two models on the same prompts.

    Parameters
    ----------
    *runs : Report or path
        Together of one or two models.
    rate : str
        A rate that is a share of claims.

    Raises
    ------
    InputError
        No answers, more than two models, or two without a prompt in common.

    Examples
    --------
    >>> from halueval.records import Claim, Extraction, Response, Result, Verdict
    >>> def answered(prompt, labels):
    ...     claims = tuple(Claim(f"{prompt}-{n}", prompt, "…") for n in range(len(labels)))
    ...     verdicts = tuple(Verdict(claim.id, label) for claim, label in zip(claims, labels))
    ...     return Result(Response(prompt, "…", prompt=prompt), Extraction(prompt, claims), verdicts)
    >>> good, bad = ["supported"] * 4, ["supported"] * 3 + ["refuted"]
    >>> print(pilot_of(Report([answered(f"q{n}", good if n % 2 else bad) for n in range(40)])))
    40 prompts: rate 12.5 %, 4.0 claims an answer, ICC 0.04
    """
    _require(rate, 0.95, None)
    opened, _ = _opened(runs)
    tally = Tally()
    for number, report in enumerate(opened):
        for result in report.results:
            if not _unread(result.extraction.failure):
                key = f"{number}\x1f{result.response.model or ''}"
                tally.add(replace(result, response=replace(result.response, model=key)))
    found = tally.by_prompt(rate)
    if not 1 <= len(found.models) <= 2:
        raise InputError(
            f"the pilot has {plural(len(found.models), 'model')}", wanted="the answers of one model or of two"
        )
    if len(found.models) == 1:
        return pilot(found.bad[0].tolist(), found.claims[0].tolist())
    return pilot(*(row.tolist() for pair in zip(found.bad, found.claims, strict=True) for row in pair))


def _require(rate: str, level: float, margin: float | None) -> None:
    shares = tuple(claim_shares())
    if rate not in shares:
        raise InputError(f"found {rate!r}", wanted=f"a share of claims: one of {', '.join(shares)}", field="rate")
    if not 0 < level < 1:
        raise InputError(f"found {level!r}", wanted="a number between 0 and 1, such as 0.95", field="level")
    if margin is not None and not 0 < margin < 1:
        raise InputError(f"found {margin!r}", wanted="a share between 0 and 1: 0.02 is two points", field="margin")
    if margin is not None and rate not in _LESS_IS_BETTER:
        raise InputError(
            f"a margin for {rate!r}, of which more is not worse",
            wanted=f"one of {', '.join(_LESS_IS_BETTER)}",
            field="rate",
        )


def _opened(runs: Iterable[Run]) -> tuple[list[Report], list[str]]:
    """The reports, and a name for each run: the folder's, or its whole path where two are called alike."""
    from halueval.runs import open_run

    given = list(runs)
    if not given:
        raise InputError("no run", wanted="a report or the folder of a run")
    paths = [None if isinstance(run, Report) else fspath(run) for run in given]
    places = [path if path is None else str(Path(path).resolve()) for path in paths]
    for (i, first), (j, second) in combinations(enumerate(given), 2):
        if first is second or (places[i] is not None and places[i] == places[j]):
            raise InputError(f"the same run twice: number {i + 1} and number {j + 1}", wanted="different runs")
    short = [f"run {i + 1}" if path is None else Path(path).name or path for i, path in enumerate(paths)]
    alike = Counter(short)
    names = [name if path is None or alike[name] == 1 else path for name, path in zip(short, paths, strict=True)]
    return [run if isinstance(run, Report) else open_run(run) for run in given], names


def _labels(kept: Mapping[str, _Answers], names: list[str]) -> dict[str, str]:
    """What each model is called: its name, with its run where two runs hold it, or its run where it has none."""
    times = Counter(answers.model for answers in kept.values())
    labels = {}
    for key, answers in kept.items():
        run = names[answers.run]
        several = sum(other.run == answers.run for other in kept.values()) > 1
        if not answers.model:
            labels[key] = f"no model named ({run})" if several else run
        else:
            labels[key] = answers.model if times[answers.model] == 1 else f"{answers.model} ({run})"
    return labels


def _require_shared_prompts(kept: Mapping[str, _Answers], labels: Mapping[str, str]) -> None:
    for a, b in combinations(kept, 2):
        if not kept[a].asked.keys() & kept[b].asked.keys():
            first, second = ("; ".join(map(repr, _some(kept[key].asked))) for key in (a, b))
            raise InputError(
                f"{labels[a]} and {labels[b]} have no prompt in common: one answered {first}, the other {second}",
                wanted="answers to the same prompts",
                todo="name the column with the prompts or with what they share (--group-column) when the runs are made",
            )


def _some(prompts: Mapping[str, set[str]]) -> list[str]:
    named = sorted(prompts)[:_NAMED]
    return [*named, "…"] if len(prompts) > _NAMED else named


def _only(found: ByPrompt, keys: list[str]) -> ByPrompt:
    rows = [found.models.index(key) for key in keys]
    return replace(found, models=tuple(keys), bad=found.bad[rows], claims=found.claims[rows])


def not_measured_alike(settings: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """What runs, by name, were asked differently: their rates then differ for equal models too.

    Examples
    --------
    >>> print(*not_measured_alike({"a": {"verifier": "nli"}, "b": {"verifier": "judge"}}))
    not measured alike: the verifier is nli in a, judge in b. The difference may come from that and not from the models
    """
    for key, what in _ALIKE.items():
        stated = {name: given[key] for name, given in settings.items() if given.get(key) not in (None, "", [])}
        if not stated or (len(stated) == len(settings) and len({str(value) for value in stated.values()}) == 1):
            continue
        said = ", ".join(f"{_said(stated.get(name))} in {name}" for name in settings)
        yield f"not measured alike: {what} is {said}. {_SO}"


def _unlike_by_results(opened: list[Report], counts: Mapping[str, Counts]) -> Iterator[str]:
    """The same for runs that state nothing: who extracted and who judged, as the results themselves name them."""
    for name in ("verifier", "extractor"):
        who = {model: sorted(getattr(found, f"{name}s")) for model, found in counts.items()}
        if not any(report.settings.get(name) for report in opened) and len(set(map(tuple, who.values()))) > 1:
            said = ", ".join(f"{_said(names or None)} in {model}" for model, names in who.items())
            yield f"not measured alike: {_ALIKE[name]} is {said}. {_SO}"


def _unlike_prompts(kept: Mapping[str, _Answers], labels: Mapping[str, str]) -> Iterator[str]:
    """What is called the same prompt in two models and may not be."""
    by_id = sum(answers.by_id for answers in kept.values())
    if by_id:
        yield f"{_records(by_id)} with neither prompt nor group: matched by their ids"
    first, *others = kept
    for what, wording in (
        ("asked", "were asked different things under the same group"),
        ("judged_by", "were judged by different contexts"),
    ):
        for key in others:
            a, b = getattr(kept[first], what), getattr(kept[key], what)
            shared = a.keys() & b.keys()
            different = sum(a[group] != b[group] for group in shared)
            if different:
                both = f"{labels[first]} and {labels[key]}"
                yield f"{both} {wording} on {different:,} of {plural(len(shared), 'shared prompt')}"


def _lost(kept: Mapping[str, _Answers], labels: Mapping[str, str], common: int) -> Iterator[str]:
    """Prompts that some did not answer, and those without a verdict: the comparison is of the others."""
    groups = [answers.asked.keys() for answers in kept.values()]
    shared = set(groups[0]).intersection(*groups[1:])
    for key, answers in kept.items():
        alone = len(answers.asked.keys() - shared)
        if alone:
            yield f"{plural(alone, 'prompt')} of {labels[key]} not answered by all: left out of what all have in common"
    if len(shared) > common:
        yield (
            f"on {len(shared) - common:,} of {plural(len(shared), 'prompt')} that all answered, not all have a claim "
            "with a verdict (nothing to check, abstained or failed): the comparison says nothing about these"
        )


def _unread(failure: object) -> bool:
    return getattr(failure, "stage", "") == "input"


def _asked(response: Response) -> str:
    return group_of(replace(response, group=None, id=""))


def _said(value: object) -> str:
    if value is None:
        return "not stated"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _records(count: int) -> str:
    return plural(count, "answer")
