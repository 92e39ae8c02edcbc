"""Whatever is wrong with the input: a message that says where, an exit code, and nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from halueval.runs import open_run

Cli = Callable[..., Result]
LINES = "halueval.testing:LineExtractor"
GOOD = {"id": "a", "answer": "Aspirin is a drug."}
PAIR = {"id": "a", "claim": "Aspirin is a drug.", "evidence": "Aspirin is a drug."}


def lines(*rows: Any) -> bytes:
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows).encode("utf-8", "surrogatepass")


def run(cli: Cli, command: str, data: bytes | None, *more: str) -> tuple[Result, Path]:
    """Runs a step on a file, or on none, with an output file that doesn't exist yet."""
    if data is not None:
        Path("in.jsonl").write_bytes(data)
    if command == "extract":
        return cli("extract", "in.jsonl", "-o", "out.jsonl", "--extractor", LINES), Path("out.jsonl")
    if command == "verify":
        return cli("verify", "in.jsonl", "-o", "out.jsonl", "--verifier", "my_plugins:Agree"), Path("out.jsonl")
    if command == "build":
        return cli("index", "build", "in.jsonl", "-o", "index"), Path("index")
    if command == "search":
        Path("corpus.jsonl").write_bytes(lines({"doc_id": "d", "text": "Aspirin is a drug."}))
        assert cli("index", "build", "corpus.jsonl", "-o", "index").exit_code == 0
        return cli("index", "search", "index", "in.jsonl", "-o", "out.jsonl"), Path("out.jsonl")
    Path("corpus.jsonl").write_bytes(lines({"doc_id": "d", "text": "Aspirin is a drug."}))
    options = ("--extractor", LINES, "--verifier", "my_plugins:Agree")
    return cli("run", "in.jsonl", "--evidence", "corpus.jsonl", "-o", "out", *options, *more), Path("out")


UNUSABLE = [
    ("missing file", None, ["in.jsonl", "no such file"]),
    ("empty file", b"", ["in.jsonl", "empty"]),
    ("not JSON at all", b"hello\nworld\n", ["in.jsonl", "line 1", "not JSON"]),
    (
        "only records that are no objects",
        lines(["a"], 5),
        ["in.jsonl", "line 1", "found a list of 1", "wanted: an object"],
    ),
]


@pytest.mark.parametrize("command", ["extract", "verify", "search", "run"])
@pytest.mark.parametrize(("data", "parts"), [u[1:] for u in UNUSABLE], ids=[u[0] for u in UNUSABLE])
def test_input_that_cannot_be_used_is_exit_2_and_no_output(
    command: str, data: bytes | None, parts: list[str], cli: Cli
) -> None:
    result, out = run(cli, command, data)
    assert result.exit_code == 2, result.output
    [message] = [line for line in result.stderr.splitlines() if not line.startswith("halueval: reading")]
    assert all(part in message for part in parts), message
    assert not out.exists()
    assert sorted(p.name for p in Path.cwd().glob("*out*")) == []


WRONG_COLUMN = [
    ("extract", lines({"id": 1, "q": "x"}), ["no column looks like the answers", "'id', 'q'", "--text-column"]),
    ("run", lines({"id": 1, "q": "x"}), ["no column looks like the answers", "'id', 'q'", "--text-column"]),
    ("verify", lines({"id": 1, "claim": "x"}), ["no field 'evidence'", "'id', 'claim'"]),
    ("search", lines({"id": 1, "query": "x"}), ["no field 'text'", "'id', 'query'"]),
    ("build", lines({"id": 1, "body": "x"}), ["line 1", "text"]),
    ("build", lines({"id": 1, "text": " "}), ["line 1", "text"]),
    ("build", None, ["in.jsonl"]),
    ("build", b"", ["in.jsonl"]),
]


