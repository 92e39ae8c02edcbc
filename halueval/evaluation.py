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
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias

from halueval.errors import InputError
from halueval.line import PASSAGES_PER_CLAIM, evaluate_results
from halueval.plugins import load_extractor, load_verifier
from halueval.protocols import AsyncExtractor, AsyncVerifier, ChatModel, Extractor, Verifier
from halueval.records import Failure, Response, Result

if TYPE_CHECKING:
    from halueval.chat import ChatSession
    from halueval.io import Records
    from halueval.report import Report
    from halueval.runs import Earlier

__all__ = ["evaluate", "evaluate_results"]

Chat: TypeAlias = "str | ChatModel | ChatSession"

_ROLES = ("text", "prompt", "messages", "id", "model", "group", "context")


def evaluate(
    responses: object,
    *,
    evidence: object = None,
    extractor: str | Extractor | AsyncExtractor | None = None,
    verifier: str | Verifier | AsyncVerifier | None = None,
    model: Chat | None = None,
    verifier_model: Chat | Sequence[Chat] | None = None,
    base_url: str | None = None,
    max_dollars: float | None = None,
    k: int = PASSAGES_PER_CLAIM,
    columns: Mapping[str, str] | None = None,
    run: str | PathLike[str] | None = None,
    overwrite: bool = False,
    resume: bool = False,
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
    extractor, verifier : str or object, optional
        By name (see :func:`halueval.plugins.available`), as ``"module:attribute"``, or the object. Without a model
        ``"rules"`` and ``"cascade"``, which ask nobody; with one ``"hybrid"`` and ``"judge"``.
    model : str, ChatModel or ChatSession, optional
        Who is asked by an extractor or verifier that asks a chat model: a name that LiteLLM knows
        (``"openai/gpt-…"``), the name of a model at ``base_url``, or what :func:`halueval.chat.open_chat` gives, where
        limits, prices and options are set.
    verifier_model : str, ChatModel, ChatSession or a sequence of them, optional
        Who is asked by the verifier, if that is another model; several are the members of a panel.
    base_url : str, optional
        An endpoint that speaks OpenAI's protocol: vLLM, SGLang, llama.cpp, Ollama.
    max_dollars : float, optional
        What the run may spend, on all models together and before and after it was resumed; then it stops.
    k : int
        Passages per claim.
    columns : mapping, optional
        Which column is which, where names can't be guessed: ``{"text": "model_output", "prompt": "q"}``.
    run : path, optional
        A folder for the results; with it, memory does not grow with the number of responses.
    overwrite : bool
        Replace what is in ``run``.
    resume : bool
        Go on with the run in ``run`` that was stopped or cut off: its results stay, and only the other responses are
        evaluated.
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
        No such extractor or verifier, or one that asks a chat model and none is named.
    RunError
        ``run`` is something that is not replaced, cannot be written, or cannot be gone on with.
    RunStopped
        Every other call of a chat model would fail: a wrong key, no such model, an endpoint that is down, the money
        spent. With ``run``, what was finished is kept, and ``resume`` goes on.
    """
    from halueval.evidence import open_evidence
    from halueval.report import Report
    from halueval.runs import earlier_results, write_run

    _require_numbers(k, level)
    if resume and run is None:
        raise InputError("resume without a run to go on with", wanted="run=FOLDER", field="resume")
    chat, judges = _chats(model, verifier_model, base_url=base_url, max_dollars=max_dollars)
    finder = None if evidence is None else open_evidence(evidence)
    the_extractor = load_extractor(extractor or ("rules" if chat is None else "hybrid"), chat=chat)
    the_verifier = load_verifier(verifier or ("judge" if judges else "cascade"), chats=judges, retriever=finder)
    records = _read(responses, columns or {})
    settings: dict[str, Any] = {
        "extractor": the_extractor.name,
        "verifier": the_verifier.name,
        **_models(chat, judges),
        "retriever": finder.name if finder is not None else "context",
        "snapshot": getattr(finder, "snapshot", ""),
        "passages_per_claim": k,
        "columns": str(records.columns or ""),
        "level": level,
        "notes": _notes(finder),
        **_versions(),
    }
    earlier = earlier_results(run, settings) if run is not None and resume else None
    if earlier is not None:
        for cap in {session.cap for session in (chat, *judges) if session is not None and session.cap is not None}:
            cap.spent += earlier.dollars
    results = evaluate_results(
        records if earlier is None else _or_earlier(records, earlier),
        retriever=finder,
        extractor=the_extractor,
        verifier=the_verifier,
        k=k,
        progress=progress,
    )
    if run is not None:
        return write_run(run, results, settings, overwrite=overwrite, earlier=earlier)
    return Report(list(results), settings)


def _chats(
    model: Chat | None, verifier_model: Chat | Sequence[Chat] | None, *, base_url: str | None, max_dollars: float | None
) -> tuple[ChatSession | None, tuple[ChatSession, ...]]:
    """The session of the extractor, and those of the verifier."""
    if model is None and verifier_model is None:
        if base_url is not None or max_dollars is not None:
            field = "base_url" if base_url is not None else "max_dollars"
            raise InputError("no model that it belongs to", wanted="model=NAME as well", field=field)
        return None, ()
    from halueval.chat import Cap, open_chat

    cap = None if max_dollars is None else Cap(max_dollars)

    def opened(chat: Chat) -> ChatSession:
        return open_chat(chat, base_url=base_url, max_dollars=cap)

    chat = None if model is None else opened(model)
    if verifier_model is None:
        return chat, () if chat is None else (chat,)
    several = isinstance(verifier_model, Sequence) and not isinstance(verifier_model, str)
    return chat, tuple(map(opened, verifier_model)) if several else (opened(verifier_model),)  # type: ignore[arg-type]


def _models(chat: ChatSession | None, judges: Sequence[ChatSession]) -> dict[str, Any]:
    """Who was asked, and where, as far as a model says it; addresses are shown without what is secret in them."""
    sessions = [session for session in dict.fromkeys((chat, *judges)) if session is not None]
    places = {s.name: place for s in sessions if (place := str(getattr(s.model, "endpoint", "")))}
    names = {"model": chat.name if chat else "", "verifier_models": [j.name for j in judges], "endpoints": places}
    return {name: value for name, value in names.items() if value}


def _or_earlier(records: Iterable[Response | Failure], earlier: Earlier) -> Iterator[Response | Failure | Result]:
    for record in records:
        yield record if isinstance(record, Failure) else earlier.result_of(record) or record


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


def _require_numbers(k: object, level: object) -> None:
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise InputError(f"found {k!r}", wanted="a whole number, 1 or more", field="k")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"found {level!r}", wanted="a number between 0 and 1, such as 0.95", field="level")


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
