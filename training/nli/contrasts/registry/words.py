# ruff: noqa: E501  (wordings and tables: a broken line would be harder to read)
"""What made-up trials are made of: drugs that don't exist, diseases, laboratory values, adverse events."""

from __future__ import annotations

from random import Random

__all__ = ["CONDITIONS", "DISEASES", "EVENTS", "FAMILIES", "LABS", "MARKERS", "OUTCOMES", "drug", "drugs"]

# fmt: off
_HEADS = (
    "Al", "Be", "Cor", "Da", "Elo", "Fen", "Gal", "Hy", "Ira", "Jo", "Ka", "Lu", "Mi", "Nor", "Ove", "Pra", "Qui", "Ro", "Sel", "Tu", "Ul", "Ve", "Wi", "Xa", "Yo", "Zel", "Bra", "Cri", "Dro", "Emi",
    "Flo", "Glu", "Sti", "Tra",
)
# fmt: on


# fmt: off
_MIDDLES = (
    "ba", "ce", "di", "fo", "gu", "lo", "mi", "na", "pe", "ra", "so", "ti", "va", "ze", "lim", "ner", "tox", "vul", "der", "pan",
)
# fmt: on


# fmt: off
_TAILS = (
    "mab", "nib", "ciclib", "parib", "taxel", "rubicin", "platin", "statin", "pril", "sartan", "olol", "gliptin", "gliflozin", "tinib", "zumab", "ximab", "lukast", "prazole", "azole", "cillin", "mycin",
    "vir", "oxetine", "azepam", "idone", "dronate", "fen", "trel", "stim", "tecan", "dipine", "zolid",
)
# fmt: on


def drug(random: Random) -> str:
    """A name like a drug's; sometimes a code."""
    if random.random() < 0.12:
        return f"{''.join(random.choice('ABCDGKLMNPRSTVZ') for _ in range(random.choice((2, 3))))}-{random.randrange(100, 9999)}"
    return (
        random.choice(_HEADS)
        + "".join(random.choice(_MIDDLES) for _ in range(random.choice((0, 1, 1, 2))))
        + random.choice(_TAILS)
    )


