"""Pure functions on numbers: rates of clustered claims with intervals that hold, bounds, comparisons.

Nothing here knows a record; :mod:`halueval.metrics` brings the two together. A number that is undefined is None with a
reason, never 0 and never an exception; an argument that makes no sense is a ``ValueError``.
"""

from __future__ import annotations

from halueval.statistics.agreement import (
    agreement_summary,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha_nominal,
)
from halueval.statistics.bootstrap import Bootstrap, bootstrap_statistics, cluster_bootstrap, cluster_bootstrap_exact
from halueval.statistics.bounds import imbens_manski, partial_identification_bounds, worst_and_best_case
from halueval.statistics.calibration import calibration_estimates, calibration_scores
from halueval.statistics.comparison import (
    any_event_comparison,
    log_rate_ratio,
    mcnemar,
    paired_difference,
    swap_permutation_exact,
)
from halueval.statistics.conformal import conformal_risk_control, learn_then_test
from halueval.statistics.correction import corrected_rate, corrected_rates
from halueval.statistics.estimands import largest_answer, severity_weighted
from halueval.statistics.estimate import Bounds, Estimate
from halueval.statistics.guarded import (
    PRIOR_ICC,
    PRIOR_WEIGHT,
    guarded_events_per_exposure,
    guarded_korn_graubard,
    guarded_mean_of_answers,
)
from halueval.statistics.intervals import clopper_pearson, units_for_zero_event_bound, wilson, zero_event_upper_bound
from halueval.statistics.multiplicity import holm, max_t_bands, rank_sets
from halueval.statistics.paired import Comparison, SeveralModels, compare_several, compare_two
from halueval.statistics.planning import (
    detectable_difference,
    labels_for_width,
    labels_two_phase,
    pilot,
    power_to_detect,
    prompts_to_detect,
)
from halueval.statistics.ppi import ppi_plus_plus_groups, ppi_plus_plus_mean
from halueval.statistics.published import f1_at_k, factscore
from halueval.statistics.ratios import (
    design_effect,
    icc_anova,
    linearised_t_interval,
    ratio_estimate,
    wilson_on_effective_claims,
)
from halueval.statistics.recalibration import cross_calibrated, isotonic_calibration, scaled, temperature_scaling
from halueval.statistics.repeats import repeats
from halueval.statistics.rogan_gladen import rogan_gladen
from halueval.statistics.selective import area_under_risk_coverage, risk_at_coverage, risk_coverage
from halueval.statistics.two_phase import WITHIN_ICC, label_design_effect, two_phase_mover_wilson, two_phase_strata

__all__ = [
    "PRIOR_ICC",
    "PRIOR_WEIGHT",
    "WITHIN_ICC",
    "Bootstrap",
    "Bounds",
    "Comparison",
    "Estimate",
    "SeveralModels",
    "agreement_summary",
    "any_event_comparison",
    "area_under_risk_coverage",
    "bootstrap_statistics",
    "calibration_estimates",
    "calibration_scores",
    "clopper_pearson",
    "cluster_bootstrap",
    "cluster_bootstrap_exact",
    "cohen_kappa",
    "compare_several",
    "compare_two",
    "conformal_risk_control",
    "corrected_rate",
    "corrected_rates",
    "cross_calibrated",
    "design_effect",
    "detectable_difference",
    "f1_at_k",
    "factscore",
    "fleiss_kappa",
    "guarded_events_per_exposure",
    "guarded_korn_graubard",
    "guarded_mean_of_answers",
    "gwet_ac1",
    "holm",
    "icc_anova",
    "imbens_manski",
    "isotonic_calibration",
    "krippendorff_alpha_nominal",
    "label_design_effect",
    "labels_for_width",
    "labels_two_phase",
    "largest_answer",
    "learn_then_test",
    "linearised_t_interval",
    "log_rate_ratio",
    "max_t_bands",
    "mcnemar",
    "paired_difference",
    "partial_identification_bounds",
    "pilot",
    "power_to_detect",
    "ppi_plus_plus_groups",
    "ppi_plus_plus_mean",
    "prompts_to_detect",
    "rank_sets",
    "ratio_estimate",
    "repeats",
    "risk_at_coverage",
    "risk_coverage",
    "rogan_gladen",
    "scaled",
    "severity_weighted",
    "swap_permutation_exact",
    "temperature_scaling",
    "two_phase_mover_wilson",
    "two_phase_strata",
    "units_for_zero_event_bound",
    "wilson",
    "wilson_on_effective_claims",
    "worst_and_best_case",
    "zero_event_upper_bound",
]
