"""Train halueval-mini from its beginnings, step by step; a step whose file is there isn't done again.

python training/nli/recipe.py --minilm FOLDER --nli FOLDER --verdicts FOLDER --work FOLDER -o FOLDER

MiniLM is all-MiniLM-L6-v2 (config.json, model.safetensors, tokenizer.json). Everything is written to --work first; what
ships lies in verifiers/models/halueval-mini. Takes about three hours, most of them for the rounds of claims.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DATA = "--minilm {minilm} --nli {nli} --verdicts {verdicts}"


def claims(start: str, rate: str, seed: int, mix: str, *, dropout: float = 0.1) -> str:
    """A command that learns from labelled claims, from a checkpoint on."""
    return (
        f"train.py claims --start {{work}}/{start} {DATA} --contrast {{work}}/contrast.jsonl.gz --train-words "
        f"--rate {rate} --dropout {dropout} --seed {seed} {mix}"
    )


THREE_QUARTERS = "--hold-back 0 --repeat 1 --trials {work}/trials.jsonl.gz"

# What is made, in this order, and by which command.
STEPS = {
    "contrast.jsonl.gz": "contrast.py --verdicts {verdicts} --nli {nli} --count 40000 --seed 0",
    "trials.jsonl.gz": "trials.py --count 12000 --seed 0 --tokenizer {minilm}/tokenizer.json",
    "1.pt": "train.py nli --minilm {minilm} --nli {nli} --rate 2e-4",
    "2.pt": claims("1.pt", "1.5e-4", 1, "--repeat 0 --contrast-rows 14000 --replay 6000 --edited-rows 0", dropout=0.05),
    "3.pt": claims(
        "2.pt",
        "1.2e-4",
        2,
        f"{THREE_QUARTERS} --epochs 3 --contrast-rows 2500 --replay 1500 --edited-rows 1200 --foreign-rows 600 "
        "--trial-rows 1500",
    ),
    "4.pt": claims(
        "3.pt",
        "1e-4",
        3,
        f"{THREE_QUARTERS} --epochs 4 --contrast-rows 1500 --replay 2000 --edited-rows 600 --foreign-rows 250 "
        "--deciding-rows 1200 --trial-rows 800",
    ),
    "5.pt": claims(
        "4.pt",
        "1e-4",
        11,
        f"{THREE_QUARTERS} --epochs 6 --contrast-rows 2000 --replay 4000 --edited-rows 600 --foreign-rows 250 "
        "--deciding-rows 1200 --trial-rows 1000",
    ),
    "6.pt": "average.py {work}/4.pt {work}/5.pt",
    "ensemble.json": f"ensemble.py {{work}}/6.pt --hold-back 0 {DATA}",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("minilm", "nli", "verdicts", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    folders = {name: shlex.quote(str(getattr(options, name))) for name in ("minilm", "nli", "verdicts", "work")}

    def run(command: str, output: Path) -> None:
        words = shlex.split(command.format(**folders))
        print(shlex.join([*words, "-o", str(output)]), flush=True)
        subprocess.run([sys.executable, str(HERE / words[0]), *words[1:], "-o", str(output)], check=True)

    for name, command in STEPS.items():
        if not (options.work / name).exists():
            begun = options.work / f"begun-{name}"  # a step that was cut off is done again
            run(command, begun)
            os.replace(begun, options.work / name)
    run("export.py {work}/6.pt --minilm {minilm} --ensemble {work}/ensemble.json", options.output)


if __name__ == "__main__":
    main()
