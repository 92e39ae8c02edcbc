"""Published protocols by name."""

from __future__ import annotations

import json

from halueval.chat import ScriptedChat
from halueval.claim_extraction.presets import HealthBenchHalluExtractor
from halueval.plugins import load_extractor
from halueval.records import Response, Result

SAID = {"claim": "Zinc shortens colds.", "quote": "Zinc shortens colds.", "checkworthy": True, "reason": None}
REFUSED = {"claim": "No help.", "quote": "I cannot help with that.", "checkworthy": False, "reason": "refusal"}


def test_it_is_an_extractor_with_its_own_prompt() -> None:
    chat = ScriptedChat([json.dumps({"claims": [SAID, SAID]})])
    extractor = HealthBenchHalluExtractor(chat, window=500)
    (found,) = extractor.extract([Response("r", "Zinc shortens colds.")])
    assert [c.text for c in found.claims] == ["Zinc shortens colds."]
    assert found.extractor.name == "healthbench-hallu"
    assert "multiple" not in chat.requests[0].messages[1]["content"]
    assert "options to choose from" in chat.requests[0].messages[0]["content"]


def test_the_report_says_whose_rules_and_whose_prompt_these_are() -> None:
    version = HealthBenchHalluExtractor(ScriptedChat([])).info.version
    assert "prompt healthbench-hallu.v1 (" in version and "model scripted" in version
    assert "our own prompt" in version and "2602.06570" in version and "unpublished" in version


def test_a_refusal_still_counts_as_an_answer_that_abstained() -> None:
    response = Response("r", "I cannot help with that.")
    (found,) = HealthBenchHalluExtractor(ScriptedChat([json.dumps({"claims": [REFUSED]})])).extract([response])
    assert Result(response, found).state == "abstained"


def test_it_can_be_named_as_a_plug_in() -> None:
    from halueval.chat import open_chat

    where = "halueval.claim_extraction.presets:HealthBenchHalluExtractor"
    assert load_extractor(where, chat=open_chat(ScriptedChat([]))).name == "healthbench-hallu"
