"""Names of extractors and verifiers, built in or not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from halueval.chat import ChatSession, ScriptedChat
from halueval.errors import PluginError
from halueval.plugins import available, load_extractor, load_verifier
from halueval.protocols import Retriever
from halueval.testing import FixedRetriever, FixedVerifier, LineExtractor


class Searcher(FixedVerifier):
    """Says what it was made with."""

    searches = True

    def __init__(self, retriever: Retriever | None) -> None:
        super().__init__({})
        self.retriever = retriever


@pytest.mark.parametrize("name", sorted(available("extractors")))
def test_every_extractor_answers_to_its_name(name: str) -> None:
    assert load_extractor(name, chat=ChatSession(ScriptedChat([]))).name == name


@pytest.mark.parametrize("name", sorted(available("verifiers")))
def test_every_verifier_answers_to_its_name(name: str) -> None:
    chats = [ChatSession(ScriptedChat([]))] * (2 if name == "panel" else 1)
    assert load_verifier(name, chats=chats, retriever=FixedRetriever({})).name == name


def test_one_that_asks_a_chat_model_says_so_when_there_is_none() -> None:
    with pytest.raises(PluginError, match=r"'hybrid' asks a chat model; name one .*--model"):
        load_extractor("hybrid")
    with pytest.raises(PluginError, match="'panel' asks a chat model"):
        load_verifier("panel")


def test_one_that_asks_one_chat_model_is_not_given_two() -> None:
    two = [ChatSession(ScriptedChat([])), ChatSession(ScriptedChat([]))]
    with pytest.raises(PluginError, match="asks one chat model, 2 are named"):
        load_verifier("judge", chats=two)
    assert load_verifier("panel", chats=two).name == "panel"


def test_one_that_searches_is_given_the_retriever() -> None:
    found = load_verifier(Searcher, retriever=FixedRetriever({}))  # type: ignore[arg-type]
    assert isinstance(getattr(found, "retriever", None), FixedRetriever)


def test_an_object_is_taken_as_it_is() -> None:
    mine = FixedVerifier({})
    assert load_verifier(mine) is mine


def test_a_model_is_named_by_its_folder() -> None:
    folder = Path(__file__).parent / "golden" / "nli" / "counts"
    assert load_verifier(f"nli:{folder}").name == "nli:counts"
    with pytest.raises(PluginError, match="no model is called 'nobodys'"):
        load_verifier("nli:nobodys")


def test_ones_own_is_named_by_module_and_attribute() -> None:
    assert isinstance(load_extractor("halueval.testing:LineExtractor"), LineExtractor)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("nonsense", "no extractor is called 'nonsense'"),
        ("halueval.testing:Nonsense", "could not be loaded"),
        ("no_such_module:Extractor", "could not be loaded"),
        ("halueval.testing:FixedVerifier", "cannot be made without arguments"),
        ("halueval.testing:check_extractor", "method `extract`"),
        (3, "method `extract`"),
    ],
)
def test_what_is_no_extractor_is_refused_by_name(wanted: object, says: str) -> None:
    with pytest.raises(PluginError, match=says):
        load_extractor(wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "source", ["this is not Python", "1 / 0", "class Mine:\n    def __init__(self):\n        1 / 0\n"]
)
def test_a_plug_in_that_raises_when_it_is_loaded_is_named(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_plug_in.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_plug_in", raising=False)
    with pytest.raises(PluginError, match="Mine"):
        load_verifier("broken_plug_in:Mine")


@pytest.mark.parametrize("name", ["", ":x", "json:", "json:nope", "no.such.module:x"])
def test_a_name_that_means_nothing_is_refused(name: str) -> None:
    with pytest.raises(PluginError, match="extractor"):
        load_extractor(name)


def test_a_module_in_the_folder_one_is_in_is_found_after_installed_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "from halueval.testing import LineExtractor as Mine"
    (tmp_path / "a_module_of_mine.py").write_text(source)
    (tmp_path / "json.py").write_text("raise RuntimeError")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p])
    assert load_extractor("a_module_of_mine:Mine").name == "lines"
    with pytest.raises(PluginError, match="no attribute 'Mine'"):
        load_extractor("json:Mine")
