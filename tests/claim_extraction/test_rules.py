"""What the rules make of answers: atomic, self-contained, placed."""

from __future__ import annotations

import sys
from pathlib import Path
from time import thread_time

import pytest

from halueval.claim_extraction import RulesExtractor, SentencesExtractor
from halueval.records import NOT_CHECKWORTHY_REASONS, Claim, Extraction, Response
from halueval.testing import check_extractor

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "claims"))

RULES = RulesExtractor()


def extraction(text: str, prompt: str | None = None) -> Extraction:
    (out,) = RULES.extract([Response("r", text, prompt=prompt)])
    assert out.failure is None
    return out


def checkworthy(text: str) -> list[str]:
    return [c.text for c in extraction(text).claims if c.checkworthy]


def only(text: str) -> Claim:
    (claim,) = extraction(text).claims
    return claim


def test_it_keeps_the_contract_of_extractors() -> None:
    check_extractor(RULES)
    check_extractor(SentencesExtractor())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Side effects of metformin include headache, nausea and insomnia.",
            [
                "Side effects of metformin include headache.",
                "Side effects of metformin include nausea.",
                "Side effects of metformin include insomnia.",
            ],
        ),
        (
            "The drug lowers blood pressure, but it can also cause a dry cough.",
            ["The drug lowers blood pressure.", "The drug can also cause a dry cough."],
        ),
        (
            "While aspirin thins the blood, paracetamol does not affect clotting.",
            ["Paracetamol does not affect clotting.", "Aspirin thins the blood."],
        ),
        (
            "Amlodipine opens the blood vessels, reducing blood pressure.",
            ["Amlodipine opens the blood vessels.", "Amlodipine reduces blood pressure."],
        ),
        (
            "Asthma can be triggered by factors such as pollen, dust, and smoke.",
            [
                "Asthma can be triggered by pollen.",
                "Asthma can be triggered by dust.",
                "Asthma can be triggered by smoke.",
            ],
        ),
        (
            "Statins are used to lower cholesterol, to prevent strokes, and to protect the heart.",
            [
                "Statins are used to lower cholesterol.",
                "Statins are used to prevent strokes.",
                "Statins are used to protect the heart.",
            ],
        ),
        (
            "However, it is important to note that statins lower cholesterol.",
            ["Statins lower cholesterol."],
        ),
    ],
)
def test_clauses_and_lists_come_apart(text: str, wanted: list[str]) -> None:
    assert checkworthy(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Ibuprofen and naproxen are different drugs.",
        "It may not be safe to take both warfarin and aspirin.",
        "The pain is felt between the neck and the shoulder.",
        "Singulair is a tablet, not an inhaler.",
        "Neither fever nor cough was seen.",
    ],
)
def test_what_is_said_of_things_together_stays_together(text: str) -> None:
    assert checkworthy(text) == [text]


def test_a_negation_holds_for_each_thing_it_governs() -> None:
    for text in ("There was no fever, cough, or rash.", "The patient denies fever, cough, or rash."):
        for claim in extraction(text).claims:
            assert claim.negated, claim.text


def test_the_subject_is_carried_over_and_its_place_is_a_span() -> None:
    text = "Metformin lowers blood sugar. It should be taken with food."
    claim = extraction(text).claims[-1]
    assert claim.text == "Metformin should be taken with food."
    assert [text[s.start : s.end] for s in claim.spans] == ["It should be taken with food.", "Metformin"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # a quantity is never parted from its unit
        (
            "Your blood pressure of 118/76 mm Hg is normal, while hypertension starts at 160/100 mm Hg.",
            ["Your blood pressure of 118/76 mm Hg is normal.", "Hypertension starts at 160/100 mm Hg."],
        ),
        ("Take 2*3 tablets of 5 mg.", ["Take 2*3 tablets of 5 mg."]),
        # an order has no subject to share, and no part breaks off
        (
            "It can raise potassium, so be careful with salt substitutes.",
            ["It can raise potassium.", "Be careful with salt substitutes."],
        ),
        (
            "There are many kinds of yoga, so find one that works for you.",
            ["There are many kinds of yoga, so find one that works for you."],
        ),
        (
            "As long as your kidneys work well, there should be no problem.",
            ["As long as your kidneys work well, there should be no problem."],
        ),
        (
            "Trials show that the pain begins 6 weeks later and that it is worse in the morning.",
            ["Trials show that the pain begins 6 weeks later.", "Trials show that the pain is worse in the morning."],
        ),
        # what the sentence supposes of the reader is not claimed
        ("As you take warfarin, avoid aspirin.", ["As you take warfarin, avoid aspirin."]),
        # a list with a phrase inside is one list, and its verb agrees with one thing
        (
            "Asthma may come with house dust, a virus, swollen glands in the nose, pollen, smoke, and dust mites.",
            [
                f"Asthma may come with {x}."
                for x in (
                    "house dust",
                    "a virus",
                    "swollen glands in the nose",
                    "pollen",
                    "smoke",
                    "dust mites",
                )
            ],
        ),
        (
            "Size, mass and temperature have been measured.",
            ["Size has been measured.", "Mass has been measured.", "Temperature has been measured."],
        ),
        ("Insulin, which lowers sugar, is injected.", ["Insulin is injected.", "Insulin lowers sugar."]),
    ],
)
def test_no_cut_breaks_anything_off(text: str, wanted: list[str]) -> None:
    assert [c.text for c in extraction(text).claims] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "An HbA1c of 6.5 % or higher means diabetes.",
        "Losing weight and eating less salt also lower blood pressure.",
        "Pollen, dust, and smoke trigger asthma.",
        "Quit smoking.",
    ],
)
def test_a_sentence_whose_verb_the_tagger_missed_is_no_fragment(text: str) -> None:
    assert checkworthy(text) == [text]


