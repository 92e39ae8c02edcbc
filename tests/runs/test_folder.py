"""Runs: what may be replaced, what stays, and what is left when a run is cut off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from halueval.errors import RunError
from halueval.records import Extraction, Response, Result
from halueval.runs import open_run, write_run

RESULTS = [Result(Response(name, "Yes."), Extraction(name)) for name in "abc"]
OLD = [Result(Response("old", "No."), Extraction("old"))]


def held(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def cut_off(error: BaseException) -> Iterator[Result]:
    yield from RESULTS[:2]
    raise error


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "thesis.txt").write_text("ten years of work")


def _file(path: Path) -> None:
    path.write_text("ten years of work")


def _manifest_of_another_program(path: Path) -> None:
    path.mkdir()
    (path / "manifest.json").write_text('{"name": "my app"}')


def _run_with_notes(path: Path) -> None:
    write_run(path, OLD, {})
    (path / "thesis.txt").write_text("ten years of work")


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("beside", ["", ".partial"])
@pytest.mark.parametrize("mine", [_folder, _file, _manifest_of_another_program, _run_with_notes])
def test_what_is_not_a_run_and_nothing_else_is_never_deleted(
    mine: object, beside: str, overwrite: bool, tmp_path: Path
) -> None:
    assert callable(mine)
    mine(tmp_path / f"run{beside}")
    before = held(tmp_path)
    with pytest.raises(RunError, match="run"):
        write_run(tmp_path / "run", RESULTS, {}, overwrite=overwrite)
    assert held(tmp_path) == before


def test_a_run_is_replaced_when_asked_to_through_a_link_too(tmp_path: Path) -> None:
    write_run(tmp_path / "run", OLD, {})
    (tmp_path / "link").symlink_to("run")
    with pytest.raises(RunError, match="--overwrite"):
        write_run(tmp_path / "link", RESULTS, {})
    write_run(tmp_path / "link", RESULTS, {}, overwrite=True)
    assert [r.response.id for r in open_run(tmp_path / "run").results] == ["a", "b", "c"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "run"]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert write_run(tmp_path / "run", RESULTS, {}).counts.responses == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RunError("no more"), OSError(28, "No space left on device")])
def test_a_run_that_is_cut_off_keeps_its_first_results_and_says_so(error: BaseException, tmp_path: Path) -> None:
    write_run(tmp_path / "run", OLD, {})
    with pytest.raises((KeyboardInterrupt, RunError), match="run.partial"):
        write_run(tmp_path / "run", cut_off(error), {}, overwrite=True)
    left = open_run(tmp_path / "run.partial")
    assert [r.response.id for r in left.results] == ["a", "b"]
    assert "cut off" in left.warnings[0] and "cut off" in str(left) and "cut off" in left.to_html()
    assert [r.response.id for r in open_run(tmp_path / "run").results] == ["old"]
    with pytest.raises(RunError, match="--overwrite"):
        write_run(tmp_path / "run", RESULTS, {})
    assert write_run(tmp_path / "run", RESULTS, {}, overwrite=True).warnings == ()
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_half_a_line_on_a_full_disk_is_cut_off(tmp_path: Path) -> None:
    partial = tmp_path / "run.partial"

    def results() -> Iterator[Result]:
        yield from RESULTS[:2]
        with open(partial / "results.jsonl", "a") as file:
            file.write('{"response": {"id": "c' + "x" * 200_000)
        raise OSError(28, "No space left on device")

    with pytest.raises(RunError, match="No space"):
        write_run(tmp_path / "run", results(), {})
    assert [r.response.id for r in open_run(partial).results] == ["a", "b"]


@pytest.mark.parametrize("name", ["", ".", "..", "/", "no\0pe", "x" * 300])
def test_what_cannot_be_the_name_of_a_run_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "thesis.txt").write_text("ten years of work")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(RunError):
        write_run(name, RESULTS, {}, overwrite=True)
    assert held(tmp_path) == {"here/thesis.txt": "ten years of work"}


def test_a_whole_run_does_not_say_that_it_is_unfinished(tmp_path: Path) -> None:
    write_run(tmp_path / "run", RESULTS, {"verifier": "cascade"})
    assert json.loads((tmp_path / "run" / "manifest.json").read_text()) == {
        "format": 1,
        "settings": {"verifier": "cascade"},
    }
