"""Which column is which: named by the user, or guessed from a table of common names, and said either way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from halueval.errors import InputError

__all__ = ["COMMON_NAMES", "QUESTION_IDS", "Columns", "choose_columns", "folded"]

# In order of preference: the first name that the data has is taken. What only a model's output is called comes before
# "answer", which many sets use for the reference answer that a person wrote; what could be anything comes last.
COMMON_NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        "response", "model_response", "model_answer", "model_output", "completion", "generation", "generated_text",
        "generated_answer", "output", "prediction", "predicted_answer", "answer", "reply", "responses", "completions",
        "text", "content",
    ),
    "prompt": ("prompt", "question", "query", "instruction", "user_prompt", "user_message", "problem", "input"),
    "messages": ("messages", "conversation", "conversations", "chat", "dialogue", "dialog"),
    "id": ("id", "response_id", "answer_id", "completion_id", "record_id", "uid", "uuid", "_id", "key",
           "prompt_id", "question_id", "query_id", "qid"),
    "model": ("model", "model_name", "model_id", "generator", "generator_name", "llm"),
    "group": ("group", "group_id", "cluster", "cluster_id", "prompt_id", "question_id", "query_id", "qid"),
    "context": ("context", "contexts", "passages", "evidence", "retrieved_contexts", "documents", "reference_context"),
}  # fmt: skip

# The id of a question, not of an answer: where several answers share one, they are told apart ("q7", "q7#2").
QUESTION_IDS = frozenset(("prompt_id", "question_id", "query_id", "qid"))
_WEAK_TEXT = ("text", "content")  # taken only where there are no messages to take the answer from
_LIKE_TEXT = ("_response", "_answer", "_completion", "_output", "_generation")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column each part of a response was read from; None where there is none.

    ``guessed`` names the roles that were not named by the user; ``also`` the columns that a guess passed over.
    ``prompt_input`` is the second half of an instruction-with-input prompt: the two are read as one prompt.
    ``answers`` says whether there are answers at all, or prompts alone.
    """

    text: str | None = None
    prompt: str | None = None
    messages: str | None = None
    id: str | None = None
    model: str | None = None
    group: str | None = None
    context: str | None = None
    prompt_input: str | None = None
    guessed: tuple[str, ...] = ()
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: bool = True

    def named(self) -> dict[str, str]:
        """Role → column, for the roles that have one.

        Examples
        --------
        >>> Columns(text="answer", prompt="q").named()
        {'text': 'answer', 'prompt': 'q'}
        """
        roles = ("text", "prompt", "prompt_input", "messages", "id", "model", "group", "context")
        return {role: name for role in roles if (name := getattr(self, role)) is not None}

    def __str__(self) -> str:
        """As a report says it.

        Examples
        --------
        >>> print(Columns(text="output", prompt="q", guessed=("text",), also={"text": ("answer",)}))
        text from 'output' (guessed; also there: 'answer'), prompt from 'q'
        """
        said = []
        for role, name in self.named().items():
            also = f"; also there: {', '.join(map(repr, self.also[role]))}" if self.also.get(role) else ""
            said.append(f"{role} from {name!r}" + (f" (guessed{also})" if role in self.guessed else ""))
        if self.answers and self.text is None and self.messages is not None:
            said.append("text from the last message of the assistant")
        return ", ".join(said)


def choose_columns(found: Sequence[str], named: Mapping[str, str | None], where: str) -> Columns:
    """The columns to read: those that were named, else by the first of :data:`COMMON_NAMES` that is there.

    Names are compared exactly first, then without case, spaces and hyphens. A single column like ``gpt_response`` or
    ``final_answer`` is taken for the answer when nothing else is; two of that kind are an error, not a guess. Where no
    text is looked for (of prompts), a prompt or messages must be there.

    Parameters
    ----------
    found : sequence of str
        The columns there are.
    named : mapping
        Role → column, as the user said; only the roles in it are looked for.
    where : str
        The source, for messages.

    Raises
    ------
    InputError
        A named column is not there, or no column has the answers (the prompts).

    Examples
    --------
    >>> named = {"text": None, "prompt": None}
    >>> print(choose_columns(["question", "answer", "output"], named, "a.jsonl"))
    text from 'output' (guessed; also there: 'answer'), prompt from 'question' (guessed)
    """
    listed = ", ".join(repr(c) for c in found[:30]) + (", …" if len(found) > 30 else "") or "none"
    chosen: dict[str, Any] = {}
    also: dict[str, tuple[str, ...]] = {}
    for role, name in named.items():
        if name is None:
            continue
        if name not in found:
            raise InputError(f"no column {name!r} to read the {role} from; columns found: {listed}", path=where)
        chosen[role] = name
    taken = set(chosen.values())
    for role, names in COMMON_NAMES.items():
        if role not in named or role in chosen or (role == "text" and named.get("messages") is not None):
            continue
        there = [c for c in _matching(found, names) if c not in taken or c in QUESTION_IDS]
        if there:
            chosen[role], also[role] = there[0], tuple(there[1:])
    if "text" in named:
        _prefer_messages(chosen, named)
        if "text" not in chosen and "messages" not in chosen:
            _guess_by_ending(found, chosen, where)
    wanted, what = ("text", "answers") if "text" in named else ("prompt", "prompts")
    if wanted not in chosen and "messages" not in chosen:
        raise InputError(
            f"no column looks like the {what}; columns found: {listed}",
            wanted="one of " + ", ".join(COMMON_NAMES[wanted][:6]) + ", …",
            todo=f"name the column: {wanted}=… (on the command line: --{wanted}-column …)",
            path=where,
        )
    if chosen.get("prompt") == "instruction" and "input" in found and "prompt" not in _given(named):
        chosen["prompt_input"] = "input"
    guessed = tuple(role for role in chosen if role not in _given(named))
    return Columns(
        **chosen, guessed=guessed, also={r: a for r, a in also.items() if a and r in guessed}, answers="text" in named
    )


def _given(named: Mapping[str, str | None]) -> set[str]:
    return {role for role, name in named.items() if name is not None}


def _matching(found: Sequence[str], names: Sequence[str]) -> list[str]:
    """The columns that bear one of the names, in the order of the names; an exact one before a similar one."""
    exact = [name for name in names if name in found]
    similar = [c for name in names for c in found if folded(c) == name and c not in exact]
    return exact + similar


def folded(name: str) -> str:
    """The name without what people spell differently.

    Examples
    --------
    >>> folded("Prompt ID")
    'prompt_id'
    """
    return re.sub(r"[\s-]+", "_", name.strip()).lower()


def _prefer_messages(chosen: dict[str, Any], named: Mapping[str, str | None]) -> None:
    """A column called just "text" beside a conversation is more likely a rendering of it than the answer."""
    if "messages" in chosen and folded(chosen.get("text", "")) in _WEAK_TEXT and named.get("text") is None:
        del chosen["text"]


def _guess_by_ending(found: Sequence[str], chosen: dict[str, Any], where: str) -> None:
    like = [c for c in found if folded(c).endswith(_LIKE_TEXT) and c not in chosen.values()]
    if len(like) == 1:
        chosen["text"] = like[0]
    elif like:
        raise InputError(
            f"several columns could be the answers: {', '.join(map(repr, like))}",
            wanted="one of them",
            todo=f"name it: text={like[0]!r} (on the command line: --text-column {like[0]})",
            path=where,
        )