def test_a_labelled_quantity_is_a_claim_about_the_topic_without_markdown() -> None:
    text = "Metformin is a tablet.\n\n- **Starting dose:** 500 mg twice a day with meals.\n- **Taste:** none\n"
    _, dose, taste = extraction(text).claims
    assert dose.text == "Starting dose of metformin: 500 mg twice a day with meals." and dose.checkworthy
    assert [text[s.start : s.end] for s in dose.spans] == [
        "**Starting dose:** 500 mg twice a day with meals.",
        "Metformin",
    ]
    assert not taste.checkworthy


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Lisinopril is a pill. The usual dose is 10 mg. It may cause a cough.", "Lisinopril may cause a cough."),
        ("Long-term use is common. It may be checked every year.", "It may be checked every year."),
        (
            "Chlamydia is curable. If it is not treated, chlamydia can spread.",
            "If it is not treated, chlamydia can spread.",
        ),
        ("Many things raise the value. They will be checked again.", "They will be checked again."),
        ("They recommend rest. Water filters are cheap. They do not think it helps.", "They do not think it helps."),
        ("Warfarin is a pill. It would be helpful for you to rest.", "It would be helpful for you to rest."),
        ("The arguments for early surgery in young children are weak. Consider their views.", "Consider their views."),
        ("Aspirin thins the blood, and paracetamol does not affect it.", "Paracetamol does not affect it."),
    ],
)
def test_only_a_short_name_of_the_topic_is_written_in(text: str, kept: str) -> None:
    assert extraction(text).claims[-1].text == kept


def test_a_note_about_one_patient_is_no_case_where_it_brings_its_context() -> None:
    text = "A 40-year-old man presents with a cough. He denies fever. His pulse is 88/min."
    reasons = {c.reason for c in extraction(text).claims}
    assert reasons == {"case"}
    (out,) = RULES.extract([Response("r", text, context=("A man with a cough and no fever.",))])
    assert all(c.checkworthy for c in out.claims) and len(out.claims) == 3


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Eating oats helps. It is important to drink water.", "It is important to drink water."),
        ("Statins lower cholesterol. It is not clear why.", "It is not clear why."),
        ("Children often catch colds. It spreads by touch.", "It spreads by touch."),
    ],
)
def test_a_pronoun_without_a_likely_antecedent_stays(text: str, kept: str) -> None:
    assert extraction(text).claims[-1].text == kept


def test_the_question_names_what_the_answer_only_calls_it() -> None:
    (claim,) = extraction("It should be taken with food.", prompt="How do I take metformin?").claims
    assert claim.text == "Metformin should be taken with food." and len(claim.spans) == 1
    (claim,) = extraction("It should be taken with food.", prompt="Metformin or insulin?").claims
    assert claim.text == "It should be taken with food."


def test_list_items_take_what_introduces_them() -> None:
    text = (
        "Seek care if:\n- the fever lasts more than 3 days\n- you have a stiff neck\n\n"
        "Side effects:\n* nausea\n* dry mouth"
    )
    assert checkworthy(text) == [
        "Seek care if the fever lasts more than 3 days.",
        "Seek care if you have a stiff neck.",
        "Side effects include nausea.",
        "Side effects include dry mouth.",
    ]


def test_an_abbreviation_is_written_out_where_another_sentence_defines_it() -> None:
    text = "The herpes simplex virus (HSV) causes cold sores. HSV spreads by kissing."
    assert checkworthy(text)[-1] == "Herpes simplex virus (HSV) spreads by kissing."
    assert "60 bpm" in checkworthy("The rate is given in beats per minute (bpm). Below 60 bpm it is slow.")[-1]


