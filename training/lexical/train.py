"""Make the weights of the lexical verifier: train.py DATA [-o FILE]

DATA is the folder of labelled claim-evidence sets (NAME/train.jsonl.gz); the four named in SETS are read and nothing else.
Prints cross-validated figures (folds by document, so that no document is on both sides) and writes one JSON file. The
same data and seed give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from halueval.records import LABELS
from halueval.verifiers.features import FEATURES, Idf, compare, matrix, read_claim
from halueval.verifiers.reading import Sentence, read_passage

SETS = ("scifact", "check_covid", "clinifact", "evidence_inference")  # licences: see README.md
SEED = 20240611
FOLDS = 5
SEEDS_PER_MODEL = 3  # models that differ only in which features each split may look at, averaged
IDF_MIN_DOCUMENTS = 2
FOREIGN_PER_SET = 150
EXTRA_WEIGHT = 0.25  # of a made row, where a labelled row weighs about 1


@dataclass(frozen=True)
class Row:
    """A claim, the sentences of one document, and the label; ``made`` names the rule for rows that nobody labelled."""

    claim: str
    document: tuple[Sentence, ...]
    label: int
    set: str
    group: str
    made: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with NAME/train.jsonl.gz")
    parser.add_argument("-o", "--output", type=Path, default=Path("verifiers/lexical_weights.json"))
    args = parser.parse_args()
    paths = {name: args.data / name / "train.jsonl.gz" for name in SETS}
    if missing := [str(path) for path in paths.values() if not path.is_file()]:
        sys.exit(f"error: no such file: {', '.join(missing)}; DATA must hold one folder per set: {', '.join(SETS)}")
    labelled, made = [], []
    for name, path in paths.items():
        rows = [json.loads(line) for line in gzip.open(path, "rt", encoding="utf-8")]
        rng = random.Random(f"{SEED} {name}")
        own = [as_row(row, name) for row in rows]
        labelled += [row for row in own if row.document]
        made += single_sentences(rows, name, rng) + foreign_documents(own, rng)
    documents, counts = stem_counts(labelled)
    idf = Idf(documents, counts)
    rows = labelled + [row for row in made if row.document]
    x = matrix([compare(read_claim(row.claim, idf), row.document, idf) for row in rows])
    y = np.array([row.label for row in rows])
    groups = np.array([f"{row.set} {row.group}" for row in rows])
    sets = np.array([row.set for row in rows])
    real = np.array([not row.made for row in rows])
    weights = row_weights(y, sets, real)
    held_out = np.zeros((len(rows), len(LABELS)))
    for seen, unseen in GroupKFold(FOLDS).split(x, y, groups):
        held_out[unseen] = score(fit(x[seen], y[seen], weights[seen]), x[unseen])
    scale, shift = calibration(held_out[real], y[real], weights[real])
    report(softmax(held_out[real] * scale + shift), y[real], sets[real])
    models = fit(x, y, weights)
    write(args.output, models, scale, shift, documents, counts)
    print(
        f"wrote {args.output}: {args.output.stat().st_size} bytes; {len(labelled)} labelled rows, {len(rows) - len(labelled)} made"
    )


def as_row(row: dict, name: str, made: str = "") -> Row:
    pieces = [row["evidence"]] if isinstance(row["evidence"], str) else row["evidence"]
    document = tuple(sentence for piece in pieces for sentence in read_passage(piece))
    return Row(row["claim"], document, LABELS.index(row["label"]), name, str(row["group"]), made)


def single_sentences(rows: list[dict], name: str, rng: random.Random) -> list[Row]:
    """The deciding sentences alone, with the row's label; and, where the set marks all of them, one that decides nothing."""
    found = []
    for row in rows:
        deciding = sorted(i for i in row.get("rationale", ()) if i < len(row["evidence"]))
        if name == "check_covid" or isinstance(row["evidence"], str):
            continue
        if deciding:
            found.append(as_row({**row, "evidence": [row["evidence"][i] for i in deciding]}, name, "deciding"))
        if name == "scifact" and (rest := [i for i in range(len(row["evidence"])) if i not in deciding]):
            silent = {**row, "evidence": [row["evidence"][rng.choice(rest)]], "label": "not_enough_info"}
            found.append(as_row(silent, name, "silent"))
    return found


def foreign_documents(rows: list[Row], rng: random.Random) -> list[Row]:
    """Claims beside the most alike of forty documents that are about something else: not enough info."""
    found = []
    for row in rng.sample(rows, FOREIGN_PER_SET):
        claim = {stem for sentence in read_passage(row.claim) for stem in sentence.stems}
        others = [r for r in rng.sample(rows, 40) if r.group != row.group and r.document]
        nearest = max(others, key=lambda r: len(claim & {stem for s in r.document for stem in s.stems}))
        found.append(Row(row.claim, nearest.document, LABELS.index("not_enough_info"), row.set, row.group, "foreign"))
    return found


