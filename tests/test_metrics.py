"""Results become rates: each by its definition, failures in none of them, and everything counted once."""

from __future__ import annotations

import pytest

from halueval.errors import InputError
from halueval.metrics import PRESETS, RATE_NAMES, Summary, Tally, compare_models
from halueval.records import (
    LABELS,
    Claim,
    Evidence,
    Extraction,
    ExtractorInfo,
    Failure,
    Outcome,
    Response,
    Result,
    Span,
    Verdict,
)

PASSAGE = (Evidence("d1", "Aspirin thins the blood.", Span(0, 24)),)
TEXT = "Aspirin thins the blood and 2.5 mg is enough."  # nine words


def result(
    name: str,
    outcomes: str = "",
    *,
    group: str | None = None,
    model: str | None = None,
    text: str = TEXT,
    reasons: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
) -> Result:
    """S supported, R refuted, U found but undecided, N nothing found, F failed: one letter per checkworthy claim."""
    claims = tuple(Claim(f"{name}.{i}", name, "x", spans=(Span(0, 7),)) for i in range(len(outcomes)))
    others = tuple(Claim(f"{name}.o{i}", name, "x", checkworthy=False, reason=why) for i, why in enumerate(reasons))
    judged = tuple(outcome(claim.id, letter) for claim, letter in zip(claims, outcomes, strict=True))
    who = ExtractorInfo("rules", "1", "en_core_web_sm")
    extraction = Extraction(name, claims + others, extractor=who, warnings=warnings)
    return Result(Response(name, text, model=model, group=group), extraction, judged)


def outcome(claim: str, letter: str) -> Outcome:
    if letter == "F":
        return Failure("verification", "timeout", "no answer in 30 s", claim)
    label = {"S": LABELS[0], "R": LABELS[1]}.get(letter, LABELS[2])
    return Verdict(claim, label, evidence=() if letter == "N" else PASSAGE, verifier="lexical")


def unreadable(name: str) -> Result:
    return Result(Response(name, ""), Extraction(name, failure=Failure("input", "invalid_record", "not an object")))


def summary(*results: Result) -> Summary:
    tally = Tally()
    for one in results:
        tally.add(one)
    return tally.summary()


# Two answers: S=4 R=2 U=1 N=1 of 8, and R=1 of 2.
TWO = (result("a", "SSSSRRUN"), result("b", "SR"))
DEFINED = {
    "refuted": (3 / 10, (2 / 8 + 1 / 2) / 2),
    "hallucination_m3": (4 / 10, (3 / 8 + 1 / 2) / 2),
    "unsupported": (5 / 10, (4 / 8 + 1 / 2) / 2),
    "supported": (5 / 10, (4 / 8 + 1 / 2) / 2),
    "not_enough_info": (2 / 10, (2 / 8 + 0) / 2),
    "nothing_found": (1 / 10, (1 / 8 + 0) / 2),
    "undecided": (1 / 10, (1 / 8 + 0) / 2),
    "refuted_decided": (3 / 8, (2 / 6 + 1 / 2) / 2),
    "any_refuted": (1.0, 1.0),
    "refuted_per_response": (1.5, 1.5),
    "refuted_per_1000_words": (3 / 18 * 1000, (2 / 9 + 1 / 9) / 2 * 1000),
}


@pytest.mark.parametrize("name", RATE_NAMES)
def test_a_rate_is_its_definition_pooled_and_averaged(name: str) -> None:
    found = summary(*TWO)
    assert found.rates[name].value == pytest.approx(DEFINED[name][0])
    assert found.macro[name].value == pytest.approx(DEFINED[name][1])
    for estimate in (found.rates[name], found.macro[name]):
        assert estimate.low is not None and estimate.high is not None
        assert estimate.low <= (estimate.value or 0) <= estimate.high
        assert "prior ICC 0.2, weight 5" in estimate.method


def test_exactly_the_named_rates_are_given() -> None:
    found = summary(*TWO)
    assert set(found.rates) == set(found.macro) == set(RATE_NAMES)


def test_nothing_found_and_undecided_are_told_apart_by_their_evidence() -> None:
    found = summary(result("a", "UUNS"), result("b", "SUUN"))
    assert (found.rates["undecided"].value, found.rates["nothing_found"].value) == (0.5, 0.25)
    assert (found.counts.undecided, found.counts.nothing_found, found.counts.not_enough_info) == (4, 2, 6)


