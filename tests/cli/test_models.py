"""Commands that ask a chat model: who is asked, what is sent, what is kept when it stops, what it will cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from halueval.chat.mock_endpoint import MockEndpoint, MockReply, error_body
from halueval.runs import open_run

Cli = Callable[..., Result]
PARTS = ("--extractor", "my_plugins:Asks", "--verifier", "my_plugins:Judges")
KEY = "sk-test-0123456789abcdefghij"


class Endpoint:
    """Says "supported" to everything until it stops, and keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.stop_after: int | None = None
        self.url = ""

    def __call__(self, body: dict[str, Any]) -> str | MockReply:
        self.sent.append(body)
        if self.stop_after is not None and len(self.sent) > self.stop_after:
            return MockReply(error_body("Incorrect API key provided", code="invalid_api_key"), status=401)
        return "supported"

    def asked(self, word: str) -> list[str]:
        """The prompts that begin with a word."""
        said = [str(body["messages"][-1]["content"]) for body in self.sent]
        return [text for text in said if text.startswith(word)]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    responds = Endpoint()
    with MockEndpoint(responds) as served:
        responds.url = served.url
        yield responds


def write(name: str, rows: list[dict[str, Any]]) -> str:
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return name


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(name).read_text().splitlines()]


def answers(count: int = 12) -> str:
    return write(
        "answers.jsonl",
        [{"id": f"a{i}", "answer": f"Drug {i} is a drug.", "context": ["It is a drug."]} for i in range(count)],
    )


def pairs(count: int = 12) -> str:
    return write("pairs.jsonl", [{"id": f"p{i}", "claim": f"Drug {i}.", "evidence": "It is."} for i in range(count)])


def prompts(count: int = 12) -> str:
    return write("prompts.jsonl", [{"id": f"q{i}", "prompt": f"Is drug {i} safe?"} for i in range(count)])


def ask(endpoint: Endpoint, *more: object) -> tuple[object, ...]:
    return ("--model", "m", "--base-url", endpoint.url, *more)


def test_a_model_extracts_and_judges_and_the_report_says_what_it_took(cli: Cli, endpoint: Endpoint) -> None:
    ran = cli("run", answers(), "-o", "run", *PARTS, *ask(endpoint, "--price", 1, 2))
    assert ran.exit_code == 0, ran.output
    assert len(endpoint.asked("split")) == len(endpoint.asked("judge")) == 12
    assert {body["model"] for body in endpoint.sent} == {"m"}
    report = json.loads(Path("run/report.json").read_text())
    assert report["counts"]["costs"]["verification"]["calls"] == 12
    assert 0 < report["counts"]["costs"]["extraction"]["dollars"] < 1
    assert "all steps" in ran.stdout and "extraction" in ran.stdout


def test_with_a_model_the_defaults_are_hybrid_and_judge_and_nonsense_is_no_claim(cli: Cli, endpoint: Endpoint) -> None:
    ran = cli("run", answers(2), "-o", "run", *ask(endpoint))
    assert ran.exit_code == 3, ran.output
    settings = json.loads(Path("run/manifest.json").read_text())["settings"]
    assert (settings["extractor"], settings["verifier"]) == ("hybrid", "judge")
    counts = json.loads(Path("run/report.json").read_text())["counts"]
    assert counts["failures"] == {"extraction": {"unreadable_reply": 2}} and counts["claims"] == 0


