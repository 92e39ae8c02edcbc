"""Name → object: the extractors and verifiers that come with halueval, those installed beside it, and your own.

A name is looked up among the built-in ones, then among entry points (groups ``halueval.extractors`` and
``halueval.verifiers``), then as ``"module:attribute"``, where the module may lie in the folder that one is in. A class
is made with no arguments.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal, TypeAlias, cast

from halueval.errors import PluginError
from halueval.protocols import Extractor, Verifier

__all__ = ["available", "load_extractor", "load_verifier"]

Seam: TypeAlias = Literal["extractors", "verifiers"]

_BUILT_IN: dict[Seam, dict[str, str]] = {
    "extractors": {
        "rules": "halueval.claim_extraction.rules:RulesExtractor",
        "sentences": "halueval.claim_extraction.sentences:SentencesExtractor",
    },
    "verifiers": {
        "cascade": "halueval.verifiers.cascade:CascadeVerifier",
        "lexical": "halueval.verifiers.lexical:LexicalVerifier",
        "quantities": "halueval.verifiers.quantities:QuantitiesVerifier",
    },
}
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


def load_extractor(extractor: str | Extractor) -> Extractor:
    """The extractor of that name, or the object itself if it is one.

    Raises
    ------
    PluginError
        No such name, the module does not import, or the object has no ``extract``.

    Examples
    --------
    >>> load_extractor("sentences").name
    'sentences'
    """
    return cast(Extractor, _load("extractors", extractor))


def load_verifier(verifier: str | Verifier) -> Verifier:
    """The verifier of that name, or the object itself if it is one.

    Raises
    ------
    PluginError
        No such name, the module does not import, or the object has no ``verify``.

    Examples
    --------
    >>> load_verifier("lexical").name
    'lexical'
    """
    return cast(Verifier, _load("verifiers", verifier))


def _load(seam: Seam, wanted: object) -> object:
    found = _by_name(seam, wanted) if isinstance(wanted, str) else wanted
    if isinstance(found, type):
        try:
            found = found()
        except Exception as error:  # a user's code may raise anything
            raise PluginError(
                f"{wanted!r} cannot be made without arguments ({type(error).__name__}: {error}); pass the object itself"
            ) from error
    method = _METHOD[seam]
    if not callable(getattr(found, method, None)) or not isinstance(getattr(found, "name", None), str):
        raise PluginError(
            f"{wanted!r} is no {seam[:-1]}: wanted an object with a `name` (text) and a method `{method}`; "
            f"installed {seam}: {', '.join(available(seam))}"
        )
    return found


def _by_name(seam: Seam, name: str) -> Any:
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
