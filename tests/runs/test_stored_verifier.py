"""A verifier that asks the store of verified claims first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest

from halueval.batches import call_each
from halueval.chat import ScriptedChat, open_chat
from halueval.errors import InputError, PluginError, RunError, RunStopped
from halueval.evaluation import evaluate
from halueval.line import verify_each
from halueval.records import Claim, ClaimWithEvidence, Evidence, Failure, Label, Outcome, Span, Verdict
from halueval.runs.claim_scope import scope_of, verifier_settings
from halueval.runs.stored_verifier import StoredVerifier
from halueval.runs.verified_claims import VerifiedClaims
from halueval.testing import FixedRetriever, FixedVerifier, LineExtractor, check_verifier
from halueval.verifiers.cascade import ABSTAINS, CascadeVerifier
from halueval.verifiers.judge import JudgeVerifier
from halueval.verifiers.search_agent import SearchAgentVerifier


class Counting(FixedVerifier):
    """Counts what it is asked."""

    def __init__(self, labels: dict[str, object], outcome: Outcome | None = None) -> None:
        super().__init__(labels)  # type: ignore[arg-type]
        self.asked: list[str] = []
        self.outcome = outcome

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        self.asked += [item.claim.text for item in items]
        if self.outcome is not None:
            return [replace(self.outcome, claim_id=i.claim.id) if isinstance(self.outcome, Verdict) else self.outcome
                    for i in items]  # fmt: skip
        return super().verify(items)


_ASKED: WeakKeyDictionary[Recording, list[str]] = WeakKeyDictionary()


class Recording(FixedVerifier):
    """Says what it was asked, without that being a part of it."""

    def asked(self) -> list[str]:
        return _ASKED.get(self, [])

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        _ASKED.setdefault(self, []).extend(item.claim.text for item in items)
        return super().verify(items)


class Waiting:
    """The same, waiting for a network."""

    name = "fixed"

    def __init__(self, verifier: Counting) -> None:
        self.verifier = verifier

    async def averify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        await asyncio.sleep(0)
        return self.verifier.verify(items)


def item(text: str, id: str = "c", passage: str = "It says so.", snapshot: str = "corpus") -> ClaimWithEvidence:
    evidence = (Evidence("d", passage, Span(0, len(passage)), snapshot=snapshot, score=1.0, rank=1),)
    return ClaimWithEvidence(Claim(id, "r", text), evidence)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VerifiedClaims]:
    with VerifiedClaims(tmp_path / "claims.sqlite") as opened:
        yield opened


LABELS: dict[str, Label] = {"Aspirin is safe.": "supported", "aspirin is safe": "refuted", "Rest helps.": "refuted"}


def test_the_same_claim_is_asked_about_once_and_says_that_it_is_reused(store: VerifiedClaims) -> None:
    inner = Counting(dict(LABELS))
    verifier = StoredVerifier(inner, store, settings="s")
    first = verifier.verify([item("Aspirin is safe.", "1"), item("Rest helps.", "2")])
    again = verifier.verify([item("Rest helps.", "3"), item("Unknown.", "4"), item("Aspirin is safe.", "5")])
    assert inner.asked == ["Aspirin is safe.", "Rest helps.", "Unknown."]
    assert [o.label for o in first if isinstance(o, Verdict)] == ["supported", "refuted"]
    assert isinstance(again[0], Verdict) and isinstance(again[1], Failure) and isinstance(again[2], Verdict)
    assert (again[0].claim_id, again[0].label, again[0].verifier) == ("3", "refuted", "fixed (kept)")
    assert again[0].reason.startswith("kept verdict of 20") and "on this claim" in again[0].reason


def test_another_wording_is_asked_about_unless_near_is_wanted(store: VerifiedClaims) -> None:
    inner = Counting(dict(LABELS))
    exact, near = StoredVerifier(inner, store, settings="s"), StoredVerifier(inner, store, near=True, settings="s")
    exact.verify([item("Aspirin is safe.")])
    [reused] = near.verify([item("aspirin is safe", "2", passage="Another passage.")])
    assert inner.asked == ["Aspirin is safe."]
    assert isinstance(reused, Verdict) and reused.label == "supported" and "'Aspirin is safe.'" in reused.reason
    assert [passage.text for passage in reused.evidence] == ["It says so."]
    [asked] = exact.verify([item("aspirin is safe", "2")])
    assert isinstance(asked, Verdict) and asked.label == "refuted"


@pytest.mark.parametrize(
    "other",
    [
        item("Aspirin is safe.", passage="Something else."),
        item("Aspirin is safe.", snapshot="later"),
        item("Aspirin is safe. "),
    ],
)
def test_other_evidence_or_letters_are_asked_about(store: VerifiedClaims, other: ClaimWithEvidence) -> None:
    inner = Counting({**LABELS, "Aspirin is safe. ": "supported"})
    verifier = StoredVerifier(inner, store, settings="s")
    verifier.verify([item("Aspirin is safe.")])
    verifier.verify([other])
    assert len(inner.asked) == 2


def test_scores_and_ranks_do_not_tell_evidence_apart() -> None:
    one = item("A.")
    other = replace(one, evidence=(replace(one.evidence[0], score=9.0, rank=4),))
    assert scope_of(one, "v", "s") == scope_of(other, "v", "s")


@pytest.mark.parametrize(
    "outcome",
    [
        Failure("verification", "timeout", "slow"),
        Verdict("", "not_enough_info", evidence=item("A.").evidence, reason=f"{ABSTAINS}: unsure"),
        Verdict("", "supported"),
    ],
)
def test_failures_abstentions_and_verdicts_without_evidence_are_not_kept(
    store: VerifiedClaims, outcome: Outcome
) -> None:
    inner = Counting({}, outcome)
    verifier = StoredVerifier(inner, store)
    verifier.verify([item("A.")])
    verifier.verify([item("A.")])
    assert inner.asked == ["A.", "A."] and len(store) == 0


def test_one_that_waits_for_a_network_is_asked_once_too(store: VerifiedClaims) -> None:
    inner = Counting(dict(LABELS))
    verifier = StoredVerifier(Waiting(inner), store)
    assert not hasattr(verifier, "verify") and callable(verifier.averify)
    items = [item("Aspirin is safe.", "1"), item("Rest helps.", "2")]
    first, again = list(verify_each(items, verifier)), list(verify_each(items, verifier))
    assert len(inner.asked) == 2
    assert [o.label for o in first + again if isinstance(o, Verdict)] == ["supported", "refuted"] * 2


def test_one_that_computes_keeps_its_contract_once_what_it_says_is_kept(store: VerifiedClaims) -> None:
    verifier = StoredVerifier(CascadeVerifier(), store)
    assert not hasattr(verifier, "averify")
    with suppress(PluginError):  # the first time it says what is new, then that it is kept
        check_verifier(verifier)
    check_verifier(verifier)


def test_a_verifier_that_breaks_its_contract_is_found_out_as_before(store: VerifiedClaims) -> None:
    class Short:
        name = "short"

        def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
            return [Verdict(items[0].claim.id, "supported", evidence=items[0].evidence)] if len(items) == 1 else []

    verifier = StoredVerifier(Short(), store)
    asked = [item("A.", "1"), item("B.", "2")]
    outcomes = call_each(verifier.verify, asked, lambda one, message: message)
    assert [outcome.claim_id for outcome in outcomes] == ["1", "2"]


def test_a_store_that_cannot_be_written_stops_the_run(store: VerifiedClaims) -> None:
    verifier = StoredVerifier(Counting(dict(LABELS)), store)
    store.close()
    with pytest.raises(RunStopped, match="closed"):
        verifier.verify([item("Aspirin is safe.")])


def test_settings_of_a_verifier_tell_it_from_others() -> None:
    def judge(model: str = "m", **settings: object) -> JudgeVerifier:
        return JudgeVerifier(open_chat(ScriptedChat([], name=model)), **settings)  # type: ignore[arg-type]

    agents = [
        SearchAgentVerifier(open_chat(ScriptedChat([])), FixedRetriever({"a": text}), rounds=rounds)
        for text, rounds in (("x", 3), ("y", 3), ("x", 2))
    ]
    verifiers = [judge(), judge("other"), judge(strict=False), judge(temperature=0.5), CascadeVerifier(), *agents]
    assert len({verifier_settings(verifier) for verifier in verifiers}) == len(verifiers)
    assert verifier_settings(judge()) == verifier_settings(judge())
    assert "0x" not in repr(verifier_settings(judge()))


def test_a_model_that_is_replaced_in_its_folder_is_another(tmp_path: Path) -> None:
    class Reads:
        name = "reads"

        def __init__(self, folder: Path) -> None:
            self.folder = folder
            self.session = object()

    (tmp_path / "model.onnx").write_bytes(b"one")
    before = verifier_settings(Reads(tmp_path))
    assert before == verifier_settings(Reads(tmp_path))
    (tmp_path / "model.onnx").write_bytes(b"other")
    assert before != verifier_settings(Reads(tmp_path))


ANSWERS = [
    {"id": str(i), "response": text} for i, text in enumerate(("Aspirin is safe.", "aspirin is safe", "Rest helps."))
]
EVIDENCE = {"d": "aspirin is safe and rest helps."}


def measured(verifier: object, store: Path, **asked: object) -> list[tuple[object, ...]]:
    """Label and verifier of each claim."""
    report = evaluate(
        ANSWERS,
        evidence=FixedRetriever(EVIDENCE),
        extractor=LineExtractor(),
        verifier=verifier,  # type: ignore[arg-type]
        claims_store=store,
        **asked,  # type: ignore[arg-type]
    )
    return [(row["label"], row["verifier"]) for row in report.claims()]


def test_a_second_run_asks_nobody_about_what_the_first_one_kept(tmp_path: Path) -> None:
    path, labels = tmp_path / "claims.sqlite", dict(LABELS)
    first, second = Recording(labels), Recording(labels)
    assert measured(first, path, near=True) == [("supported", "fixed"), ("refuted", "fixed"), ("refuted", "fixed")]
    assert len(first.asked()) == 3  # nothing that the run itself keeps is reused in it
    assert measured(second, path) == [(label, "fixed (kept)") for label in ("supported", "refuted", "refuted")]
    assert second.asked() == []


def test_a_run_that_is_gone_on_with_reuses_what_was_kept_before_it_began(tmp_path: Path) -> None:
    path, run, labels = tmp_path / "claims.sqlite", tmp_path / "run", dict(LABELS)
    first, second = Recording(labels), Recording(labels)
    measured(first, path, run=run, first=1)
    whole = measured(second, path, run=run)
    assert whole == [("supported", "fixed"), ("refuted", "fixed"), ("refuted", "fixed")]
    assert second.asked() == ["aspirin is safe", "Rest helps."]
    with pytest.raises(RunError, match="verified_claims"):
        measured(second, path, run=run, near=True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"near": True, "claims_store": None}, "near"), ({"engine": "ray", "run": "r"}, "no store of verified claims")],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, asked: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        evaluate(ANSWERS, **{"claims_store": tmp_path / "c.sqlite", **asked})  # type: ignore[arg-type]
    assert not (tmp_path / "c.sqlite").exists()
