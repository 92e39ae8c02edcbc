"""How fast is the whole offline line, beside bare spaCy and beside a published peer, on one core, in one run?

    python benchmarks/line/speed.py ANSWERS.jsonl INDEX [--peer PEER_PYTHON] [--repeats 3]

ANSWERS.jsonl   rows with `id` and `response`
INDEX           a folder made by `halueval index build`
PEER_PYTHON     the interpreter of an environment in which `pip install hallucination-gate` was run; without it the
                peer is left out and the output says so

Each measurement is a process of its own, pinned to one processor, so that import, model and index loading are kept
apart from the work (timed from the first record to the last result) and the peak memory is that of the process. The
measurements take turns, and medians are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LINE = """
import json, resource, sys, time
from halueval.evaluation import evaluate_results
from halueval.evidence import open_evidence
from halueval.io import read_responses
from halueval.plugins import load_extractor, load_verifier
answers, index = sys.argv[1:3]
extractor, verifier, retriever = load_extractor("rules"), load_verifier("cascade"), open_evidence(index)
parts = {"retriever": retriever, "extractor": extractor, "verifier": verifier}
line = lambda source: evaluate_results(read_responses(source), **parts)
list(line(["The usual dose of metformin is 500 mg twice a day, at most 2 g a day, taken with meals."]))
start = time.perf_counter()
claims = checkworthy = responses = 0
for result in line(answers):
    responses += 1
    claims += len(result.extraction.claims)
    checkworthy += len(result.outcomes)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "responses": responses, "claims": claims, "checkworthy": checkworthy,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

SPACY = """
import importlib, json, resource, sys, time
import spacy
answers, components = sys.argv[1:3]
from halueval.text.pipeline import load_pipeline, pipeline_info
texts = [json.loads(line)["response"] for line in open(answers, encoding="utf-8") if line.strip()]
if components == "full":
    nlp = importlib.import_module(pipeline_info().name).load() if pipeline_info().name != "blank" else spacy.blank("en")
else:
    nlp = load_pipeline()
list(nlp.pipe(["Aspirin thins the blood."]))
start = time.perf_counter()
words = sum(len(doc) for doc in nlp.pipe(texts))
print(json.dumps({"seconds": time.perf_counter() - start, "tokens": words, "pipeline": nlp.meta.get("name", ""),
                  "components": nlp.pipe_names, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

PEER = """
import json, resource, sys, time
from hallucination_gate import HallucinationGate
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
gate = HallucinationGate(mode="rag", use_heuristic=True)
gate.warm()
start = time.perf_counter()
claims = sum(len(gate.check(r["question"] or "?", r["response"], context=r["passages"]).claims) for r in rows)
print(json.dumps({"seconds": time.perf_counter() - start, "claims": claims,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

PEER_ANSWERS = 40  # the peer would take minutes over all of them; its speed per claim does not depend on how many


def measured(python: str, code: str, *arguments: str) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    ran = subprocess.run(
        [python, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}),
    )
    if ran.returncode:
        sys.exit(f"a measurement failed:\n{ran.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(ran.stdout.strip().splitlines()[-1])
    return found


def peer_input(answers: str, index: str) -> tuple[str, float]:
    """The first answers, each with every passage that the line found for its claims, and how many those are.

    The peer has no retriever of its own; it is given what the line checks the same answer against.
    """
    from halueval.evidence import open_evidence
    from halueval.io import read_responses
    from halueval.plugins import load_extractor
    from halueval.records import Response

    responses = [r for r in read_responses(answers) if isinstance(r, Response)][:PEER_ANSWERS]
    retriever = open_evidence(index)
    path = Path(tempfile.mkdtemp()) / "peer.jsonl"
    total = 0
    with open(path, "w", encoding="utf-8") as out:
        for response, extraction in zip(responses, load_extractor("rules").extract(responses), strict=True):
            claims = [c.text for c in extraction.claims if c.checkworthy]
            passages = list(dict.fromkeys(e.text for hits in retriever.search(claims, 5) for e in hits))
            total += len(passages)
            row = {"question": response.prompt, "response": response.text, "passages": passages}
            out.write(json.dumps(row) + "\n")
    return str(path), total / len(responses)


def median(runs: list[dict[str, Any]], key: str) -> float:
    return statistics.median(r[key] for r in runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("answers")
    parser.add_argument("index")
    parser.add_argument("--peer", help="python of an environment with hallucination-gate")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    for path in (options.answers, options.index):
        if not Path(path).exists():
            sys.exit(f"{path}: not there; the data set is not shipped with halueval, name your own copy")
    plan = {
        "line": (sys.executable, LINE, options.answers, options.index),
        "spacy full": (sys.executable, SPACY, options.answers, "full"),
        "spacy as used": (sys.executable, SPACY, options.answers, "used"),
    }
    if options.peer:
        given, passages = peer_input(options.answers, options.index)
        plan["peer"] = (options.peer, PEER, given)
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in plan}
    for _ in range(options.repeats):
        for name, command in plan.items():
            runs[name].append(measured(*command))
    line, full, used = runs["line"], runs["spacy full"], runs["spacy as used"]
    seconds = median(line, "seconds")
    print(
        f"the line: {line[0]['responses']} responses, {line[0]['claims']} claims ({line[0]['checkworthy']} checkworthy)"
        f" in {seconds:.2f} s: {line[0]['claims'] / seconds:.0f} claims/s"
        f" ({line[0]['checkworthy'] / seconds:.0f} checkworthy/s), peak {median(line, 'peak_mb'):.0f} MB"
    )
    for name, bare in (("full", full), ("as the line loads it", used)):
        took, components = median(bare, "seconds"), ", ".join(bare[0]["components"])
        print(f"bare spaCy pipe, {name} ({bare[0]['pipeline']}: {components}): {took:.2f} s")
        print(f"  the line runs at {took / seconds:.2f} of its speed")
    if options.peer:
        peer = runs["peer"]
        rate = peer[0]["claims"] / median(peer, "seconds")
        ratio = line[0]["claims"] / seconds / rate
        took = median(peer, "seconds")
        print(f"hallucination-gate, heuristic: {peer[0]['claims']} claims of {PEER_ANSWERS} answers in {took:.2f} s")
        print(f"  with the {passages:.0f} passages per answer that the line reads: {rate:.1f} claims/s")
        print(f"  the line is {ratio:.0f} times as fast")
    else:
        print("hallucination-gate was not measured: no --peer given")


if __name__ == "__main__":
    main()
