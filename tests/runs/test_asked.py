"""What a manifest says was asked: all that makes another result, nothing secret, nothing that changes by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from halueval.chat import ChatSession, ScriptedChat, open_chat
from halueval.plugins import load_extractor, load_verifier
from halueval.runs.asked import input_digest, model_settings, part_settings, prompt_digests
from halueval.runs.manifest import Manifest, differences
from halueval.testing import FixedVerifier
from halueval.verifiers.cascade import CascadeVerifier
from halueval.verifiers.judge import JudgeVerifier


class Inner:
    name = "inner"

    def __init__(self, depth: int) -> None:
        self._depth = depth

    def verify(self, items: object) -> list[object]:
        return []


class Outer:
    name = "outer"

    def __init__(self, inner: Inner, api_key: str = "", words: object = (), where: object = None) -> None:
        self.inner, self.api_key, self.words, self._where = inner, api_key, words, where


SAID: list[tuple[object, dict[str, Any]]] = [
    (Outer(Inner(3)), {"inner": {"name": "inner", "depth": 3}, "words": [], "where": None}),
    (
        Outer(Inner(3), "sk-secret-0123456789abcdef"),
        {"inner": {"name": "inner", "depth": 3}, "words": [], "where": None},
    ),
    (Outer(Inner(1), words={"b", "a"}), {"inner": {"name": "inner", "depth": 1}, "words": ["a", "b"], "where": None}),
    (Outer(Inner(1), where=Path("x")), {"inner": {"name": "inner", "depth": 1}, "words": [], "where": "x"}),
    (Outer(Inner(1), where=object()), {"inner": {"name": "inner", "depth": 1}, "words": []}),
    (CascadeVerifier(["quantities"]), {"stages": [{"name": "quantities"}]}),
]


@pytest.mark.parametrize(("part", "said"), SAID, ids=range(len(SAID)))
def test_the_settings_of_a_part_are_what_it_was_made_with(part: object, said: dict[str, Any]) -> None:
    assert part_settings(part) == said


def test_a_long_setting_is_its_digest() -> None:
    one, other = (
        part_settings(FixedVerifier({f"{i}": label for i in range(999)})) for label in ("refuted", "supported")
    )
    assert one != other and len(json.dumps(one)) < 200


def test_prompts_are_named_with_their_digests_in_parts_within_parts_too() -> None:
    chat, other = (open_chat(ScriptedChat([])) for _ in range(2))
    panel = load_verifier("panel", chats=[chat, other])
    found = prompt_digests(load_extractor("hybrid", chat=chat), panel)
    assert set(found) == {"hybrid.v1", "hybrid-mend.v1", "judge.v1"}
    assert found["judge.v1"] == JudgeVerifier(chat).prompt.digest


def test_models_say_where_and_how_they_are_asked_and_no_secret() -> None:
    options = {"seed": 7, "extra_headers": {"Authorization": "Bearer hidden", "X-Team": "sk-proj-0123456789abcdef"}}
    chat = open_chat("m", base_url="http://me:pass@127.0.0.1:9/v1?key=abc", api_key="abcdef", options=options)
    said = model_settings(chat, [ChatSession(ScriptedChat([]), prices=(1, 2))])
    assert (said["model"], said["verifier_models"]) == ("m", ["scripted"])
    assert said["model_options"]["m"]["seed"] == 7 and "scripted" in said["prices"]
    text = json.dumps(said)
    assert not any(secret in text for secret in ("hidden", "sk-proj", "pass", "abc"))


def test_the_input_is_told_by_its_bytes(tmp_path: Path) -> None:
    for name, text in (("a", "one"), ("b", "one"), ("c", "two")):
        (tmp_path / name).write_text(text)
    digests = [input_digest(tmp_path / name) for name in "abc"]
    assert digests[0] == digests[1] != digests[2]
    assert [input_digest(other) for other in (["one"], tmp_path, "-", tmp_path / "none")] == [""] * 4


def test_every_difference_is_told_with_what_it_was_and_is() -> None:
    asked = {"a": 1, "same": [1], "in": {"b": 2, "c": {"d": 3}}, "gone": 0}
    now = {"a": 1, "same": [1], "in": {"b": 4, "c": {"d": 5}}, "new": {}}
    assert differences(asked, now) == [("gone", 0, None), ("in.b", 2, 4), ("in.c.d", 3, 5), ("new", None, {})]


def test_the_same_manifest_has_the_same_bytes_whatever_the_order() -> None:
    one, other = Manifest({"b": 1, "a": [2]}, "finished", 3, "x"), Manifest({"a": [2], "b": 1}, "finished", 3, "x")
    assert one.to_json() == other.to_json() and Manifest.from_json(one.to_json()) == other
