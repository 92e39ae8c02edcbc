"""Which parts of a text are the answer, and which are a reasoning trace that the model left in it."""

from __future__ import annotations

import re

from halueval.records import Span

__all__ = ["answer_spans"]

_TAG = re.compile(r"<\s*(/?)\s*(think|thinking|thought|reasoning|reflection|scratchpad)\s*>", re.IGNORECASE)


def answer_spans(text: str) -> tuple[Span, ...]:
    """The parts of a text outside reasoning traces, in order, without white space at either end.

    A trace stands between ``<think>`` and ``</think>`` (or thinking, thought, reasoning, reflection, scratchpad; in any
    case). A closing tag with none open means that the chat template swallowed the opening one: all before it is trace.
    An opening tag that is never closed means that the model never came to its answer: nothing after it is answer.
    Tags inside a trace count only by depth of the same name.

    Parameters
    ----------
    text : str
        A model's output, as it came. Without any tag the whole of it is the answer.

    Returns
    -------
    tuple of Span
        Empty where there is no answer. Offsets are those of ``text``.

    Examples
    --------
    >>> text = "<think>Is it safe? I guess.</think>It is safe."
    >>> [text[s.start:s.end] for s in answer_spans(text)]
    ['It is safe.']
    >>> answer_spans("<think>It is") == ()
    True
    """
    parts: list[tuple[int, int]] = []
    begun = 0
    open_name: str | None = None
    depth = 0
    for tag in _TAG.finditer(text):
        closing, name = bool(tag[1]), tag[2].lower()
        if open_name is None:
            if closing:
                parts = []  # all so far was trace
                begun = tag.end()
            else:
                parts.append((begun, tag.start()))
                open_name, depth = name, 1
        elif name == open_name:
            depth += -1 if closing else 1
            if depth == 0:
                open_name, begun = None, tag.end()
    if open_name is None:
        parts.append((begun, len(text)))
    spans = []
    for start, end in parts:
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip())
        end -= len(piece) - len(piece.rstrip())
        if start < end:
            spans.append(Span(start, end))
    return tuple(spans)
