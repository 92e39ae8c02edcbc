"""Any provider that LiteLLM knows. The only module that imports it, and only when a model is made: that takes seconds.

LiteLLM is held to what is needed of it: no retries of its own, no dropped parameters, no list of prices from the
network, nothing printed, nothing logged that holds a key or a request. What it takes for a success (no choices, no
content) is read by :mod:`halueval.chat.reply` like any other reply.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from halueval.chat.address import read_address
from halueval.chat.dialect import Dialect
from halueval.chat.faults import Origin, http_fault
from halueval.chat.prices import Prices, prices_of
from halueval.chat.reply import read_reply, reply_or_raise
from halueval.chat.secrets import Secret, SecretFilter, environment_secrets
from halueval.errors import ChatError, InputError
from halueval.records import ChatReply, ChatRequest

__all__ = ["LiteLLMChat"]

LONGEST_CALL = (
    3600.0  # seconds: LiteLLM's limit, far above any deadline of a session, which also ends a body that drips
)
_LOGGERS = ("litellm", "openai", "httpx", "httpcore", "anthropic", "google", "botocore")

_HANDED_ON = re.compile(r"^(?:(?:litellm\.)?\w{1,40}(?:Error|Timeout): ){0,4}(?:\w{1,40}Exception - )?")
_NO_KEY = re.compile(
    r"missing .{0,20}(?:credentials|api[ _-]?key)|missing credentials|api_key .{0,40}must be set", re.I
)

_NO_CONNECTION = re.compile(r"cannot connect|connection (?:error|refused)|name or service", re.IGNORECASE)
# What LiteLLM's exceptions mean where their status does not say it, by the name of the class.
_STATUS: Mapping[str, int] = {"Timeout": 408, "APIConnectionError": 503, "UnsupportedParamsError": 400}
_CODE: Mapping[str, str] = {
    "ContextWindowExceededError": "context_length_exceeded",
    "ContentPolicyViolationError": "content_policy_violation",
}


class LiteLLMChat:
    """A model of any provider, by LiteLLM's name for it. One call is one attempt.

    Schemas and log-probabilities that a provider refuses are asked for no more (logged once, see
    :mod:`halueval.chat.dialect`). Where it tells no usage, tokens are estimated.

    Parameters
    ----------
    model : str
        ``PROVIDER/MODEL``: ``"openai/gpt-4o-mini"``, ``"anthropic/claude-sonnet-4-5"``.
    api_key : str, optional
        By default LiteLLM takes the provider's own from the environment. Never shown, logged or pickled.
    base_url : str, optional
        Of a gateway or a server of one's own.
    options : mapping
        Go into every call as they are; a request's own go over them.
    prices : Prices or two or three numbers, optional
        Dollars per million tokens; by default those of LiteLLM's own list, in the version that is installed, unless a
        base URL is given. What a model costs that is not in it is not known.

    Raises
    ------
    InputError
        LiteLLM knows no such provider, or the options ask for a stream.

    Examples
    --------
    >>> from halueval.chat.loop import run
    >>> from halueval.chat.mock_endpoint import MockEndpoint
    >>> with MockEndpoint(lambda body: "Yes.") as endpoint:
    ...     model = LiteLLMChat("openai/m", api_key="none", base_url=endpoint.url)
    ...     reply = run(model.chat(ChatRequest(({"role": "user", "content": "Is aspirin a drug?"},))))
    >>> reply.text, reply.dollars
    ('Yes.', None)
    """

    def __init__(
        self,
        model: str,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        options: Mapping[str, Any] = MappingProxyType({}),
        prices: Prices | Sequence[float] | None = None,
    ) -> None:
        if options.get("stream"):
            raise InputError("options with stream", todo="leave it out: replies are read whole", field="options")
        provider = _provider(model)
        self._model, self._options = model, dict(options)
        self._key, self._base_url = Secret(api_key or ""), Secret(base_url or "")
        address = None if base_url is None else read_address(base_url)
        self._endpoint = f"{provider} (by LiteLLM)" if address is None else address.shown
        self._secrets = (self._key, *(address.secrets if address else ()))
        self.prices = prices_of(prices) or (_listed(model) if base_url is None else None)
        self._dialect = Dialect(f"{model} at {self._endpoint}")

    @property
    def name(self) -> str:
        """LiteLLM's name for the model."""
        return self._model

    @property
    def endpoint(self) -> str:
        """The base URL without anything secret, or whom LiteLLM asks."""
        return self._endpoint

    @property
    def options(self) -> Mapping[str, Any]:
        """What goes into every call as it is."""
        return MappingProxyType(self._options)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._model!r} at {self._endpoint})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process finds the key in its own environment."""
        if self._key or self._base_url:
            raise TypeError(f"{self!r} has a key or an address of its own, which are never pickled")
        return _again, (type(self), self._model, self._options, self.prices)

    async def chat(self, request: ChatRequest) -> ChatReply:
        """The reply to one request, tried once.

        Raises
        ------
        ChatError
            What went wrong, and whether asking again may help.
        """
        return await reply_or_raise(self._ask(request))

    async def _ask(self, request: ChatRequest) -> ChatReply | ChatError:
        litellm = _litellm()
        origin = Origin(self._model, self._endpoint, (*self._secrets, *environment_secrets()))
        while True:
            fields = self._dialect.fields(request)
            call = {"messages": list(map(dict, request.messages)), **fields, **self._options, **request.options}
            try:
                response = await litellm.acompletion(
                    model=self._model,
                    api_key=self._key.reveal() or None,
                    api_base=self._base_url.reveal() or None,
                    timeout=LONGEST_CALL,
                    max_retries=0,
                    num_retries=0,
                    drop_params=False,
                    **call,
                )
                return read_reply(_plain(response), origin, request, prices=self.prices)
            except Exception as error:
                fault, said = _fault(error, origin), str(error)[:2000]
            if not (fault.kind == "provider_error" and self._dialect.learn(request, fields, said)):
                return fault


def _again(kind: type[LiteLLMChat], model: str, options: Any, prices: Any) -> LiteLLMChat:
    return kind(model, options=options, prices=prices)


def _fault(error: Exception, origin: Origin) -> ChatError:
    """What an exception of LiteLLM's means; its text, traceback and variables go no further."""
    name = type(error).__name__
    status = _STATUS.get(name) or getattr(error, "status_code", None)
    if not isinstance(status, int) or not 300 <= status < 600:
        return origin.error("provider_error", f"the call could not be made ({name}: {str(error)[:200]})")
    sent = getattr(error, "body", None)  # what the provider sent, where LiteLLM kept it
    told = sent if isinstance(sent, dict) else {"message": _own_words(str(getattr(error, "message", "") or error))}
    body = {"error": {**told, "status": _CODE.get(name)}}
    headers = getattr(error, "litellm_response_headers", None) or {}
    if not headers and _NO_KEY.search(str(told.get("message", ""))[:300]):
        status = 401  # found before any call was made, and told as a failure of the endpoint
    plain = {str(k): str(v) for k, v in dict(headers).items()}
    fault = http_fault(origin, status, json.dumps(body, default=str), plain)
    fault.unreachable = not plain and _NO_CONNECTION.search(str(told.get("message", ""))[:300]) is not None
    return fault


