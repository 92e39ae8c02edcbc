"""``halueval cache``: what it says, what it deletes, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result as Ran

from halueval.records import ChatReply
from halueval.runs.cache import CallCache

Cli = Callable[..., Ran]


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = tmp_path / "calls.sqlite"
    with CallCache(path) as cache:
        for n in range(400):
            cache.keep(f"{n:064x}", ChatReply("x" * 1_000), model="gpt", stage="verification")
        cache.keep_passages("b" * 64, (), retriever="bm25")
    return path


@pytest.mark.parametrize("of_run", [False, True])
def test_stats_name_models_and_retrievers(cli: Cli, calls: Path, of_run: bool) -> None:
    place = str(calls.parent if of_run else calls)
    before = calls.read_bytes()
    shown = cli("cache", "stats", place)
    assert shown.exit_code == 0, shown.output
    assert "400 replies, 1 retrievals, 0." in shown.stdout
    assert [line.split() for line in shown.stdout.splitlines()[1:3]] == [["1", "bm25"], ["400", "gpt"]]
    held = json.loads(cli("cache", "stats", place, "--json").stdout)
    assert (held["replies"], held["passages"], held["sources"]) == (400, 1, {"bm25": 1, "gpt": 400})
    assert calls.read_bytes() == before


def test_verify_puts_aside_what_is_damaged_and_says_so(cli: Cli, calls: Path) -> None:
    well = cli("cache", "verify", str(calls))
    assert (well.exit_code, well.stdout) == (0, f"{calls}: 401 entries are whole, 0 were put aside\n")
    raw = calls.read_bytes()
    at = raw.index(b"xxxx")
    calls.write_bytes(raw[:at] + b"y" + raw[at + 1 :])
    ill = cli("cache", "verify", str(calls))
    assert ill.exit_code == 3
    assert "400 entries are whole, 1 were put aside" in ill.stdout
    assert "has a wrong checksum" in ill.stderr
    assert cli("cache", "verify", str(calls)).exit_code == 0
    assert "1 damaged entry was put aside" in cli("cache", "stats", str(calls)).stdout


def test_verify_mends_a_file_that_is_cut_off(cli: Cli, calls: Path) -> None:
    calls.write_bytes(calls.read_bytes()[:300_000])
    mended = cli("cache", "verify", str(calls))
    assert mended.exit_code == 3
    number = int(mended.stdout.split(": ")[1].split()[0])
    assert 100 < number < 400
    assert calls.with_name("calls.sqlite.damaged").stat().st_size == 300_000


def test_prune_deletes_down_to_a_size_or_an_age(cli: Cli, calls: Path) -> None:
    assert "0 entries deleted, 401 left" in cli("cache", "prune", str(calls), "--older-than-days", "1").stdout
    done = cli("cache", "prune", str(calls), "--max-megabytes", "0.3")
    assert done.exit_code == 0, done.output
    assert calls.stat().st_size <= 300_000
    with CallCache(calls, read_only=True) as cache:
        assert f"{cache.stats().replies + cache.stats().passages} left" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("stats", "none.sqlite"), "no cache there"),
        (("stats", "."), "no cache there"),
        (("verify", "text"), "no file of halueval's"),
        (("prune", "text", "--older-than-days", "1"), "no file of halueval's"),
        (("stats", "text"), "no file of halueval's"),
        (("prune", "text"), "nothing to prune by"),
        (("prune", "text", "--max-megabytes", "-1"), "greater than or equal to 0"),
    ],
)
def test_what_is_no_cache_is_refused_and_stays(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text").write_text("A text that is no cache.\n" * 500)
    done = cli("cache", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not {"none.sqlite", "text.damaged"} & {file.name for file in tmp_path.iterdir()}
    assert Path("text").read_text() == "A text that is no cache.\n" * 500
