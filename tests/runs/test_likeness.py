"""Vectors of claims and their nearest neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from halueval.errors import PluginError
from halueval.runs.likeness import Neighbours, hashed_vectors

CLAIMS = [
    "Aspirin thins the blood.",
    "Warfarin thins the blood.",
    "Rest in bed.",
    "Metformin lowers glucose in adults.",
]


def test_vectors_have_length_one_and_do_not_depend_on_what_is_beside_them() -> None:
    together = hashed_vectors(CLAIMS)
    assert np.allclose(np.linalg.norm(together, axis=1), 1)
    assert np.array_equal(together, np.vstack([hashed_vectors([claim]) for claim in CLAIMS]))


@pytest.mark.parametrize("odd", ["", "…", "阿司匹林", "\ud800"])
def test_any_text_has_a_finite_vector(odd: str) -> None:
    assert np.isfinite(hashed_vectors([odd])).all()


def test_the_nearest_come_first_however_many_there_are() -> None:
    near = Neighbours()
    assert near.nearest("Aspirin", 3) == [] and len(near) == 0
    near.add([], [])
    for i in range(300):
        near.add([f"n{i}"], [f"Claim number {i} is about {'x' * (i % 7)} and nothing else"])
    near.add(list("abcd"), CLAIMS)
    names = [name for name, _ in near.nearest("aspirin thins blood", 2)]
    assert names == ["a", "b"] and len(near) == 304
    likeness = [cosine for _, cosine in near.nearest("Metformin lowers glucose", 304)]
    assert likeness == sorted(likeness, reverse=True) and len(likeness) == 304


def test_an_encoder_of_ones_own_is_used() -> None:
    def lengths(texts: Sequence[str]) -> list[list[float]]:
        return [[float(len(text)), 1.0] for text in texts]

    near = Neighbours(lengths)
    near.add(["short", "long"], ["a", "a" * 50])
    assert near.nearest("b" * 49, 1)[0][0] == "long"


@pytest.mark.parametrize("given", [[1.0, 2.0], [[1.0], [2.0]], [[float("nan")]]])
def test_an_encoder_that_gives_no_vector_per_text_is_named(given: list[object]) -> None:
    with pytest.raises(PluginError, match="embed gave"):
        Neighbours(lambda texts: given).add(["a"], ["text"])


def test_vectors_of_another_length_are_refused() -> None:
    sizes = iter([2, 3])
    near = Neighbours(lambda texts: [[1.0] * next(sizes)])
    near.add(["a"], ["text"])
    with pytest.raises(PluginError, match="3 numbers, before it was 2"):
        near.add(["b"], ["text"])
