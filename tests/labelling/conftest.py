"""Runs with a known truth, made without a line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from halueval.records import Claim, Evidence, Extraction, Label, Response, Result, Span, Verdict

Make = Callable[..., list[Result]]
SECRET = "the dose differs: 50 mg is not 5 mg"


def made_result(name: str, labels: tuple[Label, ...], model: str = "model-x", group: str | None = None) -> Result:
    text = " ".join(f"Claim {i} of {name} holds." for i in range(len(labels)))
    claims = tuple(
        Claim(
            f"{name}-{i}", name, said := f"Claim {i} of {name} holds.", (Span(text.index(said), text.index(said) + 5),)
        )
        for i in range(len(labels))
    )
    passages = (
        Evidence("doc-2", "Second passage.", Span(0, 15), title="Two", source="Book", rank=2),
        Evidence("doc-1", "First passage.", Span(0, 14), title="One", source="Book", date="2020", rank=1),
    )
    verdicts = tuple(
        Verdict(c.id, label, {"supported": 0.123, "refuted": 0.456, "not_enough_info": 0.421}, False, passages,
                reason=SECRET, verifier="secret-verifier")
        for c, label in zip(claims, labels, strict=True)
    )  # fmt: skip
    response = Response(name, text, prompt=f"What of {group or name}?", model=model, group=group)
    return Result(response, Extraction(name, claims), verdicts)


@pytest.fixture(scope="session")
def run() -> list[Result]:
    """40 answers of 5 claims, the first refuted."""
    labels: tuple[Label, ...] = ("refuted", "supported", "supported", "not_enough_info", "supported")
    return [made_result(f"r{i}", labels) for i in range(40)]


@pytest.fixture(scope="session")
def make() -> Callable[..., Result]:
    return made_result


@pytest.fixture(scope="session")
def secret() -> str:
    """The reason that every verdict of these runs gives."""
    return SECRET
