"""What a claim changed of its sentence: every kind of change seen, faithful rewordings let through."""

from __future__ import annotations

from time import thread_time

import pytest

from halueval.claim_extraction.guard import changes, number_changes

DOSE = "It should be taken as 2.5–5 mg twice a day for at least 2 weeks, and should not be combined with aspirin."
BOTH = "Amoxicillin is effective against bacterial infections, but it doesn't treat the flu."
MAYBE = "Zoloft may cause nausea, and it increases the risk of bleeding in patients older than 65 years."


@pytest.mark.parametrize(
    ("claim", "said", "kind"),
    [
        ("Metformin is taken as 25–5 mg twice a day.", DOSE, "number"),
        ("Metformin is taken as 2.5–5 mcg twice a day.", DOSE, "number"),
        ("Metformin is taken as 5 mg twice a day.", DOSE, "number"),
        ("Metformin is taken as 2.5–5 mg three times a day.", DOSE, "number"),
        ("Metformin is taken for at most 2 weeks.", DOSE, "number"),
        ("Metformin is taken for at least three weeks.", DOSE, "number"),
        ("Metformin should be combined with aspirin.", DOSE, "negation"),
        ("Metformin should not be taken twice a day.", DOSE, "negation"),
        ("Amoxicillin isn't effective against bacterial infections.", BOTH, "negation"),
        ("Amoxicillin is ineffective against bacterial infections.", BOTH, "negation"),
        ("Amoxicillin does treat the flu.", BOTH, "negation"),
        ("It is unlikely that amoxicillin is effective against bacterial infections.", BOTH, "negation"),
        ("Ibuprofen is effective against bacterial infections.", BOTH, "name"),
        ("Zoloft decreases the risk of bleeding.", MAYBE, "opposite"),
        ("Zoloft increases the risk of bleeding in patients younger than 65 years.", MAYBE, "number"),
        ("Zoloft causes nausea.", MAYBE, "hedge"),
        ("Take the drug before meals.", "The drug is taken after meals.", "opposite"),
        ("It is used for hypotension.", "It is used for hypertension.", "opposite"),
        (
            "The tablets are taken with a meal, without milk.",
            "The tablets are taken with a meal, with milk.",
            "negation",
        ),
        ("HSV-2 causes cold sores.", "HSV-1 causes cold sores.", "name"),
        ("Stop the drug if you are pregnant.", "Start the drug if you are pregnant.", "opposite"),
        ("There are 3 doses of it.", "There are 2 doses of it.", "number"),
        ("It is high between 100 and 126.", "It is high at 126, and at levels between 100 and 125.", "number"),
        ("The drug is safe for children.", "The drug is unsafe for children.", "negation"),
        ("Take it no more than 3 days.", "Take it no less than 3 days.", "number"),
    ],
)
def test_a_changed_claim_is_seen(claim: str, said: str, kind: str) -> None:
    assert kind in {change.kind for change in changes(claim, said)}


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("Metformin should be taken as 2.5 to 5 mg two times a day.", DOSE),
        ("Metformin is taken for two weeks or more.", DOSE),
        ("Metformin shouldn't be combined with aspirin.", DOSE),
        ("Avoid combining metformin with aspirin.", DOSE),
        ("Amoxicillin works against infections caused by bacteria.", BOTH),
        ("Amoxicillin doesn't treat the flu.", BOTH),
        ("Amoxicillin does not treat influenza.", BOTH),
        ("Sertraline may cause nausea.", MAYBE),
        ("Sertraline could cause nausea.", MAYBE),
        ("The risk of bleeding rises in people over 65 years.", MAYBE),
        ("Take up to 4000 mg a day.", "Take up to 4 g a day."),
        ("The fever is 38 °C.", "The fever is 100.4 °F."),
        ("It isn't common.", "It is uncommon."),
        ("Drug X is not effective.", "It is ineffective."),
        ("Drug X isn't safe for children.", "It is unsafe for children."),
        ("Both types, HSV-1 and HSV-2, cause sores.", "HSV-1 and HSV-2 both cause sores."),
        ("It is high from 100 to 125.", "It is high between 100 and 125."),
        ("Two drugs are used.", "Both drugs are used."),
        ("Not all causes of it are known.", "It has many causes, but not all causes are known."),
    ],
)
def test_a_faithful_rewording_is_let_through(claim: str, said: str) -> None:
    assert changes(claim, said, "What about metformin? Influenza is the flu. Sertraline (Zoloft) is an SSRI.") == ()


def test_names_may_be_carried_from_the_context_and_from_nowhere_else() -> None:
    said, context = "It may cause nausea.", "Is Lexapro safe? It may cause nausea."
    assert changes("Escitalopram may cause nausea.", said, context) == ()
    assert [c.kind for c in changes("Ibuprofen may cause nausea.", said, context)] == ["name"]


def test_a_quantity_may_be_carried_from_the_context_where_the_sentence_has_none_of_its_kind() -> None:
    context = "Take 500 mg for 10 days. It may cause nausea. Children take it for 5 days."
    assert changes("When taken for 10 days, it may cause nausea.", "It may cause nausea.", context) == ()
    assert changes("Children take it for 10 days.", "Children take it for 5 days.", context)


def test_a_change_says_what_was_claimed_and_what_was_said() -> None:
    (change,) = changes("Do not take more than 25 mg.", "Do not take more than 2.5 mg.")
    assert (change.kind, change.claimed, change.said) == ("number", "more than 25 mg", "more than 2.5 mg")


def test_numbers_are_compared_in_any_language() -> None:
    assert not list(number_changes("二甲双胍每天服用2次,每次500毫克。", "每天服用2次,每次500毫克。"))
    assert [c.claimed for c in number_changes("每次50毫克。", "每次500毫克。")] == ["50"]


def test_nothing_said_and_nothing_claimed_are_no_change() -> None:
    assert changes("", "") == ()
    assert changes("", DOSE) == ()


@pytest.mark.parametrize("text", ["not " * 25_000, "5 mg, " * 16_000, "a-" * 50_000, "1,0" * 30_000, "(" * 100_000])
def test_long_texts_take_no_long_time(text: str) -> None:
    started = thread_time()
    changes("Take 5 mg, not 6.", text)
    assert thread_time() - started < 15
