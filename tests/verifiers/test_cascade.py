"""The cascade: cheap first; what one stage leaves open goes on, and who decided is named."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from halueval.errors import PluginError
from halueval.records import Claim, ClaimWithEvidence, Evidence, Failure, Label, Outcome, Span, Verdict
from halueval.verifiers.cascade import CascadeVerifier

OPEN = "abstains: nothing to compare"


class Scripted:
    """A verifier that answers by the claim's text and remembers what it was asked."""

    def __init__(self, name: str, answers: dict[str, Label | str]) -> None:
        self.name = name
        self.answers = answers
        self.asked: list[str] = []

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        self.asked += [i.claim.text for i in items]
        return [self.answer(i.claim) for i in items]

    def answer(self, claim: Claim) -> Outcome:
        said = self.answers.get(claim.text, "abstain")
        if said == "fail":
            return Failure("verification", "timeout", f"{self.name} was too slow", claim.id)
        if said == "abstain":
            return Verdict(claim.id, "not_enough_info", reason=OPEN, verifier=self.name)
        return Verdict(claim.id, said, verifier=self.name)  # type: ignore[arg-type]


class Broken:
    name = "broken"

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        raise RuntimeError("out of paper")


class Miscounting:
    name = "miscounting"

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        return []


def items(*texts: str) -> list[ClaimWithEvidence]:
    return [ClaimWithEvidence(Claim(t, "r", t), (Evidence("d", "Text.", Span(0, 5)),)) for t in texts]


def test_a_stage_is_asked_only_about_what_those_before_it_left_open() -> None:
    first = Scripted("first", {"a": "refuted", "c": "fail"})
    second = Scripted("second", {})
    CascadeVerifier((first, second)).verify(items("a", "b", "c"))
    assert (first.asked, second.asked) == (["a", "b", "c"], ["b", "c"])


@pytest.mark.parametrize(
    ("first", "second", "label", "by"),
    [
        ("refuted", "supported", "refuted", "cascade:first"),
        ("abstain", "supported", "supported", "cascade:second"),
        ("fail", "supported", "supported", "cascade:second"),
        ("not_enough_info", "supported", "not_enough_info", "cascade:first"),
        ("abstain", "abstain", "not_enough_info", "cascade:second"),
    ],
)
def test_who_decides_and_is_named(first: str, second: str, label: Label, by: str) -> None:
    outcome = CascadeVerifier((Scripted("first", {"a": first}), Scripted("second", {"a": second}))).verify(items("a"))[
        0
    ]
    assert isinstance(outcome, Verdict)
    assert (outcome.label, outcome.verifier) == (label, by)


@pytest.mark.parametrize(("first", "second"), [("fail", "abstain"), ("abstain", "fail"), ("fail", "fail")])
def test_a_failure_is_returned_when_nobody_decides(first: str, second: str) -> None:
    outcome = CascadeVerifier((Scripted("first", {"a": first}), Scripted("second", {"a": second}))).verify(items("a"))[
        0
    ]
    assert isinstance(outcome, Failure)
    assert outcome.message == f"{'first' if first == 'fail' else 'second'} was too slow"


def test_answers_come_in_the_order_of_the_items() -> None:
    cascade = CascadeVerifier(
        (Scripted("first", {"b": "refuted"}), Scripted("second", {"a": "supported", "c": "supported"}))
    )
    assert [getattr(o, "claim_id", "") for o in cascade.verify(items("a", "b", "c"))] == ["a", "b", "c"]


@pytest.mark.parametrize("stage", [Broken(), Miscounting()])
def test_a_stage_that_breaks_its_contract_fails_and_the_next_is_asked(stage: Broken | Miscounting) -> None:
    decided, open_ = CascadeVerifier((stage, Scripted("second", {"a": "supported"}))).verify(items("a", "b"))
    assert isinstance(decided, Verdict)
    assert isinstance(open_, Failure)
    assert open_.kind == "plugin_error"
    assert stage.name in open_.message


def test_no_items_no_answers() -> None:
    assert CascadeVerifier(("lexical",)).verify([]) == []


@pytest.mark.parametrize("stages", [(), "lexical", ("no such verifier",), (object(),)])
def test_what_is_no_list_of_verifiers_is_refused(stages: Sequence[str]) -> None:
    with pytest.raises(PluginError):
        CascadeVerifier(stages)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(PluginError, match="cascade, halueval-mini, lexical, quantities"):
        CascadeVerifier(("oracle",))


def test_the_default_is_arithmetic_first_then_the_encoder() -> None:
    dose = "The maximum dose of paracetamol is 4 g per day."
    wrong = ClaimWithEvidence(
        Claim("1", "r", "The maximum dose of paracetamol is 8 g per day."), (Evidence("d", dose, Span(0, len(dose))),)
    )
    vague = ClaimWithEvidence(Claim("2", "r", "Goats eat grass."), wrong.evidence)
    first, second = CascadeVerifier().verify([wrong, vague])
    assert isinstance(first, Verdict)
    assert isinstance(second, Verdict)
    assert (first.label, first.verifier) == ("refuted", "cascade:quantities")
    assert (second.label, second.verifier) == ("not_enough_info", "cascade:halueval-mini")
