"""Name → object: the extractors and verifiers that come with halueval, those installed beside it, and your own.

A name is looked up among the built-in ones, then among entry points (groups ``halueval.extractors`` and
``halueval.verifiers``), then as ``"module:attribute"``, where the module may lie in the folder that one is in. A class
is made with no arguments, unless it says what it needs: ``asks_chat = True`` is given the chat session,
``asks_chats = True`` all of them, and ``searches = True`` the retriever as well.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from halueval.errors import HaluevalError, PluginError
from halueval.protocols import AsyncExtractor, AsyncVerifier, Extractor, Retriever, Verifier

if TYPE_CHECKING:
    from halueval.chat import ChatSession

__all__ = ["asks_chat", "available", "load_extractor", "load_verifier"]

Seam: TypeAlias = Literal["extractors", "verifiers"]

_BUILT_IN: dict[Seam, dict[str, str]] = {
    "extractors": {
        "rules": "halueval.claim_extraction.rules:RulesExtractor",
        "sentences": "halueval.claim_extraction.sentences:SentencesExtractor",
        "hybrid": "halueval.claim_extraction.hybrid:HybridExtractor",
        "llm": "halueval.claim_extraction.llm:LLMExtractor",
        "healthbench-hallu": "halueval.claim_extraction.presets:HealthBenchHalluExtractor",
    },
    "verifiers": {
        "cascade": "halueval.verifiers.cascade:CascadeVerifier",
        "halueval-mini": "halueval.verifiers.nli:NLIVerifier",
        "lexical": "halueval.verifiers.lexical:LexicalVerifier",
        "quantities": "halueval.verifiers.quantities:QuantitiesVerifier",
        "judge": "halueval.verifiers.judge:JudgeVerifier",
        "search_agent": "halueval.verifiers.search_agent:SearchAgentVerifier",
        "panel": "halueval.verifiers.panel:PanelVerifier",
    },
}
_MADE_FROM: dict[str, str] = {"nli": "halueval.verifiers.nli:NLIVerifier"}  # "nli:NAME", a model's name or its folder
_METHOD: dict[Seam, str] = {"extractors": "extract", "verifiers": "verify"}


def available(seam: Seam) -> dict[str, str]:
    """Every installed name of a seam and where it is defined, built-in ones first.

    Examples
    --------
    >>> available("extractors")["rules"]
    'halueval.claim_extraction.rules:RulesExtractor'
    """
    installed = {e.name: e.value for e in entry_points(group=f"halueval.{seam}")}
    return {**_BUILT_IN[seam], **{name: where for name, where in installed.items() if name not in _BUILT_IN[seam]}}


def asks_chat(seam: Seam, name: str) -> bool:
    """Whether the plug-in of that name says that it asks a chat model.

    Raises
    ------
    PluginError
        No such name, or the module does not import.

    Examples
    --------
    >>> asks_chat("verifiers", "judge"), asks_chat("verifiers", "lexical")
    (True, False)
    """
    found = _by_name(seam, name)
    return bool(getattr(found, "asks_chat", False) or getattr(found, "asks_chats", False))


def load_extractor(
    extractor: str | Extractor | AsyncExtractor, *, chat: ChatSession | None = None
) -> Extractor | AsyncExtractor:
    """The extractor of that name, or the object itself if it is one.

    Parameters
    ----------
    extractor : str, Extractor or AsyncExtractor
        The name or the object.
    chat : ChatSession, optional
        For an extractor that asks a chat model.

    Raises
    ------
    PluginError
        No such name, the module does not import, the object has neither ``extract`` nor ``aextract``, or it asks a
        chat model and there is none.

    Examples
    --------
    >>> load_extractor("sentences").name
    'sentences'
    """
    return cast("Extractor | AsyncExtractor", _load("extractors", extractor, () if chat is None else (chat,), None))


def load_verifier(
    verifier: str | Verifier | AsyncVerifier,
    *,
    chats: Sequence[ChatSession] = (),
    retriever: Retriever | None = None,
) -> Verifier | AsyncVerifier:
    """The verifier of that name, or the object itself if it is one.

    Parameters
    ----------
    verifier : str, Verifier or AsyncVerifier
        The name or the object; ``"nli:MODEL"`` is a model for sequence classification, by its folder or its name.
    chats : sequence of ChatSession
        For a verifier that asks a chat model; one that asks several is given all of them.
    retriever : Retriever, optional
        For a verifier that searches.

    Raises
    ------
    PluginError
        No such name, the module does not import, the object has neither ``verify`` nor ``averify``, or it asks a chat
        model and there is none.

    Examples
    --------
    >>> load_verifier("lexical").name
    'lexical'
    """
    return cast("Verifier | AsyncVerifier", _load("verifiers", verifier, chats, retriever))


def _load(seam: Seam, wanted: object, chats: Sequence[ChatSession], retriever: Retriever | None) -> object:
    found = _by_name(seam, wanted) if isinstance(wanted, str) else wanted
    if isinstance(found, type):
        found = _made(seam, found, wanted, chats, retriever)
    method = _METHOD[seam]
    able = callable(getattr(found, method, None)) or callable(getattr(found, f"a{method}", None))
    if not able or not isinstance(getattr(found, "name", None), str):
        raise PluginError(
            f"{wanted!r} is no {seam[:-1]}: wanted an object with a `name` (text) and a method `{method}` or "
            f"`a{method}`; installed {seam}: {', '.join(available(seam))}"
        )
    return found


def _made(
    seam: Seam, cls: type[Any], wanted: object, chats: Sequence[ChatSession], retriever: Retriever | None
) -> object:
    """An object of a class, with what the class says it needs."""
    several, one = getattr(cls, "asks_chats", False), getattr(cls, "asks_chat", False)
    if (several or one) and not chats:
        raise PluginError(
            f"the {seam[:-1]} {wanted!r} asks a chat model; name one (model=…, on the command line --model NAME)"
        )
    if one and len(chats) > 1:
        raise PluginError(
            f"the {seam[:-1]} {wanted!r} asks one chat model, {len(chats)} are named; name one, or ask the panel"
        )
    needed: tuple[Any, ...] = (chats,) if several else tuple(chats[:1]) if one else ()
    try:
        return cls(*needed, retriever=retriever) if getattr(cls, "searches", False) else cls(*needed)
    except HaluevalError:
        raise
    except Exception as error:  # a user's code may raise anything
        given = "with what it asks for" if needed else "without arguments"
        raise PluginError(
            f"{wanted!r} cannot be made {given} ({type(error).__name__}: {error}); pass the object itself"
        ) from error


def _by_name(seam: Seam, name: str) -> Any:
    prefix, _, model = name.partition(":")
    if seam == "verifiers" and model and prefix in _MADE_FROM:
        module, _, attribute = _MADE_FROM[prefix].partition(":")
        return getattr(import_module(module), attribute)(model)
    where = available(seam).get(name, name)
    module, colon, attribute = where.partition(":")
    if not colon:
        raise PluginError(
            f"no {seam[:-1]} is called {name!r}; installed: {', '.join(available(seam))}; "
            "your own is named 'module:attribute'"
        )
    if where == name and os.getcwd() not in sys.path:  # the user's own: a module in this folder, after installed ones
        sys.path.append(os.getcwd())
    try:
        return getattr(import_module(module), attribute)
    except Exception as error:  # whatever a user's module raises when it is imported
        raise PluginError(
            f"the {seam[:-1]} {name!r} could not be loaded from {where!r}: {type(error).__name__}: {error}"
        ) from error
