"""Make the weights of the lexical verifier: train.py VERDICTS NLI [-o FILE]

VERDICTS is the folder of labelled claim-evidence sets (NAME/train.jsonl.gz), NLI that of premise-hypothesis pairs
(NAME.jsonl.gz); the sets named in SETS and PAIRS are read and nothing else. Prints cross-validated figures (folds by
document, so that no document is on both sides) and writes one JSON file. The same data and seed give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from halueval.records import LABELS
from halueval.verifiers.claims import Idf, read_claim
from halueval.verifiers.documents import read_document
from halueval.verifiers.features import FEATURES, compare, matrix
from halueval.verifiers.reading import Sentence, read_passage

# Licences: see README.md. The number is what a set weighs in training; sets with many easy rows weigh less.
SETS = {"scifact": 2.2, "check_covid": 1.5, "clinifact": 0.7, "evidence_inference": 0.6}
PAIRS = {
    "fm2_devtest": 0.45,
    "fever_symmetric": 0.2,
    "negation_nli": 0.15,
    "vitaminc_sample": 0.1,
    "mnli_dev_matched": 0.5,
    "scinli": 0.2,
    "pubmedqa_question": 0.3,
}
PAIRS_AT_MOST = 4000  # lines read of each of PAIRS; the files are in random order of their groups
UNCOUNTED = {"mnli_dev_matched", "scinli", "pubmedqa_question"}  # idf from their words too was no better
NLI_LABELS = {"entailment": "supported", "contradiction": "refuted", "neutral": "not_enough_info"}
SEED = 20240611
FOLDS = 5
SEEDS_PER_MODEL = 5  # models that differ only in which features each split may look at, averaged
IDF_MIN_DOCUMENTS = 2
FOREIGN_PER_SET = 150
MADE = {"deciding": 0.15, "silent": 0.05, "foreign": 0.25}  # weight of a made row; a labelled one weighs about 1
UNSEEN_SHARE = 0.25  # of the calibration's factor: rows of a set that the model has seen no row of


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
    parser.add_argument("verdicts", type=Path, help="folder with NAME/train.jsonl.gz")
    parser.add_argument("nli", type=Path, help="folder with NAME.jsonl.gz")
    parser.add_argument("-o", "--output", type=Path, default=Path("verifiers/lexical_weights.json"))
    args = parser.parse_args()
    paths = {name: args.verdicts / name / "train.jsonl.gz" for name in SETS}
    paths |= {name: args.nli / f"{name}.jsonl.gz" for name in PAIRS}
    if missing := [str(path) for path in paths.values() if not path.is_file()]:
        sys.exit(f"error: no such file: {', '.join(missing)}")
    rows, documents, counts = read_rows(paths)
    idf = Idf(documents, counts)
    x = matrix([compare(read_claim(row.claim, idf), read_document(row.document, idf)) for row in rows])
    y = np.array([row.label for row in rows])
    sets = np.array([row.set for row in rows])
    groups = np.array([f"{row.set} {row.group}" for row in rows])
    weights = row_weights(rows)
    real = np.array([not row.made and row.set in SETS for row in rows])
    held_out = np.zeros((len(rows), len(LABELS)))
    for seen, unseen in GroupKFold(FOLDS).split(x, y, groups):
        held_out[unseen] = score(fit(x[seen], y[seen], weights[seen]), x[unseen])
    away = np.zeros_like(held_out)
    for name in SETS:
        seen = sets != name
        away[~seen] = score(fit(x[seen], y[seen], weights[seen]), x[~seen])
    scale, shift = calibration(
        held_out, away, y, np.where(real, weights / np.array([SETS.get(name, 1) for name in sets]), 0.0), sets
    )
    report(softmax(held_out[real] * scale + shift), y[real], sets[real])
    write(args.output, fit(x, y, weights), scale, shift, documents, counts)
    print(
        f"wrote {args.output}: {args.output.stat().st_size} bytes; {real.sum()} labelled rows, {(~real).sum()} others"
    )


def read_rows(paths: dict[str, Path]) -> tuple[list[Row], int, dict[str, int]]:
    """All rows, and how many documents there are and how many of them hold each stem."""
    labelled: list[Row] = []
    made: list[Row] = []
    for name, path in paths.items():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in islice(lines, PAIRS_AT_MOST if name in PAIRS else None)]
        rng = random.Random(f"{SEED} {name}")
        if name in PAIRS:
            told = [record for record in records if record["label"] in NLI_LABELS]
            labelled += [pair for record in told if (pair := as_pair(record, name)).document]
            continue
        own = [row for record in records if (row := as_row(record, name)).document]
        labelled += own
        made += single_sentences(records, name, rng) + foreign_documents(own, rng)
    documents, counts = stem_counts([row for row in labelled if row.set not in UNCOUNTED])
    return labelled + [row for row in made if row.document], documents, counts


def as_pair(record: dict, name: str) -> Row:
    label = LABELS.index(NLI_LABELS[record["label"]])
    return Row(record["hypothesis"], read_passage(record["premise"]), label, name, str(record["group"]))


def as_row(row: dict, name: str, made: str = "") -> Row:
    pieces = [row["evidence"]] if isinstance(row["evidence"], str) else row["evidence"]
    document = tuple(sentence for piece in pieces for sentence in read_passage(piece))
    return Row(row["claim"], document, LABELS.index(row["label"]), name, str(row["group"]), made)


def single_sentences(rows: list[dict], name: str, rng: random.Random) -> list[Row]:
    """The deciding sentences alone, with the row's label; where a set marks them all, also one that decides nothing."""
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


