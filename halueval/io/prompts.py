"""Prompts from whatever holds them: responses that are still to be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from halueval.io.columns import Columns, choose_columns
from halueval.io.records import FieldError, Records, id_in, look_ahead
from halueval.io.responses import Reader, context_in, known_id, messages_in, metadata_in, prompt_in
from halueval.io.sources import open_source
from halueval.records import Failure, Response, derived_id

__all__ = ["read_prompts"]


def read_prompts(
    source: object,
    *,
    prompt: str | None = None,
    messages: str | None = None,
    id: str | None = None,
    group: str | None = None,
    context: str | None = None,
) -> Records[Response]:
    """Prompts in a file, a table or an iterable: each a ``Response`` without its text, or the ``Failure`` to read it.

    Parameters
    ----------
    source : path, datasets.Dataset, pandas.DataFrame or iterable
        As :func:`halueval.io.read_responses` takes them; a bare text is a prompt, and of a ``Response`` all but its
        text and its model is.
    prompt, messages, id, group, context : str, optional
        The columns; one that is not named is guessed from :data:`halueval.io.columns.COMMON_NAMES`, the context
        never. A prompt is a text or a list of ``{role, content}``; messages are asked where there is no prompt, or
        where they are named. A last message of the assistant is left out: it is what is to be said anew.
        ``context`` is what the answer is to be judged by; it is kept and not asked.

    Returns
    -------
    Records
        An iterator. Ids are the user's or derived from what is asked; the group is the user's or the id. Columns
        without a role become ``metadata``.

    Raises
    ------
    InputError
        No such file, nothing in it, no column for the prompts, no good record at all.

    Examples
    --------
    >>> read = read_prompts([{"question": "Is it safe?", "qid": 7}, {"question": " ", "qid": 8}])
    >>> print(read.columns)
    prompt from 'question' (guessed), id from 'qid' (guessed), group from 'qid' (guessed)
    >>> next(read).prompt, next(read).message
    ('Is it safe?', "the records given, row 2, field 'question': found nothing to ask; wanted: a prompt")
    """
    if isinstance(source, Response):
        source = [source]
    found, opened = look_ahead(open_source(source))
    named = dict(prompt=prompt, messages=messages, id=id, group=group) | ({"context": context} if context else {})
    columns = choose_columns(found, named, opened.name) if found else None
    if columns is not None and columns.prompt is not None and columns.messages is not None:
        chosen = replace(columns, messages=None) if messages is None else replace(columns, prompt=None)
        columns = replace(chosen, prompt_input=columns.prompt_input if chosen.prompt else None)
    reader = Reader(columns, opened, _prompt, _bare, shared_id=id is None)
    field = (columns.prompt or columns.messages or "") if columns is not None else ""
    records = Records(opened, lambda row: _checked(reader.read(row), field), partial(known_id, columns))
    records.columns = columns
    return records


def _bare(text: str) -> Response:
    return Response(derived_id(text), "", prompt=text)


def _prompt(record: Mapping[str, Any], columns: Columns) -> Response:
    """What a record asks, as a response without its text; its id is empty where the record has none."""
    asks = prompt_in(record, columns) if columns.prompt is not None else messages_in(record, columns.messages)
    return Response(
        id_in(record, columns.id),
        "",
        prompt=asks if isinstance(asks, str) else None,
        messages=asks if isinstance(asks, tuple) else (),
        context=context_in(record, columns.context),
        group=id_in(record, columns.group) or None,
        metadata=metadata_in(record, set(columns.named().values())),
    )


def _checked(item: Response | Failure, field: str) -> Response | Failure:
    """The prompt with its group, if there is something in it to ask."""
    if isinstance(item, Failure):
        return item
    messages = item.messages[:-1] if item.messages and item.messages[-1]["role"] == "assistant" else item.messages
    if not (item.prompt or "").strip() and not any(m["role"] == "user" and m["content"].strip() for m in messages):
        raise FieldError("found nothing to ask", "a prompt", field)
    return replace(item, text="", model=None, messages=messages, group=item.group or item.id)
