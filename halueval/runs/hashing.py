"""Digests of what is kept: taken in slices, for which Python goes on with the thread that asks."""

from __future__ import annotations

import hashlib
from typing import Protocol

__all__ = ["check_sum", "sha256_of"]

# From 2,048 bytes on hashlib lets other threads run meanwhile, which is meant for megabytes: for a few thousand bytes
# waiting for the next turn takes longer than hashing them.
_SLICE = 2_000


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


def check_sum(*parts: bytes) -> bytes:
    """Sixteen bytes that change with any byte of any part, and with where one part ends.

    Examples
    --------
    >>> check_sum(b"key", b"body").hex()
    '454dbb49d82bd21e5111ccf6b6b45078'
    >>> check_sum(b"ke", b"ybody") == check_sum(b"key", b"body")
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        _feed(digest, part)
    return digest.digest()


def sha256_of(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal.

    Examples
    --------
    >>> sha256_of(b"abc" * 1_000) == hashlib.sha256(b"abc" * 1_000).hexdigest()
    True
    """
    digest = hashlib.sha256()
    _feed(digest, data)
    return digest.hexdigest()


def _feed(digest: _Digest, data: bytes) -> None:
    if len(data) <= _SLICE:
        digest.update(data)
        return
    for start in range(0, len(data), _SLICE):
        digest.update(data[start : start + _SLICE])
