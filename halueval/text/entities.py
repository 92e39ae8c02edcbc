"""Medical things that a sentence names: drugs, conditions, procedures and tests, and noun phrases of no known type.

With a scispaCy pipeline its entities are taken; their boundaries are better than ours. Types come from our own lists of
words and endings either way, because scispaCy's small models know only "ENTITY".
"""

from __future__ import annotations

import re
from typing import Any

from halueval.records import Entity, Span
from halueval.text.drugs import find_drugs
from halueval.text.word_sets import word_set

__all__ = ["entity_type", "find_entities"]

_CONDITION_END = re.compile(
    r"(?:itis|osis|emia|aemia|oma|omas|pathy|pathies|algia|uria|pnea|rrhea|rrhoea|rrhage|phobia|plegia|paresis|sclerosis|edema|iasis|trophy"
    r"|penia|cytosis|toxicity|itides|oses|dynia|lepsy|megaly)$"
)
_DRUG_END = re.compile(
    r"(?:cillin|mycin|micin|cycline|floxacin|azole|prazole|statin|sartan|olol|dipine|gliptin|gliflozin|glutide|mab|nib|tinib|parin|xaban|gatran"
    r"|triptan|setron|azepam|azolam|barbital|caine|profen|oxicam|coxib|sone|solone|vir|vudine|platin|taxel|rubicin|thiazide|semide|tidine|zosin"
    r"|triptyline|oxetine|pril|formin|dronate|kinase inhibitor)$"
)
_PROCEDURE_END = re.compile(
    r"(?:ectomy|otomy|ostomy|plasty|scopy|graphy|gram|centesis|pexy|desis|biopsy|therapy|plasties|scopies)$"
)
_CONDITIONS = word_set(
    """disease disorder syndrome infection infections cancer tumor tumour pain fever cough rash headache headaches
    nausea vomiting diarrhea constipation fatigue dizziness bleeding swelling itching inflammation ulcer ulcers
    stroke asthma diabetes hypertension depression anxiety allergy allergies fracture injury wound cyst abscess
    seizure seizures insomnia flu influenza cold malaria measles pregnancy obesity dehydration shock failure attack
    stones sores warts herpes hpv hiv aids covid covid-19 deficiency reaction reactions symptoms symptom weakness
    numbness palpitations cramps spasm spasms acne eczema gout sepsis jaundice migraine migraines burns bruising
    discharge disorders diseases syndromes cancers tumors injuries lesions lesion"""
)
_PROCEDURES = word_set(
    """surgery test tests scan mri ct x-ray x-rays xray ultrasound ecg ekg biopsy examination exam screening transplant
    dialysis vaccination transfusion injection injections operation procedure procedures culture radiography imaging
    chemotherapy radiation physiotherapy counseling massage acupuncture circumcision delivery"""
)
_DRUGS = word_set(
    """antibiotic antibiotics antihistamine antihistamines painkiller painkillers vaccine vaccines steroid steroids
    corticosteroid corticosteroids insulin nsaid nsaids antidepressant antidepressants ssri ssris opioid opioids
    diuretic diuretics laxative laxatives antacid antacids anticoagulant anticoagulants medication medications
    medicine medicines drug drugs contraceptive contraceptives inhaler ointment supplement supplements probiotics
    antivirals antifungals decongestants"""
)
_SKIPPED_OPENING = word_set(
    "the a an this that these those your my our their its his her some any all each every other more most many "
    "much such no not "
    "several various certain common possible own both few less least only same"
)
_LONGEST = 6  # words


def entity_type(name: str) -> str:
    """What a noun phrase names: "drug", "condition", "procedure", or "phrase" where no list or ending says.

    Examples
    --------
    >>> [entity_type(n) for n in ("amoxicillin", "chronic bronchitis", "skin biopsy", "warm water")]
    ['drug', 'condition', 'procedure', 'phrase']
    """
    head = name.lower().split()[-1] if name.split() else ""
    if head in _CONDITIONS or _CONDITION_END.search(head) and len(head) > 5:
        return "condition"
    if head in _PROCEDURES or _PROCEDURE_END.search(head) and len(head) > 5:
        return "procedure"
    if head in _DRUGS or _DRUG_END.search(head) and len(head) > 5:
        return "drug"
    return "phrase"


def find_entities(doc: Any) -> tuple[Entity, ...]:
    """The medical things and noun phrases of a parsed text, in order, without overlap.

    Parameters
    ----------
    doc : spacy.tokens.Doc
        Tagged; one from a blank pipeline has drugs only.

    Returns
    -------
    tuple of Entity
        Offsets are those of ``doc.text``. Negation, time and experiencer are left at their defaults; the extractors
        fill them in.
    """
    text = doc.text
    found: list[tuple[int, int, str]] = [(span.start, span.end, "drug") for span, _ in find_drugs(text)]
    phrases = [(e.start_char, e.end_char) for e in doc.ents] if doc.ents else _noun_phrases(doc)
    drugs = list(found)
    for start, end in phrases:
        if not any(s < end and start < e for s, e, _ in drugs):
            found.append((start, end, entity_type(text[start:end])))
    found.sort()
    return tuple(Entity(text[s:e], kind, Span(s, e)) for s, e, kind in found)


def _noun_phrases(doc: Any) -> list[tuple[int, int]]:
    """Runs of adjectives and nouns that end in a noun."""
    out: list[tuple[int, int]] = []
    run: list[Any] = []
    for token in doc:
        tag = token.tag_
        if tag[:2] in ("NN", "JJ") and not (not run and token.lower_ in _SKIPPED_OPENING):
            run.append(token)
            continue
        _close(run, out)
        run = []
    _close(run, out)
    return out


def _close(run: list[Any], out: list[tuple[int, int]]) -> None:
    while run and run[-1].tag_[:2] != "NN":
        run.pop()
    if run and any(c.isalpha() for c in run[-1].text):
        kept = run[-_LONGEST:]
        out.append((kept[0].idx, kept[-1].idx + len(kept[-1].text)))
