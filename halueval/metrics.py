"""Records → numbers → statistics → estimates: the one place where results become rates.

>>> from halueval.records import Claim, Extraction, Response, Result, Verdict
>>> tally = Tally()
>>> for name, labels in {"a": ["supported", "refuted"], "b": ["supported", "supported"]}.items():
...     claims = tuple(Claim(f"{name}{i}", name, "Aspirin is a drug.") for i in range(len(labels)))
...     verdicts = tuple(Verdict(claim.id, label) for claim, label in zip(claims, labels))
...     tally.add(Result(Response(name, "Aspirin is a drug."), Extraction(name, claims), verdicts))
>>> tally.summary().rates["refuted"].value
0.25
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from halueval.compact import Numbering, Numbers
from halueval.counting import Counts, Named, count
from halueval.errors import InputError
from halueval.records import Extraction, Failure, Outcome, Result, State, group_of
from halueval.statistics.estimate import Bounds, Estimate, shown
from halueval.statistics.guarded import PRIOR_ICC, PRIOR_WEIGHT
from halueval.statistics.paired import Comparison, compared
from halueval.statistics.presets import PRESETS, Preset
from halueval.statistics.rates import (
    Share,
    Terms,
    VerdictTable,
    any_refuted,
    bounds_of_refuted,
    claim_shares,
    macro_share,
    micro_share,
    per_response,
    per_thousand_words,
)
from halueval.text.reasoning import answer_spans

__all__ = ["PRESETS", "RATE_NAMES", "ByPrompt", "Comparison", "Counts", "Preset", "Summary", "Tally", "compare_models"]

RATE_NAMES = (
    "refuted",
    "hallucination_m3",
    "unsupported",
    "supported",
    "not_enough_info",
    "nothing_found",
    "undecided",
    "refuted_decided",
    "any_refuted",
    "refuted_per_response",
    "refuted_per_1000_words",
)

_OUTCOMES = ("supported", "refuted", "undecided", "nothing_found")
_COLUMNS = (*_OUTCOMES, "failed", "words", "group", "model")
# Each ideograph or kana counts as a word, as word processors count them; anything else runs to the next space.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_][^\s\u3040-\u30ff\u3400-\u9fff]*")


@dataclass(frozen=True, slots=True)
class Summary:
    """The rates of a run: pooled over claims (``rates``), as the mean over responses (``macro``), and their bounds.

    ``bounds`` holds what the headline could be: ``"failures"`` with the failed claims all good and all bad,
    ``"failures_and_open"`` with those left open as well. ``by_model`` has a summary per model, without its own.
    """

    rates: dict[str, Estimate]
    macro: dict[str, Estimate]
    counts: Counts
    warnings: tuple[str, ...] = ()
    bounds: dict[str, Bounds] = field(default_factory=dict)
    by_model: dict[str, Summary] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ByPrompt:
    """A rate as two tables, a row per model and a column per prompt: ``bad`` over ``claims`` (0 where none).

    Prompts stand in the order in which they first came; what they say is not kept.
    """

    models: tuple[str, ...]
    bad: NDArray[np.float64]
    claims: NDArray[np.float64]
    note: str = ""


class Tally:
    """Adds up results; keeps about 12 bytes per response, whatever the number of its claims, and 27 per prompt.

    Parameters
    ----------
    level : float
        Of every interval, two-sided.
    m3_weights : tuple of float
        What a refuted and a not-enough-info claim add to ``hallucination_m3``; printed in the estimate's method.
    prior_icc, prior_weight : float
        The guard of the default interval; printed in every method.

    Raises
    ------
    ValueError
        For a level or prior outside its range, or weights outside 0 to 1.
    """

    def __init__(
        self,
        *,
        level: float = 0.95,
        m3_weights: tuple[float, float] = (1.0, 0.5),
        prior_icc: float = PRIOR_ICC,
        prior_weight: float = PRIOR_WEIGHT,
    ) -> None:
        self._terms = Terms(level, prior_icc, prior_weight)
        self._shares = claim_shares(m3_weights)
        self._columns = {name: Numbers() for name in _COLUMNS}
        self._groups = Numbering()
        self._models: dict[str, int] = {}
        self._named: list[Named] = []

    @property
    def models(self) -> tuple[str, ...]:
        """The models seen, in order; "" stands for responses that name none."""
        return tuple(self._models)

    def add(self, result: Result) -> None:
        """Count one result.

        Raises
        ------
        InputError
            It has more outcomes than checkworthy claims. One that is missing is counted as a failure.
        """
        extraction, response = result.extraction, result.response
        model = self._models.setdefault(response.model or "", len(self._models))
        if model == len(self._named):
            self._named.append(Named())
        named = self._named[model]
        state = result.state
        outcomes = _complete(extraction, result.outcomes) if state == "claims" else ()
        named.states[state] += 1
        named.see_extraction(extraction)
        if extraction.failure is not None:
            # claims of an extraction that failed are part of an answer only: they move no rate
            named.failures[extraction.failure.stage, extraction.failure.kind] += 1
            return
        named.claims += len(extraction.claims)
        for claim in extraction.claims:
            named.unplaced += not claim.spans
            if not claim.checkworthy:
                count(named.reasons, claim.reason or "no reason given")
        if state != "claims":
            return
        row: Counter[str] = Counter()
        for outcome in outcomes:
            row[_column(outcome)] += 1
            named.see_outcome(outcome)
        row["words"] = _words(response.text)
        row["group"] = self._groups.number(group_of(response))
        row["model"] = model
        for name, column in self._columns.items():
            column.append(row[name])

    def summary(self) -> Summary:
        """The rates of all results added so far; more may be added afterwards.

        Rates are undefined (None, with the reason) where nothing was scored, never 0.
        """
        everything = Named()
        for named in self._named:
            everything = everything.added(named)
        total = self._summary(everything, self._table())
        if len(self._models) == 1:
            return replace(total, by_model={name: total for name in self._models})
        by_model = {name: self._summary(self._named[n], self._table(n)) for name, n in self._models.items()}
        return replace(total, by_model=by_model)

    def preset(self, name: str, **arguments: float) -> Estimate:
        """A published definition by its name in :data:`PRESETS`, over all models.

        Raises
        ------
        ValueError
            There is no such preset.
        """
        if name not in PRESETS:
            raise ValueError(f"preset is {name!r}; wanted: one of {', '.join(PRESETS)}")
        silent = sum(named.states[state] for named in self._named for state in ("nothing_checkworthy", "abstained"))
        return PRESETS[name].estimate(self._table(), self._terms, silent=silent, **arguments)

    def compare(self, a: str, b: str, *, rate: str = "refuted") -> Comparison:
        """Two models on the prompts for which both have claims with a verdict.

        Parameters
        ----------
        a, b : str
            Two of :attr:`models`.
        rate : str
            A rate that is a share of claims.

        Raises
        ------
        ValueError
            No such model or no such rate.
        """
        for argument, model in (("a", a), ("b", b)):
            if model not in self._models:
                raise ValueError(f"{argument} is {model!r}; wanted: one of {', '.join(map(repr, self._models))}")
        share = self._share(rate)
        first, second = (self._table(self._models[model]) for model in (a, b))
        return compared((a, first), (b, second), rate, share, self._terms)

    def by_prompt(self, rate: str = "refuted") -> ByPrompt:
        """What each model adds to a rate on each prompt, for whatever is computed over prompts.

        Raises
        ------
        ValueError
            No such rate, or one that is not a share of claims.
        """
        share = self._share(rate)

        def sums(weights: tuple[float, ...]) -> NDArray[np.float64]:
            found = np.zeros((len(self._models), len(self._groups)))
            for row, model in enumerate(self._models.values()):
                table = self._table(model)
                per_group = table.by_group(table.claims(weights))
                found[row, : len(per_group)] = per_group
            return found

        return ByPrompt(self.models, sums(share.numerator), sums(share.denominator), share.note)

    def share_on(self, model: str, prompts: NDArray[np.bool_], *, rate: str = "refuted") -> Estimate:
        """A model's rate on some of the prompts alone: on those that are true, in the order of :meth:`by_prompt`."""
        table = self._table(self._models[model])
        return micro_share(table.rows(prompts[table.group]), self._share(rate), self._terms)

    def _share(self, rate: str) -> Share:
        if rate not in self._shares:
            raise ValueError(f"rate is {rate!r}; wanted: one of {', '.join(self._shares)}")
        return self._shares[rate]

    def _table(self, model: int | None = None) -> VerdictTable:
        columns = {name: np.asarray(column.view()) for name, column in self._columns.items()}
        table = VerdictTable(
            np.stack([columns[name] for name in _OUTCOMES], axis=1),
            columns["failed"],
            columns["words"],
            columns["group"],
        )
        return table if model is None else table.rows(columns["model"] == model)

    def _summary(self, named: Named, table: VerdictTable) -> Summary:
        terms = self._terms
        rates = {name: micro_share(table, share, terms) for name, share in self._shares.items()}
        macro = {name: macro_share(table, share, terms) for name, share in self._shares.items()}
        # per response there is nothing to average within: pooled and mean over responses are the same number
        rates["any_refuted"] = macro["any_refuted"] = any_refuted(table, terms)
        rates["refuted_per_response"] = macro["refuted_per_response"] = per_response(table, terms)
        rates["refuted_per_1000_words"] = per_thousand_words(table, terms)
        macro["refuted_per_1000_words"] = per_thousand_words(table, terms, macro=True)
        bounds = {
            "failures": bounds_of_refuted(table, terms, undecided=False),
            "failures_and_open": bounds_of_refuted(table, terms, undecided=True),
        }
        counts = _counts(named, table)
        return Summary(rates, macro, counts, _run_warnings(counts, named), bounds)


