"""A chat model that is played: its replies are statements that people cut by hand, damaged with a seed.

A real model's faults can't be counted, because nobody knows which of its claims are faulty. Here every fault is known:
which statement was changed, and how. The same damaged claims are played in the reply format of each extractor.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from halueval.chat.untrusted import unmark
from halueval.text.sentences import sentences
from halueval.text.tokens import stems


@dataclass(frozen=True)
class Played:
    """One claim as the played model gives it, and as it would without the fault.

    ``fault`` names what was done to it; ``clean`` is what it says when it mends the claim, None where it withdraws it.
    """

    text: str
    quote: str
    sentence: int
    fault: str = ""
    clean: str | None = None
    clean_quote: str = ""


Damage = Callable[[list[Played], random.Random, float, "Answer"], list[Played]]


@dataclass(frozen=True)
class Answer:
    """An answer with its statements, and statements of others to invent from."""

    id: str
    text: str
    question: str
    sentences: tuple[str, ...]
    strangers: tuple[str, ...]


def answer_of(row: Mapping[str, Any], strangers: Sequence[str]) -> Answer:
    text = row["answer"]
    said = tuple(text[s.span.start : s.span.end] for s in sentences(text))
    return Answer(row["id"], text, row.get("question", ""), said, tuple(strangers))


def faithful(statements: Sequence[str], answer: Answer) -> list[Played]:
    """Statements as claims, each with a quote: the stretch of the likest sentence between its first and last shared
    word.
    """
    out = []
    for statement in statements:
        if not statement.strip() or not answer.sentences:
            continue
        words = set(stems(statement))
        scores = [_likeness(words, stems(s)) for s in answer.sentences]
        at = max(range(len(scores)), key=scores.__getitem__)
        quote = _stretch(answer.sentences[at], words)
        out.append(Played(statement, quote, at, "", statement, quote))
    return sorted(out, key=lambda p: p.sentence)


def _likeness(words: set[str], other: Sequence[str]) -> float:
    return 2 * len(words & set(other)) / (len(words) + len(set(other))) if other else 0.0


_WORD = re.compile(r"[^\W_]+")
_EMPTY = set(stems("the a an of in and or to is are be it for with that this as by can may on at from"))


def _stretch(sentence: str, words: set[str]) -> str:
    hits = [m for m in _WORD.finditer(sentence) if (s := "".join(stems(m.group())[:1])) in words and s not in _EMPTY]
    return sentence[hits[0].start() : hits[-1].end()] if hits else sentence


# --- damages: each leaves what it doesn't touch as it is


def none(claims: list[Played], rng: random.Random, share: float, answer: Answer) -> list[Played]:
    return claims


def lists_whole(claims: list[Played], rng: random.Random, share: float, answer: Answer) -> list[Played]:
    """Statements that are one list taken apart (same words but for one stretch) become the list again."""
    out: list[Played] = []
    left = list(claims)
    while left:
        first = left.pop(0)
        group, parts = [first], []
        for other in left:
            if other.sentence == first.sentence and (found := _items([*(c.text for c in group), other.text])):
                group.append(other)
                parts = found
        if len(group) < 2 or rng.random() >= share:
            out.append(first)
            continue
        left = [c for c in left if c not in group]
        before, items, after = parts[0], parts[1:-1], parts[-1]
        joined = f"{', '.join(items[:-1])}{',' if len(items) > 2 else ''} and {items[-1]}"
        text = " ".join(f"{before} {joined} {after}".split()).replace(" .", ".")
        quote = answer.sentences[first.sentence]
        # asked again, a model that mends gives the first thing only: the others are still missing
        out.append(Played(text, quote, first.sentence, "list left whole", text, quote))
    return out


def _items(texts: Sequence[str]) -> list[str]:
    """What is before the list, its items, what is after it; empty where the texts aren't one list."""
    split = [t.rstrip(".").split() for t in texts]
    short = min(map(len, split))
    lead = next((i for i in range(short) if len({w[i] for w in split}) > 1), short)
    tail = next((i for i in range(short - lead) if len({w[-1 - i] for w in split}) > 1), short - lead)
    middles = [w[lead : len(w) - tail] for w in split]
    if lead < 2 or not all(middles) or max(map(len, middles)) > 8 or lead + tail < 3:
        return []
    head, end = split[0][:lead], split[0][len(split[0]) - tail :] if tail else []
    return [" ".join(head), *(" ".join(m) for m in middles), " ".join(end) + "."]


