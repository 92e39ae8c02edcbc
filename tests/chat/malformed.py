"""Replies that a chat model gives and nobody should read: a table of shapes, for whoever reads replies.

Each shape makes the text of a reply out of a well-formed one, so that the same table serves every plug-in, whatever the
format of its replies. A shape that means nothing in a format (the label, where there is none) makes None.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = ["SHAPES", "Format", "Shape"]

# failure: never a label; read: says the same in other dress; open: not enough info at most, or a claim without a place
Outcome: TypeAlias = Literal["failure", "read", "open"]


@dataclass(frozen=True)
class Format:
    """A well-formed reply and what its keys mean; "" where the format has no such key.

    ``rows`` is the key of the list of things that were asked about; without one, the reply itself is the only row.
    """

    reply: Mapping[str, Any]
    rows: str = ""
    id: str = ""
    label: str = ""
    probability: str = ""
    quote: str = ""
    flag: str = ""

    @property
    def text(self) -> str:
        return json.dumps(self.reply, ensure_ascii=False)

    @property
    def first(self) -> Mapping[str, Any]:
        """The first row."""
        row: Mapping[str, Any] = self.reply[self.rows][0] if self.rows else self.reply
        return row

    def with_rows(self, change: Callable[[list[dict[str, Any]]], Sequence[Any]]) -> str | None:
        """The reply with other rows."""
        if not self.rows:
            return None
        return json.dumps({**self.reply, self.rows: change(deepcopy(list(self.reply[self.rows])))}, ensure_ascii=False)

    def with_first(self, change: Callable[[dict[str, Any]], Any]) -> str:
        """The reply with another first row."""
        if not self.rows:
            return json.dumps(change(dict(self.reply)), ensure_ascii=False)
        changed = self.with_rows(lambda rows: [change(rows[0]), *rows[1:]])
        assert changed is not None
        return changed


@dataclass(frozen=True)
class Shape:
    name: str
    make: Callable[[Format], str | None]
    outcome: Outcome = "failure"
    finish_reason: str = "stop"


def _said(text: str) -> Callable[[Format], str]:
    return lambda _: text


def _around(before: str, after: str) -> Callable[[Format], str]:
    return lambda f: f"{before}{f.text}{after}"


def _cut(part: float) -> Callable[[Format], str]:
    return lambda f: f.text[: max(1, int(len(f.text) * part))]


def _without_end(count: int) -> Callable[[Format], str]:
    return lambda f: f.text[:-count]


def _set(role: str, value: Any) -> Callable[[Format], str | None]:
    """The first row with another value where the role's key stands."""

    def make(f: Format) -> str | None:
        key = getattr(f, role)
        return f.with_first(lambda row: {**row, key: value}) if key else None

    return make


def _raw(role: str, raw: str) -> Callable[[Format], str | None]:
    """The same with JSON (or what is none) written as it is."""
    marked = _set(role, "@@@")

    def make(f: Format) -> str | None:
        text = marked(f)
        return None if text is None else text.replace('"@@@"', raw, 1)

    return make


def _rows(change: Callable[[list[dict[str, Any]], Format], Sequence[Any]], *, by_id: bool = True) -> Any:
    return lambda f: f.with_rows(lambda rows: change(rows, f)) if f.id or not by_id else None


def _twice(f: Format) -> str:
    """The first key of the first row stands in it again, with the value in between changed: the last one would win."""
    key, value = next((k, v) for k, v in f.first.items() if k != f.id)
    again = f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
    return f.text.replace(again, f"{again}, {again}", 1)


def _label_twice(f: Format) -> str | None:
    if not f.label:
        return None
    own = f'"{f.label}": {json.dumps(f.first[f.label])}'
    return f.text.replace(own, f'"{f.label}": "refuted", {own}', 1)


def _table(separator: str) -> Callable[[Format], str]:
    def make(f: Format) -> str:
        cells = [str(value) for value in f.first.values()]
        return f"{separator.join(map(str, f.first))}\n{separator.join(cells)}"

    return make