def compare_models(
    results: Iterable[Result], a: str, b: str, *, rate: str = "refuted", level: float = 0.95
) -> Comparison:
    """Two models on the prompts that both answered, from results in one pass; see :meth:`Tally.compare`.

    Raises
    ------
    ValueError
        No such model among the results, or no such rate.
    """
    tally = Tally(level=level)
    for result in results:
        tally.add(result)
    return tally.compare(a, b, rate=rate)


def _complete(extraction: Extraction, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """One outcome per checkworthy claim: one that was never recorded is a failure, not a smaller denominator."""
    wanted = [claim for claim in extraction.claims if claim.checkworthy]
    if len(outcomes) > len(wanted):
        raise InputError(
            f"response {extraction.response_id!r} has {len(outcomes)} outcomes for {len(wanted)} checkworthy claims",
            wanted="one outcome per checkworthy claim",
            field="outcomes",
        )
    missing = (
        Failure("verification", "plugin_error", "no outcome was recorded for this claim", claim.id)
        for claim in wanted[len(outcomes) :]
    )
    return (*outcomes, *missing)


def _column(outcome: Outcome) -> str:
    if isinstance(outcome, Failure):
        return "failed"
    if outcome.label == "not_enough_info":
        return "undecided" if outcome.evidence else "nothing_found"
    return outcome.label


def _words(text: str) -> int:
    """Words of the answer, without a reasoning trace."""
    return sum(sum(1 for _ in _WORD.finditer(text, span.start, span.end)) for span in answer_spans(text))


def _counts(named: Named, table: VerdictTable) -> Counts:
    supported, refuted, undecided, nothing_found = (int(n) for n in table.verdicts.sum(axis=0, dtype=np.int64))
    scored, failed = table.scored, int(table.failed.sum(dtype=np.int64))
    verdicts = supported + refuted + undecided + nothing_found
    failures: dict[str, dict[str, int]] = {}
    for (stage, kind), number in sorted(named.failures.items()):
        failures.setdefault(stage, {})[kind] = number
    states = dict(zip(get_args(State), ("with_claims", "nothing_checkworthy", "abstained", "failed"), strict=True))
    return Counts(
        responses=named.states.total(),
        **{name: named.states[state] for state, name in states.items()},
        responses_scored=len(scored.words),
        groups=len(np.unique(scored.group)),
        words=int(scored.words.sum(dtype=np.int64)),
        claims=named.claims,
        claims_attempted=verdicts + failed,
        claims_scored=verdicts,
        claims_failed=failed,
        supported=supported,
        refuted=refuted,
        not_enough_info=undecided + nothing_found,
        nothing_found=nothing_found,
        undecided=undecided,
        unplaced=named.unplaced,
        not_checkworthy=dict(named.reasons.most_common()),
        failures=failures,
        verifiers=dict(named.verifiers.most_common()),
        extractors=dict(named.extractors.most_common()),
        costs=dict(named.costs),
        **{name: named.trails[name] for name in ("voted", "split", "searched", "queries")},
    )


def _run_warnings(counts: Counts, named: Named) -> tuple[str, ...]:
    """What holds for the whole run; what holds for one rate stands with its estimate."""
    warnings = []
    if counts.failed:
        warnings.append(
            f"{counts.failed:,} of {counts.responses:,} responses failed: their claims are in no rate and no bound"
        )
    if counts.claims_failed:
        warnings.append(
            f"{counts.claims_failed:,} of {counts.claims_attempted:,} claims could not be checked: they are in no rate "
            "and the bounds say what they could change"
        )
    if counts.claims_scored and counts.not_enough_info > counts.claims_scored / 2:
        share = shown(counts.not_enough_info / counts.claims_scored)
        warnings.append(f"{share} of the claims with a verdict are open: read the refuted rate with its bounds")
    return (*warnings, *named.said_warnings())