def test_condition_population_hedge_and_quantities_are_read() -> None:
    text = "If the rash spreads, adults may take 2.5-5 mg every 8 hours."
    claim = only(text)
    assert claim.condition == "If the rash spreads"
    assert claim.hedged and not claim.negated
    assert [text[q.span.start : q.span.end] for q in claim.quantities] == ["2.5-5 mg", "every 8 hours"]
    assert only("Aspirin should be avoided in children under 16 years.").population == "children under 16 years"


def test_entities_lie_in_the_response() -> None:
    text = "**Note:** amoxicillin (an antibiotic) treats bronchitis."
    for claim in extraction(text).claims:
        for entity in claim.entities:
            assert text[entity.span.start : entity.span.end] == entity.text
    assert {"amoxicillin", "bronchitis"} <= {e.text for c in extraction(text).claims for e in c.entities}


def test_entities_carry_what_is_said_of_them() -> None:
    said = {e.text: e.negated for c in extraction("There is no fever, but a cough.").claims for e in c.entities}
    assert said["fever"] and not said["cough"]
    (entity,) = [e for c in extraction("His mother had diabetes.").claims for e in c.entities if e.text == "diabetes"]
    assert entity.experiencer == "family"


def test_hearsay_is_taken_off_and_doubt_is_kept() -> None:
    plain = only("I talked with your doctor and they mentioned that antibiotics do not help against viruses.")
    assert plain.text == "Antibiotics do not help against viruses." and plain.checkworthy and not plain.hedged
    assert only("They think that the cough is caused by a virus.").hedged
    assert "recommend" in only("Your doctor recommends that you drink plenty of water.").text


def test_other_languages_are_split_by_their_own_stops_and_said() -> None:
    out = extraction("阿司匹林可以止痛。请每日服用两次。")
    assert [c.text for c in out.claims] == ["阿司匹林可以止痛。", "请每日服用两次。"]
    assert any("not English" in w for w in out.warnings)


def test_a_reasoning_trace_is_not_part_of_the_answer_unless_asked_for() -> None:
    text = "<think>Maybe aspirin cures flu.</think>Aspirin eases pain."
    assert [c.text for c in extraction(text).claims] == ["Aspirin eases pain."]
    (asked,) = RulesExtractor(include_reasoning=True).extract([Response("r", text)])
    assert any("cures flu" in c.text for c in asked.claims)


@pytest.mark.parametrize("text", ["", "   \n\t ", "---", "<think>only thought"])
def test_nothing_said_is_no_claim_and_no_failure(text: str) -> None:
    assert extraction(text).claims == ()


def test_ids_are_the_same_every_time_and_never_twice_in_a_response() -> None:
    text = "Rest helps. Rest helps. Rest helps."
    ids = [c.id for c in extraction(text).claims]
    assert len(set(ids)) == 3 and ids == [c.id for c in extraction(text).claims]


def test_every_reason_is_one_of_the_known_ones() -> None:
    text = "Hi!\n\n# Dose\nWhat is it? I am sorry to hear that. Please see your doctor. | a | b |\nNausea."
    assert {c.reason for c in extraction(text).claims} <= {*NOT_CHECKWORTHY_REASONS, None}


def test_a_megabyte_is_extracted_and_a_line_without_end_is_one_claim() -> None:
    line = "Aspirin eases pain and lowers fever in adults. "
    out = extraction((line * 400 + "\n\n") * 6 + "x" * 100_000)
    assert len(out.claims) > 2_400


@pytest.mark.parametrize(
    "text",
    [
        "- Title: " + "A" * 100_000,
        "- Title: " + "A-" * 50_000,
        "(" * 50_000,
        "a, " * 30_000,
        "**" * 40_000,
        "5 mg " * 9_000,
    ],
)
def test_odd_long_text_takes_no_time(text: str) -> None:
    started = thread_time()
    extraction(text)
    assert thread_time() - started < 15  # where time grows with the square of the length it takes minutes


def test_no_generated_dose_is_lost_or_corrupted() -> None:
    import phrases

    tally, bad = phrases.run(300, seed=11)
    assert not bad, bad[:3]
    assert tally["kept"] >= 300


def test_one_bad_response_is_a_failure_in_its_place() -> None:
    broken = Response("b", None)  # type: ignore[arg-type]
    first, second, third = RULES.extract([Response("a", "Rest helps."), broken, Response("c", "Rest helps.")])
    assert second.failure is not None and second.failure.item_id == "b" and not second.claims
    assert first.failure is None and third.failure is None and third.claims
