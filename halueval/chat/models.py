"""A chat model by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from halueval.chat.prices import Prices
from halueval.protocols import ChatModel

__all__ = ["open_model"]


def open_model(
    name: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    options: Mapping[str, Any] = MappingProxyType({}),
    prices: Prices | Sequence[float] | None = None,
) -> ChatModel:
    """The model of that name: at an OpenAI-compatible endpoint if its address is given, else any that LiteLLM knows.

    Parameters
    ----------
    name : str
        As the endpoint names it, or ``PROVIDER/MODEL`` as LiteLLM does.
    base_url : str, optional
        The endpoint: ``http://localhost:8000/v1``.
    api_key : str, optional
        By default from the environment: see :class:`halueval.chat.openai_compatible.OpenAICompatibleChat` and
        :class:`halueval.chat.litellm.LiteLLMChat`.
    options : mapping
        Go into every request as they are.
    prices : Prices or two or three numbers, optional
        Dollars per million tokens of prompt, (kept prompt,) reply.

    Raises
    ------
    halueval.errors.InputError
        The address is none, or LiteLLM knows no such provider.

    Examples
    --------
    >>> open_model("m", base_url="localhost:8000")
    OpenAICompatibleChat('m', 'http://localhost:8000/v1')
    """
    if base_url is not None:
        from halueval.chat.openai_compatible import OpenAICompatibleChat

        return OpenAICompatibleChat(name, base_url, api_key=api_key, options=options, prices=prices)
    from halueval.chat.litellm import LiteLLMChat

    return LiteLLMChat(name, api_key=api_key, options=options, prices=prices)
