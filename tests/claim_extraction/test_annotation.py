"""Claims that a model wrote get the same record that the rules give theirs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from halueval.claim_extraction import SentencesExtractor
from halueval.claim_extraction.annotation import annotate, read_answer
from halueval.claim_extraction.assembly import Statement
from halueval.errors import PluginError
from halueval.records import Claim, Response, Span

ANSWER = (
    "Hello!\n\nMetformin lowers blood sugar. It may cause nausea in children if 500 mg is taken without food.\n\n"
    "- no cure for colds\n- Take 2 tablets daily.\n\n<think>Hm, 9 mg.</think>Please see your doctor."
)


def claims(*statements: Statement, text: str = ANSWER, context: tuple[str, ...] = ()) -> tuple[Claim, ...]:
    return annotate(read_answer(Response("r", text, context=context)), statements)


def at(part: str, text: str = ANSWER) -> Span:
    return Span(text.index(part), text.index(part) + len(part))


def test_a_sentence_as_it_was_said_gets_what_the_sentences_extractor_gives_it() -> None:
    (wanted,) = SentencesExtractor().extract([Response("r", ANSWER)])
    said = [Statement(c.text, c.spans, reason=c.reason) for c in wanted.claims]
    assert claims(*said) == wanted.claims


def test_a_claim_holds_what_its_spans_hold_and_says_what_its_text_says() -> None:
    text = "Metformin may cause nausea in children if 500 mg is taken with food."
    (claim,) = claims(Statement(text, (at("may cause nausea in children if 500 mg"), at("Metformin"))))
    assert [ANSWER[q.span.start : q.span.end] for q in claim.quantities] == ["500 mg"]
    assert [ANSWER[e.span.start : e.span.end] for e in claim.entities][0] == "Metformin"
    assert all(ANSWER[e.span.start : e.span.end] == e.text for e in claim.entities)
    assert (claim.hedged, claim.negated, claim.population) == (True, False, "children")


def test_a_quote_over_two_sentences_holds_the_quantities_of_both() -> None:
    text = "Take 5 mg. Then take 10 mg."
    (claim,) = claims(Statement("Take 5 mg, then 10 mg.", (Span(0, len(text)),)), text=text)
    assert [q.low for q in claim.quantities] == [5, 10]


def test_a_claim_without_a_place_has_nothing_of_the_answer() -> None:
    (claim,) = claims(Statement("Zinc may not cure colds in children."))
    assert (claim.spans, claim.entities, claim.quantities, claim.condition, claim.population) == (
        (),
        (),
        (),
        None,
        None,
    )
    assert (claim.hedged, claim.negated, claim.checkworthy) == (True, True, True)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (Statement("Please see your doctor.", (at("Please see your doctor."),)), "referral"),
        (Statement("Metformin lowers blood sugar.", (at("Metformin lowers blood sugar."),)), None),
        (Statement("Metformin lowers blood sugar.", reason="opinion"), "opinion"),
    ],
)
def test_what_is_not_checkworthy_is_told_by_the_rules_unless_the_statement_says(
    statement: Statement, reason: str | None
) -> None:
    (claim,) = claims(statement)
    assert (claim.checkworthy, claim.reason) == (reason is None, reason)


def test_a_record_of_a_patient_is_a_case_unless_its_context_is_there() -> None:
    text = "A 40-year-old man presents with a cough. He denies fever."
    said = Statement("The man denies fever.", (at("He denies fever.", text),))
    assert claims(said, text=text)[0].reason == "case"
    assert claims(said, text=text, context=("the record",))[0].reason is None


def test_ids_are_unique_and_the_same_each_time() -> None:
    said = [Statement("Rest."), Statement("Rest."), Statement("Rest.", (Span(0, 6),))]
    assert len({c.id for c in claims(*said)}) == 3
    assert claims(*said) == claims(*said)


def test_another_language_is_annotated_without_a_parse() -> None:
    (claim,) = claims(Statement("阿司匹林是药物。", (Span(0, 8),)), text="阿司匹林是药物。")
    assert claim.spans == (Span(0, 8),) and claim.entities == ()


def test_answers_may_be_read_in_several_threads() -> None:
    responses = [Response(str(i), f"Drug {i} lowers blood sugar in adults.") for i in range(8)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(read_answer, responses))
    assert [[e.text for p in a.passages for e in p.entities] for a in together] == [
        [e.text for p in read_answer(r).passages for e in p.entities] for r in responses
    ]


def test_a_pipeline_that_is_not_there_is_named() -> None:
    with pytest.raises(PluginError, match="no_such"):
        read_answer(Response("r", "A."), "no_such")
