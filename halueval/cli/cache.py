"""What was paid for and kept: ``cache stats``, ``cache verify``, ``cache prune``, and ``cache claims``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from halueval.cli.cache_claims import claims
from halueval.cli.options import AsJson
from halueval.cli.session import PARTLY, Options, say
from halueval.errors import InputError

if TYPE_CHECKING:
    from halueval.runs.cache import CacheStats

__all__ = ["cache"]

cache = typer.Typer(help="Look at, check and prune what models said and retrievers found, as it was kept.", **Options)
cache.add_typer(claims, name="claims")

_MEGABYTE = 1_000_000
_SHOWN = 20

_Cache = Annotated[
    str, typer.Argument(metavar="CACHE", help="A file that --cache named, or the folder of a run with its own.")
]


@cache.command()
def stats(file: _Cache, as_json: AsJson = False) -> None:
    """What a cache holds: how many replies and passages, of which models and retrievers, from when, how large.

    \b
    Example:
      halueval cache stats RUN
    """
    from halueval.runs.cache import CallCache

    place = _place(file)
    with CallCache(place, read_only=True) as opened:
        _show(place, opened.stats(), as_json)


@cache.command()
def verify(file: _Cache) -> None:
    """Read every entry, and put aside those that aren't what was written.

    They stay in the file, in a table of their own, and are asked for anew when they are next needed. Exit code 3 if
    there were any.

    \b
    Example:
      halueval cache verify calls.sqlite
    """
    from halueval.runs.cache import CallCache

    place = _place(file)
    with CallCache(place) as opened:
        bad, damaged = opened.verify(), opened.set_aside()
        held = opened.stats()
    typer.echo(f"{place}: {held.replies + held.passages:,} entries are whole, {len(bad):,} were put aside")
    for entry in bad[:_SHOWN]:
        say(f"the entry {entry.key} {entry.why}")
    if len(bad) > _SHOWN:
        say(f"and {len(bad) - _SHOWN:,} more")
    if bad or damaged:
        raise typer.Exit(PARTLY)


@cache.command()
def prune(
    file: _Cache,
    max_megabytes: Annotated[
        float | None,
        typer.Option(metavar="MB", min=0, help="Delete what was used least recently until the file is no larger."),
    ] = None,
    older_than_days: Annotated[
        float | None, typer.Option(metavar="DAYS", min=0, help="Delete what wasn't used for so long.")
    ] = None,
) -> None:
    """Make a cache smaller. What is deleted is paid for again if it is asked again.

    \b
    Example:
      halueval cache prune calls.sqlite --max-megabytes 500
    """
    from halueval.runs.cache import CallCache

    if max_megabytes is None and older_than_days is None:
        raise InputError("nothing to prune by", wanted="--max-megabytes, --older-than-days, or both")
    place = _place(file)
    with CallCache(place) as opened:
        before = opened.stats()
        bound = None if max_megabytes is None else int(max_megabytes * _MEGABYTE)
        left = opened.prune(max_bytes=bound, older_than_days=older_than_days)
    gone = before.replies + before.passages - left.replies - left.passages
    typer.echo(f"{place}: {gone:,} entries deleted, {left.replies + left.passages:,} left, {_size(left)}")


def _place(file: str) -> Path:
    """The file of a cache; looking at one never makes one."""
    from halueval.runs.folder import CALLS

    place = Path(file) / CALLS if Path(file).is_dir() else Path(file)
    if not place.is_file():
        raise InputError("no cache there", wanted="a file that --cache named, or the folder of a run", path=str(place))
    return place


def _show(place: Path, held: CacheStats, as_json: bool) -> None:
    if as_json:
        import json

        typer.echo(json.dumps(asdict(held), indent=1))
        return
    typer.echo(f"{place}: {held.replies:,} replies, {held.passages:,} retrievals, {_size(held)}")
    for source, number in held.sources.items():
        typer.echo(f"  {number:>10,}  {source}")
    if held.oldest is not None and held.newest is not None:
        first, last = _day(held.oldest), _day(held.newest)
        typer.echo(f"  made on {first}" if first == last else f"  made from {first} to {last}")
    if held.set_aside:
        entries = "entry was" if held.set_aside == 1 else "entries were"
        typer.echo(f"  {held.set_aside:,} damaged {entries} put aside")


def _size(held: CacheStats) -> str:
    return f"{held.bytes / _MEGABYTE:,.1f} MB"


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
