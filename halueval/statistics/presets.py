"""Rates as papers define them, by name and with their source, so that no variant is silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halueval.statistics.estimate import Estimate
from halueval.statistics.published import f1_at_k, length_penalties
from halueval.statistics.rates import (
    REASONS,
    Terms,
    VerdictTable,
    claim_shares,
    macro_share,
    mean_of_scores,
    micro_share,
)

__all__ = ["PRESETS", "Preset"]

_SUPPORTED, _ALL = (1, 0, 0, 0), (1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Preset:
    """A rate as a paper defines it: where, what exactly, and the function that computes it.

    ``estimate`` takes the table of responses with claims, the terms of the interval and ``silent``, the number of
    responses without any claim to check.
    """

    source: str
    definition: str
    estimate: Callable[..., Estimate]


def _m3(table: VerdictTable, terms: Terms, *, silent: int) -> Estimate:
    return micro_share(table, claim_shares((1.0, 0.5))["hallucination_m3"], terms)


def _mean_supported(table: VerdictTable, terms: Terms, *, silent: int) -> Estimate:
    return macro_share(table, claim_shares()["supported"], terms)


def _factscore(table: VerdictTable, terms: Terms, *, silent: int, gamma: float = 10) -> Estimate:
    scored = table.scored
    claims = scored.claims(_ALL)
    scores = scored.claims(_SUPPORTED) / claims * length_penalties(claims, gamma)
    return mean_of_scores(scores, scored.group, terms, f"gamma {gamma:g}")


def _f1_at_median(table: VerdictTable, terms: Terms, *, silent: int, k: float | None = None) -> Estimate:
    scored = table.scored
    claims = scored.claims(_ALL)
    if not len(claims):
        return Estimate(None, level=terms.level, reason=REASONS["no_claims"])
    chosen = float(np.median(claims)) if k is None else k
    supported = scored.claims(_SUPPORTED)
    scores = np.array(f1_at_k(supported, claims - supported, k=chosen).per_answer)
    # which prompt a response without claims answered is not in the table: each is a group of its own
    groups = np.concatenate([scored.group, int(scored.group.max()) + 1 + np.arange(silent)])
    return mean_of_scores(np.concatenate([scores, np.zeros(silent)]), groups, terms, f"K {chosen:g}")


PRESETS: dict[str, Preset] = {
    "m3": Preset(
        "Baichuan-M3, arXiv 2602.06570, eq. 15",
        "(1.0 x refuted + 0.5 x not enough info) / claims with a verdict, pooled",
        _m3,
    ),
    "factscore_precision": Preset(
        "FActScore, arXiv 2305.14251, without the length penalty",
        "mean over responses with claims of supported / claims",
        _mean_supported,
    ),
    "factscore": Preset(
        "FActScore, arXiv 2305.14251",
        "mean over responses with claims of supported / claims x exp(1 - gamma / claims) below gamma = 10 claims",
        _factscore,
    ),
    "safe_precision": Preset(
        "SAFE, arXiv 2403.18802",
        "mean over responses with claims of supported / (supported + not supported), irrelevant claims left out",
        _mean_supported,
    ),
    "veriscore_f1_at_k": Preset(
        "VeriScore, arXiv 2406.19276; F1@K of SAFE, arXiv 2403.18802",
        "mean over all responses of the F1 of precision and min(supported / K, 1), K the median number of claims; "
        "a response without claims scores 0, as the paper has it",
        _f1_at_median,
    ),
}
