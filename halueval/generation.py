"""Answers to evaluate: the model under test is one more chat model.

>>> from halueval.chat import ScriptedChat
>>> model = ScriptedChat({"aspirin": "Yes, it is."}, name="model-a")
>>> [answer.text for answer in generate(["Is aspirin a drug?"], model=model)]
['Yes, it is.']
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

from halueval.chat import ChatSession, open_chat
from halueval.concurrency import each_in_order
from halueval.errors import InputError, RunStopped
from halueval.protocols import ChatModel
from halueval.records import ChatReply, ChatRequest, Cost, Failure, Response, cost_since, derived_id
from halueval.repeats import counted

if TYPE_CHECKING:
    from halueval.io import Columns

__all__ = ["generate", "generate_file"]

_ROLES = ("prompt", "messages", "id", "group", "context")
_STAGE: Final = "generation"
_ABOUT_THE_CALL = ("finish_reason", "usage", "reasoning")
_AHEAD = (
    2  # prompts under way or ready, for each that is asked at the same time: a slow one does not hold up the others
)


def generate(
    prompts: object,
    *,
    model: str | ChatModel | ChatSession,
    columns: Mapping[str, str] | None = None,
    system: str | None = None,
    samples: int = 1,
    max_tokens: int | None = None,
    temperature: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> Iterator[Response | Failure]:
    """Ask a model every prompt; its answers as they are wanted by :func:`halueval.evaluate`.

    Parameters
    ----------
    prompts : path, datasets.Dataset, pandas.DataFrame or iterable
        Texts or conversations, as :func:`halueval.io.read_prompts` reads them; read as they are needed.
    model : str, ChatModel or ChatSession
        Who answers; limits, prices and deadlines are set with :func:`halueval.chat.open_chat`.
    columns : mapping, optional
        Which column is which, where names can't be guessed: ``{"prompt": "q"}``, also messages, id, group and context.
    system : str, optional
        A system message for the prompts that bring none.
    samples : int
        Answers per prompt. They are one group; the second is called ``ID#2``.
    max_tokens, temperature : optional
        Of each answer; the endpoint's own by default. An answer cut off at ``max_tokens`` has the ``finish_reason``
        "length" in its metadata.
    options : mapping, optional
        What goes to the endpoint as it is.

    Yields
    ------
    Response or Failure
        One per prompt and sample, in order, many under way at the same time. The metadata of an answer hold what was
        thought before it (``reasoning``), its ``finish_reason`` and ``usage``. A prompt that could not be read, and a
        call that brought no answer, an empty one too, is a ``Failure`` in its place.

    Raises
    ------
    InputError
        No prompts, or settings that cannot be.
    RunStopped
        Every other call would fail; what was finished was given before.
    """
    session = open_chat(model)
    asking = _Asking(session, system, samples, max_tokens, temperature, dict(options or {}))

    async def work(batch: Sequence[_Job]) -> list[Response | Failure]:
        return [await asking.answer(job) for job in batch]

    jobs = asking.jobs(_read(prompts, columns))
    yield from each_in_order(([job] for job in jobs), work, in_flight=_AHEAD * session.max_in_flight)


def generate_file(
    prompts: object,
    path: str | PathLike[str],
    *,
    model: str | ChatModel | ChatSession,
    columns: Mapping[str, str] | None = None,
    system: str | None = None,
    samples: int = 1,
    max_tokens: int | None = None,
    temperature: float | None = None,
    options: Mapping[str, Any] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    keep_prompts: bool = True,
    reading: Callable[[Columns | None], None] | None = None,
    progress: Callable[[Response | Failure], None] | None = None,
) -> Cost:
    """:func:`generate` into a file of answers, a line for each as soon as it is there; see there for the parameters.

    Until all are there the file is called ``PATH.partial``; stopped or killed, nothing that was answered is lost.

    Parameters
    ----------
    path : path
        JSON lines as :func:`halueval.io.read_responses` reads them; packed where it ends in ``.gz``.
    resume : bool
        Keep the answers that an earlier file has to the same prompts, and ask only for the others and for those that
        failed.
    overwrite : bool
        Delete an earlier file instead.
    keep_prompts : bool
        Whether the lines repeat what was asked and what came with it: the prompt, its context and metadata. Without,
        they are for prompts whose texts are not to be published; whoever reads them knows the prompts by their ids.
    reading : callable, optional
        Called with the columns that are read, before anything is asked.
    progress : callable, optional
        Called with each answer or failure, in order.

    Returns
    -------
    Cost
        Of the calls made now.

    Raises
    ------
    InputError
        No prompts, or settings that cannot be.
    OutputError
        It cannot be written there, or holds answers to something else: other prompts under the same ids, another
        model, other settings.
    RunStopped
        Every other call would fail; what was finished is kept.
    KeyboardInterrupt
        Says where the answers are that were finished.
    """
    from halueval.io import GrowingFile

    session = open_chat(model)
    asking = _Asking(session, system, samples, max_tokens, temperature, dict(options or {}))
    before = session.spent().get(_STAGE, Cost())
    records = _read(prompts, columns)
    if reading is not None:
        reading(records.columns)
    with GrowingFile(path, resume=resume, overwrite=overwrite) as file:

        async def work(batch: Sequence[_Job]) -> list[tuple[tuple[int, int], Response | Failure]]:
            done = []
            for job in batch:
                place = file.kept(job.item.id, job.key) if isinstance(job.item, Response) else None
                if place is not None:
                    done.append((place, _kept(job.item, file.row_at(place))))
                else:
                    answer = await asking.answer(job)
                    done.append((file.append(_line(answer, keep_prompts), job.key), answer))
            return done

        places = []
        jobs = ([job] for job in asking.jobs(records))
        try:
            for place, answer in each_in_order(jobs, work, in_flight=_AHEAD * session.max_in_flight):
                places.append(place)
                if progress is not None:
                    progress(answer)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"the answers until then are in {file.growing}; --resume goes on") from None
        except RunStopped as stop:
            if not file.size:
                raise
            raise RunStopped(f"{stop}; the answers until then are in {file.growing}; --resume goes on") from stop
        file.finish(places)
    return cost_since(session.spent().get(_STAGE, Cost()), before)


@dataclass(frozen=True, slots=True)
class _Job:
    """One answer to ask for, or what stands in its place; ``key`` names what is asked, of whom and how."""

    item: Response | Failure
    request: ChatRequest
    key: str = ""
    sample: int = 0


@dataclass(frozen=True, slots=True)
class _Asking:
    """How prompts become answers."""

    session: ChatSession
    system: str | None
    samples: int
    max_tokens: int | None
    temperature: float | None
    options: dict[str, Any]

    def __post_init__(self) -> None:
        for name in ("samples", "max_tokens"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise InputError(f"found {value!r}", wanted="a whole number, 1 or more", field=name)

    def jobs(self, records: Iterable[Response | Failure]) -> Iterator[_Job]:
        """What is to be asked, in order."""
        seen: set[str] = set()
        for record in records:
            if isinstance(record, Failure):
                yield _Job(record, ChatRequest(()))
                continue
            for sample in range(1, self.samples + 1):
                id = record.id if sample == 1 else f"{record.id}#{sample}"
                if id in seen:
                    message = f"the id {id!r} is that of another sample as well; name the prompts otherwise"
                    yield _Job(Failure("input", "duplicate_id", message, id), ChatRequest(()))
                    continue
                seen.add(id)
                yield self._job(replace(record, id=id), sample - 1)

    def _job(self, prompt: Response, sample: int) -> _Job:
        messages = prompt.messages or ({"role": "user", "content": prompt.prompt or ""},)
        if self.system is not None and not any(m["role"] == "system" for m in messages):
            messages = ({"role": "system", "content": self.system}, *messages)
        request = ChatRequest(
            messages, max_tokens=self.max_tokens, temperature=self.temperature, options=self.options, likely=_likely
        )
        asked = [self.session.name, list(map(dict, messages)), self.max_tokens, self.temperature, self.options]
        return _Job(prompt, request, derived_id(json.dumps(asked, sort_keys=True)), sample)

    async def answer(self, job: _Job) -> Response | Failure:
        """Ask."""
        prompt = job.item
        if isinstance(prompt, Failure):
            return prompt
        with counted(job.sample):
            reply, cost = await self.session.chat(job.request, stage=_STAGE, item_id=prompt.id)
        if isinstance(reply, Failure):
            return replace(reply, item_id=prompt.id, cost=cost)
        return _response(prompt, reply, cost, self.session.name)


def _response(prompt: Response, reply: ChatReply, cost: Cost, name: str) -> Response:
    usage = {
        "prompt_tokens": cost.prompt_tokens,
        "completion_tokens": cost.completion_tokens,
        "calls": cost.calls,
        "seconds": round(cost.seconds, 3),
        "dollars": cost.dollars,
    }
    about: dict[str, Any] = {"finish_reason": reply.finish_reason, "usage": usage}
    if reply.reasoning:
        about["reasoning"] = reply.reasoning
    return replace(prompt, text=reply.text, model=name, metadata={**prompt.metadata, **about})


def _likely() -> str:
    """About as long as answers to health questions are, where nothing else is known: some 350 tokens."""
    return "This depends on the person, the dose and the reason it is taken for. " * 24


def _line(answer: Response | Failure, keep_prompts: bool) -> dict[str, Any]:
    """An answer as it is written; bare of what was asked where that is not to be."""
    from halueval.io import answer_line

    if keep_prompts or isinstance(answer, Failure):
        return answer_line(answer)
    about = {name: value for name, value in answer.metadata.items() if name in _ABOUT_THE_CALL}
    line = answer_line(replace(answer, prompt=None, messages=(), context=(), metadata=about))
    return {name: value for name, value in line.items() if name != "prompt"}


def _kept(prompt: Response | Failure, row: dict[str, Any]) -> Response | Failure:
    """An earlier answer, from its line."""
    if isinstance(prompt, Failure):
        return prompt
    return replace(prompt, text=row["response"], model=row["model"], metadata={**prompt.metadata, **row["metadata"]})


def _read(prompts: object, columns: Mapping[str, str] | None) -> Any:
    from halueval.io import read_prompts

    if unknown := sorted(set(columns or {}) - set(_ROLES)):
        found = f"columns names {', '.join(map(repr, unknown))}"
        raise InputError(found, wanted=f"some of {', '.join(_ROLES)}", field="columns")
    return read_prompts(prompts, **(columns or {}))
