"""Find the abbreviations that the texts of a gold file define, and say how well, and how fast, that went.

    python benchmarks/text/abbreviations.py GOLD.jsonl -o PREDICTIONS.jsonl [--peer]

GOLD has one object per line with ``id``, ``text`` and ``pairs`` of ``short`` and ``long``; PREDICTIONS gets ``id`` and
``pairs``. ``--peer`` runs scispaCy's AbbreviationDetector on a blank English pipeline over the same texts as well.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from halueval.text.abbreviations import find_abbreviations

Pairs = list[tuple[str, str]]


def ours(text: str) -> Pairs:
    """The pairs that halueval finds."""
    return [(a.short, a.long) for a in find_abbreviations(text)]


def peer() -> Callable[[str], Pairs]:
    """scispaCy's detector as a function from text to pairs."""
    import spacy

    warnings.filterwarnings("ignore", message=".*W036.*")
    from scispacy.abbreviation import AbbreviationDetector  # noqa: F401  (registers the component)

    nlp = spacy.blank("en")
    nlp.add_pipe("abbreviation_detector")
    return lambda text: sorted({(a.text, a._.long_form.text) for a in nlp(text)._.abbreviations})


def key(pair: tuple[str, str]) -> tuple[str, str]:
    """A pair as the scorer compares it: without case, white space run together."""
    return " ".join(pair[0].split()).casefold(), " ".join(pair[1].split()).casefold()


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="JSONL with id, text, pairs")
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the predictions go")
    parser.add_argument("--peer", action="store_true", help="run scispaCy's detector too")
    args = parser.parse_args()
    if not args.gold.is_file():
        print(f"{args.gold}: no such file; give a gold file of abbreviations", file=sys.stderr)
        return 2
    rows = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    finders = [("halueval", ours)] + ([("scispaCy", peer())] if args.peer else [])
    for name, find in finders:
        hits = said = wanted = 0
        began = time.perf_counter()
        found = [find(row["text"]) for row in rows]
        took = time.perf_counter() - began
        for row, pairs in zip(rows, found, strict=True):
            gold, predicted = {key((p["short"], p["long"])) for p in row["pairs"]}, {key(p) for p in pairs}
            hits, said, wanted = hits + len(gold & predicted), said + len(predicted), wanted + len(gold)
        print(
            f"{name}: precision {hits / max(said, 1):.4f} recall {hits / max(wanted, 1):.4f} "
            f"F1 {2 * hits / max(said + wanted, 1):.4f}, {took / len(rows) * 1000:.3f} ms a text "
            f"({len(rows)} texts, {wanted} pairs)"
        )
        if name == "halueval":
            with args.out.open("w", encoding="utf-8") as out:
                for row, pairs in zip(rows, found, strict=True):
                    line = {"id": row["id"], "pairs": [{"short": s, "long": long} for s, long in pairs]}
                    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
