"""The NLI verifier with a model that counts words (tests/golden/nli): what is read, who decides, what is quoted."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from halueval import evaluate
from halueval.errors import PluginError, RunError
from halueval.records import Claim, ClaimWithEvidence, Evidence, Failure, Label, Outcome, Response, Span, Verdict
from halueval.testing import check_verifier
from halueval.verifiers.cascade import CascadeVerifier
from halueval.verifiers.encoders import OnnxEncoder
from halueval.verifiers.nli import NLIVerifier

MODELS = Path(__file__).parent.parent / "golden" / "nli"
THINS = "Aspirin thins blood."
RAIN = "It rained more than often in the months of the trial. "


def item(claim: str, *passages: str, doc_ids: Sequence[str] = (), rank: int | None = None) -> ClaimWithEvidence:
    evidence = tuple(
        Evidence(doc_ids[i] if doc_ids else f"d{i}", text, Span(0, len(text)), rank=rank)
        for i, text in enumerate(passages)
    )
    return ClaimWithEvidence(Claim("c", "r", claim), evidence)


def verdict(asked: ClaimWithEvidence, verifier: NLIVerifier | None = None) -> Verdict:
    (outcome,) = (verifier or NLIVerifier(MODELS / "counts")).verify([asked])
    assert isinstance(outcome, Verdict), outcome
    return outcome


def quoted(found: Verdict) -> list[str]:
    return [found.evidence[q.evidence].text[q.span.start : q.span.end] for q in found.quotes]


@pytest.mark.parametrize("model", ["counts", "quantised"])
def test_the_contract_is_kept(model: str) -> None:
    check_verifier(NLIVerifier(MODELS / model, batch_size=8))


@pytest.mark.parametrize(
    ("passages", "label", "quotes"),
    [
        ((f"{RAIN}Aspirin thins the blood. {RAIN}",), "supported", ["Aspirin thins the blood."]),
        ((f"{RAIN}Aspirin never thins the blood.",), "refuted", ["Aspirin never thins the blood."]),
        ((RAIN,), "not_enough_info", []),
        ((RAIN, "Aspirin thins blood."), "supported", ["Aspirin thins blood."]),
    ],
)
def test_the_deciding_sentence_is_quoted_where_it_stands(
    passages: tuple[str, ...], label: Label, quotes: list[str]
) -> None:
    found = verdict(item(THINS, *passages))
    assert found.label == label
    assert quoted(found) == quotes
    assert found.probabilities is not None and max(found.probabilities, key=found.probabilities.__getitem__) == label


def test_documents_that_disagree_are_a_conflict_with_a_quote_of_each() -> None:
    found = verdict(item(THINS, "Aspirin never thins blood.", f"{RAIN}Aspirin thins blood."))
    assert found.label == "not_enough_info" and found.reason.startswith("evidence conflicts: d1 supports")
    assert sorted(quoted(found)) == ["Aspirin never thins blood.", "Aspirin thins blood."]


def test_pieces_of_one_document_are_read_together() -> None:
    claim = "Aspirin thins blood and zinc helps children."
    apart = verdict(item(claim, "Aspirin thins blood.", "Zinc helps children."))
    together = verdict(item(claim, "Aspirin thins blood.", "Zinc helps children.", doc_ids=["d", "d"]))
    assert (apart.label, together.label) == ("not_enough_info", "supported")


class Scripted:
    """An encoder that is sure of what single texts say, and open on all others; it keeps what it was asked."""

    name = "scripted"
    labels: tuple[Label, ...] = ("supported", "refuted", "not_enough_info")
    max_length = 60
    special = 3

    def __init__(self, says: dict[str, tuple[float, float, float]], **config: object) -> None:
        self.says = says
        self.config: dict[str, object] = {"windows": {"words": 12}, **config}
        self.asked: list[str] = []

    def tokens(self, text: str) -> list[tuple[int, int]]:
        at, found = 0, []
        for word in text.split():
            at = text.index(word, at)
            found.append((at, at + len(word)))
            at += len(word)
        return found

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        self.asked.extend(evidence for evidence, _ in pairs)
        said = [next((v for k, v in self.says.items() if k in e), (0.0, 0.0, 3.0)) for e, _ in pairs]
        return np.array(said, dtype=np.float64).reshape(len(pairs), 3)


def test_what_the_nearest_sentences_leave_open_another_window_may_decide() -> None:
    far = "Platelets stick less after a daily tablet of this kind."
    text = "Aspirin thins blood or so some say in this land. " + RAIN * 4 + far
    encoder = Scripted({"Platelets": (0.0, 6.0, 0.0)})
    found = verdict(item(THINS, text), NLIVerifier(encoder))
    assert found.label == "refuted" and quoted(found) == [far]
    assert found.reason.startswith("sentences 6 to 6 say so")
    assert not found.calibrated


def test_nothing_of_the_evidence_is_left_unread_where_the_claim_stays_open() -> None:
    words = [f"word{i}" for i in range(400)]
    text = " ".join(words[:150]) + ". " + ". ".join(" ".join(words[i : i + 5]) for i in range(150, 400, 5)) + "."
    encoder = Scripted({})
    verdict(item("Word1 word200 helps.", text), NLIVerifier(encoder, windows=1000))
    assert {w.strip(".") for asked in encoder.asked for w in asked.split()} == set(words)
    assert max(len(asked.split()) for asked in encoder.asked) <= 28  # a long sentence in pieces, the others at most 12


def test_windows_left_unread_are_counted_in_the_reason() -> None:
    text = " ".join([THINS, *(f"It rained more often in the month {i} of the trial." for i in range(40))])
    encoder = Scripted({})
    found = verdict(item(THINS, text), NLIVerifier(encoder, windows=3))
    assert len(encoder.asked) == 4
    assert "not read, being farther from the claim: 37 windows of d0" in found.reason


def test_a_megabyte_of_evidence_is_read_in_bounded_time() -> None:
    text = "The group walked in 134 places, unlike the others (p = 0.03). " * 16_000 + THINS
    start = time.perf_counter()
    found = verdict(item(THINS, text))
    assert found.label == "supported" and quoted(found) == [THINS]
    assert time.perf_counter() - start < 60


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (item(THINS), "no evidence"),
        (item(THINS, "", " \n"), "no evidence"),
        (item(THINS, "?!"), "no evidence"),
        (item("", "Aspirin."), "the claim has no words"),
    ],
)
def test_without_anything_to_read_the_model_is_not_asked(asked: ClaimWithEvidence, reason: str) -> None:
    encoder = Scripted({})
    found = verdict(asked, NLIVerifier(encoder))
    assert (found.label, found.reason, found.probabilities) == ("not_enough_info", reason, None)
    assert encoder.asked == []


def failure(asked: ClaimWithEvidence) -> Failure:
    (outcome,) = NLIVerifier(MODELS / "counts").verify([asked])
    assert isinstance(outcome, Failure)
    return outcome


def test_a_claim_longer_than_the_window_is_a_failure_that_says_so() -> None:
    found = failure(item("zinc " * 40, "Zinc helps."))
    assert found.kind == "context_window"
    assert "40 tokens" in found.message and "48" in found.message


def test_a_claim_that_takes_most_of_the_window_is_read_beside_less_evidence() -> None:
    long = "Zinc helps " + "adults who rest " * 9
    found = verdict(item(long, f"{long.strip()}. {THINS} " * 3), NLIVerifier(MODELS / "counts"))
    assert found.probabilities is not None and found.quotes


def test_logits_that_are_no_numbers_fail_their_claim_and_no_other() -> None:
    bad, good = NLIVerifier(MODELS / "counts").verify([item("notanumber helps.", "Zinc helps."), item(THINS, THINS)])
    assert isinstance(bad, Failure) and "finite" in bad.message
    assert isinstance(good, Verdict) and good.label == "supported"


def test_what_is_no_text_is_a_failure() -> None:
    assert failure(item(5, "x")).kind == "invalid_record"  # type: ignore[arg-type]


def test_below_the_threshold_it_abstains_and_a_cascade_goes_on() -> None:
    unsure = Scripted({"Aspirin": (0.5, 0.0, 0.4)})
    found = verdict(item(THINS, THINS), NLIVerifier(unsure, threshold=0.6))
    assert found.label == "not_enough_info" and found.probabilities is None
    assert found.reason == "abstains: supported with probability 0.40, below 0.6"
    (passed,) = CascadeVerifier((NLIVerifier(unsure, threshold=0.6), NLIVerifier(MODELS / "counts"))).verify(
        [item(THINS, THINS)]
    )
    assert isinstance(passed, Verdict) and passed.label == "supported"


@pytest.mark.parametrize(
    ("claim", "passage", "given_label", "label"),
    [
        ("Zinc shortens colds in children.", "In a trial zinc shortens colds in children.", "supported", "supported"),
        (
            "Zinc shortens colds in children.",
            "Zinc never shortens sleep. Colds in children are often safe.",
            "refuted",
            "not_enough_info",
        ),
        ("Lisinopril 40 mg lowers pressure.", "Lisinopril 10 mg lowers pressure.", "supported", "not_enough_info"),
        ("Insulin shortens sleep.", "Rain pain milk.", "not_enough_info", "not_enough_info"),
    ],
)
def test_a_found_passage_is_held_to_more(claim: str, passage: str, given_label: Label, label: Label) -> None:
    given = verdict(item(claim, passage))
    found = verdict(item(claim, passage, rank=1))
    assert (given.label, found.label) == (given_label, label)
    assert given.calibrated and not found.calibrated
    if label == "not_enough_info":
        assert found.probabilities is None and found.reason.startswith("the closest")


def test_one_model_call_reads_what_many_claims_share_once() -> None:
    encoder = Scripted({})
    NLIVerifier(encoder).verify([item(THINS, THINS), item(THINS, THINS)])
    assert encoder.asked == [THINS]


def everything() -> list[ClaimWithEvidence]:
    claims = [THINS, "Zinc helps.", "Zinc shortens colds in children.", "Insulin lowers blood pressure in women."]
    texts = [RAIN + THINS, "Zinc never helps.", "Insulin lowers pain.", RAIN * 6 + "Zinc shortens colds in children."]
    return [item(claim, *texts[i:]) for i in range(len(texts)) for claim in claims]


@pytest.mark.parametrize("model", ["counts", "quantised"])
@pytest.mark.parametrize(("batch_size", "threads"), [(1, 1), (3, 2), (64, 4)])
def test_neither_batch_nor_threads_change_an_outcome(model: str, batch_size: int, threads: int) -> None:
    one_by_one = [NLIVerifier(MODELS / model).verify([i])[0] for i in everything()]
    assert NLIVerifier(MODELS / model, batch_size=batch_size, threads=threads).verify(everything()) == one_by_one


def test_it_is_copied_pickled_and_shared_between_threads() -> None:
    verifier = NLIVerifier(MODELS / "counts")
    said = verifier.verify(everything())
    assert pickle.loads(pickle.dumps(verifier)).verify(everything()) == said  # noqa: S301
    assert copy.deepcopy(verifier).verify(everything()) == said
    fresh = NLIVerifier(MODELS / "counts")
    with ThreadPoolExecutor(4) as pool:
        together: list[list[Outcome]] = list(pool.map(lambda _: fresh.verify(everything()), range(8)))
    assert all(outcomes == said for outcomes in together)


def test_probabilities_are_softened_by_the_temperature_and_sum_to_one(tmp_path: Path) -> None:
    pairs = [("Aspirin thins blood.", THINS), ("Rain.", THINS)]
    sharp = NLIVerifier(MODELS / "counts").probabilities(pairs)
    folder = shutil.copytree(MODELS / "counts", tmp_path / "soft")
    config = json.loads((folder / "config.json").read_text()) | {"temperature": 4.0}
    (folder / "config.json").write_text(json.dumps(config))
    soft = NLIVerifier(folder).probabilities(pairs)
    assert sharp.shape == soft.shape == (2, 3)
    assert np.allclose(soft.sum(axis=1), 1) and np.allclose(sharp.sum(axis=1), 1)
    assert (soft.max(axis=1) < sharp.max(axis=1)).all() and (soft.argmax(axis=1) == sharp.argmax(axis=1)).all()
    assert NLIVerifier(folder).probabilities([]).shape == (0, 3)


def test_a_binary_model_never_refutes() -> None:
    class Binary(Scripted):
        labels: tuple[Label, ...] = ("not_enough_info", "supported")

        def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
            return np.array([[0.0, 3.0] if "thins" in e else [3.0, 0.0] for e, _ in pairs])

    assert verdict(item(THINS, THINS), NLIVerifier(Binary({}))).label == "supported"
    other = verdict(item(THINS, "Aspirin does nothing."), NLIVerifier(Binary({})))
    assert other.label == "not_enough_info" and other.probabilities is not None
    assert other.probabilities["refuted"] == 0


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"threshold": 1.5}, "threshold=1.5"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"threads": 0}, "threads=0"),
        ({"windows": -1}, "windows=-1"),
    ],
)
def test_settings_out_of_range_are_named(settings: dict[str, float], named: str) -> None:
    with pytest.raises(PluginError, match=named):
        NLIVerifier(MODELS / "counts", **settings)  # type: ignore[arg-type]


def test_names_tell_the_model() -> None:
    assert NLIVerifier(MODELS / "counts").name == "nli:counts"
    assert NLIVerifier(OnnxEncoder(MODELS / "counts")).name == "nli:counts"
    assert verdict(replace(item(THINS, THINS))).verifier == "nli:counts"


def test_a_run_that_was_begun_with_other_weights_of_the_same_name_is_refused(tmp_path: Path) -> None:
    folder, run = tmp_path / "mine", tmp_path / "run"
    shutil.copytree(MODELS / "counts", folder)
    answers = [Response("a", "Aspirin thins blood.", context=("Aspirin thins the blood.",))]
    first = evaluate(answers, verifier=NLIVerifier(folder), run=run)
    again = evaluate(answers, verifier=NLIVerifier(folder), run=run)
    assert again.rates == first.rates
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"temperature": 3.0}))
    with pytest.raises(RunError, match="verifier_settings"):
        evaluate(answers, verifier=NLIVerifier(folder), run=run)


def test_a_model_is_told_by_its_content_and_not_by_where_it_is(tmp_path: Path) -> None:
    shutil.copytree(MODELS / "counts", tmp_path / "elsewhere")
    assert NLIVerifier(tmp_path / "elsewhere").model == NLIVerifier(MODELS / "counts").model
    assert NLIVerifier(Scripted({})).model == Scripted({}).name
