"""Prompts from every kind of table, and answers with failed ones among them."""

from __future__ import annotations

from typing import Any

import pytest

from halueval.errors import InputError
from halueval.io import read_prompts, read_responses
from halueval.records import Failure, Response

TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Is it safe?"}]
SAID = {"role": "assistant", "content": "Yes."}

RECORDS: list[tuple[str, dict[str, Any], dict[str, str], str | list[dict[str, str]]]] = [
    ("a text", {"question": "Why?"}, {}, "Why?"),
    ("a conversation called prompt", {"prompt": TALK}, {}, TALK),
    ("messages", {"messages": TALK}, {}, TALK),
    ("messages that end with an answer", {"messages": [*TALK, SAID]}, {}, TALK),
    ("a prompt before messages", {"prompt": "Why?", "messages": [*TALK, SAID]}, {}, "Why?"),
    ("messages that are named", {"prompt": "Why?", "messages": TALK}, {"messages": "messages"}, TALK),
    ("a column that is named", {"q": "How?", "question": "Why?"}, {"prompt": "q"}, "How?"),
    ("an instruction with its input", {"instruction": "Translate.", "input": "Oui"}, {}, "Translate.\n\nOui"),
    ("the other spelling of messages", {"conversations": [{"from": "human", "value": "Why?"}]}, {},
     [{"role": "user", "content": "Why?"}]),
]  # fmt: skip


@pytest.mark.parametrize(("record", "named", "asked"), [r[1:] for r in RECORDS], ids=[r[0] for r in RECORDS])
def test_what_is_asked(record: dict[str, Any], named: dict[str, str], asked: str | list[dict[str, str]]) -> None:
    read = next(read_prompts([record], **named))
    assert isinstance(read, Response)
    assert (read.prompt if isinstance(asked, str) else list(read.messages)) == asked
    assert (read.text, read.model, read.group) == ("", None, read.id)


def test_a_reference_answer_beside_the_prompt_is_kept_and_is_no_answer() -> None:
    read = next(read_prompts([{"id": 3, "question": "Why?", "answer": "Because.", "topic": "x"}]))
    assert isinstance(read, Response)
    assert (read.id, read.text, read.metadata) == ("3", "", {"answer": "Because.", "topic": "x"})


def test_answers_of_another_model_are_prompts_again() -> None:
    old = Response("a", "Yes.", prompt="Is it safe?", model="old", group="g")
    assert next(read_prompts([old])) == Response("a", "", prompt="Is it safe?", group="g")


@pytest.mark.parametrize("record", [{"prompt": " "}, {"prompt": None}, {"prompt": [SAID]}, {"prompt": 5}])
def test_nothing_to_ask_is_a_failure_in_its_place(record: dict[str, Any]) -> None:
    first, second = read_prompts([record, {"prompt": "Why?"}])
    assert isinstance(first, Failure) and first.stage == "input" and "row 1, field 'prompt'" in first.message
    assert isinstance(second, Response)


def test_a_prompt_asked_twice_under_no_id_is_two_prompts_and_under_one_id_a_failure() -> None:
    same = [{"prompt": "Why?"}, {"prompt": "Why?"}]
    first, second = read_prompts(same)
    assert isinstance(first, Response) and isinstance(second, Response) and second.id == f"{first.id}#2"
    kinds = [getattr(item, "kind", None) for item in read_prompts([{"id": "a", **row} for row in same])]
    assert kinds == [None, "duplicate_id"]


def test_columns_that_hold_no_prompts_are_said() -> None:
    with pytest.raises(InputError, match="no column looks like the prompts; columns found: 'id', 'answer'.*--prompt-c"):
        read_prompts([{"id": 1, "answer": "Yes."}])


# Lines of `halueval generate`, read by `halueval run`.

FAILED = {"stage": "generation", "kind": "timeout", "message": "no reply in 5 s", "item_id": "b"}


def test_a_failed_answer_stays_the_failure_it_was() -> None:
    lines = [
        {"id": "b", "response": None, "failure": FAILED},
        {"id": "a", "response": "Yes.", "metadata": {"usage": {"calls": 1}, "topic": "x"}, "topic": "y"},
        {"id": "c", "failure": FAILED | {"kind": "nonsense"}},
    ]
    failed, answer, broken = read_responses(lines)
    assert isinstance(failed, Failure) and (failed.stage, failed.kind, failed.item_id) == ("generation", "timeout", "b")
    assert isinstance(answer, Response) and answer.metadata == {"usage": {"calls": 1}, "topic": "y"}
    assert isinstance(broken, Failure) and broken.stage == "input" and "'kind'" in broken.message


def test_a_column_called_failure_is_no_failure_where_there_is_an_answer() -> None:
    read = next(read_responses([{"response": "Heart failure.", "failure": {"kind": "systolic"}}]))
    assert isinstance(read, Response) and read.metadata == {"failure": {"kind": "systolic"}}
