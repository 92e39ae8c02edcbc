"""What has to be kept of every answer, in a few bytes: numbers, and texts that are only to be told apart."""

from __future__ import annotations

from array import array
from hashlib import blake2b

__all__ = ["Numbering", "Numbers"]

_TYPES = "BHIQ"  # of one, two, four and eight bytes
_DIGEST = 16


class Numbers:
    """Whole numbers from 0 on, each in as many bytes as the largest of them needs: one, two, four or eight.

    Examples
    --------
    >>> numbers = Numbers()
    >>> for number in (3, 0, 1_000):
    ...     numbers.append(number)
    >>> list(numbers.view()), numbers.view().itemsize
    ([3, 0, 1000], 2)
    """

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values = array(_TYPES[0])

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, place: int) -> int:
        return self._values[place]

    def __setitem__(self, place: int, number: int) -> None:
        try:
            self._values[place] = number
        except OverflowError:
            self._widen()
            self[place] = number

    def append(self, number: int) -> None:
        """Put a number at the end.

        Raises
        ------
        OverflowError
            It is below 0, or takes more than eight bytes.
        """
        try:
            self._values.append(number)
        except OverflowError:
            self._widen()
            self.append(number)
        except BufferError:  # somebody looks at them: what is seen stays as it is
            self._values = array(self._values.typecode, self._values)
            self._values.append(number)

    def view(self) -> memoryview:
        """The numbers as they are now, without a copy, as NumPy takes them; later ones are not in it."""
        return memoryview(self._values)

    def _widen(self) -> None:
        wider = _TYPES[_TYPES.index(self._values.typecode) + 1 :]
        if not wider:
            raise OverflowError("wanted: a whole number from 0 to 2**64 - 1")
        self._values = array(wider[0], self._values)


class Numbering:
    """Texts that are told apart: the first has the number 0, the next other one 1, and so on.

    Not the text is kept but 128 bits of a digest of it, about 27 bytes in all: two different texts with one digest do
    not occur, and could not be made on purpose either.

    Examples
    --------
    >>> groups = Numbering()
    >>> [groups.number(name) for name in ("a", "b", "a")], groups.find("c"), len(groups)
    ([0, 1, 0], None, 2)
    """

    __slots__ = ("_digests", "_slots")

    def __init__(self) -> None:
        self._digests = bytearray()
        self._slots = array("I", [0]) * 8  # number + 1 where the digest points to or right after; 0 where free

    def __len__(self) -> int:
        return len(self._digests) // _DIGEST

    def find(self, text: str) -> int | None:
        """The number of a text; None where it has none yet."""
        return self._at(self._slot(_digest(text)))

    def number(self, text: str) -> int:
        """The number of a text; the next one where it has none yet."""
        digest = _digest(text)
        slot = self._slot(digest)
        found = self._at(slot)
        if found is not None:
            return found
        self._digests += digest
        self._slots[slot] = number = len(self)
        if 3 * number > 2 * len(self._slots):
            self._double()
        return number - 1

    def _at(self, slot: int) -> int | None:
        return self._slots[slot] - 1 if self._slots[slot] else None

    def _slot(self, digest: bytes) -> int:
        """Where the number of a digest stands, or is to stand."""
        slots, digests = self._slots, self._digests
        last = len(slots) - 1
        slot = int.from_bytes(digest[:8], "little") & last
        while slots[slot]:
            end = _DIGEST * slots[slot]
            if digests[end - _DIGEST : end] == digest:
                break
            slot = (slot + 1) & last
        return slot

    def _double(self) -> None:
        self._slots = array("I", [0]) * (2 * len(self._slots))
        for number in range(1, len(self) + 1):
            end = _DIGEST * number
            self._slots[self._slot(bytes(self._digests[end - _DIGEST : end]))] = number


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
