"""Claims that say the same are kept once; claims that hardly differ and say something else are kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.claim_extraction.assembly import Statement
from halueval.claim_extraction.duplicates import merge_duplicates, same_claim
from halueval.records import Span

SAME = [
    ("Aspirin is a drug.", "aspirin is the drug"),
    ("Side effects include nausea.", "The side effect includes **nausea**!"),
    ("Take 5 mg daily.", "Take 5mg once a day."),
    ("Take 4 g a day.", "Take 4000 mg a day."),
    ("Take 1,000 mg.", "Take 1000 mg."),
    ("It doesn't cure colds.", "It does not cure colds."),
    ("It can't cure colds.", "It cannot cure colds."),
    ("Low-dose aspirin helps.", "Low dose aspirin helps."),
    ("阿司匹林是药物。", "阿司匹林是药物"),
]
OTHER = [
    ("Take 5 mg.", "Take 50 mg."),
    ("Take 2.5 mg.", "Take 25 mg."),
    ("Take 5 mg.", "Take 5 mcg."),
    ("Take 5 mg.", "Take 5 mL."),
    ("Take at least 5 mg.", "Take at most 5 mg."),
    ("Take 2 tablets.", "Take 2 drops."),
    ("Take 2 tablets daily.", "Take 2 tablets twice daily."),
    ("Use it if pH < 7.", "Use it if pH > 7."),
    ("Codes run from 3 to 5.", "Codes run from -3 to 5."),
    ("HSV-1 is common.", "HSV-2 is common."),
    ("It increases the risk.", "It decreases the risk."),
    ("It cures colds.", "It does not cure colds."),
    ("It may cure colds.", "It cures colds."),
    ("Take it before meals.", "Take it after meals."),
    ("It works with food.", "It works without food."),
    ("Metformin causes nausea.", "Nausea causes metformin."),
    ("A is safer than B.", "B is safer than A."),
    ("Nitrate is safe.", "Nitrite is safe."),
    ("It is caused by rest.", "It causes rest."),
    ("阿司匹林是药物。", "阿司匹林不是药物。"),
    ("?", "!"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_claims_that_say_the_same_are_one(a: str, b: str) -> None:
    assert same_claim(a, b) and same_claim(b, a)


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_claims_that_differ_in_what_they_say_are_two(a: str, b: str) -> None:
    assert not same_claim(a, b) and not same_claim(b, a)


def test_the_first_stays_and_takes_over_where_the_others_were_said() -> None:
    said = [
        Statement("Rest helps.", (Span(0, 11),), reason="opinion"),
        Statement("Zinc helps.", (Span(12, 20),)),
        Statement("rest helps", (Span(30, 40), Span(2, 5))),
        Statement("Rest helps!", ()),
    ]
    kept, merged = merge_duplicates(said)
    assert merged == 2
    assert [(s.text, s.spans, s.reason) for s in kept] == [
        ("Rest helps.", (Span(0, 11), Span(30, 40)), None),
        ("Zinc helps.", (Span(12, 20),), None),
    ]


TEXTS = st.sampled_from([t for pair in SAME + OTHER for t in pair]) | st.text(max_size=30)
STATEMENTS = st.lists(st.builds(lambda t, a: Statement(t, (Span(a, a + 1),)), TEXTS, st.integers(0, 9)), max_size=12)


@settings(deadline=None)
@given(STATEMENTS)
def test_what_is_kept_is_in_order_counted_and_without_duplicates(said: list[Statement]) -> None:
    kept, merged = merge_duplicates(said)
    assert len(kept) + merged == len(said)
    texts = [s.text for s in said]
    assert [texts.index(s.text) for s in kept] == sorted(texts.index(s.text) for s in kept)
    assert not any(same_claim(a.text, b.text) for i, a in enumerate(kept) for b in kept[:i])
    assert {s for k in kept for s in k.spans} == {s for k in said for s in k.spans}
    assert merge_duplicates(kept) == (kept, 0)
    assert merge_duplicates([*said, *said]) == (kept, merged + len(said))


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_being_the_same_is_an_equivalence(a: str, b: str, c: str) -> None:
    assert same_claim(a, a)
    assert same_claim(a, b) == same_claim(b, a)
    assert not (same_claim(a, b) and same_claim(b, c)) or same_claim(a, c)


def test_a_very_long_claim_takes_no_long_time() -> None:
    assert same_claim("can't " * 20_000, "cannot " * 20_000)
