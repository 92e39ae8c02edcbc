"""Does memory stay where it is when the input grows tenfold?

    python benchmarks/line/memory.py ANSWERS.jsonl INDEX

Runs `halueval run` on the answers three times over and on thirty times over (ids made unique), each in a process of
its own, and prints both peaks and their ratio. Three times over, not once, so that the start of a run does not hide
what grows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

RUN = """
import resource, sys
from halueval.evaluation import evaluate
report = evaluate(sys.argv[1], evidence=sys.argv[2], run=sys.argv[3])
print(report.counts.responses, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak(answers: list[str], times: int, index: str, folder: Path) -> tuple[int, float]:
    path = folder / f"answers-{times}.jsonl"
    with open(path, "w", encoding="utf-8") as out:
        for i in range(times):
            for line in answers:
                row = json.loads(line)
                out.write(json.dumps({**row, "id": f"{row['id']}-{i}"}) + "\n")
    command = [sys.executable, "-c", RUN, str(path), index, str(folder / f"run-{times}")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(printed[-2]), float(printed[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers")
    parser.add_argument("index")
    options = parser.parse_args()
    for path in (options.answers, options.index):
        if not Path(path).exists():
            sys.exit(f"{path}: not there; the data set is not shipped with halueval, name your own copy")
    answers = [line for line in Path(options.answers).read_text(encoding="utf-8").split("\n") if line.strip()]
    with tempfile.TemporaryDirectory() as folder:
        few, small = peak(answers, 3, options.index, Path(folder))
        many, large = peak(answers, 30, options.index, Path(folder))
    print(f"{few} responses: peak {small:.0f} MB; {many} responses: peak {large:.0f} MB; ratio {large / small:.3f}")


if __name__ == "__main__":
    main()
