"""Options about chat models, the same for every command that may ask one, and the sessions that they mean."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

from halueval.cli.options import DryRun, MaxInFlight, Timeout
from halueval.cli.request_options import Thinking, request_options
from halueval.errors import InputError

if TYPE_CHECKING:
    from halueval.chat import Cap, ChatSession
    from halueval.protocols import ReplyStore

__all__ = ["ChatOptions", "JudgeOptions", "open_model", "open_models", "with_options"]

R = TypeVar("R")

PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """Who is asked, and how; each field is an option of the command line."""

    chat_model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME",
            help="The chat model to ask: one at --base-url, or a provider's as LiteLLM names it (openai/…).",
        ),
    ] = None
    base_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="An endpoint like OpenAI's: vLLM, SGLang, llama.cpp, Ollama (http://…/v1)."),
    ] = None
    api_key_env: Annotated[
        str | None,
        typer.Option(
            metavar="VAR",
            help="The environment variable that holds the key, never the key; else HALUEVAL_API_KEY or the provider's.",
        ),
    ] = None
    thinking: Annotated[
        Thinking | None, typer.Option(help="Have a model at --base-url think before it answers, or not; else its own.")
    ] = None
    option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=JSON", help="Sent to the endpoint as it is, such as seed=7; may be given more than once."
        ),
    ] = None
    max_dollars: Annotated[
        float | None,
        typer.Option(
            metavar="X", min=0, help="Stop when this is spent, before and after a run went on; it goes on with more."
        ),
    ] = None
    price: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="IN OUT", help="Dollars per million tokens of prompt and reply, where they are not known."
        ),
    ] = None
    cached_price: Annotated[
        float | None, typer.Option(metavar="X", help="The same, of prompts that the endpoint has kept; else IN.")
    ] = None
    max_in_flight: MaxInFlight = None
    timeout: Timeout = None
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Keep replies there, and use those kept, of any run; a run has its own by default."
        ),
    ] = None
    dry_run: DryRun = False
    pilot: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Do the first N and print what all will take; going on does the others."),
    ] = None


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """Who is asked by the verifier, where that is somebody else."""

    verifier_model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="The verifier's model, if it is another; given more than once, members of a panel."
        ),
    ] = None
    verifier_base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help=f"Its endpoint, if it is another; {PROVIDER!r} for none, as LiteLLM names it."
        ),
    ] = None
    verifier_api_key_env: Annotated[
        str | None, typer.Option(metavar="VAR", help="The environment variable that holds its key.")
    ] = None
    verifier_price: Annotated[
        tuple[float, float] | None, typer.Option(metavar="IN OUT", help="Its prices, where they are not known.")
    ] = None


def with_options(command: Callable[..., R]) -> Callable[..., R]:
    """The command as typer wants it: a parameter that is a dataclass of options becomes an option per field."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        if parameter.name in groups:
            kind = groups[parameter.name]
            inner = get_type_hints(kind, include_extras=True)
            parameters += [_keyword(f.name, inner[f.name], f.default) for f in fields(kind)]
        else:
            default = MISSING if parameter.default is parameter.empty else parameter.default
            parameters.append(_keyword(parameter.name, hints[parameter.name], default))

    @wraps(command)
    def called(**given: Any) -> R:
        made: dict[str, Any] = {}
        for name, kind in groups.items():
            made[name] = kind(**{f.name: given.pop(f.name) for f in fields(kind)})
        return command(**given, **made)

    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {p.name: p.annotation for p in parameters}
    return called


def _keyword(name: str, annotation: Any, default: object) -> inspect.Parameter:
    kept = inspect.Parameter.empty if default is MISSING else default
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=kept)


def open_model(options: ChatOptions, cap: Cap | None = None, cache: ReplyStore | None = None) -> ChatSession | None:
    """The session of ``--model``; None where none is named. A cap and a cache that are given are other sessions' too.

    Raises
    ------
    InputError
        An option that cannot be, or one about a model where no model is named.
    """
    if options.chat_model is None:
        given = [_flag(f.name) for f in fields(options) if getattr(options, f.name) not in (None, [], False)]
        if given:
            raise InputError(f"{given[0]} without a model that it is about", wanted="--model NAME as well")
        return None
    cap, cache = cap or _cap(options), cache or _cache(options)
    return _opened(options.chat_model, options, options.base_url, options.api_key_env, _prices(options), cap, cache)


def open_models(options: ChatOptions, judges: JudgeOptions) -> tuple[ChatSession | None, list[ChatSession]]:
    """The session of ``--model``, and those that the verifier asks.

    Raises
    ------
    InputError
        An option that cannot be, or one about a model where no model is named.
    """
    names = list(dict.fromkeys(judges.verifier_model or []))
    own = [f.name for f in fields(judges) if f.name != "verifier_model" and getattr(judges, f.name) is not None]
    if not names:
        if own:
            raise InputError(
                f"{_flag(own[0])} without a model that it is about", wanted="--verifier-model NAME as well"
            )
        chat = open_model(options)
        return chat, [] if chat is None else [chat]
    cap, cache = _cap(options), _cache(options)  # one for all: what the run may spend, and has been told
    chat = open_model(options, cap, cache) if options.chat_model is not None else None
    elsewhere = judges.verifier_base_url not in (None, options.base_url)
    url = None if judges.verifier_base_url == PROVIDER else judges.verifier_base_url or options.base_url
    # a key goes to the endpoint that it was given for, and to no other
    key = judges.verifier_api_key_env or (None if elsewhere else options.api_key_env)
    opened = [
        chat
        if chat is not None and name == options.chat_model and not own
        else _opened(name, options, url, key, judges.verifier_price, cap, cache)
        for name in names
    ]
    return chat, opened


def _cap(options: ChatOptions) -> Cap | None:
    from halueval.chat import Cap

    return None if options.max_dollars is None else Cap(options.max_dollars)


def _cache(options: ChatOptions) -> ReplyStore | None:
    if options.cache is None or options.dry_run:  # which asks nobody, and leaves nothing behind
        return None
    from halueval.runs.cache import CallCache

    return CallCache(options.cache)


def _opened(
    name: str,
    options: ChatOptions,
    base_url: str | None,
    key_env: str | None,
    prices: tuple[float, ...] | None,
    cap: Cap | None,
    cache: ReplyStore | None,
) -> ChatSession:
    from halueval.chat import open_chat

    return open_chat(
        name,
        base_url=base_url,
        api_key=_key(key_env),
        options=request_options(options.option or (), options.thinking, base_url) or None,
        prices=prices,
        deadline=options.timeout,
        max_in_flight=options.max_in_flight,
        max_dollars=cap,
        cache=cache,
    )


def _key(variable: str | None) -> str | None:
    """The key in a variable. What was given is never repeated: it may be the key itself."""
    if variable is None:
        return None
    key = os.environ.get(variable, "")
    if not key.strip():
        raise InputError(
            "the variable that --api-key-env names is not set", wanted="the name of an environment variable with a key"
        )
    return key


def _prices(options: ChatOptions) -> tuple[float, ...] | None:
    """(prompt, reply), or (prompt, kept prompt, reply)."""
    if options.cached_price is None:
        return options.price
    if options.price is None:
        raise InputError("--cached-price without the other prices", wanted="--price IN OUT as well")
    return options.price[0], options.cached_price, options.price[1]


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
