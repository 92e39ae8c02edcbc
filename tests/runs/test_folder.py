"""Runs: what may be replaced, what stays, what is left when a run is cut off, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from halueval.errors import InputError, RunError, RunStopped
from halueval.records import ChatReply, Extraction, Response, Result
from halueval.runs import Journal, begin_run, open_run, reproduce, write_run
from halueval.runs.cache import CallCache

RESULTS = [Result(Response(name, "Yes."), Extraction(name)) for name in "abc"]
OLD = [Result(Response("old", "No."), Extraction("old"))]
REPORTS = ["report.html", "report.json", "report.md"]


def held(folder: Path) -> dict[str, bytes]:
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return {name: data for name, data in files.items() if not name.endswith(("run.lock", "-wal", "-shm"))}


def ids(folder: Path) -> list[str]:
    return [r.response.id for r in open_run(folder).results]


def _folder(path: Path) -> None:
    path.mkdir()
    (path / "thesis.txt").write_text("ten years of work")


def _file(path: Path) -> None:
    path.write_text("ten years of work")


def _manifest_of_another_program(path: Path) -> None:
    path.mkdir()
    (path / "manifest.json").write_text('{"name": "my app"}')


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("mine", [_folder, _file, _manifest_of_another_program])
def test_what_is_not_a_run_is_never_deleted(mine: Callable[[Path], None], overwrite: bool, tmp_path: Path) -> None:
    mine(tmp_path / "run")
    before = held(tmp_path)
    with pytest.raises(RunError, match="run"):
        write_run(tmp_path / "run", RESULTS, {}, overwrite=overwrite)
    assert held(tmp_path) == before


def test_a_run_is_replaced_when_asked_to_through_a_link_too_and_nothing_beside_it(tmp_path: Path) -> None:
    write_run(tmp_path / "run", OLD, {})
    (tmp_path / "run" / "thesis.txt").write_text("ten years of work")
    (tmp_path / "link").symlink_to("run")
    with pytest.raises(RunError, match="--overwrite"):
        write_run(tmp_path / "link", RESULTS, {})
    write_run(tmp_path / "link", RESULTS, {}, overwrite=True)
    assert ids(tmp_path / "run") == ["a", "b", "c"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link", "run"]
    assert (tmp_path / "run" / "thesis.txt").read_text() == "ten years of work"


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert write_run(tmp_path / "run", RESULTS, {}).counts.responses == 3


CUTS: list[tuple[BaseException, type[BaseException], str]] = [
    (KeyboardInterrupt(), KeyboardInterrupt, "what was finished is kept in .*the same command goes on"),
    (RunStopped("no money"), RunStopped, "no money; what was finished is kept in"),
    (OSError(28, "No space left on device"), RunError, "run stopped: .*No space left.*what was finished is kept in"),
    (InputError("bad"), RunError, "run stopped: bad; what was finished is kept in"),
    (RunError("no more"), RunError, "^no more$"),
    (ValueError("ours"), ValueError, "^ours$"),
]


@pytest.mark.parametrize(("error", "kind", "said"), CUTS, ids=[type(error).__name__ for error, _, _ in CUTS])
def test_a_run_that_is_cut_off_keeps_its_results_says_so_and_goes_on(
    error: BaseException, kind: type[BaseException], said: str, tmp_path: Path
) -> None:
    def cut_off() -> Iterator[Result]:
        yield from RESULTS[:2]
        raise error

    with pytest.raises(kind, match=said):
        write_run(tmp_path / "run", cut_off(), {"verifier": "judge"})
    left = open_run(tmp_path / "run")
    assert [r.response.id for r in left.results] == ["a", "b"]
    assert all("not finished" in text for text in (left.warnings[0], str(left), left.to_html()))
    with begin_run(tmp_path / "run", {"verifier": "judge"}) as run:
        assert not run.finished
        run.journal.append(2, RESULTS[2]).result()
        assert run.finish().warnings == ()
    write_run(tmp_path / "whole", RESULTS, {"verifier": "judge"})
    whole, gone_on = (held(tmp_path / name) for name in ("whole", "run"))
    assert all(whole[name] == gone_on[name] for name in (*REPORTS, "manifest.json"))


def test_a_run_that_ends_before_it_has_anything_leaves_nothing_but_replies_that_were_paid_for(tmp_path: Path) -> None:
    with pytest.raises(InputError), begin_run(tmp_path / "run", {}):
        raise InputError("nothing to read")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RunStopped), begin_run(tmp_path / "run", {}) as run:
        with CallCache(run.calls) as calls:
            calls.keep("key", ChatReply("Yes."), model="m", stage="verification").result()
        raise RunStopped("no money")
    assert (tmp_path / "run" / "calls.sqlite").exists()


def test_a_run_with_a_gap_is_not_finished(tmp_path: Path) -> None:
    said = "1 results, and the last one is number 2"
    with pytest.raises(RunError, match=said), begin_run(tmp_path / "run", {}) as run:
        run.journal.append(1, RESULTS[1]).result()
        run.finish()
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["state"] == "unfinished"


@pytest.mark.parametrize("name", ["", ".", "..", "/", "no\0pe", "x" * 300])
def test_what_cannot_be_the_name_of_a_run_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "thesis.txt").write_text("ten years of work")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(RunError):
        write_run(name, RESULTS, {}, overwrite=True)
    assert held(tmp_path) == {"here/thesis.txt": b"ten years of work"}


def _edited(name: str, value: object) -> Callable[[Path], None]:
    def edit(run: Path) -> None:
        manifest = json.loads((run / "manifest.json").read_text())
        (manifest if name in manifest else manifest["settings"])[name] = value
        (run / "manifest.json").write_text(json.dumps(manifest))

    return edit


def _manifest_of_another_run(run: Path) -> None:
    write_run(run.with_name("other"), OLD, {"verifier": "panel"})
    shutil.copy(run.with_name("other") / "manifest.json", run)


UNUSABLE: list[tuple[Callable[[Path], object], str]] = [
    (_edited("format", 3), "format 3; halueval .* reads format 2: update halueval"),
    (_edited("format", 1), "format 1; halueval .* reads format 2: make the run again"),
    (_edited("state", "done"), "state: found the text 'done'"),
    (_edited("answers", -1), "answers: found a number"),
    (_edited("answers", 2), "it says 2 answers, the journal has 3"),
    (_edited("verifier", "panel"), "not the manifest that journal.sqlite was made with .they differ in verifier."),
    (_manifest_of_another_run, "they differ in verifier"),
    (lambda run: (run / "manifest.json").write_bytes(b"\xff{"), "manifest.json: damaged"),
    (lambda run: (run / "manifest.json").write_text("[" * 100_000), "manifest.json: damaged"),
    (lambda run: (run / "manifest.json").unlink(), "not a run"),
    (lambda run: (run / "journal.sqlite").unlink(), "journal.sqlite is missing"),
]


@pytest.mark.parametrize(("damage", "said"), UNUSABLE, ids=range(len(UNUSABLE)))
@pytest.mark.parametrize("how", [open_run, reproduce])
def test_a_run_that_cannot_be_believed_is_refused_with_the_reason(
    how: Callable[[Path], object], damage: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    write_run(tmp_path / "run", RESULTS, {"verifier": "judge"})
    damage(tmp_path / "run")
    with pytest.raises(RunError, match=said):
        how(tmp_path / "run")


@pytest.mark.parametrize(("damage", "said"), UNUSABLE, ids=range(len(UNUSABLE)))
def test_what_cannot_be_believed_is_not_gone_on_with_and_stays(
    damage: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    write_run(tmp_path / "run", RESULTS, {"verifier": "judge"})
    damage(tmp_path / "run")
    before = held(tmp_path / "run")
    with pytest.raises(RunError), begin_run(tmp_path / "run", {"verifier": "judge"}):
        pytest.fail("it was opened")
    assert held(tmp_path / "run") == before


def test_a_journal_of_a_newer_version_is_refused_and_both_versions_are_named(tmp_path: Path) -> None:
    from halueval.runs.store import Store

    write_run(tmp_path / "run", RESULTS, {})
    (tmp_path / "run" / "journal.sqlite").unlink()
    Store(tmp_path / "run" / "journal.sqlite", "CREATE TABLE results(n)", kind="a journal", version=7).close()
    with pytest.raises(RunError, match="version 7.*version 1.*update halueval"):
        open_run(tmp_path / "run")
    with pytest.raises(RunError, match="version 7"), begin_run(tmp_path / "run", {}):
        pytest.fail("it was opened")


def test_a_run_in_use_by_another_process_is_refused_and_the_process_named(tmp_path: Path) -> None:
    write_run(tmp_path / "run", RESULTS, {})
    code = (
        "import sys; from halueval.runs import begin_run\n"
        "with begin_run(sys.argv[1], {}): print('in', flush=True); sys.stdin.readline()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None and child.stdout is not None
    try:
        assert child.stdout.readline() == "in\n"
        for overwrite in (False, True):
            begun = begin_run(tmp_path / "run", {}, overwrite=overwrite)
            with pytest.raises(RunError, match=f"in use by process {child.pid}; wait"), begun:
                pytest.fail("it was opened")
        assert ids(tmp_path / "run") == ["a", "b", "c"]
    finally:
        child.kill()
        child.wait()
    with begin_run(tmp_path / "run", {}) as run:
        assert run.finished


def test_a_folder_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(RunError, match="cannot be the folder of a run"), begin_run("/proc/run", {}):
        pytest.fail("it was opened")


def test_a_report_is_made_again_byte_for_byte_and_what_is_missing_put_back(tmp_path: Path) -> None:
    report = write_run(tmp_path / "run", RESULTS, {"verifier": "judge", "level": 0.9})
    before = held(tmp_path / "run")
    (tmp_path / "run" / "report.md").unlink()
    assert reproduce(tmp_path / "run").to_json() == report.to_json()
    assert held(tmp_path / "run") == before
    reproduce(tmp_path / "run", tmp_path / "deep" / "again")
    assert held(tmp_path / "deep" / "again") == {name: before[name] for name in REPORTS}


@pytest.mark.parametrize("output", [None, "again"])
def test_a_file_of_the_report_that_is_not_what_the_results_give_is_named_and_stays(
    output: str | None, tmp_path: Path
) -> None:
    write_run(tmp_path / "run", RESULTS, {})
    page = tmp_path / "run" / "report.html"
    page.write_bytes(page.read_bytes() + b" ")
    before = held(tmp_path / "run")
    with pytest.raises(RunError, match=r"run: report.html is not what the journal and the manifest give"):
        reproduce(tmp_path / "run", output if output is None else tmp_path / output)
    assert held(tmp_path / "run") == before
    assert output is None or sorted(held(tmp_path / output)) == REPORTS


def test_a_report_of_other_results_or_of_an_unfinished_run_is_not_made_again(tmp_path: Path) -> None:
    write_run(tmp_path / "run", RESULTS, {})
    with Journal(tmp_path / "run") as journal:
        journal.append(0, OLD[0]).result()
    with pytest.raises(RunError, match="not the results that the run was finished with"):
        reproduce(tmp_path / "run")
    with begin_run(tmp_path / "new", {}) as run:
        run.journal.append(0, OLD[0]).result()
    with pytest.raises(RunError, match="not finished"):
        reproduce(tmp_path / "new")


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_a_kill_leaves_of_a_file_is_cleared_away(overwrite: bool, tmp_path: Path) -> None:
    write_run(tmp_path / "run", RESULTS, {})
    mine = tmp_path / "run" / ".thesis.txt.4711.part"
    for name in (".report.html.4711.part", ".manifest.json.4711.part", mine.name):
        (tmp_path / "run" / name).write_text("half")
    with begin_run(tmp_path / "run", {}, overwrite=overwrite) as run:
        assert run.finished is not overwrite
    assert list((tmp_path / "run").glob(".*")) == [mine]


@pytest.mark.parametrize("store", ["journal.sqlite", "calls.sqlite"])
@pytest.mark.parametrize(
    "left", [".damaged", ".damaged-wal", ".damaged-2", ".damaged-2-wal", ".salvaged", ".salvaging-journal"]
)
def test_what_mending_leaves_goes_when_a_run_is_begun_anew_and_a_copy_of_ones_own_stays(
    store: str, left: str, tmp_path: Path
) -> None:
    write_run(tmp_path / "run", OLD, {})
    (tmp_path / "run" / f"{store}{left}").write_bytes(b"\0" * 5_000)
    mine = tmp_path / "run" / f"{store}.bak"
    mine.write_text("a copy")
    write_run(tmp_path / "run", RESULTS, {}, overwrite=True)
    assert ids(tmp_path / "run") == ["a", "b", "c"]
    assert not (tmp_path / "run" / f"{store}{left}").exists()
    assert mine.read_text() == "a copy"


def test_a_journal_that_was_mended_twice_is_replaced_when_asked_to(tmp_path: Path) -> None:
    write_run(tmp_path / "run", RESULTS, {})
    for _ in range(2):
        with open(tmp_path / "run" / "journal.sqlite", "r+b") as file:
            file.truncate(6_000)
        with begin_run(tmp_path / "run", {}) as run:
            for position, result in enumerate(RESULTS):
                run.journal.append(position, result).result()
            run.finish()
    damaged = {"journal.sqlite.damaged", "journal.sqlite.damaged-2"}
    assert damaged <= set(held(tmp_path / "run"))
    write_run(tmp_path / "run", OLD, {}, overwrite=True)
    assert ids(tmp_path / "run") == ["old"] and not damaged & set(held(tmp_path / "run"))


def test_a_kill_before_the_first_manifest_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.lock").write_text("4711\n")
    (tmp_path / "run" / ".manifest.json.4711.part").write_text('{"for')
    assert write_run(tmp_path / "run", RESULTS, {}).counts.responses == 3


def test_a_kill_before_there_is_a_journal_is_no_hindrance(tmp_path: Path) -> None:
    with pytest.raises(RunStopped), begin_run(tmp_path / "run", {"k": 5}) as run:
        run.journal.append(0, RESULTS[0]).result()
        raise RunStopped("killed")
    (tmp_path / "run" / "journal.sqlite").unlink()
    with begin_run(tmp_path / "run", {"k": 5}) as run:
        assert len(run.journal) == 0 and not run.finished
