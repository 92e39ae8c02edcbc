"""Whether a model judges several claims in one call as it judges each alone: run it before raising claims_per_call.

    agreement.py GOLD.jsonl[.gz] … --model NAME [--base-url URL] [--claims-per-call 2 4 8]

GOLD has "id", "claim", "evidence" (a text or a list of sentences), "label"; claims about the same evidence stand in one
response. Printed for each k: calls, tokens, the share of claims whose label is that of k=1 with its 95 % interval
(Wilson's, over claims; claims of a document hang together, so it is rather too narrow), the share that is right, and
how many verdicts had no valid quote or failed. One more run at k=1 says how far the model agrees with itself.
Without --model the judge is a script that decides by words: that shows that the command works, and nothing of a
model. The key is read from where the provider's library looks for it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from injection_cases import ObeyingJudge
from prefix import of_pairs

from halueval.chat import ChatSession, ScriptedChat
from halueval.chat.models import open_model
from halueval.errors import HaluevalError
from halueval.records import ClaimWithEvidence, Failure, Outcome, Verdict, total_cost
from halueval.statistics.intervals import wilson
from halueval.verifiers.judge import NO_QUOTE, JudgeVerifier


def labels_of(path: Path) -> dict[str, str]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return {row["id"]: row["label"] for row in map(json.loads, lines)}


def items_of(path: Path, number: int) -> list[ClaimWithEvidence]:
    """The claims of the documents that have most of them: only those can share a call."""
    groups = sorted(of_pairs(path), key=len, reverse=True)
    return [item for group in groups for item in group][:number]


def said(outcome: Outcome) -> str:
    return outcome.label if isinstance(outcome, Verdict) else outcome.kind


def line(name: str, outcomes: Sequence[Outcome], alone: Sequence[Outcome], gold: Sequence[str]) -> str:
    cost = total_cost(outcome.cost for outcome in outcomes)
    both = [(a, b) for a, b in zip(outcomes, alone, strict=True) if isinstance(a, Verdict) and isinstance(b, Verdict)]
    same = sum(a.label == b.label for a, b in both)
    interval = wilson(same, len(both)) if both else None
    agreement = f"{same / len(both):7.1%} [{interval.low:.1%}, {interval.high:.1%}]" if interval else "-"
    right = sum(said(outcome) == label for outcome, label in zip(outcomes, gold, strict=True)) / len(gold)
    unquoted = sum(isinstance(o, Verdict) and o.reason.startswith(NO_QUOTE) for o in outcomes)
    failed = sum(isinstance(o, Failure) for o in outcomes)
    tokens = cost.prompt_tokens + cost.completion_tokens
    return f"{name:14} {cost.calls:6} {tokens:10} {agreement:>24} {right:7.1%} {unquoted:9} {failed:7}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--model", help="as for halueval run")
    parser.add_argument("--base-url", help="of an OpenAI-compatible endpoint")
    parser.add_argument("--claims-per-call", type=int, nargs="+", default=[2, 4, 8], metavar="K")
    parser.add_argument("--number", type=int, default=400, help="claims per file, of the most asked-about documents")
    args = parser.parse_args()
    if missing := [str(path) for path in args.gold if not path.is_file()]:
        sys.exit(f"error: no such file: {', '.join(missing)}")
    try:
        model = open_model(args.model, base_url=args.base_url) if args.model else None
        for path in args.gold:
            measure(path, args.claims_per_call, args.number, ChatSession(model) if model else None)
    except HaluevalError as error:
        sys.exit(f"error: {error}")


def measure(path: Path, sizes: Sequence[int], number: int, session: ChatSession | None) -> None:
    items, labels = items_of(path, number), labels_of(path)
    gold = [labels[item.claim.id] for item in items]
    # the claims of one document are of one response
    items = [
        ClaimWithEvidence(type(i.claim)(i.claim.id, i.evidence[0].text[:200], i.claim.text), i.evidence) for i in items
    ]

    def judged(k: int) -> list[Outcome]:
        chat = session or ScriptedChat(ObeyingJudge(obeys=False), name="words")
        return JudgeVerifier(chat, claims_per_call=k).verify(items)

    alone = judged(1)
    print(f"\n{path.parent.name}/{path.name}: {len(items)} claims, judged by {session.name if session else 'a script'}")
    print(f"{'':14} {'calls':>6} {'tokens':>10} {'same label as k=1':>24} {'right':>7} {'no quote':>9} {'failed':>7}")
    print(line("k=1", alone, alone, gold))
    print(line("k=1, again", judged(1), alone, gold))
    for k in sizes:
        print(line(f"k={k}", judged(k), alone, gold), flush=True)


if __name__ == "__main__":
    main()
