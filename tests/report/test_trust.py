"""Reliability and risk over coverage as pictures: well-formed, said in words, coloured for light and dark."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from halueval.report.forest import Svg
from halueval.report.trust import reliability_diagram, risk_coverage_plot
from halueval.statistics import calibration_estimates, risk_at_coverage

NS = "{http://www.w3.org/2000/svg}"
P, Y, G = [0.1, 0.15, 0.12, 0.5, 0.9, 1.0, 0.95], [0, 0, 1, 1, 1, 1, 0], list("abcabca")
BINS = calibration_estimates(P, Y, G)
POINTS = [risk_at_coverage(P, Y, G, share) for share in (0.2, 0.6, 1.0)]
HOSTILE = '</text><script>alert("x")</script>\x00&'


@pytest.mark.parametrize("plot", [reliability_diagram(BINS, HOSTILE), risk_coverage_plot(POINTS, HOSTILE)])
def test_a_plot_is_one_image_with_title_and_description_and_nothing_else_of_a_title_gets_in(plot: Svg) -> None:
    root = ElementTree.fromstring(plot)
    assert root.get("role") == "img" and root.find(f".//{NS}script") is None
    named = root.get("aria-labelledby").split()
    assert [root.find(f"./*[@id='{n}']").tag for n in named] == [f"{NS}title", f"{NS}desc"]
    assert "<script>" not in plot and plot._repr_svg_() == plot._repr_html_() == str(plot)
    assert root.get("fill") == "currentColor" and "white" not in plot and "black" not in plot


def test_every_bin_is_a_point_and_a_count_and_is_said_in_words() -> None:
    root = ElementTree.fromstring(reliability_diagram(BINS))
    assert len(root.findall(f"{NS}circle")) == len(root.findall(f"{NS}rect")) == len(BINS.bins) == 3
    said = root.find(f"{NS}desc").text
    assert said.startswith(f"expected calibration error {BINS.ece.value:.3f}")
    assert "predicted 12.3 %: 33.3 % came true" in said and "of 3 claims" in said and said.count(";") == 2
    assert "no interval: fewer than two answers" in said  # the bin with one claim


def test_every_coverage_is_a_point_in_words_and_higher_means_riskier() -> None:
    root = ElementTree.fromstring(risk_coverage_plot(list(reversed(POINTS))))
    points = [(float(c.get("cx")), float(c.get("cy"))) for c in root.findall(f"{NS}circle")]
    risks = [p.risk.value for p in POINTS]
    assert points == sorted(points)
    assert sorted(range(3), key=lambda i: -points[i][1]) == sorted(range(3), key=lambda i: risks[i])
    assert "100 % kept: 57.1 % wrong" in root.find(f"{NS}desc").text


def test_nothing_to_draw_is_an_empty_frame_that_says_so() -> None:
    nothing = calibration_estimates([], [], [])
    assert (
        "no calibration error: no claims" in ElementTree.fromstring(reliability_diagram(nothing)).find(f"{NS}desc").text
    )
    assert ElementTree.fromstring(risk_coverage_plot([])).find(f"{NS}desc").text == "no claims"
    undefined = risk_coverage_plot([risk_at_coverage([], [], [], 0.5)])
    assert ElementTree.fromstring(undefined).findall(f"{NS}circle") == []
