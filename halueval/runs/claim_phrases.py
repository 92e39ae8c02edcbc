"""Phrases that may be exchanged in a claim without changing what has to be checked; see :mod:`.claim_wording`."""

from __future__ import annotations

import re
from functools import cache

from halueval.runs.claim_wording import plain_word

__all__ = ["plain_phrases"]

# Lower-cased words in order, and what stands for them. The longest that fits at a place is taken.
_PHRASES = """
high blood pressure = hypertension
low blood pressure = hypotension
low blood sugar = hypoglycemia
high blood sugar = hyperglycemia
heart attack = myocardial infarction
shortness of breath = dyspnea
breathlessness = dyspnea
difficulty breathing = dyspnea
high temperature = fever
side effect = adverse effect
side effects = adverse effect
undesirable effect = adverse effect
undesirable effects = adverse effect
adverse reaction = adverse effect
adverse reactions = adverse effect
breast feeding = breastfeeding
non steroidal = nonsteroidal
anti inflammatory = antiinflammatory
follow up = followup
under the age of = below the age of
over the age of = above the age of
by mouth = orally
via the oral route = orally
by the oral route = orally
into a vein = intravenously
into the vein = intravenously
by intravenous injection = intravenously
under the skin = subcutaneously
into a muscle = intramuscularly
into the muscle = intramuscularly
prior to = before
ahead of = before
subsequent to = after
due to = because of
owing to = because of
on account of = because of
in order to = to
so as to = to
with the aim of = to
together with = with
along with = with
in combination with = combined with
for the treatment of = to treat
in the treatment of = to treat
for treating = to treat
for treatment of = to treat
for the prevention of = to prevent
for preventing = to prevent
for prevention of = to prevent
for the management of = to manage
for managing = to manage
is able to = can
are able to = can
is capable of causing = can cause
has the ability to = can
is not able to = can not
cannot = can not
leads to = cause
lead to = cause
leading to = causing
led to = caused
results in = cause
result in = cause
resulting in = causing
resulted in = caused
brings about = cause
bring about = cause
decrease in = reduction in
rise in = increase in
elevation in = increase in
elevation of = increase in
is linked to = is associated with
is linked with = is associated with
are linked to = is associated with
are linked with = is associated with
was linked to = was associated with
was linked with = was associated with
were linked to = was associated with
were linked with = was associated with
linked to = associated with
compared to = compared with
in comparison with = compared with
in comparison to = compared with
relative to = compared with
vs = versus
patients with = people with
patients who have = people with
people who have = people with
individuals who have = people with
persons who have = people with
those with = people with
patients suffering from = people with
people suffering from = people with
patients living with = people with
people living with = people with
on an empty stomach = fasting stomach
without food = fasting stomach
with meals = with food
with a meal = with food
at bedtime = before bed
before going to bed = before bed
before bedtime = before bed
in the long term = long term
over the long term = long term
is usually = usually is
are usually = usually is
is typically = usually is
are typically = usually is
is often = often is
are often = often is
is commonly = often is
are commonly = often is
is frequently = often is
are frequently = often is
has been shown to = is shown to
have been shown to = is shown to
has been demonstrated to = is shown to
have been demonstrated to = is shown to
a large number of = many
a great number of = many
numerous = many
a majority of = most
the majority of = most
a small number of = few
in spite of = despite
women who are pregnant = pregnant women
diabetic patients = people with diabetes
hypertensive patients = people with hypertension
asthmatic patients = people with asthma
diabetes mellitus = diabetes
bp = blood pressure
t2dm = type 2 diabetes
copd = chronic obstructive pulmonary disease
ckd = chronic kidney disease
uti = urinary tract infection
dvt = deep vein thrombosis
nsaid = nonsteroidal antiinflammatory drug
nsaids = nonsteroidal antiinflammatory drugs
ace inhibitor = angiotensin converting enzyme inhibitor
ace inhibitors = angiotensin converting enzyme inhibitors
gerd = gastroesophageal reflux disease
cerebrovascular accident = stroke
blood sugar = blood glucose
blood thinner = anticoagulant
blood thinners = anticoagulants
whooping cough = pertussis
hair loss = alopecia
high cholesterol = hypercholesterolemia
high potassium = hyperkalemia
low potassium = hypokalemia
low sodium = hyponatremia
in case of = in the event of
older adult = elderly
older adults = elderly
older people = elderly
elderly people = elderly
elderly adults = elderly
at the same time as = simultaneously with
1 time = once
2 times = twice
3 times = thrice
is not permitted = is not allowed
are not permitted = is not allowed
"""
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@cache
def plain_phrases() -> dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
    """Phrases by their first word, the longest first, without articles, each with what stands for it.

    Examples
    --------
    >>> plain_phrases()["heart"]
    ((('heart', 'attack'), ('myocardial', 'infarction')),)
    """
    rows = [[_ARTICLES.sub("", side).split() for side in row.split(" = ")] for row in _PHRASES.strip().splitlines()]
    out: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for said, meant in sorted(rows, key=lambda row: -len(row[0])):
        out.setdefault(said[0], []).append((tuple(said), tuple(map(plain_word, meant))))
    return {first: tuple(several) for first, several in out.items()}
