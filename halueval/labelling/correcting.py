"""The rate of a run with the verifier's errors taken out by hand labels, beside the rates without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from os import PathLike

import numpy as np

from halueval.errors import InputError
from halueval.labelling.population import JudgedClaim, fingerprint, judged_claims, results_of
from halueval.labelling.reading import Labels, read_labels
from halueval.metrics import Tally
from halueval.records import Label, Result
from halueval.report import Report
from halueval.report.wording import interval_text, one_line, plural, printable, value_text
from halueval.statistics.correction import Drawn, Method, corrected_rate, corrected_rates
from halueval.statistics.estimate import Estimate
from halueval.statistics.intervals import wilson
from halueval.statistics.two_phase import label_design_effect

__all__ = ["Correction", "ModelCorrection", "correct"]


@dataclass(frozen=True, slots=True)
class ModelCorrection:
    """The share of refuted claims of one model, three ways.

    ``corrected`` is the one to report. ``naive`` is what the verifier says alone. ``labels_only`` is what the same
    labels say without the verdicts of the other claims. ``open_labels`` of the labels say "can't tell", which counts as
    not refuted, as it does in the rate; ``if_open_refuted`` is the corrected rate with these refuted instead.
    """

    model: str
    corrected: Estimate
    naive: Estimate
    labels_only: Estimate
    labels: int
    open_labels: int
    if_open_refuted: Estimate | None = None

    @property
    def rows(self) -> tuple[tuple[str, Estimate], ...]:
        """What is printed, the rate to report first."""
        last = () if self.if_open_refuted is None else (("corrected, can't tell as refuted", self.if_open_refuted),)
        return (
            ("corrected", self.corrected),
            ("verifier alone (naive)", self.naive),
            ("labels only", self.labels_only),
            *last,
        )


@dataclass(frozen=True, slots=True)
class Correction:
    """The hallucination rate of a run (refuted claims) with the verifier's errors taken out.

    ``overall`` is over all models; with several it weighs each model's own labels by that model's own verdicts.
    ``by_model`` has an entry per model, "" for answers that name none. Printing it prints the three rates side by side.
    """

    overall: ModelCorrection
    by_model: dict[str, ModelCorrection]
    labels: Labels
    level: float
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it is printed."""
        lines = []
        for title, part in self._parts():
            lines += [title, *(f"  {name:<33} {value_text(e):>9}  {interval_text(e)}" for name, e in part.rows)]
            lines += [f"  warning: {warning}" for warning in part.corrected.warnings]
        lines += [f"warning: {warning}" for warning in self.warnings]
        lines += [f"method: {self.overall.corrected.method}", *str(self.labels).splitlines()]
        lines += self._agreement()
        return printable("\n".join(lines))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from html import escape

        rows = []
        for title, part in self._parts():
            rows.append(f'<tr><th colspan="3" scope="rowgroup" style="text-align:left">{escape(title)}</th></tr>')
            for name, e in part.rows:
                cells = f"<td>{escape(value_text(e))}</td><td>{escape(interval_text(e))}</td>"
                rows.append(
                    f'<tr><th scope="row" style="text-align:left;font-weight:400">{escape(name)}</th>{cells}</tr>'
                )
        notes = [w for _, part in self._parts() for w in part.corrected.warnings] + list(self.warnings)
        listed = "".join(f"<li>{escape(printable(note))}</li>" for note in dict.fromkeys(notes))
        head = f'<tr><th></th><th scope="col">rate</th><th scope="col">{100 * self.level:g} % interval</th></tr>'
        basis = escape(printable(str(self.labels)).partition("\n")[0])
        return (
            f'<table><caption style="text-align:left">Hallucination rate, corrected by hand labels</caption>'
            f"<thead>{head}</thead><tbody>{printable(''.join(rows))}</tbody></table><ul>{listed}</ul><p>{basis}</p>"
        )

    def to_dict(self) -> dict[str, object]:
        """As JSON values."""
        return {
            "level": self.level,
            "overall": _as_dict(self.overall),
            "by_model": {printable(name): _as_dict(part) for name, part in self.by_model.items()},
            "labels": {printable(rater): len(own) for rater, own in self.labels.by_rater.items()},
            "disputed": self.labels.disputed,
            "blank": self.labels.blank,
            "problems": [{"kind": p.kind, "message": printable(p.message)} for p in self.labels.problems],
            "warnings": [printable(warning) for warning in self.warnings],
        }

    def _agreement(self) -> list[str]:
        """How well raters agree, with each other and with the verifier on the claims that were drawn."""
        found = []
        for (a, b), agreement in self.labels.agreement(level=self.level).items():
            found.append(f"agreement of {one_line(a, 40)} and {one_line(b, 40)}")
            found += [f"  {line}" for line in str(agreement).splitlines()]
        if len(self.labels.by_rater) > 2:
            found += ["agreement of all raters", f"  {self.labels.agreement_of_all(level=self.level)}"]
        found.append("agreement of the verifier with the labels (of the drawn claims, not of the run)")
        of_verifier = self.labels.agreement_with_verifier(level=self.level)
        return found + [f"  {line}" for line in str(of_verifier).splitlines()]

    def _parts(self) -> list[tuple[str, ModelCorrection]]:
        head = f"hallucination rate (refuted claims), {100 * self.level:g} % intervals"
        if len(self.by_model) < 2:
            return [(head, self.overall)]
        named = [(one_line(name, 60) or "answers without a model", part) for name, part in self.by_model.items()]
        return [(f"{head}, all models", self.overall), *named]