@pytest.mark.parametrize(("command", "data", "parts"), WRONG_COLUMN, ids=range(len(WRONG_COLUMN)))
def test_a_wrong_column_or_a_corpus_without_text_is_exit_2(
    command: str, data: bytes, parts: list[str], cli: Cli
) -> None:
    result, out = run(cli, command, data)
    assert result.exit_code == 2, result.output
    assert all(part in result.stderr for part in ["in.jsonl", *parts]), result.stderr
    assert not out.exists()


def test_a_named_column_that_is_not_there_lists_those_found(cli: Cli) -> None:
    Path("in.jsonl").write_bytes(lines(GOOD))
    result = cli("extract", "in.jsonl", "--text-column", "anwser", "-o", "out.jsonl")
    assert result.exit_code == 2
    assert "no column 'anwser' to read the text from; columns found: 'id', 'answer'" in result.stderr
    assert not Path("out.jsonl").exists()


BAD_RECORDS = [
    ("extract", lines(GOOD, '{"id": 2, ', {"id": "c", "answer": "x"}), "line 2", ["line 2", "not JSON"]),
    ("extract", lines(GOOD, [1], {"id": "c", "answer": "x"}), "line 2",
     ["line 2", "found a list of 1", "wanted: an object"]),
    ("extract", lines(GOOD, {"id": "b", "answer": 12}, {"id": "c", "answer": "x"}), "b",
     ["line 2", "field 'answer'", "found a number (12)", "wanted: text"]),
    ("extract", lines(GOOD, GOOD, {"id": "c", "answer": "x"}), "a",
     ["line 2", "field 'id'", "'a' occurs a second time", "line 1"]),
    ("verify", lines(PAIR, '{"id": 2, ', {**PAIR, "id": "c"}), "line 2", ["line 2", "not JSON"]),
    ("verify", lines(PAIR, 7, {**PAIR, "id": "c"}), "line 2", ["line 2", "found a number (7)", "wanted: an object"]),
    ("verify", lines(PAIR, {**PAIR, "id": "b", "evidence": None}, {**PAIR, "id": "c"}), "b",
     ["line 2", "field 'evidence'", "found null", "wanted: a text or a list"]),
    ("verify", lines(PAIR, PAIR, {**PAIR, "id": "c"}), "a", ["line 2", "field 'id'", "'a' occurs a second time"]),
    ("search", lines({"id": "a", "text": "x"}, {"id": "b", "text": 5}, {"id": "c", "text": "x"}), "b",
     ["line 2", "field 'text'", "found a number (5)", "wanted: text"]),
]  # fmt: skip


@pytest.mark.parametrize(("command", "data", "item_id", "parts"), BAD_RECORDS, ids=range(len(BAD_RECORDS)))
def test_one_bad_record_is_one_failure_and_the_others_are_done(
    command: str, data: bytes, item_id: str, parts: list[str], cli: Cli
) -> None:
    result, out = run(cli, command, data)
    assert result.exit_code == 3, result.output
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["id"] for row in rows] == ["a", item_id, "c"]
    assert ["failure" in row for row in rows] == [False, True, False]
    assert rows[1]["failure"]["stage"] == "input"
    assert all(part in rows[1]["failure"]["message"] for part in ["in.jsonl", *parts])
    assert "1 failed (1 bad input) of 3" in result.stderr
    assert all(part in result.stderr for part in parts)


def test_a_run_counts_bad_records_and_goes_on(cli: Cli) -> None:
    result, out = run(cli, "run", lines(GOOD, '{"id": 2, ', {"id": "b", "answer": None}, {"id": "c", "answer": "No."}))
    assert result.exit_code == 3, result.output
    assert "2 failed (2 bad input) of 4" in result.stderr
    assert open_run(out).counts.responses == 4


ODD = ["", "   ", "no claims?\n", "nul \0 byte", "lone \ud800 surrogate", "line\u2028separator", "x" * 1_000_000]


