"""Sentences of medical prose: where they end, what they are, and that nothing is lost."""

from __future__ import annotations

import gc
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.text.sentences import sentence_spans, sentences


def split(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentence_spans(text)]


# A bar marks where one sentence ends and the next begins; the white space around it belongs to neither.
MARKED = {
    "decimals": [
        "Give .25 mg.| 0.5 mg is too much.",
        "It fell to 7.| Then it rose to 7.4.| Good.",
        "The ratio was 1:1.5.| Next.",
        "It rose, P < .05.| Then it fell.",
    ],
    "abbreviations": [
        "Give it q.i.d. p.r.n. for pain.| Stop after that.",
        "Mrs. Doe vs. Mr. Roe.| It went on.",
        "See p. 12 and pp. 3–5.| Then stop.",
        "Jan. 5 was cold.| Feb. 2 was not.",
        "Sample Inc. makes it.| Buy it.",
        "St. John's wort interacts.| Avoid it.",
        "Give 10 mg i.m. or s.c. for 3 d.| Then stop.",
        "Staph. aureus grew.| It died.",
        "The U.S. Surgeon General warned us.| He did.",
        "It is rare in the U.S.| Rates differ.",
        "She has a Ph.D.| She works.",
        "Smith et al. (2019) found it.| Yes.",
        "It lasts 6 sec.| He left.",
        "She has MS.| He does not.",
        "It is state of the art.| He left.",
        "Ask for No. 5.| Then go.",
        "The answer is no.| It is not.",
        "Give it to ca. 200 adults.| Yes.",
        "Vit. C is cheap.| Eat it.",
        "Take 500 mg. daily for 5 d.| Stop.",
        "Step 1. Wash hands.| Step 2. Dry them.",
        "Ht. 170 cm.| Wt. 70 kg.",
    ],
    "single letters": [
        "H. pylori and N. meningitidis differ.| Both are bacteria.",
        "Give vitamin D.| Vitamin K is next.",
        "Use A or B.| Metformin is best.",
        "Prof. A. B. Sample wrote it.| Good.",
        "Infuse over 24 h.| Then stop.",
        "Wait for 24 h.| 5 mg more is fine.",
    ],
    "citations": [
        "It works.¹| Then rest.",
        "It lowers risk.(1,2)| They agree.",
        "It is safe.[3]| Good.",
        "It is safe. [3]| Good.",
        "It fell by 20%.12| Later trials agreed.",
        "It fell.<sup>1</sup>| Then it rose.",
        "Go to https://a.b/c.d.| Then call.",
        "Mail a@b.org.| Then wait.",
    ],
    "questions and quotes": [
        '"Is it safe?" is a common question.| Yes.',
        "Is 5 mg (or 10?) too much?| Yes.",
        "Really??| Yes.",
        "Wait...| What?",
        "So... I stopped.| Then I slept.",
        "Well . . . it depends.| Ok.",
        "嗯……好吧。|停药。",
        "He said [...] and left.| Bye.",
        "Take it (with food. Or milk.) daily.| Go.",
        "(See below.| It helps.)| Then go.",
    ],
    "no space": [
        "Stop now.|Call us.|Rest.",
        "I used B12.|Then I left.",
        "It is for HIV.|It spreads.",
        "Dr.Smith came.|Then he left.",
        "See www.a.Bc.De for more.| Yes.",
    ],
    "emoji": [
        "Take care! ❤️| Bye now.",
        "💊 Take it.| 💧 Drink water.",
        "1️⃣ Wash hands.| 2️⃣ Dry them.",
        "Do not mix it. |✅ Take it with food.",
        "Thanks!😊| Bye.",
    ],
    "scripts": [
        "هل هو آمن؟| نعم.| جيد.",
        "زر د. أحمد اليوم.| ثم عد.",
        "दवा लें।| बंद न करें।",
        "डॉ. शर्मा से मिलें।| धन्यवाद।",
        "「飲んで。」と言った。|次。",
        "请服用。|停药！|好吗？|好。",
        "복용하세요.| 중단하지 마세요.",
        "دوا لیں۔| بند نہ کریں۔",
        "It is safe.\u200f| Then go.",
    ],
    "lines": [
        "TREATMENT|\nRest well.",
        "Drug   Dose|\naspirin  75 mg|\nwarfarin  2 mg",
        "Step 1: Wash.|\nStep 2: Dry.",
        "The dose is\n5 mg.| Stop.",
        "Call Dr.\nSmith today.| Go.",
        "One line\u2028|Another line",
        "Take it.nDo not stop.",
    ],
    "lists": [
        "-Nausea|\n-Headache",
        "1.Wash hands|\n2.Dry them",
        "(1) Wash.| (2) Dry.| (3) Go.",
        "1. Take 2 tabs.| 2. Rest for 3 wk.| 3. Stop.",
        "• Pain |• Fever |• Rash",
        "It helps: |- one |- two",
        "- dry mouth |- lack of tears |- no nappies",
        "It is in skin. |- A surgeon may act. |- Tests follow.",
        "Metformin - a biguanide - lowers glucose.",
        "It is open 9 a.m. - 5 p.m. daily.| Go.",
        "- Rest.|\n  Then walk.|\n- Ice",
        "o Rest|\no Ice",
        "A. baumannii grew.| E. coli did not.",
        "1.\nWash hands.|\n2.\nDry them.",
    ],
}


