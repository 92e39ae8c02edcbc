"""What comes back is a label of a claim of this run, or is named with its place."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from halueval.errors import InputError
from halueval.labelling import labels_to_draw, read_labels
from halueval.records import Result

WORDS = {"supported": "TRUE", "refuted": " Refuted ", "not_enough_info": "unsure"}


def sheet(run: list[Result], label: str = "supported", budget: int = 6) -> list[dict[str, Any]]:
    return [row.cells() | {"label": label} for row in labels_to_draw(run, budget).rows]


def test_a_csv_sheet_filled_in_comes_back_whole(run: list[Result], tmp_path: Path) -> None:
    path = tmp_path / "anna.csv"
    draw = labels_to_draw(run, 6)
    draw.write(path)
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    for row, word in zip(rows, WORDS.values(), strict=False):
        row["label"] = word
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    labels = read_labels(run, path)
    assert labels.by_rater == {"anna": dict(zip([r["item"] for r in rows], WORDS, strict=False))}
    assert (labels.blank, labels.problems) == (3, ())


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({"label": "maybe"}, "unknown_label", "line 2, field 'label': the text 'maybe'"),
        ({"label": "1"}, "unknown_label", "field 'label'"),
        ({"item": "0" * 16}, "unknown_claim", "line 2, field 'item'"),
        ({"run": "feedfeedfeed"}, "another_run", "line 2, field 'run': the text 'feedfeedfeed'"),
        ({"run": ""}, "another_run", "an empty text"),
        ({"claim": "Claim 1 does not hold."}, "edited_claim", "line 2, field 'claim'"),
        ("not a row", "unreadable", "line 2: found the text 'not a row'"),
        ({"item": ["a"]}, "unknown_claim", "field 'item'"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_the_others_are_kept(
    run: list[Result], tmp_path: Path, change: Any, kind: str, said: str
) -> None:
    rows: list[Any] = sheet(run)
    rows[1] = rows[1] | change if isinstance(change, dict) else change
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    labels = read_labels(run, path)
    assert [p.kind for p in labels.problems] == [kind]
    assert said in labels.problems[0].message and "labels.jsonl" in labels.problems[0].message
    assert len(labels.labels) == 5 and labels.left_out == 1


def test_a_claim_labelled_twice_counts_once_if_alike_and_not_at_all_if_not(run: list[Result]) -> None:
    rows = sheet(run)
    labels = read_labels(run, [*rows, rows[0], rows[1] | {"label": "refuted"}])
    assert sorted(p.kind for p in labels.problems) == ["contradicted", "repeated"]
    assert rows[0]["item"] in labels.labels and rows[1]["item"] not in labels.labels
    (message,) = (p.message for p in labels.problems if p.kind == "contradicted")
    assert "row 2" in message and "row 8" in message


def test_labels_of_the_same_claims_with_other_verdicts_are_another_runs(
    run: list[Result], make: Callable[..., Result]
) -> None:
    other = [make(r.response.id, ("supported", "refuted", "supported", "refuted", "supported")) for r in run]
    with pytest.raises(InputError, match="not one label could be used.*field 'run'"):
        read_labels(other, sheet(run))


def test_raters_are_files_names_in_a_column_or_columns(run: list[Result], tmp_path: Path) -> None:
    rows = sheet(run)
    path = tmp_path / "ben.jsonl"
    path.write_text("".join(json.dumps(row | {"label": "refuted"}) + "\n" for row in rows[:2]))
    named = [row | {"rater": "Cleo", "label_Dan": "unsure"} for row in rows]
    labels = read_labels(run, path, named)
    assert labels.raters == ("ben", "Cleo", "Dan")
    first, last = labels.labels[rows[0]["item"]], labels.labels[rows[5]["item"]]
    assert (first, last, labels.disputed) == ("refuted", "supported", 6)  # the first file's where it has one


def test_two_unnamed_files_are_two_raters_and_their_agreement_is_told(run: list[Result]) -> None:
    rows = sheet(run, budget=20)
    other = [row | {"label": "refuted" if i < 5 else "supported"} for i, row in enumerate(rows)]
    labels = read_labels(run, rows, other)
    ((pair, agreement),) = labels.agreement().items()
    assert pair == ("labels", "labels (2)")
    assert agreement.observed == 15 / 20 and agreement.observed_low is not None
    assert labels.agreement_with_verifier().observed is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item;claim;label;run\n1;2;3;4\n", "commas"),
        ("item,claim,run\n1,2,3\n", "no column 'label'"),
        ("item,run,label\n", "not one label|no record|empty"),
    ],
)
def test_a_table_that_is_no_sheet_is_refused(run: list[Result], tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_labels(run, path)


def test_a_sheet_that_nobody_filled_in_is_refused(run: list[Result]) -> None:
    with pytest.raises(InputError, match="nobody filled in"):
        read_labels(run, sheet(run, ""))
    with pytest.raises(InputError, match="no file of labels"):
        read_labels(run)


def test_numbers_lists_and_long_cells_are_no_labels(run: list[Result]) -> None:
    rows = sheet(run)
    odd: list[Any] = [7, ["a"], {"b": 1}, "x" * 100_000, True]
    labels = read_labels(run, [row | {"label": value} for row, value in zip(rows, odd, strict=False)])
    assert list(labels.labels.values()) == ["supported"]  # true, as JSON says it
    assert all(len(p.message) <= 400 for p in labels.problems) and labels.left_out == 4


def test_comments_are_kept_with_the_claim(run: list[Result]) -> None:
    rows = sheet(run)
    labels = read_labels(run, [rows[0] | {"comment": "'=dose of 1990"}, rows[1]], [rows[0] | {"comment": "agreed"}])
    assert labels.comments == {rows[0]["item"]: ("=dose of 1990", "agreed")}
