"""The cache of calls: the very same question and no other, exactly what was kept, or nothing."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.errors import InputError, PluginError, RunError, RunStopped
from halueval.io.codec import encode
from halueval.protocols import ReplyStore, Retriever
from halueval.records import ChatReply, ChatRequest, Evidence, Span, TokenLogprob
from halueval.runs.cache import BadEntry, CallCache, call_key, passages_key
from halueval.runs.cached_retriever import CachedRetriever
from halueval.runs.hashing import check_sum

DAY = 86_400
ASKED: dict[str, Any] = {
    "model": "m",
    "endpoint": "http://127.0.0.1/v1",
    "options": {"seed": 1, "top_p": 0.9},
    "repeat": 0,
}
MESSAGES = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say yes."})
REQUEST: dict[str, Any] = {
    "messages": MESSAGES,
    "schema": {"type": "object", "properties": {"a": {}, "b": {}}},
    "max_tokens": 10,
    "temperature": 0.0,
    "top_logprobs": 2,
    "options": {"thinking": "off"},
}

CALL = "eb5addcea1be58f225208637f2d3e2005bd96c0760e8c44203e047942865d9e6"
PASSAGES = "81acf90144385c43c75e37e8e3a8a35be82c6bcf5698fc35773cc5b4edca8189"


def keep(cache: CallCache, *keys: str, text: str = "Yes.", model: str = "m") -> None:
    for done in [cache.keep(key, ChatReply(f"{text} {key}"), model=model, stage="verification") for key in keys]:
        done.result()


def changed(path: Path, sql: str, params: Sequence[Any] = ()) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(sql, params)
    connection.close()


texts = st.text(st.characters(codec=None), max_size=30)
some_text = texts.filter(str.strip)
counts = st.integers(0, 2**40)
numbers = st.floats(allow_nan=False)
replies = st.builds(
    ChatReply,
    text=some_text,
    reasoning=texts,
    finish_reason=texts,
    model=texts,
    prompt_tokens=counts,
    completion_tokens=counts,
    cached_tokens=counts,
    dollars=st.none() | st.floats(0, 1e6),
    logprobs=st.lists(
        st.builds(TokenLogprob, texts, numbers, st.lists(st.tuples(texts, numbers), max_size=2).map(tuple)), max_size=3
    ).map(tuple),
)
spans = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda ends: Span(min(ends), max(ends)))
passages = st.lists(
    st.builds(
        Evidence, texts, texts, spans, texts, texts, texts, texts, texts, texts, st.none() | numbers, st.none() | counts
    ),
    max_size=4,
).map(tuple)


@settings(max_examples=25, deadline=None)
@given(reply=replies, found=passages)
def test_what_is_kept_comes_back_exactly_also_after_closing(reply: ChatReply, found: tuple[Evidence, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with CallCache(f"{folder}/c.sqlite") as cache:
            assert isinstance(cache, ReplyStore)
            assert cache.reply("a") is None is cache.passages("b")
            cache.keep("a", reply, model="m", stage="extraction").result()
            cache.keep_passages("b", found, retriever="bm25").result()
            assert cache.reply("a") == reply
        with CallCache(f"{folder}/c.sqlite", read_only=True) as cache:
            assert cache.reply("a") == reply
            assert cache.passages("b") == found
            assert cache.reply("b") is None is cache.passages("a")  # of the other kind


@pytest.mark.parametrize(
    "change",
    [
        {"messages": MESSAGES[:1]},
        {"messages": MESSAGES[::-1]},
        {"messages": (MESSAGES[0], {"role": "user", "content": "Say yes. "})},
        {"messages": (MESSAGES[0], {"role": "user", "content": "Say yes.", "name": "a"})},
        {"schema": None},
        {"schema": {"type": "object", "properties": {"b": {}, "a": {}}}},  # a model reads them in their order
        {"max_tokens": None},
        {"max_tokens": 11},
        {"temperature": None},
        {"temperature": 0.1},
        {"top_logprobs": 0},
        {"options": {}},
        {"options": {"thinking": "on"}},
        {"options": {"thinking": None}},
        {"model": "m2"},
        {"endpoint": "http://127.0.0.1/v2"},
        {"repeat": 1},
        {"call_options": {}},
        {"call_options": {"seed": 2, "top_p": 0.9}},
        {"call_options": {"seed": "1", "top_p": 0.9}},
    ],
    ids=str,
)
def test_every_ingredient_of_a_call_is_in_its_key(change: dict[str, Any]) -> None:
    request = {name: change.get(name, value) for name, value in REQUEST.items()}
    asked = {name: change.get("call_options" if name == "options" else name, value) for name, value in ASKED.items()}
    assert call_key(ChatRequest(**request), **asked) != call_key(ChatRequest(**REQUEST), **ASKED)


def test_what_is_not_asked_is_not_in_the_key() -> None:
    same = ChatRequest(**{**REQUEST, "likely": lambda: "yes"})
    options = {"top_p": 0.9, "seed": 1}
    assert call_key(same, **{**ASKED, "options": options}) == call_key(ChatRequest(**REQUEST), **ASKED)


def test_the_key_is_the_same_in_every_version() -> None:
    # what was paid for under it is lost when this changes
    assert call_key(ChatRequest(**REQUEST), **ASKED) == CALL
    assert passages_key("aspirin", 5, retriever="bm25", snapshot="ab", settings={"min_coverage": 0.35}) == PASSAGES


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"], ids=lambda value: type(value).__name__)
def test_what_json_cannot_hold_has_no_key(value: object) -> None:
    with pytest.raises(TypeError, match="what JSON can hold"):
        call_key(ChatRequest(MESSAGES, options={"a": value}), **ASKED)


def test_the_first_reply_under_a_key_stays(tmp_path: Path) -> None:
    with CallCache(tmp_path / "c.sqlite") as cache:
        keep(cache, "a", text="first")
        keep(cache, "a", text="second")
        assert cache.reply("a") == ChatReply("first a")


BODY = json.dumps(encode(ChatReply("No.")))


def signed(body: str, kind: str = "reply") -> tuple[str, bytes, bytes]:
    """An entry whose checksum is right, as somebody could write who means harm."""
    parts = (b"a", kind.encode(), b"m", b"verification", b"1000", body.encode())
    return kind, check_sum(*parts), body.encode()


@pytest.mark.parametrize(
    ("kind", "checked", "body", "why"),
    [
        ("reply", b"0" * 16, BODY.encode(), "wrong checksum"),
        ("reply", None, BODY.encode(), "isn't a row"),
        ("reply", b"", "a text", "isn't a row"),
        ("reply", b"", 12, "isn't a row"),
        (*signed("[" * 100_000), "nested too deeply"),
        (*signed("{"), "not JSON"),
        (*signed("[]"), "is no reply"),
        (*signed("null"), "is no reply"),
        (*signed('{"text": 3}'), "is no reply: "),
        (*signed('{"text": "  "}'), "has no text"),
        (*signed('{"text": "Yes.", "prompt_tokens": -1}'), "counts that can't be"),
        (*signed('{"text": "Yes.", "dollars": "inf"}'), "counts that can't be"),
        (*signed(BODY, "verdict"), "of no known kind"),
        (*signed(BODY, "passages"), "is no list of passages"),
        (*signed('[{"doc_id": "a"}]', "passages"), "is no passages"),
    ],
)
def test_a_wrong_entry_is_missed_put_aside_and_named(
    tmp_path: Path, kind: str, checked: Any, body: Any, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "c.sqlite"
    with CallCache(path) as cache:
        keep(cache, "a", "b")
    if checked is None:
        changed(path, "UPDATE entries SET made = 'x' WHERE key = 'a'")
    else:
        changed(
            path, "UPDATE entries SET kind = ?, sum = ?, made = 1000, body = ? WHERE key = 'a'", (kind, checked, body)
        )
    with CallCache(path) as cache:
        assert cache.reply("a") is None is cache.passages("a")
        assert cache.reply("b") == ChatReply("Yes. b")
        (said,) = cache.set_aside()
        assert why in said
        assert str(path) in said
        keep(cache, "a", text="anew")
        assert cache.reply("a") == ChatReply("anew a")
        assert (cache.stats().set_aside, cache.stats().replies) == (1, 2)
    assert [record.getMessage() for record in caplog.records] == [said]


def test_verify_finds_what_nobody_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with CallCache(path) as cache:
        keep(cache, *map(str, range(500)))
        assert cache.verify() == []
    changed(path, "UPDATE entries SET body = replace(CAST(body AS TEXT), 'Yes', 'No') WHERE id % 100 = 7")
    changed(path, "UPDATE entries SET body = CAST(body AS BLOB)")
    with CallCache(path, read_only=True) as cache:
        assert len(cache.verify()) == 5  # found, and left where they are
    with CallCache(path) as cache:
        bad = cache.verify()
        assert bad == [BadEntry(str(n), "has a wrong checksum") for n in (6, 106, 206, 306, 406)]
        assert (cache.stats().replies, cache.stats().set_aside, cache.verify()) == (495, 5, [])


def test_a_damaged_file_is_mended_and_said_and_what_is_left_is_right(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "c.sqlite"
    with CallCache(path) as cache:
        keep(cache, *map(str, range(500)), text="x" * 500)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with CallCache(path) as cache:
        found = {n: cache.reply(str(n)) for n in range(500)}
    right = [n for n, reply in found.items() if reply == ChatReply("x" * 500 + f" {n}")]
    assert len(right) > 150
    assert sum(reply is not None for reply in found.values()) == len(right)
    assert [record.getMessage() for record in caplog.records if "c.sqlite.damaged" in record.getMessage()]


def test_the_bound_keeps_what_was_used_last(tmp_path: Path) -> None:
    path, bound = tmp_path / "c.sqlite", 400_000
    with CallCache(path, max_bytes=bound) as cache:
        keep(cache, "precious", "other")
        changed(path, "INSERT INTO uses SELECT id, made + 60 FROM entries WHERE key = 'precious'")
        for n in range(0, 600, 20):
            keep(cache, *(f"{m}" for m in range(n, n + 20)), text="x" * 1_500)
            changed(path, "UPDATE uses SET used = used + 60")
        assert cache.stats().bytes < bound * 1.3
        assert cache.reply("precious") is not None
        assert cache.reply("other") is None
        assert cache.reply("599") is not None
        assert cache.reply("0") is None


def test_a_use_is_put_down_once_in_a_while_and_not_at_every_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.sqlite"
    start = time.time()
    with CallCache(path) as cache:
        keep(cache, "a", "b", "c")
        monkeypatch.setattr(time, "time", lambda: start + 10 * DAY)
        for _ in range(100):
            assert cache.reply("a") is not None
        assert cache._store.read("SELECT * FROM uses") == []
    with CallCache(path) as cache:
        assert cache._store.read("SELECT count(*) FROM uses") == [(1,)]
        left = cache.prune(older_than_days=5)
        assert (left.replies, cache.reply("a") is not None, cache.reply("b")) == (1, True, None)


def test_pruning_makes_the_file_smaller(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with CallCache(path) as cache:
        keep(cache, *map(str, range(1_000)), text="x" * 1_000)
        before = cache.stats()
        left = cache.prune(max_bytes=before.bytes // 4)
        assert before.bytes // 8 < left.bytes <= before.bytes // 4
        assert 100 < left.replies < 300
        assert cache.reply("999") is not None
    assert path.stat().st_size <= before.bytes // 4
    with pytest.raises(InputError, match="1 or more"):
        CallCache(path, max_bytes=0)


def test_stats_say_what_is_there(tmp_path: Path) -> None:
    with CallCache(tmp_path / "c.sqlite") as cache:
        empty = cache.stats()
        assert (empty.replies, empty.passages, empty.oldest, empty.sources) == (0, 0, None, {})
        keep(cache, "a", "b", model="gpt")
        keep(cache, "c", model="other")
        cache.keep_passages("d", (), retriever="bm25").result()
        held = cache.stats()
    assert (held.replies, held.passages, held.sources) == (3, 1, {"bm25": 1, "gpt": 2, "other": 1})
    assert held.oldest is not None
    assert held.newest is not None
    assert time.time() - 60 < held.oldest <= held.newest <= time.time()
    assert held.bytes > 0


@pytest.mark.parametrize("wrong", ["source = 7", "source = x'ff'", "kind = x'00'", "made = 'x'", "made = 1 << 60"])
def test_stats_of_damaged_rows_are_no_error(tmp_path: Path, wrong: str) -> None:
    with CallCache(tmp_path / "c.sqlite") as cache:
        keep(cache, "a", "b")
    changed(tmp_path / "c.sqlite", f"UPDATE entries SET {wrong} WHERE key = 'a'")
    with CallCache(tmp_path / "c.sqlite") as cache:
        held = cache.stats()
        assert sum(held.sources.values()) == 2
        assert held.newest is not None
        assert abs(held.newest - time.time()) < 60


class Counting:
    """A retriever that remembers what it was asked."""

    name = "counting"

    def __init__(self, snapshot: str, floor: float = 0.0, beta: int = 1) -> None:
        self.snapshot, self.floor, self._beta = snapshot, floor, beta
        self.asked: list[str] = []

    def search(self, queries: Sequence[str], k: int) -> Sequence[Sequence[Evidence]]:
        self.asked += queries
        return [
            (Evidence("d", query, Span(0, len(query)), score=0.1, rank=1),) * min(k, len(query)) for query in queries
        ]


def test_a_retriever_is_asked_only_for_what_is_new(tmp_path: Path) -> None:
    retriever = Counting("snapshot")
    with CallCache(tmp_path / "c.sqlite") as cache:
        cached = CachedRetriever(retriever, cache)
        assert isinstance(cached, Retriever)
        queries = ["a", "", "b", "a"]
        assert cached.search(queries, 2) == cached.search(queries, 2) == Counting("").search(queries, 2)
        assert retriever.asked == ["a", "", "b"]
        cached.search(["a"], 3)
        assert retriever.asked == ["a", "", "b", "a"]


@pytest.mark.parametrize("other", [Counting("later"), Counting("snapshot", floor=0.5), Counting("snapshot", beta=2)])
def test_another_corpus_or_setting_is_another_question(tmp_path: Path, other: Counting) -> None:
    with CallCache(tmp_path / "c.sqlite") as cache:
        for retriever in (Counting("snapshot"), other):
            CachedRetriever(retriever, cache).search(["a"], 2)
        assert other.asked == ["a"]
        other.asked.clear()


def test_a_retriever_without_a_snapshot_is_never_answered_for(tmp_path: Path) -> None:
    with CallCache(tmp_path / "c.sqlite") as cache, pytest.raises(InputError, match="no snapshot"):
        CachedRetriever(Counting(""), cache)


def test_what_breaks_the_contract_is_given_as_it_is_and_never_kept(tmp_path: Path) -> None:
    class Broken(Counting):
        def search(self, queries: Sequence[str], k: int) -> Any:
            found = super().search(queries, 9)
            if "short" in queries:
                return found[1:]
            return [None if query == "none" else hits for query, hits in zip(queries, found, strict=True)]

    with CallCache(tmp_path / "c.sqlite") as cache:
        cached = CachedRetriever(Broken("snapshot"), cache)
        assert [hits and len(hits) for hits in cached.search(["none", "many", "a"], 2)] == [None, 4, 1]
        assert cache.stats().passages == 1
        with pytest.raises(PluginError, match="2 queries were given, 1 results came back"):
            cached.search(["short", "b"], 2)
        assert cache.stats().passages == 1


def test_finds_that_cannot_be_kept_stop_the_run(tmp_path: Path) -> None:
    with CallCache(tmp_path / "c.sqlite") as cache:
        cached = CachedRetriever(Counting("snapshot"), cache)
        cached.search(["a"], 2)
        cache._store.write("PRAGMA max_page_count = 10").result()
        with pytest.raises(RunStopped, match="the disk is full"):
            cached.search(["x" * 100_000], 2)


def test_a_reply_that_cannot_be_kept_is_an_error_and_not_forgotten(tmp_path: Path) -> None:
    with CallCache(tmp_path / "c.sqlite") as cache:
        keep(cache, "a")
        cache._store.write("PRAGMA max_page_count = 10").result()
        error = cache.keep("b", ChatReply("x" * 100_000), model="m", stage="verification").exception()
        assert isinstance(error, RunError)
        assert "the disk is full" in str(error)
        assert cache.reply("b") is None
        assert cache.reply("a") is not None
