"""Compare halueval.statistics with reference values.

    python benchmarks/statistics/golden.py GOLDEN.json

Prints every miss, names the functions that are not built yet, and exits 1 on any miss. A case is a JSON object with
``name, function, inputs, expected, tolerance``; null stands for an undefined number.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from halueval import statistics

# The reference's words where they differ from ours.
ARGUMENTS = {"confidence": "level", "open": "open_claims"}
# Functions that return one number: the key it has in the reference.
SINGLE = {"icc_anova": "icc", "design_effect": "deff", "units_for_zero_event_bound": "n_for_bound", "holm": "adjusted"}
# Numbers that have another name in the reference (lambda is a word of Python's) or stand in a list here.
RENAMED: dict[str, Callable[[Any], Any]] = {
    "lambda": lambda found: getattr(found, "tuning", None),
    **{key: lambda found: getattr(found, "value", None) for key in ("kappa", "alpha")},
    **{
        key: lambda found, key=key: getattr(getattr(found, key, found), "value", None) for key in ("cohen_kappa", "ac1")
    },
    "weight_flagged": lambda found: (*getattr(found, "weights", ()), None)[0],
}


def computed(function: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What ours gives, by the reference's keys."""
    result = getattr(statistics, function)(**{ARGUMENTS.get(k, k): v for k, v in inputs.items()})
    if function in SINGLE:
        return {SINGLE[function]: getattr(result, "value", result)}
    return {**asdict(result), **{name: of(result) for name, of in RENAMED.items()}}


def agrees(found: Any, wanted: Any, tolerance: float) -> bool:
    """Whether a number (or a list of them) is the one wanted; None only equals None."""
    if isinstance(wanted, list):
        return (
            isinstance(found, list | tuple)
            and len(found) == len(wanted)
            and all(agrees(f, w, tolerance) for f, w in zip(found, wanted, strict=True))
        )
    if wanted is None or found is None:
        return found is wanted
    return bool(abs(found - wanted) <= tolerance)


def misses(case: dict[str, Any]) -> list[str]:
    """One line per expected number that ours does not give."""
    found = computed(case["function"], case["inputs"])
    return [
        f"{case['name']}: {key} is {found.get(key, 'absent')}, wanted {wanted}"
        for key, wanted in case["expected"].items()
        if key not in found or not agrees(found[key], wanted, case["tolerance"])
    ]


def main() -> int:
    """Run the comparison; 1 on any miss, 2 when the file cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("golden", type=Path, help="JSON list of cases")
    path = parser.parse_args().golden
    if not path.is_file():
        print(f"{path}: no such file; wanted: the JSON list of reference cases", file=sys.stderr)
        return 2
    cases = json.loads(path.read_text(encoding="utf-8"))
    built = [c for c in cases if hasattr(statistics, c["function"])]
    wrong = [line for case in built for line in misses(case)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    functions = {c["function"] for c in built}
    print(f"{len(built)} cases of {len(functions)} functions compared, {len(wrong)} misses")
    waiting = Counter(c["function"] for c in cases if c not in built)
    if waiting:
        names = ", ".join(f"{name} ({n})" for name, n in sorted(waiting.items()))
        print(f"not built: {waiting.total()} cases of {len(waiting)} functions: {names}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
