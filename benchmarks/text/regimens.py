"""Controls for doses, frequencies, durations and ages against found evidence.

    python benchmarks/text/regimens.py INDEX PAGES.jsonl.gz [--verifier quantities] [--sample 1500] [--show 0]

PAGES holds rows with ``doc_id`` and ``text`` and INDEX is built from them (or from more). Sentences with a dose, a
frequency, a duration, an age or a measured value are drawn from PAGES and taken as true. Each is checked against what
a search finds for it, as it stands and *loosened* (every fourth long word that is no number, unit or negation left
out, and its halves exchanged at a comma), then with its first quantity doubled, halved, in another unit, or
with another frequency. None of the true ones may be refuted; of the altered ones as many as honestly possible.

"without its own page" takes the evidence of the sentence's own page away: whatever refutes a true sentence then is
another page on the same thing, so this row shows false refutations that the others cannot show.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from halueval.evidence import open_evidence
from halueval.plugins import load_verifier
from halueval.records import Claim, ClaimWithEvidence, Evidence, Verdict
from halueval.text.quantities import find_quantities
from halueval.text.sentences import sentence_spans
from halueval.verifiers.quantities_facets import facets

WORD = re.compile(r"\S+")
KEPT = re.compile(
    r"\d|%|n['’]t|^.{1,4}$|^(?:never|without|until|about|after|before|every|least|between|within|million|"
    r"older|younger|longer|shorter|higher|lower|greater|smaller|larger|below|above|exceed|unable|likely)$",
    re.I,
)
FREQUENCIES = {"once": "twice", "twice": "once", "daily": "weekly", "weekly": "daily", "day": "week", "week": "month"}
UNITS = {
    "mg": "mcg",
    "mcg": "mg",
    "g": "mg",
    "milligrams": "micrograms",
    "micrograms": "milligrams",
    "grams": "milligrams",
}
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
Alteration = Callable[[str], str]


def times(factor: float) -> Alteration:
    """Every number of the first quantity, times a factor."""

    def scaled(m: re.Match[str]) -> str:
        value = float(m.group().replace(",", "")) * factor
        return f"{value:g}" if value < 1e6 else m.group()

    def alter(sentence: str) -> str:
        for facet in facets(sentence):
            span = facet.quantity.span
            said = sentence[span.start : span.end]
            if NUMBER.search(said):
                return sentence[: span.start] + NUMBER.sub(scaled, said) + sentence[span.end :]
        return sentence

    return alter


def other_unit(sentence: str) -> str:
    for facet in facets(sentence):
        span = facet.quantity.span
        said = sentence[span.start : span.end]
        changed = re.sub(r"[A-Za-z]+", lambda m: UNITS.get(m.group(), m.group()), said)
        if changed != said:
            return sentence[: span.start] + changed + sentence[span.end :]
    return sentence


def other_frequency(sentence: str) -> str:
    for quantity in find_quantities(sentence):
        span = quantity.span
        if quantity.unit in ("/d", "/wk", "/mo", "/a"):
            said = sentence[span.start : span.end]
            for old, new in FREQUENCIES.items():
                if re.search(rf"\b{old}\b", said):
                    return sentence[: span.start] + re.sub(rf"\b{old}\b", new, said) + sentence[span.end :]
    return sentence


def loosened(sentence: str, every: int = 4) -> str:
    """Every fourth (or nth) plain word left out, and the halves exchanged at the middle comma if there is one."""
    quantities = [(q.span.start, q.span.end) for q in find_quantities(sentence)]
    kept = []
    plain = 0
    for m in WORD.finditer(sentence):
        inside = any(start < m.end() and m.start() < end for start, end in quantities)
        plain += not inside and not KEPT.search(m.group())
        if inside or KEPT.search(m.group()) or plain % every:
            kept.append(m.group())
    text = " ".join(kept)
    first, comma, second = text.partition(", ")
    return f"{second.rstrip('.')}, {first}." if comma and facets(second) and not facets(first) else text


ALTERATIONS: dict[str, Alteration] = {
    "twice the number": times(2),
    "half the number": times(0.5),
    "another unit": other_unit,
    "another frequency": other_frequency,
}


def sentences(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = row["text"][:20_000]
            for span in sentence_spans(text):
                sentence = " ".join(text[span.start : span.end].split())
                if 40 <= len(sentence) <= 250 and sentence[0].isupper() and sentence.endswith(".") and facets(sentence):
                    yield row["doc_id"], sentence


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index")
    parser.add_argument("pages", type=Path)
    parser.add_argument("--verifier", default="quantities")
    parser.add_argument("--sample", type=int, default=1500)
    parser.add_argument("--leave-out", type=int, default=4, help="a loosened sentence lacks every so manieth long word")
    parser.add_argument("--half", type=int, choices=(0, 1), help="only every second sentence, to hold the others out")
    parser.add_argument(
        "--show", type=int, default=0, help="print so many refutations of true sentences, and of others"
    )
    options = parser.parse_args()
    for path in (options.index, options.pages):
        if not Path(path).exists():
            sys.exit(f"{path}: not there; the data set is not shipped with halueval, name your own copy")
    rows = sorted(set(sentences(options.pages)))
    random.Random(7).shuffle(rows)
    rows = rows[: options.sample]
    if options.half is not None:
        rows = rows[options.half :: 2]
    retriever, verifier = open_evidence(options.index), load_verifier(options.verifier)

    def measure(name: str, claims: list[tuple[str, str]], *, without_own: bool = False) -> None:
        hits = retriever.search([c for _, c in claims], 10 if without_own else 5)
        items = []
        for i, ((doc_id, claim), found) in enumerate(zip(claims, hits, strict=True)):
            evidence = tuple(e for e in found if not (without_own and _own(e, doc_id)))[:5]
            items.append(ClaimWithEvidence(Claim(str(i), "r", claim), evidence))
        counts: Counter[str] = Counter()
        shown = 0
        for item, outcome in zip(items, verifier.verify(items), strict=True):
            label = outcome.label if isinstance(outcome, Verdict) else "failure"
            counts[label] += 1
            if label == "refuted" and isinstance(outcome, Verdict) and shown < options.show:
                shown += 1
                quote = outcome.quotes[0]
                text = outcome.evidence[quote.evidence].text[quote.span.start : quote.span.end]
                title = outcome.evidence[quote.evidence].title
                print(f"    {item.claim.text}\n      [{title}] {text}\n      {outcome.reason}")
        n = max(len(claims), 1)
        print(f"{name}: {n} sentences: " + ", ".join(f"{k} {v} ({v / n:.4f})" for k, v in sorted(counts.items())))

    measure("true, as they stand", rows)
    loose = [(d, loosened(s, options.leave_out)) for d, s in rows]
    measure("true, loosened", loose)
    measure("true, without its own page", rows, without_own=True)
    measure("true, loosened, without its own page", loose, without_own=True)
    for name, alter in ALTERATIONS.items():
        altered = [(d, t) for d, s in rows for t in [alter(s)] if t != s]
        measure(name, altered)
        measure(f"{name}, loosened", [(d, loosened(s, options.leave_out)) for d, s in altered])


def _own(evidence: Evidence, doc_id: str) -> bool:
    return evidence.doc_id == doc_id


if __name__ == "__main__":
    main()
