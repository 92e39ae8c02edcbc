"""One SQLite file of ours: opened, told from other files, looked over for damage; its errors in words.

Every connection writes ahead (WAL) and waits for the disk at each commit (``synchronous=FULL``): what is committed
survives a kill and a loss of power. A file carries what it holds and in which version twice over, in ``user_version``
and mixed into ``application_id``, so that a damaged header isn't taken for a newer version.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar
from weakref import WeakSet

from halueval.errors import RunError, located

__all__ = [
    "ERRORS",
    "Connection",
    "Form",
    "StoreDamaged",
    "connect",
    "harmless",
    "inspect",
    "make",
    "opening",
    "patiently",
    "translated",
]

T = TypeVar("T")

# The state in which this process last found a file whole; looking it over again would take as long as reading it.
_checked: dict[Path, tuple[tuple[int, ...], ...]] = {}
PATIENCE = 60.0  # seconds that a lock of another process is waited for
# What SQLite raises; the second where the text of an error quotes damaged bytes.
ERRORS = (sqlite3.Error, UnicodeDecodeError)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

# What SQLite says, by its primary code: what was found, and what to do about it.
_SAID: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("the disk is full", "make room and start again: what was kept until now is safe"),
    sqlite3.SQLITE_IOERR: (
        "the disk doesn't take or give what it should",
        "see to the disk (room, quota, limits, connection) and start again: what was kept until now is safe",
    ),
    sqlite3.SQLITE_READONLY: ("it can't be written", "see to the rights of the file and its folder, or name another"),
    sqlite3.SQLITE_PERM: ("it may not be opened", "see to the rights of the file and its folder, or name another"),
    sqlite3.SQLITE_CANTOPEN: (
        "it can't be opened",
        "see that the folder is there and can be written (SQLite puts two files beside it), or name another",
    ),
    sqlite3.SQLITE_BUSY: (
        f"another process has kept it locked for {PATIENCE:g} s",
        "see what that process does; a file on a network drive can't be shared",
    ),
    sqlite3.SQLITE_TOOBIG: ("one value is larger than SQLite takes", "leave that item out"),
    sqlite3.SQLITE_NOMEM: ("there is no memory left", "make room and start again: what was kept until now is safe"),
}
_SAID[sqlite3.SQLITE_LOCKED] = _SAID[sqlite3.SQLITE_BUSY]
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Form(NamedTuple):
    """What a file of ours is to hold: its tables, what they are in words, and their version."""

    schema: str
    kind: str
    version: int

    @property
    def statements(self) -> list[str]:
        """Those of the schema."""
        return [statement.strip() for statement in self.schema.split(";") if statement.strip()]

    @property
    def identity(self) -> int:
        """The ``application_id`` of such a file."""
        digest = hashlib.blake2b(f"halueval {self.kind} {self.version}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") >> 1  # SQLite keeps it signed


class StoreDamaged(RunError):
    """A file of ours whose bytes aren't those that were written; ``why`` says how that is known."""

    def __init__(self, path: Path, why: str, todo: str = "") -> None:
        self.why = why
        todo = (
            todo
            or "start the command that writes it again: what can be read is then saved, and the old file kept beside it"
        )
        super().__init__(located(f"damaged ({why})", path=str(path), todo=todo))


class Connection(sqlite3.Connection):
    """A connection that can be looked up by the file it is on, which closing it by another way would harm."""

    _all: WeakSet[Connection] = WeakSet()
    path: Path

    def close(self) -> None:
        """Close it; once is enough."""
        Connection._all.discard(self)
        super().close()

    @staticmethod
    def to(path: Path) -> bool:
        """Whether this process has the file open."""
        return any(connection.path == path for connection in list(Connection._all))


