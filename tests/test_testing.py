"""The contract checks pass what keeps the contract and name what breaks it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from halueval.chat import ScriptedChat, open_chat
from halueval.chat.litellm import LiteLLMChat
from halueval.chat.mock_endpoint import MockEndpoint, MockReply
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.errors import ChatError, PluginError
from halueval.plugins import available, load_extractor, load_verifier
from halueval.protocols import Extractor, Verifier
from halueval.records import (
    ChatReply,
    ChatRequest,
    Claim,
    ClaimWithEvidence,
    Evidence,
    Extraction,
    Outcome,
    Response,
    Span,
    TokenLogprob,
    Verdict,
)
from halueval.testing import (
    FixedRetriever,
    FixedVerifier,
    LineExtractor,
    check_chat_model,
    check_extractor,
    check_retriever,
    check_verifier,
)


def declining(name: str = "scripted") -> ScriptedChat:
    """Those that ask a chat model fail honestly with one that answers nothing."""
    return ScriptedChat(lambda request: ChatError("refused", f"{name}: the model declined"), name)


@pytest.mark.parametrize("name", sorted(available("extractors")))
def test_every_extractor_keeps_the_contract(name: str) -> None:
    check_extractor(cast(Extractor, load_extractor(name, chat=open_chat(declining()))))


@pytest.mark.parametrize("name", sorted(available("verifiers")))
def test_every_verifier_keeps_the_contract(name: str) -> None:
    chats = [open_chat(declining("first")), open_chat(declining("second"))]
    asked = chats if name == "panel" else chats[:1]
    check_verifier(cast(Verifier, load_verifier(name, chats=asked, retriever=FixedRetriever({}))))


class BrokenExtractor(LineExtractor):
    def __init__(self, spoil: Callable[[list[Extraction]], list[Extraction]]) -> None:
        self.spoil = spoil

    def extract(self, responses: Sequence[Response]) -> list[Extraction]:
        return self.spoil(super().extract(responses))


def with_claim(extractions: list[Extraction], claim: Claim) -> list[Extraction]:
    return [replace(e, claims=(*e.claims, replace(claim, response_id=e.response_id))) for e in extractions]


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda es: es[:-1], "one extraction per response"),
        (lambda es: [replace(e, response_id="x") for e in es], "order of the responses"),
        (lambda es: with_claim(es, Claim("c", "r", "A claim.", (Span(0, 10**6),))), "spans lie within"),
        (lambda es: with_claim(es, Claim("c", "r", " ")), "a claim has text"),
        (lambda es: with_claim(es, Claim("c", "r", "A.", (), False, None)), "only a claim not checkworthy"),
        (lambda es: with_claim(es, Claim("c", "r", "A.", (), False, "boring")), "NOT_CHECKWORTHY_REASONS"),
        (lambda es: with_claim(es, Claim("c", "r", "A.")), "empty text is a result without claims"),
        (lambda es: [replace(e, claims=e.claims[: 6 - len(es)]) for e in es], "one by one"),
    ],
)
def test_a_broken_extractor_is_named(spoil: Callable[[list[Extraction]], list[Extraction]], rule: str) -> None:
    with pytest.raises(PluginError, match=rule):
        check_extractor(BrokenExtractor(spoil))


class BrokenVerifier(FixedVerifier):
    def __init__(self, verdict: Verdict) -> None:
        super().__init__({})
        self.verdict = verdict

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        return [replace(self.verdict, claim_id=i.claim.id) for i in items]


@pytest.mark.parametrize(
    ("verdict", "rule"),
    [
        (Verdict("", "supported"), "no evidence is not enough info"),
        (Verdict("", "true"), "a label is one of"),  # type: ignore[arg-type]
        (Verdict("", "not_enough_info", {"supported": 1.0}), "all three labels"),
        (
            Verdict("", "not_enough_info", {"supported": 1.0, "refuted": 1.0, "not_enough_info": 0.0}),
            "sum to 1",
        ),
    ],
)
def test_a_broken_verifier_is_named(verdict: Verdict, rule: str) -> None:
    with pytest.raises(PluginError, match=rule):
        check_verifier(BrokenVerifier(verdict))


class BrokenRetriever(FixedRetriever):
    def __init__(self, hits: list[Evidence]) -> None:
        super().__init__({})
        self.hits = hits

    def search(self, queries: Sequence[str], k: int) -> list[list[Evidence]]:
        return [self.hits for _ in queries]


@pytest.mark.parametrize(
    ("hits", "rule"),
    [
        ([Evidence("d", "text", Span(0, 9), rank=1)], "as long as its text"),
        ([Evidence("d", "text", Span(0, 4))], "ranks count from 1"),
        ([Evidence("d", "text", Span(0, 4), rank=i) for i in (1, 2)], "no passage twice"),
        ([Evidence(str(i), "text", Span(0, 4), rank=i) for i in (1, 2, 3, 4)], "at most k"),
        ([Evidence(str(i), "text", Span(0, 4), rank=i, score=i) for i in (1, 2)], "best first"),
    ],
)
def test_a_broken_retriever_is_named(hits: list[Evidence], rule: str) -> None:
    with pytest.raises(PluginError, match=rule):
        check_retriever(BrokenRetriever(hits))


def test_results_that_are_no_list_are_named() -> None:
    class Lazy:
        name = "lazy"

        def extract(self, responses: Sequence[Response]) -> Iterator[Extraction]:
            yield from LineExtractor().extract(responses)

    with pytest.raises(PluginError, match="list or another sequence: found generator"):
        check_extractor(Lazy())  # type: ignore[arg-type]


@pytest.mark.parametrize("reply", ["Yes.", MockReply("busy", 503), MockReply("", drop=True), {"choices": []}])
def test_both_clients_keep_the_contract_whatever_the_endpoint_does(reply: Any) -> None:
    with MockEndpoint(lambda body: reply) as endpoint:
        check_chat_model(OpenAICompatibleChat("m", endpoint.url))
        check_chat_model(LiteLLMChat("openai/m", api_key="none", base_url=endpoint.url))


def test_a_chat_model_that_only_fails_keeps_the_contract() -> None:
    check_chat_model(ScriptedChat(lambda request: ChatError("timeout", "m: no reply", retry=True)))


class BrokenChat(ScriptedChat):
    def __init__(self, does: Callable[[], Any], name: str = "broken") -> None:
        super().__init__([], name)
        self.does = does

    async def chat(self, request: ChatRequest) -> ChatReply:
        reply: ChatReply = self.does()
        return reply


def raises(error: Exception) -> Callable[[], Any]:
    def do() -> Any:
        raise error

    return do


@pytest.mark.parametrize(
    ("does", "rule"),
    [
        (lambda: ChatReply(""), "a reply has text"),
        (lambda: ChatReply(" \n"), "a reply has text"),
        (lambda: "Yes.", "a call gives a ChatReply"),
        (lambda: None, "a call gives a ChatReply"),
        (lambda: ChatReply("Yes.", prompt_tokens=-1), "tokens add up"),
        (lambda: ChatReply("Yes.", prompt_tokens=1, cached_tokens=2), "tokens add up"),
        (lambda: ChatReply("Yes.", dollars=-0.1), "a price is not negative"),
        (lambda: ChatReply("Yes.", logprobs=(TokenLogprob("No", -1.0),)), "joined, are the text"),
        (raises(ValueError("x")), "what goes wrong is a ChatError: ValueError"),
        (raises(ChatError("odd", "m: no")), "one of FAILURE_KINDS"),  # type: ignore[arg-type]
        (raises(ChatError("timeout", "m:\nno")), "on one line"),
        (raises(ChatError("timeout", "m: no", retry=True, fatal=True)), "not tried again"),
        (raises(ChatError("timeout", "m: no", retry=True, retry_after=-1.0)), "the past"),
    ],
)
def test_a_broken_chat_model_is_named(does: Callable[[], Any], rule: str) -> None:
    with pytest.raises(PluginError, match=rule):
        check_chat_model(BrokenChat(does))


def test_a_chat_model_without_a_name_and_one_that_takes_cancelling_for_a_failure_are_named() -> None:
    with pytest.raises(PluginError, match="name is not empty"):
        check_chat_model(BrokenChat(lambda: ChatReply("Yes."), name=" "))

    class Stubborn(ScriptedChat):
        async def chat(self, request: ChatRequest) -> ChatReply:
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                raise ChatError("cancelled", "m: cancelled") from None
            return ChatReply("Yes.")

    with pytest.raises(PluginError, match="a call that is cancelled is no failure"):
        check_chat_model(Stubborn([]))
