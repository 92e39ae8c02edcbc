"""One result as a page shows it: the pieces of its text, its claims, the evidence beside each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from halueval.records import Claim, Evidence, Failure, Outcome, Quote, Response, Result, Search, Verdict
from halueval.report.segments import Excerpt, excerpts, segments
from halueval.report.wording import KINDS, STATES, KindName, claims_with_outcomes, kind_of, one_line, plural

__all__ = ["AnswerView", "ClaimView", "EvidenceView", "Marker", "Piece", "answer_view", "safe_url"]

_PASSAGES_SHOWN = 5
_LABEL_WORDS = {"supported": "supported", "refuted": "refuted", "not_enough_info": "not enough information"}
_QUESTION_SHOWN, _REPLY_SHOWN = 280, 1000


@dataclass(frozen=True, slots=True)
class Marker:
    """The small number after the last characters of a claim, which leads to the claim."""

    number: int
    kind: KindName
    anchor: str
    href: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of the answer; ``kind`` is the gravest of the claims that cover them, None where none does."""

    text: str
    kind: KindName | None
    claims: str
    markers: tuple[Marker, ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A passage as shown: whence it is, which characters, and what of it."""

    title: str
    url: str
    about: str
    place: str
    excerpts: tuple[Excerpt, ...]
    length: int


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim as shown, with what became of it."""

    number: int
    kind: KindName
    anchor: str
    back: str
    text: str
    note: str
    probabilities: tuple[tuple[str, float], ...]
    calibrated: bool
    verifier: str
    deciding: tuple[EvidenceView, ...]
    others: tuple[EvidenceView, ...]
    unseen: int
    reply: str
    votes: tuple[tuple[str, str], ...]
    searches: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer as shown."""

    number: int
    anchor: str
    id: str
    model: str
    group: str
    question: str
    long_question: bool
    state: str
    failure: str
    reply: str
    notes: tuple[str, ...]
    pieces: tuple[Piece, ...]
    claims: tuple[ClaimView, ...]
    tally: tuple[tuple[KindName, int], ...]


def answer_view(result: Result, number: int) -> AnswerView:
    """Everything that a page says about one result; text is as given, to be escaped by the template."""
    anchor = f"a{number}"
    pairs = list(claims_with_outcomes(result))
    kinds = [kind_of(claim, outcome) for claim, outcome in pairs]
    counts = Counter(kinds)
    response, extraction = result.response, result.extraction
    question = _question(response)
    return AnswerView(
        number=number,
        anchor=anchor,
        id=response.id,
        model=response.model or "",
        group=response.group or "",
        question=question,
        long_question=len(question) > _QUESTION_SHOWN,
        state="" if result.state == "claims" else STATES[result.state],
        failure=_failure_text(extraction.failure) if extraction.failure else "",
        reply=_reply(extraction.failure),
        notes=extraction.warnings,
        pieces=_pieces(response.text, [claim for claim, _ in pairs], kinds, anchor),
        claims=tuple(
            _claim_view(claim, outcome, kind, i, anchor, response.text)
            for i, ((claim, outcome), kind) in enumerate(zip(pairs, kinds, strict=True), 1)
        ),
        tally=tuple((kind, counts[kind]) for kind in KINDS if counts[kind]),
    )


def safe_url(url: str) -> str:
    """The URL if it is plain http(s) that a link may carry, else an empty text.

    Examples
    --------
    >>> safe_url("https://example.org/a"), safe_url("javascript:alert(1)"), safe_url("https://[")
    ('https://example.org/a', '', '')
    """
    if not url.isprintable() or " " in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def _question(response: Response) -> str:
    if response.prompt:
        return response.prompt
    asked = [str(m.get("content", "")) for m in response.messages if m.get("role") == "user"]
    return asked[-1] if asked else ""


def _failure_text(failure: Failure) -> str:
    tries = f", {plural(failure.attempts, 'attempt')}" if failure.attempts > 1 else ""
    return f"{failure.stage} failed ({failure.kind.replace('_', ' ')}{tries}): {failure.message}"


def _pieces(text: str, claims: Sequence[Claim], kinds: Sequence[KindName], anchor: str) -> tuple[Piece, ...]:
    ends: dict[int, list[Marker]] = {}
    for i, (claim, kind) in enumerate(zip(claims, kinds, strict=True)):
        last = max((min(s.end, len(text)) for s in claim.spans if s.start < min(s.end, len(text))), default=None)
        if last is not None:
            ends.setdefault(last, []).append(Marker(i + 1, kind, f"{anchor}-t{i + 1}", f"#{anchor}-c{i + 1}"))
    pieces = []
    for segment in segments(len(text), ((i, span) for i, claim in enumerate(claims) for span in claim.spans)):
        gravest = next((k for k in KINDS if any(kinds[i] == k for i in segment.owners)), None)
        said = ", ".join(f"{i + 1} {KINDS[kinds[i]].word}" for i in segment.owners)
        markers = tuple(ends.get(segment.end, ()))
        pieces.append(Piece(text[segment.start : segment.end], gravest, said, markers))
    return tuple(pieces)


def _claim_view(
    claim: Claim, outcome: Outcome | None, kind: KindName, number: int, anchor: str, text: str
) -> ClaimView:
    placed = any(s.start < min(s.end, len(text)) for s in claim.spans)
    verdict = outcome if isinstance(outcome, Verdict) else None
    deciding, others = _split_evidence(verdict) if verdict else ((), ())
    return ClaimView(
        number=number,
        kind=kind,
        anchor=f"{anchor}-c{number}",
        back=f"#{anchor}-t{number}" if placed else "",
        text=claim.text,
        note=_note(claim, outcome),
        probabilities=_probabilities(verdict),
        calibrated=verdict is not None and verdict.calibrated,
        verifier=verdict.verifier if verdict else "",
        deciding=deciding,
        others=others[:_PASSAGES_SHOWN],
        unseen=max(0, len(others) - _PASSAGES_SHOWN),
        reply=_reply(outcome),
        votes=tuple((who, _vote_word(vote)) for who, vote in verdict.votes.items()) if verdict else (),
        searches=tuple((s.query, _found(s)) for s in verdict.searches) if verdict else (),
    )


def _reply(outcome: object) -> str:
    """What the model said where that was no answer."""
    reply = outcome.reply if isinstance(outcome, Failure) else ""
    return reply if len(reply) <= _REPLY_SHOWN else reply[:_REPLY_SHOWN] + " …"


def _vote_word(vote: str) -> str:
    return _LABEL_WORDS.get(vote) or vote.replace("_", " ")


def _found(search: Search) -> str:
    return f"round {search.round}, {plural(len(search.hits), 'passage')}"


def _note(claim: Claim, outcome: Outcome | None) -> str:
    if isinstance(outcome, Failure):
        return _failure_text(outcome)
    if isinstance(outcome, Verdict):
        return outcome.reason
    return (claim.reason or "no reason given").replace("_", " ")


def _probabilities(verdict: Verdict | None) -> tuple[tuple[str, float], ...]:
    if verdict is None or verdict.probabilities is None:
        return ()
    given = verdict.probabilities
    return tuple((word, float(given[label])) for label, word in _LABEL_WORDS.items() if label in given)  # type: ignore[index]


def _split_evidence(verdict: Verdict) -> tuple[tuple[EvidenceView, ...], tuple[EvidenceView, ...]]:
    """The passages that decided (those quoted, else the first) and the others that were considered."""
    quotes: dict[int, list[Quote]] = {}
    for quote in verdict.quotes:
        quotes.setdefault(quote.evidence, []).append(quote)
    chosen = [i for i in range(len(verdict.evidence)) if i in quotes] or [0]
    deciding = [_evidence_view(e, quotes.get(i, [])) for i, e in enumerate(verdict.evidence) if i in chosen]
    others = [_evidence_view(e, [], limit=280) for i, e in enumerate(verdict.evidence) if i not in chosen]
    return tuple(deciding), tuple(others)


def _evidence_view(evidence: Evidence, quotes: Sequence[Quote], limit: int = 1200) -> EvidenceView:
    return EvidenceView(
        title=one_line(evidence.title, 160) or evidence.doc_id or "untitled",
        url=safe_url(evidence.url),
        about=" · ".join(one_line(part, 120) for part in (evidence.source, evidence.date) if part),
        place=f"{one_line(evidence.doc_id, 80)}, characters {evidence.span.start}–{evidence.span.end}",
        excerpts=excerpts(evidence.text, quotes, limit=limit),
        length=len(evidence.text),
    )
