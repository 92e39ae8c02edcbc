"""Statements about made-up trials: the label follows from the lines, read again here by other means."""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "training" / "nli"))
try:
    import trials
    from contrasts.check import claim_only
    from contrasts.registry.text import spun
    from contrasts.trials import trial_pairs
finally:
    sys.path.pop(0)

Row = dict
ROWS = list(trial_pairs(6_000, 7))
DECIDED = [row for row in ROWS if row["label"] != "not_enough_info"]
NUMBER = r"(\d+(?:\.\d+)?)"
WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def of_trial(row: Row) -> list[str]:
    """The lines of the trial that the claim is about."""
    if row["type"] == "Single":
        return row["evidence"]
    name = "Secondary trial: " if "secondary trial" in row["claim"] else "Primary trial: "
    return [line.removeprefix(name) for line in row["evidence"] if line.startswith(name)]


def rows_of(*kinds: str) -> Iterator[tuple[Row, list[str]]]:
    for row in DECIDED:
        if row["change"] in kinds:
            yield row, of_trial(row)


def cohort_said(text: str) -> int | None:
    """0 or 1 for the first cohort that a text names by number."""
    m = re.search(r"\b(?:(?:cohort|group|arm) ([12])|the (first|second) (?:cohort|group|arm))\b", text, re.I)
    return None if m is None else int((m[1] or m[2].lower()) in ("2", "second"))


def event_counts(lines: list[str]) -> list[dict[str, tuple[int, int]]]:
    """Count and number at risk of each event, cohort by cohort."""
    found: list[dict[str, tuple[int, int]]] = []
    for line in lines:
        if re.match(r"Adverse Events \d", line):
            found.append({})
        elif m := re.match(r"(?!Total)(.+?)(?: \*| †| \[1\])? ?(\d+)/(\d+) \(([\d.]+)%\)$", line):
            found[-1][m[1].lower()] = (int(m[2]), int(m[3]))
            assert abs(100 * int(m[2]) / int(m[3]) - float(m[4])) < 0.006
    return found


def event_of(row: Row) -> str:
    """The event that the marked lines are about."""
    first = next(row["evidence"][i] for i in row["rationale"] if "Adverse Events" not in row["evidence"][i])
    (name,) = event_counts(["Adverse Events 1:", first.split(" trial: ")[-1]])[0]
    return name


def named(part: str, claim: str) -> bool:
    """Whether a part of a record speaks of the drug of a claim."""
    names = (set(re.findall(r"[A-Z][a-z]{4,}|[A-Z]{2,3}-\d+", text)) for text in (part, claim))
    return bool(set.intersection(*names) - {"Patients", "Participants", "Subjects", "Secondary", "Primary"})


def label(holds: bool) -> str:
    return "supported" if holds else "refuted"


def outcome_arms(lines: list[str]) -> list[tuple[str, float, int]]:
    """Title, value and number analysed of each arm."""
    titles = [line.split(": ")[-1] for line in lines if line.startswith("Arm/Group Title")]
    values = [
        float(re.search(r"(?:[a-zA-Z/]|per week|on a scale) (\d+(?:\.\d+)?)(?: \(| \d|$)", line)[1])
        for line in lines
        if line.startswith("Unit of Measure")
    ]
    analysed = [int(line.split()[-1]) for line in lines if line.startswith("Overall Number")]
    return list(zip(titles, values, analysed, strict=True))


def arms_said(claim: str, arms: list[tuple[str, float, int]]) -> list[int]:
    """Which arms a claim names, in its order."""
    spots = []
    for i, (title, _, _) in enumerate(arms):
        ordinal = rf"\b(?:cohort|group|arm) {i + 1}\b|\bthe {('first', 'second', 'third')[i]} "
        for pattern in (rf"\b{re.escape(title)}(?! \d)", rf"(?i:{ordinal})"):
            if m := re.search(pattern, claim):
                spots.append((m.start(), i))
    return [i for _, i in sorted(set(spots))]


def test_a_person_of_some_age_is_let_in_where_the_limits_say_so() -> None:
    read = 0
    for row, lines in rows_of("age_person"):
        age = int(re.search(r"\d+", row["claim"])[0])
        marked = [row["evidence"][i].split(" trial: ")[-1] for i in row["rationale"]]
        line = next(text for text in marked if not re.search(r"criteria|characteristics", text, re.I))
        out = any("xclusion" in text or "EXCLUSION" in text for text in lines[: lines.index(line)])
        a, *more = (int(n) for n in re.findall(r"\d+", line))
        if more:
            holds = a <= age <= more[0]
        elif out:
            holds = age <= a if re.search(r">|Older|Over", line) else age >= a
        else:
            holds = age <= a if re.search(r"<=|No older|not be older|Maximum|Up to|younger", line) else age >= a
        negative = re.search(r"not|ineligible|excluded|unable", row["claim"]) is not None
        assert row["label"] == label(holds != negative), (row["claim"], line, out)
        read += 1
    assert read > 50


