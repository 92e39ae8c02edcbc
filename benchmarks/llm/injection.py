"""Injections against a judge that obeys what escapes its delimiters, and what the defences cost on clean data.

    injection.py [--each N] [--seed S] [--pairs GOLD.jsonl[.gz] …]

Prints, for each family: cases, verdicts that changed (with our fence; with delimiters but nothing escaped; with no
delimiters), and for one and four claims per call how often the injected claim changed a byte of another claim's prompt.
Then, with a judge that decides by words and obeys nobody, how many verdicts the defences change on clean claims and
what they cost in tokens against the same prompt without fence, marks and the paragraph about data. Clean claims are
those of the cases, and labelled ones from --pairs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from injection_cases import FAMILIES, Case, ObeyingJudge, background, cases, unfenced
from prefix import of_pairs

from halueval.chat import ScriptedChat
from halueval.chat.tokens import count_tokens
from halueval.records import ClaimWithEvidence, Outcome, Verdict
from halueval.verifiers.judge import JudgeVerifier

Fence = Callable[[str, str], str]


def unescaped(name: str, text: str) -> str:
    """Delimiters around text that nobody looked through."""
    return f"<<<{name}\n{text}\n{name}>>>"


def fooled(suite: Sequence[Case], fence: Fence | None = None) -> Counter[str]:
    """By family, how many cases end otherwise than they should: another label, an alarm, a failure."""
    judge = JudgeVerifier(ScriptedChat(ObeyingJudge()), fence=fence)
    clean = judge.verify([case.clean for case in suite])
    attacked = judge.verify([case.injected for case in suite])
    if any(said(was) != case.before for case, was in zip(suite, clean, strict=True)):
        raise SystemExit("a case is judged otherwise than thought before anything is injected")
    return Counter(case.family for case, now in zip(suite, attacked, strict=True) if said(now) != case.expected)


def said(outcome: Outcome) -> str:
    return outcome.label if isinstance(outcome, Verdict) else outcome.kind


def changed_prompts(suite: Sequence[Case], claims_per_call: int) -> Counter[str]:
    """By family, in how many cases a prompt about the response's other claims differs with the injected claim there."""
    others = background()
    alone = prompts(others, claims_per_call)
    found: Counter[str] = Counter()
    for number, case in enumerate(suite):
        place = number % (len(others) + 1)
        together = prompts([*others[:place], case.injected, *others[place:]], claims_per_call)
        found[case.family] += Counter(alone) - Counter(together) != Counter() or len(together) > len(alone) + 1
    return +found


def prompts(items: Sequence[ClaimWithEvidence], claims_per_call: int) -> list[str]:
    chat = ScriptedChat(ObeyingJudge(obeys=False))
    JudgeVerifier(chat, claims_per_call=claims_per_call).verify(items)
    return [repr(request.messages) for request in chat.requests]


def undefended(judge: JudgeVerifier) -> JudgeVerifier:
    """The judge with a prompt that says nothing of data, and has it bare."""
    bare = JudgeVerifier(judge.chat, fence=unfenced)
    paragraphs = [part for part in bare.prompt.text.split("\n\n") if "{canary}" not in part]
    bare.prompt = replace(bare.prompt, text="\n\n".join(paragraphs))
    return bare


def clean_changes(items: Sequence[ClaimWithEvidence]) -> int:
    """How many verdicts on clean claims differ with and without the defences."""
    judge = JudgeVerifier(ScriptedChat(ObeyingJudge(obeys=False)))
    pairs = zip(judge.verify(items), undefended(judge).verify(items), strict=True)
    return sum((said(a), getattr(a, "quotes", ())) != (said(b), getattr(b, "quotes", ())) for a, b in pairs)


def token_ratio(items: Iterable[ClaimWithEvidence], count: Callable[[str], int]) -> float:
    """Tokens of all prompts with the defences, over those without."""
    judge = JudgeVerifier(ScriptedChat([]))
    bare = undefended(judge)
    totals = [0, 0]
    for item in items:
        for i, one in enumerate((judge, bare)):
            totals[i] += sum(count(message["content"]) for message in one.request([item]).messages)
    return totals[0] / totals[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=20, help="cases per family, in the claim and in the evidence each")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--pairs", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    if missing := [str(path) for path in args.pairs if not path.is_file()]:
        sys.exit(f"error: no such file: {', '.join(missing)}")
    suite = list(cases(args.each, args.seed))
    ours, naive, none = fooled(suite), fooled(suite, unescaped), fooled(suite, unfenced)
    answers = [case for case in suite if case.place == "answer"]
    one, four = changed_prompts(answers, 1), changed_prompts(answers, 4)
    total = Counter(case.family for case in suite)
    print(f"{'':30} {'':>6} {'verdicts changed':^32} {'prompts changed':^17}")
    print(f"{'family':30} {'cases':>6} {'ours':>10} {'unescaped':>10} {'none':>10} {'k=1':>8} {'k=4':>8}")
    for family in (*FAMILIES, "all"):
        counts = [c.total() if family == "all" else c[family] for c in (total, ours, naive, none, one, four)]
        print(f"{family:30} {counts[0]:6} " + " ".join(f"{n:10}" for n in counts[1:4]), *(f"{n:8}" for n in counts[4:]))

    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    def tokens(text: str) -> int:
        return len(litellm.encode(model="gpt-4", text=text))

    print(f"\n{'clean claims':30} {'claims':>8} {'changed':>9} {'tokens':>12} {'estimated':>10}")
    sets = {"of the cases": [*background(), *{case.clean.claim.text: case.clean for case in suite}.values()]}
    for path in args.pairs:
        name = f"{path.parent.name}/{path.name.split('.')[0]}"
        sets[name] = [item for group in of_pairs(path) for item in group][:600]
    for name, items in sets.items():
        ratio, estimated = token_ratio(items, tokens), token_ratio(items, count_tokens)
        print(f"{name:30} {len(items):8} {clean_changes(items) / len(items):9.2%} {ratio:12.3f} {estimated:10.3f}")


if __name__ == "__main__":
    main()