def stem_counts(rows: list[Row]) -> tuple[int, dict[str, int]]:
    """How many documents there are, and in how many each stem stands."""
    documents = sorted({tuple(s.order for s in row.document) for row in rows})
    counts = Counter(stem for document in documents for stem in {s for order in document for s in order})
    kept = {stem: n for stem, n in sorted(counts.items()) if n >= IDF_MIN_DOCUMENTS and not stem.isdigit()}
    return len(documents), kept


def row_weights(y: NDArray, sets: NDArray, real: NDArray) -> NDArray:
    """Each set weighs the same, and each label within a set; made rows weigh little."""
    weights = np.full(len(y), EXTRA_WEIGHT)
    for name in SETS:
        labels = np.unique(y[real & (sets == name)])
        for label in labels:
            chosen = real & (sets == name) & (y == label)
            weights[chosen] = 1000 / chosen.sum() / len(labels)
    return weights


def fit(x: NDArray, y: NDArray, weights: NDArray) -> list[HistGradientBoostingClassifier]:
    return [
        HistGradientBoostingClassifier(
            max_iter=100,
            learning_rate=0.07,
            max_leaf_nodes=12,
            min_samples_leaf=25,
            l2_regularization=10,
            max_features=0.25,
            early_stopping=False,
            random_state=SEED + i,
        ).fit(x, y, sample_weight=weights)
        for i in range(SEEDS_PER_MODEL)
    ]


def score(models: list[HistGradientBoostingClassifier], x: NDArray) -> NDArray:
    return np.mean([model.decision_function(x) for model in models], axis=0)


def softmax(scores: NDArray) -> NDArray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def calibration(scores: NDArray, y: NDArray, weights: NDArray) -> tuple[float, NDArray]:
    """One factor for all scores and one shift per label that make held-out probabilities likeliest."""

    def loss(p: NDArray) -> float:
        chosen = softmax(scores * p[0] + p[1:])[np.arange(len(y)), y]
        return float(-(weights * np.log(chosen)).sum() / weights.sum())

    best = minimize(loss, np.array([1.0, 0.0, 0.0, 0.0]), method="L-BFGS-B").x
    return float(best[0]), best[1:] - best[1:].mean()


def report(probabilities: NDArray, y: NDArray, sets: NDArray) -> None:
    print(f"held out, {FOLDS} folds by document")
    print(f"{'set':<20} {'rows':>5} {'macro-F1':>9} {'ECE':>6}")
    for name in SETS:
        p, truth = probabilities[sets == name], y[sets == name]
        f1 = f1_score(truth, p.argmax(axis=1), labels=np.unique(truth), average="macro")
        print(f"{name:<20} {len(truth):>5} {f1:>9.3f} {calibration_error(p, truth):>6.3f}")


def calibration_error(p: NDArray, y: NDArray) -> float:
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    bins = np.minimum((confidence * 10).astype(int), 9)
    return float(
        sum(abs(right[bins == b].mean() - confidence[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins))
    )


def write(
    path: Path,
    models: list[HistGradientBoostingClassifier],
    scale: float,
    shift: NDArray,
    documents: int,
    counts: dict[str, int],
) -> None:
    """Lists of plain numbers; the average over models and the calibration's factor are already in the leaves."""
    factor = scale / len(models)
    start = sum(model._baseline_prediction.ravel() for model in models) * factor + shift
    trees = []
    for model in models:
        for step in model._predictors:
            for label, predictor in enumerate(step):
                nodes = predictor.nodes
                leaf = nodes["is_leaf"].astype(bool)
                trees.append(
                    {
                        "class": label,
                        "feature": np.where(leaf, -1, nodes["feature_idx"]).tolist(),
                        "at": [
                            0 if end else float(f"{v:.7g}") for v, end in zip(nodes["num_threshold"], leaf, strict=True)
                        ],
                        "left": np.where(leaf, 0, nodes["left"]).tolist(),
                        "right": np.where(leaf, 0, nodes["right"]).tolist(),
                        "value": [
                            float(f"{v * factor:.4g}") if end else 0
                            for v, end in zip(nodes["value"], leaf, strict=True)
                        ],
                    }
                )
    about = "Weights of halueval's lexical verifier, made by training/lexical/train.py; read by verifiers/lexical.py."
    lines = [
        "{",
        f'"about": {json.dumps(about)},',
        f'"trained_on": {json.dumps(list(SETS))},',
        f'"seed": {SEED},',
        f'"labels": {json.dumps(list(LABELS))},',
        f'"features": {json.dumps(list(FEATURES))},',
        f'"start": {json.dumps([round(float(v), 5) for v in start])},',
        f'"documents": {documents},',
        f'"documents_with": {json.dumps(counts, ensure_ascii=False)},',
        '"trees": [',
        ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees),
        "]",
        "}",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
