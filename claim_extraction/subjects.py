"""What "it", "they" and "this drug" stand for, and what a bare "treatment" is for: carried in from what was "
"said before.

Only what is likely is written in: a short name of what the answer is about. A pronoun keeps standing where number does
not agree, where nothing is meant ("it is important to …"), where what it points to comes later, and where all that
could be meant is a dose, a use, a time, a person, or something long: a pronoun is vague, a wrong name is a false claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from halueval.claim_extraction.drafts import Insert
from halueval.claim_extraction.parses import RELATIVES, SUBJECTS, Parse, bits, first
from halueval.claim_extraction.passages import Passage
from halueval.records import Span
from halueval.text.drugs import find_drugs, generic_name
from halueval.text.entities import entity_type
from halueval.text.tokens import stems
from halueval.text.word_sets import word_set

__all__ = ["Carried", "Memory", "Mention", "asked_about", "is_relayed", "thing_asked_about"]

_SINGULAR = frozenset(["it", "its"])
_PLURAL = frozenset(["they", "them", "their"])
_POSSESSIVES = frozenset(["its", "their"])
_KINDS = word_set(
    """condition disease disorder illness infection syndrome injury problem issue medication medicine drug
    antibiotic vaccine
    treatment therapy procedure surgery operation test exam examination scan supplement vitamin hormone virus bacterium
    product device method technique approach buildup conditions diseases disorders infections medications medicines
    drugs
    antibiotics treatments therapies procedures tests supplements products methods"""
)
# Nouns that lean on another one: "treatment" is the treatment of something.
_RELATIONS = {
    "treatment": "for", "treatments": "for", "therapy": "for", "diagnosis": "of", "cause": "of", "causes": "of",
    "symptom": "of", "symptoms": "of", "sign": "of", "signs": "of", "complication": "of", "complications": "of",
    "onset": "of", "prognosis": "of", "prevention": "of", "transmission": "of", "outbreaks": "of",
    "effects": "of", "factors": "for", "dosage": "of", "overdose": "of",
}  # fmt: skip
_LEANING = word_set("use effect effects risk risks level levels amount side prolonged") | set(_RELATIONS)
_OF_DRUGS = frozenset(["effects", "dosage", "overdose"])
_OF_ITS_OWN = frozenset(["vital", "differential", "physical", "medical"])  # "vital signs" are the patient's
_BARE = {"effects": "side", "factors": "risk"}  # only "side effects" and "risk factors" lean
_OTHERS = word_set(
    """you i we he she people patients patient person someone individuals doctor doctors provider everyone
    anyone it they
    this that these those there which who what one ones some many most all others everything something nothing
    anything"""
)
_LONGEST_NAME, _SHORT_OWNER = 5, 3  # words
# What a pronoun hardly ever stands for, though it is often the subject before it.
_VAGUE = word_set(
    """dose doses dosage use uses time times amount amounts number numbers level levels reading readings value values
    rate rates result results case cases day days week weeks month months year years hour hours minute minutes
    percentage percent range goal aim point way ways thing things kind type types visit appointment
    concern concerns question questions information clinic hospital team
    doctor physician provider nurse specialist pharmacist mother father parents parent child children baby son
    daughter wife husband friend partner man woman men women patient patients person people"""
)
_INDEFINITE = word_set(
    "many some any most other others several few both all each every no another such my your his her their its our"
)
_WORD = re.compile(r"[^\W\d_][\w-]+")
_SMALL = frozenset(
    stems(
        "what when where which with would could should have does this that there from about your take help good because"
    )
)
_HUMAN_VERBS = word_set(
    """recommend recommends recommended suggest suggests suggested advise advises advised think thinks thought
    believe believes believed
    want wants wanted mention mentioned mentions say says said note noted notes understand understands understood
    hope hopes assess
    decide explain explained emphasize emphasized encourage encouraged ask asked tell told feel feels agree agreed
    acknowledge
    acknowledged reviewed discuss discussed prescribe prescribed determine order ordered wish offered"""
)
_THEY = re.compile(
    r"\b(?:they|(?:your|the) (?:doctor|physician|provider|team))\s+"
    r"(?:(?:also|did|do|strongly|would|have|just|really)\s+)?(?P<verb>[a-z]{3,14})\b",
    re.IGNORECASE,
)
# "It would be helpful for you to …", "when it comes to"; but in "it is used to …" it is a thing.
_JUDGED = re.compile(
    r"it (?:(?:'s|’s|is|was|(?:would|may|might|can|could|will|should) be) (?:(?!(?:used|given|taken|able|due|thought"
    r"|known|said|designed|intended|meant|made|applied|added|prescribed|approved|shown|similar|related|prone|subject|close"
    r"|next|likely)\b)"
    r"[\w-]+ ){1,4}?(?:for (?:[\w'’-]+ ){1,5}?)?to \w|comes (?:down )?to\b|takes (?:[\w-]+ ){1,4}to\b)"
)
_EXPLETIVE = word_set(
    """important essential crucial best better advisable necessary likely unlikely possible impossible
    recommended vital common
    safe normal difficult hard easy helpful clear unclear unknown worth advised critical good wise okay ok rare natural
    uncommon understandable great reassuring known believed thought estimated generally"""
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that was spoken of, as it was written, and where; ``tokens`` only within its own sentence."""

    text: str
    spans: tuple[Span, ...]
    plural: bool
    tokens: int = 0
    named: bool = True  # a drug, a condition, a procedure, a proper name


