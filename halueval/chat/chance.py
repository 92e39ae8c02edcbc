"""Refusals that come whatever is asked: how many of them there are, and when there are more than that."""

from __future__ import annotations

__all__ = ["Chance"]

WATCHED, MOST_WATCHED = 100, 300  # calls at a level that is safe; the most where just one of them was refused
ENOUGH = 6  # refusals that say how many there are before all of them were watched
MOST_BY_CHANCE = 0.3  # share of refusals that may be put down to chance
MARGIN = 0.01  # share of refusals beyond half as many again as expected that adds nothing to the excess
EXCESS = 4.0  # refusals above what is expected that are too much, where some are expected
NOTHING_ELSE = 50.0  # the same while watching


class Chance:
    """The share of refusals that says nothing about how much is asked.

    None is expected at first, and every refusal is too many. When there is reason to believe that some come by chance,
    some hundred calls are watched while far less is asked than was taken before: what is refused then is refused by
    chance. From then on refusals are added up beyond half as many again as that share; only when the sum passes four
    are they too many.

    Examples
    --------
    >>> chance = Chance()
    >>> chance.note(True)
    >>> chance.too_much(0)
    True
    >>> chance.watch()
    >>> for number in range(1, 61):
    ...     chance.note(number % 10 == 0)
    >>> chance.share, chance.watching
    (0.1, False)
    >>> chance.note(True)
    >>> chance.too_much(0)
    False
    """

    def __init__(self) -> None:
        self.share = 0.0
        self._excess = 0.0
        self._left = 0  # calls to watch yet
        self._seen = 0  # refusals in this watch
        self._watched = self._refused = 0.0  # calls and refusals in all watches, earlier ones counting less

    @property
    def watching(self) -> bool:
        """Whether calls are watched, so that less is to be asked than is known to be taken."""
        return self._left > 0

    def too_much(self, open: int) -> bool:
        """Whether there were clearly more refusals lately than come by chance.

        ``open`` calls nothing has come of yet: refusals are quicker than replies, so most of them will be replies.
        """
        if self.watching:
            return self._excess > NOTHING_ELSE
        return self._excess - self._expected * open > EXCESS if self.share else self._excess > 0

    @property
    def _expected(self) -> float:
        return 1.5 * self.share + MARGIN

    def note(self, refused: bool, *, watched: bool = True) -> None:
        """An outcome; ``watched`` is False for a call that began before the watch did."""
        self._excess = max(0.0, self._excess + refused - self._expected)
        if not (self.watching and watched):
            return
        self._left -= 1
        self._watched += 1
        self._refused += refused
        self._seen += refused
        if self._seen >= ENOUGH or (self._left <= MOST_WATCHED - WATCHED and self._seen != 1):
            self._left = 0
        if not self._left:
            self.share = min(MOST_BY_CHANCE, self._refused / self._watched)
            self._excess = 0.0

    def watch(self) -> None:
        """Watch from now on; what was seen in earlier watches counts half."""
        self._left, self._seen = MOST_WATCHED, 0
        self._watched /= 2
        self._refused /= 2

    def settle(self) -> None:
        """Something was done about the excess."""
        self._excess = 0.0
