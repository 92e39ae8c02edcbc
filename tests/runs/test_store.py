"""A store: what is acknowledged is on the disk, whoever else writes, whatever breaks."""

from __future__ import annotations

import fcntl  # noqa: F401  (a child without rights could not import it any more)
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.errors import RunError
from halueval.runs.hashing import check_sum
from halueval.runs.store import Store, StoreDamaged

SCHEMA = "CREATE TABLE things(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sum BLOB NOT NULL, body BLOB NOT NULL)"
INSERT = "INSERT INTO things(name, sum, body) VALUES (?, ?, ?)"


def opened(path: Path, *, version: int = 1, kind: str = "things", read_only: bool = False) -> Store:
    return Store(path, SCHEMA, kind=kind, version=version, read_only=read_only)


def row(name: str, size: int = 400) -> tuple[str, bytes, bytes]:
    body = (name * (size // len(name) + 1))[:size].encode()
    return name, check_sum(name.encode(), body), body


def whole(store: Store) -> set[str]:
    """The names of rows that are as they were written."""
    return {
        name
        for name, checked, body in store.read("SELECT name, sum, body FROM things")
        if isinstance(name, str)
        and isinstance(body, bytes)
        and checked == check_sum(name.encode("utf-8", "replace"), body)
    }


def filled(path: Path, number: int = 200) -> None:
    with opened(path) as store:
        for n in range(number):
            store.write(INSERT, row(f"thing {n}", 300 + 61 * n % 6_000))
        store.flush()


def in_child(work: Callable[[], str]) -> str:
    """What a forked process says."""
    out, into = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            said = work()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(into, said.encode()[:60_000])
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return said


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys\nfrom pathlib import Path\nfrom halueval.runs.store import Store\nSCHEMA = {SCHEMA!r}\n" + code
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_what_is_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    code = (
        "store = Store(sys.argv[1], SCHEMA, kind='things', version=1)\n"
        "for n in range(10**6):\n"
        "    store.write('INSERT INTO things(name, sum, body) VALUES (?, x\\'00\\', x\\'00\\')', (str(n),)).result()\n"
        "    print(n, flush=True)\n"
    )
    code = f"import sys\nfrom halueval.runs.store import Store\nSCHEMA = {SCHEMA!r}\n" + code
    path = tmp_path / "a.sqlite"
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    last = [process.stdout.readline() for _ in range(100)][-1]
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().splitlines()
    process.wait()
    acknowledged = int((rest or [last])[-1])
    with opened(path) as store:
        names = {int(name) for (name,) in store.read("SELECT name FROM things")}
        assert set(range(acknowledged + 1)) <= names
        assert store.note == ""


def test_many_writes_share_a_commit_and_each_future_is_its_own(tmp_path: Path) -> None:
    with opened(tmp_path / "a.sqlite") as store:
        futures = [store.write(INSERT, row(f"{n // 2 if n in (500, 501) else n}")) for n in range(2_000)]
        refused = [n for n, future in enumerate(futures) if future.exception() is not None]
        assert refused == [500, 501]  # names that were there: 250, which hurts no other row of its commit
        assert len(whole(store)) == 1_998
        log = (tmp_path / "a.sqlite-wal").read_bytes()
        commits = sum(log[at + 4 : at + 8] != b"\0\0\0\0" for at in range(32, len(log), 4_096 + 24))
        assert commits < 200
        with pytest.raises(RunError, match="UNIQUE"):
            store.flush()
        store.flush()  # said once


def test_rows_that_the_writer_makes_are_as_those_that_it_is_given(tmp_path: Path) -> None:
    def broken() -> tuple[Any, ...]:
        raise ValueError("not this one")

    with opened(tmp_path / "a.sqlite") as store:
        made = [store.write(INSERT, partial(row, f"made {n}")) for n in range(120)]
        bad, last = store.write(INSERT, broken), store.write(INSERT, row("given"))
        with pytest.raises(ValueError, match="not this one"):
            bad.result()
        assert [future.result() for future in (*made, last)] == [None] * 121
        assert whole(store) == {"given", *(f"made {n}" for n in range(120))}
        with pytest.raises(ValueError, match="not this one"):
            store.flush()


@pytest.mark.parametrize("insert", ["INSERT OR IGNORE", "INSERT OR REPLACE"])
def test_rows_that_are_written_together_follow_each_other(insert: str, tmp_path: Path) -> None:
    with opened(tmp_path / "a.sqlite") as store:
        for n in range(200):
            store.write(INSERT.replace("INSERT", insert), ("the same", b"", str(n).encode()))
        store.flush()
        assert store.read("SELECT body FROM things") == [(b"0" if insert.endswith("IGNORE") else b"199",)]


def test_a_value_that_sqlite_cannot_hold_is_an_error_of_its_own_statement(tmp_path: Path) -> None:
    with opened(tmp_path / "a.sqlite") as store:
        bad, good = store.write(INSERT, ("a", 2**70, b"")), store.write(INSERT, row("b"))
        assert isinstance(bad.exception(), RunError)
        good.result()


def test_threads_write_and_read_at_once(tmp_path: Path) -> None:
    with opened(tmp_path / "a.sqlite") as store:

        def work(thread: int) -> None:
            for n in range(50):
                store.write(INSERT, row(f"{thread}/{n}")).result()
                assert f"{thread}/{n}" in whole(store)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(whole(store)) == 300


def test_processes_make_and_write_one_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    start = time.time() + 0.3

    def work(process: int) -> str:
        time.sleep(max(0.0, start - time.time()))
        with opened(path) as store:
            for n in range(40):
                store.write(INSERT, row(f"{process}/{n}")).result()
        return "ok"

    pids = []
    for process in range(8):
        if (pid := os.fork()) == 0:
            try:
                ok = work(process) == "ok"
            except BaseException:
                ok = False
            os._exit(0 if ok else 1)
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * 8
    with opened(path) as store:
        assert len(whole(store)) == 320


def test_a_fork_shares_no_connection_and_both_sides_go_on(tmp_path: Path) -> None:
    with opened(tmp_path / "a.sqlite") as store:
        for n in range(500):
            store.write(INSERT, row(f"{n}"))
        store.flush()
        rows = store.stream("SELECT name FROM things ORDER BY id")
        next(rows)
        waiting = store.write(INSERT, row("of the parent"))

        def child() -> str:
            store.write(INSERT, row("of the child")).result()
            return f"{len(whole(store))} {sum(1 for _ in rows)}"

        assert in_child(child) == "502 499"  # the parent's write was carried out before the fork
        waiting.result()
        assert sum(1 for _ in rows) == 499  # as it was when the stream began
        assert {"of the child", "of the parent"} <= whole(store)


def test_a_stream_of_a_store_that_is_closed_never_looks_like_a_shorter_one(tmp_path: Path) -> None:
    filled(tmp_path / "a.sqlite", 1_000)
    store = opened(tmp_path / "a.sqlite")
    rows = store.stream("SELECT id FROM things")
    next(rows)
    store.close()
    with pytest.raises(RunError, match="closed while it was read"):
        list(rows)
    for use in (
        lambda: store.read("SELECT 1"),
        lambda: store.write("SELECT 1"),
        lambda: next(store.stream("SELECT 1")),
    ):
        with pytest.raises(RunError, match="closed"):
            use()
    store.close()


def test_the_end_of_a_process_waits_for_the_writer_and_not_longer(tmp_path: Path) -> None:
    code = (
        "store = Store(sys.argv[1], SCHEMA, kind='things', version=1)\n"
        "for n in range(3000):\n"
        "    store.write('INSERT INTO things(name, sum, body) VALUES (?, x\\'00\\', x\\'00\\')', (str(n),))\n"
    )
    done = run_python(code, str(tmp_path / "a.sqlite"))
    assert (done.returncode, done.stderr) == (0, "")
    with opened(tmp_path / "a.sqlite") as store:
        assert store.read("SELECT count(*) FROM things") == [(3_000,)]


def test_a_full_disk_is_said_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    with opened(tmp_path / "a.sqlite") as store:
        store.write(INSERT, row("first")).result()
        store.write("PRAGMA max_page_count = 20").result()
        late = [store.write(INSERT, row(f"{n}", 3_000)) for n in range(100)]
        errors = [future.exception() for future in late]
        assert any("the disk is full" in str(error) and "make room" in str(error) for error in errors)
        acknowledged = {f"{n}" for n, error in enumerate(errors) if error is None}
        store.write("PRAGMA max_page_count = 100000").result()  # the failed commit left a working store
        store.write(INSERT, row("last")).result()
        assert whole(store) == {"first", "last"} | acknowledged


def test_a_disk_that_takes_no_more_stops_with_a_reason_and_keeps_the_rest(tmp_path: Path) -> None:
    code = (
        "import resource\nfrom halueval.errors import RunError\n"
        "sql = 'INSERT INTO things(name, sum, body) VALUES (?, ?, x\\'00\\')'\n"
        "store = Store(sys.argv[1], SCHEMA, kind='things', version=1)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "try:\n"
        "    for n in range(1000):\n"
        "        store.write(sql, (str(n), b'x' * 2000)).result()\n"
        "except RunError as error:\n"
        "    print(n, error)\n"
    )
    done = run_python(code, str(tmp_path / "a.sqlite"))
    assert done.returncode == 0, done.stderr
    number, _, said = done.stdout.partition(" ")
    assert "a.sqlite: the disk" in said
    assert "start again" in said
    with opened(tmp_path / "a.sqlite") as store:
        assert store.read("SELECT count(*) FROM things")[0][0] >= int(number) > 0


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp())
    filled(folder / "there.sqlite", 3)
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)

    def without_rights() -> str:
        if os.geteuid() == 0:
            os.setuid(65_534)
        said = []
        for name in ("new.sqlite", "there.sqlite"):
            try:
                opened(folder / name).write(INSERT, row("another")).result()
            except RunError as error:
                said.append(str(error))
        with opened(folder / "there.sqlite", read_only=True) as store:
            said.append(str(len(whole(store))))
        return "\n".join(said)

    new, there, read = in_child(without_rights).splitlines()
    folder.chmod(0o755)
    assert "new.sqlite: it can't be opened" in new
    assert "there.sqlite: it can't be " in there
    assert read == "3"  # what is only read needs no right to write


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"not a database at all, but a text of some length. " * 100, "no file of halueval's"),
        (b"SQLite format 3\0" + b"\xff" * 5_000, "no file of halueval's"),
        ("CREATE TABLE other(a)", "a SQLite file that isn't ours"),
        ("another kind", "a SQLite file that isn't ours"),
        ("newer", "things in version 2; wanted: version 1. To mend it: update halueval"),
        ("older", "things in version 0; wanted: version 1"),
        (None, "a folder; wanted: the file of things"),
    ],
)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_that_is_not_ours_is_refused_and_stays_as_it_is(
    tmp_path: Path, content: bytes | str | None, wanted: str, read_only: bool
) -> None:
    path = tmp_path / "a.sqlite"
    versions = {"newer": 2, "older": 0}
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content in versions:
        opened(path, version=versions[content]).close()
    elif content == "another kind":
        with Store(path, "CREATE TABLE journal(a)", kind="a journal", version=1):
            pass
    elif content is None:
        path.mkdir()
    else:
        with sqlite3.connect(path) as connection:
            connection.execute(content)
        connection.close()
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(RunError) as raised:
        opened(path, read_only=read_only)
    assert wanted in str(raised.value)
    assert str(path) in str(raised.value)
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert not list(tmp_path.glob("*.damaged"))


