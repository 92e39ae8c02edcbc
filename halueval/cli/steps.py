"""The steps of the line that stand alone: ``extract`` and ``verify``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import typer

from halueval.cli.chat import ChatOptions, JudgeOptions, open_model, open_models, with_options
from halueval.cli.forecasts import forecast_instead
from halueval.cli.options import (
    ContextColumn,
    ExtractorName,
    GroupColumn,
    IdColumn,
    MessagesColumn,
    ModelColumn,
    OutputFile,
    Overwrite,
    PromptColumn,
    Resume,
    TextColumn,
    VerifierName,
)
from halueval.cli.session import Failures, resumable, say
from halueval.errors import InputError, RunStopped
from halueval.progress import progress
from halueval.records import Extraction, Failure, Response, derived_id

__all__ = ["extract", "verify"]

T = TypeVar("T")
R = TypeVar("R")
Row = dict[str, Any]


@with_options
def extract(
    answers: Annotated[
        str, typer.Argument(metavar="ANSWERS", help="JSONL (also .gz), JSON, Parquet or CSV; - is stdin, JSONL.")
    ],
    output: OutputFile = "-",
    extractor: ExtractorName = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    chat: ChatOptions = ChatOptions(),  # noqa: B008 (typer makes it)
    text: TextColumn = None,
    prompt: PromptColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    model: ModelColumn = None,
    group: GroupColumn = None,
    context: ContextColumn = None,
) -> None:
    """Split answers into atomic claims.

    Writes a line per answer, in order: {"id", "claims": [{"id", "text", "spans": [[start, end], …], "checkworthy",
    "reason", "negated", "hedged", "condition", "population", "entities", "quantities", …}]}. Spans are characters of
    the answer, end exclusive. A claim that isn't checkworthy says why. An answer that could not be read or split is
    {"id", "failure"}; an empty answer has no claims and is no failure.

    \b
    Example:
      halueval extract answers.jsonl -o claims.jsonl
      halueval extract answers.parquet --text-column output --extractor sentences | head
    """
    from halueval.io import check_writable, claims_line, failure_line, read_responses
    from halueval.line import extract_each
    from halueval.plugins import load_extractor

    check_writable(output)
    session = open_model(chat)
    name = extractor or ("rules" if session is None else "hybrid")
    splitter = load_extractor(name, chat=session)
    responses = read_responses(
        answers, text=text, prompt=prompt, messages=messages, id=id, model=model, group=group, context=context
    )
    say(f"reading {responses.columns}")
    failures = Failures()

    def line(response: Response | Failure, item: Extraction | Failure) -> Row:
        failures.see(item.failure if isinstance(item, Extraction) else item)
        return failure_line(item) if isinstance(item, Failure) else claims_line(item)

    def asked(response: Response) -> str:
        who = None if session is None else session.name
        return derived_id(splitter.name, who, response.text, response.prompt, repr(response.messages))

    def write(items: Iterable[Response | Failure]) -> None:
        step = _Step(items, lambda some: extract_each(some, splitter), line, lambda r: (r.id, asked(r)))
        step.write(output, "answers", resume=resume, overwrite=overwrite, paid=session is not None)

    if forecast_instead(
        chat,
        lambda: list(responses),
        (session,),
        dry=lambda sessions, some: list(extract_each(some, load_extractor(name, chat=sessions[0]))),
        keep=lambda sessions, some: write(some),
        unit="answers",
    ):
        return
    write(responses)
    failures.finish(output)


@with_options
def verify(
    pairs: Annotated[
        str, typer.Argument(metavar="PAIRS", help="JSONL (also .gz), JSON, Parquet or CSV; - is stdin, JSONL.")
    ],
    output: OutputFile = "-",
    verifier: VerifierName = None,
    evidence: Annotated[
        str | None,
        typer.Option("--evidence", "-e", metavar="INDEX|CORPUS", help="Where a verifier that searches searches."),
    ] = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    chat: ChatOptions = ChatOptions(),  # noqa: B008
    judge: JudgeOptions = JudgeOptions(),  # noqa: B008
) -> None:
    """Judge claims by the evidence given with them.

    Reads {"id", "claim", "evidence"}: the evidence is a text; a list of texts, the sentences of one document; or a
    list of {"text", "doc_id", "title", "source"}, passages of their own. Other fields, a gold label too, are not read.

    Writes a line per pair, in order: {"id", "label", "probabilities", "calibrated", "reason", "verifier", "cost",
    "quotes": [{"evidence", "span", "text"}]}; the label is supported, refuted or not_enough_info; a quote names the
    piece of evidence by its place in the list and the characters that decided. A pair that could not be read or
    judged is {"id", "failure"}. Without evidence the label is not_enough_info, by definition.

    \b
    Example:
      halueval verify pairs.jsonl -o verdicts.jsonl
      halueval verify pairs.jsonl.gz --verifier quantities -o verdicts.jsonl
    """
    from halueval.evidence import open_evidence
    from halueval.io import Pair, check_writable, failure_line, read_pairs, verdict_line
    from halueval.line import verify_each
    from halueval.plugins import load_verifier

    check_writable(output)
    session, chats = open_models(chat, judge)
    name = verifier or ("cascade" if not chats else "judge" if len(chats) == 1 else "panel")
    finder = None if evidence is None else open_evidence(evidence)
    checker = load_verifier(name, chats=chats, retriever=finder)
    failures = Failures()

    def line(pair: Pair | Failure, outcome: Any) -> Row:
        failures.see(outcome)
        return (
            failure_line(pair) if isinstance(pair, Failure) else verdict_line(pair.id, outcome, pair.places_of(outcome))
        )

    def asked(pair: Pair) -> str:
        passages = [(e.doc_id, e.text) for e in pair.item.evidence]
        return derived_id(checker.name, repr([c.name for c in chats]), pair.item.claim.text, repr(passages))

    def judged(items: Iterable[Pair | Failure], checker: Any) -> Iterator[Any]:
        return verify_each((i if isinstance(i, Failure) else i.item for i in items), checker)

    def write(items: Iterable[Pair | Failure]) -> None:
        step = _Step(items, lambda some: judged(some, checker), line, lambda p: (p.id, asked(p)))
        step.write(output, "pairs", resume=resume, overwrite=overwrite, paid=bool(chats))

    if forecast_instead(
        chat,
        lambda: list(read_pairs(pairs)),
        chats,
        dry=lambda sessions, some: list(judged(some, load_verifier(name, chats=sessions, retriever=finder))),
        keep=lambda sessions, some: write(some),
        unit="pairs",
    ):
        return
    write(read_pairs(pairs))
    failures.finish(output)


@dataclass(frozen=True, slots=True)
class _Step(Generic[T, R]):
    """Items in, a line for each out; ``key`` gives an item's id and what names the work that is done on it."""

    items: Iterable[T | Failure]
    work: Callable[[Iterable[T | Failure]], Iterator[R | Failure]]
    line: Callable[[T | Failure, R | Failure], Row]
    key: Callable[[T], tuple[str, str]]

    def write(self, output: str, unit: str, *, resume: bool, overwrite: bool, paid: bool) -> None:
        """Do the work and write the lines; what was paid for is kept as it comes."""
        from halueval.io import write_jsonl

        with progress(unit) as advance:
            if paid and output != "-":
                with resumable(f"{output}.partial"):
                    self._grow(output, resume, overwrite, advance)
            elif resume:
                raise InputError("--resume, and nothing that is kept", wanted="--model, and a file to write to")
            else:
                write_jsonl(output, self._lines(advance))

    def _lines(self, advance: Callable[[int], None]) -> Iterator[Row]:
        waiting: deque[T | Failure] = deque()

        def noted() -> Iterator[T | Failure]:
            for item in self.items:
                waiting.append(item)
                yield item

        for result in self.work(noted()):
            advance(1)
            yield self.line(self._taken(waiting, result), result)

    def _grow(self, output: str, resume: bool, overwrite: bool, advance: Callable[[int], None]) -> None:
        from halueval.io import GrowingFile

        with GrowingFile(output, resume=resume, overwrite=overwrite) as file:
            places: list[Any] = []
            waiting: deque[T | Failure] = deque()
            numbers: deque[int] = deque()

            def fresh() -> Iterator[T | Failure]:
                for item in self.items:
                    places.append(None if isinstance(item, Failure) else file.kept(*self.key(item)))
                    if places[-1] is None:
                        waiting.append(item)
                        numbers.append(len(places) - 1)
                        yield item
                    else:
                        advance(1)

            try:
                for result in self.work(fresh()):
                    item = self._taken(waiting, result)
                    while len(numbers) > len(waiting) + 1:
                        numbers.popleft()
                    asked = "" if isinstance(item, Failure) else self.key(item)[1]
                    places[numbers.popleft()] = file.append(self.line(item, result), asked)
                    advance(1)
            except KeyboardInterrupt:
                raise KeyboardInterrupt(f"what was finished is in {file.growing}; --resume goes on") from None
            except RunStopped as stop:
                if not file.size:
                    raise
                raise RunStopped(f"{stop}; what was finished is in {file.growing}; --resume goes on") from stop
            file.finish(places)

    def _taken(self, waiting: deque[T | Failure], result: R | Failure) -> T | Failure:
        """The item that a result is of: the next, or after a stop one that was finished behind those that were not."""
        of = next((name for name in ("response_id", "claim_id", "item_id") if hasattr(result, name)), "")
        id = getattr(result, of, None)
        place = next(
            (
                n
                for n, item in enumerate(waiting)
                if item is result or (not isinstance(item, Failure) and self.key(item)[0] == id)
            ),
            0,
        )
        for _ in range(place):
            waiting.popleft()
        return waiting.popleft()