def correct(
    source: Report | Iterable[Result],
    labels: Labels | str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    method: Method = "two_phase",
    drawn: Drawn = "by_verdict",
    level: float = 0.95,
    pool_labels: str = "",
) -> Correction:
    """The share of refuted claims of a run, corrected by hand labels on some of its claims.

    Parameters
    ----------
    source : Report or iterable of Result
        The run.
    labels : Labels, path or paths
        What :func:`halueval.labelling.read_labels` made of the labelled sheets, or the sheets.
    method : {"two_phase", "rogan_gladen", "ppi"}
        The default suits labels that :func:`halueval.labelling.labels_to_draw` drew. The others need ``drawn`` to be
        "at_random" and are not advised; see :func:`halueval.statistics.corrected_rate`.
    drawn : {"by_verdict", "at_random"}
        How the labelled claims were chosen.
    level : float
        Two-sided, of every interval.
    pool_labels : str
        Why labels of one model may correct another's rate, in words. Without it each model is corrected by its own
        labels, and a model without labels has no corrected rate.

    Returns
    -------
    Correction
        Its warnings say where the verifier adds nothing over the labels alone.

    Raises
    ------
    InputError
        The labels are another run's, cannot be read, or not one is good; or the method needs labels drawn at random.
    ValueError
        For a level outside 0 to 1 or a method that there is not.

    Examples
    --------
    >>> from halueval.labelling import labels_to_draw, read_labels
    >>> from halueval.records import Claim, Extraction, Response, Verdict
    >>> def answer(name):
    ...     claims = tuple(Claim(f"{name}{i}", name, f"Claim {name}{i}.") for i in range(3))
    ...     verdicts = (Verdict(f"{name}0", "refuted"), *(Verdict(c.id, "supported") for c in claims[1:]))
    ...     return Result(Response(name, "…"), Extraction(name, claims), verdicts)
    >>> run = [answer(f"r{i}-") for i in range(40)]
    >>> draw = labels_to_draw(run, 40)
    >>> truth = {claim.item: claim.flagged and i % 2 == 0 for i, claim in enumerate(draw.claims)}
    >>> sheet = [row.cells() | {"label": "false" if truth[row.item] else "true"} for row in draw.rows]
    >>> found = correct(run, read_labels(run, sheet))
    >>> found.overall.corrected.value < found.overall.naive.value
    True
    """
    results = results_of(source)
    if not isinstance(labels, Labels):
        labels = read_labels(results, *([labels] if isinstance(labels, str | PathLike) else labels))
        claims: Sequence[JudgedClaim] = labels.claims
    else:
        claims = judged_claims(results)
        if fingerprint(claims) != labels.run:
            raise InputError("the labels were read for another run", wanted=f"labels of run {fingerprint(claims)}")
    if method != "two_phase" and drawn == "by_verdict":
        raise InputError(
            f"method is {method} with labels drawn by verdict, which say nothing about its sensitivity",
            wanted="two_phase, or labels that were drawn at random and are said to be",
        )
    tally = Tally(level=level)
    for result in results:
        tally.add(result)
    summary, given = tally.summary(), labels.labels
    models = list(dict.fromkeys(claim.model for claim in claims))
    columns = _Columns(claims, given, method, drawn, level, pool_labels)
    corrected = columns.by_model(models)
    by_model = {
        name: columns.part(
            name, [c for c in claims if c.model == name], corrected[name], summary.by_model[name].rates["refuted"]
        )
        for name in models
    }
    if len(models) == 1:
        overall = by_model[models[0]]
    else:
        overall = columns.part("", claims, columns.over_models(claims), summary.rates["refuted"])
    return Correction(overall, by_model, labels, level, _warnings(labels))