@pytest.mark.parametrize("marked", [m for group in MARKED.values() for m in group])
def test_a_sentence_ends_where_a_reader_would_end_it(marked: str) -> None:
    if marked == "Take it.nDo not stop.":  # the n is the rest of a line break
        assert split(marked) == ["Take it.", "Do not stop."]
        return
    assert split(marked.replace("|", "")) == [part.strip() for part in marked.split("|")]


def test_table_rows_and_their_rule_are_units() -> None:
    text = "| Drug | Dose. Max. |\n|---|---|\n| A | 1.5 mg. Then 2. |\n\nDrug | Dose\n--- | ---\nB | 2 mg"
    assert [s.kind for s in sentences(text)] == ["row", "rule", "row", "row", "rule", "row"]


def test_each_kind_of_place_is_told_apart() -> None:
    text = "## Dose\nTake 5 mg. Rest.\n- one\n- two\n\n---\n**Warning**\nA\t1.5 mg\n"
    assert [(s.kind, text[s.content : s.span.end]) for s in sentences(text)] == [
        ("heading", "Dose"),
        ("prose", "Take 5 mg."),
        ("prose", "Rest."),
        ("item", "one"),
        ("item", "two"),
        ("rule", "---"),
        ("heading", "Warning**"),
        ("row", "A\t1.5 mg"),
    ]


def test_an_item_knows_what_introduces_it() -> None:
    text = (
        "1. **Metformin**: good. Cheap.\n   - Take with food\n2. Insulin:\n   - Inject\nSymptoms include:\nFever\nRash"
    )
    found = sentences(text)
    said = [text[s.span.start : s.span.end] for s in found]
    introduced = {said[k]: said[s.lead_in] for k, s in enumerate(found) if s.lead_in is not None}
    assert introduced == {
        "- Take with food": "Cheap.",
        "- Inject": "2. Insulin:",
        "Fever": "Symptoms include:",
        "Rash": "Symptoms include:",
    }


def test_sentences_stand_under_the_last_heading() -> None:
    found = sentences("# A\nOne. Two.\n# B\nThree.")
    assert [s.heading for s in found] == [None, 0, 0, 0, 3]


@pytest.mark.parametrize(
    "line",
    ["You should rest now", "Aspirin 81 mg daily", "Metformin lowers glucose in most adults who take it every day"],
)
def test_a_line_that_says_something_is_no_heading(line: str) -> None:
    assert sentences(line + "\n\nRest well.")[0].kind == "prose"


def test_wrapped_lines_are_one_sentence() -> None:
    text = (
        "This paragraph was filled to a width by an editor, so that the\n"
        "National guideline it cites is broken over lines that begin in\n"
        "Capitals now and then."
    )
    assert split(text) == [text]


PIECES = st.lists(
    st.sampled_from(
        [
            "Take",
            "5",
            "mg",
            ".",
            " ",
            "\n",
            "\r\n",
            "- ",
            "1. ",
            "| ",
            "\t",
            "(",
            ")",
            "e.g.",
            "。",
            "؟",
            "😊",
            "[1]",
            "#",
            "é",
            "**",
        ]
    ),
    max_size=40,
).map("".join)


@given(st.one_of(PIECES, st.text(max_size=80)))
def test_spans_are_in_order_and_lose_only_white_space(text: str) -> None:
    spans = sentence_spans(text)
    at = 0
    for span in spans:
        assert at <= span.start < span.end <= len(text)
        assert not text[at : span.start].strip()
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        at = span.end
    assert not text[at:].strip()
    assert tuple(s.span for s in sentences(text)) == spans


@given(PIECES)
def test_content_and_references_stay_inside(text: str) -> None:
    found = sentences(text)
    for k, s in enumerate(found):
        assert s.span.start <= s.content <= s.span.end
        assert all(i is None or 0 <= i < k for i in (s.lead_in, s.heading))


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t", "\u2028"])
def test_blank_text_has_no_sentences(text: str) -> None:
    assert sentence_spans(text) == ()


@pytest.mark.parametrize(
    "piece", ["Take 5 mg. ", "a.", "(a. ", "- a\n", "a.[1,", "|-", "a.Bcde", ". ", "x:\n- y\n", "!? "]
)
def test_time_grows_with_length_only(piece: str) -> None:
    def took(size: int) -> float:
        text = piece * (size // len(piece))
        gc.disable()  # how long a collection takes depends on the tests that ran before
        began = time.thread_time()
        sentence_spans(text)
        gc.enable()
        return time.thread_time() - began

    took(20_000)
    assert took(160_000) < 40 * max(took(20_000), 0.005)  # eight times the text; a quadratic rule would take 64 times
