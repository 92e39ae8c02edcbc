"""What the classes of a model mean in our three labels; a name that isn't known here is asked for, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halueval.errors import PluginError, located
from halueval.records import LABELS, Label

__all__ = ["in_our_labels", "read_labels", "rounded"]

# A binary model doesn't tell contradiction from silence, so what it calls "not supported" is not enough info.
_NAMES: dict[Label, str] = {
    "supported": "supported supports support entailment entailed entails entail aligned consistent attributable",
    "refuted": "refuted refutes refute contradiction contradicted contradicts contradict contradictory contradicting",
    "not_enough_info": "notenoughinfo notenoughinformation nei neutral notentailment notentailed unsupported "
    "notsupported notaligned inconsistent notattributable unrelated",
}
_MEANS: dict[str, Label] = {name: label for label, names in _NAMES.items() for name in names.split()}
_BINARY: dict[str, Label] = {"0": "not_enough_info", "1": "supported"}  # as MiniCheck names its two classes


def read_labels(id2label: object, where: str, given: Mapping[str, Label] | None = None) -> tuple[Label, ...]:
    """Our label for each class of a model, in the order of its logits.

    Parameters
    ----------
    id2label : mapping
        A model's own: class number (as text or int) to name. Upper and lower case, spaces, ``_`` and ``-`` don't count.
        Of two classes called "0" and "1", "1" is taken for supported; "LABEL_0" and the like say nothing.
    where : str
        The file or model, for the errors.
    given : mapping, optional
        The model's names, or class numbers, to our labels; goes before what is known here.

    Raises
    ------
    PluginError
        No map, numbers that don't count from 0, a name whose meaning isn't known, or no class that means supported.

    Examples
    --------
    >>> read_labels({"0": "CONTRADICTION", "1": "NEUTRAL", "2": "ENTAILMENT"}, "config.json")
    ('refuted', 'not_enough_info', 'supported')
    >>> read_labels({0: "0", 1: "1"}, "config.json")
    ('not_enough_info', 'supported')
    >>> read_labels({"0": "LABEL_0", "1": "LABEL_1"}, "config.json", {"LABEL_1": "supported", "0": "refuted"})
    ('refuted', 'supported')
    """

    def wrong(found: str, todo: str) -> PluginError:
        wanted = 'a map such as {"0": "entailment", "1": "neutral", "2": "contradiction"}'
        return PluginError(located(found, wanted=wanted, todo=todo, path=where, field="id2label"))

    if not isinstance(id2label, Mapping) or not id2label:
        raise wrong("no label map" if not id2label else f"a label map that is {id2label!r}", "add it to the file")
    names = {str(number): str(name) for number, name in id2label.items()}
    if set(names) != {str(i) for i in range(len(names))}:
        raise wrong(f"classes numbered {', '.join(names)}", "number them from 0 on")
    if given is not None and (bad := [label for label in given.values() if label not in LABELS]):
        raise PluginError(f"labels={dict(given)!r}: {bad[0]!r} is not one of {', '.join(LABELS)}")
    means = {**_MEANS, **(_BINARY if set(names.values()) == {"0", "1"} else {})}
    found: list[Label] = []
    for number in map(str, range(len(names))):
        name = names[number]
        own = given or {}
        label = own.get(name) or own.get(number) or means.get(re.sub(r"[\W_]+", "", name.lower()))
        if label is None:
            todo = f"say what it means: labels={{{name!r}: 'supported', …}}"
            raise wrong(f"class {number} is called {name!r}, which says nothing", todo)
        found.append(label)
    if "supported" not in found:
        raise wrong(f"no class of {', '.join(names.values())} means supported", "pass labels={…} or another model")
    return tuple(found)


def in_our_labels(logits: NDArray[Any], labels: tuple[Label, ...], temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities of supported, refuted, not enough info from a model's logits.

    Parameters
    ----------
    logits : array of shape (n, classes)
    labels : tuple of str
        What each class means; classes that mean the same are added up.
    temperature : float
        The logits are divided by it.

    Returns
    -------
    array of shape (n, 3)
        Rounded to four decimals, so that what a batch was padded to can't show; each row sums to 1. A row of logits
        with one that isn't finite is a row of NaN.

    Examples
    --------
    >>> in_our_labels(np.array([[2.0, 0.0], [float("nan"), 0.0]]), ("supported", "not_enough_info"))
    array([[0.8808, 0.    , 0.1192],
           [   nan,    nan,    nan]])
    """
    finite = np.isfinite(logits).all(axis=1, keepdims=True)
    scaled = np.where(finite, logits, 0.0).astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
    ours = powers @ np.array([[label == mine for mine in LABELS] for label in labels], dtype=np.float64)
    return np.where(finite, rounded(ours / ours.sum(axis=1, keepdims=True)), np.nan)


def rounded(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of shape (n, 3) with four decimals that still sum to 1.

    Examples
    --------
    >>> rounded(np.array([[2 / 3, 1 / 6, 1 / 6]]))
    array([[0.6667, 0.1667, 0.1666]])
    """
    short = chances.round(4)
    short[:, 2] = (1 - short[:, 0] - short[:, 1]).clip(0).round(4)
    return short