@dataclass(frozen=True, slots=True)
class _Columns:
    """The claims of a run and their labels as the columns that statistics work on."""

    claims: Sequence[JudgedClaim]
    given: dict[str, Label]
    method: Method
    drawn: Drawn
    level: float
    pool_labels: str

    def by_model(self, models: Sequence[str]) -> dict[str, Estimate]:
        """The corrected rate of each model."""
        if self.pool_labels and self.method == "two_phase":
            found = corrected_rates(
                [c.flagged for c in self.claims],
                [c.group for c in self.claims],
                self._labels(self.claims),
                [c.model for c in self.claims],
                pool_labels=self.pool_labels,
                level=self.level,
            )
            return {model: found[model] for model in models}
        return {model: self.rate([c for c in self.claims if c.model == model]) for model in models}

    def rate(self, claims: Sequence[JudgedClaim], open_as_refuted: bool = False) -> Estimate:
        """The corrected rate of the claims of one model."""
        return corrected_rate(
            [c.flagged for c in claims],
            [c.group for c in claims],
            self._labels(claims, open_as_refuted),
            drawn=self.drawn,
            method=self.method,
            level=self.level,
        )

    def over_models(self, claims: Sequence[JudgedClaim], open_as_refuted: bool = False) -> Estimate:
        """The rate over all models: strata are model and verdict, so that no model borrows another's labels."""
        if self.method != "two_phase":
            return Estimate(
                None, level=self.level, claims=len(claims), reason=f"{self.method} is for one model at a time"
            )
        if self.pool_labels:
            return corrected_rate(
                [c.flagged for c in claims],
                [c.group for c in claims],
                self._labels(claims, open_as_refuted),
                model=[c.model for c in claims],
                pool_labels=self.pool_labels,
                level=self.level,
            )
        strata = [f"{'flagged' if c.flagged else 'unflagged'} {one_line(c.model, 40) or '(no model)'}" for c in claims]
        return corrected_rate(
            [c.flagged for c in claims],
            [c.group for c in claims],
            self._labels(claims, open_as_refuted),
            stratum=strata,
            level=self.level,
        )

    def part(self, model: str, claims: Sequence[JudgedClaim], corrected: Estimate, naive: Estimate) -> ModelCorrection:
        """One line of the result."""
        labels = [self.given[c.item] for c in claims if c.item in self.given]
        open_labels = labels.count("not_enough_info")
        worst = None
        if open_labels and not self.pool_labels:
            several = len({c.model for c in claims}) > 1
            worst = self.over_models(claims, True) if several else self.rate(claims, True)
        return ModelCorrection(model, corrected, naive, self._labels_only(claims), len(labels), open_labels, worst)

    def _labels(self, claims: Sequence[JudgedClaim], open_as_refuted: bool = False) -> list[float | None]:
        bad = {"refuted", "not_enough_info"} if open_as_refuted else {"refuted"}
        return [float(self.given[c.item] in bad) if c.item in self.given else None for c in claims]

    def _labels_only(self, claims: Sequence[JudgedClaim]) -> Estimate:
        """The labels alone, each weighing what it was drawn for; Wilson limits on the number they are worth."""
        labelled = [(c, float(self.given[c.item] == "refuted")) for c in claims if c.item in self.given]
        groups = len({c.group for c, _ in labelled})
        empty = Estimate(None, level=self.level, claims=len(labelled), groups=groups, per="labels")
        if not labelled:
            return replace(empty, reason="no labelled claim")
        weights = np.ones(len(labelled))
        if self.drawn == "by_verdict":
            sizes, drawn = _by_stratum(claims), _by_stratum([c for c, _ in labelled])
            if set(sizes) - set(drawn):
                return replace(empty, reason="claims of one verdict have no label at all; label some of each")
            weights = np.array([sizes[_stratum(c)] / drawn[_stratum(c)] for c, _ in labelled])
        bad = np.array([label for _, label in labelled])
        rate = min(1.0, float(weights @ bad / weights.sum()))
        worth = float(weights.sum() ** 2 / (weights @ weights))
        places = {group: place for place, group in enumerate(dict.fromkeys(c.group for c, _ in labelled))}
        codes = [places[c.group] for c, _ in labelled]
        effect = label_design_effect(np.bincount(codes), np.bincount(codes, weights=bad)).label_design_effect or 1.0
        worth /= effect
        limits = wilson(rate * worth, worth, level=self.level)
        method = f"labels weighted by how they were drawn, worth {worth:.0f}; Wilson"
        events = round(rate * len(labelled), 1)
        return replace(empty, value=rate, low=limits.low, high=limits.high, method=method, events=events)


