"""What becomes of a model's faults: rules, llm and hybrid on replies that are played with damage of known kind.

    python benchmarks/claims/damage.py ../shared/data/claims/kqa_decomposition.jsonl
    python benchmarks/claims/damage.py GOLD.jsonl --damage "numbers changed" --share 0.3 --seed 2

The replies are the gold statements, damaged with a seed (played_replies.py), and come from an OpenAI-compatible
endpoint on this machine. Played are the statements whose words and numbers the answer has, by the scorer's own rule;
one that adds a fact would be a fault that the table knows nothing of (``--all`` plays it, too). Scored are all. In
``hybrid`` a claim that is sent back comes back as it was (a model that insists); in ``hybrid, mends`` it comes back as
the statement that it was made from.

Prints a table. "placed" is the soft f1 of the claims that have a valid place in the answer; then soft f1, f1, must-have
recall and numbers kept of all claims; the share of changed numbers and of changed negations that did not come through;
how many claims gave way to rule-based ones ("none": false alarms); the share of claims whose spans are valid.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from played_replies import DAMAGES, Answer, Played, PlayedModel, answer_of, damaged, faithful
from scoring import SCORER, is_valid, load_scorer

from halueval.chat.mock_endpoint import MockEndpoint
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.claim_extraction.duplicates import same_claim
from halueval.claim_extraction.hybrid import HybridExtractor
from halueval.claim_extraction.llm import LLMExtractor
from halueval.claim_extraction.rules import RulesExtractor
from halueval.records import Claim, Extraction, Response

FIGURES = ("placed_soft_f1", "soft_f1", "f1", "must_have_recall", "numbers_kept", "claims_per_answer")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="JSONL with id, answer, question, must_have, nice_to_have")
    parser.add_argument("--damage", action="append", choices=list(DAMAGES), help="may be repeated; all by default")
    parser.add_argument(
        "--share", action="append", type=float, help="of what can have the fault; 0.3, 0.6 and 1 by default"
    )
    parser.add_argument("--all", action="store_true", help="play the statements that add something to the answer, too")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=None, help="only this many answers")
    parser.add_argument("--scorer", type=Path, default=SCORER, help="match_claims.py")
    parser.add_argument("--json", type=Path, default=None, help="where the figures go as JSON lines, too")
    args = parser.parse_args()
    for path in (args.gold, args.scorer):
        if not path.is_file():
            parser.error(f"{path}: no such file; wanted: a gold file and its scorer (--scorer)")
    rows = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = rows[: args.first]
    scorer = load_scorer(args.scorer)
    bench = Bench(rows, scorer, everything=args.all)
    print(
        f"{args.gold.name}: {len(rows)} answers, {sum(map(len, _statements(rows)))} statements, "
        f"{sum(len(c) for _, c in bench.clean)} of them played, seed {args.seed}"
    )
    print(_header())
    bench.report("rules", "-", 0.0, RulesExtractor().extract(bench.responses), [])
    out = []
    for damage in args.damage or list(DAMAGES):
        for share in (0.0,) if damage == "none" else args.share or (0.3, 0.6, 1.0):
            out += bench.played(damage, share, args.seed)
    if args.json:
        args.json.write_text("".join(json.dumps(row) + "\n" for row in out), encoding="utf-8")
    return 0


class Bench:
    """The answers of a gold file, ready to be played and scored."""

    def __init__(self, rows: Sequence[dict[str, Any]], scorer: ModuleType, *, everything: bool) -> None:
        self.rows, self.scorer = rows, scorer
        carried = [list(s) for s in _statements(rows)] if everything else _carried(rows, scorer)
        self.responses = [Response(row["id"], row["answer"], prompt=row.get("question")) for row in rows]
        statements = _statements(rows)
        self.clean: list[tuple[Answer, list[Played]]] = []
        self.spoken_of: list[set[int]] = []
        for k, row in enumerate(rows):
            strangers = [s for j in range(1, 6) for s in statements[(k + j * 7) % len(rows)] if (j * 7) % len(rows)]
            answer = answer_of(row, strangers)
            self.clean.append((answer, faithful(carried[k], answer)))
            self.spoken_of.append({c.sentence for c in faithful(statements[k], answer)})

    def played(self, damage: str, share: float, seed: int) -> list[dict[str, Any]]:
        """Every extractor on one damage."""
        played = [
            (answer, spoken_of, damaged(claims, damage, share, seed, answer))
            for (answer, claims), spoken_of in zip(self.clean, self.spoken_of, strict=True)
        ]
        given = [claims for _, _, claims in played]
        out = []
        for name, extractor, mends in (
            ("llm", LLMExtractor, False),
            ("hybrid", HybridExtractor, False),
            ("hybrid, mends", HybridExtractor, True),
        ):
            model = PlayedModel(played, mends=mends)
            with MockEndpoint(lambda body, m=model: m.respond(_said(body)), keep=False) as endpoint:
                chat = OpenAICompatibleChat("played", endpoint.url)
                found = extractor(chat).extract(self.responses)
            out.append(self.report(name, damage, share, found, given))
        return out

    def report(
        self, name: str, damage: str, share: float, found: Sequence[Extraction], given: Sequence[list[Played]]
    ) -> dict[str, Any]:
        """One line of the table."""
        for extraction in found:
            if extraction.failure is not None:
                sys.exit(f"{name}: {extraction.response_id} failed: {extraction.failure.message}")
        claims = {e.response_id: [c for c in e.claims if c.checkworthy] for e in found}
        _, figures = self.scorer.score(self.rows, {k: [c.text for c in v] for k, v in claims.items()})
        texts = {r.id: r.text for r in self.responses}
        valid = [(k, c, is_valid(c, texts[k])) for k, several in claims.items() for c in several]
        placed = {k: [c.text for i, c, ok in valid if ok and i == k] for k in claims}
        figures["placed_soft_f1"] = self.scorer.score(self.rows, placed)[1]["soft_f1"]
        row: dict[str, Any] = {"extractor": name, "damage": damage, "share": share}
        row |= {figure: figures[figure] for figure in FIGURES}
        for fault in ("number changed", "negation changed"):
            row[fault] = _caught(claims, found, given, fault)
        row["replaced"] = sum(
            int(w.split()[0]) for e in found for w in e.warnings if w.endswith(("rule-based one", "rule-based ones"))
        )
        row["valid_spans"] = sum(ok for *_, ok in valid) / len(valid) if valid else None
        print(_line(row), flush=True)
        return row


def _statements(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    return [[s for s in [*row["must_have"], *row["nice_to_have"]] if s.strip()] for row in rows]


def _carried(rows: Sequence[dict[str, Any]], scorer: ModuleType) -> list[list[str]]:
    """The statements that can be had from answer and question, by the rule of the scorer's ``derivable_recall``."""
    out = []
    for row, statements in zip(rows, _statements(rows), strict=True):
        each = [{**row, "must_have": [s], "nice_to_have": []} for s in statements]
        found, _ = scorer.score([{**one, "id": str(i)} for i, one in enumerate(each)], {})
        out.append([s for s, figures in zip(statements, found, strict=True) if figures["derivable"]])
    return out


