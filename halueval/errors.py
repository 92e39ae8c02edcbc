"""The one tree of exceptions that halueval raises.

An exception stops a call: the file is missing, the index is corrupt, the plug-in does not exist. One bad record in
good input is never an exception; it is a :class:`halueval.records.Failure`, counted in the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halueval.records import FailureKind

__all__ = [
    "ChatError",
    "CorpusError",
    "HaluevalError",
    "IndexCorruptError",
    "InputError",
    "OutputError",
    "PluginError",
    "RunError",
    "RunStopped",
]


class HaluevalError(Exception):
    """Any error that halueval raises on purpose; its text names what was found, what was wanted and what to do."""


class InputError(HaluevalError):
    """Answers, claims or pairs that cannot be read at all: no such file, no usable column, nothing inside.

    Parameters
    ----------
    found : str
        What was found.
    wanted : str, optional
        What was wanted instead.
    todo : str, optional
        What the user can do.
    path : str, optional
        The file.
    line : int, optional
        The line in it, counted from 1.
    field : str, optional
        The field of the record.

    Examples
    --------
    >>> str(InputError("field 'answer' is a number", wanted="text", path="a.jsonl", line=3, field="answer"))
    "a.jsonl, line 3, field 'answer': field 'answer' is a number; wanted: text"
    """

    def __init__(
        self,
        found: str,
        *,
        wanted: str = "",
        todo: str = "",
        path: str = "",
        line: int | None = None,
        field: str = "",
    ) -> None:
        self.found, self.wanted, self.todo, self.path, self.line, self.field = found, wanted, todo, path, line, field
        super().__init__(located(found, wanted=wanted, todo=todo, path=path, line=line, field=field))


class CorpusError(InputError):
    """A corpus of evidence that cannot be read or has no text in it."""


class IndexCorruptError(InputError):
    """A folder that is not a halueval index, or one whose files are damaged or of another version."""


class OutputError(HaluevalError):
    """A result that cannot be written where it was asked for."""


class PluginError(HaluevalError):
    """A name that no installed extractor, retriever or verifier answers to, or one that breaks its contract."""


class RunError(HaluevalError):
    """A run folder that cannot be used: not a run, damaged, made with other settings."""


class RunStopped(HaluevalError):
    """Every call from here on would fail: a wrong key, no such model, an endpoint that is down, the money spent.

    What was finished is kept, and the run can go on once the cause is mended.
    """


class ChatError(HaluevalError):
    """One call of a chat model that brought no answer.

    Parameters
    ----------
    kind : str
        One of :data:`halueval.records.FAILURE_KINDS`: what the call is counted as if no other attempt helps.
    message : str
        One line: the model, the endpoint, what happened, what to do. Never a key.
    retry : bool
        Whether the same call may succeed a little later.
    retry_after : float, optional
        Seconds that the endpoint asked to wait.
    fatal : bool
        Whether every other call would fail in the same way: the run stops.
    unreachable : bool
        Whether no connection came about: an endpoint that is down fails every call.
    reply : str
        What was said, if anything.
    prompt_tokens, completion_tokens : int
        What the call was charged for all the same.
    dollars : float, optional
        What it cost, where the endpoint says.

    Examples
    --------
    >>> ChatError("rate_limited", "m at http://127.0.0.1: too many requests", retry=True).kind
    'rate_limited'
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        retry: bool = False,
        retry_after: float | None = None,
        fatal: bool = False,
        unreachable: bool = False,
        reply: str = "",
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        dollars: float | None = None,
    ) -> None:
        super().__init__(message)
        self.kind, self.retry, self.retry_after, self.fatal, self.reply = kind, retry, retry_after, fatal, reply
        self.unreachable = unreachable
        self.prompt_tokens, self.completion_tokens, self.dollars = prompt_tokens, completion_tokens, dollars


def located(
    found: str, *, wanted: str = "", todo: str = "", path: str = "", line: int | None = None, field: str = ""
) -> str:
    """One line that says where, what was found, what was wanted and what to do; parts that are empty are left out.

    Examples
    --------
    >>> located("not JSON", path="a.jsonl", line=2, todo="mend the line")
    'a.jsonl, line 2: not JSON. To mend it: mend the line'
    """
    parts = (path, f"line {line}" if line is not None else "", f"field {field!r}" if field else "")
    place = ", ".join(part for part in parts if part)
    text = f"{place}: {found}" if place else found
    text += f"; wanted: {wanted}" if wanted else ""
    return text + (f". To mend it: {todo}" if todo else "")
