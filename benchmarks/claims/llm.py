"""Claims by rules, by a chat model alone, and by both together, against statements that people cut by hand.

    python benchmarks/claims/llm.py ../shared/data/claims/kqa_decomposition.jsonl \\
        --base-url http://127.0.0.1:8000/v1 --model NAME -o claims/

Asks any OpenAI-compatible endpoint: vLLM, SGLang, llama.cpp, Ollama, a provider's. The key, where one is needed, comes
from the environment (``--key-from``), never from the command line. Writes the claims of each extractor in the scorer's
format and prints the matcher's figures side by side, with the calls and tokens that they took and what was done to the
model's claims. Without ``--model`` the replies are played from the gold statements (played_replies.py), to see the
command work; those figures say nothing about any model.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kqa import line_of
from played_replies import PlayedModel, answer_of, faithful
from scoring import SCORER, is_valid, load_scorer

from halueval.chat import ChatSession, open_chat
from halueval.chat.mock_endpoint import MockEndpoint
from halueval.chat.openai_compatible import OpenAICompatibleChat
from halueval.claim_extraction.hybrid import HybridExtractor
from halueval.claim_extraction.llm import LLMExtractor
from halueval.claim_extraction.rules import RulesExtractor
from halueval.records import Extraction, Response, total_cost

FIGURES = ("recall", "precision", "f1", "must_have_recall", "soft_f1", "claims_per_answer", "numbers_kept")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="JSONL with id, answer, question, must_have, nice_to_have")
    parser.add_argument("--base-url", help="of the endpoint, up to and with /v1")
    parser.add_argument("--model", help="what the endpoint calls it; left out, replies are played from the gold")
    parser.add_argument("--key-from", default="OPENAI_API_KEY", help="the environment variable that holds the key")
    parser.add_argument("--temperature", type=float, default=None)
    parser.add_argument("--first", type=int, default=None, help="only this many answers")
    parser.add_argument("-o", "--output", type=Path, default=None, help="folder for the claims, one file per extractor")
    parser.add_argument("--scorer", type=Path, default=SCORER, help="match_claims.py")
    args = parser.parse_args()
    for path in (args.gold, args.scorer):
        if not path.is_file():
            parser.error(f"{path}: no such file; wanted: a gold file and its scorer (--scorer)")
    if (args.model is None) != (args.base_url is None):
        parser.error("--model and --base-url go together")
    rows = [json.loads(line) for line in args.gold.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows = rows[: args.first]
    responses = [Response(row["id"], row["answer"], prompt=row.get("question")) for row in rows]
    scorer = load_scorer(args.scorer)
    with _chat(args, rows) as chat:
        print(f"{args.gold.name}: {len(rows)} answers; model: {chat.name}")
        extractors = (
            RulesExtractor(),
            LLMExtractor(chat, temperature=args.temperature),
            HybridExtractor(chat, temperature=args.temperature),
        )
        for extractor in extractors:
            started = time.perf_counter()
            found = extractor.extract(responses)
            _print(extractor.name, rows, found, scorer, time.perf_counter() - started)
            if args.output is not None:
                args.output.mkdir(parents=True, exist_ok=True)
                lines = (json.dumps(line_of(e), ensure_ascii=False) + "\n" for e in found)
                (args.output / f"{extractor.name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return 0


@contextmanager
def _chat(args: argparse.Namespace, rows: Sequence[dict[str, Any]]) -> Iterator[ChatSession]:
    if args.model is not None:
        yield open_chat(OpenAICompatibleChat(args.model, args.base_url, api_key=os.environ.get(args.key_from)))
        return
    played = []
    for row in rows:
        answer = answer_of(row, ())
        claims = faithful([*row["must_have"], *row["nice_to_have"]], answer)
        played.append((answer, {c.sentence for c in claims}, claims))
    model = PlayedModel(played, mends=True)
    with MockEndpoint(lambda body: model.respond(str(body["messages"][-1]["content"])), keep=False) as endpoint:
        yield open_chat(OpenAICompatibleChat("played-from-gold", endpoint.url))


def _print(name: str, rows: Sequence[dict[str, Any]], found: Sequence[Extraction], scorer: Any, seconds: float) -> None:
    texts = {row["id"]: row["answer"] for row in rows}
    claims = {e.response_id: [c for c in e.claims if c.checkworthy] for e in found}
    _, figures = scorer.score(rows, {k: [c.text for c in several] for k, several in claims.items()})
    valid = [is_valid(c, texts[k]) for k, several in claims.items() for c in several]
    failed = [e.failure for e in found if e.failure is not None]
    cost = total_cost(e.cost for e in found)
    print(f"\n{name}")
    for figure in FIGURES:
        interval = figures.get(f"{figure}_ci95")
        print(f"  {figure:<20} {figures[figure]:.3f}" + (f" ± {interval:.3f}" if interval else ""))
    print(f"  {'valid spans':<20} {sum(valid) / len(valid):.1%}" if valid else "  no claims")
    print(f"  {'failed':<20} {len(failed)}" + (f" ({failed[0].kind}: {failed[0].message})" if failed else ""))
    if cost.calls:
        print(f"  {cost.calls} calls, {cost.prompt_tokens:,} + {cost.completion_tokens:,} tokens, {seconds:.1f} s")
    done: Counter[str] = Counter()
    for extraction in found:
        for warning in extraction.warnings:
            if counted := re.match(r"(\d+) claims? (.*)", warning):
                done[re.sub(r"\b(?:was|were)\b.*", "", counted[2]).strip()] += int(counted[1])
    for what, n in done.most_common():
        print(f"  {n:>5} {what}")


if __name__ == "__main__":
    sys.exit(main())
