"""The store of verified claims: ``cache claims list``, ``export``, ``expire``, ``pin``, ``unpin``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from halueval.cli.options import OutputFile
from halueval.cli.session import PARTLY, Options, say
from halueval.errors import InputError

if TYPE_CHECKING:
    from halueval.runs.verified_claims import VerifiedClaims

__all__ = ["claims"]

claims = typer.Typer(help="See, export, expire and pin the verdicts of a store of verified claims.", **Options)

_WIDE = 100  # characters of a claim in a list

_Store = Annotated[str, typer.Argument(metavar="STORE", help="A file that `halueval run --claims-store` made.")]
_Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="As `list` shows them.")]


@claims.command("list")
def list_(store: _Store) -> None:
    """List what is kept, the oldest first: a line of id, date, verdict, verifier and claim, pinned ones marked.

    \b
    Example:
      halueval cache claims list claims.sqlite
    """
    from halueval.io.values import one_line

    with _opened(store, read_only=True) as opened:
        for entry in opened.entries():
            claim = entry.claim if len(entry.claim) <= _WIDE else entry.claim[: _WIDE - 1] + "…"
            mark = "pinned" if entry.pinned else ""
            label = entry.verdict.label
            said = f"{entry.id}  {entry.date[:10]}  {mark:6}  {label:15}  {entry.scope.verifier}  {claim}"
            typer.echo(one_line(said))


@claims.command()
def export(store: _Store, output: OutputFile = "-") -> None:
    """Write every entry as a line of JSON: claim, verdict with its evidence, verifier, snapshot, scope, date, pinned.

    \b
    Example:
      halueval cache claims export claims.sqlite -o claims.jsonl.gz
    """
    from halueval.io import check_writable, write_jsonl

    check_writable(output)
    with _opened(store, read_only=True) as opened:
        write_jsonl(output, (entry.row() for entry in opened.entries()))


@claims.command()
def expire(
    store: _Store,
    older_than_days: Annotated[float, typer.Option(metavar="DAYS", min=0, help="How old an entry may be.")],
) -> None:
    """Drop the entries that are older; pinned ones stay. Their claims are then verified anew.

    \b
    Example:
      halueval cache claims expire claims.sqlite --older-than-days 180
    """
    with _opened(store) as opened:
        dropped = opened.expire(older_than_days)
        left = len(opened)
    typer.echo(f"{store}: {dropped:,} dropped, {left:,} left")


@claims.command()
def pin(store: _Store, ids: _Ids) -> None:
    """Keep entries whatever their age, and as they are: a new verdict doesn't take their place.

    \b
    Example:
      halueval cache claims pin claims.sqlite 5f0c9a1e2b3d4c5f
    """
    with _opened(store) as opened:
        typer.echo(f"{store}: {opened.pin(ids):,} pinned")


@claims.command()
def unpin(store: _Store, ids: _Ids) -> None:
    """Let entries go that were pinned: they age again like the others.

    \b
    Example:
      halueval cache claims unpin claims.sqlite 5f0c9a1e2b3d4c5f
    """
    with _opened(store) as opened:
        typer.echo(f"{store}: {opened.pin(ids, pinned=False):,} unpinned")


@contextmanager
def _opened(store: str, *, read_only: bool = False) -> Iterator[VerifiedClaims]:
    """The store, if it is there; what was damaged in it is named, and ends with its own exit code."""
    from halueval.runs.verified_claims import VerifiedClaims

    if not Path(store).is_file():
        raise InputError("no store of verified claims there", wanted="a file that --claims-store named", path=store)
    with VerifiedClaims(store, read_only=read_only) as opened:
        yield opened
        damaged = opened.set_aside()
    for line in damaged[:3]:
        say(line)
    if damaged:
        raise typer.Exit(PARTLY)
