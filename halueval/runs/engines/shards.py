"""What goes to a worker and what comes back: columns of numbers and JSON texts, for an engine to carry as it likes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, get_args

from halueval import errors
from halueval.errors import HaluevalError, RunError, RunStopped
from halueval.io.codec import decode, encode
from halueval.io.values import parse_json
from halueval.io.writing import json_line
from halueval.records import Cost, Failure, Response, Result, Stage

__all__ = ["RESULT", "SPENT", "STOPPED", "Columns", "Row", "columns_of", "merged", "records_in", "row_for", "shard_of"]

RESULT, SPENT, STOPPED = "result", "spent", "stopped"
Columns: TypeAlias = Mapping[str, Sequence[Any]]
Row: TypeAlias = tuple[str, int, str]  # a kind, a position (-1 where there is none), JSON


def shard_of(numbered: Iterable[tuple[int, Response | Failure]]) -> dict[str, list[Any]]:
    """A shard as columns: positions, and the records as JSON.

    Examples
    --------
    >>> shard_of([(4, Response("a", "Yes."))])["position"]
    [4]
    """
    pairs = list(numbered)
    return {
        "position": [position for position, _ in pairs],
        "record": [
            json_line({"failure": encode(record)} if isinstance(record, Failure) else encode(record))
            for _, record in pairs
        ],
    }


def records_in(shard: Columns) -> Iterator[tuple[int, Response | Failure]]:
    """The records of a shard with their positions.

    Examples
    --------
    >>> [(position, record.id) for position, record in records_in(shard_of([(4, Response("a", "Yes."))]))]
    [(4, 'a')]
    """
    for position, text in zip(shard["position"], shard["record"], strict=True):
        value = parse_json(text)
        failed = isinstance(value, dict) and "failure" in value
        yield position, decode(Failure, value["failure"]) if failed else decode(Response, value)


def row_for(what: tuple[int, Result] | Mapping[Stage, Cost] | HaluevalError) -> Row:
    """A row of what a worker gives back: a result in its position, what was spent, or why it stopped."""
    if isinstance(what, tuple):
        return RESULT, what[0], json_line(encode(what[1]))
    if isinstance(what, Mapping):
        return SPENT, -1, json_line({stage: encode(cost) for stage, cost in what.items()})
    return STOPPED, -1, json.dumps({"error": type(what).__name__, "message": str(what)})


def columns_of(rows: Iterable[Row]) -> dict[str, list[Any]]:
    """Rows as columns."""
    kinds, positions, texts = zip(*rows, strict=True) if (rows := list(rows)) else ((), (), ())
    return {"kind": list(kinds), "position": list(positions), "text": list(texts)}


def merged(
    outputs: Iterable[Columns], sent: int, *, spend: Callable[[Stage, Cost], object] = lambda stage, cost: None
) -> Iterator[tuple[int, Result]]:
    """The results of all shards with their positions, in the order in which they come.

    Parameters
    ----------
    outputs : iterable of Columns
        What the workers gave back, in any order.
    sent : int
        How many records were sent.
    spend : callable
        Is told what was spent, by step.

    Raises
    ------
    RunStopped
        No other call of a chat model would succeed for some worker; after the results of all of them.
    HaluevalError
        What kept a worker from working, such as an index that is not there; at once.
    RunError
        A shard did not come back whole.

    Examples
    --------
    >>> from halueval.records import Extraction
    >>> done = columns_of([row_for((4, Result(Response("a", "Yes."), Extraction("a"))))])
    >>> [(position, result.response.id) for position, result in merged([done], 1)]
    [(4, 'a')]
    """
    stopped: RunStopped | None = None
    came = 0
    for output in outputs:
        for kind, position, text in zip(output["kind"], output["position"], output["text"], strict=True):
            if kind == RESULT:
                came += 1
                yield position, decode(Result, parse_json(text))
            elif kind == SPENT:
                for stage, cost in parse_json(text).items():
                    if stage in get_args(Stage):
                        spend(stage, decode(Cost, cost))
            else:
                error = _raised(parse_json(text))
                if not isinstance(error, RunStopped):
                    raise error
                stopped = stopped or error
    if stopped is not None:
        raise stopped
    if came != sent:
        raise RunError(
            f"{sent:,} answers were sent to workers, and {came:,} came back; the same command does the others"
        )


def _raised(said: Mapping[str, str]) -> HaluevalError:
    """The error that a worker met, of the kind that it was."""
    kind = getattr(errors, said["error"], RunError)
    return kind(said["message"]) if said["error"] in _PLAIN else RunError(said["message"])


# Those made of their text alone.
_PLAIN = frozenset(
    ("CorpusError", "IndexCorruptError", "InputError", "OutputError", "PluginError", "RunError", "RunStopped")
)
