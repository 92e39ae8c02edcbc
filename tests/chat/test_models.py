"""A name and, perhaps, an address become a chat model; prices are two or three numbers."""

from __future__ import annotations

import sys

import pytest

from halueval.chat import open_chat
from halueval.chat.litellm import LiteLLMChat
from halueval.chat.loop import run
from halueval.chat.mock_endpoint import MockEndpoint
from halueval.chat.models import open_model
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.chat.prices import Prices, prices_of
from halueval.errors import InputError
from halueval.records import ChatReply, ChatRequest


def test_an_address_means_an_endpoint_and_none_means_litellm() -> None:
    direct = open_model("openai/gpt-oss-20b", base_url="http://localhost:8000", api_key="k", prices=(1.0, 2.0))
    assert isinstance(direct, OpenAICompatibleChat)
    assert (direct.name, direct.endpoint, direct.prices) == (
        "openai/gpt-oss-20b", "http://localhost:8000/v1", Prices(1.0, 1.0, 2.0)
    )  # fmt: skip
    provider = open_model("openai/gpt-4o-mini", api_key="k")
    assert isinstance(provider, LiteLLMChat) and provider.name == "openai/gpt-4o-mini"
    with pytest.raises(InputError, match="no provider"):
        open_model("gpt-oss-by-nobody")


def test_a_session_opens_a_model_by_name_and_asks_it() -> None:
    with MockEndpoint(lambda body: f"{body['model']} {body['seed']}") as endpoint:
        session = open_chat("m", base_url=endpoint.url, options={"seed": 7}, prices=(1.0, 2.0))
        request = ChatRequest(({"role": "user", "content": "A?"},))
        reply, cost = run(session.chat(request, stage="verification"))
    assert isinstance(reply, ChatReply) and reply.text == "m 7"
    assert cost.calls == 1 and cost.dollars


def test_an_endpoint_needs_no_litellm() -> None:
    import subprocess

    script = "import sys; from halueval.chat.models import open_model; open_model('m', base_url='localhost'); " \
             "print([m for m in ('litellm', 'openai', 'aiohttp') if m in sys.modules])"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_prices_are_two_or_three_numbers() -> None:
    assert prices_of((1, 2)) == Prices(1.0, 1.0, 2.0)
    assert prices_of([3.0, 0.3, 15.0]) == Prices(3.0, 0.3, 15.0)
    assert prices_of(None) is None and prices_of(Prices(1, 2, 3)) == Prices(1, 2, 3)
    assert Prices(10.0, 1.0, 0.0).dollars(100, 5, cached_tokens=900) == 100 / 1e6
    for wrong in ((1.0,), (1.0, 2.0, 3.0, 4.0), (-1.0, 1.0), (float("nan"), 1.0), (1.0, float("inf"))):
        with pytest.raises(InputError, match="prices"):
            prices_of(wrong)
