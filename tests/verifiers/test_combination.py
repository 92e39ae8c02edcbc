"""How passages combine: nobody is outvoted in silence, and what says nothing changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.records import LABELS, Label
from halueval.verifiers.combination import SILENCED, Opinion, combine


def opinion(source: str, supported: float, refuted: float, reason: str = "") -> Opinion:
    chances: dict[Label, float] = {
        "supported": supported,
        "refuted": refuted,
        "not_enough_info": 1 - supported - refuted,
    }
    return Opinion(source, chances, reason)


YES = opinion("yes", 0.8, 0.1, "same words")
WEAK_YES = opinion("weak yes", 0.5, 0.1)
NO = opinion("no", 0.1, 0.75, "other direction")
WEAK_NO = opinion("weak no", 0.1, 0.5, "a number differs")
OPEN = opinion("open", 0.05, 0.05)
NEARLY = opinion("nearly", 0.4, 0.05)


@pytest.mark.parametrize(
    ("opinions", "label"),
    [
        ([YES], "supported"),
        ([NO], "refuted"),
        ([OPEN], "not_enough_info"),
        ([OPEN, YES, OPEN, OPEN, OPEN], "supported"),
        ([OPEN, NO, OPEN], "refuted"),
        ([YES, NO], "not_enough_info"),
        ([NO, YES], "not_enough_info"),
        ([YES, YES, YES, YES, NO], "not_enough_info"),
        ([NO, NO, NO, YES], "not_enough_info"),
        ([opinion("a", 0.95, 0.02), WEAK_NO], "supported"),
        ([opinion("a", 0.02, 0.95), WEAK_YES], "refuted"),
        ([OPEN, NEARLY], "not_enough_info"),
    ],
)
def test_the_rule(opinions: list[Opinion], label: Label) -> None:
    assert combine(opinions).label == label


def test_a_conflict_names_a_document_of_each_side_and_why() -> None:
    assert combine([OPEN, NO, YES]).reason == (
        "evidence conflicts: yes supports (same words), no refutes (other direction)"
    )


def test_a_conflict_is_decided_by_both() -> None:
    assert combine([OPEN, NO, YES]).deciding == (2, 1)


def test_a_weak_dissenter_is_named_and_costs_the_winner_certainty() -> None:
    strong = opinion("a", 0.95, 0.02, "all words")
    combined = combine([strong, WEAK_NO])
    assert combined.reason == "all words; weaker dissent: weak no refutes (a number differs)"
    assert combined.probabilities["supported"] < strong.probabilities["supported"]


def test_what_says_nothing_leaves_the_probabilities_alone() -> None:
    assert combine([OPEN, YES, NEARLY]).probabilities == YES.probabilities


def test_an_undecided_claim_has_the_probabilities_of_the_document_that_came_nearest() -> None:
    combined = combine([OPEN, NEARLY, OPEN])
    assert (combined.probabilities, combined.deciding) == (NEARLY.probabilities, (1,))


def test_of_equally_likely_labels_the_careful_one_wins() -> None:
    assert opinion("tie", 1 / 3, 1 / 3).label == "not_enough_info"
    assert opinion("tie", 0.4, 0.4).label == "refuted"


def test_nothing_to_combine_is_an_error() -> None:
    with pytest.raises(ValueError, match="no opinions"):
        combine([])


@st.composite
def opinions(draw: st.DrawFn) -> Opinion:
    parts = [draw(st.floats(0.001, 1)) for _ in LABELS]
    return Opinion("d", {label: p / sum(parts) for label, p in zip(LABELS, parts, strict=True)})


@given(st.lists(opinions(), min_size=1, max_size=6))
def test_probabilities_sum_to_one_and_the_label_is_the_likeliest(given_: list[Opinion]) -> None:
    combined = combine(given_)
    assert sum(combined.probabilities.values()) == pytest.approx(1)
    assert min(combined.probabilities.values()) >= 0
    assert combined.probabilities[combined.label] >= max(combined.probabilities.values()) - 1e-9


@given(st.lists(opinions(), min_size=1, max_size=6), st.randoms())
def test_the_order_of_documents_does_not_turn_the_verdict(given_: list[Opinion], random: object) -> None:
    shuffled = list(given_)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert combine(shuffled).label == combine(given_).label


@given(st.lists(opinions(), min_size=1, max_size=6))
def test_a_verdict_against_a_strong_dissenter_is_never_given(given_: list[Opinion]) -> None:
    combined = combine(given_)
    if combined.label == "not_enough_info":
        return
    against = "refuted" if combined.label == "supported" else "supported"
    strongest = max(o.probabilities[combined.label] for o in given_ if o.label == combined.label)
    dissent = max((o.probabilities[against] for o in given_ if o.label == against), default=0.0)
    assert dissent < SILENCED * strongest
    assert not dissent or "dissent" in combined.reason


@given(st.lists(opinions(), min_size=1, max_size=5), st.integers(1, 4))
def test_more_documents_that_say_nothing_never_turn_a_verdict(given_: list[Opinion], more: int) -> None:
    before = combine(given_)
    if before.label != "not_enough_info":
        assert combine(given_ + [OPEN] * more) == before
