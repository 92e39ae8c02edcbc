"""``halueval extractors compare``: what it reads, what it prints, how it ends."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from halueval.cli.extractors import extractors
from halueval.cli.session import HaluevalGroup, Options

GOLD = [
    {"id": 1, "must_have": ["Zinc shortens colds."], "nice_to_have": ["Rest helps."]},
    {"id": 2, "must_have": ["Honey eases a cough."], "nice_to_have": []},
    {"id": 3, "must_have": ["Take 5 mg daily."], "nice_to_have": []},
]
OWN = [
    {"id": "1", "claims": [{"text": "Zinc shortens colds."}, {"text": "Hello!", "checkworthy": False}]},
    {"id": "2", "claims": ["Honey eases a cough.", "Tea helps too."]},
    {"id": "4", "claims": []},
]


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    app = Typer(cls=HaluevalGroup, pretty_exceptions_enable=False, **Options)
    app.add_typer(extractors, name="extractors")
    return lambda *arguments, **given: CliRunner().invoke(app, ["extractors", "compare", *arguments], **given)


def write(name: str, rows: list[Any]) -> str:
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    Path(name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return name


def test_a_table_of_the_figures_with_intervals_and_the_rule(compare: Callable[..., Result]) -> None:
    done = compare(write("gold.jsonl.gz", GOLD), write("own.jsonl", OWN))
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    assert "2 responses in both; 1 only in reference; 1 only in own" in said
    assert "recall of the reference's claims 66.7 % [" in said and "2 of 3" in said
    assert "own-exclusive claims 33.3 % [" in said and "reference-exclusive claims 33.3 % [" in said
    assert "claims per response, own 1.50 [" in said
    assert "Matching rule: two claims match if" in said and "95 % intervals over responses" in said
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_json_also_holds_the_claims_that_only_one_has(compare: Callable[..., Result]) -> None:
    shown = json.loads(compare("--json", write("gold.jsonl", GOLD), write("own.jsonl", OWN)).stdout)
    assert shown["figures"]["recall"]["value"] == pytest.approx(2 / 3)
    assert [r["own_exclusive"] for r in shown["by_response"]] == [[], ["Tea helps too."]]
    assert shown["reference"] == "gold.jsonl" and shown["left_out"] == {"only in reference": 1, "only in own": 1}


def test_failed_extractions_are_left_out_and_said(compare: Callable[..., Result]) -> None:
    failed = [{"id": "1", "failure": {"kind": "timeout"}}, *OWN[1:]]
    done = compare(write("gold.jsonl", GOLD), write("own.jsonl", failed))
    assert done.exit_code == 0
    assert "1 response in both; 1 only in reference; 1 only in own; 1 failed in own" in done.stdout


def test_standard_input_is_read(compare: Callable[..., Result]) -> None:
    done = compare("-", write("own.jsonl", OWN), input="".join(json.dumps(row) + "\n" for row in GOLD))
    assert done.exit_code == 0 and "2 responses in both" in done.stdout


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "line 4: not JSON"),
        ("[]", "line 4: found an empty list"),
        ({"claims": []}, "line 4, field 'id': missing"),
        ({"id": "1", "claims": []}, "field 'id': '1' comes twice"),
        ({"id": "9"}, "field 'claims': missing"),
        ({"id": "9", "claims": None}, "field 'claims': found null"),
        ({"id": "9", "claims": [7]}, "field 'claims': found a number (7) in it"),
        ({"id": "9", "claims": [{"text": "A.", "checkworthy": "no"}]}, "checkworthy is the text 'no'"),
        ({"id": "9", "must_have": "A."}, "field 'must_have': found the text 'A.'"),
    ],
)
def test_a_record_that_cannot_be_read_is_counted_and_the_rest_compared(
    compare: Callable[..., Result], row: Any, said: str
) -> None:
    done = compare(write("gold.jsonl", GOLD), write("own.jsonl", [*OWN, row]))
    assert done.exit_code == 3
    assert "2 responses in both" in done.stdout
    assert "1 failed (1 bad input)" in done.stderr and said in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.jsonl", "own.jsonl"), "nowhere.jsonl: cannot be opened"),
        (("own.jsonl", "other.jsonl"), "no id in common (ids such as '1', '2', '4'; ids such as 'x')"),
        (("-", "-"), "both files are standard input"),
        (("own.jsonl", "bad.jsonl"), "not one of 1 records can be used"),
    ],
)
def test_what_cannot_be_compared_is_one_line_and_exit_2(
    compare: Callable[..., Result], arguments: tuple[str, str], said: str
) -> None:
    write("own.jsonl", OWN), write("other.jsonl", [{"id": "x", "claims": []}]), write("bad.jsonl", ["{"])
    done = compare(*arguments)
    assert done.exit_code == 2 and done.stdout == ""
    assert said in done.stderr and done.stderr.count("\n") == 1


def test_nothing_from_a_file_reaches_the_terminal_as_a_command(compare: Callable[..., Result]) -> None:
    write("own.jsonl", [{"id": "a\x1b[31m", "claims": "\x1b[31m"}, *OWN])
    done = compare(write("gold.jsonl", GOLD), "own.jsonl")
    assert "\x1b" not in done.stdout + done.stderr
