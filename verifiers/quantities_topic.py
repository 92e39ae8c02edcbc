"""A claim's dose, frequency, duration, age or limit held against what a document says of the same thing.

The rule of :mod:`halueval.verifiers.quantities_alignment` wants the claim's words in one sentence. This one wants the
claim's subject in the document, the same sort of quantity in the same role for the same people in one sentence of it,
and no number anywhere in it that the claim's could be. It only ever refutes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from halueval.records import Evidence, Quantity, Span
from halueval.text.drugs import find_drugs, same_generic
from halueval.text.quantities import find_quantities
from halueval.text.sentences import sentence_spans
from halueval.text.word_sets import word_set
from halueval.verifiers.quantities_alignment import content_keys, read
from halueval.verifiers.quantities_facets import Facet, Kind, clash, compatible, daily_bounds, facets
from halueval.verifiers.quantities_wording import key_of

__all__ = ["Contradiction", "contradicted", "has_facets", "leaves_open"]

_IN_DOCUMENT = 0.75  # of the claim's topic words must be in the passage or its title
_IN_SENTENCE = 0.6  # and in the sentence or the title
_OF_A_VALUE = 0.5  # of the topic words of a sentence on a measured value must be the claim's
_ELSEWHERE = 0.5  # from here on, another document is on the same topic

_QUICK = re.compile(r"\d|\b(?:once|twice|thrice|daily|weekly|monthly|yearly|annually|every|times)\b", re.I)
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w%]|[.,]\d)")

# Words of any regimen; they say nothing of what is dosed.
_GENERIC = frozenset(
    key_of(w)
    for w in word_set(
        """
        dose doses dosage dosing recommended recommend recommends recommendation take taken takes taking give given use
        used usual usually typical typically normal normally standard should must can may daily day treatment therapy
        treat treated patient patients people person persons adult adults individual age aged ages year years old older
        start starts started starting begin begins beginning initial initially maximum minimum maximal least most more
        less exceed exceeds limit total single per each every mouth oral orally tablet tablets capsule capsules pill
        pills regimen course duration intake period required requires needed need least up interval repeated repeat
        continue continued administered prescribed approximately about common commonly doctor amount medication drug
        medicine guideline guidelines generally often also ensure important advised
        """
    )
)
_ROLES: Mapping[str, str] = {
    word: role
    for role, words in {
        "initial": "initial initially starting start starts started first",
        "maintenance": "maintenance maintain",
        "loading": "loading load bolus",
        "changed": "increase increased increasing raise raised reduce reduced decrease decreased titrate titrated "
        "titration taper tapered gradually adjusted then doubled halved increments another additional",
        "single": "single one-time",
        "booster": "booster boosters second third subsequent",
        "low": "low low-dose",
        "high": "high high-dose overdose toxic fatal lethal toxicity",
        "rate": "infusion rate drip infused",
        "prevention": "prevention prevent prophylaxis prophylactic",
        "fasting": "fasting postprandial random",
        "average": "average median mean",
        "death": "die dies died death deaths fatal live lives lived survive survived survival lifespan expectancy",
    }.items()
    for word in words.split()
}
_PEOPLE: Mapping[str, str] = {
    word: group
    for group, words in {
        "children": "birth child children childhood kid kids infant infants baby babies neonate neonates newborn "
        "newborns toddler toddlers pediatric paediatric adolescent adolescents teen teens teenagers boys girls",
        "pregnancy": "pregnant pregnancy breastfeeding lactating lactation trimester",
        "old": "elderly seniors frail",
        "kidney": "renal dialysis creatinine",
        "liver": "hepatic cirrhosis",
        "women": "women woman female females postmenopausal",
        "men": "men man male males",
        "severe": "severe severely",
        "mild": "mild moderate",
        "inherited": "inherited genes gene genetic mutation mutations",
        "risk": "risk high-risk history relatives siblings parent",
        "animals": "mice rats mouse rat dogs animals animal",
        "athletes": "athletes smokers obese diabetics",
    }.items()
    for word in words.split()
}
_ROUTES: Mapping[str, str] = {
    word: route
    for route, words in {
        "mouth": "oral orally mouth tablet tablets capsule capsules pill pills swallow",
        "vein": "intravenous intravenously iv",
        "muscle": "intramuscular intramuscularly",
        "skin": "topical cream ointment gel shampoo lotion patch transdermal",
        "under": "subcutaneous subcutaneously",
        "air": "inhaled inhaler nebulized nebulizer puffs",
        "eye": "drops ophthalmic",
        "vagina": "vaginal vaginally suppository",
    }.items()
    for word in words.split()
}
# Which roles matter to which sort of quantity: a vaccine to prevent something is still given at an age.
_RELEVANT: Mapping[Kind, frozenset[str]] = {
    "amount": frozenset(_ROLES.values()),
    "frequency": frozenset(_ROLES.values()) - {"fasting", "average"},
    "duration": frozenset({"initial", "maintenance", "changed", "booster", "prevention", "average", "death"}),
    "delay": frozenset({"initial", "booster", "changed", "average", "death"}),
    "age": frozenset({"booster", "average", "death"}),
    "value": frozenset({"fasting", "average", "changed"}),
}
# A sentence with one of them speaks of a case, an exception or a belief.
_CONDITIONS = word_set(
    """
    if unless except until only rarely sometimes some few occasionally myth false falsely wrong incorrect unclear
    unknown uncertain however although though previously formerly whether instead rather versus studied study trial
    compared together combined both altogether
    """
)
_RULES = re.compile(
    r"\b(?:should|must|recommend\w*|advis\w+|guidelines?|maximum|max|limit\w*|exceed\w*|minimum|screen\w*|vaccinat\w+|immuniz\w+|"
    r"start(?:s|ing)?|begin(?:s|ning)?|do\s+not|don['’]t|take|takes|taken|doses?|dosage|approved|allowed|safe|goal|target)\b",
    re.I,
)
_DEFINITIONS = re.compile(
    r"\b(?:defin\w+|consider\w*|diagnos\w+|classif\w+|normal\w*|abnormal\w*|desirable|optimal|means?)\b", re.I
)
# Claims that leave open what they speak of: found evidence may speak of anything.
_THINGS = (
    r"(?:conditions?|disorders?|diseases?|syndromes?|drugs?|medicines?|medications?|tests?|levels?|doses?|vaccines?|infections?|illness|"
    r"cancers?|tumou?rs?|treatments?|procedures?|problems?|symptoms|types?|forms?|steps|surgery)"
)
_OPEN = re.compile(
    r"^(?:the\s+)?(?:signs\s+and\s+)?symptoms\s+(?!of\b)|^(?:it|they|this|these|those|such|(?:most\s+|many\s+)?affected)\b|"
    rf"\b(?:this|these|those|such)\s+(?:\w+\s+)?{_THINGS}\b|"
    r"^(?:the|an?)\s+(?:(?:usual|same|other|whole|entire|new|desirable|normal|recommended|initial|total|first|common|only)\s+){0,2}"
    r"(?:\w+\s+)?(?:forms?|types?|variant)\b(?!\s+of\b)|^death\b|^when\s+symptoms\b|\bwith(?:in)?\s+the\s+\w+\s+form\b(?!\s+of\b)|"
    r"^(?:the|an?)\s+(?:(?:usual|same|other|whole|entire|new|desirable|normal|recommended|initial|total|first|common|only)\s+){0,2}"
    rf"{_THINGS}\s+(?!of\b|for\b|to\b|in\b|called\b|with\b|that\b)",
    re.I,
)
# Stems of words that are hardly said in passing: names of illnesses, drugs and procedures.
_SPECIFIC = re.compile(
    r"^drug:|.{9}|(?:emia|aemia|osi|iti|oma|pathi|opathi|plasti|ectomi|otomi|oscopi|gram|graphi|trophi|itis|osis|mycin|cillin|statin|"
    r"pril|sartan|olol|azol|vir|mab|nib|virus|viral|cocc|fever|cancer|tumor|gout|flu|syndrom)$"
)
_PRONOUN = re.compile(r"\W*(?:it|they|this|these|he|she)\b", re.I)
_MEN = re.compile(r"\b(?:men|man|males?|boys?)\b", re.I)
# What everyone is, and every label says.
_UNMARKED = re.compile(
    r"\b(?:average|normal|usual)[\s-]+risk\b|\bunless\s+(?:otherwise\s+)?(?:directed|told|advised|prescribed|instructed)\b|"
    r"\b(?:start|begin)\w*\s+(?:at|from|by|around)\s+(?:(?:the\s+)?ages?\b|\d+(?=\s*(?:$|[.,;)]|years)))",
    re.I,
)
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Where a document contradicts a claim's quantity, and by which; ``disputed``: another one gives the claim's."""

    evidence: int
    span: Span
    reason: str
    disputed: bool


