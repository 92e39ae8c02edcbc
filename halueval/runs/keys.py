"""Keys of calls and retrievals: digests of all that the answer can depend on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from halueval.records import ChatRequest
from halueval.runs.hashing import sha256_of

__all__ = ["call_key", "passages_key"]


def call_key(request: ChatRequest, *, model: str, endpoint: str, options: Mapping[str, Any], repeat: int) -> str:
    """The key of a call: a digest of all that its reply can depend on.

    That is: of the request its messages, schema, max_tokens, temperature, top_logprobs and options (not ``likely``,
    which isn't asked); the model's name, its endpoint, the options that go with every request, and the number of the
    repeat. The order of messages and of a schema's properties counts, as a model reads them in it; that of options
    doesn't.

    Parameters
    ----------
    request : ChatRequest
    model : str
    endpoint : str
        Without a key or a password in it: they are no part of what is asked.
    options : mapping
    repeat : int
        0 for the first time that the very same thing is asked within one item, 1 for the second ...

    Raises
    ------
    TypeError, ValueError
        Something in it isn't JSON.

    Examples
    --------
    >>> request = ChatRequest(({"role": "user", "content": "Say yes."},))
    >>> ask = {"model": "m", "endpoint": "http://127.0.0.1/v1", "options": {}}
    >>> call_key(request, **ask, repeat=0) == call_key(request, **ask, repeat=1)
    False
    """
    asked = {
        "messages": [dict(message) for message in request.messages],
        "schema": request.schema,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_logprobs": request.top_logprobs,
        "request_options": sorted(request.options.items()),
    }
    return _digest(
        "reply", {**asked, "model": model, "endpoint": endpoint, "options": sorted(options.items()), "repeat": repeat}
    )


def passages_key(query: str, k: int, *, retriever: str, snapshot: str, settings: Mapping[str, Any]) -> str:
    """The key of a retrieval: the query, how many passages, the retriever's name and settings, and the corpus.

    Raises
    ------
    TypeError, ValueError
        A setting isn't JSON.

    Examples
    --------
    >>> key = passages_key("aspirin", 5, retriever="bm25", snapshot="ab12", settings={"min_coverage": 0.35})
    >>> key == passages_key("aspirin", 6, retriever="bm25", snapshot="ab12", settings={"min_coverage": 0.35})
    False
    """
    asked = {"query": query, "k": k, "retriever": retriever, "snapshot": snapshot, "settings": sorted(settings.items())}
    return _digest("passages", asked)


def _digest(kind: str, asked: Mapping[str, Any]) -> str:
    return sha256_of(_JSON.encode([kind, asked]).encode("ascii"))


def _as_json(value: object) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"something of type {type(value).__name__} in what is asked; wanted: what JSON can hold")


_JSON = json.JSONEncoder(default=_as_json)  # one for all keys: json.dumps would make one for each
