"""What of the input is still to be done, and keeping what was done: the two ends of a run that can be killed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

from halueval.errors import RunError
from halueval.io.codec import encode
from halueval.records import Failure, Response, Result
from halueval.runs.journal import UNREADABLE, Journal, response_digest

__all__ = ["keep", "settled", "to_do"]

_WINDOW = 1_000  # positions looked up at once
_UNDER_WAY = 256  # results that wait for the disk, at most
_RARELY = 0.25  # seconds between two results from which on the disk is waited for at once


def to_do(
    records: Iterable[Response | Failure], journal: Journal, *, answers: int | None = None, whole: bool = True
) -> Iterator[tuple[int, Response | Failure]]:
    """The records that have no result yet, with their positions; the others are compared, and not decoded.

    Parameters
    ----------
    records : iterable of Response or Failure
        The input, from its beginning.
    journal : Journal
        With the results that are there.
    answers : int, optional
        How many there were when the run was finished: then there may be no more of them. In a run that never was, what
        failed for a reason that may have passed is to be done as well: a call that ran out of time, was refused or
        failed at the provider, and a record that could not be read. What went well in such an answer is in the cache of
        calls, and is not paid for again.

    whole : bool
        The input is given to its end.

    Raises
    ------
    RunError
        A record is not the one that there is a result of, or there are fewer records than results, or more answers
        than a finished run had.

    Examples
    --------
    >>> import tempfile
    >>> from halueval.records import Extraction
    >>> answers = [Response("a", "Yes."), Response("b", "No.")]
    >>> with Journal(tempfile.mkdtemp()) as journal:
    ...     journal.append(0, Result(answers[0], Extraction("a"))).result()
    ...     [(position, answer.id) for position, answer in to_do(answers, journal)]
    [(1, 'b')]
    """
    end, position, retry = journal.end(), -1, answers is None
    known: dict[int, tuple[bytes, bool]] = {}
    for position, record in enumerate(records):
        if position < end and position % _WINDOW == 0:
            known = journal.window(position, _WINDOW)
        response, failed = known.pop(position, (None, False))
        if response is None:
            if answers is not None and position >= answers:
                raise _other(journal, f"it was finished with {answers:,} answers, and now there are more")
            yield position, record
            continue
        digest = response_digest(record) if isinstance(record, Response) else UNREADABLE
        mended = retry and response == UNREADABLE and digest != UNREADABLE
        if digest != response and not mended:
            raise _other(journal, _difference(journal, position, record))
        if mended or (retry and failed):
            yield position, record
    if whole and position + 1 < end:
        raise _other(journal, f"it has a result for answer {end:,}, and now there are {position + 1:,} answers")


def keep(journal: Journal, results: Iterable[tuple[int, Result]]) -> Iterator[Result]:
    """Put results into the journal, whatever order they come in, and give each back when it is durable.

    Many results that come at once share one wait for the disk; memory does not grow with their number.

    Raises
    ------
    RunError
        They cannot be written.
    """
    waiting: deque[tuple[Future[None], Result]] = deque()
    last = 0.0
    try:
        for position, result in results:
            waiting.append((journal.append(position, result), result))
            rare = time.monotonic() - last > _RARELY
            while waiting and (rare or len(waiting) > _UNDER_WAY or waiting[0][0].done()):
                waiting[0][0].result()
                yield waiting.popleft()[1]
            last = time.monotonic()
    finally:
        journal.flush()
    for written, result in waiting:
        written.result()
        yield result


def settled(journal: Journal, *, answers: int | None = None) -> int:
    """How many of the results that are there stay as they are; ``answers`` as in :func:`to_do`."""
    starts = range(0, journal.end(), _WINDOW)
    kept = (state for start in starts for state in journal.window(start, _WINDOW).values())
    return sum(answers is not None or not again for _, again in kept)


def _other(journal: Journal, said: str) -> RunError:
    return RunError(
        f"{journal.path.parent}: the run was begun with other input: {said}. To mend it: go on with the same answers, "
        "name another folder, or begin anew (--overwrite)"
    )


def _difference(journal: Journal, position: int, now: Response | Failure) -> str:
    then, answer = journal.at(position), f"answer {position + 1:,}"
    if then is None or isinstance(now, Failure):
        return f"{answer} cannot be read now" if isinstance(now, Failure) else f"{answer} could not be read then"
    if now.id != then.response.id:
        return f"{answer} was {then.response.id!r:.80} then, and is {now.id!r:.80} now"
    old, new = encode(then.response), encode(now)
    return f"{answer} ({now.id!r:.80}) has another {', '.join(name for name in old if old[name] != new[name])} now"
