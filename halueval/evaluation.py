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
from functools import partial
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias

from halueval.errors import InputError
from halueval.line import PASSAGES_PER_CLAIM, checked_batches, evaluate_as_ready, evaluate_results
from halueval.plugins import load_extractor, load_verifier
from halueval.protocols import AsyncExtractor, AsyncVerifier, ChatModel, Extractor, Verifier
from halueval.records import Failure, Response, Result
from halueval.stopping import Stopping

if TYPE_CHECKING:
    from halueval.chat import ChatSession
    from halueval.io import Records
    from halueval.report import Report
    from halueval.runs import Journal, Run

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
    cache: str | PathLike[str] | None = None,
    claims_store: str | PathLike[str] | None = None,
    near: bool = False,
    engine: str | None = None,
    first: int | None = None,
    level: float = 0.95,
    progress: bool | Callable[[Result], None] = False,
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
        A folder for the results; with it, memory does not grow with the number of responses. Where the run is there
        already, it is gone on with: what is finished stays, and replies that were paid for are not asked for again.
        The responses and what is asked must be the same.
    overwrite : bool
        Begin anew in ``run``: the results and replies that are there are deleted.
    cache : path, optional
        Where replies of chat models are kept, to be shared by several runs. By default a file in ``run``. Also what a
        retriever of yours found, if it has a ``snapshot``: a text that says what it searched, and is another one when
        it would find something else. Without one it is asked every time.
    claims_store : path, optional
        A store of verified claims, made where there is none: a claim that it has a verdict on, by the same verifier
        with the same settings and passages, is not verified again, and says so. New verdicts are kept in it. Only what
        was there when the run began is reused. Not with ``engine``.
    near : bool
        Reuse a verdict also for another wording, over the same corpus, where no number, unit, negation, comparator,
        name or other word that could matter differs.
    engine : str, optional
        ``"ray"``, or ``"ray:8"`` for eight workers: the answers are divided among workers of Ray, on this machine or on
        the cluster that ``RAY_ADDRESS`` names. Needs ``run``, and parts that workers can build from their names.
    first : int, optional
        Only the first so many responses. A ``run`` is left unfinished then, to be gone on with.
    level : float
        Of the intervals, between 0 and 1.
    progress : bool or callable
        True shows how far the work is, how fast, what is left, what it cost and what failed: in a notebook, in a
        terminal, and as a line now and then where standard error goes elsewhere. A callable is called with each result
        when it is ready and, with ``run``, safe on the disk; those of an earlier start are not given again.

    Returns
    -------
    Report
        The rates with their intervals, the claims, the evidence. A record that could not be read, and a claim that
        could not be checked, is a counted ``Failure`` in it.

    Raises
    ------
    InputError
        No answers, no column that looks like answers, nothing to check them against, or a ``k``, ``level``, ``first``,
        ``near`` or ``engine`` that cannot be.
    PluginError
        No such extractor or verifier, or one that asks a chat model and none is named.
    RunError
        ``run`` is something that is not a run, one of other settings or other responses, in use, damaged or from a
        newer version, or cannot be written.
    RunStopped
        Every other call of a chat model would fail: a wrong key, no such model, an endpoint that is down, the money
        spent. With ``run``, what was finished is kept, and the same call goes on.
    KeyboardInterrupt
        With ``run`` and in the main thread, Ctrl-C lets the calls in flight end, for some seconds, before it is raised,
        and says how to go on; a second one ends at once. SIGTERM does the same and then ends the process.
    """
    from halueval.evidence import open_evidence
    from halueval.report import Report
    from halueval.runs import begin_run
    from halueval.runs.asked import input_digest, made_of, model_settings
    from halueval.runs.cached_retriever import CachedRetriever, with_cache
    from halueval.runs.engines import require_engine
    from halueval.runs.following import following
    from halueval.runs.keeping import keeping
    from halueval.runs.resuming import keep, to_do
    from halueval.runs.spending import Spending
    from halueval.runs.stored_verifier import reusing

    _require_numbers(k, level, first)
    _require_store(claims_store, near, engine)
    if engine is not None:
        require_engine(engine, run)
    chat, judges = _chats(model, verifier_model, base_url=base_url, max_dollars=max_dollars)
    finder = None if evidence is None else open_evidence(evidence)
    searched = finder if engine is not None else with_cache(finder)
    extractor = extractor or ("rules" if chat is None else "hybrid")
    verifier = verifier or ("judge" if judges else "cascade")
    the_extractor = load_extractor(extractor, chat=chat)
    the_verifier = load_verifier(verifier, chats=judges, retriever=searched)
    records = _read(responses, columns or {})
    digest = input_digest(responses)
    settings: dict[str, Any] = {
        **made_of(the_extractor, the_verifier, finder),
        **model_settings(chat, judges),
        "retriever": finder.name if finder is not None else "context",
        "passages_per_claim": k,
        **({"verified_claims": "near" if near else "same"} if claims_store is not None else {}),
        **({"input": digest} if digest else {}),
        "columns": str(records.columns or ""),
        "level": level,
        "notes": _notes(finder),
    }
    parts: dict[str, Any] = {"retriever": searched, "extractor": the_extractor, "verifier": the_verifier, "k": k}
    sessions = [session for session in dict.fromkeys((chat, *judges)) if session is not None]
    askers = (*sessions, *((searched,) if isinstance(searched, CachedRetriever) else ()))
    begun = islice(records, first)
    if run is None:
        with (
            keeping(askers, cache),
            reusing(the_verifier, claims_store, near) as parts["verifier"],
            following(progress, responses, sessions, first) as seen,
        ):
            return Report(list(evaluate_results(begun, **parts, progress=seen)), settings)
    with Stopping(sessions) as stopping, begin_run(run, settings, overwrite=overwrite) as there:
        if there.finished and _same_input(there, settings):
            return there.report()
        if len(there.journal) and digest and not _same_input(there, settings):  # before anyone is asked
            _compare(_read(responses, columns or {}), there)
        work = to_do(begun, there.journal, answers=there.answers, whole=first is None)
        with (
            keeping(askers, cache or there.calls),
            reusing(the_verifier, claims_store, near, there.journal) as parts["verifier"],
            Spending(sessions, there.journal) as spending,
            following(progress, responses, sessions, first, there) as seen,
        ):
            if engine is None:
                results = evaluate_as_ready(stopping.until(work), **parts)
            else:
                names = {"extractor": extractor, "verifier": verifier}
                asked = {**parts, **names, "chat": chat, "judges": judges, "settings": settings}
                results = _divided(engine, stopping.until(work), asked, there.journal)
            for result in keep(there.journal, results):
                spending.note()
                seen(result)
        stopping.check()
        return there.report() if there.finished or first is not None else there.finish()


def _divided(
    engine: str, work: Iterable[tuple[int, Response | Failure]], asked: Mapping[str, Any], journal: Journal
) -> Iterator[tuple[int, Result]]:
    """The results by workers of an engine."""
    from halueval.runs.engines import recipe_for, workers_named
    from halueval.runs.engines.ray import ray_results

    recipe = partial(recipe_for, line=evaluate_as_ready, **asked)
    shards = checked_batches(work, asked["retriever"])
    return ray_results(shards, recipe, workers=workers_named(engine), spend=journal.spend)


def _same_input(run: Run, settings: Mapping[str, Any]) -> bool:
    """Whether the run was begun with the very file that is given now."""
    digest = settings.get("input")
    return digest is not None and run.then is not None and run.then.settings.get("input") == digest


def _compare(records: Records[Response], run: Run) -> None:
    """Refuse responses that are not those that there are results of.

    Raises
    ------
    RunError
        Says which one differs.
    """
    from halueval.runs.resuming import to_do

    for _ in to_do(records, run.journal, answers=run.answers):
        pass


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


def _require_numbers(k: object, level: object, first: object) -> None:
    if first is not None and (isinstance(first, bool) or not isinstance(first, int) or first < 1):
        raise InputError(f"found {first!r}", wanted="a whole number, 1 or more", field="first")
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise InputError(f"found {k!r}", wanted="a whole number, 1 or more", field="k")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"found {level!r}", wanted="a number between 0 and 1, such as 0.95", field="level")


def _require_store(claims_store: object, near: bool, engine: object) -> None:
    if near and claims_store is None:
        raise InputError(
            "nothing to be near to",
            wanted="claims_store=FILE (on the command line: --claims-store FILE) as well",
            field="near",
        )
    if claims_store is not None and engine is not None:
        raise InputError(
            "workers of an engine have no store of verified claims", wanted="one of the two", field="engine"
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