@dataclass(frozen=True, slots=True)
class Carried:
    """What to write for some tokens, in a claim that does not hold the antecedent itself."""

    swaps: tuple[tuple[int, Insert], ...]
    antecedent: int = 0


@dataclass(slots=True)
class Memory:
    """What a response has spoken of so far."""

    asked: frozenset[str] = frozenset()
    asked_thing: Mention | None = None
    relayed: bool = False  # "they" are the people whose words are passed on
    topic: Mention | None = None
    recent: list[Mention] = field(default_factory=list)

    def carry(self, parse: Parse, passage: Passage) -> list[Carried]:
        """All that may be written in, in this sentence."""
        out = []
        for i, word in enumerate(parse.lower):
            found = None
            if word in _SINGULAR or word in _PLURAL:
                found = self._pronoun(parse, passage, i, word)
            elif word in ("this", "these") and parse.deps[i] == "det":
                found = self._kind(parse, i, word)
            elif word in _RELATIONS and parse.deps[i] in SUBJECTS:
                found = self._relation(parse, passage, i, word)
            if found is not None:
                out.append(found)
        return out

    def learn(self, parse: Parse, passage: Passage) -> None:
        """Remember what this sentence was about."""
        subject = _main_subject(parse)
        if subject is None or parse.deps[subject] == "expl" or parse.lower[subject] in _OTHERS:
            return
        opening = parse.lower[first(parse.below[subject])]
        if opening in ("this", "these", "such", "that", "those"):
            return
        mention = _mention(parse, passage, subject)
        if mention is None:
            return
        mention = replace(mention, tokens=0)  # its tokens are another sentence's
        self.recent.append(mention)
        if not (mention.named or self._is_asked(mention)):
            return
        if self.topic is None and parse.lower[subject] not in _RELATIONS and self._is_asked(mention):
            self.topic = mention

    def _is_asked(self, mention: Mention) -> bool:
        """Whether the question spoke of it; where there was no question, anything may be the topic."""
        return not self.asked or not self.asked.isdisjoint(stems(mention.text))

    def _pronoun(self, parse: Parse, passage: Passage, i: int, word: str) -> Carried | None:
        label = parse.deps[i]
        if word == "it" and _is_expletive(parse, i):
            return None
        if label not in SUBJECTS and label not in ("dobj", "obj", "pobj", "poss", "nmod:poss", "nsubj"):
            return None
        if label in SUBJECTS and (parse.lower[parse.heads[i]] in _HUMAN_VERBS or _has_verb_below(parse, i)):
            return None
        plural = word in _PLURAL
        possessive = word in _POSSESSIVES
        if possessive and word in parse.lower[:i]:
            return None  # once is enough for a reader, and twice is a tangle
        mention = self._said_here(parse, passage, i, plural)
        if mention is None:
            if plural and self.relayed or _points_ahead(parse, i):
                return None
            if any(parse.deps[j] in SUBJECTS and parse.lower[j] not in _OTHERS for j in range(i)):
                return None  # the sentence has a subject of its own, and who knows which is meant
            mention = self._said_before(plural)
        if mention is None or possessive and not (mention.named and len(mention.text.split()) <= _SHORT_OWNER):
            return None
        if label not in SUBJECTS and self.relayed and not mention.tokens:
            return None  # an object may be anything that was said
        text = mention.text
        if possessive:
            text += "'" if text.endswith("s") else "'s"
        elif label in SUBJECTS and parse.starts[i] == 0:
            text = text[:1].upper() + text[1:]
        if i + 1 < len(parse) and parse.lower[i + 1] in ("'s", "’s") and not possessive:  # "it's" is no possessive
            return Carried(((i, Insert(f"{text} is", mention.spans)), (i + 1, Insert(""))), mention.tokens)
        return Carried(((i, Insert(text, mention.spans)),), mention.tokens)

    def _has_rival(self, parse: Parse, j: int, i: int, plural: bool) -> bool:
        """Whether another noun stands between a subject and an object pronoun, and might be meant as well."""
        return any(
            parse.tags[k] in (("NNS", "NNPS") if plural else ("NN", "NNP"))
            and parse.deps[k] in ("dobj", "obj", "pobj", "attr", *SUBJECTS)
            for k in range(j + 1, i)
        )

    def _said_here(self, parse: Parse, passage: Passage, i: int, plural: bool) -> Mention | None:
        """The subject before the pronoun that agrees with it, but not the one of its own clause."""
        clause = parse.heads[i]
        while parse.heads[clause] != clause and not parse.is_verb(clause):
            clause = parse.heads[clause]
        own = parse.child(clause, SUBJECTS)
        possessive = parse.lower[i] in _POSSESSIVES
        for j in range(i):
            if parse.deps[j] not in SUBJECTS or parse.deps[j] == "expl" or not parse.is_noun(j):
                continue
            if parse.lower[j] in _OTHERS or parse.lower[j] in _PLURAL or parse.tags[j] == "PRP":
                continue
            if parse.deps[i] not in SUBJECTS and not possessive and (j == own or self._has_rival(parse, j, i, plural)):
                continue
            mention = _mention(parse, passage, j)
            if mention is not None and mention.plural == plural:
                return mention
        return None

    def _said_before(self, plural: bool) -> Mention | None:
        for mention in reversed(self.recent[-3:]):
            if mention.plural == plural:
                return mention if mention.named or self._is_asked(mention) and not self.relayed else None
        if self.topic is not None and self.topic.plural == plural:
            return self.topic
        return self.asked_thing if not plural and not self.recent else None

    def _kind(self, parse: Parse, i: int, word: str) -> Carried | None:
        """ "This drug": what was spoken of last, where it is not a kind itself."""
        noun = parse.heads[i]
        if noun != i + 1 or parse.lower[noun] not in _KINDS:
            return None
        mention = self._said_before(word == "these")
        if mention is None or parse.lower[noun].rstrip("s") in mention.text.lower():
            return None
        return Carried(((i, Insert(mention.text, mention.spans)), (noun, Insert(""))))

    def _relation(self, parse: Parse, passage: Passage, i: int, word: str) -> Carried | None:
        """ "Treatment": the treatment for what the answer is about."""
        topic = self.topic
        if topic is None or topic.text.lower() in passage.text.lower():
            return None
        if word not in _OF_DRUGS and _type(topic.text) == "drug":
            return None  # nobody treats a drug
        needed = _BARE.get(word)
        if needed and (not i or parse.lower[i - 1] != needed):
            return None
        for c in parse.children[i]:
            if parse.deps[c] in ("prep", "poss", "acl", "nmod", *RELATIVES) or parse.lower[c] in (
                "this",
                "these",
                "that",
                "such",
            ):
                return None
            if parse.deps[c] == "compound" and c != i - 1 or parse.lower[c] in _OF_ITS_OWN:
                return None
        return Carried(((i, Insert(f"{parse.words[i]} {_RELATIONS[word]} {topic.text}", topic.spans)),))


