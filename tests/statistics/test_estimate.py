"""An estimate prints what a reader needs: the right unit, a limit where there is only one, every warning, escaped."""

from __future__ import annotations

import pytest

from halueval.statistics.estimate import Bounds, Estimate, shown

PRINTED = [
    (
        Estimate(0.12, 0.08, 0.17, events=12, claims=100, groups=20),
        "12.0 % [8.0 %, 17.0 %] (95 %, 12 of 100 claims, 20 groups)",
    ),
    (Estimate(0.0, 0.0, 0.063, claims=50, groups=5), "0.0 %, at most 6.3 % (95 %, 0 of 50 claims, 5 groups)"),
    (
        Estimate(1.0, 0.4, 1.0, 0.9, events=23, claims=23, groups=4),
        "100.0 %, at least 40.0 % (90 %, 23 of 23 claims, 4 groups)",
    ),
    (
        Estimate(0.5, events=1, claims=2, groups=1, reason="one group"),
        "50.0 %, no interval: one group (1 of 2 claims, 1 group)",
    ),
    (Estimate(None, reason="no claims"), "undefined (no claims)"),
    (
        Estimate(1.05, 0.7, 1.41, events=63, claims=60, groups=30, per="responses", unit="refuted claims per response"),
        "1.05 [0.70, 1.41] refuted claims per response (95 %, 63 in 60 responses, 30 groups)",
    ),
    (
        Estimate(0.25, 0.2, 0.3, events=1234567.5, claims=4938270, groups=1000),
        "25.0 % [20.0 %, 30.0 %] (95 %, 1,234,567.5 of 4,938,270 claims, 1,000 groups)",
    ),
    (
        Estimate(0.00042, 0.00009, 0.002, events=4, claims=9500, groups=800),
        "0.042 % [0.0090 %, 0.20 %] (95 %, 4 of 9,500 claims, 800 groups)",
    ),
]


@pytest.mark.parametrize(("estimate", "text"), PRINTED)
def test_it_prints_as_it_is_read(estimate: Estimate, text: str) -> None:
    assert str(estimate) == text


def test_warnings_are_printed_with_it() -> None:
    assert str(Estimate(0.5, 0.1, 0.9, warnings=("few groups", "one answer"))).splitlines()[1:] == [
        "  warning: few groups",
        "  warning: one answer",
    ]


def test_a_notebook_gets_the_same_words_escaped() -> None:
    page = Estimate(0.5, 0.1, 0.9, method="<b>", per="<script>", warnings=("a < b",))._repr_html_()
    assert "50.0 % [10.0 %, 90.0 %]" in page
    assert "&lt;script&gt;" in page and "&lt;b&gt;" in page and "a &lt; b" in page
    assert "<script" not in page
    assert "&lt;x&gt;" in Bounds(Estimate(0.1), Estimate(0.2), 1, "<x>")._repr_html_()


def test_bounds_without_claims_say_so() -> None:
    nothing = Estimate(None, reason="no claims")
    assert str(Bounds(nothing, nothing)) == "undefined (no claims)"


@pytest.mark.parametrize("value", [3e-5, 0.0049, 0.00999, 0.01, 0.5, 0.99999])
def test_a_number_that_is_shown_reads_back_as_itself(value: float) -> None:
    assert float(shown(value).removesuffix(" %")) / 100 == pytest.approx(value, rel=0.06, abs=1e-8)


@pytest.mark.parametrize(("value", "text"), [(1e-12, "<0.001 %"), (9.9e-6, "<0.001 %"), (1.1e-5, "0.0011 %")])
def test_what_is_too_small_to_matter_is_said_to_be_small(value: float, text: str) -> None:
    assert shown(value) == text


def test_a_limit_that_says_nothing_is_not_said_as_one() -> None:
    from halueval.report.wording import interval_text

    nothing = Estimate(1.0, 1e-9, 1.0, events=2, claims=2)
    assert "at least" not in nothing.figure and "at least" not in interval_text(nothing)
    assert interval_text(Estimate(1.0, 0.6, 1.0)) == "at least 60.0 %"
