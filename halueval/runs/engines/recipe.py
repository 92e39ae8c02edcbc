"""What workers are made from: names, addresses and limits. Each builds its own extractor, verifier and sessions."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halueval.chat.settings import given_prices
from halueval.errors import InputError
from halueval.io.values import plain
from halueval.protocols import ChatModel, Retriever
from halueval.records import Result

if TYPE_CHECKING:
    from halueval.chat import ChatSession
    from halueval.chat.prices import Prices

__all__ = ["Recipe", "SessionTerms", "recipe_for"]

Line = Callable[..., Iterator[tuple[int, Result]]]


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """What one worker's session of a chat model is made from; ``cap`` numbers those that share their money."""

    model: ChatModel
    deadline: float
    max_attempts: int
    max_in_flight: int
    prices: Prices | None
    cap: int | None
    cache: str | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one of several workers is made from.

    Parameters
    ----------
    line : callable
        Numbered records and the parts in, numbered results out: :func:`halueval.line.evaluate_as_ready`.
    extractor, verifier : str
        By name.
    k : int
        Passages per claim.
    folder : str
        Where the driver works; workers that have such a folder work there as well, so that names of files are the same.
    index : str, optional
        The folder of the evidence; every worker opens it.
    min_coverage : float, optional
        Of the index.
    sessions : tuple of SessionTerms
        One for each chat model.
    chat : int, optional
        Which of them the extractor asks.
    judges : tuple of int
        Which the verifier asks.
    caps : tuple of (float, float)
        A worker's share of each cap, and of what was spent before.
    settings : mapping
        What the driver's parts are; a worker whose own are others does not work.
    """

    line: Line
    extractor: str
    verifier: str
    k: int
    folder: str
    index: str | None
    min_coverage: float | None
    sessions: tuple[SessionTerms, ...]
    chat: int | None
    judges: tuple[int, ...]
    caps: tuple[tuple[float, float], ...]
    settings: Mapping[str, Any]


def recipe_for(
    workers: int,
    line: Line,
    *,
    extractor: str | object,
    verifier: str | object,
    retriever: Retriever | None,
    chat: ChatSession | None,
    judges: Sequence[ChatSession],
    k: int,
    settings: Mapping[str, Any],
) -> Recipe:
    """The recipe for so many workers: places in flight and what is left of the money are divided among them.

    Raises
    ------
    InputError
        A part that was given as an object and cannot be built elsewhere, or a chat model with a key that would have to
        be sent.

    Examples
    --------
    >>> asked = dict(retriever=None, chat=None, judges=(), k=5, settings={})
    >>> recipe_for(2, iter, extractor="rules", verifier="lexical", **asked).verifier
    'lexical'
    """
    index, min_coverage = _index(retriever)
    sessions = [session for session in dict.fromkeys((chat, *judges)) if session is not None]
    caps = list(dict.fromkeys(session.cap for session in sessions if session.cap is not None))
    return Recipe(
        line,
        _name("extractor", extractor),
        _name("verifier", verifier),
        k,
        os.getcwd(),
        index,
        min_coverage,
        tuple(
            SessionTerms(
                _sendable(session.model),
                session.deadline,
                session.max_attempts,
                max(1, session.max_in_flight // workers),
                None if session.prices == given_prices(getattr(session.model, "prices", None)) else session.prices,
                None if session.cap is None else caps.index(session.cap),
                None if (path := getattr(session.cache, "path", None)) is None else str(Path(path).absolute()),
            )
            for session in sessions
        ),
        None if chat is None else sessions.index(chat),
        tuple(sessions.index(judge) for judge in judges),
        tuple((cap.dollars / workers, cap.spent / workers) for cap in caps),
        plain(settings),
    )


def _name(field: str, part: object) -> str:
    if isinstance(part, str):
        return part
    raise InputError(
        f"an object ({type(part).__name__}), which workers cannot build",
        wanted="its name, or 'module:attribute' of what a worker can import",
        field=field,
    )


def _index(retriever: Retriever | None) -> tuple[str | None, float | None]:
    from halueval.evidence import Index

    if retriever is None:
        return None, None
    if isinstance(retriever, Index):
        return str(retriever.path), retriever.min_coverage
    raise InputError(
        f"a retriever of one's own ({type(retriever).__name__}), which workers cannot build",
        wanted="a corpus, or the folder of an index",
        field="evidence",
    )


def _sendable(model: ChatModel) -> ChatModel:
    """The model, if it can go to another process; one with a key cannot, by its own word (``__reduce__``)."""
    try:
        pickle.dumps(model)  # as an engine will send it to processes of our own; nothing is read back from anywhere
    except Exception as error:  # whatever a class of the user's own raises
        raise InputError(
            f"{model.name}: cannot be sent to workers ({error})",
            wanted="a model by its name, its key in the environment of the workers (HALUEVAL_API_KEY, or the "
            "provider's own variable) and in no option",
            field="model",
        ) from None
    return model
