"""Negated, hedged, past, or somebody else's: what a sentence says about the concepts in it.

The method is that of NegEx and ConText: a cue acts on what stands in its scope, which runs from the cue to the end of
the sentence or to a word that closes it, and some phrases only look like cues. The tables are our own.

References
----------
Chapman W. W. et al. (2001). A simple algorithm for identifying negated findings and diseases in discharge summaries.
Journal of Biomedical Informatics 34(5), 301-310.
Harkema H. et al. (2009). ConText: an algorithm for determining negation, experiencer, and temporal status from clinical
reports. Journal of Biomedical Informatics 42(5), 839-851.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from halueval.records import Experiencer, Span, Temporality
from halueval.text.word_sets import word_set

__all__ = ["Assertion", "assess", "hedge_cues", "negation_cues"]


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a sentence says about one concept in it; the defaults are those of a plain statement."""

    negated: bool = False
    hedged: bool = False
    temporality: Temporality = "recent"
    experiencer: Experiencer = "patient"


# Phrases by what they do. "before": acts on what follows it; "after": on what precedes it; "both"; "none": is not a cue
# though a shorter one is inside it. "/" separates phrases. The longest phrase at a place wins.
_NEGATION_BEFORE = """
no/not/without/w o/never/none of/neither/nor/denies/denied/deny/denying/absence of/absent/lack of/lacks/lacked
/lacking/free of/free from/negative for/negative/rules out/ruled out/ruled out for/rule him out/rule her out
/rule them out/unremarkable for/fails to reveal/failed to reveal/fails to show/failed to show/declines/declined
/unable to/devoid of/low suspicion for/low suspicion of/little suspicion/no longer/cannot see/cannot be/can't/cannot
/can not/isn't/aren't/wasn't/weren't/doesn't/don't/didn't/hasn't/haven't/hadn't/won't/wouldn't/shouldn't/couldn't
/mustn't/nothing/nobody/non/against/rather than/instead of/resolution of/resolved/with no/ruling out/excludes
/excluded/unlikely to/unlikely/inconsistent with/hardly/not any
"""
_NEGATION_AFTER = """
is negative/was negative/are negative/were negative/negative/unlikely/is ruled out/are ruled out/was ruled out
/were ruled out/has been ruled out/have been ruled out/been ruled out/ruled out/is excluded/was excluded
/were excluded/been excluded/excluded/is absent/was absent/are absent/were absent/absent/not seen/not present
/not found/not identified/not detected/not observed/not noted/not demonstrated/not visualized/not appreciated
/not evident/not apparent/not shown/not palpable/not indicated/not recommended/not required/not needed/not reported
/not established/not proven/no longer/denied/none/nil/resolved/has resolved/have resolved/had resolved/not supported
"""
_NEGATION_NONE = """
no increase/no increased/no change/no significant change/no interval change/no significant interval change/no changes
/no definite change/no suspicious change/no difference/no significant difference/not only/not just/not merely
/not necessarily/not certain/not sure/not always/not all/not every/not limited to/not confined to/no more than
/no less than/no fewer than/no later than/no earlier than/no sooner than/not more than/not less than/not to exceed
/no doubt/no matter/no wonder/gram negative/without difficulty/without any difficulty/without further/not drain
/not clear/not known/not known whether/cannot exclude/can not exclude/cannot be excluded/can not be excluded
/not excluded/not ruled out/cannot rule out/can not rule out/cannot be ruled out/can not be ruled out/not exclude
/not rule out/not been ruled out/not feel like/if not/whether or not/or not/why not/rh negative/hiv negative
/false negative/negative predictive/negative feedback/negative pressure/negative emotions/negative thoughts
/negative thinking/negative side effects/negative effects/negative impact/never smoker/no idea/no problem
/no one size fits all/rule out/to rule out/absence seizures/absence seizure/free t4/free t3/not hesitate/not uncommon
/not unusual/not rare/not infrequent/not infrequently/not insignificant/not without/not unlike/not unlikely
"""
_HEDGE_BEFORE = """
may/might/could/possible/possibly/probable/probably/likely/most likely/more likely/perhaps/maybe/suspected/suspect
/suspects/suspicion of/suspicion for/suspicious for/suggest/suggests/suggested/suggesting/suggestive of/concern for
/concerning for/worrisome for/appears/appear/appeared/seems/seem/seemed/presumed/presumably/presumptive/potential
/potentially/questionable/question of/equivocal/unclear/uncertain/uncertainty/cannot exclude/can not exclude
/cannot rule out/can not rule out/rule out/ruled out vs/r o/not exclude/not rule out/consider/considered/thought to
/believed to/felt to be/hypothesized/apparently/apparent/evidently/arguably/in theory/theoretically/it is possible
/limited evidence/some evidence/preliminary/unlikely/not certain/not sure/not clear/not known/not necessarily
/not known whether/tend to/tends to/reportedly/allegedly/compatible with/consistent with/might be/could be/may be
/differential includes/differential diagnosis/indeterminate/i think/i believe/we believe/i guess/assumed
"""
_HEDGE_AFTER = """
possible/probable/likely/unlikely/suspected/questionable/equivocal/uncertain/unclear/not excluded/cannot be excluded
/can not be excluded/cannot be ruled out/can not be ruled out/not ruled out/not been ruled out/is considered
/not certain/not clear/not known/is possible/is likely/is suspected/vs/versus/not always
"""
_HEDGE_NONE = """
as likely as not/as soon as possible/if possible/where possible/when possible/whenever possible/as much as possible
/as little as possible/as possible/suggested dose/considered safe
"""
_HISTORICAL_BEFORE = """
history of/past history/past medical history/medical history/past surgical history/surgical history
/psychiatric history/social history/history/h o/status post/s p/prior/previous/previously/past/known/know
/history is significant for/years ago/last year/childhood/formerly/former/pmh/chronic/chronically/longstanding
/long standing/since childhood/has had/had had/allergies/allergic/redemonstrated/unchanged/remote/old
"""
_HISTORICAL_AFTER = """
in the past/years ago/year ago/months ago/month ago/last year/in childhood/as a child/previously/the last time
/last time/since childhood/by history/per history
"""
_HISTORICAL_NONE = """
prior to/natural history/history of present illness/history and physical/past few days/past few hours/past day
/past week/past several days/past 24 hours/family history/clinical history/history physical/previous to/not known
/known whether/history exam/brief history/no known/past two days/past three days/past month
"""
_NOT_PARTICULAR_BEFORE = """
if/in case/in the event/should she/should he/should they/should you/should it/should the patient/unless/return for
/watch for/monitor for/risk for/risk of/screening for/surveillance for/alert the physician/as needed for
/precautions for/follow up for/call for/return to the emergency department for/whenever/prevent/prevention of
/to avoid
"""
_FAMILY_BEFORE = """
family history/family history of/family hx/fhx/mother/mother's/father/father's/sister/sister's/brother/brother's
/sibling/siblings/parents/parent/aunt/uncle/cousin/grandmother/grandfather/grandparent/grandparents/maternal/paternal
/son/daughter/family member/family members/relative/relatives
"""
_OTHER_BEFORE = """
donor/donor's/roommate/neighbor/girlfriend/boyfriend/other patients/other people/coworker/coworkers
"""
# What closes a scope, in either direction.
_CLOSING = """
but/however/although/though/except/except for/aside from/apart from/other than/besides/nevertheless/nonetheless/still
/yet/whereas/which/who/because/since/secondary to/due to/as a cause of/as the cause of/as a source of
/as an etiology for/as an etiology of/cause for/cause of/causes of/reason for/reasons for/etiology for/etiology of
/source of/source for/origin of/attributable to/as there/therefore/thus/so/while/otherwise/then/despite/in spite of
/instead/presents/presented/presenting/complains/complained/admitted/found to have/and is/and was/and has/and had
/and are/and were/and can/and may/and should/and will/and takes/and wished/and wears/positive for/remained/until
/unless/when/as it/where/only/even so
"""
_SUBJECTS = word_set("he she it they we i there this these")  # they open a clause of their own
_SUBJECT_AFTER = word_set("that if whether when while because since as nor does do did is are was were has had can")
_RESOLVING = frozenset(["once", "until", "if", "when", "unless", "before"])

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[;:,()]|\.(?=\s)")
_STOPPING = frozenset(";:.")

