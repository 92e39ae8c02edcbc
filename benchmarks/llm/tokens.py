"""How far the estimate of tokens is from a tokenizer's count (cl100k_base, which LiteLLM carries).

Texts are paragraphs of JSONL files that you name (every text of 200 characters or more in their records), the records
themselves as JSON, the standard library's source as code, and made-up numbers. ``--fit`` makes the weights again on
every other paragraph; those of scripts that the texts don't have stay as they are (set by hand on a few sentences).
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from halueval.chat import tokens as estimate

MOST = 600  # paragraphs of a kind


def tokenizer() -> Any:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from litellm.litellm_core_utils.default_encoding import encoding

    return lambda text: len(encoding.encode(text, disallowed_special=()))


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_in(part)


def pieces(text: str, rng: random.Random) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        start = 0
        while start < len(paragraph):
            end = start + rng.randint(300, 1500)
            if end - start >= 200 and len(paragraph[start:end]) >= 200:
                yield paragraph[start:end]
            start = end


def kinds(paths: Sequence[Path], rng: random.Random) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {"JSON": []}
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            lines = [line for _, line in zip(range(3_000), file, strict=False)]
        rows = [json.loads(line) for line in lines]
        out[path.name] = [p for row in rows for text in texts_in(row) for p in pieces(text, rng)]
        out["JSON"] += [line for line in lines[:60] if 200 <= len(line) < 6_000]
        out["JSON"] += [json.dumps(row, indent=1) for row in rows[:60] if len(str(row)) < 6_000]
    sources = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    out["code"] = [p for s in rng.sample(sources, 60) for p in pieces(s.read_text(errors="ignore"), rng)]
    out["numbers"] = [numbers(rng) for _ in range(300)]
    return {kind: rng.sample(sorted(set(texts)), min(MOST, len(set(texts)))) for kind, texts in out.items()}


def numbers(rng: random.Random) -> str:
    separator = rng.choice([" ", ", ", "\n", "; ", "\t"])
    make = rng.choice(
        [
            lambda: f"{rng.uniform(0, 300):.{rng.randint(0, 3)}f} {rng.choice(['mg', 'mL', '%', 'mmHg', 'mmol/L'])}",
            lambda: str(rng.randint(0, 10 ** rng.randint(1, 7))),
            lambda: f"{rng.randint(1900, 2025)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
            lambda: f"{rng.randint(1, 999)} of {rng.randint(1000, 9999)} ({rng.uniform(0, 100):.1f}%)",
        ]
    )
    return separator.join(make() for _ in range(rng.randint(10, 60)))


def fit(texts: dict[str, list[tuple[str, int]]]) -> dict[str, float]:
    """Ridge regression of relative errors on the counts, drawn towards the weights that ship."""
    names: list[Any] = [*range(1, estimate.LONGEST_WORD + 1), *estimate._WEIGHTS]
    shipped = np.array([*estimate._OF_WORD, *estimate._WEIGHTS.values()])
    rows, weights = [], []
    for several in texts.values():
        for text, count in several[::2]:
            lengths, counts = estimate.features(text)
            rows.append([(lengths.get(n, 0) if isinstance(n, int) else counts[n]) / count for n in names])
            weights.append(len(several) ** -0.5)
    x, w = np.array(rows), np.array(weights)[:, None]
    a, residual = x * w, (1 - x @ shipped) * w[:, 0]
    fitted = shipped + np.linalg.solve(a.T @ a + 1e-5 * np.eye(len(names)), a.T @ residual)
    return {str(name): round(float(value), 2) for name, value in zip(names, fitted, strict=True)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, help="JSONL files, may be gzipped")
    parser.add_argument("--fit", action="store_true", help="print the weights that fit half of the texts")
    arguments = parser.parse_args()
    if missing := [str(path) for path in arguments.files if not path.is_file()]:
        print(f"no such file: {', '.join(missing)}; the texts are not part of this repository", file=sys.stderr)
        return 2
    count = tokenizer()
    texts = {
        kind: [(text, count(text)) for text in several]
        for kind, several in kinds(arguments.files, random.Random(0)).items()
        if several
    }
    print(f"{'':32} texts  total   median  95 %   (errors in %, the last two of one paragraph)")
    for kind, several in texts.items():
        errors = np.array([estimate.count_tokens(text) / true - 1 for text, true in several])
        total = sum(estimate.count_tokens(text) for text, _ in several) / sum(true for _, true in several) - 1
        middle, high = np.quantile(abs(errors), [0.5, 0.95])
        print(f"{kind[:32]:32} {len(several):5} {100 * total:+6.1f} {100 * middle:8.1f} {100 * high:5.1f}")
    whole = "\n".join(text for several in texts.values() for text, _ in several)
    began = time.perf_counter()
    estimate.count_tokens(whole)
    middle_time = time.perf_counter()
    count(whole)
    ours, theirs = middle_time - began, time.perf_counter() - middle_time
    print(f"{len(whole.encode()) / 1e6 / ours:.0f} MB/s; the tokenizer {len(whole.encode()) / 1e6 / theirs:.1f} MB/s")
    if arguments.fit:
        print(json.dumps(fit(texts), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
