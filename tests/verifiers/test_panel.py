"""A panel gives the verdict that enough judges agree on; a failed judge never decides, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import product
from typing import Final, Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.chat import ScriptedChat
from halueval.errors import ChatError, PluginError, RunStopped
from halueval.records import (
    LABELS,
    Claim,
    ClaimWithEvidence,
    Cost,
    Evidence,
    Failure,
    Label,
    Outcome,
    Quote,
    Search,
    Span,
    Verdict,
)
from halueval.testing import FixedVerifier, check_verifier
from halueval.verifiers.panel import PanelVerifier, Rule

TEXT = "Spinach weakens warfarin."
PASSAGE = Evidence("d", TEXT, Span(0, len(TEXT)))
ITEM = ClaimWithEvidence(Claim("c", "r", "Spinach makes warfarin weaker."), (PASSAGE,))
S: Final = "supported"
R: Final = "refuted"
N: Final = "not_enough_info"
F: Final = "failed"
Said = Literal["supported", "refuted", "not_enough_info", "failed"]


class Says:
    """A judge that says one thing of every claim."""

    def __init__(self, outcome: Outcome | Said, name: str = "says") -> None:
        self.name, self._outcome = name, outcome

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        return [self._of(item) for item in items]

    def _of(self, item: ClaimWithEvidence) -> Outcome:
        if not isinstance(self._outcome, str):
            return self._outcome
        if self._outcome == "failed":
            return Failure("verification", "timeout", "no reply in 5 s", item.claim.id, cost=Cost(1, 7))
        return Verdict(item.claim.id, self._outcome, evidence=item.evidence, cost=Cost(1, 7), reason="it says so")


def outcome(said: Sequence[Outcome | Said], rule: Rule = "majority") -> Outcome:
    (given,) = PanelVerifier([Says(one) for one in said], rule=rule).verify([ITEM])
    return given


def short(given: Outcome) -> str:
    return "failed" if isinstance(given, Failure) else given.label


@pytest.mark.parametrize(
    ("said", "majority", "unanimity"),
    [
        ((S, S, S), S, S),
        ((S, S, R), S, N),
        ((S, S, N), S, N),
        ((S, R, N), N, N),
        ((R, R, F), R, F),
        ((S, R, F), F, N),
        ((S, F, F), F, F),
        ((F, F, F), F, F),
        ((N, N, F), N, N),
        ((S, R), N, N),
        ((S, F), F, F),
        ((N, F), N, N),
        ((S, S, R, R), N, N),
        ((S, S, R, F), F, N),
        ((S, R, N, F), N, N),
    ],
)
def test_enough_judges_agree_or_it_is_open(said: tuple[Said, ...], majority: str, unanimity: str) -> None:
    assert short(outcome(said)) == majority
    assert short(outcome(said, "unanimity")) == unanimity


@given(st.lists(st.sampled_from(get_args(Said)), min_size=2, max_size=5), st.sampled_from(get_args(Rule)))
def test_a_verdict_is_what_it_would_be_whatever_the_failed_judges_had_said(said: list[Said], rule: Rule) -> None:
    labels: tuple[Said, ...] = get_args(Said)[:3]
    fillings = product(labels, repeat=said.count("failed"))
    could_be = {short(outcome(_filled(said, filling), rule)) for filling in fillings}
    assert short(outcome(said, rule)) == (could_be.pop() if len(could_be) == 1 else "failed")


def _filled(said: Sequence[Said], filling: Sequence[Said]) -> list[Said]:
    rest = iter(filling)
    return [next(rest) if one == "failed" else one for one in said]


@given(st.permutations([S, S, R, N, F]), st.sampled_from(get_args(Rule)))
def test_the_order_of_the_judges_changes_no_label(said: list[Said], rule: Rule) -> None:
    assert short(outcome(said, rule)) == short(outcome([S, S, R, N, F], rule))


def test_a_verdict_says_how_every_judge_voted_and_what_all_of_them_took() -> None:
    verdict = outcome([S, S, F])
    assert isinstance(verdict, Verdict)
    assert verdict.votes == {"says": S, "says #2": S, "says #3": "failure: timeout"}
    assert verdict.reason == "judges: 2 supported, 1 failed; it says so"
    assert (verdict.cost.calls, verdict.cost.prompt_tokens) == (3, 21)
    assert verdict.verifier == "panel (majority of says, says #2, says #3)"


def test_a_disagreement_is_said_and_so_is_an_agreement_that_it_cannot_be_decided() -> None:
    split, agreed, one = outcome([S, S, R, R]), outcome([N, N]), outcome([N, F])
    assert isinstance(split, Verdict) and isinstance(agreed, Verdict) and isinstance(one, Verdict)
    assert split.reason == "judges disagree: 2 supported, 2 refuted"
    assert agreed.reason == "judges: 2 not enough info; it says so"
    assert one.reason == "judges: 1 not enough info, 1 failed; it says so"


def test_a_claim_that_failed_judges_leave_open_names_them_and_keeps_what_was_paid() -> None:
    failure = outcome([S, R, F])
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.stage, failure.item_id) == ("timeout", "verification", "c")
    assert failure.message == (
        "1 of 3 judges failed, and 2 have to agree (says: supported; says #2: refuted; says #3: failure: timeout); "
        "says #3: no reply in 5 s"
    )
    assert failure.cost.calls == 3


def test_probabilities_are_the_mean_of_those_given() -> None:
    def sure(label: Label, p: float) -> Verdict:
        rest = (1 - p) / 2
        return Verdict("c", label, {each: p if each == label else rest for each in LABELS}, calibrated=True)

    verdict = outcome([sure("supported", 0.8), sure("refuted", 0.6), Verdict("c", "supported"), F])
    assert isinstance(verdict, Failure)  # two of four, and the fourth could have made it three
    verdict = outcome([sure("supported", 0.8), sure("refuted", 0.6), Verdict("c", "supported")])
    assert isinstance(verdict, Verdict) and verdict.probabilities is not None
    assert verdict.probabilities == pytest.approx({"supported": 0.5, "refuted": 0.35, "not_enough_info": 0.15})
    assert not verdict.calibrated
    none = outcome([S, S])
    assert isinstance(none, Verdict) and none.probabilities is None


def test_quotes_are_the_winners_and_point_at_the_merged_evidence() -> None:
    other, third = Evidence("e", "Kale too.", Span(0, 9)), Evidence("f", "Tea does not.", Span(4, 17))
    winner = Verdict(
        "c",
        "supported",
        evidence=(other, PASSAGE),
        quotes=(Quote(0, Span(0, 4)), Quote(1, Span(0, 7))),
        searches=(Search("kale", (0, 1)),),
    )
    loser = Verdict("c", "refuted", evidence=(third,), quotes=(Quote(0, Span(0, 3)),), searches=(Search("tea", (0,)),))
    same = Verdict("c", "supported", evidence=(PASSAGE,), quotes=(Quote(0, Span(0, 7)),))
    verdict = outcome([loser, winner, same])
    assert isinstance(verdict, Verdict)
    assert [passage.doc_id for passage in verdict.evidence] == ["d", "f", "e"]
    assert [(verdict.evidence[q.evidence].doc_id, q.span) for q in verdict.quotes] == [
        ("e", Span(0, 4)),
        ("d", Span(0, 7)),
    ]
    assert [(s.query, [verdict.evidence[hit].doc_id for hit in s.hits]) for s in verdict.searches] == [
        ("tea", ["f"]),
        ("kale", ["e", "d"]),
    ]


def ruling(label: str) -> str:
    row = {"id": "c1", "quote": TEXT, "reason": "It says so.", "label": label, "probability": 0.9}
    return json.dumps({"verdicts": [row]})


def test_chat_models_become_judges_that_vote_under_their_names() -> None:
    models = [ScriptedChat([ruling(label)], name) for label, name in ((S, "a"), (R, "b"), (S, "a"))]
    models.append(ScriptedChat([ChatError("refused", "filtered")], "c"))
    (verdict,) = PanelVerifier(models, rule="majority").verify([ITEM])
    assert (
        isinstance(verdict, Failure)
        and "a: supported; b: refuted; a #2: supported; c: failure: refused" in verdict.message
    )
    models = [ScriptedChat([ruling(label)], name) for label, name in ((S, "a"), (R, "b"), (S, "a"))]
    (verdict,) = PanelVerifier(models, logprobs=0).verify([ITEM])
    assert isinstance(verdict, Verdict)
    assert verdict.votes == {"a": S, "b": R, "a #2": S} and verdict.quotes == (Quote(0, Span(0, len(TEXT))),)
    assert all(request.top_logprobs == 0 for model in models for request in model.requests)


class Raises:
    name = "raises"

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        raise self._error


def test_a_judge_that_raises_is_a_failed_judge() -> None:
    (verdict,) = PanelVerifier([Says(S), Says(S), Raises(KeyError("x"))]).verify([ITEM])
    assert isinstance(verdict, Verdict)
    assert verdict.votes["raises"] == "failure: plugin_error"


def test_a_judge_that_breaks_the_contract_is_a_failed_judge() -> None:
    wrong = Verdict("somebody else's", "refuted")
    (verdict,) = PanelVerifier([Says(S), Says(S), Says(wrong, "wrong")]).verify([ITEM])
    assert isinstance(verdict, Verdict)
    assert verdict.votes["wrong"] == "failure: plugin_error"


def test_a_run_that_has_to_stop_stops() -> None:
    with pytest.raises(RunStopped, match="wrong key"):
        PanelVerifier([Says(S), Raises(RunStopped("wrong key"))]).verify([ITEM])


class Waits:
    """A judge that answers once all of its kind have been asked."""

    def __init__(self, barrier: asyncio.Barrier) -> None:
        self.name, self._barrier = "waits", barrier

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        async with asyncio.timeout(5):
            await self._barrier.wait()
        return [Verdict(item.claim.id, "refuted", evidence=item.evidence) for item in items]


def test_judges_are_asked_together_and_items_keep_their_order() -> None:
    items = [ClaimWithEvidence(Claim(f"c{i}", f"r{i % 2}", "A."), (PASSAGE,)) for i in range(4)]

    async def verified() -> list[Outcome]:
        barrier = asyncio.Barrier(3)
        return await PanelVerifier([Waits(barrier) for _ in range(3)]).averify(items)

    assert [o.claim_id for o in asyncio.run(verified()) if isinstance(o, Verdict)] == ["c0", "c1", "c2", "c3"]


class OneResponse:
    """A judge that minds being given claims of several responses."""

    name = "one response"

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        label: Label = "supported" if len({item.claim.response_id for item in items}) == 1 else "refuted"
        return [Verdict(item.claim.id, label, evidence=item.evidence) for item in items]


def test_coroutine_judges_are_given_the_claims_of_one_response_at_a_time() -> None:
    items = [ClaimWithEvidence(Claim(f"c{i}", f"r{i % 2}", "A."), (PASSAGE,)) for i in range(4)]
    outcomes = PanelVerifier([OneResponse(), OneResponse()]).verify(items)
    assert [(o.claim_id, o.label) for o in outcomes if isinstance(o, Verdict)] == [(f"c{i}", S) for i in range(4)]


@pytest.mark.parametrize("judges", [[], [Says(S)], "openai/gpt", [Says(S), object()], [Says(S), 3]])
def test_what_is_no_panel_is_refused_when_it_is_made(judges: list[object]) -> None:
    with pytest.raises(PluginError):
        PanelVerifier(judges)  # type: ignore[arg-type]


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(PluginError, match="'majority' or 'unanimity'"):
        PanelVerifier([Says(S), Says(S)], rule="plurality")  # type: ignore[arg-type]


def test_names_stay_unique_when_somebody_is_called_like_a_number_of_another() -> None:
    verdict = PanelVerifier([Says(S, "a"), Says(S, "a #2"), Says(S, "a"), Says(S, "a")]).verify([ITEM])[0]
    assert isinstance(verdict, Verdict)
    assert list(verdict.votes) == ["a", "a #2", "a #3", "a #4"]


def test_the_panel_keeps_the_verifiers_contract() -> None:
    check_verifier(PanelVerifier([FixedVerifier({}), FixedVerifier({})]))
    check_verifier(PanelVerifier([Says(N), Says(N)]))
