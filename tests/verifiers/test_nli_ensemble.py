"""The encoder's word and the lexical verifier's, weighed together as a model's configuration asks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.errors import PluginError
from halueval.records import LABELS, Claim, ClaimWithEvidence, Evidence, Span, Verdict
from halueval.testing import check_verifier
from halueval.verifiers.lexical import LexicalVerifier
from halueval.verifiers.nli import NLIVerifier
from halueval.verifiers.nli_ensemble import Ensemble, ensemble_of

COUNTS = Path(__file__).parent.parent / "golden" / "nli" / "counts"
ENCODER, LEXICAL, NONE = np.eye(3), np.eye(3), np.zeros((3, 3))
CLAIM = "Aspirin reduced the risk of stroke."
TEXT = "Aspirin significantly reduced the risk of stroke compared with placebo (p < 0.001)."
ASKED = ClaimWithEvidence(Claim("c", "r", CLAIM), (Evidence("d", TEXT, Span(0, len(TEXT))),))


def folder(tmp_path: Path, encoder: Any, lexical: Any, bias: tuple[float, ...] = (0.0, 0.0, 0.0)) -> Path:
    """The model that counts words, with an ensemble of these weights."""
    made = tmp_path / "model"
    shutil.copytree(COUNTS, made)
    config = json.loads((made / "config.json").read_text())
    config["ensemble"] = {"weights": np.hstack([encoder, lexical]).tolist(), "bias": list(bias)}
    (made / "config.json").write_text(json.dumps(config))
    return made


def verdict(verifier: NLIVerifier | LexicalVerifier) -> Verdict:
    (outcome,) = verifier.verify([ASKED])
    assert isinstance(outcome, Verdict)
    return outcome


chances = st.lists(st.floats(0.001, 1), min_size=3, max_size=3).map(lambda ns: np.array([ns]) / sum(ns))


@given(chances, chances)
def test_who_alone_has_weight_decides_alone(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_allclose(Ensemble(np.hstack([ENCODER, NONE]), np.zeros(3))(a, b), a, atol=1e-9)
    np.testing.assert_allclose(Ensemble(np.hstack([NONE, LEXICAL]), np.zeros(3))(a, b), b, atol=1e-9)


@given(chances, chances)
def test_together_they_are_probabilities(a: np.ndarray, b: np.ndarray) -> None:
    together = Ensemble(np.hstack([ENCODER, LEXICAL]), np.array([0.1, -0.2, 0.0]))(a, b)
    assert together.shape == (1, 3) and together.min() >= 0
    assert together.sum() == pytest.approx(1)


def test_without_a_lexical_word_the_encoder_stands() -> None:
    alone = Ensemble(np.hstack([NONE, LEXICAL]), np.zeros(3))(np.array([[0.2, 0.3, 0.5]]), np.full((1, 3), np.nan))
    np.testing.assert_array_equal(alone, [[0.2, 0.3, 0.5]])


def test_the_verdict_rests_on_both(tmp_path: Path) -> None:
    alone = verdict(NLIVerifier(COUNTS)).probabilities
    said = verdict(LexicalVerifier()).probabilities
    both = verdict(NLIVerifier(folder(tmp_path, ENCODER, LEXICAL))).probabilities
    assert alone is not None and said is not None and both is not None
    product = np.array([alone[label] * said[label] for label in LABELS])
    np.testing.assert_allclose([both[label] for label in LABELS], product / product.sum(), atol=2e-3)


def of_three(tmp_path: Path, *readings: Any, conclusion: int) -> NLIVerifier:
    made = folder(tmp_path, ENCODER, LEXICAL)
    config = json.loads((made / "config.json").read_text())
    config["ensemble"] |= {"weights": np.hstack(readings).tolist(), "conclusion": conclusion}
    (made / "config.json").write_text(json.dumps(config))
    return NLIVerifier(made)


def test_the_last_sentences_are_heard_where_the_configuration_says_so(tmp_path: Path) -> None:
    """A conclusion that only the second reading sees: of the words of the claim it holds few, and it denies them."""
    claim = "Aspirin reduced the risk of stroke in adults with diabetes after one year."
    text = f"{claim} " + "The groups were alike in age and sex. " * 12 + "Aspirin did not reduce the risk."
    asked = ClaimWithEvidence(Claim("c", "r", claim), (Evidence("d", text, Span(0, len(text))),))
    end = ClaimWithEvidence(Claim("c", "r", claim), (Evidence("d", text[-32:], Span(0, 32)),))
    (heard,) = of_three(tmp_path / "a", NONE, ENCODER, NONE, conclusion=6).verify([asked])
    (alone,) = NLIVerifier(COUNTS).verify([end])
    (first,) = of_three(tmp_path / "b", ENCODER, NONE, NONE, conclusion=6).verify([asked])
    assert isinstance(heard, Verdict) and isinstance(alone, Verdict) and isinstance(first, Verdict)
    assert heard.probabilities == pytest.approx(alone.probabilities, abs=2e-3)
    assert first.probabilities != pytest.approx(alone.probabilities, abs=0.1)


def test_a_document_that_is_its_own_conclusion_is_read_once(tmp_path: Path) -> None:
    twice = of_three(tmp_path / "a", ENCODER, ENCODER, NONE, conclusion=60)
    square = np.square([(verdict(NLIVerifier(COUNTS)).probabilities or {})[label] for label in LABELS])
    said = verdict(twice).probabilities
    assert said is not None
    np.testing.assert_allclose([said[label] for label in LABELS], square / square.sum(), atol=2e-3)


def test_the_contract_is_kept(tmp_path: Path) -> None:
    check_verifier(NLIVerifier(folder(tmp_path, ENCODER, LEXICAL)))
    check_verifier(of_three(tmp_path / "three", ENCODER, ENCODER, LEXICAL, conclusion=60))


@pytest.mark.parametrize(
    "given",
    [
        {"weights": [[1, 0, 0]] * 3, "bias": [0, 0, 0]},
        {"weights": [[1] * 6] * 3, "bias": [0, 0]},
        {"weights": [[1] * 6] * 3},
        {"weights": [[float("nan")] * 6] * 3, "bias": [0, 0, 0]},
        {"weights": [[1] * 9] * 3, "bias": [0, 0, 0]},
        {"weights": [[1] * 6] * 3, "bias": [0, 0, 0], "conclusion": 60},
        {"weights": [[1] * 9] * 3, "bias": [0, 0, 0], "conclusion": "60"},
        {"weights": "many", "bias": [0, 0, 0]},
        [1, 2, 3],
    ],
)
def test_a_configuration_that_cannot_be_is_named(given: object) -> None:
    with pytest.raises(PluginError, match=r"models/mini.*ensemble"):
        ensemble_of({"ensemble": given}, "models/mini")
