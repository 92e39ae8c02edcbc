"""``halueval compare``: from run folders to the terminal and to files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result as Ran

from halueval.records import Claim, Extraction, Response, Result, Verdict
from halueval.runs import write_run

Cli = Callable[..., Ran]


def made(folder: str, model: str, refuted: int, prompts: int = 12, **settings: object) -> str:
    """A run of answers with four claims, one of them refuted in as many answers as said."""
    results = []
    for n in range(prompts):
        name = f"{model}-{n}"
        claims = tuple(Claim(f"{name}-{i}", name, "Aspirin thins blood.") for i in range(4))
        verdicts = tuple(
            Verdict(c.id, "refuted" if not i and n < refuted else "supported") for i, c in enumerate(claims)
        )
        response = Response(name, "Aspirin thins blood.", prompt=f"question {n}", model=model)
        results.append(Result(response, Extraction(name, claims), verdicts))
    write_run(folder, results, settings)
    return folder


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_two_runs_are_printed_with_the_difference_and_its_test(cli: Cli) -> None:
    shown = cli("compare", made("a", "m-a", 10, verifier="x"), made("b", "m-b", 1, verifier="y"), "--margin", "0.02")
    assert shown.exit_code == 0, shown.output
    said = " ".join(shown.stdout.split())
    assert "! not measured alike: the verifier is x in a, y in b" in said
    assert "The rate of m-a is higher than that of m-b: 20.8 % and 2.1 %, difference +18.8 points" in said
    assert "is not worse than m-b by 2 points or more is not shown" in said


def test_it_is_written_to_files_and_to_standard_output(cli: Cli) -> None:
    runs = [made(name, name, refuted) for name, refuted in (("a", 9), ("b", 1), ("c", 2))]
    done = cli("compare", *runs, "--html", "c.html", "--markdown", "c.md", "--json", "-")
    assert done.exit_code == 0, done.output
    written = json.loads(done.stdout)
    assert [pair["a"] + pair["b"] for pair in written["pairs"]] == ["ab", "ac", "bc"]
    assert Path("c.html").read_text().count("<svg") == 1
    assert "| a − b |" in Path("c.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a",), "one model only, 'm-a'"),
        (("a", "nowhere"), "not a run folder"),
        (("a", "a"), "the same run twice"),
        (("a", "b", "--rate", "nothing"), "a share of claims"),
        (("a", "b", "--level", "2"), "between 0 and 1"),
    ],
)
def test_what_cannot_be_compared_ends_with_a_line_and_exit_code_2(
    arguments: tuple[str, ...], said: str, cli: Cli
) -> None:
    made("a", "m-a", 3), made("b", "m-b", 3)
    ended = cli("compare", *arguments)
    assert ended.exit_code == 2
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_it_explains_itself_with_an_example(cli: Cli) -> None:
    assert "Example:\n    halueval compare " in cli("compare", "--help").stdout.replace(
        "      halueval", "    halueval"
    )