def test_counts_and_shares_of_events_are_those_of_the_list() -> None:
    read = 0
    for row, lines in rows_of("event_count"):
        counts = event_counts(lines)
        n, at_risk = counts[cohort_said(row["claim"]) or 0][event_of(row)]
        claim = re.sub(r"(?:cohort|group|arm) [12]|(?:first|second) (?:cohort|group|arm)", "", row["claim"], flags=re.I)
        if m := re.search(r"([\d.]+)%", claim):
            assert row["label"] == label(abs(float(m[1]) - 100 * n / at_risk) < 0.06), (row["claim"], lines)
        else:
            said = re.search(rf"\b(\d+|{'|'.join(WORDS[1:])})\b", claim, re.I)[1].lower()
            assert row["label"] == label((WORDS.index(said) if said in WORDS else int(said)) == n), (
                row["claim"],
                lines,
            )
        read += 1
    assert read > 70


def test_a_cohort_has_more_of_an_event_where_its_count_is_higher() -> None:
    read = 0
    for row, lines in rows_of("event_more"):
        counts = event_counts(lines)
        name = event_of(row)
        compared = re.search(r"Compared (?:to|with) ", row["claim"])  # the other cohort comes first
        first = cohort_said(row["claim"])
        shares = re.search(r"percentage|proportion|share|frequent|common", row["claim"])
        a, b = (counts[i][name][0] / (counts[i][name][1] if shares else 1) for i in (first, 1 - first))
        fewer = re.search(r"fewer|lower|smaller", row["claim"]) is not None
        holds = b > a if fewer or (compared and row["claim"].startswith("Compared")) else a > b
        if re.search(r"ompared (?:to|with) \S+ \S+(?: \S+)?, ", row["claim"]) and "number of cases" in row["claim"]:
            holds = b > a
        assert row["label"] == label(holds), (row["claim"], a, b)
        read += 1
    assert read > 70


def test_none_and_some_are_told_apart() -> None:
    read = 0
    none = (
        r"\bno one|nobody|none of|\bno (?:participants|cases|instances|occurrences)"
        r"|not a single|zero|wasn't|did not|was not|was never"
    )
    for row, lines in rows_of("event_any"):
        counts = event_counts(lines)
        where = cohort_said(row["claim"])
        n = sum(c[event_of(row)][0] for i, c in enumerate(counts) if where in (None, i))
        assert row["label"] == label((n == 0) == (re.search(none, row["claim"], re.I) is not None)), (row["claim"], n)
        read += 1
    assert read > 40


def test_values_differences_and_comparisons_are_those_of_the_arms() -> None:
    read: Counter[str] = Counter()
    for row, lines in rows_of("value", "difference", "more"):
        arms = outcome_arms(lines)
        said = arms_said(row["claim"], arms)
        if row["change"] == "difference":
            wanted = round(abs(arms[0][1] - arms[1][1]), 1)
        elif row["change"] == "value":
            wanted = arms[said[0]][1]
        else:
            a, b = (arms[i][1] for i in said[:2])
            first = re.search(r"compared (?:to|with)", row["claim"], re.I)
            less = re.search(r"lower|shorter", row["claim"]) is not None
            assert row["label"] == label(((a < b) if less else (a > b)) != (first is not None)), (row["claim"], arms)
            read["more"] += 1
            continue
        numbers = {float(n) for n in re.findall(r"(?<![\w-])\d+\.\d(?!\d)", row["claim"])}
        assert row["label"] == label(wanted in numbers), (row["claim"], arms)
        read[row["change"]] += 1
    assert all(read[kind] > 40 for kind in ("value", "difference", "more"))


def test_shares_follow_from_counts() -> None:
    read = 0
    for row, lines in rows_of("counts_percent", "counts_half", "counts_none"):
        arms = outcome_arms(lines)
        _, count, of = arms[arms_said(row["claim"], arms)[0]]
        if row["change"] == "counts_percent":
            m = re.search(r"(\d+(?:\.(\d+))?)%", row["claim"])
            holds = abs(float(m[1]) - 100 * count / of) <= 0.5 * 10 ** -len(m[2] or "") + 1e-9
        elif row["change"] == "counts_half":
            holds = (2 * count > of) != (re.search(r"less|fewer|minority|under", row["claim"], re.I) is not None)
        else:
            holds = (count == 0) == (
                re.search(r"none|not one|no patient|nobody|no participants", row["claim"], re.I) is not None
            )
        assert row["label"] == label(holds), (row["claim"], arms)
        read += 1
    assert read > 25


