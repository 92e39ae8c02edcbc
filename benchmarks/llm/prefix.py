"""How much of the judge's prompts is a prefix shared with another claim's prompt, which a prefix cache reads once.

    prefix.py --answers ANSWERS.jsonl --context-column COLUMN   claims of real answers, each with a text of its own row
    prefix.py --pairs GOLD.jsonl[.gz] …                         labelled claims, those with the same evidence together

Every claim's prompt is made as for one claim per call. Counted are the tokens (of OpenAI's cl100k_base, which comes
with LiteLLM) of prompts of claims that have all of their evidence in common with another claim, and of claims that have
any in common. "shared" is the longest prefix that a prompt has in common with another prompt about that evidence;
"warm cache" counts what stood in an earlier one of them already, so nothing for the first; "in blocks" does so in whole
blocks of 16 tokens, as vLLM keeps them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from halueval.chat import ScriptedChat
from halueval.io import read_responses
from halueval.records import Claim, ClaimWithEvidence, Evidence, Response, Span
from halueval.verifiers.grouping import passage_key
from halueval.verifiers.judge import JudgeVerifier

BLOCK = 16


@dataclass
class Count:
    """Tokens of prompts, and how many of them are shared."""

    claims: int = 0
    prompt: int = 0
    shared: int = 0
    warm: int = 0
    blocks: int = 0

    def add(self, prompts: Sequence[Sequence[int]], which: Sequence[Sequence[int]]) -> None:
        """``which`` says for every prompt the places of those that it may share with."""
        for i, prompt in enumerate(prompts):
            if not which[i]:
                continue
            self.claims += 1
            self.prompt += len(prompt)
            self.shared += max(common(prompt, prompts[j]) for j in which[i])
            earlier = max((common(prompt, prompts[j]) for j in which[i] if j < i), default=0)
            self.warm += earlier
            self.blocks += earlier // BLOCK * BLOCK

    def line(self, name: str) -> str:
        if not self.claims:
            return f"{name:44} no claims share evidence"
        shares = (self.shared / self.prompt, self.warm / self.prompt, self.blocks / self.prompt)
        mean = self.prompt / self.claims
        return f"{name:44} {self.claims:6} {mean:8.0f} " + " ".join(f"{share:11.1%}" for share in shares)


def common(a: Sequence[int], b: Sequence[int]) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def tokenizer() -> Callable[[str], list[int]]:
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    return lambda text: list(litellm.encode(model="gpt-4", text=text))


def measured(groups: Iterable[Sequence[ClaimWithEvidence]], judge: JudgeVerifier) -> tuple[Count, Count]:
    same, overlapping = Count(), Count()
    encode = tokenizer()
    for group in groups:
        items = [item for item in group if item.evidence]
        if len(items) < 2:
            continue
        said = ["\n".join(message["content"] for message in judge.request([item]).messages) for item in items]
        prompts = [encode(text) for text in said]
        keys = [frozenset(map(passage_key, item.evidence)) for item in items]
        places = range(len(items))
        same.add(prompts, [[j for j in places if j != i and keys[i] == keys[j]] for i in places])
        overlapping.add(prompts, [[j for j in places if j != i and keys[i] & keys[j]] for i in places])
    return same, overlapping


def of_answers(
    answers: Sequence[Response], passages: int, words: int, whole: bool
) -> Iterator[list[ClaimWithEvidence]]:
    from halueval.claim_extraction.rules import RulesExtractor
    from halueval.evidence.context import best_passages, context_evidence

    for extraction, answer in zip(RulesExtractor().extract(answers), answers, strict=True):
        claims = [claim for claim in extraction.claims if claim.checkworthy]
        context = context_evidence(answer.context, answer.id, passage_words=words)
        yield [ClaimWithEvidence(c, context if whole else best_passages(c.text, context, passages)) for c in claims]


def of_pairs(path: Path) -> Iterator[list[ClaimWithEvidence]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            said = row["evidence"]
            row["evidence"] = said if isinstance(said, str) else " ".join(said)
            rows.setdefault(row["evidence"], []).append(row)
    for text, several in rows.items():
        evidence = (Evidence("document", text, Span(0, len(text))),)
        yield [ClaimWithEvidence(Claim(row["id"], "r", row["claim"]), evidence) for row in several]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--text-column", default="response")
    parser.add_argument("--prompt-column", default="question")
    parser.add_argument("--context-column", default="doctor_response")
    parser.add_argument("--number", type=int, default=60, help="how many of the answers, from the first on")
    parser.add_argument("--passages", type=int, default=5, help="passages per claim, best by BM25")
    parser.add_argument("--passage-words", type=int, default=150, help="words per passage that contexts are cut into")
    parser.add_argument("--pairs", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    files = [*([args.answers] if args.answers else []), *args.pairs]
    if not files:
        parser.error("nothing to measure: give --answers or --pairs")
    if missing := [str(path) for path in files if not path.is_file()]:
        sys.exit(f"error: no such file: {', '.join(missing)}")
    judge = JudgeVerifier(ScriptedChat([], name="a-model"))
    print(f"{'':44} {'claims':>6} {'tokens':>8} {'shared':>11} {'warm cache':>11} {'in blocks':>11}")
    if args.answers:
        read = read_responses(
            str(args.answers), text=args.text_column, prompt=args.prompt_column, context=args.context_column
        )
        answers = [one for one in read if isinstance(one, Response)][: args.number]
        for name, whole in ((f"best {args.passages} passages", False), ("whole context", True)):
            same, overlapping = measured(of_answers(answers, args.passages, args.passage_words, whole), judge)
            print(same.line(f"{args.answers.stem}, {name}, the same"))
            print(overlapping.line(f"{args.answers.stem}, {name}, any in common"))
    for path in args.pairs:
        same, _ = measured(of_pairs(path), judge)
        print(same.line(f"{path.parent.name}/{path.name.split('.')[0]}"))


if __name__ == "__main__":
    main()
