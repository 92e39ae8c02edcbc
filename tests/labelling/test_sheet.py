"""Sheets and the page: blind, whole, and nothing in them is obeyed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.errors import OutputError
from halueval.labelling import labels_to_draw
from halueval.labelling.sheet import COLUMNS, guarded, unguarded
from halueval.records import Result

HOSTILE = "</script><img src=x onerror=alert(1)><!--\x00\u202e"


def written(run: list[Result], path: Path, budget: int = 30) -> str:
    labels_to_draw(run, budget).write(path)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["s.csv", "s.jsonl", "s.html"])
def test_no_verdict_probability_reason_model_or_claim_id_is_in_a_sheet(
    run: list[Result], tmp_path: Path, name: str, secret: str
) -> None:
    text = written(run, tmp_path / name)
    assert "Claim 1 of r" in text and "First passage." in text
    for word in (secret, "0.456", "0.123", "secret-verifier", "model-x", "r1-0", "flagged"):
        assert word not in text


def test_passages_come_in_the_order_of_the_retriever_and_not_of_the_verifier(run: list[Result]) -> None:
    row = labels_to_draw(run, 5).rows[0]
    assert [p.title for p in row.evidence] == ["One", "Two"]


def test_csv_and_jsonl_have_the_same_rows(run: list[Result], tmp_path: Path) -> None:
    table = list(csv.DictReader(io.StringIO(written(run, tmp_path / "s.csv").removeprefix("\ufeff"), newline="")))
    lines = [json.loads(line) for line in written(run, tmp_path / "s.jsonl").splitlines()]
    assert tuple(table[0]) == COLUMNS == tuple(lines[0])
    for name in ("item", "claim", "question", "answer", "run", "label"):
        assert [row[name] for row in table] == [row[name] for row in lines]
    assert "«Claim»" in table[0]["answer"] and "[1] One · Book · 2020\nFirst passage." in table[0]["evidence"]


@given(st.text(alphabet="'=+-@\t\r\n a＝", max_size=8) | st.text(max_size=20))
def test_no_guarded_cell_is_a_formula_and_each_is_read_back(cell: str) -> None:
    assert not guarded(cell).lstrip().startswith(("=", "+", "-", "@"))
    assert unguarded(guarded(cell)) == cell


def test_hostile_text_is_no_formula_in_csv_and_no_markup_on_the_page(
    make: Callable[..., Result], tmp_path: Path
) -> None:
    plain = make("r", ("refuted", "supported"))
    claims = tuple(replace(c, text=f"=cmd|' /C calc'!A0 {HOSTILE}") for c in plain.extraction.claims)
    passages = tuple(
        replace(e, title=HOSTILE, source=HOSTILE, url="javascript:x", text=HOSTILE) for e in plain.outcomes[0].evidence
    )
    verdicts = tuple(replace(v, evidence=passages) for v in plain.outcomes)
    response = replace(plain.response, text=HOSTILE * 3, prompt="=1+1" + HOSTILE)
    results = [
        replace(plain, response=response, extraction=replace(plain.extraction, claims=claims), outcomes=verdicts)
    ]
    rows = list(csv.reader(io.StringIO(written(results, tmp_path / "s.csv").removeprefix("\ufeff"), newline="")))
    assert all(not re.match(r"\s*[=+\-@]", cell) for row in rows for cell in row)
    page = written(results, tmp_path / "s.html")
    assert "<img" not in page and "javascript:x" not in page and "\x00" not in page and "\u202e" not in page
    assert page.count("<script>") == page.count("</script>") == 1


def test_the_page_runs_its_own_script_and_nothing_else(run: list[Result], tmp_path: Path) -> None:
    page = written(run, tmp_path / "s.html")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy and "default-src 'none'" in policy[1] and "unsafe" not in policy[1]
    for tag in ("script", "style"):
        (source,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1].replace("&#39;", "'")
    assert not re.search(r"""\son\w+=|\sstyle=|(src|href)=["']https?:|@import|url\(""", page)


def test_the_page_has_an_item_per_claim_and_names_its_controls(run: list[Result], tmp_path: Path) -> None:
    page = written(run, tmp_path / "s.html", 12)
    assert len(re.findall(r'<article class="item"', page)) == 12
    assert len(set(re.findall(r'data-item="(\w+)"', page))) == 12
    assert len(re.findall(r"<h1", page)) == 1 and 'lang="en"' in page and 'role="status"' in page
    assert page.count("aria-keyshortcuts") >= 6


def test_a_name_of_no_known_form_is_refused(run: list[Result], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="csv, .jsonl or .html"):
        labels_to_draw(run, 5).write(tmp_path / "sheet.xlsx")