def _xml(f: Format) -> str:
    return "<reply>" + "".join(f"<{key}>{value}</{key}>" for key, value in f.first.items()) + "</reply>"


def _noise(seed: int) -> Callable[[Format], str]:
    """One character of the reply's syntax left out, at a place drawn by the seed."""

    def make(f: Format) -> str:
        places = [i for i, character in enumerate(f.text) if character in '{}[]:,"']
        place = random.Random(seed).choice(places)
        return f.text[:place] + f.text[place + 1 :]

    return make


def _shapes() -> Iterator[Shape]:
    # nothing, or nothing of use
    for name, text in {
        "empty": "",
        "blanks": " \n\t ",
        "no-break space": "\u00a0",
        "a full stop": ".",
        "a colon": ":",
        "Solution": "Solution",
        "Thought process": "Thought process:",
        "Let's solve this": "Let's solve this problem step by step.",
        "a single brace": "{",
        "an empty fence": "```json\n```",
        "the word supported": "supported",
        "the word supported in quotes": '"supported"',
        "Yes": "Yes",
        "True": "True",
        "a score": "0.9",
        "null": "null",
        "true": "true",
        "an empty object": "{}",
        "an empty list": "[]",
        "a list of nulls": "[null, null]",
        "refusal": "I'm sorry, but I can't help with that.",
        "long refusal": "As an AI language model, I am not able to provide medical advice. Please consult a doctor.",
        "Chinese refusal": "抱歉，我无法回答这个问题。",
        "refusal as JSON": '{"error": "I cannot help with that."}',
        "prose": "The claim is supported by the first passage, which states the same dose.",
        "other language": "Die Behauptung wird durch den ersten Abschnitt gestützt.",
        "Chinese": "该说法得到第一段文字的支持。",
        "question back": "Which passage should I look at first?",
        "HTML error page": "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
        "JSON error": '{"error": {"message": "The server is overloaded", "type": "server_error", "code": 503}}',
        "server-sent events": 'data: {"choices": [{"delta": {"content": "{"}}]}\n\ndata: [DONE]\n',
        "tool call": '<tool_call>{"name": "judge", "arguments": {"label": "supported"}}</tool_call>',
        "repetition": "supported " * 3_000,
        "YAML": "verdicts:\n  - id: c1\n    label: supported\n    probability: 0.9\n",
        "thinking unclosed": "<think>The passage says the same dose, so the claim is supported",
        "the schema itself": '{"type": "object", "properties": {"label": {"enum": ["supported", "refuted"]}}}',
        "the example of the prompt": '{"verdicts": [{"id": "c1", "quote": "…", "label": "…", "probability": 0.9}]}',
        "code": "import json\nprint(json.dumps({'label': 'supported'}))",
        "code to be evaluated": "__import__('os').system('true')",
        "deep lists": "[" * 5_000 + "]" * 5_000,
        "deep objects": '{"a":' * 5_000 + "1" + "}" * 5_000,
        "a megabyte of text": "supported. " * 95_000,
        "a megabyte of brackets": "[" * 1_000_000,
        "a megabyte of quotes": '\\"' * 500_000,
        "a very long number": "9" * 100_000,
    }.items():
        yield Shape(name, _said(text))

    # the right JSON, and something else
    for name, (before, after) in {
        "prose before": ("Here is the result:\n", ""),
        "prose after": ("", "\n\nI hope this helps!"),
        "prose around": ("Sure!\n", "\nLet me know."),
        "a fence inside prose": ("Here you go:\n```json\n", "\n```\nDone."),
        "a fence that isn't closed": ("```json\n", ""),
        "a fence of another language": ("```python\n", "\n```"),
        "thinking before": ("<think>Dose is the same.</think>", ""),
        "thinking unclosed, with the JSON inside": ("<think>I would say ", ""),
        "lone end of thinking": ("Dose is the same.</think>", ""),
        "role before": ("assistant: ", ""),
        "end of turn after": ("", "<|im_end|>"),
        "byte order mark": ("\ufeff", ""),
        "zero-width space before": ("\u200b", ""),
        "NUL after": ("", "\x00"),
        "a list of one": ("[", "]"),
        "a comment before": ("// the verdicts\n", ""),
        "semicolon after": ("", ";"),
        "one brace too many": ("", "}"),
        "parentheses": ("(", ")"),
        "assignment": ("result = ", ""),
    }.items():
        yield Shape(name, _around(before, after))
    yield Shape("two values", lambda f: f"{f.text}\n{f.text}")
    yield Shape("two values, the second the other way", lambda f: f"{f.text} {f.text.replace('supported', 'refuted')}")
    yield Shape("two fences", lambda f: f"```json\n{f.text}\n```\n```json\n{f.text}\n```")
    yield Shape("JSON in a JSON text", lambda f: json.dumps(f.text))
    yield Shape("inside another object", lambda f: json.dumps({"result": f.reply}, ensure_ascii=False))
    yield Shape("lines of JSON", lambda f: "\n".join([json.dumps(f.first, ensure_ascii=False)] * 2))

    # nearly JSON
    for part in (0.1, 0.3, 0.5, 0.7, 0.9):
        yield Shape(f"cut off after {part:.0%}", _cut(part), finish_reason="length")
    for count in (1, 2, 3):
        yield Shape(f"without the last {count}", _without_end(count))
    for seed in range(4):
        yield Shape(f"a sign left out ({seed})", _noise(seed))
    yield Shape("trailing comma", lambda f: f"{f.text[:-1]},}}")
    yield Shape("leading comma", lambda f: f"{{,{f.text[1:]}")
    yield Shape("single quotes", lambda f: str(dict(f.reply)))
    yield Shape("curly quotes", lambda f: f.text.replace('"', "”"))
    yield Shape("full-width brackets", lambda f: f"｛{f.text[1:-1]}｝")
    yield Shape("keys without quotes", lambda f: f.text.replace(f'"{next(iter(f.first))}"', next(iter(f.first))))
    yield Shape("a bare line break in a text", lambda f: f.with_first(lambda r: r).replace(': "', ': "\n', 1))
    yield Shape("a comment inside", lambda f: f"{f.text[:1]} /* checked */ {f.text[1:]}")
    yield Shape("XML", _xml)
    yield Shape("CSV", _table(","))
    yield Shape("Markdown table", _table(" | "))
    yield Shape("a key twice", _twice)
    yield Shape("the label twice", _label_twice)

    # JSON of another shape
    yield Shape("rows alone", lambda f: json.dumps(list(f.reply[f.rows])) if f.rows else None)
    yield Shape("first row alone", lambda f: json.dumps(f.first) if f.rows else None)
    yield Shape("rows by id", _rows(lambda rows, f: {row[f.id]: row for row in rows}))  # type: ignore[arg-type,return-value]
    yield Shape("rows are null", lambda f: json.dumps({**f.reply, f.rows: None}) if f.rows else None)
    yield Shape("rows are texts", _rows(lambda rows, f: [str(row) for row in rows], by_id=False))
    yield Shape("keys in capitals", lambda f: f.with_first(lambda row: {key.upper(): row[key] for key in row}))
    yield Shape("keys with a blank", lambda f: f.with_first(lambda row: {f"{key} ": row[key] for key in row}))
    yield Shape("zero-width keys", lambda f: f.with_first(lambda row: {f"{key}\u200b": row[key] for key in row}))
    yield Shape("an extra key", lambda f: f.with_first(lambda row: {**row, "confidence": "high"}))
    yield Shape("an extra key outside", lambda f: json.dumps({**f.reply, "__proto__": {"label": "supported"}}))
    yield Shape("first row empty", lambda f: f.with_first(lambda row: {}))
    yield Shape("first row null", _rows(lambda rows, f: [None, *rows[1:]], by_id=False))
    yield Shape("a lone surrogate", lambda f: f.with_first(lambda r: r).replace(': "', ': "\\ud800', 1))
    yield Shape("a control character", lambda f: f.with_first(lambda r: r).replace(': "', ': "\\u0007', 1))
    yield Shape("a megabyte in a text", lambda f: f.with_first(lambda r: r).replace(': "', ': "' + "a" * 1_000_000, 1))

    # ids and counts
    yield Shape("one row missing", _rows(lambda rows, f: rows[1:]))
    yield Shape("no rows", _rows(lambda rows, f: []))
    yield Shape("one row too many", _rows(lambda rows, f: [*rows, {**rows[0], f.id: "c9"}]))
    yield Shape("a row twice", _rows(lambda rows, f: [*rows, rows[0]]))
    yield Shape("an id twice", _rows(lambda rows, f: [{**row, f.id: rows[0][f.id]} for row in [rows[0], *rows]]))
    yield Shape("a thousand rows", _rows(lambda rows, f: rows * 500))
    for name, value in {
        "unknown id": "c77",
        "id in capitals": "C1",
        "id null": None,
        "id with a blank": "c1 ",
        "zero-width id": "c\u200b1",
    }.items():
        yield Shape(name, _set("id", value))

    yield Shape(
        "id of another type",
        lambda f: _set("id", 1 if isinstance(f.first.get(f.id), str) else "1")(f) if f.id else None,
    )

    # labels
    for name, value in {
        "label in capitals": "SUPPORTED",
        "label with a capital": "Supported",
        "label with blanks": " supported ",
        "label with a full stop": "supported.",
        "label in other words": "entailment",
        "label in another language": "支持",
        "label yes": "yes",
        "label true": True,
        "label as a number": 1,
        "label as a list": ["supported"],
        "label as an object": {"supported": 0.9},
        "label null": None,
        "label empty": "",
        "two labels": "supported|refuted",
        "label with a line break": "supported\n",
        "zero-width label": "supp\u200borted",
        "right-to-left label": "\u202esupported",
        "full-width label": "ｓｕｐｐｏｒｔｅｄ",
        "Cyrillic label": "ѕuрроrtеd",
        "label as JSON": '{"label": "supported"}',
        "label with hyphens": "not-enough-info",
    }.items():
        yield Shape(name, _set("label", value))
    yield Shape(
        "no label", lambda f: f.with_first(lambda r: {k: v for k, v in r.items() if k != f.label}) if f.label else None
    )

    # numbers
    for name, raw in {
        "probability as text": '"0.9"',
        "probability in words": '"high"',
        "probability in per cent": '"90%"',
        "probability 90": "90",
        "probability 1.5": "1.5",
        "probability negative": "-0.1",
        "probability NaN": "NaN",
        "probability Infinity": "Infinity",
        "probability minus Infinity": "-Infinity",
        "probability 1e999": "1e999",
        "probability of many digits": "1" + "0" * 400,
        "probability null": "null",
        "probability true": "true",
        "probability as a list": "[0.9]",
        "probability .9": ".9",
        "probability with a comma": "0,9",
        "probability in Python": "None",
    }.items():
        yield Shape(name, _raw("probability", raw))

    # other fields
    for name, value in {
        "quote null": None,
        "quote as a list": ["a", "b"],
        "quote as a number": 5,
        "quote false": False,
    }.items():
        yield Shape(name, _set("quote", value))
    for name, value in {"flag as text": "true", "flag as a number": 1, "flag null": None}.items():
        yield Shape(name, _set("flag", value))
    yield Shape("quote empty", _set("quote", ""), "open")
    yield Shape("quote from nowhere", _set("quote", "zebras graze on quartz at noon"), "open")

    # what has to be read: it says the same
    yield Shape("well-formed", lambda f: f.text, "read")
    yield Shape("white space around", lambda f: f"\n\n  {f.text}\n\t", "read")
    yield Shape("indented", lambda f: json.dumps(f.reply, indent=2), "read")
    yield Shape("in a fence", lambda f: f"```json\n{f.text}\n```", "read")
    yield Shape("escaped", lambda f: json.dumps(f.reply, ensure_ascii=True), "read")
    yield Shape("keys in another order", lambda f: f.with_first(lambda row: dict(reversed(row.items()))), "read")
    yield Shape("rows in another order", _rows(lambda rows, f: rows[::-1]), "read")


SHAPES: tuple[Shape, ...] = tuple(_shapes())
