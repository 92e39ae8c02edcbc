"""Which kept claim is most like a new one: vectors of claims, and the nearest of them, exactly.

The vectors that come with halueval need no model and no download: stems and runs of four letters, weighted by how rare
they are in text on medicine, hashed into a vector. They only have to bring the right claim among the nearest few; that
two claims are near says nothing of whether they mean the same, which is for :mod:`halueval.runs.claim_guard`.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from halueval.errors import PluginError
from halueval.text.tokens import stems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Embed", "Neighbours", "hashed_vectors"]

Embed: TypeAlias = "Callable[[Sequence[str]], Any]"

DIMENSIONS = 256
_RUN = 4  # letters
_OF_RUNS = 0.5  # what the runs of a word weigh together, beside the word itself


def hashed_vectors(claims: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of length 1, one a row: the same on every machine. A claim without a word has all zeros.

    Examples
    --------
    >>> a, b, c = hashed_vectors(["Aspirin thins blood.", "Aspirin thins the blood", "Rest in bed."])
    >>> bool(a @ b > 0.9), bool(a @ c < 0.3)
    (True, True)
    """
    import numpy as np

    places: list[int] = []
    weights: list[float] = []
    for number, claim in enumerate(claims):
        for stem in stems(claim):
            for place, weight in _places(stem):
                places.append(number * DIMENSIONS + place)
                weights.append(weight)
    size = len(claims) * DIMENSIONS
    summed = np.bincount(np.asarray(places, np.int64), weights, size) if places else np.zeros(size)
    return _unit(summed.astype(np.float32).reshape(len(claims), DIMENSIONS))


class Neighbours:
    """Claims by their vectors; the nearest are found by comparing with every one. Safe for threads.

    Parameters
    ----------
    embed : callable, optional
        Texts to an array of as many rows, such as a sentence encoder's ``encode``; :func:`hashed_vectors` by default.

    Examples
    --------
    >>> near = Neighbours()
    >>> near.add(["a", "b"], ["Aspirin thins blood.", "Rest in bed."])
    >>> [name for name, likeness in near.nearest("aspirin thins the blood", 1)]
    ['a']
    """

    def __init__(self, embed: Embed | None = None) -> None:
        self._embed: Embed = hashed_vectors if embed is None else embed
        self._names: list[str] = []
        self._vectors: Any = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._names)

    def add(self, names: Sequence[str], claims: Sequence[str]) -> None:
        """Add claims under names.

        Raises
        ------
        PluginError
            ``embed`` gave something that isn't one vector per text, all of one length.
        """
        import numpy as np

        if not names:
            return
        new = self._embedded(claims)
        with self._lock:
            count, room = len(self._names), 0 if self._vectors is None else len(self._vectors)
            if self._vectors is None:
                self._vectors = np.zeros((max(64, len(new)), new.shape[1]), np.float32)
            elif new.shape[1] != self._vectors.shape[1]:
                raise PluginError(
                    f"embed gave vectors of {new.shape[1]} numbers, before it was {self._vectors.shape[1]}"
                )
            elif count + len(new) > room:
                grown = np.zeros((max(2 * room, count + len(new)), new.shape[1]), np.float32)
                grown[:count] = self._vectors[:count]
                self._vectors = grown
            self._vectors[count : count + len(new)] = new
            self._names.extend(names)

    def nearest(self, claim: str, count: int) -> list[tuple[str, float]]:
        """The names of the ``count`` claims most like this one with their cosines, best first; ties by age."""
        import numpy as np

        with self._lock:
            size, vectors = len(self._names), self._vectors
        if not size:
            return []
        cosines = vectors[:size] @ self._embedded([claim])[0]
        best = np.argsort(-cosines, kind="stable")[:count]
        return [(self._names[i], float(cosines[i])) for i in best]

    def _embedded(self, claims: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        vectors = np.asarray(self._embed(list(claims)), np.float32)
        if vectors.ndim != 2 or len(vectors) != len(claims) or not np.isfinite(vectors).all():
            raise PluginError(
                f"embed gave {vectors.shape} numbers for {len(claims)} texts; wanted: a finite vector each"
            )
        return _unit(vectors)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.where(lengths > 0, lengths, 1)
    return unit


@lru_cache(maxsize=65_536)
def _places(stem: str) -> tuple[tuple[int, float], ...]:
    """Where a stem and its runs of letters stand in a vector, with their weights and signs."""
    from halueval.verifiers.lexical import trained_idf

    rare = 0.1 + trained_idf()(stem)
    padded = f"^{stem}$"
    runs = [padded[i : i + _RUN] for i in range(len(padded) - _RUN + 1)]
    weighted = [(stem, rare), *((f"~{run}", rare * _OF_RUNS / len(runs)) for run in runs)]
    return tuple(_hashed(name, weight) for name, weight in weighted)


def _hashed(name: str, weight: float) -> tuple[int, float]:
    number = int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
    return number % DIMENSIONS, weight if number >> 63 else -weight
