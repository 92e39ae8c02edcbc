"""Whether a verdict on one claim is a verdict on another: only where nothing that could matter differs.

Two claims are laid beside each other after what is known to be empty has been taken out of both: articles, case,
punctuation, lead-ins, the writing of a quantity, words of one row of :mod:`halueval.runs.claim_wording`. What is left
must be the same, in the same order, but for a phrase such as "in adults" that may stand in front or at the end. So
whatever this module has never heard of, a drug, a unit, a gene, a word for yes or no, is a difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from halueval.runs.claim_patterns import CLAUSE_WORDS, COMPARISONS, DONE, LOOSE, MOVABLE, PEOPLE, VERB_SIGNS
from halueval.runs.claim_phrases import plain_phrases
from halueval.runs.claim_tokens import tidy, tokens_of
from halueval.runs.claim_wording import plain_word
from halueval.text.negation import hedge_cues, negation_cues
from halueval.text.quantities import find_quantities

__all__ = ["difference", "meaning"]

_ASIDE = frozenset(("may", "can", "should", "must", "will", "could", "not"))
_LIMIT = 2_000  # characters; what is longer is no claim, and is compared to the letter


def difference(claim: str, other: str) -> str:
    """What keeps a verdict on one claim from being a verdict on the other; empty where nothing does.

    Examples
    --------
    >>> difference("Take 500 mg of paracetamol twice a day.", "take acetaminophen 0.5 g two times daily")
    ''
    >>> difference("Adults can take 500 mg two times daily.", "In adults")
    'numbers: "500 mg", "two times daily"'
    >>> difference("Aspirin isn't safe in children.", "Aspirin is not safe in kids")
    ''
    >>> difference("A is better than B.", "B is better than A.")
    'the order of the same words'
    """
    if claim == other:
        return ""
    mine, theirs = meaning(claim), meaning(other)
    if not mine and not theirs:
        return "no words to compare"
    if mine == theirs or mine in _said_actively(theirs) or theirs in _said_actively(mine):
        return ""
    apart = (Counter(mine) - Counter(theirs)) + (Counter(theirs) - Counter(mine))
    if not apart:
        return "the order of the same words"
    return _kind(apart, claim, other)


@lru_cache(maxsize=8_192)
def meaning(claim: str) -> tuple[str, ...]:
    """A claim without what is known to be empty: equal for two claims only if one verdict serves both.

    Examples
    --------
    >>> one, other = "In adults, the dose shouldn't exceed 4,000 mg/day.", "Dose should be at most 4 g daily in adults"
    >>> meaning(one) == meaning(other)
    True
    >>> meaning("HER2+ tumors") == meaning("HER2- tumours"), meaning("hepatitis A") == meaning("hepatitis")
    (False, False)
    """
    text = tidy(claim)
    if len(text) > _LIMIT:
        return (text,)
    return _in_place(_phrased(list(tokens_of(text))))


def _phrased(tokens: list[str]) -> list[str]:
    """Tokens with what stands for them; the longest phrase first."""
    out: list[str] = []
    phrases = plain_phrases()
    at = 0
    while at < len(tokens):
        for said, meant in phrases.get(tokens[at], ()):
            if tuple(tokens[at : at + len(said)]) == said:
                out.extend(meant)
                at += len(said)
                break
        else:
            out.append(plain_word(tokens[at]))
            at += 1
    return _turned(out)


def _turned(tokens: list[str]) -> list[str]:
    """Tokens with "500 mg of a drug" as the drug and its 500 mg, and the ways to say an age as one."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        now, rest = tokens[at], tokens[at + 1 : at + 3]
        if now == "for" and _names_people(tokens[at + 1 : at + 4]):
            now = "in"
        of = int(rest[:1] == ["of"])
        if _is_amount(now) and rest[of:] and _is_drug(rest[of]) and not (out and _is_drug(out[-1])):
            out += [rest[of], now]
            at += 2 + of
            continue
        at += 1
        out.append(now)
        if not now.startswith("<[time]^1 "):
            continue
        way = out[-2] if len(out) > 1 else ""
        after_it = 2 if rest == ["of", "age"] else int(rest[:1] == ["old"])
        if after_it or way == "aged" or (way, now[10]) in (("older", ">"), ("younger", "<")):
            at += after_it
            out[-2:] = [now, "<age>"] if way in ("aged", "older", "younger") else [*out[-2:], "<age>"]
    return out


def _names_people(tokens: list[str]) -> bool:
    """Whether a phrase is one of people, "adults", "pregnant women with", and not of something of theirs."""
    place = next((i for i, token in enumerate(tokens[:2]) if token in PEOPLE), None)
    after_them = tokens[place + 1 : place + 2] if place is not None else ["no people"]
    return not after_them or after_them[0] in MOVABLE | VERB_SIGNS | {"aged", "older", "younger", ","}


def _is_amount(token: str) -> bool:
    return token.startswith("<[") and not token.startswith("<[time]")


