"""Results out: whole or not at all, and readable by whoever reads JSON."""

from __future__ import annotations

import gzip
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from halueval.errors import OutputError
from halueval.io import write_jsonl, write_text

ODD = ["plain", "nul \0", "lone \ud800", "line\u2028separator", "next\x85line", "👩🏽‍⚕️", "a\r\nb", "\x1b[31m"]


def test_odd_texts_come_back_and_every_row_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert write_jsonl(path, [{"text": t} for t in ODD]) == len(ODD)
    lines = path.read_bytes().decode().splitlines()
    assert [json.loads(line)["text"] for line in lines] == ODD


def test_a_gz_suffix_packs_the_same_rows_to_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        write_jsonl(tmp_path / name, [{"a": 1}])
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == b'{"a": 1}\n'
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def failing(rows: int) -> Iterator[dict[str, Any]]:
    yield from ({"n": n} for n in range(rows))
    raise RuntimeError("stop")


@pytest.mark.parametrize("before", [None, b"old\n"])
def test_what_fails_half_way_leaves_what_was_there(before: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    if before is not None:
        path.write_bytes(before)
    with pytest.raises(RuntimeError):
        write_jsonl(path, failing(10_000))
    assert (path.read_bytes() if path.exists() else None) == before
    assert [p.name for p in tmp_path.iterdir()] == ([] if before is None else ["a.jsonl"])


def test_nan_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_jsonl(tmp_path / "a.jsonl", [{"p": float("nan")}])
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_written_through_and_a_special_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_jsonl(tmp_path / "link", [{"a": 1}])
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_text() == '{"a": 1}\n'
    write_jsonl(os.devnull, [{"a": 1}])
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.parametrize("place", ["none/a.jsonl", "", "a\0.jsonl"])
def test_a_place_that_cannot_be_written_is_said_before_the_work(place: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_jsonl(os.path.join(tmp_path, place), failing(0))


def test_a_text_with_lone_surrogates_is_written(tmp_path: Path) -> None:
    write_text(tmp_path / "a.md", "lone \ud800")
    assert (tmp_path / "a.md").read_text() == "lone \\ud800"
