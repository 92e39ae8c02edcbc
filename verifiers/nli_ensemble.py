"""The encoder's word and the lexical verifier's weighed together: what each alone can't see the other often does.

The encoder reads a claim's nearest sentences and, if the configuration says so, the document's last ones, where
abstracts conclude; the lexical verifier counts words, numbers, negations and directions over the whole document. A
logistic regression over them gives the probabilities; its weights are part of the model's configuration
(``training/nli/ensemble.py`` fits them on rows that neither was trained on).
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
    """Multinomial logistic regression over the log-probabilities of several readings.

    Parameters
    ----------
    weights : array of shape (3, 6) or (3, 9)
        A row per label (supported, refuted, not enough info); three columns for each reading: the encoder's of the
        nearest sentences, the encoder's of the last ones if there are nine, the lexical one.
    bias : array of shape (3,)
    conclusion : int
        Words of the document's last sentences that the encoder reads besides; 0 for none.

    Examples
    --------
    >>> both = Ensemble(np.hstack([np.eye(3), np.eye(3)]), np.zeros(3))
    >>> both(np.array([[0.5, 0.25, 0.25]]), np.array([[0.5, 0.25, 0.25]])).round(2)
    array([[0.67, 0.17, 0.17]])
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    conclusion: int = 0

    def __call__(self, *readings: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities of shape (n, 3) from such arrays; rows without a lexical word (NaN) stay the first's."""
        scores = np.hstack([log_chances(reading) for reading in readings]) @ self.weights.T + self.bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        together = powers / powers.sum(axis=1, keepdims=True)
        return np.where(np.isnan(readings[-1]).any(axis=1, keepdims=True), readings[0], together)


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
        Its numbers aren't 3 rows of 6 weights (9 with a conclusion) and 3 biases, or its conclusion is no number of
        words.

    Examples
    --------
    >>> ensemble_of({}, "config.json") is None
    True
    """
    if (given := config.get("ensemble")) is None:
        return None
    wanted = (
        f'{{"weights": {len(LABELS)} rows of {2 * len(LABELS)} numbers, "bias": {len(LABELS)} numbers}}, or '
        f'{3 * len(LABELS)} numbers a row with "conclusion": words of the last sentences'
    )
    try:
        weights, bias = np.array(given["weights"], dtype=float), np.array(given["bias"], dtype=float)
        conclusion = given.get("conclusion", 0)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PluginError(located(f"{error}", wanted=wanted, path=where, field="ensemble")) from error
    if type(conclusion) is not int or conclusion < 0:
        raise PluginError(located(f"conclusion {conclusion!r}", wanted=wanted, path=where, field="ensemble"))
    readings = 3 if conclusion else 2
    sound = weights.shape == (len(LABELS), readings * len(LABELS)) and bias.shape == (len(LABELS),)
    if not (sound and np.isfinite(weights).all() and np.isfinite(bias).all()):
        raise PluginError(
            located(f"arrays of shapes {weights.shape}, {bias.shape}", wanted=wanted, path=where, field="ensemble")
        )
    return Ensemble(weights, bias, conclusion)