def _caught(
    claims: dict[str, list[Claim]], found: Sequence[Extraction], given: Sequence[list[Played]], fault: str
) -> tuple[int, int]:
    """Of the claims with this fault, those that did not come through; and how many there were."""
    caught = total = 0
    for extraction, several in zip(found, given, strict=False):
        for one in several:
            if one.fault == fault:
                total += 1
                caught += not any(same_claim(one.text, c.text) for c in claims[extraction.response_id])
    return caught, total


def _said(body: dict[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


def _header() -> str:
    return (
        f"{'damage':<22} {'share':>5}  {'extractor':<13} {'placed':>6} {'soft f1':>7} {'f1':>6} {'must R':>6}"
        f" {'numbers':>7} {'claims':>6} {'numbers caught':>15} {'negations caught':>17} {'replaced':>8}"
        f" {'valid spans':>11}"
    )


def _line(row: dict[str, Any]) -> str:
    figures = (f"{row[f]:.3f}" if row[f] is not None else "-" for f in FIGURES[:5])
    placed, soft, f1, must, numbers = figures
    number, negation = (
        f"{c}/{n} {c / n:.1%}" if n else "-" for c, n in (row["number changed"], row["negation changed"])
    )
    valid = f"{row['valid_spans']:.1%}" if row["valid_spans"] is not None else "-"
    return (
        f"{row['damage']:<22} {row['share']:>5.0%}  {row['extractor']:<13} {placed:>6} {soft:>7} {f1:>6} {must:>6}"
        f" {numbers:>7} {row['claims_per_answer']:>6.1f} {number:>15} {negation:>17} {row['replaced']:>8} {valid:>11}"
    )


if __name__ == "__main__":
    started = time.perf_counter()
    code = main()
    print(f"{time.perf_counter() - started:.0f} s")
    sys.exit(code)
