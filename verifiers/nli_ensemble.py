"""The encoder's word and the lexical verifier's weighed together: what each alone can't see the other often does.

The encoder reads a claim's nearest sentences; the lexical verifier counts words, numbers, negations and directions over
the whole document. A logistic regression over both gives the probabilities; its weights are part of the model's
configuration (``training/nli/ensemble.py`` fits them on rows that neither was trained on).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halueval.errors import PluginError, located
from halueval.records import LABELS

__all__ = ["Ensemble", "ensemble_of", "log_chances"]

_LEAST = 1e-4  # a probability below it counts as this: the logarithm of 0 would silence everybody else


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Multinomial logistic regression over the log-probabilities of two models.

    Parameters
    ----------
    weights : array of shape (3, 6)
        A row per label (supported, refuted, not enough info); the encoder's three columns before the lexical ones.
    bias : array of shape (3,)

    Examples
    --------
    >>> both = Ensemble(np.hstack([np.eye(3), np.eye(3)]), np.zeros(3))
    >>> both(np.array([[0.5, 0.25, 0.25]]), np.array([[0.5, 0.25, 0.25]])).round(2)
    array([[0.67, 0.17, 0.17]])
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def __call__(self, encoder: NDArray[np.float64], lexical: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities of shape (n, 3) from two such arrays; rows without a lexical word (NaN) stay the encoder's."""
        scores = np.hstack([log_chances(encoder), log_chances(lexical)]) @ self.weights.T + self.bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        together = powers / powers.sum(axis=1, keepdims=True)
        return np.where(np.isnan(lexical).any(axis=1, keepdims=True), encoder, together)


def log_chances(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithms of probabilities, none of them minus infinity.

    Examples
    --------
    >>> log_chances(np.array([[1.0, 0.0]])).round(1)
    array([[ 0. , -9.2]])
    """
    logs: NDArray[np.float64] = np.log(np.maximum(chances, _LEAST))
    return logs


def ensemble_of(config: Mapping[str, Any], where: str) -> Ensemble | None:
    """The ensemble that a model's configuration asks for, if it does.

    Raises
    ------
    PluginError
        Its numbers aren't 3 rows of 6 weights and 3 biases.

    Examples
    --------
    >>> ensemble_of({}, "config.json") is None
    True
    """
    if (given := config.get("ensemble")) is None:
        return None
    wanted = f'{{"weights": {len(LABELS)} rows of {2 * len(LABELS)} numbers, "bias": {len(LABELS)} numbers}}'
    try:
        weights, bias = np.array(given["weights"], dtype=float), np.array(given["bias"], dtype=float)
    except (KeyError, TypeError, ValueError) as error:
        raise PluginError(located(f"{error}", wanted=wanted, path=where, field="ensemble")) from error
    sound = weights.shape == (len(LABELS), 2 * len(LABELS)) and bias.shape == (len(LABELS),)
    if not (sound and np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise PluginError(
            located(f"arrays of shapes {weights.shape}, {bias.shape}", wanted=wanted, path=where, field="ensemble")
        )
    return Ensemble(weights, bias)
