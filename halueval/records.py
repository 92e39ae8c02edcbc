"""What flows through halueval: responses, claims, evidence, verdicts, failures.

Records are frozen, slotted dataclasses without behaviour worth testing alone. They are validated where bytes come in
(:mod:`halueval.io`), never here. Offsets are Python string indices (code points), end exclusive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = [
    "FAILURE_KINDS",
    "LABELS",
    "NOT_CHECKWORTHY_REASONS",
    "ChatReply",
    "ChatRequest",
    "Claim",
    "ClaimWithEvidence",
    "Cost",
    "Entity",
    "Evidence",
    "Extraction",
    "ExtractorInfo",
    "Failure",
    "Label",
    "Outcome",
    "Quantity",
    "Quote",
    "Response",
    "Result",
    "Search",
    "Span",
    "State",
    "TokenLogprob",
    "Verdict",
    "cost_since",
    "derived_id",
    "group_of",
    "total_cost",
]

Label: TypeAlias = Literal["supported", "refuted", "not_enough_info"]
LABELS: tuple[Label, ...] = ("supported", "refuted", "not_enough_info")

Comparator: TypeAlias = Literal["=", "<", "<=", ">", ">=", "~"]
Temporality: TypeAlias = Literal["recent", "historical", "not particular"]
Experiencer: TypeAlias = Literal["patient", "family", "other"]
State: TypeAlias = Literal["claims", "nothing_checkworthy", "abstained", "failed"]
Stage: TypeAlias = Literal["input", "extraction", "retrieval", "verification", "generation", "grading"]
FailureKind: TypeAlias = Literal[
    "invalid_record",  # a record that is not what the format asks for
    "duplicate_id",  # a second record with an id already seen
    "plugin_error",  # an extractor, retriever or verifier raised or broke its contract
    "empty_reply",  # a chat model said nothing
    "unreadable_reply",  # a chat model said something that does not parse
    "refused",  # a chat model or its provider's filter declined
    "timeout",
    "rate_limited",
    "provider_error",
    "context_window",
    "budget",
    "cancelled",
    "injected",  # a reply that only an instruction hidden in an answer or in evidence can have caused
]
FAILURE_KINDS: tuple[FailureKind, ...] = FailureKind.__args__  # type: ignore[attr-defined]

NOT_CHECKWORTHY_REASONS: tuple[str, ...] = (
    "greeting",  # hello, thank you, best wishes
    "question",
    "empathy",  # I am sorry to hear that
    "disclaimer",  # this is not medical advice
    "referral",  # see your doctor, with nothing concrete in it
    "refusal",  # I cannot help with that: the response abstained
    "meta",  # about the answer or the conversation itself: "Here are some points", "I spoke to your doctor"
    "heading",
    "fragment",  # no predicate to check
    "opinion",
    "case",  # about one particular patient, told as a record, and no context to judge it by
)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``text[start:end]``; code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of a model under test.

    ``group`` is what was sampled independently, usually the prompt; see :func:`group_of`. ``context`` holds the
    passages the answer must be judged by when it brings its own. ``text`` may be empty: an empty answer is a result.
    """

    id: str
    text: str
    prompt: str | None = None
    messages: tuple[Mapping[str, str], ...] = ()
    context: tuple[str, ...] = ()
    model: str | None = None
    group: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts: ``low == high`` unless it is a range.

    ``unit`` is UCUM-like ("mg", "ug", "/d", "mm[Hg]", "%", "1" for none); ``count`` is the 2 of "2 x 500 mg".
    ``span`` covers the number to the end of the unit, without comparator words, in the text it was found in.
    """

    span: Span
    low: float
    high: float
    unit: str = "1"
    comparator: Comparator = "="
    count: float = 1


@dataclass(frozen=True, slots=True)
class Entity:
    """A medical thing that was named: a drug, a condition, a procedure; a noun phrase where no type is known."""

    text: str
    type: str
    span: Span
    negated: bool = False
    temporality: Temporality = "recent"
    experiencer: Experiencer = "patient"


@dataclass(frozen=True, slots=True)
class Claim:
    """An atomic, self-contained, verifiable statement made in a response.

    ``spans`` says which characters of ``Response.text`` it rests on, those with the predicate before those of a subject
    carried from elsewhere; empty means that it could not be placed.
    ``entities`` and ``quantities`` are those said in the spans, with offsets into ``Response.text``.
    ``reason`` says why a claim is not checkworthy, one of :data:`NOT_CHECKWORTHY_REASONS`; None for a checkworthy one.
    """

    id: str
    response_id: str
    text: str
    spans: tuple[Span, ...] = ()
    checkworthy: bool = True
    reason: str | None = None
    negated: bool = False
    hedged: bool = False
    condition: str | None = None
    population: str | None = None
    temporality: Temporality = "recent"
    experiencer: Experiencer = "patient"
    entities: tuple[Entity, ...] = ()
    quantities: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step took; zero where nothing was paid for.

    ``dollars`` is None where calls were made whose price is not known. ``seconds`` are those waited for calls, added up
    over calls that were under way together.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    dollars: float | None = 0.0


@dataclass(frozen=True, slots=True)
class ExtractorInfo:
    """Who extracted: the extractor's name and version and the spaCy pipeline (name and version) it stood on."""

    name: str
    version: str = ""
    pipeline: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something of ours, not the model's, went wrong for one item. Counted; never a label, a zero or a NaN.

    ``reply`` is what a chat model said where that could not be read, cut to a length that can be kept.
    """

    stage: Stage
    kind: FailureKind
    message: str
    item_id: str = ""
    attempts: int = 1
    reply: str = ""
    cost: Cost = Cost()


@dataclass(frozen=True, slots=True)
class Extraction:
    """All claims of one response, in the order they were said, or the failure to find them.

    ``warnings`` are said in the report: "not English: sentences are the claims", and the like.
    """

    response_id: str
    claims: tuple[Claim, ...] = ()
    failure: Failure | None = None
    extractor: ExtractorInfo = ExtractorInfo("")
    warnings: tuple[str, ...] = ()
    cost: Cost = Cost()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage with its source; ``text == document.text[span.start:span.end]``.

    ``snapshot`` identifies the corpus it came from, so that a verdict can be replayed; ``score`` and ``rank`` (from 1)
    are the retriever's.
    """

    doc_id: str
    text: str
    span: Span
    title: str = ""
    source: str = ""
    date: str = ""
    licence: str = ""
    url: str = ""
    snapshot: str = ""
    score: float | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The characters of one piece of evidence that decided: ``evidence[index].text[span.start:span.end]``."""

    evidence: int
    span: Span


@dataclass(frozen=True, slots=True)
class Search:
    """One query that was asked while a claim was judged, and what it found: ``hits`` are places in the verdict's
    evidence, best first; ``round`` counts from 1, several queries may belong to one round."""

    query: str
    hits: tuple[int, ...] = ()
    round: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says about a claim.

    ``probabilities`` maps each of :data:`LABELS` to a number, together 1; None where the verifier has none.
    ``calibrated`` says whether they mean what they say. ``evidence`` is all that was considered: a not-enough-info
    verdict with none of it is *nothing found*, one with some is *found, undecided*. ``searches`` is the trail of a
    verifier that searched itself; ``votes`` says what each judge of a panel said: a label, or ``"failure: KIND"``.
    """

    claim_id: str
    label: Label
    probabilities: Mapping[Label, float] | None = None
    calibrated: bool = False
    evidence: tuple[Evidence, ...] = ()
    quotes: tuple[Quote, ...] = ()
    reason: str = ""
    verifier: str = ""
    cost: Cost = Cost()
    searches: tuple[Search, ...] = ()
    votes: Mapping[str, str] = field(default_factory=dict)


