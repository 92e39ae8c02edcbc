"""Two extractions side by side: pairs that say the same, and what is counted over them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.claim_extraction.comparison import compare_extractions, match_claims

SAME = [
    ("Aspirin thins the blood.", "Blood is thinned by aspirin"),
    ("Take 4 g a day.", "Take 4000 mg a day."),
    ("Zoloft may cause nausea.", "Nausea may be caused by Zoloft."),
    ("It doesn't cure colds.", "It does not cure colds."),
    ("阿司匹林是药物。", "阿司匹林是药物"),
]
OTHER = [
    ("Take 5 mg.", "Take 50 mg."),
    ("Take 5 mg daily.", "Take 5 mg twice daily."),
    ("Aspirin thins the blood.", "Aspirin does not thin the blood."),
    ("It increases the risk of stroke.", "It decreases the risk of stroke."),
    ("Take it before meals.", "Take it after meals."),
    ("It causes severe hypertension.", "It causes severe hypotension."),
    ("HSV-1 causes cold sores.", "HSV-2 causes cold sores."),
    ("Aspirin thins the blood.", "Zinc shortens colds."),
    ("?", "!"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_claims_in_other_words_match(a: str, b: str) -> None:
    assert match_claims([a], [b]) == match_claims([b], [a]) == ((0, 0),)


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_claims_that_say_something_else_do_not_match(a: str, b: str) -> None:
    assert match_claims([a], [b]) == match_claims([b], [a]) == ()


def test_words_that_all_claims_of_a_response_share_say_little() -> None:
    effects = ["nausea", "headache", "insomnia", "dizziness"]
    said = [f"Zoloft may cause {e}." for e in effects]
    assert match_claims(said, ["Zoloft may cause tremor."]) == ()
    assert match_claims(said, said[::-1]) == ((0, 3), (1, 2), (2, 1), (3, 0))


def test_an_answer_left_whole_matches_none_of_its_claims() -> None:
    said = ["Zinc shortens colds by a day.", "Honey eases a cough at night.", "Rest helps most people recover."]
    assert match_claims(said, [" ".join(said)]) == ()


CLAIMS = st.lists(st.sampled_from([c for pair in SAME + OTHER for c in pair]) | st.text(max_size=12), max_size=6)


@settings(deadline=None, max_examples=60)
@given(CLAIMS, CLAIMS)
def test_pairs_are_one_to_one_and_as_many_either_way(a: list[str], b: list[str]) -> None:
    pairs = match_claims(a, b)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert len(match_claims(b, a)) == len(pairs)
    assert len(match_claims(a, a)) == len(a)


def test_the_figures_are_counted_over_responses_that_both_have() -> None:
    reference = {
        "a": ["Zinc shortens colds.", "Rest helps.", "Take 5 mg."],
        "b": ["Honey eases a cough."],
        "only": ["X."],
        "broken": None,
        "bad": ["Y."],
    }
    own = {
        "a": ["Zinc shortens colds.", "Take 50 mg."],
        "b": ["Honey eases a cough.", "Tea helps."],
        "broken": ["Z."],
        "bad": None,
    }
    found = compare_extractions(reference, own)
    value = {name: figure.value for name, figure in found.figures.items()}
    assert value == {
        "recall": 2 / 4,
        "own_exclusive": 2 / 4,
        "reference_exclusive": 2 / 4,
        "recalled_per_response": 1,
        "own_exclusive_per_response": 1,
        "reference_exclusive_per_response": 1,
        "own_claims": 2,
        "reference_claims": 2,
    }
    assert found.left_out == {"only in reference": 1, "failed in reference": 1, "failed in own": 1}
    assert found.responses[0].own_exclusive == ("Take 50 mg.",)
    assert found.responses[0].reference_exclusive == ("Rest helps.", "Take 5 mg.")
    assert found.figures["recall"].low is not None and found.figures["recall"].groups == 2


def test_no_claims_and_no_responses_are_undefined_and_not_zero() -> None:
    empty = compare_extractions({"a": []}, {"a": ["X."]}).figures
    assert empty["recall"].value is None and "no claims" in empty["recall"].reason
    assert empty["own_exclusive"].value == 1
    assert all(figure.value is None for figure in compare_extractions({}, {}).figures.values())


def test_it_is_plain_values_for_json_and_states_its_rule() -> None:
    found = compare_extractions({"a": ["X.", "Rest helps."]}, {"a": ["Rest helps."]}).to_dict()
    assert json.loads(json.dumps(found)) == found
    assert "0.6" in found["rule"] and "numbers" in found["rule"]
    assert found["by_response"][0]["reference_exclusive"] == ["X."]


def test_hundreds_of_claims_in_one_response_take_no_long_time() -> None:
    said = [f"Drug number {i} lowers the risk of disease {i * 7}." for i in range(400)]
    assert len(match_claims(said, said[::-1])) == 400