def test_a_store_that_is_only_read_is_neither_made_nor_written(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such file"):
        opened(tmp_path / "a.sqlite", read_only=True)
    assert not list(tmp_path.iterdir())
    filled(tmp_path / "a.sqlite", 3)
    with opened(tmp_path / "a.sqlite", read_only=True) as store, pytest.raises(RunError, match="reading only"):
        store.write(INSERT, row("another"))


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="see that the folder is there"):
        opened(tmp_path / "none" / "a.sqlite")


ALL = {f"thing {n}" for n in range(200)}


def flipped(at: int) -> Callable[[bytearray], bytearray]:
    def damage(raw: bytearray) -> bytearray:
        raw[at] ^= 0x55
        return raw

    return damage


@pytest.mark.parametrize(
    ("damage", "least"),
    [
        (flipped(3), 200),  # the magic word
        (flipped(62), 200),  # the version
        (flipped(70), 200),  # what the file holds
        (flipped(4_060), 200),  # the list of tables
        (flipped(2 * 4_096), 200),  # the root of the tree
        (flipped(2 * 4_096 + 5), 200),
        (lambda raw: raw[: len(raw) // 2], 80),
        (lambda raw: raw[: len(raw) // 2 + 100], 80),
        (lambda raw: raw[:5_000], 0),
        (lambda raw: raw[:50], 0),
    ],
)
def test_of_a_damaged_file_every_whole_row_is_saved(
    tmp_path: Path, damage: Callable[[bytearray], bytearray], least: int
) -> None:
    path = tmp_path / "a.sqlite"
    filled(path)
    broken = bytes(damage(bytearray(path.read_bytes())))
    path.write_bytes(broken)
    with opened(path) as store:
        found = whole(store)
        assert found <= ALL
        assert len(found) >= least
        assert "was damaged" in store.note
        assert "a.sqlite.damaged" in store.note
        store.write(INSERT, row("new")).result()
    assert (tmp_path / "a.sqlite.damaged").read_bytes() == broken
    with opened(path) as store:
        assert store.note == ""
        assert whole(store) == found | {"new"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sample") / "a.sqlite"
    filled(path, 60)
    return path.read_bytes()


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_is_damaged_no_row_is_wrong_and_nothing_else_is_raised(sample: bytes, data: st.DataObject) -> None:
    raw = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(0, len(raw) - 1)) :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite"
        path.write_bytes(raw)
        try:
            with opened(path) as store:
                assert whole(store) <= ALL
                store.write(INSERT, row("new")).result()
                assert "new" in whole(store)
        except RunError as error:  # what said that it is ours is damaged as well
            assert "no file of halueval's" in str(error)
            assert path.read_bytes() == raw


def test_commits_that_a_damaged_log_hides_from_sqlite_are_saved(tmp_path: Path) -> None:
    path, log = tmp_path / "a.sqlite", tmp_path / "a.sqlite-wal"
    store = opened(path)
    for n in range(100):
        store.write(INSERT, row(f"thing {n}")).result()
    saved, saved_log = path.read_bytes(), bytearray(log.read_bytes())
    store.close()
    saved_log[len(saved_log) // 2] ^= 1  # as after a kill, and a bad sector
    path.write_bytes(saved)
    log.write_bytes(saved_log)
    with opened(path) as store:
        assert "log holds commits that can't be read" in store.note
        assert 98 <= len(whole(store)) <= 100  # those of other pages are found without SQLite


def test_a_log_that_a_kill_cut_off_is_no_damage(tmp_path: Path) -> None:
    path, log = tmp_path / "a.sqlite", tmp_path / "a.sqlite-wal"
    store = opened(path)
    for n in range(20):
        store.write(INSERT, row(f"thing {n}")).result()
    saved, saved_log = path.read_bytes(), log.read_bytes()
    store.close()
    path.write_bytes(saved)
    log.write_bytes(saved_log + saved_log[-5_000:-4_000])
    with opened(path) as store:
        assert store.note == ""
        assert len(whole(store)) == 20


def test_mending_that_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    filled(path)
    path.rename(tmp_path / "a.sqlite.salvaged")  # the damaged file has been moved away, and then came the kill
    (tmp_path / "a.sqlite.salvaging").write_bytes(b"half a draft of another one")
    with opened(path) as store:
        assert whole(store) == ALL
        assert "mending it was cut off" in store.note


def test_a_damaged_file_that_another_process_has_open_is_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    filled(path)
    with opened(path) as user:
        user.read("SELECT 1")
        with open(path, "r+b") as file:
            file.seek(2 * 4_096)
            file.write(b"\xff" * 100)

        with pytest.raises(StoreDamaged, match="end whatever uses it"):
            opened(path)
        (ready, go), (done, finish) = os.pipe(), os.pipe()
        if (pid := os.fork()) == 0:  # another process, which has it open
            holder = sqlite3.connect(path)
            holder.execute("PRAGMA user_version").fetchone()
            os.write(go, b"1")
            os.read(done, 1)
            os._exit(0)
        user.close()
        os.read(ready, 1)
        with pytest.raises(StoreDamaged, match="end whatever uses it"):
            opened(path)
        os.write(finish, b"1")
        os.waitpid(pid, 0)
    with opened(path) as store:
        assert "was damaged" in store.note
    assert (tmp_path / "a.sqlite.damaged").exists()
