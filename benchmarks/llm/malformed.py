"""Malformed replies × whoever reads replies: how many became a label or a claim, crashed, were counted.

The shapes are those of tests/chat/malformed.py, the readers those of tests/contract/reply_readers.py; the scripted
model gives the shape to every call, also when it is asked again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2] / "tests"
sys.path.insert(0, str(TESTS / "contract"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--faults", action="store_true", help="name the shapes that became a label or crashed")
    arguments = parser.parse_args()

    from reply_readers import READERS, SHAPES, became

    table, faults = {}, []
    for reader in READERS:
        counts: Counter[str] = Counter()
        began = time.perf_counter()
        for shape in SHAPES:
            try:
                outcomes = reader.outcomes(shape)
            except Exception as error:  # what is measured
                counts["crashed"] += 1
                faults.append(f"{reader.name}, {shape.name}: {type(error).__name__}: {error}")
                continue
            if outcomes is None:
                continue
            if shape.outcome == "read":
                counts["well-formed"] += 1
                counts["read"] += became(outcomes) == ("open" if reader.first else "value")
            elif shape.outcome == "failure":
                counts["malformed"] += 1
                what = became(outcomes)
                counts[what] += 1
                if what == "value" or (what == "open" and not reader.falls_back):
                    faults.append(f"{reader.name}, {shape.name}: {what}")
        table[reader.name] = {**counts, "seconds": round(time.perf_counter() - began, 1)}
    if arguments.json:
        print(json.dumps(table))
        return
    print("reader            malformed  a label  crashed  a failure  rules kept  well-formed  read")
    for name, counts in table.items():
        cells = [counts.get(k, 0) for k in ("malformed", "value", "crashed", "counted", "open", "well-formed", "read")]
        print(f"{name:16} " + "".join(f"{cell:>{w}}" for cell, w in zip(cells, (10, 9, 9, 11, 12, 13, 6), strict=True)))
    for fault in faults if arguments.faults else ():
        print(fault)


if __name__ == "__main__":
    main()
