"""The line: responses → claims → evidence → verdicts → rates. A composition of steps that people also call alone.

>>> from halueval.testing import FixedRetriever, FixedVerifier, LineExtractor
>>> report = evaluate(
...     ["Aspirin is a drug.", "Aspirin cures colds."],
...     evidence=FixedRetriever({"monograph": "aspirin is a drug"}),
...     extractor=LineExtractor(),
...     verifier=FixedVerifier({"Aspirin is a drug.": "supported", "Aspirin cures colds.": "refuted"}),
... )
>>> report.rates["refuted"].value
0.5
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, Any

from halueval.batches import batches, call_each
from halueval.contract import broken_extraction, broken_hits, broken_outcome
from halueval.errors import InputError
from halueval.plugins import load_extractor, load_verifier
from halueval.protocols import Extractor, Retriever, Verifier
from halueval.records import (
    Claim,
    ClaimWithEvidence,
    Evidence,
    Extraction,
    Failure,
    Outcome,
    Response,
    Result,
    Verdict,
)

if TYPE_CHECKING:
    from halueval.io import Records
    from halueval.report import Report

__all__ = ["evaluate", "evaluate_results"]


PASSAGES_PER_CLAIM = 5
_ROLES = ("text", "prompt", "messages", "id", "model", "group", "context")


def evaluate(
    responses: object,
    *,
    evidence: object = None,
    extractor: str | Extractor = "rules",
    verifier: str | Verifier = "cascade",
    k: int = PASSAGES_PER_CLAIM,
    columns: Mapping[str, str] | None = None,
    run: str | PathLike[str] | None = None,
    overwrite: bool = False,
    level: float = 0.95,
    progress: Callable[[Result], None] | None = None,
) -> Report:
    """Measure how often responses say something that evidence contradicts.

    Parameters
    ----------
    responses : path, datasets.Dataset, pandas.DataFrame or iterable
        The answers: a JSONL or Parquet file, a table, or anything that yields mappings, texts or ``Response``.
    evidence : path, iterable of documents or Retriever, optional
        What claims are checked against: a folder that ``halueval index build`` made, a corpus (JSONL), documents, or
        a retriever. A response that brings its own ``context`` is checked against that alone.
    extractor, verifier : str or object
        By name (see :func:`halueval.plugins.available`), as ``"module:attribute"``, or the object.
    k : int
        Passages per claim.
    columns : mapping, optional
        Which column is which, where names can't be guessed: ``{"text": "model_output", "prompt": "q"}``.
    run : path, optional
        A folder for the results; with it, memory does not grow with the number of responses.
    overwrite : bool
        Replace what is in ``run``.
    level : float
        Of the intervals, between 0 and 1.
    progress : callable, optional
        Called with each result as it is ready.

    Returns
    -------
    Report
        The rates with their intervals, the claims, the evidence. A record that could not be read, and a claim that
        could not be checked, is a counted ``Failure`` in it.

    Raises
    ------
    InputError
        No answers, no column that looks like answers, nothing to check them against, or a ``k`` or ``level`` that
        cannot be.
    PluginError
        No such extractor or verifier.
    RunError
        ``run`` is something that is not replaced, or cannot be written.
    """
    from halueval.evidence import open_evidence
    from halueval.report import Report
    from halueval.runs import write_run

    _require_numbers(k, level)
    finder = None if evidence is None else open_evidence(evidence)
    the_extractor, the_verifier = load_extractor(extractor), load_verifier(verifier)
    records = _read(responses, columns or {})
    results = evaluate_results(
        records,
        retriever=finder,
        extractor=the_extractor,
        verifier=the_verifier,
        k=k,
        progress=progress,
    )
    settings: dict[str, Any] = {
        "extractor": the_extractor.name,
        "verifier": the_verifier.name,
        "retriever": finder.name if finder is not None else "context",
        "snapshot": getattr(finder, "snapshot", ""),
        "passages_per_claim": k,
        "columns": str(records.columns or ""),
        "level": level,
        "notes": _notes(finder),
        **_versions(),
    }
    if run is not None:
        return write_run(run, results, settings, overwrite=overwrite)
    return Report(list(results), settings)


def evaluate_results(
    responses: Iterable[Response | Failure],
    *,
    retriever: Retriever | None,
    extractor: Extractor,
    verifier: Verifier,
    k: int = PASSAGES_PER_CLAIM,
    progress: Callable[[Result], None] | None = None,
) -> Iterator[Result]:
    """The line as a stream: one result per response, in order, a batch in memory at a time.

    A ``Failure`` among the responses (a record that could not be read) becomes a failed result in its place.

    Raises
    ------
    InputError
        There is no retriever and no response of the first batch brings a context.
    """
    first = True
    for batch in batches(responses):
        if first and retriever is None:
            _require_context(batch)
        first = False
        for result in _evaluate_batch(batch, retriever, extractor, verifier, k):
            if progress is not None:
                progress(result)
            yield result


def _read(responses: object, columns: Mapping[str, str]) -> Records[Response]:
    from halueval.io import read_responses

    if not isinstance(columns, Mapping):
        raise InputError(f"found a {type(columns).__name__}", wanted='a mapping, {"text": COLUMN}', field="columns")
    unknown = sorted(set(columns) - set(_ROLES))
    if unknown:
        raise InputError(
            f"columns names {', '.join(map(repr, unknown))}", wanted=f"some of {', '.join(_ROLES)}", field="columns"
        )
    return read_responses(responses, **columns)


def _evaluate_batch(
    batch: Sequence[Response | Failure], retriever: Retriever | None, extractor: Extractor, verifier: Verifier, k: int
) -> list[Result]:
    responses = [r for r in batch if isinstance(r, Response)]
    extracted = call_each(
        extractor.extract,
        responses,
        lambda r, message: Extraction(r.id, failure=Failure("extraction", "plugin_error", message, r.id)),
        broken_extraction,
    )
    claims = [
        (response, claim)
        for response, extraction in zip(responses, extracted, strict=True)
        for claim in extraction.claims
        if claim.checkworthy
    ]
    outcomes = iter(_outcomes(claims, retriever, verifier, k))
    results = iter(
        Result(response, extraction, tuple(islice(outcomes, sum(c.checkworthy for c in extraction.claims))))
        for response, extraction in zip(responses, extracted, strict=True)
    )
    return [next(results) if isinstance(item, Response) else _unreadable(item) for item in batch]


def _outcomes(
    claims: Sequence[tuple[Response, Claim]], retriever: Retriever | None, verifier: Verifier, k: int
) -> list[Outcome]:
    """One outcome per claim, in order. Without evidence the verdict is not enough info, by definition."""
    found = _evidence(claims, retriever, k)
    items = [
        ClaimWithEvidence(claim, passages)
        for (_, claim), passages in zip(claims, found, strict=True)
        if not isinstance(passages, Failure) and passages
    ]
    verified = iter(
        call_each(
            verifier.verify,
            items,
            lambda item, message: Failure("verification", "plugin_error", message, item.claim.id),
            broken_outcome,
        )
    )
    outcomes: list[Outcome] = []
    for (_, claim), passages in zip(claims, found, strict=True):
        if isinstance(passages, Failure):
            outcomes.append(passages)
        elif passages:
            outcomes.append(next(verified))
        else:
            outcomes.append(Verdict(claim.id, "not_enough_info", reason="no evidence found", verifier=verifier.name))
    return outcomes


def _evidence(
    claims: Sequence[tuple[Response, Claim]], retriever: Retriever | None, k: int
) -> list[tuple[Evidence, ...] | Failure]:
    """The passages for each claim: the best of its response's own context where it has one, else the retriever's."""
    from halueval.evidence import best_passages, context_evidence

    own: dict[str, tuple[Evidence, ...]] = {}
    for response, _ in claims:
        if response.context and response.id not in own:
            own[response.id] = context_evidence(response.context, response.id)
    asked = [] if retriever is None else [claim for response, claim in claims if not response.context]

    def search(batch: Sequence[Claim]) -> Sequence[Sequence[Evidence]]:
        assert retriever is not None
        return retriever.search([claim.text for claim in batch], k)

    retrieved = iter(
        call_each(
            search,
            asked,
            lambda claim, message: Failure("retrieval", "plugin_error", message, claim.id),
            lambda claim, hits: broken_hits(claim.text, hits, k),
        )
    )
    found: list[tuple[Evidence, ...] | Failure] = []
    for response, claim in claims:
        if response.context:
            found.append(tuple(best_passages(claim.text, own[response.id], k)))
        elif retriever is None:
            found.append(())
        else:
            hits = next(retrieved)
            found.append(hits if isinstance(hits, Failure) else tuple(hits))
    return found


def _unreadable(failure: Failure) -> Result:
    return Result(Response(failure.item_id, ""), Extraction(failure.item_id, failure=failure))


def _require_numbers(k: object, level: object) -> None:
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise InputError(f"found {k!r}", wanted="a whole number, 1 or more", field="k")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"found {level!r}", wanted="a number between 0 and 1, such as 0.95", field="level")


def _require_context(batch: Sequence[Response | Failure]) -> None:
    if not any(r.context for r in batch if isinstance(r, Response)) and any(isinstance(r, Response) for r in batch):
        raise InputError(
            "nothing to check the answers against",
            wanted="evidence, or a context of its own with each answer",
            todo="pass evidence=CORPUS (on the command line: --evidence CORPUS): "
            "a JSONL file, or a folder that `halueval index build` made",
        )


def _notes(finder: object) -> list[str]:
    """What the report must say about the evidence before anyone believes a rate."""
    set_aside, reasons = getattr(finder, "set_aside", 0), getattr(finder, "reasons", ())
    if not set_aside:
        return []
    records = "1 record" if set_aside == 1 else f"{set_aside:,} records"
    return [
        f"{records} of the evidence could not be used and {'was' if set_aside == 1 else 'were'} left out"
        + (f"; the first: {reasons[0]}" if reasons else "")
    ]


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for name in ("halueval", "spacy", "scispacy"):
        try:
            versions[f"version_{name}"] = version(name)
        except PackageNotFoundError:
            versions[f"version_{name}"] = "not installed"
    return versions