def test_short_answers_make_the_mean_per_thousand_words_uncertain() -> None:
    even = summary(*(result(str(i), "SSS", text="word " * 100) for i in range(20)))
    uneven = summary(*(result(str(i), "SSS", text="word " * (10 if i % 2 else 190)) for i in range(20)))
    name = "refuted_per_1000_words"
    assert uneven.rates[name].high == pytest.approx(even.rates[name].high)
    assert uneven.macro[name].high > 3 * (even.macro[name].high or 0)  # type: ignore[operator]


def test_nothing_scored_is_undefined_with_a_reason_and_never_zero() -> None:
    for results in ((), (result("a", reasons=("greeting",)),), (result("a", "FF"),), (unreadable("a"),)):
        found = summary(*results)
        for estimate in (*found.rates.values(), *found.macro.values()):
            assert estimate.value is None
            assert estimate.reason
            assert str(estimate).startswith("undefined (no ")


def test_the_four_kinds_of_response_are_counted_and_never_merged() -> None:
    counts = summary(
        result("a", "SR", reasons=("disclaimer",)),
        result("b", "FF"),
        result("c", reasons=("greeting", "disclaimer")),
        result("d", reasons=("refusal",)),
        result("e", text=""),
        unreadable("f"),
    ).counts
    assert (counts.with_claims, counts.nothing_checkworthy, counts.abstained, counts.failed) == (2, 2, 1, 1)
    assert (counts.responses, counts.responses_scored) == (6, 1)
    assert (counts.claims, counts.claims_attempted, counts.claims_scored, counts.claims_failed) == (8, 4, 2, 2)
    assert counts.not_checkworthy == {"disclaimer": 2, "greeting": 1, "refusal": 1}
    assert counts.failures == {"input": {"invalid_record": 1}, "verification": {"timeout": 2}}
    assert counts.unplaced == 4
    assert counts.words == 9
    assert counts.verifiers == {"lexical": 2}
    assert counts.extractors == {"rules 1 (en_core_web_sm)": 5}


def test_a_failure_is_in_the_bounds_and_in_no_rate() -> None:
    clean, failing = summary(*TWO), summary(TWO[0], result("b", "SRFF"), result("c", "FFF"), unreadable("d"))
    for name in RATE_NAMES:
        assert failing.rates[name].value == clean.rates[name].value
        assert failing.macro[name].value == clean.macro[name].value
    bounds = failing.bounds["failures"]
    assert (bounds.lower.value, bounds.upper.value, bounds.open_claims) == (3 / 15, 8 / 15, 5)
    both = failing.bounds["failures_and_open"]
    assert (both.lower.value, both.upper.value, both.open_claims) == (3 / 15, 10 / 15, 7)
    assert both.low is not None and both.low <= 3 / 15 and both.high is not None and both.high >= 10 / 15
    assert any("5 of 15 claims could not be checked" in warning for warning in failing.warnings)
    assert any("1 of 4 responses failed" in warning for warning in failing.warnings)


def test_claims_of_an_extraction_that_failed_move_nothing() -> None:
    part = result("c", "RRR")
    broken = Extraction("c", part.extraction.claims, Failure("extraction", "plugin_error", "KeyError"))
    found = summary(*TWO, Result(part.response, broken, part.outcomes))
    assert found.rates["refuted"].value == 0.3
    assert found.counts.claims_attempted == 10


def test_an_outcome_never_recorded_is_a_failure_and_one_too_many_an_error() -> None:
    full = result("a", "SRR")
    found = summary(Result(full.response, full.extraction, full.outcomes[:2]))
    assert found.counts.claims_failed == 1
    assert found.rates["refuted"].value == 0.5
    short = result("a", "SR")
    with pytest.raises(InputError, match="response 'a' has 3 outcomes for 2 checkworthy claims"):
        Tally().add(Result(short.response, short.extraction, full.outcomes))


def test_one_group_has_a_rate_and_says_why_it_has_no_interval() -> None:
    found = summary(result("a", "SR", group="p"), result("b", "SS", group="p"))
    for name in ("refuted", "any_refuted", "refuted_per_response", "refuted_per_1000_words"):
        assert found.rates[name].value is not None
        assert found.rates[name].low is None and found.rates[name].high is None
        assert "one group" in found.rates[name].reason


