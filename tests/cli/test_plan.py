"""``halueval plan``: what it takes from the command line, what from a pilot, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result as Ran

from halueval.records import Claim, Extraction, Response, Result, Verdict
from halueval.runs import write_run
from halueval.statistics import labels_for_width, labels_two_phase, prompts_to_detect

Cli = Callable[..., Ran]
SAID = ("--rate", "0.05", "--claims-per-answer", "12")


def pilot_run(folder: Path, model: str, refuted_every: int) -> str:
    results = []
    for n in range(40):
        name = f"{model}-{n}"
        claims = tuple(Claim(f"{name}-{i}", name, "Aspirin thins blood.") for i in range(5 + n % 3))
        verdicts = tuple(
            Verdict(c.id, "refuted" if not i and not n % refuted_every else "supported") for i, c in enumerate(claims)
        )
        results.append(Result(Response(name, "…", prompt=f"q{n}", model=model), Extraction(name, claims), verdicts))
    write_run(folder, results, {})
    return str(folder)


def planned(cli: Cli, *arguments: str) -> str:
    done = cli("plan", *arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_prompts_come_for_both_directions_from_what_was_said(cli: Cli) -> None:
    said = planned(cli, *SAID, "--difference", "0.02", "--icc", "0.1", "--correlation", "0.3", "--power", "0.9")
    for other in (0.03, 0.07):
        wanted = prompts_to_detect(0.05, other, 12, None, 0.1, 0.3, power=0.9).prompts
        assert f"5.0 % against {100 * other:.1f} %: {wanted} prompts" in said
    assert "warning: assumed numbers" in said


def test_a_rate_below_0_is_not_planned_for(cli: Cli) -> None:
    said = planned(cli, "--rate", "0.01", "--claims-per-answer", "12", "--difference", "0.02")
    assert re.findall(r"against (\S+) %", said) == ["3.0"]


def test_labels_need_no_number_of_claims(cli: Cli) -> None:
    said = planned(cli, "--rate", "0.1", "--half-width", "0.05")
    assert f"at most one per answer: {labels_for_width(0.1, 0.05).labels}\n" in said
    both = ("--bad-in-flagged", "0.6", "--bad-in-unflagged", "0.02")
    two = labels_two_phase(0.1, 0.6, 0.02, 0.05)
    assert f"with the verdicts of all claims: {two.labels}, of which" in planned(
        cli, "--rate", "0.1", "--half-width", "0.05", *both
    )


def test_a_pilot_says_what_is_not_said_and_the_command_line_wins(cli: Cli, tmp_path: Path) -> None:
    one, two = pilot_run(tmp_path / "a", "m-a", 2), pilot_run(tmp_path / "b", "m-b", 5)
    alone, both = planned(cli, one, "--difference", "0.03"), planned(cli, one, two, "--difference", "0.03")
    assert "rate 8.4 %\n" in alone and "the correlation is not known from one model" in alone
    assert "rate 8.4 % and 3.3 %" in both and "the correlation is not known" not in both
    assert "2.0 % against" in planned(cli, one, "--difference", "0.01", "--rate", "0.02")


def test_so_many_prompts_find_so_much(cli: Cli) -> None:
    assert re.search(r"from 5.0 % a rate of \S+ % or lower is found", planned(cli, *SAID, "--prompts", "800"))
    assert "not even a rate of 0 would be found" in planned(cli, *SAID, "--prompts", "5")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to plan"),
        (("--difference", "0.02"), "no rate to plan with"),
        (("--difference", "0.02", "--rate", "0.05"), "--claims-per-answer"),
        ((*SAID, "--difference", "2"), "0.02 is two points"),
        ((*SAID, "--difference", "0.02", "--icc", "3"), "icc is 3.0"),
        ((*SAID, "--difference", "0.02", "--power", "1"), "power is 1.0"),
        ((*SAID, "--half-width", "0"), "half_width is 0.0"),
        (("nowhere", "--difference", "0.02"), "not a run folder"),
    ],
)
def test_what_cannot_be_planned_ends_with_a_line_and_exit_code_2(
    arguments: tuple[str, ...], said: str, cli: Cli
) -> None:
    ended = cli("plan", *arguments)
    assert ended.exit_code == 2
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_it_explains_itself_with_an_example(cli: Cli) -> None:
    assert "Example:\n    halueval plan " in cli("plan", "--help").stdout.replace("      halueval", "    halueval")
