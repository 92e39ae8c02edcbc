"""What an encoder is, and what all of them do with their pairs: clean texts, batches by length, nothing cut."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from halueval.errors import PluginError, located
from halueval.records import Label

__all__ = ["Encoder", "by_length", "clean", "content_of", "not_too_long", "of_size", "positive", "read_config"]

_SURROGATES = re.compile("[\ud800-\udfff]")


@runtime_checkable
class Encoder(Protocol):
    """What the NLI verifier reads with; write one and pass it as ``NLIVerifier(model=…)``.

    ``labels`` says what each class means in our labels; ``max_length`` counts the tokens of a whole pair, and
    ``special`` how many of those are the tokenizer's own. ``config`` may hold "temperature", "calibrated", "name",
    "windows". A ``content`` (text), where there is one, tells models of one name apart.
    """

    name: str
    labels: tuple[Label, ...]
    max_length: int
    config: Mapping[str, Any]

    @property
    def special(self) -> int:
        """Tokens that a pair has beside those of its two texts."""
        ...

    def tokens(self, text: str) -> Sequence[tuple[int, int]]:
        """Where the tokens of a text begin and end in it."""
        ...

    def logits(self, pairs: Sequence[tuple[str, str]]) -> NDArray[Any]:
        """One row per pair (evidence, claim), one column per class."""
        ...


def clean(text: str) -> str:
    """The text with lone surrogates replaced, which no tokenizer takes; offsets stay."""
    return _SURROGATES.sub("\ufffd", text)


def content_of(folder: Path) -> str:
    """Sixteen digits of a digest over the names and the content of a folder's files: a model may be replaced in it.

    Examples
    --------
    >>> from halueval.verifiers.nli_models import shipped_models
    >>> len(content_of(shipped_models()["halueval-mini"]))
    16
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")):
        with open(path, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{path.name} {found}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def by_length(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Places of texts of similar length, at most ``size`` together."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), size):
        yield order[start : start + size]


def not_too_long(lengths: Sequence[int], encoder: Encoder) -> None:
    """Refuse pairs with more tokens than the encoder reads."""
    if lengths and (longest := max(lengths)) > encoder.max_length:
        raise PluginError(
            f"pair {list(lengths).index(longest)} has {longest} tokens, {encoder.name} reads {encoder.max_length}; "
            "cut the evidence into windows, as NLIVerifier.verify does"
        )


def of_size(logits: NDArray[Any], rows: int, encoder: Encoder) -> NDArray[Any]:
    """The logits, if there is one for each row and class."""
    if logits.shape != (rows, len(encoder.labels)):
        raise PluginError(
            f"{encoder.name} gave logits of shape {logits.shape} for {rows} pairs; wanted: ({rows}, "
            f"{len(encoder.labels)}), one column for each class of id2label"
        )
    return logits


def read_config(path: Path) -> dict[str, Any]:
    """A model's configuration: a JSON object."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PluginError(located(f"not JSON ({error})", path=str(path))) from error
    if not isinstance(config, dict):
        raise PluginError(located("not a JSON object", path=str(path)))
    return config


def positive(config: Mapping[str, Any], field: str, where: str) -> int:
    """A field of it that is a whole number above 0."""
    value = config.get(field)
    if type(value) is not int or value < 1:
        found = f"{value!r}" if field in config else "missing"
        raise PluginError(located(found, wanted="a whole number of tokens, 1 or more", path=where, field=field))
    return value
