"""`generate`: prompts in, answers out, and from there to rates with the next command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from halueval.chat.mock_endpoint import MockEndpoint, MockReply, completion, error_body
from halueval.runs import open_run

Cli = Callable[..., Result]


def says(body: dict[str, Any]) -> str | dict[str, Any] | MockReply:
    """Answers by what is asked: well, with thinking, cut off, not at all, declined."""
    asked = body["messages"][-1]["content"]
    if "think" in asked:
        return "<think>Hm.</think>\nAspirin is a drug."
    if "long" in asked:
        return completion("Aspirin is a", finish_reason="length")
    if "nothing" in asked:
        return completion("")
    if "forbidden" in asked:
        return MockReply(error_body("filtered", code="content_filter"), status=400)
    return f"{asked.removesuffix('?')} is a drug."


def write(*asked: str) -> str:
    Path("prompts.csv").write_text("qid,question,note\n" + "".join(f"{i},{a},x{i}\n" for i, a in enumerate(asked)))
    return "prompts.csv"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(name).read_text().splitlines()]


def test_an_endpoint_is_evaluated_on_prompts_in_two_commands(cli: Cli) -> None:
    Path("corpus.jsonl").write_text('{"text": "Aspirin is a drug."}\n')
    with MockEndpoint(says) as endpoint:
        model = ("--model", "m", "--base-url", endpoint.url)
        made = cli("generate", write("Aspirin?", "Water?"), "--samples", 2, "-o", "answers.jsonl", *model)
    assert made.exit_code == 0, made.output
    assert "answers.jsonl: 4 answers of" in made.stdout and "4 calls" in made.stdout
    assert "prompt from 'question' (guessed)" in made.stderr
    parts = ("--extractor", "halueval.testing:LineExtractor", "--verifier", "my_plugins:Agree")
    ran = cli("run", "answers.jsonl", "--evidence", "corpus.jsonl", "-o", "run", *parts)
    assert ran.exit_code == 0, ran.output
    counts = json.loads(Path("run/report.json").read_text())["counts"]
    assert (counts["responses"], counts["groups"]) == (4, 2)
    first = next(iter(open_run("run").results)).response
    assert (first.prompt, first.metadata["note"]) == ("Aspirin?", "x0")


def test_what_got_no_answer_is_counted_here_and_by_the_run(cli: Cli) -> None:
    with MockEndpoint(says) as endpoint:
        model = ("--model", "m", "--base-url", endpoint.url)
        made = cli("generate", write("Aspirin?", "nothing", "forbidden", "think", "long"), "-o", "a.jsonl", *model)
    assert made.exit_code == 3, made.output
    assert "2 failed (2 in generation) of 5" in made.stderr
    assert "1 of 5 answers were cut off at the limit of tokens" in made.stderr
    said = rows("a.jsonl")
    assert [row["response"] for row in said][3:] == ["Aspirin is a drug.", "Aspirin is a"]
    assert [row["failure"]["kind"] for row in said[1:3]] == ["empty_reply", "refused"]
    assert said[3]["metadata"]["reasoning"] == "Hm." and said[4]["metadata"]["finish_reason"] == "length"
    ran = cli("extract", "a.jsonl", "-o", "claims.jsonl", "--extractor", "halueval.testing:LineExtractor")
    assert ran.exit_code == 3 and "2 failed (2 in generation) of 5" in ran.stderr


def test_going_on_asks_only_for_what_is_missing(cli: Cli) -> None:
    asked: list[str] = []

    def stops(body: dict[str, Any]) -> str | MockReply:
        asked.append(body["messages"][-1]["content"])
        return "Yes." if len(asked) != 4 else MockReply(error_body("no such model", code="model_not_found"), status=404)

    with MockEndpoint(stops) as endpoint:
        command = ("generate", write(*"abcdefgh"), "-o", "a.jsonl", "--model", "m", "--base-url", endpoint.url)
        stopped = cli(*command, "--max-in-flight", 1)
        assert stopped.exit_code == 4, stopped.output
        assert "a.jsonl.partial; --resume goes on" in stopped.stderr and not Path("a.jsonl").exists()
        refused = cli(*command)
        assert refused.exit_code == 2 and "--resume" in refused.stderr and "--overwrite" in refused.stderr
        done = cli(*command, "--resume")
    assert done.exit_code == 0, done.output
    assert sorted(asked) == sorted([*"abcdefgh", "d"])
    assert [row["id"] for row in rows("a.jsonl")] == [str(i) for i in range(8)]


@pytest.mark.parametrize(
    ("prompts", "options", "said"),
    [
        ("id,text\n1,x\n", ("--model", "m"), "no column looks like the prompts"),
        ("id,question\n1,x\n", (), "--model NAME"),
        ("id,question\n1,x\n", ("--model", "m", "-o", "none/a.jsonl"), "there is no folder none"),
        ("id,question\n1,x\n", ("--model", "m", "-o", "-"), "wanted the name of a file"),
        ("id,question\n", ("--model", "m"), "no record"),
    ],
    ids=range(5),
)
def test_what_cannot_be_is_one_line_and_nothing_is_written(
    prompts: str, options: tuple[str, ...], said: str, cli: Cli
) -> None:
    Path("prompts.csv").write_text(prompts)
    base = ("--base-url", "http://127.0.0.1:9/v1") if options else ()
    output = () if "-o" in options else ("-o", "a.jsonl")
    ran = cli("generate", "prompts.csv", *output, *options, *base)
    assert ran.exit_code == 2, ran.output
    [line] = [line for line in ran.stderr.splitlines() if not line.startswith("halueval: reading")]
    assert said in line
    assert [p.name for p in Path.cwd().iterdir()] == ["prompts.csv"]
