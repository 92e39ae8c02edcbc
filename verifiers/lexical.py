"""The lexical verifier: the floor that every other verifier must beat.

A small scikit-learn model over overlap, entity, number, negation and direction features of the claim and each document
(:mod:`halueval.verifiers.features`). It was trained by ``training/lexical/train.py``; its weights are the readable
file ``lexical_weights.json`` beside this module and are walked with NumPy, so scikit-learn isn't needed to verify. It
reads words, not meaning: it knows no synonym outside a small table and can't follow an argument.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from halueval.records import (
    LABELS,
    ClaimWithEvidence,
    Failure,
    Label,
    Outcome,
    Quote,
    Span,
    Verdict,
)
from halueval.verifiers.claims import Idf, Reading, read_claim
from halueval.verifiers.combination import Opinion, combine
from halueval.verifiers.documents import Document, read_document
from halueval.verifiers.explanation import explain
from halueval.verifiers.features import FEATURES, Compared, compare, matrix
from halueval.verifiers.reading import READ_LIMIT, Sentence, passage_stems, read_passage
from halueval.verifiers.retrieved import RETRIEVED_SHARE, doubt
from halueval.verifiers.trees import Trees

__all__ = ["LexicalVerifier", "lexical_chances", "trained_idf"]

_CACHED_LIMIT = 20_000  # characters; longer documents are read anew each time, so that the cache stays small


@dataclass(frozen=True, slots=True)
class _Source:
    """The pieces of evidence with one doc_id, read as one document: where each sentence stands."""

    doc_id: str
    document: Document
    places: tuple[int, ...]  # index of the piece of evidence that each sentence is in
    partly: bool  # only the beginning was read
    retrieved: bool  # a search found it; nobody said that it is about the claim


class LexicalVerifier:
    """Judges claims by the words they share with the evidence, and by the cues for numbers, negation and direction.

    Pieces of evidence with the same ``doc_id`` are read as one document, in the order given; documents are judged one
    by one and combined by the rule in :mod:`halueval.verifiers.combination`. Of each document at most
    :data:`~halueval.verifiers.reading.READ_LIMIT` characters are read; where that cuts something off, the reason says
    so.

    Evidence that a search found (it has a ``rank``) isn't known to be about the claim. Such a document decides only
    where its best sentence holds enough of the claim's weight, its text or title names the claim's weightiest word, its
    label is likely enough, and, to support, it gives every amount that the claim gives
    (:mod:`halueval.verifiers.retrieved`). Where none may decide, the verdict is *not enough info*, without
    probabilities, and the reason says what was missing.

    Notes
    -----
    A claim without evidence, or with evidence that has no words, is *not enough info* with the reason "no evidence";
    the model isn't asked and there are no probabilities. Probabilities are calibrated on rows that were held out of
    training, whose evidence was given with the claim; on retrieved evidence they say that they are not. Those of a
    verdict that rests on documents which disagree are a mean of calibrated ones.

    Examples
    --------
    >>> from halueval.records import Claim, ClaimWithEvidence, Evidence, Span
    >>> text = "Aspirin significantly reduced the risk of stroke compared with placebo (p < 0.001)."
    >>> found = Evidence("trial", text, Span(0, len(text)))
    >>> claims = [Claim("1", "r", "Aspirin reduced the risk of stroke."), Claim("2", "r", "Goats eat grass.")]
    >>> [v.label for v in LexicalVerifier().verify([ClaimWithEvidence(c, (found,)) for c in claims])]
    ['supported', 'not_enough_info']
    """

    name = "lexical"

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """One verdict per item, in order.

        Parameters
        ----------
        items : sequence of ClaimWithEvidence

        Returns
        -------
        list of Verdict or Failure
            A failure only for an item that isn't a claim with text evidence.
        """
        model = _model()
        readable = [_try_read(item, model.idf) for item in items]
        compared = [c for read in readable if isinstance(read, _Read) for c in read.compared]
        probabilities = model.probabilities(matrix(compared)) if compared else np.zeros((0, len(LABELS)))
        outcomes: list[Outcome] = []
        position = 0
        for item, read in zip(items, readable, strict=True):
            if isinstance(read, Failure):
                outcomes.append(read)
                continue
            count = len(read.compared)
            outcomes.append(_verdict(item, read, probabilities[position : position + count]))
            position += count
        return outcomes


@dataclass(frozen=True, slots=True)
class _Read:
    claim: Reading
    sources: tuple[_Source, ...]
    compared: tuple[Compared, ...]
    nearest_unread: float | None  # share of the claim in the closest of the found documents too far off to be read


def _try_read(item: ClaimWithEvidence, idf: Idf) -> _Read | Failure:
    if not isinstance(item.claim.text, str) or not all(isinstance(e.text, str) for e in item.evidence):
        message = "the claim or a piece of evidence isn't text; give both as str"
        return Failure("verification", "invalid_record", message, item.claim.id)
    claim = read_claim(item.claim.text[:READ_LIMIT], idf)
    pieces: dict[str, list[int]] = {}
    for i, piece in enumerate(item.evidence if claim.sentence.order else ()):
        pieces.setdefault(piece.doc_id, []).append(i)
    sources, unread = [], []
    for doc_id, indices in pieces.items():
        retrieved = any(item.evidence[i].rank is not None for i in indices)
        if retrieved:
            held = frozenset().union(*(_stems(item.evidence[i].text) for i in indices))
            share = claim.weight(claim.sentence.stems & held) / claim.total
            if held and share < RETRIEVED_SHARE:  # no sentence of it can hold more, so it couldn't decide
                unread.append(share)
                continue
        read = _together(tuple(item.evidence[i].text for i in indices), idf)
        if read is not None:
            document, places, partly = read
            sources.append(_Source(doc_id, document, tuple(indices[k] for k in places), partly, retrieved))
    return _Read(claim, tuple(sources), tuple(compare(claim, s.document) for s in sources), max(unread, default=None))


_stems = lru_cache(maxsize=4096)(passage_stems)


def _together(texts: tuple[str, ...], idf: Idf) -> tuple[Document, tuple[int, ...], bool] | None:
    """Texts as one document, the text that each sentence is in, and whether only the beginning was read."""
    return _read(texts, idf) if sum(map(len, texts)) > _CACHED_LIMIT else _read_cached(texts, idf)


def _read(texts: tuple[str, ...], idf: Idf) -> tuple[Document, tuple[int, ...], bool] | None:
    sentences: list[Sentence] = []
    places: list[int] = []
    left = READ_LIMIT
    for i, text in enumerate(texts):
        if left <= 0:
            break
        read = read_passage(text[:left])
        left -= len(text)
        sentences.extend(read)
        places.extend([i] * len(read))
    return (read_document(sentences, idf), tuple(places), left < 0) if sentences else None


_read_cached = lru_cache(maxsize=4096)(_read)  # the same passage answers many claims


def _verdict(item: ClaimWithEvidence, read: _Read, probabilities: NDArray[np.float64]) -> Verdict:
    if not read.sources and read.nearest_unread is None:
        reason = "no evidence" if read.claim.sentence.order else "the claim has no words"
        return _open(item, reason)
    opinions, heard, doubts = [], [], []
    for i, (source, compared, row) in enumerate(zip(read.sources, read.compared, probabilities, strict=True)):
        chances: dict[Label, float] = dict(zip(LABELS, row.tolist(), strict=True))
        label = Opinion(source.doc_id, chances).label
        pieces = [item.evidence[k] for k in sorted(set(source.places))]
        if source.retrieved and (
            why := doubt(
                read.claim, item.claim.text, label, chances[label], compared.share, source.document.stems, pieces
            )
        ):
            doubts.append((compared.share, -i, why))
            continue
        heard.append(i)
        opinions.append(Opinion(source.doc_id, chances, explain(label, read.claim, source.document, compared)))
    if not doubts and not opinions:
        reason = f"the closest passage found holds {read.nearest_unread:.0%} of the claim's words, too few to decide"
        return _open(item, reason)
    if doubts and all(opinion.label == "not_enough_info" for opinion in opinions):
        _, nearest, why = max(doubts)  # the passage that came closest is shown, and why it may not decide
        return _open(item, why, _quotes(read, [-nearest]))
    combined = combine(opinions)
    unread = [s.doc_id for s in read.sources if s.partly]
    note = f"; only the first {READ_LIMIT:,} characters of {', '.join(unread)} were read" if unread else ""
    return Verdict(
        item.claim.id,
        combined.label,
        dict(combined.probabilities),
        calibrated=not any(source.retrieved for source in read.sources),
        evidence=item.evidence,
        quotes=_quotes(read, [heard[i] for i in combined.deciding]),
        reason=combined.reason + note,
        verifier=LexicalVerifier.name,
    )


def lexical_chances(pairs: Sequence[tuple[Reading, tuple[str, ...]]]) -> NDArray[np.float64]:
    """What the lexical model says about claims by documents: for another verifier to weigh beside its own word.

    Parameters
    ----------
    pairs : sequence of (Reading, tuple of str)
        A claim that was read with :func:`trained_idf`, and the pieces of one document.

    Returns
    -------
    array of shape (n, 3)
        Supported, refuted, not enough info; NaN where the document has no sentence.

    Examples
    --------
    >>> claim = read_claim("Aspirin reduced the risk of stroke.", trained_idf())
    >>> document = ("Aspirin significantly reduced the risk of stroke compared with placebo (p < 0.001).",)
    >>> chances = lexical_chances([(claim, document), (claim, ("",))])
    >>> LABELS[int(chances[0].argmax())], bool(np.isnan(chances[1]).all())
    ('supported', True)
    """
    model = _model()
    found = [_together(texts, model.idf) for _, texts in pairs]
    compared = [compare(claim, read[0]) for (claim, _), read in zip(pairs, found, strict=True) if read is not None]
    chances = np.full((len(pairs), len(LABELS)), np.nan)
    if compared:
        chances[[read is not None for read in found]] = model.probabilities(matrix(compared))
    return chances


def _open(item: ClaimWithEvidence, reason: str, quotes: tuple[Quote, ...] = ()) -> Verdict:
    """Not enough info that the model wasn't asked about, or wasn't heard on: no probabilities."""
    return Verdict(
        item.claim.id,
        "not_enough_info",
        evidence=item.evidence,
        quotes=quotes,
        reason=reason,
        verifier=LexicalVerifier.name,
    )


def _quotes(read: _Read, deciding: Iterable[int]) -> tuple[Quote, ...]:
    quotes = []
    for i in deciding:
        source, compared = read.sources[i], read.compared[i]
        if compared.share <= 0:
            continue
        for k in (compared.best,) if compared.second is None else sorted((compared.best, compared.second)):
            sentence = source.document.sentences[k]
            quotes.append(Quote(source.places[k], Span(sentence.start, sentence.end)))
    return tuple(quotes)


class _Model:
    """The weights file in use."""

    def __init__(self) -> None:
        weights = _weights()
        if tuple(weights["features"]) != FEATURES or tuple(weights["labels"]) != LABELS:
            raise ValueError("lexical_weights.json was made for other features; run training/lexical/train.py again")
        self.idf = trained_idf()
        self._trees = Trees(weights["start"], weights["trees"])

    def probabilities(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Supported, refuted, not enough info for each row; each row sums to 1."""
        scores = self._trees.scores(rows)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return chances


@cache
def trained_idf() -> Idf:
    """How rare stems are in the documents that the weights were trained on.

    Examples
    --------
    >>> trained_idf()("the") < 0.1 < trained_idf()("warfarin")
    True
    """
    return Idf(_weights()["documents"], _weights()["documents_with"])


@cache
def _model() -> _Model:
    return _Model()


@cache
def _weights() -> dict[str, Any]:
    text = files("halueval.verifiers").joinpath("lexical_weights.json").read_text(encoding="utf-8")
    weights: dict[str, Any] = json.loads(text)
    return weights
