"""Runs compared: on the same prompts, with what was lost and what was not measured alike said first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halueval.comparing import compare, pilot_of
from halueval.errors import InputError, RunError
from halueval.metrics import compare_models
from halueval.records import Claim, Extraction, Failure, Label, Response, Result, Verdict
from halueval.report import Report
from halueval.runs import write_run

LABELS: dict[str, Label] = {"S": "supported", "R": "refuted", "N": "not_enough_info"}


def answered(prompt: str, labels: str, model: str | None = "a", **fields: object) -> Result:
    """An answer with a claim per letter: Supported, Refuted, Not enough info, Failed; none is an abstention."""
    name = f"{model}-{prompt}"
    response = Response(name, "Aspirin thins blood. " * len(labels), prompt=prompt, model=model, **fields)  # type: ignore[arg-type]
    if not labels:
        refusal = Claim(f"{name}-0", name, "I cannot help.", checkworthy=False, reason="refusal")
        return Result(response, Extraction(name, (refusal,)))
    claims = tuple(Claim(f"{name}-{n}", name, "Aspirin thins blood.") for n in range(len(labels)))
    outcomes = tuple(
        Failure("verification", "timeout", "no reply", claim.id) if letter == "F" else Verdict(claim.id, LABELS[letter])
        for claim, letter in zip(claims, labels, strict=True)
    )
    return Result(response, Extraction(name, claims), outcomes)


def run(model: str | None, answers: Sequence[str], **settings: object) -> Report:
    return Report([answered(f"q{n}", labels, model) for n, labels in enumerate(answers)], settings)


A = ["RRSS", "RSSS", "SSSS", "RSSSSS", "SSSR", "RRS"]
B = ["SSSS", "RSS", "SSSSS", "SSSS", "SSS", "SSSR"]
C = ["SSSS", "SSS", "SSSSS", "RSSS", "SSS", "SSSS"]


def test_each_model_and_the_pair_stand_on_the_prompts_in_common() -> None:
    found = compare(run("a", A), run("b", [*B, "RRRRRRRR"]))
    assert [(m.name, m.rate.events, m.rate.claims, m.prompts) for m in found.models] == [
        ("a", 7, 25, 6),
        ("b", 2, 23, 7),
    ]
    assert found.models[1].own.events == 10
    (pair,) = found.pairs
    assert pair.difference == pytest.approx(7 / 25 - 2 / 23)
    assert (pair.rate_a, pair.rate_b) == (found.models[0].rate.value, found.models[1].rate.value)
    assert (found.prompts, pair.prompts) == (6, 6)
    assert "1 prompt of b not answered by all" in "; ".join(found.warnings)


def test_it_says_what_the_metrics_module_says_of_two_models() -> None:
    both = [*run("a", A).results, *run("b", B).results]
    (pair,) = compare(Report(both)).pairs
    other = compare_models(both, "a", "b")
    assert (pair.difference, pair.low, pair.high, pair.p) == (other.difference, other.low, other.high, other.p)


def test_one_run_with_several_models_is_compared_within_itself() -> None:
    together = compare(Report([*run("a", A).results, *run("b", B).results]))
    apart = compare(run("a", A), run("b", B))
    assert together.pairs == apart.pairs
    assert together.models == apart.models


def test_the_order_of_the_answers_does_not_matter() -> None:
    shuffled = Report(list(run("b", B).results)[::-1])
    assert compare(run("a", A), shuffled).pairs == compare(run("a", A), run("b", B)).pairs


def test_exchanging_the_runs_flips_the_sign() -> None:
    (there,), (back,) = compare(run("a", A), run("b", B)).pairs, compare(run("b", B), run("a", A)).pairs
    assert there.difference == pytest.approx(-back.difference)  # type: ignore[operator]
    assert there.p == pytest.approx(back.p)
    assert there.low == pytest.approx(-back.high)  # type: ignore[operator]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["S", "R", "SSR", "RN", "", "F", "SF"]), min_size=3, max_size=8))
def test_a_model_does_not_differ_from_itself(answers: list[str]) -> None:
    (pair,) = compare(run("a", answers), run("b", answers)).pairs
    assert pair.difference in (0, None)
    assert pair.p in (1, None)
    assert (pair.difference is None) == (not pair.prompts) == bool(pair.prompts == 0)


def test_failures_move_no_rate() -> None:
    failed = [f"{labels}FF" for labels in A]
    (pair,), (other,) = compare(run("a", failed), run("b", B)).pairs, compare(run("a", A), run("b", B)).pairs
    assert (pair.rate_a, pair.difference, pair.p) == (other.rate_a, other.difference, other.p)


def test_three_models_have_ranks_and_p_values_that_allow_for_their_number() -> None:
    found = compare(run("a", A), run("b", B), run("c", C))
    assert [(p.a, p.b) for p in found.pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert all(pair.holm_p >= pair.p for pair in found.pairs if pair.holm_p and pair.p)
    assert all(model.ranks for model in found.models)
    assert "after Holm" in str(found)
    assert "after Holm" not in str(compare(run("a", A), run("b", B)))


def test_what_could_not_be_compared_is_said_and_counted() -> None:
    found = compare(run("a", A), run("b", ["", *B[1:]]))
    assert found.prompts == 5
    assert found.models[1].scored == 5
    assert "on 1 of 6 prompts that all answered, not all have a claim" in "; ".join(found.warnings)


def test_without_a_verdict_in_common_the_pair_is_undefined_with_the_reason() -> None:
    found = compare(run("a", ["S", ""]), run("b", ["", "R"]))
    assert found.pairs[0].difference is None
    assert [model.rate.value for model in found.models] == [None, None]
    assert "no prompt for which both have claims with a verdict" in str(found).replace("\n", " ")
    json.loads(found.to_json())


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("snapshot", ("one", "two")),
        ("verifier", ("cascade", "judge")),
        ("extractor", ("rules", "hybrid")),
        ("passages_per_claim", (5, 10)),
        ("verifier_models", (["x"], ["y"])),
        ("retriever", ("bm25", None)),
    ],
)
def test_what_was_not_measured_alike_is_said_first(name: str, values: tuple[object, object]) -> None:
    first, second = ({name: value} for value in values)
    found = compare(run("a", A, **first), run("b", ["", *B[1:]], **second))
    assert found.warnings[0].startswith("not measured alike: ")
    assert not any("alike" in w for w in compare(run("a", A, **first), run("b", B, **first)).warnings)


def test_runs_that_state_nothing_are_told_apart_by_their_verdicts() -> None:
    def judged(by: str, result: Result) -> Result:
        return replace(result, outcomes=tuple(replace(outcome, verifier=by) for outcome in result.outcomes))  # type: ignore[call-arg]

    a, b = run("a", A), Report([judged("judge x", result) for result in run("b", B).results])
    assert compare(a, b).warnings[0].startswith("not measured alike: the verifier is not stated in a, judge x in b")
    stated = {"verifier": "cascade"}
    assert not any("alike" in w for w in compare(Report(a.results, stated), Report(b.results, stated)).warnings)


def test_what_was_noted_of_a_run_is_said_again() -> None:
    warnings = compare(run("a", A), run("b", B, notes=["the run was cut off"])).warnings
    assert warnings[0] == "run 2: the run was cut off"


@pytest.mark.parametrize(
    ("fields", "other", "said"),
    [
        ({"group": "same"}, {"group": "same"}, "were asked different things"),
        ({"context": ("x",)}, {"context": ("y",)}, "were judged by different contexts"),
    ],
)
def test_prompts_that_are_not_the_same_are_told(fields: dict[str, object], other: dict[str, object], said: str) -> None:
    prompt = "q" if "context" in fields else "p"
    first, second = Report([answered("q", "SR", "a", **fields)]), Report([answered(prompt, "SS", "b", **other)])
    assert any(said in warning for warning in compare(first, second).warnings)


def test_answers_matched_by_their_ids_alone_are_told() -> None:
    def bare(result: Result, name: str) -> Result:
        return replace(result, response=replace(result.response, id=name, prompt=None))

    runs = [Report([bare(result, f"row{n}") for n, result in enumerate(run(m, A).results)]) for m in "ab"]
    assert any("matched by their ids" in warning for warning in compare(*runs).warnings)


@pytest.mark.parametrize(
    ("models", "names"),
    [((None, None), ["one", "two"]), (("m", "m"), ["m (one)", "m (two)"]), (("a", None), ["a", "two"])],
)
def test_models_are_called_by_their_names_or_their_runs(
    models: tuple[str | None, str | None], names: list[str], tmp_path: Path
) -> None:
    for folder, model, answers in zip(("one", "two"), models, (A, B), strict=True):
        write_run(tmp_path / folder, run(model, answers).results, {})
    assert [model.name for model in compare(tmp_path / "one", str(tmp_path / "two")).models] == names


def test_records_that_could_not_be_read_are_of_no_model() -> None:
    unread = Result(
        Response("line-3", ""), Extraction("line-3", failure=Failure("input", "invalid_record", "no answer"))
    )
    found = compare(Report([*run("a", A).results, unread]), run("b", B))
    assert [model.name for model in found.models] == ["a", "b"]
    assert any("1 answer of run 1 could not be read" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: compare(), "no run"),
        (lambda: compare(run("a", A)), "one model only, 'a'"),
        (lambda: compare(Report([])), "no answers"),
        (lambda: compare(run("a", A), Report([answered("other", "SR", "b")])), "no prompt in common"),
        (lambda: compare(run("a", A), run("b", B), rate="any_refuted"), "a share of claims"),
        (lambda: compare(run("a", A), run("b", B), level=1.0), "between 0 and 1"),
        (lambda: compare(run("a", A), run("b", B), margin=-0.1), "0.02 is two points"),
        (lambda: compare(run("a", A), run("b", B), margin=0.1, rate="supported"), "more is not worse"),
        (lambda: pilot_of(run("a", A), run("b", B), run("c", C)), "3 models"),
    ],
)
def test_what_cannot_be_compared_is_named(make: object, said: str) -> None:
    assert callable(make)
    with pytest.raises(InputError, match=said):
        make()


def test_the_same_run_twice_and_what_is_no_run_are_refused(tmp_path: Path) -> None:
    write_run(tmp_path / "a", run("a", A).results, {})
    with pytest.raises(InputError, match="the same run twice"):
        compare(tmp_path / "a", tmp_path / "x" / ".." / "a")
    with pytest.raises(RunError, match="not a run folder"):
        compare(tmp_path / "a", tmp_path)


def test_a_margin_adds_whether_the_first_is_not_worse() -> None:
    good, bad = ["SSSSSSSSSS"] * 18, ["RSSSSSSSSS"] * 2
    shown = compare(run("a", good + bad), run("b", good + bad[::-1]), margin=0.5).pairs[0]
    assert shown.difference == 0
    (worse,) = compare(run("a", A * 3), run("b", B * 3), margin=0.01).sentences()
    assert "is not worse than b by 1 points or more is not shown" in worse
    (better,) = compare(run("b", B * 3), run("a", A * 3), margin=0.01).sentences()
    assert "is shown (one-sided p = " in better


def test_every_form_says_the_same_and_nothing_from_outside_becomes_markup() -> None:
    hostile = "<script>alert(1)</script>|[x](http://e.org)\x1b[31m"
    found = compare(run(hostile, A), run("b", B))
    html, markdown = found.to_html(), found.to_markdown()
    assert "<script" not in html and "<script" not in markdown.replace("\\<", "")
    assert "](http" not in markdown and "\x1b" not in html + markdown + str(found)
    figure = found.models[0].rate.figure.split(" [")[0]
    assert all(figure in form for form in (html, markdown, str(found), found._repr_html_()))
    assert json.loads(found.to_json())["pairs"][0]["prompts"] == 6
    assert max(map(len, str(found).splitlines())) <= 80


def test_any_bad_claim_never_stands_without_the_claims_per_prompt() -> None:
    tables = {t.title: t for t in compare(run("a", A), run("b", B)).sheet().tables}
    (anyone,) = [table for title, table in tables.items() if "any such claim" in title]
    assert anyone.headers[-1] == "claims per prompt"
    assert not any(
        "any such claim" in t.title for t in compare(run("a", A), run("b", B), rate="supported").sheet().tables
    )


def test_a_pilot_tells_rates_and_the_correlation_where_there_are_two() -> None:
    one, two = pilot_of(run("a", A)), pilot_of(run("a", A), run("b", B))
    assert (one.rate_1, one.rate_2, one.prompts) == (7 / 25, None, 6)
    assert (two.rate_1, two.rate_2) == (7 / 25, 2 / 23)
    assert one.mean_claims == pytest.approx(25 / 6)