def connect(path: Path, *, read_only: bool = False, create: bool = False, alone: bool = False) -> Connection:
    """A connection that may be used from any thread, one at a time; with ``alone``, to the file without its log."""
    path = Path(os.path.abspath(path))
    wal = path.with_name(path.name + "-wal")
    # SQLite wants to put files beside one that it only reads, unless it is told that nobody can change it
    if read_only and not os.access(path.parent, os.W_OK) and not (wal.exists() and wal.stat().st_size):
        alone = True
    mode = "ro" if read_only or alone else "rwc" if create else "rw"
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}" + ("&immutable=1" if alone else ""),
        uri=True,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
    )
    connection.path = path
    Connection._all.add(connection)
    try:
        # a text whose bytes were damaged is for its checksum to tell, not for the decoder to stumble over
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        # what is deleted is gone, also for whoever reads the bytes of the file (as halueval.runs.leaves does)
        for setting in ("trusted_schema=OFF", "cell_size_check=ON", "synchronous=FULL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise
    return connection


def make(connection: Connection, form: Form) -> None:
    """Make an empty file one of ours, all of it or nothing."""
    for setting in ("page_size=4096", "auto_vacuum=INCREMENTAL", "journal_mode=WAL"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in form.statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={form.identity}")
        connection.execute(f"PRAGMA user_version={form.version}")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def inspect(connection: Connection, form: Form) -> bool:
    """Whether an open file is whole and ours; False where it is empty.

    Raises
    ------
    StoreDamaged
        It is ours, and damaged.
    RunError
        It is something else, or from another version.
    """
    path, (_, kind, version) = str(connection.path), form
    (identity,), (found,) = (connection.execute(f"PRAGMA {n}").fetchone() for n in ("application_id", "user_version"))
    shape = _shape(connection)
    wanted = _wanted_shape(form)
    if not shape and not identity and not found:
        return False
    same = identity == form._replace(version=found).identity
    if not same and not {name for _, name, _ in shape} & {name for _, name, _ in wanted}:
        raise RunError(
            located("a SQLite file that isn't ours", wanted=f"{kind} of halueval", path=path, todo="name another file")
        )
    if same and found != version:
        todo = "update halueval" if found > version else "begin a new file: this halueval doesn't read the old form"
        raise RunError(located(f"{kind} in version {found}", wanted=f"version {version}", path=path, todo=todo))
    if not same or shape != wanted:
        raise StoreDamaged(connection.path, "its header or its tables are others")
    state = _state(connection.path)
    if _checked.get(connection.path) != state:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise StoreDamaged(connection.path, str(said).splitlines()[-1])
        _checked[connection.path] = state
    return True


def translated(path: Path, error: Exception) -> RunError:
    """What SQLite says, with the reason and what to do.

    Examples
    --------
    >>> try:
    ...     sqlite3.connect("file:/no/such/folder/a.sqlite?mode=rw", uri=True)
    ... except sqlite3.Error as error:
    ...     print(str(translated(Path("a.sqlite"), error))[:28])
    a.sqlite: it can't be opened
    """
    if isinstance(error, RunError):
        return error
    if isinstance(error, UnicodeDecodeError):
        return StoreDamaged(path, "its list of tables can't be read")
    code = _code(error)
    if code in _DAMAGE:
        return StoreDamaged(path, str(error).splitlines()[0])
    found, todo = _SAID.get(code, ("SQLite refuses it", ""))
    return RunError(located(f"{found} ({error})", path=str(path), todo=todo))


def harmless(error: Exception) -> bool:
    """Whether an error is one statement's own (a constraint, a value that can't be held), and the file is well."""
    code = _code(error)
    return (
        not isinstance(error, UnicodeDecodeError)
        and code not in _DAMAGE
        and code not in _SAID
        or code == sqlite3.SQLITE_TOOBIG
    )


def patiently(action: Callable[[], T]) -> T:
    """What an action gives; while another process has the file locked, and SQLite itself doesn't wait, try again.

    SQLite waits by itself for a writer, but not for a process that switches a file to WAL, mends one after a kill, or
    takes the leave of the last.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if _code(error) not in _BUSY or time.monotonic() > end:
                raise
            time.sleep(random.uniform(0.001, 0.02))


@contextlib.contextmanager
def opening(folder: Path, *, alone: bool) -> Iterator[None]:
    """Files of a folder are opened by many at once, but made and mended by one alone.

    The lock is on the folder itself: nothing is left behind. Where the system has none, nobody is kept out.
    """
    try:
        import fcntl

        place = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):  # no such folder: what opens the file says so
        yield
        return
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(place)


def _state(path: Path) -> tuple[tuple[int, ...], ...]:
    """What changes when a file, or the log beside it, is written."""
    found = []
    for name in (path, path.with_name(path.name + "-wal")):
        with contextlib.suppress(OSError):
            status = name.stat()
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)


def _code(error: Exception) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _shape(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    return set(connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema"))


def _wanted_shape(form: Form) -> set[tuple[str, str, str]]:
    empty = sqlite3.connect(":memory:")
    try:
        for statement in form.statements:
            empty.execute(statement)
        return _shape(empty)
    finally:
        empty.close()
