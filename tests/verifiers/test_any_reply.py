"""Whatever a model replies, those who asked it give a sound verdict or a failure, and no label without a quote."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halueval.chat import ChatSession, ScriptedChat
from halueval.chat.untrusted import unmark
from halueval.contract import broken_outcome
from halueval.records import (
    LABELS,
    ChatReply,
    Claim,
    ClaimWithEvidence,
    Evidence,
    Failure,
    Outcome,
    Span,
    TokenLogprob,
    Verdict,
)
from halueval.testing import FixedRetriever
from halueval.verifiers.judge import JudgeVerifier
from halueval.verifiers.panel import PanelVerifier, Rule
from halueval.verifiers.search_agent import SearchAgentVerifier

TEXTS = (
    "Adults should not take more than 2.5 mg – once  daily.\nChildren take ½ tablet.",
    "The “loading dose” is 1,000 mg **once**, 10⁵ units <b>at most</b>; ﬁrst bleed\u00ading in 0.5% ¦ of 140/90.",
    "Zinc isn't harmful. Zinc — unlike lead – 不会伤害肝脏。",
)
EVIDENCE = tuple(Evidence(f"d{i}", text, Span(0, len(text)), title="Leaflet") for i, text in enumerate(TEXTS))
ITEMS = [
    ClaimWithEvidence(Claim(f"x{i}", "r", text), EVIDENCE)
    for i, text in enumerate(("Adults take 2.5 mg daily.", "Zinc is not harmful.", "The loading dose is 100 mg."))
]

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
WRITTEN = st.characters(exclude_categories=["Cc", "Cs"])
SIGNS = st.sampled_from(
    [*'{}[]",:\\ 0159.-eE\n', "…", " ... ", "not ", "¦", "⟦U+D800⟧", "\ud800", "\x00", '"label": "']
)


@st.composite
def quotes(draw: st.DrawFn) -> str:
    """A part of a passage, often damaged."""
    text = draw(st.sampled_from(TEXTS))
    words = [match.span() for match in re.finditer(r"\S+", text)]
    first = draw(st.integers(0, len(words) - 1))
    part = text[words[first][0] : words[draw(st.integers(first, len(words) - 1))][1]]
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(part)))
        part = part[:at] + draw(SIGNS | st.just("")) + part[at + draw(st.integers(0, 3)) :]
    return draw(st.sampled_from([part, part, part.upper(), " ".join(part.split()), "¦" + part, part[1:], ""]))


def rulings() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "quote": quotes() | quotes() | st.text(WRITTEN, max_size=20),
            "reason": st.text(WRITTEN, max_size=12) | st.just("⟦U+D800⟧ so"),
            "label": st.sampled_from(LABELS),
            "probability": st.floats(0, 1) | st.integers(0, 1),
        }
    )


@st.composite
def damaged(draw: st.DrawFn, valid: Any) -> str:
    """A reply, sound or broken: in what it says, in how it is written, or altogether."""
    value, kind = (
        json.loads(json.dumps(valid)),
        draw(st.sampled_from(["sound"] * 4 + ["changed", "misspelt", "wrapped"])),
    )
    if kind == "changed":
        for _ in range(draw(st.integers(1, 2))):
            _change(draw, value)
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    if kind == "misspelt":
        for _ in range(draw(st.integers(1, 2))):
            at = draw(st.integers(0, len(text)))
            text = text[:at] + draw(SIGNS | st.just("")) + text[at + draw(st.integers(0, 4)) :]
    if kind == "wrapped":
        text = draw(st.sampled_from([text * 2, f"```json\n{text}\n```", f"<think>{text}", f"So: {text}", ""]))
    return text or " "


def _change(draw: st.DrawFn, value: Any) -> None:
    """Something somewhere in a JSON value replaced, taken away, added or doubled."""
    while isinstance(value, dict | list) and value:
        key = draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        inner = value[key]
        if isinstance(inner, dict | list) and inner and draw(st.integers(0, 3)):
            value = inner
            continue
        what = draw(st.sampled_from(["replaced", "gone", "more"]))
        if what == "replaced":
            value[key] = draw(ANYTHING)
        elif what == "gone":
            del value[key]
        elif isinstance(value, list):
            value.append(draw(st.sampled_from([inner, None])))
        else:
            value[draw(st.sampled_from([str(key) + "s", "note"]))] = inner
        return


@st.composite
def replies(draw: st.DrawFn, valid: Any) -> ChatReply:
    """A reply with tokens that have any log-probabilities, or none, or aren't its own."""
    text = draw(damaged(valid))
    if draw(st.booleans()):
        return ChatReply(text)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=5)))
    for label in LABELS:
        cuts += [text.find(f'"{label}"') + 1] * draw(st.integers(0, 1))
    edges = [0, *sorted(cuts), len(text)]
    chance = st.floats(-30, 0) | st.floats()
    tops = st.lists(st.tuples(st.sampled_from([*LABELS, "ref", "s", "not", "yes", ""]), chance), max_size=3)
    tokens = [TokenLogprob(text[a:b], draw(chance), tuple(draw(tops))) for a, b in zip(edges, edges[1:], strict=False)]
    return ChatReply(text, logprobs=tuple(tokens[draw(st.integers(0, 9)) == 0 :]))