def test_odd_answers_are_results_and_no_failures(cli: Cli) -> None:
    data = lines(*({"id": str(i), "answer": text} for i, text in enumerate(ODD)))
    result, out = run(cli, "extract", data)
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in out.read_bytes().split(b"\n") if line]
    assert [row["id"] for row in rows] == [str(i) for i in range(len(ODD))]
    assert rows[0]["claims"] == [] and rows[1]["claims"] == []
    assert [c["text"] for c in rows[4]["claims"]] == [ODD[4]]


def test_odd_claims_and_evidence_are_judged(cli: Cli) -> None:
    odd = [t for t in ODD if t.strip()]
    data = lines(*({"id": i, "claim": text, "evidence": [text, ""]} for i, text in enumerate(odd)))
    result, out = run(cli, "verify", data)
    assert result.exit_code == 0, result.output
    assert [json.loads(line)["label"] for line in out.read_text().splitlines()] == ["supported"] * len(odd)


def test_a_gold_label_that_does_not_exist_is_not_looked_at(cli: Cli) -> None:
    result, out = run(cli, "verify", lines({**PAIR, "label": "maybe"}))
    assert (result.exit_code, json.loads(out.read_text())["label"]) == (0, "supported")


def test_no_evidence_is_not_enough_info_without_asking_the_verifier(cli: Cli) -> None:
    result, out = run(cli, "verify", lines({**PAIR, "claim": "boom", "evidence": []}))
    row = json.loads(out.read_text())
    assert (result.exit_code, row["label"], row["reason"]) == (0, "not_enough_info", "no evidence found")


def test_answers_without_claims_have_no_rate_of_zero_or_one(cli: Cli) -> None:
    result, out = run(cli, "run", lines({"id": "a", "answer": ""}, {"id": "b", "answer": "? How are you"}))
    assert result.exit_code == 0, result.output
    shown = cli("report", out, "--json", "-")
    assert json.loads(shown.stdout)["rates"]["refuted"]["value"] is None


@pytest.mark.parametrize(
    ("damage", "parts"),
    [
        (lambda index: [f.unlink() for f in index.rglob("*") if f.is_file()], ["not a halueval index"]),
        (lambda index: (index / "halueval-index.json").write_text("{"), ["halueval-index.json"]),
        (
            lambda index: [f.write_bytes(b"") for f in index.rglob("*") if f.is_file() and f.suffix != ".json"],
            ["index"],
        ),
    ],
    ids=["empty folder", "broken manifest", "emptied files"],
)
def test_a_corrupt_index_is_exit_2_and_no_output(damage: Callable[[Path], object], parts: list[str], cli: Cli) -> None:
    run(cli, "search", lines({"id": "a", "text": "aspirin"}))
    Path("out.jsonl").unlink()
    damage(Path("index"))
    result = cli("index", "search", "index", "in.jsonl", "-o", "out.jsonl")
    assert result.exit_code == 2, result.output
    assert all(part in result.stderr for part in parts), result.stderr
    assert not Path("out.jsonl").exists()


@pytest.mark.parametrize(
    ("option", "name", "part"),
    [
        ("--extractor", "no_such", "installed: rules, sentences"),
        ("--extractor", "no_such_module:Thing", "could not be loaded"),
        ("--extractor", "my_plugins:NOT_ONE", "wanted an object with a `name`"),
    ],
)
def test_a_plug_in_that_is_not_there_is_exit_2(option: str, name: str, part: str, cli: Cli) -> None:
    Path("in.jsonl").write_bytes(lines(GOOD))
    result = cli("extract", "in.jsonl", "-o", "out.jsonl", option, name)
    assert (result.exit_code, Path("out.jsonl").exists()) == (2, False)
    assert part in result.stderr