def _stratum(claim: JudgedClaim) -> tuple[str, bool]:
    return claim.model, claim.flagged


def _by_stratum(claims: Iterable[JudgedClaim]) -> dict[tuple[str, bool], int]:
    found: dict[tuple[str, bool], int] = {}
    for claim in claims:
        found[_stratum(claim)] = found.get(_stratum(claim), 0) + 1
    return found


def _warnings(labels: Labels) -> tuple[str, ...]:
    said = []
    if labels.left_out:
        said.append(f"{plural(labels.left_out, 'row')} of labels left out: if that is not by chance, the rate is off")
    if labels.blank:
        said.append(
            f"{plural(labels.blank, 'claim')} drawn and not labelled: the others are a random sample if raters stopped "
            "somewhere in the order given, and none if they skipped what was hard"
        )
    return tuple(said)


def _as_dict(part: ModelCorrection) -> dict[str, object]:
    names = {"corrected": part.corrected, "naive": part.naive, "labels_only": part.labels_only}
    names |= {"if_open_refuted": part.if_open_refuted} if part.if_open_refuted is not None else {}
    return {name: _estimate(e) for name, e in names.items()} | {
        "labels": part.labels,
        "open_labels": part.open_labels,
    }


def _estimate(estimate: Estimate) -> dict[str, object]:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "level": estimate.level,
        "method": printable(estimate.method),
        "claims": estimate.claims,
        "groups": estimate.groups,
        "reason": printable(estimate.reason),
        "warnings": [printable(warning) for warning in estimate.warnings],
        "text": printable(estimate.figure),
    }
