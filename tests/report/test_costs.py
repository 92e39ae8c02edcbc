"""What chat models add to a report: what it cost, what they said when that was no answer, votes and searches."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from halueval.records import (
    Claim,
    Cost,
    Evidence,
    Extraction,
    Failure,
    Outcome,
    Response,
    Result,
    Search,
    Span,
    Verdict,
)
from halueval.report import Report

HOSTILE = '</blockquote><script>alert("x")</script>{{ 7*7 }} \x1b[31m ```| supported'


def asked(*, dollars: float | None = 0.25) -> list[Result]:
    """Two answers of two claims: a verdict each of a panel and of a search, an unreadable and an injected reply."""
    text = "Aspirin is a drug. Aspirin cures colds."
    results = []
    passage = Evidence("d", "Aspirin is a drug.", Span(0, 18))
    cost = Cost(2, 1000, 100, 1.5, dollars)
    fates: list[tuple[Outcome, Outcome]] = [
        (
            Verdict("0-0", "supported", evidence=(passage,), cost=cost, votes={"m1": "supported", "m2": "refuted"}),
            Verdict("0-1", "refuted", evidence=(passage,), votes={"m1": "refuted", "m2": "failure: timeout"}),
        ),
        (
            Failure("verification", "unreadable_reply", "m1: a reply could not be read", "1-0", 2, HOSTILE, cost),
            Verdict("1-1", "refuted", evidence=(passage,), searches=(Search("colds", (0,), 1), Search(HOSTILE, (), 2))),
        ),
    ]
    for i, outcomes in enumerate(fates):
        claims = tuple(Claim(f"{i}-{n}", str(i), said, (Span(0, 5),)) for n, said in enumerate(text.split(". ")))
        results.append(
            Result(Response(str(i), text), Extraction(str(i), claims, cost=Cost(1, 400, 50, 1.0, 0.1)), outcomes)
        )
    lost = Failure("extraction", "injected", "m1: the canary came back", "2", 1, HOSTILE, Cost(1, 300, 0, 1.0, 0.1))
    return [*results, Result(Response("2", text), Extraction("2", failure=lost))]


def test_calls_are_added_up_by_step_and_a_failure_is_paid_for_too() -> None:
    counts = Report(asked()).counts
    assert counts.costs["extraction"].calls == 3 and counts.costs["extraction"].prompt_tokens == 1100
    assert counts.costs["verification"] == Cost(4, 2000, 200, 3.0, 0.5)
    assert Report(asked()).summary.by_model[""].counts.costs == counts.costs


def test_models_have_their_own_costs_and_the_whole_has_all() -> None:
    results = [
        Result(Response(name, "No.", model=name), Extraction(name, cost=Cost(1, n, 0, 0.0, None if n > 1 else 1.0)))
        for n, name in enumerate(("a", "b"), 1)
    ]
    summary = Report(results).summary
    assert [summary.by_model[m].counts.costs["extraction"].prompt_tokens for m in ("a", "b")] == [1, 2]
    assert summary.counts.costs["extraction"] == Cost(2, 3, 0, 0.0, None)


def test_judges_that_failed_are_not_asked_whether_they_agree() -> None:
    counts = Report(asked()).counts
    assert (counts.voted, counts.split, counts.searched, counts.queries) == (1, 1, 1, 2)


@pytest.mark.parametrize(("dollars", "said"), [(0.25, "$0.80"), (None, "not known")])
def test_every_form_says_what_it_cost(dollars: float | None, said: str) -> None:
    report = Report(asked(dollars=dollars))
    forms = [str(report), report.to_markdown(), report.to_html()]
    for form in forms:
        assert said in form and "extraction" in form and "per claim" in form and "1.8" in form
    assert "What it cost: 7 calls · 3,400 tokens" in forms[2]
    assert "the judges disagreed on 1 of 1 claim (100.0 %)" in str(report)
    assert "2.0 queries per claim, for 1 claim" in str(report)
    written = json.loads(report.to_json())["counts"]["costs"]["verification"]
    assert written == {
        "calls": 4, "prompt_tokens": 2000, "completion_tokens": 200, "seconds": 3.0, "dollars": dollars and 2 * dollars
    }  # fmt: skip


def test_where_nobody_was_asked_nothing_is_said_of_cost() -> None:
    results = [Result(Response("a", "No."), Extraction("a", cost=Cost(seconds=2.0)))]
    report = Report(results)
    for form in (str(report), report.to_markdown(), report.to_html(), report._repr_html_()):
        assert "cost" not in form.lower().replace("costs", "") and "calls" not in form and "price" not in form


class Texts(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_a_model_said_is_shown_as_text_and_nothing_in_it_acts() -> None:
    report = Report(asked())
    page = Texts(report.to_html())
    assert "script" not in page.tags
    assert page.text.count('<script>alert("x")</script>{{ 7*7 }}') == 3  # two failures, one query
    assert "\x1b" not in report.to_html() and "\x1b" not in str(report)
    for said in ("What the model replied", "2 queries were asked", "round 2, 0 passages", "m2: failure: timeout"):
        assert said in page.text
    assert "verification failed (unreadable reply, 2 attempts)" in page.text
    assert "extraction failed (injected)" in page.text
    assert "1 verification: unreadable reply" in str(report) and "1 extraction: injected" in str(report)


def test_the_table_of_claims_has_replies_votes_and_queries() -> None:
    table = Report(asked()).claims()
    rows = list(table)
    assert [row["failure_reply"] for row in rows] == [None, None, HOSTILE, None]
    assert [row["label"] for row in rows] == ["supported", "refuted", None, "refuted"]
    assert rows[1]["votes"] == [{"judge": "m1", "vote": "refuted"}, {"judge": "m2", "vote": "failure: timeout"}]
    assert rows[3]["queries"] == ["colds", HOSTILE]
    assert table.to_arrow().column("votes").to_pylist()[2] == []
