"""Weigh two readings of the encoder and the lexical verifier together, on labelled claims that neither has learnt from.

python training/nli/ensemble.py held.pt --hold-back 0 --minilm FOLDER --verdicts DIR --nli DIR -o ensemble.json

``held.pt`` was trained with ``train.py claims --hold-back 0``; the lexical trees are fitted anew without that quarter.
The encoder reads the nearest sentences and the last ones. Several checkpoints and quarters may be given. Prints what
each alone and all together reach, five folds by document.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from encoder import from_minilm
from measure import logits_of, macro_f1
from numpy.typing import NDArray
from rows import CLAIMS, CONCLUSION, LABELS, Nearest, Row, fold_of, read, read_tokenizer
from scipy.optimize import minimize
from sklearn.model_selection import GroupKFold

from halueval.statistics import calibration_scores
from halueval.verifiers.claims import Idf, read_claim
from halueval.verifiers.documents import read_document
from halueval.verifiers.features import compare, matrix
from halueval.verifiers.nli_ensemble import Ensemble, log_chances


def lexical_training() -> ModuleType:
    path = Path(__file__).parents[1] / "lexical" / "train.py"
    spec = importlib.util.spec_from_file_location("lexical_training", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def lexical_scores(verdicts: Path, nli: Path, fold: int) -> dict[tuple[str, str], list[NDArray[np.float64]]]:
    """What trees that were fitted without one quarter of the documents say on its claims, by set and claim."""
    train = lexical_training()
    paths = {name: verdicts / name / "train.jsonl.gz" for name in train.SETS}
    paths |= {name: nli / f"{name}.jsonl.gz" for name in train.PAIRS}
    rows, documents, counts = train.read_rows(paths)
    idf = Idf(documents, counts)
    x = matrix([compare(read_claim(row.claim, idf), read_document(row.document, idf)) for row in rows])
    y = np.array([row.label for row in rows])
    away = np.array([row.set in CLAIMS and fold_of(row.set, {"group": row.group}) == fold for row in rows])
    chances = softmax(train.score(train.fit(x[~away], y[~away], train.row_weights(rows)[~away]), x[away]))
    found: dict[tuple[str, str], list[NDArray[np.float64]]] = {}
    for row, chance in zip([r for r, a in zip(rows, away, strict=True) if a], chances, strict=True):
        if not row.made:
            found.setdefault((row.set, row.claim), []).append(chance)
    return found


def temperature_of(logits: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    def loss(p: NDArray[np.float64]) -> float:
        return float(-np.log(softmax(logits / p[0])[np.arange(len(y)), y] + 1e-12).mean())

    return float(minimize(loss, [1.5], method="Nelder-Mead").x[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path, nargs="+")
    parser.add_argument("--hold-back", type=int, nargs="+", required=True, help="the quarter of each checkpoint")
    parser.add_argument("--minilm", type=Path, required=True)
    parser.add_argument("--verdicts", type=Path, required=True)
    parser.add_argument("--nli", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = read_tokenizer(options.minilm / "tokenizer.json")
    nearest = Nearest(tokenizer)
    logits, endings, lexical, y, sets, groups = [], [], [], [], [], []
    for checkpoint, fold in zip(options.checkpoint, options.hold_back, strict=True):
        model = from_minilm(options.minilm, dropout=0.0)
        model.load_state_dict(torch.load(checkpoint))
        words = lexical_scores(options.verdicts, options.nli, fold)
        for name in CLAIMS:
            rows = [r for r in read(options.verdicts / name / "train.jsonl.gz") if fold_of(name, r) == fold]
            rows = [r for r in rows if (name, r["claim"]) in words]
            given = [Row(nearest(r["claim"], r["evidence"]), r["claim"], LABELS[r["label"]], name) for r in rows]
            ends = [
                replace(g, evidence=nearest.conclusion(r["claim"], r["evidence"]))
                for g, r in zip(given, rows, strict=True)
            ]
            logits.append(logits_of(model, given, tokenizer).double().numpy())
            endings.append(logits_of(model, ends, tokenizer).double().numpy())
            lexical += [words[name, r["claim"]].pop(0) for r in rows]
            y += [row.label for row in given]
            sets += [name] * len(rows)
            groups += [f"{name} {r['group']}" for r in rows]
    spoken, labels, of = np.vstack(logits), np.array(y), np.array(sets)
    temperature = temperature_of(spoken, labels)
    encoder, ending, words_said = (
        softmax(spoken / temperature),
        softmax(np.vstack(endings) / temperature),
        np.array(lexical),
    )
    readings = (encoder, ending, words_said)
    x = np.hstack([log_chances(reading) for reading in readings])
    weights = np.array([1.0 / (of == name).sum() for name in of]) * len(of) / len(CLAIMS)
    held = np.zeros_like(encoder)
    for seen, unseen in GroupKFold(5).split(x, labels, groups):
        held[unseen] = fitted(x[seen], labels[seen], weights[seen])(*(reading[unseen] for reading in readings))
    for name in CLAIMS:
        here = of == name
        said = {"encoder": encoder, "its last sentences": ending, "lexical": words_said, "together": held}
        scores = {who: macro_f1(labels[here].tolist(), c[here].argmax(1).tolist()) for who, c in said.items()}
        right = held[here].argmax(1) == labels[here]
        error = calibration_scores(held[here].max(1), right).ece
        print(name, int(here.sum()), {who: round(score, 3) for who, score in scores.items()}, f"ECE {error:.3f}")
    error = calibration_scores(held.max(1), held.argmax(1) == labels).ece
    print("all", len(labels), f"ECE {error:.3f}")
    model = fitted(x, labels, weights)
    found = {
        "temperature": round(temperature, 4),
        "ensemble": {
            "conclusion": CONCLUSION,
            "weights": model.weights.round(4).tolist(),
            "bias": model.bias.round(4).tolist(),
        },
    }
    options.output.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found))


def fitted(x: NDArray[np.float64], y: NDArray[np.int64], weights: NDArray[np.float64]) -> Ensemble:
    """One weight for each reading and a bias for each label.

    With a weight for every pair of labels, a thousand rows fit the four sets better and other text worse.
    """

    def ensemble(p: NDArray[np.float64]) -> Ensemble:
        return Ensemble(np.hstack([weight * np.eye(3) for weight in p[:3]]), np.array([p[3], p[4], -p[3] - p[4]]))

    def loss(p: NDArray[np.float64]) -> float:
        made = ensemble(p)
        scores = x @ made.weights.T + made.bias
        return float(-(weights * np.log(softmax(scores)[np.arange(len(y)), y])).sum() / weights.sum())

    return ensemble(minimize(loss, [0.5, 0.5, 0.5, 0.0, 0.0], method="Nelder-Mead", options={"maxiter": 4000}).x)


if __name__ == "__main__":
    main()
