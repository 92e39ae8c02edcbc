"""Results and hand labels become scores of probabilities and thresholds; every label is used once or refused."""

from __future__ import annotations

import numpy as np
import pytest

from halueval.calibrating import calibrate_verifier, recalibrated, threshold_for
from halueval.errors import InputError
from halueval.records import LABELS, Claim, Extraction, Failure, Label, Response, Result, Verdict
from halueval.statistics import calibration_scores


def verdict(claim: str, *probabilities: float, label: Label | None = None) -> Verdict:
    given = dict(zip(LABELS, probabilities, strict=True)) if probabilities else None
    return Verdict(claim, label or LABELS[int(np.argmax(probabilities))], given, verifier="judge")


def result(name: str, *outcomes: Verdict | Failure, prompt: str | None = None) -> Result:
    claims = tuple(Claim(f"{name}-{i}", name, "Aspirin is a drug.") for i in range(len(outcomes)))
    return Result(Response(name, "Aspirin is a drug.", prompt=prompt), Extraction(name, claims), tuple(outcomes))


def run(answers: int, seed: int = 1, sharper: float = 1.0) -> tuple[list[Result], dict[str, Label]]:
    """Answers of five claims whose probabilities are calibrated, or made surer than they should be."""
    rng = np.random.default_rng(seed)
    results, gold = [], {}
    for a in range(answers):
        outcomes = []
        for i in range(5):
            true = rng.dirichlet((3.0, 1.8, 1.2))
            gold[f"r{a}-{i}"] = LABELS[rng.choice(3, p=true)]
            said = true**sharper / (true**sharper).sum()
            outcomes.append(verdict(f"r{a}-{i}", *said))
        results.append(result(f"r{a}", *outcomes))
    return results, gold


def test_scores_are_those_of_the_numbers_and_groups_are_prompts() -> None:
    results = [
        result("a", verdict("a-0", 0.1, 0.8, 0.1), verdict("a-1", 0.7, 0.2, 0.1), prompt="Q"),
        result("b", verdict("b-0", 0.2, 0.3, 0.5), prompt="Q"),
        result("c", verdict("c-0", 0.6, 0.4, 0.0), prompt="R"),
    ]
    found = calibrate_verifier(
        results, {"a-0": "refuted", "a-1": "refuted", "b-0": "not_enough_info", "c-0": "supported"}
    )
    numbers = calibration_scores([0.8, 0.2, 0.3, 0.4], [1, 1, 0, 0])
    assert (found.scores.ece.value, found.scores.brier.value) == (numbers.ece, numbers.brier)
    assert (found.claims, found.groups, found.scores.ece.groups) == (4, 2, 2)
    assert found.risk[-1].risk.value == 0.25  # one label of four is wrong
    assert found.risk[4].threshold == 0.7  # the half with the surest labels


def test_unlabelled_claims_are_left_alone_and_what_has_no_number_is_counted() -> None:
    failed = Failure("verification", "timeout", "no reply", "a-2")
    results = [
        result("a", verdict("a-0", 0.1, 0.8, 0.1), verdict("a-1", label="refuted"), failed, verdict("a-3", 1, 0, 0))
    ]
    found = calibrate_verifier(results, {"a-0": "refuted", "a-1": "refuted", "a-2": "refuted"})
    assert (found.claims, found.without_probabilities, found.failed) == (1, 1, 1)
    assert len(found.warnings) == 2 and "warning: 1 labelled claims could not be checked" in str(found)


def test_nothing_labelled_is_undefined_and_prints() -> None:
    found = calibrate_verifier([result("a", verdict("a-0", 0.1, 0.8, 0.1))], {})
    assert found.scores.ece.value is None and found.temperature.reason == "no_claims"
    assert "no claims" in str(found) and "<svg" in found._repr_html_()