def drugs(random: Random, count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        if (name := drug(random)) not in found:
            found.append(name)
    return found


# fmt: off
DISEASES = (
    "breast cancer", "metastatic breast cancer", "early breast cancer", "invasive breast carcinoma", "non-small cell lung cancer", "colorectal cancer", "ovarian cancer", "prostate cancer",
    "multiple myeloma", "gastric cancer", "melanoma", "head and neck cancer", "type 2 diabetes", "rheumatoid arthritis", "asthma", "COPD", "major depressive disorder", "psoriasis", "ulcerative colitis",
    "Crohn's disease", "heart failure", "atrial fibrillation", "osteoporosis", "chronic migraine", "Parkinson's disease", "multiple sclerosis", "chronic kidney disease", "hepatitis C", "obesity",
    "knee osteoarthritis", "cancer-related fatigue", "hot flashes", "lymphedema", "postoperative pain", "iron deficiency anaemia",
)
# fmt: on


# fmt: off
CONDITIONS = (
    ("[diabetes mellitus|type 1 or type 2 diabetes|diabetes]", "[diabetic patients|patients with diabetes|diabetics]"),
    ("[HIV infection|human immunodeficiency virus infection|HIV positivity]", "[HIV-positive patients|patients who are HIV positive|patients with HIV]"),
    ("[brain metastases|metastases to the brain|CNS metastases]", "[patients with brain metastases|patients whose cancer has spread to the brain]"),
    ("[uncontrolled hypertension|hypertension that is not controlled]", "[patients with uncontrolled high blood pressure|patients with uncontrolled hypertension]"),
    ("[hepatitis B|hepatitis B virus infection]", "[patients with hepatitis B|carriers of hepatitis B]"),
    ("[myocardial infarction within the past 6 months|heart attack in the last 6 months]", "[patients who had a heart attack 2 months ago|patients with a recent myocardial infarction]"),
    ("[cerebrovascular accident|stroke or transient ischemic attack|stroke]", "[patients who have had a stroke|stroke survivors]"),
    ("[renal insufficiency|impaired renal function|chronic renal failure]", "[patients with kidney failure|patients with poor kidney function|patients with renal insufficiency]"),
    ("[hepatic impairment|liver cirrhosis|severe hepatic disease]", "[patients with serious liver disease|patients with liver problems]"),
    ("[alcohol abuse|alcohol dependence|alcoholism]", "[alcoholics|patients addicted to alcohol|patients with a drinking problem]"),
    ("[seizure disorder|epilepsy|a history of seizures]", "[epileptic patients|patients who have seizures|patients with epilepsy]"),
    ("[peripheral neuropathy >= grade 2|grade 2 or higher peripheral neuropathy]", "[patients with grade 3 peripheral neuropathy|patients with grade 2 neuropathy]"),
    ("[deep vein thrombosis|thromboembolic disease|deep venous thrombosis or pulmonary embolism]", "[patients who have had a deep vein thrombosis|patients with a history of blood clots in the leg]"),
    ("[active tuberculosis|tuberculosis]", "[patients with tuberculosis|TB patients]"),
    ("[major depression|depressive disorder|clinical depression]", "[depressed patients|patients suffering from depression]"),
    ("[current smoking|current tobacco use|active cigarette smoking]", "[smokers|patients who smoke|current smokers]"),
    ("[schizophrenia or other psychotic disorder|psychotic disorder]", "[patients with schizophrenia|patients with a psychosis]"),
    ("[osteoporosis|osteoporotic fracture]", "[patients with osteoporosis|osteoporotic patients]"),
    ("[congestive heart failure|NYHA class III heart failure|cardiac failure]", "[patients with heart failure|patients whose heart is failing]"),
    ("[atrial fibrillation|cardiac arrhythmia|uncontrolled arrhythmia]", "[patients with an abnormal heart rhythm|patients with arrhythmia]"),
    ("[inflammatory breast cancer|inflammatory carcinoma of the breast]", "[patients with inflammatory breast cancer|women with an inflammatory breast tumour]"),
    ("[bilateral breast cancer|synchronous bilateral breast cancer]", "[patients with cancer in both breasts|patients with bilateral breast cancer]"),
    ("[ductal carcinoma in situ|DCIS]", "[patients with DCIS|patients with ductal carcinoma in situ]"),
    ("[bone metastases|skeletal metastases]", "[patients with bone metastases|patients whose cancer has spread to the bone]"), ("[glaucoma|narrow-angle glaucoma]", "[patients with glaucoma|glaucoma patients]"),
    ("[gastric ulcer|peptic ulcer disease|gastrointestinal bleeding]", "[patients with a stomach ulcer|patients with peptic ulcers or stomach bleeding]"),
    ("[insomnia|chronic insomnia]", "[patients who cannot sleep|insomniacs|patients with insomnia]"),
    ("[thyroid disease|hypothyroidism|thyroid dysfunction]", "[patients with an underactive thyroid|patients with hypothyroidism or thyroid disease]"),
    ("[cognitive impairment|dementia|severe cognitive impairment]", "[patients with dementia|patients who are severely cognitively impaired]"),
    ("[morbid obesity|body mass index above 40]", "[morbidly obese patients|extremely obese patients]"),
    ("[a cardiac pacemaker|an implanted pacemaker or defibrillator|a pacemaker]", "[patients with a pacemaker|patients who have a pacemaker implanted]"),
    ("[hearing loss|hearing impairment]", "[patients who are hard of hearing|patients with hearing loss]"),
    ("[autoimmune disease|systemic lupus erythematosus]", "[patients with an autoimmune disease|patients with lupus or similar autoimmune conditions]"),
    ("[lymphedema|lymphoedema of the arm]", "[patients with lymphedema|patients with a swollen arm from lymphoedema]"),
)
# fmt: on


# fmt: off
LABS = (
    ("anc", "[Absolute neutrophil count|ANC|Neutrophils|Absolute neutrophil count (ANC)]", "min", (800, 2400, 100), "[/mm3|/mm^3|/uL| cells/mm3]", "[a neutrophil count|an ANC|an absolute neutrophil count]"),
    ("platelets", "[Platelet count|Platelets|PLT]", "min", (50, 160, 5), "[,000/mm3|,000/uL| x 10^9/L]", "[a platelet count|platelets]"),
    ("hb", "[Hemoglobin|Haemoglobin|Hgb]", "min", (7, 12, 0.5), " g/dL", "[a hemoglobin|a haemoglobin level|hemoglobin]"),
    ("creatinine", "[Serum creatinine|Creatinine]", "max", (1.0, 3.0, 0.1), " mg/dL", "[a creatinine|a serum creatinine|a creatinine level]"),
    ("bilirubin", "[Total bilirubin|Bilirubin|Serum bilirubin]", "max", (1.0, 3.5, 0.1), " [mg/dL|x ULN|times ULN]", "[a bilirubin|a total bilirubin|a bilirubin level]"),
    ("ast", "[AST and ALT|SGOT and SGPT|AST]", "max", (1.5, 6, 0.5), " [x ULN|times ULN|times upper limit of normal]", "[an AST|liver enzymes (AST)]"),
    ("lvef", "[Left ventricular ejection fraction|LVEF|Left ventricular ejection fraction (LVEF)|Cardiac ejection fraction]", "min", (35, 65, 1), "%", "[an ejection fraction|an LVEF|a left ventricular ejection fraction]"),
    ("crcl", "[Creatinine clearance|CrCl|Calculated creatinine clearance]", "min", (25, 90, 5), " mL/min", "[a creatinine clearance|a CrCl]"),
    ("bmi", "[Body mass index|BMI|Body mass index (BMI)]", "both", (18, 42, 1), " kg/m2", "[a BMI|a body mass index]"),
    ("kps", "[Karnofsky performance status|KPS|Karnofsky]", "min", (40, 90, 10), "%", "[a Karnofsky performance status|a Karnofsky score]"),
    ("life", "[Life expectancy|Estimated life expectancy]", "min", (2, 12, 1), " [months|months]", "[a life expectancy|an expected survival]"),
    ("hba1c", "[HbA1c|Glycated haemoglobin]", "both", (6.0, 11.0, 0.5), "%", "[an HbA1c|a glycated haemoglobin]"),
    ("sbp", "[Systolic blood pressure|Systolic BP]", "max", (120, 180, 5), " mmHg", "[a systolic blood pressure|a systolic pressure]"),
    ("fev1", "[FEV1|Forced expiratory volume in 1 second (FEV1)]", "min", (30, 90, 5), "% [predicted|of predicted]", "[an FEV1|a forced expiratory volume in one second]"),
    ("weight", "[Body weight|Weight]", "both", (40, 120, 5), " kg", "[a body weight|a weight]"),
    ("lesion", "[Tumor size|Longest tumor diameter|Primary tumor]", "both", (1.0, 5.0, 0.5), " cm", "[a tumor|a tumour size]"),
    ("pain", "[Average pain score|Pain intensity|Worst pain score (0-10)]", "min", (2, 8, 1), " [points|on a numeric rating scale]", "[a pain score|a pain intensity]"),
)
# fmt: on


# fmt: off
MARKERS = (
    ("HER2", "[HER2|HER-2/neu|HER2/neu]", ("breast", "gastric")), ("ER", "[estrogen receptor|ER|oestrogen receptor]", ("breast",)), ("PR", "[progesterone receptor|PgR]", ("breast",)),
    ("EGFR", "[EGFR mutation|EGFR]", ("lung",)), ("PD-L1", "[PD-L1|PD-L1 expression]", ("lung", "melanoma")), ("hormone receptor", "[hormone receptor|hormone-receptor]", ("breast",)),
    ("node", "[lymph node|axillary lymph node|node]", ("breast", "melanoma")), ("BRCA", "[BRCA1/2 mutation|germline BRCA]", ("breast", "ovarian", "prostate")),
    ("rheumatoid factor", "[rheumatoid factor|RF]", ("arthritis",)), ("aquaporin", "[anti-CCP antibody|anti-CCP]", ("arthritis",)),
)
# fmt: on


# fmt: off
EVENTS = {
    "Nausea": "nausea", "Vomiting": "[vomiting|emesis]", "Diarrhoea": "[diarrhea|diarrhoea]", "Constipation": "constipation", "Pyrexia": "[fever|pyrexia]", "Anaemia": "[anemia|anaemia]",
    "Febrile neutropenia": "febrile neutropenia", "Neutropenia": "neutropenia", "Thrombocytopenia": "[thrombocytopenia|low platelets]", "Leukopenia": "[leukopenia|low white blood cell counts]",
    "Fatigue": "[fatigue|tiredness]", "Asthenia": "[asthenia|weakness]", "Headache": "[headache|headaches]", "Dizziness": "dizziness", "Dyspnoea": "[shortness of breath|dyspnea]",
    "Cough": "[cough|coughing]", "Pneumonia": "[pneumonia|lung infection (pneumonia)]", "Sepsis": "[sepsis|blood poisoning]", "Urinary tract infection": "[urinary tract infection|UTI]",
    "Cellulitis": "cellulitis", "Pulmonary embolism": "[pulmonary embolism|blood clots in the lung]", "Deep vein thrombosis": "[deep vein thrombosis|DVT]",
    "Myocardial infarction": "[heart attack|myocardial infarction]", "Atrial fibrillation": "atrial fibrillation", "Cardiac failure congestive": "[congestive heart failure|heart failure]",
    "Hypertension": "[high blood pressure|hypertension]", "Hypotension": "[low blood pressure|hypotension]", "Syncope": "[fainting|syncope]", "Stomatitis": "[mouth sores|stomatitis]",
    "Dehydration": "dehydration", "Decreased appetite": "[loss of appetite|decreased appetite]", "Hypokalaemia": "[low potassium|hypokalemia]", "Hyponatraemia": "[low sodium|hyponatremia]",
    "Hyperglycaemia": "[high blood sugar|hyperglycemia]", "Abdominal pain": "[abdominal pain|stomach pain]", "Chest pain": "chest pain", "Back pain": "back pain", "Arthralgia": "[joint pain|arthralgia]",
    "Myalgia": "[muscle pain|myalgia]", "Rash": "[skin rash|rash]", "Pruritus": "[itching|pruritus]", "Alopecia": "[hair loss|alopecia]",
    "Peripheral sensory neuropathy": "[peripheral sensory neuropathy|nerve damage (sensory neuropathy)]", "Insomnia": "[insomnia|sleeplessness]", "Depression": "depression",
    "Confusional state": "[confusion|a confusional state]", "Seizure": "[seizures|convulsions]", "Cerebrovascular accident": "[stroke|cerebrovascular accident]",
    "Hepatic failure": "[liver failure|hepatic failure]", "Renal failure acute": "[acute kidney failure|acute renal failure]", "Pleural effusion": "pleural effusion",
    "Epistaxis": "[nosebleeds|epistaxis]", "Gastric haemorrhage": "[stomach bleeding|gastric hemorrhage]", "Herpes zoster": "[shingles|herpes zoster]", "Hip fracture": "[hip fracture|a broken hip]",
    "Fall": "falls", "Weight decreased": "[weight loss|decreased weight]", "Drug hypersensitivity": "[drug allergy|drug hypersensitivity]", "Injection site reaction": "injection site reactions",
    "Vertigo": "vertigo", "Tachycardia": "[tachycardia|a fast heart rate]", "Pancreatitis": "[pancreatitis|inflammation of the pancreas]", "Cholecystitis": "[cholecystitis|gallbladder inflammation]",
    "Appendicitis": "appendicitis", "Cataract": "[cataract|cataracts]", "Tinnitus": "[tinnitus|ringing in the ears]", "Haematuria": "[blood in the urine|hematuria]",
    "Lymphoedema": "[lymphedema|lymphoedema]", "Hot flush": "[hot flashes|hot flushes]", "Pancytopenia": "pancytopenia", "Mucosal inflammation": "mucosal inflammation", "Bronchitis": "bronchitis",
    "Influenza": "[flu|influenza]", "Osteonecrosis of jaw": "[osteonecrosis of the jaw|jaw osteonecrosis]", "Small intestinal obstruction": "[small bowel obstruction|obstruction of the small intestine]",
    "Intestinal perforation": "[bowel perforation|intestinal perforation]", "Ileus": "ileus", "Pericardial effusion": "pericardial effusion", "Angina pectoris": "[angina|angina pectoris]",
    "Device related infection": "[device related infection|infected devices]", "Hypercalcaemia": "[high calcium|hypercalcemia]", "Jaundice": "jaundice",
    "Suicidal ideation": "[suicidal thoughts|suicidal ideation]",
}
# fmt: on


# fmt: off
FAMILIES = {
    "[heart-related|cardiac]": ("Myocardial infarction", "Atrial fibrillation", "Cardiac failure congestive", "Pericardial effusion", "Angina pectoris", "Tachycardia"),
    "[infectious|infection-related]": ("Pneumonia", "Sepsis", "Urinary tract infection", "Cellulitis", "Herpes zoster", "Bronchitis", "Influenza", "Device related infection"),
    "[gastrointestinal|digestive]": ("Nausea", "Vomiting", "Diarrhoea", "Constipation", "Abdominal pain", "Gastric haemorrhage", "Ileus", "Small intestinal obstruction", "Intestinal perforation"),
    "[blood clotting|thromboembolic]": ("Pulmonary embolism", "Deep vein thrombosis"), "[psychiatric|mental health]": ("Depression", "Insomnia", "Confusional state", "Suicidal ideation"),
}
# fmt: on


# fmt: off
OUTCOMES = (
    ("[Progression-free Survival|Progression Free Survival (PFS)|Median Progression-free Survival]", "[PFS was defined as the time from randomization to disease progression or death from any cause|Time from start of treatment to progression per RECIST 1.1, or death]", "months", (2.0, 28.0, 0.1), "Median (95% Confidence Interval)", "longer", "[progression-free survival|PFS|time without progression]"),
    ("[Overall Survival|Overall Survival (OS)|Median Overall Survival]", "[Time from randomization to death from any cause|OS is the time from first dose to death]", "months", (6.0, 60.0, 0.1), "Median (95% Confidence Interval)", "longer", "[overall survival|survival|OS]"),
    ("[Duration of Response|Duration of Objective Response]", "Time from first documented response to progression or death", "months", (2.0, 24.0, 0.1), "Median (95% Confidence Interval)", "longer", "[duration of response|response duration]"),
    ("[Change From Baseline in Pain Score|Mean Pain Score at Week 12]", "Pain was rated on a scale of 0 (no pain) to 100 (worst pain)", "units on a scale", (5.0, 80.0, 0.1), "Mean (Standard Deviation)", "higher", "[pain score|mean pain score]"),
    ("[Quality of Life Score|Health-related Quality of Life]", "[Measured by a questionnaire; scores range from 0 to 148, higher scores represent a better quality of life|Total score of the questionnaire, range 0-148]", "scores on a scale", (20.0, 140.0, 0.1), "Mean (Standard Deviation)", "higher", "[quality of life score|quality of life]"),
    ("[Bone Mineral Density|Change in Lumbar Spine Bone Mineral Density]", "Bone mineral density measured by dual energy X-ray absorptiometry", "percent change", (0.1, 9.0, 0.1), "Mean (Standard Deviation)", "higher", "[bone mineral density change|change in bone density]"),
    ("[Systolic Blood Pressure|Change in Systolic Blood Pressure]", "Seated blood pressure, mean of three readings", "mmHg", (100, 165, 0.1), "Mean (Standard Deviation)", "higher", "[systolic blood pressure|mean systolic pressure]"),
    ("[Maximum Plasma Concentration (Cmax)|Cmax]", "Blood samples were taken before the dose and up to 24 hours after it", "ng/mL", (20.0, 900.0, 0.1), "Mean (Standard Deviation)", "higher", "[maximum plasma concentration|peak plasma concentration|Cmax]"),
    ("[Time to Recovery|Time to Recovery of Neutrophils|Duration of Severe Neutropenia]", "Number of days until recovery", "days", (1.0, 21.0, 0.1), "Mean (Standard Deviation)", "longer", "[time to recovery|recovery time]"),
    ("[Hot Flash Frequency|Number of Hot Flashes Per Week]", "Participants kept a diary of hot flashes", "hot flashes per week", (3.0, 70.0, 0.1), "Mean (Standard Deviation)", "higher", "[weekly number of hot flashes|frequency of hot flashes]"),
    ("[Objective Response Rate|Overall Response Rate (ORR)|Best Overall Response]", "[Complete response (CR): disappearance of all target lesions; partial response (PR): at least a 30% decrease in the sum of the longest diameters|Percentage of participants with CR or PR]", "percentage of participants", (3.0, 95.0, 0.1), "Number (95% Confidence Interval)", "higher", "[objective response rate|response rate|rate of objective response]"),
    ("[Pathologic Complete Response|Pathological Complete Response (pCR) Rate]", "pCR was defined as no invasive disease in the breast and axillary nodes at surgery", "percentage of participants", (3.0, 80.0, 0.1), "Number (95% Confidence Interval)", "higher", "[pathological complete response rate|pCR rate]"),
    ("[Disease-free Survival at 3 Years|Disease-free Survival]", "Percentage of participants alive and free of disease", "percentage of participants", (30.0, 98.0, 0.1), "Number (95% Confidence Interval)", "higher", "[disease-free survival rate|rate of disease-free survival]"),
    ("[Tumor Volume|Change in Tumor Size]", "Longest diameter as measured by MRI", "mm", (4.0, 60.0, 0.1), "Mean (Standard Deviation)", "higher", "[tumor size|mean tumor diameter]"),
    ("[Fasting Plasma Glucose|HbA1c at Week 26]", "Blood was taken after an overnight fast", "mg/dL", (80.0, 220.0, 0.1), "Mean (Standard Deviation)", "higher", "[fasting glucose|fasting plasma glucose]"),
    ("[Ki67 Expression|Change in Ki67]", "Ki67 was measured by immunohistochemistry at baseline and at surgery", "percentage of positive cells", (1.0, 70.0, 0.1), "Mean (Standard Deviation)", "higher", "[Ki67|Ki67 level]"),
)
# fmt: on
