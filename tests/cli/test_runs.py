"""`run` again on the same folder, and `reproduce`: nothing lost, nothing asked twice, the same report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from halueval.chat.mock_endpoint import MockEndpoint, MockReply, error_body
from halueval.runs import open_run, spent_on

Cli = Callable[..., Result]
PARTS = ("--extractor", "my_plugins:Asks", "--verifier", "my_plugins:Judges")
REPORTS = ("report.json", "report.md", "report.html")


class Endpoint:
    """Says "supported" until it stops, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.stop_after: int | None = None
        self.url = ""

    def __call__(self, body: dict[str, Any]) -> str | MockReply:
        if self.stop_after is not None and len(self.asked) >= self.stop_after:
            return MockReply(error_body("Incorrect API key provided", code="invalid_api_key"), status=401)
        self.asked.append(str(body["messages"][-1]["content"]))
        return "supported"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    responds = Endpoint()
    with MockEndpoint(responds) as served:
        responds.url = served.url
        yield responds


def answers(name: str = "answers.jsonl", count: int = 12, *, bad: tuple[int, ...] = ()) -> str:
    rows = [{"id": f"a{i}", "answer": f"Drug {i} is a drug.", "context": ["It is a drug."]} for i in range(count)]
    Path(name).write_text("".join("{\n" if i in bad else json.dumps(row) + "\n" for i, row in enumerate(rows)))
    return name


def run(cli: Cli, endpoint: Endpoint, *more: object, to: str = "run", data: str = "answers.jsonl") -> Result:
    return cli("run", data, "-o", to, *PARTS, "--model", "m", "--base-url", endpoint.url, *more)


def reports(folder: str) -> list[bytes]:
    return [Path(folder, name).read_bytes() for name in REPORTS]


def held(folder: str) -> dict[str, bytes]:
    """What is in a folder; what SQLite puts beside its files while they are read doesn't count."""
    return {p.name: p.read_bytes() for p in Path(folder).iterdir() if not p.name.endswith(("-wal", "-shm"))}


@pytest.mark.parametrize("in_flight", [1, 8])
def test_what_stops_is_exit_4_and_the_same_command_goes_on_and_asks_nothing_twice(
    in_flight: int, cli: Cli, endpoint: Endpoint
) -> None:
    answers()
    endpoint.stop_after = 18
    stopped = run(cli, endpoint, "--max-in-flight", in_flight)
    assert stopped.exit_code == 4, stopped.output
    [message] = [line for line in stopped.stderr.splitlines() if not line.startswith("halueval: reading")]
    assert "the key is wrong" in message and "kept in run, and the same command goes on" in message
    endpoint.stop_after = None
    done = run(cli, endpoint, "--max-in-flight", in_flight)
    assert done.exit_code == 0, done.output
    assert len(endpoint.asked) == len(set(endpoint.asked)) == 24
    assert [r.response.id for r in open_run("run").results] == [f"a{i}" for i in range(12)]
    assert run(cli, endpoint, to="whole").exit_code == 0
    assert reports("run") == reports("whole")


def test_a_finished_run_asks_nobody_and_prints_the_report_again(cli: Cli, endpoint: Endpoint) -> None:
    answers()
    first = run(cli, endpoint)
    before, asked = reports("run"), len(endpoint.asked)
    again = run(cli, endpoint)
    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert len(endpoint.asked) == asked and reports("run") == before


def test_the_same_failures_are_told_by_a_run_that_was_gone_on_with(cli: Cli, endpoint: Endpoint) -> None:
    answers(bad=(2,))
    for _ in range(2):
        ran = run(cli, endpoint)
        assert ran.exit_code == 3 and "1 failed (1 bad input) of 12; the others are in run" in ran.stderr


def test_a_pilot_over_bad_records_is_gone_on_with(cli: Cli, endpoint: Endpoint) -> None:
    answers(bad=(1, 5))
    for _ in range(2):
        piloted = run(cli, endpoint, "--pilot", 3)
        assert piloted.exit_code == 0, piloted.output
        assert "the same command without --pilot goes on" in piloted.stdout and len(endpoint.asked) == 6
    assert open_run("run").counts.responses == 4  # with the bad one between them
    done = run(cli, endpoint)
    assert done.exit_code == 3 and len(endpoint.asked) == len(set(endpoint.asked)) == 20


