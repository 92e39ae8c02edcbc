"""What `import halueval` costs beside `import litellm`, each in a process of its own.

python benchmarks/line/imports.py [--repeats 5]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys

CODE = "import time; start = time.perf_counter(); import {name}; print(time.perf_counter() - start)"


def seconds(name: str, repeats: int) -> float:
    command = [sys.executable, "-c", CODE.format(name=name)]
    environment = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # else importing it reaches for the network
    runs = [
        float(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.split()[-1])
        for _ in range(repeats + 1)
    ]
    return statistics.median(runs[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    ours, theirs = seconds("halueval", options.repeats), seconds("litellm", options.repeats)
    print(f"import halueval {ours * 1000:.1f} ms; import litellm {theirs * 1000:.0f} ms; ratio {ours / theirs:.4f}")


if __name__ == "__main__":
    main()