@dataclass(frozen=True, slots=True)
class _Sides:
    """Who, in what role, by which way, of which drugs: what must agree before numbers are compared."""

    roles: frozenset[str]
    people: frozenset[str]
    routes: frozenset[str]
    conditions: frozenset[str]
    drugs: frozenset[str]
    topic: frozenset[str]
    negations: int
    question: bool
    rule: bool
    definition: bool


def has_facets(claim: str) -> bool:
    """Whether a claim carries a quantity that this rule can compare; cheap for the many that don't."""
    return _QUICK.search(claim) is not None and bool(facets(claim))


def leaves_open(claim: str) -> bool:
    """Whether a claim doesn't say what it speaks of: "this disorder", "symptoms usually appear".

    Examples
    --------
    >>> leaves_open("Symptoms usually appear within 3 days."), leaves_open("Symptoms of flu appear within 3 days.")
    (True, False)
    """
    return _OPEN.search(claim) is not None


@lru_cache(maxsize=8192)
def _sides(text: str) -> _Sides:
    plain = _UNMARKED.sub(" ", text.lower())
    words = {w for m in _WORD.finditer(plain) for w in (m.group(), *m.group().split("-"))}
    reading = read(text)
    return _Sides(
        frozenset(_ROLES[w] for w in words if w in _ROLES),
        frozenset(_PEOPLE[w] for w in words if w in _PEOPLE),
        frozenset(_ROUTES[w] for w in words if w in _ROUTES),
        frozenset(words & _CONDITIONS),
        frozenset(generic for _, generic in find_drugs(text)),
        _topic(text),
        len(reading.negations),
        reading.question,
        _RULES.search(text) is not None,
        _DEFINITIONS.search(text) is not None,
    )


