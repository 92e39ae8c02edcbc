"""The HTML page: whole, escaped, self-contained, honest about what it leaves out."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from halueval.errors import OutputError
from halueval.records import Claim, Evidence, Extraction, Response, Result, Span, Verdict
from halueval.report import Report, show
from halueval.report.answers import safe_url
from halueval.report.segments import excerpts
from halueval.report.wording import printable

VOID = {"meta", "input", "line", "path", "circle", "rect"}


class Parsed(HTMLParser):
    """Elements, and the text of the answers without the markers; fails on tags that don't nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[tuple[str, str]] = []
        self.answers: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag in VOID:
            return
        if found.get("class") == "said" and self.open[-1][1] == "text":
            self.answers.append("")
        self.open.append((tag, found.get("class") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        classes = [c for _, c in self.open]
        inside = any(a == "text" and b == "said" for a, b in zip(classes, classes[1:], strict=False))
        if inside and not any(c.startswith("ref ") for c in classes):
            self.answers[-1] += data

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.elements if name in attrs]


@pytest.fixture(scope="module")
def page(results: list[Result], hostile: Result, settings: dict[str, object]) -> Parsed:
    return Parsed(Report([*results, hostile], settings).to_html())


def test_each_character_of_an_answer_is_printed_once(page: Parsed, results: list[Result], hostile: Result) -> None:
    assert page.answers == [printable(r.response.text) for r in [*results, hostile] if r.response.text]


def test_nothing_is_loaded_from_anywhere(page: Parsed) -> None:
    assert not page.attributes("src") and not page.attributes("style")
    assert {tag for tag, _ in page.elements} & {"script", "img", "link", "iframe", "object", "form"} == set()
    outside = [attrs for _, attrs in page.elements if not (attrs.get("href") or "#").startswith("#")]
    assert {a["href"] for a in outside} == {"https://example.org/ibuprofen?a=1&b=2", "http://example.org/metformin"}
    assert {a["rel"] for a in outside} == {"noopener noreferrer"}
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    (policy,) = [a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None and policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_the_style_is_the_one_that_the_policy_allows(results: list[Result]) -> None:
    import base64
    import hashlib

    html = Report(results).to_html()
    style = html[html.index("<style>") + 7 : html.index("</style>")]
    assert f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}" in html
    assert "url(" not in style and "@import" not in style


def test_what_must_not_reach_a_page_does_not(page: Parsed) -> None:
    assert not re.search("[\x00\x1b\ud800-\udfff\u202e]", page.text + "".join(page.attributes("title")))
    assert '<script>alert("x")</script>' in page.text  # said as text, not left out


def test_links_lead_somewhere_and_ids_are_unique(page: Parsed) -> None:
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.attributes("href") if href.startswith("#")} <= set(ids)
    named = " ".join(page.attributes("aria-labelledby")).split()
    assert set(named) <= set(ids)


def test_every_placed_claim_is_linked_both_ways(page: Parsed, results: list[Result]) -> None:
    links = page.attributes("href")
    for number, result in enumerate(results, 1):
        for i, claim in enumerate(result.extraction.claims, 1):
            assert (f"#a{number}-c{i}" in links) == (f"#a{number}-t{i}" in links) == bool(claim.spans)


def test_headings_stand_in_order_and_tables_have_headers(page: Parsed) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
    assert all(attrs.get("scope") in ("row", "col") for tag, attrs in page.elements if tag == "th")
    assert [tag for tag, _ in page.elements].count("table") == [tag for tag, _ in page.elements].count("caption")


def test_labels_are_words_beside_colour(page: Parsed) -> None:
    for said in ("✗ refuted", "✓ supported", "? undecided", "○ nothing found", "! failed", "– not checked"):
        assert said in page.text
    assert "verification failed (timeout, 3 attempts): no reply in 60 s" in page.text
    assert "not placed in the text" in page.text
    assert "input failed (invalid record): line 9: field 'answer' is a number" in page.text
    assert "The response is empty." in page.text


def test_the_quote_is_marked_in_the_evidence(results: list[Result]) -> None:
    html = Report(results[:1]).to_html()
    assert "<mark>no more than 1,200 mg should be taken in 24 hours</mark>" in html