Outcome: TypeAlias = Verdict | Failure


@dataclass(frozen=True, slots=True)
class ClaimWithEvidence:
    """What a verifier is given: one claim and the passages to judge it by, best first."""

    claim: Claim
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """All that became of one response.

    ``outcomes`` has one entry per checkworthy claim, in the order of the claims. A record that could not be read has
    an extraction with a failure of stage "input".
    """

    response: Response
    extraction: Extraction
    outcomes: tuple[Outcome, ...] = ()

    @property
    def state(self) -> State:
        """Which of the four kinds of response this is; they are counted and never merged."""
        if self.extraction.failure is not None:
            return "failed"
        if any(c.checkworthy for c in self.extraction.claims):
            return "claims"
        return "abstained" if any(c.reason == "refusal" for c in self.extraction.claims) else "nothing_checkworthy"

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What went wrong with the response or with one of its claims."""
        return tuple(f for f in (self.extraction.failure, *self.outcomes) if isinstance(f, Failure))


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a chat model is asked.

    Parameters
    ----------
    messages : tuple of mapping
        ``{"role": "system" | "user" | "assistant", "content": text}``, in order.
    schema : mapping, optional
        A JSON schema that the reply must have; used where the endpoint offers structured output.
    max_tokens : int, optional
        Of the reply; the endpoint's own limit by default.
    temperature : float, optional
        The endpoint's own by default.
    top_logprobs : int
        How many alternatives per token to ask for, where the endpoint offers log-probabilities; 0 asks for none.
    options : mapping
        What goes to the endpoint as it is: ``{"chat_template_kwargs": {"thinking_mode": "off"}}``.
    likely : callable, optional
        Makes, without asking anyone, a reply such as this request usually gets; only its length is used, to tell what
        a run will cost before it is made. Not part of what is asked.

    Examples
    --------
    >>> ChatRequest(({"role": "user", "content": "Say yes."},)).messages[0]["content"]
    'Say yes.'
    """

    messages: tuple[Mapping[str, str], ...]
    schema: Mapping[str, Any] | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_logprobs: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    likely: Callable[[], str] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token of a reply, its natural log-probability, and the likeliest tokens in its place with theirs."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What a chat model said. ``text`` is the answer alone, never empty; ``reasoning`` what it thought before.

    ``logprobs``, where there are any, are of the tokens of ``text``: joined, they are it. ``dollars`` is None where the
    price is not known. ``cached_tokens`` are those of the prompt that the endpoint had kept from an earlier call.
    """

    text: str
    reasoning: str = ""
    finish_reason: str = "stop"
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    dollars: float | None = None
    logprobs: tuple[TokenLogprob, ...] = ()


def total_cost(costs: Iterable[Cost]) -> Cost:
    """Costs added up; dollars are None as soon as one price is not known.

    Examples
    --------
    >>> total_cost([Cost(1, 10, 5, 0.5, 0.01), Cost(1, 10, 5, 0.5, None)])
    Cost(calls=2, prompt_tokens=20, completion_tokens=10, seconds=1.0, dollars=None)
    """
    calls, prompt, completion, seconds = 0, 0, 0, 0.0
    dollars: float | None = 0.0
    for cost in costs:
        calls, prompt, completion = (
            calls + cost.calls,
            prompt + cost.prompt_tokens,
            completion + cost.completion_tokens,
        )
        seconds += cost.seconds
        dollars = None if dollars is None or cost.dollars is None else dollars + cost.dollars
    return Cost(calls, prompt, completion, seconds, dollars)


def cost_since(now: Cost, before: Cost) -> Cost:
    """What was added to a cost; dollars are None where either price is not known.

    Examples
    --------
    >>> cost_since(Cost(3, 30, 9, 2.5, 0.25), Cost(1, 10, 5, 0.5, 0.125))
    Cost(calls=2, prompt_tokens=20, completion_tokens=4, seconds=2.0, dollars=0.125)
    """
    dollars = None if now.dollars is None or before.dollars is None else now.dollars - before.dollars
    return Cost(
        now.calls - before.calls,
        now.prompt_tokens - before.prompt_tokens,
        now.completion_tokens - before.completion_tokens,
        now.seconds - before.seconds,
        dollars,
    )


def derived_id(*parts: str | None) -> str:
    """A short id made from content alone, so that two runs over the same input have the same ids.

    Examples
    --------
    >>> derived_id("Aspirin is a drug.", None) == derived_id("Aspirin is a drug.", None)
    True
    """
    payload = "\x1f".join("\x00" if p is None else p for p in parts)
    return hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def group_of(response: Response) -> str:
    """What the response was sampled with: its group, else its prompt, else itself.

    Examples
    --------
    >>> group_of(Response("a", "Yes.", group="q1"))
    'q1'
    """
    if response.group is not None:
        return response.group
    if response.prompt is not None:
        return derived_id(response.prompt)
    if response.messages:
        return derived_id(*(f"{m.get('role', '')}\x1e{m.get('content', '')}" for m in response.messages))
    return response.id