def _is_drug(token: str) -> bool:
    return token.startswith("<drug ")


def _in_place(tokens: list[str]) -> tuple[str, ...]:
    """Without commas, and with what may stand in front or at the end, "in adults", at the end."""
    while tokens and tokens[-1] == ",":
        tokens.pop()
    commas = [i for i, token in enumerate(tokens) if token == ","]
    if CLAUSE_WORDS.isdisjoint(tokens):
        if len(commas) == 1 and tokens[0] in MOVABLE:
            tokens = tokens[commas[0] + 1 :] + tokens[: commas[0]]
        elif len(commas) == 2 and tokens[commas[0] + 1] in MOVABLE:
            first, last = commas
            tokens = tokens[:first] + tokens[last + 1 :] + tokens[first + 1 : last]
        if COMPARISONS.isdisjoint(tokens):
            tokens = _amount_last(_sorted_end(tokens))
    return tuple(token for i, token in enumerate(tokens) if token != "," or _answers(tokens, i))


def _answers(tokens: list[str], i: int) -> bool:
    """Whether a comma makes an answer of the word before it: "No, aspirin is safe"."""
    return i > 0 and tokens[i - 1] in ("no", "yes", "not")


def _sorted_end(tokens: list[str]) -> list[str]:
    """ "In adults for pain" and "for pain in adults" at the end in one order; "in this in that" stays as it is."""
    verb = max((i for i, token in enumerate(tokens) if token in VERB_SIGNS), default=-1)
    begins = [i for i, token in enumerate(tokens) if i > verb + 1 and token in LOOSE]
    if verb < 0 or len(begins) < 2:
        return tokens
    phrases = [tokens[i:j] for i, j in zip(begins, [*begins[1:], len(tokens)], strict=True)]
    return tokens[: begins[0]] + [token for phrase in sorted(phrases, key=lambda p: p[0]) for token in phrase]


def _amount_last(tokens: list[str]) -> list[str]:
    """ "5 mg is the usual dose" as "the usual dose is 5 mg": the two are one thing, whichever is named first."""
    amounts = next((i for i, token in enumerate(tokens) if not (token.startswith("<[") or token == "to")), len(tokens))
    if not amounts or tokens[amounts : amounts + 1] != ["is"] or "not" in tokens:
        return tokens
    return [*tokens[amounts + 1 :], "is", *tokens[:amounts]]


def _said_actively(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What "X is done by Y" is as "Y does X", in all spellings that the verb may have."""
    signs = [i for i, token in enumerate(tokens) if token in VERB_SIGNS]
    if tokens.count("by") != 1 or not CLAUSE_WORDS.isdisjoint(tokens) or not COMPARISONS.isdisjoint(tokens):
        return
    by = tokens.index("by")
    if not signs or tokens[signs[-1]] not in ("is", "was", "be") or signs != list(range(signs[0], signs[-1] + 1)):
        return
    done, mine, theirs = tokens[by - 1], tokens[: signs[0]], tokens[by + 1 :]
    between = tokens[signs[0] : by - 1]
    aside = [token for token in between if token not in ("is", "was", "be")]
    by_amount = theirs[:1] and theirs[0][0] == "<" and not _is_drug(theirs[0])
    if not mine or not theirs or by_amount or not set(aside) <= _ASIDE or len(between) != by - 1 - signs[0]:
        return
    for verb in [done] if tokens[signs[-1]] == "was" else _doing(done):
        yield (*theirs, *aside, plain_word(verb), *mine)


def _doing(done: str) -> list[str]:
    """What "reduced", "blocked", "modified" and "taken" may be the past of."""
    if done in DONE:
        return [DONE[done]]
    return [done[:-1], done[:-2], done[:-3] + "y"] if done.endswith("ed") else []


def _kind(apart: Counter[str], claim: str, other: str) -> str:
    """What sort of thing differs, the gravest first, with how it is written."""
    if any(token[0].isdigit() or token[0] == "<" and " " in token[:-1] and token[1] != "d" for token in apart):
        quantities = [
            Counter(text[q.span.start : q.span.end] for q in find_quantities(text)) for text in (claim, other)
        ]
        only = list((quantities[0] - quantities[1]) + (quantities[1] - quantities[0]))
        return _listed("numbers", only or [token for token in apart if token[0].isdigit()])
    for name, cues in (("negation", negation_cues), ("hedge", hedge_cues)):
        said = [Counter(text[s.start : s.end].lower() for s in cues(text)) for text in (claim, other)]
        if only := list((said[0] - said[1]) + (said[1] - said[0])):
            return _listed(name, only)
    if drugs := [token[6:-1] for token in apart if _is_drug(token)]:
        return _listed("drugs", drugs)
    return _listed("words or their order", list(apart))


def _listed(name: str, said: list[str]) -> str:
    return f"{name}: " + ", ".join(f'"{word}"' for word in said[:4])