@lru_cache(maxsize=8192)
def _topic(text: str) -> frozenset[str]:
    """Words of content but those of any regimen; a drug by its first word, since a name may lack its salt."""
    return frozenset(k.split(" ")[0] for k in content_keys(text) if k not in _GENERIC)


@lru_cache(maxsize=4096)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((s.start, s.end) for s in sentence_spans(text))


def contradicted(claim: str, evidence: Sequence[Evidence]) -> Contradiction | None:
    """The first sentence that contradicts a quantity of the claim which its document has no room for; else None.

    Parameters
    ----------
    claim : str
        One statement.
    evidence : sequence of Evidence
        Pieces with one ``doc_id`` are one document.

    Examples
    --------
    >>> text = "Adults are treated with fluvoxil 100 mg twice a day for 7 days."
    >>> def ask(claim): return contradicted(claim, (Evidence("d", text, Span(0, len(text))),))
    >>> ask("The dose of fluvoxil is 100 mg twice daily for 3 days.").reason
    '3 days / 7 days'
    >>> ask("The dose of fluvoxil in children is 100 mg twice daily for 3 days.") is None
    True
    """
    wanted = facets(claim)
    topic = _topic(claim)
    if not wanted or not topic or len({(f.kind, f.dimension) for f in wanted}) < len(wanted):
        return None
    sides = _sides(claim)
    if sides.question or leaves_open(claim):
        return None
    titles = [_topic(e.title) for e in evidence]
    passages = [title | _topic(e.text) for title, e in zip(titles, evidence, strict=True)]
    shares = [len(topic & keys) / len(topic) for keys in passages]
    for i, piece in enumerate(evidence):
        if shares[i] < _IN_DOCUMENT:
            continue
        if any(_SPECIFIC.search(k) for k in topic - passages[i]):
            continue  # what is missing may be what it is all about
        found = _in_passage(topic, sides, wanted, piece, titles[i])
        if found is None:
            continue
        span, refuted, reason = found
        same = [e for e in evidence if e.doc_id == piece.doc_id]
        if any(compatible(f, g) for f in refuted for e in same for g in facets(e.text)):
            continue
        giving = [
            share
            for e, share in zip(evidence, shares, strict=True)
            if e.doc_id != piece.doc_id and share >= _ELSEWHERE and _gives(refuted, e.text)
        ]
        if giving and max(giving) < _IN_DOCUMENT:
            return None
        return Contradiction(i, span, reason, disputed=bool(giving))
    return None


def _gives(wanted: Sequence[Facet], text: str) -> bool:
    """Whether a passage has a quantity of the same sort that one of these could be."""
    return any(f.kind == g.kind and compatible(f, g) for f in wanted for g in facets(text))


