"""Options about the grader, and the sessions of those who are asked."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from halueval.cli.chat import PROVIDER, ChatOptions, open_model
from halueval.cli.request_options import Thinking
from halueval.errors import InputError

if TYPE_CHECKING:
    from halueval.chat import Cap, ChatSession

__all__ = [
    "GraderOptions",
    "Subset",
    "Template",
    "endpoint_of",
    "open_grader",
    "open_sessions",
]

# Options of the model that answers: without one they are a mistake, and not the grader's.
_ANSWERING = ("api_key_env", "thinking", "option", "price", "cached_price")

Subset: TypeAlias = Annotated[str, typer.Option(metavar="NAME", help="full, hard or consensus.")]
Template: TypeAlias = Annotated[
    str,
    typer.Option(
        metavar="NAME|PATH",
        help="What the grader is asked with: halueval (ours), openai (the published one, where inspect-evals is "
        "installed), or a file of your own.",
    ),
]


@dataclass(frozen=True, slots=True)
class GraderOptions:
    """Who grades; each field is an option of the command line."""

    grader: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The chat model that grades: one at an endpoint, or a provider's."),
    ] = None
    grader_base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help=f"Its endpoint, if not --base-url; {PROVIDER!r} for none, as LiteLLM names it."
        ),
    ] = None
    grader_api_key_env: Annotated[
        str | None, typer.Option(metavar="VAR", help="The environment variable that holds its key.")
    ] = None
    grader_thinking: Annotated[
        Thinking | None, typer.Option(help="Have a grader at an endpoint think before it grades, or not; else its own.")
    ] = None
    grader_option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=JSON", help="Sent to its endpoint as it is; may be given more than once."),
    ] = None
    grader_price: Annotated[
        tuple[float, float] | None, typer.Option(metavar="IN OUT", help="Its prices, where they are not known.")
    ] = None


def open_sessions(options: ChatOptions, grader: GraderOptions) -> tuple[ChatSession | None, ChatSession]:
    """The session of the model that answers, if one is named, and that of the grader; one cap on money for both.

    What ``--option`` and ``--thinking`` say is left to the requests, so that it is part of what an answer answers.

    Raises
    ------
    InputError
        No grader, an option that cannot be, or one about a model where no model is named.
    """
    from halueval.chat import Cap

    cap = None if options.max_dollars is None else Cap(options.max_dollars)
    model = None
    if options.chat_model is not None:
        model = open_model(replace(options, option=None, thinking=None), cap)
    elif given := [name for name in _ANSWERING if getattr(options, name) not in (None, [])]:
        flag = given[0].replace("_", "-")
        raise InputError(f"--{flag} without a model that answers", wanted=f"--model NAME, or --grader-{flag}")
    return model, open_grader(options, grader, cap)


def open_grader(options: ChatOptions, grader: GraderOptions, cap: Cap | None = None) -> ChatSession:
    """The session of the grader.

    Raises
    ------
    InputError
        No grader is named, or an option that cannot be.
    """
    if grader.grader is None:
        given = [f.name for f in fields(grader) if getattr(grader, f.name) not in (None, [])]
        raise InputError(
            f"--{given[0].replace('_', '-')} without a grader that it is about" if given else "nobody to grade",
            wanted="--grader NAME",
        )
    elsewhere = grader.grader_base_url not in (None, options.base_url)
    asked = ChatOptions(
        chat_model=grader.grader,
        base_url=endpoint_of(options, grader),
        # a key goes to the endpoint that it was given for, and to no other
        api_key_env=grader.grader_api_key_env or (None if elsewhere else options.api_key_env),
        thinking=grader.grader_thinking,
        option=grader.grader_option,
        price=grader.grader_price,
        max_dollars=options.max_dollars,
        max_in_flight=options.max_in_flight,
        timeout=options.timeout,
        cache=options.cache,
        dry_run=options.dry_run,
    )
    session = open_model(asked, cap)
    assert session is not None
    return session


def endpoint_of(options: ChatOptions, grader: GraderOptions) -> str | None:
    """Where the grader is asked; None for a provider."""
    return None if grader.grader_base_url == PROVIDER else grader.grader_base_url or options.base_url
