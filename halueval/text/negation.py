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
from bisect import bisect_left, bisect_right
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


# Phrases by what they do. "before": acts on what follows it; "after": on what precedes it; "none": no cue, though a
# shorter one is inside it. "/" separates phrases. The longest phrase at a place wins.
_NEGATION_BEFORE = """
no/not/without/w o/never/none of/none/neither/nor/denies/denied/deny/denying/absence of/absent/lack of/lacks/lacked
/lacking/free of/free from/negative for/rules out/ruled out/ruled out for/rule him out/rule her out/rule them out
/unremarkable for/fails to/failed to/fail to/failure to reveal/unable to/devoid of/low suspicion for
/low suspicion of/little suspicion for/little suspicion of/no longer/cannot/can not/can't/isn't/aren't/wasn't
/weren't/doesn't/don't/didn't/hasn't/haven't/hadn't/won't/wouldn't/shouldn't/couldn't/mustn't/needn't/nothing/nobody
/no one/rather than/instead of/resolution of/resolved/ruling out/excludes/excluded/excluding/unlikely
/inconsistent with/hardly/not any/is negative for/was negative for/are negative for/were negative for
/tested negative for/argues against/argue against/evidence against/speaks against/neg for/no evidence/no sign
/no signs/nil/afebrile with no
"""
_NEGATION_AFTER = """
is negative/was negative/are negative/were negative/tested negative/came back negative/remained negative
/returned negative/negative/unlikely/ruled out/is excluded/was excluded/were excluded/been excluded/is absent
/was absent/are absent/were absent/absent/not seen/not present/not found/not identified/not detected/not observed
/not noted/not demonstrated/not visualized/not visualised/not appreciated/not evident/not apparent/not shown
/not palpable/not palpated/not indicated/not recommended/not required/not needed/not necessary/not reported
/not established/not proven/not confirmed/not heard/not elicited/not felt/not documented/not recorded/not performed
/not done/not given/no longer/denied/none/nil/resolved/not supported/did not occur/does not occur/do not occur
/not occur/not develop
"""
# Say no to what stands in them and to nothing beyond: "no change in weight" does not deny the weight.
_NEGATION_WITHIN = """
no increase/no increased/no decrease/no decreased/no change/no changes/no significant change/no interval change
/no significant interval change/no definite change/no suspicious change/no difference/no differences
/no significant difference/no significant differences/no effect/no significant effect/not necessarily/not certain
/not sure/not always/not all/not every/not everyone/not clear/not known/not known whether/not limited to
/not confined to
"""
_NEGATION_NONE = """
not only/not just/not merely/not solely/no more than/no less than/no fewer than/no greater than/no later than
/no earlier than/no sooner than/not more than/not less than/not to exceed/not exceed/no doubt/without doubt
/no matter/no wonder/no idea/no problem/gram negative/rh negative/triple negative/false negative/negative predictive
/negative feedback/negative pressure/without difficulty/without any difficulty/without further/cannot exclude
/can not exclude/cannot be excluded/can not be excluded/not excluded/not exclude/cannot rule out/can not rule out
/cannot be ruled out/can not be ruled out/not ruled out/not rule out/not been ruled out/couldn't rule out
/couldn't exclude/if not/whether or not/or not/why not/absence seizure/absence seizures/not hesitate/not uncommon
/not unusual/not rare/not infrequent/not infrequently/not insignificant/not without/not unlike/not unlikely
/not unreasonable/rule out/last but not least/no one size fits all/nothing by mouth/nil by mouth
"""
_HEDGE_BEFORE = """
may/might/could/possible/possibly/possibility of/probable/probably/likely/most likely/unlikely/perhaps/maybe
/suspected/suspect/suspects/suspicion of/suspicion for/suspicious for/suggest/suggests/suggested/suggesting
/suggestive of/concern for/concerning for/worrisome for/appears to/appear to/appeared to/appears that/seems/seem
/seemed/presumed/presumably/presumptive/potential/potentially/questionable/equivocal/unclear/uncertain/uncertainty
/indeterminate/cannot exclude/can not exclude/cannot rule out/can not rule out/couldn't rule out/rule out/r o
/not exclude/not rule out/thought to/believed to/felt to/felt to be/assumed/hypothesized/apparently/reportedly
/allegedly/arguably/in theory/theoretically/limited evidence/some evidence/preliminary/not certain/not sure
/not clear/not known/not known whether/not necessarily/tend to/tends to/compatible with/consistent with
/differential includes/differential diagnosis/i think/i believe/we believe/i guess/can sometimes/can occasionally
/can rarely
"""
_HEDGE_AFTER = """
possible/probable/likely/unlikely/suspected/questionable/equivocal/uncertain/unclear/not excluded/cannot be excluded
/can not be excluded/cannot be ruled out/can not be ruled out/not ruled out/not been ruled out/not certain/not clear
/not known
"""
_HEDGE_NONE = """
could not/couldn't/as soon as possible/if possible/where possible/when possible/whenever possible
/as much as possible/as little as possible/as often as possible/as possible/best possible/more likely/less likely
/as likely/equally likely/times likelier/i suggest/we suggest/i would suggest/i'd suggest/suggest you
/suggest that you/suggested dose/suggested doses/action potential/action potentials/evoked potential
/evoked potentials/membrane potential
"""
_PAST_BEFORE = """
history of/history/past history/past medical history/medical history/past surgical history/surgical history
/psychiatric history/social history/h o/hx of/status post/s p/prior/previous/previously/past/known
/history is significant for/formerly/former/pmh/pmhx/chronically/longstanding/long standing/since childhood
/allergies/allergic/redemonstrated/unchanged/remote
"""
_PAST_AFTER = """
in the past/years ago/year ago/months ago/month ago/last year/in childhood/as a child/previously/the last time
/last time/since childhood/by history/per history/redemonstrated
"""
_PAST_NONE = """
prior to/previous to/natural history/history of present illness/history and physical/history physical/past few days
/past few hours/past few weeks/past day/past days/past week/past weeks/past month/past several days/past 24 hours
/past two days/past three days/family history/family history of/clinical history/patient history/brief history
/history exam/not known/known whether/known as/no known/known to/well known/day history of/days history of
/week history of/weeks history of/hour history of/month history of/months history of/previous hospital
"""
_NOT_PARTICULAR_BEFORE = """
if/in the event/should she/should he/should they/should you/should it/should the patient/unless/return for
/return to the emergency department for/return to the emergency room for/come back for/watch for/monitor for
/risk for/risk of/screening for/screened for/surveillance for/alert the physician/as needed for/precautions for
/follow up for/call for/whenever/prevent/prevention of/to avoid/in case of
"""
_FAMILY_BEFORE = """
family history/family history of/family hx/fhx/fh/mother/mother's/father/father's/mom/mom's/dad/dad's/sister
/sister's/brother/brother's/sibling/siblings/parents/aunt/uncle/cousin/grandmother/grandfather/grandparent
/grandparents/son/daughter/family member/family members/relative/relatives/first degree relative/maternal/paternal
"""
_FAMILY_NONE = """
nursing mother/nursing mothers/breastfeeding mother/pregnant mother/expectant mother/new mother/mother's milk
/maternal age/maternal mortality/maternal death/maternal health/maternal blood/maternal fetal/paternal age
"""
_OTHER_BEFORE = """
donor/donor's/roommate/neighbor/neighbour/girlfriend/boyfriend/coworker/coworkers/colleague
"""
# What closes a scope, in either direction.
_CLOSING = """
but/however/although/though/except/except for/aside from/apart from/other than/besides/nevertheless/nonetheless
/still/yet/whereas/which/who/because/since/secondary to/due to/as a cause of/as the cause of/as a source of
/as an etiology for/as an etiology of/cause for/cause of/causes of/reason for/reasons for/etiology for/etiology of
/source of/source for/origin of/attributable to/as there/therefore/thus/so/while/otherwise/then/despite/in spite of
/instead/presents/presented/presenting/complains/complained/admitted/found to have/and is/and was/and has/and had
/and are/and were/and can/and may/and should/and will/and takes/and wished/and wears/positive for/remained/until
/unless/when/as it/where/only/even so
"""
_SUBJECTS = word_set("he she it they we i there this these")  # they open a clause of their own
_SUBJECT_AFTER = word_set("that if whether when while because since as nor does do did is are was were has had can")
_PENDING = frozenset(["once", "until", "if", "when", "unless", "before"])

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