def test_a_dose_is_that_of_the_arm_and_a_days_amount_is_worked_out() -> None:
    times = {
        r"once daily|once a day|daily|QD|every day|per day": 1,
        r"twice|BID|2 times|every 12": 2,
        r"three times|TID|every 8": 3,
        r"four times|QID|every 6": 4,
    }
    read: Counter[str] = Counter()
    for row, _ in rows_of("dose", "daily_dose"):
        line = next(row["evidence"][i] for i in row["rationale"] if "INTERVENTION" not in row["evidence"][i])
        line = next(part for part in line.split(". ") if named(part, row["claim"]))
        dose = int(re.search(r"(?<![\w-])(\d+) ?(?:mg|mcg|g|IU)\b", line)[1])
        if row["change"] == "daily_dose":
            said = int(re.search(r"(?<![\w-])(\d+) mg", row["claim"])[1])
            often = next(n for pattern, n in reversed(times.items()) if re.search(pattern, line))
            assert row["label"] == label(said == dose * often), (row["claim"], line)
        else:
            unit = re.search(r"(?<![\w-])\d+ ?(mg|mcg|g|IU)\b", line)[1]
            said, said_unit = re.search(r"(?<![\w-])([\d.]+) ?(mg|mcg|g|IU)\b", row["claim"]).groups()
            scale = {"mg": 1, "mcg": 0.001, "g": 1000, "IU": 1e9}
            same = abs(float(said) * scale[said_unit] - dose * scale[unit]) < 1e-6 * dose * scale[unit]
            assert row["label"] == label(same), (row["claim"], line)
        read[row["change"]] += 1
    assert read["dose"] > 30 and read["daily_dose"] > 12


def test_the_same_rows_come_again_and_others_for_another_seed() -> None:
    assert list(trial_pairs(300, 1)) == list(trial_pairs(300, 1)) != list(trial_pairs(300, 2))
    assert list(trial_pairs(50, 1)) == list(trial_pairs(300, 1))[:50]


def test_each_pair_has_one_of_each_label_on_the_same_lines() -> None:
    pairs: dict[str, list[Row]] = {}
    for row in DECIDED:
        pairs.setdefault(row["pair"], []).append(row)
    whole = [pair for pair in pairs.values() if len(pair) == 2]
    assert len(whole) >= len(pairs) - 1
    for a, b in whole:
        assert a["evidence"] == b["evidence"] and {a["label"], b["label"]} == {"supported", "refuted"}
        assert a["claim"] != b["claim"]
    first = Counter(pair[0]["label"] for pair in whole)  # which comes first says nothing either
    assert abs(first["supported"] - first["refuted"]) < 0.06 * len(whole)


def test_claims_alone_tell_next_to_nothing() -> None:
    assert claim_only(DECIDED[:1_600]) <= 0.55


@pytest.mark.parametrize(
    "of",
    [
        lambda text: len(text.split()) > 13,
        lambda text: re.search(r"\bno[tn]?\b|\bcannot\b|without|exclu", text) is not None,
        lambda text: re.search(r"\d", text) is not None,
        lambda text: "secondary" in text,
    ],
    ids=["length", "negation", "numbers", "trial"],
)
def test_no_surface_of_a_claim_gives_its_label(of: Callable[[str], bool]) -> None:
    said = Counter((row["label"], of(row["claim"])) for row in DECIDED)
    for seen in (True, False):
        both = said["supported", seen] + said["refuted", seen]
        assert abs(said["supported", seen] - said["refuted", seen]) < 0.06 * both


def test_records_look_like_records_and_nothing_is_left_to_fill_in() -> None:
    shares = Counter(row["section"] for row in ROWS)
    assert set(shares) == {"Eligibility", "Intervention", "Results", "Adverse Events"} and min(shares.values()) > 600
    assert 0.05 < 1 - len(DECIDED) / len(ROWS) < 0.15
    assert max(len(row["evidence"]) for row in ROWS) > 40
    for row in ROWS:
        for text in (row["claim"], *row["evidence"]):
            assert not re.search(r"\||<[a-z]\w*>|\{|\}|\[(?!1\])|None(?! of)|  ", text), text
        assert row["claim"][0].isupper() or not row["claim"][0].isalpha()
        assert all(0 <= i < len(row["evidence"]) for i in row["rationale"])
        prefixed = {line.split(" trial: ")[0] for line in row["evidence"]}
        assert prefixed == {"Primary", "Secondary"} if row["type"] == "Comparison" else "Primary" not in prefixed


def test_choices_within_choices_are_made() -> None:
    from random import Random

    made = {spun("[a|b [c|d]] e", Random(seed)) for seed in range(40)}
    assert made == {"a e", "b c e", "b d e"}


def test_the_command_writes_the_same_bytes_again_and_keeps_what_is_read(tmp_path: Path, capsys) -> None:
    outputs = [tmp_path / "a.gz", tmp_path / "b.gz"]
    for output in outputs:
        assert trials.main(["-o", str(output), "--count", "100", "--seed", "3"]) == 0
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    rows = list(trial_pairs(100, 3))
    assert [json.loads(line) for line in gzip.decompress(outputs[0].read_bytes()).splitlines()] == rows
    assert "100 rows" in capsys.readouterr().out
    tokenizer = Path(__file__).resolve().parents[1] / "golden" / "nli" / "counts" / "tokenizer.json"
    kept = list(trials.read_pairs(rows, tokenizer))
    assert 40 < len(kept) < 100 and all(row in rows for row in kept)