_Rule = tuple[tuple[str, ...], str]


def _phrases(table: str) -> Iterable[tuple[str, ...]]:
    for phrase in table.replace("\n", "").split("/"):
        if phrase.strip():
            yield tuple(phrase.split())


def _rules(*tables: tuple[str, str]) -> dict[str, list[_Rule]]:
    """Phrases by their first word, the longest first; the actions of one phrase in several tables are put together."""
    actions: dict[tuple[str, ...], str] = {}
    for table, action in tables:
        for phrase in _phrases(table):
            actions[phrase] = actions.get(phrase, "") + action
    out: dict[str, list[_Rule]] = {}
    for phrase, action in sorted(actions.items(), key=lambda item: -len(item[0])):
        out.setdefault(phrase[0], []).append((phrase, action))
    return out


_NEGATION = _rules((_NEGATION_BEFORE, ">"), (_NEGATION_AFTER, "<"), (_NEGATION_NONE, "-"))
_HEDGES = _rules((_HEDGE_BEFORE, ">"), (_HEDGE_AFTER, "<"), (_HEDGE_NONE, "-"))
_PAST = _rules((_HISTORICAL_BEFORE, ">"), (_HISTORICAL_AFTER, "<"), (_HISTORICAL_NONE, "-"))
_CONDITIONAL = _rules((_NOT_PARTICULAR_BEFORE, ">"))
_FAMILY = _rules((_FAMILY_BEFORE, ">"))
_OTHERS = _rules((_OTHER_BEFORE, ">"))
_CLOSERS = _rules((_CLOSING, "|"))


