"""Which parts of a text are the answer, and which are a reasoning trace that the model left in it."""

from __future__ import annotations

import re

from halueval.records import Span

__all__ = ["answer_spans"]

_TAG = re.compile(
    r"<\s*(?P<slash>/?)\s*(?P<name>think|thinking|thoughts?|reasoning|reflection|scratchpad)(?:\s[^<>]{0,80})?>"
    r"|(?P<open>◁think▷|\[THINK\]|<\|begin_of_thought\|>|<\|channel\|>analysis<\|message\|>)"
    r"|(?P<close>◁/think▷|\[/THINK\]|<\|end_of_thought\|>|<\|channel\|>final<\|message\|>)"
    r"|(?P<around></?\s*(?:final_)?answer\s*>|<\|(?:begin|end)_of_solution\|>|<\|(?:end|return)\|>)",
    re.IGNORECASE,
)


def answer_spans(text: str) -> tuple[Span, ...]:
    """The parts of a text outside reasoning traces, in order, without white space at either end.

    A trace stands between ``<think>`` and ``</think>``; other names (thinking, thought, reasoning, reflection,
    scratchpad), any case, and the marks of other chat templates are known too. A closing tag with none open means that
    the template swallowed the opening one: all before it is trace. An opening tag that is never closed means that the
    model never came to its answer: nothing after it is answer. Inside a trace only tags of its own name count. Tags
    around the answer itself (``<answer>``) are left out of it.

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
    >>> answer_spans("<think>It is")
    ()
    """
    parts: list[tuple[int, int]] = []
    begun, depth = 0, 0
    trace = ""  # the name of the tag that opened the trace we are in
    for tag in _TAG.finditer(text):
        name = (tag["name"] or "").lower() or "mark"
        closes = bool(tag["slash"] or tag["close"])
        if tag["around"]:
            if not depth:
                parts.append((begun, tag.start()))
                begun = tag.end()
        elif depth:
            if name == trace:
                depth += -1 if closes else 1
                begun = tag.end()
        elif closes:
            parts, begun = [], tag.end()
        else:
            parts.append((begun, tag.start()))
            trace, depth = name, 1
    if not depth:
        parts.append((begun, len(text)))
    return tuple(span for start, end in parts for span in _trimmed(text, start, end))


def _trimmed(text: str, start: int, end: int) -> tuple[Span, ...]:
    said = text[start:end]
    left, right = len(said) - len(said.lstrip()), len(said.rstrip())
    return (Span(start + left, start + right),) if right > left else ()
