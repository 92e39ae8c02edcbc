"""Arguments that make no sense are a ValueError that names the argument, what was found and what was wanted."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from halueval import statistics as s
from halueval.statistics.rates import claim_shares

WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: s.ratio_estimate([-1], [3]), r"bad\[0\] is -1"),
    (lambda: s.ratio_estimate([4], [3]), r"bad\[0\] is 4 of claims\[0\] = 3"),
    (lambda: s.ratio_estimate([1, 2], [3]), "bad has 2 entries and claims 1"),
    (lambda: s.ratio_estimate([math.nan], [3]), r"bad\[0\] is nan"),
    (lambda: s.ratio_estimate([1], [math.inf]), r"claims\[0\] is inf"),
    (lambda: s.ratio_estimate([[1]], [[3]]), "bad has 2 dimensions"),  # type: ignore[list-item]
    (lambda: s.linearised_t_interval([1], [3], level=1), "level is 1"),
    (lambda: s.guarded_korn_graubard([1, 1], [3, 3], level=95), "level is 95"),
    (lambda: s.guarded_korn_graubard([1, 1], [3, 3], level=math.nan), "level is nan"),
    (lambda: s.guarded_korn_graubard([1, 1], [3, 3], prior_icc=1.5), "prior_icc is 1.5"),
    (lambda: s.guarded_korn_graubard([1, 1], [3, 3], prior_weight=-1), "prior_weight is -1"),
    (lambda: s.guarded_korn_graubard([1, 1], [3, 3], squares=[1]), "squares has 1 entries"),
    (lambda: s.guarded_mean_of_answers([1, 1], [3, 3], ["a"]), "groups has 1 entries"),
    (lambda: s.guarded_events_per_exposure([1], [3, 3]), "events has 1 entries"),
    (lambda: s.guarded_events_per_exposure([1], [3], design=-1), "design is -1"),
    (lambda: s.wilson(3, 2), "x is 3"),
    (lambda: s.wilson(0, -1), "n is -1"),
    (lambda: s.clopper_pearson(-1, 5), "x is -1"),
    (lambda: s.zero_event_upper_bound(-1), "n is -1"),
    (lambda: s.units_for_zero_event_bound(0), "bound is 0"),
    (lambda: s.partial_identification_bounds([1], [3], [3]), r"bad \+ open_claims\[0\] is 4"),
    (lambda: s.imbens_manski(0.2, 0.1, 0.01, 0.01), "lower is 0.2 and upper 0.1"),
    (lambda: s.imbens_manski(0.1, 0.2, -1, 0.01), "se_lower is -1"),
    (lambda: s.paired_difference([1], [2], [1], [2], margin=0), "margin is 0"),
    (lambda: s.paired_difference([1], [2], [1, 1], [2, 2]), "claims_a has 1 entries and claims_b 2"),
    (lambda: s.swap_permutation_exact([3], [2], [1], [2]), r"bad_a\[0\] is 3"),
    (lambda: s.swap_permutation_exact([1], [2], [1], [2], draws=0), "draws is 0"),
    (lambda: s.mcnemar(-1, 0), "a_only is -1"),
    (lambda: s.cluster_bootstrap_exact([0] * 11, [1] * 11), "bad has 11 answers"),
    (lambda: s.factscore([1], [2], gamma=-1), "gamma is -1"),
    (lambda: s.f1_at_k([1], [2], k=0), "k is 0"),
    (lambda: s.f1_at_k([1], [2, 3], k=5), "not_supported 2"),
    (lambda: claim_shares((1.0, 2.0)), r"m3_weights is \(1.0, 2.0\)"),
]


@pytest.mark.parametrize(("call", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_wrong_argument_is_named_with_what_was_wanted(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=f"{said}.*; wanted: "):
        call()
