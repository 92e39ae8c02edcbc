"""Everyday and professional words for the same thing, so that an answer in one register meets a passage in the other.

A hand-written table of single words, looked up by stem; the first word of a row stands for all of them. Words of a row
are near enough to be "about the same thing" when a claim is compared with a passage; they need not be exact synonyms,
and no verdict rests on them alone.
"""

from __future__ import annotations

from halueval.text.tokens import stems
from halueval.verifiers.cues import CUE, NEGATIONS

__all__ = ["SAME_THING"]

_ROWS = """
coronavirus covid cov ncov covid19 sarscov2 covid‐19
heart cardiac cardiovascular cardio coronary myocardial cardiology
kidney renal nephro kidneys nephropathy
liver hepatic hepato
lung pulmonary respiratory breathing lungs airway
brain cerebral neurological neuro neurologic
stomach gastric belly abdominal abdomen tummy
gut intestinal intestine bowel gastrointestinal
skin dermal cutaneous dermatologic
eye ocular ophthalmic eyes
blood serum plasma haematological hematological
bone skeletal osseous bones
child children pediatric paediatric kid kids infant infants baby babies toddler newborn neonate neonates neonatal
elderly geriatric seniors aged
woman women female females
man men male males
person people individual individuals patient patients participant participants subject subjects adult adults
pregnancy pregnant gestation gestational maternal prenatal antenatal
death deaths die died dies mortality fatal fatality fatalities dying lethal lethality
live survival survive survived surviving
kill kills killed inactivate inactivated inactivation eradicate eradication disinfect disinfection
spread spreads transmission transmit transmitted transmissible transmissibility contagious contagion
infection infect infected infectious infections infectivity
disease diseases illness disorder disorders condition conditions sickness
symptom symptoms sign signs manifestation manifestations complaint
cancer tumor tumour tumors tumours carcinoma carcinomas malignancy malignant neoplasm neoplastic cancers
drug drugs medication medications medicine medicines pharmaceutical
treatment treat treats treated treating therapy therapies therapeutic therapeutics remedy cure cures
doctor doctors physician physicians clinician clinicians practitioner
nurse nurses nursing
hospital hospitals hospitalized hospitalised hospitalization hospitalisation admission admitted inpatient inpatients
surgery surgical operation operative surgeon surgeries
vaccine vaccines vaccination vaccinated immunization immunisation immunized vaccinate jab
shot injection injections injected inject
immunity immune immunological immunologic
antibody antibodies immunoglobulin
mask masks facemask facemasks respirator respirators
droplet droplets aerosol aerosols airborne
hand hands handwashing
distancing lockdown lockdowns quarantine isolation
fever febrile pyrexia temperature temperatures
pain painful ache aches analgesia analgesic hurt
headache headaches migraine cephalalgia
nausea vomiting vomit emesis nauseous
itching itch pruritus itchy
rash rashes eruption
swelling swollen edema oedema
bleeding bleed hemorrhage haemorrhage hemorrhagic bleeds
clot clots thrombosis thrombotic thrombus thromboembolism embolism
stroke strokes cerebrovascular
hypertension hypertensive
diabetes diabetic diabetics
glucose sugar glycemic glycaemic sugars
cholesterol lipid lipids
fat fats adipose obesity obese
weight bodyweight bmi
smoking smoke smoker smokers tobacco cigarette cigarettes
alcohol ethanol drinking alcoholic
diet dietary nutrition nutritional eating food foods
exercise exercising physical activity workout
sleep sleeping insomnia
tired fatigue tiredness exhaustion
anxiety anxious
depression depressive depressed
memory cognitive cognition
virus viral viruses virion
bacteria bacterial bacterium microbial
cell cells cellular
gene genes genetic genetics genomic genome
tissue tissues
mouse mice murine rodent rats rat
animal animals
dose doses dosage dosing
tablet tablets pill pills capsule capsules
trial trials rct randomised randomized
study studies research researchers investigators
test tests testing diagnostic diagnosis diagnose diagnosed diagnosing detection detect detected detects
scan imaging radiograph radiographic tomography
risk risks likelihood odds hazard chance probability
cause causes caused causing leads led lead induce
link linked links associate associated association correlated correlation related relationship connection
show shows showed shown demonstrate demonstrated demonstrates found find finds reveal revealed report reported
use used uses using usage administer administered administration
take taken taking intake consumption consume consumed consuming ingestion supplementation supplement supplements
severe severity serious critical critically
weather climate humidity seasonal seasonality
surface surfaces fomite fomites
pet pets cat cats feline dog dogs canine
school schools students classroom
country countries nation national nationwide
population populations community communities
month months monthly
week weeks weekly
day days daily
hour hours hourly
year years annual yearly
needed necessary required require requires requirement need needs essential
""".strip().splitlines()

SAME_THING: dict[str, str] = {}
for _row in _ROWS:
    _first, *_others = stems(_row)
    for _stem in (_first, *_others):
        if _stem not in CUE and _stem not in NEGATIONS and not _stem.isdigit():
            SAME_THING.setdefault(_stem, _first)