def _own_words(said: str) -> str:
    """Without the names of the exceptions through which LiteLLM handed the message on."""
    return _HANDED_ON.sub("", said.split("Traceback (most recent call last)")[0].strip(), count=1)


def _plain(response: Any) -> dict[str, Any]:
    """LiteLLM's response as the endpoint's own."""
    data: dict[str, Any] = response.model_dump(exclude_none=True)
    for choice in data.get("choices", ()):
        message = choice.get("message", {})
        told = message.get("provider_specific_fields") or {}
        if told.get("refusal"):
            message["refusal"] = told["refusal"]
    return data


def _provider(model: str) -> str:
    litellm = _litellm()
    try:
        return str(litellm.get_llm_provider(model)[1])
    except Exception:
        problem = InputError(
            f"model {model!r}, of no provider that LiteLLM knows",
            wanted="PROVIDER/MODEL, such as openai/gpt-4o-mini",
            todo="give a base URL (--base-url) for an endpoint of your own",
            field="model",
        )
    raise problem


def _listed(model: str) -> Prices | None:
    """What LiteLLM's list says that a model costs."""
    try:
        told = _litellm().get_model_info(model)
    except Exception:
        return None
    prompt, completion = told.get("input_cost_per_token"), told.get("output_cost_per_token")
    if prompt is None or completion is None:
        return None
    kept = told.get("cache_read_input_token_cost")
    return Prices(*(round(1e6 * price, 9) for price in (prompt, prompt if kept is None else kept, completion)))


@cache
def _litellm() -> Any:
    # before the import, or it asks the network for its list of prices
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    for name in [name for name in logging.root.manager.loggerDict if name.lower().startswith(_LOGGERS)]:
        logging.getLogger(name).addFilter(SecretFilter())
    return litellm