def test_a_shared_cache_makes_a_second_run_without_asking(cli: Cli, endpoint: Endpoint) -> None:
    answers()
    assert run(cli, endpoint, "--cache", "calls.sqlite").exit_code == 0
    assert not Path("run", "calls.sqlite").exists()
    assert run(cli, endpoint, "--cache", "calls.sqlite", to="second").exit_code == 0
    assert len(endpoint.asked) == 24 and reports("run") == reports("second")


def test_to_begin_anew_is_to_ask_again(cli: Cli, endpoint: Endpoint) -> None:
    answers()
    for times in (1, 2):
        assert run(cli, endpoint, "--overwrite").exit_code == 0
        assert len(endpoint.asked) == 24 * times


REFUSED: list[tuple[tuple[object, ...], dict[str, str], list[str]]] = [
    (("-k", 3), {}, ["passages_per_claim: 5 then, 3 now"]),
    (("--model", "n", "-k", 3), {}, ["model: ", "passages_per_claim", "verifier_models"]),
    (("--option", "seed=7"), {}, ["model_options.m.seed: nothing then, 7 now"]),
    (("--price", 1, 2), {}, ["prices.m: nothing then"]),
    ((), {"data": "fewer.jsonl"}, ["a result for answer 12, and now there are 5 answers"]),
    ((), {"data": "others.jsonl"}, ["answer 3 cannot be read now"]),
    ((), {"data": "more.jsonl"}, ["finished with 12 answers, and now there are more"]),
]


@pytest.mark.parametrize(("options", "other", "said"), REFUSED, ids=range(len(REFUSED)))
def test_a_run_of_something_else_is_refused_and_stays(
    options: tuple[object, ...], other: dict[str, str], said: list[str], cli: Cli, endpoint: Endpoint
) -> None:
    answers(), answers("fewer.jsonl", 5), answers("more.jsonl", 13), answers("others.jsonl", bad=(2,))
    assert run(cli, endpoint).exit_code == 0
    before, asked = held("run"), len(endpoint.asked)
    refused = run(cli, endpoint, *options, **other)
    assert refused.exit_code == 2, refused.output
    [line] = [text for text in refused.stderr.splitlines() if not text.startswith("halueval: reading")]
    assert all(part in line for part in said), line
    assert "--overwrite" in line and len(endpoint.asked) == asked
    assert held("run") == before


def test_what_was_really_spent_is_kept_over_a_stop_and_counts_towards_the_cap(cli: Cli, endpoint: Endpoint) -> None:
    answers()
    endpoint.stop_after = 10
    assert run(cli, endpoint, "--price", 1000, 1000, "--max-in-flight", 1).exit_code == 4
    spent = spent_on("run")
    dollars = sum(cost.dollars or 0.0 for cost in spent.values())
    assert dollars > 0 and sum(cost.calls for cost in spent.values()) == 11  # the one that was refused too
    endpoint.stop_after = None
    capped = ("--price", 1000, 1000, "--max-in-flight", 1, "--max-dollars", dollars)
    assert run(cli, endpoint, *capped).exit_code == 4 and len(endpoint.asked) == 10
    done = run(cli, endpoint, "--price", 1000, 1000)
    assert done.exit_code == 0 and "that a kill cut off: 25 calls" in done.stdout


def test_a_report_is_made_again_and_compared(cli: Cli, endpoint: Endpoint) -> None:
    answers()
    run(cli, endpoint)
    asked = len(endpoint.asked)
    made = cli("reproduce", "run", "-o", "again")
    assert made.exit_code == 0 and "12 results give, byte for byte" in made.stdout
    assert reports("again") == reports("run") and len(endpoint.asked) == asked
    Path("run", "report.md").write_text("other")
    differs = cli("reproduce", "run")
    assert differs.exit_code == 2 and "run: report.md is not what the journal and the manifest give" in differs.stderr
    assert Path("run", "report.md").read_text() == "other"
