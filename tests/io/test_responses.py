"""Answers in: whatever holds them, one bad record is one failure, and reading goes on."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from halueval.errors import InputError
from halueval.io import read_responses
from halueval.records import Failure, Response, derived_id

A, B = "Aspirin thins the blood.", "Paracetamol lowers fever."


def written(folder: Path, data: bytes | str, name: str = "a.jsonl") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def texts(source: object, **columns: str) -> list[str]:
    return [r.message if isinstance(r, Failure) else r.text for r in read_responses(source, **columns)]


def only(source: object, **columns: str) -> Response:
    [response] = read_responses(source, **columns)
    assert isinstance(response, Response)
    return response


ROWS: list[dict[str, Any]] = [{"qid": 1, "question": "q?", "answer": A}, {"qid": 2, "question": "r?", "answer": B}]


def as_source(kind: str, folder: Path) -> object:
    import datasets
    import pandas

    lines = "".join(json.dumps(r) + "\n" for r in ROWS)
    frame = pandas.DataFrame(ROWS)
    if kind == "jsonl":
        return written(folder, lines)
    if kind == "jsonl as text path":
        return str(written(folder, lines))
    if kind == "jsonl with a BOM and CRLF":
        return written(folder, b"\xef\xbb\xbf" + lines.replace("\n", "\r\n").encode())
    if kind == "jsonl.gz":
        return written(folder, gzip.compress(lines.encode()), "a.jsonl.gz")
    if kind == "gzip under another name":
        return written(folder, gzip.compress(lines.encode()), "a.jsonl")
    if kind == "json array":
        return written(folder, json.dumps(ROWS, indent=1), "a.json")
    if kind == "csv":
        return written(
            folder, "qid,question,answer\n" + "".join(f"{r['qid']},q?,{r['answer']}\n" for r in ROWS), "a.csv"
        )
    if kind == "parquet":
        frame.to_parquet(folder / "a.parquet")
        return folder / "a.parquet"
    if kind == "pandas":
        return frame
    if kind == "dataset":
        return datasets.Dataset.from_list(ROWS)
    if kind == "streaming dataset":
        return datasets.Dataset.from_list(ROWS).to_iterable_dataset()
    return (row for row in ROWS)


@pytest.mark.parametrize(
    "kind",
    [
        "jsonl", "jsonl as text path", "jsonl with a BOM and CRLF", "jsonl.gz", "gzip under another name", "json array",
        "csv", "parquet", "pandas", "dataset", "streaming dataset", "generator",
    ],
)  # fmt: skip
def test_every_kind_of_source_gives_the_same_responses(kind: str, tmp_path: Path) -> None:
    found = list(read_responses(as_source(kind, tmp_path)))
    assert [(r.id, r.text) for r in found if isinstance(r, Response)] == [("1", A), ("2", B)]


def test_a_list_of_texts_and_a_list_of_responses_are_sources() -> None:
    assert texts([A, B]) == [A, B]
    given = Response("x", A, metadata={"k": 1})
    assert list(read_responses([given])) == [given] == list(read_responses(given))


@pytest.mark.parametrize(
    ("columns", "role", "chosen"),
    [
        (["response", "doctor_response"], "text", "response"),
        (["answer", "completion"], "text", "completion"),
        (["Model Response", "answer"], "text", "answer"),
        (["Model Response", "question"], "text", "Model Response"),
        (["gpt4_response", "question"], "text", "gpt4_response"),
        (["text", "question"], "text", "text"),
        (["messages", "text"], "text", None),
        (["messages", "answer"], "text", "answer"),
        (["prompt", "question", "answer"], "prompt", "prompt"),
        (["query", "answer"], "prompt", "query"),
        (["prompt_id", "answer"], "id", "prompt_id"),
        (["prompt_id", "answer"], "group", "prompt_id"),
        (["prompt_id", "id", "answer"], "id", "id"),
        (["generator", "answer"], "model", "generator"),
        (["passages", "answer"], "context", "passages"),
    ],
)
def test_columns_are_guessed_in_a_documented_order(columns: list[str], role: str, chosen: str | None) -> None:
    row: dict[str, Any] = dict.fromkeys(columns, "x")
    if "messages" in row:
        row["messages"] = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x"}]
    found = read_responses([row]).columns
    assert found is not None
    assert getattr(found, role) == chosen


def test_the_choice_of_a_column_is_reported_with_what_was_passed_over() -> None:
    read = read_responses([{"output": A, "answer": B, "q": "?"}], prompt="q")
    assert str(read.columns) == "text from 'output' (guessed; also there: 'answer'), prompt from 'q'"


def test_two_columns_that_could_be_the_answer_are_an_error_and_no_guess() -> None:
    with pytest.raises(InputError, match=r"'a_response', 'b_response'.*--text-column a_response"):
        read_responses([{"a_response": A, "b_response": B}])


@pytest.mark.parametrize("columns", [{"text": "anwser"}, {"text": "answer", "model": "llm"}])
def test_a_wrong_column_lists_the_columns_found(columns: dict[str, str]) -> None:
    with pytest.raises(InputError, match="columns found: 'question', 'answer'"):
        read_responses([{"question": "q", "answer": A}], **columns)


def test_no_column_that_looks_like_answers_says_how_to_name_it() -> None:
    with pytest.raises(InputError, match=r"columns found: 'a', 'b'.*--text-column"):
        read_responses([{"a": A, "b": B}])


def test_columns_without_a_role_are_kept_as_metadata() -> None:
    assert only([{"answer": A, "year": 2026, "tags": ("x",)}]).metadata == {"year": 2026, "tags": ["x"]}


@pytest.mark.parametrize(
    ("row", "prompt", "messages"),
    [
        ({"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": A}]}, None, ["q"]),
        ({"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": A}]}, None, ["q"]),
        ({"prompt": [{"role": "user", "content": "q"}], "completion": A}, None, ["q"]),
        ({"prompt": "q", "completion": [{"role": "assistant", "content": A}]}, "q", []),
        (
            {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": A}], "answer": A},
            None,
            ["q"],
        ),
        ({"messages": [{"role": "assistant", "content": [{"type": "text", "text": A}]}]}, None, []),
        ({"instruction": "Translate.", "input": "ja", "output": A}, "Translate.\n\nja", []),
    ],
)
def test_conversations_give_the_last_answer_and_what_was_asked(
    row: dict[str, Any], prompt: str | None, messages: list[str]
) -> None:
    response = only([row])
    assert (response.text, response.prompt, [m["content"] for m in response.messages]) == (A, prompt, messages)


@pytest.mark.parametrize(
    ("context", "read"),
    [(A, (A,)), ([A, B], (A, B)), ([{"text": A}], (A,)), (None, ()), ([], ()), ("", ())],
)
def test_a_response_may_bring_its_context(context: object, read: tuple[str, ...]) -> None:
    assert only([{"answer": A, "context": context}]).context == read


def test_ids_are_the_users_or_made_from_content() -> None:
    rows = [{"id": 7, "answer": A}, {"id": 8.0, "answer": A}, {"id": None, "answer": A}, {"id": "", "answer": B}]
    ids = [r.id for r in read_responses(rows) if isinstance(r, Response)]
    assert ids == ["7", "8", derived_id(A, None, None), derived_id(B, None, None)]
    assert only([{"answer": A, "question": "q", "model": "m"}]).id == derived_id(A, "q", "m")


def test_answers_that_share_the_id_of_a_question_are_told_apart_and_grouped() -> None:
    rows = [{"prompt_id": "q1", "answer": A, "model": "m"}, {"prompt_id": "q1", "answer": B, "model": "n"}]
    found = [r for r in read_responses(rows) if isinstance(r, Response)]
    assert [(r.id, r.group) for r in found] == [("q1", "q1"), ("q1#2", "q1")]


def test_the_same_answer_twice_without_ids_is_two_answers() -> None:
    assert len({r.id for r in read_responses([A, A, A]) if isinstance(r, Response)}) == 3


BAD_LINES = [
    (
        '{"id": 2, "answer": ',
        "line 2: not JSON (Expecting value at character 20); wanted: one JSON object per line",
        "line 2",
    ),
    ("[1, 2]", "line 2: found a list of 2; wanted: an object", "line 2"),
    ('"only text"', "line 2: found the text 'only text'; wanted: an object", "line 2"),
    ("null", "line 2: found null; wanted: an object", "line 2"),
    ('{"id": 2, "answer": 12}', "line 2, field 'answer': found a number (12); wanted: text", "2"),
    ('{"id": 2, "answer": null}', "line 2, field 'answer': found null; wanted: text", "2"),
    ('{"id": 2}', "line 2, field 'answer': missing; wanted: text", "2"),
    ('{"id": ["x"], "answer": "x"}', "line 2, field 'id': found a list of 1; wanted: text or a whole number", "line 2"),
    ('{"id": true, "answer": "x"}', "line 2, field 'id': found true; wanted: text or a whole number", "line 2"),
    ('{"id": 2, "answer": "x", "question": 5}', "line 2, field 'question': found a number (5)", "2"),
    ('{"id": 2, "answer": "x", "context": 5}', "line 2, field 'context': found a number (5)", "2"),
    ('{"id": 1, "answer": "x"}', "line 2, field 'id': the id '1' occurs a second time (first in line 1)", "1"),
    ("\xff", "line 2: not UTF-8 (byte 0xff at byte 1)", "line 2"),
    ("[" * 100_000, "line 2: JSON nested too deeply", "line 2"),
    ('{"id": ' + "9" * 5000 + "}", "line 2: not JSON that can be read", "line 2"),
]


@pytest.mark.parametrize(("line", "message", "item_id"), BAD_LINES, ids=range(len(BAD_LINES)))
def test_one_bad_line_is_one_failure_that_says_where(line: str, message: str, item_id: str, tmp_path: Path) -> None:
    good = ['{"id": 1, "answer": "a", "question": "q", "context": null}', '{"id": 3, "answer": "c"}']
    path = written(tmp_path, "\n".join([good[0], line, good[1]]).encode("latin-1"))
    first, failure, last = read_responses(path)
    assert isinstance(first, Response) and isinstance(last, Response)
    assert isinstance(failure, Failure)
    assert message in failure.message and str(path) in failure.message
    assert (failure.stage, failure.item_id) == ("input", item_id)
    assert failure.kind == ("duplicate_id" if "second time" in message else "invalid_record")


def test_an_id_is_taken_only_by_a_record_that_could_be_read() -> None:
    failure, good = read_responses([{"id": "a", "answer": None}, {"id": "a", "answer": A}])
    assert isinstance(failure, Failure) and isinstance(good, Response)


def test_odd_texts_arrive_as_they_are(tmp_path: Path) -> None:
    odd = ["", "nul \0 byte", "lone \ud800", "line\u2028separator", "x" * 1_000_000, "👩🏽‍⚕️", "\x85"]
    lines = "\n".join(json.dumps({"answer": t}, ensure_ascii=i % 2 == 0) for i, t in enumerate(odd))
    assert texts(written(tmp_path, lines.encode("utf-8", "surrogatepass"))) == odd


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a.jsonl", b"", "the file is empty"),
        ("a.jsonl", b"\n \n", "there is no record in it"),
        ("a.jsonl", b"{\n", "not one of 1 records can be used"),
        ("a.jsonl", b"nonsense\n" * 300, "not one of 300 records can be used; the first: .*line 1: not JSON"),
        ("a.jsonl", b'{"answer": null}\n', "field 'answer': found null"),
        ("a.jsonl", "x".encode("utf-16"), "UTF-16"),
        ("a.jsonl.gz", gzip.compress(b'{"answer": "a"}\n' * 9_000)[:-20], "gzip file is damaged"),
        ("a.parquet", b"PAR1 and no more", "not a Parquet file"),
        ("a.json", b"[{]", "JSON array"),
    ],
)
def test_a_file_that_cannot_be_used_at_all_is_an_input_error(
    name: str, data: bytes, found: str, tmp_path: Path
) -> None:
    path = written(tmp_path, data, name)
    with pytest.raises(InputError, match=found) as error:
        list(read_responses(path))
    assert str(path) in str(error.value)


def test_missing_files_and_folders_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_responses(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="folder"):
        read_responses(tmp_path)
    with pytest.raises(InputError, match=r"\[text\]"):
        read_responses("Aspirin thins the blood. " * 100)


@pytest.mark.parametrize(("source", "found"), [([], "no record"), (12, r"a number \(12\)"), (None, "null")])
def test_what_holds_no_records_is_refused(source: object, found: str) -> None:
    with pytest.raises(InputError, match=found):
        read_responses(source)


def test_a_dataset_with_splits_asks_for_one() -> None:
    import datasets

    splits = datasets.DatasetDict({"test": datasets.Dataset.from_list(ROWS)})
    with pytest.raises(InputError, match=r"pass dataset\['test'\]"):
        read_responses(splits)


def test_holes_in_a_table_are_missing_values(tmp_path: Path) -> None:
    import pandas

    frame = pandas.DataFrame({"id": [1, None], "answer": [A, None], "model": [None, "m"]})
    first, second = read_responses(frame)
    assert isinstance(first, Response) and (first.id, first.model) == ("1", None)
    assert isinstance(second, Failure) and "row 2, field 'answer': found null" in second.message


def test_reading_is_lazy() -> None:
    def endless() -> Any:
        yield from ({"answer": f"{A} {i}"} for i in range(10**9))

    read = read_responses(endless())
    assert [next(read).text for _ in range(3)] == [f"{A} {i}" for i in range(3)]  # type: ignore[union-attr]


def test_a_csv_row_with_too_many_cells_is_a_failure(tmp_path: Path) -> None:
    path = written(tmp_path, f'id,answer\n1,{A}\n2,"x",3\n4,"two\nlines"\n', "a.csv")
    first, failure, last = read_responses(path)
    assert isinstance(failure, Failure) and "row 2: 3 cells in a table of 2 columns" in failure.message
    assert isinstance(last, Response) and last.text == "two\nlines"
