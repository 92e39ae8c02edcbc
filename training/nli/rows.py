"""What the model learns from: rows of evidence, claim and label, from sets whose licence allows shipped weights."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from halueval.verifiers.claims import read_claim
from halueval.verifiers.lexical import trained_idf
from halueval.verifiers.nli_windows import Unit, closeness, last_units, nearest_units, read_units, window_text

SUPPORTED, REFUTED, OPEN, NOT_SUPPORTED = 0, 1, 2, 3  # the last one is either of the two before it
LABELS = {
    "supported": SUPPORTED,
    "entailment": SUPPORTED,
    "refuted": REFUTED,
    "contradiction": REFUTED,
    "not_enough_info": OPEN,
    "neutral": OPEN,
    "not_entailment": NOT_SUPPORTED,
}

# Named one by one: a set that is added to the folder is not trained on by accident. Left out: `infotabs` (a person
# should read its terms first), `drop_nli` (long, automatic hypotheses), `pubmedqa_question` (questions), everything
# `unclear_*`.
NLI = (
    "breaking_nli",
    "cad_nli",
    "conjnli_adv_auto",
    "conjnli_dev",
    "fever_symmetric",
    "fm2_devtest",
    "help",
    "med",
    "mnli_dev_matched",
    "mnli_dev_mismatched_authorlabel",
    "negation_nli",
    "scinli",
    "scone",
    "snli_devtest",
    "tabfact_pairs",
    "vitaminc_sample",
)
CLAIMS = ("scifact", "check_covid", "clinifact", "evidence_inference")  # train files only
WORDS = 110  # of the sentences that a claim is read against
CONCLUSION = 60  # words of a document's last sentences that it is read against besides, once it is trained
TOKENS = 256  # of evidence and claim together


@dataclass(frozen=True)
class Row:
    """``evidence`` and ``claim`` as the model reads them."""

    evidence: str
    claim: str
    label: int
    source: str


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file if line.strip()]


FOLDS = 4


def fold_of(name: str, row: dict[str, Any]) -> int:
    """Which quarter of its set a labelled claim is in; all claims about one document are in the same."""
    return zlib.crc32(f"{name} {row['group']}".encode()) % FOLDS


def nli_rows(folder: Path) -> Iterator[Row]:
    for name in NLI:
        for row in read(folder / f"{name}.jsonl.gz"):
            yield Row(row["premise"], row["hypothesis"], LABELS[row["label"]], name)


def read_tokenizer(path: Path) -> Tokenizer:
    """Tokens as they are: the file's own padding, to 128 tokens whatever is read, would count as evidence."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


class Nearest:
    """The sentences of a passage that lie nearest to a claim, chosen as the verifier that ships chooses them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.idf = trained_idf()
        self._units: dict[tuple[str, ...], tuple[Unit, ...]] = {}

    def _tokens(self, text: str) -> list[tuple[int, int]]:
        self.tokenizer.no_truncation()
        return list(self.tokenizer.encode(text, add_special_tokens=False).offsets)

    def _units_of(self, evidence: Any) -> tuple[Unit, ...]:
        texts = texts_of({"evidence": evidence})
        if texts not in self._units:
            self._units[texts] = read_units(texts, self._tokens, TOKENS // 2)
        return self._units[texts]

    def _room(self, claim: str) -> int:
        return TOKENS - 3 - len(self._tokens(claim))

    def __call__(self, claim: str, evidence: Any) -> str:
        units = self._units_of(evidence)
        reading = read_claim(" ".join(claim.split()), self.idf)
        if not units or not reading.sentence.order:
            return " ".join(" ".join(texts_of({"evidence": evidence})).split()[:WORDS])
        close = [closeness(reading, unit.stems) for unit in units]
        return window_text(units, nearest_units(close, units, WORDS, self._room(claim)))

    def conclusion(self, claim: str, evidence: Any) -> str:
        """The last sentences of the evidence, as the ensemble reads them."""
        units = self._units_of(evidence)
        return window_text(units, last_units(units, CONCLUSION, self._room(claim))) if units else ""


def foreign_rows(kept: Mapping[str, list[dict[str, Any]]], seed: int, count: int) -> Iterator[dict[str, Any]]:
    """Claims beside the most alike of forty documents of their set that are about something else: not enough info.

    A search hands a claim such passages all the time; labelled sets have few of them.
    """
    chance = random.Random(seed)
    for rows in kept.values():
        words = [frozenset(" ".join([*texts_of(row)]).lower().split()) for row in rows]
        for n in chance.sample(range(len(rows)), min(count // len(kept), len(rows))):
            said = frozenset(rows[n]["claim"].lower().split())
            others = [m for m in chance.sample(range(len(rows)), 40) if rows[m]["group"] != rows[n]["group"]]
            nearest = max(others, key=lambda m: (len(said & words[m]), m))
            yield {**rows[n], "evidence": rows[nearest]["evidence"], "label": "not_enough_info"}


def deciding_rows(kept: Mapping[str, list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Claims beside their deciding sentences alone: users' evidence is often as short as that."""
    for name, rows in kept.items():
        for row in rows:
            deciding = [i for i in row.get("rationale", ()) if i < len(row["evidence"])]
            if name != "check_covid" and not isinstance(row["evidence"], str) and deciding:
                yield {**row, "evidence": [row["evidence"][i] for i in sorted(deciding)]}


def texts_of(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["evidence"],) if isinstance(row["evidence"], str) else tuple(row["evidence"])


def claim_rows(
    folder: Path, split: str, names: Sequence[str], nearest: Nearest
) -> Iterator[tuple[Row, dict[str, Any]]]:
    for name in names:
        path = folder / f"{name}_dev.jsonl.gz" if name == "contrast" else folder / name / f"{split}.jsonl.gz"
        for row in read(path):
            text = nearest(row["claim"], row["evidence"])
            yield Row(text, row["claim"], LABELS[row["label"]], name), row