def thing_asked_about(prompt: str | None) -> Mention | None:
    """The one drug or condition that a question names, for an answer that begins with "it"; said in no span."""
    if not prompt:
        return None
    named = {
        said.lower(): said for said in _WORD.findall(prompt[-2_000:]) if entity_type(said) in ("drug", "condition")
    }
    for span, _ in find_drugs(prompt[-2_000:]):
        said = prompt[-2_000:][span.start : span.end]
        named.setdefault(said.lower(), said)
    return Mention(next(iter(named.values())), (), False) if len(named) == 1 else None


def is_relayed(text: str) -> bool:
    """Whether an answer passes on what people said: its "they" are these people, seldom things.

    Examples
    --------
    >>> is_relayed("They recommend rest."), is_relayed("Statins lower cholesterol. They are taken at night.")
    (True, False)
    """
    return any(m["verb"].lower() in _HUMAN_VERBS for m in _THEY.finditer(text))


def _has_verb_below(parse: Parse, i: int) -> bool:
    """Whether "they" are people: "they would like to", "they want to"."""
    return parse.lower[i] == "they" and parse.lower[parse.heads[i]] in ("like", "love", "able")


def asked_about(prompt: str | None) -> frozenset[str]:
    """The stems of the words of a question, without the small ones."""
    return frozenset(s for s in stems(prompt[-2_000:]) if len(s) > 3 and s not in _SMALL) if prompt else frozenset()


