"""``--cache``: replies that several commands and runs share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from halueval.chat.mock_endpoint import MockEndpoint
from halueval.runs.cache import CallCache

Cli = Callable[..., Result]
PARTS = ("--extractor", "my_plugins:Asks", "--verifier", "my_plugins:Judges")


@pytest.fixture
def answers(cli: Cli) -> str:
    said = [{"id": f"a{i}", "answer": f"Drug {i} is a drug.", "context": ["It is a drug."]} for i in range(5)]
    Path("answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in said))
    return "answers.jsonl"


def says(body: dict[str, Any]) -> str:
    return "supported"


def test_another_run_asks_nothing_that_was_asked_with_the_same_cache(cli: Cli, answers: str) -> None:
    with MockEndpoint(says) as endpoint:
        calls = []
        for output, cache in (("one", "shared.sqlite"), ("two", "shared.sqlite"), ("three", "other.sqlite")):
            ran = cli(
                "run", answers, "-o", output, *PARTS, "--model", "m", "--base-url", endpoint.url, "--cache", cache
            )
            assert ran.exit_code == 0, ran.output
            calls.append(endpoint.calls)
    assert calls == [10, 10, 20]
    assert Path("one/report.md").read_bytes() == Path("two/report.md").read_bytes()


def test_samples_are_not_taken_for_one_another_and_are_there_again(cli: Cli) -> None:
    Path("prompts.jsonl").write_text(json.dumps({"id": "q", "prompt": "Is it safe?"}) + "\n")
    number = iter(range(100))
    with MockEndpoint(lambda body: f"Answer {next(number)}.") as endpoint:
        for output in ("one.jsonl", "two.jsonl"):
            model = ("--model", "m", "--base-url", endpoint.url, "--cache", "calls.sqlite")
            ran = cli("generate", "prompts.jsonl", "--samples", 4, "-o", output, *model)
            assert ran.exit_code == 0, ran.output
        assert endpoint.calls == 4
    one, two = (
        [json.loads(line)["response"] for line in Path(f"{name}.jsonl").read_text().splitlines()]
        for name in ("one", "two")
    )
    assert one == two
    assert len(set(one)) == 4


def test_a_dry_run_leaves_no_cache_behind(cli: Cli, answers: str) -> None:
    model = ("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--price", 1, 1)
    ran = cli("run", answers, "-o", "run", *PARTS, *model, "--cache", "calls.sqlite", "--dry-run")
    assert ran.exit_code == 0, ran.output
    assert not Path("calls.sqlite").exists()


def test_a_cache_without_a_model_and_a_file_that_is_none_are_refused(cli: Cli, answers: str) -> None:
    ran = cli("run", answers, "-o", "run", "--cache", "calls.sqlite")
    assert ran.exit_code == 2 and "--model" in ran.output
    Path("calls.sqlite").write_text("not a cache, and longer than the header of one is, so that it is looked at" * 20)
    ran = cli(
        "run",
        answers,
        "-o",
        "run",
        *PARTS,
        "--model",
        "m",
        "--base-url",
        "http://127.0.0.1:9",
        "--cache",
        "calls.sqlite",
    )
    assert ran.exit_code != 0
    assert "calls.sqlite" in ran.output and "Traceback" not in ran.output


def test_what_was_kept_is_in_the_file(cli: Cli, answers: str) -> None:
    with MockEndpoint(says) as endpoint:
        cli("run", answers, "-o", "run", *PARTS, "--model", "m", "--base-url", endpoint.url, "--cache", "calls.sqlite")
    with CallCache("calls.sqlite", read_only=True) as cache:
        assert cache.stats().replies == 10
