"""Pure functions on numbers: rates of clustered claims with intervals that hold, bounds, comparisons.

Nothing here knows a record; :mod:`halueval.metrics` brings the two together. A number that is undefined is None with a
reason, never 0 and never an exception; an argument that makes no sense is a ``ValueError``.
"""

from __future__ import annotations

from halueval.statistics.bootstrap import cluster_bootstrap_exact
from halueval.statistics.bounds import imbens_manski, partial_identification_bounds
from halueval.statistics.comparison import log_rate_ratio, mcnemar, paired_difference, swap_permutation_exact
from halueval.statistics.estimate import Bounds, Estimate
from halueval.statistics.guarded import (
    PRIOR_ICC,
    PRIOR_WEIGHT,
    guarded_events_per_exposure,
    guarded_korn_graubard,
    guarded_mean_of_answers,
)
from halueval.statistics.intervals import clopper_pearson, units_for_zero_event_bound, wilson, zero_event_upper_bound
from halueval.statistics.published import f1_at_k, factscore
from halueval.statistics.ratios import design_effect, icc_anova, linearised_t_interval, ratio_estimate

__all__ = [
    "PRIOR_ICC",
    "PRIOR_WEIGHT",
    "Bounds",
    "Estimate",
    "clopper_pearson",
    "cluster_bootstrap_exact",
    "design_effect",
    "f1_at_k",
    "factscore",
    "guarded_events_per_exposure",
    "guarded_korn_graubard",
    "guarded_mean_of_answers",
    "icc_anova",
    "imbens_manski",
    "linearised_t_interval",
    "log_rate_ratio",
    "mcnemar",
    "paired_difference",
    "partial_identification_bounds",
    "ratio_estimate",
    "swap_permutation_exact",
    "units_for_zero_event_bound",
    "wilson",
    "zero_event_upper_bound",
]