def test_answers_to_one_prompt_are_one_group() -> None:
    apart = summary(*(result(str(i), "SSSR") for i in range(10)))
    together = summary(*(result(str(i), "SSSR", group=f"p{i // 2}") for i in range(10)))
    assert (apart.rates["refuted"].groups, together.rates["refuted"].groups) == (10, 5)
    assert together.macro["refuted"].claims == 10
    assert together.rates["refuted"].high > apart.rates["refuted"].high  # type: ignore[operator]


def test_none_refuted_is_an_upper_limit_with_the_bound_on_answers() -> None:
    refuted = summary(*(result(str(i), "SSSU") for i in range(60))).rates["refuted"]
    assert refuted.low == 0 and 0 < (refuted.high or 0) < 0.05
    assert "0.0 %, at most" in str(refuted)
    assert "with any is at most 4.9 % (exact, one-sided; rule of three: 5.0 %)" in refuted.warnings[0]


def test_claims_of_one_answer_are_not_independent_per_response_and_per_word_either() -> None:
    for name in ("refuted_per_response", "refuted_per_1000_words"):
        short, long = (summary(*(result(str(i), "S" * n) for i in range(20))) for n in (2, 40))
        for estimates in ("rates", "macro"):
            narrow, wide = (getattr(found, estimates)[name].high for found in (short, long))
            assert wide > 2 * narrow


def test_few_groups_with_an_event_are_named() -> None:
    few = summary(result("a", "RRR"), result("b", "RSS"), *(result(str(i), "SSS") for i in range(20))).rates["refuted"]
    assert any("in 2 of 22 groups" in warning for warning in few.warnings)
    many = summary(*(result(str(i), "RSS") for i in range(20))).rates["refuted"]
    assert many.warnings == ()


def test_one_answer_with_most_of_the_bad_claims_is_named_with_the_rate_without_it() -> None:
    found = summary(result("giant", "R" * 30), *(result(str(i), "RSSSSSSSSS") for i in range(10))).rates["refuted"]
    assert any("75.0 % of these and 23.1 % of the claims; without it the rate is 10.0 %" in w for w in found.warnings)


def test_m3_weights_are_arguments_and_printed() -> None:
    tally = Tally(m3_weights=(1.0, 0.25))
    for one in TWO:
        tally.add(one)
    found = tally.summary().rates["hallucination_m3"]
    assert found.value == pytest.approx(0.35)
    assert "weights: refuted 1, not enough info 0.25" in found.method
    assert tally.preset("m3").value == pytest.approx(0.4)


def test_a_level_is_kept_and_a_wider_one_is_wider() -> None:
    widths = []
    for level in (0.8, 0.95, 0.99):
        tally = Tally(level=level)
        for one in TWO:
            tally.add(one)
        refuted = tally.summary().rates["refuted"]
        assert refuted.level == level
        widths.append((refuted.high or 0) - (refuted.low or 0))
    assert widths == sorted(widths) and widths[0] < widths[2]


@pytest.mark.parametrize("wrong", [{"level": 95}, {"prior_icc": -0.1}, {"prior_weight": -1}])
def test_wrong_terms_are_told_before_anything_is_counted(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is .*; wanted: "):
        Tally(**wrong)  # type: ignore[arg-type]


def test_warnings_of_extractions_are_told_once_with_their_number() -> None:
    said = ("not English: sentences are the claims",)
    found = summary(*(result(str(i), "S", warnings=said) for i in range(3)), result("x", "S"))
    assert found.warnings == ("not English: sentences are the claims (3 responses)",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Take 2.5 mg/day, don't stop.", 5),
        ("<think>Maybe ten or twenty words.</think>Two words", 2),
        ("阿司匹林 is ok", 6),
        ("-- ** --", 0),
    ],
)
def test_words_are_counted_as_a_reader_counts_them(text: str, words: int) -> None:
    assert summary(result("a", "S", text=text)).counts.words == words


def test_each_model_has_its_own_summary() -> None:
    found = summary(
        *(result(f"a{i}", "SSR", model="a", group=f"p{i}") for i in range(4)),
        *(result(f"b{i}", "SSS", model="b", group=f"p{i}") for i in range(4)),
        result("none", "SSSS"),
    )
    assert list(found.by_model) == ["a", "b", ""]
    assert [found.by_model[m].rates["refuted"].value for m in found.by_model] == pytest.approx([1 / 3, 0, 0])
    assert found.by_model["a"].counts.responses == 4 and found.counts.responses == 9
    assert found.rates["refuted"].groups == 5


