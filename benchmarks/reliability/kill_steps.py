"""The named steps of a run, and how a run is made to die at one of them, in its own process alone.

Nothing in the package knows of this: what is wrapped are the parts that a user gives (an extractor, a model, a progress
function), the system's calls that put files in place, and the statements that reach SQLite.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.records import ChatReply, ChatRequest
from halueval.runs import database
from halueval.testing import LineExtractor

# name → the numbers of times at which the three lives that are killed die there
STEPS: dict[str, tuple[int, ...]] = {
    "folder made": (1, 1, 1),
    "before manifest.json is in place": (1, 1, 1),
    "after manifest.json is in place": (1, 1, 1),
    "journal.sqlite: before its tables": (1, 1, 1),
    "journal.sqlite: between its tables": (2, 2, 2),
    "journal.sqlite: tables made, not committed": (1, 1, 1),
    "journal.sqlite: tables committed": (1, 1, 1),
    "journal.sqlite: before the commit of about": (1, 1, 1),
    "journal.sqlite: after the commit of about": (1, 1, 1),
    "an answer is about to be split": (1, 1, 1),
    "a call is about to be sent": (9, 5, 2),
    "a reply came and is not kept": (9, 5, 2),
    "calls.sqlite: tables made, not committed": (1, 1, 1),
    "calls.sqlite: tables committed": (1, 1, 1),
    "calls.sqlite: before the commit of entries": (3, 2, 1),
    "calls.sqlite: after the commit of entries": (3, 2, 1),
    "journal.sqlite: before the commit of results": (2, 1, 1),
    "journal.sqlite: after the commit of results": (2, 1, 1),
    "a result is acknowledged": (5, 3, 1),
    "journal.sqlite: before the commit of spending": (1, 1, 1),
    "journal.sqlite: after the commit of spending": (1, 1, 1),
    "before report.json is in place": (1, 1, 1),
    "after report.json is in place": (1, 1, 1),
    "before report.md is in place": (1, 1, 1),
    "before report.html is in place": (1, 1, 1),
    "after report.html is in place": (1, 1, 1),
    "before manifest.json says finished": (2, 1, 1),
    "after manifest.json says finished": (2, 1, 1),
    "calls.sqlite: before it is closed": (1, 1, 1),
    "calls.sqlite: after it is closed": (1, 1, 1),
    "journal.sqlite: before it is closed": (1, 1, 1),
    "journal.sqlite: after it is closed": (1, 1, 1),
}
# while an old run is deleted, to begin anew in its folder
CLEARING: dict[str, tuple[int, ...]] = {f"{n} of the old files deleted": (n, 1, 1) for n in range(1, 8)}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def arrange(step: str, nth: int, run: Path) -> dict[str, Any]:
    """See to it that this process dies when it comes to a step for the nth time; gives the parts to run with."""
    left = nth

    def come() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            die()

    file, _, what = step.partition(": ")
    if what:
        _at_statement(run / file, what, come)
    elif step.endswith("is in place") or step.endswith("says finished"):
        when, name, *_ = step.split()
        _around(os, "replace", when, come, lambda source, target, *_, **__: Path(target) == run / name)
    elif step.endswith("of the old files deleted"):
        _around(os, "unlink", "after", come, lambda path, *_, **__: Path(path).parent == run)
    elif step == "folder made":
        _around(os, "mkdir", "after", come, lambda path, *_, **__: Path(path) == run)
    elif step == "a result is acknowledged":
        return {"progress": lambda result: come()}
    elif step == "an answer is about to be split":
        _around(LineExtractor, "extract", "before", come, lambda extractor, responses: bool(responses))
    else:
        _around_calls("before" if step == "a call is about to be sent" else "after", come)
    return {}


def _around_calls(when: str, come: Callable[[], None]) -> None:
    original = OpenAICompatibleChat.chat

    async def chat(self: OpenAICompatibleChat, request: ChatRequest) -> ChatReply:
        if when == "before":
            come()
        reply = await original(self, request)
        if when == "after":
            come()
        return reply

    OpenAICompatibleChat.chat = chat  # type: ignore[method-assign]


def _around(owner: Any, name: str, when: str, come: Callable[[], None], fits: Callable[..., bool]) -> None:
    original = getattr(owner, name)

    def called(*given: Any, **named: Any) -> Any:
        fit = fits(*given, **named)
        if fit and when == "before":
            come()
        done = original(*given, **named)
        if fit and when == "after":
            come()
        return done

    setattr(owner, name, called)


def _at_statement(path: Path, what: str, come: Callable[[], None]) -> None:
    """Count at statements on a file of ours: the making of its tables, commits by what they hold, and its end."""
    kind = database.Connection
    execute, close = kind.execute, kind.close
    written: dict[int, set[str]] = {}
    wanted = {
        "before its tables": ("before", "PRAGMA", "application_id"),
        "between its tables": ("before", "CREATE", ""),
        "tables made, not committed": ("before", "COMMIT", "TABLE"),
        "tables committed": ("after", "COMMIT", "TABLE"),
        "before it is closed": ("before", "CLOSE", ""),
        "after it is closed": ("after", "CLOSE", ""),
    }
    when, verb, table = wanted.get(what) or (what.split()[0], "COMMIT", what.split()[-1])

    def mine(connection: sqlite3.Connection, now: str, sql: str) -> None:
        if getattr(connection, "path", None) != path or now != when:
            return
        first, *rest = sql.split(maxsplit=1)
        if first != verb or (verb == "PRAGMA" and table not in sql):
            return
        if verb != "COMMIT" or table in written.get(id(connection), ()):
            come()

    def executed(self: Any, sql: str, *given: Any) -> Any:
        words = sql.split()
        alone = words[0] == "INSERT" and not self.in_transaction  # carried out and committed in one
        if words[0] == "BEGIN" or alone:
            written[id(self)] = set()
        if words[0] in ("CREATE", "INSERT"):
            written.setdefault(id(self), set()).add("TABLE" if words[0] == "CREATE" else _table(words))
        mine(self, "before", "COMMIT" if alone else sql)
        done = execute(self, sql, *given)
        mine(self, "after", "COMMIT" if alone else sql)
        return done

    def closed(self: Any) -> None:
        # the first connection of a run is for reading; the last one that writes is what matters
        counts = bool(written.get(id(self))) and getattr(self, "path", None) == path
        if counts:
            mine(self, "before", "CLOSE")
        close(self)
        if counts:
            mine(self, "after", "CLOSE")

    kind.execute = executed  # type: ignore[method-assign]
    kind.close = closed  # type: ignore[method-assign]


def _table(words: list[str]) -> str:
    """Of an INSERT: the name after INTO, without what is joined to it."""
    return words[words.index("INTO") + 1].partition("(")[0]
