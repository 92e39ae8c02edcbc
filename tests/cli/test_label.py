"""``halueval label`` and ``halueval correct``: from a run to a sheet, from labels to a rate."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Cli = Callable[..., Result]


@pytest.fixture
def run(cli: Cli) -> str:
    """A run of 20 answers of three claims, the last of which its evidence does not say."""
    answers = [
        {
            "id": f"a{i}",
            "question": f"What is drug {i}?",
            "answer": f"Drug {i} is old.\nDrug {i} is red.\nDrug {i} is bad.",
        }
        for i in range(20)
    ]
    corpus = [{"doc_id": f"d{i}", "text": f"Drug {i} is old. Drug {i} is red.", "title": f"D{i}"} for i in range(20)]
    for name, rows in {"answers.jsonl": answers, "corpus.jsonl": corpus}.items():
        Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    offline = ("--extractor", "halueval.testing:LineExtractor", "--verifier", "my_plugins:Agree")
    made = cli("run", "answers.jsonl", "-e", "corpus.jsonl", "-o", "run", *offline)
    assert made.exit_code == 0, made.output
    return "run"


def fill(path: str, word: Callable[[str], str]) -> None:
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(row | {"label": word(row["claim"])} for row in rows)


def test_a_run_is_labelled_and_corrected(cli: Cli, run: str) -> None:
    drawn = cli("label", run, "--budget", 30, "-o", "sheet.csv", "-o", "sheet.html", "-o", "sheet.jsonl")
    assert drawn.exit_code == 0, drawn.output
    assert "30 of 60 claims" in drawn.output and "10 of the refuted" in drawn.output
    assert Path("sheet.html").read_text().count('<article class="item"') == 30
    fill("sheet.csv", lambda claim: "false" if "bad" in claim else "true")
    found = cli("correct", run, "sheet.csv", "--json", "found.json")
    assert found.exit_code == 0, found.output
    for name in ("corrected", "verifier alone (naive)", "labels only", "two-phase by verdict"):
        assert name in found.output
    overall = json.loads(Path("found.json").read_text())["overall"]
    assert overall["corrected"]["low"] < overall["corrected"]["value"] < overall["corrected"]["high"]


def test_two_raters_are_compared(cli: Cli, run: str) -> None:
    cli("label", run, "-n", 30, "-o", "anna.csv", "-o", "ben.csv")
    fill("anna.csv", lambda claim: "false" if "bad" in claim else "true")
    fill("ben.csv", lambda claim: "true")
    found = cli("correct", run, "anna.csv", "ben.csv")
    assert "agreement of anna and ben" in found.output and "Gwet's AC1" in found.output


def test_rows_left_out_are_named_and_end_in_exit_code_3(cli: Cli, run: str) -> None:
    cli("label", run, "-n", 30, "-o", "s.csv")
    fill("s.csv", lambda claim: "perhaps" if "bad" in claim else "true")
    found = cli("correct", run, "s.csv")
    assert found.exit_code == 3 and "with an unknown label" in found.output and "s.csv, row" in found.output


def test_a_sheet_that_is_there_is_not_replaced(cli: Cli, run: str) -> None:
    Path("s.csv").write_text("labels of a week")
    assert cli("label", run, "-o", "s.csv").exit_code == 2
    assert Path("s.csv").read_text() == "labels of a week"
    assert cli("label", run, "-o", "s.csv", "--overwrite").exit_code == 0


def test_json_on_standard_output_is_nothing_but_json(cli: Cli, run: str) -> None:
    cli("label", run, "-n", 30, "-o", "s.csv")
    fill("s.csv", lambda claim: "true")
    assert json.loads(cli("correct", run, "s.csv", "--json", "-").stdout)["labels"] == {"s": 30}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("label", "run", "-o", "s.xlsx"), ".csv, .jsonl or .html"),
        (("label", "run", "-n", 1, "-o", "s.csv"), "budget is 1"),
        (("label", "run", "--flagged-share", 1.5, "-o", "s.csv"), "--flagged-share is 1.5"),
        (("label", "nowhere", "-o", "s.csv"), "nowhere"),
        (("correct", "run", "nothing.csv"), "nothing.csv"),
        (("correct", "run", "answers.jsonl"), "not one label could be used"),
        (("correct", "run", "x.csv", "--method", "magic"), "two_phase"),
        (("correct", "run", "x.csv", "--level", 95), "--level is 95"),
        (("correct", "run", "x.csv", "--level", "nan"), "--level"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(cli: Cli, run: str, arguments: tuple[object, ...], said: str) -> None:
    found = cli(*arguments)
    assert found.exit_code == 2 and said in found.output
    assert "Traceback" not in found.output and not Path("s.csv").exists()
