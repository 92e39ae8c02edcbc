"""Laws of extraction that hold for any text."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halueval.claim_extraction import RulesExtractor, SentencesExtractor
from halueval.records import NOT_CHECKWORTHY_REASONS, Response

WORDS = st.sampled_from(
    [
        "aspirin",
        "warfarin",
        "it",
        "they",
        "which",
        "and",
        "or",
        ",",
        ".",
        ";",
        ":",
        "(",
        ")",
        "**",
        "-",
        "#",
        "2.5",
        "mg",
        "5-10",
        "%",
        "every",
        "8",
        "hours",
        "is",
        "are",
        "causes",
        "reducing",
        "not",
        "no",
        "pain",
        "fever",
        "children",
        "if",
        "while",
        "such",
        "as",
        "include",
        "including",
        "like",
        "\n",
        "\n-",
        "\n\n",
        "•",
        "[1]",
        "😀",
        "\x00",
        "مرحبا",
        "。",
        "the",
        "of",
        "to",
        "take",
        "should",
    ]
)
TEXTS = st.one_of(st.lists(WORDS, max_size=40).map(" ".join), st.text(max_size=120))
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SLOW
@given(TEXTS)
def test_spans_lie_in_the_text_apart_from_each_other_and_are_not_empty(text: str) -> None:
    for extractor in (RulesExtractor(), SentencesExtractor()):
        (out,) = extractor.extract([Response("r", text)])
        assert out.failure is None
        for claim in out.claims:
            assert claim.text.strip()
            assert claim.spans
            before = 0
            for span in sorted(claim.spans):  # those with the predicate come first, wherever they stand
                assert before <= span.start < span.end <= len(text)
                before = span.end
            assert (claim.reason is None) == claim.checkworthy
            assert claim.reason is None or claim.reason in NOT_CHECKWORTHY_REASONS
            for entity in claim.entities:
                assert text[entity.span.start : entity.span.end] == entity.text
            for quantity in claim.quantities:
                assert any(s.start <= quantity.span.start and quantity.span.end <= s.end for s in claim.spans)


@SLOW
@given(st.lists(TEXTS, max_size=4))
def test_a_batch_gives_what_each_gives_alone(texts: list[str]) -> None:
    extractor = RulesExtractor()
    responses = [Response(str(k), text) for k, text in enumerate(texts)]
    assert extractor.extract(responses) == [extractor.extract([r])[0] for r in responses]