def test_two_models_are_compared_on_the_prompts_both_answered() -> None:
    results = [result("a-only", "RRRRRR", model="a", group="q")]
    for i in range(12):
        results.append(result(f"a{i}", "RRS", model="a", group=f"p{i}"))
        results.append(result(f"b{i}", "RSS" if i else "SSS", model="b", group=f"p{i}"))
    found = compare_models(iter(results), "a", "b")
    assert (found.rate_a, found.rate_b, found.prompts) == pytest.approx((24 / 36, 11 / 36, 12))
    assert found.difference == pytest.approx(13 / 36)
    assert found.p == pytest.approx(2 / 2**12)
    assert found.low is not None and 0 < found.low < 13 / 36
    assert found.ratio == pytest.approx(24 / 11)
    assert "12 prompts answered by both" in str(found)
    assert compare_models(results, "b", "a", rate="supported").difference == pytest.approx(13 / 36)


def test_models_without_a_shared_prompt_say_so() -> None:
    tally = Tally()
    tally.add(result("a", "SR", model="a"))
    tally.add(result("b", "SR", model="b"))
    found = tally.compare("a", "b")
    assert found.difference is None and found.p is None
    assert "cannot be compared (no prompt for which both" in str(found)


def test_what_does_not_exist_is_named_with_what_does() -> None:
    tally = Tally()
    tally.add(result("a", "SR", model="a"))
    for call, said in (
        (lambda: tally.compare("a", "z"), "b is 'z'; wanted: one of 'a'"),
        (lambda: tally.compare("a", "a", rate="bad"), "rate is 'bad'; wanted: one of refuted"),
        (lambda: tally.preset("x"), "preset is 'x'; wanted: one of m3"),
    ):
        with pytest.raises(ValueError, match=said):
            call()


PUBLISHED = {
    "m3": 4 / 10,
    "factscore_precision": (4 / 8 + 1 / 2) / 2,
    "safe_precision": (4 / 8 + 1 / 2) / 2,
    "factscore": (4 / 8 * 2.718281828459045 ** (1 - 10 / 8) + 1 / 2 * 2.718281828459045 ** (1 - 10 / 2)) / 2,
    # K = 5: F1 of precision .5 and recall .8, of .5 and .2, and 0 for the answer without claims
    "veriscore_f1_at_k": (2 * 0.5 * 0.8 / 1.3 + 2 * 0.5 * 0.2 / 0.7 + 0) / 3,
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_the_papers_definition_with_its_source(name: str) -> None:
    tally = Tally()
    assert tally.preset(name).value is None
    for one in (*TWO, result("c", reasons=("refusal",))):
        tally.add(one)
    assert tally.preset(name).value == pytest.approx(PUBLISHED[name])
    assert "arXiv" in PRESETS[name].source and PRESETS[name].definition


def test_memory_per_response_does_not_grow_with_its_claims() -> None:
    short, long = Tally(), Tally()
    for i in range(50):
        short.add(result(str(i), "S"))
        long.add(result(str(i), "S" * 200))
    sizes = [sum(column.view().nbytes for column in tally._columns.values()) for tally in (short, long)]
    assert sizes[0] == sizes[1] < 50 * 16


def test_texts_of_a_plug_in_without_end_are_kept_apart_only_so_far() -> None:
    found = summary(*(result(str(i), "S", warnings=(f"odd character at {i}",)) for i in range(500)))
    assert len(found.warnings) <= 101
    assert found.warnings[0] == "others (400 responses)"


def test_warnings_that_count_are_said_once_with_their_sum() -> None:
    tally = Tally()
    for name, warnings in {"a": ("claims merged: 2", "not English"), "b": ("claims merged: 11",), "c": ()}.items():
        tally.add(Result(Response(name, "Yes.", model=name), Extraction(name, warnings=warnings)))
    summary = tally.summary()
    assert summary.warnings == ("claims merged: 13 (2 responses)", "not English (1 response)")
    assert summary.by_model["a"].warnings == ("claims merged: 2 (1 response)", "not English (1 response)")
