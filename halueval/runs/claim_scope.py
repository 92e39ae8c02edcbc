"""What a verdict holds for: the verifier with all its settings, and the evidence it was reached by."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence, Set
from pathlib import Path, PurePath
from typing import Any

from halueval.io.codec import encode
from halueval.records import ClaimWithEvidence, Evidence, derived_id

__all__ = ["Scope", "scope_of", "verifier_settings"]

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_DEEP = 8  # objects within objects that are looked into
_UNSAID = ("_thread", "_asyncio", "asyncio", "threading", "random", "weakref", "concurrent", "logging")


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """Where one verdict serves again.

    ``verifier`` names it and ``settings`` is a digest of all that makes it; ``snapshot`` is that of the corpus, empty
    where the passages have none or several, and ``evidence`` a digest of the passages themselves.
    """

    verifier: str
    settings: str
    snapshot: str
    evidence: str

    @property
    def wide(self) -> str:
        """One text for all claims that a verdict on one of them may serve: the same verifier and the same corpus.

        Where the passages are of no corpus, the same passages.

        Examples
        --------
        >>> a, b = (Scope("judge", "s", "corpus", evidence) for evidence in ("one", "other"))
        >>> a.wide == b.wide, Scope("judge", "s", "", "one").wide == Scope("judge", "s", "", "other").wide
        (True, False)
        """
        return derived_id(self.verifier, self.settings, self.snapshot or None, "" if self.snapshot else self.evidence)

    def key(self, claim: str) -> str:
        """What the verdict on a claim is found by: the claim to the letter, the verifier, the very passages."""
        return derived_id(claim, self.verifier, self.settings, self.snapshot, self.evidence)


def scope_of(item: ClaimWithEvidence, verifier: str, settings: str) -> Scope:
    """The scope of a verdict on a claim with its passages, in their order; scores don't count.

    Examples
    --------
    >>> from halueval.records import Claim, Span
    >>> passages = (Evidence("d", "Aspirin thins blood.", Span(0, 20), snapshot="corpus"),)
    >>> scope_of(ClaimWithEvidence(Claim("c", "r", "Aspirin thins blood."), passages), "judge", "s").snapshot
    'corpus'
    """
    snapshots = {passage.snapshot for passage in item.evidence}
    return Scope(verifier, settings, snapshots.pop() if len(snapshots) == 1 else "", _evidence(item.evidence))


def _evidence(passages: Sequence[Evidence]) -> str:
    rows = [encode(dataclasses.replace(passage, score=None, rank=None)) for passage in passages]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:32]


def verifier_settings(verifier: object) -> str:
    """A digest of all that decides what a verifier says: its class, its settings, its models, halueval's version.

    What an object holds is looked into, a chat model is its name, its endpoint and its options, a prompt its text, a
    folder its files with their sizes and times. What can't be looked into counts by its ``repr``. That is more than a
    manifest says (:func:`halueval.runs.asked.part_settings`): a store outlives runs, and whoever changes a verifier
    must not be answered by the old one.

    Examples
    --------
    >>> from halueval.verifiers.cascade import CascadeVerifier
    >>> verifier_settings(CascadeVerifier()) == verifier_settings(CascadeVerifier())
    True
    """
    from halueval import __version__

    said = json.dumps([__version__, _said(verifier, _DEEP)], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _said(value: Any, deep: int) -> Any:
    """Settings as JSON values."""
    if value is None or isinstance(value, bool | int | float | str):
        return value if not isinstance(value, float) else repr(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, PurePath):
        return [str(value), _files(Path(value))]
    if deep == 0:
        return _ADDRESS.sub("", repr(value))
    if isinstance(value, Mapping):
        return {str(_said(k, deep - 1)): _said(v, deep - 1) for k, v in value.items()}
    if isinstance(value, Set):
        return sorted(json.dumps(_said(v, deep - 1), sort_keys=True) for v in value)
    if isinstance(value, Sequence):
        return [_said(v, deep - 1) for v in value]
    if isinstance(value, functools.partial):
        return [_said(value.func, deep - 1), _said(value.args, deep - 1), _said(value.keywords, deep - 1)]
    kind = value if isinstance(value, type) or callable(value) and hasattr(value, "__qualname__") else type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind is value or kind.__module__.split(".")[0] in _UNSAID:
        return name
    if hasattr(value, "dtype") and callable(getattr(value, "tobytes", None)):
        return [name, str(value.dtype), list(value.shape), hashlib.sha256(value.tobytes()).hexdigest()]
    if callable(getattr(value, "chat", None)):
        return _chat(value, name)
    held = _held(value)
    own_repr: Any = type(value).__repr__
    if held is None or own_repr is not object.__repr__ and not dataclasses.is_dataclass(value):
        return [name, _ADDRESS.sub("", repr(value))]
    return [name, {key: _said(v, deep - 1) for key, v in held.items()}]


def _files(path: Path) -> list[list[Any]]:
    """The files that a path names: a model may be replaced in its folder."""
    try:
        found = [path] if path.is_file() else sorted(path.iterdir())
        return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in found if file.is_file()]
    except OSError:
        return []


def _chat(value: Any, name: str) -> Any:
    """A session or a chat model: who is asked, where and how; not what became of its calls."""
    model = getattr(value, "model", value)
    about = {"name": str(getattr(model, "name", "")), "endpoint": str(getattr(model, "endpoint", ""))}
    return [
        name,
        f"{type(model).__module__}.{type(model).__qualname__}",
        about,
        _said(getattr(model, "options", {}), _DEEP),
    ]


def _held(value: object) -> dict[str, Any] | None:
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    held = {name: getattr(value, name) for name in slots if hasattr(value, name) and not name.startswith("__")}
    if not held and not hasattr(value, "__dict__"):
        return None
    return {**held, **getattr(value, "__dict__", {})}
