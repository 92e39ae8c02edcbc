"""The same answers at 1, 8 and 64 calls in flight, against an endpoint whose latency is shuffled: the same bytes.

Compared are the three files of the report, the content of the journal, and the manifest.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from lives import CLAIMS, Counting, measure, report_files, rows_of, write_answers

from halueval.chat.mock_endpoint import MockEndpoint
from halueval.chat.openai_compatible import OpenAICompatibleChat


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--latency", type=float, default=0.03, help="seconds that most calls take at most")
    parser.add_argument("--seed", type=int, default=14)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    # a few calls take much longer than the others, so that answers end in another order than they began
    counting = Counting(lambda: chance.uniform(0, asked.latency) * (60 if chance.random() < 0.005 else 1))
    seen: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as folder, MockEndpoint(counting, keep=False) as endpoint:
        answers = write_answers(Path(folder) / "answers.jsonl", asked.answers)
        for in_flight in asked.in_flight:
            run, before = Path(folder) / f"run{in_flight}", counting.calls
            endpoint.most_in_flight = 0
            order: list[str] = []
            began = time.perf_counter()
            measure(
                answers,
                run,
                OpenAICompatibleChat("mock", endpoint.url),
                in_flight=in_flight,
                progress=lambda result, order=order: order.append(result.response.id),
            )
            moved = sum(name != f"a{n}" for n, name in enumerate(order))
            print(
                f"{in_flight:>3} in flight: {counting.calls - before} calls, {endpoint.most_in_flight} together at "
                f"most, {time.perf_counter() - began:.1f} s, {moved} of {asked.answers} answers done out of order"
            )
            seen.append((report_files(run), sorted(rows_of(run)), (run / "manifest.json").read_bytes()))
    names = ("report files", "rows of the journal", "manifest")
    same = [len({repr(one[i]) for one in seen}) == 1 for i in range(3)]
    for name, yes in zip(names, same, strict=True):
        print(f"{name}: {'the same, byte for byte' if yes else 'DIFFERENT'}")
    whole = len(rows := seen[0][1]) == asked.answers  # type: ignore[arg-type]
    print(f"{len(rows)} answers of {CLAIMS} claims each")  # type: ignore[arg-type]
    return 0 if all(same) and whole else 1


if __name__ == "__main__":
    sys.exit(main())