def row_weights(rows: list[Row]) -> NDArray:
    """Each set weighs what SETS and PAIRS say, each label within a set the same; made rows by how they were made."""
    sizes = Counter((row.set, row.label) for row in rows if not row.made)
    labels = Counter(name for name, _ in sizes)
    weigh = SETS | PAIRS
    return np.array(
        [
            MADE[row.made] if row.made else 1000 * weigh[row.set] / labels[row.set] / sizes[row.set, row.label]
            for row in rows
        ]
    )


def fit(x: NDArray, y: NDArray, weights: NDArray) -> list[HistGradientBoostingClassifier]:
    return [
        HistGradientBoostingClassifier(
            max_iter=100,
            learning_rate=0.07,
            max_leaf_nodes=10,
            min_samples_leaf=25,
            l2_regularization=10,
            max_features=0.25,
            max_bins=64,
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


def calibration(held: NDArray, away: NDArray, y: NDArray, weights: NDArray, sets: NDArray) -> tuple[float, NDArray]:
    """One factor for all scores and one shift per label that make held-out probabilities likeliest.

    The shifts rest on rows of documents that weren't trained on. The factor rests in part on rows of sets that weren't
    trained on (``away``): a model is surer of itself than it may be on text unlike what it has seen, and users' is.
    """

    def loss(p: NDArray, scores: NDArray, weights: NDArray, shift: NDArray | None = None) -> float:
        chosen = softmax(scores * p[0] + (p[1:] if shift is None else shift))[np.arange(len(y)), y]
        return float(-(weights * np.log(chosen)).sum() / weights.sum())

    start = np.array([1.0, 0.0, 0.0, 0.0])
    shift = minimize(loss, start, (held, weights), method="L-BFGS-B").x[1:]
    # Two-label sets say nothing of a model that never saw them: it can't know that the third is never right there.
    three = weights * np.isin(sets, [name for name in SETS if len(set(y[(sets == name) & (weights > 0)])) == 3])

    def mixed(p: NDArray) -> float:
        seen, unseen = loss(p, held, weights, shift), loss(p, away, three, shift)
        return (1 - UNSEEN_SHARE) * seen + UNSEEN_SHARE * unseen

    return float(minimize(mixed, start[:1], method="L-BFGS-B").x[0]), shift - shift.mean()


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
        f'"trained_on": {json.dumps([*SETS, *PAIRS])},',
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
