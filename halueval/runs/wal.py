"""SQLite's write-ahead log, looked at from outside: whether a damaged one holds commits that SQLite would pass over.

SQLite takes the first frame whose checksum is wrong for the end of the log, since a kill leaves such a frame. A commit
of the same log behind it says that it was no kill: frames are written in order.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["log_is_whole", "newest_pages"]

_HEADER = struct.Struct(">8I")  # magic, version, page size, checkpoint number, two salts, two checksums
_FRAME = struct.Struct(">6I")  # page, size of the file after a commit or else 0, two salts, two checksums
_MAGIC = 0x377F0682  # and 1 in the last bit where checksums are of big-endian words
_PAGE = 4_096  # bytes: SQLite's own choice
_LONGEST = 64 << 20  # bytes of a log that are looked at; it takes a second


def log_is_whole(path: Path) -> bool:
    """Whether SQLite reads all commits of a log that nobody is writing; a log that isn't there is whole.

    Examples
    --------
    >>> log_is_whole(Path("no-such-file-wal"))
    True
    """
    try:
        with open(path, "rb") as log:
            if len(raw := log.read(_HEADER.size)) < _HEADER.size:
                return True  # nothing was written into it
            magic, _, page, _, salt, other_salt, *sums = _HEADER.unpack(raw)
            order = ">" if magic & 1 else "<"
            if magic & ~1 != _MAGIC or _add_up((0, 0), raw[:24], order) != tuple(sums):
                return False
            broken = False
            at = tuple(sums)
            for head, body in _frames(log, page):
                _, commit, *salts_and_sums = _FRAME.unpack(head)
                if salts_and_sums[:2] != [salt, other_salt]:
                    broken = True  # left over from before the log was begun anew, if none of it comes after
                    continue
                if not broken:
                    at = _add_up(at, head[:8] + body, order)
                    broken = at != tuple(salts_and_sums[2:])
                if broken and commit:
                    return False
            return True
    except FileNotFoundError:
        return True


def newest_pages(path: Path) -> dict[int, int]:
    """Where in a log the newest form of each page stands that was committed, whether SQLite would find it or not.

    Examples
    --------
    >>> newest_pages(Path("no-such-file-wal"))
    {}
    """
    newest: dict[int, int] = {}
    uncommitted: dict[int, int] = {}
    try:
        with open(path, "rb") as log:
            if len(raw := log.read(_HEADER.size)) < _HEADER.size:
                return {}
            magic, _, size, _, *salts, sum_1, sum_2 = _HEADER.unpack(raw)
            if _add_up((0, 0), raw[:24], ">" if magic & 1 else "<") != (sum_1, sum_2):
                size, salts = _PAGE, []  # those of the first frame then
            for head, _ in _frames(log, size):
                page, commit, *said = _FRAME.unpack(head)
                salts = salts or said[:2]
                if said[:2] == salts:
                    uncommitted[page] = log.tell() - size
                    if commit:
                        newest.update(uncommitted)
                        uncommitted.clear()
    except FileNotFoundError:
        return {}
    return newest


def _frames(log: BinaryIO, page: int) -> Iterator[tuple[bytes, bytes]]:
    while log.tell() < _LONGEST:
        head, body = log.read(_FRAME.size), log.read(page)
        if len(head) < _FRAME.size or len(body) < page:
            return
        yield head, body


def _add_up(sums: tuple[int, ...], raw: bytes, order: str) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(raw) // 4}I", raw)
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
