"""``halueval cache claims``: listed, exported, expired, pinned."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from halueval.records import Evidence, Span, Verdict
from halueval.runs.claim_scope import Scope
from halueval.runs.verified_claims import VerifiedClaims

Cli = Callable[..., Result]
SCOPE = Scope("judge", "settings", "corpus", "passages")


@pytest.fixture
def file(cli: Cli) -> str:
    """A store of two claims, in the folder that the command runs in."""
    passage = Evidence("d", "It thins.", Span(0, 9), snapshot="corpus")
    with VerifiedClaims("claims.sqlite") as store:
        old = datetime(2020, 5, 6, tzinfo=UTC)
        store.keep("Aspirin\x1b[31m thins.", Verdict("c", "supported", evidence=(passage,)), SCOPE, date=old)
        store.keep("Rest helps.", Verdict("c", "refuted", evidence=(passage,)), SCOPE).result()
    return "claims.sqlite"


def test_a_list_has_a_line_per_claim_and_nothing_reaches_the_terminal(cli: Cli, file: str) -> None:
    shown = cli("cache", "claims", "list", file)
    assert shown.exit_code == 0, shown.output
    first, second = shown.stdout.splitlines()
    assert "2020-05-06" in first and "supported" in first and "\\x1b[31m thins." in first and "judge" in first
    assert second.endswith("Rest helps.")


def test_an_export_says_claim_verdict_verifier_snapshot_scope_and_date(cli: Cli, file: str) -> None:
    done = cli("cache", "claims", "export", file, "-o", "out.jsonl")
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [(row["claim"], row["label"], row["pinned"]) for row in rows][1] == ("Rest helps.", "refuted", False)
    assert {"verifier": "judge", "snapshot": "corpus"}.items() <= rows[0].items()
    assert rows[0]["date"].startswith("2020-05-06") and rows[0]["scope"]["settings"] == "settings"
    assert rows[0]["verdict"]["evidence"][0]["text"] == "It thins."


def test_old_entries_expire_unless_they_are_pinned(cli: Cli, file: str) -> None:
    old = SCOPE.key("Aspirin\x1b[31m thins.")
    assert cli("cache", "claims", "pin", file, old).exit_code == 0
    assert "pinned" in cli("cache", "claims", "list", file).stdout.splitlines()[0]
    assert "0 dropped, 2 left" in cli("cache", "claims", "expire", file, "--older-than-days", "30").stdout
    assert cli("cache", "claims", "unpin", file, old).exit_code == 0
    assert "1 dropped, 1 left" in cli("cache", "claims", "expire", file, "--older-than-days", "30").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "none.sqlite"), "no store of verified claims there"),
        (("list", "text.txt"), "text.txt"),
        (("pin", "claims.sqlite", "nothing"), "no entry has the id 'nothing'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(cli: Cli, file: str, arguments: tuple[str, ...], said: str) -> None:
    Path("text.txt").write_text("no database, " * 100)
    refused = cli("cache", "claims", *arguments)
    assert refused.exit_code == 2 and said in refused.stderr and refused.stderr.count("\n") == 1
    assert not Path("none.sqlite").exists()


def test_a_damaged_entry_is_named(cli: Cli, file: str) -> None:
    connection = sqlite3.connect(file)
    connection.execute("UPDATE claims SET date = '2031-01-01' WHERE id = ?", (SCOPE.key("Rest helps."),))
    connection.commit()
    connection.close()
    shown = cli("cache", "claims", "list", file)
    assert shown.exit_code == 3 and "is damaged" in shown.stderr and "Rest helps." not in shown.stdout