def _in_passage(
    topic: frozenset[str], sides: _Sides, wanted: Sequence[Facet], piece: Evidence, title: frozenset[str]
) -> tuple[Span, list[Facet], str] | None:
    """The first sentence of a passage whose quantities exclude the claim's, with those of the claim."""
    earlier: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    for start, end in _sentences(piece.text):
        sentence = piece.text[start:end]
        there = facets(sentence)
        theirs = _sides(sentence)
        said = theirs.topic | last if _PRONOUN.match(sentence) else theirs.topic
        last = theirs.topic
        if not there:
            earlier |= theirs.people
            continue
        before, earlier = earlier, earlier | theirs.people
        one_sex = theirs.people - sides.people == {"women"} and not _MEN.search(piece.text)
        one_sex = (
            one_sex
            and sides.rule
            and theirs.rule
            and all(f.kind in ("age", "frequency") for f in wanted)
            and sides.people < theirs.people
        )
        if not _alike(sides, theirs, before, one_sex=one_sex) or not _named(sides, theirs, piece):
            continue
        if len(topic & (said | title)) < _IN_SENTENCE * len(topic):
            continue
        refuted = [(f, g) for f in wanted for g in there if _excluded(f, g, sides, theirs)]
        refuted = [(f, g) for f, g in refuted if not any(compatible(f, h) for h in there) and not _listed(f, sentence)]
        if not refuted:
            continue
        agreed = any(compatible(f, g) and f.kind == g.kind for f in wanted for g in there)
        kinds = {f.kind for f, _ in refuted}
        refuted = [(f, g) for f, g in refuted if agreed or _told(f, topic, said)]
        if not refuted:
            continue
        first = bool(sides.roles & {"initial", "loading", "maintenance"}) and "amount" in kinds
        whole = agreed or first or len(kinds) > 1 or any(daily_bounds(f, g) for f, g in refuted)
        if not whole and not any(k in said and not k.startswith("drug:") for k in topic):
            continue  # a drug alone doesn't say what the quantity is one of
        reason = ", ".join(dict.fromkeys(f"{f.said} / {g.said}" for f, g in refuted))
        return Span(start, end), [f for f, _ in refuted], reason
    return None


def _excluded(f: Facet, g: Facet, claim: _Sides, sentence: _Sides) -> bool:
    """Whether two quantities of one role exclude each other; bounds only do so where both sides lay down a rule."""
    relevant = _RELEVANT[f.kind]
    if claim.roles & relevant != sentence.roles & relevant:
        return False
    bounds = claim.rule and sentence.rule
    if f.kind == "value":
        bounds = bounds or (claim.definition and sentence.definition)
    return clash(f, g, bounds=bounds)


def _told(f: Facet, topic: frozenset[str], sentence: frozenset[str]) -> bool:
    """Whether enough words say what is dosed, due or measured: of a measured value, most of the sentence's."""
    if f.kind in ("amount", "frequency"):
        return True
    if f.kind == "value" and len(topic & sentence) < _OF_A_VALUE * len(sentence):
        return False
    return len(topic) > 1 or any(k.startswith("drug:") for k in topic)


def _alike(claim: _Sides, sentence: _Sides, earlier: frozenset[str], *, one_sex: bool) -> bool:
    """Whether both speak of the same people and way, and the sentence of no case that the claim doesn't name."""
    if sentence.question or claim.negations != sentence.negations or sentence.conditions - claim.conditions:
        return False
    if claim.people != sentence.people and not one_sex and (sentence.people or claim.people != earlier):
        return False
    if not sentence.people and earlier - claim.people:
        return False
    return not (claim.routes and sentence.routes) or bool(claim.routes & sentence.routes)


def _named(claim: _Sides, sentence: _Sides, piece: Evidence) -> bool:
    """Whether the sentence is on the claim's drugs and no others; a title may name them for it."""
    if claim.drugs:
        around = sentence.drugs or frozenset(g for _, g in find_drugs(piece.title + ". " + piece.text))
        return len(around) == len(claim.drugs) and all(any(same_generic(d, e) for e in around) for d in claim.drugs)
    return not sentence.drugs


def _listed(f: Facet, sentence: str) -> bool:
    """Whether the claim's number stands in the sentence without a unit, as in "10, 20 or 40 mg"."""
    values = {f.quantity.low, f.quantity.high}
    return any(
        float(m.group().replace(",", "")) in values
        and not any(q.span.start <= m.start() < q.span.end for q in _quantities(sentence))
        for m in _NUMBER.finditer(sentence)
    )


@lru_cache(maxsize=1024)
def _quantities(sentence: str) -> tuple[Quantity, ...]:
    return find_quantities(sentence)
