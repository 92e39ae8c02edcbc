"""How a request is written for one endpoint, and what that endpoint turned out not to take.

Endpoints that call themselves compatible differ: some know no JSON schema, some only "JSON", some give no
log-probabilities or fewer, and OpenAI's newer models want ``max_completion_tokens`` and no temperature. What is refused
is left out or written otherwise from then on, and that is logged once.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from halueval.records import ChatRequest

__all__ = ["Dialect"]

_log = logging.getLogger("halueval.chat")

FEWER = 5  # log-probabilities per token that vLLM allowed until 2025

# What a field can be written as, best first, and what an endpoint says that does not take it.
_WAYS: Mapping[str, tuple[str, ...]] = {
    "response_format": ("a JSON schema", "JSON without a schema", "no response format"),
    "logprobs": ("log-probabilities", f"{FEWER} log-probabilities", "no log-probabilities"),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "temperature": ("a temperature", "no temperature"),
}
_REFUSED: Mapping[str, re.Pattern[str]] = {
    "response_format": re.compile(
        r"response[_ ]?format|json[_ ]?(?:schema|object|mode)|structured[_ ]?outputs?|guided|grammar|\bschema\b", re.I
    ),
    "logprobs": re.compile(r"log[_ ]?prob", re.I),
    "max_tokens": re.compile(r"max_completion_tokens", re.I),
    "temperature": re.compile(r"\btemperature\b", re.I),
}


class Dialect:
    """Writes requests, and learns from refusals. One per model and endpoint; used from one event loop at a time.

    Examples
    --------
    >>> dialect = Dialect("m at http://127.0.0.1/v1")
    >>> request = ChatRequest(({"role": "user", "content": "A or B?"},), top_logprobs=20)
    >>> dialect.fields(request)
    {'logprobs': True, 'top_logprobs': 20}
    >>> dialect.learn(request, dialect.fields(request), "logprobs of 20: at most 5")
    True
    >>> dialect.fields(request)
    {'logprobs': True, 'top_logprobs': 5}
    """

    def __init__(self, who: str) -> None:
        self._who = who
        self._way = dict.fromkeys(_WAYS, 0)

    def fields(self, request: ChatRequest) -> dict[str, Any]:
        """What the body says beside model, messages and options."""
        fields: dict[str, Any] = {}
        if request.max_tokens is not None:
            fields[_WAYS["max_tokens"][self._way["max_tokens"]]] = request.max_tokens
        if request.temperature is not None and self._way["temperature"] == 0:
            fields["temperature"] = request.temperature
        if request.top_logprobs > 0 and self._way["logprobs"] < 2:
            fewer = self._way["logprobs"] == 1
            fields["logprobs"] = True
            fields["top_logprobs"] = min(request.top_logprobs, FEWER) if fewer else request.top_logprobs
        if request.schema is not None:
            fields.update(self._format(request.schema))
        return fields

    def _format(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        way = self._way["response_format"]
        if way == 0:
            asked = {"name": "reply", "strict": True, "schema": schema}
            return {"response_format": {"type": "json_schema", "json_schema": asked}}
        # "JSON" means an object to those who offer only that
        return {"response_format": {"type": "json_object"}} if way == 1 and schema.get("type") == "object" else {}

    def learn(self, request: ChatRequest, sent: Mapping[str, Any], said: str) -> bool:
        """Whether a refusal was about one of the fields that were sent, and the request is now written otherwise.

        ``said`` is what the endpoint says in its own words. Of many calls that are refused together, the first changes
        how the next ones are written; the others see that they were written before.
        """
        for name, pattern in _REFUSED.items():
            if name not in sent or not pattern.search(said):
                continue
            before, ways = self._way[name], _WAYS[name]
            while self.fields(request) == sent and self._way[name] + 1 < len(ways):
                self._way[name] += 1
            if self._way[name] != before:
                _log.warning("%s does not take %s; asking for %s", self._who, ways[before], ways[self._way[name]])
            return self.fields(request) != sent
        return False
