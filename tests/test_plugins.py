"""Names of extractors and verifiers, built in or not."""

from __future__ import annotations

import pytest

from halueval.errors import PluginError
from halueval.plugins import available, load_extractor, load_verifier
from halueval.testing import FixedVerifier, LineExtractor


@pytest.mark.parametrize("name", sorted(available("extractors")))
def test_every_extractor_answers_to_its_name(name: str) -> None:
    assert load_extractor(name).name == name


@pytest.mark.parametrize("name", sorted(available("verifiers")))
def test_every_verifier_answers_to_its_name(name: str) -> None:
    assert load_verifier(name).name == name


def test_an_object_is_taken_as_it_is() -> None:
    mine = FixedVerifier({})
    assert load_verifier(mine) is mine


def test_ones_own_is_named_by_module_and_attribute() -> None:
    assert isinstance(load_extractor("halueval.testing:LineExtractor"), LineExtractor)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("nonsense", "no extractor is called 'nonsense'"),
        ("halueval.testing:Nonsense", "could not be loaded"),
        ("no_such_module:Extractor", "could not be loaded"),
        ("halueval.testing:FixedVerifier", "cannot be made without arguments"),
        ("halueval.testing:check_extractor", "method `extract`"),
        (3, "method `extract`"),
    ],
)
def test_what_is_no_extractor_is_refused_by_name(wanted: object, says: str) -> None:
    with pytest.raises(PluginError, match=says):
        load_extractor(wanted)  # type: ignore[arg-type]
