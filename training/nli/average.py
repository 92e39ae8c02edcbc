"""The mean of checkpoints that were trained one from the other: it errs less on new text than any of them.

python training/nli/average.py held1.pt held2.pt -o claims.pt
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def averaged(paths: list[Path]) -> dict[str, torch.Tensor]:
    states = [torch.load(path) for path in paths]
    return {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    torch.save(averaged(options.checkpoint), options.output)


if __name__ == "__main__":
    main()
