"""What every command does alike: how it says things, counts what failed, and ends.

Exit codes: 0 all well; 2 input, a plug-in, a corpus or a path that cannot be used, and nothing was written; 3 results
were written, but some records or claims failed; 4 the run stopped, since no other call of a chat model would succeed,
and can be gone on with; 130 interrupted, 143 terminated; 1 a fault of halueval's own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import typer
from typer.core import TyperGroup

from halueval.errors import HaluevalError, RunStopped
from halueval.records import Failure, Result

__all__ = ["PARTLY", "STOPPED", "Failures", "HaluevalGroup", "Options", "resumable", "say"]

UNUSABLE, PARTLY, STOPPED, INTERRUPTED, FAULT = 2, 3, 4, 130, 1
_SHOWN = 3

# Typer's settings for each of our command groups: plain help that a screen reader and a pipe can read.
Options: dict[str, Any] = {"rich_markup_mode": None, "no_args_is_help": True, "add_completion": False}


def say(text: str) -> None:
    """One line on stderr, whatever is in the text: nothing from a file reaches the terminal as a command."""
    from halueval.io.values import one_line

    print(f"halueval: {one_line(text)}", file=sys.stderr)


class HaluevalGroup(TyperGroup):
    """Commands whose errors are one line and an exit code, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except HaluevalError as error:
            say(str(error))
            raise typer.Exit(UNUSABLE) from None
        except KeyboardInterrupt as stop:
            say(f"interrupted; {str(stop) or 'nothing half-written is left under the name of the output'}")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # the reader, `head` say, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except OSError as error:
            say(str(error))
            raise typer.Exit(UNUSABLE) from None
        except Exception as error:
            if isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "exit_code"):
                raise
            if os.environ.get("HALUEVAL_DEBUG"):
                raise
            say(f"a fault of halueval's own: {type(error).__name__}: {error} (HALUEVAL_DEBUG=1 shows where)")
            raise typer.Exit(FAULT) from None


@contextmanager
def resumable(partial: str | os.PathLike[str]) -> Iterator[None]:
    """Ends with its own exit code where the run stops and something is left at this path to go on with."""
    try:
        yield
    except RunStopped as stop:
        if not os.path.exists(partial):
            raise
        say(str(stop))
        raise typer.Exit(STOPPED) from None


@dataclass
class Failures:
    """The failures of a run, counted, the first few kept to be said."""

    counts: dict[str, int] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)
    total: int = 0

    def add(self, item: Failure) -> None:
        """Count one."""
        self.counts[item.stage] = self.counts.get(item.stage, 0) + 1
        if len(self.first) < _SHOWN:
            self.first.append(item.message if item.stage == "input" else f"{item.item_id}: {item.message}")

    def see(self, *items: object) -> None:
        """Count one item of the work, and the failures among and inside what became of it."""
        self.total += 1
        for item in items:
            for found in _failures(item):
                self.add(found)

    def finish(self, where: str) -> None:
        """Say what failed, and end with its exit code if anything did."""
        if not self.counts:
            return
        counts = ", ".join(
            f"{n} in {stage}" if stage != "input" else f"{n} bad input" for stage, n in self.counts.items()
        )
        count = sum(self.counts.values())
        where = "standard output" if where == "-" else where
        say(f"{count} failed ({counts}) of {self.total}; the others are in {where}. The first of them:")
        for message in self.first:
            say(f"  {message}")
        raise typer.Exit(PARTLY)


def _failures(item: object) -> Iterator[Failure]:
    if isinstance(item, Failure):
        yield item
    elif isinstance(item, Result):
        yield from item.failures
