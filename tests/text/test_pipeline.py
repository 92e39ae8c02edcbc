"""Which spaCy pipeline is in use."""

from __future__ import annotations

import pytest

from halueval.errors import PluginError
from halueval.text.pipeline import PIPELINES, UPGRADE, installed_pipelines, load_pipeline, pipeline_info


def test_medical_pipelines_come_before_general_ones() -> None:
    kinds = [kind for _, kind in PIPELINES]
    assert kinds == sorted(kinds, key=["scispacy", "general"].index)


def test_the_best_installed_one_is_taken_and_a_blank_one_is_always_there() -> None:
    installed = installed_pipelines()
    assert pipeline_info() == installed[0]
    assert installed[-1].kind == "blank"
    assert all(i.version for i in installed)


def test_it_is_loaded_once_without_what_is_not_read() -> None:
    nlp = load_pipeline()
    assert nlp is load_pipeline()
    assert "lemmatizer" not in nlp.pipe_names


def test_a_blank_pipeline_still_gives_claims() -> None:
    from halueval.claim_extraction import RulesExtractor
    from halueval.records import Response

    (out,) = RulesExtractor("blank:en").extract([Response("r", "Rest helps. Water helps.")])
    assert [c.text for c in out.claims] == ["Rest helps.", "Water helps."]
    assert out.extractor.pipeline.startswith("blank:en")


def test_words_with_hyphens_stay_whole() -> None:
    assert "over-the-counter" in [t.text for t in load_pipeline()("An over-the-counter drug.")]


def test_an_unknown_one_is_named_with_what_there_is() -> None:
    with pytest.raises(PluginError, match="no spaCy pipeline 'nope'.*blank:en"):
        load_pipeline("nope")


def test_how_to_get_a_better_one_is_said() -> None:
    assert "sha256sum" in UPGRADE and "scispacy" in UPGRADE
