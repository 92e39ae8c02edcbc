"""Speed and size of an encoder, and what quantising costs: mini.py [--model FOLDER] [--fp32 FOLDER] [GOLD…]

Without a folder, the model that ships. One thread, pairs of exactly --tokens tokens of made-up text, processor time of
this process; the best of five rounds. With --fp32 (training/nli/export.py --fp32) the same for the weights before they
were quantised, and, with GOLD (JSONL of claim, evidence, label), macro-F1 of both on each file.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from lexical import item, name_of, read

from halueval.verifiers.encoders import OnnxEncoder
from halueval.verifiers.nli import NLIVerifier
from halueval.verifiers.nli_models import shipped_models

PAIRS, ROUNDS = 128, 5
TEXT = (
    "in the trial patients with a fever who took the drug had less pain than those on placebo after two weeks of care"
)
LOAD = """
import sys, time
import onnxruntime, tokenizers
from halueval.verifiers.nli import NLIVerifier
began = time.perf_counter()
NLIVerifier(sys.argv[1], threads=1).probabilities([("It rained.", "It was wet.")])
print(time.perf_counter() - began)
"""


def pairs_of(encoder: OnnxEncoder, tokens: int) -> list[tuple[str, str]]:
    """Pairs that take exactly so many tokens, special ones included."""
    claim = "the drug lowered the pain of patients"
    room = tokens - encoder.special - len(encoder.tokens(claim))
    said, found = TEXT.split(), []
    for start in range(PAIRS):
        words = [said[(start + k) % len(said)] for k in range(room)]
        while len(encoder.tokens(" ".join(words))) > room:
            words.pop()
        found.append((" ".join(words), claim))
    return found


def speed(folder: Path, tokens: int) -> float:
    """Pairs per second of processor time."""
    encoder = OnnxEncoder(folder, threads=1)
    pairs = pairs_of(encoder, tokens)
    encoder.logits(pairs[:8])
    best = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        encoder.logits(pairs)
        best = max(best, len(pairs) / (time.process_time() - began))
    return best


def macro_f1(folder: Path, gold: Path) -> float:
    from sklearn.metrics import f1_score

    rows = list(read(gold))
    outcomes = NLIVerifier(folder).verify([item(row) for row in rows])
    truth = [row["label"] for row in rows]
    said = [getattr(outcome, "label", "failure") for outcome in outcomes]
    return float(f1_score(truth, said, labels=sorted(set(truth)), average="macro", zero_division=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="*")
    parser.add_argument("--model", type=Path, help="folder; the shipped one by default")
    parser.add_argument("--fp32", type=Path, help="the same model before it was quantised")
    parser.add_argument("--tokens", type=int, default=128)
    args = parser.parse_args()
    folder = args.model or shipped_models().get("halueval-mini")
    if folder is None:
        sys.exit("error: no model ships; name a folder with --model")
    loads = [
        float(
            subprocess.run([sys.executable, "-c", LOAD, str(folder)], capture_output=True, check=True, text=True).stdout
        )
        for _ in range(3)
    ]
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    print(f"{folder.name}: {size:.1f} MB on disk; from folder to first answer {sorted(loads)[1]:.2f} s (median of 3)")
    fast = speed(folder, args.tokens)
    print(f"int8  {fast:6.1f} pairs per CPU second at {args.tokens} tokens, one thread")
    if args.fp32:
        slow = speed(args.fp32, args.tokens)
        print(f"fp32  {slow:6.1f} pairs per CPU second; int8 is {fast / slow:.2f} times as fast")
        for gold in args.gold:
            one, other = macro_f1(folder, gold), macro_f1(args.fp32, gold)
            print(
                f"{name_of(gold):<28} macro-F1 int8 {one:.4f}, fp32 {other:.4f}, difference {one - other:+.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