_NUMBER = re.compile(r"(?<![A-Za-z\d.,-])(?:\d+(?:[.,]\d+)*)(?![A-Za-z\d])|(?<=\d-)\d+(?![\w.-])")
_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})(?=\s+(?:\w+\s+)?(?:hours?|days?|weeks?|months?|years?|times?)\b)")
_UNITS = {"mg": "mcg", "milligrams": "grams", "hours": "days", "days": "weeks", "weeks": "months", "months": "years",
          "minutes": "hours", "years": "months", "percent": "per mille", "pounds": "kilograms"}  # fmt: skip


def numbers_changed(claims: list[Played], rng: random.Random, share: float, answer: Answer) -> list[Played]:
    return [_changed(c, rng, share, _other_number, "number changed") for c in claims]


def _changed(
    claim: Played, rng: random.Random, share: float, change: Callable[[str, random.Random], str | None], fault: str
) -> Played:
    text = change(claim.text, rng)
    if text is None or rng.random() >= share:
        return claim
    return replace(claim, text=text, fault=fault)


def _other_number(text: str, rng: random.Random) -> str | None:
    ways = []
    for m in _NUMBER.finditer(text):
        said = m.group().replace(",", "")
        value = float(said)
        whole = value == int(value) and "." not in said
        others = [value * 10, value + 1, value * 2] + ([value / 10] if value >= 10 and value % 10 == 0 else [])
        for other in others:
            new = f"{int(other)}" if whole else f"{other:.6g}"
            ways.append(text[: m.start()] + new + text[m.end() :])
        unit = re.match(r"\s*([a-z]+)\b", text[m.end() :])
        if unit and unit[1] in _UNITS:
            at = m.end() + unit.start(1)
            ways.append(text[:at] + _UNITS[unit[1]] + text[at + len(unit[1]) :])
    for m in _NUMBER_WORD.finditer(text):
        ways.append(text[: m.start()] + rng.choice([w for w in _WORDS if w != m.group()]) + text[m.end() :])
    return rng.choice(ways) if ways else None


_AUXILIARY = re.compile(r"\b(?:is|are|was|were|can|could|may|might|should|will|would|must|has been|have been)\b")
_TAKEN_OUT = (
    (re.compile(r"\b(can)not\b"), r"\1"),
    (re.compile(r"\b(is|are|was|were|should|could|would|does|do|did|has|have)n['’]t\b"), r"\1"),
    (re.compile(r"\b(?:not|never)\s+"), ""),
    (re.compile(r"\bno\s+(?!more|less|longer)"), ""),
    (re.compile(r"\bwithout\b"), "with"),
    (re.compile(r"\bunlikely\b"), "likely"),
    (re.compile(r"\buncommon\b"), "common"),
    (re.compile(r"\bunsafe\b"), "safe"),
    (re.compile(r"\bineffective\b"), "effective"),
)


def negations_changed(claims: list[Played], rng: random.Random, share: float, answer: Answer) -> list[Played]:
    """A "not" put in after the first auxiliary, or, where the statement has a negation, that one taken out."""
    return [_changed(c, rng, share, _negated, "negation changed") for c in claims]


def _negated(text: str, rng: random.Random) -> str | None:
    for pattern, new in _TAKEN_OUT:
        if pattern.search(text):
            return pattern.sub(new, text, count=1)
    m = _AUXILIARY.search(text)
    return f"{text[: m.end()]} not{text[m.end() :]}" if m else None


_VERB = re.compile(r"\b(?:is|are|was|were|can|could|may|might|should|will|would|must|has|have|does|do|includes?)\b")


def pronouns_kept(claims: list[Played], rng: random.Random, share: float, answer: Answer) -> list[Played]:
    """The subject, up to six words before the first verb, becomes "it" or "they"."""
    return [_changed(c, rng, share, _pronoun, "pronoun kept") for c in claims]


