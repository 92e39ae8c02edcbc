"""Claims that a chat model wrote, made records the way the rules' are: the same ids, cues, entities and quantities.

What a claim says of itself (negated, hedged) is read from its text; what it rests on (entities, quantities, condition,
population) from the answer's own words in its spans, never from the model's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_

from halueval.claim_extraction.assembly import ParsedPassage, ReadAnswer, Statement, annotated
from halueval.claim_extraction.assembly import read_answer as _read
from halueval.claim_extraction.checkworthiness import not_checkworthy
from halueval.claim_extraction.passages import Passage
from halueval.claim_extraction.rules import tokens_of
from halueval.records import Claim, Response, Span
from halueval.text.pipeline import load_pipeline

__all__ = ["annotate", "read_answer"]

_one_at_a_time = threading.Lock()  # a spaCy pipeline adds to its store of strings as it parses


def read_answer(response: Response, pipeline: str | None = None, *, include_reasoning: bool = False) -> ReadAnswer:
    """A response's sentences, parsed, with entities and quantities; may be called from several threads.

    Parameters
    ----------
    response : Response
        Any text; an empty one, and a reasoning trace without an answer, has no passages.
    pipeline : str, optional
        A spaCy pipeline by its import name; the best installed one by default.
    include_reasoning : bool
        Whether what stands in a reasoning trace is part of the answer.

    Raises
    ------
    halueval.errors.PluginError
        When a pipeline of this name is not installed.

    Examples
    --------
    >>> answer = read_answer(Response("r", "<think>Hm.</think>Take 5 mg. It helps."))
    >>> [p.passage.text for p in answer.passages]
    ['Take 5 mg.', 'It helps.']
    """
    nlp = load_pipeline(pipeline)
    with _one_at_a_time:
        return _read(response, nlp, include_reasoning=include_reasoning)


def annotate(answer: ReadAnswer, statements: Iterable[Statement]) -> tuple[Claim, ...]:
    """The claims of a response, in the order of the statements.

    Parameters
    ----------
    answer : ReadAnswer
        From :func:`read_answer`.
    statements : iterable of Statement
        Text, spans and, where the claim is not checkworthy, why. A statement that gives no reason is judged by the same
        rules as any other extractor's (:func:`halueval.claim_extraction.checkworthiness.not_checkworthy`). One without
        spans could not be placed: it has no entities, quantities, condition or population. ``tokens`` is worked out
        here and not read.

    Examples
    --------
    >>> text = "It may cause nausea if 500 mg is taken without food."
    >>> said = Statement("Metformin may cause nausea if 500 mg is taken without food.", (Span(0, len(text)),))
    >>> (claim,) = annotate(read_answer(Response("r", text)), [said])
    >>> claim.hedged, claim.condition, [q.unit for q in claim.quantities]
    (True, 'if 500 mg is taken without food', ['mg'])
    """
    return annotated(answer, _placed(answer.passages, statements))


def _placed(
    passages: Sequence[ParsedPassage], statements: Iterable[Statement]
) -> Iterator[tuple[ParsedPassage, tuple[Statement]]]:
    """Each statement with the passage it was made in, and with what is named and measured in the others it spans."""
    for statement in statements:
        reason = statement.reason or not_checkworthy(statement.text)
        touched = [p for p in passages if _overlap(p.passage.span, statement.spans)]
        if not touched:
            yield _NOWHERE, (replace(statement, reason=reason, tokens=0),)
            continue
        main = max(touched, key=lambda p: _overlap(p.passage.span, statement.spans[:1]))
        seen = replace(
            main,
            entities=tuple(dict.fromkeys(e for p in touched for e in p.entities)),
            quantities=tuple(dict.fromkeys(q for p in touched for q in p.quantities)),
        )
        tokens = 0
        if main.parse is not None:
            masks = (tokens_of(main.parse, main.passage, span) for span in statement.spans)
            tokens = reduce(or_, masks, 0) & main.parse.everything
        yield seen, (replace(statement, reason=reason, tokens=tokens),)


_NOWHERE = ParsedPassage(Passage(Span(0, 0), "", range(1)), None)


def _overlap(span: Span, spans: Sequence[Span]) -> int:
    """How many characters two places share."""
    return sum(max(0, min(span.end, s.end) - max(span.start, s.start)) for s in spans)
