"""Published protocols of claim extraction, by name: an extractor with its own prompt and settings."""

from __future__ import annotations

from typing import Any

from halueval.chat.session import ChatSession
from halueval.claim_extraction.llm import LLMExtractor
from halueval.protocols import ChatModel

__all__ = ["HealthBenchHalluExtractor"]


class HealthBenchHalluExtractor(LLMExtractor):
    """Claims by the protocol of Baichuan-M3's HealthBench-Hallu, as far as it was published.

    arXiv 2602.06570, section 2.2.2, says what a claim is: self-contained and verifiable when detached from its context,
    a single fact with pronouns resolved; fragments are dropped, so is the recitation of wrong options in multiple
    choice; claims are deduplicated in order. The prompts were never published: ours is our own words for these rules,
    and every report says so. Figures made with it compare with each other, and with M3's only as far as that goes.

    What the protocol leaves out (greetings, fragments) is not listed at all; a refusal is, since the report counts
    responses that abstain.

    Parameters
    ----------
    chat : str, ChatModel or ChatSession
        Who is asked.
    **settings
        Those of :class:`halueval.claim_extraction.llm.LLMExtractor`, but for the prompt.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> HealthBenchHalluExtractor(ScriptedChat([])).info.version.partition("; model scripted; ")[2]
    'our own prompt for the rules of arXiv 2602.06570 section 2.2.2, whose prompts are unpublished'
    """

    name = "healthbench-hallu"
    _about = "our own prompt for the rules of arXiv 2602.06570 section 2.2.2, whose prompts are unpublished"

    def __init__(self, chat: str | ChatModel | ChatSession, **settings: Any) -> None:
        super().__init__(chat, prompt="healthbench-hallu.v1", **settings)
