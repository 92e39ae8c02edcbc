"""The honest baseline: every sentence is one claim, as it was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from halueval.claim_extraction.assembly import ParsedPassage, Statement, extract_batch, said_reason, whole
from halueval.claim_extraction.parses import has_predicate
from halueval.records import Extraction, Response

__all__ = ["SentencesExtractor"]


class SentencesExtractor:
    """One claim per sentence, with the same checkworthiness and annotations as the rules.

    Parameters
    ----------
    pipeline : str, optional
        A spaCy pipeline by its import name; the best installed one by default.
    include_reasoning : bool
        Whether what stands in a reasoning trace is part of the answer.

    Examples
    --------
    >>> (extraction,) = SentencesExtractor().extract([Response("a", "Hello! Aspirin thins the blood and eases pain.")])
    >>> [(claim.text, claim.checkworthy) for claim in extraction.claims]
    [('Hello!', False), ('Aspirin thins the blood and eases pain.', True)]
    """

    def __init__(self, pipeline: str | None = None, *, include_reasoning: bool = False) -> None:
        self.pipeline = pipeline
        self.include_reasoning = include_reasoning

    @property
    def name(self) -> str:
        return "sentences"

    def extract(self, responses: Sequence[Response]) -> list[Extraction]:
        """One extraction per response, in order."""
        return extract_batch(
            responses,
            name=self.name,
            split=_split,
            pipeline=self.pipeline,
            include_reasoning=self.include_reasoning,
        )


def _split(response: Response, parsed: Sequence[ParsedPassage]) -> Iterator[tuple[ParsedPassage, list[Statement]]]:
    for each in parsed:
        sentence = whole(each.passage, response.text)
        predicate = each.parse is None or has_predicate(each.parse)
        reason = said_reason(each.passage, sentence.text, has_predicate=predicate)
        tokens = each.parse.everything if each.parse else 0
        yield each, [replace(sentence, reason=reason, tokens=tokens)]