@dataclass(frozen=True, slots=True)
class _Cue:
    first: int  # tokens
    last: int
    action: str


@dataclass(frozen=True, slots=True)
class _Tokens:
    words: list[str]
    starts: list[int]
    ends: list[int]


def negation_cues(sentence: str) -> tuple[Span, ...]:
    """Where a sentence says no: the cues of negation, without the phrases that only look like one.

    Examples
    --------
    >>> text = "It does not cure, not only in adults; take no more than 4 g."
    >>> [text[s.start:s.end] for s in negation_cues(text)]
    ['not']
    """
    return _cue_spans(sentence, _NEGATION)


def hedge_cues(sentence: str) -> tuple[Span, ...]:
    """Where a sentence holds back: "may", "possibly", "cannot exclude" and their like.

    Examples
    --------
    >>> text = "It may help; it is probably safe. In May 2020 it was sold."
    >>> [text[s.start:s.end] for s in hedge_cues(text)]
    ['may', 'probably']
    """
    return _cue_spans(sentence, _HEDGES)


def assess(sentence: str, spans: Sequence[Span]) -> list[Assertion]:
    """What a sentence says about each of the concepts in it.

    Parameters
    ----------
    sentence : str
        One sentence; case is not looked at.
    spans : sequence of Span
        Where the concepts stand in it. A cue inside a concept ("no acute disease") does not act on that concept.

    Returns
    -------
    list of Assertion
        One for each span, in order.

    Examples
    --------
    >>> [a.negated for a in assess("No fever, but a cough.", [Span(3, 8), Span(16, 21)])]
    [True, False]
    """
    if not spans:
        return []
    tokens = _tokens(sentence)
    closers = [cue.first for cue in _cues(tokens, _CLOSERS)] + _clause_starts(tokens)
    negations, hedges, past, conditions, family, others = (
        _cues(tokens, rules) for rules in (_NEGATION, _HEDGES, _PAST, _CONDITIONAL, _FAMILY, _OTHERS)
    )
    negations = [cue for cue in negations if not _is_pending(tokens, cue)]
    out = []
    for span in spans:
        first, last = _token_range(tokens, span)
        temporality: Temporality = "recent"
        if _reached(conditions, first, last, []):
            temporality = "not particular"
        elif _reached(past, first, last, [c for c in closers if tokens.words[c] not in ";.:"]):
            temporality = "historical"
        experiencer: Experiencer = "patient"
        if _reached(family, first, last, closers):
            experiencer = "family"
        elif _reached(others, first, last, closers):
            experiencer = "other"
        out.append(
            Assertion(
                _reached(negations, first, last, closers),
                _reached(hedges, first, last, closers),
                temporality,
                experiencer,
            )
        )
    return out