def sound(items: Sequence[ClaimWithEvidence], outcomes: Sequence[Outcome], *, strict: bool) -> None:
    assert len(outcomes) == len(items)
    for item, outcome in zip(items, outcomes, strict=True):
        assert broken_outcome(item, outcome) == ""
        if isinstance(outcome, Failure):
            assert outcome.item_id == item.claim.id and outcome.message
            continue
        if outcome.probabilities is not None:
            assert abs(sum(outcome.probabilities.values()) - 1) < 1e-9
        assert not (strict and outcome.label != "not_enough_info" and not outcome.quotes)
        outcome.reason.encode()


def said_in(verdict: Verdict) -> str:
    return "".join(verdict.evidence[q.evidence].text[q.span.start : q.span.end] for q in verdict.quotes)


def letters(text: str) -> str:
    """What no tolerance touches: letters and digits, in their plain form."""
    plain = "".join(unicodedata.normalize("NFKC", character).casefold() for character in text)
    return "".join(filter(str.isalnum, plain))


@st.composite
def verdicts(draw: st.DrawFn, size: int) -> ChatReply:
    """A reply of the judge about so many claims, sound or broken."""
    return draw(replies({"verdicts": [{"id": f"c{i}", **draw(rulings())} for i in range(1, size + 1)]}))


@st.composite
def turns(draw: st.DrawFn) -> ChatReply:
    """A turn of the search agent, sound or broken."""
    query = st.sampled_from(["zinc", "dose adults", "\n⟦U+D800⟧", "lead", "x" * 400])
    asked = {"search": draw(st.lists(query, max_size=3))}
    return draw(replies(draw(st.sampled_from([draw(rulings()), asked, asked, {**asked, **draw(rulings())}]))))


def in_turn(said: Sequence[ChatReply]) -> ChatSession:
    """A model that gives the replies in turn, and then from the first again."""
    rest = cycle(said)
    return ChatSession(ScriptedChat(lambda _: next(rest)), max_attempts=1)


def by_number(said: Mapping[int, ChatReply]) -> ChatSession:
    """A model that gives the reply for the number of claims asked about."""
    model = ScriptedChat(lambda request: said[request.messages[1]["content"].count("<<<c")])
    return ChatSession(model, max_attempts=1)


EASY = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@given(st.integers(1, 3).flatmap(lambda k: st.fixed_dictionaries({n: verdicts(n) for n in {1, k}})), st.booleans())
@EASY
def test_any_reply_to_the_judge_is_a_sound_verdict_or_a_failure(said: dict[int, ChatReply], strict: bool) -> None:
    judge = JudgeVerifier(by_number(said), claims_per_call=max(said), strict=strict)
    sound(ITEMS, judge.verify(ITEMS), strict=strict)


@given(verdicts(1))
@EASY
def test_what_is_found_of_a_quote_is_all_that_the_judge_quoted(said: ChatReply) -> None:
    (outcome,) = JudgeVerifier(in_turn([said])).verify(ITEMS[:1])
    if isinstance(outcome, Verdict) and outcome.quotes:
        (row,) = json.loads(said.text.strip().removeprefix("```json").removesuffix("```"))["verdicts"]
        assert letters(said_in(outcome)) == letters(unmark(row["quote"]))
        assert len({quote.evidence for quote in outcome.quotes}) == 1


@given(st.lists(turns(), min_size=1, max_size=4), st.booleans(), st.booleans())
@EASY
def test_any_turn_of_the_search_agent_is_a_sound_verdict_or_a_failure(
    said: list[ChatReply], strict: bool, given_some: bool
) -> None:
    items = [ClaimWithEvidence(item.claim, EVIDENCE[:1] * given_some) for item in ITEMS[:1]]
    library = FixedRetriever({f"d{i}": text for i, text in enumerate(TEXTS)})
    outcomes = SearchAgentVerifier(in_turn(said), library, strict=strict, rounds=2).verify(items)
    sound(items, outcomes, strict=strict)
    for outcome in outcomes:
        if isinstance(outcome, Verdict):
            assert all(0 <= hit < len(outcome.evidence) for search in outcome.searches for hit in search.hits)
            assert len({(e.doc_id, e.span) for e in outcome.evidence}) == len(outcome.evidence)


@given(st.lists(st.lists(verdicts(1), min_size=1, max_size=2), min_size=2, max_size=4), st.sampled_from(get_args(Rule)))
@EASY
def test_a_panel_of_judges_that_reply_anything_keeps_its_law(said: list[list[ChatReply]], rule: Rule) -> None:
    (outcome,) = PanelVerifier([in_turn(one) for one in said], rule=rule).verify(ITEMS[:1])
    sound(ITEMS[:1], [outcome], strict=True)
    if isinstance(outcome, Verdict):
        votes = Counter(outcome.votes.values())
        needed = len(said) if rule == "unanimity" else len(said) // 2 + 1
        failed = sum(number for vote, number in votes.items() if vote.startswith("failure: "))
        decided = [label for label in ("supported", "refuted") if votes[label] >= needed]
        assert len(outcome.votes) == len(said)
        assert [outcome.label] == (decided or ["not_enough_info"])
        assert decided or all(votes[label] + failed < needed for label in ("supported", "refuted"))


def test_the_replies_above_are_often_read_and_often_not() -> None:
    kinds: Counter[str] = Counter()

    @given(verdicts(1))
    @settings(EASY, database=None, derandomize=True, max_examples=200)
    def look(said: ChatReply) -> None:
        (outcome,) = JudgeVerifier(in_turn([said])).verify(ITEMS[:1])
        kinds["failure" if isinstance(outcome, Failure) else outcome.label] += 1
        kinds["quoted"] += bool(isinstance(outcome, Verdict) and outcome.quotes)

    look()
    assert all(kinds[kind] >= 3 for kind in ("failure", *LABELS, "quoted")), kinds