_NEGATION = _rules((_NEGATION_BEFORE, ">"), (_NEGATION_AFTER, "<"), (_NEGATION_WITHIN, "~"), (_NEGATION_NONE, "-"))
_HEDGES = _rules((_HEDGE_BEFORE, ">"), (_HEDGE_AFTER, "<"), (_HEDGE_NONE, "-"))
_PAST = _rules((_PAST_BEFORE, ">"), (_PAST_AFTER, "<"), (_PAST_NONE, "-"))
_CONDITIONAL = _rules((_NOT_PARTICULAR_BEFORE, ">"))
_FAMILY = _rules((_FAMILY_BEFORE, ">"), (_FAMILY_NONE, "-"))
_OTHERS = _rules((_OTHER_BEFORE, ">"))
_CLOSERS = _rules((_CLOSING, "|"))


@dataclass(frozen=True, slots=True)
class _Cue:
    """A phrase found: its first and last token and how it acts.

    ``action`` holds ">" where it acts on what follows, "<" on what precedes, "~" within itself, "-" not at all.
    """

    first: int
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
    breaks = _clause_starts(tokens)
    closers = breaks + [cue.first for cue in _cues(tokens, _CLOSERS)]
    past_closers = [c for c in closers if tokens.words[c] not in _STOPPING]  # a section goes on over full stops
    negations = [cue for cue in _cues(tokens, _NEGATION) if not _is_pending(tokens, cue)]
    hedges, past, conditions, family, others = (
        _cues(tokens, rules) for rules in (_HEDGES, _PAST, _CONDITIONAL, _FAMILY, _OTHERS)
    )
    out = []
    for span in spans:
        place = _token_range(tokens, span)
        temporality: Temporality = "recent"
        if _reached(conditions, place, ()):
            temporality = "not particular"
        elif _reached(past, place, past_closers) or _in_section(tokens, past, place):
            temporality = "historical"
        experiencer: Experiencer = "patient"
        if _reached(family, place, closers):
            experiencer = "family"
        elif _reached(others, place, closers):
            experiencer = "other"
        out.append(
            Assertion(_reached(negations, place, closers), _reached(hedges, place, closers), temporality, experiencer)
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
                if size > 1 or not _is_other_word(words, i):
                    out.append(_Cue(i, i + size - 1, action))
                i += size - 1
                break
        i += 1
    return out


def _cue_spans(sentence: str, rules: dict[str, list[_Rule]]) -> tuple[Span, ...]:
    tokens = _tokens(sentence)
    return tuple(Span(tokens.starts[c.first], tokens.ends[c.last]) for c in _cues(tokens, rules) if c.action != "-")


def _is_other_word(words: Sequence[str], i: int) -> bool:
    """Whether what looks like a cue is another word: the month of May, "No, it is", "negative deflections"."""
    before, after = words[i - 1] if i else "", words[i + 1] if i + 1 < len(words) else ""
    match words[i]:
        case "may":
            return after[:1].isdigit() or before in ("in", "of", "since", "until", "by", "last", "late", "early")
        case "no":
            return not before and after == ","
        case "negative":
            return after[:1].isalpha() and after not in ("and", "or", "but", "for", "on", "in", "at")
        case _:
            return False


def _is_pending(tokens: _Tokens, cue: _Cue) -> bool:
    """Whether a cue of resolution lies in the future: "once the infection has resolved"."""
    if tokens.words[cue.last] != "resolved":
        return False
    return any(word in _PENDING for word in tokens.words[max(0, cue.first - 10) : cue.first])


def _clause_starts(tokens: _Tokens) -> list[int]:
    """Tokens that close a scope by what they stand between: strong punctuation, and subjects of a new clause."""
    out = []
    words = tokens.words
    for i, word in enumerate(words):
        if not i:
            continue
        before = words[i - 1]
        if (
            (word in _STOPPING and not (word == ":" and (before in ("following", "of") or _answers(words, i + 1))))
            or (word in _SUBJECTS and before not in _SUBJECT_AFTER)
            # a number in a running list: "1) Colitis 2) Otherwise normal"
            or (word == ")" and before.isdigit() and (i < 2 or words[i - 2] != "("))
        ):
            out.append(i)
    return out


def _answers(words: Sequence[str], i: int) -> bool:
    """Whether a word after a colon says no to what stands before it: "Allergies: none"."""
    return i < len(words) and words[i] in ("none", "nil", "negative", "absent", "denied")


def _token_range(tokens: _Tokens, span: Span) -> tuple[int, int]:
    """The first token of a concept and the one after its last."""
    first = bisect_right(tokens.ends, span.start)
    return first, max(first, bisect_left(tokens.starts, span.end))


def _in_section(tokens: _Tokens, cues: Sequence[_Cue], place: tuple[int, int]) -> bool:
    """Whether a cue is the title of the section ("Past medical history:") that a concept stands in."""
    colons = [i for i, word in enumerate(tokens.words[: place[0]]) if word == ":"]
    return bool(colons) and any(cue.last == colons[-1] - 1 and cue.action != "-" for cue in cues)


def _reached(cues: Sequence[_Cue], place: tuple[int, int], closers: Sequence[int]) -> bool:
    """Whether a concept is in the scope of one of the cues, with nothing between them that closes it."""
    first, after = place
    for cue in cues:
        if cue.action == "~" and cue.first < first <= cue.last:
            return True
        if ">" in cue.action and cue.last < first and not any(cue.last < c < first for c in closers):
            return True
        if "<" in cue.action and cue.first >= after and not any(after <= c < cue.first for c in closers):
            return True
    return False