def _tokens(sentence: str) -> _Tokens:
    low = sentence.lower()
    if len(low) != len(sentence):  # a few letters grow when lowered, which would shift every offset after them
        low = "".join(c if len(c.lower()) != 1 else c.lower() for c in sentence)
    found = list(_TOKEN.finditer(low.replace("’", "'")))
    return _Tokens([m.group() for m in found], [m.start() for m in found], [m.end() for m in found])


def _cues(tokens: _Tokens, rules: dict[str, list[_Rule]]) -> list[_Cue]:
    words = tokens.words
    out = []
    i = 0
    while i < len(words):
        for phrase, action in rules.get(words[i], ()):
            size = len(phrase)
            if size == 1 or tuple(words[i : i + size]) == phrase:
                if not (words[i] == "may" and _is_month(words, i)):
                    out.append(_Cue(i, i + size - 1, action))
                i += size - 1
                break
        i += 1
    return out


def _cue_spans(sentence: str, rules: dict[str, list[_Rule]]) -> tuple[Span, ...]:
    tokens = _tokens(sentence)
    return tuple(Span(tokens.starts[c.first], tokens.ends[c.last]) for c in _cues(tokens, rules) if c.action != "-")


def _is_month(words: list[str], i: int) -> bool:
    after = words[i + 1] if i + 1 < len(words) else ""
    return after[:1].isdigit() or (
        i > 0 and words[i - 1] in ("in", "of", "since", "until", "by", "last", "late", "early")
    )


def _is_pending(tokens: _Tokens, cue: _Cue) -> bool:
    """Whether a cue of resolution lies in the future: "once the infection has resolved"."""
    if tokens.words[cue.last] != "resolved":
        return False
    return any(word in _RESOLVING for word in tokens.words[max(0, cue.first - 10) : cue.first])


def _clause_starts(tokens: _Tokens) -> list[int]:
    """Tokens that close a scope by what they stand between: strong punctuation, and subjects of a new clause."""
    out = []
    words = tokens.words
    for i, word in enumerate(words):
        if word in _STOPPING and not (word == ":" and i and words[i - 1] in ("following", "of")):
            out.append(i)
        elif word in _SUBJECTS and i and words[i - 1] not in _SUBJECT_AFTER:
            out.append(i)
        elif word == ")" and i and words[i - 1].isdigit() and (i < 2 or words[i - 2] != "("):
            out.append(i)  # a number in a running list: "1) Colitis 2) Otherwise normal"
    return out


def _token_range(tokens: _Tokens, span: Span) -> tuple[int, int]:
    """The first token of a concept and the one after its last."""
    first = next((i for i, end in enumerate(tokens.ends) if end > span.start), len(tokens.words))
    last = next((i for i in range(first, len(tokens.words)) if tokens.starts[i] >= span.end), len(tokens.words))
    return first, last


def _reached(cues: Sequence[_Cue], first: int, last: int, closers: Sequence[int]) -> bool:
    for cue in cues:
        if cue.action == "-" and cue.first < first <= cue.last:
            return True  # "no change in vision" takes nothing from vision, but there is no change
        if ">" in cue.action and cue.last < first and not any(cue.last < c < first for c in closers):
            return True
        if "<" in cue.action and cue.first >= last and not any(last <= c < cue.first for c in closers):
            return True
    return False