def test_more_answers_than_the_limit_are_said_and_refuted_ones_come_first(results: list[Result]) -> None:
    parsed = Parsed(Report(results).to_html(limit=4))
    shown = [attrs["id"] for tag, attrs in parsed.elements if tag == "article"]
    assert shown == ["a1", "a2", "a5", "a6"]  # the four with a refuted claim, in the order given
    assert "4 responses of 9" in parsed.text and "looks worse than the whole" in parsed.text
    five = Parsed(Report(results).to_html(limit=5))
    assert [a["id"] for tag, a in five.elements if tag == "article"] == ["a1", "a2", "a3", "a5", "a6"]


def test_the_same_input_gives_the_same_bytes(results: list[Result], settings: dict[str, object]) -> None:
    assert Report(results, settings).to_html() == Report(list(results), dict(settings)).to_html()


class Many:
    """As many answers as asked for, made when they are read."""

    def __init__(self, count: int, made: Result) -> None:
        self.count, self.made = count, made

    def __iter__(self) -> Iterator[Result]:
        for i in range(self.count):
            yield replace(self.made, response=replace(self.made.response, id=str(i), prompt=f"prompt {i}"))


def test_memory_does_not_grow_with_the_number_of_answers(results: list[Result], tmp_path: Path) -> None:
    report, page = Report(Many(150, results[0])), tmp_path / "page.html"
    assert report.counts.responses == 150
    report.write_html(page, limit=1)  # what is loaded once is no growth
    tracemalloc.start()
    report.write_html(page, limit=None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert page.read_text(encoding="utf-8").count("<article") == 150
    assert peak < page.stat().st_size / 4


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(results: list[Result], tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with pytest.raises(OutputError, match="here: this is a folder"):
        Report(results).write_html(tmp_path / "here")
    with pytest.raises(OutputError, match="there is no folder"):
        Report(results).write_html(tmp_path / "absent" / "page.html")
    assert [p.name for p in tmp_path.iterdir()] == ["here"]


def test_results_that_break_halfway_leave_the_old_file(results: list[Result], tmp_path: Path) -> None:
    class Breaking(list[Result]):
        turn = 0

        def __iter__(self) -> Iterator[Result]:
            self.turn += 1
            yield from results
            if self.turn > 1:
                raise RuntimeError("the disk went away")

    page = tmp_path / "page.html"
    page.write_text("old")
    with pytest.raises(RuntimeError):
        Report(Breaking()).write_html(page)
    assert page.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_a_long_passage_is_cut_around_its_quotes_and_says_so() -> None:
    text = "word " * 2000 + "the quote" + " word" * 2000
    at = text.index("the quote")
    (cut,) = excerpts(text, [Span(at, at + 9)])
    assert ("the quote", True) in cut.pieces
    assert "".join(piece for piece, _ in cut.pieces) == text[cut.start : cut.end]
    assert cut.end - cut.start < 600
    evidence = Evidence("d", text, Span(0, len(text)))
    claim, response = Claim("c", "r", "A."), Response("r", "A.")
    html = show(
        Result(response, Extraction("r", (claim,)), (Verdict("c", "refuted", evidence=(evidence,)),))
    )._repr_html_()
    assert len(html) < 40_000 and " …</blockquote>" in html


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        (" https://example.org", False),
        ("https://e.org/\u202egnp", False),
        ("//example.org", False),
        ("data:text/html,x", False),
        ("https://", False),
        ("", False),
    ],
)
def test_only_plain_web_addresses_become_links(url: str, kept: bool) -> None:
    assert bool(safe_url(url)) == kept


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
def test_text_has_contrast(dark: bool) -> None:
    from importlib.resources import files

    css = files("halueval.report").joinpath("style.css").read_text(encoding="utf-8")
    blocks = re.findall(r"\.hv \{(.*?)\n *\}", css, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[1 if dark else 0]))
    pairs = [(ink, on) for ink in ("ink", "soft", "refuted", "supported", "open", "failed") for on in ("paper", "card")]
    pairs += [("ink", f"{label}-wash") for label in ("refuted", "supported", "open", "failed")]
    pairs += [("ink", "quote"), ("ink", "wash"), ("soft", "wash")]
    pairs += [(label, f"{label}-wash") for label in ("refuted", "supported", "open", "failed")]
    for ink, on in pairs:
        light, deep = sorted((_luminance(colours[ink]), _luminance(colours[on])), reverse=True)
        assert (light + 0.05) / (deep + 0.05) >= 4.5, (ink, on)