def test_the_verifier_may_ask_another_model_with_a_key_of_its_own(
    cli: Cli, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE_KEY", KEY)
    judge = Endpoint()
    with MockEndpoint(judge, api_key=KEY) as served:
        more = ("--verifier-model", "j", "--verifier-base-url", served.url, "--verifier-api-key-env", "JUDGE_KEY")
        ran = cli("run", answers(3), "-o", "run", *PARTS, *ask(endpoint), *more)
    assert ran.exit_code == 0, ran.output
    assert len(endpoint.asked("split")) == 3 and not endpoint.asked("judge")
    assert len(judge.asked("judge")) == 3 and {body["model"] for body in judge.sent} == {"j"}
    assert not any(KEY.encode() in p.read_bytes() for p in Path("run").iterdir()) and KEY not in ran.output


def test_a_key_is_sent_to_the_endpoint_it_is_for_and_to_no_other(
    cli: Cli, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_KEY", KEY)
    for name in ("OPENAI_API_KEY", "HALUEVAL_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    judge = Endpoint()
    with MockEndpoint(judge, api_key=KEY) as served:
        more = ("--api-key-env", "MODEL_KEY", "--verifier-model", "j", "--verifier-base-url", served.url)
        ran = cli("run", answers(3), "-o", "run", *PARTS, *ask(endpoint), *more)
    assert ran.exit_code in (2, 4) and not judge.sent, ran.output  # refused with a 401: the key was not there


SENT = [
    (("--thinking", "off"), {"thinking_mode": "off", "enable_thinking": False, "thinking": False}),
    (("--thinking", "on"), {"thinking_mode": "on", "enable_thinking": True, "thinking": True}),
    (("--thinking", "auto"), {"thinking_mode": "auto"}),
    (
        ("--thinking", "auto", "--option", 'chat_template_kwargs={"enable_thinking": true}'),
        {"thinking_mode": "auto", "enable_thinking": True},
    ),
    (("--option", "seed=7", "--option", "user=me"), None),
]


@pytest.mark.parametrize(("options", "template"), SENT, ids=range(len(SENT)))
def test_options_are_sent_as_they_are(
    options: tuple[str, ...], template: dict[str, Any] | None, cli: Cli, endpoint: Endpoint
) -> None:
    ran = cli("verify", pairs(1), "-o", "out.jsonl", *PARTS[2:], *ask(endpoint, *options))
    assert ran.exit_code == 0, ran.output
    assert endpoint.sent[0].get("chat_template_kwargs") == template
    if template is None:
        assert (endpoint.sent[0]["seed"], endpoint.sent[0]["user"]) == (7, "me")


REFUSED: list[tuple[tuple[object, ...], str]] = [
    (("--model", "m", "--base-url", "localhost"), "http"),
    (("--model", " "), "empty name"),
    (("--base-url", "http://127.0.0.1:9/v1"), "--base-url without a model"),
    (("--max-dollars", 1), "--max-dollars without a model"),
    (("--dry-run",), "--dry-run without a model"),
    (("--verifier-price", 1, 2), "--verifier-price without a model"),
    (("--model", "openai/m", "--thinking", "on"), "--thinking without --base-url"),
    (("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--option", "seed"), "KEY=JSON"),
    (("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--cached-price", 1), "--price IN OUT as well"),
    (("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--price", -1, 1), "none of them negative"),
    (("--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--max-dollars", 1), "price of m is not known"),
    (("--verifier", "judge"), "asks a chat model"),
    (("--resume",), "--resume"),
]


@pytest.mark.parametrize(("options", "said"), REFUSED, ids=range(len(REFUSED)))
def test_options_that_cannot_be_are_one_line_and_nothing_is_written(
    options: tuple[object, ...], said: str, cli: Cli
) -> None:
    ran = cli("verify", pairs(1), "-o", "out.jsonl", *options)
    assert ran.exit_code == 2, ran.output
    [line] = ran.stderr.splitlines()
    assert said in line
    assert sorted(p.name for p in Path.cwd().iterdir()) == ["pairs.jsonl"]


@pytest.mark.parametrize("given", [("--api-key-env", KEY), ("--option", f"api_key={KEY}"),
                                   ("--option", f'extra_headers={{"Authorization": "{KEY}"}}')])  # fmt: skip
def test_a_key_given_in_the_open_is_refused_and_not_repeated(given: tuple[str, ...], cli: Cli) -> None:
    ran = cli("verify", pairs(1), "-o", "out.jsonl", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", *given)
    assert ran.exit_code == 2 and "--api-key-env" in ran.stderr
    assert KEY not in ran.output and KEY not in ran.stderr


# The command, its data and options, what is left when it stops after so many calls, and what it makes.
STOPPABLE = [
    ("extract", answers, ("-o", "out.jsonl", *PARTS[:2]), 9, "out.jsonl.partial", "out.jsonl"),
    ("verify", pairs, ("-o", "out.jsonl", *PARTS[2:]), 9, "out.jsonl.partial", "out.jsonl"),
]


@pytest.mark.parametrize(
    ("command", "data", "options", "calls", "partial", "whole"), STOPPABLE, ids=[s[0] for s in STOPPABLE]
)
def test_what_stops_is_exit_4_says_how_to_go_on_and_pays_for_nothing_twice(
    command: str,
    data: Callable[[], str],
    options: tuple[str, ...],
    calls: int,
    partial: str,
    whole: str,
    cli: Cli,
    endpoint: Endpoint,
) -> None:
    endpoint.stop_after = calls
    one_by_one = ask(endpoint, "--max-in-flight", 1)
    stopped = cli(command, data(), *options, *one_by_one)
    assert stopped.exit_code == 4, stopped.output
    [message] = [line for line in stopped.stderr.splitlines() if not line.startswith("halueval: reading")]
    assert "--resume" in message and partial in message and "'m'" in message or "m at" in message
    assert Path(partial).exists() and not Path(whole).exists()
    paid = [body["messages"][-1]["content"] for body in endpoint.sent[:calls]]
    endpoint.sent.clear()
    endpoint.stop_after = None
    assert cli(command, data(), *options, *one_by_one).exit_code == 2  # not without saying what is to become of it
    done = cli(command, data(), *options, *one_by_one, "--resume")
    assert done.exit_code == 0, done.output
    assert len(rows(whole)) == 12 and not Path(partial).exists()
    again = [body["messages"][-1]["content"] for body in endpoint.sent]
    assert not set(again) & set(paid) and len(again + paid) == 12
    assert [row["id"] for row in rows(whole)] == [f"{'p' if command == 'verify' else 'a'}{i}" for i in range(12)]


ASKING = [
    ("run", answers, ("-o", "run", *PARTS)),
    *((command, data, options) for command, data, options, *_ in STOPPABLE),
]


@pytest.mark.parametrize(("command", "data", "options"), ASKING, ids=[a[0] for a in ASKING])
def test_a_wrong_key_is_one_line_and_leaves_nothing(
    command: str, data: Callable[[], str], options: tuple[str, ...], cli: Cli, endpoint: Endpoint
) -> None:
    endpoint.stop_after = 0
    ran = cli(command, data(), *options, *ask(endpoint))
    assert ran.exit_code == 2, ran.output
    [message] = [line for line in ran.stderr.splitlines() if not line.startswith("halueval: reading")]
    assert "127.0.0.1" in message and "m" in message
    assert len(list(Path.cwd().iterdir())) == 1


def test_going_on_with_another_model_is_refused(cli: Cli, endpoint: Endpoint) -> None:
    endpoint.stop_after = 5
    assert cli("extract", answers(), "-o", "out.jsonl", *PARTS[:2], *ask(endpoint, "--max-in-flight", 1)).exit_code == 4
    before = Path("out.jsonl.partial").read_bytes()
    other = ("--model", "other", "--base-url", endpoint.url)
    ran = cli("extract", "answers.jsonl", "-o", "out.jsonl", *PARTS[:2], *other, "--resume")
    assert ran.exit_code == 2 and "another model" in ran.stderr
    assert Path("out.jsonl.partial").read_bytes() == before


FORECASTS = [
    ("run", answers, ("-o", "out", *PARTS), 24, "12 answers"),
    ("extract", answers, ("-o", "out", *PARTS[:2]), 12, "12 answers"),
    ("verify", pairs, ("-o", "out", *PARTS[2:]), 12, "12 pairs"),
    ("generate", prompts, ("-o", "out"), 12, "12 prompts"),
]


@pytest.mark.parametrize(("command", "data", "options", "calls", "said"), FORECASTS, ids=[f[0] for f in FORECASTS])
def test_a_dry_run_asks_nobody_and_writes_nothing(
    command: str, data: Callable[[], str], options: tuple[str, ...], calls: int, said: str, cli: Cli, endpoint: Endpoint
) -> None:
    ran = cli(command, data(), *options, *ask(endpoint, "--dry-run", "--price", 1, 2))
    assert ran.exit_code == 0, ran.output
    assert f"{said}: {calls} calls" in ran.stdout and "$" in ran.stdout
    assert not endpoint.sent and len(list(Path.cwd().iterdir())) == 1


@pytest.mark.parametrize(("command", "data", "options", "calls", "said"), FORECASTS, ids=[f[0] for f in FORECASTS])
def test_a_pilot_does_the_first_tells_of_all_and_is_gone_on_with(
    command: str, data: Callable[[], str], options: tuple[str, ...], calls: int, said: str, cli: Cli, endpoint: Endpoint
) -> None:
    ran = cli(command, data(), *options, *ask(endpoint, "--pilot", 3))
    assert ran.exit_code == 0, ran.output
    assert f"{said}: {calls} calls" in ran.stdout and "the first 3" in ran.stdout
    assert len(endpoint.sent) == calls // 4
    goes_on = () if command == "run" else ("--resume",)
    done = cli(command, data(), *options, *ask(endpoint, *goes_on))
    assert done.exit_code == 0, done.output
    assert len(endpoint.sent) == calls
    if command == "run":
        assert open_run("out").counts.responses == 12
    else:
        assert len(rows("out")) == 12
