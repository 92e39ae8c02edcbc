"""``manifest.json`` in a run folder: what was asked, with what, and whether the run is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from halueval.errors import RunError
from halueval.io.values import describe, parse_json
from halueval.io.writing import write_text

__all__ = [
    "MANIFEST",
    "MAY_DIFFER",
    "Manifest",
    "as_read",
    "carried",
    "differences",
    "is_run",
    "read_manifest",
    "require_same",
    "write_manifest",
]

FORMAT = 2
MANIFEST = "manifest.json"
State = Literal["unfinished", "finished"]
# Between a run and what goes on with it: none of them is a reason for another result. The input is compared answer by
# answer, and a model may have moved to another address.
MAY_DIFFER = frozenset(("level", "notes", "columns", "endpoints", "input"))
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was asked, and what became of it.

    Parameters
    ----------
    settings : mapping
        JSON values. They are the settings of the report.
    state : "unfinished" or "finished"
        A finished run has every result and its report.
    answers : int, optional
        How many results a finished run has.
    journal : str
        The :meth:`halueval.runs.journal.Journal.digest` of a finished run.

    Examples
    --------
    >>> manifest = Manifest({"verifier": "judge"}, "finished", 12, "ab12")
    >>> Manifest.from_json(manifest.to_json()) == manifest
    True
    """

    settings: Mapping[str, Any]
    state: State = "unfinished"
    answers: int | None = None
    journal: str = ""

    def to_json(self) -> str:
        """The text of the file: the same manifest gives the same bytes."""
        whole: dict[str, Any] = {"format": FORMAT, "state": self.state, "settings": dict(self.settings)}
        if self.state == "finished":
            whole |= {"answers": self.answers, "journal": self.journal}
        return json.dumps(whole, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str, path: str = MANIFEST) -> Manifest:
        """The manifest that :meth:`to_json` wrote.

        Raises
        ------
        RunError
            It is damaged, or of another version.
        """
        try:
            read = parse_json(text)
        except ValueError as error:
            raise _damaged(path, str(error)) from None
        if not isinstance(read, dict) or type(read.get("format")) is not int:
            raise _damaged(path, "no format in it")
        if (found := read["format"]) != FORMAT:
            from halueval import __version__

            todo = "update halueval" if found > FORMAT else "make the run again (--overwrite)"
            raise RunError(f"{path}: format {found}; halueval {__version__} reads format {FORMAT}: {todo}")
        state, settings = read.get("state"), read.get("settings")
        answers, journal = read.get("answers"), read.get("journal", "")
        if not isinstance(settings, dict):
            raise _damaged(path, f"settings: found {describe(settings)}")
        if state not in get_args(State):
            raise _damaged(path, f"state: found {describe(state)}")
        if not (answers is None or (type(answers) is int and answers >= 0)) or not isinstance(journal, str):
            raise _damaged(path, f"answers: found {describe(answers)}, journal: found {describe(journal)}")
        if state == "finished" and answers is None:
            raise _damaged(path, "finished, and no number of answers")
        return cls(settings, "finished" if state == "finished" else "unfinished", answers, journal)


def differences(asked: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """The settings that differ: each field by its name, what it was then and what it is now; None where there was none.

    Examples
    --------
    >>> differences({"verifier": "judge", "asks": {"k": 5}}, {"verifier": "judge", "asks": {"k": 7}, "seed": 1})
    [('asks.k', 5, 7), ('seed', None, 1)]
    """
    then, new = dict(_flat(asked)), dict(_flat(now))
    names = [name for name in sorted(then | new) if then.get(name, _MISSING) != new.get(name, _MISSING)]
    return [(name, then.get(name), new.get(name)) for name in names]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run folder.

    Raises
    ------
    RunError
        There is none, it is damaged, or of another version.
    """
    path = folder / MANIFEST
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise RunError(
            f"{folder}: not a run folder ({error.strerror}: {MANIFEST}); wanted: what `halueval run -o` made"
        ) from error
    except ValueError as error:
        raise _damaged(str(path), str(error)) from None
    return Manifest.from_json(text, str(path))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in the place of the one that is there, whole or not at all."""
    write_text(folder / MANIFEST, manifest.to_json())


def is_run(folder: Path) -> bool:
    """Whether a folder has a manifest like ours; whether the run in it can be read is not asked."""
    try:
        manifest = parse_json((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and {"format", "settings"} <= manifest.keys()


def as_read(settings: Mapping[str, Any]) -> Manifest:
    """The manifest as it will be read again, in that order: a report made then has the same bytes."""
    return Manifest.from_json(Manifest(settings).to_json())


def carried(then: Manifest, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of the settings that may differ: the addresses where models were asked before, and whole input."""
    carried = {"input": then.settings["input"]} if then.answers is not None and "input" in then.settings else {}
    carried = {name: value for name, value in carried.items() if name not in settings}
    if isinstance(before := then.settings.get("endpoints"), Mapping):
        now = settings.get("endpoints", {})
        places = {n: [*str(before.get(n, "")).split(" and "), now.get(n, "")] for n in {*before, *now}}
        carried["endpoints"] = {n: " and ".join(dict.fromkeys(filter(None, found))) for n, found in places.items()}
    return carried


def require_same(target: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse settings that are not those of then, but for :data:`MAY_DIFFER`; each that differs is named.

    Raises
    ------
    RunError
        They differ.
    """
    found = [d for d in differences(then, now) if d[0].partition(".")[0] not in MAY_DIFFER]
    if found:
        said = "; ".join(f"{name}: {_shown(old)} then, {_shown(new)} now" for name, old, new in found)
        raise RunError(
            f"{target}: the run was begun with other settings ({said}). To mend it: go on with the same settings, "
            "name another folder, or begin anew (--overwrite)"
        )


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _damaged(path: str, why: str) -> RunError:
    return RunError(f"{path}: damaged ({why}); wanted: the manifest that `halueval run` wrote")


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"
