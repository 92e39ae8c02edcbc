"""What was asked, as a manifest says it: which parts, their settings and prompts, models, versions and the input.

Two runs whose settings are the same may share results; so nothing goes in that changes by itself (an address in memory,
a time) and nothing that is secret.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from halueval.chat.prompts import Prompt
from halueval.chat.secrets import redact

if TYPE_CHECKING:
    from halueval.chat import ChatSession

__all__ = ["input_digest", "made_of", "model_settings", "part_settings", "prompt_digests", "versions"]

_LIBRARIES = ("halueval", "spacy", "scispacy")
_PLAIN = (str, int, float, bool, type(None))
_NOWHERE = object()
_LONG = 2_000  # characters of a setting
_SECRET = re.compile(r"(?i)key(?!word)|token$|secret|password|authori[sz]|credential|cookie")


def part_settings(part: object) -> dict[str, Any]:
    """The settings of an extractor or verifier: what its constructor takes, as far as the part still says it.

    Numbers and texts are themselves, parts within parts their own settings, what has a ``repr`` of its own is that, and
    what is long is the digest of it. What may be a secret is left out.

    Examples
    --------
    >>> class Careful:
    ...     name = "careful"
    ...     def __init__(self, threshold=0.5):
    ...         self.threshold = threshold
    >>> part_settings(Careful(0.9))
    {'threshold': 0.9}
    """
    try:
        names = list(inspect.signature(type(part)).parameters)
    except (TypeError, ValueError):
        return {}
    found = {name: getattr(part, name, getattr(part, f"_{name}", _NOWHERE)) for name in names}
    # what it was made of may have another name inside
    found |= {
        name.lstrip("_"): v for name, v in getattr(part, "__dict__", {}).items() if any(map(_is_part, _inside(v)))
    }
    said = {name: _said(value) for name, value in found.items() if not _SECRET.search(name)}
    return {name: _short(value) for name, value in said.items() if value is not _NOWHERE}


def prompt_digests(*parts: object) -> dict[str, str]:
    """Name → digest of every prompt that the parts ask with, those of parts within parts too.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> from halueval.verifiers.judge import JudgeVerifier
    >>> list(prompt_digests(JudgeVerifier(ScriptedChat([]))))
    ['judge.v1']
    """
    found: dict[str, str] = {}
    for part in parts:
        for value in getattr(part, "__dict__", {}).values():
            if isinstance(value, Prompt):
                found[value.name] = value.digest
            else:
                found |= prompt_digests(*(inner for inner in _inside(value) if _is_part(inner)))
    return dict(sorted(found.items()))


def made_of(extractor: Any, verifier: Any, retriever: Any) -> dict[str, Any]:
    """What a process works with: its parts, their settings and prompts, the corpus, and versions.

    Examples
    --------
    >>> from halueval.plugins import load_extractor, load_verifier
    >>> made_of(load_extractor("sentences"), load_verifier("lexical"), None)["verifier"]
    'lexical'
    """
    return {
        "extractor": extractor.name,
        "extractor_settings": part_settings(extractor),
        "verifier": verifier.name,
        "verifier_settings": part_settings(verifier),
        "prompts": prompt_digests(extractor, verifier),
        "retriever_settings": _retriever_settings(retriever),
        "snapshot": getattr(retriever, "snapshot", ""),
        **versions(),
    }


def _retriever_settings(retriever: Any) -> dict[str, Any]:
    """As of any part; an index may lie in any folder, its snapshot says what is in it."""
    from halueval.evidence import Index

    return {"min_coverage": retriever.min_coverage} if isinstance(retriever, Index) else part_settings(retriever)


def model_settings(chat: ChatSession | None, judges: Sequence[ChatSession]) -> dict[str, Any]:
    """Who was asked, where, with which options and at which prices, as far as a model says it.

    Addresses and options are shown without what is secret in them.
    """
    sessions = [session for session in dict.fromkeys((chat, *judges)) if session is not None]
    places = {s.name: str(place) for s in sessions if (place := getattr(s.model, "endpoint", ""))}
    options = {s.name: _redacted(found) for s in sessions if (found := getattr(s.model, "options", None))}
    prices = {s.name: repr(s.prices) for s in sessions if s.prices is not None}
    said = {
        "model": chat.name if chat else "",
        "verifier_models": [judge.name for judge in judges],
        "endpoints": places,
        "model_options": options,
        "prices": prices,
    }
    return {name: value for name, value in said.items() if value}


def versions() -> dict[str, str]:
    """The versions of what the results depend on, ours first."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in _LIBRARIES:
        try:
            found[f"version_{name}"] = version(name)
        except PackageNotFoundError:
            found[f"version_{name}"] = "not installed"
    return found


def input_digest(responses: object) -> str:
    """The SHA-256 of the file that the answers are in; empty where they are in none.

    Examples
    --------
    >>> input_digest(["Aspirin is a drug."])
    ''
    """
    if not isinstance(responses, str | os.PathLike) or not os.path.isfile(responses):
        return ""
    with open(responses, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _said(value: object) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {str(name): said for name, v in value.items() if (said := _said(v)) is not _NOWHERE}
    if isinstance(value, list | tuple | set | frozenset):
        each = [said for v in value if (said := _said(v)) is not _NOWHERE]
        return each if not isinstance(value, set | frozenset) else sorted(each, key=repr)
    if type(value).__str__ is not object.__str__ or type(value).__repr__ is not object.__repr__:
        text = redact(str(value))
        return _NOWHERE if " at 0x" in text else text
    if _is_part(value):
        return {"name": getattr(value, "name", ""), **part_settings(value)}
    return _NOWHERE


def _short(said: Any) -> Any:
    text = json.dumps(said, sort_keys=True)
    return said if len(text) <= _LONG else f"sha256 {hashlib.sha256(text.encode()).hexdigest()}"


def _is_part(value: object) -> bool:
    return isinstance(getattr(value, "name", None), str) and any(
        callable(getattr(value, method, None)) for method in ("extract", "aextract", "verify", "averify")
    )


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else (value,)


def _redacted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(n): "(secret)" if _SECRET.search(str(n)) else _redacted(v) for n, v in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(v) for v in value]
    return redact(value) if isinstance(value, str) else value if isinstance(value, _PLAIN) else type(value).__name__
