"""A session for whatever stands for a chat model: a name, an object, or a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halueval.chat.attempt import shown
from halueval.chat.ledger import Cap
from halueval.chat.prices import Prices
from halueval.chat.secrets import redact
from halueval.chat.session import ChatSession
from halueval.chat.settings import given_prices
from halueval.errors import InputError
from halueval.protocols import ChatModel, ReplyStore

__all__ = ["open_chat"]


def open_chat(
    model: str | ChatModel | ChatSession,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    options: Mapping[str, Any] | None = None,
    prices: Prices | Sequence[float] | None = None,
    deadline: float | None = None,
    max_attempts: int | None = None,
    max_in_flight: int | None = None,
    max_dollars: float | Cap | None = None,
    cache: ReplyStore | None = None,
) -> ChatSession:
    """A session for a model: by its name, as an object, or the session that there already is.

    Parameters
    ----------
    model : str, ChatModel or ChatSession
        A name such as ``"openai/gpt-..."`` is for LiteLLM, or with ``base_url`` for an endpoint that speaks OpenAI's
        protocol.
    base_url, api_key, options
        For a model by its name: where it is, the key (by default from the environment), and what goes to the endpoint
        with every request as it is. None of them is kept in the session.
    prices, deadline, max_attempts, max_in_flight, max_dollars, cache
        As in :class:`ChatSession`, whose defaults hold for what is None.

    Raises
    ------
    InputError
        A setting that can't be, that belongs to a name and came with an object, or that came with a session, which has
        its own.
    PluginError
        Nothing answers to the name.

    Examples
    --------
    >>> from halueval.chat import ScriptedChat
    >>> session = open_chat(ScriptedChat(["Yes."]), deadline=30)
    >>> session.name, session.deadline, open_chat(session) is session
    ('scripted', 30.0, True)
    """
    names = {"base_url": base_url, "api_key": api_key, "options": options}
    limits: dict[str, Any] = {
        "deadline": deadline, "max_attempts": max_attempts, "max_in_flight": max_in_flight, "max_dollars": max_dollars,
        "cache": cache,
    }  # fmt: skip
    given = {field: value for field, value in limits.items() if value is not None}
    if isinstance(model, ChatSession):
        _refuse({**names, **limits, "prices": prices}, "a session that is already open", "open it with them")
        return model
    if not isinstance(model, str):
        _refuse(names, "a chat model given as an object", "make the model with them")
        return ChatSession(model, prices=prices, **given)
    if not model.strip():
        raise InputError("an empty name", wanted="the name of a chat model", field="model")
    for field, value in (("base_url", base_url), ("api_key", api_key)):
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise InputError("it is empty" if isinstance(value, str) else shown(value), wanted="a text", field=field)
    if base_url is not None and not base_url.startswith(("http://", "https://")):
        found = redact(base_url)
        raise InputError(repr(found), wanted="an address that begins with http:// or https://", field="base_url")
    if options is not None and not isinstance(options, Mapping):
        raise InputError(shown(options), wanted="a mapping", field="options")
    from halueval.chat.models import open_model

    opened = open_model(
        model, base_url=base_url, api_key=api_key, options=dict(options or {}), prices=given_prices(prices)
    )
    return ChatSession(opened, **given)


def _refuse(settings: Mapping[str, Any], owner: str, todo: str) -> None:
    for field, value in settings.items():
        if value is not None:
            raise InputError(f"given together with {owner}", wanted="one or the other", todo=todo, field=field)
