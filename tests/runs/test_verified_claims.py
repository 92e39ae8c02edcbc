"""The store of verified claims: what answers for what, what is kept, dropped, pinned and set aside."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from halueval.errors import InputError, RunError
from halueval.records import Cost, Evidence, Label, Quote, Span, Verdict
from halueval.runs.claim_scope import Scope
from halueval.runs.verified_claims import VerifiedClaims

PASSAGE = Evidence("d", "Aspirin thins the blood.", Span(0, 24), snapshot="corpus", score=2.5, rank=1)
SCOPE = Scope("judge", "settings", "corpus", "passages")
OTHER_PASSAGES = Scope("judge", "settings", "corpus", "other passages")
CLAIM = "Aspirin 100 mg thins the blood."


def verdict(label: Label = "supported") -> Verdict:
    return Verdict("c", label, evidence=(PASSAGE,), quotes=(Quote(0, Span(0, 7)),), reason="it says so", verifier="j")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VerifiedClaims]:
    with VerifiedClaims(tmp_path / "claims.sqlite") as opened:
        yield opened


def test_an_entry_comes_back_as_it_was_but_for_what_belongs_to_one_call(store: VerifiedClaims) -> None:
    when = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    cost = Cost(2, 30, 9, 1.5, 0.25)
    kept = Verdict(
        "c", "refuted", {"supported": 0.1, "refuted": 0.8, "not_enough_info": 0.1}, True, (PASSAGE,), cost=cost
    )
    store.keep("Odd \ud800 text", kept, SCOPE, date=when).result()
    found = store.same("Odd \ud800 text", SCOPE)
    assert found is not None and (found.claim, found.date) == ("Odd \ud800 text", "2026-01-02T03:04:00.000000+00:00")
    assert found.verdict.cost == Cost(2, 30, 9, 0.0, 0.25) and found.verdict.claim_id == ""
    assert found.verdict.probabilities == kept.probabilities and found.verdict.evidence == (PASSAGE,)


@pytest.mark.parametrize(
    ("claim", "scope"),
    [
        (CLAIM.lower(), SCOPE),
        (CLAIM, OTHER_PASSAGES),
        (CLAIM, Scope("judge", "other settings", "corpus", "passages")),
        (CLAIM, Scope("nli", "settings", "corpus", "passages")),
        (CLAIM, Scope("judge", "settings", "later corpus", "passages")),
    ],
)
def test_the_same_is_the_same_to_the_letter(store: VerifiedClaims, claim: str, scope: Scope) -> None:
    store.keep(CLAIM, verdict(), SCOPE).result()
    assert store.same(CLAIM, SCOPE) is not None
    assert store.same(claim, scope) is None


@pytest.mark.parametrize(
    ("claim", "scope", "hit"),
    [
        ("aspirin 0.1 g thins blood", SCOPE, True),
        (CLAIM, OTHER_PASSAGES, True),
        ("Aspirin 10 mg thins the blood.", SCOPE, False),
        ("Aspirin 100 mcg thins the blood.", SCOPE, False),
        ("Aspirin 100 mg doesn't thin the blood.", SCOPE, False),
        ("Ibuprofen 100 mg thins the blood.", SCOPE, False),
        (CLAIM, Scope("judge", "other settings", "corpus", "passages"), False),
        (CLAIM, Scope("judge", "settings", "later corpus", "passages"), False),
    ],
)
def test_near_is_what_differs_in_nothing_that_matters_over_one_corpus(
    store: VerifiedClaims, claim: str, scope: Scope, hit: bool
) -> None:
    store.keep(CLAIM, verdict(), SCOPE).result()
    found = store.near(claim, scope)
    assert (found is not None) == hit


def test_without_a_corpus_near_is_only_over_the_same_passages(store: VerifiedClaims) -> None:
    store.keep(CLAIM, verdict(), Scope("judge", "s", "", "passages")).result()
    assert store.near(CLAIM.lower(), Scope("judge", "s", "", "passages")) is not None
    assert store.near(CLAIM.lower(), Scope("judge", "s", "", "others")) is None


def test_near_never_gives_what_is_open_or_contested(store: VerifiedClaims) -> None:
    store.keep(CLAIM, verdict("not_enough_info"), SCOPE).result()
    assert store.same(CLAIM, SCOPE) is not None and store.near("aspirin 100 mg thins blood", SCOPE) is None
    store.keep(CLAIM, verdict("supported"), OTHER_PASSAGES).result()
    assert store.near("aspirin 100 mg thins blood", SCOPE) is not None
    store.keep("Aspirin 0.1 g thins the blood.", verdict("refuted"), OTHER_PASSAGES).result()
    assert store.near("aspirin 100 mg thins blood", SCOPE) is None


def test_only_what_was_kept_before_a_time_answers_if_that_is_asked(store: VerifiedClaims) -> None:
    first, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    store.keep(CLAIM, verdict(), SCOPE, date=first).result()
    for before, found in ((first, False), (later, True)):
        assert (store.same(CLAIM, SCOPE, before=before) is not None) == found
        assert (store.near(CLAIM.lower(), SCOPE, before=before) is not None) == found


def test_what_another_process_keeps_is_found(store: VerifiedClaims, tmp_path: Path) -> None:
    assert store.near(CLAIM, SCOPE) is None
    with VerifiedClaims(tmp_path / "claims.sqlite") as other:
        other.keep(CLAIM, verdict(), SCOPE).result()
    assert store.near(CLAIM.upper(), SCOPE) is not None


def test_entries_expire_by_age_but_not_pinned_ones(store: VerifiedClaims) -> None:
    now = datetime.now(UTC)
    for days in (1, 10, 100, 1_000):
        store.keep(f"Claim of {days} days.", verdict(), SCOPE, date=now - timedelta(days=days))
    store.pin([SCOPE.key("Claim of 1000 days.")])
    assert store.near("claim of 100 days", SCOPE) is not None
    assert store.expire(30) == 1 and len(store) == 3
    assert store.near("claim of 100 days", SCOPE) is None
    assert [entry.claim for entry in store.entries() if entry.pinned] == ["Claim of 1000 days."]
    assert store.pin([SCOPE.key("Claim of 1000 days.")], pinned=False) == 1
    assert store.expire(0) == 3 and len(store) == 0


def test_a_pinned_entry_is_not_replaced(store: VerifiedClaims) -> None:
    store.keep(CLAIM, verdict("supported"), SCOPE)
    store.keep(CLAIM, verdict("refuted"), SCOPE).result()
    assert [entry.verdict.label for entry in store.entries()] == ["refuted"]
    store.pin([SCOPE.key(CLAIM)])
    store.keep(CLAIM, verdict("supported"), SCOPE).result()
    kept = store.same(CLAIM, SCOPE)
    assert kept is not None and kept.pinned and kept.verdict.label == "refuted"


def test_pinning_what_is_not_there_changes_nothing(store: VerifiedClaims) -> None:
    store.keep(CLAIM, verdict(), SCOPE).result()
    with pytest.raises(InputError, match="no entry has the id 'nothing'"):
        store.pin([SCOPE.key(CLAIM), "nothing"])
    assert not any(entry.pinned for entry in store.entries())


def test_a_negative_age_is_refused(store: VerifiedClaims) -> None:
    with pytest.raises(InputError, match="days"):
        store.expire(-1)


@pytest.mark.parametrize("column", ["wide", "date", "pinned", "sum", "body", "id"])
def test_a_damaged_entry_answers_for_nothing_and_is_named(tmp_path: Path, column: str) -> None:
    path = tmp_path / "claims.sqlite"
    with VerifiedClaims(path) as store:
        for claim in (CLAIM, "Rest helps."):
            store.keep(claim, verdict(), SCOPE).result()
    connection = sqlite3.connect(path)
    changed = {"pinned": "1", "sum": "x'00'", "body": "replace(body, 'supported', 'refuted')"}.get(column, "'x'")
    key = SCOPE.key(CLAIM)
    if column == "body":
        changed = "CAST(replace(CAST(body AS TEXT), 'supported', 'refuted') AS BLOB)"
    connection.execute(f"UPDATE claims SET {column} = {changed} WHERE id = ?", (key,))
    connection.commit()
    connection.close()
    with VerifiedClaims(path) as store:
        assert store.same(CLAIM, SCOPE) is None and store.near(CLAIM.lower(), SCOPE) is None
        assert [entry.claim for entry in store.entries()] == ["Rest helps."]
        assert len(store.set_aside()) == 1 and "is damaged" in store.set_aside()[0]
        store.keep(CLAIM, verdict(), SCOPE).result()
        assert store.same(CLAIM, SCOPE) is not None


def test_a_damaged_file_is_saved_and_named(tmp_path: Path) -> None:
    path = tmp_path / "claims.sqlite"
    with VerifiedClaims(path) as store:
        for i in range(400):
            store.keep(f"Claim {i}.", verdict(), SCOPE)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 4096] = b"\xff" * 4096
    path.write_bytes(raw)
    with VerifiedClaims(path) as store:
        found = [store.same(f"Claim {i}.", SCOPE) for i in range(400)]
        assert all(entry is None or entry.claim == f"Claim {i}." for i, entry in enumerate(found))
        assert 0 < sum(entry is not None for entry in found) < 400
        assert "was damaged" in store.set_aside()[0]


def test_a_read_only_store_is_read_and_never_written(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        VerifiedClaims(tmp_path / "none.sqlite", read_only=True)
    with VerifiedClaims(tmp_path / "claims.sqlite") as store:
        store.keep(CLAIM, verdict(), SCOPE).result()
    with VerifiedClaims(tmp_path / "claims.sqlite", read_only=True) as store:
        assert len(list(store.entries())) == 1
        with pytest.raises(RunError):
            store.keep(CLAIM, verdict(), SCOPE)


def test_many_threads_keep_and_ask_at_once(store: VerifiedClaims) -> None:
    def work(i: int) -> bool:
        store.keep(f"Drug number {i} is safe.", verdict(), SCOPE).result()
        return store.near(f"drug number {i} is safe", SCOPE) is not None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(64)))


def test_a_copy_for_another_process_opens_the_file_itself(store: VerifiedClaims) -> None:
    store.keep(CLAIM, verdict(), SCOPE).result()
    other = copy.copy(store)  # as pickle does it
    assert other is not store and other.same(CLAIM, SCOPE) == store.same(CLAIM, SCOPE)
    other.close()
