"""The name of an engine: ``"ray"``, or ``"ray:8"`` for so many workers."""

from __future__ import annotations

from halueval.errors import InputError

__all__ = ["require_engine", "workers_named"]


def workers_named(engine: str) -> int | None:
    """How many workers the name of an engine asks for; None where it leaves that to the engine.

    Raises
    ------
    InputError
        No such engine, or no number of workers.

    Examples
    --------
    >>> workers_named("ray:8"), workers_named("ray")
    (8, None)
    """
    name, colon, number = engine.partition(":") if isinstance(engine, str) else ("", "", "")
    if name == "ray" and not colon:
        return None
    if name == "ray" and number.isdecimal() and number.isascii() and 0 < int(number) <= 100_000:
        return int(number)
    raise InputError(f"found {engine!r:.80}", wanted="'ray', or 'ray:N' for N workers", field="engine")


def require_engine(engine: str, run: object) -> None:
    """Refuse an engine that there is not, and one without a run to put results into.

    Raises
    ------
    InputError
        Says which.

    Examples
    --------
    >>> require_engine("ray", "runs/a")
    """
    workers_named(engine)
    if run is None:
        raise InputError("an engine without a run", wanted="run=FOLDER as well: results go there", field="engine")