@pytest.mark.parametrize("command", ["extract", "verify"])
def test_a_plug_in_that_raises_on_one_item_costs_that_item(command: str, cli: Cli) -> None:
    texts = ["fine", "boom", "good"]
    if command == "extract":
        Path("in.jsonl").write_bytes(lines(*({"id": t, "answer": t} for t in texts)))
        result = cli("extract", "in.jsonl", "-o", "out.jsonl", "--extractor", "my_plugins:Breaks")
    else:
        Path("in.jsonl").write_bytes(lines(*({"id": t, "claim": t, "evidence": t} for t in texts)))
        result = cli("verify", "in.jsonl", "-o", "out.jsonl", "--verifier", "my_plugins:Agree")
    rows = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert result.exit_code == 3
    assert [row["id"] for row in rows] == texts
    assert rows[1]["failure"]["kind"] == "plugin_error"
    assert "RuntimeError: boom" in result.stderr and "\x1b" not in result.stderr


def test_an_interrupt_is_exit_130_and_leaves_what_was_there(cli: Cli) -> None:
    Path("in.jsonl").write_bytes(lines(GOOD))
    Path("out.jsonl").write_text("old\n")
    result = cli("extract", "in.jsonl", "-o", "out.jsonl", "--extractor", "my_plugins:Stops")
    assert (result.exit_code, Path("out.jsonl").read_text()) == (130, "old\n")
    assert "interrupted" in result.stderr
    assert sorted(p.name for p in Path.cwd().iterdir()) == ["in.jsonl", "out.jsonl"]


@pytest.mark.parametrize("output", ["none/out.jsonl", "folder"])
def test_a_place_that_cannot_be_written_is_exit_2_before_the_work(output: str, cli: Cli) -> None:
    Path("folder").mkdir()
    Path("in.jsonl").write_bytes(lines(GOOD))
    result = cli("extract", "in.jsonl", "-o", output, "--extractor", "my_plugins:Stops")
    assert result.exit_code == 2, result.output
    assert output in result.stderr


def test_a_damaged_result_is_left_out_and_named_and_the_command_mends_the_run(cli: Cli) -> None:
    data = lines(*({"id": i, "answer": f"Aspirin is drug {i}."} for i in range(3)))
    result, out = run(cli, "run", data)
    assert result.exit_code == 0, result.output
    journal, whole = out / "journal.sqlite", (out / "report.json").read_bytes()
    before = journal.read_bytes()
    journal.write_bytes(before.replace(b"Aspirin is drug 1.", b"Aspirin is drug 7.", 1))
    assert journal.read_bytes() != before
    shown = cli("report", out)
    assert shown.exit_code == 0 and "answer 2 is damaged" in " ".join(shown.stdout.split())
    refused = cli("reproduce", out)
    assert refused.exit_code == 2 and "answer 2 is damaged" in refused.stderr
    mended, _ = run(cli, "run", data)
    assert mended.exit_code == 0, mended.output
    assert (out / "report.json").read_bytes() == whole
    assert cli("reproduce", out).exit_code == 0


@pytest.mark.parametrize("folder", ["none", "empty"])
def test_what_is_no_run_is_exit_2(folder: str, cli: Cli) -> None:
    Path("empty").mkdir()
    result = cli("report", folder)
    assert result.exit_code == 2
    assert folder in result.stderr and "run" in result.stderr


def test_a_folder_that_is_no_run_is_never_overwritten(cli: Cli) -> None:
    Path("out").mkdir()
    Path("out", "keep.txt").write_text("mine")
    result, out = run(cli, "run", lines(GOOD), "--overwrite")
    assert result.exit_code == 2
    assert "out" in result.stderr and "not a run" in result.stderr and "another folder" in result.stderr
    assert [p.name for p in out.iterdir()] == ["keep.txt"]


def test_an_interrupted_run_says_where_its_results_are(cli: Cli) -> None:
    answers = lines(*({"id": i, "answer": "Aspirin is a drug."} for i in range(32)), {"id": "x", "answer": "stop"})
    result, out = run(cli, "run", answers, "--extractor", "my_plugins:StopsLate")
    assert result.exit_code == 130
    assert "kept in out, and the same command goes on" in result.stderr
    shown = cli("report", out)
    assert shown.exit_code == 0 and "the run is not finished" in shown.stdout
