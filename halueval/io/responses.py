"""Responses from whatever holds them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from halueval.compact import Numbering, Numbers
from halueval.io.codec import decode
from halueval.io.columns import QUESTION_IDS, Columns, choose_columns, folded
from halueval.io.records import FieldError, Records, id_in, look_ahead
from halueval.io.sources import Row, Source, open_source
from halueval.io.values import describe, mend, plain
from halueval.records import Failure, Response, derived_id

__all__ = [
    "Reader",
    "asked",
    "context_in",
    "conversation",
    "known_id",
    "messages_in",
    "metadata_in",
    "prompt_in",
    "read_responses",
]

_ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant", "ai": "assistant"}


def read_responses(
    source: object,
    *,
    text: str | None = None,
    prompt: str | None = None,
    messages: str | None = None,
    id: str | None = None,
    model: str | None = None,
    group: str | None = None,
    context: str | None = None,
) -> Records[Response]:
    """The answers in a file, a table or an iterable, one by one, each a ``Response`` or the ``Failure`` to read it.

    Parameters
    ----------
    source : path, datasets.Dataset, pandas.DataFrame or iterable
        A JSONL, JSON, Parquet or CSV file (gzip is unpacked), a dataset or a streaming one, a frame, or anything that
        yields mappings, texts or ``Response``.
    text, prompt, messages, id, model, group, context : str, optional
        The columns. One that is not named is guessed from :data:`halueval.io.columns.COMMON_NAMES`; the choice is the
        ``columns`` of what is returned. ``messages`` is a list of ``{role, content}``; without a column for the
        text, the assistant's last message is the response and those before it are its prompt.

    Returns
    -------
    Records
        An iterator. Ids are the user's, numbers become text, or derived from text, prompt and model where there is
        none. Columns that have no role become the response's ``metadata``; a mapping called "metadata" is it. A record
        with a ``failure`` and no answer, as ``halueval generate`` writes it, is that failure.

    Raises
    ------
    InputError
        No such file, nothing in it, no column for the answers, no good record at all.

    Examples
    --------
    >>> read = read_responses([{"question": "Is it safe?", "answer": "Yes.", "qid": 7}, {"question": "Why?", "qid": 8}])
    >>> print(read.columns)
    text from 'answer' (guessed), prompt from 'question' (guessed), id from 'qid' (guessed), group from 'qid' (guessed)
    >>> next(read).id
    '7'
    >>> print(next(read).message)
    the records given, row 2, field 'answer': missing; wanted: text
    """
    named = dict(text=text, prompt=prompt, messages=messages, id=id, model=model, group=group, context=context)
    if isinstance(source, Response):
        source = [source]
    found, opened = look_ahead(open_source(source))
    columns = choose_columns(found, named, opened.name) if found else None
    reader = Reader(columns, opened, _response, _bare, shared_id=id is None)
    records = Records(opened, reader.read, partial(known_id, columns))
    records.columns = columns
    return records


class Reader:
    """Rows to responses, with the ids that were seen.

    ``parse`` makes a response of a record, with an empty id where it has none; ``bare`` one of a text alone.
    """

    def __init__(
        self,
        columns: Columns | None,
        source: Source,
        parse: Callable[[Mapping[str, Any], Columns], Response],
        bare: Callable[[str], Response],
        *,
        shared_id: bool,
    ) -> None:
        self._columns, self._texts, self._place = columns, source.texts, source.place
        self._parse, self._bare = parse, bare
        self._shared = columns is not None and shared_id and folded(columns.id or "") in QUESTION_IDS
        self._seen = Numbering()  # the ids; beside it, in the same order, the row of each and how often it came
        self._rows, self._repeats = Numbers(), Numbers()

    def read(self, row: Row) -> Response | Failure:
        value = row.value
        if isinstance(value, Failure):
            return value
        if isinstance(value, Response):
            return self._accept(_checked(value), row, own_id=True)
        if isinstance(value, str) and self._texts:
            return self._accept(self._bare(mend(value)), row, own_id=False)
        if not isinstance(value, Mapping) or self._columns is None:
            wanted = "an object, a text or a Response" if self._texts else "an object"
            raise FieldError(f"found {describe(value)}", wanted)
        if isinstance(value.get("failure"), Mapping) and value.get(self._columns.text or "") is None:
            return decode(Failure, value["failure"])  # of an earlier step: it stays what it was
        response = self._parse(value, self._columns)
        own_id = bool(response.id)
        if not own_id:
            response = replace(response, id=derived_id(response.text, asked(response), response.model))
        return self._accept(response, row, own_id and not self._shared)

    def _accept(self, response: Response, row: Row, own_id: bool) -> Response:
        """The response under an id of its own. An id that isn't the answer's own may come again: it gets a number."""
        first = self._seen.find(response.id)
        if first is not None and own_id:
            raise FieldError(
                f"the id {response.id!r} occurs a second time (first in {self._place(self._rows[first])})",
                "an id that no other record has",
                (self._columns.id if self._columns else None) or "id",
                "duplicate_id",
            )
        if first is not None:
            base, number = response.id, self._repeats[first] + 1
            while self._seen.find(f"{base}#{number}") is not None:
                number += 1
            self._repeats[first] = number
            response = replace(response, id=f"{base}#{number}")
        self._seen.number(response.id)
        self._rows.append(row.number)
        self._repeats.append(1)
        return response


def _bare(text: str) -> Response:
    return Response(derived_id(text, None, None), text)


def asked(response: Response) -> str | None:
    """What was asked, as one text: what tells apart two equal answers that have no id."""
    if response.prompt is not None or not response.messages:
        return response.prompt
    return "\x1e".join(f"{m['role']}\x1d{m['content']}" for m in response.messages)


def known_id(columns: Columns | None, row: Row) -> str:
    if isinstance(row.value, Response):
        return row.value.id if isinstance(row.value.id, str) else ""
    try:
        return id_in(row.value, columns.id) if columns is not None and isinstance(row.value, Mapping) else ""
    except FieldError:
        return ""


def _checked(response: Response) -> Response:
    if not isinstance(response.text, str):
        raise FieldError(f"found {describe(response.text)}", "text", "text")
    if not isinstance(response.id, str) or not response.id:
        raise FieldError(f"found {describe(response.id)}", "text", "id")
    mended = mend(response.text)
    return response if mended == response.text else replace(response, text=mended)


def _response(record: Mapping[str, Any], columns: Columns) -> Response:
    """The response in a record; its id is empty where the record has none."""
    messages = messages_in(record, columns.messages)
    prompt = prompt_in(record, columns)
    if isinstance(prompt, tuple):
        messages, prompt = prompt, None
    if columns.text is not None:
        text = _text(record, columns.text)
        if messages and messages[-1] == {"role": "assistant", "content": text}:
            messages = messages[:-1]
    else:
        if not messages or messages[-1]["role"] != "assistant":
            found = f"the last message is the {messages[-1]['role']}'s" if messages else "no messages"
            raise FieldError(
                found, "a last message of the assistant, or a column with the answer", columns.messages or ""
            )
        text, messages = messages[-1]["content"], messages[:-1]
    used = set(columns.named().values())
    return Response(
        id_in(record, columns.id),
        text,
        prompt=prompt,
        messages=messages,
        context=context_in(record, columns.context),
        model=_name(record, columns.model),
        group=_name(record, columns.group),
        metadata=metadata_in(record, used),
    )


def metadata_in(record: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    """What has no role; what a mapping called "metadata" holds stands with it, the columns before it."""
    rest = {mend(str(name)): plain(value) for name, value in record.items() if name not in used}
    nested = rest.pop("metadata") if isinstance(rest.get("metadata"), dict) else {}
    return {**nested, **rest}


def _text(record: Mapping[str, Any], field: str) -> str:
    """The answer: a text, a message, or a conversation that ends with it."""
    if field not in record:
        raise FieldError("missing", "text", field)
    value = record[field] if isinstance(record[field], str) else plain(record[field])
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, Mapping) and isinstance(value.get("content"), str):
        return str(value["content"])
    if isinstance(value, list) and value and all(isinstance(m, Mapping) for m in value):
        last = conversation(value, field)[-1]
        if last["role"] == "assistant":
            return last["content"]
    raise FieldError(f"found {describe(value)}", "text", field)


def prompt_in(record: Mapping[str, Any], columns: Columns) -> str | tuple[Mapping[str, str], ...] | None:
    """What was asked: a text, or a conversation that is kept as messages."""
    value = plain(record.get(columns.prompt)) if columns.prompt is not None else None
    if isinstance(value, list) and value and all(isinstance(m, Mapping) for m in value):
        return conversation(value, columns.prompt or "")
    if value is not None and not isinstance(value, str):
        raise FieldError(f"found {describe(value)}", "text or a list of messages", columns.prompt or "")
    more = plain(record.get(columns.prompt_input)) if columns.prompt_input is not None else None
    return f"{value}\n\n{more}" if value and isinstance(more, str) and more else value


def messages_in(record: Mapping[str, Any], field: str | None) -> tuple[Mapping[str, str], ...]:
    value = plain(record.get(field)) if field is not None else None
    if value is None:
        return ()
    if not isinstance(value, list):
        raise FieldError(f"found {describe(value)}", "a list of {role, content}", field or "")
    return conversation(value, field or "")


def conversation(messages: Sequence[Any], field: str) -> tuple[Mapping[str, str], ...]:
    return tuple(_message(m, f"{field}[{i}]") for i, m in enumerate(messages))


def _message(message: Any, field: str) -> Mapping[str, str]:
    """One message; ``{from, value}`` and content in parts are known as well."""
    if not isinstance(message, Mapping):
        raise FieldError(f"found {describe(message)}", "an object with role and content", field)
    role = message.get("role", message.get("from"))
    content = message.get("content", message.get("value"))
    if isinstance(content, list) and all(isinstance(p, Mapping) for p in content):
        content = "".join(str(p["text"]) for p in content if isinstance(p.get("text"), str))
    if not isinstance(role, str):
        raise FieldError(f"found {describe(role)}", "text", f"{field}.role")
    if content is None and role != "assistant":
        content = ""  # a call to a tool says nothing
    if not isinstance(content, str):
        raise FieldError(f"found {describe(content)}", "text", f"{field}.content")
    return {"role": _ROLES.get(role, role), "content": content}


def context_in(record: Mapping[str, Any], field: str | None) -> tuple[str, ...]:
    value = plain(record.get(field)) if field is not None else None
    passages = [] if value is None else value if isinstance(value, list) else [value]
    texts = [p.get("text", p.get("content")) if isinstance(p, Mapping) else p for p in passages]
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            where = f"{field}[{i}]" if isinstance(value, list) else field or ""
            raise FieldError(f"found {describe(passages[i])}", "a text or a list of texts", where)
    return tuple(t for t in texts if t.strip())


def _name(record: Mapping[str, Any], field: str | None) -> str | None:
    return id_in(record, field) or None
