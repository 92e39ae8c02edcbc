"""What counts as an answer: never nothing, never thoughts, never a provider's filter; and what it took."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.chat.faults import Origin
from halueval.chat.mock_endpoint import completion
from halueval.chat.prices import Prices
from halueval.chat.reply import read_reply
from halueval.chat.secrets import Secret
from halueval.chat.tokens import count_request, count_tokens
from halueval.errors import ChatError
from halueval.records import ChatReply, ChatRequest, TokenLogprob

WHO = Origin("m", "http://127.0.0.1/v1", (Secret("sk-planted0123456789"),))
ASKED = ChatRequest(({"role": "user", "content": "Is aspirin a drug?"},), max_tokens=50)


def reply(data: Any, **more: Any) -> ChatReply:
    found = read_reply(data, WHO, ASKED, **more)
    assert isinstance(found, ChatReply), found
    return found


def error(data: Any, **more: Any) -> ChatError:
    found = read_reply(data, WHO, ASKED, **more)
    assert isinstance(found, ChatError), found
    return found


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "Yes."}, "Yes.", ""),
        ({"content": "\n Yes. \n"}, "Yes.", ""),
        ({"content": "<think>Hm.</think>\n\nYes."}, "Yes.", "Hm."),
        ({"content": "Hm.\n</think>\nYes."}, "Yes.", "Hm."),
        ({"content": "Yes.", "reasoning_content": "Hm."}, "Yes.", "Hm."),
        ({"content": "Yes.", "reasoning": "Hm."}, "Yes.", "Hm."),
        ({"content": "</think>Yes.", "reasoning_content": "Hm."}, "Yes.", "Hm."),
        ({"content": "Yes.<think>Hm.</think>No."}, "Yes.\nNo.", "Hm."),
        (
            {"content": [{"type": "thinking", "thinking": [{"text": "Hm."}]}, {"type": "text", "text": "Yes."}]},
            "Yes.",
            "Hm.",
        ),
        ({"content": ["Ye", {"text": "s."}]}, "Yes.", ""),
        ({"content": '{"quote": "so </think> she said"}'}, '{"quote": "so </think> she said"}', ""),
        ({"content": '["<think>"]'}, '["<think>"]', ""),
        ({"content": '<think>{"a": 1}</think>{"a": 2}'}, '{"a": 2}', '{"a": 1}'),
        ({"content": "Yes.", "refusal": ""}, "Yes.", ""),
        ({"content": "half \ud800 a character"}, "half ? a character", ""),
    ],
)
def test_the_text_is_the_answer_alone(message: dict[str, Any], text: str, reasoning: str) -> None:
    found = reply({"choices": [{"message": message, "finish_reason": "stop"}]})
    assert (found.text, found.reasoning) == (text, reasoning)


@pytest.mark.parametrize(
    ("message", "finish", "kind", "says"),
    [
        ({"content": "<think>Hm."}, "stop", "empty_reply", "reasoning that never came to an answer"),
        ({"content": "<think>Hm."}, "length", "empty_reply", "max_tokens=50 was used up before an answer began"),
        ({"content": "<think>Hm.</think>  "}, "stop", "empty_reply", "reasoning that never came to an answer"),
        ({"content": None, "reasoning": "Hm."}, "stop", "empty_reply", "an empty reply"),
        ({"content": None}, "length", "empty_reply", "raise max_tokens"),
        ({"content": {"text": "Yes."}}, "stop", "empty_reply", "an empty reply"),
        ({"content": "", "tool_calls": [{"id": 1}]}, "tool_calls", "empty_reply", "a call of a tool"),
        ({"content": None, "refusal": "No."}, "stop", "refused", "the model declined"),
        ({"content": "Take", "refusal": None}, "content_filter", "refused", "the provider's filter cut the reply"),
        ({}, "stop", "empty_reply", "no choices"),
        (None, "stop", "empty_reply", "no choices"),
    ],
)
def test_what_is_no_answer_is_an_error_with_what_it_cost(message: Any, finish: str, kind: str, says: str) -> None:
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 50}
    data = {"choices": [{"message": message, "finish_reason": finish}], "usage": usage}
    found = error(data, prices=Prices(2.0, 1.0, 4.0))
    assert found.kind == kind and says in str(found)
    assert (found.prompt_tokens, found.completion_tokens, found.dollars) == (1_000_000, 50, 2.0002)


def test_a_reply_that_was_cut_is_a_reply_and_says_so() -> None:
    assert reply(completion("Aspirin is a", finish_reason="length")).finish_reason == "length"


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        1,
        {},
        {"choices": None},
        {"choices": {}},
        {"choices": []},
        {"choices": [None]},
        {"choices": ["x"]},
        {"choices": [{}]},
        {"error": "no"},
        {"error": {"code": 429}},
        {"error": ["x"]},
        {"choices": [{"error": {"code": 502}}]},
    ],
)
def test_what_is_no_completion_is_an_error(data: Any) -> None:
    assert str(error(data)).startswith("m at http://127.0.0.1/v1: ")


def test_an_error_in_a_body_of_status_200_means_what_its_code_says() -> None:
    assert error({"error": {"code": 429, "message": "slow"}}).kind == "rate_limited"
    assert error({"error": {"code": "400", "message": "context_length_exceeded"}}).kind == "context_window"
    assert error({"choices": [{"error": {"code": 502}, "message": {"content": "Yes"}}]}).retry


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 3}, (9, 3, 0)),
        ({"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}, (9, 3, 4)),
        ({"prompt_tokens": 9, "completion_tokens": 3, "prompt_cache_hit_tokens": 5}, (9, 3, 5)),
        ({"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 99}}, (9, 3, 9)),
        ({"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": None}, (9, 3, 0)),
        (None, (count_request(ASKED), count_tokens("Yes, it is."), 0)),
        ({}, (count_request(ASKED), count_tokens("Yes, it is."), 0)),
        ({"prompt_tokens": -1, "completion_tokens": "3"}, (count_request(ASKED), count_tokens("Yes, it is."), 0)),
        ({"prompt_tokens": True, "completion_tokens": 1.5}, (count_request(ASKED), count_tokens("Yes, it is."), 0)),
        ([1], (count_request(ASKED), count_tokens("Yes, it is."), 0)),
    ],
)
def test_usage_is_what_the_endpoint_tells_or_an_estimate(usage: Any, counted: tuple[int, int, int]) -> None:
    found = reply({"choices": [{"message": {"content": "Yes, it is."}}], "usage": usage})
    assert (found.prompt_tokens, found.completion_tokens, found.cached_tokens) == counted
    assert found.dollars is None


def test_a_key_that_an_endpoint_echoes_is_not_in_the_reply() -> None:
    found = reply(
        completion("It is sk-planted0123456789.", model="sk-planted0123456789", reasoning="sk-planted0123456789")
    )
    assert "planted" not in repr(found)
    assert found.text == "It is [key removed]."


def tokens(*parts: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"token": part, "logprob": -0.5, "top_logprobs": [], **more} for part in parts]}


@pytest.mark.parametrize(
    ("content", "parts", "left"),
    [
        ("Yes.", ("Yes", "."), ["Yes", "."]),
        (" Yes.\n", (" Yes", ".", "\n"), ["Yes", "."]),
        ("<think>Yes</think>\n\nYes.", ("<think>", "Yes", "</think>", "\n\n", "Yes", "."), ["Yes", "."]),
        ("<think>a</think>\n\nYes.", ("<think>", "a</think>\n", "\nYes", "."), ["Yes", "."]),
        ("Yes.", ("Hm", "</think>", "Yes", ".", "<|im_end|>"), ["Yes", "."]),
        ("Yes.", ("Y", "e"), []),
        ("Yes.", (), []),
        ("Yes.<think>a</think>No.", ("Yes.", "<think>a</think>", "No."), []),
        ("Yes.", ("", "Yes", "", "."), ["Yes", "."]),
    ],
)
def test_log_probabilities_are_those_of_the_answer_or_none(
    content: str, parts: tuple[str, ...], left: list[str]
) -> None:
    found = reply({"choices": [{"message": {"content": content}, "logprobs": tokens(*parts)}]})
    assert [token.token for token in found.logprobs] == left
    assert not left or "".join(left) == found.text


def test_a_character_in_several_tokens_belongs_to_the_last() -> None:
    first, second = "💊".encode()[:2], "💊".encode()[2:]
    told = {
        "content": [
            {"token": "Yes", "bytes": list(b"Yes"), "logprob": -0.1, "top_logprobs": [{"token": "No", "logprob": -2}]},
            {"token": "\\xf0\\x9f", "bytes": list(first), "logprob": -0.2},
            {"token": "\\x92\\x8a", "bytes": list(second), "logprob": -0.3},
        ]
    }
    found = reply({"choices": [{"message": {"content": "Yes💊"}, "logprobs": told}]})
    assert found.logprobs == (TokenLogprob("Yes", -0.1, (("No", -2.0),)), TokenLogprob("💊", -0.3))


@pytest.mark.parametrize(
    "told",
    [
        tokens("Yes", logprob=None),
        tokens("Yes", logprob="x"),
        tokens("Yes", logprob=math.nan),
        tokens("Yes", logprob=True),
        {"content": ["Yes"]},
        {"content": [None]},
        {"content": None},
        [],
        "x",
        {"tokens": ["Yes"], "token_logprobs": [-1]},
        tokens("Yes", bytes=[999]),
    ],
)
def test_odd_log_probabilities_are_none_and_no_crash(told: Any) -> None:
    found = reply({"choices": [{"message": {"content": "Yes"}, "logprobs": told}]})
    assert "".join(token.token for token in found.logprobs) in ("", "Yes")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "error", "usage", "logprobs", "code", "finish_reason", "text"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_anything_is_a_reply_with_text_or_an_error(data: Any) -> None:
    for body in (
        data,
        {"choices": [data]},
        {"choices": [{"message": data}]},
        {"choices": [{"message": {"content": data}}]},
    ):
        found = read_reply(body, WHO, ASKED)
        assert isinstance(found, ChatError) or found.text.strip()


@given(st.lists(st.text(max_size=4), max_size=8), st.text(max_size=3), st.text(max_size=3))
def test_log_probabilities_join_to_the_text_or_are_none(parts: list[str], before: str, after: str) -> None:
    data = {"choices": [{"message": {"content": "".join(parts)}, "logprobs": tokens(before, *parts, after)}]}
    found = read_reply(data, WHO, ASKED)
    if isinstance(found, ChatReply):
        assert "".join(token.token for token in found.logprobs) in ("", found.text)


@pytest.mark.parametrize(
    "unit", ["<think>", "</think>", "<", "<a>", "{", "[", " ", "<think></think>", "a<answer>", "💊"]
)
def test_a_long_reply_is_read_in_little_time(unit: str) -> None:
    content = unit * (1_000_000 // len(unit))
    started = time.thread_time()
    read_reply({"choices": [{"message": {"content": content}}]}, WHO, ASKED)
    assert time.thread_time() - started < 15