def _is_expletive(parse: Parse, i: int) -> bool:
    """ "It is important to …", "making it easy to …": nothing is meant by "it"."""
    label, verb = parse.deps[i], parse.heads[i]
    if label == "expl" or _JUDGED.match(" ".join(parse.lower[i : i + 14])):
        return True
    if label not in SUBJECTS:
        return label in ("dobj", "obj") and any(
            c > i and parse.deps[c] in ("ccomp", "xcomp", "oprd", "acomp") for c in parse.children[verb]
        )
    rest = [c for c in parse.children[verb] if c > verb]
    if any(parse.deps[c] in ("ccomp", "csubj") for c in rest) and parse.tags[verb] != "VBG":
        return True
    named = parse.lower[verb] in _EXPLETIVE or any(parse.lower[c] in _EXPLETIVE for c in rest)
    if named:
        return any(
            parse.lower[j] in ("to", "that", "for", "noting", "when", "if")
            for j in range(verb + 1, min(verb + 6, len(parse)))
        )
    return parse.lower[verb] in ("takes", "seems", "appears", "sounds", "looks", "depends") and bool(rest)


def _points_ahead(parse: Parse, i: int) -> bool:
    """ "If it is not treated, chlamydia spreads": the pronoun stands in a clause before the subject it stands for."""
    for root in parse.roots:
        subject = parse.child(root, SUBJECTS)
        if subject is not None and i < subject and parse.is_noun(subject) and parse.lower[subject] not in _OTHERS:
            return True
    return False


def _type(name: str) -> str:
    found = entity_type(name)
    return "drug" if found == "phrase" and find_drugs(name) else found


def _main_subject(parse: Parse) -> int | None:
    for root in parse.roots:
        for c in parse.children[root]:
            if parse.deps[c] in SUBJECTS and (parse.is_noun(c) or parse.tags[c] == "VBG"):
                return c
    return None


def _mention(parse: Parse, passage: Passage, head: int) -> Mention | None:
    """A noun phrase as it can be written in elsewhere: without relative clauses, and without "the use of"."""
    if parse.lower[head] in _LEANING:
        for c in parse.children[head]:
            if parse.deps[c] == "prep" and parse.lower[c] in ("of", "for"):
                inner = parse.child(c, frozenset(["pobj"]))
                if inner is not None and parse.tags[inner] != "PRP":
                    head = inner
                    break
    plural = parse.tags[head] in ("NNS", "NNPS")
    if parse.child(head, frozenset(["conj"])) is not None:
        tokens, plural = parse.below[head], True
    else:
        tokens = parse.own(head)
    for c in parse.children[head]:
        if c > head and parse.deps[c] in (*RELATIVES, "appos", "acl", "punct", "cc"):
            tokens &= ~parse.below[c] if parse.deps[c] != "cc" or not plural else tokens
        if c > head and parse.deps[c] == "prep" and parse.lower[c] not in ("of", "for", "in", "with"):
            tokens &= ~parse.below[c]
    members = list(bits(tokens & parse.everything))
    while members and parse.words[members[-1]] in (",", ";", "and", "or"):
        members.pop()
    if any(parse.tags[i] == "CD" or parse.words[i][0].isdigit() for i in members):
        return None  # a dose is not a name, and half a dose is worse
    if not members or members[-1] - members[0] + 1 > _LONGEST_NAME or parse.lower[head] in _VAGUE:
        return None
    if parse.lower[members[0]] in _INDEFINITE:
        return None
    text = ""
    for k, i in enumerate(members):
        if k and parse.starts[i] > parse.ends[members[k - 1]]:
            text += " "
        text += parse.words[i]
    if (
        members[0] == 0
        and (parse.tags[0] in ("DT", "JJ", "NN", "NNS", "VBG", "RB") or generic_name(text) == text.lower())
        and (len(parse.words[0]) == 1 or parse.words[0][1:].islower())
    ):
        text = text[:1].lower() + text[1:]
    start, end = parse.starts[members[0]], parse.ends[members[-1]]
    span = Span(passage.offsets[start], passage.offsets[end - 1] + 1)
    named = parse.tags[head] in ("NNP", "NNPS") or _type(text) != "phrase"
    return Mention(text, (span,), plural, tokens, named)