def _pronoun(text: str, rng: random.Random) -> str | None:
    m = _VERB.search(text)
    if m is None or not 1 <= len(text[: m.start()].split()) <= 6:
        return None
    subject = text[: m.start()].strip()
    if subject.lower().split()[0] in (
        "it",
        "they",
        "you",
        "this",
        "there",
        "if",
        "when",
        "these",
        "please",
        "to",
        "in",
    ):
        return None
    plural = m.group() in ("are", "were", "have", "do", "include") or subject.endswith("s")
    return f"{'They' if plural else 'It'} {text[m.start() :]}"


_OTHER_WORDS = {"help": "aid", "treat": "manage", "reduce": "lessen", "cause": "lead to", "symptoms": "signs",
                "typically": "as a rule", "usually": "most often", "however": "but", "important": "vital",
                "infection": "illness", "patients": "people", "medication": "medicine", "can": "is able to",
                "doctor": "physician", "healthcare": "health", "provider": "professional"}  # fmt: skip


def quotes_paraphrased(claims: list[Played], rng: random.Random, share: float, answer: Answer) -> list[Played]:
    """The quote from memory: three to seven words of ten left out, some exchanged, some in another order."""
    out = []
    for claim in claims:
        if rng.random() >= share:
            out.append(claim)
            continue
        left_out = rng.uniform(0.3, 0.7)
        words = [_OTHER_WORDS.get(w.lower(), w) for w in claim.quote.split() if rng.random() >= left_out]
        for _ in range(len(words) // 3):
            i = rng.randrange(max(1, len(words) - 1))
            words[i : i + 2] = reversed(words[i : i + 2])
        out.append(replace(claim, quote=" ".join(words), fault="quote paraphrased"))
    return out


_NEARLY = (
    lambda t: t,
    lambda t: "It is important to note that " + t[:1].lower() + t[1:] if t[1:2].islower() else "Note: " + t,
    lambda t: "In addition, " + (t[:1].lower() + t[1:] if t[1:2].islower() else t),
    lambda t: "Doctors say that " + (t[:1].lower() + t[1:] if t[1:2].islower() else t),
)


def duplicates(claims: list[Played], rng: random.Random, share: float, answer: Answer) -> list[Played]:
    """Statements said a second time, in the same words or with something put before them."""
    out = []
    for claim in claims:
        out.append(claim)
        if rng.random() < share:
            out.append(replace(claim, text=rng.choice(_NEARLY)(claim.text), fault="duplicate"))
    return out


def inventions(claims: list[Played], rng: random.Random, share: float, answer: Answer) -> list[Played]:
    """Statements of other answers, quoted from nowhere or from a sentence that doesn't say them."""
    out = []
    for claim in claims:
        out.append(claim)
        if answer.strangers and rng.random() < share:
            text = rng.choice(answer.strangers)
            at = rng.randrange(len(answer.sentences))
            quote = answer.sentences[at] if rng.random() < 0.5 else text
            out.append(Played(text, quote, at, "invention", None, ""))
    return out


def passed_over(claims: list[Played], rng: random.Random, share: float, answer: Answer) -> list[Played]:
    """Sentences of which the model says nothing, nor why."""
    gone = {s for s in sorted({c.sentence for c in claims}) if rng.random() < share}
    return [c for c in claims if c.sentence not in gone]


DAMAGES: dict[str, tuple[Damage, ...]] = {
    "none": (none,),
    "lists left whole": (lists_whole,),
    "numbers changed": (numbers_changed,),
    "negations changed": (negations_changed,),
    "pronouns kept": (pronouns_kept,),
    "quotes paraphrased": (quotes_paraphrased,),
    "duplicates": (duplicates,),
    "inventions": (inventions,),
    "sentences passed over": (passed_over,),
    "several at once": (
        lists_whole, numbers_changed, negations_changed, pronouns_kept, quotes_paraphrased, duplicates, inventions,
    ),
}  # fmt: skip


def damaged(claims: list[Played], damage: str, share: float, seed: int, answer: Answer) -> list[Played]:
    """The claims with this damage; the same for the same seed. Several damages never hit one statement twice."""
    out = claims
    for step in DAMAGES[damage]:
        rng = random.Random(f"{seed}:{damage}:{step.__name__}:{answer.id}")
        hurt = [c for c in out if c.fault]
        fresh = step([c for c in out if not c.fault], rng, share, answer)
        out = sorted([*hurt, *fresh], key=lambda c: c.sentence)
    return out


# --- replies

_BLOCK = r"<<<{name}\n(.*?)\n{name}>>>"


def _block(prompt: str, name: str) -> str:
    found = re.search(_BLOCK.format(name=name), prompt, re.DOTALL)
    return unmark(found[1]) if found else ""


def _squeezed(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


class PlayedModel:
    """Answers the requests of ``llm`` and ``hybrid`` with the damaged claims of the answer that they ask about.

    A sentence that no statement at all is of is skipped with a reason. One that there are statements of, and none is
    given, is passed over in silence.

    Parameters
    ----------
    played : sequence of (Answer, set of int, list of Played)
        Each answer, which of its sentences there are statements of, and the claims that are given.
    mends : bool
        Whether a claim that is sent back comes back as it was said, or as it was given.
    """

    def __init__(self, played: Sequence[tuple[Answer, set[int], list[Played]]], *, mends: bool) -> None:
        self.mends = mends
        self._heads = [(_squeezed(answer.text)[:60], k) for k, (answer, _, _) in enumerate(played)]
        self._words = [set(stems(answer.text)) for answer, _, _ in played]
        self._played = played
        self._given = {c.text: c for _, _, claims in played for c in claims}

    def respond(self, prompt: str) -> str:
        """The reply to a prompt, by the blocks that it has."""
        if claims := _block(prompt, "claims"):
            return self._again(claims)
        if listed := _block(prompt, "sentences"):
            return self._by_sentence(listed)
        return self._at_once(_block(prompt, "answer"))

    def _of(self, text: str) -> tuple[Answer, set[int], list[Played]]:
        said = _squeezed(text)
        at = next((k for head, k in self._heads if said.startswith(head)), None)
        if at is None:
            words = set(stems(text))
            at = max(range(len(self._words)), key=lambda k: _likeness(words, list(self._words[k])))
        return self._played[at]

    def _at_once(self, text: str) -> str:
        _, _, claims = self._of(text)
        rows = [{"claim": c.text, "quote": c.quote, "checkworthy": True, "reason": None} for c in claims]
        return json.dumps({"claims": rows}, ensure_ascii=False)

    def _by_sentence(self, listed: str) -> str:
        numbered = [(int(m[1]), m[2]) for m in re.finditer(r"^\[(\d+)\] (.*)$", listed, re.MULTILINE)]
        answer, spoken_of, claims = self._of(" ".join(said for _, said in numbered))
        words = {n: set(stems(said)) for n, said in numbered}
        number_of = {}
        for at, sentence in enumerate(answer.sentences):
            own = set(stems(sentence))
            number_of[at] = max(words, key=lambda n: len(own & words[n]) / (len(own | words[n]) or 1))
        silent = {number_of[at] for at in spoken_of}
        rows: dict[int, dict[str, Any]] = {n: {"n": n, "claims": [], "skip": None} for n, _ in numbered}
        for c in claims:
            rows[number_of[c.sentence]]["claims"].append({"claim": c.text, "quote": c.quote})
        for n, row in rows.items():
            if not row["claims"] and n not in silent:
                row["skip"] = "meta"
        return json.dumps({"sentences": list(rows.values())}, ensure_ascii=False)

    def _again(self, claims: str) -> str:
        rows = []
        for line in claims.splitlines():
            asked = json.loads(line)
            given = self._given.get(asked["claim"])
            text, quote = asked["claim"], given.quote if given else ""
            if given is not None and self.mends:
                text, quote = given.clean, given.clean_quote
            rows.append({"id": asked["id"], "claim": text, "quote": quote if text is not None else ""})
        return json.dumps({"claims": rows}, ensure_ascii=False)
