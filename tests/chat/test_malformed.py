"""Every malformed shape, asked for with a typical schema: counted as a failure, never a value."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from halueval.chat import ChatSession, ScriptedChat
from halueval.chat.loop import run
from halueval.chat.structured import KEPT, TRIES, ask, by_id, read_as
from halueval.records import ChatReply, ChatRequest, Failure

sys.path.insert(0, str(Path(__file__).parent))
from malformed import SHAPES, Format, Shape

QUOTE = "adults take 1 mg a day"
FORMAT = Format(
    {
        "verdicts": [
            {"id": "c1", "quote": QUOTE, "reason": "The same dose.", "label": "supported", "probability": 0.9},
            {"id": "c2", "quote": QUOTE, "reason": "Another dose.", "label": "refuted", "probability": 0.8},
        ]
    },
    rows="verdicts",
    id="id",
    label="label",
    probability="probability",
    quote="quote",
)
FIELDS = {
    "id": {"type": "string", "enum": ["c1", "c2"]},
    "quote": {"type": "string"},
    "reason": {"type": "string"},
    "label": {"type": "string", "enum": ["supported", "refuted", "not_enough_info"]},
    "probability": {"type": "number", "minimum": 0, "maximum": 1},
}
ROW = {"type": "object", "properties": FIELDS, "required": list(FIELDS), "additionalProperties": False}
SCHEMA = {
    "type": "object",
    "properties": {"verdicts": {"type": "array", "items": ROW, "minItems": 2, "maxItems": 2}},
    "required": ["verdicts"],
    "additionalProperties": False,
}
REQUEST = ChatRequest(({"role": "user", "content": "Judge c1 and c2."},), SCHEMA)
APPLICABLE = [shape for shape in SHAPES if shape.make(FORMAT) is not None]


def _read(text: str) -> list[str]:
    return [row["label"] for row in by_id(read_as(SCHEMA)(text)["verdicts"], ["c1", "c2"])]


def _asked(shape: Shape) -> tuple[list[str] | Failure, int]:
    text = shape.make(FORMAT)
    assert text is not None
    model = ScriptedChat(lambda _: ChatReply(text, finish_reason=shape.finish_reason))
    value, cost = run(ask(ChatSession(model), REQUEST, _read, stage="verification", item_id="a"))
    return value, cost.calls


def test_the_table_has_many_shapes_each_with_a_name_of_its_own() -> None:
    assert sum(shape.outcome == "failure" for shape in APPLICABLE) >= 60
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)
    texts = [shape.make(FORMAT) for shape in APPLICABLE]
    assert len(set(texts)) >= len(texts) - 2  # a sign left out may be the last one, and cut off differs in how it ended


@pytest.mark.parametrize("shape", [s for s in APPLICABLE if s.outcome == "failure"], ids=lambda s: s.name)
def test_a_malformed_reply_is_asked_for_again_and_then_counted(shape: Shape) -> None:
    value, calls = _asked(shape)
    assert isinstance(value, Failure)
    assert value.kind in {"unreadable_reply", "refused", "empty_reply"}
    # an empty one is asked for again by the session itself, as often
    assert (calls, value.attempts, value.item_id) == (TRIES, TRIES, "a")
    assert len(value.reply) <= KEPT
    assert len(value.message) < 600
    assert "\n" not in value.message


@pytest.mark.parametrize("shape", [s for s in APPLICABLE if s.outcome == "read"], ids=lambda s: s.name)
def test_a_reply_that_says_the_same_in_other_dress_is_read_at_once(shape: Shape) -> None:
    assert _asked(shape) == (["supported", "refuted"], 1)