def test_a_verifier_that_is_too_sure_is_found_out_and_mended() -> None:
    results, gold = run(150, sharper=3.0)
    found = calibrate_verifier(results, gold)
    assert found.temperature.low < 3 < found.temperature.high
    assert found.scores.ece.low > 0 and found.after.brier.value < found.scores.brier.value
    mended = [
        Result(r.response, r.extraction, tuple(recalibrated(o, found.temperature.temperature) for o in r.outcomes))
        for r in results
    ]
    assert calibrate_verifier(mended, gold).scores.ece.value < found.scores.ece.value / 2


def test_recalibration_keeps_the_label_and_the_order() -> None:
    before = verdict("c", 0.0, 0.7, 0.3)
    after = recalibrated(before, 5.0)
    assert after.label == before.label and after.calibrated and not before.calibrated
    assert sum(after.probabilities.values()) == pytest.approx(1)
    assert sorted(LABELS, key=after.probabilities.__getitem__) == sorted(LABELS, key=before.probabilities.__getitem__)
    silent = verdict("c", label="refuted")
    assert recalibrated(silent, 5.0) is silent


# conformal risk control promises the mean over calibrations, of which this is one
@pytest.mark.parametrize(("method", "most"), [("learn_then_test", 0.1), ("conformal", 0.115)])
def test_a_threshold_keeps_its_promise_on_other_answers(method: str, most: float) -> None:
    found = threshold_for(*run(200), alpha=0.1, method=method)  # type: ignore[arg-type]
    assert found.units == 200
    others, gold = run(2000, seed=2)
    lost = [
        np.mean([o.probabilities["supported"] > found.threshold and gold[o.claim_id] == "refuted" for o in r.outcomes])
        for r in others
    ]
    assert 0.04 < np.mean(lost) <= most


def test_only_answers_labelled_whole_calibrate_a_threshold() -> None:
    results, gold = run(40)
    del gold["r3-2"]
    assert threshold_for(results, gold, alpha=0.3).units == 39


def test_a_claim_that_could_not_be_checked_is_never_shown() -> None:
    failed = [result(f"a{i}", Failure("verification", "timeout", "no reply", f"a{i}-0")) for i in range(50)]
    found = threshold_for(failed, {f"a{i}-0": "refuted" for i in range(50)}, alpha=0.1, method="conformal")
    assert (found.threshold, found.mean_loss, found.kept) == (0.0, 0.0, 0.0)


TWINS = [
    Result(
        Response(name, "Aspirin is a drug."), Extraction(name, (Claim("same", name, "Aspirin is a drug."),)), (said,)
    )
    for name, said in (("a", verdict("same", 1, 0, 0)), ("b", verdict("same", 0, 1, 0)))
]


def test_labels_by_response_and_claim_tell_equal_ids_apart() -> None:
    found = calibrate_verifier(TWINS, {("a", "same"): "supported", ("b", "same"): "refuted"})
    assert (found.claims, found.scores.ece.value) == (2, 0.0)


@pytest.mark.parametrize(
    ("gold", "said"),
    [
        ({"nobody": "refuted"}, "1 labels are for claims that are not there, the first for 'nobody'"),
        ({"same": "refuted"}, "the label of claim 'same' fits two claims"),
        ({("a", "same"): "wrong"}, "is 'wrong'"),
    ],
)
def test_a_label_that_fits_no_claim_or_two_is_named(gold: dict[str, Label], said: str) -> None:
    for call in (calibrate_verifier, lambda r, g: threshold_for(r, g, alpha=0.1)):
        with pytest.raises(InputError, match=said):
            call(TWINS, gold)


@pytest.mark.parametrize(
    ("extra", "said"), [({"method": "guess"}, "method is 'guess'"), ({"bad": ["false"]}, "bad names 'false'")]
)
def test_a_wrong_argument_is_named(extra: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        threshold_for([], {}, alpha=0.1, **extra)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="event is"):
        calibrate_verifier([], {}, event="false")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="temperature is 0"):
        recalibrated(verdict("c", 0.0, 0.7, 0.3), 0)
